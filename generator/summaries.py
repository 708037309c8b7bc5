"""Define what is kept of a record for those who must not read it again: the other pages, the status, the digests.

This module must not read a file. A summary follows from its record alone, so it can be made again at any time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from operator import attrgetter

from generator.bills import Bill, add_bills, find_bills
from generator.records import Analysis, Commit, DayRecord, DigestRecord, Importance, Outcome, Reason
from generator.release_records import ReleaseRecord

# Longer than what any page shows of a subject in a line.
_LONGEST_SUBJECT = 400


@dataclass(frozen=True, slots=True)
class CommitRef:
    """A commit as another page names it; `subject` is plain text and may be cut."""

    sha: str
    subject: str


@dataclass(frozen=True, slots=True)
class Counts:
    """Commits by importance, by outcome, and how many of them left the branch."""

    high: int = 0
    medium: int = 0
    low: int = 0
    analysed: int = 0
    pending: int = 0
    failed: int = 0
    refused: int = 0
    skipped: int = 0
    gone: int = 0

    @property
    def commits(self) -> int:
        """All of them."""
        return self.high + self.medium + self.low

    @property
    def incomplete(self) -> int:
        """Those whose analysis is still to come or went wrong; nobody has to do anything about a refused one."""
        return self.pending + self.failed


_read_fields = attrgetter(*Counts.__match_args__)


def add_counts(counts: Iterable[Counts]) -> Counts:
    """Add up counts."""
    # Field by field: the counts of all days are added up again and again.
    return Counts(*map(sum, zip(*map(_read_fields, counts), strict=True)))


@dataclass(frozen=True, slots=True)
class MissingAnalyses:
    """So many analyses of one outcome that are not there for one reason.

    `runs` and `version` (of the prompt) are those of their trial: how often they were asked about in vain; 0 and
    empty where they never were.
    """

    outcome: Outcome
    reason: Reason
    runs: int
    version: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DaySummary:
    """What is kept of one repository's day; `missing` has the most frequent first.

    `record` is the SHA-256 of the day record's bytes, in hexadecimal: it changes whenever the record does.
    """

    day: date
    record: str
    counts: Counts
    missing: tuple[MissingAnalyses, ...]
    bills: tuple[Bill, ...]
    amended: bool
    gone: tuple[CommitRef, ...]
    first: CommitRef
    last: CommitRef


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestSummary:
    """What is kept of one digest; `period` is a day such as `2026-01-06` or a month such as `2026-01`.

    `record` is the SHA-256 of the digest record's bytes, in hexadecimal. `runs` and `version` are those of its trial,
    as in `MissingAnalyses`.
    """

    period: str
    record: str
    outcome: Outcome
    reason: Reason | None
    runs: int
    version: str
    bills: tuple[Bill, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseSummary:
    """What is kept of one release; `days` are those on which its archived commits landed.

    `record` is the SHA-256 of the release record's bytes, in hexadecimal.
    """

    file: str
    tag: str
    sha: str
    record: str
    committed: datetime | None
    is_prerelease: bool
    previous: str | None
    total: int
    archived: int
    days: tuple[date, ...]
    gone: bool


def summarise_release(record: ReleaseRecord, digest: str) -> ReleaseSummary:
    """Keep of a release record what others need; `digest` is the SHA-256 of its bytes."""
    return ReleaseSummary(
        file=record.file,
        tag=record.tag,
        sha=record.sha,
        record=digest,
        committed=record.committed,
        is_prerelease=record.is_prerelease,
        previous=record.previous.tag if record.previous else None,
        total=record.total,
        archived=record.archived,
        days=tuple(day.day for day in record.days),
        gone=record.gone,
    )


def summarise_day(record: DayRecord, digest: str) -> DaySummary:
    """Keep of a day record what others need; `digest` is the SHA-256 of its bytes."""
    return DaySummary(
        day=record.day,
        record=digest,
        counts=_count(record),
        missing=_find_missing(record),
        bills=add_bills(bill for commit in record.commits for bill in find_bills(commit.analysis)),
        amended=record.amended,
        gone=tuple(refer(commit) for commit in record.commits if commit.gone),
        first=refer(record.commits[0]),
        last=refer(record.commits[-1]),
    )


def summarise_digest(record: DigestRecord, digest: str) -> DigestSummary:
    """Keep of a digest record what others need; `digest` is the SHA-256 of its bytes."""
    return DigestSummary(
        period=record.period,
        record=digest,
        outcome=record.outcome,
        reason=record.reason,
        runs=record.trial.runs if record.trial else 0,
        version=record.trial.version if record.trial else "",
        bills=add_bills(find_bills(record)),
    )


def refer(commit: Commit) -> CommitRef:
    """Name a commit as another page does."""
    return CommitRef(commit.sha, commit.subject[:_LONGEST_SUBJECT])


def _count(record: DayRecord) -> Counts:
    importance = [commit.analysis.importance for commit in record.commits]
    account = record.account
    return Counts(
        high=importance.count(Importance.HIGH),
        medium=importance.count(Importance.MEDIUM),
        low=importance.count(Importance.LOW),
        analysed=account.analysed,
        pending=account.pending,
        failed=account.failed,
        refused=account.refused,
        skipped=account.skipped,
        gone=account.gone,
    )


def _find_missing(record: DayRecord) -> tuple[MissingAnalyses, ...]:
    numbers = Counter(_explain(commit.analysis) for commit in record.commits if commit.analysis.reason)
    return _sort_missing(numbers)


def _explain(analysis: Analysis) -> tuple[Outcome, Reason, int, str]:
    assert analysis.reason is not None  # only those are asked about
    trial = analysis.trial
    return (
        analysis.outcome,
        analysis.reason,
        trial.runs if trial else 0,
        trial.version if trial else "",
    )


def _sort_missing(numbers: Mapping[tuple[Outcome, Reason, int, str], int]) -> tuple[MissingAnalyses, ...]:
    missing = [MissingAnalyses(*why, number) for why, number in numbers.items()]
    return tuple(sorted(missing, key=lambda found: (-found.number, found.reason, found.runs, found.version)))
