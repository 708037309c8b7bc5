"""Show a run's progress: as bars on a terminal, otherwise as one line a step.

This module must not write to standard output, which is for a command's answer, or let through a control character:
a step may quote what a remote said.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import TextIO

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from generator.progress import Report, Task


def open_report(quiet: bool) -> Report:
    """Choose how this process tells its progress on standard error."""
    if quiet or not sys.stderr.isatty():
        return LineReport(sys.stderr)
    return BarReport(Console(stderr=True))


def clean_text(text: str) -> str:
    """Replace what a terminal would obey instead of show; line ends stay."""
    return "".join(letter if letter.isprintable() or letter == "\n" else "\ufffd" for letter in text)


class LineReport:
    """Tells each step, and the beginning of each measured piece of work, in a line."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def step(self, text: str) -> None:
        """Write the step, at once, because others may be told at the same time."""
        self._stream.write(f"{clean_text(text)}\n")
        self._stream.flush()

    @contextmanager
    def progress(self, text: str, total: int | None) -> Iterator[Task]:
        """Write what begins."""
        del total
        self.step(text)
        yield _Uncounted()


class _Uncounted:
    def advance(self, done: int) -> None:
        """Count nothing."""

    def reach(self, text: str, done: int) -> None:
        """Say nothing."""


class BarReport:
    """Shows measured work as bars that go when it is done; steps stay above them."""

    def __init__(self, console: Console) -> None:
        self._bars = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            # How long it will still take, where that is known.
            TimeRemainingColumn(),
            console=console,
            transient=True,
        )
        self._opening = Lock()

    def step(self, text: str) -> None:
        """Print the step above the bars."""
        self._bars.console.print(Text(clean_text(text)))

    @contextmanager
    def progress(self, text: str, total: int | None) -> Iterator[Task]:
        """Show a bar; where another is open, below it."""
        with self._opening:
            bar = self._bars.add_task(clean_text(text), total=total)
            self._bars.start()
        try:
            yield _Bar(self._bars, bar, clean_text(text))
        finally:
            with self._opening:
                self._bars.remove_task(bar)
                if not self._bars.tasks:
                    self._bars.stop()


class _Bar:
    def __init__(self, bars: Progress, bar: TaskID, text: str) -> None:
        self._bars = bars
        self._bar = bar
        self._text = text

    def advance(self, done: int) -> None:
        self._bars.advance(self._bar, done)

    def reach(self, text: str, done: int) -> None:
        self._bars.update(self._bar, description=f"{self._text}: {clean_text(text)}", completed=done)
