"""Put one job's questions to one model until each has a usable answer, or it is plain that none will come.

This module must not choose the model, the job or what an answer is worth: the job's own check says whether a form
that was filled in can be used. Every reply is kept before anything is read from it.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from generator.analyse.model.asks import Ask, Flaw
from generator.analyse.model.batching import Tray
from generator.analyse.model.billing import count_spent, price_call
from generator.analyse.model.client import Client
from generator.analyse.model.exchanges import Exchange, ReplyStore, Saved, parse_kept, render_exchange
from generator.analyse.model.fates import Fate, Next, read_fate
from generator.analyse.model.judging import FINAL, Check, Judged, judge
from generator.analyse.model.lanes import Lane
from generator.analyse.model.money import NOTHING, Purse, Spent, find_cost
from generator.analyse.model.questions import Question, begin_question, describe, find_key
from generator.analyse.model.turns import Turn
from generator.config import Price
from generator.records import Reason, Tokens

T = TypeVar("T")

_MOST_ATTEMPTS = 3
# What may have been billed is sent once more at most, and that is counted.
_MOST_UNKNOWN = 2
# Different flaws may each have their second chance; so many answers are paid for at most.
_MOST_ANSWERS = 3
_BACKOFF = (0.5, 8.0)
# Of a question that no day's budget would allow.
OVER_BUDGET = "more than a whole day may cost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What a talk goes over: the model's lane, its client, its price, and where money and replies are kept.

    `tray` is where questions are laid that go as a batch.
    """

    lane: Lane
    client: Client
    price: Price | None
    purse: Purse
    replies: ReplyStore
    clock: Callable[[], datetime]
    note_spent: Callable[[Spent], None]
    has_key: bool
    tray: Tray


