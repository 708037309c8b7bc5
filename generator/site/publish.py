"""Put what was built into site/, file by file, so that a reader meets only whole files and no link that leads nowhere.

This module must not build anything, and must not trust that it is allowed to finish: what is about to change is noted
as uncertain first, and as certain last, so that the next build finishes what this one could not.

What is new comes first, because nothing that a reader sees leads to it yet. Then what was there changes, and at last
goes what only pages that are going themselves still lead to.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from generator.database import write
from generator.manifest import write_fact
from generator.site.ledger import (
    PublishedPage,
    SiteFile,
    doubt_files,
    find_files,
    forget_files,
    forget_pages,
    forget_sources,
    write_files,
    write_published,
)
from generator.site.mending import doubt_folders, note_folders
from generator.site.search import LISTING
from generator.site.sources import read_hash

LOOK, PAGE, FILE, SEARCH, SITEMAP, MACHINE = "look", "page", "file", "search", "sitemap", "machine"
# What leads to others comes after them: a kind, or a kind of page, each by its rank.
_RANKS = {LOOK: 0, FILE: 1, SEARCH: 1, MACHINE: 7, SITEMAP: 7}
_COMMIT, _DAY, _INDEX, _TOP = 2, 3, 4, 5
_LISTING, _SITEMAP_INDEX = 6, 8
# Rows that are written together: few enough that a run beside this one does not wait long for the manifest.
_BATCH = 2_000


@dataclass(slots=True, kw_only=True)
class Changes:
    """What a build publishes beside the files of its stage.

    `pages` are those that were rendered, by their path in site/. `gone` are paths in site/ of what is no more,
    `gone_pages` the numbers of pages, `gone_sources` paths under docs/. `compared` are the folders of site/ that
    `check_site` looked into. `facts` are remembered.
    """

    pages: dict[str, PublishedPage] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    gone_pages: Collection[int] = ()
    gone_sources: Collection[str] = ()
    compared: Mapping[str, int | None] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)


class Stage:
    """A folder beside site/, on the same file system, where files wait until all of them are there."""

    def __init__(self, folder: Path) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        self.folder = folder
        self.files: dict[str, SiteFile] = {}

    def add(self, path: str, content: bytes, kind: str) -> None:
        """Keep a file of the new site."""
        self._find_target(path).write_bytes(content)
        self.files[path] = SiteFile(len(content), hashlib.sha256(content).digest(), kind)

    def copy(self, path: str, source: Path, kind: str) -> None:
        """Keep a copy of a file; FileNotFoundError where there is none."""
        target = self._find_target(path)
        shutil.copyfile(source, target)
        self.adopt(path, kind)

    def adopt(self, path: str, kind: str) -> None:
        """Keep a file that somebody wrote into the stage's folder."""
        self.files[path] = _measure(self.folder / path, kind)

    def keep(self, path: str, there: Path, kind: str) -> None:
        """Keep a file that site/ has already."""
        self.files[path] = _measure(there, kind)

    def remove(self) -> None:
        """Remove the folder and what was not published of it."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _find_target(self, path: str) -> Path:
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        return target


def _measure(path: Path, kind: str) -> SiteFile:
    return SiteFile(path.stat().st_size, read_hash(path), kind)


def publish(
    site: Path, connection: sqlite3.Connection, stage: Stage, changes: Changes, advance: Callable[[int], None]
) -> int:
    """Put a stage's files into site/, take away what is no more, tell the manifest, and count both.

    A file that holds the same bytes already is left alone. `advance` is told how many files were dealt with.
    """
    site.mkdir(parents=True, exist_ok=True)
    known = find_files(connection, stage.files)
    moves = [path for path, file in stage.files.items() if not _is_there(site / path, known.get(path), file)]
    advance(len(stage.files) - len(moves))
    gone = changes.gone - stage.files.keys()
    touched = {above for path in {*moves, *gone} for above in _list_above(_find_folder(path))}
    _doubt(connection, stage, moves, gone, touched)
    # Asked before anything is moved: a build that was cut short may have noted files that never came.
    there = {path for path in moves if (site / path).exists()}
    moves.sort(key=lambda path: (path in there, *_rank(path, stage.files[path].kind), path))
    for path in moves:
        _move(stage.folder / path, site / path)
        advance(1)
    removed = [path for path in sorted(gone) if _is_unlinked(site / path)]
    touched |= _remove_empty(site, {_find_folder(path) for path in gone})
    # Once for all that was moved. SQLite may be quicker than the disk: without it, a power cut would leave files with
    # nothing in them of which the manifest says that they are whole.
    os.sync()
    _settle(connection, stage, changes)
    with write(connection):
        forget_pages(connection, changes.gone_pages)
        forget_sources(connection, changes.gone_sources)
        forget_files(connection, gone)
        note_folders(site, connection, changes.compared, touched)
        for name, value in changes.facts.items():
            write_fact(connection, name, value)
    return len(moves) + len(removed)


def _is_there(path: Path, known: SiteFile | None, file: SiteFile) -> bool:
    """Say whether site/ holds these very bytes; where that is not certain, by reading them."""
    if known and known.sha256 is not None:
        return known.sha256 == file.sha256
    return path.is_file() and not path.is_symlink() and read_hash(path) == file.sha256


def _doubt(
    connection: sqlite3.Connection,
    stage: Stage,
    moves: Collection[str],
    gone: Collection[str],
    folders: Collection[str],
) -> None:
    kinds = {path: file.kind for path, file in find_files(connection, gone).items()}
    with write(connection):
        doubt_files(connection, [(path, stage.files[path].kind) for path in moves])
        doubt_files(connection, kinds.items())
        doubt_folders(connection, folders)


def _settle(connection: sqlite3.Connection, stage: Stage, changes: Changes) -> None:
    files = iter(stage.files.items())
    while some := list(islice(files, _BATCH)):
        with write(connection):
            write_files(connection, some)
            write_published(connection, [changes.pages[path] for path, _ in some if path in changes.pages])


def _rank(path: str, kind: str) -> tuple[int, bool]:
    parts = path.split("/")
    if kind == PAGE:
        return _rank_page(parts), False
    if path == "404.html":
        return _TOP, False
    if path == "sitemap.xml":
        return _SITEMAP_INDEX, False
    if kind == SEARCH:
        # Beside the folders of the shards stands what names them, last of all the list of them.
        return _LISTING if len(parts) == 3 else _RANKS[SEARCH], parts[-1] == LISTING
    return _RANKS[kind], False


def _rank_page(parts: list[str]) -> int:
    if len(parts) == 1:
        return _TOP
    if parts[-2] == "commit":
        return _COMMIT
    return _INDEX if parts[-1] == "index.html" else _DAY


def _move(source: Path, target: Path) -> None:
    for folder in reversed(target.parents):
        # What was a file may be a folder now, and the other way round.
        if folder.is_file():
            folder.unlink()
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.is_dir() and not target.is_symlink():
        shutil.rmtree(target)
    source.replace(target)


def _find_folder(path: str) -> str:
    folder = path.rpartition("/")[0]
    return f"{folder}/" if folder else ""


def _list_above(folder: str) -> Iterable[str]:
    """List a folder and those above it: a new one changes them too."""
    parts = folder.split("/")[:-1]
    return ["", *("/".join(parts[:number]) + "/" for number in range(1, len(parts) + 1))]


def _remove_empty(site: Path, folders: set[str]) -> set[str]:
    """Remove the folders that have nothing in them any more, and say which were looked at."""
    seen = set()
    for folder in sorted(folders, key=len, reverse=True):
        for above in sorted(_list_above(folder), key=len, reverse=True):
            seen.add(above)
            if above and not _is_removed(site / above):
                break
    return seen


def _is_unlinked(path: Path) -> bool:
    if path.is_dir() and not path.is_symlink():
        # What was a file is a folder now; what is in it has come already.
        return False
    try:
        path.unlink()
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True


def _is_removed(folder: Path) -> bool:
    try:
        folder.rmdir()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True
