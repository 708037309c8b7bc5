"""Pages that are written again only when they must be: the same as if all were written anew."""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from generator import manifest, paging
from generator.manifest import MANIFEST
from generator.pages.render import PageSettings, Unit, plan_pages, render_pages
from generator.records import ACROSS, Covered, DayRecord, Failure, Outcome
from generator.release_records import ReleaseDay, ReleaseRecord, TagRef
from generator.store.files import TEMPORARY_PREFIX
from tests.page_archive import (
    ENGINE,
    THURSDAY,
    TOOLS,
    TUESDAY,
    MadeArchive,
    make_archive,
    make_commit,
    make_day,
    make_digest,
    make_line,
    make_repository,
    name_sha,
)
from tests.quiet import QuietReport

SETTINGS = PageSettings(site_name="Daybook", language="en")


def write_pages(root: Path, archive: MadeArchive, settings: PageSettings = SETTINGS) -> int:
    return paging.write_pages(root, archive, settings, QuietReport())


def read_pages(root: Path) -> dict[str, str]:
    docs = root / "docs"
    return {path.relative_to(docs).as_posix(): path.read_text("utf-8") for path in docs.rglob("*.md")}


def render_anew(archive: MadeArchive, settings: PageSettings = SETTINGS) -> dict[str, str]:
    return {page.src_uri: page.text for page in render_pages(archive, settings)}


@dataclass
class Counter:
    """Counts the units that are rendered."""

    names: list[str] = field(default_factory=list)


@pytest.fixture
def rendered(monkeypatch: pytest.MonkeyPatch) -> Counter:
    counter = Counter()
    render = Unit.render

    def counted(unit: Unit) -> object:
        counter.names.append(unit.name)
        return render(unit)

    monkeypatch.setattr(Unit, "render", counted)
    return counter


def test_second_run_renders_and_writes_nothing(tmp_path: Path, rendered: Counter) -> None:
    archive = make_archive()
    assert write_pages(tmp_path, archive) == len(read_pages(tmp_path)) == len(render_anew(archive))
    times = {path: path.stat().st_mtime_ns for path in (tmp_path / "docs").rglob("*.md")}
    rendered.names.clear()
    assert write_pages(tmp_path, archive) == 0
    assert rendered.names == []
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "docs").rglob("*.md")} == times


def make_long(days: int) -> MadeArchive:
    """Make an archive of two repositories with so many days, beginning with a year."""
    first = date(2024, 1, 1)
    made = []
    for name, start in ((ENGINE, 1), (TOOLS, 5001)):
        for number in range(days):
            day = first + timedelta(days=number)
            commits = [
                make_commit(start + 2 * number + step, f"{day}T0{step + 1}:00:00+00:00") for step in (0, 1)
            ]
            made.append(make_day(name, day, commits))
    covered = (Covered(first=first, last=first + timedelta(days=days - 1)),)
    records = tuple(make_repository(name, covered=covered) for name in (ENGINE, TOOLS))
    return MadeArchive(records, tuple(made))


@pytest.mark.parametrize("days", [40, 400])
def test_new_day_renders_as_many_units_in_a_small_archive_as_in_a_large_one(
    tmp_path: Path, rendered: Counter, days: int
) -> None:
    before, after = make_long(days), make_long(days + 1)
    write_pages(tmp_path, before)
    rendered.names.clear()
    write_pages(tmp_path, after)
    names = list(rendered.names)
    assert read_pages(tmp_path) == render_anew(after)
    # Each repository's new day and the one before it, the same across them; three months and years; the views of three
    # months and of two years; two repositories, home and status.
    assert len(names) == 2 * 2 + 2 + 3 + 3 + 3 + 2 + 2 + 1 + 1


