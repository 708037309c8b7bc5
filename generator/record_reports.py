"""Define what records keep of imported reports: which told of what, and what they said otherwise than records do.

This module must not touch the disk, nor know the rest of a record.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from generator.record_base import Count, RecordModel


class Reported(RecordModel):
    """Which imported report told of a commit, and what it said otherwise than a report written from the record would.

    `file` is the document's name and `line` where it begins to tell of the commit, from 1; `day` is the report's day.
    `place` counts among the report's commits from 0, and `row_place` among the rows of its table, None where it is the
    same. `row` (empty where the table has none), `head` (heading, address and message) and `tail` (what follows the
    analysis) are letter for letter, None where they are as they would be written; of the second format, `form` 2,
    head and tail are not kept. `by_git` says that git knows the commit, and its facts are git's; the report's own stand
    until then.
    """

    form: Literal[1, 2] = 1
    file: str
    line: Annotated[int, Field(ge=1)]
    day: date
    place: Count
    row_place: Count | None = None
    row: str | None = None
    head: str | None = None
    tail: str | None = None
    by_git: bool = False


class LooseText(RecordModel):
    """Text of a report's table that is no commit's: it stands before the row number `before`, counted from 0."""

    before: Count
    text: str


class ReportedDay(RecordModel):
    """What an imported report says of a repository's day beside its commits, letter for letter.

    `place` is the repository's among those of its document. `head` goes before the table's first row, `middle` between
    its last row and the first analysis; each is None where it is as it would be written.
    """

    file: str
    place: Count = 0
    head: str | None = None
    middle: str | None = None
    loose: tuple[LooseText, ...] = ()
