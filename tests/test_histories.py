"""Over generated histories, every commit is archived once, whatever happens to the branch and to the runs."""

from __future__ import annotations

import random
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.archives import (
    NAME,
    count_shas,
    follow,
    read_days,
    read_files,
    read_records,
    run_backfill,
    run_update,
)
from tests.histories import Upstream, run_git

START = datetime(2026, 3, 1, tzinfo=UTC)
DAYS = 7
ZONE = "UTC"


class World:
    """People at work on one repository for a week: branches, merges, late pushes and wrong clocks."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.upstream = Upstream(folder)
        self._chance = random.Random(seed)
        # Of its own, so that what messages say of others changes nothing else.
        self._words = random.Random(f"words {seed}")
        self._made: list[str] = []
        self._sides: list[str] = []
        self._count = 0
        self.now = START

    def live_a_day(self, number: int) -> None:
        """Let a day pass, with a handful of things happening in it, and end at 23:00."""
        self.now = START + timedelta(days=number, hours=8)
        if number == 0:
            self._commit("main")
        for _ in range(self._chance.randint(0, 6)):
            self.now += timedelta(minutes=self._chance.randint(1, 120))
            action = self._chance.choices(
                [self._work, self._start_side, self._work_on_side, self._merge, self._push_late, self._skew],
                [4, 3, 4, 4, 2, 1],
            )[0]
            action()
        self.now = START + timedelta(days=number, hours=23)

    def force_push(self) -> None:
        """Throw the newest commits of the branch away and put another in their place."""
        chain = self.upstream.rev_list("--first-parent", "main")
        self.upstream.branch("main", chain[min(len(chain) - 1, self._chance.randint(1, 3))])
        self._commit("main")

    def fast_forward_to_side(self) -> None:
        """Merge the branch into a side branch and let the branch follow: its first parents change."""
        self._start_side()
        side = self._sides.pop()
        self._commit(side)
        self._commit("main")
        self.upstream.merge("main", when=self.now.isoformat(), into=side)
        self.upstream.branch("main", self.upstream.tip(side))

    def _commit(self, branch: str, when: datetime | None = None) -> None:
        self._count += 1
        files = {f"{branch}/{self._count}.txt": f"{self._count}\n"}
        # Titles whose meaning depends on what the repository's titles were like before.
        title = self._chance.choice(
            ["[Kernel] {}", "[Hardware][Kernel] {}", "kernel: {}", "Kernel {}", "fix: {}"]
        )
        message = title.format(f"change {self._count}") + self._name_others()
        self._made.append(self.upstream.commit(message, (when or self.now).isoformat(), files, on=branch))

    def _name_others(self) -> str:
        """Say in a message of which pull request it is, and what it mends or follows up."""
        number, other = self._words.randint(1, 6), self._words.randint(1, 6)
        texts = [
            f" (#{number})",
            f"\n\nFollow-up to #{other}.",
            f" (#{number})\n\nA regression from #{other}.",
        ]
        if self._made:
            texts.append(f"\n\nFixes: {self._words.choice(self._made)[: self._words.choice((9, 12, 40))]}")
        return self._words.choice(["", *texts])

    def _work(self) -> None:
        self._commit("main")

    def _start_side(self) -> None:
        name = f"side-{self._count}-{len(self._sides)}"
        chain = self.upstream.rev_list("--first-parent", "main")
        self.upstream.branch(name, self._chance.choice(chain[:5]))
        self._sides.append(name)
        self._commit(name)

    def _work_on_side(self) -> None:
        if self._sides:
            self._commit(self._chance.choice(self._sides))

    def _merge(self) -> None:
        count = min(len(self._sides), self._chance.choice([1, 1, 1, 2, 3]))
        chosen = [self._sides.pop(self._chance.randrange(len(self._sides))) for _ in range(count)]
        if chosen:
            self.upstream.merge(*chosen, when=self.now.isoformat())

    def _push_late(self) -> None:
        self._commit(
            "main", self.now - timedelta(days=self._chance.randint(1, 3), hours=self._chance.randint(0, 9))
        )

    def _skew(self) -> None:
        wrong = [
            datetime(1970, 1, 1, tzinfo=UTC),
            datetime(3000, 1, 1, tzinfo=UTC),
            self.now - timedelta(days=400),
        ]
        self._commit("main", self._chance.choice(wrong))


@pytest.mark.parametrize("seed", range(8))
def test_day_by_day_and_at_once_are_the_same_bytes(tmp_path: Path, seed: int) -> None:
    world = World(tmp_path / "up", seed)
    config = follow((NAME, world.upstream), timezone=ZONE)
    runs = random.Random(seed)
    for number in range(DAYS):
        world.live_a_day(number)
        is_missed = number not in (0, DAYS - 1) and runs.random() < 0.3
        if not is_missed:
            run_update(tmp_path / "daily", config, world.now.isoformat())
    run_backfill(tmp_path / "once", config, world.now.isoformat(), "1970-01-01")
    assert count_shas(tmp_path / "daily") == dict.fromkeys(world.upstream.rev_list("main"), 1)
    assert read_files(tmp_path / "daily") == read_files(tmp_path / "once")
    commits = [commit for record in read_records(tmp_path / "once").values() for commit in record.commits]
    assert len([commit for commit in commits if commit.related]) > 1
    assert any(commit.diff for commit in commits)


@pytest.mark.parametrize("seed", range(100, 106))
def test_a_rewritten_branch_loses_and_doubles_nothing(tmp_path: Path, seed: int) -> None:
    world = World(tmp_path / "up", seed)
    config = follow((NAME, world.upstream), timezone=ZONE)
    seen: set[str] = set()
    for number in range(DAYS):
        world.live_a_day(number)
        if number in (2, 5):
            world.force_push()
        if number == 3:
            world.fast_forward_to_side()
        run_update(tmp_path, config, world.now.isoformat())
        reachable = set(world.upstream.rev_list("main"))
        seen |= reachable
        assert count_shas(tmp_path) == dict.fromkeys(seen, 1)
        commits = [commit for record in read_records(tmp_path).values() for commit in record.commits]
        assert {commit.sha for commit in commits if commit.gone} == seen - reachable
    before = read_files(tmp_path)
    run_backfill(tmp_path, config, world.now.isoformat(), "1970-01-01")
    run_update(tmp_path, config, world.now.isoformat())
    assert count_shas(tmp_path) == dict.fromkeys(seen, 1)
    records = {path: content for path, content in before.items() if path.count("/") == 4}
    assert {path: content for path, content in read_files(tmp_path).items() if path in records} == records


def test_a_mirror_lost_after_a_force_push_costs_nothing(tmp_path: Path) -> None:
    upstream = Upstream(tmp_path / "up")
    for number in range(1, 5):
        upstream.commit(f"{number}", f"2026-03-0{number}T10:00+00:00", {"a": f"{number}\n"})
    # Only the newest day is archived: what lies before must not pass for new when the archived tip is unknown.
    config = follow((NAME, upstream), timezone=ZONE, first_days=1)
    run_update(tmp_path, config, "2026-03-04T23:00+00:00")
    upstream.branch("main", "main~1")
    upstream.commit("in its place", "2026-03-04T11:00+00:00", {"b": "\n"})
    run_git(upstream.folder, "gc", "--quiet", "--prune=now")
    shutil.rmtree(tmp_path / ".daybook")
    run_update(tmp_path, config, "2026-03-05T23:00+00:00")
    commits = [commit for record in read_records(tmp_path).values() for commit in record.commits]
    assert [(commit.subject, commit.gone) for commit in commits] == [("4", True), ("in its place", False)]


def test_a_lost_mirror_doubles_no_commit_whose_mainline_had_changed(tmp_path: Path) -> None:
    upstream = Upstream(tmp_path / "up")
    config = follow((NAME, upstream), timezone=ZONE)
    first = upstream.commit("first", "2026-03-01T10:00+00:00", {"a": "1\n"})
    upstream.commit("on a side", "2026-03-01T11:00+00:00", {"b": "1\n"}, on="side", parents=[first])
    upstream.commit("on the mainline, then", "2026-03-02T10:00+00:00", {"a": "2\n"})
    run_update(tmp_path, config, "2026-03-02T23:00+00:00")
    upstream.merge("main", when="2026-03-03T10:00+00:00", into="side", message="the mainline, now")
    upstream.branch("main", "side")
    upstream.commit("pushed away", "2026-03-04T10:00+00:00", {"c": "1\n"})
    run_update(tmp_path, config, "2026-03-04T23:00+00:00")
    upstream.branch("main", "side")
    run_git(upstream.folder, "gc", "--quiet", "--prune=now")
    shutil.rmtree(tmp_path / ".daybook")
    run_update(tmp_path, config, "2026-03-05T23:00+00:00")
    assert read_days(tmp_path) == {
        "2026-03-01": ["first", "on a side"],
        "2026-03-02": ["on the mainline, then"],
        "2026-03-03": ["the mainline, now"],
        "2026-03-04": ["pushed away"],
    }


def test_a_history_rewritten_from_its_first_commit_begins_where_the_archive_does(tmp_path: Path) -> None:
    upstream = Upstream(tmp_path / "up")
    for number in range(1, 6):
        upstream.commit(f"old {number}", f"2026-03-0{number}T10:00+00:00", {"a": f"{number}\n"})
    config = follow((NAME, upstream), timezone=ZONE, first_days=2)
    run_update(tmp_path, config, "2026-03-05T23:00+00:00")
    first = upstream.commit("new 1", "2026-03-01T10:00+00:00", {"a": "1\n"}, on="rewritten", parents=[])
    for number in range(2, 6):
        upstream.commit(
            f"new {number}", f"2026-03-0{number}T10:00+00:00", {"a": f"{number}\n"}, on="rewritten"
        )
    upstream.branch("main", "rewritten")
    run_update(tmp_path, config, "2026-03-05T23:30+00:00")
    assert first not in count_shas(tmp_path)
    assert read_days(tmp_path) == {"2026-03-04": ["old 4", "new 4"], "2026-03-05": ["old 5", "new 5"]}


def test_date_windows_would_have_lost_commits(tmp_path: Path) -> None:
    world = World(tmp_path / "up", 4)
    config = follow((NAME, world.upstream), timezone=ZONE)
    by_window: set[str] = set()
    for number in range(DAYS):
        world.live_a_day(number)
        day = START + timedelta(days=number)
        window = (f"--since={day.isoformat()}", f"--until={(day + timedelta(days=1)).isoformat()}")
        by_window.update(world.upstream.rev_list(*window, "main"))
        run_update(tmp_path, config, world.now.isoformat())
    all_commits = set(world.upstream.rev_list("main"))
    assert set(count_shas(tmp_path)) == all_commits
    lost = all_commits - by_window
    print(f"date windows lose {len(lost)} of {len(all_commits)} commits")
    assert len(lost) > len(all_commits) // 10
