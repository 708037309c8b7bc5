"""Render the home page: what is wrong, the latest day, the past year, the repositories, the recent days, the years.

This module must not read a record; it is handed what was kept of them.
"""

from __future__ import annotations

from collections.abc import Sequence

from generator.pages import classes
from generator.pages.across import AcrossDay, render_totals
from generator.pages.addresses import HOME, STATUS, find_link
from generator.pages.brief import (
    link_repository,
    list_lines,
    render_accounts,
    render_digests,
    render_failure,
)
from generator.pages.chronicle import Chronicle
from generator.pages.fragments import link_day, render_weekday
from generator.pages.lines import render_lines
from generator.pages.markup import escape, link_page, render_list, render_table, wrap
from generator.pages.page import FrontMatter, Page, make_page
from generator.pages.past_year import render_past_year
from generator.pages.periods import list_years
from generator.pages.recent import render_recent
from generator.pages.survey import Shelf
from generator.pages.trails import repository_stop
from generator.pages.view_links import link_high
from generator.pages.words import Words, count
from generator.records import ACROSS, Importance

_MOST_COMMITS = 12


def render_home(site_name: str, latest: AcrossDay | None, chronicle: Chronicle, words: Words) -> Page:
    """Render the home page; `latest` is the latest day, `chronicle` tells of all days."""
    front_matter = FrontMatter(
        title=site_name,
        around=tuple(repository_stop(shelf.name) for shelf in chronicle.shelves),
    )
    if not chronicle.shelves:
        return make_page(
            HOME, front_matter, f"<h1>{escape(site_name)}</h1>", f"<p>{words.nothing_archived}</p>"
        )
    years, past_year = list_years(HOME, chronicle), render_past_year(HOME, chronicle, words)
    return make_page(
        HOME,
        front_matter,
        f"<h1>{escape(site_name)}</h1>",
        wrap("p", classes.VISIT, ""),
        _render_failures(chronicle.shelves, words),
        _render_latest(latest, chronicle.shelves, words) if latest else f"<p>{words.nothing_archived}</p>",
        f"## {words.past_year}\n\n{past_year}" if past_year else "",
        f"## {words.repositories}\n\n{_render_repositories(chronicle.shelves, words)}",
        f"## {words.recent_days}\n\n{render_recent(HOME, chronicle, words)}" if years else "",
        f"## {words.years}\n\n{years}" if years else "",
    )


def _render_failures(shelves: Sequence[Shelf], words: Words) -> str:
    return render_list(
        f"{link_repository(HOME, shelf)}{words.colon}{render_failure(shelf.record.failure, words)}"
        for shelf in shelves
        if shelf.record.failure
    )


def _render_latest(latest: AcrossDay, shelves: Sequence[Shelf], words: Words) -> str:
    link = link_day(HOME, ACROSS, latest.day, render_weekday(latest.day, words))
    blocks = [
        f"## {link}",
        render_totals(latest, words),
        render_digests(HOME, latest.digest, latest.briefs, shelves, words),
        render_accounts(HOME, latest.briefs, words),
        _render_high(latest, words),
        link_high(HOME, ACROSS, latest.day, words),
    ]
    return "\n\n".join(block for block in blocks if block)


def _render_high(latest: AcrossDay, words: Words) -> str:
    """List the commits of high importance that are still there, as many as one reads at once."""
    lines = [
        line
        for line in list_lines(latest.briefs)
        if line.importance is Importance.HIGH and not line.commit.gone
    ]
    listed = render_lines(HOME, lines[:_MOST_COMMITS], Importance.HIGH, words, named=len(latest.briefs) > 1)
    if not listed:
        return ""
    listed = f"### {words.high_commits}\n\n{listed}"
    if len(lines) <= _MOST_COMMITS:
        return listed
    rest = link_day(HOME, ACROSS, latest.day, count(len(lines) - _MOST_COMMITS, words.and_more))
    return f"{listed}\n\n<p>{rest}</p>"


def _render_repositories(shelves: Sequence[Shelf], words: Words) -> str:
    columns = (words.repository, words.newest, words.commits_column, words.state)
    return render_table(columns, (_render_row(shelf, words) for shelf in shelves))


def _render_row(shelf: Shelf, words: Words) -> list[str]:
    newest = link_day(HOME, shelf.name, shelf.dates[-1]) if shelf.days else ""
    state, good = _find_state(shelf, words)
    status = link_page(state, find_link(HOME, STATUS))
    return [
        link_repository(HOME, shelf),
        newest,
        f"{shelf.counts.commits:,}",
        status if good else wrap("span", classes.WARN, status),
    ]


def _find_state(shelf: Shelf, words: Words) -> tuple[str, bool]:
    if shelf.record.failure:
        return words.state_failed.format(since=shelf.record.failure.since), False
    if shelf.record.writing:
        return words.state_writing, False
    if incomplete := shelf.counts.incomplete:
        return count(incomplete, words.incomplete), False
    return (words.state_good, True) if shelf.record.covered or shelf.days else (words.state_empty, False)
