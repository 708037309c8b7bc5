"""Start a real Dask scheduler and real workers on loopback, in processes of their own, and end them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).parent.parent
_PATIENCE = 60.0


class Dask:
    """A scheduler and its workers; what they log is in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._processes = ExitStack()
        self._count = 0
        self.scheduler = self._start(
            "scheduler", ROOT, "--port", "0", "--scheduler-file", str(folder / "scheduler.json")
        )

    @cached_property
    def address(self) -> str:
        """Where the scheduler listens; it takes a second to say so."""
        file = self._folder / "scheduler.json"
        end = time.monotonic() + _PATIENCE
        while not (file.is_file() and file.read_text().endswith("}")):
            assert self.scheduler.poll() is None, "the scheduler ended"
            assert time.monotonic() < end, "the scheduler never came up"
            time.sleep(0.05)
        return str(json.loads(file.read_text())["address"])

    def add_worker(self, code: Path = ROOT, threads: int = 1) -> subprocess.Popen[bytes]:
        """Start a worker that imports Daybook from a folder; it is there when the scheduler says so."""
        scratch = str(self._folder / "scratch")
        options = ("--nthreads", str(threads), "--local-directory", scratch, "--death-timeout", "60")
        return self._start("worker", code, self.address, *options)

    def find_mirrors(self) -> list[str]:
        """List the mirrors that workers have made of their own, without the names of their folders."""
        found = (self._folder / "scratch").glob("*/*/daybook/**/HEAD")
        return sorted(path.parent.as_posix().rpartition("/daybook/")[2] for path in found)

    def close(self) -> None:
        """End all of it."""
        self._processes.close()

    def _start(self, what: str, code: Path, *arguments: str) -> subprocess.Popen[bytes]:
        self._count += 1
        log = self._processes.enter_context((self._folder / f"{what}-{self._count}.log").open("wb"))
        command = [sys.executable, "-m", "dask", what, *arguments, "--host", "127.0.0.1"]
        process = subprocess.Popen(
            [*command, "--dashboard-address", "127.0.0.1:0"],
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(code)},
            cwd=self._folder,
            stdout=log,
            stderr=log,
        )
        self._processes.callback(_end, process)
        return process


@contextmanager
def open_dask(folder: Path, workers: int) -> Iterator[Dask]:
    """Start a scheduler and some workers, and end them after the block."""
    dask = Dask(folder)
    try:
        for _ in range(workers):
            dask.add_worker()
        yield dask
    finally:
        dask.close()


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
