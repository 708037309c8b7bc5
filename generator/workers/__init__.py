"""Run many pieces of work: here and now, in processes of this machine, or on a Dask cluster.

This module must not know what the work is. A piece of work is a function and its argument that can be pickled; it
must give the same result wherever and however often it is run, because one whose worker died is run again.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from typing import Protocol, TypeVar

from generator.workers.leading import Crew, closing_supply, lead
from generator.workers.pool import Pool

__all__ = ["HERE", "Workers", "open_workers"]

T = TypeVar("T")
R = TypeVar("R")


class Workers(Protocol):
    """Those who work.

    `is_asked_for` says that somebody chose them; if not, a little work is done sooner in this process than they are
    started. `is_near` says that they see this machine's files; where one does not after all, in a container, say, the
    work has to find out.
    """

    @property
    def number(self) -> int:
        """How many pieces of work are done at once."""

    @property
    def is_asked_for(self) -> bool:
        """Whether somebody chose how many there are, or where."""

    @property
    def is_near(self) -> bool:
        """Whether all of them are on this machine."""

    def run(self, work: Callable[[T], R], pieces: Iterable[T]) -> Generator[tuple[T, R], None, None]:
        """Do every piece of work, and give each with its result, as they are done, in any order.

        `pieces` is asked for the next one only when a worker is about to be free, so that a few are in memory at a
        time; where it is a generator, it is closed at the end. What a piece raises is raised here, with its own type,
        and the rest is given up; so it is when the iterator that is returned is closed. A piece whose worker died is
        run again three times; then WorkersError is raised. In messages a piece is called by its `str()`.
        """


class _Here:
    """One worker: this process."""

    number = 1
    is_asked_for = True
    is_near = True

    def run(self, work: Callable[[T], R], pieces: Iterable[T]) -> Generator[tuple[T, R], None, None]:
        with closing_supply(pieces) as supply:
            for piece in supply:
                yield piece, work(piece)


class _Others:
    """Other processes, near or far."""

    def __init__(self, crew: Crew, *, is_asked_for: bool, is_near: bool) -> None:
        self._crew = crew
        self.is_asked_for = is_asked_for
        self.is_near = is_near

    @property
    def number(self) -> int:
        return self._crew.number

    def run(self, work: Callable[[T], R], pieces: Iterable[T]) -> Generator[tuple[T, R], None, None]:
        return lead(self._crew, work, pieces)


HERE: Workers = _Here()


@contextmanager
def open_workers(jobs: int | None, scheduler: str | None = None) -> Iterator[Workers]:
    """Open workers: this process where `jobs` is 1, so many processes, or those of the Dask `scheduler`.

    `jobs` None means a process a core. `scheduler` is an address such as `tcp://10.0.0.1:8786`. Raises ConfigError
    where Dask is not installed, WorkersError where no scheduler answers or its workers are not as they must be.
    """
    if scheduler is not None:
        from generator.workers.cluster import open_cluster

        with open_cluster(scheduler) as cluster:
            yield _Others(cluster, is_asked_for=True, is_near=cluster.is_near)
        return
    number = _count_cores() if jobs is None else jobs
    yield HERE if number == 1 else _Others(Pool(number), is_asked_for=jobs is not None, is_near=True)


def _count_cores() -> int:
    """Count the cores that this process may use, which in a container are fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
