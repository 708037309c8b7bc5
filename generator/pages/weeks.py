"""Cut a year into weeks, and count by them.

This module must not render anything. Weeks are those of ISO 8601, from Monday to Sunday, of landing days in the
archive's time zone; the first and the last one of a year hold that year's days alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum, auto

from generator.pages.chronicle import UNSEEN, find_year_end
from generator.pages.survey import Shelf, Standing
from generator.tallies import DayNumber

_DAYS = 7


class Known(Enum):
    """What is known of a week: one without commits is never taken for one nobody looked at."""

    SEEN = auto()
    NOT_SEEN = auto()
    OUTSIDE = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Weeks:
    """The weeks of the year that begins on `first`, and what is known of each."""

    first: date
    known: tuple[Known, ...]

    @property
    def start(self) -> int:
        """The Monday of the first week, as its number in the proleptic Gregorian calendar."""
        return _find_monday(self.first)

    @property
    def seen(self) -> list[int]:
        """The places of the weeks that somebody looked at."""
        return [place for place, known in enumerate(self.known) if known is Known.SEEN]

    def find_monday(self, place: int) -> date:
        """Find the day a week begins with."""
        return date.fromordinal(self.start + place * _DAYS)

    def name(self, place: int) -> str:
        """Name a week as ISO 8601 does, such as `2026-W02`."""
        year, week, _ = self.find_monday(place).isocalendar()
        return f"{year:04}-W{week:02}"

    def count(self, numbers: Iterable[DayNumber]) -> dict[str, list[int]]:
        """Count by week: for each value its number in every week of the year."""
        found: dict[str, Counter[int]] = {}
        for day, value, number in numbers:
            found.setdefault(value, Counter())[(day.toordinal() - self.start) // _DAYS] += number
        places = range(len(self.known))
        return {value: [weeks[place] for place in places] for value, weeks in found.items()}


def find_weeks(shelf: Shelf, first: date) -> Weeks:
    """Find the weeks of the year that begins on `first`, and what is known of those up to the last day with commits."""
    end = find_year_end(first)
    dates = [summary.day for summary in shelf.find_days(first, end)]
    with_commits = {(day.toordinal() - _find_monday(first)) // _DAYS for day in dates}
    known: list[Known] = []
    for monday in range(_find_monday(first), end.toordinal() + 1, _DAYS):
        if len(known) in with_commits:
            known.append(Known.SEEN)
            continue
        days = range(max(monday, first.toordinal()), min(monday + _DAYS, end.toordinal() + 1))
        is_over = bool(dates) and days[-1] < dates[-1].toordinal()
        known.append(_find_known(shelf, days) if is_over else Known.OUTSIDE)
    return Weeks(first=first, known=tuple(known))


def _find_known(shelf: Shelf, days: Sequence[int]) -> Known:
    standings = {shelf.find_standing(date.fromordinal(day)) for day in days}
    if standings & set(UNSEEN):
        return Known.NOT_SEEN
    return Known.OUTSIDE if standings == {Standing.BEFORE_ARCHIVE} else Known.SEEN


def _find_monday(day: date) -> int:
    return day.toordinal() - day.weekday()
