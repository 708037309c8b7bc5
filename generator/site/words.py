"""Cut text into the words that the search index holds.

This module must not know what a commit is; docs/assets/search-terms.js cuts a query in the same way, and the two
must agree.

Chinese, Japanese and Korean are cut into overlapping pairs of characters, because a dictionary cuts a sentence
otherwise than a query: of 150 pieces taken at random from Chinese reports, Pagefind's own cut missed 39, pairs none.
Each character begins exactly one word, so that a single character is found by the pairs that it begins.
"""

from __future__ import annotations

import re
import unicodedata

_CJK = re.compile(
    "[\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U000323af]+"
)
# A word is cut at ASCII punctuation into its parts, see terms.py, and here at any other.
_PUNCTUATION = re.compile(
    "([\u00a1-\u00a9\u00ab-\u00b1\u00b4\u00b6-\u00b8\u00bb\u00bf\u00d7\u00f7\u2010-\u2027\u2030-\u205e\u2190-\u2bff"
    "\u2e00-\u2e7f\u3001-\u3004\u3008-\u3020\u3030\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65]+)"
)
# What nobody can see or type: controls, marks of direction, zero-width characters, tags.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
    "\ufff9-\ufffb\U000e0000-\U000e0fff\ud800-\udfff]"
)
_SLASH = re.compile(r"/(?=[^\s/])")


def tidy(text: str) -> str:
    """Put a text into one line, without what nobody can see: as a result shows it."""
    return " ".join(unicodedata.normalize("NFC", _INVISIBLE.sub("", text)).split())


def cut(text: str) -> str:
    """Cut a tidy text into words separated by single spaces.

    A path is cut after each slash, so that every part of it is found by its own beginning.
    """
    if not text.isascii():
        text = _PUNCTUATION.sub(r" \1 ", text)
        text = _CJK.sub(_cut_run, text)
    return " ".join(_SLASH.sub("/ ", text).split())


def _cut_run(run: re.Match[str]) -> str:
    characters = run[0]
    pairs = " ".join(characters[place : place + 2] for place in range(len(characters)))
    return f" {pairs} "
