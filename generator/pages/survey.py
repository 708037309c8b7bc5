"""Gather from the whole archive the little that pages must know of each other.

This module must not render anything. It reads one day record at a time and keeps a few hundred bytes of each,
and 20 bytes of each commit, so that an archive of any size can be surveyed.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import Enum, auto
from typing import NamedTuple, Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from generator.errors import ArchiveError
from generator.hosts import WebLinks, web_links
from generator.pages.bills import Bill, add_bills, find_bills
from generator.pages.markup import cut
from generator.pages.page import LONGEST_TITLE
from generator.records import (
    ACROSS,
    Commit,
    DayRecord,
    DigestRecord,
    Importance,
    Outcome,
    Reason,
    RepositoryRecord,
)


class ArchiveView(Protocol):
    """What pages are made from; the archive on disk is one."""

    def repositories(self) -> tuple[RepositoryRecord, ...]:
        """Read all repository records, by name."""

    def days(self, name: str) -> tuple[date, ...]:
        """List the days of a repository that have a day record, ascending."""

    def read_day(self, name: str, day: date) -> DayRecord:
        """Read one day record."""

    def find_digest(self, scope: str, period: str) -> DigestRecord | None:
        """Read the digest of a day such as `2026-01-06` or a month such as `2026-01`; None when there is none."""


@dataclass(frozen=True, slots=True)
class CommitRef:
    """A commit as another page names it."""

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

    def __add__(self, other: Counts) -> Counts:
        return Counts(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))


def add_counts(counts: Iterable[Counts]) -> Counts:
    """Add up counts."""
    return sum(counts, Counts())


class Missing(NamedTuple):
    """Why so many analyses of one outcome are not there."""

    outcome: Outcome
    reason: Reason
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DaySummary:
    """What other pages say of one repository's day; `missing` has the most frequent reason first."""

    day: date
    counts: Counts
    missing: tuple[Missing, ...]
    bills: tuple[Bill, ...]
    amended: bool
    gone: tuple[CommitRef, ...]
    first: CommitRef
    last: CommitRef


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestSummary:
    """What a model had to do with one digest; `period` is a day such as `2026-01-06` or a month such as `2026-01`."""

    period: str
    bills: tuple[Bill, ...]
    reason: Reason | None


class Standing(Enum):
    """What is known of a repository's day: a day without commits is never taken for one nobody looked at."""

    COMMITS = auto()
    NO_COMMITS = auto()
    COULD_NOT_LOOK = auto()
    NOT_LOOKED_AT = auto()
    BEFORE_ARCHIVE = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """One repository of the archive: its record, its days in brief, and which commits have a page."""

    record: RepositoryRecord
    days: tuple[DaySummary, ...]
    archived: frozenset[bytes]
    links: WebLinks
    zone: ZoneInfo

    @property
    def name(self) -> str:
        """The repository's name, which is also the folder its pages stand in."""
        return self.record.repository

    @property
    def dates(self) -> list[date]:
        """The days with commits, ascending."""
        return [summary.day for summary in self.days]

    @property
    def counts(self) -> Counts:
        """All commits of the repository."""
        return add_counts(summary.counts for summary in self.days)

    def is_archived(self, sha: str) -> bool:
        """Say whether a commit has a page here."""
        return bytes.fromhex(sha) in self.archived

    def find_day(self, day: date) -> DaySummary | None:
        """Find a day in brief; None when it has no record."""
        place = bisect_left(self.days, day, key=lambda summary: summary.day)
        return self.days[place] if place < len(self.days) and self.days[place].day == day else None

    def find_days(self, first: date, last: date) -> tuple[DaySummary, ...]:
        """Find the days in brief from `first` to `last`, both included."""
        start = bisect_left(self.days, first, key=lambda summary: summary.day)
        end = bisect_right(self.days, last, key=lambda summary: summary.day)
        return self.days[start:end]

    def find_beside(self, day: date) -> tuple[CommitRef | None, CommitRef | None]:
        """Find the last commit before a day with commits, and the first one after it."""
        place = bisect_left(self.days, day, key=lambda summary: summary.day)
        before = self.days[place - 1].last if place else None
        after = self.days[place + 1].first if place + 1 < len(self.days) else None
        return before, after

    def find_standing(self, day: date) -> Standing:
        """Find what is known of a day."""
        if self.find_day(day):
            return Standing.COMMITS
        if any(run.first <= day <= run.last for run in self.record.covered):
            return Standing.NO_COMMITS
        failure = self.record.failure
        if failure and failure.since <= day:
            return Standing.COULD_NOT_LOOK
        return Standing.BEFORE_ARCHIVE if day < self._find_start() else Standing.NOT_LOOKED_AT

    def _find_start(self) -> date:
        """Find the day the archive of this repository begins; a first look that failed is a beginning too."""
        starts = [run.first for run in self.record.covered] + [summary.day for summary in self.days[:1]]
        starts += [self.record.failure.since] if self.record.failure else []
        return min(starts, default=date.min)