def test_deleted_page_comes_back_with_its_unit_and_a_stray_one_goes(
    tmp_path: Path, rendered: Counter
) -> None:
    archive = make_archive()
    write_pages(tmp_path, archive)
    whole = read_pages(tmp_path)
    for lost in (f"{ENGINE}/commit/{name_sha(1)}.md", "index.md", f"{ACROSS}/2026/01/06.md"):
        (tmp_path / "docs" / lost).unlink()
        rendered.names.clear()
        assert write_pages(tmp_path, archive) == 1
        assert read_pages(tmp_path) == whole
        assert len(rendered.names) == 1
    shutil.rmtree(tmp_path / "docs" / ENGINE / "commit")
    assert write_pages(tmp_path, archive) > 1
    assert read_pages(tmp_path) == whole
    for stray in (f"{ENGINE}/commit/{name_sha(99)}.md", f"{ENGINE}/2026/01/31.md", f"{TOOLS}/stray.md"):
        (tmp_path / "docs" / stray).write_text("x")
        assert write_pages(tmp_path, archive) == 1
        assert read_pages(tmp_path) == whole
    (tmp_path / "docs" / "own.md").write_text("somebody's own")
    assert write_pages(tmp_path, archive) == 0
    assert (tmp_path / "docs" / "own.md").is_file()


def test_folder_of_commits_is_listed_once_after_it_changed_and_not_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed: list[str] = []
    listdir = os.listdir

    def note(folder: Path) -> list[str]:
        listed.append(folder.name)
        return listdir(folder)

    archive = make_archive()
    write_pages(tmp_path, archive)
    monkeypatch.setattr(os, "listdir", note)
    write_pages(tmp_path, archive)
    assert "commit" not in listed
    write_pages(tmp_path, add_commit(archive, random.Random(1)))
    assert listed.count("commit") == 1


def test_commit_page_that_is_deleted_while_a_run_writes_comes_back_with_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = make_archive()
    lost = tmp_path / "docs" / ENGINE / "commit" / f"{name_sha(1)}.md"
    find_strays = paging._Writer.find_strays

    def lose(writer: paging._Writer, names: Iterator[str]) -> set[str]:
        strays = find_strays(writer, names)
        lost.unlink()
        return strays

    write_pages(tmp_path, archive)
    with monkeypatch.context() as patch:
        patch.setattr(paging._Writer, "find_strays", lose)
        write_pages(tmp_path, archive)
    assert not lost.is_file()
    write_pages(tmp_path, archive)
    assert lost.is_file()


def test_leftover_among_the_pages_of_commits_goes(tmp_path: Path) -> None:
    archive = make_archive()
    write_pages(tmp_path, archive)
    leftover = tmp_path / "docs" / ENGINE / "commit" / f"{TEMPORARY_PREFIX}{name_sha(1)}.md"
    leftover.write_text("half a pa")
    write_pages(tmp_path, archive)
    assert not leftover.exists()


@pytest.mark.parametrize("content", [b"", b"no database at all" * 100, None])
def test_lost_or_damaged_manifest_costs_time_and_changes_nothing(
    tmp_path: Path, content: bytes | None
) -> None:
    archive = make_archive()
    write_pages(tmp_path, archive)
    times = {path: path.stat().st_mtime_ns for path in (tmp_path / "docs").rglob("*.md")}
    (tmp_path / MANIFEST).unlink()
    if content is not None:
        (tmp_path / MANIFEST).write_bytes(content)
    assert write_pages(tmp_path, archive) == 0
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "docs").rglob("*.md")} == times
    assert write_pages(tmp_path, archive) == 0


def test_run_cut_short_between_any_two_units_is_finished_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = make_archive()
    friday = make_day(TOOLS, date(2026, 1, 9), [make_commit(500, "2026-01-09T01:00:00+00:00")])
    later = replace(archive, day_records=(*archive.day_records, friday))
    cut_short = 0
    for most in range(0, 40, 3):
        root = tmp_path / str(most)
        write_pages(root, archive)
        left = iter(range(most))

        def cut(*arguments: Any, left: Iterator[int] = left) -> None:
            if next(left, None) is None:
                raise KeyboardInterrupt
            manifest.write_unit(*arguments)

        with monkeypatch.context() as patched, suppress(KeyboardInterrupt):
            patched.setattr(paging, "write_unit", cut)
            cut_short += 1
            write_pages(root, later)
            cut_short -= 1
        write_pages(root, later)
        assert read_pages(root) == render_anew(later)
    assert cut_short > 2


