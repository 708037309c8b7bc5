"""Render a day across all repositories: what could not be looked at, what matters, where nothing happened.

This module must not read a record; it is handed the days in brief.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from generator.pages import classes
from generator.pages.addresses import day_page, find_link
from generator.pages.brief import Brief, render_brief, render_failures, render_quiet
from generator.pages.digest import find_lines, find_told, render_digest_section
from generator.pages.fragments import render_importance_counts, render_weekday
from generator.pages.markup import escape, link_page, wrap
from generator.pages.page import FrontMatter, Page, make_page
from generator.pages.survey import Shelf
from generator.pages.trails import find_days_around, find_days_beside, month_trail
from generator.pages.words import Words, count
from generator.records import ACROSS, DigestRecord
from generator.summaries import add_counts

_MOST_THINGS = 10


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
    told = find_told(find_lines(across.digest))
    return make_page(
        source,
        front_matter,
        f"<h1>{render_weekday(day, words)}</h1>",
        render_totals(across, words),
        render_failures(source, shelves, day, words),
        render_digest_section(source, across.digest, shelves, words),
        *(_render_section(source, replace(brief, told=told), words) for brief in across.briefs),
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


def _render_section(source: str, brief: Brief, words: Words) -> str:
    name, day = brief.shelf.name, brief.summary.day
    link = link_page(escape(name), find_link(source, day_page(name, day)))
    return f"## {link}\n\n{render_brief(source, brief, _MOST_THINGS, words)}"
