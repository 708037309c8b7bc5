"""Run whole programs as a user would, and measure their time and the memory of all their processes.

This module must not know what the programs do.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
_PAGE = os.sysconf("SC_PAGE_SIZE")
# Seconds between two looks at the memory.
_PAUSE = 0.05


@dataclass(frozen=True, slots=True)
class Run:
    """What one program took.

    `cpu` are seconds of processors, those of all its processes together. `memory` is the most that was in memory at
    one time, in bytes, summed over the processes; what they share counts in each. 0 where the system has no /proc.
    """

    seconds: float
    cpu: float
    memory: int

    def __add__(self, other: Run) -> Run:
        """Take the one after the other."""
        return Run(self.seconds + other.seconds, self.cpu + other.cpu, max(self.memory, other.memory))


def run_program(command: Sequence[str], folder: Path, variables: Mapping[str, str] | None = None) -> Run:
    """Run a program in a folder, with little more in its environment than where programs are.

    Raises CalledProcessError with what the program said where it fails.
    """
    environment = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    environment |= {"LC_ALL": "C.UTF-8", "NO_MKDOCS_2_WARNING": "1", **(variables or {})}
    start = time.perf_counter()
    with subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        assert process.stdout is not None
        watch = _Watch(process.pid)
        said = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        memory = max(watch.stop(), _find_mark(usage.ru_maxrss))
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command, said.decode(errors="replace"))
    return Run(seconds, usage.ru_utime + usage.ru_stime, memory)


def run_daybook(folder: Path, *arguments: str) -> Run:
    """Run a command of this checkout's Daybook in an archive's folder."""
    return run_program(
        [sys.executable, "-m", "generator", "--quiet", *arguments], folder, {"PYTHONPATH": str(ROOT)}
    )


class _Watch:
    """Looks at the memory of a process and its descendants again and again."""

    def __init__(self, process: int) -> None:
        self._process = process
        self._most = 0
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._thread.start()

    def stop(self) -> int:
        self._stopped.set()
        self._thread.join()
        return self._most

    def _follow(self) -> None:
        while not self._stopped.wait(_PAUSE):
            self._most = max(self._most, _measure_tree(self._process))


def _find_mark(most: int) -> int:
    """Say how much the largest process ever had, which no look between two peaks can miss; 0 where that is not known.

    `most` is in KB, as Linux gives it. A process begins with the mark of the one that started it (exec_mmap in Linux'
    fs/exec.c), so one that is no higher than our own tells of ourselves.
    """
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most * 1024 if most > own else 0


def _measure_tree(process: int) -> int:
    """Sum up the memory of a process and its descendants, in bytes."""
    found = {process: _read_memory(process)}
    pending = [process]
    for parent in pending:
        for child in _list_children(parent):
            found[child] = _read_memory(child)
            pending.append(child)
            # Between fork and exec it has what its parent has, and nothing of its own.
            if found[child].size == found[parent].size and _read_command(child) == _read_command(parent):
                found[child] = found[child]._replace(resident=0)
    return sum(memory.resident for memory in found.values()) * _PAGE


def _list_children(process: int) -> list[int]:
    try:
        tasks = list(Path(f"/proc/{process}/task").iterdir())
        return [int(child) for task in tasks for child in (task / "children").read_text().split()]
    except OSError:  # it has just ended
        return []


class _Memory(NamedTuple):
    """How many pages a process has addresses for, and how many are in memory."""

    size: int
    resident: int


def _read_memory(process: int) -> _Memory:
    try:
        size, resident = Path(f"/proc/{process}/statm").read_text().split()[:2]
    except (OSError, ValueError):
        return _Memory(0, 0)
    return _Memory(int(size), int(resident))


def _read_command(process: int) -> bytes:
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return b""
