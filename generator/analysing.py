"""Put the commits that wait for it before a model, and write what comes back into their day records.

Only `pipeline` calls this module; it must not know how a model is asked or what an analysis says.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from pathlib import Path
from threading import Lock

from generator.analyse.model.asking import Asker, Surroundings
from generator.analyse.model.asks import Asked, is_asked_again, is_waiting
from generator.analyse.model.commit_job import CommitJob
from generator.analyse.model.money import Spent
from generator.analyse.model.prices import find_price
from generator.analyse.model.prompt import COMMIT_VERSION
from generator.analyse.redact import redact
from generator.collect.commits import read_changes
from generator.config import AnalysisSettings, Config, find_setting
from generator.errors import ConfigError, RemoteError
from generator.landings import Followed
from generator.patches import Change
from generator.progress import Report, Task
from generator.records import Analysis, Commit, DayRecord, Importance, Outcome, Reason, Tokens
from generator.store.archive import Archive
from generator.store.replies import Batches, Journal, Replies, read_memory, remove_leftovers, write_memory
from generator.summaries import DaySummary
from generator.titles import Titles

_ORDER = tuple(Importance)
_MOST_FAILURES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """How a run may ask models: with which keys, by the name of their variable, and by which clock, in UTC.

    `retry` asks again what was given up or refused; `again` asks also about what only the rules have spoken of.
    """

    keys: Mapping[str, str]
    clock: Callable[[], datetime]
    retry: bool = False
    again: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """Why a model was not asked, or not to the end.

    `key` is the variable that holds its key, `detail` as in a record, `status` HTTP's, None where that did not say it.
    """

    model: str
    key: str
    reason: Reason
    detail: str
    status: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What a run asked of models, and what came of it.

    `calls`, `tokens` and `cost` (US dollars, None where no price is known) are of calls that were answered;
    `handed_in` counts the questions that went into batches, which cost `most_cost` at most.
    """

    calls: int
    tokens: Tokens
    cost: float | None
    analysed: int
    digests: int
    handed_in: int
    most_cost: float | None
    stopped: tuple[Stop, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """One commit that waits for a model."""

    day: date
    commit: Commit


def open_asker(root: Path, config: Config, asking: Asking) -> Asker:
    """Get ready to ask the models of archive.yml.

    Raises ConfigError for a budget in money where a model's price is not known.
    """
    settings = config.analysis
    for model in settings.models:
        if settings.budget.usd_per_day is not None and find_price(model) is None:
            file = root / "archive.yml"
            place = find_setting(file, "analysis", "budget", "usd_per_day") if file.is_file() else file.name
            raise ConfigError(
                f"{place}: usd_per_day is set, but the price of {model.name} is not known",
                "Write it beside the name, in US dollars per million tokens: `price: {input: …, output: …}`.",
            )
    remove_leftovers(root / ".daybook")
    journal = Journal(root / ".daybook" / "spending")

    def find_today() -> date:
        return asking.clock().astimezone(config.zone).date()

    def note_spent(spent: Spent) -> None:
        journal.add(
            find_today(),
            {
                "calls": spent.calls,
                "prompt": spent.prompt,
                "completion": spent.completion,
                "cost": spent.cost,
            },
        )

    around = Surroundings(
        keys=asking.keys,
        replies=Replies(root / ".daybook" / "replies"),
        batches=Batches(root / ".daybook" / "batches"),
        clock=asking.clock,
        spent=add_spent(journal, find_today()),
        note_spent=note_spent,
        memory=read_memory(root / ".daybook" / "models.json"),
        retry=asking.retry,
    )
    return Asker(settings, around)


def add_spent(journal: Journal, day: date) -> Spent:
    """Add up what was spent on a day; calls that had no price count as none, or no budget in money could be kept."""
    entries = (entry | {"cost": entry["cost"] or 0.0} for entry in journal.read(day))
    return sum((Spent(**entry) for entry in entries), Spent())


def close_asker(root: Path, asker: Asker) -> None:
    """Keep what the next run should know of the models that answered."""
    path = root / ".daybook" / "models.json"
    write_memory(path, read_memory(path) | asker.memory)


def find_waiting(archive: Archive, name: str, asking: Asking) -> list[Waiting]:
    """Find the commits of a repository that a model is to be asked about."""
    return [
        Waiting(day=summary.day, commit=commit)
        for summary in archive.find_open_days(name)
        if _has_waiting(summary, asking)
        for commit in archive.read_day(name, summary.day).commits
        if not commit.gone and _is_waiting(commit.analysis, asking)
    ]


def _has_waiting(summary: DaySummary, asking: Asking) -> bool:
    return any(
        is_asked_again(missing.outcome, missing.runs, missing.version, COMMIT_VERSION, retry=asking.retry)
        for missing in summary.missing
    )


def _is_waiting(analysis: Analysis, asking: Asking) -> bool:
    return is_waiting(analysis.outcome, analysis.trial, COMMIT_VERSION, retry=asking.retry)


def reopen(archive: Archive, name: str, since: date, until: date | None) -> set[date]:
    """Put the commits of past days that only the rules have spoken of among those that wait; say which days changed."""
    days = [day for day in archive.days(name) if since <= day and (until is None or day <= until)]
    return {day for day in days if _rewrite(archive, archive.read_day(name, day), _reopen_commit)}


def _reopen_commit(commit: Commit) -> Analysis:
    analysis = commit.analysis
    if commit.gone or analysis.outcome is not Outcome.OK or analysis.provenance.writer != "rules":
        return analysis
    return analysis.model_copy(update={"outcome": Outcome.PENDING, "reason": Reason.WAITING})


def leave_to_rules(archive: Archive, name: str) -> None:
    """Leave to the rules what waits for a model, now that archive.yml names none."""
    for summary in archive.find_open_days(name):
        if summary.counts.incomplete:
            _rewrite(archive, archive.read_day(name, summary.day), _leave_commit)


def _leave_commit(commit: Commit) -> Analysis:
    analysis = commit.analysis
    if analysis.outcome not in (Outcome.PENDING, Outcome.FAILED):
        return analysis
    return analysis.model_copy(update={"outcome": Outcome.OK, "reason": None, "detail": None})


def let_go(archive: Archive, name: str) -> None:
    """Leave what a force-push removed to the rules: nobody waits for it any more."""
    for summary in archive.find_open_days(name):
        if summary.gone and summary.counts.incomplete:
            _rewrite(archive, archive.read_day(name, summary.day), _let_go_commit)


def _let_go_commit(commit: Commit) -> Analysis:
    return _leave_commit(commit) if commit.gone else commit.analysis


def _rewrite(archive: Archive, record: DayRecord, find_analysis: Callable[[Commit], Analysis]) -> bool:
    return archive.write_commits(
        record,
        (commit.model_copy(update={"analysis": find_analysis(commit)}) for commit in record.commits),
    )


def analyse_waiting(
    followed: Sequence[Followed], asker: Asker, asking: Asking, settings: AnalysisSettings, report: Report
) -> int:
    """Ask about all that waits, earlier days first, and of a day the important commits first; count what was analysed.

    A day's record is written as soon as the last of its commits is told; replies are kept before, so that a run that
    is killed has paid for nothing in vain but the calls in flight.
    """
    by_name = {one.name: one for one in followed}
    asker.collect()
    waiting = [
        (one.name, each)
        for one in followed
        for each in find_waiting(one.archive, one.name, asking)
        if not asker.is_under_way(f"{one.name}/{each.commit.sha}")
    ]
    waiting.sort(key=_find_rank)
    if not waiting:
        return 0
    with report.progress("asking models", len(waiting)) as task:
        desk = _Desk(by_name, waiting, task)
        try:
            with closing(_Supply(_prepare(by_name, waiting, settings.parts, desk))) as jobs:
                if settings.batch:
                    asker.ask_by_batch(jobs, desk.tell)
                else:
                    asker.ask_all(jobs, desk.tell)
        finally:
            desk.close(asker.ending)
    return desk.analysed


class _Supply(Iterator[CommitJob]):
    """Hands out jobs to a thread, and is closed by another one when the run is stopped: never both at once."""

    def __init__(self, jobs: Generator[CommitJob, None, None]) -> None:
        self._jobs = jobs
        self._taking = Lock()

    def __next__(self) -> CommitJob:
        with self._taking:
            return next(self._jobs)

    def close(self) -> None:
        """End what is under way, such as git's processes."""
        with self._taking:
            self._jobs.close()


def _find_rank(found: tuple[str, Waiting]) -> tuple[int, date, int, str]:
    """Rank a commit: what was asked about in vain comes after what was not, lest it stand in the others' way.

    First of all comes what an imported report has no analysis of: it has waited for the longest time.
    """
    name, waiting = found
    analysis = waiting.commit.analysis
    runs = analysis.trial.runs if analysis.trial else -1 if analysis.original is not None else 0
    return runs, waiting.day, _ORDER.index(analysis.importance), name


def _prepare(
    followed: Mapping[str, Followed], waiting: Iterable[tuple[str, Waiting]], parts: int, desk: _Desk
) -> Generator[CommitJob, None, None]:
    """Collect the commits again, in their order; those that cannot be had are told to the desk."""
    titles = {name: Titles(one.mirror) for name, one in followed.items()}
    for (_, day, _, name), group in groupby(waiting, _find_rank):
        one = followed[name]
        wanted = [each for _, each in group]
        readable = _fetch(one, wanted)
        desk.give_up(name, [each for each in wanted if each not in readable])
        if not readable:
            continue
        conventions = titles[name].learn(one.archive.read_day(name, day).tips.before)
        for each, change in _collect(one, readable, desk):
            yield CommitJob(
                repository=name,
                change=redact(change),
                conventions=conventions,
                rules=each.commit.analysis,
                language=one.language,
                parts=parts,
            )


def _fetch(one: Followed, wanted: Sequence[Waiting]) -> list[Waiting]:
    """Fetch the contents of commits, and say of which they are there: one that is damaged must hide no other.

    Where several by themselves cannot be had either, the remote is away, and asking on would only take time.
    """
    try:
        one.mirror.fetch_contents([each.commit.sha for each in wanted])
        return list(wanted)
    except RemoteError as error:
        one.report.step(str(error))
    readable: list[Waiting] = []
    failures = 0
    for each in wanted if len(wanted) > 1 else ():
        try:
            one.mirror.fetch_contents([each.commit.sha])
            readable.append(each)
        except RemoteError:
            failures += 1
            if failures == _MOST_FAILURES:
                break
    return readable


def _collect(
    one: Followed, wanted: Sequence[Waiting], desk: _Desk
) -> Generator[tuple[Waiting, Change], None, None]:
    """Collect commits; where one is damaged, each of the rest by itself, so that it hides no other."""
    done = 0
    try:
        for change in read_changes(one.mirror, [each.commit.sha for each in wanted]):
            yield wanted[done], change
            done += 1
    except RemoteError as error:
        rest = wanted[done:]
        if len(rest) > 1:
            for each in rest:
                yield from _collect(one, [each], desk)
        else:
            one.report.step(str(error))
            desk.give_up(one.name, rest)


class _Desk:
    """Gathers what comes back, and writes a day's record when the last of its commits is told."""

    def __init__(
        self, followed: Mapping[str, Followed], waiting: Sequence[tuple[str, Waiting]], task: Task
    ) -> None:
        self._followed = followed
        self._task = task
        # Commits are collected in another thread than answers arrive in.
        self._telling = Lock()
        self._days = {(name, each.commit.sha): each.day for name, each in waiting}
        self._open = Counter((name, each.day) for name, each in waiting)
        self._told: dict[tuple[str, date], dict[str, Asked[Analysis]]] = defaultdict(dict)
        self.analysed = 0

    def tell(self, job: CommitJob, answer: Asked[Analysis]) -> None:
        """Take what came of one commit."""
        self._tell(job.repository, job.sha, answer)

    def give_up(self, name: str, waiting: Iterable[Waiting]) -> None:
        """Take that commits could not be collected again."""
        for each in waiting:
            if (name, each.commit.sha) in self._days:
                answer: Asked[Analysis] = Asked(
                    outcome=Outcome.PENDING, reason=Reason.UNREADABLE, trial=each.commit.analysis.trial
                )
                self._tell(name, each.commit.sha, answer)

    def _tell(self, name: str, sha: str, answer: Asked[Analysis]) -> None:
        with self._telling:
            place = name, self._days.pop((name, sha))
            self._told[place][sha] = answer
            self._open[place] -= 1
            self.analysed += answer.outcome is Outcome.OK
            self._task.advance(1)
            if not self._open[place]:
                self._write(place, self._told.pop(place))

    def close(self, ending: tuple[Reason, str | None] | None) -> None:
        """Write what is left: days that were not told to the end, and why the rest of them was not asked about."""
        if ending is not None:
            for (name, sha), day in self._days.items():
                self._told[name, day][sha] = Asked(
                    outcome=Outcome.PENDING, reason=ending[0], detail=ending[1]
                )
        for place, told in self._told.items():
            self._write(place, told)

    def _write(self, place: tuple[str, date], told: Mapping[str, Asked[Analysis]]) -> None:
        name, day = place
        archive = self._followed[name].archive

        def find_analysis(commit: Commit) -> Analysis:
            answer = told.get(commit.sha)
            return commit.analysis if answer is None else _settle(commit.analysis, answer)

        _rewrite(archive, archive.read_day(name, day), find_analysis)


def _settle(rules: Analysis, answer: Asked[Analysis]) -> Analysis:
    """Put the model's analysis in the place of the rules', or say beside the rules' why there is none."""
    if answer.value is not None:
        return answer.value.model_copy(update={"provenance": answer.provenance})
    told = {"outcome": answer.outcome, "reason": answer.reason, "detail": answer.detail}
    return rules.model_copy(update=told | {"trial": answer.trial or rules.trial})


def sum_up(asker: Asker, analysed: int, digests: int) -> Usage:
    """Say what a run asked, and that so many commits and digests came of it."""
    spent = asker.spent
    return Usage(
        calls=spent.calls,
        tokens=spent.tokens,
        cost=spent.cost,
        analysed=analysed,
        digests=digests,
        handed_in=asker.committed.calls,
        most_cost=asker.committed.cost,
        stopped=tuple(_find_stops(asker)),
    )


def _find_stops(asker: Asker) -> Iterator[Stop]:
    for lane in asker.lanes:
        if lane.stopped:
            yield Stop(
                model=lane.model.name,
                key=lane.model.key,
                reason=lane.stopped.reason,
                detail=lane.stopped.detail,
                status=lane.stopped.status,
            )
