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
    WrittenPage,
    count_pages_in,
    doubt_lost,
    doubt_units,
    find_pages_in,
    find_unit_pages,
    has_page,
    read_units,
    use_manifest,
    write_unit,
)
from generator.pages.render import ArchiveView, PageSettings, Unit, plan_pages
from generator.progress import Report, Task
from generator.records import ACROSS
from generator.store.files import write_derived
from generator.store.places import COMMIT_FOLDER, list_folders

# What pages are made by: another version of it may make others of the same records.
_CODE = ("*.py", "pages/*.py")


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
    stale = [unit for unit in units if known.get(unit.name) != _find_key(unit)]
    with report.progress("writing pages", None) as task:
        while stale:
            changed += sum(writer.write(unit, task) for unit in stale)
            # What was written may have made others doubtful: a commit that is archived now is linked to here.
            known = read_units(manifest)
            stale = [unit for unit in units if known[unit.name] != _find_key(unit)]
    return changed + writer.remove_strays(strays)


class _Writer:
    """Writes units of pages, and tells the manifest."""

    def __init__(self, docs: Path, manifest: sqlite3.Connection) -> None:
        self._docs, self._manifest = docs, manifest

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
            write_unit(self._manifest, unit.name, _find_key(unit), pages, questions)
        return changed + len(before - now)

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
        strays: set[str] = set()
        folders = [path for scope in (ACROSS, *names) for path in list_folders(self._docs, scope)]
        for path in (self._docs, *folders):
            folder = "" if path == self._docs else f"{path.relative_to(self._docs).as_posix()}/"
            found = _list_names(path)
            # Of the many names in a folder of commits, the number tells whether one was deleted.
            if path.name == COMMIT_FOLDER and len(found) == count_pages_in(self._manifest, folder):
                continue
            there = {f"{folder}{name}" for name in found}
            known = find_pages_in(self._manifest, folder)
            if lost := known - there:
                with write(self._manifest):
                    doubt_lost(self._manifest, lost)
            # At the top stand pages that somebody wrote by hand.
            strays |= there - known if folder else set()
        return strays

    def remove_strays(self, src_uris: Iterable[str]) -> int:
        """Remove those of these pages that still belong to no unit, and count them."""
        strays = {src_uri for src_uri in src_uris if not has_page(self._manifest, src_uri)}
        self._unlink(strays)
        return len(strays)

    def _doubt(self, before: set[str], now: set[str]) -> None:
        """Have the pages written again that were told otherwise of commits whose page came or went."""
        for pages, archived in ((now - before, True), (before - now, False)):
            for repository, shas in _group_commits(pages).items():
                doubt_units(self._manifest, repository, shas, archived)

    def _unlink(self, src_uris: Iterable[str]) -> None:
        for src_uri in src_uris:
            (self._docs / src_uri).unlink(missing_ok=True)


def _find_key(unit: Unit) -> str:
    return f"{hash_code(*_CODE)} {unit.key}"


def _group_commits(src_uris: Iterable[str]) -> Mapping[str, list[str]]:
    """Group the commits' pages among these by repository, each as its SHA."""
    found: dict[str, list[str]] = {}
    for src_uri in src_uris:
        repository, _, name = src_uri.rpartition(f"/{COMMIT_FOLDER}/")
        if repository:
            found.setdefault(repository, []).append(name.removesuffix(".md"))
    return found


def _list_names(folder: Path) -> list[str]:
    """List the pages in a folder, by name; none where there is no such folder."""
    if not folder.is_dir():
        return []
    with os.scandir(folder) as entries:
        return [entry.name for entry in entries if entry.name.endswith(".md")]
