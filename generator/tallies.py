"""Define what is counted of a repository's days for the pages that tell of a year: kinds, importance, authors, folders.

This module must not read a file. Tallies follow from day records alone: they can be made again at any time. A commit
that a force-push removed counts nowhere.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from generator.records import Commit, DayRecord, Kind

# A page lists no more of them, however many there are.
MOST_AUTHORS = 200
MOST_FOLDERS = 15
_LONGEST_NAME = 80
_LONGEST_FOLDER = 120
_MOST_SEGMENTS = 2
# A commit that moves a whole tree says of no folder that work is done there.
_MOST_FOLDERS_OF_A_COMMIT = 100


class Facet(StrEnum):
    """By what commits are counted."""

    IMPORTANCE = "importance"
    KIND = "kind"
    AUTHOR = "author"
    AUTHOR_KIND = "author-kind"
    FOLDER = "folder"


class Tally(NamedTuple):
    """So many commits of a day have this value of a facet; `kind` is that of an author's kinds, empty elsewhere."""

    facet: Facet
    value: str
    kind: str
    number: int


class DayNumber(NamedTuple):
    """So many commits of a day have this value."""

    day: date
    value: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorTally:
    """What somebody landed, by the name in the commits: plain text, which may be empty or cut.

    `kinds` has the most frequent first, and a commit of several counts for each; `first` and `last` are landing days.
    """

    name: str
    commits: int
    kinds: tuple[tuple[Kind, int], ...]
    first: date
    last: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Tallies:
    """What was counted of a repository's days.

    `importance` and `kinds` are by day, ascending. `folders` are those that most commits touch, `authors` those who
    landed most; `all_folders` and `all_authors` say how many there are. A folder is cut to two segments; the top one
    is empty.
    """

    importance: tuple[DayNumber, ...]
    kinds: tuple[DayNumber, ...]
    folders: tuple[tuple[str, int], ...]
    all_folders: int
    authors: tuple[AuthorTally, ...]
    all_authors: int


def tally_day(record: DayRecord) -> tuple[Tally, ...]:
    """Count the commits of a day, each facet and value once."""
    numbers: Counter[tuple[Facet, str, str]] = Counter()
    for commit in record.commits:
        if not commit.gone:
            numbers.update(set(_list_values(commit)))
    return tuple(Tally(*key, number) for key, number in sorted(numbers.items()))


def add_tallies(days: Iterable[tuple[date, Iterable[Tally]]]) -> Tallies:
    """Add up days, which come in ascending order."""
    found = [(day, tally) for day, tallies in days for tally in tallies]
    folders: Counter[str] = Counter()
    for _, tally in found:
        if tally.facet is Facet.FOLDER:
            folders[tally.value] += tally.number
    authors = _add_authors(found)
    return Tallies(
        importance=_select(found, Facet.IMPORTANCE),
        kinds=_select(found, Facet.KIND),
        folders=_rank(folders)[:MOST_FOLDERS],
        all_folders=len(folders),
        authors=authors[:MOST_AUTHORS],
        all_authors=len(authors),
    )


def find_folder(path: str) -> str:
    """Find the folder that a path counts for: its own, or the one that holds that, cut to two segments."""
    return "/".join(path.split("/")[:-1][:_MOST_SEGMENTS])[:_LONGEST_FOLDER]


def _list_values(commit: Commit) -> Iterable[tuple[Facet, str, str]]:
    analysis, author = commit.analysis, commit.author.name[:_LONGEST_NAME]
    yield Facet.IMPORTANCE, str(analysis.importance), ""
    yield Facet.AUTHOR, author, ""
    for kind in analysis.kinds:
        yield Facet.KIND, str(kind), ""
        yield Facet.AUTHOR_KIND, author, str(kind)
    folders = dict.fromkeys(find_folder(file.path) for file in commit.files)
    if len(folders) <= _MOST_FOLDERS_OF_A_COMMIT:
        yield from ((Facet.FOLDER, folder, "") for folder in folders)


def _select(found: Iterable[tuple[date, Tally]], facet: Facet) -> tuple[DayNumber, ...]:
    return tuple(DayNumber(day, tally.value, tally.number) for day, tally in found if tally.facet is facet)


def _add_authors(found: Iterable[tuple[date, Tally]]) -> tuple[AuthorTally, ...]:
    commits: Counter[str] = Counter()
    kinds: defaultdict[str, Counter[str]] = defaultdict(Counter)
    days: defaultdict[str, list[date]] = defaultdict(list)
    for day, tally in found:
        if tally.facet is Facet.AUTHOR:
            commits[tally.value] += tally.number
            days[tally.value].append(day)
        elif tally.facet is Facet.AUTHOR_KIND:
            kinds[tally.value][tally.kind] += tally.number
    return tuple(
        AuthorTally(
            name=name,
            commits=number,
            kinds=tuple((Kind(kind), some) for kind, some in _rank(kinds[name])),
            first=days[name][0],
            last=days[name][-1],
        )
        for name, number in _rank(commits)
    )


def _rank(numbers: Counter[str]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(numbers.items(), key=lambda ranked: (-ranked[1], ranked[0])))
