"""Keep the records index: what is asked of all records again and again, without reading them again and again.

This module must not know what a question means, and must not be believed more than the files: it is refreshed by their
stamps and hashes before it answers, and is thrown away and made anew when it is damaged or of another version.
"""

from __future__ import annotations

import hashlib
import sqlite3
import weakref
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import RLock
from typing import TypeVar

from pydantic import ValidationError

from generator.database import is_out_of_reach, remove_database, write
from generator.errors import ArchiveError
from generator.records import DayRecord, DigestRecord
from generator.release_records import ReleaseRecord
from generator.store import tables
from generator.store.files import read_existing
from generator.store.places import Place, Sort, Stamp, list_records, read_stamp
from generator.store.reading import parse_day, parse_digest, parse_release

T = TypeVar("T")
Question = Callable[[sqlite3.Connection], T]

INDEX = Path(".daybook", "index.sqlite")
# How many files are looked at while other processes have to wait for it.
_AT_ONCE = 32
# Nanoseconds in which a file system may not tell two changes apart: FAT's clock, the slowest, ticks every two seconds.
_TICK = 2_000_000_000


class Index:
    """The records index of one archive, for all threads of a process; other processes may have it open too.

    A scope is refreshed when it is first asked about. What somebody else changes after that is found by the next
    Index; what goes through this one is known at once.
    """

    def __init__(self, docs: Path) -> None:
        self._docs = docs
        self._path = docs.parent / INDEX
        self._lock = RLock()
        self._connection: sqlite3.Connection | None = None
        # By scope, what is wrong with its records.
        self._damaged: dict[str, dict[Place, ArchiveError]] = {}

    def ask(self, scope: str, sort: Sort, question: Question[T]) -> T:
        """Ask about the day records, the digests or the releases of a scope.

        Raises ArchiveError where one of these is damaged, or where the index cannot be used.
        """

        def put(connection: sqlite3.Connection) -> T:
            for place, error in sorted(self._damaged[scope].items()):
                if place.sort is sort:
                    raise error
            return question(connection)

        return self._work(scope, put)

    def knows(self, place: Place, content: bytes) -> bool:
        """Say whether these very bytes of a record were read before, and were whole."""
        return self._work(
            place.scope, lambda connection: tables.read_hash(connection, place) == _hash(content)
        )

    def note_day(self, place: Place, record: DayRecord, content: bytes) -> None:
        """Note a day record whose file has just been written."""
        self._note(place, content, lambda *row: tables.write_day(row[0], place, record, *row[1:]))

    def note_digest(self, place: Place, record: DigestRecord, content: bytes) -> None:
        """Note a digest whose file has just been written."""
        self._note(place, content, lambda *row: tables.write_digest(row[0], place, record, *row[1:]))

    def note_release(self, place: Place, record: ReleaseRecord, content: bytes) -> None:
        """Note a release whose file has just been written."""
        self._note(place, content, lambda *row: tables.write_release(row[0], place, record, *row[1:]))

    def note_removed(self, place: Place) -> None:
        """Note that a record's file has just been removed."""

        def remove(connection: sqlite3.Connection) -> None:
            with write(connection):
                tables.remove_rows(connection, place)
            self._damaged[place.scope].pop(place, None)

        self._work(place.scope, remove)

    def note_confirmed(self, scope: str, matters: Mapping[Place, str]) -> None:
        """Note that digests of a scope are as they should be for their matter."""

        def confirm(connection: sqlite3.Connection) -> None:
            with write(connection):
                tables.write_confirmed(connection, matters)

        self._work(scope, confirm)

    def _note(
        self, place: Place, content: bytes, tell: Callable[[sqlite3.Connection, str, Stamp | None], None]
    ) -> None:
        digest = _hash(content)

        def note(connection: sqlite3.Connection) -> None:
            self._damaged[place.scope].pop(place, None)
            if tables.read_hash(connection, place) != digest:
                with write(connection):
                    # Its stamp is too young to prove anything: the next Index looks at the bytes once more.
                    tell(connection, digest, None)

        self._work(place.scope, note)

    def _work(self, scope: str, work: Question[T]) -> T:
        """Do something with a connection that knows the scope; where that finds damage, with one made anew."""
        with self._lock:
            try:
                try:
                    return work(self._refresh(scope))
                except (sqlite3.DatabaseError, ValidationError) as error:
                    if is_out_of_reach(error):
                        raise
                    self._throw_away()
                    return work(self._refresh(scope))
            except sqlite3.Error as error:
                raise ArchiveError(
                    f"{INDEX}: {error}",
                    "Make room on the disk and the file writable, or remove it, and try again.",
                ) from error

    def _throw_away(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None
        self._damaged.clear()
        remove_database(self._path)

    def _refresh(self, scope: str) -> sqlite3.Connection:
        """Open the index where that is still to be done, and bring it up to date about a scope, once."""
        connection = self._connection or self._open()
        if scope not in self._damaged:
            self._damaged[scope] = self._look(connection, scope)
        return connection

    def _open(self) -> sqlite3.Connection:
        connection = self._connection = tables.open_tables(self._path)
        weakref.finalize(self, connection.close)
        for scope in tables.read_scopes(connection):
            if not (self._docs / scope).is_dir():
                self._look(connection, scope)
        return connection

    def _look(self, connection: sqlite3.Connection, scope: str) -> dict[Place, ArchiveError]:
        """Look at the files of a scope that are not as they were; say which are damaged, and how."""
        now = self._read_clock()
        known = tables.read_stamps(connection, scope)
        found = list_records(self._docs, scope)
        doubtful = sorted(
            place
            for place in known.keys() | found.keys()
            if known.get(place) is None or known[place] != found.get(place)
        )
        damaged: dict[Place, ArchiveError] = {}
        for start in range(0, len(doubtful), _AT_ONCE):
            # A file is read while no other process writes rows, so that the newest rows are of the newest file.
            with write(connection):
                for place in doubtful[start : start + _AT_ONCE]:
                    try:
                        self._renew(connection, place, now)
                    except ArchiveError as error:
                        damaged[place] = error
        return damaged

    def _read_clock(self) -> int:
        """Read the file system's clock, in nanoseconds since the epoch."""
        self._path.touch()
        return self._path.stat().st_mtime_ns

    def _renew(self, connection: sqlite3.Connection, place: Place, now: int) -> None:
        """Look at a file's bytes, and at what they say only where they are others than before."""
        path = self._docs / place.path
        # Before the bytes: should somebody write in between, the stamp is not that of the file.
        stamp, content = read_stamp(path), read_existing(path)
        if stamp is None or content is None:
            tables.remove_rows(connection, place)
            return
        digest = _hash(content)
        proof = stamp if max(stamp.modified, stamp.changed) < now - _TICK else None
        if tables.read_hash(connection, place) == digest:
            tables.write_stamp(connection, place, proof)
            return
        # First of all, because of a damaged record nothing is known.
        tables.remove_rows(connection, place)
        if place.sort is Sort.DAY:
            day = parse_day(content, self._docs, place)
            tables.write_day(connection, place, day, digest, proof)
        elif place.sort is Sort.RELEASE:
            tables.write_release(connection, place, parse_release(content, self._docs, place), digest, proof)
        else:
            tables.write_digest(connection, place, parse_digest(content, self._docs, place), digest, proof)


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
