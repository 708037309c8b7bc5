"""Render what is of high importance in a month, of one repository or of all, newest day first.

This module must not read a record. A commit that left the branch matters to nobody any more, and is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from generator.headlines import Headline
from generator.pages import classes
from generator.pages.addresses import day_page, find_link, high_page
from generator.pages.chronicle import Chronicle
from generator.pages.fragments import link_day, link_search, render_weekday
from generator.pages.headline_lines import render_headlines, render_writers
from generator.pages.markup import escape, link_page, wrap
from generator.pages.page import Page, make_page
from generator.pages.survey import Shelf
from generator.pages.view_links import make_month_front_matter, render_month_views
from generator.pages.words import Words, count
from generator.records import ACROSS, Importance

# A page of them all would be megabytes where everything is called important.
MOST_COMMITS = 200

# What is of high importance in a month by repository, in landing order.
High = Mapping[str, Sequence[Headline]]


def keep_high(headlines: Sequence[Headline]) -> list[Headline]:
    """Keep what is of high importance and still on the branch."""
    return [
        headline for headline in headlines if headline.importance is Importance.HIGH and not headline.is_gone
    ]


def render_high(chronicle: Chronicle, first: date, high: High, words: Words) -> Page:
    """Render what is of high importance in the month that begins on `first`."""
    source = high_page(chronicle.scope, first)
    front_matter = make_month_front_matter(chronicle, first, high_page, words.high_commits, words)
    every = [headline for headlines in high.values() for headline in headlines]
    shown = _keep_newest(high)
    listed = [headline for headlines in shown.values() for headline in headlines]
    return make_page(
        source,
        front_matter,
        f"<h1>{escape(front_matter.title)}</h1>",
        wrap("p", classes.LEAD, f"<b>{count(len(every), words.commits)}</b>") if every else "",
        render_month_views(source, chronicle.scope, first, words),
        *_render_days(source, chronicle, shown, words),
        "" if every else f"<p>{words.nothing_high}</p>",
        _render_rest(source, chronicle.scope, first, len(every) - len(listed), words),
        render_writers(listed, words),
    )


def _keep_newest(high: High) -> High:
    """Keep of all repositories together no more than a page holds: whole days, newest first, then a part of one."""
    days = sorted({headline.day for headlines in high.values() for headline in headlines}, reverse=True)
    kept: dict[str, list[Headline]] = {name: [] for name in high}
    left = MOST_COMMITS
    for day in days:
        for name, headlines in high.items():
            found = [headline for headline in headlines if headline.day == day][:left]
            kept[name] += found
            left -= len(found)
    return kept


def _render_days(source: str, chronicle: Chronicle, high: High, words: Words) -> Iterator[str]:
    days = sorted({headline.day for headlines in high.values() for headline in headlines}, reverse=True)
    for day in days:
        yield f"## {link_day(source, chronicle.scope, day, render_weekday(day, words))}"
        for shelf in chronicle.shelves:
            if found := [headline for headline in high[shelf.name] if headline.day == day]:
                if chronicle.scope == ACROSS:
                    yield _name_repository(source, shelf, day)
                yield render_headlines(source, shelf, found, words, is_grouped=True)


def _name_repository(source: str, shelf: Shelf, day: date) -> str:
    name = wrap("span", classes.REPOSITORY, escape(shelf.name))
    return f"<p>{link_page(name, find_link(source, day_page(shelf.name, day)))}</p>"


def _render_rest(source: str, scope: str, first: date, rest: int, words: Words) -> str:
    """Lead to those that the page has no room for."""
    if not rest:
        return ""
    asked = {"q": first.isoformat()[:7], "importance": str(Importance.HIGH), "order": "newest"}
    query = asked if scope == ACROSS else asked | {"repository": scope}
    return f"<p>{link_search(source, count(rest, words.and_more), query)}</p>"
