"""Asking a model: how much of what the limit of concurrent calls allows is used."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.results import Figure
from generator.config import AnalysisSettings, Config, ModelSettings, TrackedRepository
from generator.pipeline import Asking, update
from tests.histories import Upstream
from tests.model_archives import add_item
from tests.quiet import QuietReport

COMMITS = 200
CONCURRENCY = 16
LATENCY = 0.5
_DAY = "2026-01-06"
_BAR = 0.9


@dataclass(slots=True)
class Measured:
    """What the server saw: calls, seconds from the first request to the last answer, the most calls at once."""

    calls: int = 0
    seconds: float = 0.0
    most_in_flight: int = 0


def measure_asking(scratch: Path) -> list[Figure]:
    """Ask about 200 commits at a server that takes half a second, 16 calls at once."""
    upstream = Upstream(scratch / "asked")
    for number in range(1, COMMITS + 1):
        add_item(upstream, number, f"{_DAY}T{number // 60:02}:{number % 60:02}+08:00")
    with run_server(LATENCY) as (url, measured):
        settings = AnalysisSettings(
            models=(ModelSettings(name="bench-model", base_url=url),), concurrency=CONCURRENCY
        )
        config = Config(
            repositories=(TrackedRepository(url=upstream.url, name="ada/engine"),),
            first_days=366,
            language="en",
            analysis=settings,
        )
        # On the day itself, so that no digest is asked for.
        now = datetime.fromisoformat(f"{_DAY}T23:00+08:00")
        asking = Asking(keys={}, clock=lambda: datetime.now(UTC))
        update(scratch / "asking", config, now, QuietReport(), (), asking)
    return _render(measured)


def _render(measured: Measured) -> list[Figure]:
    rate = measured.calls / measured.seconds
    # The first call goes alone on purpose: it finds out a refused key. Neither rate that we are compared with
    # knows of it, nor the second of the last round's empty places: 200 calls reach at most 93 % of the one, 89 % of
    # the other.
    rounds = measured.calls / (math.ceil(measured.calls / CONCURRENCY) * LATENCY)
    limit = CONCURRENCY / LATENCY
    return [
        Figure(
            what=f"asking about {measured.calls} commits, {LATENCY * 1000:.0f} ms a call, {CONCURRENCY} at once "
            f"(at most {measured.most_in_flight} seen), against what so many calls in full rounds have",
            ours=f"{rate:.1f} calls/s",
            theirs=f"{rounds:.1f} calls/s",
            ratio=f"{rate / rounds:.1%}; {rate / limit:.1%} of calls without an end",
            bar=f"≥ {_BAR:.0%}",
            is_met=rate >= _BAR * rounds,
            raw={"calls": measured.calls, "seconds": measured.seconds},
        )
    ]


@contextmanager
def run_server(latency: float) -> Iterator[tuple[str, Measured]]:
    """Run a server beside this process, not in it: two in one would wait for each other's interpreter lock.

    What it measured is filled in when the block ends.
    """
    command = [sys.executable, "-m", "benchmarks.model_server", str(latency)]
    measured = Measured()
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield process.stdout.readline().strip(), measured
        process.stdin.close()
        for name, value in json.loads(process.stdout.readline()).items():
            setattr(measured, name, value)
