"""`daybook repair` brings an archive back to the bytes it had, loses nothing on the way, and can be cut short."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner

from generator.checking.repairing import repair
from generator.cli import daybook
from generator.config import load_config
from generator.days import find_window
from generator.manifest import MANIFEST
from generator.records import Reason, Span
from generator.store.archive import Archive
from generator.store.broken import BROKEN, set_aside
from generator.store.index import INDEX
from tests.archives import NAME, count_shas, follow, read_days, read_files, run_update
from tests.damage import (
    NOW,
    find_problems,
    flip_byte,
    list_records,
    look_over,
    make_archive,
    mend,
    read_all,
    update,
)
from tests.faults import Sort, fail
from tests.histories import Upstream
from tests.model_archives import (
    NEXT_MORNING,
    add_item,
    count_reasons,
    make_config,
    make_model,
    run_asking,
)
from tests.model_server import ModelServer
from tests.quiet import QuietReport
from tests.sites import build
from tests.soak import count_cases, scale
from tests.test_verify import DAMAGES, day_files, make_older_than_its_day, settle_index, show


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_archive(tmp_path_factory.mktemp("whole") / "archive")


@pytest.fixture
def archive(whole: Path, tmp_path: Path) -> Path:
    """Copy the archive, to be broken."""
    return Path(shutil.copytree(whole, tmp_path / "archive"))


def drop_copies(root: Path) -> None:
    """Have the archive without its site, so that nothing comes back but from git."""
    shutil.rmtree(root / "site")


def test_whole_archive_is_left_as_it_is(archive: Path) -> None:
    before = read_all(archive)
    repairs = mend(archive)
    assert (repairs.aside, repairs.restored, repairs.collected, repairs.pages, repairs.files) == (
        [],
        [],
        {},
        0,
        0,
    )
    assert read_all(archive) == before
    assert look_over(archive).exit_code == 0


def test_folder_in_which_nothing_is_archived_yet_is_told_and_left_as_it_is(
    archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(archive)
    shutil.rmtree(archive / "docs")
    index = (archive / INDEX).read_bytes()
    lost = CliRunner().invoke(daybook, ["repair"])
    # The index still tells of records that were there, and goes on telling.
    assert (lost.exit_code, (archive / INDEX).read_bytes()) == (1, index)
    shutil.rmtree(archive / ".daybook")
    done = CliRunner().invoke(daybook, ["repair"])
    assert done.exit_code == 3
    assert done.stdout.startswith("0 pages written or removed\ncould not look: docs: nothing is archived yet")
    assert not (archive / "docs").exists()
    assert {path.name for path in (archive / ".daybook").iterdir()} <= {"lock", "build.lock", "index.lock"}


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
@pytest.mark.parametrize("has_copies", [True, False], ids=["from-site", "from-git"])
def test_damage_of_every_sort_is_mended_to_the_bytes_that_were_there(
    archive: Path, damage: Callable[[Path], str], has_copies: bool
) -> None:
    before = read_all(archive)
    settle_index(archive)
    damage(archive)
    if not has_copies:
        shutil.rmtree(archive / "site", ignore_errors=True)
    repairs = mend(archive)
    assert repairs.unmended == []
    build(archive)
    found = look_over(archive)
    assert (found.problems, found.exit_code) == ([], 0)
    mended = {path: content for path, content in read_all(archive).items() if path in before}
    assert mended.keys() == before.keys()
    assert {path for path in before if mended[path] != before[path]} == set()


@pytest.mark.parametrize("seed", range(scale(4, 100)))
def test_many_broken_records_at_once_come_back_from_git_alone(archive: Path, seed: int) -> None:
    random = Random(seed)
    before = read_all(archive)
    drop_copies(archive)
    records = [path for path in list_records(archive) if path.name != "archive.json"]
    broken = random.sample(records, random.randint(1, len(records)))
    for path in broken:
        flip_byte(path, random)
    kept = {path: path.read_bytes() for path in broken}
    repairs = mend(archive)
    assert sorted(file for file, _ in repairs.aside) == sorted(show(archive, path) for path in broken)
    for file, target in repairs.aside:
        assert (archive / target).read_bytes() == kept[archive / file]
    build(archive)
    assert look_over(archive).exit_code == 0
    assert read_all(archive) == before


def test_archive_whose_records_are_all_broken_comes_back(archive: Path) -> None:
    before = read_all(archive)
    commits = count_shas(archive)
    drop_copies(archive)
    random = Random(1)
    for path in list_records(archive):
        flip_byte(path, random)
    assert mend(archive).unmended == []
    assert find_problems(archive) == []
    # What a force-push had removed can be named by the record that was lost alone.
    reachable = {sha for sha in commits if sha in count_shas(archive)}
    assert reachable == set(count_shas(archive))
    build(archive)
    pages = {path for path in before if path.startswith("docs/") and path.endswith(".md")}
    assert pages - read_all(archive).keys() <= {
        f"docs/{NAME}/commit/{sha}.md" for sha in commits.keys() - reachable
    }


def test_commits_that_a_force_push_removed_come_back_with_their_day(archive: Path) -> None:
    before = read_all(archive)
    gone = [
        day
        for day in Archive(archive / "docs").days(NAME)
        if any(commit.gone for commit in Archive(archive / "docs").read_day(NAME, day).commits)
    ]
    assert gone
    drop_copies(archive)
    for day in gone:
        (archive / "docs" / NAME / f"{day:%Y/%m/%d}.json").write_bytes(b"{}")
    mend(archive)
    build(archive)
    assert read_all(archive) == before


@pytest.mark.parametrize("is_aside", [False, True], ids=["damaged", "put-aside-before"])
def test_day_with_a_force_push_comes_back_in_the_order_in_which_it_was_archived(
    tmp_path: Path, is_aside: bool
) -> None:
    upstream = Upstream(tmp_path / "upstream")
    root = tmp_path / "archive"
    config = follow((NAME, upstream), timezone="UTC")
    for hour, subject in ((9, "stays"), (10, "goes"), (11, "goes too")):
        upstream.commit(subject, f"2026-03-02T{hour:02}:00+00:00", {f"{hour}": "1\n"})
    run_update(root, config, "2026-03-02T12:00+00:00")
    upstream.branch("main", "main~2")
    upstream.commit("comes", "2026-03-02T13:00+00:00", {"13": "1\n"})
    run_update(root, config, NOW.isoformat())
    before = read_files(root)
    assert read_days(root) == {"2026-03-02": ["stays", "goes", "goes too", "comes"]}
    day = Path("docs", NAME, "2026/03/02.json")
    if is_aside:
        # As a repair leaves it that was cut short there.
        set_aside(root, day)
    else:
        (root / day).write_bytes(b"{}")
    repair(root, config, NOW, QuietReport())
    assert read_files(root) == before


def test_copy_of_what_git_contradicts_is_not_believed(archive: Path) -> None:
    update(archive)
    build(archive)
    before = read_all(archive)
    make_older_than_its_day(archive)
    update(archive)
    build(archive)
    mend(archive)
    build(archive)
    assert look_over(archive).exit_code == 0
    assert read_all(archive) == before


def test_copy_of_what_stands_elsewhere_is_not_believed(archive: Path) -> None:
    store = Archive(archive / "docs")
    days = store.days(NAME)
    first = store.read_day(NAME, days[0])
    empty = next(
        day for day in (days[0] + timedelta(days=number) for number in range(1, 400)) if day not in days
    )
    window = find_window(empty, ZoneInfo("UTC"))
    guests = [commit.model_copy(update={"landed": window.start}) for commit in first.commits]
    change = {"day": empty, "window": Span(start=window.start, end=window.end), "commits": tuple(guests)}
    store.write_day(first.model_copy(update=change))
    update(archive)
    build(archive)
    for _ in range(2):
        mend(archive)
    assert {problem for problem in find_problems(archive) if not problem.place.startswith("site")} == set()


def test_copy_in_the_site_keeps_what_a_model_said(archive: Path) -> None:
    store = Archive(archive / "docs")
    record = store.read_day(NAME, store.days(NAME)[1])
    first = record.commits[0]
    told = first.analysis.model_copy(update={"summary": "What a model said, and was paid for."})
    store.write_commits(record, (first.model_copy(update={"analysis": told}), *record.commits[1:]))
    update(archive)
    build(archive)
    before = read_all(archive)
    path = archive / "docs" / NAME / f"{record.day:%Y/%m/%d}.json"
    path.write_bytes(path.read_bytes().replace(b"paid for", b"paid far"))
    repairs = mend(archive)
    assert repairs.restored == [show(archive, path)]
    assert read_all(archive) == before


def test_old_copy_in_the_site_is_completed_from_git(archive: Path) -> None:
    path = max(path for path in day_files(archive) if len(read_shas(archive, path)) > 1)
    whole = path.read_bytes()
    store = Archive(archive / "docs")
    day = next(day for day in store.days(NAME) if path.match(f"{day:%Y/%m/%d}.json"))
    record = store.read_day(NAME, day)
    store.write_commits(record, record.commits[:-1])
    shutil.copy(path, archive / "site" / path.relative_to(archive / "docs"))
    path.write_bytes(b"{}")
    repairs = mend(archive)
    assert repairs.restored == [show(archive, path)]
    assert repairs.collected == {NAME: (1, 1)}
    assert path.read_bytes() == whole


def read_shas(root: Path, path: Path) -> list[str]:
    store = Archive(root / "docs")
    day = next(day for day in store.days(NAME) if path.match(f"{day:%Y/%m/%d}.json"))
    return [commit.sha for commit in store.read_day(NAME, day).commits if not commit.gone]


def test_mirror_that_is_lost_too_is_fetched_again(archive: Path) -> None:
    before = read_all(archive)
    drop_copies(archive)
    shutil.rmtree(archive / ".daybook/mirrors")
    path = day_files(archive)[-1]
    path.write_bytes(b"{}")
    assert mend(archive).unmended == []
    build(archive)
    assert read_all(archive) == before


def test_day_that_cannot_be_collected_is_named_and_comes_back_when_the_repository_does(archive: Path) -> None:
    before = read_all(archive)
    drop_copies(archive)
    shutil.rmtree(archive / ".daybook/mirrors")
    upstream = archive.parent / "away"
    settings = archive / "archive.yml"
    text = settings.read_text(encoding="utf-8")
    url = load_config(settings).repositories[0].url
    settings.write_text(text.replace(url, str(upstream)), encoding="utf-8")
    path = day_files(archive)[-1]
    path.write_bytes(b"{}")
    repairs = mend(archive)
    assert [finding.place for finding in repairs.unmended] == [show(archive, path)]
    assert repairs.exit_code == 1
    settings.write_text(text, encoding="utf-8")
    assert mend(archive).unmended == []
    build(archive)
    assert read_all(archive) == before


def test_repository_without_its_record_says_so_and_keeps_its_pages(archive: Path) -> None:
    drop_copies(archive)
    shutil.rmtree(archive / ".daybook/mirrors")
    settings = archive / "archive.yml"
    url = load_config(settings).repositories[0].url
    settings.write_text(settings.read_text(encoding="utf-8").replace(url, "/nowhere"), encoding="utf-8")
    record = archive / "docs" / NAME / "archive.json"
    record.write_bytes(b"{}")
    before = read_all(archive)
    repairs = mend(archive)
    assert [finding.place for finding in repairs.unmended] == [show(archive, record)]
    assert read_all(archive) == before


def test_manifest_that_is_lost_blesses_no_damaged_shard(archive: Path) -> None:
    before = read_all(archive)
    (archive / MANIFEST).write_bytes(b"no database")
    random = Random(3)
    for path in (archive / "site/assets/search").rglob("*"):
        if path.is_file():
            flip_byte(path, random)
    mend(archive)
    build(archive)
    assert read_all(archive) == before


def test_index_that_tells_otherwise_is_made_anew(archive: Path) -> None:
    settle_index(archive)
    with sqlite3.connect(archive / INDEX) as connection:
        connection.execute("DELETE FROM commits")
    connection.close()
    assert find_problems(archive) != []
    mend(archive)
    assert look_over(archive).exit_code == 0


@pytest.mark.parametrize("has_copies", [True, False], ids=["from-site", "from-git"])
def test_repair_that_is_stopped_anywhere_is_finished_by_the_next(
    whole: Path, tmp_path: Path, has_copies: bool
) -> None:
    broken = Path(shutil.copytree(whole, tmp_path / "broken"))
    before = read_all(broken)
    random = Random(5)
    days = day_files(broken)
    for path in (days[0], days[-1], next((broken / "docs").rglob("*.digest.json"))):
        flip_byte(path, random)
    flip_byte(broken / "docs" / NAME / "archive.json", random)
    if not has_copies:
        shutil.rmtree(broken / "site")
    with count_cases("repairs stopped at a step, and finished by the next") as count:
        for step in range(1, 10_000, scale(11, 1)):
            archive = Path(shutil.copytree(broken, tmp_path / "stopped"))
            with fail(Sort.KILL, step) as fault:
                mend(archive)
            if not fault.went_off:
                break
            count.add()
            assert mend(archive).unmended == []
            build(archive)
            assert look_over(archive).exit_code == 0
            now = read_all(archive)
            # When it was last looked at is known to the record that was lost alone.
            assert {path for path in before if now.get(path) != before[path]} <= {
                f"docs/{NAME}/archive.json",
                f"site/{NAME}/archive.json",
            }
            shutil.rmtree(archive)
    assert count.tried > scale(3, 50)


def test_what_a_model_said_of_a_lost_day_comes_back_without_a_call(tmp_path: Path) -> None:
    upstream = Upstream(tmp_path / "upstream")
    for number in range(1, 5):
        add_item(upstream, number, f"2026-01-0{4 + number % 2}T10:{number:02}+08:00")
    root = tmp_path / "archive"
    with ModelServer() as server:
        config = make_config([(NAME, upstream)], [make_model(server.url)])
        assert run_asking(root, config, NEXT_MORNING).exit_code == 0
        before, calls = read_files(root), server.count()
        for path in list_records(root):
            path.write_bytes(b"{}")
        repairs = repair(root, config, datetime.fromisoformat(NEXT_MORNING), QuietReport())
        assert repairs.unmended == []
        assert count_reasons(root) == {Reason.WAITING: 4}
        assert run_asking(root, config, NEXT_MORNING).exit_code == 0
        assert server.count() == calls
    assert read_files(root) == before


def test_command_tells_what_was_put_aside_and_what_came_back(
    archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(archive)
    broken = day_files(archive)[0]
    flip_byte(broken, Random(2))
    (archive / "site/status.html").unlink()
    done = CliRunner().invoke(daybook, ["repair"])
    assert done.exit_code == 0
    lines = done.stdout.splitlines()
    assert lines[0].startswith(f"{show(archive, broken)}: put aside as {BROKEN}/{NAME}/")
    assert lines[1:] == [
        f"{show(archive, broken)}: taken from its copy in site/",
        "0 pages written or removed",
        "1 file of site/ to be mended: run `daybook build`",
    ]
    assert CliRunner().invoke(daybook, ["build"]).exit_code == 0
    assert CliRunner().invoke(daybook, ["verify"]).exit_code == 0
