"""The search index in shards: how days are packed, what is built anew, and that the same records give one index."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import signal
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.errors import SiteError
from generator.records import ACROSS, DayRecord, DigestRecord
from generator.site import entries
from generator.site.entries import make_across, make_entries
from generator.site.facets import Postings, render_json, sum_facets
from generator.site.index_files import arrange_programs
from generator.site.mending import SPOILT
from generator.site.pagefind import LANGUAGE, Indexer
from generator.site.publish import SEARCH, Stage
from generator.site.search import FOLDER, LISTING, write_search
from generator.site.searching import write_index
from generator.site.shards import Limits, Piece, Shard, pack_shards
from generator.site.shas import render_shas
from generator.site.term_index import MARK, TermIndex
from generator.site.words import cut
from generator.summaries import DaySummary, DigestSummary, summarise_day, summarise_digest
from tests.page_archive import hash_record, make_commit, make_day, make_digest, make_line
from tests.sites import make_tables

LIMITS = Limits(hot=4, sealed=9)
FIRST = date(2025, 11, 1)
ONE, TWO = "kernel/tables", "ada/engine"


@dataclass
class Shelf:
    """Records in memory, and which of them were read."""

    days: dict[tuple[str, date], DayRecord] = field(default_factory=dict)
    digests: list[DigestRecord] = field(default_factory=list)
    read: list[date] = field(default_factory=list)

    def names(self) -> tuple[str, ...]:
        return tuple(sorted({name for name, _ in self.days}))

    def summaries(self, name: str) -> tuple[DaySummary, ...]:
        own = sorted((record for key, record in self.days.items() if key[0] == name), key=lambda r: r.day)
        return tuple(summarise_day(record, hash_record(record)) for record in own)

    def digest_summaries(self, scope: str) -> Mapping[str, DigestSummary]:
        own = (digest for digest in self.digests if digest.scope == scope)
        return {digest.period: summarise_digest(digest, hash_record(digest)) for digest in own}

    def read_day(self, name: str, day: date) -> DayRecord:
        self.read.append(day)
        return self.days[name, day]

    def find_digest(self, scope: str, period: str) -> DigestRecord | None:
        return next((made for made in self.digests if (made.scope, made.period) == (scope, period)), None)

    def add(self, name: str, day: date, commits: int) -> None:
        """Let so many commits land on a day; each has its day and its number among its words."""
        start = (day - FIRST).days * 16 + (8 if name == TWO else 0) + 1
        made = (
            make_commit(number, f"{day}T09:00:00+08:00", subject=f"fix: number{number} of {day}")
            for number in range(start, start + commits)
        )
        self.days[name, day] = make_day(name, day, made)


def make_shelf(days: int) -> Shelf:
    """Make an archive of two repositories, with two commits of one and, every second day, one of the other."""
    shelf = Shelf()
    for number in range(days):
        shelf.add(ONE, FIRST + timedelta(number), 2)
        if number % 2:
            shelf.add(TWO, FIRST + timedelta(number), 1)
    return shelf


def write(shelf: Shelf, published: Path, folder: Path) -> tuple[set[str], set[str]]:
    """Write an index, and say which shards were kept and which are new."""
    searched = write_search(shelf, published, folder, limits=LIMITS)
    return find_shards(searched.kept), find_shards(searched.new)


def find_shards(names: Iterable[str]) -> set[str]:
    return {name for name in names if name[:1].isdigit()}


def read_tree(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def unpack(content: bytes) -> bytes:
    unpacked = gzip.decompress(content)
    assert unpacked.startswith(MARK)
    return unpacked.removeprefix(MARK)


def read_fragments(shard: Path) -> list[dict[str, object]]:
    """Read the entries of a shard in their order."""
    count = len(list((shard / "entries").iterdir()))
    files = ((shard / f"entries/{number}.bin").read_bytes() for number in range(count))
    return [entry for file in files for entry in json.loads(unpack(file))]


def list_shards(folder: Path) -> list[dict[str, object]]:
    listed = json.loads((folder / LISTING).read_bytes())["shards"]
    assert isinstance(listed, list)
    return listed


# How days are packed.

PIECES = st.lists(
    st.tuples(st.integers(0, 900), st.sampled_from([ONE, TWO]), st.integers(1, 40)),
    unique_by=lambda drawn: drawn[:2],
    max_size=60,
)
SOME_LIMITS = st.builds(Limits, hot=st.integers(1, 25), sealed=st.integers(1, 30))


def make_pieces(drawn: Iterable[tuple[int, str, int]]) -> list[Piece]:
    made = [
        Piece(day=FIRST + timedelta(day), scope=scope, record=f"{day}{scope}{n}", digest="", start=0, stop=n)
        for day, scope, n in drawn
    ]
    return sorted(made, key=lambda piece: (piece.day, piece.scope))


def spread(pieces: Iterable[Piece]) -> list[tuple[date, str, int]]:
    """List the entries of pieces one by one."""
    return [(p.day, p.scope, number) for p in pieces for number in range(p.start, p.stop)]


def find_month(day: date) -> tuple[int, int]:
    return day.year, day.month


@given(PIECES, SOME_LIMITS)
def test_every_entry_is_in_exactly_one_shard_and_all_stand_in_order(
    drawn: list[tuple[int, str, int]], limits: Limits
) -> None:
    pieces = make_pieces(drawn)
    shards = pack_shards(pieces, limits)
    assert spread(piece for shard in reversed(shards) for piece in shard.pieces) == spread(pieces)


@given(PIECES, SOME_LIMITS)
def test_no_shard_is_too_large_or_of_two_years_and_the_newest_month_stands_alone(
    drawn: list[tuple[int, str, int]], limits: Limits
) -> None:
    shards = pack_shards(make_pieces(drawn), limits)
    assert all(0 < shard.entries <= limits.sealed for shard in shards)
    assert all(shard.first.year == shard.last.year for shard in shards)
    newest = [shard for shard in shards if find_month(shard.last) == find_month(shards[0].last)]
    assert all(find_month(shard.first) == find_month(shard.last) for shard in newest)


@given(PIECES, SOME_LIMITS)
def test_no_two_shards_of_a_year_could_have_been_one(
    drawn: list[tuple[int, str, int]], limits: Limits
) -> None:
    shards = pack_shards(make_pieces(drawn), limits)
    closed = [shard for shard in shards if find_month(shard.last) != find_month(shards[0].last)]
    for newer, older in pairwise(closed):
        if newer.first.year == older.last.year:
            month = [piece for piece in newer.pieces if find_month(piece.day) == find_month(newer.first)]
            assert older.entries + sum(piece.entries for piece in month) > limits.sealed or (
                find_month(older.last) == find_month(newer.first)
            )


@given(PIECES.filter(bool), st.integers(1, 8), st.integers(1, 25))
def test_new_day_changes_only_the_hot_shard_while_the_month_goes_on(
    drawn: list[tuple[int, str, int]], commits: int, hot: int
) -> None:
    limits = Limits(hot=hot, sealed=100)
    pieces = make_pieces(drawn)
    day = pieces[-1].day + timedelta(1)
    if find_month(day) != find_month(pieces[-1].day):
        return
    before = pack_shards(pieces, limits)
    after = pack_shards([*pieces, *make_pieces([((day - FIRST).days, ONE, commits)])], limits)
    hot_one = before[:1] if before[0].entries < hot else ()
    assert set(before) - set(after) == set(hot_one)
    assert len(set(after) - set(before)) == 1


@given(PIECES, st.integers(0, 900), SOME_LIMITS)
def test_late_push_changes_only_what_follows_in_its_year(
    drawn: list[tuple[int, str, int]], late: int, limits: Limits
) -> None:
    pieces = make_pieces(drawn)
    if not pieces or FIRST + timedelta(late) > pieces[-1].day:
        return
    day = FIRST + timedelta(late)
    pushed = sorted([*pieces, *make_pieces([(late, "zoe/late", 3)])], key=lambda p: (p.day, p.scope))
    before, after = set(pack_shards(pieces, limits)), set(pack_shards(pushed, limits))
    assert all(shard.first.year == day.year for shard in before ^ after)
    # The shard before it may have had room for a month that had no commits.
    assert sum(find_month(shard.last) < find_month(day) for shard in before - after) <= 1


@given(PIECES.filter(bool), SOME_LIMITS)
def test_name_of_a_shard_changes_with_all_it_is_made_from(
    drawn: list[tuple[int, str, int]], limits: Limits
) -> None:
    shard = pack_shards(make_pieces(drawn), limits)[0]
    first, *others = shard.pieces
    changed = [
        replace(first, record="another"),
        replace(first, digest="another"),
        replace(first, scope="another"),
        replace(first, stop=first.stop + 1),
    ]
    names = {shard.name("1"), shard.name("2"), *(Shard((piece, *others)).name("1") for piece in changed)}
    assert len(names) == 6
    assert all(name.startswith(f"{shard.first}.") for name in names)


# What is built.


def test_same_records_give_the_same_bytes_whatever_was_there_before(tmp_path: Path) -> None:
    shelf = make_shelf(40)
    write(shelf, tmp_path / "none", tmp_path / "once")
    write(shelf, tmp_path / "none", tmp_path / "twice")
    grown = tmp_path / "grown"
    for days in (10, 31, 40):
        write(make_shelf(days), grown, grown)
    once, twice = read_tree(tmp_path / "once"), read_tree(tmp_path / "twice")
    assert once == twice
    assert {path: content for path, content in read_tree(grown).items() if path in once} == once


def test_every_commit_and_every_day_is_entered_once(tmp_path: Path) -> None:
    shelf = make_shelf(40)
    _, new = write(shelf, tmp_path / "none", tmp_path / "index")
    entered = [fragment["url"] for name in new for fragment in read_fragments(tmp_path / "index" / name)]
    wanted = [made.url for record in shelf.days.values() for made in make_entries(record)]
    assert sorted(map(str, entered)) == sorted(wanted)


def test_list_names_the_shards_newest_first_with_their_days_and_sizes(tmp_path: Path) -> None:
    shelf = make_shelf(40)
    write(shelf, tmp_path / "none", tmp_path / "index")
    listing = json.loads((tmp_path / "index" / LISTING).read_bytes())
    shards = listing["shards"]
    assert listing["repositories"] == [TWO, ONE]
    assert [shard["last"] for shard in shards] == sorted((shard["last"] for shard in shards), reverse=True)
    assert sum(shard["records"] for shard in shards) == 40 * 3 + 20 * 2
    assert shards[0]["last"] == "2025-12-10"
    assert shards[-1]["first"] == "2025-11-01"
    for shard in shards:
        folder = tmp_path / "index" / shard["name"]
        files = {path: content for path, content in read_tree(folder).items() if path != "seal.json"}
        assert shard["bytes"] == sum(map(len, files.values()))
        assert shard["records"] == len(read_fragments(folder))
        assert {listing["repositories"][number] for number in shard["repositories"]} == {
            name
            for name, day in shelf.days
            if shard["first"] <= str(day) <= shard["last"] and f"/{name}/" in str(read_fragments(folder))
        }


def test_second_run_builds_nothing_and_reads_no_record(tmp_path: Path) -> None:
    shelf = make_shelf(40)
    write(shelf, tmp_path / "none", tmp_path / "site")
    shelf.read.clear()
    searched = write_search(shelf, tmp_path / "site", tmp_path / "fresh", limits=LIMITS)
    assert (searched.new, shelf.read) == ((LISTING,), [])
    assert read_tree(tmp_path / "fresh") == {LISTING: (tmp_path / "site" / LISTING).read_bytes()}
    assert set(searched.kept) == {path.name for path in (tmp_path / "site").iterdir()} - {LISTING}


def test_new_day_reads_no_record_but_those_of_the_hot_shard(tmp_path: Path) -> None:
    shelf = make_shelf(33)
    write(shelf, tmp_path / "none", tmp_path / "site")
    day = FIRST + timedelta(33)
    shelf.add(ONE, day, 1)
    shelf.read.clear()
    hot = list_shards(tmp_path / "site")[0]
    _, new = write(shelf, tmp_path / "site", tmp_path / "fresh")
    assert len(new) == 1
    assert min(shelf.read) == (
        day if int(str(hot["records"])) >= LIMITS.hot else date.fromisoformat(str(hot["first"]))
    )
    assert len(shelf.read) <= LIMITS.hot


def test_changed_digest_makes_its_shard_anew(tmp_path: Path) -> None:
    shelf = make_shelf(40)
    write(shelf, tmp_path / "none", tmp_path / "site")
    shelf.digests.append(make_digest(ONE, "2025-11-02", make_line("The tables were turned.", (ONE, 17))))
    _, new = write(shelf, tmp_path / "site", tmp_path / "fresh")
    assert {name[:7] for name in new} == {"2025-11"}
    found = [fragment for name in new for fragment in read_fragments(tmp_path / "fresh" / name)]
    told = [fragment["url"] for fragment in found if "turned" in str(fragment["text"])]
    assert told == [f"/{ONE}/2025/11/02.html"]


def test_day_across_repositories_is_found_by_its_digest(tmp_path: Path) -> None:
    shelf = make_shelf(3)
    shelf.digests.append(make_digest(ACROSS, "2025-11-02", make_line("Both were mended.", (ONE, 17))))
    # A month, and a day on which nothing landed, have no entry.
    shelf.digests.append(make_digest(ACROSS, "2025-11", make_line("A month.", (ONE, 17))))
    shelf.digests.append(make_digest(ACROSS, "2025-12-24", make_line("Quiet.", (ONE, 17))))
    _, new = write(shelf, tmp_path / "none", tmp_path / "index")
    found = [fragment for name in new for fragment in read_fragments(tmp_path / "index" / name)]
    across = [fragment for fragment in found if str(fragment["url"]).startswith("/days/")]
    assert [(fragment["url"], fragment["text"]) for fragment in across] == [
        ("/days/2025/11/02.html", "Both were mended.")
    ]


@pytest.mark.parametrize(
    "damage", ["entries are gone", "an index is cut", "the seal is gone", "the seal is cut"]
)
def test_damaged_shard_of_the_site_is_built_anew(tmp_path: Path, damage: str) -> None:
    shelf = make_shelf(20)
    write(shelf, tmp_path / "none", tmp_path / "site")
    name = str(list_shards(tmp_path / "site")[1]["name"])
    shard = tmp_path / "site" / name
    whole = read_tree(shard)
    match damage:
        case "entries are gone":
            (shard / "entries/0.bin").unlink()
        case "an index is cut":
            (shard / "index/0.pf_index").write_bytes(whole["index/0.pf_index"][:-3])
        case "the seal is gone":
            (shard / "seal.json").unlink()
        case _:
            (shard / "seal.json").write_bytes(whole["seal.json"][:-3])
    _, new = write(shelf, tmp_path / "site", tmp_path / "fresh")
    assert new == {name}
    assert read_tree(tmp_path / "fresh" / name) == whole


def test_of_a_shard_that_nobody_doubts_one_file_is_read(tmp_path: Path) -> None:
    shelf = make_shelf(20)
    write(shelf, tmp_path / "none", tmp_path / "site")
    whole = json.loads((tmp_path / "site" / LISTING).read_bytes())
    for path in (tmp_path / "site").rglob("*"):
        if path.is_file() and path.name != "seal.json":
            path.unlink()
    searched = write_search(shelf, tmp_path / "site", tmp_path / "fresh", limits=LIMITS, doubtful=())
    assert find_shards(searched.new) == set()
    assert json.loads((tmp_path / "fresh" / LISTING).read_bytes()) == whole
    assert (tmp_path / "fresh" / whole["facets"]).is_file()
    name = str(list_shards(tmp_path / "fresh")[1]["name"])
    searched = write_search(shelf, tmp_path / "site", tmp_path / "again", limits=LIMITS, doubtful={name})
    assert find_shards(searched.new) == {name}
    searched = write_search(
        shelf, tmp_path / "site", tmp_path / "spoilt", limits=LIMITS, doubtful=(), spoilt={name}
    )
    assert find_shards(searched.new) == {name}


def test_shard_that_a_build_which_was_cut_short_left_half_moved_is_made_anew(tmp_path: Path) -> None:
    shelf, site = make_shelf(3), tmp_path / "site"
    write_search(shelf, tmp_path / "none", site / FOLDER)
    (name,) = (str(shard["name"]) for shard in list_shards(site / FOLDER))
    # The seal has come, the last file has not; what was moved is not noted as certain yet.
    lost = f"{FOLDER}/{name}/shas.bin"
    moved = {f"{FOLDER}/{name}/seal.json": SEARCH, lost: SEARCH, "index.html": "page"}
    stage = Stage(tmp_path / "stage")
    assert find_shards(write_index(shelf, site, stage, moved).kept) == {name}
    assert find_shards(write_index(shelf, site, stage, {lost: SPOILT}).new) == {name}
    (site / lost).unlink()
    assert find_shards(write_index(shelf, site, stage, moved).new) == {name}


def test_another_version_of_the_code_keeps_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf = make_shelf(10)
    write(shelf, tmp_path / "none", tmp_path / "site")
    monkeypatch.setattr(entries, "VERSION", entries.VERSION + 1)
    kept, new = write(shelf, tmp_path / "site", tmp_path / "fresh")
    assert (kept, len(new)) == (set(), len(list_shards(tmp_path / "fresh")))


def test_entries_are_those_of_their_version() -> None:
    """Where this fails, `entries.VERSION` has to be raised, and then the hash renewed."""
    repository, day = make_tables()
    digest = make_digest(repository.repository, str(day.day), make_line("表被扩大了。", (ONE, 0xA11CE)))
    made = [*make_entries(day, digest), make_across(digest.model_copy(update={"scope": ACROSS}))]
    digest_of_entries = hashlib.sha256("\n".join(map(str, made)).encode()).hexdigest()
    assert (entries.VERSION, digest_of_entries[:16]) == (4, "3ec4bc03b7fad5dd")


def test_archive_without_a_day_has_a_list_without_a_shard(tmp_path: Path) -> None:
    searched = write_search(Shelf(), tmp_path / "none", tmp_path / "index")
    listing = json.loads((tmp_path / "index" / LISTING).read_bytes())
    assert (listing["shards"], len(searched.new)) == ([], 3)
    assert (tmp_path / "index" / listing["programs"] / "pagefind.js").is_file()


def test_commit_that_stands_on_two_days_is_entered_once_and_shifts_no_filter(tmp_path: Path) -> None:
    shelf = make_shelf(2)
    twice = shelf.days[ONE, FIRST].commits[0]
    day = FIRST + timedelta(1)
    shelf.days[ONE, day] = make_day(ONE, day, [twice, *shelf.days[ONE, day].commits])
    _, new = write(shelf, tmp_path / "none", tmp_path / "index")
    (shard,) = (tmp_path / "index" / name for name in new)
    urls = [str(fragment["url"]) for fragment in read_fragments(shard)]
    assert len(urls) == len(set(urls)) == 8
    steps = json.loads((shard / "filter/importance.json").read_bytes())["low"]
    commits = [place for place, url in enumerate(urls) if "/commit/" in url]
    assert [sum(steps[: number + 1]) for number in range(len(steps))] == commits


def test_day_that_is_too_large_is_spread_over_shards_and_every_commit_is_in_one(tmp_path: Path) -> None:
    shelf = make_shelf(1)
    shelf.add(ONE, FIRST, 30)
    _, new = write(shelf, tmp_path / "none", tmp_path / "index")
    parts = [read_fragments(tmp_path / "index" / name) for name in new]
    assert len(parts) == 4
    assert all(len(part) <= LIMITS.sealed for part in parts)
    wanted = [made.url for made in make_entries(shelf.days[ONE, FIRST])]
    assert sorted(str(fragment["url"]) for part in parts for fragment in part) == sorted(wanted)


# Facets and SHAs.


def test_facets_of_all_shards_add_up(tmp_path: Path) -> None:
    shelf = make_shelf(40)
    write(shelf, tmp_path / "none", tmp_path / "index")
    facets = json.loads(next((tmp_path / "index").glob("facets.*.json")).read_bytes())
    assert facets["repository"] == [[ONE, 40 * 3], [TWO, 20 * 2]]
    assert facets["importance"] == [["low", 100]]
    assert facets["author"] == [["Ada Lovelace", 100]]


def test_filters_say_which_entries_have_a_value(tmp_path: Path) -> None:
    shelf = make_shelf(4)
    _, new = write(shelf, tmp_path / "none", tmp_path / "index")
    for name in new:
        shard = tmp_path / "index" / name
        fragments = read_fragments(shard)
        for value, steps in json.loads((shard / "filter/repository.json").read_bytes()).items():
            places = [sum(steps[: number + 1]) for number in range(len(steps))]
            own = [n for n, fragment in enumerate(fragments) if str(fragment["url"]).startswith(f"/{value}/")]
            assert places == own


def test_only_the_most_frequent_of_very_many_values_are_listed() -> None:
    shards: list[dict[str, dict[str, int]]] = [
        {"author": {f"author {number}": 1 for number in range(3000)}},
        {"author": {"author 2999": 5, "author 7": 1}},
    ]
    values = sum_facets(shards)["author"]
    assert values[:2] == [("author 2999", 6), ("author 7", 2)]
    assert len(values) == 400
    assert len(render_json({"author": [("x" * 20, 10_000) for _ in values]})) < 20_000


def test_value_that_an_entry_has_twice_counts_once() -> None:
    postings = Postings()
    postings.note(3, {"author": ["Ada", "Ada"]})
    postings.note(7, {"author": ["Ada"]})
    assert postings.count() == {"author": {"Ada": 2}}
    assert postings.render("author") == b'{"Ada":[3,4]}'


@given(st.sets(st.integers(0, 0xFFFF), max_size=300))
def test_shas_are_read_as_they_were_written(numbers: set[int]) -> None:
    addresses = [f"/a/b/commit/{number:04x}{'0' * 36}.html#kind=fix" for number in numbers]
    content = render_shas([*addresses, "/a/b/2026/01/01.html"])
    read, number = set(), 0
    for step in content:
        number += step
        if step != 255:
            read.add(number)
    assert read == numbers


# What Pagefind's program reads is written as Pagefind writes it.

TEXTS = (
    "Grow block_table_size in FooBarParser (#1234) when the prefix cache is full. The cache grows; the cache shrinks.",
    "修复调度器在前缀缓存写满时崩溃的问题：block_table 不再为空。",
    "Pin v0.7.4 of HTTPServer2 in csrc/kernels/attention_v1.cu for x86_64, don't crash",
    "naïve café résumé — Étude",
    "the cache",
)
TITLES = ("fix: the prefix cache", "修复缓存", "Pin wheel tags", "cafe", "nothing of it")


def read_index(files: Mapping[str, bytes]) -> tuple[list[Any], dict[str, set[int]], dict[str, set[int]]]:
    """Read an index of Pagefind's: its list, and for each term the entries whose text, and whose title have it."""
    (listed,) = (content for path, content in files.items() if path.endswith(".pf_meta"))
    meta: list[Any] = cbor2.loads(unpack(listed))
    texts: dict[str, set[int]] = {}
    titles: dict[str, set[int]] = {}
    for path in (path for path in files if path.endswith(".pf_index")):
        for term, pages, *variants in cbor2.loads(unpack(files[path]))[0]:
            for some in (pages, *(variant[1] for variant in (variants or [[]])[0])):
                place = 0
                for step, places, *fields in some:
                    place += step
                    if places:
                        texts.setdefault(term, set()).add(place)
                    # The first field of its alphabet is the day, where there is one.
                    if -1 - meta[5].index("title") in (fields or [[]])[0]:
                        titles.setdefault(term, set()).add(place)
    return meta, texts, titles


