"""Say how long work is getting on, without knowing who is listening.

This module must not print; the command line decides what a step looks like.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol


class Task(Protocol):
    """One measured piece of work under way."""

    def advance(self, done: int) -> None:
        """Count `done` more units."""

    def reach(self, text: str, done: int) -> None:
        """Say what is being done, and that `done` units of it are."""


class Report(Protocol):
    """Where a run tells its progress, from several threads at once where it fetches."""

    def step(self, text: str) -> None:
        """Tell one finished or begun step, in one line."""

    def progress(self, text: str, total: int | None) -> AbstractContextManager[Task]:
        """Open a measured piece of work of `total` units, None when the number is not known."""
