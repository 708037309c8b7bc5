"""The power fails, and all that was not synced is gone: the next run makes it good, and asks no model twice."""

from __future__ import annotations

import os
import shutil
import stat
from collections import Counter
from collections.abc import Callable, Iterable
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

import pytest

from generator.config import load_config
from generator.errors import ArchiveError
from generator.store import files
from tests.archives import read_files, run_update
from tests.damage import read_all
from tests.faults import Sort, fail
from tests.histories import Upstream
from tests.killing import (
    begin_history,
    go_on,
    list_torn,
    look_over,
    make_with_look,
    read_acknowledged,
    write_settings,
)
from tests.losing import Disk, Mood, bring_foreign, watching
from tests.model_archives import run_asking
from tests.model_server import Answer, Heard, ModelServer, answer_well
from tests.sites import build
from tests.soak import Count, count_cases, scale

NOW = "2026-03-01T12:00:00+00:00"
# How many steps are left out between two at which the power fails, in the short form.
STRIDE = 37
AFTER_THE_END = 1_000_000


def update(root: Path) -> None:
    run_update(root, load_config(root / "archive.yml"), NOW)


@pytest.fixture(scope="module")
def waiting(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make an archive for which a force-push and another day have come."""
    folder = tmp_path_factory.mktemp("waiting")
    upstream = Upstream(folder / "upstream")
    begin_history(upstream)
    write_settings(folder / "archive", upstream)
    update(folder / "archive")
    go_on(upstream)
    return folder / "archive"


@pytest.fixture(scope="module")
def finished(waiting: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    root = Path(shutil.copytree(waiting, tmp_path_factory.mktemp("finished") / "archive"))
    update(root)
    return read_files(root)


def test_run_whose_power_fails_at_any_step_is_made_good_by_the_next(
    waiting: Path, finished: dict[str, bytes], tmp_path: Path
) -> None:
    with count_cases("losses of power at a step of the disk's, and the next run makes it good") as count:
        fail_everywhere(waiting, finished, tmp_path, range(1, AFTER_THE_END, scale(STRIDE, 1)), count)


def fail_everywhere(
    waiting: Path, finished: dict[str, bytes], tmp_path: Path, steps: Iterable[int], count: Count
) -> None:
    """Let the power fail at these steps, until one is after the end, and check that the next run makes it good."""
    chance = Random(7)
    for step in steps:
        root = Path(shutil.copytree(waiting, tmp_path / "archive"))
        with fail(Sort.KILL, step) as fault, watching(root) as disk:
            update(root)
        for mood, is_foreign_kept in product(Mood, (True, False)):
            left = tmp_path / "left"
            disk.lose_power(left, mood, chance)
            bring_foreign(root if is_foreign_kept else waiting, left)
            update(left)
            told = (step, mood, is_foreign_kept)
            assert (told, look_over(left).problems) == (told, [])
            assert (told, find_differences(read_files(left), finished)) == (told, [])
            assert list_torn(left) == []
            count.add()
            shutil.rmtree(left)
        shutil.rmtree(root)
        if not fault.went_off:
            break


class Careless:
    """Python's `os` for a module that forgets to have the disk keep its files, or its folders."""

    def __init__(self, is_forgotten: Callable[[int], bool]) -> None:
        self._is_forgotten = is_forgotten

    def __getattr__(self, name: str) -> Any:
        return getattr(os, name)

    def fsync(self, descriptor: int) -> None:
        """Have the disk keep what is not forgotten."""
        if not self._is_forgotten(os.fstat(descriptor).st_mode):
            os.fsync(descriptor)


# From a step where it may be noticed: when days are written, and when the repository's own record says so.
@pytest.mark.parametrize(
    ("is_forgotten", "first"), [(stat.S_ISREG, 31), (stat.S_ISDIR, 111)], ids=["files", "folders"]
)
def test_run_that_has_the_disk_keep_no_file_or_no_folder_is_caught(
    waiting: Path,
    finished: dict[str, bytes],
    is_forgotten: Callable[[int], bool],
    first: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(files, "os", Careless(is_forgotten))
    with pytest.raises((AssertionError, ArchiveError)):
        fail_everywhere(waiting, finished, tmp_path, range(first, AFTER_THE_END, 5), Count())


def test_site_whose_power_fails_is_made_good_by_the_next_build(tmp_path: Path) -> None:
    upstream = Upstream(tmp_path / "upstream")
    begin_history(upstream)
    waiting = make_with_look(tmp_path / "waiting", upstream)
    update_and_build(waiting)
    go_on(upstream)
    whole = Path(shutil.copytree(waiting, tmp_path / "finished"))
    update_and_build(whole)
    finished = read_all(whole)
    step, went_off = scale(AFTER_THE_END, 1), True
    with count_cases("losses of power beside a build, and the next one makes it good") as count:
        while went_off:
            root = Path(shutil.copytree(waiting, tmp_path / "archive"))
            with fail(Sort.KILL, step) as fault, watching(root) as disk:
                update_and_build(root)
            went_off = fault.went_off
            for mood in Mood:
                left = tmp_path / "left"
                disk.lose_power(left, mood, Random(step))
                bring_foreign(root, left)
                update_and_build(left)
                found = look_over(left)
                assert (step, mood, found.problems, found.unseen) == (step, mood, [], [])
                assert (step, mood, find_differences(read_all(left), finished)) == (step, mood, [])
                count.add()
                shutil.rmtree(left)
            shutil.rmtree(root)
            step += STRIDE


def update_and_build(root: Path) -> None:
    update(root)
    build(root)


def find_differences(left: dict[str, bytes], right: dict[str, bytes]) -> list[str]:
    return [name for name in sorted({*left, *right}) if left.get(name) != right.get(name)]


class Blackout:
    """A script for a server in whose reign the power fails while a request is on its way."""

    def __init__(self, at: int, target: Path, mood: Mood) -> None:
        self.at, self.target, self.mood = at, target, mood
        self.disk: Disk | None = None
        self.heard = 0

    def __call__(self, heard: Heard) -> Answer:
        self.heard += 1
        if self.disk is not None and self.heard == self.at:
            self.disk.lose_power(self.target, self.mood, Random(self.at))
        return answer_well(heard)


@pytest.mark.parametrize("mood", Mood, ids=lambda mood: mood.name.lower())
def test_reply_that_was_there_when_the_power_failed_is_neither_lost_nor_asked_for_again(
    tmp_path: Path, mood: Mood
) -> None:
    upstream = Upstream(tmp_path / "upstream")
    begin_history(upstream)
    go_on(upstream)
    at, is_over = 2, False
    with count_cases("losses of power while a model thinks: no reply lost, no spending forgotten") as count:
        while not is_over:
            root, left = tmp_path / "archive", tmp_path / "left"
            script = Blackout(at, left, mood)
            with ModelServer(script) as server:
                write_settings(root, upstream, server.url, concurrency=1)
                config = load_config(root / "archive.yml")
                with watching(root) as script.disk:
                    assert run_asking(root, config, NOW).exit_code == 0
                is_over = script.heard < at
                if is_over:
                    break
                bring_foreign(root, left)
                check_made_good(left, server, at)
            count.add()
            shutil.rmtree(root)
            shutil.rmtree(left)
            at += scale(4, 1)
    assert count.tried > 1


def check_made_good(left: Path, server: ModelServer, at: int) -> None:
    """Check what came through, have the next run make the rest good, and count what it asks."""
    kept = read_acknowledged(left).replies
    spending = b"".join(path.read_bytes() for path in left.glob(".daybook/spending/*.jsonl"))
    assert len(kept) == at - 1
    # What the last one cost is noted while the next is asked already.
    assert len(spending.splitlines()) >= at - 2
    bills = Counter(server.bills)
    total = len(server.heard)
    assert run_asking(left, load_config(left / "archive.yml"), NOW).exit_code == 0
    assert look_over(left).problems == []
    assert len(server.heard) - total == total - (at - 1)
    assert bills.total() == total
