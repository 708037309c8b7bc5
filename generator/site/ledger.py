"""Ask the manifest what the site needs to know of pages, sources and finished files, and tell it what was published.

This module must not touch a file: it asks and tells for the site, as `generator.manifest`, which has the tables, does
for the pages.
All functions that change something are called inside `write`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from generator.manifest import doubt_lost, span

# SQLite takes no more than 999 values in an old version.
_MOST_VALUES = 900


@dataclass(frozen=True, slots=True)
class Source:
    """A file under docs/ as it was read."""

    stamp: str
    sha256: bytes


@dataclass(frozen=True, slots=True)
class KnownPage:
    """A page that exists: its number, the SHA-256 of its Markdown, and the ids in it that links may lead to."""

    id: int
    content: bytes
    anchors: str


@dataclass(frozen=True, slots=True)
class SiteFile:
    """A file of site/; `sha256` is None where it is not certain what it holds."""

    size: int
    sha256: bytes | None
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedPage:
    """A page as site/ shows it from now on.

    `rendered` is the SHA-256 of the Markdown it was made from, `seen` what the manifest said that was. `links` are
    pages, `file_links` sources, each by its number; `fragments` are (page, anchor, link).
    """

    id: int
    rendered: bytes
    seen: bytes | None
    anchors: str
    links: tuple[int, ...]
    file_links: tuple[int, ...]
    fragments: tuple[tuple[int, str, str], ...]


# Sources


def read_sources(connection: sqlite3.Connection) -> dict[str, Source]:
    """Read all sources that are there, by path under docs/."""
    rows = connection.execute("SELECT path, stamp, sha256 FROM sources WHERE stamp <> ''")
    return {path: Source(stamp, sha256) for path, stamp, sha256 in rows}


def find_sources(connection: sqlite3.Connection, paths: Iterable[str]) -> dict[str, int]:
    """Find which of these paths are sources, and their numbers."""
    return dict(_select_in(connection, "SELECT path, id FROM sources WHERE stamp <> '' AND path IN", paths))


def write_sources(connection: sqlite3.Connection, sources: Mapping[str, Source]) -> None:
    """Note what sources are like now."""
    connection.executemany(
        "INSERT INTO sources (path, stamp, sha256) VALUES (?, ?, ?) ON CONFLICT (path) DO UPDATE "
        "SET stamp = excluded.stamp, sha256 = excluded.sha256",
        ((path, source.stamp, source.sha256) for path, source in sources.items()),
    )


def mark_gone(connection: sqlite3.Connection, paths: Iterable[str]) -> None:
    """Note that sources which are no pages are gone."""
    connection.executemany("UPDATE sources SET stamp = '' WHERE path = ?", ((path,) for path in paths))


def list_gone(connection: sqlite3.Connection) -> dict[str, int]:
    """List the sources that are gone and that site/ may still have, with their numbers."""
    return dict(connection.execute("SELECT path, id FROM sources WHERE stamp = ''"))


def forget_sources(connection: sqlite3.Connection, paths: Iterable[str]) -> None:
    """Forget sources that are no more."""
    connection.executemany("DELETE FROM sources WHERE path = ?", ((path,) for path in paths))


def read_folders(connection: sqlite3.Connection) -> dict[str, int]:
    """Read when folders last changed, in nanoseconds."""
    return dict(connection.execute("SELECT path, changed FROM folders"))


def write_folders(connection: sqlite3.Connection, folders: Mapping[str, int]) -> None:
    """Note when folders last changed."""
    connection.executemany("INSERT OR REPLACE INTO folders VALUES (?, ?, NULL)", folders.items())


def forget_folders(connection: sqlite3.Connection, paths: Iterable[str]) -> None:
    """Forget folders that are no more."""
    connection.executemany("DELETE FROM folders WHERE path = ?", ((path,) for path in paths))


# Pages


def note_page(connection: sqlite3.Connection, src_uri: str, content: bytes) -> None:
    """Note what a page under docs/ holds; one that no unit owns was written by hand."""
    connection.execute(
        "INSERT INTO pages (src_uri, unit, title, day, month, content) VALUES (?, '', '', NULL, '', ?) "
        "ON CONFLICT (src_uri) DO UPDATE SET content = excluded.content, "
        "unit = CASE WHEN content IS NULL THEN '' ELSE unit END",
        (src_uri, content),
    )


def note_lost(connection: sqlite3.Connection, src_uris: Collection[str]) -> None:
    """Note that pages are no longer there; whatever wrote them is to write them again."""
    doubt_lost(connection, src_uris)
    values = [(src_uri,) for src_uri in src_uris]
    execute = connection.executemany
    execute("UPDATE pages SET content = NULL WHERE src_uri = ?", values)
    execute("DELETE FROM pages WHERE src_uri = ? AND rendered IS NULL", values)


def list_due(connection: sqlite3.Connection, *, full: bool) -> Iterator[tuple[str, str]]:
    """List the pages that site/ does not show as they are, or all, as (month, path)."""
    which = "content IS NOT NULL" if full else "content IS NOT rendered AND content IS NOT NULL"
    yield from connection.execute(f"SELECT month, src_uri FROM pages WHERE {which} ORDER BY month, src_uri")


def list_removed(connection: sqlite3.Connection) -> dict[str, int]:
    """List the pages that site/ shows and that are no more, with their numbers."""
    # Written so that the index of pages that are due answers it.
    where = "content IS NOT rendered AND content IS NULL"
    return dict(connection.execute(f"SELECT src_uri, id FROM pages WHERE {where}"))


def find_pages(connection: sqlite3.Connection, src_uris: Iterable[str]) -> dict[str, KnownPage]:
    """Find which of these pages exist."""
    query = "SELECT src_uri, id, content, anchors FROM pages WHERE content IS NOT NULL AND src_uri IN"
    return {src_uri: KnownPage(*page) for src_uri, *page in _select_in(connection, query, src_uris)}


def find_owned(connection: sqlite3.Connection, src_uris: Iterable[str]) -> set[str]:
    """Find which of these pages exist and belong to a unit."""
    query = "SELECT src_uri FROM pages WHERE content IS NOT NULL AND unit <> '' AND src_uri IN"
    return {src_uri for (src_uri,) in _select_in(connection, query, src_uris)}


def name_pages(connection: sqlite3.Connection, ids: Iterable[int]) -> dict[int, str]:
    """Name pages by their numbers."""
    return dict(_select_in(connection, "SELECT id, src_uri FROM pages WHERE id IN", ids))


def find_linking(connection: sqlite3.Connection, pages: Iterable[int], limit: int) -> list[str]:
    """Find pages that lead to one of these, as site/ shows them, and that are not due themselves."""
    query = (
        "SELECT DISTINCT src_uri FROM links JOIN pages ON pages.id = links.source "
        "WHERE content IS rendered AND content IS NOT NULL AND target = ? LIMIT ?"
    )
    return _find_linking(connection, query, pages, limit)


def find_linking_files(connection: sqlite3.Connection, sources: Iterable[int], limit: int) -> list[str]:
    """Find pages that lead to one of these sources, likewise."""
    query = (
        "SELECT DISTINCT src_uri FROM file_links JOIN pages ON pages.id = file_links.source "
        "WHERE content IS rendered AND content IS NOT NULL AND target = ? LIMIT ?"
    )
    return _find_linking(connection, query, sources, limit)


def _find_linking(
    connection: sqlite3.Connection, query: str, targets: Iterable[int], limit: int
) -> list[str]:
    found: dict[str, None] = {}
    for target in targets:
        found.update((src_uri, None) for (src_uri,) in connection.execute(query, (target, limit)))
        if len(found) >= limit:
            break
    return list(found)


def find_fragments(connection: sqlite3.Connection, target: int) -> Iterator[tuple[int, str, str, str]]:
    """Find the links to places on a page from pages that exist, as (number, path, anchor, link)."""
    query = (
        "SELECT pages.id, src_uri, anchor, link FROM fragments JOIN pages ON pages.id = source "
        "WHERE target = ? AND content IS NOT NULL ORDER BY src_uri, anchor"
    )
    yield from connection.execute(query, (target,))


def find_months(connection: sqlite3.Connection) -> set[str]:
    """Find the months that have pages; the empty text stands for pages of none."""
    # From one month to the next by the index; DISTINCT would walk through all pages.
    query = """
        WITH RECURSIVE months (month) AS (
            SELECT min(month) FROM pages
            UNION ALL
            SELECT (SELECT min(month) FROM pages WHERE month > months.month) FROM months WHERE month IS NOT NULL
        )
        SELECT month FROM months
        WHERE EXISTS (SELECT 1 FROM pages WHERE pages.month = months.month AND content IS NOT NULL)
    """
    return {month for (month,) in connection.execute(query)}


def count_month(connection: sqlite3.Connection, month: str) -> int:
    """Count the pages of a month that exist or that site/ shows."""
    (number,) = connection.execute("SELECT count(*) FROM pages WHERE month = ?", (month,)).fetchone()
    return int(number)


def list_month(connection: sqlite3.Connection, month: str) -> list[str]:
    """List the pages of a month in alphabetical order."""
    query = "SELECT src_uri FROM pages WHERE month = ? AND content IS NOT NULL ORDER BY src_uri"
    return [src_uri for (src_uri,) in connection.execute(query, (month,))]


def find_changed_months(connection: sqlite3.Connection) -> set[str]:
    """Find the months with pages that site/ does not show yet, or that are no more."""
    query = "SELECT DISTINCT month FROM pages WHERE content IS NOT rendered AND (content IS NULL OR rendered IS NULL)"
    return {month for (month,) in connection.execute(query)}


# Files of site/

_FILES = "SELECT path, size, sha256, kind FROM files"


def _read_files(rows: Iterable[Any]) -> dict[str, SiteFile]:
    return {path: SiteFile(*file) for path, *file in rows}


def find_files(connection: sqlite3.Connection, paths: Iterable[str]) -> dict[str, SiteFile]:
    """Find what is known of files of site/."""
    return _read_files(_select_in(connection, f"{_FILES} WHERE path IN", paths))


def list_files_of(connection: sqlite3.Connection, kind: str) -> set[str]:
    """List the files that one kind of work wrote. It looks at all of them."""
    return {path for (path,) in connection.execute("SELECT path FROM files WHERE kind = ?", (kind,))}


def list_files_below(connection: sqlite3.Connection, folder: str) -> dict[str, SiteFile]:
    """List the files of site/ in a folder and below it; its path ends in a slash."""
    return _read_files(connection.execute(f"{_FILES} WHERE path >= :folder AND path < :end", span(folder)))


def list_files_in(connection: sqlite3.Connection, folder: str) -> dict[str, SiteFile]:
    """List the files of site/ in a folder and not below it; its path is empty or ends in a slash."""
    where = "path >= :folder AND path < :end AND instr(substr(path, length(:folder) + 1), '/') = 0"
    return _read_files(connection.execute(f"{_FILES} WHERE {where}", span(folder)))


def list_uncertain(connection: sqlite3.Connection) -> dict[str, str]:
    """List the files of which it is not certain what they hold or whether they are there, with their kinds."""
    return dict(connection.execute("SELECT path, kind FROM files WHERE sha256 IS NULL"))


def doubt_files(connection: sqlite3.Connection, files: Iterable[tuple[str, str]]) -> None:
    """Note that it is not certain what these files hold, given as (path, kind)."""
    connection.executemany(
        "INSERT INTO files (path, size, sha256, kind) VALUES (?, 0, NULL, ?) "
        "ON CONFLICT (path) DO UPDATE SET sha256 = NULL, kind = excluded.kind",
        files,
    )


def doubt_all_files(connection: sqlite3.Connection) -> None:
    """Note that site/ is not there."""
    connection.execute("UPDATE files SET sha256 = NULL")
    connection.execute("UPDATE pages SET rendered = NULL WHERE content IS NOT NULL")


def doubt_pages(connection: sqlite3.Connection, src_uris: Iterable[str]) -> None:
    """Note that it is not certain whether site/ shows these pages."""
    connection.executemany(
        "UPDATE pages SET rendered = NULL WHERE src_uri = ? AND content IS NOT NULL",
        ((src_uri,) for src_uri in src_uris),
    )


def measure_files(connection: sqlite3.Connection) -> tuple[int, int]:
    """Measure site/: bytes and number of files."""
    total, number = connection.execute("SELECT ifnull(sum(size), 0), count(*) FROM files").fetchone()
    return total, number


def write_files(connection: sqlite3.Connection, files: Iterable[tuple[str, SiteFile]]) -> None:
    """Note what files of site/ hold now."""
    connection.executemany(
        "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?)",
        ((path, file.size, file.sha256, file.kind) for path, file in files),
    )


def forget_files(connection: sqlite3.Connection, paths: Iterable[str]) -> None:
    """Note that files are no longer in site/."""
    connection.executemany("DELETE FROM files WHERE path = ?", ((path,) for path in paths))


def write_published(connection: sqlite3.Connection, pages: Collection[PublishedPage]) -> None:
    """Note how site/ shows pages now."""
    execute = connection.executemany
    # What was read is what the page holds, unless somebody has written it anew since.
    execute(
        "UPDATE pages SET rendered = ?1, anchors = ?2, content = CASE WHEN content IS ?3 THEN ?1 ELSE content END "
        "WHERE id = ?4",
        ((page.rendered, page.anchors, page.seen, page.id) for page in pages),
    )
    _forget_links(connection, (page.id for page in pages))
    execute("INSERT INTO links VALUES (?, ?)", ((page.id, link) for page in pages for link in page.links))
    execute(
        "INSERT INTO file_links VALUES (?, ?)",
        ((page.id, link) for page in pages for link in page.file_links),
    )
    execute(
        "INSERT OR REPLACE INTO fragments VALUES (?, ?, ?, ?)",
        ((page.id, *fragment) for page in pages for fragment in page.fragments),
    )


def forget_pages(connection: sqlite3.Connection, ids: Collection[int]) -> None:
    """Note that site/ no longer shows pages that are no more."""
    _forget_links(connection, ids)
    # One that came back in the meantime is due.
    values = [(id,) for id in ids]
    connection.executemany("UPDATE pages SET rendered = NULL WHERE id = ?", values)
    connection.executemany("DELETE FROM pages WHERE id = ? AND content IS NULL", values)


def _forget_links(connection: sqlite3.Connection, ids: Iterable[int]) -> None:
    values = [(id,) for id in ids]
    for table in ("links", "file_links", "fragments"):
        connection.executemany(f"DELETE FROM {table} WHERE source = ?", values)


def _select_in(connection: sqlite3.Connection, query: str, values: Iterable[str | int]) -> Iterator[Any]:
    wanted = list(values)
    for start in range(0, len(wanted), _MOST_VALUES):
        some = wanted[start : start + _MOST_VALUES]
        yield from connection.execute(f"{query} ({', '.join('?' * len(some))})", some)
