"""Define what the archive remembers: day records, repository records, and the words they are written in.

This module must not touch the disk, git, a model or a page; it only says what a valid record is.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Final, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from generator.record_additions import Contradiction, FileDiff, Grounding, Related
from generator.record_base import Count, RecordModel, Sha
from generator.record_reports import Reported, ReportedDay

SCHEMA: Final = 1
# The scope of what looks across repositories; every other scope is a repository's name, and none is called so.
ACROSS: Final = "days"

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


class Reason(StrEnum):
    """Why there is no analysis by a model, where one was wanted."""

    # Pending: the next run asks.
    WAITING = "waiting"  # not asked yet
    BUDGET = "budget"  # the day's budget was spent
    STOPPED = "stopped"  # no model was left to ask: each refused the key or did not answer
    NO_KEY = "no-key"  # the key is not in the environment
    KEY_REFUSED = "key-refused"
    BATCH = "batch"  # handed in, the answer is still to come
    UNREADABLE = "unreadable"  # the commit's content could not be fetched again
    # Failed: a model was asked, and gave nothing usable.
    NO_ANSWER = "no-answer"
    CUT = "cut"
    EMPTY = "empty"
    INVALID = "invalid"
    WRONG_LANGUAGE = "wrong-language"
    TOO_LARGE = "too-large"
    INCOMPLETE = "incomplete"
    REFUSED = "refused"
    FILTERED = "filtered"  # refused by the provider, not by the model


class Nature(StrEnum):
    """What a commit changes by itself, against its first parent."""

    CHANGE = "change"
    MERGE = "merge"  # brings other commits in and adds nothing of its own
    EMPTY = "empty"  # the same tree as its parent
    MODE = "mode"  # file modes only
    SUBMODULE = "submodule"  # submodule pointers only


class Signature(RecordModel):
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


class Trailer(RecordModel):
    """One `Key: value` line of the message's last paragraph, as git-interpret-trailers(1) reads it."""

    key: str
    value: str


class FileChange(RecordModel):
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


class Redaction(RecordModel):
    """Where a secret was replaced before anything else was done with the commit; what it was is kept nowhere.

    `path` is None in the message. `line` counts from 1, in the new file for an added line and in the old one for a
    removed line; in the message it counts from the subject.
    """

    path: str | None = None
    line: Annotated[int, Field(ge=1)]
    sort: str


class Totals(RecordModel):
    """Sums over all changed files, also over those that `Facts.files` leaves out."""

    files: Count
    insertions: Count
    deletions: Count


class Facts(RecordModel):
    """What git says of one commit.

    `files` holds at most `MOST_FILES`; `totals` counts all of them.
    `encoding_note` is set when the message was not valid in its declared encoding, or too long: how it was read.
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
    redactions: tuple[Redaction, ...] = ()


# GitHub's own interface lists no more files of one commit (REST, "Get a commit").
MOST_FILES = 3000


class Impact(RecordModel):
    """One place a commit touches: a path of the commit, or a component named by its paths or title."""

    path: str | None = None
    component: str | None = None
    note: str

    @model_validator(mode="after")
    def _check_place(self) -> Self:
        if (self.path is None) == (self.component is None):
            raise ValueError("exactly one of path and component is needed")
        return self


class Insight(RecordModel):
    """What the change means for three concerns; None says "none"."""

    architecture: str | None = None
    performance: str | None = None
    security: str | None = None


class Breaking(RecordModel):
    """Whether users of the repository must act, with the words or facts that say so."""

    answer: Literal["yes", "no", "unclear"]
    evidence: str | None = None


class Tokens(RecordModel):
    """What was sent and what was written, reasoning included, in the provider's own unit."""

    prompt: Count
    completion: Count


class Trial(RecordModel):
    """What was spent on an analysis that has not come about, over all runs.

    `runs` counts those that asked in vain; `model` and `version` (of the prompt) are the last ones asked.
    `cost` is in US dollars, None where no price is known.
    """

    runs: Count
    model: str
    version: str
    calls: Count
    tokens: Tokens
    cost: float | None = None


class Provenance(RecordModel):
    """Who wrote an analysis and from what.

    `version` is the version of the prompt or of the rules. `share_read` is the share of the diff's lines that
    the writer saw, 0 to 1. `written` is UTC, None for the rules, which have no clock. Of what a `report` said nobody
    knows which model wrote it or what it saw: its share is 0.
    `calls`, `tokens` and `cost` are all that was spent on it, calls in vain and chunks included; `cost` is in US
    dollars, None where no price is known.
    """

    writer: Literal["rules", "model", "report"]
    version: str
    language: Language
    share_read: Annotated[float, Field(ge=0, le=1)]
    model: str | None = None
    calls: Count | None = None
    tokens: Tokens | None = None
    cost: float | None = None
    written: datetime | None = None


