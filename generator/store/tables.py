"""Keep the tables of the index: what is in them of a record, and how it is asked for.

This module must not know the disk beyond the index file itself, and no lock but that of its making. Every function
works on a connection that its caller keeps others from using; what belongs together is written inside `write`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple
from datetime import date
from functools import cache, partial
from pathlib import Path

from pydantic import TypeAdapter

from generator.database import find_version, open_database, read_version
from generator.fingerprint import hash_code
from generator.headlines import Headline, list_paths, make_headline
from generator.records import Commit, DayRecord, DigestRecord, Outcome
from generator.release_records import ReleaseRecord
from generator.store import relations, tallying
from generator.store.places import Place, Sort, Stamp
from generator.summaries import (
    DaySummary,
    DigestSummary,
    ReleaseSummary,
    summarise_day,
    summarise_digest,
    summarise_release,
)

_DAY: TypeAdapter[DaySummary] = TypeAdapter(DaySummary)
_DIGEST: TypeAdapter[DigestSummary] = TypeAdapter(DigestSummary)
_RELEASE: TypeAdapter[ReleaseSummary] = TypeAdapter(ReleaseSummary)
_HEADLINE: TypeAdapter[Headline] = TypeAdapter(Headline)
# SQLite takes no more values in one statement, as it is built by default.
_MOST_VALUES = 900
_SCHEMA = """
-- One row a record file. `size`, `modified` and `changed` are its stamp, NULL where that proves nothing yet.
-- `is_open` says that an analysis, or the digest, is pending, failed or refused.
CREATE TABLE records (
    scope TEXT NOT NULL, sort TEXT NOT NULL, period TEXT NOT NULL,
    size INTEGER, modified INTEGER, changed INTEGER,
    sha256 TEXT NOT NULL, is_open INTEGER NOT NULL, summary BLOB NOT NULL,
    PRIMARY KEY (scope, sort, period)
);
CREATE INDEX records_open ON records (scope, sort, period) WHERE is_open;
-- One row a commit of a day record. `landed` is in microseconds since the epoch.
CREATE TABLE commits (
    scope TEXT NOT NULL, sha TEXT NOT NULL, day TEXT NOT NULL,
    gone INTEGER NOT NULL, pull_request INTEGER, landed INTEGER NOT NULL,
    PRIMARY KEY (scope, sha, day)
) WITHOUT ROWID;
CREATE INDEX commits_by_day ON commits (scope, day);
-- With all that is asked for, or SQLite, which knows no counts, would as soon walk through all commits of the scope.
CREATE INDEX commits_by_pull_request ON commits (scope, pull_request, landed);
-- What a commit says that it reverts: another commit or a pull request. What is gone reverts nothing any more.
CREATE TABLE reverts (
    scope TEXT NOT NULL, day TEXT NOT NULL, sha TEXT NOT NULL, landed INTEGER NOT NULL,
    target TEXT, pull_request INTEGER
);
CREATE INDEX reverts_by_day ON reverts (scope, day);
-- What is written in a commit's record of who reverts it.
CREATE TABLE reverted (
    scope TEXT NOT NULL, day TEXT NOT NULL, sha TEXT NOT NULL, reverter TEXT NOT NULL,
    PRIMARY KEY (scope, day, sha, reverter)
) WITHOUT ROWID;
-- What pages that list many commits tell of each, in landing order by `place`. `paths` are joined by NUL, which no
-- path of git's can hold.
CREATE TABLE headlines (
    scope TEXT NOT NULL, day TEXT NOT NULL, sha TEXT NOT NULL, place INTEGER NOT NULL,
    headline BLOB NOT NULL, paths BLOB NOT NULL,
    PRIMARY KEY (scope, day, sha)
);
-- Which digest, by the SHA-256 of its record, was found to be as it should be for which matter. This alone does not
-- follow from the records; where it is lost, digests are looked at once more.
CREATE TABLE confirmed (
    scope TEXT NOT NULL, period TEXT NOT NULL, sha256 TEXT NOT NULL, matter TEXT NOT NULL,
    PRIMARY KEY (scope, period)
) WITHOUT ROWID;
"""
_ALL = _SCHEMA + tallying.SCHEMA + relations.SCHEMA

Marks = dict[tuple[date, str], tuple[str, ...]]


def open_tables(path: Path) -> sqlite3.Connection:
    """Open the index file as `open_database` does.

    Another Daybook may count or cut differently under the same names, so its code is part of the file's version.
    """
    return open_database(path, _ALL, *_find_code())


def is_current(connection: sqlite3.Connection) -> bool:
    """Say whether an index file that is open is one that `open_tables` would not make anew."""
    return read_version(connection) == find_version(_ALL, *_find_code())


@cache
def _find_shapes() -> tuple[object, ...]:
    return _DAY.json_schema(), _DIGEST.json_schema(), _RELEASE.json_schema(), _HEADLINE.json_schema()


def _find_code() -> tuple[object, ...]:
    code = "summaries.py", "bills.py", "headlines.py", "tallies.py", "claims.py"
    return *_find_shapes(), hash_code(*code, "store/tables.py", "store/tallying.py", "store/relations.py")


# What is written.


def write_day(
    connection: sqlite3.Connection, place: Place, record: DayRecord, digest: str, stamp: Stamp | None
) -> None:
    """Put a day record in the place of what was known of its day; `digest` is the SHA-256 of its bytes."""
    remove_rows(connection, place)
    summary = summarise_day(record, digest)
    is_open = summary.counts.incomplete + summary.counts.refused > 0
    _write_record(connection, place, digest, stamp, is_open, _DAY.dump_json(summary))
    key = place.scope, place.period
    connection.executemany(
        "INSERT INTO commits (scope, day, sha, gone, pull_request, landed) VALUES (?, ?, ?, ?, ?, ?)",
        (
            (*key, commit.sha, commit.gone, commit.pull_request, _count_microseconds(commit))
            for commit in record.commits
        ),
    )
    connection.executemany(
        "INSERT INTO reverts (scope, day, sha, landed, target, pull_request) VALUES (?, ?, ?, ?, ?, ?)",
        (
            (*key, commit.sha, _count_microseconds(commit), *target)
            for commit in record.commits
            for target in _find_targets(commit)
        ),
    )
    connection.executemany(
        "INSERT OR IGNORE INTO reverted (scope, day, sha, reverter) VALUES (?, ?, ?, ?)",
        ((*key, commit.sha, reverter) for commit in record.commits for reverter in commit.reverted_by),
    )
    connection.executemany(
        "INSERT INTO headlines (scope, day, sha, place, headline, paths) VALUES (?, ?, ?, ?, ?, ?)",
        (
            (*key, commit.sha, number, *_pack_headline(commit, record.day))
            for number, commit in enumerate(record.commits)
        ),
    )
    tallying.write_tallies(connection, place, record)
    relations.write_relations(connection, place, record)


def write_digest(
    connection: sqlite3.Connection, place: Place, record: DigestRecord, digest: str, stamp: Stamp | None
) -> None:
    """Put a digest in the place of the one that was known; `digest` is the SHA-256 of its bytes."""
    summary = summarise_digest(record, digest)
    is_open = record.outcome is not Outcome.OK
    _write_record(connection, place, digest, stamp, is_open, _DIGEST.dump_json(summary))


def write_release(
    connection: sqlite3.Connection, place: Place, record: ReleaseRecord, digest: str, stamp: Stamp | None
) -> None:
    """Put a release in the place of the one that was known; `digest` is the SHA-256 of its bytes."""
    summary = summarise_release(record, digest)
    _write_record(connection, place, digest, stamp, False, _RELEASE.dump_json(summary))


def write_stamp(connection: sqlite3.Connection, place: Place, stamp: Stamp | None) -> None:
    """Note that a file with this stamp has the bytes that are known."""
    connection.execute(
        "UPDATE records SET size = ?, modified = ?, changed = ? WHERE scope = ? AND sort = ? AND period = ?",
        (*_spread(stamp), *astuple(place)),
    )


def write_confirmed(connection: sqlite3.Connection, matters: Mapping[Place, str]) -> None:
    """Note that these digests, as they are now, are as they should be for their matter."""
    connection.executemany(
        "INSERT OR REPLACE INTO confirmed (scope, period, sha256, matter) "
        "SELECT scope, period, sha256, ? FROM records WHERE scope = ? AND sort = ? AND period = ?",
        ((matter, *astuple(place)) for place, matter in matters.items()),
    )


def remove_rows(connection: sqlite3.Connection, place: Place) -> None:
    """Forget a record."""
    key = place.scope, place.period
    connection.execute(
        "DELETE FROM records WHERE scope = ? AND sort = ? AND period = ?",
        (place.scope, place.sort, place.period),
    )
    if place.sort is Sort.DIGEST:
        connection.execute("DELETE FROM confirmed WHERE scope = ? AND period = ?", key)
    if place.sort is not Sort.DAY:
        return
    for table in ("commits", "reverts", "reverted", "headlines"):
        connection.execute(f"DELETE FROM {table} WHERE scope = ? AND day = ?", key)
    tallying.remove_tallies(connection, place)
    relations.remove_relations(connection, place)


def _write_record(
    connection: sqlite3.Connection,
    place: Place,
    digest: str,
    stamp: Stamp | None,
    is_open: bool,
    summary: bytes,
) -> None:
    connection.execute(
        "INSERT OR REPLACE INTO records (scope, sort, period, size, modified, changed, sha256, is_open, summary) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (*astuple(place), *_spread(stamp), digest, is_open, summary),
    )


def _spread(stamp: Stamp | None) -> tuple[int | None, ...]:
    return (None, None, None) if stamp is None else astuple(stamp)


def _count_microseconds(commit: Commit) -> int:
    return round(commit.landed.timestamp() * 1_000_000)


def _pack_headline(commit: Commit, day: date) -> tuple[bytes, bytes]:
    paths = "\0".join(list_paths(commit)).encode("utf-8", "surrogateescape")
    return _HEADLINE.dump_json(make_headline(commit, day)), paths


def _find_targets(commit: Commit) -> Iterator[tuple[str | None, int | None]]:
    if commit.gone:
        return
    yield from ((sha, None) for sha in commit.reverts)
    if commit.reverts_pull_request is not None:
        yield None, commit.reverts_pull_request


# What is asked.


def read_scopes(connection: sqlite3.Connection) -> list[str]:
    """Read which scopes there are records of."""
    return [scope for (scope,) in connection.execute("SELECT DISTINCT scope FROM records")]


def read_stamps(connection: sqlite3.Connection, scope: str) -> dict[Place, Stamp | None]:
    """Read the stamps of a scope's files as they were when the bytes were looked at; None proves nothing."""
    query = "SELECT sort, period, size, modified, changed FROM records WHERE scope = ?"
    return {
        Place(scope, Sort(sort), period): None if size is None else Stamp(size, modified, changed)
        for sort, period, size, modified, changed in connection.execute(query, (scope,))
    }


