"""Work that is shared out comes back whole, whoever does it and whoever dies over it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from pathlib import Path
from threading import Thread
from typing import TypeVar

import pytest

from generator.errors import MisnamedError, RemoteError, WorkersError
from generator.workers import HERE, Workers, open_workers
from tests import pieces
from tests.archives import NAME, backfill_records, read_records
from tests.histories import Upstream, run_git
from tests.pieces import Mark
from tests.signals import hear_ctrl_c

T = TypeVar("T")
R = TypeVar("R")

ROOT = Path(__file__).parent.parent


@pytest.fixture
def pair() -> Iterator[Workers]:
    with open_workers(2) as workers:
        yield workers


class Supply:
    """Pieces that are counted when they are asked for, and that know whether they were closed."""

    def __init__(self, number: int) -> None:
        self._number = number
        self.given = 0
        self.is_closed = False

    def hand_out(self) -> Iterator[int]:
        try:
            for number in range(self._number):
                self.given += 1
                yield number
        finally:
            self.is_closed = True


def wait_until(is_so: Callable[[], bool], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, "it never came about"
        time.sleep(0.02)


def is_alive(process: int) -> bool:
    """Say whether a process runs; one that ended and was not waited for does not."""
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(") ")[2]
    except OSError:
        return False
    return not state.startswith("Z")


def test_every_piece_comes_back_with_its_result_from_processes_that_are_not_this_one(pair: Workers) -> None:
    found = list(pair.run(pieces.square, range(20)))
    assert sorted((piece, result[0]) for piece, result in found) == [(n, n * n) for n in range(20)]
    processes = {result[1] for _, result in found}
    assert len(processes) == pair.number == 2
    assert os.getpid() not in processes


def test_what_is_done_first_comes_first(pair: Workers) -> None:
    assert next(iter(pair.run(pieces.take_longer_first, [0, 3]))) == (3, 3)


def test_one_job_is_this_process_and_asks_for_a_piece_when_it_is_done_with_the_last() -> None:
    supply = Supply(3)
    with open_workers(1) as workers:
        assert workers is HERE
        run = workers.run(pieces.square, supply.hand_out())
        assert next(run) == (0, (0, os.getpid()))
    assert supply.given == 1


def test_no_more_pieces_are_asked_for_than_are_about_to_be_done(pair: Workers) -> None:
    supply = Supply(30)
    most = 0
    for done, _ in enumerate(pair.run(pieces.square, supply.hand_out()), start=1):
        most = max(most, supply.given - done)
    assert supply.given == 30
    # Two under way and two that wait; a result that comes while others are handed out makes room for another.
    assert most <= 2 * (pair.number + 2)


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_error_of_a_piece_is_raised_as_it_was_and_the_supply_is_closed(jobs: int) -> None:
    supply = Supply(1000)
    with open_workers(jobs) as workers, pytest.raises(MisnamedError) as raised:
        list(workers.run(pieces.misname, supply.hand_out()))
    assert isinstance(raised.value, RemoteError)
    assert raised.value.key == "branch"
    assert str(raised.value) == "ada/engine: there is no branch 'x'\nName another."
    assert supply.is_closed
    assert supply.given < 20


def test_an_error_that_cannot_travel_is_quoted_and_not_taken_for_a_death(pair: Workers) -> None:
    with pytest.raises(WorkersError, match="0: StubbornError: this and 0"):
        list(pair.run(pieces.be_stubborn, [0]))


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_run_that_is_left_closes_its_supply_and_asks_for_no_more(jobs: int) -> None:
    supply = Supply(1000)
    with open_workers(jobs) as workers, closing(workers.run(pieces.square, supply.hand_out())) as run:
        next(run)
    assert supply.is_closed
    assert supply.given < 20


def test_a_piece_whose_process_dies_is_done_by_another(pair: Workers, tmp_path: Path) -> None:
    marks = [Mark(tmp_path / str(number)) for number in range(5)]
    found = dict(pair.run(pieces.die_once, marks))
    # Each died once of its own, and some were begun once more beside one that died.
    assert found.keys() == set(marks)
    assert all(begun >= 2 for begun in found.values())


def run_in_time(work: Callable[[], None]) -> None:
    """Do what may never come to its end."""
    thread = Thread(target=work, daemon=True)
    thread.start()
    thread.join(60)
    assert not thread.is_alive(), "it hangs"


def test_a_piece_whose_process_dies_in_the_middle_of_its_answer_is_done_by_another(
    pair: Workers, tmp_path: Path
) -> None:
    marks = [Mark(tmp_path / str(number)) for number in range(2)]
    found: dict[Mark, int] = {}
    run_in_time(lambda: found.update(pair.run(pieces.die_while_telling, marks)))
    assert found.keys() == set(marks)


def test_a_run_that_is_left_in_the_middle_of_an_answer_ends(pair: Workers, tmp_path: Path) -> None:
    marks = [Mark(tmp_path / name) for name in ("short", "long")]

    def leave() -> None:
        with closing(pair.run(pieces.stop_while_telling, marks)) as run:
            assert next(run) == (marks[0], 0)
            wait_until(marks[1].path.exists)

    run_in_time(leave)


def test_a_piece_that_kills_every_process_is_named_and_the_innocent_are_not(
    pair: Workers, tmp_path: Path
) -> None:
    marks = [Mark(tmp_path / name) for name in ("a", "bad", "b")]
    with pytest.raises(WorkersError, match="piece bad: .* 4 times"):
        list(pair.run(pieces.die_if_bad, marks))
    begun = {mark.path.name: mark.path.stat().st_size for mark in marks if mark.path.exists()}
    assert begun["bad"] == 4
    # Once beside the bad one, and once alone.
    assert max(begun.get("a", 0), begun.get("b", 0)) <= 2


def test_workers_do_not_see_what_was_taken_out_of_the_environment_or_is_held_in_memory(
    pair: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAYBOOK_TEST_KEY", "sk-secret")
    monkeypatch.setenv("DAYBOOK_TEST_OTHER", "plain")
    key = os.environ.pop("DAYBOOK_TEST_KEY")
    monkeypatch.setattr(pieces, "HELD", [key])
    found = dict(pair.run(pieces.read_held, ["DAYBOOK_TEST_KEY", "DAYBOOK_TEST_OTHER"]))
    assert found == {"DAYBOOK_TEST_KEY": (None, []), "DAYBOOK_TEST_OTHER": ("plain", [])}


_LEAD = """
import sys
from pathlib import Path
from generator.workers import open_workers
from tests.pieces import Mark, sleep_long
if __name__ == "__main__":
    with open_workers(2) as workers:
        try:
            list(workers.run(sleep_long, [Mark(Path(name)) for name in sys.argv[1:]]))
        except KeyboardInterrupt:
            print("stopped")
