"""Lay a job's questions into a batch instead of sending them, and go on from what earlier batches brought.

This module must not wait for anything: a question that is handed in has its answer in a later run.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar, cast

from generator.analyse.model.asks import Ask, Flaw
from generator.analyse.model.batching import Entry, Laid
from generator.analyse.model.exchanges import Saved
from generator.analyse.model.fates import Next, read_fate
from generator.analyse.model.judging import Check, Judged
from generator.analyse.model.lanes import AskedAs
from generator.analyse.model.money import NOTHING, Spent
from generator.analyse.model.questions import Question, begin_question, describe
from generator.analyse.model.talk import Means, Talk
from generator.analyse.model.turns import Turn
from generator.records import Reason

T = TypeVar("T")

# An answer and, where it was flawed, a second one; so many are paid for in what counts as one run.
_MOST_ANSWERS = 2
_MOST_ERRORS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """What a batch talk must know of the run: how often its job was given up, and whether all is asked again."""

    runs: int
    retry: bool
    note_committed: Callable[[Spent], None]


class BatchTalk(Talk):
    """One job's questions by batch."""

    def __init__(self, means: Means, folder: str, window: int, turn: Turn, this: Round) -> None:
        super().__init__(means, folder, window, turn)
        self._round = this

    async def ask_anew(
        self, ask: Ask, check: Check[T], key: str, earlier: Sequence[Saved], flawed: Sequence[Judged]
    ) -> T | Flaw:
        """Lay one question in, and say why there is no answer yet, or none at all."""
        del check
        if ending := self._find_ending(earlier, flawed):
            return ending
        question = begin_question(ask, self.window)
        if flawed:
            again = question.ask_about(flawed[-1], self.window, self.means.lane)
            if again is None:
                return cast(Flaw, flawed[-1].result)
            question = again
        most = question.find_most(self.means.price, is_batch=True)
        if dear := self.refuse_dear(most):
            return dear
        await self.turn.wait()
        is_taken = self.means.purse.take_now(most)
        await self.turn.begin()
        if not is_taken:
            return Flaw(reason=Reason.BUDGET, told="")
        await self._lay_in(question, f"{key[:48]}-{len(earlier)}", key, most)
        return Flaw(reason=Reason.BATCH, told="")

    def _find_ending(self, earlier: Sequence[Saved], flawed: Sequence[Judged]) -> Flaw | None:
        """Say why a question is not asked once more; None where it is."""
        if self._round.retry:
            return None
        if earlier and (ending := self._read_last(earlier[-1], len(earlier) - len(flawed))):
            return ending
        if not flawed:
            return None
        flaw = flawed[-1].result
        is_over = flawed[-1].is_refusal or len(flawed) >= _MOST_ANSWERS * (self._round.runs + 1)
        return flaw if is_over and isinstance(flaw, Flaw) else None

    def _read_last(self, last: Saved, errors: int) -> Flaw | None:
        """Learn from the last line about a question, where it was an error; say why that is the end of it."""
        fate = read_fate(last.exchange)
        if fate.next in (Next.DOWNGRADE, Next.RENAME_ROOM, Next.LESS_ROOM, Next.REJECTED):
            lane = self.means.lane
            asked_as = AskedAs(
                response_format=last.sent.response_format, room_name=lane.room_name, room=last.sent.room
            )
            fate = lane.learn(fate, None, asked_as)
        # What was wrong with the key or the server then may be right today.
        is_over = fate.next in (Next.SHRINK, Next.REFUSED, Next.REJECTED)
        is_over = is_over or (fate.next is not Next.READ and errors >= _MOST_ERRORS * (self._round.runs + 1))
        return Flaw(reason=fate.reason, told="", detail=fate.detail) if is_over else None

    async def _lay_in(self, question: Question, custom_id: str, key: str, most: Spent) -> None:
        means = self.means
        question = question.fit(means.lane)
        request = question.make_request(means.lane)
        now = means.clock()
        sent = describe(question, request, means.lane, now)
        entry = Entry(
            custom_id=custom_id,
            folder=self.folder,
            key=key,
            topic=sent.topic,
            version=sent.version,
            response_format=sent.response_format,
            room=sent.room,
            request_sha256=sent.request_sha256,
            request_bytes=sent.request_bytes,
        )

        async def settle(is_taken: bool) -> None:
            # Committed when the server takes it, whatever comes of it; what it really costs stands in its reply.
            await means.purse.settle(most, most if is_taken else NOTHING)
            if is_taken:
                await asyncio.to_thread(means.note_spent, most)
                self._round.note_committed(most)

        await means.tray.lay_in(Laid(entry=entry, body=request.render(), settle=settle), now)