def read_hash(connection: sqlite3.Connection, place: Place) -> str | None:
    """Read the SHA-256 of a record's bytes, in hexadecimal; None where there is no such record."""
    query = "SELECT sha256 FROM records WHERE scope = ? AND sort = ? AND period = ?"
    found = connection.execute(query, astuple(place)).fetchone()
    return None if found is None else str(found[0])


def read_hashes(connection: sqlite3.Connection, scope: str, sort: Sort) -> dict[str, str]:
    """Read the SHA-256 of each record of a scope, by its period, ascending."""
    query = "SELECT period, sha256 FROM records WHERE scope = ? AND sort = ? ORDER BY period"
    return dict(connection.execute(query, (scope, sort)))


def read_hashes_since(connection: sqlite3.Connection, scope: str, sort: Sort, first: str) -> dict[str, str]:
    """Read the SHA-256 of each record of a scope from the period `first` on, by its period, ascending."""
    query = "SELECT period, sha256 FROM records WHERE scope = ? AND sort = ? AND period >= ? ORDER BY period"
    return dict(connection.execute(query, (scope, sort, first)))


def read_days(connection: sqlite3.Connection, name: str, *, is_open: bool) -> tuple[DaySummary, ...]:
    """Read the summaries of a repository's days, oldest first, or of those in which something is open."""
    return tuple(map(_DAY.validate_json, _read_summaries(connection, name, Sort.DAY, is_open)))


