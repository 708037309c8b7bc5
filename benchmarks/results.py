"""Keep the figures as they come: as a table in RESULTS.md, as a picture, and as raw numbers in JSON.

This module must not measure, and must not look at the clock: the day is handed in. Where a run measured only some
of the figures, the others are not in the table: all of it is of one run.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path

from benchmarks.picture import draw_picture
from benchmarks.processes import Run

FOLDER = Path(__file__).parent
_PROGRAMS = ("mkdocs", "mkdocs-material", "pagefind", "GitPython")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One line of the table. `is_met` is None for a line that is no promise; `raw` goes into the JSON."""

    what: str
    ours: str
    theirs: str = ""
    ratio: str = ""
    bar: str = ""
    is_met: bool | None = None
    raw: dict[str, object] = field(default_factory=dict)

    @property
    def verdict(self) -> str:
        """What the table says of the bar."""
        return "" if self.is_met is None else "met" if self.is_met else "**missed**"


@dataclass(slots=True)
class Results:
    """All figures of one run; each is printed and written as soon as it is known."""

    folder: Path
    command: str
    day: str
    figures: list[Figure] = field(default_factory=list)
    # For the picture: seconds by archive size, and seconds a page by whose build it is.
    daily: dict[int, float] = field(default_factory=dict)
    fresh: float = 0.0
    pages: dict[str, float] = field(default_factory=dict)

    def add(self, *figures: Figure) -> None:
        """Take figures."""
        self.figures += figures
        for figure in figures:
            cells = filter(None, (figure.ours, figure.theirs, figure.ratio, figure.bar, figure.verdict))
            print(f"{figure.what}: {' | '.join(cells)}", flush=True)
        self._write()

    def _write(self) -> None:
        rows = [
            f"| {f.what} | {f.ours} | {f.theirs} | {f.ratio} | {f.bar} | {f.verdict} |" for f in self.figures
        ]
        lines = [
            "# What Daybook promises, measured",
            "",
            *(f"* {line}" for line in self._describe()),
            "",
            "Times are medians; a ratio is the median of the ratios of runs that took turns, lowest and highest "
            "in brackets.",
            "Only ratios can be compared between machines.",
            "",
            "| what | Daybook | compared with | ratio | bar | |",
            "|---|---|---|---|---|---|",
            *rows,
            "",
        ]
        if self.daily and self.pages:
            lines += ["![Daily cost by archive size; full build by page](results.svg)", ""]
            (self.folder / "results.svg").write_text(draw_picture(self.daily, self.fresh, self.pages))
        (self.folder / "RESULTS.md").write_text("\n".join(lines))
        raw = [{"what": figure.what, "is_met": figure.is_met, **figure.raw} for figure in self.figures]
        text = json.dumps({"about": self._describe(), "figures": raw}, indent=1, ensure_ascii=False)
        (self.folder / "results.json").write_text(text + "\n")

    def _describe(self) -> list[str]:
        git = subprocess.run(["git", "--version"], capture_output=True, text=True, check=True).stdout.split()[
            2
        ]
        versions = [f"{program} {metadata.version(program)}" for program in _PROGRAMS]
        if shutil.which("hugo"):
            said = subprocess.run(
                ["hugo", "version"], capture_output=True, text=True, check=True
            ).stdout.split()
            versions.append(f"Hugo {said[1].split('+')[0].removeprefix('v')}")
        return [
            f"`{self.command}`, {self.day}",
            f"{platform.machine()}, {os.cpu_count()} cores, {_count_memory()} GB, {platform.system()}",
            f"Python {platform.python_version()}, git {git}, {', '.join(versions)}",
        ]


def _count_memory() -> int:
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9)


def dump_runs(runs: Sequence[Run]) -> list[dict[str, float]]:
    """Write runs for the JSON."""
    return [
        {"seconds": round(run.seconds, 3), "cpu": round(run.cpu, 3), "memory": run.memory} for run in runs
    ]
