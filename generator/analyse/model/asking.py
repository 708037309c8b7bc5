"""Ask models about many things at once: so many calls in flight, the first model that answers, within the budget.

This module must not know what a job is about: it hands each one a talk with a model, and says what came of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from types import TracebackType
from typing import Any, Generic, Protocol, Self, TypeVar
from urllib.parse import urlsplit

from generator.analyse.model.asks import Asked, Flaw
from generator.analyse.model.batch_talk import BatchTalk, Round
from generator.analyse.model.batching import BatchStore, Tray, UnderWay
from generator.analyse.model.billing import count_kept
from generator.analyse.model.client import Client
from generator.analyse.model.exchanges import ReplyStore
from generator.analyse.model.lanes import Lane
from generator.analyse.model.money import Purse, Spent, find_spent
from generator.analyse.model.prices import find_price, find_window
from generator.analyse.model.talk import OVER_BUDGET, Means, Talk
from generator.analyse.model.turns import Turn, Turnstile
from generator.config import AnalysisSettings, ModelSettings
from generator.records import Language, Outcome, Provenance, Reason, Trial

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
AnyJob = TypeVar("AnyJob", bound="Job[Any]")
AnyBatchable = TypeVar("AnyBatchable", bound="BatchableJob")

_FORBIDDEN = 403
# So many jobs for each call in flight: one waits for its answer, the next is prepared meanwhile, because answers come
# in waves where a model always takes as long.
_JOBS_A_CALL = 2

# Why a model, and not the commit, is to blame that there is no answer.
_OF_THE_MODEL = frozenset({Reason.NO_ANSWER, Reason.STOPPED, Reason.KEY_REFUSED, Reason.NO_KEY})
_REFUSALS = frozenset({Reason.REFUSED, Reason.FILTERED})
_PENDING = frozenset({Reason.BUDGET, Reason.BATCH, Reason.STOPPED, Reason.KEY_REFUSED, Reason.NO_KEY})


@dataclass(frozen=True, slots=True, kw_only=True)
class Held(Generic[T_co]):
    """What a talk led to, and what share of its subject the model saw, 0 to 1."""

    value: T_co
    share_read: float


class Job(Protocol[T_co]):
    """One thing that a model is asked about.

    `folder` is where its replies are kept, `version` its prompt's, `earlier` what former runs spent on it in vain.
    """

    @property
    def folder(self) -> str:
        """Where the replies are kept, among those of all jobs."""

    @property
    def version(self) -> str:
        """The prompt's version."""

    @property
    def language(self) -> Language:
        """The language of the answer."""

    @property
    def earlier(self) -> Trial | None:
        """What former runs spent in vain."""

    async def hold(self, talk: Talk) -> Held[T_co] | Flaw:
        """Put all questions; may be called again, with another model or a smaller window."""


class BatchableJob(Job[Any], Protocol):
    """A job that may wait for a batch."""

    def shed(self) -> Self:
        """Drop what is only needed to ask: a backfill has more of it than memory holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What an asker finds around it: keys by the name of their variable, where things are kept, the clock.

    `spent` is what was spent today already; `note_spent` keeps what is added to it. `memory` is what `Asker.memory`
    gave at the end of the last run. `retry` asks again what was given up or refused.
    """

    keys: Mapping[str, str]
    replies: ReplyStore
    batches: BatchStore
    clock: Callable[[], datetime]
    spent: Spent
    note_spent: Callable[[Spent], None]
    memory: Mapping[str, object]
    retry: bool = False


