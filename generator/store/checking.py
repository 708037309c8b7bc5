"""Read every record of an archive from its file, and say what is wrong with any of them.

This module must not ask the records index, which believes a file that looks unchanged, and must not write anything:
what it says is what the bytes say.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from generator.days import find_day, find_window
from generator.errors import ArchiveError
from generator.headlines import Headline, list_paths, make_headline
from generator.imports import ImportRecord
from generator.progress import Task
from generator.record_bytes import parse_record
from generator.records import ACROSS, DayRecord, DigestRecord, RepositoryRecord
from generator.release_records import ReleaseRecord
from generator.store import tables
from generator.store.account import ACCOUNT, read_account
from generator.store.index import INDEX
from generator.store.places import (
    COMMIT_FOLDER,
    Place,
    Sort,
    Stamp,
    list_records,
    list_repositories,
    locate_repository,
    place_day,
    place_digest,
    place_release,
    read_stamp,
)
from generator.store.reading import name_file, parse_day, parse_digest, parse_release
from generator.summaries import (
    DaySummary,
    DigestSummary,
    ReleaseSummary,
    summarise_day,
    summarise_digest,
    summarise_release,
)
from generator.tallies import Tallies, add_tallies, tally_day

_NO_ZONE = "its time zone is not known on this machine"


class Entry(NamedTuple):
    """Where a commit stands in the archive; `landed` is in seconds since the epoch."""

    day: date
    landing_sha: str
    landed: int
    gone: bool


@dataclass(slots=True)
class _Shelf:
    """What was read of one scope."""

    record: RepositoryRecord | None = None
    days: dict[date, DaySummary] = field(default_factory=dict)
    digests: dict[str, DigestSummary] = field(default_factory=dict)
    releases: dict[str, ReleaseSummary] = field(default_factory=dict)
    commits: dict[str, Entry] = field(default_factory=dict)
    stamps: dict[Place, Stamp | None] = field(default_factory=dict)


class Reading:
    """An archive as its files alone tell, each of them read once; of every record what is kept is its summary.

    Pages can be made from it as from `generator.store.archive.Archive`. `damaged` maps the files under docs/ that are
    no record of their place to what is wrong with them: `damaged_places` are those of days and digests,
    `damaged_repositories` have the others. `problems` are (file under docs/, fact) of all sorts.
    `doubled` are commits that stand in a second day, as (repository, SHA, that day). `orphans` have records of days or
    digests, and no record of the repository.
    """

    def __init__(self, docs: Path) -> None:
        self._docs = docs
        self._shelves: defaultdict[str, _Shelf] = defaultdict(_Shelf)
        self._account: ImportRecord | None = None
        self.damaged: dict[str, str] = {}
        self.damaged_places: set[Place] = set()
        self.damaged_repositories: set[str] = set()
        self.problems: list[tuple[str, str]] = []
        self.doubled: list[tuple[str, str, date]] = []
        self.orphans: tuple[str, ...] = ()
        self.records = 0

    def list_places(self) -> list[Place]:
        """List the day records and digests that there are, of repositories without a record of their own too."""
        known = list_repositories(self._docs)
        self.orphans = tuple(sorted(_find_orphans(self._docs, self._docs)))
        scopes = (ACROSS, *sorted({*known, *self.orphans}))
        return [place for scope in scopes for place in sorted(list_records(self._docs, scope))]

    def read(self, places: Iterable[Place], task: Task) -> None:
        """Read the repositories' records and these."""
        self._read_account()
        for name in list_repositories(self._docs):
            self._read_repository(name)
        for name in self.orphans:
            file = locate_repository(self._docs, name).relative_to(self._docs).as_posix()
            self.problems.append((file, "is not there, though days of the repository are archived"))
        for place in places:
            self._read(place)
            task.advance(1)

    def names(self) -> tuple[str, ...]:
        """Name the repositories whose own record is whole."""
        return tuple(sorted(name for name, shelf in self._shelves.items() if shelf.record))

    def repositories(self) -> tuple[RepositoryRecord, ...]:
        """List the repositories' records."""
        return tuple(record for name in self.names() if (record := self._shelves[name].record))

    def find_repository(self, name: str) -> RepositoryRecord | None:
        """Find a repository's record; None where there is none that is whole."""
        return self._shelves[name].record

    def summaries(self, name: str) -> tuple[DaySummary, ...]:
        """Summarise the days of a repository whose record is whole, ascending."""
        return tuple(summary for _, summary in sorted(self._shelves[name].days.items()))

    def digest_summaries(self, scope: str) -> Mapping[str, DigestSummary]:
        """Summarise the digests of a scope that are whole, by period, ascending."""
        return dict(sorted(self._shelves[scope].digests.items()))

    def commits(self, name: str) -> Mapping[str, Entry]:
        """Map every archived commit of a repository to where it stands."""
        return self._shelves[name].commits

    def forget_day(self, name: str, day: date) -> None:
        """Take a day record for none: it was put aside."""
        shelf = self._shelves[name]
        del shelf.days[day]
        shelf.commits = {sha: entry for sha, entry in shelf.commits.items() if entry.day != day}

    def is_archived(self, name: str, sha: str) -> bool:
        """Say whether a commit of a repository is in a day record that is whole."""
        return name in self._shelves and sha in self._shelves[name].commits

    def read_day(self, name: str, day: date) -> DayRecord:
        """Read a day record once more; raises ArchiveError."""
        place = place_day(name, day)
        return parse_day((self._docs / place.path).read_bytes(), self._docs, place)

    def headlines(self, name: str, first: date, last: date) -> tuple[Headline, ...]:
        """Read what lists tell of a repository's commits of the days from `first` to `last`, in landing order."""
        return tuple(headline for headline, _ in self._read_headlines(name, first, last))

    def headlines_touching(
        self, name: str, first: date, last: date, is_touched: Callable[[str], bool]
    ) -> tuple[Headline, ...]:
        """Read what lists tell of those commits of these days that change a path of which `is_touched` is true."""
        found = self._read_headlines(name, first, last)
        return tuple(headline for headline, paths in found if any(map(is_touched, paths)))

    def find_headlines(self, name: str, shas: Sequence[str]) -> Mapping[str, Headline]:
        """Find what lists tell of commits, by SHA; those that are not archived are left out."""
        wanted, commits = set(shas), self._shelves[name].commits
        days = sorted({commits[sha].day for sha in wanted & commits.keys()})
        found = (headline for day in days for headline, _ in self._read_headlines(name, day, day))
        return {headline.sha: headline for headline in found if headline.sha in wanted}

    def tallies(self, name: str, first: date, last: date) -> Tallies:
        """Add up what is counted of a repository's days from `first` to `last`."""
        days = sorted(day for day in self._shelves[name].days if first <= day <= last)
        return add_tallies((day, tally_day(self.read_day(name, day))) for day in days)

    def _read_headlines(
        self, name: str, first: date, last: date
    ) -> Iterator[tuple[Headline, tuple[str, ...]]]:
        for day in sorted(day for day in self._shelves[name].days if first <= day <= last):
            for commit in self.read_day(name, day).commits:
                yield make_headline(commit, day), list_paths(commit)

    def find_digest(self, scope: str, period: str) -> DigestRecord | None:
        """Read a digest once more; None where there is none; raises ArchiveError."""
        if period not in self._shelves[scope].digests:
            return None
        place = place_digest(scope, period)
        return parse_digest((self._docs / place.path).read_bytes(), self._docs, place)

    def release_summaries(self, name: str) -> tuple[ReleaseSummary, ...]:
        """Summarise the releases of a repository that are whole, by their files' names."""
        return tuple(summary for _, summary in sorted(self._shelves[name].releases.items()))

    def find_release(self, name: str, file: str) -> ReleaseRecord | None:
        """Read a release once more; None where there is none; raises ArchiveError."""
        if file not in self._shelves[name].releases:
            return None
        place = place_release(name, file)
        return parse_release((self._docs / place.path).read_bytes(), self._docs, place)

    def find_import(self) -> ImportRecord | None:
        """Read the account of what was imported; None where nothing was, or where it is damaged."""
        return self._account

    def check_index(self, connection: sqlite3.Connection) -> Iterator[tuple[str, str]]:
        """Say where the records index, as it was opened, tells otherwise of a file that it takes for unchanged.

        What it knows to be old proves nothing: it is read again when somebody asks.
        """
        for scope in tables.read_scopes(connection):
            shelf = self._shelves[scope]
            stamps = tables.read_stamps(connection, scope)
            current = {place for place, stamp in stamps.items() if stamp and stamp == shelf.stamps.get(place)}
            told, known = _read_summaries(connection, scope), _list_summaries(shelf, scope)
            wrong = {place for place in current if told.get(place) != known.get(place)}
            if current == shelf.stamps.keys() and not wrong:
                wrong = _find_wrong_days(connection, shelf, scope)
            for place in sorted(wrong):
                yield str(INDEX), f"tells otherwise of {name_file(self._docs, place.path)}"

    def _read_account(self) -> None:
        try:
            self._account = read_account(self._docs)
        except ArchiveError as error:
            self._note_damage(ACCOUNT, error.fact)
        except OSError as error:
            self._note_damage(ACCOUNT, f"cannot be read: {error.strerror}")
        self.records += self._account is not None

    def _read_repository(self, name: str) -> None:
        path = locate_repository(self._docs, name)
        file = path.relative_to(self._docs).as_posix()
        self.records += 1
        try:
            record = parse_record(RepositoryRecord, path.read_bytes(), name_file(self._docs, file))
            if record.repository != name:
                raise ArchiveError(
                    f"{name_file(self._docs, file)}: holds {record.repository}", "Move it back."
                )
            ZoneInfo(record.timezone)
        except ArchiveError as error:
            self._note_damage(file, error.fact)
        except OSError as error:
            self._note_damage(file, f"cannot be read: {error.strerror}")
        except (ZoneInfoNotFoundError, ValueError):
            self._note_damage(file, _NO_ZONE)
        else:
            self._shelves[name].record = record
            return
        self.damaged_repositories.add(name)

    def _read(self, place: Place) -> None:
        path = self._docs / place.path
        self.records += 1
        shelf = self._shelves[place.scope]
        try:
            shelf.stamps[place] = read_stamp(path)
            content = path.read_bytes()
            digest = hashlib.sha256(content).hexdigest()
            if place.sort is Sort.DIGEST:
                shelf.digests[place.period] = summarise_digest(
                    parse_digest(content, self._docs, place), digest
                )
                return
            if place.sort is Sort.RELEASE:
                released = parse_release(content, self._docs, place)
                shelf.releases[place.period] = summarise_release(released, digest)
                return
            record = parse_day(content, self._docs, place)
            _check_day(record, shelf.record.timezone if shelf.record else record.timezone)
        except ArchiveError as error:
            self._note_damage(place.path, error.fact, place)
            return
        except OSError as error:
            self._note_damage(place.path, f"cannot be read: {error.strerror}", place)
            return
        except (ZoneInfoNotFoundError, ValueError):
            self._note_damage(place.path, _NO_ZONE, place)
            return
        shelf.days[record.day] = summarise_day(record, digest)
        self._note_commits(shelf, place, record)

    def _note_commits(self, shelf: _Shelf, place: Place, record: DayRecord) -> None:
        for commit in record.commits:
            landed = int(commit.landed.timestamp())
            entry = Entry(record.day, commit.landing_sha, landed, commit.gone)
            first = shelf.commits.setdefault(commit.sha, entry)
            if first is not entry:
                self.doubled.append((record.repository, commit.sha, record.day))
                other = name_file(self._docs, place_day(record.repository, first.day).path)
                self.problems.append((place.path, f"holds {commit.sha}, which stands in {other} too"))

    def _note_damage(self, file: str, fact: str, place: Place | None = None) -> None:
        self.damaged_places |= {place} if place else set()
        self.damaged[file] = fact.removeprefix(f"{name_file(self._docs, file)}: ")
        self.problems.append((file, self.damaged[file]))


