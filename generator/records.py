"""Define what the archive remembers: day records, repository records, and the words they are written in.

This module must not touch the disk, git, a model or a page; it only says what a valid record is.
The bytes of a record are a function of its content alone: sorted keys, UTF-8, one final newline.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, Final, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from generator.errors import ArchiveError

SCHEMA: Final = 1

Sha = Annotated[str, StringConstraints(pattern=r"^(?:[0-9a-f]{40}|[0-9a-f]{64})$")]
Count = Annotated[int, Field(ge=0)]
Language = Literal["zh", "en"]


class Kind(StrEnum):
    """What sort of change a commit is; one commit may be several."""

    FEATURE = "feature"
    FIX = "fix"
    PERFORMANCE = "performance"
    REFACTOR = "refactor"
    DOCS = "docs"
    TEST = "test"
    CONFIG = "config"
    DEPENDENCY = "dependency"
    CI = "ci"
    SECURITY = "security"
    REVERT = "revert"
    OTHER = "other"


class Importance(StrEnum):
    """How much a reader who follows the repository should care."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Outcome(StrEnum):
    """What became of the analysis that was asked for.

    `skipped` needs none (a clean merge, an empty commit); for `pending`, `failed` and `refused` the fields hold
    what the rules found, and `Analysis.reason` says why there is no more.
    """

    OK = "ok"
    PENDING = "pending"
    FAILED = "failed"
    REFUSED = "refused"
    SKIPPED = "skipped"


class Nature(StrEnum):
    """What a commit changes by itself, against its first parent."""

    CHANGE = "change"
    MERGE = "merge"  # brings other commits in and adds nothing of its own
    EMPTY = "empty"  # the same tree as its parent
    MODE = "mode"  # file modes only
    SUBMODULE = "submodule"  # submodule pointers only


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Signature(_Model):
    """Who wrote or committed, and when. E-mail addresses are not kept.

    `date` is ISO 8601 with the original offset, such as `2026-01-06T13:53:56+08:00`; where no calendar holds
    the date or no clock the offset, it is git's own text, such as `99999999999999 -51800`.
    """

    name: str
    date: str

    @property
    def moment(self) -> datetime | None:
        """The date as an aware datetime; None where `date` is git's own text."""
        try:
            return datetime.fromisoformat(self.date)
        except ValueError:
            return None


class Trailer(_Model):
    """One `Key: value` line of the message's last paragraph, as git-interpret-trailers(1) reads it."""

    key: str
    value: str


class FileChange(_Model):
    r"""One changed file, against the first parent.

    `status` is git's letter: A added, C copied, D deleted, M modified, R renamed, T type changed.
    `insertions` and `deletions` are lines, None where none are counted: for a binary file and for a submodule. In a
    merge only the lines that are in none of its parents count; the others are those of the commits it brought in.
    `old_mode` and `mode` are set only when the mode changed. Bytes of a path that are not UTF-8 stand as `\xNN`.
    """

    status: Literal["A", "C", "D", "M", "R", "T"]
    path: str
    old_path: str | None = None
    insertions: Count | None = None
    deletions: Count | None = None
    binary: bool = False
    submodule: bool = False
    old_mode: str | None = None
    mode: str | None = None


class Totals(_Model):
    """Sums over all changed files, also over those that `Facts.files` leaves out."""

    files: Count
    insertions: Count
    deletions: Count


class Facts(_Model):
    """What git says of one commit.

    `files` holds at most `MOST_FILES`; `totals` counts all of them.
    `encoding_note` is set when the message was not valid in its declared encoding, and says how it was read.
    `reverts` are the commits the message says it reverts; `reverts_pull_request` the pull request.
    """

    sha: Sha
    parents: tuple[Sha, ...]
    subject: str
    body: str
    trailers: tuple[Trailer, ...]
    author: Signature
    committer: Signature
    co_authors: tuple[str, ...]
    encoding_note: str | None = None
    nature: Nature
    files: tuple[FileChange, ...]
    totals: Totals
    pull_request: int | None = None
    issues: tuple[int, ...] = ()
    reverts: tuple[Sha, ...] = ()
    reverts_pull_request: int | None = None


