"""Plan the pages of watched paths as units: one of the newest commits, and one a month.

This module must not render anything. Every month has its pages, also one in which no watched path was changed: to know
which months those are, each run would have to look through the whole archive.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial

from generator.globs import Globs
from generator.pages.chronicle import UNSEEN, Chronicle, find_month_end
from generator.pages.page import Page
from generator.pages.survey import ArchiveView, Shelf, describe
from generator.pages.trails import find_neighbours
from generator.pages.units import PlanUnit, Unit
from generator.pages.watch import MOST_NEWEST, WatchedMonth, render_watch
from generator.pages.watched import LOOK_BACK, find_newest
from generator.pages.words import Words


def plan_watch(archive: ArchiveView, chronicle: Chronicle, plan: PlanUnit, words: Words) -> Iterator[Unit]:
    """Plan the pages of a repository's watched paths; none where it has no such paths."""
    (shelf,) = chronicle.shelves
    if not shelf.watch:
        return
    months = chronicle.months
    for place, first in enumerate(months):
        last = min(find_month_end(first), chronicle.end)
        unseen = sum(shelf.find_standing(day) in UNSEEN for day in _list_days(first, last))
        yield plan(
            f"watch {shelf.name} {first.isoformat()[:7]}",
            partial(_render_month, archive, shelf, first, unseen, months, words),
            describe(shelf),
            shelf.watch,
            [(summary.day, summary.record) for summary in shelf.find_days(first, find_month_end(first))],
            unseen,
            find_neighbours(months, place),
            [month for month in months if month.year == first.year],
            month=first.isoformat()[:7],
        )
    yield plan(
        f"watch {shelf.name}",
        partial(_render_newest, archive, shelf, months, words),
        describe(shelf),
        shelf.watch,
        [(summary.day, summary.record) for summary in shelf.days[-LOOK_BACK:]],
        months,
    )


def _render_month(
    archive: ArchiveView, shelf: Shelf, first: date, unseen: int, months: list[date], words: Words
) -> Iterator[Page]:
    is_touched = Globs(shelf.watch).match
    found = archive.headlines_touching(shelf.name, first, find_month_end(first), is_touched)
    month = WatchedMonth(shelf=shelf, first=first, headlines=found, unseen=unseen, months=months)
    yield from month.render(words)


def _render_newest(archive: ArchiveView, shelf: Shelf, months: list[date], words: Words) -> Iterator[Page]:
    found = find_newest(archive, shelf.name, shelf.dates, shelf.watch, MOST_NEWEST)
    since = shelf.dates[-LOOK_BACK:][0] if shelf.dates else None
    yield render_watch(shelf, found, since, months, words)


def _list_days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=step) for step in range((last - first).days + 1)]
