"""Render the list of a repository's releases.

This module must not read a record; it is handed what was kept of them.
"""

from __future__ import annotations

from collections.abc import Sequence

from generator.pages.addresses import find_link, releases_page, repository_page
from generator.pages.brief import render_failure
from generator.pages.fragments import render_date
from generator.pages.markup import escape, link_page, render_table
from generator.pages.page import FrontMatter, Page, make_page
from generator.pages.release import link_release, mark_release, show_tag
from generator.pages.survey import Shelf
from generator.pages.trails import repository_stop, scope_trail
from generator.pages.words import Words, count
from generator.summaries import ReleaseSummary

# Older ones follow each other from page to page.
MOST_RELEASES = 100


def link_releases(source: str, shelf: Shelf, words: Words) -> str:
    """Link to the list of releases; empty where nothing is to be told of any."""
    return (
        link_page(words.releases, find_link(source, releases_page(shelf.name)))
        if shelf.tells_of_releases
        else ""
    )


def render_releases(shelf: Shelf, releases: Sequence[ReleaseSummary], words: Words) -> Page:
    """Render the list; `releases` are all there are, newest first."""
    source, name = releases_page(shelf.name), shelf.name
    failure = shelf.record.releases_failure
    beyond = len(releases) - MOST_RELEASES
    by_tag = {summary.tag: summary for summary in releases}
    return make_page(
        source,
        FrontMatter(
            title=f"{name}{words.dash}{words.releases}",
            trail=scope_trail(name, words),
            around=(repository_stop(name),),
        ),
        f"<h1>{link_page(escape(name), find_link(source, repository_page(name)))}{words.dash}{words.releases}</h1>",
        f"<p>{render_failure(failure, words)}</p>" if failure else "",
        render_table(
            words.release_columns,
            (_render_row(source, shelf, summary, by_tag, words) for summary in releases[:MOST_RELEASES]),
        ),
        f"<p>{count(beyond, words.and_more)}</p>" if beyond > 0 else "",
    )


def _render_row(
    source: str, shelf: Shelf, summary: ReleaseSummary, by_tag: dict[str, ReleaseSummary], words: Words
) -> list[str]:
    previous = by_tag.get(summary.previous or "")
    if previous:
        since = link_release(source, shelf.name, previous)
    else:
        since = show_tag(summary.previous) if summary.previous else words.none
    day = render_date(summary.committed.astimezone(shelf.zone).date()) if summary.committed else ""
    release = f"{link_release(source, shelf.name, summary)} {mark_release(summary, words)}".strip()
    return [release, day, since, f"{summary.archived:,} / {summary.total:,}"]