def test_terms_of_an_index_are_those_that_pagefind_itself_would_write() -> None:
    terms = TermIndex()
    with Indexer() as indexer:
        for number, (title, text) in enumerate(zip(TITLES, TEXTS, strict=True)):
            terms.add(cut(title), cut(text))
            record = {"url": f"/{number}", "content": cut(text), "meta": {"title": cut(title)}}
            indexer.ask(type="AddRecord", index_id=0, language=LANGUAGE, **record)
        theirs = read_index(indexer.read_files())
    ours = read_index(dict(terms.render(theirs[0][0])))
    assert ours[1:] == theirs[1:]
    assert [words for _, words in ours[0][1]] == [words for _, words in theirs[0][1]]
    assert ours[0][5] == theirs[0][5]


def test_files_of_an_index_follow_one_another_and_are_listed_by_what_tells_them_apart() -> None:
    terms = TermIndex()
    for number in range(3000):
        terms.add(f"title {number}", f"common word{number:04} other{number % 7}")
    files = dict(terms.render("1.5.2"))
    meta = cbor2.loads(unpack(files["pagefind.pf_meta"]))
    chunks = [cbor2.loads(unpack(files[f"index/{number}.pf_index"]))[0] for number in range(len(files) - 1)]
    held = [[term for term, _ in chunk] for chunk in chunks]
    terms_in_order = [term for some in held for term in some]
    assert terms_in_order == sorted(set(terms_in_order))
    assert len(held) > 2
    assert [number for _, _, number in meta[2]] == [str(number) for number in range(len(held))]
    for (first, last, _), some in zip(meta[2], held, strict=True):
        assert some[0].startswith(first)
        assert first <= last
        assert some[-1].startswith(last)
    for (_, last, _), (first, _, _) in pairwise(meta[2]):
        assert last < first


