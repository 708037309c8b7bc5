"""Find where a report begins to tell of each commit, and where that ends.

This module must not know what an analysis says. A place is found by its own lines alone: what stands before it, a
fence that never closes or a heading out of order, takes nothing away from it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from generator.records import Importance
from generator.reports.reading import shapes
from generator.reports.reading.shapes import Address

# Between a heading of the second format and the line with the SHA there is at most an empty line.
_NEAR = 2


class Sort(Enum):
    """What begins in a line."""

    FIRST = auto()  # a commit, as the first format begins it
    SECOND = auto()  # a commit, as the second format does
    BARE = auto()  # a commit without its SHA's line: a heading that the table or the contents know
    GROUP = auto()  # commits of one importance
    SECTION = auto()  # a repository
    RESULTS = auto()  # a repository's analyses
    CONTENTS = auto()  # statistics, or the table of contents


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """Where something begins: `line` and `body`, the first line after its head, count from 0.

    For a commit, `sha`, `short` and `address` are what its head says, and `title` is its heading in the second format.
    """

    line: int
    body: int
    sort: Sort
    sha: str | None = None
    short: str | None = None
    address: Address | None = None
    title: str | None = None
    name: str | None = None
    importance: Importance | None = None


def find_starts(lines: Sequence[str], titles: Mapping[str, str | None]) -> list[Start]:
    """Find all that begins in a document, in its order.

    `titles` are the commits' titles that the table and the contents know, with the short SHA where it is told.
    """
    claimed = {
        sha
        for line in lines
        if (sha := shapes.parse_sha_heading(line) or _find_sha_in_line(line)) is not None
    }
    starts: list[Start] = []
    free = 0
    for number in range(len(lines)):
        if number < free:
            continue
        start = _find_start(lines, number, free, claimed, titles)
        if start is not None:
            while starts and starts[-1].line >= start.line:
                starts.pop()
            starts.append(start)
            free = start.body
    return starts


def _find_sha_in_line(line: str) -> str | None:
    address = shapes.find_address(line) if shapes.is_sha_line(line) else None
    return address.sha if address else None


def _find_start(
    lines: Sequence[str], number: int, free: int, claimed: set[str], titles: Mapping[str, str | None]
) -> Start | None:
    line = lines[number]
    if "/commit" in line and shapes.is_bare_address(line):
        return _find_bare_address(lines, number, free, claimed)
    if shapes.is_sha_line(line):
        return _find_second(lines, number, free)
    if line.startswith("#"):
        return _find_heading(lines, number, titles)
    if shapes.is_contents(line) and ("](#" in line or line.startswith(">")):
        return Start(line=number, body=number + 1, sort=Sort.CONTENTS)
    return None


def _find_heading(lines: Sequence[str], number: int, titles: Mapping[str, str | None]) -> Start | None:
    line = lines[number]
    if (sha := shapes.parse_sha_heading(line)) is not None:
        below = lines[number + 1] if number + 1 < len(lines) else ""
        address = shapes.find_address(below) if shapes.is_bare_address(below) else None
        body = number + 1 + (address is not None and address.sha == sha)
        own = address if address and address.sha == sha else None
        return Start(line=number, body=body, sort=Sort.FIRST, sha=sha, address=own)
    if (importance := shapes.parse_group(line)) is not None:
        return Start(line=number, body=number + 1, sort=Sort.GROUP, importance=importance)
    if (name := shapes.parse_results(line)) is not None:
        return Start(line=number, body=number + 1, sort=Sort.RESULTS, name=name)
    if (name := shapes.parse_section(line)) is not None and _is_section(lines, number):
        return Start(line=number, body=number + 1, sort=Sort.SECTION, name=name)
    if shapes.is_contents(line):
        return Start(line=number, body=number + 1, sort=Sort.CONTENTS)
    title = shapes.parse_heading(line)
    if title in titles and not any(map(shapes.is_sha_line, lines[number + 1 : number + 1 + _NEAR])):
        return Start(line=number, body=number + 1, sort=Sort.BARE, title=title, short=titles[title])
    return None


def _find_bare_address(lines: Sequence[str], number: int, free: int, claimed: set[str]) -> Start | None:
    """Take an address alone for a commit's beginning where its heading is damaged: no other line claims its SHA."""
    address = shapes.find_address(lines[number])
    if address is None or address.sha in claimed:
        return None
    above = number - 1
    has_heading = above >= free and (lines[above].startswith("#") or address.sha[:7] in lines[above])
    return Start(
        line=above if has_heading else number,
        body=number + 1,
        sort=Sort.FIRST,
        sha=address.sha,
        address=address,
    )


def _find_second(lines: Sequence[str], number: int, free: int) -> Start:
    address = shapes.find_address(lines[number])
    heading = next(
        (above for above in _list_above(lines, number, free) if shapes.is_heading(lines[above])), None
    )
    return Start(
        line=number if heading is None else heading,
        body=number + 1,
        sort=Sort.SECOND,
        sha=address.sha if address else None,
        short=shapes.find_short(lines[number]),
        address=address,
        title=None if heading is None else shapes.parse_heading(lines[heading]),
    )


def _list_above(lines: Sequence[str], number: int, free: int) -> Iterator[int]:
    """List the lines right above one, up to the first that is not empty."""
    for above in range(number - 1, max(free, number - _NEAR) - 1, -1):
        yield above
        if lines[above].strip():
            return


def _is_section(lines: Sequence[str], number: int) -> bool:
    """Say whether a table, or the line above one, is below: an analysis has headings that are paths as well."""
    for line in lines[number + 1 : number + 5]:
        if shapes.is_table_line(line) or shapes.parse_row(line):
            return True
        if line.strip():
            return False
    return False
