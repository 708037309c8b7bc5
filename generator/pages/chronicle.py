"""Add up days: of one repository, or of all repositories together.

This module must not render anything. It tells apart a day without commits, a day nobody has looked at and a
day that is still to come.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from calendar import monthrange
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from generator.pages.survey import Shelf, Standing
from generator.records import ACROSS, DigestRecord
from generator.summaries import Counts, add_counts

# Reads the digest of a scope and a period, such as `2026-01`.
FindDigest = Callable[[str, str], DigestRecord | None]

UNSEEN = (Standing.COULD_NOT_LOOK, Standing.NOT_LOOKED_AT)


@dataclass(frozen=True, slots=True, kw_only=True)
class DayTotal:
    """One day's commits over the repositories of a chronicle, and how many of those nobody has looked at."""

    day: date
    counts: Counts
    amended: bool
    repositories: int
    unseen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Chronicle:
    """The days of some repositories that are told together.

    `days` are those with commits, ascending; `end` is the last day anything is told of.
    """

    scope: str
    shelves: tuple[Shelf, ...]
    days: tuple[date, ...]
    end: date
    find_digest: FindDigest

    @property
    def months(self) -> list[date]:
        """The first days of the months in which something landed, ascending."""
        return list(dict.fromkeys(day.replace(day=1) for day in self.days))

    @property
    def years(self) -> list[date]:
        """The first days of the years in which something landed, ascending."""
        return list(dict.fromkeys(day.replace(month=1, day=1) for day in self.days))

    def find_days(self, first: date, last: date) -> tuple[date, ...]:
        """Find the days with commits from `first` to `last`, both included."""
        return self.days[bisect_left(self.days, first) : bisect_right(self.days, last)]

    def add_up(self, days: Iterable[date]) -> tuple[DayTotal, ...]:
        """Add up each of some days."""
        return tuple(_add_up(self.shelves, day) for day in days)

    def find_standings(self, day: date) -> dict[Standing, int]:
        """Count the repositories of each standing on a day, in the order of the standings."""
        standings = Counter(shelf.find_standing(day) for shelf in self.shelves)
        return {standing: standings[standing] for standing in Standing if standing in standings}


def find_month_end(first: date) -> date:
    """Find the last day of the month that begins on `first`."""
    return first.replace(day=monthrange(first.year, first.month)[1])


def find_year_end(first: date) -> date:
    """Find the last day of the year that begins on `first`."""
    return first.replace(month=12, day=31)


def chronicle_repository(shelf: Shelf, find_digest: FindDigest, today: date | None) -> Chronicle:
    """Tell the days of one repository."""
    return _chronicle(shelf.name, (shelf,), find_digest, today)


def chronicle_all(shelves: Iterable[Shelf], find_digest: FindDigest, today: date | None) -> Chronicle:
    """Tell the days of all repositories together."""
    return _chronicle(ACROSS, tuple(shelves), find_digest, today)


def _chronicle(
    scope: str, shelves: tuple[Shelf, ...], find_digest: FindDigest, today: date | None
) -> Chronicle:
    days = sorted({day for shelf in shelves for day in shelf.dates})
    return Chronicle(
        scope=scope,
        shelves=shelves,
        days=tuple(days),
        end=_find_end(shelves, days, today),
        find_digest=find_digest,
    )


def _add_up(shelves: Sequence[Shelf], day: date) -> DayTotal:
    found = [summary for shelf in shelves if (summary := shelf.find_day(day))]
    return DayTotal(
        day=day,
        counts=add_counts(summary.counts for summary in found),
        amended=any(summary.amended for summary in found),
        repositories=len(found),
        unseen=sum(shelf.find_standing(day) in UNSEEN for shelf in shelves),
    )


def _find_end(shelves: Sequence[Shelf], days: Sequence[date], today: date | None) -> date:
    """Find the last day to be told: the last one known, or the last one over, whichever is later."""
    ends = [*days[-1:], *(run.last for shelf in shelves for run in shelf.record.covered)]
    if today is not None and today > date.min:
        ends.append(today - timedelta(days=1))
    return max(ends, default=date.min)