def test_word_weighs_more_the_more_often_it_stands_and_a_part_less() -> None:
    terms = TermIndex()
    terms.add("", "once part_of twice twice often often often often")
    (chunk,) = (
        cbor2.loads(unpack(content))[0] for path, content in terms.render("1.5.2") if "pf_index" in path
    )
    weights = {term: -places[0] - 1 if len(places) > 1 else 25 for term, ((_, places),) in chunk}
    assert weights["part"] < weights["once"] < weights["twice"] < weights["often"] < 256
    assert weights["part_of"] == weights["once"]


def test_programs_are_only_what_searches() -> None:
    with Indexer() as indexer:
        files = indexer.read_files()
    programs = dict(arrange_programs(files))
    assert sorted(programs) == ["pagefind.js", "wasm.unknown.pagefind"]
    assert len(programs["pagefind.js"]) < 12_000
    with pytest.raises(SiteError, match="put together"):
        list(arrange_programs({path: content.replace(b"__proto__", b"_") for path, content in files.items()}))
    with pytest.raises(SiteError, match="is not there"):
        list(arrange_programs({"pagefind.js": files["pagefind.js"]}))


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="needs to find a program's children")
def test_pagefind_that_is_killed_is_an_error() -> None:
    with Indexer() as indexer:
        kill_children()
        with pytest.raises(SiteError, match="Pagefind stopped"):
            indexer.read_files()


