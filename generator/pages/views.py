"""Plan the views of months and years as units: what matters and kinds of a month, trends and authors of a year.

This module must not render anything. A view costs what its own month or year holds, never the whole archive.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from functools import partial

from generator.pages.authors import render_authors
from generator.pages.chronicle import Chronicle, find_month_end, find_year_end
from generator.pages.high import keep_high, render_high
from generator.pages.kinds import render_kinds
from generator.pages.page import Page
from generator.pages.survey import ArchiveView, describe
from generator.pages.trails import find_neighbours
from generator.pages.trends import render_trends
from generator.pages.units import PlanUnit, Unit
from generator.pages.weeks import Weeks, find_weeks
from generator.pages.words import Words
from generator.records import ACROSS


def plan_views(archive: ArchiveView, chronicle: Chronicle, plan: PlanUnit, words: Words) -> Iterator[Unit]:
    """Plan the views of each month of a chronicle, and of each year of a repository."""
    months, years = chronicle.months, chronicle.years
    for place, first in enumerate(months):
        yield plan(
            f"views {chronicle.scope} {first.isoformat()[:7]}",
            partial(_render_month, archive, chronicle, first, words),
            _describe(chronicle, first, find_month_end(first)),
            find_neighbours(months, place),
            [month for month in months if month.year == first.year],
            month=first.isoformat()[:7],
        )
    if chronicle.scope == ACROSS:
        return
    (shelf,) = chronicle.shelves
    for first in years:
        weeks = find_weeks(shelf, first)
        yield plan(
            f"views {chronicle.scope} {first.isoformat()[:4]}",
            partial(_render_year, archive, chronicle, weeks, words),
            _describe(chronicle, first, find_year_end(first)),
            [known.name for known in weeks.known],
            years,
        )


def _describe(chronicle: Chronicle, first: date, last: date) -> Sequence[object]:
    """Say what repositories are, and which records there are of these days."""
    return [
        (describe(shelf), [(summary.day, summary.record) for summary in shelf.find_days(first, last)])
        for shelf in chronicle.shelves
    ]


def _render_month(archive: ArchiveView, chronicle: Chronicle, first: date, words: Words) -> Iterator[Page]:
    found = {
        shelf.name: archive.headlines(shelf.name, first, find_month_end(first)) for shelf in chronicle.shelves
    }
    high = {name: keep_high(headlines) for name, headlines in found.items()}
    yield render_high(chronicle, first, high, words)
    if chronicle.scope != ACROSS:
        yield render_kinds(chronicle, first, found[chronicle.scope], words)


def _render_year(archive: ArchiveView, chronicle: Chronicle, weeks: Weeks, words: Words) -> Iterator[Page]:
    tallies = archive.tallies(chronicle.scope, weeks.first, find_year_end(weeks.first))
    yield render_trends(chronicle, weeks, tallies, words)
    yield render_authors(chronicle, weeks.first, tallies, words)
