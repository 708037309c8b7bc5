"""Find out what stands under docs/ now, and tell the manifest.

This module must not know how a page is rendered, and must not look at every page of a commit: of a folder with a
hundred thousand of them it reads when it last changed, and only then their names. So what somebody wrote into the page
of a commit is not seen before its unit is written again, or all pages are rendered.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from generator.database import write
from generator.errors import SiteError
from generator.manifest import DOCS, find_pages_in
from generator.site.ledger import (
    Source,
    find_owned,
    forget_sources,
    mark_gone,
    note_lost,
    note_page,
    read_folders,
    read_sources,
    write_folders,
    write_sources,
)

# What MkDocs takes for a page.
_PAGE_ENDINGS = (".md", ".markdown", ".mdown", ".mkdn", ".mkd")
# Beside the record of a repository, the folder of its commits' pages.
_REPOSITORY, _COMMITS = "archive.json", "commit"
# MkDocs leaves it out, and every name that begins with a dot.
_TEMPLATES = "templates"


def is_page(path: str) -> bool:
    """Say whether a file under docs/ is a page."""
    return path.lower().endswith(_PAGE_ENDINGS)


def read_docs(docs: Path, connection: sqlite3.Connection) -> None:
    """Note in the manifest what is under docs/: pages that no unit owns, files that are no pages, and what is lost.

    Raises SiteError where there is no such folder, or something in it that cannot be published.
    """
    if not docs.is_dir():
        raise SiteError(
            f"{docs}: there is no such folder",
            "Run `daybook update` first. The old site stays as it was.",
        )
    known = read_sources(connection)
    walk = _Walk(docs=docs, connection=connection, known=known, changed=read_folders(connection))
    walk.enter("")
    found = walk.found
    new = {path: source for path, source in found.items() if known.get(path) != source}
    gone = known.keys() - found.keys() - walk.adopted
    if not (new or gone or walk.lost or walk.folders or walk.adopted):
        return
    with write(connection):
        write_sources(connection, new)
        for path in filter(is_page, sorted(new)):
            note_page(connection, path, new[path].sha256)
        note_lost(connection, sorted({*filter(is_page, gone), *walk.lost}))
        forget_sources(connection, [*walk.adopted, *filter(is_page, gone)])
        mark_gone(connection, [path for path in gone if not is_page(path)])
        write_folders(connection, walk.folders)


@dataclass(slots=True, kw_only=True)
class _Walk:
    """One way through docs/."""

    docs: Path
    connection: sqlite3.Connection
    known: Mapping[str, Source]
    changed: Mapping[str, int]
    found: dict[str, Source] = field(default_factory=dict)
    lost: set[str] = field(default_factory=set)
    # Sources once, pages of units now.
    adopted: set[str] = field(default_factory=set)
    folders: dict[str, int] = field(default_factory=dict)

    def enter(self, folder: str) -> None:
        """Look at all that is in a folder and below it; its path is empty or ends in a slash."""
        entries = _list_entries(self.docs / folder)
        is_repository = any(entry.name == _REPOSITORY for entry in entries)
        for entry in entries:
            path = f"{folder}{entry.name}"
            check_name(DOCS + path)
            if not entry.is_dir():
                self._look_at(path, entry)
            elif is_repository and entry.name == _COMMITS:
                self._enter_commits(f"{path}/")
            elif path != _TEMPLATES:
                self.enter(f"{path}/")

    def _look_at(self, path: str, entry: os.DirEntry[str] | Path) -> None:
        try:
            status = entry.stat()
            if not stat.S_ISREG(status.st_mode):
                raise SiteError(f"docs/{path}: neither a file nor a folder", "Take it out of docs/.")
            stamp = f"{status.st_size} {status.st_mtime_ns} {status.st_ino}"
            before = self.known.get(path)
            self.found[path] = (
                before if before and before.stamp == stamp else Source(stamp, read_hash(self.docs / path))
            )
        except FileNotFoundError:
            # Replaced by a run beside this one, or a link that leads nowhere.
            return

    def _enter_commits(self, folder: str) -> None:
        """Look at what stands beside the pages of commits that units own."""
        changed = (self.docs / folder).stat().st_mtime_ns
        others = {path for path in self.known if path.startswith(folder)}
        # A build may see a page before an update says whose it is.
        adopted = find_owned(self.connection, others)
        self.adopted |= adopted
        others -= adopted
        if self.changed.get(DOCS + folder) != changed:
            others = self._find_others(folder)
            self.folders[DOCS + folder] = changed
        for path in sorted(others):
            self._look_at(path, self.docs / path)

    def _find_others(self, folder: str) -> set[str]:
        names = os.listdir(self.docs / folder)  # noqa: PTH208
        there = {f"{folder}{name}" for name in names if not name.startswith(".")}
        owned = find_pages_in(self.connection, folder)
        self.lost |= owned - there
        others = there - owned
        for path in others:
            check_name(DOCS + path)
        return others


def _list_entries(folder: Path) -> list[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        return sorted(
            (entry for entry in entries if not entry.name.startswith(".")), key=lambda entry: entry.name
        )


def check_name(path: str) -> None:
    """Raise SiteError where the name of a file is no text, so that no address could name it."""
    try:
        path.encode()
    except UnicodeEncodeError:
        raise SiteError(f"{os.fsencode(path)!r}: this name is not UTF-8", "Rename it.") from None


def read_hash(path: Path) -> bytes:
    """Hash what a file holds with SHA-256."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def find_output(src_uri: str) -> str:
    """Say where in site/ a page stands, as MkDocs does without directory URLs."""
    folder, _, name = src_uri.rpartition("/")
    stem = name.rpartition(".")[0]
    return f"{folder}{'/' * bool(folder)}{'index' if stem == 'README' else stem}.html"


def list_origins(path: str) -> Iterator[str]:
    """List the pages that a file of site/ may have been made from."""
    stem, _, ending = path.rpartition(".")
    if ending != "html":
        return
    folder, _, name = stem.rpartition("/")
    for suffix in _PAGE_ENDINGS:
        yield f"{stem}{suffix}"
        if name == "index":
            yield f"{folder}{'/' * bool(folder)}README{suffix}"
