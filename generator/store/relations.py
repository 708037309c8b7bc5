"""Keep the index's tables of which commits belong together, and answer from them.

This module must not decide what a message claims. Like `tables`, it works on a connection that its caller keeps others
from using; it looks at commits that something is claimed of, or that share a pull request, and at no others.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from generator.claims import find_claims
from generator.record_additions import MOST_RELATED, Related
from generator.records import DayRecord
from generator.store.places import Place

SCHEMA = """
-- What a commit's message says that it follows up: a commit, by a SHA that may be short, or a pull request.
CREATE TABLE claims (scope TEXT NOT NULL, day TEXT NOT NULL, sha TEXT NOT NULL, target TEXT, pull_request INTEGER);
CREATE INDEX claims_by_day ON claims (scope, day);
-- Pull requests of which there are several commits, or once were: what to look among for those there are.
CREATE TABLE shared (
    scope TEXT NOT NULL, pull_request INTEGER NOT NULL,
    PRIMARY KEY (scope, pull_request)
) WITHOUT ROWID;
-- What is written in a commit's record of those that belong to it, in its order.
CREATE TABLE related (
    scope TEXT NOT NULL, day TEXT NOT NULL, sha TEXT NOT NULL, sort TEXT NOT NULL, place INTEGER NOT NULL,
    other TEXT NOT NULL,
    PRIMARY KEY (scope, day, sha, sort, place)
) WITHOUT ROWID;
"""

Relations = dict[tuple[date, str], Related]
_Sorts = defaultdict[str, set["_Member"]]


class _Member(NamedTuple):
    """A commit in landing order; `landed` is in microseconds since the epoch."""

    landed: int
    sha: str
    day: str


_FOLLOWERS = """
    SELECT f.landed, f.sha, f.day, m.target, c.landed, c.sha, c.day FROM claims m
    CROSS JOIN commits f ON f.scope = m.scope AND f.sha = m.sha AND f.day = m.day
    CROSS JOIN commits c {target}
    WHERE m.scope = ? AND NOT f.gone AND f.sha <> c.sha AND c.landed <= f.landed
"""
# What begins with the short SHA: "g" comes after every figure of a SHA.
_BY_SHA = "ON c.scope = m.scope AND c.sha >= m.target AND c.sha < m.target || 'g'"
_BY_PULL_REQUEST = (
    "INDEXED BY commits_by_pull_request ON c.scope = m.scope AND c.pull_request = m.pull_request"
)
_MEMBERS = """
    SELECT c.pull_request, c.landed, c.sha, c.day, c.gone FROM shared s
    CROSS JOIN commits c INDEXED BY commits_by_pull_request
    ON c.scope = s.scope AND c.pull_request = s.pull_request
    WHERE s.scope = ? ORDER BY 1, 2, 3
"""
_NOTE_SHARED = """
    INSERT OR IGNORE INTO shared (scope, pull_request)
    SELECT c.scope, c.pull_request FROM commits c INDEXED BY commits_by_day
    WHERE c.scope = ? AND c.day = ? AND c.pull_request IS NOT NULL AND EXISTS (
        SELECT 1 FROM commits o INDEXED BY commits_by_pull_request
        WHERE o.scope = c.scope AND o.pull_request = c.pull_request AND o.sha <> c.sha
    )
"""


def write_relations(connection: sqlite3.Connection, place: Place, record: DayRecord) -> None:
    """Note what a day's commits claim and have written of others; the day's rows of `commits` must be there."""
    key = place.scope, place.period
    connection.executemany(
        "INSERT INTO claims (scope, day, sha, target, pull_request) VALUES (?, ?, ?, ?, ?)",
        (
            (*key, commit.sha, *claim)
            for commit in record.commits
            for claim in find_claims(commit, record.repository)
        ),
    )
    connection.execute(_NOTE_SHARED, key)
    connection.executemany(
        "INSERT INTO related (scope, day, sha, sort, place, other) VALUES (?, ?, ?, ?, ?, ?)",
        (
            (*key, commit.sha, sort, number, other)
            for commit in record.commits
            if commit.related is not None
            for sort, others in commit.related
            for number, other in enumerate(others)
        ),
    )


def remove_relations(connection: sqlite3.Connection, place: Place) -> None:
    """Forget what a day's commits claimed and had written of others."""
    for table in ("claims", "related"):
        connection.execute(f"DELETE FROM {table} WHERE scope = ? AND day = ?", (place.scope, place.period))


def find_relations(connection: sqlite3.Connection, name: str) -> Relations:
    """Find what belongs to each commit, by its day and SHA, as all records of a repository together know it.

    What is gone follows nothing any more, and is no other's companion.
    """
    found: defaultdict[_Member, _Sorts] = defaultdict(lambda: defaultdict(set))
    for follower, target in _find_followers(connection, name):
        found[follower]["follows"].add(target)
        found[target]["followed_by"].add(follower)
    for member, others in _find_companions(connection, name):
        found[member]["same_pull_request"] = others
    return {
        (date.fromisoformat(member.day), member.sha): Related(
            **{
                sort: tuple(other.sha for other in sorted(others)[:MOST_RELATED])
                for sort, others in sorts.items()
            }
        )
        for member, sorts in found.items()
    }


def read_related(connection: sqlite3.Connection, name: str) -> Relations:
    """Read what belongs to each commit, by its day and SHA, as its own record has it."""
    query = "SELECT day, sha, sort, other FROM related WHERE scope = ? ORDER BY day, sha, sort, place"
    found: defaultdict[tuple[str, str], defaultdict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for day, sha, sort, other in connection.execute(query, (name,)):
        found[day, sha][sort].append(other)
    return {
        (date.fromisoformat(day), sha): Related(**{sort: tuple(others) for sort, others in sorts.items()})
        for (day, sha), sorts in found.items()
    }


def _find_followers(connection: sqlite3.Connection, name: str) -> Iterator[tuple[_Member, _Member]]:
    """Find who follows whom; a short SHA that several commits begin with names none of them."""
    named: defaultdict[tuple[_Member, str], set[_Member]] = defaultdict(set)
    for *row, target, landed, sha, day in connection.execute(_FOLLOWERS.format(target=_BY_SHA), (name,)):
        named[_Member(*row), target].add(_Member(landed, sha, day))
    for (follower, _), targets in named.items():
        if len({target.sha for target in targets}) == 1:
            yield from ((follower, target) for target in targets)
    for *row, _, landed, sha, day in connection.execute(_FOLLOWERS.format(target=_BY_PULL_REQUEST), (name,)):
        yield _Member(*row), _Member(landed, sha, day)


def _find_companions(connection: sqlite3.Connection, name: str) -> Iterator[tuple[_Member, set[_Member]]]:
    """Find what else is of a commit's pull request; only the first can have to be told of, however many there are."""
    for _, rows in groupby(connection.execute(_MEMBERS, (name,)), itemgetter(0)):
        listed = [(_Member(*member), bool(is_gone)) for _, *member, is_gone in rows]
        first = [member for member, is_gone in listed if not is_gone][: MOST_RELATED + 1]
        for member, _ in listed:
            others = {other for other in first if other.sha != member.sha}
            if others:
                yield member, others
