"""Read the bytes of a record file as the record that belongs in its place.

This module must not touch the disk.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

from generator.errors import ArchiveError
from generator.record_bytes import parse_record
from generator.records import DayRecord, DigestRecord
from generator.release_records import ReleaseRecord
from generator.store.places import Place


def parse_day(content: bytes, docs: Path, place: Place, *, is_known: bool = False) -> DayRecord:
    """Read a day record; one that `is_known` was read before from the same bytes.

    Raises ArchiveError naming the file where it is damaged or belongs somewhere else.
    """
    file = name_file(docs, place.path)
    record = parse_record(DayRecord, content, file, is_known=is_known)
    if (record.repository, record.day) != (place.scope, date.fromisoformat(place.period)):
        raise ArchiveError(
            f"{file}: holds {record.repository} on {record.day}", "Move the file to where it belongs."
        )
    return record


def parse_digest(content: bytes, docs: Path, place: Place) -> DigestRecord:
    """Read a digest; raises as `parse_day` does."""
    file = name_file(docs, place.path)
    record = parse_record(DigestRecord, content, file)
    if (record.scope, record.period) != (place.scope, place.period):
        raise ArchiveError(
            f"{file}: holds {record.scope} in {record.period}", "Move the file to where it belongs."
        )
    return record


def parse_release(content: bytes, docs: Path, place: Place) -> ReleaseRecord:
    """Read a release; raises as `parse_day` does."""
    file = name_file(docs, place.path)
    record = parse_record(ReleaseRecord, content, file)
    if (record.repository, record.file) != (place.scope, place.period):
        raise ArchiveError(
            f"{file}: holds {record.file} of {record.repository}", "Move the file to where it belongs."
        )
    return record


def name_file(docs: Path, path: str) -> str:
    """Name a file for its reader, who stands in the archive's folder."""
    return f"{docs.name}/{path}"
