"""Find where commits landed: the mainline commit through which each entered the tracked branch, and its day.

This module must not look at author dates, at date windows or at the clock; the moment of the fetch is an argument.
The rule: a commit lands with the first commit of the first-parent chain that it is reachable from, and its day is
that commit's committer date in the archive's time zone. A date after the fetch is nobody's; such a commit takes
the moment of the mainline commit before it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from generator.collect.mirror import Node
from generator.days import find_day


@dataclass(frozen=True, slots=True, kw_only=True)
class Landing:
    """Where one commit landed.

    `seconds` are those of the landing commit, since the epoch, and `before` is the mainline commit before it, None
    before a root. `late` says that the mainline before it already had a commit of a later day.
    """

    sha: str
    landing_sha: str
    before: str | None
    seconds: int
    day: date
    late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """The mainline that is archived already: the moment of its tip, and the latest day on it."""

    seconds: int | None = None
    newest_day: date | None = None


def find_landings(
    graph: Mapping[str, Node], tip: str, before: Before, fetched: int, timezone: ZoneInfo
) -> Iterator[Landing]:
    """Place the commits of `graph`, which holds all that is reachable from `tip` and not archived.

    They come in landing order: mainline order, and within one landing parents before children, so that the order
    depends on the graph alone. `fetched` is the moment of the fetch, in seconds since the epoch.
    """
    mainline = _find_mainline(graph, tip)
    moments = _find_moments([graph[sha].seconds for sha in mainline], before.seconds, fetched)
    newest = before.newest_day
    placed: set[str] = set()
    for landing_sha, seconds in zip(mainline, moments, strict=True):
        day = find_day(seconds, timezone)
        assert day is not None  # a moment between 1970 and the fetch
        before_it = next(iter(graph[landing_sha].parents), None)
        late = newest is not None and day < newest
        newest = day if newest is None else max(newest, day)
        for sha in _find_group(graph, landing_sha, placed):
            yield Landing(
                sha=sha, landing_sha=landing_sha, before=before_it, seconds=seconds, day=day, late=late
            )


def _find_mainline(graph: Mapping[str, Node], tip: str) -> list[str]:
    """Follow first parents from `tip` as far as `graph` goes; oldest first."""
    chain: list[str] = []
    node = graph.get(tip)
    while node is not None:
        chain.append(node.sha)
        node = graph.get(node.parents[0]) if node.parents else None
    return chain[::-1]


def _find_moments(dates: list[int], before: int | None, fetched: int) -> list[int]:
    """Replace dates after the fetch by the moment before them; the first ones of a history by the first sane one."""
    sane = next((seconds for seconds in dates if seconds <= fetched), fetched)
    moments = [sane if before is None else before]
    for seconds in dates:
        moments.append(seconds if seconds <= fetched else moments[-1])
    return moments[1:]


def _find_group(graph: Mapping[str, Node], landing_sha: str, placed: set[str]) -> Iterator[str]:
    """Walk what the landing commit brought in, parents first, first parents before others."""
    stack = [(landing_sha, iter(graph[landing_sha].parents))]
    placed.add(landing_sha)
    while stack:
        sha, parents = stack[-1]
        parent = next((parent for parent in parents if parent in graph and parent not in placed), None)
        if parent is None:
            stack.pop()
            yield sha
        else:
            placed.add(parent)
            stack.append((parent, iter(graph[parent].parents)))
