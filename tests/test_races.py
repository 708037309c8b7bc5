"""Commands that work in one archive at once, as processes: one works, the others leave with 4 and change nothing."""

from __future__ import annotations

import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from generator.store.files import read_existing
from tests.histories import Upstream
from tests.killing import (
    Ended,
    begin_history,
    finish,
    go_on,
    kill,
    list_torn,
    look_over,
    make_with_look,
    read_acknowledged,
    read_bytes,
    read_told,
    run,
    start,
    write_settings,
)
from tests.model_server import Answer, Heard, ModelServer, answer_well, send_whole
from tests.soak import count_cases, scale

# Half of them with a model, which keeps the one that works until the other has left.
RACES = scale(6, 100)
MEETINGS = scale(1, 50)
LOCKED = 4
# Seconds after which a run that nobody lets go is let go, so that a test without a lock fails instead of standing.
PATIENCE = 60.0
# Seconds without a change after which a run that waits for its model has nothing left to get ready.
QUIET = 0.3
# What ends with what, beside others or alone: done, done in part, another is at work.
GOOD = {"update": {0, LOCKED}, "build": {0, LOCKED}, "verify": {0, 3, LOCKED}, "repair": {0, LOCKED}}


# Commands that may not work beside a run.
OTHERS = ("update", "estimate", "verify", "repair", "backfill --since 2026-01-01")


class Gate:
    """A script for a server that keeps its answers until it is opened."""

    def __init__(self) -> None:
        self.opened = threading.Event()

    def __call__(self, heard: Heard) -> Answer:
        def send(*arguments: object) -> None:
            self.opened.wait(PATIENCE)
            send_whole(*arguments)  # type: ignore[arg-type]

        return Answer(body=answer_well(heard).body, send=send)


@pytest.fixture
def gate() -> Gate:
    return Gate()


@pytest.fixture
def server(gate: Gate) -> Iterator[ModelServer]:
    with ModelServer(gate) as server:
        yield server
        gate.opened.set()


@pytest.fixture(scope="module")
def upstream(tmp_path_factory: pytest.TempPathFactory) -> Upstream:
    upstream = Upstream(tmp_path_factory.mktemp("upstream") / "upstream")
    begin_history(upstream)
    go_on(upstream)
    return upstream


