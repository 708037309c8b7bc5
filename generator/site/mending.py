"""Find out where site/ is not what it was left as: after a build that was cut short, or when somebody deleted files.

This module must not change site/: it tells the manifest what is no longer certain, so that it is built again.
A folder in which files came, went or took the place of others has changed, and is compared byte by byte. What was
written into a file that stayed where it was is found by a full build alone.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from generator.database import write
from generator.site.ledger import (
    SiteFile,
    doubt_all_files,
    doubt_files,
    doubt_pages,
    forget_folders,
    list_files_in,
    list_uncertain,
    read_folders,
    write_folders,
)
from generator.site.search import FOLDER as SEARCH_FOLDER
from generator.site.sources import check_name, list_origins, read_hash

_SITE = "site/"
# What stands in site/ and was never put there by a build that was finished.
STRAY = "stray"
# A file of the search index that is not what it was: what it belongs to may not be kept.
SPOILT = "spoilt"
# When a folder changed of which not all is known; no folder ever did then.
_UNKNOWN = -1


def check_site(site: Path, connection: sqlite3.Connection, *, full: bool = False) -> dict[str, int | None]:
    """Note what is not certain of site/, and which pages are due because of it.

    A folder that has not changed since the last build is not looked into, unless it is `full`. Says of those that
    were when they last changed, in nanoseconds, None where one is not there: to be noted when all in them is certain.
    Raises SiteError where a file has a name that is no text.
    """
    noted = {
        path.removeprefix(_SITE): changed
        for path, changed in read_folders(connection).items()
        if path.startswith(_SITE)
    }
    if not site.is_dir():
        with write(connection):
            doubt_all_files(connection)
            forget_folders(connection, [_SITE + folder for folder in noted])
        return {}
    waiting = [folder for folder in {"", *noted} if full or _read_changed(site / folder) != noted.get(folder)]
    compared: dict[str, int | None] = {}
    doubtful: dict[str, str] = {}
    for folder in waiting:
        # Asked first: what changes while it is looked at is found by the next build.
        compared[folder] = _read_changed(site / folder)
        files, folders = _list_entries(site, folder)
        doubtful |= _compare(site, list_files_in(connection, folder), files)
        waiting += [below for below in folders if below not in noted]
    uncertain = list_uncertain(connection) | doubtful
    if uncertain:
        with write(connection):
            doubt_files(connection, doubtful.items())
            doubt_pages(connection, (origin for path in uncertain for origin in list_origins(path)))
    return compared


def doubt_folders(connection: sqlite3.Connection, folders: Iterable[str]) -> None:
    """Note that not all is known of these folders of site/. Call it inside `write`."""
    write_folders(connection, {_SITE + folder: _UNKNOWN for folder in folders})


def note_folders(
    site: Path,
    connection: sqlite3.Connection,
    compared: Mapping[str, int | None],
    touched: Collection[str],
) -> None:
    """Note that all is known of these folders of site/, each empty or with a slash at its end.

    `compared` are those that `check_site` looked into, `touched` those that the build changed. Call it inside `write`.
    """
    changed = {**compared, **{folder: _read_changed(site / folder) for folder in touched}}
    write_folders(connection, {_SITE + folder: at for folder, at in changed.items() if at is not None})
    forget_folders(connection, [_SITE + folder for folder, at in changed.items() if at is None])


def _read_changed(folder: Path) -> int | None:
    try:
        return folder.stat().st_mtime_ns
    except (FileNotFoundError, NotADirectoryError):
        return None


def _list_entries(site: Path, folder: str) -> tuple[dict[str, os.DirEntry[str]], list[str]]:
    """List the files of a folder by path, and the folders in it. Hidden ones are nobody's business."""
    files: dict[str, os.DirEntry[str]] = {}
    folders: list[str] = []
    try:
        entries = list(os.scandir(site / folder))
    except (FileNotFoundError, NotADirectoryError):
        return files, folders
    for entry in entries:
        path = f"{folder}{entry.name}"
        if entry.name.startswith("."):
            continue
        check_name(_SITE + path)
        if entry.is_dir(follow_symlinks=False):
            folders.append(f"{path}/")
        else:
            files[path] = entry
    return files, folders


def _compare(
    site: Path, known: Mapping[str, SiteFile], there: Mapping[str, os.DirEntry[str]]
) -> dict[str, str]:
    """Find the files of a folder that are missing, that hold something else, or that nobody knows; with kinds."""
    doubtful = {path: _find_doubt(path, STRAY) for path in there.keys() - known.keys()}
    for path, file in known.items():
        if file.sha256 is not None and not _is_whole(site / path, file, there.get(path)):
            doubtful[path] = _find_doubt(path, file.kind)
    return doubtful


def _find_doubt(path: str, kind: str) -> str:
    """Say what is doubtful of a file: of the index all, because no build asks again what stands in a shard."""
    return SPOILT if path.startswith(f"{SEARCH_FOLDER}/") else kind


def _is_whole(path: Path, known: SiteFile, there: os.DirEntry[str] | None) -> bool:
    if there is None or not there.is_file(follow_symlinks=False):
        return False
    try:
        return there.stat().st_size == known.size and read_hash(path) == known.sha256
    except FileNotFoundError:
        return False
