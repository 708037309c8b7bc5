"""Ask models about many things at once: so many calls in flight, the first model that answers, within the budget.

This module must not know what a job is about: it hands each one a line to a model, and says what came of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import TracebackType
from typing import Any, Generic, Protocol, Self, TypeVar
from urllib.parse import urlsplit

from generator.analyse.model.asks import Asked, Flaw
from generator.analyse.model.batch_talk import BatchTalk
from generator.analyse.model.batching import BatchStore, Tray
from generator.analyse.model.client import Client
from generator.analyse.model.exchanges import ReplyStore
from generator.analyse.model.judging import count_kept
from generator.analyse.model.lanes import Lane
from generator.analyse.model.money import Purse, Spent, find_spent
from generator.analyse.model.prices import find_known
from generator.analyse.model.talk import Line, Talk
from generator.config import AnalysisSettings, ModelSettings, Price
from generator.records import Language, Outcome, Provenance, Reason, Trial

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
AnyJob = TypeVar("AnyJob", bound="Job[Any]")

# The window of a model that nobody has said anything about; a larger prompt than _MOST_READ is money badly spent.
_DEFAULT_CONTEXT = 32_000
_MOST_READ = 128_000
# Jobs that are prepared while others wait for their answers.
_AHEAD = 4

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


def find_price(model: ModelSettings) -> Price | None:
    """Find what a model costs: by archive.yml, else by what is known of it; None where nobody knows."""
    known = find_known(model.name, model.base_url)
    return model.price or (known.price if known else None)


def find_window(model: ModelSettings) -> int:
    """Find how many tokens one question and its answer may have."""
    known = find_known(model.name, model.base_url)
    return min(model.context or (known.context if known else _DEFAULT_CONTEXT), _MOST_READ)


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What an asker finds around it: keys by the name of their variable, where things are kept, the clock.

    `spent` is what was spent today already; `note_spent` keeps what is added to it. `memory` is what `Asker.memory`
    gave at the end of the last run.
    """

    keys: Mapping[str, str]
    replies: ReplyStore
    batches: BatchStore
    clock: Callable[[], datetime]
    spent: Spent
    note_spent: Callable[[Spent], None]
    memory: Mapping[str, Mapping[str, str]]


