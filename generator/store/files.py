"""Write files so that a crash leaves the old content or the new one, never a mixture.

This module must not know what the bytes mean.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

TEMPORARY_PREFIX = ".writing-"


def write_file(path: Path, content: bytes) -> None:
    """Replace `path` by `content` atomically and durably, making its folders as needed.

    The order temp file, fsync, rename, fsync of the folder is what survives a power cut on the usual file systems
    (Pillai et al., "All File Systems Are Not Created Equal", OSDI 2014).
    Raises OSError.
    """
    make_folder(path.parent)
    descriptor, name = tempfile.mkstemp(prefix=TEMPORARY_PREFIX, dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        # mkstemp makes files private; an archive is there to be published.
        temporary.chmod(0o644)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def write_changed(path: Path, content: bytes) -> bool:
    """Write `content` unless the file holds it already; say whether it was written."""
    if read_existing(path) == content:
        return False
    write_file(path, content)
    return True


def write_derived(path: Path, content: bytes) -> bool:
    """Write a file that can be made again, unless it holds `content` already; say whether it was written.

    Atomic as `write_file`, but without waiting for the disk, because thousands of pages would cost an fsync each.
    Whoever notes that the file is as it should be calls `sync_all` first: after a power cut its name may be there, and
    nothing in it.
    """
    if read_existing(path) == content:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(TEMPORARY_PREFIX + path.name)
    temporary.write_bytes(content)
    temporary.replace(path)
    return True


def read_existing(path: Path) -> bytes | None:
    """Read a file's bytes; None when there is no such file."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def sync_folder(folder: Path) -> None:
    """Make the folder's entries durable: new names in it survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_all() -> None:
    """Make all that was written durable, by one wait for the disk."""
    os.sync()


def make_folder(folder: Path) -> None:
    """Make a folder and those above it, each durable: its name survives a power cut."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    sync_folder(folder.parent)
