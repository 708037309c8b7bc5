"""Run the pipeline on real repositories in tests, and read what it left on disk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from generator.config import Config, TrackedRepository
from generator.pipeline import Summary, backfill, update
from generator.records import DayRecord
from generator.store.archive import Archive
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


def run_backfill(root: Path, config: Config, now: str, since: str, until: str | None = None) -> Summary:
    """Backfill an archive at a moment; `since` and `until` are days."""
    last = datetime.fromisoformat(until).date() if until else None
    return backfill(
        root, config, datetime.fromisoformat(now), QuietReport(), datetime.fromisoformat(since).date(), last
    )


def read_records(root: Path, name: str = NAME) -> dict[str, DayRecord]:
    """Read a repository's day records, by day."""
    return {record.day.isoformat(): record for record in Archive(root / "docs").read_days(name)}


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