def test_page_links_to_a_commit_as_soon_as_it_is_archived_and_no_longer_when_it_is_not(
    tmp_path: Path,
) -> None:
    whole = make_archive()
    without = replace(whole, day_records=tuple(r for r in whole.day_records if r.day != TUESDAY))
    for archive in (without, whole, without, whole):
        write_pages(tmp_path, archive)
        assert read_pages(tmp_path) == render_anew(archive)


# Each takes an archive and makes it another one, as a run or a hand can.
Change = Callable[[MadeArchive, random.Random], MadeArchive]


def add_day(archive: MadeArchive, chance: random.Random) -> MadeArchive:
    name = chance.choice([ENGINE, TOOLS, "new/one"])
    day = date(2025, 12, 1) + timedelta(days=chance.randrange(80))
    if any((record.repository, record.day) == (name, day) for record in archive.day_records):
        return archive
    start = chance.randrange(1000, 1_000_000)
    reverts = (name_sha(chance.randrange(1, 10)),)
    commits = [
        make_commit(start + step, f"{day}T01:00:00+00:00", reverts=reverts if step else ())
        for step in range(chance.randint(1, 3))
    ]
    records = archive.records
    if all(record.repository != name for record in records):
        records = tuple(sorted((*records, make_repository(name)), key=lambda record: record.repository))
    return replace(archive, records=records, day_records=(*archive.day_records, make_day(name, day, commits)))


def change_records(
    archive: MadeArchive, chance: random.Random, change: Callable[[DayRecord], DayRecord | None]
) -> MadeArchive:
    chosen = chance.choice(archive.day_records)
    changed = ((change(record) if record is chosen else record) for record in archive.day_records)
    return replace(archive, day_records=tuple(record for record in changed if record))


def add_commit(archive: MadeArchive, chance: random.Random) -> MadeArchive:
    def add(record: DayRecord) -> DayRecord:
        late = make_commit(chance.randrange(2_000_000, 3_000_000), f"{record.day}T02:00:00+00:00")
        return make_day(record.repository, record.day, (*record.commits, late), amended=True)

    return change_records(archive, chance, add)


def mark_gone(archive: MadeArchive, chance: random.Random) -> MadeArchive:
    def mark(record: DayRecord) -> DayRecord:
        first, *rest = record.commits
        return make_day(record.repository, record.day, (first.model_copy(update={"gone": True}), *rest))

    return change_records(archive, chance, mark)


def remove_day(archive: MadeArchive, chance: random.Random) -> MadeArchive:
    return change_records(archive, chance, lambda _: None) if len(archive.day_records) > 2 else archive


def change_digest(archive: MadeArchive, chance: random.Random) -> MadeArchive:
    record = chance.choice(archive.day_records)
    scope = chance.choice([record.repository, ACROSS])
    period = str(record.day)[: chance.choice([7, 10])]
    line = make_line(f"It was {chance.random()}.", (record.repository, chance.randrange(1, 10)))
    rest = tuple(d for d in archive.digests if (d.scope, d.period) != (scope, period))
    added = () if chance.random() < 0.3 else (make_digest(scope, period, line, outcome=Outcome.OK),)
    return replace(archive, digests=(*rest, *added))


def change_repository(archive: MadeArchive, chance: random.Random) -> MadeArchive:
    chosen = chance.choice(archive.records)
    first = date(2025, 12, 1) + timedelta(days=chance.randrange(40))
    update: dict[str, object] = chance.choice(
        [
            {"covered": (Covered(first=first, last=first + timedelta(days=chance.randrange(60))),)},
            {"failure": Failure(since=first, reason=f"away {chance.random()}")},
            {"failure": None},
            {"releases_failure": chance.choice([None, Failure(since=first, reason="lost")])},
            {"web": chance.choice(["https://github.com/x/y", "https://gitlab.com/x/y", None])},
            {"tip": name_sha(chance.randrange(1, 100)), "branch": chance.choice(["main", "dev"])},
            {"writing": chance.choice([None, name_sha(5)])},
        ]
    )
    changed = (r.model_copy(update=update) if r is chosen else r for r in archive.records)
    return replace(archive, records=tuple(changed))


