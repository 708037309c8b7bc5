"""Simulate a loss of power: of what a program wrote, only that is sure to be left which it had the disk keep.

What Python's fsync and sync were asked for is noted while a program works; what SQLite and git do for their own files
is theirs, and these are left either as they are or as they were before.
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum, auto
from pathlib import Path
from random import Random


class Mood(Enum):
    """What a disk does with what it was not told to keep, as far as the standard allows it (POSIX, fsync)."""

    FORGETFUL = auto()  # nothing of it is left
    NAMES_ONLY = auto()  # names are, and nothing is in the files: what ext4 does within seconds
    CAPRICIOUS = auto()  # of each name and each file, what chance leaves


class Disk:
    """A folder, and what of it is sure to outlive a loss of power."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._content: dict[int, bytes] = {}
        self._names: dict[int, dict[str, int]] = {}
        # Held open, or another file might be given the number of one that is removed.
        self._held: list[int] = []
        self.keep_all()

    def close(self) -> None:
        """Let go of all files."""
        for descriptor in self._held:
            os.close(descriptor)
        self._held.clear()

    def keep_all(self) -> None:
        """Note that all is kept that is there."""
        for folder, folders, files in os.walk(self.root):
            folders[:] = [name for name in folders if not _is_foreign(name)]
            files = [name for name in files if not _is_foreign(name)]
            for path in (folder, *(os.path.join(folder, name) for name in files)):  # noqa: PTH118 - of many
                descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
                self.keep(descriptor)
                os.close(descriptor)

    def keep(self, descriptor: int) -> None:
        """Note that a file's content, or a folder's names, are kept as they are now."""
        status = os.fstat(descriptor)
        if status.st_ino not in self._content and status.st_ino not in self._names:
            self._held.append(os.dup(descriptor))
        if stat.S_ISDIR(status.st_mode):
            self._names[status.st_ino] = list_names(descriptor)
        else:
            self._content[status.st_ino] = Path(f"/dev/fd/{descriptor}").read_bytes()

    def lose_power(self, target: Path, mood: Mood, chance: Random) -> None:
        """Make a folder of what is left."""
        self._leave_folder(self.root.stat().st_ino, self.root, target, mood, chance)

    def _leave_folder(self, inode: int, place: Path | None, target: Path, mood: Mood, chance: Random) -> None:
        target.mkdir()
        kept = self._names.get(inode, {})
        now: dict[str, int] = {}
        if place is not None:
            descriptor = os.open(place, os.O_RDONLY | os.O_DIRECTORY)
            now = list_names(descriptor)
            os.close(descriptor)
        left: dict[str, int] = {}
        for name in sorted({*kept, *now}):
            is_now = _choose(mood, chance, mood is not Mood.FORGETFUL)
            found = (now if is_now else kept).get(name)
            if found is not None:
                left[name] = found
                there = place / name if place is not None and now.get(name) == found else None
                self._leave(found, there, target / name, mood, chance)
        if place is not None and left == now:
            # With its names, a folder keeps when they last changed.
            changed = place.stat().st_mtime_ns
            os.utime(target, ns=(changed, changed))

    def _leave(self, inode: int, place: Path | None, target: Path, mood: Mood, chance: Random) -> None:
        if inode in self._names or (place is not None and place.is_dir()):
            self._leave_folder(inode, place, target, mood, chance)
            return
        kept = self._content.get(inode, b"")
        now = kept if place is None else place.read_bytes()
        if kept != now and _choose(mood, chance, is_now=False):
            kept = now[: chance.randint(0, len(now))]
        target.write_bytes(kept)


def _choose(mood: Mood, chance: Random, is_now: bool) -> bool:
    return chance.random() < 0.5 if mood is Mood.CAPRICIOUS else is_now


def list_names(descriptor: int) -> dict[str, int]:
    """List the names in an open folder, each with the number of its file."""
    return {
        name: os.stat(name, dir_fd=descriptor, follow_symlinks=False).st_ino
        for name in os.listdir(descriptor)
        if not _is_foreign(name)
    }


def bring_foreign(source: Path, target: Path) -> None:
    """Copy git's and SQLite's files from one archive into another, which has none."""
    target.joinpath(".daybook").mkdir(exist_ok=True)
    for path in source.joinpath(".daybook").iterdir():
        if _is_foreign(path.name):
            copy = shutil.copytree if path.is_dir() else shutil.copyfile
            copy(path, target / ".daybook" / path.name)


def _is_foreign(name: str) -> bool:
    return name == "mirrors" or ".sqlite" in name


@contextmanager
def watching(root: Path) -> Iterator[Disk]:
    """Note what is kept of a folder while a program works in it."""
    disk = Disk(root)
    fsync, sync = os.fsync, os.sync

    def watch(descriptor: int) -> None:
        fsync(descriptor)
        disk.keep(descriptor)

    def watch_all() -> None:
        disk.keep_all()

    os.fsync, os.sync = watch, watch_all  # type: ignore[assignment]
    try:
        yield disk
    finally:
        os.fsync, os.sync = fsync, sync
        disk.close()
