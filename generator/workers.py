"""Run many pieces of work: here and now, in processes of this machine, or on a Dask cluster.

This module must not know what the work is. A piece of work is a function and its argument that can be pickled; it
must give the same result wherever and however often it is run, because one whose worker died is run again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Protocol, TypeVar

T = TypeVar("T")
R = TypeVar("R")


class Workers(Protocol):
    """Those who work."""

    @property
    def number(self) -> int:
        """How many pieces of work are done at once."""

    def run(self, work: Callable[[T], R], pieces: Iterable[T]) -> Iterator[tuple[T, R]]:
        """Do every piece of work, and give each with its result, as they are done.

        `pieces` is asked for the next one only when a worker is about to be free, so that a few are in memory at a
        time. What a piece raises is raised here, and the rest is left undone.
        """


class _Here:
    """One worker: this process."""

    number = 1

    def run(self, work: Callable[[T], R], pieces: Iterable[T]) -> Iterator[tuple[T, R]]:
        for piece in pieces:
            yield piece, work(piece)


@contextmanager
def open_workers(jobs: int, scheduler: str | None = None) -> Iterator[Workers]:
    """Open workers: this process where `jobs` is 1, so many processes, or those of the Dask `scheduler`.

    `scheduler` is an address such as `tcp://10.0.0.1:8786`. Raises ConfigError where it cannot be used.
    """
    del jobs, scheduler  # processes and Dask follow
    yield _Here()