class Asker:
    """The models of one run, from the first call to the last; use it as a context manager.

    `committed` is the most that the questions handed in as batches can cost.
    """

    def __init__(self, settings: AnalysisSettings, around: Surroundings) -> None:
        self._around = around
        self._concurrency = settings.concurrency
        self._purse = Purse(settings.budget, around.spent)
        self._before = around.spent
        self.committed = Spent()
        self._is_spent = False
        self._under_way = UnderWay(around.batches)
        self._means = [self._open(model, settings) for model in settings.models]
        self._runner = asyncio.Runner()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        del kind, error, trace
        self._runner.run(self._close())
        self._runner.close()

    @property
    def lanes(self) -> tuple[Lane, ...]:
        """The models, in the order in which they are asked."""
        return tuple(means.lane for means in self._means)

    @property
    def spent(self) -> Spent:
        """What this run has spent so far on calls that were answered."""
        return self._purse.spent - self._before - self.committed

    @property
    def memory(self) -> dict[str, dict[str, str]]:
        """What the next run should know of each model that answered: in which form it does."""
        return {
            lane.name: {"response_format": lane.response_format, "room_name": lane.room_name}
            for lane in self.lanes
            if lane.has_answered
        }

    @property
    def ending(self) -> tuple[Reason, str | None] | None:
        """Why no further job is asked about in this run; None while there is nothing in the way."""
        if self._is_spent:
            return Reason.BUDGET, None
        stopped = [lane.stopped for lane in self.lanes if lane.stopped]
        if len(stopped) < len(self.lanes):
            return None
        return (stopped[0].reason, stopped[0].detail) if stopped else (Reason.STOPPED, None)

    def collect(self) -> None:
        """Fetch what batches have brought since, also when none is to be handed in any more: it is paid for."""
        clients = {means.lane.host: means.client for means in reversed(self._means) if means.has_key}
        around = self._around
        self._runner.run(self._under_way.collect(clients, around.replies, around.clock()))

    def is_under_way(self, folder: str) -> bool:
        """Say whether a job's questions lie in a batch that is not over: nobody asks about it twice."""
        return self._under_way.holds(folder)

    def ask_all(self, jobs: Iterator[AnyJob], tell: Callable[[AnyJob, Asked[Any]], None]) -> None:
        """Ask about each job, first come first served, and tell what came of it as soon as it is known.

        It ends early when `ending` says why; the rest of `jobs` is then left where it is.
        """
        self._runner.run(self._ask_all(jobs, tell, self._ask_one))

    def ask_by_batch(
        self, jobs: Iterator[AnyBatchable], tell: Callable[[AnyBatchable, Asked[Any]], None]
    ) -> None:
        """Tell about each job what earlier batches brought, and hand in what is still to be asked."""
        self._runner.run(self._ask_batch(jobs, tell))

    async def _ask_batch(
        self, jobs: Iterator[AnyBatchable], tell: Callable[[AnyBatchable, Asked[Any]], None]
    ) -> None:
        """Hand everything to the first model that is not stopped; which one answers cannot be waited for."""
        means = next((means for means in self._means if not means.lane.stopped), None)
        if means is None:
            return
        handed_in: list[tuple[AnyBatchable, Asked[Any]]] = []

        async def ask_one(job: AnyBatchable, turn: Turn) -> Asked[Any]:
            runs = job.earlier.runs if job.earlier else 0
            this = Round(runs=runs, retry=self._around.retry, note_committed=self._note_committed)
            talk = BatchTalk(means, job.folder, find_window(means.lane.model), turn, this)
            return await self._explain_or_conclude(job, talk, await _hold(job, talk))

        def note(job: AnyBatchable, asked: Asked[Any]) -> None:
            if asked.reason is Reason.BATCH:
                handed_in.append((job.shed(), asked))
            else:
                tell(job, asked)

        await self._ask_all(jobs, note, ask_one)
        await means.tray.submit(self._around.clock())
        for job, asked in handed_in:
            # What the server did not take is in no batch.
            stopped = None if self._under_way.holds(job.folder) else means.lane.stopped
            tell(job, replace(asked, reason=stopped.reason, detail=stopped.detail) if stopped else asked)

    def _note_committed(self, spent: Spent) -> None:
        self.committed += spent

    async def _ask_all(
        self,
        jobs: Iterator[AnyJob],
        tell: Callable[[AnyJob, Asked[Any]], None],
        ask_one: Callable[[AnyJob, Turn], Awaitable[Asked[Any]]],
    ) -> None:
        # Each worker waits for one thread at most: the disk, or the preparation of a question.
        threads = ThreadPoolExecutor(self._concurrency * _JOBS_A_CALL + 1)
        asyncio.get_running_loop().set_default_executor(threads)
        taking = asyncio.Lock()
        turnstile = Turnstile()

        async def work() -> None:
            while self.ending is None:
                async with taking:
                    job = await asyncio.to_thread(next, jobs, None)
                    turn = turnstile.take_turn()
                if job is None:
                    return
                tell(job, await ask_one(job, turn))
                await turn.begin()

        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(self._concurrency * _JOBS_A_CALL):
                    group.create_task(work())
        except ExceptionGroup as failed:
            # The first is what stopped the run, such as a full disk; the others followed from it.
            raise failed.exceptions[0] from None

    async def _ask_one(self, job: AnyJob, turn: Turn) -> Asked[Any]:
        """Ask the models in turn until one gives what can be used."""
        flaws: list[Flaw] = []
        spent = Spent()
        asked = ""
        has_failed = False
        for means in self._means:
            if means.lane.stopped:
                continue
            talk = Talk(means, job.folder, find_window(means.lane.model), turn)
            held = await _hold(job, talk)
            spent += talk.spent
            has_failed = has_failed or talk.has_failed
            asked = means.lane.model.name
            if not isinstance(held, Flaw):
                return await self._conclude(job, talk, held, spent)
            flaws.append(held)
            if _empties_purse(held):
                break
        return await self._explain(job, flaws, spent, asked, has_failed=has_failed)

    async def _explain_or_conclude(self, job: Job[T], talk: Talk, held: Held[T] | Flaw) -> Asked[T]:
        if isinstance(held, Flaw):
            asked = talk.means.lane.model.name
            return await self._explain(job, [held], talk.spent, asked, has_failed=talk.has_failed)
        return await self._conclude(job, talk, held, talk.spent)

    async def _conclude(self, job: Job[T], talk: Talk, held: Held[T], spent: Spent) -> Asked[T]:
        total = await asyncio.to_thread(self._add_up, job, spent)
        provenance = Provenance(
            writer="model",
            version=job.version,
            language=job.language,
            share_read=held.share_read,
            model=talk.model,
            calls=total.calls,
            tokens=total.tokens,
            cost=total.cost,
            written=talk.written,
        )
        return Asked(outcome=Outcome.OK, value=held.value, provenance=provenance)

    async def _explain(
        self, job: Job[T], flaws: list[Flaw], spent: Spent, asked: str, *, has_failed: bool
    ) -> Asked[T]:
        """Say why there is no answer: what is the commit's own fault goes before what is a model's."""
        self._is_spent = self._is_spent or any(map(_empties_purse, flaws))
        own = [flaw for flaw in flaws if flaw.reason not in _OF_THE_MODEL]
        if not own and self.ending is not None:
            reason, detail = self.ending
        else:
            # Without any, each model was stopped between one look and the next.
            last = [Flaw(reason=Reason.STOPPED, told=""), *flaws, *own][-1]
            reason, detail = last.reason, last.detail
        # Nothing is held against a commit that no model has looked at; one that drew the error that stopped a model
        # is asked about after the others in the next run.
        runs = int(has_failed or reason not in _PENDING)
        is_pending = reason in _PENDING and not (has_failed and self._is_forbidden(asked))
        outcome = Outcome.REFUSED if reason in _REFUSALS else Outcome.FAILED
        total = await asyncio.to_thread(self._add_up, job, spent)
        return Asked(
            outcome=Outcome.PENDING if is_pending else outcome,
            reason=reason,
            detail=detail,
            trial=_note_trial(job, runs, total, asked),
        )

    def _is_forbidden(self, model: str) -> bool:
        """Say whether a model that answered before has turned one commit away: what is forbidden may be the commit."""
        lanes = [lane for lane in self.lanes if lane.model.name == model]
        return any(lane.has_answered and lane.stopped and lane.stopped.status == _FORBIDDEN for lane in lanes)

    def _add_up(self, job: Job[T], spent: Spent) -> Spent:
        """Add up all that was ever spent on a job.

        What a run that was killed had paid for stands in the kept replies alone; where those are gone, as on a machine
        that is made anew for each run, what the record says and what was spent now is all that is known.
        """
        noted = find_spent(job.earlier) + spent
        prices = {means.lane.name: means.price for means in self._means}
        kept = count_kept(self._around.replies.read_all(job.folder), prices)
        return kept if kept.calls > noted.calls else noted

    def _open(self, model: ModelSettings, settings: AnalysisSettings) -> Means:
        around = self._around
        lane = Lane(model, urlsplit(model.base_url).netloc, settings.concurrency)
        remembered = around.memory.get(lane.name)
        if isinstance(remembered, Mapping):
            lane.remember(remembered.get("response_format"), remembered.get("room_name"))
        key = around.keys.get(model.key, "").strip()
        # Plain http stays within a private network, whose servers often ask for no key.
        has_key = key.isascii() and key.isprintable() and (key != "" or model.base_url.startswith("http:"))
        if not has_key:
            lane.stop(Reason.NO_KEY, model.key)
        client = Client(model.base_url, key if has_key else None, settings.deadline)
        return Means(
            lane=lane,
            client=client,
            has_key=has_key,
            tray=Tray(lane, client, self._under_way),
            price=find_price(model),
            purse=self._purse,
            replies=around.replies,
            clock=around.clock,
            note_spent=around.note_spent,
        )

    async def _close(self) -> None:
        for means in self._means:
            await means.client.close()


