"""Say which file under `docs/` holds which record, and list the files there are.

This module must not open a record. It lists folders of a month and never those of commit pages, of which there are as
many as commits.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path

from generator.feeds import WATCH
from generator.records import ACROSS
from generator.store.files import TEMPORARY_PREFIX

_REPOSITORY_FILE = "archive.json"
COMMIT_FOLDER = "commit"
# Below a repository, as its host has it.
RELEASES, _TAGS = "releases", "tag"
_LONGEST_TAG = 100
# What every disk and host takes: no device of Windows, and no ending that a page or a record has.
_SAFE_SEGMENT = re.compile(
    r"(?!(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)|.*\.\.|.*\.(?:md|json|html|lock|git)$)[a-z0-9_](?:[a-z0-9_.+@-]*[a-z0-9_+-])?",
    re.IGNORECASE,
)
_YEAR, _MONTH = re.compile(r"\d{4}"), re.compile(r"\d{2}")
_RECORD_FILE = re.compile(r"(\d{2})\.json|(\d{2}|index)\.digest\.json")


class Sort(StrEnum):
    """What a record file holds."""

    DAY = "day"
    DIGEST = "digest"
    RELEASE = "release"


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a record belongs: `period` is a day such as `2026-01-06`, for a digest also a month such as `2026-01`.

    For a release it is its file's name, as `name_release` makes it.
    """

    scope: str
    sort: Sort
    period: str

    @property
    def path(self) -> str:
        """The record's file, under `docs/`."""
        if self.sort is Sort.RELEASE:
            return f"{self.scope}/{RELEASES}/{_TAGS}/{self.period}.json"
        is_day = len(self.period) > len("2026-01")
        name = self.period if is_day else f"{self.period}-index"
        ending = ".digest.json" if self.sort is Sort.DIGEST else ".json"
        return f"{self.scope}/{name.replace('-', '/')}{ending}"


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a file system says of a file: as long as all of it is the same, so are the bytes.

    `size` is in bytes; `modified` and `changed` are in nanoseconds. No program can set the latter back.
    """

    size: int
    modified: int
    changed: int


def place_day(name: str, day: date) -> Place:
    """Place a day record."""
    # isoformat, because strftime's %Y leaves out leading zeros of years before 1000.
    return Place(name, Sort.DAY, day.isoformat())


def place_digest(scope: str, period: str) -> Place:
    """Place a digest."""
    return Place(scope, Sort.DIGEST, period)


def place_release(name: str, file: str) -> Place:
    """Place a release's record."""
    return Place(name, Sort.RELEASE, file)


def name_release(tag: str) -> str:
    """Name the file of a release after its tag, as its host's address does; after a hash where that can be no address.

    No tag of a release is called as another's hash is, because the names of releases hold numbers with a dot between.
    """
    is_safe = len(tag) <= _LONGEST_TAG and all(map(_SAFE_SEGMENT.fullmatch, tag.split("/")))
    return tag if is_safe else hash_tag(tag)


def hash_tag(tag: str) -> str:
    """Name the file of a release after a hash of its tag."""
    return f"tag-{hashlib.sha256(tag.encode(errors='backslashreplace')).hexdigest()[:16]}"


def locate_repository(docs: Path, name: str) -> Path:
    """Find the file of a repository record."""
    return docs / name / _REPOSITORY_FILE


def read_stamp(path: Path) -> Stamp | None:
    """Read a file's stamp; None where there is no such file."""
    try:
        return _make_stamp(path.stat())
    except (FileNotFoundError, NotADirectoryError):
        return None


