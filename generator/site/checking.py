"""Hold site/ against what the manifest says was published, byte by byte, and have the next build mend what is amiss.

This module must not change site/, and only `doubt_site` may change the manifest.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from generator.database import write
from generator.progress import Task
from generator.site.ledger import SiteFile, doubt_files, list_files_in, list_uncertain
from generator.site.mending import SPOILT, check_site
from generator.site.search import FOLDER as SEARCH_FOLDER
from generator.site.sources import read_hash


def count_files(connection: sqlite3.Connection) -> int:
    """Count the files that were published."""
    (number,) = connection.execute("SELECT count(*) FROM files WHERE sha256 IS NOT NULL").fetchone()
    return int(number)


def count_unfinished(connection: sqlite3.Connection) -> int:
    """Count the files that a build which was cut short had begun to publish."""
    (number,) = connection.execute("SELECT count(*) FROM files WHERE sha256 IS NULL").fetchone()
    return int(number)


def count_waiting(connection: sqlite3.Connection) -> int:
    """Count the pages that the next build will render, or take out of site/."""
    (number,) = connection.execute("SELECT count(*) FROM pages WHERE content IS NOT rendered").fetchone()
    return int(number)


def check_files(site: Path, connection: sqlite3.Connection, task: Task) -> Iterator[tuple[str, str]]:
    """Read every file of site/; yield which of them are not as they were published, as (path, fact).

    What was not published to the end is nobody's to judge. Names that begin with a dot are nobody's business.
    """
    query = "SELECT path, size, sha256, kind FROM files WHERE sha256 IS NOT NULL ORDER BY path"
    for path, *file in connection.execute(query):
        if fact := _check_file(site / path, SiteFile(*file)):
            yield path, fact
        task.advance(1)
    yield from _find_strays(site, connection)


def doubt_site(site: Path, connection: sqlite3.Connection) -> int:
    """Have the next build make again whatever in site/ is not as it was published; count these files.

    Where the manifest is a new one it cannot tell, and the search index, of which a build keeps what looks whole, is
    made again from the first file to the last.
    """
    is_new = connection.execute("SELECT 1 FROM files LIMIT 1").fetchone() is None
    check_site(site, connection, full=True)
    if is_new and site.is_dir():
        with write(connection):
            doubt_files(connection, [(path, SPOILT) for path in _list_files(site, SEARCH_FOLDER)])
    return len(list_uncertain(connection))


def _check_file(path: Path, known: SiteFile) -> str | None:
    try:
        if path.is_symlink() or not path.is_file():
            return "is no file" if os.path.lexists(path) else "is not there"
        size = path.stat().st_size
        if size != known.size:
            return f"has {size:,} bytes and not the {known.size:,} that were published"
        return None if read_hash(path) == known.sha256 else "holds other bytes than were published"
    except OSError as error:
        return f"cannot be read: {error.strerror}"


def _find_strays(site: Path, connection: sqlite3.Connection) -> Iterator[tuple[str, str]]:
    for top, folders, names in os.walk(site):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        below = Path(top).relative_to(site).as_posix()
        folder = "" if below == "." else f"{below}/"
        known = list_files_in(connection, folder)
        for name in sorted(names):
            if not name.startswith(".") and f"{folder}{name}" not in known:
                yield f"{folder}{name}", "was put there by no build"


def _list_files(site: Path, folder: str) -> Iterator[str]:
    for top, _, names in os.walk(site / folder):
        yield from (Path(top, name).relative_to(site).as_posix() for name in names)
