"""Bring text from git into one bounded line of plain text.

This module must not know markup: control, bidi and markup characters stay for the one escaper of the pages.
"""

from __future__ import annotations

import re

_SENTENCE_END = re.compile(r"[.!?](?=\s)|[。！？]")
# The share of the room that a cut at a sentence end must at least fill, so that "e.g." does not cut a line
# short.
_WELL_FILLED = 0.6


def fold(text: str, limit: int = 2000) -> str:
    """Fold every run of whitespace into one space, reading no more than `limit` characters."""
    return " ".join(text[:limit].split())


def clip(text: str, limit: int) -> str:
    """Cut one line to at most `limit` characters, at a sentence's end if one is near, else at a word."""
    if len(text) <= limit:
        return text
    room = text[: limit - 1]
    ends = [match.end() for match in _SENTENCE_END.finditer(room)]
    if ends and ends[-1] >= limit * _WELL_FILLED:
        return room[: ends[-1]]
    border = room.rfind(" ")
    return (room[:border] if border >= limit * _WELL_FILLED else room).rstrip(" ,;:-") + "…"