"""


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGKILL])
def test_processes_end_with_the_one_that_leads_and_say_nothing(tmp_path: Path, by: signal.Signals) -> None:
    script = tmp_path / "lead.py"
    script.write_text(_LEAD)
    # One at work, and one with nothing to do.
    marks = [tmp_path / "long", tmp_path / "short"]
    process = subprocess.Popen(
        [sys.executable, str(script), *map(str, marks)],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        preexec_fn=hear_ctrl_c,
    )
    try:
        wait_until(lambda: all(mark.is_file() and mark.read_text() for mark in marks))
        workers = [int(mark.read_text()) for mark in marks]
        if by == signal.SIGINT:
            os.killpg(process.pid, by)  # as a terminal's Ctrl-C does: everybody hears it
        else:
            process.kill()
        output, errors = process.communicate(timeout=60)
    finally:
        process.kill()
        process.communicate()
    assert output == (b"stopped\n" if by == signal.SIGINT else b"")
    assert by == signal.SIGKILL or errors == b""
    wait_until(lambda: not any(map(is_alive, workers)))


@pytest.fixture(scope="module")
def upstream(tmp_path_factory: pytest.TempPathFactory) -> Upstream:
    """Make a repository of six months, with a merge, a revert and a day of many commits."""
    made = Upstream(tmp_path_factory.mktemp("up") / "engine")
    for month in range(1, 7):
        for day in (3, 4):
            title = ("[Kernel] {}", "kernel: {}", "fix: {}")[(month + day) % 3].format(f"{month}/{day}")
            made.commit(title, f"2026-0{month}-0{day}T10:00Z", {f"src/{month}.py": f"A = {day}\n"})
        made.branch("side", made.tip())
        made.commit("side", f"2026-0{month}-05T10:00Z", {f"side/{month}.py": "B = 1\n"}, on="side")
        made.commit("main", f"2026-0{month}-05T11:00Z", {f"src/{month}.md": "C\n"})
        made.merge("side", when=f"2026-0{month}-06T10:00Z")
    return made


def test_a_backfill_by_processes_writes_the_same_bytes(
    tmp_path: Path, upstream: Upstream, pair: Workers
) -> None:
    by_one = backfill_records(tmp_path / "one", upstream, HERE)
    assert backfill_records(tmp_path / "two", upstream, pair) == by_one
    assert len(by_one) == 1 + 6 * 4


class Backwards:
    """Workers nobody asked for, who are done with the last piece first, and stop after `most` pieces."""

    number = 2
    is_asked_for = False
    is_near = True

    def __init__(self, most: int = 1000) -> None:
        self._most = most
        self.pieces: list[str] = []

    def run(self, work: Callable[[T], R], pieces: Iterable[T]) -> Generator[tuple[T, R], None, None]:
        waiting = list(pieces)
        self.pieces += map(str, waiting)
        for number, piece in enumerate(reversed(waiting)):
            if number == self._most:
                raise KeyboardInterrupt
            yield piece, work(piece)


def test_the_order_in_which_months_and_parts_of_a_day_are_done_changes_no_byte(tmp_path: Path) -> None:
    upstream = Upstream(tmp_path / "up")
    upstream.commit("feat: begin", "2026-01-31T10:00Z", {"a.py": "A = 1\n"})
    # Commits that change nothing, because they are quick to make and to analyse.
    lines = [
        f"commit refs/heads/main\ncommitter Ada <ada@example.org> {1770000000 + n} +0000\ndata 7\nmany {n % 100:02}\n"
        + (f"from {upstream.tip()}\n" if n == 0 else "")
        for n in range(520)
    ]
    run_git(upstream.folder, "fast-import", "--quiet", stdin="".join(lines).encode())
    upstream.commit("feat: end", "2026-03-01T10:00Z", {"a.py": "A = 2\n"})
    backwards = Backwards()
    forwards = backfill_records(tmp_path / "forwards", upstream, HERE)
    assert forwards == backfill_records(tmp_path / "backwards", upstream, backwards)
    assert [piece.removeprefix(f"{NAME}, ") for piece in backwards.pieces] == [
        "2026-01-31 to 2026-01-31",
        "2026-02-02 to 2026-02-02",
        "2026-02-02 to 2026-02-02",
    ]
    assert [len(record.commits) for record in read_records(tmp_path / "backwards").values()] == [1, 520, 1]
    # A day is written when all of it is there, and not before.
    with pytest.raises(KeyboardInterrupt):
        backfill_records(tmp_path / "stopped", upstream, Backwards(most=1))
    assert [*read_records(tmp_path / "stopped")] == ["2026-03-01"]


def test_few_commits_are_left_to_this_process_unless_workers_were_asked_for(
    tmp_path: Path, upstream: Upstream
) -> None:
    unasked, asked = Backwards(), Backwards()
    asked.is_asked_for = True
    assert backfill_records(tmp_path / "unasked", upstream, unasked) == backfill_records(
        tmp_path / "asked", upstream, asked
    )
    assert unasked.pieces == []
    assert len(asked.pieces) == 7


def test_a_backfill_that_was_stopped_among_months_is_finished_by_the_next(
    tmp_path: Path, upstream: Upstream
) -> None:
    stopped = Backwards(most=3)
    stopped.is_asked_for = True
    with pytest.raises(KeyboardInterrupt):
        backfill_records(tmp_path / "stopped", upstream, stopped)
    # The newest day, and three months of days that have no neighbours yet.
    days = read_records(tmp_path / "stopped")
    assert {day[:7] for day in days} == {"2026-04", "2026-05", "2026-06"}
    by_one = backfill_records(tmp_path / "one", upstream, HERE)
    assert backfill_records(tmp_path / "stopped", upstream, HERE) == by_one


def run_daybook(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "generator", *arguments],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("command", [("update",), ("backfill", "--since", "2026-01-01")])
def test_jobs_are_processes_that_leave_no_word_on_the_console(
    tmp_path: Path, upstream: Upstream, command: tuple[str, ...]
) -> None:
    (tmp_path / "archive.yml").write_text(
        f"language: en\nrepositories:\n- {{url: {upstream.url}, name: {NAME}}}\n"
    )
    done = run_daybook(tmp_path, *command, "--jobs", "2")
    assert done.returncode == 0, done.stderr
    told = {line.split(": ")[0] for line in done.stderr.splitlines()}
    assert told == {NAME, "writing digests", "writing pages"}
    assert len(read_records(tmp_path)) == (7 if command == ("update",) else 24)


def test_jobs_and_a_scheduler_are_not_given_together(tmp_path: Path) -> None:
    done = run_daybook(
        tmp_path, "backfill", "--since", "2026-01-01", "--jobs", "2", "--scheduler", "tcp://a:1"
    )
    assert done.returncode == 2
    assert "--jobs counts processes of this machine, --scheduler names others; give one." in done.stderr
