"""Gather from the whole archive the little that pages must know of each other.

This module must not render anything, and must not read a day record: of each, its summary is enough.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum, auto
from functools import cached_property
from typing import Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from generator.errors import ArchiveError
from generator.headlines import Headline
from generator.hosts import WebLinks, web_links
from generator.imports import ImportRecord
from generator.records import DayRecord, DigestRecord, RepositoryRecord
from generator.release_records import ReleaseRecord
from generator.summaries import CommitRef, Counts, DaySummary, DigestSummary, ReleaseSummary, add_counts
from generator.tallies import Tallies

# Says of a repository's name and a SHA whether the commit is archived.
AskArchived = Callable[[str, str], bool]


class ArchiveView(Protocol):
    """What pages are made from; the archive on disk is one."""

    def repositories(self) -> tuple[RepositoryRecord, ...]:
        """Read all repository records, by name."""

    def summaries(self, name: str) -> tuple[DaySummary, ...]:
        """Summarise the days of a repository that have a day record, ascending."""

    def read_day(self, name: str, day: date) -> DayRecord:
        """Read one day record."""

    def digest_summaries(self, scope: str) -> Mapping[str, DigestSummary]:
        """Summarise all digests of a scope, by the day or month they are of, ascending."""

    def find_digest(self, scope: str, period: str) -> DigestRecord | None:
        """Read the digest of a day such as `2026-01-06` or a month such as `2026-01`; None when there is none."""

    def is_archived(self, name: str, sha: str) -> bool:
        """Say whether a commit of a repository is in one of its day records."""

    def find_import(self) -> ImportRecord | None:
        """Read the account of what was imported; None where nothing was."""

    def headlines(self, name: str, first: date, last: date) -> tuple[Headline, ...]:
        """Read what lists tell of a repository's commits of the days from `first` to `last`, in landing order."""

    def headlines_touching(
        self, name: str, first: date, last: date, is_touched: Callable[[str], bool]
    ) -> tuple[Headline, ...]:
        """Read what lists tell of those commits of these days that change a path of which `is_touched` is true."""

    def find_headlines(self, name: str, shas: Sequence[str]) -> Mapping[str, Headline]:
        """Find what lists tell of commits, by SHA; those that are not archived are left out."""

    def release_summaries(self, name: str) -> tuple[ReleaseSummary, ...]:
        """Summarise all releases of a repository, by their files' names."""

    def find_release(self, name: str, file: str) -> ReleaseRecord | None:
        """Read the record of a release by its file's name; None where there is none."""

    def tallies(self, name: str, first: date, last: date) -> Tallies:
        """Add up what is counted of a repository's days from `first` to `last`."""


class Standing(Enum):
    """What is known of a repository's day: a day without commits is never taken for one nobody looked at."""

    COMMITS = auto()
    NO_COMMITS = auto()
    COULD_NOT_LOOK = auto()
    NOT_LOOKED_AT = auto()
    BEFORE_ARCHIVE = auto()


@dataclass(frozen=True, kw_only=True)
class Shelf:
    """One repository of the archive: its record, its days and releases in brief, the globs of its watched paths."""

    record: RepositoryRecord
    days: tuple[DaySummary, ...]
    links: WebLinks
    zone: ZoneInfo
    ask: AskArchived
    watch: tuple[str, ...] = ()
    releases: tuple[ReleaseSummary, ...] = ()

    @property
    def name(self) -> str:
        """The repository's name, which is also the folder its pages stand in."""
        return self.record.repository

    @cached_property
    def dates(self) -> list[date]:
        """The days with commits, ascending."""
        return [summary.day for summary in self.days]

    @cached_property
    def counts(self) -> Counts:
        """All commits of the repository."""
        return add_counts(summary.counts for summary in self.days)

    def is_archived(self, sha: str) -> bool:
        """Say whether a commit has a page here."""
        return self.ask(self.name, sha)

    @property
    def tells_of_releases(self) -> bool:
        """Whether there is anything to tell of releases: some, or that they could not be looked at."""
        return bool(self.releases or self.record.releases_failure)

    def find_day(self, day: date) -> DaySummary | None:
        """Find a day in brief; None when it has no record."""
        place = bisect_left(self.dates, day)
        return self.days[place] if place < len(self.days) and self.days[place].day == day else None

    def find_days(self, first: date, last: date) -> tuple[DaySummary, ...]:
        """Find the days in brief from `first` to `last`, both included."""
        start, end = bisect_left(self.dates, first), bisect_right(self.dates, last)
        return self.days[start:end]

    def find_beside(self, day: date) -> tuple[CommitRef | None, CommitRef | None]:
        """Find the last commit before a day with commits, and the first one after it."""
        place = bisect_left(self.dates, day)
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


def describe(shelf: Shelf) -> tuple[object, ...]:
    """Say what every page that tells of a repository shows or computes with."""
    return shelf.name, shelf.record.web, shelf.record.timezone, shelf.record.branch


def survey_archive(
    archive: ArchiveView, ask: AskArchived, watch: Mapping[str, tuple[str, ...]] | None = None
) -> tuple[Shelf, ...]:
    """Put every repository on its shelf; `ask` is asked whether a commit has a page.

    `watch` are the globs of watched paths, by a repository's name. Raises ArchiveError where a record is damaged.
    """
    return tuple(
        Shelf(
            record=record,
            days=archive.summaries(record.repository),
            links=web_links(record.web),
            zone=_find_zone(record),
            ask=ask,
            watch=(watch or {}).get(record.repository, ()),
            releases=archive.release_summaries(record.repository),
        )
        for record in archive.repositories()
    )


def _find_zone(record: RepositoryRecord) -> ZoneInfo:
    try:
        return ZoneInfo(record.timezone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        fact = f"{record.repository}: timezone {record.timezone!r} is not known on this machine"
        raise ArchiveError(fact, "Install the time zone data (`pip install tzdata`).") from error
