"""Define the account of an import: each document that was read, what came of it, and what was not understood.

This module must not touch the disk; it says what a valid account is. It holds no clock, so that importing the same
documents again gives the same bytes.
"""

from __future__ import annotations

import hashlib
import json
from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from generator.errors import ArchiveError
from generator.record_base import Count
from generator.records import SCHEMA

# Of one document; its counts tell of all.
MOST_NOTES = 200
_LONGEST_DETAIL = 200
_RESTORE = "Move it away and import the documents again."


class Trouble(StrEnum):
    """What a report's reader did not understand, or had to leave out."""

    NOT_UTF8 = "not-utf8"  # bytes that are no text
    NO_DAY = "no-day"  # neither the title nor the file's name says which day it is of
    NOTHING = "nothing"  # no repository in it
    NO_NAME = "no-name"  # of which repository it tells is not said, or is no name
    ROW_ALONE = "row-alone"  # a row of the table that no analysis belongs to: its commit's SHA is not known
    NO_ROW = "no-row"  # a commit that the table does not list: who wrote it and when is not known
    NO_SHA = "no-sha"  # an analysis whose commit's whole SHA is not there
    TWICE = "twice"  # a commit that was told of before
    NO_ANALYSIS = "no-analysis"  # nothing is said of the commit
    FAILED = "failed"  # the report says that there is no analysis
    NO_FIELDS = "no-fields"  # an analysis without any heading that is known: its text is kept as it is
    SOME_FIELDS = "some-fields"  # headings that are missing; the others are in fields
    OTHER_DAY = "other-day"  # by git, it landed on another day than the report's
    NOT_ON_BRANCH = "not-on-branch"  # git does not know it on the tracked branch
    KEPT = "kept"  # the archive has an analysis by a model already, or one of an earlier report
    DIFFERS = "differs"  # an export does not give the document back letter for letter


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Note(_Model):
    """One thing that was not understood, or left out, and where; `line` counts from 1, `detail` is plain text."""

    line: Annotated[int, Field(ge=1)]
    trouble: Trouble
    detail: str = ""


class ImportedFile(_Model):
    """One document. `sha256` is that of its bytes; `day` is None where nobody can say it.

    `commits` have a whole SHA; `in_fields` of their analyses could be read into fields, `failed` say that there is no
    analysis. `notes` are at most `MOST_NOTES`, `troubles` count all.
    """

    file: str
    sha256: str
    day: date | None = None
    repositories: tuple[str, ...] = ()
    rows: Count = 0
    commits: Count = 0
    in_fields: Count = 0
    failed: Count = 0
    troubles: dict[Trouble, Count] = {}
    notes: tuple[Note, ...] = ()


class ImportRecord(_Model):
    """All documents that were imported into the archive, by their name."""

    version: Literal[1] = SCHEMA
    files: tuple[ImportedFile, ...] = ()


def make_note(line: int, trouble: Trouble, detail: str = "") -> Note:
    """Make a note; a detail may be cut."""
    return Note(line=line, trouble=trouble, detail=detail[:_LONGEST_DETAIL])


def render_account(record: ImportRecord) -> bytes:
    """Write the account as the bytes that stand on disk, its `sha256` over all other fields included."""
    fields = record.model_dump(mode="json", exclude_none=True)
    fields["sha256"] = _digest(fields)
    lines = ",\n".join(json.dumps(file, ensure_ascii=False, sort_keys=True) for file in fields["files"])
    listed = f"[\n{lines}\n]" if lines else "[]"
    head = f'{{\n"files": {listed},\n"sha256": {json.dumps(fields["sha256"])},\n"version": {fields["version"]}\n}}\n'
    return head.encode()


def parse_account(content: bytes, place: str) -> ImportRecord:
    """Read an account back; raises ArchiveError naming `place`."""
    try:
        fields = json.loads(content)
        digest = fields.pop("sha256", None)
        record = ImportRecord.model_validate(fields)
    except (ValueError, AttributeError, ValidationError):
        raise ArchiveError(f"{place}: is no account of an import", _RESTORE) from None
    if digest != _digest(fields) or render_account(record) != content:
        raise ArchiveError(
            f"{place}: the content is not what was written: its sha256 does not agree", _RESTORE
        )
    return record


def _digest(fields: dict[str, object]) -> str:
    return hashlib.sha256(json.dumps(fields, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
