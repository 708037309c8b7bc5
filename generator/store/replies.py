"""Keep under .daybook/ what models answered, what that cost, and which batches are under way; none of it is published.

This module must not know what the bytes mean. What it was told to save is on the disk when it returns.
"""

from __future__ import annotations

import json
import os
from datetime import date
from pathlib import Path
from typing import Any

from generator.store.files import (
    TEMPORARY_PREFIX,
    make_folder,
    read_existing,
    sync_folder,
    write_changed,
    write_file,
)

_ENDING = ".reply"
# Of a key that is a digest: what tells the questions about one thing apart, and is short enough for any disk.
_KEY_LENGTH = 32


class Replies:
    """The replies of an archive, in a folder for each thing that was asked about; none is ever overwritten."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def prepare(self, folder: str) -> None:
        """Make the folder of what is asked about before the reply is there.

        Raises OSError.
        """
        make_folder(self._folder / folder)

    def save(self, folder: str, key: str, content: bytes) -> None:
        """Keep one more reply to a question; `key` is hexadecimal.

        Raises OSError.
        """
        number = len(self._list(folder, key)) + 1
        while (path := self._path(folder, key, number)).exists():
            number += 1
        write_file(path, content)

    def read(self, folder: str, key: str) -> list[bytes]:
        """Read the replies to one question, oldest first."""
        return [path.read_bytes() for path in self._list(folder, key)]

    def read_all(self, folder: str) -> list[bytes]:
        """Read the replies to all questions about one thing."""
        return [path.read_bytes() for path in self._list(folder, "")]

    def _list(self, folder: str, key: str) -> list[Path]:
        return sorted((self._folder / folder).glob(f"{key[:_KEY_LENGTH]}*{_ENDING}"))

    def _path(self, folder: str, key: str, number: int) -> Path:
        return self._folder / folder / f"{key[:_KEY_LENGTH]}-{number:03}{_ENDING}"


class Journal:
    """What was spent, one line of JSON a call, in a file for each day."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(self, day: date, entry: dict[str, Any]) -> None:
        """Add an entry.

        Raises OSError.
        """
        make_folder(self._folder)
        line = json.dumps(entry, sort_keys=True).encode() + b"\n"
        path = self._path(day)
        is_new = not path.exists()
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            # One write, so that lines of several threads never mix.
            os.write(descriptor, line)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if is_new:
            sync_folder(self._folder)

    def read(self, day: date) -> list[dict[str, Any]]:
        """Read a day's entries; a line that a crash has torn is left out."""
        lines = (read_existing(self._path(day)) or b"").split(b"\n")
        return [entry for line in lines if (entry := _parse_line(line)) is not None]

    def _path(self, day: date) -> Path:
        return self._folder / f"{day.isoformat()}.jsonl"


class Batches:
    """What is kept of the batches that are under way, a file for each."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read_all(self) -> dict[str, bytes]:
        """Read all of them, by name."""
        return {path.stem: path.read_bytes() for path in sorted(self._folder.glob("*.json"))}

    def write(self, name: str, content: bytes) -> None:
        """Keep one, in the place of what had the name.

        Raises OSError.
        """
        write_file(self._folder / f"{name}.json", content)

    def remove(self, name: str) -> None:
        """Forget one."""
        (self._folder / f"{name}.json").unlink(missing_ok=True)


def remove_leftovers(working: Path) -> None:
    """Remove temporary files of a run that was cut short, below .daybook/."""
    wanted = f"{TEMPORARY_PREFIX}*"
    for path in (
        *working.glob(wanted),
        *(working / "batches").glob(wanted),
        *(working / "replies").rglob(wanted),
    ):
        path.unlink(missing_ok=True)


def _parse_line(line: bytes) -> dict[str, Any] | None:
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    return entry if isinstance(entry, dict) else None


def read_memory(path: Path) -> dict[str, Any]:
    """Read a small file of what one run tells the next; empty where there is none or it is damaged."""
    return _parse_line(read_existing(path) or b"") or {}


def write_memory(path: Path, memory: dict[str, Any]) -> None:
    """Write what the next run should know."""
    write_changed(path, json.dumps(memory, indent=1, sort_keys=True).encode() + b"\n")
