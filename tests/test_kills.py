"""The real command, killed at any moment, again and again: nothing is damaged, lost or paid for twice."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import pytest

from generator.config import load_config
from generator.store.index import INDEX
from generator.store.tables import open_tables
from tests.archives import NAME, run_update
from tests.histories import Upstream
from tests.killing import (
    CONCURRENCY,
    Acknowledged,
    begin_history,
    go_on,
    kill_at_random,
    list_torn,
    look_over,
    name_request,
    read_acknowledged,
    read_bytes,
    read_told,
    run,
    start,
    write_settings,
)
from tests.model_server import Answer, Heard, ModelServer, answer_well
from tests.soak import Count, count_cases, note_figure, scale

KILLS = scale(8, 1000)
# Seconds that the model thinks: long enough to be killed in, short enough for many kills.
LATENCY = 0.03
STALE = ("config", "HEAD", "packed-refs", "shallow", "refs/daybook/tip", "refs/daybook/incoming")


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """An archive to begin with, and what becomes of it when nobody disturbs the run."""

    root: Path
    asks: bool
    told: dict[str, Any]
    content: dict[str, bytes]


def answer_slowly(heard: Heard) -> Answer:
    return Answer(body=answer_well(heard).body, delay=LATENCY)


@pytest.fixture(scope="module")
def server() -> Iterator[ModelServer]:
    with ModelServer(answer_slowly) as server:
        yield server


@pytest.fixture(scope="module")
def bases(tmp_path_factory: pytest.TempPathFactory, server: ModelServer) -> list[Base]:
    """Make archives that are still empty, and some for which a force-push and another day have come."""
    folder = tmp_path_factory.mktemp("bases")
    upstream = Upstream(folder / "upstream")
    begin_history(upstream)
    roots = {(part, asks): folder / f"{part}-{asks}" for part in ("new", "old") for asks in (True, False)}
    for (_, asks), root in roots.items():
        write_settings(root, upstream, server.url if asks else None)
    for asks in (True, False):
        assert run(roots["old", asks], "update").code == 0
    go_on(upstream)
    return [
        finish_undisturbed(root, folder / "finished" / root.name, asks=asks)
        for (_, asks), root in roots.items()
    ]


def finish_undisturbed(root: Path, copy: Path, *, asks: bool) -> Base:
    shutil.copytree(root, copy)
    assert run(copy, "update").code == 0
    return Base(root=root, asks=asks, told=read_told(copy), content=read_bytes(copy))


def test_killed_command_damages_nothing_loses_nothing_and_is_finished_by_the_next(
    bases: list[Base], server: ModelServer, tmp_path: Path
) -> None:
    chance = Random(5)
    number = 0
    with count_cases(
        "SIGKILLs of `daybook update`: verify clean, nothing lost, nothing asked twice"
    ) as count:
        while count.tried < KILLS:
            base = bases[number % len(bases)]
            root = Path(shutil.copytree(base.root, tmp_path / "archive"))
            kill_until_finished(root, server, chance, count)
            check_finished(root, base, server)
            shutil.rmtree(root)
            number += 1
    note_figure("archives whose run was killed again and again and came out as if undisturbed", number)


def kill_until_finished(root: Path, server: ModelServer, chance: Random, count: Count) -> None:
    """Start and kill the command until it comes to its end, and look after each kill at what it left."""
    kept = read_acknowledged(root)
    step: str | None = ""
    while step is not None:
        heard = len(server.heard)
        step = kill_at_random(start(root, "update"), chance)
        count.add(step is not None)
        # The server may still have in its hand what the command was killed waiting for.
        found = look_over(root)
        assert (step, found.problems) == (step, [])
        kept = check_acknowledged(root, kept, [name_request(one) for one in server.heard[heard:]], step)


def check_acknowledged(root: Path, before: Acknowledged, asked: list[str], step: str | None) -> Acknowledged:
    """Check that nothing is lost that was acknowledged, and that only what was in flight may be asked again."""
    after = read_acknowledged(root)
    assert (step, before.find_lost(after)) == (step, frozenset())
    assert (step, before.replies & set(asked)) == (step, frozenset())
    assert len(set(asked)) == len(asked)
    assert len(set(asked) - after.replies) <= (CONCURRENCY if step else 0)
    return after


def check_finished(root: Path, base: Base, server: ModelServer) -> None:
    """Check that an archive is the one of an undisturbed run, and that another run finds nothing to do."""
    assert read_told(root) == base.told
    if not base.asks:
        assert read_bytes(root) == base.content
    heard = len(server.heard)
    again = run(root, "update")
    assert (again.code, again.err and "", len(server.heard)) == (0, "", heard)
    assert "0 pages written or removed" in again.out
    assert list_torn(root) == []
    # Without site/ it cannot say that all is well.
    assert run(root, "verify").code == 3


def test_replies_that_are_kept_name_the_requests_that_were_heard(
    bases: list[Base], server: ModelServer, tmp_path: Path
) -> None:
    """Without it, nothing that is asked twice would be found."""
    root = Path(shutil.copytree(bases[0].root, tmp_path / "archive"))
    heard = len(server.heard)
    assert run(root, "update").code == 0
    asked = {name_request(one) for one in server.heard[heard:]}
    kept = read_acknowledged(root)
    assert len(asked) > len(kept.commits) > 0
    assert kept.replies == asked
    assert kept.analyses == kept.commits


def test_first_run_that_has_not_come_to_its_pages_is_no_damage(bases: list[Base], tmp_path: Path) -> None:
    base = next(base for base in bases if not base.asks and (base.root / "docs").exists())
    root = Path(shutil.copytree(base.root, tmp_path / "archive"))
    pages = list((root / "docs").rglob("*.md"))
    texts = {page: page.read_bytes() for page in pages}
    for path in (*pages, *(root / ".daybook").glob("manifest.sqlite*")):
        path.unlink()
    found = look_over(root)
    assert (found.problems, [one.place for one in found.unseen]) == ([], ["docs", "site"])
    # Where one page is there, the others were as well.
    pages[0].write_bytes(texts[pages[0]])
    assert {one.fact for one in look_over(root).problems} == {"is not there"}
    assert len(look_over(root).problems) == len(pages) - 1


def test_first_run_that_has_not_come_to_its_records_is_no_damage_and_lost_records_are(
    bases: list[Base], tmp_path: Path
) -> None:
    base = next(base for base in bases if not base.asks and (base.root / "docs").exists())
    root = Path(shutil.copytree(base.root, tmp_path / "archive"))
    shutil.rmtree(root / "docs")
    assert run(root, "verify").code == 1
    (root / INDEX).unlink()
    for step in range(3):
        if step == 1:
            (root / INDEX).touch()
        elif step == 2:
            open_tables(root / INDEX).close()
        found = look_over(root)
        assert (found.problems, [one.place for one in found.unseen]) == ([], ["docs"])


def test_lock_files_of_a_git_that_was_killed_stop_no_run(bases: list[Base], tmp_path: Path) -> None:
    """Git leaves them when it is killed in the middle of a ref, and refuses ever after to touch what they lock."""
    base = next(base for base in bases if not base.asks and (base.root / "docs").exists())
    for name in STALE:
        root = Path(shutil.copytree(base.root, tmp_path / "archive"))
        lock = root / ".daybook" / "mirrors" / f"{NAME}.git" / f"{name}.lock"
        lock.parent.mkdir(parents=True, exist_ok=True)
        lock.touch()
        summary = run_update(root, load_config(root / "archive.yml"), "2026-03-01T00:00:00+00:00")
        assert (name, [one.failure for one in summary.results]) == (name, [None])
        assert (name, read_bytes(root) == base.content) == (name, True)
        shutil.rmtree(root)


def test_packs_that_a_killed_git_had_begun_are_removed_and_whole_ones_stay(
    bases: list[Base], tmp_path: Path
) -> None:
    base = next(base for base in bases if not base.asks and (base.root / "docs").exists())
    root = Path(shutil.copytree(base.root, tmp_path / "archive"))
    packs = root / ".daybook" / "mirrors" / f"{NAME}.git" / "objects" / "pack"
    whole = {path.name for path in packs.iterdir()}
    begun = {f"tmp_{sort}_Ab12cD" for sort in ("pack", "idx", "rev")}
    for name in begun:
        (packs / name).write_bytes(b"PACK")
    run_update(root, load_config(root / "archive.yml"), "2026-03-01T00:00:00+00:00")
    left = {path.name for path in packs.iterdir()}
    assert (begun & left, whole - left) == (set(), set())
    assert read_bytes(root) == base.content
