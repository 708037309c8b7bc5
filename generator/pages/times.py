"""Write moments in the archive's time zone, as markup.

This module must not know the current time, and must not lose what git says: a date that no calendar holds is
shown in git's own words.
"""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from generator.pages.markup import cut, escape, render_time
from generator.records import Signature, Span

_LONGEST_DATE = 60


def render_moment(signature: Signature, zone: ZoneInfo) -> str:
    """Render when someone signed: date, time and offset."""
    moment = _find_moment(signature)
    return _quote(signature) if moment is None else render_time(moment, format_local(moment, zone))


def format_moment(signature: Signature, zone: ZoneInfo) -> str:
    """Write when someone signed: the same as text alone."""
    moment = _find_moment(signature)
    return _quote(signature) if moment is None else format_local(moment, zone)


def render_clock(signature: Signature, day: date, zone: ZoneInfo) -> str:
    """Render the time of day someone signed at, with as much of the date as differs from `day`."""
    moment = _find_moment(signature)
    if moment is None:
        return _quote(signature)
    clock, _ = _split(_place(moment, zone))
    same = next((part for part in (f"{day} ", f"{day}"[:5]) if clock.startswith(part)), "")
    return render_time(moment, clock.removeprefix(same))


def find_original(signature: Signature, zone: ZoneInfo) -> str | None:
    """Write the signer's own date; None where the archive's time zone shows the same."""
    moment = _find_moment(signature)
    if moment is None:
        return None
    original = _split(moment)
    return None if original == _split(_place(moment, zone)) else " ".join(original)


def format_local(moment: datetime, zone: ZoneInfo) -> str:
    """Write a moment in the archive's time zone: date, time, offset."""
    return " ".join(_split(_place(moment, zone)))


def format_window(window: Span, zone: ZoneInfo) -> str:
    """Write a day's window, with the offset at both ends only where the clock changed."""
    start, start_offset = _split(_place(window.start, zone))
    end, end_offset = _split(_place(window.end, zone))
    change = f" {start_offset}" if start_offset != end_offset else ""
    return f"{start[:16]}{change} \u2013 {end[:16]} {end_offset}"


def _quote(signature: Signature) -> str:
    return escape(cut(signature.date, _LONGEST_DATE))


def _find_moment(signature: Signature) -> datetime | None:
    moment = signature.moment
    # Without an offset a date would be read in the time zone of whatever machine this is.
    return moment if moment and moment.tzinfo else None


def _place(moment: datetime, zone: ZoneInfo) -> datetime:
    try:
        return moment.astimezone(zone)
    except OverflowError:  # on the first and the last day of the calendar
        return moment


def _split(moment: datetime) -> tuple[str, str]:
    # isoformat, because strftime's %Y leaves out leading zeros of years before 1000.
    text = moment.isoformat(sep=" ", timespec="seconds")
    return text[:19], text[19:]
