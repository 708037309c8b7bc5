"""Define what is read out of a report: its repositories, their rows and analyses, and what was not understood.

This module must not know how a document is read, nor the archive.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from generator.imports import Trouble
from generator.records import Importance


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was not understood, and where: `line` counts from 1. `detail` says more, in the text's words."""

    line: int
    trouble: Trouble
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of a table: `time` as written, such as `2026-01-06 13:53:56`; `text` is the whole line."""

    line: int
    text: str
    time: str
    author: str
    message: str


@dataclass(slots=True, kw_only=True)
class Entry:
    """What a report tells of one commit.

    `head` (heading, address, message), `analysis` and `tail` are, one after the other, its part of the document letter
    for letter. `sha` is None where only a short one, or none, can be read. `message` is as git would hold it, as far
    as it is told; `importance` is that of the group it stands in.
    """

    line: int
    head: str
    analysis: str
    tail: str
    message: str
    sha: str | None = None
    short: str | None = None
    name: str | None = None
    web: str | None = None
    importance: Importance | None = None
    row: Row | None = None


@dataclass(slots=True, kw_only=True)
class Section:
    """A repository's part of a document.

    `rows` holds the table's rows, and as text what stands between them. `is_first` says that it is of the first
    format, which `head`, `middle` and the entries give back letter for letter.
    """

    name: str
    line: int
    head: str = ""
    middle: str = ""
    rows: list[Row | str] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    is_first: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One report; `day` is None where it cannot be known."""

    file: str
    day: date | None
    sections: tuple[Section, ...]
    findings: tuple[Finding, ...]
    text: str
