"""Time two pieces of work in turn and compare them pair by pair, because a machine's speed drifts."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.results import Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Seconds of each side, one entry a round, and what the rounds say together."""

    ours: tuple[float, ...]
    theirs: tuple[float, ...]

    @property
    def ratio(self) -> float:
        """The median over the rounds of ours / theirs."""
        return statistics.median(mine / yours for mine, yours in zip(self.ours, self.theirs, strict=True))

    def make_figure(self, what: str, bar: float | None) -> Figure:
        """Say it in one line of the table, with the bar it is held to."""
        low, high = min(map(_divide, self.ours, self.theirs)), max(map(_divide, self.ours, self.theirs))
        return Figure(
            what=what,
            ours=f"{statistics.median(self.ours):.3f} s",
            theirs=f"{statistics.median(self.theirs):.3f} s",
            ratio=f"{self.ratio:.2f} × ({low:.2f} to {high:.2f})",
            bar="" if bar is None else f"≤ {bar:g} ×",
            is_met=None if bar is None else self.ratio <= bar,
            raw={"ours": self.ours, "theirs": self.theirs, "ratio": self.ratio},
        )


def compare(ours: Callable[[], object], theirs: Callable[[], object], rounds: int = 7) -> Comparison:
    """Run both once to warm up, then in turn."""
    ours()
    theirs()
    times = [(_time(ours), _time(theirs)) for _ in range(rounds)]
    return Comparison(ours=tuple(mine for mine, _ in times), theirs=tuple(yours for _, yours in times))


def _divide(mine: float, yours: float) -> float:
    return mine / yours


def _time(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