def test_run_that_ends_in_the_middle_of_a_shard_leaves_none_and_the_next_one_makes_it(tmp_path: Path) -> None:
    shelf = make_shelf(10)

    class Failing(Shelf):
        def read_day(self, name: str, day: date) -> DayRecord:
            if len(self.read) == 7:
                raise SiteError("no such day", "Build again.")
            return super().read_day(name, day)

    limits = Limits(hot=40, sealed=90)
    with pytest.raises(SiteError, match="no such day"):
        write_search(Failing(shelf.days), tmp_path / "none", tmp_path / "index", limits=limits)
    left = [path for path in (tmp_path / "index").rglob("*") if path.is_file()]
    assert left
    assert {path.parent.name for path in left} == {"entries"}
    searched = write_search(shelf, tmp_path / "index", tmp_path / "index", limits=limits, doubtful=())
    assert len(find_shards(searched.new)) == 1
    write_search(shelf, tmp_path / "none", tmp_path / "whole", limits=limits)
    assert read_tree(tmp_path / "index") == read_tree(tmp_path / "whole")


def kill_children() -> None:
    """Kill the programs that this process has started: Pagefind alone."""
    for task in Path("/proc/self/task").iterdir():
        for child in (task / "children").read_text().split():
            if b"pagefind" in Path("/proc", child, "cmdline").read_bytes():
                os.kill(int(child), signal.SIGKILL)


def test_what_pagefind_does_not_take_is_refused_with_its_reason() -> None:
    with Indexer() as indexer, pytest.raises(SiteError, match="Pagefind refused"):
        indexer.ask(type="GetFiles", index_id=7)
