"""What the benchmarks measure with: archives that look like real ones and behave like archived ones."""

from __future__ import annotations

import random
import shutil
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from benchmarks.archives import LAST, Made, Order, make_archive
from benchmarks.distributions import HABITS, MODEL, RULES, Habits, Lengths, Quantiles
from benchmarks.picture import draw_picture
from benchmarks.plain_sites import PlainSite, list_pages
from generator.config import load_config
from generator.pipeline import update
from generator.record_bytes import render_record
from generator.records import ACROSS
from generator.store.archive import Archive
from tests.archives import read_records
from tests.histories import run_git
from tests.quiet import QuietReport

# A day to come of few commits: collecting a hundred of real size takes seconds.
ORDER = Order(commits=200, new_days=1, new=(5, 4, 3))
NOW = datetime(2026, 7, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return make_archive(tmp_path_factory.mktemp("made"), ORDER)


def test_an_update_finds_exactly_the_newest_day(made: Made, tmp_path: Path) -> None:
    before = _read_records(made.docs)
    shutil.copytree(made.docs, tmp_path / "docs")
    made.write_settings(tmp_path)
    made.advance(1)
    summary = update(tmp_path, load_config(tmp_path / "archive.yml"), NOW, QuietReport())
    day = LAST + timedelta(1)
    assert [(result.days, result.commits, result.failure) for result in summary.results] == [
        ((day,), number, None) for number in ORDER.new
    ]
    after = _read_records(tmp_path / "docs")
    new = {f"{scope}/{day:%Y/%m/%d}" for scope in (ACROSS, *(habits.name for habits in HABITS))}
    # A month's digest and a repository's record change every day; nothing that is archived does.
    assert {place.partition(".")[0] for place in after.keys() - before.keys()} == new
    changed = {place for place in before if before[place] != after[place]}
    assert {place.rpartition("/")[2] for place in changed} == {"index.digest.json", "archive.json"}


def test_all_records_are_as_an_archive_writes_them(made: Made) -> None:
    archive = Archive(made.docs)
    tips = {habits.name: tip for habits, tip in zip(HABITS, made.tips[0], strict=True)}
    assert archive.names() == tuple(sorted(tips))
    for name in archive.names():
        for day in archive.days(name):
            record = archive.read_day(name, day)
            assert render_record(record) == (made.docs / name / f"{day:%Y/%m/%d}.json").read_bytes()
        for period in archive.digest_summaries(name):
            assert archive.find_digest(name, period) is not None
        standing = archive.find_repository(name)
        assert standing is not None
        assert (standing.newest_day, standing.tip) == (LAST, tips[name])
    assert made.commits >= ORDER.commits


def test_records_say_what_git_says(made: Made) -> None:
    for number, habits in enumerate(HABITS):
        folder = made.folder / "upstreams" / f"{habits.name}.git"
        format_ = "--format=%H %P%x00%s%x00%an%x00%aI%x00%cn%x00%cI"
        said = run_git(folder, "log", "--reverse", "--topo-order", format_, made.tips[0][number]).split("\n")
        commits = [
            commit
            for record in read_records(made.docs.parent, habits.name).values()
            for commit in record.commits
        ]
        told = [
            "\0".join(
                (
                    f"{commit.sha} {' '.join(commit.parents)}",
                    commit.subject,
                    commit.author.name,
                    commit.author.date,
                    commit.committer.name,
                    commit.committer.date,
                )
            )
            for commit in commits
        ]
        assert sorted(told) == sorted(said)
        files = run_git(folder, "show", "--name-status", "--no-renames", "--format=", commits[-1].sha)
        assert files or not commits[-1].files


def test_the_same_order_makes_the_same_archive_and_another_seed_another(tmp_path: Path) -> None:
    orders = [
        Order(commits=30, new_days=0),
        Order(commits=30, new_days=0),
        Order(commits=30, new_days=0, seed=2),
    ]
    one, again, other = (make_archive(tmp_path / str(n), order) for n, order in enumerate(orders))
    assert one.tips == again.tips
    assert _read_records(one.docs) == _read_records(again.docs)
    assert not set(one.tips[0]) & set(other.tips[0])


def test_every_table_of_quantiles_ascends_and_is_drawn_from_within_its_borders() -> None:
    chance = random.Random(1)
    for quantiles in _list_quantiles():
        assert quantiles.is_ascending
        drawn = [quantiles.draw(chance) for _ in range(2000)]
        assert quantiles.values[0] - 1e-6 <= min(drawn)
        assert max(drawn) <= quantiles.values[-1] + 1e-6
        below = sum(value <= quantiles.values[4] + 1e-6 for value in drawn)
        assert below >= 0.45 * len(drawn)


def test_a_plain_site_has_the_pages_of_the_archive_without_our_front_matter(tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "index.md").write_text('---\ntitle: "a&#46;b: c"\ntemplate: "day.html"\n---\n\n<h1>a</h1>\n')
    (docs / "search.md").write_text('---\ntitle: "x"\n---\n')
    site = PlainSite(tmp_path / "plain", docs, list_pages(docs), "none")
    assert site.pages == 1
    copied = (tmp_path / "plain" / "docs" / "index.md").read_text()
    assert copied == '---\ntitle: "a.b: c"\n---\n\n<h1>a</h1>\n'


def test_the_picture_is_well_formed_and_told_in_words_too() -> None:
    picture = draw_picture({1000: 2.0, 100_000: 2.5}, 1.5, {"Daybook": 0.004, "MkDocs & <more>": 0.05})
    root = ElementTree.fromstring(picture)
    said = root.findtext("{http://www.w3.org/2000/svg}desc")
    assert said is not None
    assert "100,000 commits archived: 2.5" in said
    assert "MkDocs & <more>: 50" in said


def _read_records(docs: Path) -> dict[str, bytes]:
    return {path.relative_to(docs).as_posix(): path.read_bytes() for path in docs.rglob("*.json")}


def _list_quantiles() -> Iterator[Quantiles]:
    tables: list[Habits | Lengths] = [*HABITS, *RULES.values(), MODEL]
    for table in tables:
        values = (getattr(table, field.name) for field in fields(table))
        yield from (value for value in values if isinstance(value, Quantiles))
