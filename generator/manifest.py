"""Keep what pages there are, and what of them the built site shows, in one SQLite file.

This module must not read a page or a record: it is told. What it holds can be made again, so a file that is damaged
or of another version is thrown away. Pages come in *units*, which are written together from the same matter; a
unit's key is a hash of that matter, so that what is unchanged need not be written again.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from generator.database import is_out_of_reach, open_database, remove_database
from generator.errors import ArchiveError

MANIFEST = Path(".daybook", "manifest.sqlite")
# What the names of folders under docs/ begin with, beside those of site/.
DOCS = "docs/"
# What a unit's key begins with while a power cut could still take its pages away.
UNSETTLED = "unsettled "
_SCHEMA = """
-- What pages are written from, and which commits their pages asked after: `archived` is the answer they got.
CREATE TABLE units (name TEXT PRIMARY KEY, key TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE questions (
    unit TEXT NOT NULL, repository TEXT NOT NULL, sha TEXT NOT NULL, archived INTEGER NOT NULL,
    PRIMARY KEY (repository, sha, unit)
) WITHOUT ROWID;
CREATE INDEX questions_by_unit ON questions (unit);
-- One row a page under docs/. `unit` is empty for a page that somebody wrote by hand. `content` is the SHA-256 of its
-- Markdown, NULL when the page was removed; `rendered` is that of the Markdown from which site/ shows it, NULL when
-- site/ does not. `anchors` are the ids in the finished page, separated by spaces. `folder` is empty or ends in a
-- slash.
CREATE TABLE pages (
    id INTEGER PRIMARY KEY, src_uri TEXT UNIQUE NOT NULL, unit TEXT NOT NULL, title TEXT NOT NULL,
    day TEXT, month TEXT NOT NULL, content BLOB, rendered BLOB, anchors TEXT NOT NULL DEFAULT '',
    folder TEXT GENERATED ALWAYS AS (rtrim(src_uri, replace(src_uri, '/', ''))) VIRTUAL
);
CREATE INDEX pages_by_unit ON pages (unit);
CREATE INDEX pages_by_month ON pages (month, src_uri);
CREATE INDEX pages_by_folder ON pages (folder);
CREATE INDEX pages_due ON pages (month, src_uri) WHERE content IS NOT rendered;
-- Which page, as site/ shows it, links to which.
CREATE TABLE links (source INTEGER NOT NULL, target INTEGER NOT NULL, PRIMARY KEY (source, target)) WITHOUT ROWID;
CREATE INDEX links_by_target ON links (target);
-- Every file of site/: its size in bytes and SHA-256, NULL while it is being published. `kind` says what wrote it.
CREATE TABLE files (path TEXT PRIMARY KEY, size INTEGER NOT NULL, sha256 BLOB, kind TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX files_by_size ON files (size);
CREATE INDEX files_uncertain ON files (path, kind) WHERE sha256 IS NULL;
-- Every file under docs/ that no unit owns, and the pages that stand outside the folders of commits: what it looked
-- like to the file system when it was read, and the SHA-256 of its bytes. `stamp` is empty for a file that is no page
-- and is gone, until site/ no longer has it.
CREATE TABLE sources (
    id INTEGER PRIMARY KEY, path TEXT UNIQUE NOT NULL, stamp TEXT NOT NULL, sha256 BLOB NOT NULL
);
-- Which page, as site/ shows it, leads to which file that is no page.
CREATE TABLE file_links (
    source INTEGER NOT NULL, target INTEGER NOT NULL, PRIMARY KEY (source, target)
) WITHOUT ROWID;
CREATE INDEX file_links_by_target ON file_links (target);
-- Which page, as site/ shows it, leads to which place on another page, and by which words.
CREATE TABLE fragments (
    source INTEGER NOT NULL, target INTEGER NOT NULL, anchor TEXT NOT NULL, link TEXT NOT NULL,
    PRIMARY KEY (source, target, anchor)
) WITHOUT ROWID;
CREATE INDEX fragments_by_target ON fragments (target);
-- When a folder last changed, in nanoseconds, as it was when all in it was known. `pages` says of a folder under docs/
-- how many pages stand in it, where these are those of units and nothing else does; else it is NULL.
CREATE TABLE folders (path TEXT PRIMARY KEY, changed INTEGER NOT NULL, pages INTEGER) WITHOUT ROWID;
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""


R = TypeVar("R")


def use_manifest(root: Path, work: Callable[[sqlite3.Connection], R]) -> R:
    """Do some work with the manifest of an archive's folder, as `open_database` opens it.

    Where it turns out to be damaged, the work is done once more with an empty one. Raises ArchiveError where it
    cannot be used.
    """
    try:
        try:
            return _use(root, work)
        except sqlite3.DatabaseError as error:
            if is_out_of_reach(error):
                raise
            remove_database(root / MANIFEST)
            return _use(root, work)
    except sqlite3.Error as error:
        raise ArchiveError(
            f"{MANIFEST}: {error}",
            "Make room on the disk and the file writable, or remove it, and try again.",
        ) from error


def _use(root: Path, work: Callable[[sqlite3.Connection], R]) -> R:
    with closing(open_manifest(root)) as manifest:
        return work(manifest)


def open_manifest(root: Path) -> sqlite3.Connection:
    """Open the manifest of an archive's folder, as `open_database` opens it."""
    return open_database(root / MANIFEST, _SCHEMA)


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenPage:
    """A page that was written: `content` is the SHA-256 of its Markdown, `month` such as `2026-01` or empty."""

    src_uri: str
    title: str
    day: str | None
    month: str
    content: bytes


def read_units(connection: sqlite3.Connection) -> dict[str, str]:
    """Read the key of every unit."""
    return dict(connection.execute("SELECT name, key FROM units"))


def find_unit_pages(connection: sqlite3.Connection, unit: str) -> set[str]:
    """Find the pages that a unit has."""
    query = "SELECT src_uri FROM pages WHERE unit = ? AND content IS NOT NULL"
    return {src_uri for (src_uri,) in connection.execute(query, (unit,))}


def find_pages_in(connection: sqlite3.Connection, folder: str) -> set[str]:
    """Find the pages of units that stand in a folder, not below it; its path is empty or ends in a slash."""
    return {src_uri for (src_uri,) in connection.execute(f"SELECT src_uri {_IN_FOLDER}", (folder,))}


def count_pages_in(connection: sqlite3.Connection, folder: str) -> int:
    """Count the pages that `find_pages_in` finds."""
    (number,) = connection.execute(f"SELECT count(*) {_IN_FOLDER}", (folder,)).fetchone()
    return int(number)


_IN_FOLDER = "FROM pages WHERE folder = ? AND content IS NOT NULL AND unit <> ''"


def find_left(connection: sqlite3.Connection, folder: str, changed: int) -> int | None:
    """Find how many pages of units, and nothing else, a folder under docs/ has; None where that is not known.

    `changed` is when it last changed, in nanoseconds.
    """
    query = "SELECT pages FROM folders WHERE path = ? AND changed = ?"
    found = connection.execute(query, (f"{DOCS}{folder}", changed)).fetchone()
    return found[0] if found else None


def note_left(connection: sqlite3.Connection, folder: str, changed: int, pages: int) -> None:
    """Note what `find_left` finds. Call it inside `write`."""
    row = f"{DOCS}{folder}", changed, pages
    connection.execute("INSERT OR REPLACE INTO folders VALUES (?, ?, ?)", row)


def span(folder: str) -> dict[str, str]:
    """Say between which texts the paths in a folder and below it lie, the second not included; for a query."""
    # No name goes on with a character beyond this one.
    return {"folder": folder, "end": f"{folder}\U0010ffff"}


def has_page(connection: sqlite3.Connection, src_uri: str) -> bool:
    """Say whether a unit has this page."""
    query = "SELECT 1 FROM pages WHERE src_uri = ? AND content IS NOT NULL AND unit <> ''"
    return connection.execute(query, (src_uri,)).fetchone() is not None


def write_unit(
    connection: sqlite3.Connection,
    unit: str,
    key: str | None,
    pages: Collection[WrittenPage],
    questions: Iterable[tuple[str, str, bool]] = (),
) -> None:
    """Note what a unit consists of now; `key` is None where it is no more.

    `questions` are the commits that its pages asked after, as (repository, SHA, whether it is archived).
    Call it inside `write`.
    """
    execute = connection.execute
    execute("DELETE FROM questions WHERE unit = ?", (unit,))
    execute("UPDATE pages SET content = NULL WHERE unit = ?", (unit,))
    connection.executemany(
        "INSERT INTO pages (src_uri, unit, title, day, month, content) VALUES (?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (src_uri) DO UPDATE SET unit = excluded.unit, title = excluded.title, day = excluded.day, "
        "month = excluded.month, content = excluded.content",
        ((page.src_uri, unit, page.title, page.day, page.month, page.content) for page in pages),
    )
    # Of what site/ never showed, nothing has to be remembered.
    execute("DELETE FROM pages WHERE unit = ? AND content IS NULL AND rendered IS NULL", (unit,))
    if key is None:
        execute("DELETE FROM units WHERE name = ?", (unit,))
        return
    execute("INSERT OR REPLACE INTO units VALUES (?, ?)", (unit, key))
    connection.executemany(
        "INSERT OR REPLACE INTO questions VALUES (?, ?, ?, ?)",
        ((unit, repository, sha, archived) for repository, sha, archived in questions),
    )


def settle_units(connection: sqlite3.Connection) -> None:
    """Take the mark away from the keys of units whose pages are on the disk by now. Call it inside `write`."""
    mark = {"mark": UNSETTLED, "start": len(UNSETTLED) + 1}
    connection.execute(
        "UPDATE units SET key = substr(key, :start) WHERE substr(key, 1, :start - 1) = :mark", mark
    )


def doubt_units(connection: sqlite3.Connection, repository: str, shas: Iterable[str], archived: bool) -> None:
    """Have the units written again whose pages were told otherwise of these commits. Call it inside `write`."""
    connection.executemany(
        "UPDATE units SET key = '' WHERE name IN "
        "(SELECT unit FROM questions WHERE repository = ? AND sha = ? AND archived <> ?)",
        ((repository, sha, archived) for sha in shas),
    )


def doubt_lost(connection: sqlite3.Connection, src_uris: Iterable[str]) -> None:
    """Have the units written again whose pages were deleted. Call it inside `write`."""
    connection.executemany(
        "UPDATE units SET key = '' WHERE name = (SELECT unit FROM pages WHERE src_uri = ?)",
        ((src_uri,) for src_uri in src_uris),
    )


def read_fact(connection: sqlite3.Connection, name: str) -> str | None:
    """Read something that is remembered by name; None where nothing is."""
    found = connection.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
    return None if found is None else str(found[0])


def write_fact(connection: sqlite3.Connection, name: str, value: str) -> None:
    """Remember something by name."""
    connection.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))
