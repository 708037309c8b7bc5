"""Render a day across all repositories: what could not be looked at, what matters, then every commit by importance.

This module must not read a record; it is handed the days in brief.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from generator.pages import classes
from generator.pages.addresses import day_page
from generator.pages.brief import (
    Brief,
    list_lines,
    render_accounts,
    render_digests,
    render_failures,
    render_quiet,
)
from generator.pages.fragments import render_importance_counts, render_weekday
from generator.pages.lines import MOST_COMMITS, render_groups
from generator.pages.markup import wrap
from generator.pages.page import FrontMatter, Page, make_page
from generator.pages.survey import Shelf
from generator.pages.trails import find_days_around, find_days_beside, month_trail
from generator.pages.words import Words, count
from generator.records import ACROSS, DigestRecord
from generator.summaries import add_counts


@dataclass(frozen=True, slots=True, kw_only=True)
class AcrossDay:
    """A day across repositories: its digest, and the day of each repository that has commits in brief."""

    day: date
    digest: DigestRecord | None
    briefs: tuple[Brief, ...]


def render_across_day(
    shelves: Sequence[Shelf], across: AcrossDay, days: Sequence[date], words: Words
) -> Page:
    """Render the page of a day across repositories; `days` are all that have such a page, ascending."""
    day = across.day
    source = day_page(ACROSS, day)
    previous, following = find_days_beside(ACROSS, days, day)
    front_matter = FrontMatter(
        title=str(day),
        trail=month_trail(ACROSS, day, words),
        previous=previous,
        next=following,
        around=find_days_around(ACROSS, days, day),
    )
    digest = render_digests(source, across.digest, across.briefs, shelves, words)
    lines, filters = _render_commits(source, across, words), wrap("div", classes.FILTERS, "")
    return make_page(
        source,
        front_matter,
        f"<h1>{render_weekday(day, words)}</h1>",
        render_totals(across, words),
        render_failures(source, shelves, day, words),
        f"## {words.what_matters}\n\n{digest}" if digest else "",
        f"## {words.by_repository}\n\n{render_accounts(source, across.briefs, words)}",
        filters,
        *lines,
        render_quiet(source, shelves, day, words),
    )


def render_totals(across: AcrossDay, words: Words) -> str:
    """Say how much happened over all repositories; nothing where there is only one to add up."""
    if len(across.briefs) < 2:
        return ""
    counts = add_counts(brief.summary.counts for brief in across.briefs)
    parts = [
        count(len(across.briefs), words.repositories_counted),
        count(counts.commits, words.commits),
        render_importance_counts(counts, words),
    ]
    return wrap("p", classes.LEAD, " \u00b7 ".join(parts))


def _render_commits(source: str, across: AcrossDay, words: Words) -> Iterator[str]:
    """List the commits of all repositories by importance, and say how many there was no room for."""
    counts = add_counts(brief.summary.counts for brief in across.briefs)
    lines = list_lines(across.briefs)[:MOST_COMMITS]
    yield from render_groups(source, lines, counts, words, named=True)
    if counts.commits > len(lines):
        yield f"<p>{count(counts.commits - len(lines), words.more_commits)}</p>"
