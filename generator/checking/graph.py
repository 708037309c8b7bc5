"""Hold the days of a repository against the commit graph of its mirror.

This module must not write anything or reach the network: it asks the mirror that is there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from generator.checking.findings import Finding
from generator.collect.landing import Before, Landing, find_landings
from generator.collect.mirror import Mirror, Node
from generator.records import RepositoryRecord
from generator.store.checking import Entry
from generator.store.places import place_day


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What the graph says of a repository's days.

    `landings` are of all that is reachable from the archived tip, as they land when looked at now; `missing` are those
    of them that should be archived and are not. `problems` are of single commits, these left out. `wrong_days` have a
    record that says otherwise of git than git does.
    """

    landings: tuple[Landing, ...]
    missing: tuple[Landing, ...]
    problems: tuple[Finding, ...]
    wrong_days: frozenset[date]


def compare(
    mirror: Mirror, record: RepositoryRecord, commits: Mapping[str, Entry], fetched: int
) -> Comparison | str:
    """Compare the archived commits of a repository with what is reachable from its archived tip.

    `fetched` is a moment that is not before the last fetch, in seconds since the epoch. Where the mirror cannot say
    it, the reason is returned. Raises RemoteError where the mirror is damaged.
    """
    if record.tip is None:
        return "it was never looked at to the end"
    if not (mirror.folder / "HEAD").is_file():
        return "there is no mirror of it"
    if not mirror.find_existing([record.tip]):
        return f"its mirror does not have the archived tip {record.tip}"
    graph = {node.sha: node for node in mirror.walk(record.tip)}
    landings = tuple(find_landings(graph, record.tip, Before(), fetched, ZoneInfo(record.timezone)))
    older = {sha: entry for sha, entry in commits.items() if _is_older(entry, graph)}
    return Comparison(
        landings=landings,
        missing=tuple(
            landing for landing in landings if landing.sha not in commits and is_covered(record, landing.day)
        ),
        problems=(*_check_marks(record, commits, graph), *_tell_older(record.repository, older)),
        wrong_days=frozenset(entry.day for entry in older.values()),
    )


def is_covered(record: RepositoryRecord, day: date) -> bool:
    """Say whether a day is one that the archive says it has looked at."""
    return (
        record.whole
        or (bool(record.covered) and day >= record.covered[-1].last)
        or any(span.first <= day <= span.last for span in record.covered)
    )


def tell_missing(name: str, missing: tuple[Landing, ...], days: frozenset[date]) -> Iterator[Finding]:
    """Say of each day what it lacks; `days` are those that have a record."""
    by_day: defaultdict[date, list[Landing]] = defaultdict(list)
    for landing in missing:
        by_day[landing.day].append(landing)
    for day, landings in sorted(by_day.items()):
        many = f"{len(landings):,} commit{'s' if len(landings) > 1 else ''}"
        fact = f"lacks {many} that landed on its day" if day in days else f"is not there; {many} landed then"
        yield Finding(f"docs/{place_day(name, day).path}", f"{fact}: {landings[0].sha} first")


def _check_marks(
    record: RepositoryRecord, commits: Mapping[str, Entry], graph: Mapping[str, Node]
) -> Iterator[Finding]:
    for sha, entry in commits.items():
        # After a run that was cut short, what it brought is not reachable from the tip before.
        if sha not in graph and not entry.gone and record.writing is None:
            fact = f"{sha} is not reachable from the archived tip, and not marked as gone"
            yield Finding(_show_day(record.repository, entry), fact)
        elif sha in graph and entry.gone:
            fact = f"{sha} is marked as gone, and reachable from the archived tip"
            yield Finding(_show_day(record.repository, entry), fact)


def _is_older(entry: Entry, graph: Mapping[str, Node]) -> bool:
    """Say whether the landing commit is older than what it gave its group.

    One that was dated after the fetch took an earlier moment than its own, so that the opposite proves nothing.
    """
    landing = graph.get(entry.landing_sha)
    return landing is not None and landing.seconds < entry.landed


def _tell_older(name: str, older: Mapping[str, Entry]) -> Iterator[Finding]:
    for sha, entry in older.items():
        yield Finding(
            _show_day(name, entry), f"{sha} landed with {entry.landing_sha}, which is older than that"
        )


def _show_day(name: str, entry: Entry) -> str:
    return f"docs/{place_day(name, entry.day).path}"
