"""Keep the records of days, digests and repositories under `docs/`, one JSON file each.

This module must not know how a record comes about or what a page looks like.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from generator.errors import ArchiveError
from generator.headlines import Headline
from generator.imports import ImportRecord
from generator.record_bytes import parse_record, render_record
from generator.records import Commit, DayRecord, DigestRecord, RepositoryRecord, count_commits
from generator.release_records import ReleaseRecord
from generator.store import relations, tables, tallying
from generator.store.account import read_account
from generator.store.files import read_existing, write_changed
from generator.store.index import Index
from generator.store.places import (
    Sort,
    find_leftovers,
    list_repositories,
    locate_repository,
    place_day,
    place_digest,
    place_release,
)
from generator.store.reading import name_file, parse_day, parse_digest, parse_release
from generator.summaries import DaySummary, DigestSummary, ReleaseSummary
from generator.tallies import Tallies


class Archive:
    """The records of one archive.

    Every read of a record checks the file's shape and digest and raises ArchiveError naming the file; every write is
    atomic and leaves a file alone that already holds the same bytes. What is asked of many records at once is answered
    by the records index, without reading them, and raises ArchiveError too where one of these records is damaged.
    A copy in another process has its own access to the index.
    """

    def __init__(self, docs: Path) -> None:
        self._docs = docs
        self._index = Index(docs)

    def __reduce__(self) -> tuple[Callable[[Path], Archive], tuple[Any, ...]]:
        return Archive, (self._docs,)

    def names(self) -> tuple[str, ...]:
        """Name the archived repositories, in alphabetical order."""
        return list_repositories(self._docs)

    def repositories(self) -> tuple[RepositoryRecord, ...]:
        """Read the records of all archived repositories, in the order of their names."""
        return tuple(record for name in self.names() if (record := self.find_repository(name)))

    def find_repository(self, name: str) -> RepositoryRecord | None:
        """Read the record of one repository; None when it was never archived."""
        path = locate_repository(self._docs, name)
        content = read_existing(path)
        if content is None:
            return None
        return parse_record(RepositoryRecord, content, name_file(self._docs, f"{name}/{path.name}"))

    def write_repository(self, record: RepositoryRecord) -> bool:
        """Write a repository record; say whether the file changed."""
        return write_changed(locate_repository(self._docs, record.repository), render_record(record))

    def days(self, name: str) -> tuple[date, ...]:
        """List the days of a repository that have a day record, ascending."""
        return tuple(self.day_hashes(name))

    def day_hashes(self, name: str) -> dict[date, str]:
        """Say of each day of a repository, ascending, what the SHA-256 of its record's bytes is, in hexadecimal."""
        found = self._index.ask(name, Sort.DAY, lambda index: tables.read_hashes(index, name, Sort.DAY))
        return {date.fromisoformat(day): digest for day, digest in found.items()}

    def summaries(self, name: str) -> tuple[DaySummary, ...]:
        """Summarise the days of a repository that have a day record, ascending."""
        return self._index.ask(name, Sort.DAY, lambda index: tables.read_days(index, name, is_open=False))

    def newest_days(self, name: str, number: int, *, is_high: bool = False) -> tuple[DaySummary, ...]:
        """Summarise so many of a repository's newest days, newest first; of those with high importance alone."""
        return self._index.ask(
            name, Sort.DAY, lambda index: tables.read_newest_days(index, name, number, is_high=is_high)
        )

    def digest_hashes(self, scope: str, first: date) -> Mapping[str, str]:
        """Say of each digest of a scope from the day `first` on, ascending, what the SHA-256 of its bytes is."""
        return self._index.ask(
            scope,
            Sort.DIGEST,
            lambda index: tables.read_hashes_since(index, scope, Sort.DIGEST, first.isoformat()),
        )

    def find_open_days(self, name: str) -> tuple[DaySummary, ...]:
        """Summarise the days with an analysis that is pending, failed or refused, ascending."""
        return self._index.ask(name, Sort.DAY, lambda index: tables.read_days(index, name, is_open=True))

    def read_day(self, name: str, day: date) -> DayRecord:
        """Read one day record.

        Raises ArchiveError when it is not there or damaged.
        """
        record = self.find_day(name, day)
        if record is None:
            file = name_file(self._docs, place_day(name, day).path)
            raise ArchiveError(f"{file}: no such day record", "Run `daybook backfill`.")
        return record

    def find_day(self, name: str, day: date) -> DayRecord | None:
        """Read one day record; None when the day has none."""
        place = place_day(name, day)
        content = read_existing(self._docs / place.path)
        if content is None:
            return None
        return parse_day(content, self._docs, place, is_known=self._index.knows(place, content))

    def write_day(self, record: DayRecord) -> bool:
        """Write a day record; say whether the file changed."""
        place = place_day(record.repository, record.day)
        content = render_record(record)
        is_changed = write_changed(self._docs / place.path, content)
        self._index.note_day(place, record, content)
        return is_changed

    def write_commits(self, record: DayRecord, commits: Iterable[Commit]) -> bool:
        """Write a day record with other commits in the place of its own; say whether the file changed."""
        commits = tuple(commits)
        if commits == record.commits:
            return False
        return self.write_day(
            record.model_copy(update={"commits": commits, "account": count_commits(commits)})
        )

    def remove_day(self, name: str, day: date) -> None:
        """Remove the record of a day on which nothing landed after all, because a report had placed it there."""
        place = place_day(name, day)
        (self._docs / place.path).unlink(missing_ok=True)
        self._index.note_removed(place)

    def is_archived(self, name: str, sha: str) -> bool:
        """Say whether a commit of a repository is in one of its day records."""
        return self._index.ask(name, Sort.DAY, lambda index: tables.is_archived(index, name, sha))

    def headlines(self, name: str, first: date, last: date) -> tuple[Headline, ...]:
        """Read what lists tell of a repository's commits of the days from `first` to `last`, in landing order."""
        return self._index.ask(name, Sort.DAY, lambda index: tables.read_headlines(index, name, first, last))

    def headlines_touching(
        self, name: str, first: date, last: date, is_touched: Callable[[str], bool]
    ) -> tuple[Headline, ...]:
        """Read what lists tell of those commits of these days that change a path of which `is_touched` is true."""
        return self._index.ask(
            name,
            Sort.DAY,
            lambda index: tuple(
                read()
                for read, paths in tables.read_touched(index, name, first, last)
                if any(map(is_touched, paths))
            ),
        )

    def find_headlines(self, name: str, shas: Sequence[str]) -> Mapping[str, Headline]:
        """Find what lists tell of commits, by SHA; those that are not archived are left out."""
        return self._index.ask(name, Sort.DAY, lambda index: tables.find_headlines(index, name, shas))

    def tallies(self, name: str, first: date, last: date) -> Tallies:
        """Add up what is counted of a repository's days from `first` to `last`."""
        return self._index.ask(name, Sort.DAY, lambda index: tallying.read_tallies(index, name, first, last))

    def commit_days(self, name: str) -> dict[str, date]:
        """Map every archived commit of a repository to its day."""
        commits = self._index.ask(name, Sort.DAY, lambda index: tables.read_commits(index, name))
        return {sha: day for sha, day, _ in commits}

    def find_mismarked_days(self, name: str, reachable: Collection[str]) -> tuple[date, ...]:
        """Find the days with a commit that is marked as gone and reachable, or neither; oldest first."""
        commits = self._index.ask(name, Sort.DAY, lambda index: tables.read_commits(index, name))
        return tuple(sorted({day for sha, day, is_gone in commits if is_gone == (sha in reachable)}))

    def find_reverters(self, name: str) -> tables.Marks:
        """Find what reverts each commit, by its day and SHA, as all records of a repository together know it."""
        return self._index.ask(name, Sort.DAY, lambda index: tables.find_reverters(index, name))

    def find_reverted(self, name: str) -> tables.Marks:
        """Find what reverts each commit, by its day and SHA, as its own record has it."""
        return self._index.ask(name, Sort.DAY, lambda index: tables.read_reverted(index, name))

    def find_relations(self, name: str) -> relations.Relations:
        """Find what belongs to each commit, by its day and SHA, as all records of a repository together know it."""
        return self._index.ask(name, Sort.DAY, lambda index: relations.find_relations(index, name))

    def find_related(self, name: str) -> relations.Relations:
        """Find what belongs to each commit, by its day and SHA, as its own record has it."""
        return self._index.ask(name, Sort.DAY, lambda index: relations.read_related(index, name))

    def digest_summaries(self, scope: str) -> Mapping[str, DigestSummary]:
        """Summarise all digests of a scope, by the day or month they are of, ascending."""
        return self._index.ask(
            scope, Sort.DIGEST, lambda index: tables.read_digests(index, scope, is_open=False)
        )

    def find_open_digests(self, scope: str) -> Mapping[str, DigestSummary]:
        """Summarise the digests that are pending, failed or refused, by the day or month they are of, ascending."""
        return self._index.ask(
            scope, Sort.DIGEST, lambda index: tables.read_digests(index, scope, is_open=True)
        )

    def find_digest(self, scope: str, period: str) -> DigestRecord | None:
        """Read the digest of a day such as `2026-01-06` or a month such as `2026-01`; None where there is none."""
        place = place_digest(scope, period)
        content = read_existing(self._docs / place.path)
        return None if content is None else parse_digest(content, self._docs, place)

    def write_digest(self, record: DigestRecord) -> bool:
        """Write a digest; say whether the file changed."""
        place = place_digest(record.scope, record.period)
        content = render_record(record)
        is_changed = write_changed(self._docs / place.path, content)
        self._index.note_digest(place, record, content)
        return is_changed

    def remove_digest(self, scope: str, period: str) -> None:
        """Remove the digest of a period in which nothing landed after all."""
        place = place_digest(scope, period)
        (self._docs / place.path).unlink(missing_ok=True)
        self._index.note_removed(place)

    def confirm_digests(self, scope: str, matters: Mapping[str, str]) -> None:
        """Note of digests, by their period, that they are as they should be for a matter, such as a hash of it.

        It is forgotten with the index, and of a digest that changes.
        """
        placed = {place_digest(scope, period): matter for period, matter in matters.items()}
        self._index.note_confirmed(scope, placed)

    def confirmed_digests(self, scope: str) -> dict[str, str]:
        """Say of the digests of a scope, by their period, for which matter they are as they should be."""
        return self._index.ask(scope, Sort.DIGEST, lambda index: tables.read_confirmed(index, scope))

    def release_summaries(self, name: str) -> tuple[ReleaseSummary, ...]:
        """Summarise all releases of a repository, by their files' names."""
        return self._index.ask(name, Sort.RELEASE, lambda index: tables.read_releases(index, name))

    def find_release(self, name: str, file: str) -> ReleaseRecord | None:
        """Read the record of a release by its file's name; None where there is none."""
        place = place_release(name, file)
        content = read_existing(self._docs / place.path)
        return None if content is None else parse_release(content, self._docs, place)

    def write_release(self, record: ReleaseRecord) -> bool:
        """Write a release's record; say whether the file changed."""
        place = place_release(record.repository, record.file)
        content = render_record(record)
        is_changed = write_changed(self._docs / place.path, content)
        self._index.note_release(place, record, content)
        return is_changed

    def find_import(self) -> ImportRecord | None:
        """Read the account of what was imported; None where nothing was. Raises ArchiveError where it is damaged."""
        return read_account(self._docs)

    def remove_leftovers(self) -> None:
        """Remove temporary files of a run that was cut short."""
        for path in list(find_leftovers(self._docs)):
            path.unlink(missing_ok=True)
