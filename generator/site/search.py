"""Write the search index of an archive: its shards, and what a page needs to search them.

This module must not know how records are kept. Every file but the list of shards is named after all that it is made
from: it never changes, and what is there already is not made again.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

from generator.errors import SiteError
from generator.records import ACROSS, DayRecord, DigestRecord
from generator.site import entries
from generator.site.entries import Entry, make_across, make_entries
from generator.site.facets import Postings, render_json, sum_facets
from generator.site.index_files import arrange_programs, pack_entries
from generator.site.pagefind import Indexer, find_version
from generator.site.shards import LIMITS, Limits, Piece, Shard, list_pieces, pack_shards
from generator.site.shas import render_shas
from generator.site.term_index import TermIndex
from generator.site.words import cut
from generator.summaries import DaySummary, DigestSummary
from generator.workers import HERE, Workers

# Where in a site the index is; docs/assets/search-engine.js looks for it there.
FOLDER = "assets/search"
# The only file that changes, and the last one to publish.
LISTING = "shards.json"
_FACETS = ("repository", "kind", "importance", "breaking", "author")
# Written last into a folder, so that without it the folder is not whole.
_SEAL = "seal.json"
_SHAS = "shas.bin"
# Raise it with any change to a shard's files that is none of its entries'.
_VERSION = 2


class Records(Protocol):
    """What is read of an archive; `generator.store.archive.Archive` is one. Workers get one each, by pickling it."""

    def names(self) -> tuple[str, ...]:
        """Name the repositories."""

    def summaries(self, name: str) -> tuple[DaySummary, ...]:
        """Summarise the days of a repository that have a record, ascending."""

    def digest_summaries(self, scope: str) -> Mapping[str, DigestSummary]:
        """Summarise the digests of a scope by period."""

    def read_day(self, name: str, day: date) -> DayRecord:
        """Read the record of a day."""

    def find_digest(self, scope: str, period: str) -> DigestRecord | None:
        """Read a digest; None where there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Searched:
    """What an index came to, as names in its folder: what stays of what is published, and what is new beside it.

    A published name that is in neither is of no use any more.
    """

    kept: tuple[str, ...]
    new: tuple[str, ...]


def write_search(
    records: Records,
    published: Path,
    folder: Path,
    *,
    limits: Limits = LIMITS,
    spoilt: Collection[str] = (),
    doubtful: Collection[str] | None = None,
    workers: Workers = HERE,
    advance: Callable[[int], None] = lambda _: None,
) -> Searched:
    """Write into `folder` what the search of an archive needs beside what is whole in `published`.

    Names that are `spoilt` are not whole, however they look; those that are `doubtful`, all where it is None, are
    whole if they look so. Of the others one file is read, however large they are. The `workers` are on this machine;
    `advance` is told how many entries are in the index.

    The list of shards is written in any case. Memory is that of one shard a worker. Raises SiteError when Pagefind
    fails.
    """
    days = {name: records.summaries(name) for name in records.names()}
    digests = {scope: records.digest_summaries(scope) for scope in (ACROSS, *days)}
    version = _find_index_version()
    folder.mkdir(parents=True, exist_ok=True)
    index = _Index(published, folder, spoilt, doubtful)
    shards = {shard.name(version): shard for shard in pack_shards(list_pieces(days, digests), limits)}
    seals = {name: seal for name in shards if (seal := index.keep(name)) is not None}
    advance(sum(shards[name].entries for name in seals))
    missing = [shard for name, shard in shards.items() if name not in seals]
    for shard, seal in workers.run(partial(_write_shard, records, folder, version), missing):
        seals[shard.name(version)] = seal
        advance(shard.entries)
    index.new += (shard.name(version) for shard in missing)
    listed = [{"name": name, **seals[name]} for name in shards]
    programs = f"programs.{_hash(version.encode())}"
    index.provide(programs, _write_programs)
    facets = index.provide_file("facets", render_json(sum_facets(seal["facets"] for seal in listed)))
    listing = {"programs": programs, "facets": facets, **_list_shards(listed)}
    (folder / LISTING).write_bytes(render_json(listing))
    return Searched(kept=tuple(index.kept), new=(*index.new, LISTING))


