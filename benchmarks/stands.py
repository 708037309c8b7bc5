"""Set up archives to measure with: the look of this checkout, records of a given size, and days still to come.

This module must not judge what it measures.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.archives import Made, Order, open_archive
from benchmarks.processes import ROOT, Run, run_daybook


@dataclass(slots=True, kw_only=True)
class Stand:
    """One archive. `size` is what was ordered, `day` the last of its days to come that was added."""

    size: int
    root: Path
    made: Made
    day: int = 0
    updates: list[Run] = field(default_factory=list)
    builds: list[Run] = field(default_factory=list)

    @property
    def days_left(self) -> int:
        """How many days can still be added."""
        return len(self.made.tips) - 1 - self.day

    def write_first_pages(self) -> Run:
        """Let Daybook see the archive for the first time: its index, its mirrors, all pages."""
        self.made.advance(0)
        return run_daybook(self.root, "update")

    def build_whole(self, *options: str) -> Run:
        """Build every page of the site."""
        return run_daybook(self.root, "build", "--full", *options)

    def add_day(self) -> Run:
        """Let the upstreams advance by a day, archive it and bring the site up to date, as a daily run does."""
        self.day += 1
        self.made.advance(self.day)
        update, build = run_daybook(self.root, "update"), run_daybook(self.root, "build")
        self.updates.append(update)
        self.builds.append(build)
        return update + build


def set_up(scratch: Path, cache: Path, order: Order) -> Stand:
    """Make an archive's folder, or take its records from the cache."""
    made = open_archive(cache, order)
    root = scratch / f"archive-{order.commits}"
    # With their times: a digest that is older than its day would be looked at again.
    shutil.copytree(made.docs, root / "docs")
    for name in ("mkdocs.yml", "docs/search.md"):
        shutil.copy(ROOT / name, root / name)
    for name in ("hooks", "overrides", "docs/assets"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    made.write_settings(root, order.language)
    return Stand(size=order.commits, root=root, made=made)