class Analysis(RecordModel):
    """What is said of one commit. All text is plain text in `provenance.language`, never markup.

    `detail` adds to `reason` what a program said, such as `HTTP 403`; it never holds a server's own words, which
    may quote a key. `trial` is set where a model was asked in vain. `original` is what an imported report says of the
    commit, letter for letter but for its secrets: Markdown of unknown writers, also where it only says that there is
    no analysis.
    """

    outcome: Outcome
    reason: Reason | None = None
    detail: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9 ._-]{1,80}$")] | None = None
    trial: Trial | None = None
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
    contradictions: tuple[Contradiction, ...] = ()
    original: str | None = None


class Commit(Facts):
    """One commit of a day record: git's facts, where it landed, and what is said of it.

    `landed` is the UTC moment its landing commit gives the whole group.
    `gone` marks a commit that a force-push removed from the tracked branch after it was archived.
    `diff` is kept where it is small, one entry a file with changed lines; None where it is not, or never was.
    `related` is None where nothing is.
    `reported` is set where an imported report told of it.
    """

    landing_sha: Sha
    landed: datetime
    reverted_by: tuple[Sha, ...] = ()
    gone: bool = False
    diff: tuple[FileDiff, ...] | None = None
    related: Related | None = None
    analysis: Analysis
    reported: Reported | None = None

    @property
    def is_only_told(self) -> bool:
        """Whether only a report knows of it: its facts are the report's, and where it landed is not known."""
        return self.reported is not None and not self.reported.by_git


class Account(RecordModel):
    """How complete a day is, in commits. found = analysed + pending + failed + refused + skipped."""

    found: Count
    analysed: Count
    pending: Count
    failed: Count
    refused: Count
    skipped: Count
    gone: Count


class Span(RecordModel):
    """The half-open UTC span [start, end) of a day."""

    start: datetime
    end: datetime


class Tips(RecordModel):
    """The mainline around a day: `after` is its last landing commit, `before` the first one's first parent."""

    before: Sha | None = None
    after: Sha


class DayRecord(RecordModel):
    """One repository's landing day: the archive's authority, from which all pages are made.

    `commits` stand in landing order: mainline order, and within one landing parents before children.
    `amended` says that something landed here although the mainline already had commits of a later day.
    `report` is set where a report of the day was imported.
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
    report: ReportedDay | None = None

    @model_validator(mode="after")
    def _check_account(self) -> Self:
        if self.account != count_commits(self.commits):
            raise ValueError("account does not agree with the commits")
        if len({commit.sha for commit in self.commits}) != len(self.commits):
            raise ValueError("a commit stands here twice")
        return self


class Mention(RecordModel):
    """One commit that a line of a digest stands on."""

    repository: str
    sha: Sha


class DigestLine(RecordModel):
    """One thing that matters, in one or two sentences of plain text, and the commits that say so."""

    text: str
    commits: Annotated[tuple[Mention, ...], Field(min_length=1)]


class DigestRecord(RecordModel):
    """What matters in a day or a month, of one repository or across all, in three to seven lines.

    `scope` is a repository's name, or `days` across repositories; `period` is a day such as `2026-01-06` or a month
    such as `2026-01`. `basis` is the SHA-256 of all that the lines were made from: where it differs, they are stale.
    `outcome` is that of the model's digest, `ok` where none was wanted; until it is there the lines are the rules'.
    """

    version: Literal[1] = SCHEMA
    scope: str
    period: Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}(?:-\d{2})?$")]
    basis: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    outcome: Outcome
    reason: Reason | None = None
    detail: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9 ._-]{1,80}$")] | None = None
    trial: Trial | None = None
    lines: tuple[DigestLine, ...]
    provenance: Provenance


class Failure(RecordModel):
    """Why a repository could not be looked at, and since which day."""

    since: date
    reason: str


class Covered(RecordModel):
    """A run of days, both ends included, whose landings are all in the archive."""

    first: date
    last: date


class RepositoryRecord(RecordModel):
    """What the archive knows of one repository: where it stands and which days it has looked at.

    `tip` is the archived tip, `tip_landed` the UTC moment its landing was given, `newest_day` the latest day on the
    mainline up to it, and `branch` the branch it is the tip of; all are None until the repository was looked at.
    `writing` is the tip whose days are being written: set while a run works, and after one was cut short.
    `gone_tips` are former tips that a force-push removed.
    A day inside `covered` without a day record had no commits; a day outside it has not been looked at.
    `whole` says that every commit reachable from `tip` is archived.
    `web` is the address of the repository's pages on a hosting service, None where it has none.
    `imported` are days whose commits were told by reports alone and are to be joined with git's facts; None where
    there are none. `empty_reports` are days of which a report has no commits and does not say why.
    `releases_failure` says why its releases could not be looked at though the repository could.
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
    imported: tuple[date, ...] | None = None
    empty_reports: tuple[date, ...] | None = None
    releases_failure: Failure | None = None


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
