"""Place moments on calendar days of the archive's time zone.

This module must not know the current time: whoever needs "now" is handed it.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Window(NamedTuple):
    """The half-open span [start, end) of one calendar day, both in UTC; 23 to 25 hours long."""

    start: datetime
    end: datetime


def find_moment(seconds: int) -> datetime | None:
    """Turn seconds since the epoch into a UTC datetime; None outside the years 1 to 9999."""
    try:
        return _EPOCH + timedelta(seconds=seconds)
    except OverflowError:
        return None


def find_day(seconds: int, timezone: ZoneInfo) -> date | None:
    """Find the calendar day, in `timezone`, that holds the moment `seconds` after the epoch.

    None where the calendar does not reach (the years before 1 and after 9999, and their edges).
    """
    moment = find_moment(seconds)
    if moment is None:
        return None
    try:
        return moment.astimezone(timezone).date()
    except OverflowError:
        return None


def find_window(day: date, timezone: ZoneInfo) -> Window:
    """Find the UTC span of a calendar day; a day of a clock change has 23 or 25 hours."""
    return Window(_find_midnight(day, timezone), _find_midnight(day + timedelta(days=1), timezone))


def _find_midnight(day: date, timezone: ZoneInfo) -> datetime:
    # Through UTC, because arithmetic on aware datetimes of one zone is wall-clock arithmetic.
    return datetime(day.year, day.month, day.day, tzinfo=timezone).astimezone(UTC)
