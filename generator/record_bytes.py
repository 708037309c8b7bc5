"""Write records as the bytes that stand on disk, and read them back.

This module must not touch the disk. The bytes of a record are a function of its content alone: sorted keys, UTF-8,
one final newline.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any, TypeVar

from pydantic import ValidationError

from generator.errors import ArchiveError
from generator.records import SCHEMA, DayRecord, DigestRecord, RepositoryRecord
from generator.release_records import ReleaseRecord

Record = TypeVar("Record", DayRecord, RepositoryRecord, DigestRecord, ReleaseRecord)


def render_record(record: DayRecord | RepositoryRecord | DigestRecord | ReleaseRecord) -> bytes:
    """Write a record as the bytes that stand on disk, its `sha256` over all other fields included.

    A field that is None is left out.
    """
    fields = record.model_dump(mode="json", exclude_none=True)
    fields["sha256"] = _digest(fields)
    return _render_fields(fields)


def parse_record(kind: type[Record], content: bytes, place: str, *, is_known: bool = False) -> Record:
    """Read a record back from its bytes, checking its shape and its digest.

    Bytes that are known were read before, letter for letter: their digest is not worked out again.
    Raises ArchiveError naming `place` and the field.
    """
    fields = _parse_json(content, place)
    if "version" in fields and fields["version"] != SCHEMA:
        raise ArchiveError(
            f"{place}: version {fields['version']!r} is not one this Daybook reads",
            "Install a newer Daybook, or restore the file from the archive branch.",
        )
    # As bytes first: a changed blank or a doubled key leaves the digest of the fields as it was.
    is_as_written = is_known or _render_fields(fields) == content
    digest = fields.pop("sha256", None)
    if not is_as_written or not (is_known or digest == _digest(fields)):
        raise ArchiveError(
            f"{place}: the content is not what was written: its sha256 does not agree", _RESTORE
        )
    try:
        return kind.model_validate(fields)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "record"
        raise ArchiveError(f"{place}: {where}: {first['msg']}", _RESTORE) from None


_RESTORE = "Restore the file from version control, or move it away and run `daybook backfill` for that day."


def _parse_json(content: bytes, place: str) -> dict[str, Any]:
    try:
        fields = json.loads(content)
    except ValueError as error:
        raise ArchiveError(f"{place}: not JSON: {error}", _RESTORE) from None
    if not isinstance(fields, dict):
        raise ArchiveError(f"{place}: not a JSON object", _RESTORE)
    return fields


def _digest(fields: dict[str, Any]) -> str:
    return hashlib.sha256(_render_json(fields).encode()).hexdigest()


def _render_fields(fields: dict[str, Any]) -> bytes:
    """Write one field a line, and one commit a line, so that two versions of a record can be compared by eye."""
    # Line by line, because Python's JSON writer is quick only where it does not indent.
    lines = [f"{_render_json(key)}: {_render_value(value)}" for key, value in sorted(fields.items())]
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode()


def _render_value(value: Any) -> str:
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return "[\n" + ",\n".join(map(_render_json, value)) + "\n]"
    return _render_json(value)


def _render_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
