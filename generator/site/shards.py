"""Cut the archive's days into shards of the search index.

This module must not read a record or write a file: the shards follow from the summaries of the days alone, so that
whoever cuts the same archive gets the same shards. What was pushed late changes only what follows within its year,
and a new day only the shard of the newest days.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from generator.records import ACROSS
from generator.summaries import DaySummary, DigestSummary


@dataclass(frozen=True, slots=True)
class Limits:
    """How many entries a shard has: `hot` or more close one of the newest month, no shard has more than `sealed`."""

    hot: int
    sealed: int


# Every day the hot shard is made anew, and on the first of a month those of the month before; a smaller shard costs
# who looks for a rare word more files.
LIMITS = Limits(hot=300, sealed=1_500)


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A run of one scope's entries of one day, from `start` to before `stop`.

    A repository's day has an entry of its own and one for each commit; the day across repositories has one where it
    has a digest. `record` and `digest` are the SHA-256 of the records they are made from, empty where there is none.
    """

    day: date
    scope: str
    record: str
    digest: str
    start: int
    stop: int

    @property
    def entries(self) -> int:
        """How many entries it has."""
        return self.stop - self.start

    def list_facts(self) -> list[str | int]:
        """List all that it is made from."""
        return [self.day.isoformat(), self.scope, self.record, self.digest, self.start, self.stop]


@dataclass(frozen=True, slots=True)
class Shard:
    """What one shard holds, oldest first."""

    pieces: tuple[Piece, ...]

    def __str__(self) -> str:
        return f"the search of {self.first} to {self.last}"

    @property
    def entries(self) -> int:
        """How many entries it has."""
        return sum(piece.entries for piece in self.pieces)

    @property
    def first(self) -> date:
        """Its oldest day."""
        return self.pieces[0].day

    @property
    def last(self) -> date:
        """Its newest day."""
        return self.pieces[-1].day

    @property
    def repositories(self) -> tuple[str, ...]:
        """The repositories that have an entry in it, in alphabetical order."""
        return tuple(sorted({piece.scope for piece in self.pieces} - {ACROSS}))

    def name(self, version: str) -> str:
        """Name its folder after all that it is made from; `version` is that of the code that makes it."""
        made_from = [version, *(piece.list_facts() for piece in self.pieces)]
        key = hashlib.sha256(json.dumps(made_from).encode()).hexdigest()
        return f"{self.first}.{key[:16]}"


def list_pieces(
    days: Mapping[str, Iterable[DaySummary]], digests: Mapping[str, Mapping[str, DigestSummary]]
) -> tuple[Piece, ...]:
    """List what is to be found in an archive, oldest first, from its summaries by repository and by scope."""
    pieces = [
        Piece(
            day=day.day,
            scope=scope,
            record=day.record,
            digest=_find_record(digests, scope, day.day),
            start=0,
            stop=day.counts.commits + 1,
        )
        for scope, summaries in days.items()
        for day in summaries
    ]
    for day in {piece.day for piece in pieces}:
        if record := _find_record(digests, ACROSS, day):
            pieces.append(Piece(day=day, scope=ACROSS, record="", digest=record, start=0, stop=1))
    return tuple(sorted(pieces, key=lambda piece: (piece.day, piece.scope)))


def pack_shards(pieces: Sequence[Piece], limits: Limits) -> tuple[Shard, ...]:
    """Pack pieces into shards, newest first; `pieces` are in the order of `list_pieces`.

    The days of the newest month are packed until there are enough; what is left over is the hot shard. Older months
    are packed within their year until one more would be too many; a month that is too many is packed by days, and a
    day by entries.
    """
    if not pieces:
        return ()
    newest = _month(pieces[-1])
    closed = [piece for piece in pieces if _month(piece) != newest]
    open_ = [piece for piece in pieces if _month(piece) == newest]
    shards = [
        Shard(tuple(pack))
        for _, year in groupby(closed, key=lambda piece: piece.day.year)
        for pack in _pack_closed(_cut_months(tuple(year), limits.sealed), limits.sealed)
    ]
    shards += [Shard(tuple(pack)) for pack in _pack_open(_cut_days(open_, limits.sealed), limits)]
    return tuple(reversed(shards))


def _pack_open(units: Iterable[list[Piece]], limits: Limits) -> Iterator[list[Piece]]:
    pack: list[Piece] = []
    for unit in units:
        if pack and _count(pack) + _count(unit) > limits.sealed:
            yield pack
            pack = []
        pack += unit
        if _count(pack) >= limits.hot:
            yield pack
            pack = []
    if pack:
        yield pack


def _pack_closed(units: Iterable[list[Piece]], most: int) -> Iterator[list[Piece]]:
    pack: list[Piece] = []
    for unit in units:
        if pack and _count(pack) + _count(unit) > most:
            yield pack
            pack = []
        pack += unit
    if pack:
        yield pack


def _cut_months(pieces: Iterable[Piece], most: int) -> Iterator[list[Piece]]:
    for _, month in groupby(pieces, key=_month):
        whole = list(month)
        if _count(whole) <= most:
            yield whole
        else:
            yield from _cut_days(whole, most)


def _cut_days(pieces: Iterable[Piece], most: int) -> Iterator[list[Piece]]:
    for _, day in groupby(pieces, key=lambda piece: piece.day):
        whole = list(day)
        if _count(whole) <= most:
            yield whole
        else:
            yield from _pack_closed(([part] for piece in whole for part in _cut_piece(piece, most)), most)


def _cut_piece(piece: Piece, most: int) -> Iterator[Piece]:
    for start in range(piece.start, piece.stop, most):
        yield Piece(
            day=piece.day,
            scope=piece.scope,
            record=piece.record,
            digest=piece.digest,
            start=start,
            stop=min(start + most, piece.stop),
        )


def _find_record(digests: Mapping[str, Mapping[str, DigestSummary]], scope: str, day: date) -> str:
    digest = digests.get(scope, {}).get(day.isoformat())
    return digest.record if digest else ""


def _month(piece: Piece) -> tuple[int, int]:
    return piece.day.year, piece.day.month


def _count(pieces: Iterable[Piece]) -> int:
    return sum(piece.entries for piece in pieces)