def remove_repository(archive: MadeArchive, chance: random.Random) -> MadeArchive:
    name = chance.choice(archive.records).repository
    if len(archive.records) < 3:
        return archive
    days = tuple(record for record in archive.day_records if record.repository != name)
    if not days:
        return archive
    return replace(
        archive,
        records=tuple(record for record in archive.records if record.repository != name),
        day_records=days,
        digests=tuple(digest for digest in archive.digests if digest.scope != name),
        releases=tuple(release for release in archive.releases if release.repository != name),
    )


def release(archive: MadeArchive, chance: random.Random) -> MadeArchive:
    """Tell of some days as a release, anew where it was told before."""
    name = chance.choice(archive.records).repository
    own = [record for record in archive.day_records if record.repository == name and chance.random() < 0.5]
    days = tuple(
        ReleaseDay(day=record.day, commits=tuple(commit.sha for commit in record.commits)) for record in own
    )
    tag = chance.choice(["v1.0", "v1.1", "x/v1.2"])
    rest = tuple(made for made in archive.releases if (made.repository, made.file) != (name, tag))
    if chance.random() < 0.2:
        return replace(archive, releases=rest)
    found = sum(len(day.commits) for day in days)
    made = ReleaseRecord(
        repository=name,
        file=tag,
        tag=tag,
        sha=name_sha(chance.randrange(1, 100)),
        committed=datetime(2026, 1, chance.randrange(1, 20), tzinfo=UTC),
        is_prerelease=chance.random() < 0.3,
        previous=TagRef(tag=chance.choice(["v1.0", "v0.9"]), sha=name_sha(1)),
        total=found + chance.randrange(3),
        archived=found,
        days=tuple(sorted(days, key=lambda day: day.day)),
        gone=chance.random() < 0.2,
    )
    return replace(archive, releases=(*rest, made))


CHANGES: list[Change] = [
    *(release, release),
    *(add_day, add_day, add_commit, mark_gone, remove_day),
    *(change_digest, change_digest, change_repository, change_repository, remove_repository),
]


# The globs of watched paths, by repository.
WATCHED: list[dict[str, tuple[str, ...]]] = [
    {},
    {ENGINE: ("src/**",)},
    {ENGINE: ("docs/**", "*.png"), TOOLS: ("gen/1*",)},
    {TOOLS: ("*",), "new/one": ("src/a_file.py",)},
]


@pytest.mark.parametrize("seed", range(12))
def test_after_any_changes_the_pages_are_those_of_an_archive_written_anew(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    archive = make_archive()
    settings = SETTINGS
    for _ in range(12):
        for _ in range(chance.randint(1, 3)):
            archive = chance.choice(CHANGES)(archive, chance)
        if chance.random() < 0.2:
            settings = PageSettings(
                site_name=chance.choice(["Daybook", "Other"]),
                language=chance.choice(["zh", "en"]),
                watch=chance.choice(WATCHED),
            )
        write_pages(tmp_path, archive, settings)
        pages = read_pages(tmp_path)
        anew = render_anew(archive, settings)
        assert pages.keys() == anew.keys()
        assert [name for name in pages if pages[name] != anew[name]] == []
        assert write_pages(tmp_path, archive, settings) == 0


def test_another_version_of_the_code_writes_what_it_makes_otherwise(
    tmp_path: Path, rendered: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = make_archive()
    write_pages(tmp_path, archive)
    rendered.names.clear()
    monkeypatch.setattr(paging, "hash_code", lambda *_: "another")
    assert write_pages(tmp_path, archive) == 0
    assert len(rendered.names) == len(list(plan_pages(archive, SETTINGS)))
    assert THURSDAY.isoformat() in " ".join(rendered.names)