def read_newest_days(
    connection: sqlite3.Connection, name: str, number: int, *, is_high: bool
) -> tuple[DaySummary, ...]:
    """Read the summaries of a repository's newest days, newest first, or of those with a commit of high importance."""
    condition = "AND json_extract(CAST(summary AS TEXT), '$.counts.high') > 0 " if is_high else ""
    query = (
        f"SELECT summary FROM records WHERE scope = ? AND sort = ? {condition}ORDER BY period DESC LIMIT ?"
    )
    found = connection.execute(query, (name, Sort.DAY, number))
    return tuple(_DAY.validate_json(summary) for (summary,) in found)


def read_digests(connection: sqlite3.Connection, scope: str, *, is_open: bool) -> dict[str, DigestSummary]:
    """Read the summaries of a scope's digests by period, ascending, or of those that are open."""
    found = map(_DIGEST.validate_json, _read_summaries(connection, scope, Sort.DIGEST, is_open))
    return {summary.period: summary for summary in found}


def read_releases(connection: sqlite3.Connection, name: str) -> tuple[ReleaseSummary, ...]:
    """Read the summaries of a repository's releases, by their files' names."""
    return tuple(map(_RELEASE.validate_json, _read_summaries(connection, name, Sort.RELEASE, is_open=False)))


