"""Put broken files of an archive out of the way, where nothing of them is lost.

This module must not judge whether a file is broken, and never deletes the only copy of anything.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from datetime import date
from itertools import count
from pathlib import Path

from generator.store.files import make_folder, read_existing, sync_folder
from generator.store.places import Place, place_day, place_digest, place_release

BROKEN = Path(".daybook", "broken")
_KEPT_DAY = re.compile(r"(\d{4})/(\d{2})/(\d{2})\.json\..+")
_KEPT_RELEASE = re.compile(r"releases/tag/(.+)\.json\.[0-9a-f]+")
_KEPT_DIGEST = re.compile(r"(\d{4})/(\d{2})/(\d{2}|index)\.digest\.json\..+")


def set_aside(root: Path, file: Path) -> Path:
    """Move a file or a folder of an archive's folder to where broken ones are kept; both are relative to `root`.

    It stands there under its own path and, behind that, the beginning of its content's SHA-256, or a number where it
    has none. Raises OSError.
    """
    source = root / file
    target = _find_target(
        root / BROKEN / file.relative_to("docs" if file.parts[0] == "docs" else "."), source
    )
    make_folder(target.parent)
    # Where the very same bytes are there already, they are replaced by themselves.
    source.replace(target)
    sync_folder(target.parent)
    sync_folder(source.parent)
    return target.relative_to(root)


def list_aside(root: Path, scope: str) -> Iterator[Place]:
    """List the day records, digests and releases of a scope that were ever put aside."""
    home = root / BROKEN / scope
    for path in sorted(home.glob("[0-9]*/[0-9]*/*.json.*")):
        name = path.relative_to(home).as_posix()
        if match := _KEPT_DAY.fullmatch(name):
            yield place_day(scope, date(*map(int, match.groups())))
        elif match := _KEPT_DIGEST.fullmatch(name):
            year, month, day = match.groups()
            yield place_digest(scope, f"{year}-{month}" if day == "index" else f"{year}-{month}-{day}")
    yield from _list_releases_aside(home, scope)


def _list_releases_aside(home: Path, scope: str) -> Iterator[Place]:
    for path in sorted(home.glob("releases/tag/**/*.json.*")):
        if match := _KEPT_RELEASE.fullmatch(path.relative_to(home).as_posix()):
            yield place_release(scope, match[1])


def list_aside_repositories(root: Path) -> Iterator[str]:
    """List the repositories whose own record was ever put aside."""
    home = root / BROKEN
    for path in sorted(home.rglob("archive.json.*")):
        yield path.parent.relative_to(home).as_posix()


def _find_target(wanted: Path, source: Path) -> Path:
    content = _read(source)
    if content is not None:
        return wanted.with_name(f"{wanted.name}.{hashlib.sha256(content).hexdigest()[:16]}")
    numbered = (wanted.with_name(f"{wanted.name}.{number}") for number in count(1))
    return next(path for path in numbered if not path.exists())


def _read(path: Path) -> bytes | None:
    try:
        return None if path.is_dir() else read_existing(path)
    except OSError:
        return None
