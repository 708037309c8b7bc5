"""Find which row of a table belongs to which commit: by its title, by its pull request, or by its place.

This module must not know lines or formats.
"""

from __future__ import annotations

import re
from collections import defaultdict, deque
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher

from generator.imports import Trouble
from generator.reports.reading.document import Entry, Finding, Row, Section

_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_PULL_REQUEST = re.compile(r"[(（]#(\d{1,9})[)）]\s*$")
# How much two titles have in common that may be the same.
_ALIKE = 0.6


def normalise(message: str) -> str:
    """Reduce a message to its first line, as a row, a heading and a message have it in common."""
    first = _BREAK.split(message.strip(), maxsplit=1)[0].split("\n", 1)[0]
    return " ".join(first.replace("\\|", "|").replace("\\", "").split())


def match_rows(sections: Iterable[Section], every: Sequence[Row], findings: list[Finding]) -> None:
    """Give each commit its row, and say which commits have none and which rows belong to none."""
    taken: set[int] = set()
    sections = list(sections)
    for section in sections:
        own = [row for row in section.rows if isinstance(row, Row)]
        _match(section.entries, own, taken, is_by_place=section.is_first)
    listed = {row.line for section in sections for row in section.rows if isinstance(row, Row)}
    strays = [row for row in every if row.line not in listed]
    for section in sections:
        # A row that stands elsewhere, such as inside an analysis, counts only where its commit is waiting for it.
        _match([entry for entry in section.entries if entry.row is None], strays, taken, is_by_place=False)
        for entry in section.entries:
            if entry.row is None:
                findings.append(
                    Finding(line=entry.line, trouble=Trouble.NO_ROW, detail=_shorten(entry.message))
                )
    for section in sections:
        for row in section.rows:
            if isinstance(row, Row) and row.line not in taken:
                findings.append(
                    Finding(line=row.line, trouble=Trouble.ROW_ALONE, detail=_shorten(row.message))
                )


def _match(entries: Sequence[Entry], rows: Sequence[Row], taken: set[int], *, is_by_place: bool) -> None:
    for find_key in (normalise, _find_pull_request):
        waiting: defaultdict[str, deque[Row]] = defaultdict(deque)
        for row in rows:
            if row.line not in taken and (key := find_key(row.message)):
                waiting[key].append(row)
        for entry in entries:
            key = find_key(entry.message.lstrip("\n"))
            if entry.row is None and key and waiting[key]:
                entry.row = waiting[key].popleft()
                taken.add(entry.row.line)
    left = [entry for entry in entries if entry.row is None]
    free = [row for row in rows if row.line not in taken]
    if is_by_place and len(left) == len(free) and len(rows) == len(entries):
        for entry, row in zip(left, free, strict=True):
            if _is_alike(entry.message, row.message):
                entry.row = row
                taken.add(row.line)


def _is_alike(message: str, other: str) -> bool:
    """Say whether two messages may be one that was damaged."""
    texts = (normalise(message.lstrip("\n"))[:200], normalise(other)[:200])
    return SequenceMatcher(None, *texts, autojunk=False).ratio() >= _ALIKE


def _find_pull_request(message: str) -> str:
    match = _PULL_REQUEST.search(normalise(message))
    return match[1] if match else ""


def _shorten(message: str) -> str:
    first = normalise(message)
    return first if len(first) <= 80 else f"{first[:79]}…"
