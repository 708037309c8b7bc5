"""Lead to the views of a month or a year beside its own page: what matters, kinds, trends, authors.

This module must not know what a view says.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from generator.pages.addresses import authors_page, find_link, high_page, kinds_page, trends_page
from generator.pages.chronicle import Chronicle
from generator.pages.markup import link_page
from generator.pages.page import FrontMatter, Stop
from generator.pages.trails import find_neighbours, month_trail, scope_trail, year_stop
from generator.pages.words import Words
from generator.records import ACROSS

# Finds the page of a view of a scope and of the month, or the year, that holds a day.
FindView = Callable[[str, date], str]


def render_month_views(source: str, scope: str, first: date, words: Words) -> str:
    """Lead to the views of a month; the one that leads there is named and not linked to."""
    return render_views(_link_views(source, _list_month_views(scope, first, words)), words)


def render_year_views(source: str, name: str, first: date, words: Words) -> str:
    """Lead to the views of a repository's year; there are none across repositories."""
    return render_views(_link_views(source, _list_year_views(name, first, words)), words)


def link_newest_views(source: str, name: str, day: date, words: Words) -> list[str]:
    """Link to all views of the month and the year of a repository's newest day."""
    views = [*_list_month_views(name, day, words), *_list_year_views(name, day, words)]
    return _link_views(source, views)


def link_high(source: str, scope: str, day: date, words: Words) -> str:
    """Lead to what matters of the month that holds `day`."""
    told = words.high_of_month.format(month=day.isoformat()[:7])
    return f"<p>{link_page(told, find_link(source, high_page(scope, day)))}</p>"


def make_month_front_matter(
    chronicle: Chronicle, first: date, find_view: FindView, view: str, words: Words
) -> FrontMatter:
    """Place a view of a month between those of the months beside it."""
    months = chronicle.months
    stops = [Stop(month.isoformat()[:7], find_view(chronicle.scope, month)) for month in months]
    previous, following = find_neighbours(stops, months.index(first))
    around = (stop for stop, month in zip(stops, months, strict=True) if month.year == first.year)
    return FrontMatter(
        title=name_view(chronicle.scope, first.isoformat()[:7], view),
        trail=month_trail(chronicle.scope, first, words),
        previous=previous,
        next=following,
        around=tuple(around),
    )


def make_year_front_matter(
    chronicle: Chronicle, first: date, find_view: FindView, view: str, words: Words
) -> FrontMatter:
    """Place a view of a year between those of the years beside it."""
    years = chronicle.years
    stops = [Stop(year.isoformat()[:4], find_view(chronicle.scope, year)) for year in years]
    previous, following = find_neighbours(stops, years.index(first))
    return FrontMatter(
        title=name_view(chronicle.scope, first.isoformat()[:4], view),
        trail=(*scope_trail(chronicle.scope, words), year_stop(chronicle.scope, first)),
        previous=previous,
        next=following,
        around=tuple(stops),
    )


def name_view(scope: str, period: str, view: str) -> str:
    """Name a view by its scope and its period, as plain text."""
    return f"{period} {view}" if scope == ACROSS else f"{scope} {period} {view}"


def _list_month_views(scope: str, first: date, words: Words) -> list[tuple[str, str]]:
    views = [(words.high_view, high_page(scope, first))]
    return views if scope == ACROSS else [*views, (words.kinds_view, kinds_page(scope, first))]


def _list_year_views(name: str, first: date, words: Words) -> list[tuple[str, str]]:
    if name == ACROSS:
        return []
    return [(words.trends, trends_page(name, first)), (words.authors, authors_page(name, first))]


def render_views(links: Sequence[str], words: Words) -> str:
    """Render links to views as a line; empty without any."""
    listed = " \u00b7 ".join(links)
    return f"<p>{words.views}{words.colon}{listed}</p>" if links else ""


def _link_views(source: str, views: Sequence[tuple[str, str]]) -> list[str]:
    """Link to views, and name the one that leads to them; alone it leads nowhere else."""
    if [page for _, page in views] == [source]:
        return []
    return [
        f"<b>{name}</b>" if page == source else link_page(name, find_link(source, page))
        for name, page in views
    ]
