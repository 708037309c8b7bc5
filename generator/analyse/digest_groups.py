"""Choose which commits stand together in one line of a digest by rules, and which lines there are.

This module must not write a word: it sorts, groups and counts.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

from generator.analyse.digest_source import DigestSource
from generator.records import Importance, Kind

MOST_LINES: Final = 7
# Where there are as many commits. Below this, small things get a line of their own, so that a quiet day says more than
# a number.
LEAST_LINES: Final = 3
# How many commits a line links.
MOST_COMMITS: Final = 6
# Below this, work that no user sees gets one, where it is more than small.
_SOME_LINES = 5
# How many titles a line has room for.
MOST_TITLES: Final = 4

# A word that names one thing, such as `MiniMax-M2` or `paged_kv`; shorter ones name what everything is about.
_NAME = re.compile(r"(?=[A-Za-z0-9_.-]*(?:\d|_|[a-z][A-Z]))[A-Za-z][A-Za-z0-9_.-]{4,}[A-Za-z0-9]")
# A repository, a sort of thing, and which one.
Thing: TypeAlias = tuple[str, str, str]
_ORDER = {importance: number for number, importance in enumerate(Importance)}


class Head(StrEnum):
    """What a line is about, in the order of the lines; a kind stands for commits that are nothing more."""

    BREAKING = "breaking"
    SECURITY = "security"
    REVERT = "revert"
    INTERFACE = "interface"
    FEATURE = "feature"
    FIX = "fix"
    PERFORMANCE = "performance"
    DEPENDENCY = "dependency"
    CONFIG = "config"
    REFACTOR = "refactor"
    TEST = "test"
    CI = "ci"
    DOCS = "docs"
    OTHER = "other"


_FIRST = (Head.BREAKING, Head.SECURITY, Head.REVERT)
# Of middling importance, what no user sees.
_PLAIN = (Head.REFACTOR, Head.TEST, Head.CI, Head.DOCS, Head.OTHER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Commits of one line: all of one head and one importance, those of one thing side by side."""

    head: Head
    importance: Importance
    clusters: tuple[tuple[DigestSource, ...], ...]

    @property
    def sources(self) -> tuple[DigestSource, ...]:
        """All commits, the most important thing's first."""
        return tuple(source for cluster in self.clusters for source in cluster)


def choose_groups(sources: Sequence[DigestSource]) -> tuple[list[Group], list[DigestSource]]:
    """Choose the lines, most important first, and what is left to be counted."""
    groups = _group(sources)
    chosen = _split([group for group in groups if _is_telling(group)][: MOST_LINES - 1])
    plain = [group for group in groups if not _is_telling(group) and group.importance is not Importance.LOW]
    chosen += plain[: max(_SOME_LINES - len(chosen), 0)]
    small = [group for group in groups if not _is_telling(group) and group.importance is Importance.LOW]
    chosen += small[: max(LEAST_LINES - len(chosen), 0)]
    told = {source for group in chosen for source in group.sources}
    return chosen, [source for source in sources if source not in told]


def find_head(source: DigestSource) -> Head:
    """Find what a commit is about for its reader."""
    is_small = source.importance is Importance.LOW
    if source.breaking.answer == "yes":
        return Head.BREAKING
    if Kind.SECURITY in source.kinds and not is_small:
        return Head.SECURITY
    if (source.kinds[0] is Kind.REVERT or source.is_reverted) and not is_small:
        return Head.REVERT
    if source.importance is Importance.HIGH and source.breaking.answer == "unclear":
        return Head.INTERFACE
    return Head(source.kinds[0])


def _is_telling(group: Group) -> bool:
    if group.importance is Importance.HIGH:
        return True
    return group.importance is Importance.MEDIUM and group.head not in _PLAIN


def _group(sources: Sequence[DigestSource]) -> list[Group]:
    by_place: dict[tuple[int, Head], list[DigestSource]] = {}
    for source in sources:
        head = find_head(source)
        # What is breaking, insecure or taken back is important whatever its size.
        rank = 0 if head in _FIRST else _ORDER[source.importance]
        by_place.setdefault((rank, head), []).append(source)
    heads = list(Head)
    order = sorted(by_place, key=lambda place: (place[0], heads.index(place[1])))
    return [
        Group(head=head, importance=list(Importance)[rank], clusters=tuple(_cluster(by_place[rank, head])))
        for rank, head in order
    ]


def _cluster(sources: Sequence[DigestSource]) -> Iterator[tuple[DigestSource, ...]]:
    """Put together what is about the same thing, the largest first."""
    left = sorted(sources, key=lambda source: -source.lines)
    things = [frozenset(_find_things(source)) for source in left]
    # By thing and not pair by pair: a month has thousands of commits.
    places: defaultdict[Thing, list[int]] = defaultdict(list)
    for place, own in enumerate(things):
        for thing in own:
            places[thing].append(place)
    taken: set[int] = set()
    clusters = []
    for seed, own in enumerate(things):
        if seed not in taken:
            cluster = sorted({place for thing in own for place in places[thing]} - taken)
            clusters.append([left[place] for place in cluster])
            taken.update(cluster)
    clusters.sort(key=lambda cluster: -len(cluster))
    return map(tuple, clusters)


def _find_things(source: DigestSource) -> Iterator[Thing]:
    """Find what a commit is about: two that share one of these stand together."""
    repository = source.repository
    yield repository, "landing", source.landing_sha
    # A revert has the title of what it takes back.
    yield repository, "title", source.content
    if source.pull_request is not None:
        yield repository, "pull request", str(source.pull_request)
    for name in _find_names(source):
        yield repository, "name", name


def _find_names(source: DigestSource) -> set[str]:
    words = [match.group() for match in _NAME.finditer(source.content[:300])]
    return {word.casefold() for word in (*source.areas, *words)}


def _split(groups: Sequence[Group]) -> list[Group]:
    """Give single things lines of their own while there is room, the most important first."""
    chosen = list(groups)
    while len(chosen) < MOST_LINES - 1:
        place = next((place for place, group in enumerate(chosen) if _has_too_much(group)), None)
        if place is None:
            break
        first, *rest = chosen[place].clusters
        parts = [
            Group(head=chosen[place].head, importance=chosen[place].importance, clusters=tuple(clusters))
            for clusters in ([first], rest)
        ]
        chosen[place : place + 1] = parts
    return chosen


def _has_too_much(group: Group) -> bool:
    if len(group.clusters) < 2:
        return False
    return group.importance is Importance.HIGH or len(group.sources) > MOST_TITLES
