"""Over any history of a real repository and any runs, every commit is archived on one day, and stays there."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator import finding, following
from generator.collect.landing import Before, Landing, find_landings
from generator.collect.mirror import Mirror, Node, Tip
from generator.days import find_day
from generator.errors import RemoteError
from generator.following import update_repository, write_failure
from generator.landings import Followed
from generator.records import DayRecord
from generator.store.archive import Archive
from generator.store.marks import link_commits
from tests.archives import NAME
from tests.mutants import find_failure
from tests.people import PEACEFUL, VIOLENT, People, Step, plan
from tests.quiet import QuietReport
from tests.soak import IS_LONG, count_cases, try_examples

ALL_DAYS = 1_000_000


class Story(NamedTuple):
    """What happens, and how the archive is set up."""

    steps: list[Step]
    zone: str
    first_days: int
    has_files: bool


def tell(actions: list[str], first_days: list[int]) -> st.SearchStrategy[Story]:
    zones = st.sampled_from(["UTC", "Asia/Shanghai", "America/New_York"])
    return st.builds(Story, plan(actions, 25), zones, st.sampled_from(first_days), st.booleans())


class StandingMirror(Mirror):
    """The repository itself in the place of its mirror: all that git reads, and nothing that it transfers."""

    def fetch(self, branch: str | None, tell: Callable[[str, int], None]) -> Tip:
        del branch, tell
        name = (self.folder / "HEAD").read_text().strip().removeprefix("ref: refs/heads/")
        path = self.folder / "refs" / "heads" / name
        if not path.exists():
            raise RemoteError(f"{self.name}: there is no branch '{name}'", "Name another.")
        return Tip(name, path.read_text().strip())

    def fetch_contents(self, shas: object) -> None:
        del shas


class Watch:
    """An archive that is brought up to date now and then, and what it must hold."""

    def __init__(self, folder: Path, story: Story, *, transfers: bool) -> None:
        self.people = People(folder / "up", has_files=story.has_files)
        self._story = story
        self._transfers = transfers
        self._folder = folder
        self.archive = Archive(folder / "docs")
        self.seen: set[str] = set()
        self.tip: str | None = None
        # Whether every run found the mainline of the one before it under its own.
        self.is_steady = True

    def play(self) -> None:
        """Let everything happen, and run once more."""
        for step in self._story.steps:
            if step.action == "run":
                self.run()
            elif step.action == "lose_mirror":
                self.lose_mirror()
            else:
                self.people.act(step)
        self.people.act(Step("work", 0, 0))
        self.run()

    def run(self) -> None:
        """Bring the archive up to date."""
        followed = self.follow(self.archive, "mirror")
        if self.people.is_away:
            try:
                update_repository(followed, self._story.first_days)
            except RemoteError as error:
                write_failure(followed, error)
            else:
                pytest.fail("there was no branch")
            return
        update_repository(followed, self._story.first_days)
        tip = self.people.tip
        self.is_steady &= self.tip is None or self.tip in self.people.find_mainline(tip)
        self.tip = tip
        self.seen |= self.people.reach(tip)

    def lose_mirror(self) -> None:
        """Take the mirror away, which is no part of the archive."""
        shutil.rmtree(self._folder / "mirror", ignore_errors=True)

    def follow(self, archive: Archive, mirror: str) -> Followed:
        """Follow the repository as of now."""
        upstream = self.people.repository.folder
        made = (
            Mirror(self._folder / mirror, NAME, str(upstream))
            if self._transfers
            else StandingMirror(upstream, NAME, str(upstream))
        )
        return Followed(
            name=NAME,
            branch=None,
            web=None,
            archive=archive,
            mirror=made,
            timezone=ZoneInfo(self._story.zone),
            language="en",
            now=self.people.now,
            report=QuietReport(),
        )

    def read_at_once(self) -> dict[date, DayRecord]:
        """Archive everything at once, as of now."""
        archive = Archive(self._folder / "once")
        update_repository(self.follow(archive, "mirror"), ALL_DAYS)
        return read_records(archive)


def read_records(archive: Archive) -> dict[date, DayRecord]:
    # A record says what the branch was called then, which is not the graph's to know.
    records = {day: archive.read_day(NAME, day) for day in archive.days(NAME)}
    return {day: record.model_copy(update={"branch": "main"}) for day, record in records.items()}


def check_story(story: Story, folder: Path, *, transfers: bool) -> None:
    """Check what the archive holds after a story."""
    with tempfile.TemporaryDirectory(dir=folder) as name:
        watch = Watch(Path(name), story, transfers=transfers)
        watch.play()
        records = read_records(watch.archive)
        commits = [commit for record in records.values() for commit in record.commits]
        counts = Counter(commit.sha for commit in commits)
        assert set(counts.values()) == {1}
        reachable = watch.people.reach(watch.people.tip)
        assert {commit.sha for commit in commits if commit.gone} == counts.keys() - reachable
        assert counts.keys() <= watch.seen
        record = watch.archive.find_repository(NAME)
        assert record is not None
        assert (record.tip, record.branch, record.writing, record.failure) == (
            watch.people.tip,
            watch.people.tracked,
            None,
            None,
        )
        if story.first_days == ALL_DAYS:
            assert counts.keys() == watch.seen
        if watch.is_steady:
            once = watch.read_at_once()
            looked_at = {
                day for day in once if any(span.first <= day <= span.last for span in record.covered)
            }
            assert records.keys() == (once.keys() if story.first_days == ALL_DAYS else looked_at)
            if story.first_days != ALL_DAYS:
                # What is not archived is related to nothing.
                records, once = part(records), part(once)
            assert records == {day: once[day] for day in records}


def part(records: Mapping[date, DayRecord]) -> dict[date, DayRecord]:
    """Take away what commits are told of each other."""
    return {
        day: record.model_copy(
            update={
                "commits": tuple(commit.model_copy(update={"related": None}) for commit in record.commits)
            }
        )
        for day, record in records.items()
    }


STORIES = {
    "nothing is rewritten": tell(PEACEFUL, [ALL_DAYS]),
    "anything may happen": tell(VIOLENT, [ALL_DAYS]),
    "the archive begins late": tell(PEACEFUL, [1, 2, 5]),
    "it begins late, and anything may happen": tell(VIOLENT, [1, 2, 5]),
}


@pytest.mark.parametrize("title", STORIES)
def test_every_commit_of_a_history_is_archived_on_one_day(title: str, tmp_path: Path) -> None:
    with count_cases(f"histories: {title}") as count:

        @given(story=STORIES[title])
        @try_examples(50, 2_500)
        def check(story: Story) -> None:
            count.add()
            check_story(story, tmp_path, transfers=IS_LONG)

        check()


def _date_window(followed: Followed, archived: str, tip: str) -> dict[str, Node]:
    """Find what is new as `git log --since` does: by the date of what was archived last."""
    since = {node.sha: node for node in followed.mirror.walk(archived, (), "--max-count=1")}[archived].seconds
    new = followed.mirror.walk(tip, [archived])
    return {node.sha: node for node in new if node.seconds >= since or node.sha == tip}


def _own_date(
    graph: Mapping[str, Node], tip: str, before: Before, fetched: int, timezone: ZoneInfo
) -> Iterator[Landing]:
    """Place a commit on the day of its own committer date."""
    for landing in find_landings(graph, tip, before, fetched, timezone):
        day = find_day(min(graph[landing.sha].seconds, landing.seconds), timezone)
        assert day is not None
        yield replace(landing, day=day)


def _link_once(archive: Archive, name: str) -> set[date]:
    """Write what belongs together, and never again."""
    return set() if archive.find_related(name) else link_commits(archive, name)


# What each puts in the place of which part of the run, and a title under which it must be noticed.
MUTANTS = {
    "new is what is dated later": (finding, "_walk_new", _date_window, "nothing is rewritten"),
    "every commit on its own day": (finding, "find_landings", _own_date, "nothing is rewritten"),
    "old tips are always kept": (finding, "_is_kept", lambda *_: True, "anything may happen"),
    "nothing is archived elsewhere": (
        finding,
        "keep_days",
        lambda landings, _: list(landings),
        "anything may happen",
    ),
    "nothing is ever gone": (following, "mark_gone", lambda *_: set(), "anything may happen"),
    "what belongs together is said once": (following, "link_commits", _link_once, "nothing is rewritten"),
    "a late push comes alone": (
        finding,
        "_complete",
        lambda *given: given[4],
        "the archive begins late",
    ),
}


@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_run_that_is_wrong_is_caught(mutant: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module, name, wrong, title = MUTANTS[mutant]
    monkeypatch.setattr(module, name, wrong)
    check = partial(check_story, folder=tmp_path, transfers=False)
    assert find_failure(check, STORIES[title], examples=200)