def _empties_purse(flaw: Flaw) -> bool:
    """Say whether what is left of the day's budget did not suffice, so that nothing is asked after it."""
    return flaw.reason is Reason.BUDGET and flaw.detail != OVER_BUDGET


async def _hold(job: Job[T], talk: Talk) -> Held[T] | Flaw:
    held = await job.hold(talk)
    if isinstance(held, Flaw) and held.reason is Reason.TOO_LARGE:
        # Our count of tokens is a guess, and so may be the window; a smaller question also costs less.
        talk.window //= 2
        held = await job.hold(talk)
    if isinstance(held, Flaw) and held.detail == OVER_BUDGET:
        # The budget is to blame and not the commit; the others may still fit.
        return replace(held, reason=Reason.BUDGET)
    return held


def _note_trial(job: Job[T], runs: int, spent: Spent, asked: str) -> Trial | None:
    """Note what was spent in vain; runs of another prompt do not count against this one."""
    earlier = job.earlier
    if not runs and not spent.calls:
        return earlier
    before = earlier.runs if earlier and earlier.version == job.version else 0
    return Trial(
        runs=before + runs,
        model=asked or (earlier.model if earlier else ""),
        version=job.version,
        calls=spent.calls,
        tokens=spent.tokens,
        cost=spent.cost,
    )
