"""Write the day records of given landings: have each commit collected and analysed, put its day together.

Only `following` calls this module; it must not know how the landings were found. Workers gather the commits, here
or elsewhere; this process alone holds the archive's lock, fetches into its mirror, asks models and writes records, so
nothing is paid for twice and no key leaves it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby, islice
from zoneinfo import ZoneInfo

from generator.collect.landing import Landing
from generator.collect.mirror import Mirror, Tip
from generator.days import find_window
from generator.gathering import Unit, find_source, gather
from generator.progress import Report, Task
from generator.records import Commit, DayRecord, Language, Span, Tips, count_commits
from generator.store.archive import Archive
from generator.workers import HERE, Workers

# A worker's piece: a month, or so many commits of it.
_UNIT = 500
# How many commits' contents are fetched at once: a fetch costs round trips, whatever it brings.
_BATCH = 400
# Up to so many are analysed sooner than processes are started.
_FEW = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """One repository as a run sees it: where it comes from, where its records go, and when now is.

    `asks_model` says that what the rules make of a new commit is there until a model was asked. `workers` gather what
    is new. `fetching` waits for a fetch that was begun already.
    """

    name: str
    branch: str | None
    web: str | None
    archive: Archive
    mirror: Mirror
    timezone: ZoneInfo
    language: Language
    now: datetime
    report: Report
    asks_model: bool = False
    workers: Workers = HERE
    fetching: Callable[[], Tip] | None = None

    def fetch(self) -> Tip:
        """Bring the mirror up to the tracked branch, and say where that stands. Raises RemoteError."""
        if self.fetching is not None:
            return self.fetching()
        with self.report.progress(f"{self.name}: fetching", 100) as task:
            return self.mirror.fetch(self.branch, task.reach)

    @property
    def today(self) -> date:
        """The calendar day of `now` in the archive's time zone."""
        return self.now.astimezone(self.timezone).date()

    @property
    def seconds(self) -> int:
        """The moment of the fetch, in seconds since the epoch."""
        return int(self.now.timestamp())


@dataclass(slots=True, kw_only=True)
class Written:
    """What a run did for one repository: the days whose record changed, and how many commits it added."""

    days: set[date] = field(default_factory=set)
    commits: int = 0


def write_landings(
    followed: Followed,
    landings: Sequence[Landing],
    branch: str,
    written: Written,
    join: Callable[[Commit], Commit] | None = None,
) -> None:
    """Have these landings collected and analysed, and write their days.

    `join` puts to a commit what a report told of it before.

    A commit that its day's record holds already is left as it is, so a run that was cut short goes on where it
    stopped. Every record is whole when it is written; they are written as they come, in no order that means anything:
    until the run has ended, its mark in the repository's record says that days may be missing.
    """
    if not landings:
        return
    with followed.report.progress(f"{followed.name}: analysing", len(landings)) as task:
        desk = _Desk(followed, landings, branch, written, task, join or _keep)
        workers = _choose_workers(followed.workers, len(landings))
        with closing(workers.run(gather, desk.hand_out(is_near=workers.is_near))) as run:
            for unit, commits in run:
                desk.take(unit, commits)


def _keep(commit: Commit) -> Commit:
    return commit


def _choose_workers(workers: Workers, commits: int) -> Workers:
    return workers if workers.is_asked_for or commits > _FEW else HERE


