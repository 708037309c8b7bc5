"""Keep the records of days, digests and repositories under `docs/`, one JSON file each, and the pages beside them.

This module must not know how a record comes about or what a page looks like.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path

from generator.errors import ArchiveError
from generator.record_bytes import parse_record, render_record
from generator.records import ACROSS, Commit, DayRecord, DigestRecord, RepositoryRecord, count_commits
from generator.store.files import TEMPORARY_PREFIX, read_existing, write_changed, write_derived
from generator.summaries import DaySummary, DigestSummary, summarise_day, summarise_digest

REPOSITORY_FILE = "archive.json"
_DIGEST_ENDING = ".digest.json"
_PERIOD = re.compile(r"\d{4}-\d{2}(?:-\d{2})?")
_DAY_FILE = re.compile(r"(\d{4})/(\d{2})/(\d{2})\.json")


class Archive:
    """The records of one archive.

    Every read checks the file's shape and digest and raises ArchiveError naming the file;
    every write is atomic and leaves a file alone that already holds the same bytes.
    """

    def __init__(self, docs: Path) -> None:
        self._docs = docs

    def names(self) -> tuple[str, ...]:
        """Name the archived repositories, in alphabetical order."""
        return tuple(
            sorted(folder.relative_to(self._docs).as_posix() for folder in _find_archived(self._docs))
        )

    def repositories(self) -> tuple[RepositoryRecord, ...]:
        """Read the records of all archived repositories, in the order of their names."""
        return tuple(self._read_repository(name) for name in self.names())

    def find_repository(self, name: str) -> RepositoryRecord | None:
        """Read the record of one repository; None when it was never archived."""
        return self._read_repository(name) if self._repository_path(name).is_file() else None

    def days(self, name: str) -> tuple[date, ...]:
        """List the days of a repository that have a day record, ascending."""
        folder = self._docs / name
        found = (_find_day(path.relative_to(folder).as_posix()) for path in folder.glob("*/*/*.json"))
        return tuple(sorted(day for day in found if day is not None))

    def read_day(self, name: str, day: date) -> DayRecord:
        """Read one day record.

        Raises ArchiveError when it is not there or damaged.
        """
        record = self.find_day(name, day)
        if record is None:
            raise ArchiveError(f"{self._day_path(name, day)}: no such day record", "Run `daybook backfill`.")
        return record

    def find_day(self, name: str, day: date) -> DayRecord | None:
        """Read one day record; None when the day has none."""
        path = self._day_path(name, day)
        content = read_existing(path)
        if content is None:
            return None
        record = parse_record(DayRecord, content, self._place(path))
        if (record.repository, record.day) != (name, day):
            raise ArchiveError(
                f"{self._place(path)}: holds {record.repository} on {record.day}",
                "Move the file to where it belongs.",
            )
        return record

    def summaries(self, name: str) -> tuple[DaySummary, ...]:
        """Summarise the days of a repository that have a day record, ascending."""
        return tuple(
            summarise_day(self.read_day(name, day), _hash_file(self._day_path(name, day)))
            for day in self.days(name)
        )

    def digest_summaries(self, scope: str) -> Mapping[str, DigestSummary]:
        """Summarise all digests of a scope, by the day or month they are of, ascending."""
        found = ((period, self.find_digest(scope, period)) for period in self.digests_written(scope))
        return {
            period: summarise_digest(digest, _hash_file(self._digest_path(scope, period)))
            for period, digest in found
            if digest
        }

    def is_archived(self, name: str, sha: str) -> bool:
        """Say whether a commit of a repository is in one of its day records."""
        return any(commit.sha == sha for record in self.read_days(name) for commit in record.commits)

    def read_days(self, name: str) -> Iterator[DayRecord]:
        """Read all day records of a repository, oldest first, one at a time."""
        return (self.read_day(name, day) for day in self.days(name))

    def find_mentions(self, name: str, words: Iterable[str]) -> tuple[date, ...]:
        """Find the days whose record contains one of `words`, newest first.

        It searches bytes, which is a hundred times cheaper than reading the records; what it finds is a hint.
        """
        wanted = [word.encode() for word in words]
        if not wanted:
            return ()
        return tuple(day for day in reversed(self.days(name)) if self._contains(name, day, wanted))

    def write_day(self, record: DayRecord) -> bool:
        """Write a day record; say whether the file changed."""
        return write_changed(self._day_path(record.repository, record.day), render_record(record))

    def days_written(self, name: str) -> dict[str, int]:
        """Say of each day of a repository, such as `2026-01-06`, in which second its record was written."""
        return {str(day): _read_second(self._day_path(name, day)) for day in self.days(name)}

    def digests_written(self, scope: str) -> dict[str, int]:
        """Say of each day and month of a scope that has a digest in which second it was written or confirmed."""
        paths = (self._docs / scope).glob(f"*/*/*{_DIGEST_ENDING}")
        written = {_name_period(path): _read_second(path) for path in paths}
        return {period: second for period, second in sorted(written.items()) if _PERIOD.fullmatch(period)}

    def find_digest(self, scope: str, period: str) -> DigestRecord | None:
        """Read the digest of a day such as `2026-01-06` or a month such as `2026-01`; None where there is none."""
        path = self._digest_path(scope, period)
        content = read_existing(path)
        if content is None:
            return None
        record = parse_record(DigestRecord, content, self._place(path))
        if (record.scope, record.period) != (scope, period):
            raise ArchiveError(
                f"{self._place(path)}: holds {record.scope} in {record.period}",
                "Move the file to where it belongs.",
            )
        return record

    def find_open_digests(self, scope: str) -> tuple[str, ...]:
        """Find the periods whose digest is not what was wanted: pending, failed or refused.

        It searches bytes, as `find_mentions` does.
        """
        return tuple(
            period
            for period in self.digests_written(scope)
            if b'"outcome": "ok"' not in self._digest_path(scope, period).read_bytes()
        )

    def write_digest(self, record: DigestRecord) -> bool:
        """Write a digest; say whether the file changed."""
        return write_changed(self._digest_path(record.scope, record.period), render_record(record))

    def confirm_digest(self, scope: str, period: str) -> None:
        """Note that a digest was looked at after its days were written, and is as it should be."""
        self._digest_path(scope, period).touch()

    def remove_digest(self, scope: str, period: str) -> None:
        """Remove the digest of a period in which nothing landed after all."""
        self._digest_path(scope, period).unlink(missing_ok=True)

    def write_commits(self, record: DayRecord, commits: Iterable[Commit]) -> bool:
        """Write a day record with other commits in the place of its own; say whether the file changed."""
        commits = tuple(commits)
        if commits == record.commits:
            return False
        return self.write_day(
            record.model_copy(update={"commits": commits, "account": count_commits(commits)})
        )

    def write_repository(self, record: RepositoryRecord) -> bool:
        """Write a repository record; say whether the file changed."""
        return write_changed(self._repository_path(record.repository), render_record(record))

    def write_pages(self, pages: Iterable[tuple[str, str]]) -> int:
        """Write pages, given as (path under docs/, text), remove the stale ones, and count what changed.

        Stale is a Markdown page in an archived repository's folder, or in `days/`, that is not among `pages`.
        """
        current: set[Path] = set()
        changed = 0
        for src_uri, text in pages:
            path = self._docs / src_uri
            current.add(path)
            changed += write_derived(path, text.encode())
        stale = [path for path in self._find_pages() if path not in current]
        for path in stale:
            path.unlink()
        return changed + len(stale)

    def remove_leftovers(self) -> None:
        """Remove temporary files of a run that was cut short."""
        for folder in (*_find_archived(self._docs), self._docs / ACROSS):
            for path in (*folder.glob(f"{TEMPORARY_PREFIX}*"), *folder.glob(f"*/*/{TEMPORARY_PREFIX}*")):
                path.unlink(missing_ok=True)

    def _find_pages(self) -> Iterator[Path]:
        for folder in (ACROSS, *self.names()):
            yield from (self._docs / folder).rglob("*.md")

    def _contains(self, name: str, day: date, words: list[bytes]) -> bool:
        content = self._day_path(name, day).read_bytes()
        return any(word in content for word in words)

    def _read_repository(self, name: str) -> RepositoryRecord:
        path = self._repository_path(name)
        return parse_record(RepositoryRecord, path.read_bytes(), self._place(path))

    def _repository_path(self, name: str) -> Path:
        return self._docs / name / REPOSITORY_FILE

    def _day_path(self, name: str, day: date) -> Path:
        # isoformat, because strftime's %Y leaves out leading zeros of years before 1000.
        return self._docs / name / f"{day.isoformat().replace('-', '/')}.json"

    def _digest_path(self, scope: str, period: str) -> Path:
        place = period if len(period) > len("2026-01") else f"{period}/index"
        return self._docs / scope / f"{place.replace('-', '/')}{_DIGEST_ENDING}"

    def _place(self, path: Path) -> str:
        return f"{self._docs.name}/{path.relative_to(self._docs).as_posix()}"


def _find_day(path: str) -> date | None:
    """Read the day that a record's path stands for; None for a file that is none, such as `2026/13/45.json`."""
    match = _DAY_FILE.fullmatch(path)
    try:
        return date(*map(int, match.groups())) if match else None
    except ValueError:
        return None


def _name_period(path: Path) -> str:
    """Name the period of a digest's file: `2026-01-06` of `2026/01/06.digest.json`, `2026-01` of a month's."""
    year, month, name = *path.parts[-3:-1], path.name.removesuffix(_DIGEST_ENDING)
    return f"{year}-{month}" if name == "index" else f"{year}-{month}-{name}"


def _hash_file(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _read_second(path: Path) -> int:
    return int(path.stat().st_mtime)


def _find_archived(folder: Path) -> Iterator[Path]:
    """Find the folders that hold a repository record, without looking inside them: no name is another's prefix."""
    if not folder.is_dir():
        return
    for child in folder.iterdir():
        if (child / REPOSITORY_FILE).is_file():
            yield child
        elif child.is_dir():
            yield from _find_archived(child)
