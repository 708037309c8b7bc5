"""Keep the account of what was imported: one file under `docs/`.

This module must not know how a report is read.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from generator.imports import ImportedFile, ImportRecord, parse_account, render_account
from generator.store.files import read_existing, write_changed

ACCOUNT = "imports.json"


def read_account(docs: Path) -> ImportRecord | None:
    """Read the account; None where nothing was imported. Raises ArchiveError where it is damaged."""
    content = read_existing(docs / ACCOUNT)
    return None if content is None else parse_account(content, f"{docs.name}/{ACCOUNT}")


def write_account(docs: Path, files: Iterable[ImportedFile]) -> bool:
    """Put documents into the account, in the place of those of their name; say whether it changed."""
    held = read_account(docs) or ImportRecord()
    every = {file.file: file for file in (*held.files, *files)}
    record = ImportRecord(files=tuple(file for _, file in sorted(every.items())))
    return write_changed(docs / ACCOUNT, render_account(record))
