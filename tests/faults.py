"""Let what a program does to a disk fail at any step: as when it is killed there, or as the disk fails.

Steps are what Python tells its audit hooks (PEP 578) of files that are opened for writing, renamed, removed, and of
folders and programs, and every fsync; SQLite's own are not among them.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_CHANGES = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.chmod", "os.link", "os.symlink"}


class Sort(Enum):
    """What goes wrong: the program is killed, one step fails, or from one step on nothing more can be written."""

    KILL = auto()
    BROKEN = auto()
    FULL = auto()


class KilledError(BaseException):
    """What stands for a kill: from here on, the program can change nothing any more."""


@dataclass(slots=True)
class Fault:
    """Goes off at the step `at`, the first being 1; `steps` counts them."""

    sort: Sort
    at: int
    steps: int = 0
    told: list[str] = field(default_factory=list)

    @property
    def went_off(self) -> bool:
        """Whether there were that many steps."""
        return self.steps >= self.at

    def take(self, event: str) -> None:
        """Count a step, and fail where it is time to."""
        self.steps += 1
        if self.steps < self.at:
            return
        if self.sort is Sort.KILL:
            raise KilledError(event)
        if self.sort is Sort.BROKEN and self.steps == self.at:
            raise OSError(errno.EIO, os.strerror(errno.EIO), event)
        # What is full still lets files go.
        if self.sort is Sort.FULL and event not in ("os.remove", "os.rmdir", "os.rename"):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), event)


_fault: Fault | None = None
_is_watching = False


@contextmanager
def fail(sort: Sort, at: int) -> Iterator[Fault]:
    """Let something go wrong at a step of what is done inside; a kill, or what the disk said, ends it."""
    global _fault, _is_watching
    if not _is_watching:
        # It cannot be taken out again.
        sys.addaudithook(_watch)
        _is_watching = True
    sync = os.fsync
    os.fsync = _make_fsync(sync)  # type: ignore[assignment]
    fault = _fault = Fault(sort, at)
    try:
        yield fault
    except KilledError:
        pass
    finally:
        _fault = None
        os.fsync = sync


def _make_fsync(sync: Callable[[Any], None]) -> Callable[[Any], None]:
    def watch(descriptor: Any) -> None:
        if _fault is not None:
            _fault.take("os.fsync")
        sync(descriptor)

    return watch


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    fault = _fault
    if fault is None:
        return
    is_writing = event == "open" and isinstance(arguments[2], int) and bool(arguments[2] & _WRITING)
    is_program = event == "subprocess.Popen" and fault.sort is Sort.KILL
    if is_writing or is_program or event in _CHANGES:
        fault.take(event)
