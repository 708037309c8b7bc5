"""Bring the pages under docs/ up to date with the records: write what changed, remove what is no more.

Only `pipeline` calls this module; it must not know what a page says or what a key is made from. The pages and the
manifest are derived: where either is missing, or a page was deleted, it is made again.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Iterable, Mapping
from pathlib import Path

from generator.database import write
from generator.fingerprint import hash_code
from generator.manifest import (
    UNSETTLED,
    WrittenPage,
    count_pages_in,
    doubt_lost,
    doubt_units,
    find_left,
    find_pages_in,
    find_unit_pages,
    has_page,
    note_left,
    read_units,
    settle_units,
    use_manifest,
    write_unit,
)
from generator.pages.render import ArchiveView, PageSettings, Unit, plan_pages
from generator.progress import Report, Task
from generator.records import ACROSS
from generator.store.files import TEMPORARY_PREFIX, sync_all, write_derived
from generator.store.places import COMMIT_FOLDER, list_folders

# What pages are made by: another version of it may make others of the same records.
_CODE = ("*.py", "pages/*.py")
_ENDING = ".md"
# Units that are written before they are waited for: few enough to be made once more after a run that was cut short.
_BATCH = 5_000


def write_pages(root: Path, archive: ArchiveView, settings: PageSettings, report: Report) -> int:
    """Write every page that is not as the records have it, remove stale ones, and count both.

    Raises ArchiveError where a record is damaged. A run that is cut short leaves whole pages, and the next one goes on.
    """
    return use_manifest(root, lambda manifest: _write_pages(root, archive, settings, report, manifest))


def _write_pages(
    root: Path, archive: ArchiveView, settings: PageSettings, report: Report, manifest: sqlite3.Connection
) -> int:
    writer = _Writer(root / "docs", manifest)
    strays = writer.find_strays(record.repository for record in archive.repositories())
    known = read_units(manifest)
    units = list(plan_pages(archive, settings))
    changed = sum(writer.remove(name) for name in known.keys() - {unit.name for unit in units})
    stale = [unit for unit in units if known.get(unit.name) != find_key(unit)]
    with report.progress("writing pages", None) as task:
        while stale:
            for start in range(0, len(stale), _BATCH):
                changed += sum(writer.write(unit, task) for unit in stale[start : start + _BATCH])
                writer.settle()
            # What was written may have made others doubtful: a commit that is archived now is linked to here.
            known = read_units(manifest)
            stale = [unit for unit in units if known[unit.name] != find_key(unit)]
    changed += writer.remove_strays(strays)
    writer.note_commits()
    return changed


class _Writer:
    """Writes units of pages, and tells the manifest."""

    def __init__(self, docs: Path, manifest: sqlite3.Connection) -> None:
        self._docs, self._manifest = docs, manifest
        # By folder of commits, how many pages it should have now, where nothing else stood in it at first.
        self._numbers: dict[str, int] = {}

    def write(self, unit: Unit, task: Task) -> int:
        """Write a unit's pages and remove those it no longer has; count both."""
        before = find_unit_pages(self._manifest, unit.name)
        pages = []
        changed = 0
        for page in unit.render():
            content = page.text.encode()
            changed += write_derived(self._docs / page.src_uri, content)
            pages.append(
                WrittenPage(
                    src_uri=page.src_uri,
                    title=page.title,
                    day=unit.day or None,
                    month=unit.month,
                    content=hashlib.sha256(content).digest(),
                )
            )
            task.advance(1)
        now = {page.src_uri for page in pages}
        self._unlink(before - now)
        questions = ((*commit, answer) for commit, answer in unit.questions.items())
        with write(self._manifest):
            self._doubt(before, now)
            write_unit(self._manifest, unit.name, UNSETTLED + find_key(unit), pages, questions)
        return changed + len(before - now)

    def settle(self) -> None:
        """Wait for the disk, and only then believe that what was written is there: SQLite may be the quicker one."""
        sync_all()
        with write(self._manifest):
            settle_units(self._manifest)

    def remove(self, name: str) -> int:
        """Remove the pages of a unit that is no more, and count them."""
        before = find_unit_pages(self._manifest, name)
        self._unlink(before)
        with write(self._manifest):
            self._doubt(before, set())
            write_unit(self._manifest, name, None, ())
        return len(before)

    def find_strays(self, names: Iterable[str]) -> set[str]:
        """Find pages that no unit is known to have; have units written again whose pages were deleted."""
        strays = self._find_strays("")
        for scope in (ACROSS, *names):
            for path in list_folders(self._docs, scope):
                folder = f"{path.relative_to(self._docs).as_posix()}/"
                # Of the many names in a folder of commits, the number tells whether one was deleted.
                number = self._count_left(folder) if path.name == COMMIT_FOLDER else None
                if number is None:
                    strays |= self._find_strays(folder)
                else:
                    self._numbers[folder] = number
        return strays

    def _find_strays(self, folder: str) -> set[str]:
        names = _list_names(self._docs / folder)
        for name in names:
            # Of a run that was cut short; all of a folder is looked through where it is not as a run has left it.
            if name.startswith(TEMPORARY_PREFIX):
                (self._docs / folder / name).unlink(missing_ok=True)
        there = {f"{folder}{name}" for name in names if name.endswith(_ENDING) and not name.startswith(".")}
        known = find_pages_in(self._manifest, folder)
        if lost := known - there:
            with write(self._manifest):
                doubt_lost(self._manifest, lost)
        # At the top stand pages that somebody wrote by hand.
        return there - known if folder else set()

    def _count_left(self, folder: str) -> int | None:
        """Count what stands in a folder; None where that is not as many files as units have pages there."""
        path = self._docs / folder
        if not path.is_dir():
            return 0 if count_pages_in(self._manifest, folder) == 0 else None
        # As the last run left it, it need not be looked into.
        left = find_left(self._manifest, folder, path.stat().st_mtime_ns)
        if left is not None:
            return left
        number = len(_list_names(path))
        return number if number == count_pages_in(self._manifest, folder) else None

    def note_commits(self) -> None:
        """Note how the folders of commits were left, so that nobody has to look into them before they change."""
        for folder, number in self._numbers.items():
            path = self._docs / folder
            if not path.is_dir():
                continue
            # Asked first: what changes while it is counted is found by the next run.
            changed = path.stat().st_mtime_ns
            is_noted = find_left(self._manifest, folder, changed) == number
            if not is_noted and len(_list_names(path)) == number:
                with write(self._manifest):
                    note_left(self._manifest, folder, changed, number)

    def remove_strays(self, src_uris: Iterable[str]) -> int:
        """Remove those of these pages that still belong to no unit, and count them."""
        strays = {src_uri for src_uri in src_uris if not has_page(self._manifest, src_uri)}
        self._unlink(strays)
        return len(strays)

    def _doubt(self, before: set[str], now: set[str]) -> None:
        """Have the pages written again that were told otherwise of commits whose page came or went."""
        for pages, archived in ((now - before, True), (before - now, False)):
            for repository, shas in _group_commits(pages).items():
                folder = f"{repository}/{COMMIT_FOLDER}/"
                if folder in self._numbers:
                    self._numbers[folder] += len(shas) if archived else -len(shas)
                doubt_units(self._manifest, repository, shas, archived)

    def _unlink(self, src_uris: Iterable[str]) -> None:
        for src_uri in src_uris:
            (self._docs / src_uri).unlink(missing_ok=True)


def find_key(unit: Unit) -> str:
    """Say with which key a unit is up to date: it changes with the matter, and with the code that makes pages of it."""
    return f"{hash_code(*_CODE)} {unit.key}"


def _group_commits(src_uris: Iterable[str]) -> Mapping[str, list[str]]:
    """Group the commits' pages among these by repository, each as its SHA."""
    found: dict[str, list[str]] = {}
    for src_uri in src_uris:
        repository, _, name = src_uri.rpartition(f"/{COMMIT_FOLDER}/")
        if repository:
            found.setdefault(repository, []).append(name.removesuffix(_ENDING))
    return found


def _list_names(folder: Path) -> list[str]:
    """List what stands in a folder, by name; nothing where there is no such folder."""
    try:
        return os.listdir(folder)  # noqa: PTH208 - a hundred thousand paths are not needed
    except FileNotFoundError:
        return []
