"""Write which entries of a shard have which terms, in the files that Pagefind's program reads in a browser.

This module must not know what an entry says. Pagefind's own indexing takes three to five milliseconds and half a
megabyte an entry, and keeps the place of every word of every text, which is six tenths of its index. Only a phrase
needs places, and a phrase is found in the texts themselves: a term has one place here, and how often an entry has it
is told by its weight.
"""

from __future__ import annotations

import gzip
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import chain

from generator.site.terms import find_terms

# How each file of Pagefind's begins once it is unpacked.
MARK = b"pagefind_dcd"
META = "pagefind.pf_meta"
# So many entries of terms to a file of the index; a term's own are never split. A reader loads one file a word and
# shard, and Pagefind's own 20,000 make it 27 KB of which a rare word is a few bytes.
_CHUNK = 5_000
# The field of which Pagefind gives a match five times the weight.
_FIELD = "title"

# What an entry is to a term: by its lowest bits how the text has it, and one more where the title has it too.
_ABSENT, _PART, _ONCE, _TWICE, _OFTEN = range(5)
_TITLE = 8
_BITS = 4
_OFTEN_TIMES = 4
_KINDS = (_ABSENT, _ONCE, _TWICE, _TWICE, _OFTEN)
# As Pagefind writes weights, 24 to a word; it takes 25 where it is told nothing.
_WEIGHTS = {_PART: 6, _TWICE: 50, _OFTEN: 75}
_TEXT, _ARRAY, _NEGATIVE = 3, 4, 1


class TermIndex:
    """The terms of entries, which come in the order of their places."""

    def __init__(self) -> None:
        self._codes: dict[str, list[int]] = defaultdict(list)
        self._lengths: list[int] = []

    def add(self, title: str, text: str, loose: Iterable[str] = ()) -> None:
        """Add the next entry, by the words of its title and its text, which single spaces separate.

        `loose` are further terms by which it is found, though none of its words.
        """
        place = len(self._lengths) << _BITS
        found = [find_terms(word) for word in text.split(" ")]
        counts = Counter([whole for whole, _ in found])
        kinds = dict.fromkeys(chain(loose, *[parts for _, parts in found if parts]), _PART)
        kinds.update({whole: _KINDS[min(number, _OFTEN_TIMES)] for whole, number in counts.items()})
        for word in title.split(" "):
            whole, parts = find_terms(word)
            for term in (whole, *parts):
                kinds[term] = kinds.get(term, _ABSENT) | _TITLE
        kinds.pop("", None)
        codes = self._codes
        for term, kind in kinds.items():
            codes[term].append(place | kind)
        self._lengths.append(len(found))

    def render(self, version: str) -> Iterator[tuple[str, bytes]]:
        """Write the index as Pagefind of a version does: the path of each file in the shard, and its bytes."""
        borders: list[tuple[str, str]] = []
        for number, terms in enumerate(self._cut()):
            borders.append((terms[0], terms[-1]))
            words = [_array(2) + _text(term) + self._render_term(term) for term in terms]
            yield f"index/{number}.pf_index", pack(_array(1) + _array(len(words)) + b"".join(words))
        pages = [_array(2) + _text(str(place)) + _head(0, words) for place, words in enumerate(self._lengths)]
        chunks = [
            _array(3) + _text(first) + _text(last) + _text(str(number))
            for number, (first, last) in enumerate(_shorten(borders))
        ]
        parts = [_text(version), *(_array(len(some)) + b"".join(some) for some in (pages, chunks, [], []))]
        yield META, pack(_array(6) + b"".join(parts) + _array(1) + _text(_FIELD))

    def _cut(self) -> Iterator[list[str]]:
        terms: list[str] = []
        number = 0
        for term in sorted(self._codes):
            terms.append(term)
            number += len(self._codes[term])
            if number >= _CHUNK:
                yield terms
                terms, number = [], 0
        if terms:
            yield terms

    def _render_term(self, term: str) -> bytes:
        codes = self._codes[term]
        steps = (code - (before >> _BITS << _BITS) for before, code in zip((0, *codes), codes, strict=False))
        return _array(len(codes)) + b"".join(map(_render_step, steps))


def pack(content: bytes) -> bytes:
    """Mark and compress a file. There is no time in it: the same content gives the same bytes."""
    return gzip.compress(MARK + content, compresslevel=6, mtime=0)


@cache
def _render_step(step: int) -> bytes:
    """Write an entry of a term: its distance to the one before, its place in the text and in the title."""
    kind = step & (_TITLE - 1)
    head = _head(0, step >> _BITS)
    weight = _head(_NEGATIVE, _WEIGHTS[kind]) if kind in _WEIGHTS else b""
    places = _array(0) if kind == _ABSENT else _array(2 if weight else 1) + weight + _head(0, 0)
    if step & _TITLE:
        # The first field, and the first place in it.
        return _array(3) + head + places + _array(2) + _head(_NEGATIVE, 0) + _head(0, 0)
    return _array(2) + head + places


def _shorten(borders: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Shorten the first and the last term of each file to what tells it from the file beside it."""
    for number, (first, last) in enumerate(borders):
        before = borders[number - 1][1] if number else None
        after = borders[number + 1][0] if number + 1 < len(borders) else None
        start = first if before is None else first[: _find_common(first, before) + 1]
        end = last if after is None else last[: _find_common(last, after) + 1]
        # Of a file with one term, what is left of its end could stand before its beginning.
        yield start, max(end, start)


def _find_common(one: str, other: str) -> int:
    """Count the characters with which both begin."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((number for number, (a, b) in pairs if a != b), min(len(one), len(other)))


def _text(text: str) -> bytes:
    content = text.encode()
    return _head(_TEXT, len(content)) + content


def _array(length: int) -> bytes:
    return _head(_ARRAY, length)


def _head(major: int, value: int) -> bytes:
    """Begin an item of CBOR, RFC 8949, section 3; a negative number is the major 1 and what is left of -1."""
    if value < 24:
        return bytes([major << 5 | value])
    size = 0 if value < 1 << 8 else 1 if value < 1 << 16 else 2
    return bytes([major << 5 | 24 + size]) + value.to_bytes(1 << size)
