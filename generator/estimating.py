"""Work out what asking models costs: what was spent, and what a run would ask, without asking anything.

Only `pipeline` calls this module; it must not write a record, a page or a reply.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from pathlib import Path

from generator.analyse.conventions import Conventions
from generator.analyse.evidence import gather_evidence
from generator.analyse.model.asks import Ask, find_room, is_asked_again
from generator.analyse.model.digest_plan import DIGEST_VERSION, DigestSubject, plan_day, plan_month
from generator.analyse.model.money import NOTHING, Spent, find_cost, find_left, fits
from generator.analyse.model.plan import Plan, plan_commit
from generator.analyse.model.prices import find_price, find_window
from generator.analyse.model.tokens import estimate_tokens
from generator.analyse.redact import redact
from generator.analyse.rules import analyse
from generator.analysing import Asking, add_spent, find_waiting
from generator.collect.commits import read_changes
from generator.collect.landing import Before, Landing, find_landings
from generator.config import AnalysisSettings, Budget, Config, ModelSettings
from generator.errors import RemoteError
from generator.following import preview_repository
from generator.landings import Followed
from generator.patches import Change
from generator.records import ACROSS, Commit, Importance, Language, Outcome, Reason, Tokens
from generator.store.archive import Archive
from generator.store.replies import Journal
from generator.titles import Titles

# Tokens of one answer, reasoning included: what small reasoning models write for a commit of middling size.
_ANSWER = 1_500
# Tokens of a digest's answer, of what stands in its question for one commit, and, in a month's, for one day.
_DIGEST_ANSWER = 900
_DIGEST_COMMIT = 300
_DIGEST_DAY = 1_000
# Of a day with less, no model is asked for a digest.
_LEAST_COMMITS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """What models have answered: `cost` is in US dollars, without that of the `unpriced` calls, which nobody knows."""

    calls: int
    tokens: Tokens
    cost: float
    unpriced: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Spending:
    """What was spent today and in this month, as far as this machine knows, and what today's budget still allows.

    What was handed in as a batch counts on that day, with the most it can cost.
    """

    today: Bill
    month: Bill
    left: Budget


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryEstimate:
    """What a run would ask about one repository; `cost` is in US dollars, None where no price is known.

    Tokens are an upper estimate: without the model's own tokenizer nobody can count them. `new` of the commits are
    not archived yet.
    """

    name: str
    commits: int
    new: int
    calls: int
    prompt_tokens: int
    completion_tokens: int
    cost: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What a run would ask of the first model.

    `digests` is what the digests of days and months take. `left` is what today's budget still allows, None where
    there is no limit; `waiting` says how many commits would have to wait for another day. `days` are those that a
    backfill is to be about, None for an update. `unseen` are repositories that could not be looked at.
    """

    model: str
    is_priced: bool
    repositories: tuple[RepositoryEstimate, ...]
    digests: Spent
    left: Budget
    waiting: int
    days: tuple[date, date | None] | None = None
    unseen: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """One commit that would be asked about."""

    name: str
    day: date
    importance: Importance
    is_new: bool
    spent: Spent


def read_spending(root: Path, config: Config, now: datetime) -> Spending:
    """Read what was spent from the journal under .daybook/."""
    journal = Journal(root / ".daybook" / "spending")
    today = now.astimezone(config.zone).date()
    month = [today - timedelta(days=number) for number in range(today.day)]
    return Spending(
        today=_add_up(journal, [today]),
        month=_add_up(journal, month),
        left=find_left(config.analysis.budget, add_spent(journal, today)),
    )


def _add_up(journal: Journal, days: Iterable[date]) -> Bill:
    days = list(days)
    spent = sum((add_spent(journal, day) for day in days), NOTHING)
    unpriced = sum(entry["calls"] for day in days for entry in journal.read(day) if entry["cost"] is None)
    return Bill(calls=spent.calls, tokens=spent.tokens, cost=spent.cost or 0.0, unpriced=unpriced)


def estimate_repositories(
    root: Path,
    config: Config,
    followed: Sequence[Followed],
    now: datetime,
    days: tuple[date, date | None] | None = None,
) -> Estimate:
    """Look at every repository as an update would, or a backfill of `days`, and count."""
    settings = config.analysis
    model = settings.models[0]
    wanted: list[_Wanted] = []
    unseen: list[str] = []
    for one in followed:
        try:
            wanted += list(_find_wanted(one, config, days))
        except RemoteError as error:
            one.report.step(str(error))
            unseen.append(one.name)
    spent = add_spent(Journal(root / ".daybook" / "spending"), now.astimezone(config.zone).date())
    return Estimate(
        model=model.name,
        is_priced=find_price(model) is not None,
        repositories=tuple(
            _sum_up(one.name, [each for each in wanted if each.name == one.name]) for one in followed
        ),
        digests=sum(_price_digests(followed, wanted, model, config.language), NOTHING),
        left=find_left(settings.budget, spent),
        waiting=_count_waiting(wanted, settings.budget, spent),
        days=days,
        unseen=tuple(unseen),
    )


