"""Decode raw commit objects, also those that no well-behaved program would write.

This module must not raise on any bytes: what cannot be read is shown as it stands or said to be missing.
The format is that of gitformat-commit: header lines, an empty line, the message.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from generator.days import find_moment
from generator.records import Signature

_DATE = re.compile(r"(-?\d{1,20}) ([+-])(\d{1,6})")
# The encodings that people wrote messages in. Python knows others, some of which make what is no text (utf-7,
# unicode_escape), take quadratic time (punycode) or are no encodings of text at all (rot13).
_TEXT_CODEC = re.compile(
    r"utf-8|ascii|iso8859|cp\d|windows|koi8|mac|gb|big5|hz$|euc|shift_jis|iso2022|johab|tis"
)
# Where git itself reads them (parse_commit_buffer in its commit.c): a parent further down is a line like any other.
_TREE = re.compile(rb"tree ([0-9a-fA-F]{40}|[0-9a-fA-F]{64})\n")
_PARENTS = re.compile(rb"tree [^\n]*\n((?:parent (?:[0-9a-fA-F]{40}|[0-9a-fA-F]{64})\n)+)")
# Wide enough for every name and date that people have; the rest would only bloat every page.
_LONGEST_NAME = 200
_LONGEST_DATE = 60
# Bytes, as on code hosts; a day's record must fit into memory several times over. Git itself sets no bound.
_LONGEST_MESSAGE = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class RawCommit:
    """A commit object taken apart, its text decoded but not yet interpreted."""

    parents: tuple[str, ...]
    author: Signature
    committer: Signature
    message: str
    encoding_note: str | None


def decode_commit(content: bytes) -> RawCommit:
    """Take a raw commit object apart."""
    head, _, message = content.partition(b"\n\n")
    headers = [line.partition(b" ")[::2] for line in head.split(b"\n")]
    declared = _find_first(headers, b"encoding").decode("ascii", "replace").strip()
    text, note = _decode_message(message, declared)
    return RawCommit(
        parents=find_parents(content),
        author=decode_signature(_find_first(headers, b"author"), declared),
        committer=decode_signature(_find_first(headers, b"committer"), declared),
        message=text,
        encoding_note=note,
    )


def find_tree(content: bytes) -> str | None:
    """Find the root tree of a raw commit object; None where it names none, which git cannot read."""
    match = _TREE.match(content)
    return match[1].decode("ascii").lower() if match else None


def find_parents(content: bytes) -> tuple[str, ...]:
    """Find the parents of a raw commit object."""
    match = _PARENTS.match(content)
    return tuple(line[7:].decode("ascii").lower() for line in match[1].splitlines()) if match else ()


def decode_text(content: bytes, declared: str) -> tuple[str, str | None]:
    """Decode text in its declared encoding, UTF-8 where none is declared.

    Where that fails, Windows-1252 is tried, then Latin-1, which fits every byte; the second value says so.
    """
    try:
        return content.decode(_find_codec(declared)), None
    except UnicodeError:
        pass
    wanted = declared or "UTF-8"
    try:
        return content.decode("cp1252"), f"not valid {wanted[:40]}: read as Windows-1252"
    except UnicodeError:
        return content.decode("latin-1"), f"not valid {wanted[:40]}: read as Latin-1"


def decode_signature(content: bytes, declared: str) -> Signature:
    """Decode `Name <address> seconds zone`; the address is left out."""
    text, _ = decode_text(content.partition(b"<")[0], declared)
    date = content.rpartition(b">")[2] if b">" in content else b""
    return Signature(
        name=text.strip()[:_LONGEST_NAME], date=_render_date(date.decode("ascii", "replace").strip())
    )


def _decode_message(content: bytes, declared: str) -> tuple[str, str | None]:
    """Decode as much of a message as is kept; the second value says what was lost."""
    if len(content) <= _LONGEST_MESSAGE:
        return decode_text(content, declared)
    # The end of what is kept may lie within a letter, which has four bytes at most.
    cuts = (content[: _LONGEST_MESSAGE - lost] for lost in range(4))
    tries = [decode_text(cut, declared) for cut in cuts]
    text, note = next((found for found in tries if found[1] is None), tries[0])
    lost = f"cut after {_LONGEST_MESSAGE:,} of {len(content):,} bytes"
    return text, f"{note}; {lost}" if note else lost


def _render_date(text: str) -> str:
    match = _DATE.fullmatch(text)
    if match is None:
        return text[:_LONGEST_DATE]
    seconds, sign, digits = match.groups()
    hours, minutes = divmod(int(digits), 100)
    moment = find_moment(int(seconds))
    if moment is None or hours > 23 or minutes > 59:
        return text[:_LONGEST_DATE]
    offset = timedelta(hours=hours, minutes=minutes) * (-1 if sign == "-" else 1)
    return _render_moment(moment, offset) or text[:_LONGEST_DATE]


def _render_moment(moment: datetime, offset: timedelta) -> str | None:
    try:
        return moment.astimezone(timezone(offset)).isoformat(timespec="seconds")
    except OverflowError:  # within a day of the calendar's ends
        return None


def _find_codec(declared: str) -> str:
    try:
        name = codecs.lookup(declared or "utf-8").name
    except (LookupError, ValueError):
        return "utf-8"
    return name if _TEXT_CODEC.match(name) else "utf-8"


def _find_first(headers: list[tuple[bytes, bytes]], wanted: bytes) -> bytes:
    return next((value for key, value in headers if key == wanted), b"")
