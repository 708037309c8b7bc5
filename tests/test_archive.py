"""Records on disk are whole, named, and never half-written."""

from __future__ import annotations

import multiprocessing
import multiprocessing.synchronize
import os
import re
import signal
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from generator.errors import ArchiveError, LockedError
from generator.record_bytes import parse_record, render_record
from generator.records import DayRecord, RepositoryRecord
from generator.store.archive import Archive
from generator.store.files import write_changed, write_file
from generator.store.lock import hold_lock
from tests.archives import NAME, follow, run_update
from tests.histories import Upstream

NOW = "2026-01-06T23:00+08:00"


@pytest.fixture(scope="module")
def docs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("archive")
    upstream = Upstream(root / "up")
    upstream.commit("feat: 新功能", "2026-01-05T10:00+08:00", {"a.py": "x = 1\n"})
    upstream.commit("fix: x", "2026-01-06T10:00+08:00", {"a.py": "x = 2\n"})
    run_update(root, follow((NAME, upstream)), NOW)
    return root / "docs"


def read_record(docs: Path) -> bytes:
    return (docs / NAME / "2026" / "01" / "06.json").read_bytes()


def test_a_record_reads_back_as_it_was(docs: Path) -> None:
    content = read_record(docs)
    record = parse_record(DayRecord, content, "here")
    assert (render_record(record), record.day) == (content, date(2026, 1, 6))


def test_a_record_is_sorted_utf_8_with_one_final_newline(docs: Path) -> None:
    content = (docs / NAME / "2026" / "01" / "05.json").read_text(encoding="utf-8")
    keys = [line.split('"')[1] for line in content.splitlines() if line.startswith('"')]
    assert "commits" in keys
    assert keys == sorted(keys)
    assert content.endswith("}\n")
    assert "新功能" in content


def test_no_mail_address_is_in_a_record(docs: Path) -> None:
    # A diff has @@, and no address with it.
    assert re.findall(r"[^\s@]+@[^\s@]+", read_record(docs).decode()) == []


def test_every_changed_byte_is_found(docs: Path) -> None:
    content = read_record(docs)
    for position in range(0, len(content), 7):
        damaged = bytearray(content)
        damaged[position] ^= 1
        with pytest.raises(ArchiveError, match="here: "):
            parse_record(DayRecord, bytes(damaged), "here")


@pytest.mark.parametrize(
    ("old", "new"), [(b", ", b",\t"), (b": ", b":\t"), (b"{", b'{"version": 1,'), (b"}\n", b"}")]
)
def test_what_a_reader_of_json_would_not_see_is_found_too(docs: Path, old: bytes, new: bytes) -> None:
    damaged = read_record(docs).replace(old, new, 1)
    with pytest.raises(ArchiveError, match="here: the content is not what was written"):
        parse_record(DayRecord, damaged, "here")


@pytest.mark.parametrize(
    ("content", "fact"),
    [
        (b"", "here: not JSON: Expecting value: line 1 column 1 (char 0)"),
        (b"[]\n", "here: not a JSON object"),
        (b'{\n "version": 9\n}\n', "here: version 9 is not one this Daybook reads"),
        (b'{\n "version": 1\n}\n', "here: the content is not what was written: its sha256 does not agree"),
    ],
)
def test_what_is_no_record_is_named(content: bytes, fact: str) -> None:
    with pytest.raises(ArchiveError) as caught:
        parse_record(DayRecord, content, "here")
    assert caught.value.fact == fact


def test_a_missing_field_is_named() -> None:
    record = RepositoryRecord.model_construct(version=1, repository=NAME)
    with pytest.raises(ArchiveError, match="^here: timezone: Field required"):
        parse_record(RepositoryRecord, render_record(record), "here")


def test_a_record_in_another_s_place_is_refused(docs: Path, tmp_path: Path) -> None:
    place = tmp_path / "docs" / NAME / "2026" / "01" / "07.json"
    place.parent.mkdir(parents=True)
    place.write_bytes(read_record(docs))
    with pytest.raises(ArchiveError, match="docs/ada/engine/2026/01/07.json: holds ada/engine on 2026-01-06"):
        Archive(tmp_path / "docs").read_day(NAME, date(2026, 1, 7))


def test_days_before_the_year_1000_have_a_place(docs: Path, tmp_path: Path) -> None:
    record = parse_record(DayRecord, read_record(docs), "here").model_copy(update={"day": date(970, 1, 2)})
    archive = Archive(tmp_path / "docs")
    archive.write_day(record)
    archive.write_repository(RepositoryRecord(repository=NAME, timezone="UTC"))
    assert archive.days(NAME) == (date(970, 1, 2),)


def test_only_what_changed_is_written(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b"
    assert [write_changed(path, content) for content in (b"1", b"1", b"2")] == [True, False, True]
    assert path.read_bytes() == b"2"
    assert path.stat().st_mode & 0o777 == 0o644


def test_a_failed_write_leaves_the_old_content_and_nothing_else(tmp_path: Path) -> None:
    write_file(tmp_path / "a", b"old")
    (tmp_path / "folder").mkdir()
    with pytest.raises(IsADirectoryError):
        write_file(tmp_path / "folder", b"new")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "folder"]


def _list(folder: Path) -> list[str]:
    return [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]


def test_leftovers_of_a_killed_run_are_removed(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    archive.write_repository(RepositoryRecord(repository=NAME, timezone="UTC"))
    places = (
        "",
        NAME,
        f"{NAME}/2026",
        f"{NAME}/2026/01",
        "days",
        "days/2026",
        "days/2026/01",
    )
    for place in places:
        (tmp_path / place).mkdir(parents=True, exist_ok=True)
        (tmp_path / place / ".writing-abc").touch()
    (tmp_path / NAME / "2026" / "page.md").touch()
    archive.remove_leftovers()
    assert sorted(_list(tmp_path)) == [f"{NAME}/2026/page.md", f"{NAME}/archive.json"]


def test_a_repository_may_be_called_like_a_year(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    for name in ("ada/2048", "1984"):
        archive.write_repository(RepositoryRecord(repository=name, timezone="UTC"))
    assert archive.names() == ("1984", "ada/2048")
    assert [record.repository for record in archive.repositories()] == ["1984", "ada/2048"]


def _hold(path: Path, ready: multiprocessing.synchronize.Event) -> None:
    with hold_lock(path):
        ready.set()
        signal.pause()


def test_a_second_run_is_refused_until_the_first_is_dead(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    context = multiprocessing.get_context("spawn")
    ready = context.Event()
    process = context.Process(target=_hold, args=(path, ready))
    process.start()
    assert ready.wait(30)
    with pytest.raises(LockedError, match="another run is at work in this archive"), hold_lock(path):
        pass
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    with hold_lock(path):
        pass


def test_moments_are_utc(docs: Path) -> None:
    record = parse_record(DayRecord, read_record(docs), "here")
    assert record.window.start == datetime(2026, 1, 5, 16, tzinfo=UTC)
    assert record.commits[0].landed == datetime(2026, 1, 6, 2, tzinfo=UTC)


def test_a_file_that_is_no_day_is_passed_over(tmp_path: Path) -> None:
    for path in ("2026/13/45.json", "2026/01/index.json", "2026/01/notes.txt"):
        (tmp_path / "docs" / NAME / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "docs" / NAME / path).touch()
    assert Archive(tmp_path / "docs").days(NAME) == ()
