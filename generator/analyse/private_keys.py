"""Find whole private keys in lines of text, from their first line to their last.

This module must not replace anything; it says which part of which line belongs to a key.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

# No key that people use is longer: 16,384 bits of RSA take 200 lines.
_MOST_LINES = 400

_BEGIN = re.compile(
    r"(?:-{2,5} ?)?BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?(?: ?-{2,5})?|PuTTY-User-Key-File-\d\b:?"
)
_END = re.compile(
    r"(?:-{2,5} ?)?END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?(?: ?-{2,5})?|Private-(?:MAC|Hash): ?\w+"
)
# What may stand beside a key's line when it is part of a program, a comment or a quotation.
_BEFORE = r"[\s\"'`#*>|/+-]*+"
_AFTER = r"(?:\\[nr])*+[\s\"'`+,;)\\]*"
_CODED = re.compile(r"(?:\\[nr]|[A-Za-z0-9+/=])*")
# Inside a key: encoded text of any length, a header such as `Proc-Type: 4,ENCRYPTED`, or nothing.
_INSIDE = re.compile(rf"{_BEFORE}(?:[A-Za-z0-9+/=]++|[A-Z][A-Za-z-]{{2,30}}: .{{0,200}})?{_AFTER}")
# Where only one end is to be seen, a line has to look like a full one: real keys fill 64 columns or more.
_FULL = re.compile(rf"{_BEFORE}[A-Za-z0-9+/=]{{40,}}+{_AFTER}")
_INDENT = re.compile(r"\s*")


@dataclass(frozen=True, slots=True)
class Piece:
    """The part of one line that belongs to a key."""

    index: int
    start: int
    end: int


def find_key_blocks(codes: Sequence[str], fresh: Sequence[bool]) -> Iterator[tuple[Piece, ...]]:
    """Yield the pieces of each key in order of lines; no line belongs to two.

    `fresh` says of each line that the text above it is not what stands above it in the file: a hunk begins.
    """
    taken = 0
    for index, code in enumerate(codes):
        if index < taken or (
            "PRIVATE KEY" not in code and "PuTTY-User" not in code and "Private-" not in code
        ):
            continue
        if begin := _BEGIN.search(code):
            block = _read_on(codes, fresh, index, begin)
        elif end := _END.search(code):
            block = _read_back(codes, fresh, taken, index, end)
        else:
            continue
        taken = block[-1].index + 1 if block else taken
        if block:
            yield block


def _read_on(
    codes: Sequence[str], fresh: Sequence[bool], index: int, begin: re.Match[str]
) -> tuple[Piece, ...]:
    """Take a key from its first line to its last, or as far as full lines go where the last is not shown."""
    code = codes[index]
    if end := _END.search(code, begin.end()):
        return (Piece(index, begin.start(), end.end()),)
    coded = _CODED.match(code, begin.end())
    first = Piece(index, begin.start(), coded.end() if coded else begin.end())
    inside: list[Piece] = []
    for below in range(index + 1, min(index + _MOST_LINES, len(codes))):
        if fresh[below]:
            break
        if end := _END.search(codes[below]):
            return (first, *inside, Piece(below, _indent(codes[below]), end.end()))
        if not _INSIDE.fullmatch(codes[below]):
            break
        inside += [_take(codes, below)] if codes[below].strip() else []
    full: list[Piece] = []
    for piece in inside:
        if piece.index != index + 1 + len(full) or not _FULL.fullmatch(codes[piece.index]):
            break
        full.append(piece)
    return (first, *full)


def _read_back(
    codes: Sequence[str], fresh: Sequence[bool], least: int, index: int, end: re.Match[str]
) -> tuple[Piece, ...]:
    """Take the tail of a key whose beginning is not shown: full lines, and a shorter one before its last line."""
    pieces = [Piece(index, end.start(), end.end())]
    short: list[Piece] = []
    for above in range(index - 1, max(index - _MOST_LINES, least - 1), -1):
        if _FULL.fullmatch(codes[above]):
            pieces += [*short, _take(codes, above)]
            short = []
        elif len(pieces) == 1 and len(short) < 2 and codes[above].strip() and _INSIDE.fullmatch(codes[above]):
            short.append(_take(codes, above))
        else:
            break
        if fresh[above]:
            break
    return tuple(reversed(pieces))


def _take(codes: Sequence[str], index: int) -> Piece:
    return Piece(index, _indent(codes[index]), len(codes[index]))


def _indent(code: str) -> int:
    match = _INDENT.match(code)
    return match.end() if match else 0
