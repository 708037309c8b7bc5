"""Define what the archive remembers of a release.

This module must not touch the disk, git or a page; it only says what a valid record is.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from generator.record_base import Count, RecordModel, Sha
from generator.records import SCHEMA


class TagRef(RecordModel):
    """A tag, and the commit it pointed at."""

    tag: str
    sha: Sha


class ReleaseDay(RecordModel):
    """The archived commits of a release that landed on one day, in the release's order."""

    day: date
    commits: Annotated[tuple[Sha, ...], Field(min_length=1)]


# Of a history of any length, the newest: a record is to stay small.
MOST_RELEASED, MOST_UNARCHIVED = 3000, 500


class ReleaseRecord(RecordModel):
    """One release: a tag, the commit it points at, and what that has which the release before has not.

    `file` is the name of the record and of its page, which is the tag where that can be an address. `committed` is the
    UTC moment of the commit's own committer date, None where no calendar holds it. `previous` is the release before,
    None where nothing came before. `total` counts all commits; `days` hold those that are archived, at most
    `MOST_RELEASED`, `unarchived` others, at most `MOST_UNARCHIVED`, the newest first. `archived` counts the former
    all. `former` are commits that the tag pointed at before it was moved; `gone` says that the remote has no such tag
    any more.
    """

    version: Literal[1] = SCHEMA
    repository: str
    file: str
    tag: str
    sha: Sha
    committed: datetime | None = None
    is_prerelease: bool
    previous: TagRef | None = None
    total: Count
    archived: Count
    days: tuple[ReleaseDay, ...] = ()
    unarchived: tuple[Sha, ...] = ()
    former: tuple[Sha, ...] = ()
    gone: bool = False