def _find_wanted(one: Followed, config: Config, days: tuple[date, date | None] | None) -> Iterator[_Wanted]:
    """Find what waits in the archive, then what landed since; analyse and pack it as a run would."""
    landings = preview_repository(one, config.first_days)
    archived = _find_archived(one, days)
    if days is not None:
        landings = (*landings, *_find_unarchived(one, days))
    befores = {landing.day: landing.before for landing in reversed(landings)}
    befores |= {day: one.archive.read_day(one.name, day).tips.before for day in set(archived.values())}
    found = {landing.sha: landing.day for landing in landings} | archived
    titles = Titles(one.mirror)
    in_order = sorted((day, sha) for sha, day in found.items())
    with one.report.progress(f"{one.name}: estimating", len(found)) as task:
        for day, group in groupby(in_order, lambda each: each[0]):
            shas = [sha for _, sha in group]
            one.mirror.fetch_contents(shas)
            conventions = titles.learn(befores[day])
            for change in read_changes(one.mirror, shas):
                task.advance(1)
                if priced := _price_change(redact(change), conventions, one.language, config.analysis):
                    importance, spent = priced
                    yield _Wanted(
                        name=one.name,
                        day=day,
                        importance=importance,
                        is_new=change.facts.sha not in archived,
                        spent=spent,
                    )


def _price_change(
    change: Change, conventions: Conventions, language: Language, settings: AnalysisSettings
) -> tuple[Importance, Spent] | None:
    """Say how important the rules find a commit and what its questions cost; None where it needs none."""
    rules = analyse(change, conventions, language)
    if rules.outcome is not Outcome.OK:
        return None
    model = settings.models[0]
    evidence = gather_evidence(change, conventions)
    plan = plan_commit(change, evidence, rules, language, find_window(model), settings.parts)
    return rules.importance, _price_commit(plan, model, is_batch=settings.batch)


def _find_archived(one: Followed, days: tuple[date, date | None] | None) -> dict[str, date]:
    """Find the archived commits that a run would ask about; what lies in a batch is asked already."""
    asking = Asking(keys={}, clock=lambda: one.now)
    waiting = find_waiting(one.archive, one.name, asking)
    found = {each.commit.sha: each.day for each in waiting if each.commit.analysis.reason is not Reason.BATCH}
    for day in one.archive.days(one.name) if days else ():
        if _is_among(day, days):
            commits = one.archive.read_day(one.name, day).commits
            found |= {commit.sha: day for commit in commits if _is_by_rules_alone(commit)}
    return found


def _is_by_rules_alone(commit: Commit) -> bool:
    analysis = commit.analysis
    return not commit.gone and analysis.outcome is Outcome.OK and analysis.provenance.writer == "rules"


def _is_among(day: date, days: tuple[date, date | None] | None) -> bool:
    return days is None or (days[0] <= day and (days[1] is None or day <= days[1]))


def _find_unarchived(one: Followed, days: tuple[date, date | None]) -> Iterator[Landing]:
    """Find what a backfill of these days would add."""
    known = one.archive.commit_days(one.name)
    tip = one.mirror.fetch(one.branch, lambda *_: None).sha
    graph = {node.sha: node for node in one.mirror.walk(tip)}
    for landing in find_landings(graph, tip, Before(), one.seconds, one.timezone):
        if landing.sha not in known and _is_among(landing.day, days):
            yield landing


def _price_commit(plan: Plan, model: ModelSettings, *, is_batch: bool) -> Spent:
    """Add up a commit's calls, with the one that joins several parts."""
    sizes = [_measure(ask) for ask in plan.asks]
    joining = [len(sizes) * _ANSWER + min(sizes)] if len(sizes) > 1 else []
    return sum((_price(size, _ANSWER, model, is_batch=is_batch) for size in [*sizes, *joining]), NOTHING)


def _measure(ask: Ask) -> int:
    return sum(estimate_tokens(message.content) for message in ask.messages)


def _price(prompt: int, answer: int, model: ModelSettings, *, is_batch: bool = False) -> Spent:
    cost = find_cost(Tokens(prompt=prompt, completion=answer), 0, find_price(model), is_batch=is_batch)
    return Spent(calls=1, prompt=prompt, completion=answer, cost=cost)