def _check_day(record: DayRecord, timezone: str) -> None:
    """Hold what a day record says of itself against the calendar, and against its repository's record.

    Raises ArchiveError.
    """
    step = "Move the file away."
    if record.timezone != timezone:
        raise ArchiveError(f"its day is one of {record.timezone}, and not of {timezone}", step)
    zone = ZoneInfo(timezone)
    if (record.window.start, record.window.end) != find_window(record.day, zone):
        raise ArchiveError("its window is not that of its day", step)
    for commit in record.commits:
        if find_day(int(commit.landed.timestamp()), zone) != record.day:
            raise ArchiveError(f"{commit.sha} landed at {commit.landed}, on another day", step)


def _find_orphans(docs: Path, folder: Path) -> Iterator[str]:
    """Find the folders that hold records of days or digests, and none of a repository."""
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        if not entry.is_dir(follow_symlinks=False) or entry.name.startswith("."):
            continue
        name = Path(entry.path).relative_to(docs).as_posix()
        if entry.name in (ACROSS, COMMIT_FOLDER) or locate_repository(docs, name).is_file():
            continue
        if list_records(docs, name):
            yield name
        else:
            yield from _find_orphans(docs, Path(entry.path))


_Summaries = dict[Place, DaySummary | DigestSummary | ReleaseSummary]


def _read_summaries(connection: sqlite3.Connection, scope: str) -> _Summaries:
    days = tables.read_days(connection, scope, is_open=False)
    digests = tables.read_digests(connection, scope, is_open=False)
    releases = tables.read_releases(connection, scope)
    return (
        {place_day(scope, summary.day): summary for summary in days}
        | {place_digest(scope, period): summary for period, summary in digests.items()}
        | {place_release(scope, summary.file): summary for summary in releases}
    )


def _list_summaries(shelf: _Shelf, scope: str) -> _Summaries:
    return (
        {place_day(scope, day): summary for day, summary in shelf.days.items()}
        | {place_digest(scope, period): summary for period, summary in shelf.digests.items()}
        | {place_release(scope, file): summary for file, summary in shelf.releases.items()}
    )


def _find_wrong_days(connection: sqlite3.Connection, shelf: _Shelf, scope: str) -> set[Place]:
    """Find the days of whose commits the index tells otherwise."""
    told = {(sha, day, is_gone) for sha, day, is_gone in tables.read_commits(connection, scope)}
    known = {(sha, entry.day, entry.gone) for sha, entry in shelf.commits.items()}
    return {place_day(scope, day) for _, day, _ in told ^ known}
