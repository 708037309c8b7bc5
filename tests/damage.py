"""Make an archive of a real repository, with its site, to be broken in tests; and break it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from generator.checking.findings import Finding, Findings, Repairs
from generator.checking.repairing import repair
from generator.checking.verifying import verify
from generator.config import load_config
from tests.archives import NAME, run_update
from tests.quiet import QuietReport
from tests.sites import ROOT, build
from tests.test_histories import DAYS, World

NOW = datetime(2026, 3, 9, 12, tzinfo=UTC)
SEED = 9
# Working files that say nothing of the archive: locks, SQLite's own, and what was put aside.
_PASSING = (".lock", "lock", ".sqlite", "-shm", "-wal")


def make_archive(root: Path) -> Path:
    """Make an archive of a repository's week, with a force-push in it, and its site; return its folder.

    The repository itself stands beside the folder.
    """
    world = World(root.parent / "upstream", SEED)
    for name in ("mkdocs.yml", "docs/search.md"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, root / name)
    for name in ("hooks", "overrides", "docs/assets"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    (root / "archive.yml").write_text(
        f"site: {{url: https://example.org/daybook/}}\ntimezone: UTC\nlanguage: en\nfirst_days: 366\n"
        f"repositories:\n  - {{url: {world.upstream.url}, name: {NAME}}}\n",
        encoding="utf-8",
    )
    for number in range(DAYS):
        world.live_a_day(number)
        update(root, world.now.isoformat())
        if number in (2, 5):
            world.force_push()
            update(root, world.now.isoformat())
    build(root)
    return root


def update(root: Path, now: str | None = None) -> None:
    """Update an archive, by the rules."""
    run_update(root, load_config(root / "archive.yml"), now or NOW.isoformat())


def look_over(root: Path) -> Findings:
    """Verify an archive."""
    return verify(root, load_config(root / "archive.yml"), NOW, QuietReport())


def mend(root: Path) -> Repairs:
    """Repair an archive."""
    return repair(root, load_config(root / "archive.yml"), NOW, QuietReport())


def find_problems(root: Path) -> list[Finding]:
    """Find what is wrong with an archive."""
    return look_over(root).problems


def find_places(root: Path) -> set[str]:
    """Find the places where something is wrong with an archive."""
    return {problem.place for problem in find_problems(root)}


def list_records(root: Path) -> list[Path]:
    """List the files of all records."""
    return [path for path in sorted((root / "docs").rglob("*.json")) if "assets" not in path.parts]


def flip_byte(path: Path, random: Random) -> None:
    """Change one byte of a file to another."""
    content = bytearray(path.read_bytes())
    place = random.randrange(len(content))
    content[place] = (content[place] + random.randrange(1, 256)) % 256
    path.write_bytes(content)


def read_all(root: Path) -> dict[str, bytes]:
    """Read all files of an archive's folder but those that say nothing of it."""
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in _list(root)}


def _list(root: Path) -> Iterator[Path]:
    for path in sorted(root.rglob("*")):
        if path.is_file() and not path.name.endswith(_PASSING) and ".daybook" not in path.parts:
            yield path
