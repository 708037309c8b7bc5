"""Open the SQLite files under .daybook/, which hold nothing that cannot be made again.

This module must not know a table. A file that is damaged, or of another version, is thrown away and made anew; one
that cannot be used at the moment (locked, read-only, no room) is left alone.
"""

from __future__ import annotations

import fcntl
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# Seconds to wait for another process that writes.
_PATIENCE = 60
# What SQLite says of a file that is damaged, none of its own, or at odds with itself
# (https://sqlite.org/rescode.html): ERROR, as for a table that is not there, CORRUPT, CONSTRAINT, MISMATCH, NOTADB.
# Whatever else it says is about the use of the file, a full disk among it.
_DAMAGE = {1, 11, 19, 20, 26}


def open_database(path: Path, schema: str, *more: object) -> sqlite3.Connection:
    """Open a file with these tables, and make an empty one where there is none that can be used.

    `more` is what else its content depends on: where that, or the schema, is another than the file was made with, the
    file is of another version. The connection is in autocommit mode: what belongs together is written inside `write`.
    Several threads may use it one after the other. Raises sqlite3.Error where the file cannot be had, and OSError.
    """
    version = find_version(schema, *more)
    path.parent.mkdir(parents=True, exist_ok=True)
    with _wait(path):
        try:
            return _open(path, schema, version)
        except sqlite3.DatabaseError as error:
            if is_out_of_reach(error):
                raise
            _remove(path)
            return _open(path, schema, version)


def find_version(schema: str, *more: object) -> int:
    """Find the version, never 0, that a file with these tables is marked with."""
    return zlib.crc32(repr((schema, *more)).encode()) >> 1 or 1


def read_version(connection: sqlite3.Connection) -> int:
    """Read the version of an open file; 0 where nobody came to making its tables."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return int(version)


def is_out_of_reach(error: Exception) -> bool:
    """Say whether an error is about the use of the file and not about what is in it."""
    # The code of the sort of error is in the lowest byte; an error that Python itself found, such as another version,
    # has none.
    code = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & 0xFF not in _DAMAGE


def remove_database(path: Path) -> None:
    """Throw the file away."""
    with _wait(path):
        _remove(path)


@contextmanager
def write(connection: sqlite3.Connection) -> Iterator[None]:
    """Write all that is written inside, or nothing; no other process writes meanwhile."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _open(path: Path, schema: str, version: int) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, timeout=_PATIENCE, check_same_thread=False)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        # What a power cut takes with it is made again.
        connection.execute("PRAGMA synchronous = NORMAL")
        found = read_version(connection)
        if found == 0:
            # All at once: whoever is killed here leaves a file without tables and without a version.
            connection.executescript(f"BEGIN IMMEDIATE; PRAGMA user_version = {version}; {schema} COMMIT;")
        elif found != version:
            raise sqlite3.DatabaseError(f"{path}: version {found}")
    except BaseException:
        connection.close()
        raise
    return connection


def _remove(path: Path) -> None:
    for name in (path.name, f"{path.name}-wal", f"{path.name}-shm"):
        path.with_name(name).unlink(missing_ok=True)


@contextmanager
def _wait(path: Path) -> Iterator[None]:
    """Wait for the right to make or to remove the file, which SQLite does not settle between processes."""
    with path.with_suffix(".lock").open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
