"""`daybook verify` finds whatever is wrong with an archive, and changes nothing."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
from click.testing import CliRunner

from generator.checking import verifying
from generator.checking.findings import Finding, Findings
from generator.checking.verifying import find_mirror, read_records, verify
from generator.cli import daybook
from generator.manifest import MANIFEST
from generator.record_bytes import render_record
from generator.site.checking import check_files
from generator.store.archive import Archive
from generator.store.index import INDEX
from generator.store.lock import hold_lock
from generator.store.places import Place, Sort, read_stamp
from generator.store.tables import write_stamp
from tests.archives import NAME, follow, run_backfill, run_update
from tests.damage import (
    NOW,
    find_places,
    find_problems,
    flip_byte,
    list_records,
    look_over,
    make_archive,
    read_all,
    update,
)
from tests.quiet import QuietReport
from tests.sites import build
from tests.soak import count_cases, scale
from tests.test_histories import DAYS, ZONE, World


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_archive(tmp_path_factory.mktemp("whole") / "archive")


@pytest.fixture
def archive(whole: Path, tmp_path: Path) -> Path:
    """Copy the archive, to be broken."""
    return Path(shutil.copytree(whole, tmp_path / "archive"))


def day_files(root: Path) -> list[Path]:
    return sorted((root / "docs" / NAME).glob("[0-9]*/[0-9]*/[0-9][0-9].json"))


def show(root: Path, path: Path) -> str:
    return path.relative_to(root).as_posix()


def test_whole_archive_has_no_problem_and_says_how_much_was_looked_at(archive: Path) -> None:
    found = look_over(archive)
    assert (found.problems, found.unseen, found.waiting, found.exit_code) == ([], [], [], 0)
    pages = [path for path in (archive / "docs").rglob("*.md") if path.name != "search.md"]
    files = [path for path in (archive / "site").rglob("*") if path.is_file()]
    assert found.checked["records"] == len(list_records(archive)) > DAYS
    assert found.checked["pages"] == len(pages) > DAYS
    assert found.checked["files"] == len(files) > len(pages)
    assert found.checked["commits"] > DAYS


def test_looking_changes_nothing(archive: Path) -> None:
    before = read_all(archive)
    stamps = {name: (archive / name).stat().st_mtime_ns for name in before}
    database = {name: (archive / name).read_bytes() for name in (INDEX, MANIFEST)}
    look_over(archive)
    assert read_all(archive) == before
    assert {name: (archive / name).stat().st_mtime_ns for name in before} == stamps
    assert {name: (archive / name).read_bytes() for name in (INDEX, MANIFEST)} == database


def test_every_changed_byte_of_a_record_is_found(archive: Path) -> None:
    random = Random(20260306)
    with count_cases("single bytes of records changed, and found by verify") as count:
        for _ in range(scale(300, 1_000)):
            path = random.choice(list_records(archive))
            content = path.read_bytes()
            flip_byte(path, random)
            findings = Findings()
            read_records(archive, QuietReport(), findings)
            count.add()
            assert show(archive, path) in {problem.place for problem in findings.problems}
            path.write_bytes(content)
    assert find_problems(archive) == []


@pytest.mark.parametrize("seed", range(scale(5, 60)))
def test_changed_bytes_anywhere_are_all_found_at_once(archive: Path, seed: int) -> None:
    check_changed_bytes(archive, seed)


def check_changed_bytes(archive: Path, seed: int) -> None:
    random = Random(seed)
    generated = [path for path in sorted((archive / "docs").rglob("*.md")) if path.name != "search.md"]
    shards = [path for path in sorted((archive / "site/assets/search").rglob("*")) if path.is_file()]
    files = [path for path in sorted((archive / "site").rglob("*")) if path.is_file()]
    broken = {random.choice(some) for some in (generated, generated, shards, shards, files, files)}
    if seed % 2:
        # Pages cannot be rendered then, and are held against the manifest.
        broken |= {random.choice(list_records(archive))}
    for path in broken:
        flip_byte(path, random)
    assert {show(archive, path) for path in broken} <= find_places(archive)


def check_files_but(part: str) -> Callable[..., Iterator[tuple[str, str]]]:
    """Make a look at site/ that leaves a part of it out."""
    return lambda *site: (found for found in check_files(*site) if not found[0].startswith(part))


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("check_files", check_files_but("assets/search/")),
        ("check_pages", lambda *_: None),
        ("check_hashes", lambda *_: None),
    ],
)
def test_look_that_leaves_something_out_is_caught(
    archive: Path, name: str, wrong: Callable[..., object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verifying, name, wrong)
    # By the rules of one seed a record is broken too, and pages are held against the manifest.
    with pytest.raises(AssertionError):
        check_changed_bytes(archive, 1 if name == "check_hashes" else 0)


def test_page_that_a_build_took_over_with_its_damage_is_found(archive: Path) -> None:
    page = next((archive / "docs" / NAME / "commit").glob("*.md"))
    page.write_text(page.read_text(encoding="utf-8").replace("Ada Lovelace", "Eve Lovelace"), "utf-8")
    build(archive, full=True)
    assert find_problems(archive) == [Finding(show(archive, page), "is not as its records have it")]


def change_index_page(root: Path) -> str:
    (root / "docs/index.md").write_text("---\ntitle: Other\n---\n", encoding="utf-8")
    return "docs/index.md"


def delete_page(root: Path) -> str:
    path = next((root / "docs" / NAME / "commit").glob("*.md"))
    path.unlink()
    return show(root, path)


def add_page(root: Path) -> str:
    path = root / "docs" / NAME / "commit" / f"{'0' * 40}.md"
    path.write_text("---\ntitle: Stray\n---\n", encoding="utf-8")
    return show(root, path)


def delete_day(root: Path) -> str:
    path = day_files(root)[2]
    path.unlink()
    return show(root, path)


def move_day(root: Path) -> str:
    path = day_files(root)[2]
    path.rename(path.with_name("28.json"))
    return show(root, path.with_name("28.json"))


def move_day_out_of_sight(root: Path) -> str:
    path = day_files(root)[3]
    path.rename(path.with_name("old.json"))
    return show(root, path)


def double_day(root: Path) -> str:
    path = day_files(root)[1]
    shutil.copy(path, path.with_name("27.json"))
    return show(root, path.with_name("27.json"))


def double_commit(root: Path) -> str:
    """Have a commit stand in two days, each a record that was written well."""
    archive = Archive(root / "docs")
    days = archive.days(NAME)
    first, second = archive.read_day(NAME, days[0]), archive.read_day(NAME, days[1])
    guest = first.commits[0].model_copy(update={"landed": second.commits[0].landed})
    archive.write_commits(second, (*second.commits, guest))
    return show(root, day_files(root)[1])


def lose_commit(root: Path) -> str:
    archive = Archive(root / "docs")
    record = next(
        record
        for day in archive.days(NAME)
        if len((record := archive.read_day(NAME, day)).commits) > 1 and not record.commits[0].gone
    )
    archive.write_commits(record, record.commits[1:])
    return f"docs/{NAME}/{record.day:%Y/%m/%d}.json"


def mark_as_gone(root: Path) -> str:
    archive = Archive(root / "docs")
    record = archive.read_day(NAME, archive.days(NAME)[0])
    commits = [commit.model_copy(update={"gone": not commit.gone}) for commit in record.commits]
    archive.write_commits(record, commits)
    return show(root, day_files(root)[0])


def make_older_than_its_day(root: Path) -> str:
    """Have a commit land an hour after the moment that git says, on the same day."""
    archive = Archive(root / "docs")
    record = archive.read_day(NAME, archive.days(NAME)[0])
    last = record.commits[-1]
    late = last.model_copy(update={"landed": last.landed + timedelta(minutes=1)})
    archive.write_commits(record, (*record.commits[:-1], late))
    return show(root, day_files(root)[0])


def move_to_another_zone(root: Path) -> str:
    path = day_files(root)[0]
    archive = Archive(root / "docs")
    record = archive.read_day(NAME, archive.days(NAME)[0])
    path.write_bytes(render_record(record.model_copy(update={"timezone": "Asia/Shanghai"})))
    return show(root, path)


def delete_repository(root: Path) -> str:
    path = root / "docs" / NAME / "archive.json"
    path.unlink()
    return show(root, path)


def move_repository(root: Path) -> str:
    path = root / "docs/ada/loom/archive.json"
    path.parent.mkdir()
    shutil.copy(root / "docs" / NAME / "archive.json", path)
    return show(root, path)


def delete_site_file(root: Path) -> str:
    (root / "site/status.html").unlink()
    return "site/status.html"


def add_site_file(root: Path) -> str:
    (root / "site/assets/extra.js").write_text("alert(1)")
    return "site/assets/extra.js"


def link_site_file(root: Path) -> str:
    path = root / "site/status.html"
    path.rename(root / "elsewhere.html")
    path.symlink_to(root / "elsewhere.html")
    return "site/status.html"


def delete_file_of_a_shard(root: Path) -> str:
    path = max(path for path in (root / "site/assets/search").rglob("*") if path.parent.name != "search")
    path.unlink()
    return show(root, path)


def spoil_mirror(root: Path) -> str:
    (root / f".daybook/mirrors/{NAME}.git/HEAD").write_text("no ref")
    return f".daybook/mirrors/{NAME}.git"


def spoil_index(root: Path) -> str:
    with sqlite3.connect(root / INDEX) as connection:
        connection.execute("UPDATE commits SET gone = 1 - gone WHERE sha = (SELECT min(sha) FROM commits)")
    connection.close()
    return str(INDEX)


def break_index(root: Path) -> str:
    path = root / INDEX
    content = bytearray(path.read_bytes())
    content[4096:8192] = b"\xff" * 4096
    path.write_bytes(content)
    return str(INDEX)


def break_manifest(root: Path) -> str:
    (root / MANIFEST).write_bytes(b"no database at all" * 1000)
    return str(MANIFEST)


DAMAGES = (
    change_index_page,
    delete_page,
    add_page,
    delete_day,
    move_day,
    move_day_out_of_sight,
    double_day,
    double_commit,
    lose_commit,
    mark_as_gone,
    make_older_than_its_day,
    move_to_another_zone,
    delete_repository,
    move_repository,
    delete_site_file,
    add_site_file,
    link_site_file,
    delete_file_of_a_shard,
    spoil_mirror,
    spoil_index,
    break_index,
    break_manifest,
)


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_damage_of_every_sort_is_found_at_its_place(archive: Path, damage: Callable[[Path], str]) -> None:
    settle_index(archive)
    place = damage(archive)
    found = look_over(archive)
    assert place in {problem.place for problem in found.problems}
    assert found.exit_code == 1


def settle_index(root: Path) -> None:
    """Let the index take its files for unchanged: it does so when they are older than its clock is coarse."""
    for path in list_records(root):
        os.utime(path, (0, 0))
    with sqlite3.connect(root / INDEX) as connection:
        for scope, sort, period in list(connection.execute("SELECT scope, sort, period FROM records")):
            place = Place(scope, Sort(sort), period)
            write_stamp(connection, place, read_stamp(root / "docs" / place.path))
    connection.close()


def test_damaged_record_hides_no_damaged_page_and_says_how_pages_were_looked_at(archive: Path) -> None:
    day_files(archive)[0].write_bytes(b"{}")
    place = change_index_page(archive)
    found = look_over(archive)
    assert Finding(place, "is not as it was written") in found.problems
    assert [unseen.place for unseen in found.unseen] == ["docs"]


def test_what_cannot_be_looked_at_is_said_and_never_called_clean(archive: Path) -> None:
    shutil.rmtree(archive / "site")
    shutil.rmtree(archive / ".daybook/mirrors")
    found = look_over(archive)
    assert found.problems == []
    assert found.unseen == [
        Finding(NAME, "days not compared with git: there is no mirror of it"),
        Finding("site", "files not compared: there is no such folder"),
    ]
    assert found.exit_code == 3


def test_archive_alone_as_after_a_clone_is_held_against_itself(archive: Path) -> None:
    shutil.rmtree(archive / ".daybook")
    found = look_over(archive)
    assert found.problems == []
    assert {unseen.place for unseen in found.unseen} == {NAME, "site"}
    place = delete_page(archive)
    assert find_places(archive) == {place}


def test_mirror_without_the_archived_tip_is_no_proof_of_anything(archive: Path) -> None:
    store = Archive(archive / "docs")
    record = store.find_repository(NAME)
    assert record is not None
    store.write_repository(record.model_copy(update={"tip": "f" * 40}))
    found = look_over(archive)
    assert Finding(
        NAME, f"days not compared with git: its mirror does not have the archived tip {'f' * 40}"
    ) in (found.unseen)


# What a run does to make a file of tables, as far as it may come before it is killed.
MAKING = (
    "PRAGMA journal_mode = WAL",
    "BEGIN IMMEDIATE",
    "PRAGMA user_version = 7",
    "CREATE TABLE units (name TEXT PRIMARY KEY, key TEXT NOT NULL)",
)


def leave_half_made(path: Path, steps: int) -> None:
    """Leave a file as a process does that is killed after so many steps of its making."""
    path.with_name(f"{path.name}-wal").unlink(missing_ok=True)
    path.with_name(f"{path.name}-shm").unlink(missing_ok=True)
    path.write_bytes(b"")
    program = (
        f"import os, sqlite3; connection = sqlite3.connect({str(path)!r}, isolation_level=None)\n"
        f"for step in {MAKING[:steps]}: connection.execute(step)\nos.kill(os.getpid(), 9)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == -9


@pytest.mark.parametrize("steps", range(len(MAKING) + 1))
@pytest.mark.parametrize("file", [INDEX, MANIFEST], ids=["index", "manifest"])
def test_tables_that_nobody_has_come_to_making_are_not_there_yet(
    archive: Path, file: Path, steps: int
) -> None:
    leave_half_made(archive / file, steps)
    found = look_over(archive)
    unseen = [Finding("site", f"files not compared: {MANIFEST}, which says what they should be, {_NOT_YET}")]
    assert (found.problems, found.unseen) == ([], unseen if file == MANIFEST else [])
    # What can be looked at without them is.
    assert find_places(archive) == set()
    place = delete_page(archive)
    assert find_places(archive) == {place}
    update(archive)
    build(archive)
    assert look_over(archive).exit_code == 0


_NOT_YET = "is not there yet or damaged"


def test_index_of_another_daybook_is_made_anew_and_no_damage(archive: Path) -> None:
    settle_index(archive)
    spoil_index(archive)
    with sqlite3.connect(archive / INDEX) as connection:
        connection.execute("PRAGMA user_version = 7")
    connection.close()
    assert look_over(archive).exit_code == 0


def test_run_that_was_cut_short_is_told_and_is_no_damage(archive: Path) -> None:
    store = Archive(archive / "docs")
    record = store.find_repository(NAME)
    assert record is not None
    assert record.tip is not None
    # As a run leaves it that is killed when the days are there and the archived tip is still the one before.
    mirror = find_mirror(archive, NAME)
    before = list(mirror.walk(record.tip, (), "--first-parent"))[1]
    store.write_repository(record.model_copy(update={"tip": before.sha, "writing": record.tip}))
    found = look_over(archive)
    assert found.problems == []
    assert "cut short" in found.unseen[0].fact
    update(archive)
    build(archive)
    assert look_over(archive).exit_code == 0


def test_pages_that_another_daybook_wrote_wait_for_the_next_update(archive: Path) -> None:
    with sqlite3.connect(archive / MANIFEST) as connection:
        connection.execute("UPDATE units SET key = 'of an older version'")
    connection.close()
    assert look_over(archive).exit_code == 0
    change_index_page(archive)
    found = look_over(archive)
    assert (found.problems, [unseen.place for unseen in found.unseen]) == ([], ["docs"])


def test_pages_that_wait_for_a_build_are_no_problem(archive: Path) -> None:
    (archive / "archive.yml").write_text(
        (archive / "archive.yml").read_text(encoding="utf-8").replace("site: {", "site: {name: Other, ")
    )
    update(archive)
    found = look_over(archive)
    assert (found.problems, found.exit_code) == ([], 0)
    assert found.waiting[0].place == "site"


@pytest.mark.parametrize("seed", range(scale(3, 200)))
@pytest.mark.parametrize("first_days", [1, 366])
def test_no_history_however_twisted_is_taken_for_damage(tmp_path: Path, seed: int, first_days: int) -> None:
    world = World(tmp_path / "up", 300 + seed)
    config = follow((NAME, world.upstream), timezone=ZONE, first_days=first_days)
    for number in range(DAYS):
        world.live_a_day(number)
        if number in (2, 5):
            world.force_push()
        if number == 3:
            world.fast_forward_to_side()
        run_update(tmp_path, config, world.now.isoformat())
        found = verify(tmp_path, config, NOW, QuietReport())
        assert (found.problems, [unseen.place for unseen in found.unseen]) == ([], ["site"])
    run_backfill(tmp_path, config, world.now.isoformat(), "1970-01-01")
    assert verify(tmp_path, config, NOW, QuietReport()).problems == []


def test_nobody_looks_while_a_run_is_at_work(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(archive)
    with hold_lock(archive / ".daybook" / "lock"):
        assert CliRunner().invoke(daybook, ["verify"]).exit_code == 4
    with hold_lock(archive / ".daybook" / "build.lock"):
        assert CliRunner().invoke(daybook, ["repair"]).exit_code == 4


def test_command_tells_place_and_problem_a_line_each_and_last_what_was_looked_at(
    archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(archive)
    clean = CliRunner().invoke(daybook, ["verify"])
    assert clean.exit_code == 0
    assert clean.stdout.startswith("looked at ")
    assert clean.stdout.endswith(": no problem\n")
    place = delete_site_file(archive)
    done = CliRunner().invoke(daybook, ["verify"])
    assert done.exit_code == 1
    assert done.stdout.splitlines()[0] == f"{place}: is not there"
    assert done.stdout.endswith(": 1 problem; `daybook repair` mends what can be mended\n")
    told = json.loads(CliRunner().invoke(daybook, ["verify", "--json"]).stdout)
    assert told["problems"] == [{"fact": "is not there", "place": place}]
    assert (told["unseen"], told["waiting"]) == ([], [])
    assert told["checked"]["commits"] > 0
