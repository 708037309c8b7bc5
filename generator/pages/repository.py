"""Render a repository's page: how it stands, its newest day, its recent days, the way to all others.

This module must not read a record; it is handed what was kept of them.
"""

from __future__ import annotations

from collections.abc import Sequence

from generator.pages import classes
from generator.pages.addresses import STATUS, find_link, repository_page
from generator.pages.brief import Brief, render_brief, render_failure
from generator.pages.chronicle import Chronicle
from generator.pages.fragments import link_day, link_host, render_branch, render_run, render_weekday
from generator.pages.markup import escape, link_out, link_page, wrap
from generator.pages.page import FrontMatter, Page, make_page
from generator.pages.periods import list_years
from generator.pages.recent import render_recent
from generator.pages.releases import link_releases
from generator.pages.survey import Shelf
from generator.pages.trails import home_stop, repository_stop
from generator.pages.view_links import link_newest_views, render_views
from generator.pages.watch import link_watched
from generator.pages.words import Words

_MOST_THINGS = 10
_MOST_RUNS = 3


def render_repository(
    shelf: Shelf, newest: Brief | None, chronicle: Chronicle, shelves: Sequence[Shelf], words: Words
) -> Page:
    """Render a repository's page; `newest` is its newest day, `shelves` are all repositories."""
    source = repository_page(shelf.name)
    front_matter = FrontMatter(
        title=shelf.name,
        trail=(home_stop(words),),
        around=tuple(repository_stop(other.name) for other in shelves),
    )
    years = list_years(source, chronicle)
    return make_page(
        source,
        front_matter,
        f"<h1>{escape(shelf.name)}</h1>",
        wrap("p", classes.LEAD, _render_lead(shelf, words)),
        _render_failure(source, shelf, words),
        _render_views(source, shelf, words),
        _render_newest(source, newest, words) or f"<p>{words.nothing_archived}</p>",
        f"## {words.recent_days}\n\n{render_recent(source, chronicle, words)}" if years else "",
        f"## {words.years}\n\n{years}" if years else "",
    )


def _render_lead(shelf: Shelf, words: Words) -> str:
    record = shelf.record
    facts = [f"{words.branch} {render_branch(record.branch)}"] if record.branch else []
    if record.tip:
        facts.append(f"{words.tip} {link_host(shelf, record.tip)}")
    if covered := render_covered(shelf, words):
        facts.append(f"{words.covered} {covered}")
    if record.web:
        facts.append(link_out(words.on_host, record.web))
    return " \u00b7 ".join(facts)


def _render_views(source: str, shelf: Shelf, words: Words) -> str:
    """Lead to what else there is of the repository."""
    links = link_newest_views(source, shelf.name, shelf.dates[-1], words) if shelf.dates else []
    links += [link_watched(source, shelf, words), link_releases(source, shelf, words)]
    return render_views(list(filter(None, links)), words)


def render_covered(shelf: Shelf, words: Words) -> str:
    """Say which days have been looked at, the newest run first."""
    runs = [render_run(run.first, run.last) for run in reversed(shelf.record.covered)]
    shown = runs[:_MOST_RUNS] + (["\u2026"] if len(runs) > _MOST_RUNS else [])
    return words.listing.join(shown)


def _render_failure(source: str, shelf: Shelf, words: Words) -> str:
    if shelf.record.failure is None:
        return ""
    status = link_page(words.status, find_link(source, STATUS))
    return f"<p>{render_failure(shelf.record.failure, words)}{words.dash}{status}</p>"


def _render_newest(source: str, newest: Brief | None, words: Words) -> str:
    if newest is None:
        return ""
    day = newest.summary.day
    link = link_day(source, newest.shelf.name, day, render_weekday(day, words))
    return f"## {link}\n\n{render_brief(source, newest, _MOST_THINGS, words)}"