# GitHub's own interface lists no more files of one commit (REST, "Get a commit").
MOST_FILES = 3000


class Impact(_Model):
    """One place a commit touches: a path of the commit, or a component named by its paths or title."""

    path: str | None = None
    component: str | None = None
    note: str

    @model_validator(mode="after")
    def _check_place(self) -> Self:
        if (self.path is None) == (self.component is None):
            raise ValueError("exactly one of path and component is needed")
        return self


class Insight(_Model):
    """What the change means for three concerns; None says "none"."""

    architecture: str | None = None
    performance: str | None = None
    security: str | None = None


class Breaking(_Model):
    """Whether users of the repository must act, with the words or facts that say so."""

    answer: Literal["yes", "no", "unclear"]
    evidence: str | None = None


class Tokens(_Model):
    """What one analysis cost in the provider's own unit."""

    prompt: Count
    completion: Count


class Provenance(_Model):
    """Who wrote an analysis and from what.

    `version` is the version of the prompt or of the rules. `share_read` is the share of the diff's lines that
    the writer saw, 0 to 1. `cost` is in US dollars. `written` is UTC, None for the rules, which have no clock.
    """

    writer: Literal["rules", "model"]
    version: str
    language: Language
    share_read: Annotated[float, Field(ge=0, le=1)]
    model: str | None = None
    tokens: Tokens | None = None
    cost: float | None = None
    written: datetime | None = None


class Grounding(_Model):
    """Claims of an analysis, checked against the commit."""

    confirmed: tuple[str, ...] = ()
    not_found: tuple[str, ...] = ()


class Analysis(_Model):
    """What is said of one commit. All text is plain text in `provenance.language`, never markup."""

    outcome: Outcome
    reason: str | None = None
    kinds: Annotated[tuple[Kind, ...], Field(min_length=1)]
    importance: Importance
    importance_reason: str
    summary: str
    impact: tuple[Impact, ...] = ()
    insight: Insight = Insight()
    risks: tuple[str, ...] = ()
    advice: tuple[str, ...] = ()
    breaking: Breaking
    provenance: Provenance
    grounding: Grounding = Grounding()


class Commit(Facts):
    """One commit of a day record: git's facts, where it landed, and what is said of it.

    `landed` is the UTC moment its landing commit gives the whole group.
    `gone` marks a commit that a force-push removed from the tracked branch after it was archived.
    """

    landing_sha: Sha
    landed: datetime
    reverted_by: tuple[Sha, ...] = ()
    gone: bool = False
    analysis: Analysis


class Account(_Model):
    """How complete a day is, in commits. found = analysed + pending + failed + refused + skipped."""

    found: Count
    analysed: Count
    pending: Count
    failed: Count
    refused: Count
    skipped: Count
    gone: Count


class Span(_Model):
    """The half-open UTC span [start, end) of a day."""

    start: datetime
    end: datetime


class Tips(_Model):
    """The mainline around a day: `after` is its last landing commit, `before` the first one's first parent."""

    before: Sha | None = None
    after: Sha


