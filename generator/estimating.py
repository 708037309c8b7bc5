"""Work out what an update would ask of a model and what that would cost, without asking anything.

Only `pipeline` calls this module; it must not write a record, a page or a reply.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from pathlib import Path

from generator.analyse.evidence import gather_evidence
from generator.analyse.model.asking import find_price, find_window
from generator.analyse.model.money import Spent, find_cost, find_left, fits
from generator.analyse.model.plan import estimate_tokens, plan_commit
from generator.analyse.redact import redact
from generator.analyse.rules import analyse
from generator.analysing import Asking, add_spent, find_waiting
from generator.collect.commits import read_changes
from generator.config import AnalysisSettings, Budget, Config, ModelSettings
from generator.following import preview_repository
from generator.landings import Followed, Titles
from generator.records import Importance, Outcome, Tokens
from generator.store.replies import Journal

# Tokens of one answer, reasoning included: what small reasoning models write for a commit of middling size.
_ANSWER = 1_500


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryEstimate:
    """What an update would ask about one repository; `cost` is in US dollars, None where no price is known.

    Tokens are an upper estimate: without the model's own tokenizer nobody can count them.
    """

    name: str
    commits: int
    calls: int
    prompt_tokens: int
    completion_tokens: int
    cost: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What an update would ask of the first model.

    `digests` counts the calls for digests, which are small. `left` is what today's budget still allows, None where
    there is no limit; `waiting` says how many commits would have to wait for another day.
    """

    model: str
    is_priced: bool
    repositories: tuple[RepositoryEstimate, ...]
    digests: int
    left: Budget
    waiting: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """One commit that would be asked about."""

    name: str
    day: date
    importance: Importance
    spent: Spent


def estimate_repositories(
    root: Path, config: Config, followed: Sequence[Followed], now: datetime
) -> Estimate:
    """Look at every repository as an update would, and count.

    Raises RemoteError where one cannot be looked at.
    """
    settings = config.analysis
    model = settings.models[0]
    wanted = [each for one in followed for each in _find_wanted(one, config, settings, model)]
    today = now.astimezone(config.zone).date()
    spent = add_spent(Journal(root / ".daybook" / "spending"), today)
    days = Counter((each.name, each.day) for each in wanted if each.day < today)
    own = [place for place, number in days.items() if number > 1]
    across = [day for day, number in Counter(day for _, day in days).items() if number > 1]
    return Estimate(
        model=model.name,
        is_priced=find_price(model) is not None,
        repositories=tuple(
            _sum_up(one.name, [each for each in wanted if each.name == one.name]) for one in followed
        ),
        digests=len(own) + len(across),
        left=find_left(settings.budget, spent),
        waiting=_count_waiting(wanted, settings.budget, spent),
    )


def _find_wanted(
    one: Followed, config: Config, settings: AnalysisSettings, model: ModelSettings
) -> Iterator[_Wanted]:
    """Find what waits in the archive, then what landed since; analyse and pack it as an update would."""
    landings = preview_repository(one, config.first_days)
    asking = Asking(keys={}, clock=lambda: one.now)
    waiting = find_waiting(one.archive, one.name, asking)
    befores = {landing.day: landing.before for landing in reversed(landings)}
    befores |= {
        day: one.archive.read_day(one.name, day).tips.before for day in {each.day for each in waiting}
    }
    found = [(each.day, each.commit.sha) for each in waiting] + [(each.day, each.sha) for each in landings]
    titles = Titles(one.mirror)
    for day, group in groupby(sorted(found), lambda each: each[0]):
        shas = [sha for _, sha in group]
        one.mirror.fetch_contents(shas)
        conventions = titles.learn(befores[day])
        for change in read_changes(one.mirror, shas):
            clean = redact(change)
            rules = analyse(clean, conventions, one.language)
            if rules.outcome is Outcome.OK:
                plan = plan_commit(
                    clean,
                    gather_evidence(clean, conventions),
                    rules,
                    one.language,
                    find_window(model),
                    settings.parts,
                )
                sizes = [
                    sum(estimate_tokens(message.content) for message in ask.messages) for ask in plan.asks
                ]
                spent = _add_calls(sizes, model, is_batch=settings.batch)
                yield _Wanted(name=one.name, day=day, importance=rules.importance, spent=spent)


def _add_calls(sizes: Sequence[int], model: ModelSettings, *, is_batch: bool) -> Spent:
    """Add up a commit's calls, with the one that joins several parts."""
    joining = [len(sizes) * _ANSWER + min(sizes)] if len(sizes) > 1 else []
    prompts = [*sizes, *joining]
    tokens = Tokens(prompt=sum(prompts), completion=len(prompts) * _ANSWER)
    return Spent(
        calls=len(prompts),
        prompt=tokens.prompt,
        completion=tokens.completion,
        cost=find_cost(tokens, 0, find_price(model), is_batch=is_batch),
    )


def _sum_up(name: str, wanted: Sequence[_Wanted]) -> RepositoryEstimate:
    total = sum((each.spent for each in wanted), Spent())
    return RepositoryEstimate(
        name=name,
        commits=len(wanted),
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
