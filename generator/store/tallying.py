"""Keep the index's table of what is counted by day, and add it up over days.

This module must not decide what is counted. Like `tables`, it works on a connection that its caller keeps others from
using; it adds up in SQL, so that a year costs what is counted in it and no record is read.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Mapping
from datetime import date

from generator.records import DayRecord, Kind
from generator.store.places import Place
from generator.tallies import (
    MOST_AUTHORS,
    MOST_FOLDERS,
    AuthorTally,
    DayNumber,
    Facet,
    Tallies,
    tally_day,
)

SCHEMA = """
-- How many commits of a day have which value of which facet. By facet first: what adds up one walks over no other.
CREATE TABLE tallies (
    scope TEXT NOT NULL, facet TEXT NOT NULL, day TEXT NOT NULL, value TEXT NOT NULL, kind TEXT NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (scope, facet, day, value, kind)
) WITHOUT ROWID;
"""

_Span = tuple[str, str, str]
_WHERE = "WHERE scope = ? AND facet = ? AND day BETWEEN ? AND ?"


def write_tallies(connection: sqlite3.Connection, place: Place, record: DayRecord) -> None:
    """Put what is counted of a day into the table; nothing of that day may be there."""
    connection.executemany(
        "INSERT INTO tallies (scope, day, facet, value, kind, number) VALUES (?, ?, ?, ?, ?, ?)",
        ((place.scope, place.period, *tally) for tally in tally_day(record)),
    )


def remove_tallies(connection: sqlite3.Connection, place: Place) -> None:
    """Forget what was counted of a day."""
    connection.executemany(
        "DELETE FROM tallies WHERE scope = ? AND facet = ? AND day = ?",
        ((place.scope, facet, place.period) for facet in Facet),
    )


def read_tallies(connection: sqlite3.Connection, name: str, first: date, last: date) -> Tallies:
    """Add up what is counted of a repository's days from `first` to `last`."""
    span = name, first.isoformat(), last.isoformat()
    return Tallies(
        importance=_read_days(connection, span, Facet.IMPORTANCE),
        kinds=_read_days(connection, span, Facet.KIND),
        folders=tuple(
            (value, number) for value, number, *_ in _rank(connection, span, Facet.FOLDER, MOST_FOLDERS)
        ),
        all_folders=_count(connection, span, Facet.FOLDER),
        authors=_read_authors(connection, span),
        all_authors=_count(connection, span, Facet.AUTHOR),
    )


def _read_days(connection: sqlite3.Connection, span: _Span, facet: Facet) -> tuple[DayNumber, ...]:
    query = f"SELECT day, value, number FROM tallies {_WHERE} ORDER BY day, value"
    found = connection.execute(query, _spread(span, facet))
    return tuple(DayNumber(date.fromisoformat(day), value, number) for day, value, number in found)


def _rank(
    connection: sqlite3.Connection, span: _Span, facet: Facet, most: int
) -> list[tuple[str, int, str, str]]:
    query = (
        f"SELECT value, sum(number) AS numbers, min(day), max(day) FROM tallies {_WHERE} "
        "GROUP BY value ORDER BY numbers DESC, value LIMIT ?"
    )
    return connection.execute(query, (*_spread(span, facet), most)).fetchall()


def _count(connection: sqlite3.Connection, span: _Span, facet: Facet) -> int:
    query = f"SELECT count(DISTINCT value) FROM tallies {_WHERE}"
    return int(connection.execute(query, _spread(span, facet)).fetchone()[0])


def _read_authors(connection: sqlite3.Connection, span: _Span) -> tuple[AuthorTally, ...]:
    ranked = _rank(connection, span, Facet.AUTHOR, MOST_AUTHORS)
    kinds = _read_kinds(connection, span, [name for name, *_ in ranked])
    return tuple(
        AuthorTally(
            name=name,
            commits=number,
            kinds=kinds[name],
            first=date.fromisoformat(first),
            last=date.fromisoformat(last),
        )
        for name, number, first, last in ranked
    )


def _read_kinds(
    connection: sqlite3.Connection, span: _Span, names: list[str]
) -> Mapping[str, tuple[tuple[Kind, int], ...]]:
    query = (
        f"SELECT value, kind, sum(number) AS numbers FROM tallies {_WHERE} "
        f"AND value IN ({', '.join('?' * len(names))}) GROUP BY value, kind ORDER BY value, numbers DESC, kind"
    )
    found: defaultdict[str, list[tuple[Kind, int]]] = defaultdict(list)
    for name, kind, number in connection.execute(query, (*_spread(span, Facet.AUTHOR_KIND), *names)):
        found[name].append((Kind(kind), number))
    return {name: tuple(kinds) for name, kinds in found.items()}


def _spread(span: _Span, facet: Facet) -> tuple[str, str, str, str]:
    name, first, last = span
    return name, facet, first, last
