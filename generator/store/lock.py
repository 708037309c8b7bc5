"""Let one run at a time work in an archive.

The kernel holds the lock and lets go of it when the process ends, however it ends; the file itself means nothing,
so a killed run never blocks the next one and nobody has to delete anything.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from generator.errors import LockedError

# Of an archive's folder: what a run holds, and what a build holds.
LOCK = Path(".daybook", "lock")
BUILD_LOCK = Path(".daybook", "build.lock")


@contextmanager
def hold_lock(path: Path) -> Iterator[None]:
    """Hold an archive's lock while the block runs.

    Raises LockedError at once when another process holds it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LockedError(
                f"{path}: another run is at work in this archive",
                "Wait until it has ended, then run the command again.",
            ) from None
        yield