class _Index:
    """The parts of an index: those that are whole where it was published stay, the others are made anew."""

    def __init__(
        self, published: Path, folder: Path, spoilt: Collection[str], doubtful: Collection[str] | None
    ) -> None:
        self._published, self._folder = published, folder
        self._spoilt, self._doubtful = spoilt, doubtful
        self.kept: list[str] = []
        self.new: list[str] = []

    def keep(self, name: str) -> dict[str, Any] | None:
        """Keep a folder, and say what its seal says; None where it has to be made."""
        seal = None if name in self._spoilt else self._read_seal(name)
        if seal is not None:
            self.kept.append(name)
        return seal

    def provide(self, name: str, write: Callable[[Path], object]) -> None:
        """Have a folder; `write` makes it."""
        if self.keep(name) is None:
            self.new.append(name)
            write(self._folder / name)

    def _read_seal(self, name: str) -> dict[str, Any] | None:
        """Read what a folder says of itself; None where it is not there, or not whole."""
        try:
            seal = json.loads((self._published / name / _SEAL).read_bytes())
        except (FileNotFoundError, NotADirectoryError, ValueError):
            return None
        if not isinstance(seal, dict):
            return None
        if self._doubtful is not None and name not in self._doubtful:
            return seal
        return seal if _weigh(self._published / name) == (seal.get("files"), seal.get("weight")) else None

    def provide_file(self, name: str, content: bytes) -> str:
        """Have a file that is named after its content."""
        name = f"{name}.{_hash(content)}.json"
        if name not in self._spoilt and (self._published / name).is_file():
            self.kept.append(name)
        else:
            self.new.append(name)
            (self._folder / name).write_bytes(content)
        return name


def _find_index_version() -> str:
    """Say by which code and which Pagefind an index is made: of any other, nothing is kept."""
    return f"{_VERSION}.{entries.VERSION} Pagefind {find_version()}"


def _weigh(folder: Path | str) -> tuple[int, int]:
    """Count the files of a folder, its seal aside, and add up their bytes."""
    files = weight = 0
    for entry in os.scandir(folder):
        if entry.is_dir():
            below = _weigh(entry.path)
            files, weight = files + below[0], weight + below[1]
        elif entry.name != _SEAL:
            files += 1
            weight += entry.stat().st_size
    return files, weight


def _write_shard(records: Records, above: Path, version: str, shard: Shard) -> dict[str, Any]:
    folder = above / shard.name(version)
    shutil.rmtree(folder, ignore_errors=True)
    facets, terms = Postings(), TermIndex()
    addresses: dict[str, None] = {}
    entries = _note_entries(_read_entries(records, shard), addresses, facets, terms)
    size = _write_files(folder, pack_entries(entries))
    size += _write_files(folder, terms.render(find_version()))
    filters = ((f"filter/{facet}.json", facets.render(facet)) for facet in _FACETS)
    size += _write_files(folder, (*filters, (_SHAS, render_shas(addresses))))
    about = {
        "first": str(shard.first),
        "last": str(shard.last),
        "records": len(addresses),
        "repositories": shard.repositories,
        "bytes": size,
        "facets": facets.count(),
    }
    return _seal(folder, about)


def _note_entries(
    entries: Iterable[Entry], addresses: dict[str, None], facets: Postings, terms: TermIndex
) -> Iterator[Entry]:
    """Note entries as they pass by; a commit that comes twice passes once."""
    for entry in entries:
        if entry.url in addresses:
            continue
        facets.note(len(addresses), entry.facets)
        addresses[entry.url] = None
        # A day is typed as a whole, and its first digits are those of its month and year.
        terms.add(cut(entry.title), cut(entry.text), (entry.day.replace("-", ""),))
        yield entry


def _read_entries(records: Records, shard: Shard) -> Iterator[Entry]:
    for piece in shard.pieces:
        yield from islice(_read_piece(records, piece), piece.start, piece.stop)


def _read_piece(records: Records, piece: Piece) -> Iterable[Entry]:
    digest = records.find_digest(piece.scope, piece.day.isoformat()) if piece.digest else None
    if piece.scope != ACROSS:
        return make_entries(records.read_day(piece.scope, piece.day), digest)
    if digest is None:
        raise SiteError(f"search index: the digest of {piece.day} has gone while it was read", "Build again.")
    return (make_across(digest),)


def _write_programs(folder: Path) -> dict[str, Any]:
    with Indexer() as indexer:
        size = _write_files(folder, arrange_programs(indexer.read_files()))
    return _seal(folder, {"bytes": size})


def _list_shards(seals: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    names = sorted({name for seal in seals for name in seal["repositories"]})
    numbers = {name: number for number, name in enumerate(names)}
    told = ("name", "first", "last", "records", "bytes")
    shards = [
        {fact: seal[fact] for fact in told}
        | {"repositories": [numbers[name] for name in seal["repositories"]]}
        for seal in seals
    ]
    return {"repositories": names, "shards": shards}


def _write_files(folder: Path, files: Iterable[tuple[str, bytes]]) -> int:
    size = 0
    for path, content in files:
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        size += len(content)
    return size


def _seal(folder: Path, about: Mapping[str, Any]) -> dict[str, Any]:
    files, weight = _weigh(folder)
    seal = {**about, "files": files, "weight": weight}
    (folder / _SEAL).write_bytes(render_json(seal))
    return seal


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]