def list_records(docs: Path, scope: str) -> dict[Place, Stamp]:
    """List the record files of a scope; a file whose name is no day's or month's is none."""
    found: dict[Place, Stamp] = {}
    for year, month, folder in _list_months(docs / scope):
        for entry in _scan(folder):
            match = _RECORD_FILE.fullmatch(entry.name)
            place = _read_place(scope, year, month, match) if match else None
            if place and entry.is_file():
                found[place] = _make_stamp(entry.stat())
    for folder in _list_tag_folders(docs / scope):
        for entry in _scan(folder):
            if entry.name.endswith(".json") and not entry.name.startswith(".") and entry.is_file():
                file = (folder / entry.name).relative_to(docs / scope / RELEASES / _TAGS).as_posix()
                found[place_release(scope, file.removesuffix(".json"))] = _make_stamp(entry.stat())
    return found


def list_repositories(docs: Path) -> tuple[str, ...]:
    """List the names that have a repository record, in alphabetical order."""
    return tuple(sorted(folder.relative_to(docs).as_posix() for folder in _find_archived(docs)))


def find_leftovers(docs: Path) -> Iterator[Path]:
    """Find the temporary files that a run which was cut short has left, in the folders that a run writes to.

    Those of commits are too large to be looked through in every run: whoever writes their pages does it when it has to.
    """
    yield from _find_temporary(docs)
    for scope in (ACROSS, *list_repositories(docs)):
        for folder in list_folders(docs, scope):
            if folder.name != COMMIT_FOLDER:
                yield from _find_temporary(folder)


def list_folders(docs: Path, scope: str) -> Iterator[Path]:
    """List the folders that a run writes a scope's records and pages to.

    Its own, that of commits, those of watched paths, of releases, of years and of months.
    """
    home = docs / scope
    months = [folder for _, _, folder in _list_months(home)]
    watched = home / WATCH
    own = (home, home / COMMIT_FOLDER, watched, *(watched / year for year in _list_years(watched)))
    own = (*own, home / RELEASES, *_list_tag_folders(home))
    yield from (*own, *dict.fromkeys(folder.parent for folder in months), *months)


def _find_temporary(folder: Path) -> Iterator[Path]:
    return (folder / entry.name for entry in _scan(folder) if entry.name.startswith(TEMPORARY_PREFIX))


def _list_tag_folders(home: Path) -> Iterator[Path]:
    """List the folders of releases: a tag may hold slashes."""
    folders = [home / RELEASES / _TAGS]
    for folder in folders:
        if folder.is_dir():
            yield folder
            folders += [folder / entry.name for entry in _scan(folder) if entry.is_dir(follow_symlinks=False)]


def _list_years(folder: Path) -> Iterator[str]:
    return (year.name for year in _scan(folder) if _YEAR.fullmatch(year.name))


def _list_months(folder: Path) -> Iterator[tuple[str, str, Path]]:
    for year in _list_years(folder):
        for month in _scan(folder / year):
            if _MONTH.fullmatch(month.name):
                yield year, month.name, folder / year / month.name


def _read_place(scope: str, year: str, month: str, match: re.Match[str]) -> Place | None:
    """Say what a file's name stands for; None for one that stands for none, such as `2026/13/45.json`."""
    day, digest = match.groups()
    if day is None:
        return Place(
            scope, Sort.DIGEST, f"{year}-{month}" if digest == "index" else f"{year}-{month}-{digest}"
        )
    try:
        return place_day(scope, date(int(year), int(month), int(day)))
    except ValueError:
        return None


def _find_archived(folder: Path) -> Iterator[Path]:
    """Find the folders that hold a repository record, without looking inside them: no name is another's prefix."""
    for entry in _scan(folder):
        child = folder / entry.name
        if (child / _REPOSITORY_FILE).is_file():
            yield child
        elif entry.is_dir() and entry.name not in (ACROSS, COMMIT_FOLDER):
            yield from _find_archived(child)


def _scan(folder: Path) -> list[os.DirEntry[str]]:
    """List a folder; nothing where it is none."""
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except (FileNotFoundError, NotADirectoryError):
        return []


def _make_stamp(stat: os.stat_result) -> Stamp:
    return Stamp(stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns)
