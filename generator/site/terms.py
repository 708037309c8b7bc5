"""Find the terms by which the search index knows a word: the whole word, and its parts.

This module must not know what a text says; docs/assets/search-terms.js finds the terms of a query in the same way, and
the two must agree.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# The parts of a word without a mark on any letter, and what no term keeps of it.
_PART = re.compile("[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_DROPPED = re.compile("[^A-Za-z0-9_]+")
# Of any other word one letter for each character: `u` and `l` for letters in capitals and small, `o` for others, `d`
# for digits, a space for what is in no word. It is cut at the same borders.
_CLASSES = {"Lu": "u", "Ll": "l", "Lt": "o", "Lm": "o", "Lo": "o", "Nd": "d", "Nl": "d", "No": "d"}
_RUN = re.compile("(?:l(?!u)|u(?!ul)|o)*[ulo]|d+")


# Most words of a text were in one before.
@lru_cache(maxsize=1 << 16)
def find_terms(word: str) -> tuple[str, tuple[str, ...]]:
    """Find the term of a whole word and the terms of its parts; no text, and none, where there are none.

    Both are in small letters and without the marks on letters. A part of a single character is no term.
    """
    if word.isascii():
        whole, parts = _DROPPED.sub("", word).lower(), _PART.findall(word)
    else:
        whole, parts = _cut_any(word)
    # One part is the whole word, or all of it but the underscores at its ends.
    if len(parts) == 1 and len(parts[0]) == len(whole):
        return whole, ()
    return whole, tuple({part.lower(): None for part in parts if len(part) > 1 or ord(part) > 0xFFFF})


def _cut_any(word: str) -> tuple[str, list[str]]:
    plain = unicodedata.normalize("NFD", word)
    word = "".join(character for character in plain if unicodedata.category(character)[0] != "M")
    classes = "".join(_CLASSES.get(unicodedata.category(character), " ") for character in word)
    kept = (c for c, kind in zip(word, classes, strict=True) if kind != " " or c == "_")
    return "".join(kept).lower(), [word[run.start() : run.end()] for run in _RUN.finditer(classes)]