@pytest.fixture(scope="module")
def finished(upstream: Upstream, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Read the bytes that one run alone leaves."""
    root = tmp_path_factory.mktemp("alone") / "archive"
    write_settings(root, upstream)
    assert run(root, "update").code == 0
    return read_bytes(root)


def start_all(root: Path, *commands: str) -> list[Ended]:
    """Start commands at once, and wait for all of them."""
    return [finish(process) for process in [start(root, command) for command in commands]]


def read_tree(root: Path) -> dict[str, bytes | None]:
    """Read every file of an archive's folder, the working ones too."""
    return {
        path.relative_to(root).as_posix(): read_existing(path)
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def check_left(ended: Ended) -> None:
    """Check that a command said why it left, and that nothing else was done."""
    assert (ended.code, ended.out) == (LOCKED, "")
    fact, step = ended.err.splitlines()[-2:]
    assert fact.endswith("lock: another run is at work in this archive")
    assert step == "Wait until it has ended, then run the command again."


def test_of_two_runs_at_once_one_leaves_and_the_archive_is_that_of_one(
    upstream: Upstream, finished: dict[str, bytes], tmp_path: Path
) -> None:
    with count_cases("races of two runs by the rules: the archive is that of one") as count:
        for number in range(RACES // 2):
            root = tmp_path / str(number)
            write_settings(root, upstream)
            ended = start_all(root, "update", "update")
            codes = sorted(one.code for one in ended)
            # One that came to the lock when the other was done already works as well, and has nothing to do.
            assert codes in ([0, LOCKED], [0, 0])
            told = sorted(one.out.splitlines()[0] for one in ended if one.code == 0)
            assert len([line for line in told if "6 commits" in line]) == 1
            assert len([line for line in told if line.endswith("nothing new")]) == len(told) - 1
            for one in ended:
                if one.code == LOCKED:
                    check_left(one)
            check_whole(root)
            assert read_bytes(root) == finished
            count.add()
            shutil.rmtree(root)


def check_whole(root: Path) -> None:
    """Check that nothing is amiss in an archive, or left over in it."""
    found = look_over(root)
    # There is no site/ here; all else was looked at.
    assert (found.problems, {one.place for one in found.unseen}) == ([], {"site"})
    assert list_torn(root) == []


def test_second_run_leaves_while_the_first_waits_for_its_model_and_nothing_is_paid_twice(
    upstream: Upstream, tmp_path: Path
) -> None:
    told = []
    with count_cases(
        "races of two runs with a model: one works, one leaves, each bill is paid once"
    ) as count:
        for number in range(RACES - RACES // 2):
            gate, root = Gate(), tmp_path / str(number)
            with ModelServer(gate) as server:
                write_settings(root, upstream, server.url)
                processes = [start(root, "update") for _ in range(2)]
                check_left(finish(find_first_ended(processes)))
                gate.opened.set()
                worked = [finish(one) for one in processes if one.returncode != LOCKED]
                assert [(one.code, "6 commits" in one.out) for one in worked] == [(0, True)]
                bills = {item: bill for item, bill in server.bills.items() if item != "digest"}
                assert set(bills.values()) == {1}
            check_whole(root)
            told.append(read_told(root))
            assert told[0] == told[-1]
            count.add()


def find_first_ended(processes: list[subprocess.Popen[str]]) -> subprocess.Popen[str]:
    """Wait for the first of some processes that ends."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        for process in processes:
            if process.poll() is not None:
                return process
        time.sleep(0.005)
    raise AssertionError("none of them has left")


def test_whoever_comes_while_a_run_is_at_work_leaves_and_changes_nothing_and_its_death_frees_the_way(
    upstream: Upstream, gate: Gate, server: ModelServer, tmp_path: Path
) -> None:
    root = tmp_path / "archive"
    write_settings(root, upstream, server.url)
    chance = Random(3)
    with count_cases("commands beside a run at work: they leave with 4 and change no byte") as count:
        process = wait_until_asking(root, server)
        before = read_tree(root)
        for command in OTHERS:
            check_left(run(root, *command.split()))
            assert (command, read_tree(root) == before) == (command, True)
            count.add()
        # What only reads records needs nobody to wait.
        assert run(root, "status").code == 0
    with count_cases("runs killed while they hold the lock: the next one works at once") as count:
        for _ in range(scale(2, 50)):
            kill(process, with_children=chance.random() < 0.5)
            process = wait_until_asking(root, server)
            count.add()
    gate.opened.set()
    assert finish(process).code == 0
    check_whole(root)
    assert len(read_acknowledged(root).analyses) == 6


# Two runs that take no lock, as if it had been forgotten.
UNLOCKED = (
    "-c",
    "from contextlib import nullcontext; import generator.store.lock as lock; "
    "lock.hold_lock = lambda path: nullcontext(); from generator.cli import main; main()",
)


def test_commands_that_take_no_lock_are_caught(
    upstream: Upstream, gate: Gate, server: ModelServer, tmp_path: Path
) -> None:
    root = tmp_path / "archive"
    write_settings(root, upstream, server.url)
    process = wait_until_asking(root, server)
    gate.opened.set()
    for command in ("update", "verify"):
        with pytest.raises(AssertionError):
            check_left(run(root, *command.split(), program=UNLOCKED))
    kill(process, with_children=True)


def wait_until_asking(root: Path, server: ModelServer) -> subprocess.Popen[str]:
    """Start a run, and wait until all that it does is to wait for its model."""
    heard = len(server.heard)
    process = start(root, "update")
    deadline = time.monotonic() + PATIENCE
    # One goes ahead of the others.
    while len(server.heard) == heard:
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.005)
    # Meanwhile it gets ready what comes next.
    before = read_tree(root)
    time.sleep(QUIET)
    while (now := read_tree(root)) != before:
        before = now
        time.sleep(QUIET)
    return process


def test_commands_of_every_sort_at_once_do_no_harm(upstream: Upstream, tmp_path: Path) -> None:
    alone = make_with_look(tmp_path / "alone", upstream)
    for command in ("update", "build"):
        assert run(alone, command).code == 0
    with count_cases("meetings of update, build, verify and repair: each works or leaves with 4") as count:
        for number in range(MEETINGS):
            root = make_with_look(tmp_path / str(number), upstream)
            # Into an archive that is there, or into an empty folder.
            if number % 2:
                assert run(root, "update", "--analyser", "rules").code == 0
            ended = dict(zip(GOOD, start_all(root, *GOOD), strict=True))
            assert {name: one.code for name, one in ended.items() if one.code not in GOOD[name]} == {}
            # Whoever holds the lock of a build has all that it needs.
            assert any(one.code != LOCKED for one in ended.values())
            for one in ended.values():
                if one.code == LOCKED:
                    check_left(one)
            for command in ("update", "build"):
                assert run(root, command).code == 0
            assert look_over(root).exit_code == 0
            assert read_bytes(root) == read_bytes(alone)
            assert list_names(root / "site") == list_names(alone / "site")
            count.add()
            shutil.rmtree(root)


def list_names(folder: Path) -> list[str]:
    """List all files of a folder, however deep."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
