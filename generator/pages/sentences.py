"""Find the first sentence of a text.

This module must not know what a text is about, and must not lose a character of it.
"""

from __future__ import annotations

import re

# Code and quotes are read as one, whatever stops are in them. A full stop ends a sentence before a space alone, so that
# versions, paths and names stay whole; one that ends an abbreviation is followed by a small letter or a number.
_PIECES = re.compile(r"`[^`]*`|“[^”]*”|「[^」]*」|(?P<end>[。！？]+|[.!?]+(?=\s+[^\sa-z0-9]))")


def split_first(text: str) -> tuple[str, str]:
    """Split plain text into its first sentence and what follows; the second is empty where there is one sentence."""
    for piece in _PIECES.finditer(text):
        if piece["end"]:
            return text[: piece.end()].strip(), text[piece.end() :].strip()
    return text.strip(), ""