class Talk:
    """One job's questions to one model, and what they have cost in this run.

    `folder` is where its replies are kept, `window` how many tokens a question and its answer may have. `written` is
    when the last usable answer came, and `model` whose it was: another one's, where that had answered before.
    `has_failed` says that a request of its own brought nothing at all, or ended the lane. `turn` is the job's: its
    first request goes when those before it are on their way.
    """

    def __init__(self, means: Means, folder: str, window: int, turn: Turn) -> None:
        self.means = means
        self.folder = folder
        self.window = window
        self.turn = turn
        self.spent = NOTHING
        self.written: datetime | None = None
        self.model = means.lane.model.name
        self.has_failed = False

    async def ask(self, ask: Ask, check: Check[T]) -> T | Flaw:
        """Ask one question; what was answered in an earlier run, finished or cut short, is not asked again."""
        key = find_key(ask)
        contents = await asyncio.to_thread(self.means.replies.read, self.folder, key)
        own: list[Saved] = []
        flawed: list[Judged] = []
        for saved in parse_kept(contents):
            is_own = (saved.sent.model, saved.sent.host) == (self.means.lane.model.name, self.means.lane.host)
            own += [saved] if is_own else []
            if read_fate(saved.exchange).next is Next.READ:
                judged = judge(saved.exchange, ask, check)
                result: T | Flaw = judged.result
                if not isinstance(result, Flaw):
                    self.written, self.model = saved.sent.arrived, saved.sent.model
                    return result
                flawed += [judged] if is_own else []
        return await self.ask_anew(ask, check, key, own, flawed)

    async def ask_anew(
        self, ask: Ask, check: Check[T], key: str, earlier: Sequence[Saved], flawed: Sequence[Judged]
    ) -> T | Flaw:
        """Ask what has no usable answer yet; what came of it in earlier runs is of no use to a live talk."""
        del earlier, flawed
        await asyncio.to_thread(self.means.replies.prepare, self.folder)
        question = begin_question(ask, self.window)
        mended: set[Reason] = set()
        while True:
            exchange = await self._send(question, key)
            if isinstance(exchange, Flaw):
                return exchange
            judged = judge(exchange, ask, check)
            result: T | Flaw = judged.result
            self.means.lane.note_use(is_usable=not isinstance(result, Flaw) or judged.is_refusal)
            if not isinstance(result, Flaw):
                return result
            if result.reason in FINAL | mended or len(mended) + 1 == _MOST_ANSWERS:
                return result
            mended.add(result.reason)
            again = question.ask_about(judged, self.window, self.means.lane)
            if again is None:
                return result
            question = again

    async def _send(self, question: Question, key: str) -> Exchange | Flaw:
        """Send one request until a completion comes back, or none will."""
        attempts = unknown = 0
        while True:
            fate = await self._try(question, key)
            if not isinstance(fate, Fate):
                return fate
            attempts += fate.next is Next.RETRY
            unknown += fate.next is Next.UNKNOWN
            if attempts >= _MOST_ATTEMPTS or unknown >= _MOST_UNKNOWN or fate.next is Next.REJECTED:
                self.means.lane.note_vain(fate.detail)
            elif fate.next in (Next.RETRY, Next.UNKNOWN):
                low, high = _BACKOFF
                await asyncio.sleep(random.uniform(0, min(high, low * 2**attempts)))
                continue
            elif fate.next in (Next.RENAME_ROOM, Next.LESS_ROOM, Next.DOWNGRADE):
                continue
            self.has_failed = True
            return Flaw(reason=fate.reason, told="", detail=fate.detail)

    async def _try(self, question: Question, key: str) -> Exchange | Fate | Flaw:
        """Send one request once the lane is free and the budget allows it; let the lane learn from what comes."""
        means, lane = self.means, self.means.lane
        most = question.find_most(means.price)
        if dear := self.refuse_dear(most):
            return dear
        await self.turn.wait()
        async with lane.fly() as is_open:
            await self.turn.begin()
            if lane.stopped and not is_open:
                return Flaw(reason=lane.stopped.reason, told="", detail=lane.stopped.detail)
            if not await means.purse.take(most):
                return Flaw(reason=Reason.BUDGET, told="")
            charged = NOTHING
            try:
                question = question.fit(lane)
                asked_as = question.ask_as(lane)
                exchange = await self._exchange(question, key)
                charged = self._count(exchange, most)
            finally:
                await means.purse.settle(most, charged)
            fate = read_fate(exchange)
            # Before the next one goes: it may be in vain as well, or be the first of many.
            if fate.next is Next.READ:
                lane.note_answer()
            else:
                fate = lane.learn(fate, exchange.retry_after, asked_as)
        if charged.calls:
            await asyncio.to_thread(means.note_spent, charged)
        return exchange if fate.next is Next.READ else fate

    def refuse_dear(self, most: Spent) -> Flaw | None:
        """Refuse a question that not even a whole day's budget allows; None where it may be asked."""
        if self.means.purse.could_take(most):
            return None
        self.has_failed = True
        return Flaw(reason=Reason.TOO_LARGE, told="", detail=OVER_BUDGET)

    async def _exchange(self, question: Question, key: str) -> Exchange:
        means = self.means
        request = question.make_request(means.lane)
        sent = means.clock()
        exchange = await means.client.complete(request)
        described = describe(question, request, means.lane, sent)
        if exchange.status is not None:
            saved = Saved(sent=replace(described, arrived=means.clock()), exchange=exchange)
            await asyncio.to_thread(means.replies.save, self.folder, key, render_exchange(saved))
            self.written = saved.sent.arrived
        return exchange

    def _count(self, exchange: Exchange, most: Spent) -> Spent:
        """Count what an exchange cost, and say what the day is charged with.

        By the server's own count, or by ours where it gives none. What may have been billed unseen is charged with the
        most that it can have cost, and counted with what was sent.
        """
        step = read_fate(exchange).next
        if step is Next.UNKNOWN:
            tokens = Tokens(prompt=most.prompt, completion=0)
            self.spent += price_call(tokens, find_cost(tokens, 0, self.means.price))
            return most
        spent = count_spent(exchange, self.means.price, most.prompt) if step is Next.READ else NOTHING
        self.spent += spent
        return spent