class Asker:
    """The models of one run, from the first call to the last; use it as a context manager."""

    def __init__(self, settings: AnalysisSettings, around: Surroundings) -> None:
        self._around = around
        self._concurrency = settings.concurrency
        self._purse = Purse(settings.budget, around.spent)
        self._before = around.spent
        self._is_spent = False
        self._has_collected = False
        self._lines = [self._open(model, settings) for model in settings.models]
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
        return tuple(line.lane for line in self._lines)

    @property
    def spent(self) -> Spent:
        """What this run has spent so far."""
        return self._purse.spent - self._before

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

    def ask_all(self, jobs: Iterator[AnyJob], tell: Callable[[AnyJob, Asked[Any]], None]) -> None:
        """Ask about each job, first come first served, and tell what came of it as soon as it is known.

        It ends early when `ending` says why; the rest of `jobs` is then left where it is.
        """
        self._runner.run(self._ask_live(jobs, tell))

    def ask_by_batch(self, jobs: Iterator[AnyJob], tell: Callable[[AnyJob, Asked[Any]], None]) -> None:
        """Tell about each job what earlier batches brought, and hand in what is still to be asked."""
        self._runner.run(self._ask_batch(jobs, tell))

    async def _ask_live(self, jobs: Iterator[AnyJob], tell: Callable[[AnyJob, Asked[Any]], None]) -> None:
        await self._collect()
        await self._ask_all(jobs, tell, self._ask_one)

    async def _ask_batch(self, jobs: Iterator[AnyJob], tell: Callable[[AnyJob, Asked[Any]], None]) -> None:
        """Hand everything to the first model that is not stopped; which one answers cannot be waited for."""
        await self._collect()
        line = next((line for line in self._lines if not line.lane.stopped), None)
        if line is None:
            return
        handed_in: list[tuple[AnyJob, Asked[Any]]] = []

        async def ask_one(job: AnyJob) -> Asked[Any]:
            runs = job.earlier.runs if job.earlier else 0
            talk = BatchTalk(line, job.folder, find_window(line.lane.model), runs)
            return await self._explain_or_conclude(job, talk, await _hold(job, talk))

        def note(job: AnyJob, asked: Asked[Any]) -> None:
            if asked.reason is Reason.BATCH:
                handed_in.append((job, asked))
            else:
                tell(job, asked)

        await self._ask_all(jobs, note, ask_one)
        await line.tray.submit(self._around.clock())
        ending = self.ending
        for job, asked in handed_in:
            # What the server did not take is not in any batch.
            tell(
                job,
                replace(asked, reason=ending[0], detail=ending[1]) if ending and line.lane.stopped else asked,
            )

    async def _collect(self) -> None:
        """Fetch what batches have brought since, also when none is to be handed in any more: it is paid for."""
        if not self._has_collected:
            self._has_collected = True
            for line in self._lines:
                await line.tray.collect(self._around.replies, self._around.clock())

    async def _ask_all(
        self,
        jobs: Iterator[AnyJob],
        tell: Callable[[AnyJob, Asked[Any]], None],
        ask_one: Callable[[AnyJob], Awaitable[Asked[Any]]],
    ) -> None:
        taking = asyncio.Lock()

        async def work() -> None:
            while self.ending is None:
                async with taking:
                    job = await asyncio.to_thread(next, jobs, None)
                if job is None:
                    return
                tell(job, await ask_one(job))

        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(self._concurrency + _AHEAD):
                    group.create_task(work())
        except ExceptionGroup as failed:
            # The first is what stopped the run, such as a full disk; the others followed from it.
            raise failed.exceptions[0] from None

    async def _ask_one(self, job: AnyJob) -> Asked[Any]:
        """Ask the models in turn until one gives what can be used."""
        flaws: list[Flaw] = []
        spent = Spent()
        asked = ""
        for line in self._lines:
            if line.lane.stopped:
                continue
            talk = Talk(line, job.folder, find_window(line.lane.model))
            held = await _hold(job, talk)
            spent += talk.spent
            asked = line.lane.model.name
            if not isinstance(held, Flaw):
                return await self._conclude(job, talk, held, spent)
            flaws.append(held)
            if held.reason in (Reason.BUDGET, Reason.BATCH):
                break
        return await self._explain(job, flaws, spent, asked)

    async def _explain_or_conclude(self, job: Job[T], talk: Talk, held: Held[T] | Flaw) -> Asked[T]:
        if isinstance(held, Flaw):
            return await self._explain(job, [held], talk.spent, talk.line.lane.model.name)
        return await self._conclude(job, talk, held, talk.spent)

    async def _conclude(self, job: Job[T], talk: Talk, held: Held[T], spent: Spent) -> Asked[T]:
        total = await asyncio.to_thread(self._add_up, job, spent)
        provenance = Provenance(
            writer="model",
            version=job.version,
            language=job.language,
            share_read=held.share_read,
            model=talk.line.lane.model.name,
            calls=total.calls,
            tokens=total.tokens,
            cost=total.cost,
            written=talk.written,
        )
        return Asked(outcome=Outcome.OK, value=held.value, provenance=provenance)

    async def _explain(self, job: Job[T], flaws: list[Flaw], spent: Spent, asked: str) -> Asked[T]:
        """Say why there is no answer: what is the commit's own fault goes before what is a model's."""
        self._is_spent = self._is_spent or any(flaw.reason is Reason.BUDGET for flaw in flaws)
        own = [flaw for flaw in flaws if flaw.reason not in _OF_THE_MODEL]
        if not own and self.ending is not None:
            reason, detail = self.ending
        else:
            # Without any, each model was stopped between one look and the next.
            last = [Flaw(reason=Reason.STOPPED, told=""), *flaws, *own][-1]
            reason, detail = last.reason, last.detail
        if reason in _PENDING:
            # Nothing is held against a commit that no model has looked at.
            runs = 0
            outcome = Outcome.PENDING
        else:
            runs = 1
            outcome = Outcome.REFUSED if reason in _REFUSALS else Outcome.FAILED
        total = await asyncio.to_thread(self._add_up, job, spent)
        return Asked(
            outcome=outcome, reason=reason, detail=detail, trial=_note_trial(job, runs, total, asked)
        )

    def _add_up(self, job: Job[T], spent: Spent) -> Spent:
        """Add up all that was ever spent on a job.

        What a run that was killed had paid for stands in the kept replies alone; where those are gone, as on a machine
        that is made anew for each run, what the record says and what was spent now is all that is known.
        """
        noted = find_spent(job.earlier) + spent
        prices = {line.lane.name: line.price for line in self._lines}
        kept = count_kept(self._around.replies.read_all(job.folder), prices)
        return kept if kept.calls > noted.calls else noted

    def _open(self, model: ModelSettings, settings: AnalysisSettings) -> Line:
        around = self._around
        lane = Lane(model, urlsplit(model.base_url).netloc, settings.concurrency)
        remembered = around.memory.get(lane.name, {})
        lane.remember(remembered.get("response_format"), remembered.get("room_name"))
        key = around.keys.get(model.key, "").strip()
        if not (key.isascii() and key.isprintable()) or (not key and model.base_url.startswith("https:")):
            # Plain http stays within a private network, whose servers often ask for no key.
            lane.stop(Reason.NO_KEY, model.key)
        client = Client(model.base_url, key, settings.deadline)
        return Line(
            lane=lane,
            client=client,
            tray=Tray(lane, client, around.batches),
            price=find_price(model),
            purse=self._purse,
            replies=around.replies,
            clock=around.clock,
            note_spent=around.note_spent,
        )

    async def _close(self) -> None:
        for line in self._lines:
            await line.client.close()


async def _hold(job: Job[T], talk: Talk) -> Held[T] | Flaw:
    held = await job.hold(talk)
    if isinstance(held, Flaw) and held.reason is Reason.TOO_LARGE:
        # Our count of tokens is a guess, and so may be the window.
        talk.window //= 2
        held = await job.hold(talk)
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
