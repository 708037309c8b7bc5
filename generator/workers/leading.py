"""Lead a crew through pieces of work: a few in flight, results as they are done, the pieces of the dead once more.

This module must not know what the work is, or where the crew is.
"""

from __future__ import annotations

import pickle
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, wait
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Generic, Protocol, TypeVar

from generator.errors import DaybookError, WorkersError

T = TypeVar("T")
R = TypeVar("R")

# Pieces that wait beside those under way, so that no worker waits for the next one to be made and sent.
_AHEAD = 2
# How often a piece is run again whose worker died; Dask's own number.
RERUNS = 3
# Seconds without a result after which the crew is asked whether anybody is left.
_LOOK = 5.0
_LONGEST_NAME = 80


class Crew(Protocol):
    """Processes that take pieces of work, wherever they are."""

    @property
    def number(self) -> int:
        """How many pieces are done at once."""

    def open(self) -> None:
        """Get ready for pieces, at first and when what it has is broken."""

    def submit(self, work: Callable[[T], R], piece: T) -> Future[R]:
        """Take a piece; its future, or this, raises BrokenExecutor when a worker died and others must be opened."""

    def watch(self) -> None:
        """Raise WorkersError when nobody is left who could work; called when nothing was done for a while."""

    def explain(self, error: Exception, name: str) -> DaybookError | None:
        """Say what an error means that is not the work's own; None where it is."""

    def close(self, *, is_done: bool) -> None:
        """End; what is still under way, unless all `is_done`, is given up at once."""


@dataclass(slots=True)
class _Flight(Generic[T]):
    """A piece that was handed out, and how often that ended with the death of a worker."""

    piece: T
    deaths: int = 0


def lead(crew: Crew, work: Callable[[T], R], pieces: Iterable[T]) -> Generator[tuple[T, R], None, None]:
    """Have a crew do every piece; see `Workers.run`."""
    with closing_supply(pieces) as supply:
        is_done = False
        try:
            crew.open()
            yield from _Leader(crew, work, supply).run()
            is_done = True
        finally:
            crew.close(is_done=is_done)


@contextmanager
def closing_supply(pieces: Iterable[T]) -> Iterator[Iterator[T]]:
    """Hand out the iterator of some pieces, and close it at the end where it is a generator, also after a failure."""
    supply = iter(pieces)
    try:
        yield supply
    finally:
        if isinstance(supply, Generator):
            supply.close()


def do_piece(work: Callable[[T], R], piece: T) -> R:
    """Do one piece in a worker; an error that could not travel back becomes a WorkersError that quotes it.

    An exception that cannot be unpickled would look like a dead worker, and be waited for or run again in vain.
    """
    try:
        return work(piece)
    except Exception as error:
        if _travels(error):
            raise
        raise WorkersError(
            f"{name_piece(piece)}: {type(error).__name__}: {error}",
            "Run the same command with --jobs 1 to see where it comes from.",
        ) from None


def name_piece(piece: object) -> str:
    """Name a piece in a message: its `str()`, in one line and not too long."""
    name = " ".join(str(piece).split())
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"


def _travels(error: Exception) -> bool:
    try:
        return type(pickle.loads(pickle.dumps(error))) is type(error)
    except Exception:  # whatever the pickling of another package's class may raise
        return False


class _Leader(Generic[T, R]):
    """One way through some pieces."""

    def __init__(self, crew: Crew, work: Callable[[T], R], supply: Iterator[T]) -> None:
        self._crew = crew
        self._work = work
        self._supply = supply
        self._flights: dict[Future[R], _Flight[T]] = {}
        self._lost: deque[_Flight[T]] = deque()
        self._is_broken = False

    def run(self) -> Iterator[tuple[T, R]]:
        """Give each piece with its result, as they are done."""
        self._fill()
        while self._flights or self._lost:
            done, _ = wait(self._flights, timeout=_LOOK, return_when=FIRST_COMPLETED)
            if not done:
                self._crew.watch()
            # In the order in which they were handed out, so that deaths are told apart in the same way each time.
            ended = [future for future in self._flights if future in done]
            found = [result for future in ended for result in self._settle(future)]
            # Before the results are handed out: their reader takes its time, and nobody should wait for it.
            self._fill()
            yield from found

    def _fill(self) -> None:
        """Hand out as many pieces as may be in flight."""
        if self._is_broken and not self._flights:
            self._crew.open()
            self._is_broken = False
        if self._is_broken or any(flight.deaths for flight in self._flights.values()):
            return
        if self._lost:
            # One at a time, until it is known which of those that were in flight is the deadly one.
            if not self._flights:
                self._submit(self._lost.popleft())
            return
        for piece in islice(self._supply, max(0, self._crew.number + _AHEAD - len(self._flights))):
            self._submit(_Flight(piece))
            if self._is_broken:
                return

    def _submit(self, flight: _Flight[T]) -> None:
        try:
            self._flights[self._crew.submit(self._work, flight.piece)] = flight
        except BrokenExecutor as error:
            self._lose(flight, error)

    def _settle(self, future: Future[R]) -> Iterator[tuple[T, R]]:
        flight = self._flights.pop(future)
        try:
            yield flight.piece, future.result()
        except BrokenExecutor as error:
            self._lose(flight, error)
        except Exception as error:
            told = self._crew.explain(error, name_piece(flight.piece))
            if told is None:
                raise
            raise told from error

    def _lose(self, flight: _Flight[T], error: BrokenExecutor) -> None:
        self._is_broken = True
        flight.deaths += 1
        if flight.deaths > RERUNS:
            raise explain_death(name_piece(flight.piece)) from error
        self._lost.append(flight)


def explain_death(name: str) -> WorkersError:
    """Say that the workers of one piece died, each time."""
    return WorkersError(
        f"{name}: the process at work on it ended without a word, {RERUNS + 1} times",
        "It may need more memory than there is: give fewer --jobs, or workers with more memory.",
    )
