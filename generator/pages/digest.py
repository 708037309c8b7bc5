"""Render a repository's day in brief, for pages that show several, and what is known of days without commits.

This module must not read a record; it is handed what was kept of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from generator.pages import classes
from generator.pages.addresses import day_page, find_link, repository_page
from generator.pages.fragments import (
    badge,
    find_highlights,
    find_writers,
    render_account,
    render_highlight,
    render_importance_counts,
)
from generator.pages.markup import escape, escape_prose, link_page, wrap
from generator.pages.survey import DaySummary, Shelf, Standing, summarise
from generator.pages.words import Words, count
from generator.records import Commit, DayRecord, Failure


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """What is kept of a day record for the pages beside its own; `writers` is markup."""

    shelf: Shelf
    summary: DaySummary
    writers: tuple[str, ...]
    highlights: tuple[Commit, ...]


def digest(shelf: Shelf, record: DayRecord, words: Words) -> Digest:
    """Keep of a day record what a digest shows."""
    return Digest(
        shelf=shelf,
        summary=summarise(record),
        writers=find_writers(record, words),
        highlights=tuple(find_highlights(record)),
    )


def render_digest(source: str, of: Digest, most: int, words: Words) -> str:
    """Render a repository's day in brief: its account and at most so many of the commits that matter."""
    counts = of.summary.counts
    day = find_link(source, day_page(of.shelf.name, of.summary.day))
    account = render_account(link_page(count(counts.commits, words.commits), day), counts, of.writers, words)
    if of.summary.amended:
        account += f" {badge(classes.MARK, words.amended)}"
    blocks = [f"{wrap('span', classes.ACCOUNT, account)}<br>{render_importance_counts(counts, words)}"]
    items = [render_highlight(source, of.shelf, commit, words) for commit in of.highlights[:most]]
    rest = len(of.highlights) - most
    if rest > 0:
        items.append(f"- {count(rest, words.and_more)}")
    return "\n\n".join([*blocks, "\n".join(items)]) if items else blocks[0]


def link_repository(source: str, shelf: Shelf) -> str:
    """Link to a repository's page."""
    return link_page(escape(shelf.name), find_link(source, repository_page(shelf.name)))


def render_standing(shelf: Shelf, standing: Standing, words: Words) -> str:
    """Say what is known of a day without commits of a repository, in a sentence of its own for each case."""
    failure = shelf.record.failure
    if standing is Standing.COULD_NOT_LOOK and failure:
        return render_failure(failure, words)
    return words.standings[standing]


def render_failure(failure: Failure, words: Words) -> str:
    """Say since when a repository could not be looked at, and why."""
    since = wrap("span", classes.WARN, words.could_not_look.format(since=failure.since))
    return f"{since}{words.colon}{escape_prose(failure.reason)}"


def render_failures(source: str, shelves: Iterable[Shelf], day: date, words: Words) -> str:
    """Say first which repositories could not be looked at on a day, and why."""
    failed = [shelf for shelf in shelves if shelf.find_standing(day) is Standing.COULD_NOT_LOOK]
    return "\n".join(
        f"- {link_repository(source, shelf)}{words.colon}"
        f"{render_standing(shelf, Standing.COULD_NOT_LOOK, words)}"
        for shelf in failed
    )


def render_quiet(source: str, shelves: Sequence[Shelf], day: date, words: Words) -> str:
    """Say of the repositories without commits on a day whether there were none or nobody has looked."""
    standings = [(shelf, shelf.find_standing(day)) for shelf in shelves]
    items = [
        f"- {link_repository(source, shelf)}{words.colon}{render_standing(shelf, standing, words)}"
        for shelf, standing in standings
        if standing not in (Standing.COMMITS, Standing.COULD_NOT_LOOK)
    ]
    return f"## {words.quiet_repositories}\n\n" + "\n".join(items) if items else ""