def survey_archive(archive: ArchiveView) -> tuple[Shelf, ...]:
    """Read every record once.

    Raises ArchiveError where a record is damaged.
    """
    return tuple(_survey_repository(archive, record) for record in archive.repositories())


def _survey_repository(archive: ArchiveView, record: RepositoryRecord) -> Shelf:
    archived: set[bytes] = set()
    days = []
    for day in archive.days(record.repository):
        day_record = archive.read_day(record.repository, day)
        archived.update(bytes.fromhex(commit.sha) for commit in day_record.commits)
        days.append(_summarise(day_record))
    return Shelf(
        record=record,
        days=tuple(days),
        archived=frozenset(archived),
        links=web_links(record.web),
        zone=_find_zone(record),
    )


def survey_digests(archive: ArchiveView, shelves: Iterable[Shelf]) -> tuple[DigestSummary, ...]:
    """Read every digest once, and keep of those that a model was asked for, or should have been, what it cost.

    Raises ArchiveError where a digest is damaged.
    """
    days = {shelf.name: shelf.dates for shelf in shelves}
    across = {ACROSS: sorted({day for own in days.values() for day in own})}
    found = (
        archive.find_digest(scope, period)
        for scope, own in (days | across).items()
        for period in _find_periods(own)
    )
    summaries = (_summarise_digest(digest) for digest in found if digest)
    return tuple(summary for summary in summaries if summary.bills or summary.reason)


def _find_periods(days: Iterable[date]) -> Iterator[str]:
    """Name days in ascending order, and their months."""
    periods = [day.isoformat() for day in days]
    yield from periods
    yield from dict.fromkeys(period[:7] for period in periods)


def _summarise_digest(digest: DigestRecord) -> DigestSummary:
    return DigestSummary(period=digest.period, bills=add_bills(find_bills(digest)), reason=digest.reason)


def _find_zone(record: RepositoryRecord) -> ZoneInfo:
    try:
        return ZoneInfo(record.timezone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        fact = f"{record.repository}: timezone {record.timezone!r} is not known on this machine"
        raise ArchiveError(fact, "Install the time zone data (`pip install tzdata`).") from error


def _summarise(record: DayRecord) -> DaySummary:
    """Keep of a day record what other pages need."""
    return DaySummary(
        day=record.day,
        counts=_count(record),
        missing=_find_missing(record),
        bills=add_bills(bill for commit in record.commits for bill in find_bills(commit.analysis)),
        amended=record.amended,
        gone=tuple(refer(commit) for commit in record.commits if commit.gone),
        first=refer(record.commits[0]),
        last=refer(record.commits[-1]),
    )


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


def _find_missing(record: DayRecord) -> tuple[Missing, ...]:
    analyses = (commit.analysis for commit in record.commits)
    numbers = Counter((analysis.outcome, analysis.reason) for analysis in analyses if analysis.reason)
    missing = [Missing(outcome, reason, number) for (outcome, reason), number in numbers.items() if reason]
    return tuple(sorted(missing, key=lambda found: (-found.number, found.reason)))


def refer(commit: Commit) -> CommitRef:
    """Name a commit as another page does."""
    return CommitRef(commit.sha, cut(commit.subject, LONGEST_TITLE))