class DayRecord(_Model):
    """One repository's landing day: the archive's authority, from which all pages are made.

    `commits` stand in landing order: mainline order, and within one landing parents before children.
    `amended` says that something landed here although the mainline already had commits of a later day.
    """

    version: Literal[1] = SCHEMA
    repository: str
    branch: str
    day: date
    timezone: str
    window: Span
    tips: Tips
    amended: bool = False
    account: Account
    commits: Annotated[tuple[Commit, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _check_account(self) -> Self:
        if self.account != count_commits(self.commits):
            raise ValueError("account does not agree with the commits")
        if len({commit.sha for commit in self.commits}) != len(self.commits):
            raise ValueError("a commit stands here twice")
        return self


class Failure(_Model):
    """Why a repository could not be looked at, and since which day."""

    since: date
    reason: str


class Covered(_Model):
    """A run of days, both ends included, whose landings are all in the archive."""

    first: date
    last: date


class RepositoryRecord(_Model):
    """What the archive knows of one repository: where it stands and which days it has looked at.

    `tip` is the archived tip, `tip_landed` the UTC moment its landing was given, `newest_day` the latest day on the
    mainline up to it, and `branch` the branch it is the tip of; all are None until the repository was looked at.
    `writing` is the tip whose days are being written: set while a run works, and after one was cut short.
    `gone_tips` are former tips that a force-push removed.
    A day inside `covered` without a day record had no commits; a day outside it has not been looked at.
    `whole` says that every commit reachable from `tip` is archived.
    `web` is the address of the repository's pages on a hosting service, None where it has none.
    """

    version: Literal[1] = SCHEMA
    repository: str
    branch: str | None = None
    timezone: str
    web: str | None = None
    tip: Sha | None = None
    tip_landed: datetime | None = None
    newest_day: date | None = None
    writing: Sha | None = None
    gone_tips: tuple[Sha, ...] = ()
    covered: tuple[Covered, ...] = ()
    whole: bool = False
    failure: Failure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Patch:
    """The changed lines of one file as git prints them, from the first `@@` on.

    `complete` is False when the text was cut at a limit; counts in `FileChange` are never cut.
    """

    path: str
    text: str
    complete: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One commit as collected: its facts and its patches, before anything is said of it."""

    facts: Facts
    patches: tuple[Patch, ...] = ()


Record = TypeVar("Record", DayRecord, RepositoryRecord)


def count_commits(commits: Iterable[Commit]) -> Account:
    """Count the outcomes of a day's commits."""
    commits = tuple(commits)
    outcomes = [commit.analysis.outcome for commit in commits]
    return Account(
        found=len(commits),
        analysed=outcomes.count(Outcome.OK),
        pending=outcomes.count(Outcome.PENDING),
        failed=outcomes.count(Outcome.FAILED),
        refused=outcomes.count(Outcome.REFUSED),
        skipped=outcomes.count(Outcome.SKIPPED),
        gone=sum(commit.gone for commit in commits),
    )


def render_record(record: DayRecord | RepositoryRecord) -> bytes:
    """Write a record as the bytes that stand on disk, its `sha256` over all other fields included.

    A field that is None is left out.
    """
    fields = record.model_dump(mode="json", exclude_none=True)
    fields["sha256"] = _digest(fields)
    return _render_fields(fields)


def parse_record(kind: type[Record], content: bytes, place: str) -> Record:
    """Read a record back from its bytes, checking its shape and its digest.

    Raises ArchiveError naming `place` and the field.
    """
    fields = _parse_json(content, place)
    if "version" in fields and fields["version"] != SCHEMA:
        raise ArchiveError(
            f"{place}: version {fields['version']!r} is not one this Daybook reads",
            "Install a newer Daybook, or restore the file from the archive branch.",
        )
    # As bytes first: a changed blank or a doubled key leaves the digest of the fields as it was.
    is_as_written = _render_fields(fields) == content
    digest = fields.pop("sha256", None)
    if not is_as_written or digest != _digest(fields):
        raise ArchiveError(
            f"{place}: the content is not what was written: its sha256 does not agree", _RESTORE
        )
    try:
        return kind.model_validate(fields)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "record"
        raise ArchiveError(f"{place}: {where}: {first['msg']}", _RESTORE) from None


_RESTORE = "Restore the file from version control, or move it away and run `daybook backfill` for that day."


def _parse_json(content: bytes, place: str) -> dict[str, Any]:
    try:
        fields = json.loads(content)
    except ValueError as error:
        raise ArchiveError(f"{place}: not JSON: {error}", _RESTORE) from None
    if not isinstance(fields, dict):
        raise ArchiveError(f"{place}: not a JSON object", _RESTORE)
    return fields


def _digest(fields: dict[str, Any]) -> str:
    return hashlib.sha256(_render_json(fields).encode()).hexdigest()


def _render_fields(fields: dict[str, Any]) -> bytes:
    """Write one field a line, and one commit a line, so that two versions of a record can be compared by eye."""
    # Line by line, because Python's JSON writer is quick only where it does not indent.
    lines = [f"{_render_json(key)}: {_render_value(value)}" for key, value in sorted(fields.items())]
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode()


def _render_value(value: Any) -> str:
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return "[\n" + ",\n".join(map(_render_json, value)) + "\n]"
    return _render_json(value)


def _render_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
