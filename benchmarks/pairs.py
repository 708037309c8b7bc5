"""Time two pieces of work in turn and compare them pair by pair, because a machine's speed drifts."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Seconds of each side, one entry a round, and what the rounds say together."""

    ours: tuple[float, ...]
    theirs: tuple[float, ...]

    @property
    def ratio(self) -> float:
        """The median over the rounds of ours / theirs."""
        return statistics.median(mine / yours for mine, yours in zip(self.ours, self.theirs, strict=True))

    def render(self, what: str, bar: float | None) -> str:
        """Say it in one line, with the bar it is held to."""
        low, high = min(map(_divide, self.ours, self.theirs)), max(map(_divide, self.ours, self.theirs))
        wanted = "" if bar is None else f"  bar {bar:g} × {'met' if self.ratio <= bar else 'MISSED'}"
        return (
            f"{what:<58} {statistics.median(self.ours):7.3f} s against {statistics.median(self.theirs):7.3f} s: "
            f"{self.ratio:5.2f} × ({low:.2f} to {high:.2f}){wanted}"
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
