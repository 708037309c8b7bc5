"""A listener that takes a run's progress and keeps its steps."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class QuietTask:
    """A piece of work that nobody watches."""

    def advance(self, done: int) -> None:
        """Take it."""

    def reach(self, text: str, done: int) -> None:
        """Take it."""


class QuietReport:
    """Keeps the steps that a run tells."""

    def __init__(self) -> None:
        self.steps: list[str] = []

    def step(self, text: str) -> None:
        """Keep it."""
        self.steps.append(text)

    @contextmanager
    def progress(self, text: str, total: int | None) -> Iterator[QuietTask]:
        """Give out a task that nobody watches."""
        del text, total
        yield QuietTask()
