"""A run that is killed, or that the disk fails, at any step leaves nothing but what the next run finishes by itself."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from generator.errors import DaybookError
from generator.store.files import TEMPORARY_PREFIX
from tests.damage import look_over, make_archive, read_all, update
from tests.faults import Sort, fail
from tests.histories import Upstream
from tests.sites import build
from tests.soak import count_cases, scale

# How many steps are left out between two that fail, in the short form: each step in its turn, over the sorts.
_STRIDE = 61


def run(root: Path) -> None:
    """Do what happens every day."""
    update(root)
    build(root)


@pytest.fixture(scope="module")
def waiting(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make an archive with its site, for which two more days have landed."""
    folder = tmp_path_factory.mktemp("waiting")
    root = make_archive(folder / "archive")
    upstream = object.__new__(Upstream)
    upstream.folder, upstream.url = folder / "upstream", str(folder / "upstream")
    for day, subject in (("2026-03-08", "fix: one"), ("2026-03-08", "feat: two"), ("2026-03-09", "three")):
        upstream.commit(subject, f"{day}T10:00+00:00", {f"{subject[-3:]}.txt": f"{subject}\n"})
    return root


@pytest.fixture(scope="module")
def finished(waiting: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Read what an archive is when nothing goes wrong."""
    root = Path(shutil.copytree(waiting, tmp_path_factory.mktemp("finished") / "archive"))
    run(root)
    assert look_over(root).exit_code == 0
    return read_all(root)


@pytest.mark.parametrize("sort", Sort, ids=lambda sort: sort.name.lower())
def test_run_that_fails_at_any_step_is_finished_by_the_next(
    waiting: Path, finished: dict[str, bytes], tmp_path: Path, sort: Sort
) -> None:
    name = f"runs that {sort.name.lower()} at a step of the disk's, and the next finishes"
    first = 1 + list(Sort).index(sort) * _STRIDE // len(Sort)
    went_off = True
    with count_cases(name) as count:
        step = first if scale(1, 0) else 1
        while went_off:
            root = Path(shutil.copytree(waiting, tmp_path / "archive"))
            went_off = run_until(root, sort, step)
            count.add(went_off)
            # What the next run finishes is no damage.
            assert (step, look_over(root).problems) == (step, [])
            run(root)
            found = look_over(root)
            assert (step, found.problems, found.unseen) == (step, [], [])
            assert read_all(root) == finished
            assert list(root.rglob(f"{TEMPORARY_PREFIX}*")) == []
            shutil.rmtree(root)
            step += scale(_STRIDE, 1)
    assert count.tried > scale(4, 200)


def run_until(root: Path, sort: Sort, step: int) -> bool:
    """Run until something goes wrong at a step; say whether there were as many."""
    with fail(sort, step) as fault:
        try:
            run(root)
        except (OSError, DaybookError):
            assert sort is not Sort.KILL
    return fault.went_off