def _read_summaries(connection: sqlite3.Connection, scope: str, sort: Sort, is_open: bool) -> Iterable[bytes]:
    condition = "AND is_open " if is_open else ""
    query = f"SELECT summary FROM records WHERE scope = ? AND sort = ? {condition}ORDER BY period"
    return [summary for (summary,) in connection.execute(query, (scope, sort))]


def read_confirmed(connection: sqlite3.Connection, scope: str) -> dict[str, str]:
    """Read for which matter each digest of a scope was found to be as it should be; one that changed is not."""
    query = (
        "SELECT period, matter FROM confirmed JOIN records USING (scope, period, sha256) "
        "WHERE scope = ? AND sort = ?"
    )
    return dict(connection.execute(query, (scope, Sort.DIGEST)))


def is_archived(connection: sqlite3.Connection, name: str, sha: str) -> bool:
    """Say whether a commit of a repository is in a day record."""
    query = "SELECT 1 FROM commits WHERE scope = ? AND sha = ?"
    return connection.execute(query, (name, sha)).fetchone() is not None


def read_commits(connection: sqlite3.Connection, name: str) -> list[tuple[str, date, bool]]:
    """Read of each commit of a repository its SHA, its day and whether it is marked as gone, by SHA and day."""
    days: dict[str, date] = {}
    query = "SELECT sha, day, gone FROM commits WHERE scope = ? ORDER BY sha, day"
    return [
        (sha, days.get(day) or days.setdefault(day, date.fromisoformat(day)), bool(gone))
        for sha, day, gone in connection.execute(query, (name,))
    ]


def read_headlines(
    connection: sqlite3.Connection, name: str, first: date, last: date
) -> tuple[Headline, ...]:
    """Read the headlines of a repository's commits of the days from `first` to `last`, in landing order."""
    query = "SELECT headline FROM headlines WHERE scope = ? AND day BETWEEN ? AND ? ORDER BY day, place"
    found = connection.execute(query, (name, first.isoformat(), last.isoformat()))
    return tuple(_HEADLINE.validate_json(headline) for (headline,) in found)


def read_touched(
    connection: sqlite3.Connection, name: str, first: date, last: date
) -> Iterator[tuple[Callable[[], Headline], tuple[str, ...]]]:
    """Read the changed paths of each commit of these days in landing order, beside what reads its headline."""
    query = (
        "SELECT headline, paths FROM headlines WHERE scope = ? AND day BETWEEN ? AND ? ORDER BY day, place"
    )
    for headline, paths in connection.execute(query, (name, first.isoformat(), last.isoformat())):
        names = paths.decode("utf-8", "surrogateescape").split("\0") if paths else ()
        yield partial(_HEADLINE.validate_json, headline), tuple(names)


def find_headlines(connection: sqlite3.Connection, name: str, shas: Sequence[str]) -> dict[str, Headline]:
    """Find the headlines of commits of a repository by their SHA; those that are not archived are left out."""
    found: dict[str, Headline] = {}
    for start in range(0, len(shas), _MOST_VALUES):
        part = shas[start : start + _MOST_VALUES]
        query = (
            "SELECT sha, headline FROM commits JOIN headlines USING (scope, day, sha) "
            f"WHERE scope = ? AND sha IN ({', '.join('?' * len(part))}) ORDER BY day"
        )
        rows = connection.execute(query, (name, *part))
        found |= {sha: _HEADLINE.validate_json(headline) for sha, headline in rows}
    return found


def find_reverters(connection: sqlite3.Connection, name: str) -> Marks:
    """Find what reverts each commit, by its day and SHA, as all records of a repository together know it."""
    # A change that landed again under its old number is not reverted by what reverted it the first time.
    query = """
        SELECT c.day, c.sha, r.sha FROM reverts r CROSS JOIN commits c ON c.scope = r.scope AND c.sha = r.target
        WHERE r.scope = ?1 AND r.sha <> c.sha
        UNION
        SELECT c.day, c.sha, r.sha FROM reverts r
        CROSS JOIN commits c ON c.scope = r.scope AND c.pull_request = r.pull_request
        WHERE r.scope = ?1 AND r.sha <> c.sha AND r.landed >= c.landed
        ORDER BY 1, 2, 3
    """
    return _gather(connection.execute(query, (name,)))


def read_reverted(connection: sqlite3.Connection, name: str) -> Marks:
    """Read what reverts each commit, by its day and SHA, as its own record has it."""
    query = "SELECT day, sha, reverter FROM reverted WHERE scope = ? ORDER BY day, sha, reverter"
    return _gather(connection.execute(query, (name,)))


def _gather(rows: Iterable[tuple[str, str, str]]) -> Marks:
    found: Marks = {}
    for day, sha, reverter in rows:
        key = date.fromisoformat(day), sha
        found[key] = (*found.get(key, ()), reverter)
    return found
