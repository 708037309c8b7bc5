"""Work for workers in tests: functions that a process which was started anew can import."""

from __future__ import annotations

import os
import signal
import struct
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from generator.errors import MisnamedError


@dataclass(frozen=True)
class Mark:
    """A file that says how often a piece was begun."""

    path: Path

    def begin(self) -> int:
        """Note one more beginning, and count them."""
        with self.path.open("a") as file:
            file.write(".")
        return self.path.stat().st_size

    def __str__(self) -> str:
        return f"piece {self.path.name}"


def square(number: int) -> tuple[int, int]:
    """Square a number, and say which process did."""
    time.sleep(0.02)
    return number * number, os.getpid()


def take_longer_first(number: int) -> int:
    """Give the number back, the sooner the higher it is."""
    time.sleep(max(0.0, 0.6 - number / 5))
    return number


def die_once(mark: Mark) -> int:
    """Kill this process the first time, and then say how often it was begun."""
    begun = mark.begin()
    if begun == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return begun


def die_if_bad(mark: Mark) -> int:
    """Kill this process for a piece called bad, whenever it is begun, and while others are at work on other pieces."""
    begun = mark.begin()
    if mark.path.name == "bad":
        time.sleep(0.3)
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(1)
    return begun


def die_while_telling(mark: Mark) -> int:
    """Kill this process the first time, in the middle of its answer."""
    begun = mark.begin()
    if begun == 1:
        _begin_answer()
        os.kill(os.getpid(), signal.SIGKILL)
    return begun


def stop_while_telling(mark: Mark) -> int:
    """Sleep longer than any test in the middle of an answer, unless the piece is called short."""
    if mark.path.name != "short":
        time.sleep(0.5)
        _begin_answer()
        mark.begin()
        time.sleep(600)
    return 0


def _begin_answer() -> None:
    frame = sys._getframe()
    while "result_queue" not in frame.f_locals:
        assert frame.f_back is not None
        frame = frame.f_back
    # Four bytes that say how many follow, and one of them.
    os.write(frame.f_locals["result_queue"]._writer.fileno(), struct.pack("!ic", 1000, b"x"))


def misname(number: int) -> int:
    """Fail for the number 3 as a repository does."""
    if number == 3:
        raise MisnamedError("branch", "ada/engine: there is no branch 'x'", "Name another.")
    return number


class StubbornError(Exception):
    """An error that cannot be unpickled."""

    def __init__(self, one: str, two: str) -> None:
        super().__init__(f"{one} and {two}")


def be_stubborn(number: int) -> int:
    """Fail with an error that does not travel."""
    raise StubbornError("this", str(number))


# What this process holds, such as a key.
HELD: list[str] = []


def read_held(name: str) -> tuple[str | None, list[str]]:
    """Read a variable, and what is held, as the worker has them."""
    return os.environ.get(name), HELD


def sleep_long(mark: Mark) -> int:
    """Note the process; then sleep longer than any test, unless the piece is called short."""
    mark.path.write_text(str(os.getpid()))
    time.sleep(0 if mark.path.name == "short" else 600)
    return 0
