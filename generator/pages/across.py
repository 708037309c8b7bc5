"""Render a day across all repositories: what could not be looked at, what matters, where nothing happened.

This module must not read a record; it is handed the digests of the day.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from generator.pages import classes
from generator.pages.addresses import ACROSS, day_page, find_link
from generator.pages.digest import Digest, render_digest, render_failures, render_quiet
from generator.pages.fragments import render_importance_counts, render_weekday
from generator.pages.markup import escape, link_page, wrap
from generator.pages.page import FrontMatter, Page, make_page
from generator.pages.survey import Shelf, add_counts
from generator.pages.trails import find_days_around, find_days_beside, month_trail
from generator.pages.words import Words, count

_MOST_HIGHLIGHTS = 10


def render_across_day(
    shelves: Sequence[Shelf], digests: Sequence[Digest], day: date, days: Sequence[date], words: Words
) -> Page:
    """Render the page of a day across repositories; `days` are all that have such a page, ascending."""
    source = day_page(ACROSS, day)
    previous, following = find_days_beside(ACROSS, days, day)
    front_matter = FrontMatter(
        title=str(day),
        trail=month_trail(ACROSS, day, words),
        previous=previous,
        next=following,
        around=find_days_around(ACROSS, days, day),
    )
    return make_page(
        source,
        front_matter,
        f"<h1>{render_weekday(day, words)}</h1>",
        render_totals(digests, words),
        render_failures(source, shelves, day, words),
        *(_render_section(source, of, words) for of in digests),
        render_quiet(source, shelves, day, words),
    )


def render_totals(digests: Sequence[Digest], words: Words) -> str:
    """Say how much happened over all repositories; nothing where there is only one to add up."""
    if len(digests) < 2:
        return ""
    counts = add_counts(of.summary.counts for of in digests)
    parts = [
        count(len(digests), words.repositories_counted),
        count(counts.commits, words.commits),
        render_importance_counts(counts, words),
    ]
    return wrap("span", classes.LEAD, " \u00b7 ".join(parts))


def _render_section(source: str, of: Digest, words: Words) -> str:
    name = link_page(escape(of.shelf.name), find_link(source, day_page(of.shelf.name, of.summary.day)))
    return f"## {name}\n\n{render_digest(source, of, _MOST_HIGHLIGHTS, words)}"
