"""Make archives of any size that look like real ones: three repositories, and the records of all but their newest days.

`daybook update` then finds exactly the days that are still to come, one each time the upstreams advance. The same
order gives the same commits and records; nothing is asked of a network, a clock or a model. Run by itself, it makes
one: `python -m benchmarks.archives FOLDER COMMITS`.
"""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path

from benchmarks.distributions import HABITS
from benchmarks.drafting import ZONE, Draft, Drafter
from benchmarks.importing import Importer, find_touched
from benchmarks.recording import Recorder, find_web
from generator.records import Language

# The last archived day, a Tuesday: the days to come lie in the middle of a month, as most days do.
LAST = date(2026, 6, 9)
# What the repositories have on a day to come: 100 commits together.
NEW = (48, 32, 20)
_VERSION = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be made: so many archived commits or a few more, and days that are still to come.

    `new` is how many commits each repository has on such a day.
    """

    commits: int
    new_days: int = 8
    new: tuple[int, ...] = NEW
    language: Language = "zh"
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Made:
    """An archive's upstreams and records, in a folder."""

    folder: Path
    commits: int
    days: int
    seconds: float
    # The tips of the repositories: of what is archived, then after each day to come.
    tips: tuple[tuple[str, ...], ...]

    @property
    def docs(self) -> Path:
        """Where the records are."""
        return self.folder / "docs"

    def advance(self, day: int) -> None:
        """Let the upstreams stand where they do at the end of a day to come; 0 is where the archive ends."""
        for habits, tip in zip(HABITS, self.tips[day], strict=True):
            subprocess.run(
                ["git", "-C", str(self._find_upstream(habits.name)), "update-ref", "refs/heads/main", tip],
                check=True,
            )

    def write_settings(self, root: Path, language: Language = "zh") -> None:
        """Write the archive.yml that follows the upstreams."""
        lines = [f"language: {language}", f"timezone: {ZONE.key}", "repositories:"]
        for habits in HABITS:
            lines += [f"  - url: {self._find_upstream(habits.name).resolve()}", f"    name: {habits.name}"]
            lines += [f"    web: {find_web(habits.name)}"]
        (root / "archive.yml").write_text("\n".join(lines) + "\n")

    def _find_upstream(self, name: str) -> Path:
        return self.folder / "upstreams" / f"{name}.git"


def open_archive(cache: Path, order: Order) -> Made:
    """Take an archive from the cache, made there first where it is not."""
    name = f"{order.commits}-{order.new_days}-{order.language}-{order.seed}-v{_VERSION}"
    if not (cache / name / "made.json").is_file():
        fresh = cache / f"{name}.new"
        shutil.rmtree(fresh, ignore_errors=True)
        make_archive(fresh, order)
        shutil.rmtree(cache / name, ignore_errors=True)
        fresh.rename(cache / name)
    return read_archive(cache / name)


def read_archive(folder: Path) -> Made:
    """Read what was made in a folder."""
    made = json.loads((folder / "made.json").read_text())
    tips = tuple(tuple(tip) for tip in made["tips"])
    return Made(folder, made["commits"], made["days"], made["seconds"], tips)


def make_archive(folder: Path, order: Order) -> Made:
    """Make an archive in an empty or a new folder."""
    start = time.perf_counter()
    folder.mkdir(parents=True, exist_ok=True)
    drafters = [Drafter(habits, str(order.seed)) for habits in HABITS]
    importers = [Importer(folder / "upstreams" / f"{habits.name}.git") for habits in HABITS]
    recorder = Recorder(folder / "docs", order.language, order.seed)
    days = _plan_days(drafters, order)
    for day, numbers in days[:-1]:
        _write_day(day, _draft_day(drafters, day, numbers, f"old {order.seed}"), importers, recorder, "main")
    # Drafted before the last archived day is written, because that has to bring the files they change to full size.
    day, numbers = days[-1]
    last = _draft_day(drafters, day, numbers, f"old {order.seed}")
    coming = [
        _draft_day(drafters, LAST + timedelta(n), order.new, f"new {order.seed}")
        for n in range(1, order.new_days + 1)
    ]
    extra = [find_touched(drafts[place] for drafts in coming) for place in range(len(HABITS))]
    _write_day(day, last, importers, recorder, "main", extra)
    recorder.write_month()
    tips = [[drafts[-1].sha for drafts in last]]
    for importer in importers:
        importer.grow()
    for drafts in coming:
        for importer, landed in zip(importers, drafts, strict=True):
            importer.write_day(landed, "refs/bench/coming")
        tips.append([landed[-1].sha for landed in drafts])
    for importer, habits, landed in zip(importers, HABITS, last, strict=True):
        importer.close("refs/heads/main", landed[-1])
        recorder.write_repository(habits.name, day, landed[-1])
    made = {
        "order": asdict(order),
        "commits": sum(sum(numbers) for _, numbers in days),
        "days": len(days),
        "seconds": round(time.perf_counter() - start, 1),
        "tips": tips,
    }
    (folder / "made.json").write_text(json.dumps(made, indent=1) + "\n")
    return read_archive(folder)


def _plan_days(drafters: Sequence[Drafter], order: Order) -> list[tuple[date, list[int]]]:
    """Count the commits of each day, back from the last one until there are enough; the oldest day first."""
    days: list[tuple[date, list[int]]] = []
    left = order.commits
    while left > 0:
        day = LAST - timedelta(len(days))
        chance = random.Random(f"plan {order.seed} {day}")
        numbers = [drafter.count(day, chance) for drafter in drafters]
        # The oldest day has what is left, one commit a repository at the least.
        numbers = [max(1, number * min(left, sum(numbers)) // sum(numbers)) for number in numbers]
        left -= sum(numbers)
        days.append((day, numbers))
    return days[::-1]


def _draft_day(
    drafters: Sequence[Drafter], day: date, numbers: Sequence[int], seed: str
) -> list[list[Draft]]:
    return [
        drafter.draft_day(day, number, random.Random(f"{seed} {day} {drafter.habits.name}"))
        for drafter, number in zip(drafters, numbers, strict=True)
    ]


def _write_day(
    day: date,
    drafts: Sequence[Sequence[Draft]],
    importers: Sequence[Importer],
    recorder: Recorder,
    branch: str,
    extra: Sequence[Sequence[str]] | None = None,
) -> None:
    for place, (importer, landed) in enumerate(zip(importers, drafts, strict=True)):
        importer.write_day(landed, f"refs/heads/{branch}", extra[place] if extra else ())
    recorder.write_day(day, {habits.name: landed for habits, landed in zip(HABITS, drafts, strict=True)})


if __name__ == "__main__":
    done = make_archive(Path(sys.argv[1]), Order(commits=int(sys.argv[2])))
    print(f"{done.commits:,} commits in {done.days:,} days, made in {done.seconds:.0f} s")
