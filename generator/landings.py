"""Write the day records of given landings: collect each commit, have it analysed, put its day together.

Only `following` calls this module; it must not know how the landings were found.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from generator.analyse.conventions import Conventions, learn_conventions
from generator.analyse.redact import redact
from generator.analyse.rules import analyse
from generator.collect.commits import read_changes, read_subjects
from generator.collect.landing import Landing
from generator.collect.mirror import Mirror
from generator.days import find_moment, find_window
from generator.progress import Report
from generator.records import (
    Change,
    Commit,
    DayRecord,
    Language,
    Outcome,
    Reason,
    Span,
    Tips,
    count_commits,
)
from generator.store.archive import Archive

# How many titles teach the analyser a repository's habits.
TITLES = 500
# How many commits are collected at once: enough to make processes cheap, few enough to hold in memory.
_BATCH = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """One repository as a run sees it: where it comes from, where its records go, and when now is.

    `asks_model` says that what the rules make of a new commit is there until a model was asked.
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


class Titles:
    """The titles that a repository's commits had before a day, from which the analyser learns its habits.

    What is learnt for a day depends on the graph before that day alone, so every run learns the same.
    """

    def __init__(self, mirror: Mirror) -> None:
        self._mirror = mirror
        self._subjects: dict[str, str] = {}

    def learn(self, before: str | None) -> Conventions:
        """Learn from the newest titles up to the mainline commit `before`, those of merges left out."""
        shas = [] if before is None else self._mirror.find_newest(before, TITLES)[::-1]
        unread = [sha for sha in shas if sha not in self._subjects]
        if unread:
            self._subjects.update(zip(unread, read_subjects(self._mirror, unread), strict=True))
        return learn_conventions(self._subjects[sha] for sha in shas)


def write_landings(followed: Followed, landings: Sequence[Landing], branch: str, written: Written) -> None:
    """Collect, analyse and write the days of these landings, oldest day first.

    A commit that its day's record holds already is left as it is, so a run that was cut short goes on where it
    stopped. Every record is whole when it is written.
    """
    by_day: dict[date, list[Landing]] = {}
    for landing in landings:
        by_day.setdefault(landing.day, []).append(landing)
    if not landings:
        return
    titles = Titles(followed.mirror)
    with followed.report.progress(f"{followed.name}: analysing", len(landings)) as task:
        for days in _batch_days(by_day):
            batch = {day: by_day[day] for day in days}
            for day in _write_days(followed, batch, branch, titles, written):
                task.advance(len(by_day[day]))


def _batch_days(by_day: Mapping[date, Sequence[Landing]]) -> Iterator[list[date]]:
    """Group whole days, oldest first, until a batch is full."""
    batch: list[date] = []
    size = 0
    for day in sorted(by_day):
        batch.append(day)
        size += len(by_day[day])
        if size >= _BATCH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _write_days(
    followed: Followed,
    by_day: Mapping[date, Sequence[Landing]],
    branch: str,
    titles: Titles,
    written: Written,
) -> Iterator[date]:
    existing = {day: followed.archive.find_day(followed.name, day) for day in by_day}
    missing = {day: _find_missing(landings, existing[day]) for day, landings in by_day.items()}
    shas = [landing.sha for landings in missing.values() for landing in landings]
    if shas:
        followed.mirror.fetch_contents(shas)
    changes = read_changes(followed.mirror, shas)
    for day, landings in by_day.items():
        if missing[day]:
            before = _find_before(existing[day], landings)
            conventions = titles.learn(before)
            # One at a time: a commit's patches are let go of when it is analysed.
            added = [_make_commit(followed, landing, next(changes), conventions) for landing in missing[day]]
            record = _make_record(followed, existing[day], landings, added, before, branch)
            followed.archive.write_day(record)
            written.commits += len(added)
            written.days.add(day)
        yield day


def _find_missing(landings: Sequence[Landing], existing: DayRecord | None) -> list[Landing]:
    known = {commit.sha for commit in existing.commits} if existing else set()
    return [landing for landing in landings if landing.sha not in known]


def _find_before(existing: DayRecord | None, landings: Sequence[Landing]) -> str | None:
    """Find the mainline commit before a day: what this run knows of the day begins it, or goes on with it."""
    shas = {landing.sha for landing in landings}
    goes_on = existing is not None and not shas.issuperset(commit.sha for commit in existing.commits)
    return existing.tips.before if existing is not None and goes_on else landings[0].before


def _make_record(
    followed: Followed,
    existing: DayRecord | None,
    landings: Sequence[Landing],
    added: Sequence[Commit],
    before: str | None,
    branch: str,
) -> DayRecord:
    """Put a day's record together from what it held and what is added, in landing order."""
    # In mainline order as far as this run knows it: what it does not know was archived before, and stays ahead.
    position = {landing.sha: number for number, landing in enumerate(landings)}
    commits = [*(existing.commits if existing else ()), *added]
    commits.sort(key=lambda commit: position.get(commit.sha, -1))
    day = landings[0].day
    window = find_window(day, followed.timezone)
    return DayRecord(
        repository=followed.name,
        branch=branch,
        day=day,
        timezone=followed.timezone.key,
        window=Span(start=window.start, end=window.end),
        tips=Tips(before=before, after=commits[-1].landing_sha),
        amended=(existing is not None and existing.amended) or any(landing.late for landing in landings),
        account=count_commits(commits),
        commits=tuple(commits),
    )


def _make_commit(followed: Followed, landing: Landing, change: Change, conventions: Conventions) -> Commit:
    landed = find_moment(landing.seconds)
    assert landed is not None  # a moment between 1970 and the fetch
    # First of all: what is quoted, from the message or from a diff, is quoted without secrets.
    change = redact(change)
    analysis = analyse(change, conventions, followed.language)
    if followed.asks_model and analysis.outcome is Outcome.OK:
        analysis = analysis.model_copy(update={"outcome": Outcome.PENDING, "reason": Reason.WAITING})
    # model_construct would be quicker, but what enters a record is checked.
    return Commit(**dict(change.facts), landing_sha=landing.landing_sha, landed=landed, analysis=analysis)
