"""Find the lines of a patch that hold one of some hints, without looking at all the others.

This module must not know what the hints mean.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

# Longer lines are data or minified code.
_MOST_COLUMNS = 240
# So many lines with a hint in one patch are generated.
_MOST_LINES = 2000


class Line(NamedTuple):
    """One line of a patch: its sign ("+", "-" or " "), its code, and the code of the line before it."""

    sign: str
    code: str
    before: str


def find_lines(text: str, hints: Iterable[str]) -> Iterator[Line]:
    """Yield each line that holds one of the hints, once, in order.

    Hints are plain strings because searching for twenty of them costs a hundredth of one regular expression.
    """
    for start in sorted(_find_starts(text, hints))[:_MOST_LINES]:
        if text[start : start + 1] in ("+", "-", " "):
            end = text.find("\n", start)
            code = text[start + 1 : min(len(text) if end < 0 else end, start + _MOST_COLUMNS)]
            before = text[text.rfind("\n", 0, max(start - 1, 0)) + 1 : max(start - 1, 0)][1:_MOST_COLUMNS]
            yield Line(text[start], code, before)


def _find_starts(text: str, hints: Iterable[str]) -> set[int]:
    starts: set[int] = set()
    for hint in hints:
        place = text.find(hint)
        while place >= 0 and len(starts) < 2 * _MOST_LINES:
            starts.add(text.rfind("\n", 0, place) + 1)
            end = text.find("\n", place)
            place = text.find(hint, end) if end >= 0 else -1
    return starts
