"""Lead the reader from home to a page, from a page to its neighbours, and around it.

This module must not render a page; it names stops.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from datetime import date
from typing import TypeVar

from generator.pages.addresses import HOME, day_page, month_page, repository_page, year_page
from generator.pages.page import Stop
from generator.pages.words import Words
from generator.records import ACROSS

T = TypeVar("T")

_MOST_BEFORE = 9


def home_stop(words: Words) -> Stop:
    """Name the way home."""
    return Stop(words.home, HOME)


def repository_stop(name: str) -> Stop:
    """Name a repository's page."""
    return Stop(name, repository_page(name))


def scope_trail(scope: str, words: Words) -> tuple[Stop, ...]:
    """Lead to a repository; to home where the scope is all repositories."""
    return (home_stop(words),) if scope == ACROSS else (home_stop(words), repository_stop(scope))


def year_stop(scope: str, day: date) -> Stop:
    """Name the page of the year that holds `day`."""
    return Stop(day.isoformat()[:4], year_page(scope, day))


def month_stop(scope: str, day: date) -> Stop:
    """Name the page of the month that holds `day`."""
    return Stop(day.isoformat()[:7], month_page(scope, day))


def day_stop(scope: str, day: date) -> Stop:
    """Name a day's page."""
    return Stop(day.isoformat(), day_page(scope, day))


def month_trail(scope: str, day: date, words: Words) -> tuple[Stop, ...]:
    """Lead to the month that holds `day`."""
    return (*scope_trail(scope, words), month_stop(scope, day))


def day_trail(scope: str, day: date, words: Words) -> tuple[Stop, ...]:
    """Lead to a day."""
    return (*month_trail(scope, day, words), day_stop(scope, day))


def find_days_near(days: Sequence[date], day: date) -> Sequence[date]:
    """Find some days before `day`, itself, and the one after it, out of all days in ascending order.

    No more of those after it, so that a new day changes the page of the newest one alone.
    """
    place = bisect_left(days, day)
    return days[max(place - _MOST_BEFORE, 0) : place + 2]


def find_days_around(scope: str, days: Sequence[date], day: date) -> tuple[Stop, ...]:
    """Name the days near `day`."""
    return tuple(day_stop(scope, other) for other in find_days_near(days, day))


def find_days_beside(scope: str, days: Sequence[date], day: date) -> tuple[Stop | None, Stop | None]:
    """Name the days before and after `day`, out of all days in ascending order."""
    place = bisect_left(days, day)
    before = day_stop(scope, days[place - 1]) if place else None
    after = day_stop(scope, days[place + 1]) if place + 1 < len(days) else None
    return before, after


def find_neighbours(stops: Sequence[T], place: int) -> tuple[T | None, T | None]:
    """Find what stands before and after the one at `place`."""
    return (stops[place - 1] if place else None, stops[place + 1] if place + 1 < len(stops) else None)