class _Desk:
    """Hands out what is missing, and writes a day's record when the last of its commits is there."""

    def __init__(
        self,
        followed: Followed,
        landings: Iterable[Landing],
        branch: str,
        written: Written,
        task: Task,
        join: Callable[[Commit], Commit],
    ) -> None:
        self._join = join
        self._followed = followed
        self._branch = branch
        self._written = written
        self._task = task
        self._by_day: dict[date, list[Landing]] = defaultdict(list)
        for landing in landings:
            self._by_day[landing.day].append(landing)
        self._open: dict[date, int] = {}
        self._added: dict[date, list[Commit]] = defaultdict(list)

    def hand_out(self, *, is_near: bool) -> Iterator[Unit]:
        """Cut what is missing into units, oldest first; for workers that are near, their contents are there."""
        for batch in _batch(_cut(self._find_missing())):
            if is_near:
                self._followed.mirror.fetch_contents(
                    [landing.sha for landings in batch for landing in landings]
                )
            source = find_source(self._followed.mirror, self._followed.branch, is_fetched=is_near)
            for landings in batch:
                yield Unit(
                    source=source,
                    landings=landings,
                    befores={
                        day: self._find_before(day) for day in {landing.day: None for landing in landings}
                    },
                    language=self._followed.language,
                    asks_model=self._followed.asks_model,
                )

    def take(self, unit: Unit, commits: Sequence[Commit]) -> None:
        """Take what was gathered, and write the days that are complete now."""
        for landing, commit in zip(unit.landings, commits, strict=True):
            self._added[landing.day].append(self._join(commit))
        for day in unit.befores:
            if len(self._added[day]) == self._open[day]:
                self._write(day, self._added.pop(day))

    def _find_missing(self) -> Iterator[Landing]:
        for day, landings in sorted(self._by_day.items()):
            existing = self._find_day(day)
            known = (
                {commit.sha for commit in existing.commits if not commit.is_only_told} if existing else set()
            )
            missing = [landing for landing in landings if landing.sha not in known]
            self._open[day] = len(missing)
            if not missing:
                self._task.advance(len(landings))
            yield from missing

    def _find_day(self, day: date) -> DayRecord | None:
        return self._followed.archive.find_day(self._followed.name, day)

    def _find_before(self, day: date) -> str | None:
        return _find_before(self._find_day(day), self._by_day[day])

    def _write(self, day: date, added: Sequence[Commit]) -> None:
        landings = self._by_day[day]
        record = _make_record(self._followed, self._find_day(day), landings, added, self._branch)
        self._followed.archive.write_day(record)
        self._written.commits += len(added)
        self._written.days.add(day)
        self._task.advance(len(landings))


def _cut(landings: Iterator[Landing]) -> Iterator[tuple[Landing, ...]]:
    """Cut landings, oldest day first, into months, and months that are too large into parts."""
    for _, month in groupby(landings, lambda landing: (landing.day.year, landing.day.month)):
        while part := tuple(islice(month, _UNIT)):
            yield part


def _batch(parts: Iterable[tuple[Landing, ...]]) -> Iterator[list[tuple[Landing, ...]]]:
    """Put parts together until there are enough commits for a fetch."""
    batch: list[tuple[Landing, ...]] = []
    for part in parts:
        batch.append(part)
        if sum(map(len, batch)) >= _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _find_before(existing: DayRecord | None, landings: Sequence[Landing]) -> str | None:
    """Find the mainline commit before a day: what this run knows of the day begins it, or goes on with it."""
    shas = {landing.sha for landing in landings}
    known = (commit.sha for commit in (existing.commits if existing else ()) if not commit.is_only_told)
    goes_on = not shas.issuperset(known)
    return existing.tips.before if existing is not None and goes_on else landings[0].before


def _make_record(
    followed: Followed,
    existing: DayRecord | None,
    landings: Sequence[Landing],
    added: Sequence[Commit],
    branch: str,
) -> DayRecord:
    """Put a day's record together from what it held and what is added, in landing order."""
    # In mainline order as far as this run knows it: what it does not know was archived before, and stays ahead.
    position = {landing.sha: number for number, landing in enumerate(landings)}
    # What only a report told of is replaced by what git says of it.
    new = {commit.sha for commit in added}
    commits = [commit for commit in (existing.commits if existing else ()) if commit.sha not in new]
    commits += added
    commits.sort(key=lambda commit: position.get(commit.sha, -1))
    day = landings[0].day
    window = find_window(day, followed.timezone)
    return DayRecord(
        repository=followed.name,
        branch=branch,
        day=day,
        timezone=followed.timezone.key,
        window=Span(start=window.start, end=window.end),
        tips=Tips(before=_find_before(existing, landings), after=commits[-1].landing_sha),
        amended=(existing is not None and existing.amended) or any(landing.late for landing in landings),
        account=count_commits(commits),
        commits=tuple(commits),
        report=existing.report if existing else None,
    )
