"""A Dask cluster gives the bytes of one process, whatever dies, and says what is wrong with it."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import TypeVar

import pytest

from generator.collect.landing import Landing
from generator.errors import ConfigError, MisnamedError, RemoteError, WorkersError
from generator.gathering import Source, Unit, gather
from generator.workers import HERE, Workers, open_workers
from generator.workers.cluster import describe, do_checked_piece, find_scratch
from tests import pieces
from tests.archives import NAME, backfill_records
from tests.clusters import ROOT, Dask, open_dask
from tests.growing import ENGINE, FIRST, start_archive
from tests.histories import Upstream
from tests.pieces import Mark
from tests.sites import build

T = TypeVar("T")
R = TypeVar("R")


@pytest.fixture(scope="module")
def dask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dask]:
    with open_dask(tmp_path_factory.mktemp("dask"), workers=2) as dask:
        open_patiently(dask.address)
        # Both of them, or the first test might be done by one.
        with open_workers(None, dask.address) as workers:
            while workers.number < 2:
                list(workers.run(pieces.square, range(2)))
        yield dask


@pytest.fixture
def cluster(dask: Dask) -> Iterator[Workers]:
    with open_workers(None, dask.address) as workers:
        yield workers


@pytest.fixture(scope="module")
def upstream(tmp_path_factory: pytest.TempPathFactory) -> Upstream:
    """Make a repository of eight months, with merges and titles that its earlier ones teach to read."""
    made = Upstream(tmp_path_factory.mktemp("up") / "engine")
    for month in range(1, 9):
        for day in range(3, 6):
            title = ("[Kernel] {}", "kernel: {}", "Kernel {}")[(month + day) % 3].format(f"{month}/{day}")
            lines = "".join(f"A{number} = {day}\n" for number in range(40))
            made.commit(title, f"2026-{month:02}-0{day}T10:00Z", {f"src/{month}.py": lines})
        made.branch("side", made.tip())
        made.commit("side", f"2026-{month:02}-09T10:00Z", {f"side/{month}.py": "B = 1\n"}, on="side")
        made.commit("main", f"2026-{month:02}-09T11:00Z", {f"src/{month}.md": "C\n"})
        made.merge("side", when=f"2026-{month:02}-10T10:00Z")
    return made


@pytest.fixture(scope="module")
def by_one(tmp_path_factory: pytest.TempPathFactory, upstream: Upstream) -> dict[str, bytes]:
    """Backfill it in this process."""
    root = tmp_path_factory.mktemp("one")
    return backfill_records(root, upstream, HERE)


@dataclass
class Watched:
    """Workers that are said to be near or far, and who is told of every piece that comes back."""

    workers: Workers
    is_near: bool = True
    tell: Callable[[int], None] = lambda _: None
    pieces: list[str] = field(default_factory=list)
    is_asked_for: bool = True

    @property
    def number(self) -> int:
        return self.workers.number

    def run(self, work: Callable[[T], R], pieces: Iterable[T]) -> Generator[tuple[T, R], None, None]:
        for piece, result in self.workers.run(work, pieces):
            self.pieces.append(str(piece))
            self.tell(len(self.pieces))
            yield piece, result


def find_processes(workers: Workers) -> set[int]:
    return {process for _, (_, process) in workers.run(pieces.square, range(12))}


def test_two_workers_write_the_bytes_of_one_process(
    tmp_path: Path, upstream: Upstream, by_one: dict[str, bytes], cluster: Workers, dask: Dask
) -> None:
    watched = Watched(cluster, is_near=cluster.is_near)
    assert (cluster.number, cluster.is_near) == (2, True)
    assert backfill_records(tmp_path, upstream, watched) == by_one
    assert len(by_one) > 30
    # One look for the newest day, then a month at a time.
    assert len(watched.pieces) == 9
    # They read the mirror that is here.
    assert dask.find_mirrors() == []


def test_a_worker_that_is_killed_half_way_changes_no_byte(
    tmp_path: Path, upstream: Upstream, by_one: dict[str, bytes], cluster: Workers
) -> None:
    victim, other = sorted(find_processes(cluster))

    def tell(done: int) -> None:
        if done == 4:
            os.kill(victim, signal.SIGKILL)

    watched = Watched(cluster, tell=tell)
    assert backfill_records(tmp_path, upstream, watched) == by_one
    assert len(set(watched.pieces)) == len(watched.pieces) == 9
    assert victim not in find_processes(cluster)
    assert other in find_processes(cluster)


def test_workers_without_the_mirror_make_their_own(
    tmp_path: Path, upstream: Upstream, by_one: dict[str, bytes], cluster: Workers, dask: Dask
) -> None:
    assert backfill_records(tmp_path, upstream, Watched(cluster, is_near=False)) == by_one
    assert dask.find_mirrors() in ([f"{NAME}.git"], [f"{NAME}.git"] * 2)


def test_a_worker_fetches_the_graph_once_and_trusts_no_folder_that_is_only_called_the_same(
    tmp_path: Path, upstream: Upstream, cluster: Workers
) -> None:
    stranger = Upstream(tmp_path / "mirrors" / "engine.git")
    unit = make_unit(upstream.url, upstream.tip(), folder=stranger.folder, stamp=(1, 2))
    found = [commits for _, commits in cluster.run(gather, [unit] * 12)]
    assert [commit.sha for commit in found[0]] == [upstream.tip()]
    # What is away cannot be fetched from again.
    away = upstream.folder.rename(upstream.folder.with_name("away"))
    try:
        assert [commits for _, commits in cluster.run(gather, [unit] * 12)] == found
    finally:
        away.rename(upstream.folder)


def test_two_workers_render_the_site_of_one_process_also_when_one_is_killed(
    tmp_path: Path, cluster: Workers
) -> None:
    archive = start_archive(tmp_path / "one")
    for number in range(10):
        archive.land(ENGINE, FIRST + timedelta(days=number), 40)
    archive.write()
    shutil.copytree(tmp_path / "one", tmp_path / "two")
    built = build(tmp_path / "one", full=True)
    victim = min(find_processes(cluster))

    def tell(done: int) -> None:
        if done == 2:
            os.kill(victim, signal.SIGKILL)

    watched = Watched(cluster, tell=tell)
    assert build(tmp_path / "two", full=True, workers=watched).pages == built.pages > 400
    assert read_site(tmp_path / "two") == read_site(tmp_path / "one")
    assert len(watched.pieces) > 4
    assert victim not in find_processes(cluster)


def read_site(root: Path) -> dict[str, bytes]:
    site = root / "site"
    return {
        path.relative_to(site).as_posix(): path.read_bytes() for path in site.rglob("*") if path.is_file()
    }


def make_unit(
    url: str,
    sha: str,
    name: str = "ada/loom",
    folder: Path | None = None,
    stamp: tuple[int, int] | None = None,
) -> Unit:
    """Make a unit of one commit that landed by itself."""
    landing = Landing(sha=sha, landing_sha=sha, before=None, seconds=0, day=date(2026, 1, 6), late=False)
    return Unit(
        source=Source(name=name, url=url, branch=None, folder=folder, stamp=stamp),
        landings=(landing,),
        befores={landing.day: None},
        language="en",
        asks_model=False,
    )


def test_a_local_repository_that_a_worker_has_not_is_told(cluster: Workers) -> None:
    unit = make_unit("/nowhere/loom", "a" * 40, name="ada/away")
    with pytest.raises(
        RemoteError, match="works for the cluster, has no repository at /nowhere/loom"
    ) as raised:
        list(cluster.run(gather, [unit]))
    assert not isinstance(raised.value, MisnamedError)


def test_an_error_of_a_piece_is_raised_as_it_was(cluster: Workers) -> None:
    with pytest.raises(MisnamedError, match="there is no branch 'x'\nName another.") as raised:
        list(cluster.run(pieces.misname, range(100)))
    assert raised.value.key == "branch"


def test_a_piece_that_kills_every_worker_is_named(cluster: Workers, tmp_path: Path) -> None:
    with pytest.raises(WorkersError, match="piece bad: .* 4 times"):
        list(cluster.run(pieces.die_if_bad, [Mark(tmp_path / "bad")]))
    assert (tmp_path / "bad").stat().st_size == 4


def test_the_command_line_backfills_by_a_scheduler_and_shows_nothing_of_dask(
    tmp_path: Path, upstream: Upstream, dask: Dask
) -> None:
    (tmp_path / "archive.yml").write_text(
        f"language: en\nfirst_days: 1\nrepositories:\n- {{url: {upstream.url}, name: {NAME}}}\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "generator", "backfill", "--since", "2026-07-01", "--scheduler", dask.address],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout.splitlines()[0].split(" (")[0]) == (0, f"{NAME}: 10 days")
    assert {line.split(": ")[0] for line in done.stderr.splitlines()} == {
        *(NAME, "writing digests", "writing pages")
    }


def test_a_worker_with_other_code_is_refused_also_when_it_joins_later() -> None:
    assert do_checked_piece(describe(), str.upper, "a") == "A"
    with pytest.raises(WorkersError, match="Daybook's code is [0-9a-f]{12} there, and 0123 here"):
        do_checked_piece(describe() | {"Daybook's code": "0123"}, str.upper, "a")


def test_a_process_that_is_no_worker_has_no_scratch_folder() -> None:
    assert find_scratch() is None


def test_an_address_where_nobody_answers_is_told() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    message = f"tcp://127.0.0.1:{port}: no Dask scheduler answers\nStart one with `dask scheduler`"
    with pytest.raises(WorkersError, match=message), open_workers(None, f"tcp://127.0.0.1:{port}"):
        pass


def test_an_address_that_is_none_is_refused_with_what_one_looks_like() -> None:
    with pytest.raises(ConfigError, match="tcp://10.0.0.1:8786"), open_workers(None, "10.0.0.1"):
        pass


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Dask]:
    with open_dask(tmp_path, workers=0) as dask:
        yield dask


def _copy_with_another_line(folder: Path) -> Path:
    shutil.copytree(ROOT / "generator", folder / "generator", ignore=shutil.ignore_patterns("__pycache__"))
    with (folder / "generator" / "days.py").open("a") as file:
        file.write("# Another line.\n")
    return folder


def test_workers_that_would_not_make_the_same_bytes_are_refused_before_any_work(
    tmp_path: Path, empty: Dask
) -> None:
    bare = tmp_path / "bare"
    bare.mkdir()
    # Also where this environment has Daybook installed.
    (bare / "sitecustomize.py").write_text('import sys\n\nsys.modules["generator"] = None\n')
    cases = [
        (bare, 1, "Daybook is not installed there"),
        (_copy_with_another_line(tmp_path / "changed"), 1, "Daybook's code is .* there, and .* here"),
        (ROOT, 2, "this worker has several threads"),
    ]
    for code, threads, message in cases:
        worker = empty.add_worker(code, threads)
        with pytest.raises(WorkersError, match=message):
            open_patiently(empty.address)
        worker.terminate()
        worker.wait()


def open_patiently(address: str) -> None:
    """Open workers, also when they take more seconds to start than a run waits for them."""
    for _ in range(60):
        try:
            with open_workers(None, address):
                return
        except WorkersError as error:
            if "has no workers" not in str(error):
                raise


def test_a_scheduler_without_workers_and_one_that_goes_away_are_told(empty: Dask) -> None:
    message = "has no workers\nStart some: `dask worker tcp://"
    with pytest.raises(WorkersError, match=message), open_workers(None, empty.address):
        pass
    empty.add_worker()
    open_patiently(empty.address)
    with open_workers(None, empty.address) as workers:
        run = workers.run(pieces.take_longer_first, [0] * 3)
        next(run)
        empty.scheduler.kill()
        with pytest.raises(WorkersError, match="the connection to the Dask scheduler broke"):
            list(run)
