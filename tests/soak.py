"""Say how many cases a test tries, and keep what it tells of them until the end of the session.

`make test` runs the short form and `make soak`, which sets SOAK=1, the long one. Every figure that a test notes is
shown in one line when all tests have run, by conftest.py.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from hypothesis import HealthCheck, settings

IS_LONG = os.environ.get("SOAK") == "1"
# What this process was told, by name: how many cases were tried, and how many failed.
FIGURES: dict[str, tuple[int, int]] = {}


def scale(short: int, long: int) -> int:
    """Choose how many cases a test tries: `short` in `make test`, `long` in `make soak`."""
    return long if IS_LONG else short


def try_examples(short: int, long: int) -> settings:
    """Have Hypothesis try so many examples, however long each takes."""
    slow = [HealthCheck.too_slow, HealthCheck.data_too_large]
    return settings(max_examples=scale(short, long), suppress_health_check=slow)


def note_figure(name: str, tried: int, failed: int = 0) -> None:
    """Have the session's end tell how many cases were tried and how many of them failed; equal names add up."""
    before = FIGURES.get(name, (0, 0))
    FIGURES[name] = (before[0] + tried, before[1] + failed)


@dataclass(slots=True)
class Count:
    """How many cases a test has tried so far."""

    tried: int = 0

    def add(self, cases: int = 1) -> None:
        """Count what is tried now."""
        self.tried += cases


@contextmanager
def count_cases(name: str) -> Iterator[Count]:
    """Count the cases of a test that ends with the first one that fails, and note them."""
    count = Count()
    try:
        yield count
    except BaseException:
        note_figure(name, count.tried, 1)
        raise
    note_figure(name, count.tried)


def render_figures(figures: dict[str, tuple[int, int]]) -> list[str]:
    """Render one line a figure, in the order of their names."""
    return [
        f"{name}: {tried:,} tried, {failed:,} failed" for name, (tried, failed) in sorted(figures.items())
    ]
