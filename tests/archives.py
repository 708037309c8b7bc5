"""Run the pipeline on real repositories in tests, and read what it left on disk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from generator.collect.mirror import Mirror
from generator.config import Config, TrackedRepository
from generator.following import backfill_repository
from generator.landings import Followed
from generator.pipeline import Summary, backfill, update
from generator.records import DayRecord
from generator.store.archive import Archive
from generator.workers import HERE, Workers
from tests.histories import Upstream
from tests.quiet import QuietReport

NAME = "ada/engine"


def follow(
    *upstreams: tuple[str, Upstream], first_days: int = 366, timezone: str = "Asia/Shanghai"
) -> Config:
    """Make the configuration of an archive that follows these repositories."""
    tracked = tuple(TrackedRepository(url=upstream.url, name=name) for name, upstream in upstreams)
    return Config(repositories=tracked, first_days=first_days, timezone=timezone)


def run_update(root: Path, config: Config, now: str, only: Sequence[str] = ()) -> Summary:
    """Update an archive at a moment."""
    return update(root, config, datetime.fromisoformat(now), QuietReport(), only)


def run_backfill(
    root: Path, config: Config, now: str, since: str, until: str | None = None, workers: Workers = HERE
) -> Summary:
    """Backfill an archive at a moment; `since` and `until` are days."""
    first = datetime.fromisoformat(since).date()
    last = datetime.fromisoformat(until).date() if until else None
    moment = datetime.fromisoformat(now)
    return backfill(root, config, moment, QuietReport(), first, last, workers=workers)


def backfill_records(root: Path, upstream: Upstream, workers: Workers) -> dict[str, bytes]:
    """Backfill the records of a repository, without pages, which take their time."""
    followed = Followed(
        name=NAME,
        branch=None,
        web=None,
        archive=Archive(root / "docs"),
        mirror=Mirror(root / ".daybook" / "mirrors" / "engine.git", NAME, upstream.url),
        timezone=ZoneInfo("UTC"),
        language="en",
        now=datetime(2026, 12, 31, tzinfo=UTC),
        report=QuietReport(),
        workers=workers,
    )
    backfill_repository(followed, date(2026, 1, 1), None, 1)
    return read_files(root)


def read_records(root: Path, name: str = NAME) -> dict[str, DayRecord]:
    """Read a repository's day records, by day."""
    archive = Archive(root / "docs")
    return {day.isoformat(): archive.read_day(name, day) for day in archive.days(name)}


def read_days(root: Path, name: str = NAME) -> dict[str, list[str]]:
    """Read which subjects stand in which day, in their order."""
    return {
        day: [commit.subject for commit in record.commits] for day, record in read_records(root, name).items()
    }


def count_shas(root: Path, name: str = NAME) -> Counter[str]:
    """Count how often each commit stands in the records."""
    return Counter(commit.sha for record in read_records(root, name).values() for commit in record.commits)


def read_files(root: Path) -> dict[str, bytes]:
    """Read every file of an archive, records and pages."""
    docs = root / "docs"
    return {
        path.relative_to(docs).as_posix(): path.read_bytes()
        for path in sorted(docs.rglob("*"))
        if path.is_file()
    }