def _price_digests(
    followed: Sequence[Followed], wanted: Sequence[_Wanted], model: ModelSettings, language: Language
) -> Iterator[Spent]:
    """Price the digests of all days and months that are over and that a run would touch, or that wait for a model.

    Digests are asked for live, also where commits go by batch.
    """
    if not followed:
        return
    shelf = _Shelf(followed[0].archive, [one.name for one in followed], wanted)
    window = find_window(model)
    most = window - find_room(window)
    today = str(followed[0].today)
    for scope in (*shelf.chosen, ACROSS):
        for period in sorted(shelf.find_periods(scope)):
            if period < today[: len(period)] and (material := shelf.measure(scope, period)):
                subject = DigestSubject(scope=scope, period=period, language=language, sources=())
                is_day = len(period) > len("2026-01")
                empty = plan_day(subject, window) if is_day else plan_month(subject, (), window)
                yield _price(min(_measure(empty.ask) + material, most), _DIGEST_ANSWER, model)


class _Shelf:
    """Knows how many commits a day or a month has, the archived and the new ones."""

    def __init__(self, archive: Archive, chosen: Sequence[str], wanted: Iterable[_Wanted]) -> None:
        self._archive = archive
        self.chosen = chosen
        self._wanted = list(wanted)
        # By repository and day, such as `2026-01-06`; None where the record is still to be read.
        self._days: dict[str, dict[str, list[Importance] | None]] = {
            name: dict.fromkeys(map(str, archive.days(name))) for name in {*chosen, *archive.names()}
        }
        self._new: dict[tuple[str, str], list[Importance]] = defaultdict(list)
        for each in self._wanted:
            if each.is_new:
                self._new[each.name, str(each.day)].append(each.importance)
                self._days[each.name].setdefault(str(each.day))

    def find_periods(self, scope: str) -> set[str]:
        """Find the days and months of a scope that a run changes, and those whose digest waits for a model."""
        days = {str(each.day) for each in self._wanted if scope in (each.name, ACROSS)}
        waiting = {
            period
            for period, digest in self._archive.find_open_digests(scope).items()
            if is_asked_again(digest.outcome, digest.runs, digest.version, DIGEST_VERSION, retry=False)
        }
        return days | {day[: len("2026-01")] for day in days} | waiting

    def measure(self, scope: str, period: str) -> int:
        """Estimate the tokens of what a digest is made from; 0 where no model is asked for it.

        Where only one repository has anything, the digest across repositories repeats its.
        """
        names = self._days if scope == ACROSS else [scope]
        found = {name: days for name in names if (days := self._find_days(name, period))}
        commits = [each for days in found.values() for day in days.values() for each in day]
        if len(commits) < _LEAST_COMMITS or (scope == ACROSS and len(found) < 2):
            return 0
        if len(period) > len("2026-01"):
            return len(commits) * _DIGEST_COMMIT
        number = len({day for days in found.values() for day in days})
        return number * _DIGEST_DAY + commits.count(Importance.HIGH) * _DIGEST_COMMIT

    def _find_days(self, name: str, period: str) -> dict[str, list[Importance]]:
        """Find the commits, as important as they are, that a digest is made from, by day."""
        days = [day for day in self._days[name] if day.startswith(period)]
        found = {day: self._read_day(name, day) for day in days}
        return {day: commits for day, commits in found.items() if commits}

    def _read_day(self, name: str, day: str) -> list[Importance]:
        """Read a day once, because its month and the scope across repositories ask for it too."""
        known = self._days[name][day]
        if known is None:
            record = self._archive.find_day(name, date.fromisoformat(day))
            known = self._new[name, day] + [
                commit.analysis.importance
                for commit in (record.commits if record else ())
                if not commit.gone and commit.analysis.outcome is not Outcome.SKIPPED
            ]
            self._days[name][day] = known
        return known


def _sum_up(name: str, wanted: Sequence[_Wanted]) -> RepositoryEstimate:
    total = sum((each.spent for each in wanted), NOTHING)
    return RepositoryEstimate(
        name=name,
        commits=len(wanted),
        new=sum(each.is_new for each in wanted),
        calls=total.calls,
        prompt_tokens=total.prompt,
        completion_tokens=total.completion,
        cost=total.cost,
    )


def _count_waiting(wanted: Iterable[_Wanted], budget: Budget, spent: Spent) -> int:
    """Count what the budget leaves over: as in a run, nothing is asked after the first that does not fit."""
    order = list(Importance)
    ranked = sorted(wanted, key=lambda each: (each.day, order.index(each.importance), each.name))
    for place, each in enumerate(ranked):
        spent += each.spent
        if not fits(budget, spent):
            return len(ranked) - place
    return 0
