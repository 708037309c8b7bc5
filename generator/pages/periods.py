"""Render months and years, of one repository or of all: what matters, a calendar, tables of what landed when.

This module must not read a record: it is handed totals, and says of every other day what is known of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from itertools import groupby

from generator.pages import classes
from generator.pages.addresses import find_link, month_page, year_page
from generator.pages.calendars import render_calendar
from generator.pages.chronicle import Chronicle, DayTotal, find_month_end, find_year_end
from generator.pages.digest import render_digest_section
from generator.pages.fragments import render_importance_counts
from generator.pages.markup import escape, link_page, render_list, render_table, wrap
from generator.pages.page import FrontMatter, Page, Stop, make_page
from generator.pages.tables import count_cells, count_columns, render_day_row, render_day_table
from generator.pages.trails import find_neighbours, month_stop, scope_trail, year_stop
from generator.pages.view_links import render_month_views, render_year_views
from generator.pages.watch import link_watched_month
from generator.pages.words import Words, count
from generator.records import ACROSS
from generator.summaries import add_counts


def list_years(source: str, chronicle: Chronicle) -> str:
    """List all years, newest first, with the months of each in which something landed."""
    items = []
    for _, found in groupby(reversed(chronicle.months), lambda month: month.year):
        months = sorted(found)
        year = f"<b>{months[0].isoformat()[:4]}</b>"
        links = [link_page(year, find_link(source, year_page(chronicle.scope, months[0])))]
        for day in months:
            links.append(link_page(f"{day.month:02}", find_link(source, month_page(chronicle.scope, day))))
        items.append(" \u00b7 ".join(links))
    return render_list(items)


def render_month(chronicle: Chronicle, first: date, words: Words) -> Page:
    """Render the page of the month that begins on `first`."""
    source = month_page(chronicle.scope, first)
    months = chronicle.months
    stops = [month_stop(chronicle.scope, month) for month in months]
    totals = chronicle.add_up(chronicle.find_days(first, find_month_end(first)))
    front_matter = _make_front_matter(
        chronicle,
        first.isoformat()[:7],
        (*scope_trail(chronicle.scope, words), year_stop(chronicle.scope, first)),
        find_neighbours(stops, months.index(first)),
        (stop for stop, month in zip(stops, months, strict=True) if month.year == first.year),
    )
    digest = chronicle.find_digest(chronicle.scope, first.isoformat()[:7])
    is_own = chronicle.scope != ACROSS
    return make_page(
        source,
        front_matter,
        f"<h1>{escape(front_matter.title)}</h1>",
        _render_totals(totals, words),
        render_month_views(source, chronicle.scope, first, words),
        render_digest_section(source, digest, chronicle.shelves, words),
        *(link_watched_month(source, shelf, first, words) for shelf in chronicle.shelves if is_own),
        render_calendar(source, chronicle, totals, words),
        render_day_table([render_day_row(source, chronicle.scope, total, words) for total in totals], words),
        _render_repositories(source, chronicle, totals, month_page, words),
    )


def render_year(chronicle: Chronicle, first: date, words: Words) -> Page:
    """Render the page of the year that begins on `first`."""
    source = year_page(chronicle.scope, first)
    years = chronicle.years
    stops = [year_stop(chronicle.scope, year) for year in years]
    totals = chronicle.add_up(chronicle.find_days(first, find_year_end(first)))
    front_matter = _make_front_matter(
        chronicle,
        first.isoformat()[:4],
        scope_trail(chronicle.scope, words),
        find_neighbours(stops, years.index(first)),
        stops,
    )
    months = [list(days) for _, days in groupby(totals, lambda total: total.day.month)]
    rows = [_render_month_row(source, chronicle.scope, month) for month in months]
    columns = (words.month, *count_columns(words), words.days_column)
    return make_page(
        source,
        front_matter,
        f"<h1>{escape(front_matter.title)}</h1>",
        _render_totals(totals, words),
        render_year_views(source, chronicle.scope, first, words),
        render_table(columns, rows),
        _render_repositories(source, chronicle, totals, year_page, words),
    )


def _render_month_row(source: str, scope: str, totals: Sequence[DayTotal]) -> list[str]:
    first = totals[0].day
    link = link_page(first.isoformat()[:7], find_link(source, month_page(scope, first)))
    return [link, *count_cells(add_counts(total.counts for total in totals)), str(len(totals))]


def _make_front_matter(
    chronicle: Chronicle,
    period: str,
    trail: tuple[Stop, ...],
    beside: tuple[Stop | None, Stop | None],
    around: Iterable[Stop],
) -> FrontMatter:
    return FrontMatter(
        title=period if chronicle.scope == ACROSS else f"{chronicle.scope} {period}",
        trail=trail,
        previous=beside[0],
        next=beside[1],
        around=tuple(around),
    )


def _render_totals(totals: Sequence[DayTotal], words: Words) -> str:
    counts = add_counts(total.counts for total in totals)
    parts = [
        f"<b>{count(counts.commits, words.commits)}</b>",
        render_importance_counts(counts, words),
        count(len(totals), words.days_counted),
    ]
    return wrap("p", classes.LEAD, " \u00b7 ".join(parts))


def _render_repositories(
    source: str,
    chronicle: Chronicle,
    totals: Sequence[DayTotal],
    find_page: Callable[[str, date], str],
    words: Words,
) -> str:
    """Render what each repository has in the period of `totals`; nothing on a repository's own pages."""
    if chronicle.scope == ACROSS:
        rows = _find_repository_rows(source, chronicle, totals, find_page)
        columns = (words.repository, *count_columns(words), words.days_column)
        return f"## {words.by_repository}\n\n{render_table(columns, rows)}"
    return ""


def _find_repository_rows(
    source: str, chronicle: Chronicle, totals: Sequence[DayTotal], find_page: Callable[[str, date], str]
) -> Iterator[list[str]]:
    first, last = totals[0].day, totals[-1].day
    for shelf in chronicle.shelves:
        if days := shelf.find_days(first, last):
            link = link_page(escape(shelf.name), find_link(source, find_page(shelf.name, first)))
            yield [link, *count_cells(add_counts(summary.counts for summary in days)), str(len(days))]
