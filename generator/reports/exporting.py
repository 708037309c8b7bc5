"""Give a day of the archive back as a report, or as its records.

This module must not write anything.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from generator.config import Config
from generator.errors import ArchiveError
from generator.record_bytes import render_record
from generator.records import RepositoryRecord
from generator.reports.writing import Chapter, split_report, write_parts
from generator.store.archive import Archive


def export_report(
    root: Path, config: Config, day: date, names: Sequence[str] = (), most: int | None = None
) -> list[str]:
    """Write the report of a day, in pieces of at most `most` characters; in one where that is None.

    Repositories without a commit on the day have an empty table, where that is known. Raises ArchiveError where
    nothing is archived of the day.
    """
    chapters = [
        Chapter(
            name=record.repository,
            web=record.web,
            timezone=ZoneInfo(record.timezone),
            record=archive.find_day(record.repository, day),
        )
        for archive in (Archive(root / "docs"),)
        for record in _find_records(archive, config, names)
        if _is_known(archive, record, day)
    ]
    # What only says that nothing landed is left out where there is something to tell.
    told = [chapter for chapter in chapters if chapter.record is not None or names] or chapters
    if not told:
        raise _find_nothing(day)
    parts = write_parts(day, told)
    whole = "".join(part.text for part in parts)
    return [whole] if most is None or len(whole) <= most else list(split_report(day, parts, most))


def export_json(root: Path, config: Config, day: date, names: Sequence[str] = ()) -> str:
    """Write the day's records as one list; raises as `export_report` does."""
    archive = Archive(root / "docs")
    found = (archive.find_day(record.repository, day) for record in _find_records(archive, config, names))
    records = [json.loads(render_record(record)) for record in found if record is not None]
    if not records:
        raise _find_nothing(day)
    return json.dumps(records, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _find_records(archive: Archive, config: Config, names: Sequence[str]) -> list[RepositoryRecord]:
    """Find the repositories: those of archive.yml in its order, then the others by name."""
    followed = [repository.name for repository in config.repositories]
    ordered = [*followed, *(name for name in archive.names() if name not in followed)]
    for name in names:
        if name not in ordered:
            raise ArchiveError(
                f"{name}: there is no such repository in the archive", f"It has {', '.join(ordered)}."
            )
    return [
        record
        for name in ordered
        if (not names or name in names) and (record := archive.find_repository(name)) is not None
    ]


def _is_known(archive: Archive, record: RepositoryRecord, day: date) -> bool:
    """Say whether the archive can tell of a day what landed on it, be it nothing."""
    is_covered = any(span.first <= day <= span.last for span in record.covered)
    is_told_empty = day in (record.empty_reports or ())
    return is_covered or is_told_empty or archive.find_day(record.repository, day) is not None


def _find_nothing(day: date) -> ArchiveError:
    return ArchiveError(
        f"{day}: nothing is archived of this day",
        "Run `daybook backfill --since DATE`, or import a report of it.",
    )
