"""Lay a job's questions into a batch instead of sending them, and go on from what earlier batches brought.

This module must not wait for anything: a question that is handed in has its answer in a later run.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TypeVar

from generator.analyse.model.asks import Ask, Flaw
from generator.analyse.model.batching import Entry
from generator.analyse.model.exchanges import Saved
from generator.analyse.model.fates import Next, read_fate
from generator.analyse.model.judging import Check, Judged, correct
from generator.analyse.model.questions import ROOM, Question, describe
from generator.analyse.model.talk import Line, Talk
from generator.records import Reason

T = TypeVar("T")

# An answer and, where it was flawed, a second one; so many are paid for in what counts as one run.
_MOST_ANSWERS = 2


class BatchTalk(Talk):
    """One job's questions by batch; `runs` is how many times they were given up before."""

    def __init__(self, line: Line, folder: str, window: int, runs: int) -> None:
        super().__init__(line, folder, window)
        self._runs = runs

    async def ask_anew(
        self, ask: Ask, check: Check[T], key: str, earlier: Sequence[Saved], flawed: Sequence[Judged]
    ) -> T | Flaw:
        """Lay one question in, and say why there is no answer yet, or none at all."""
        del check
        if ending := self._find_ending(earlier, flawed):
            return ending
        question = _make_question(ask, flawed)
        most = question.find_most(self.line.price, is_batch=True)
        if not await self.line.purse.take(most):
            return Flaw(reason=Reason.BUDGET, told="")
        # Committed when it is handed in, whatever comes of it; what it really costs stands in its reply.
        await self.line.purse.settle(most, most)
        await asyncio.to_thread(self.line.note_spent, most)
        self._lay_in(question, f"{key[:48]}-{len(earlier)}", key)
        return Flaw(reason=Reason.BATCH, told="")

    def _find_ending(self, earlier: Sequence[Saved], flawed: Sequence[Judged]) -> Flaw | None:
        """Say why a question is not asked once more; None where it is."""
        if earlier and (fate := read_fate(earlier[-1].exchange)).next is not Next.READ:
            asked_as = earlier[-1].sent.response_format, self.line.lane.room_name
            learnt = self.line.lane.learn(fate, None, asked_as)
            if learnt.next in (Next.SHRINK, Next.REFUSED, Next.REJECTED, Next.STOP):
                return Flaw(reason=learnt.reason, told="", detail=learnt.detail)
        if not flawed:
            return None
        flaw = flawed[-1].result
        is_over = flawed[-1].is_refusal or len(flawed) >= _MOST_ANSWERS * (self._runs + 1)
        return flaw if is_over and isinstance(flaw, Flaw) else None

    def _lay_in(self, question: Question, custom_id: str, key: str) -> None:
        request = question.make_request(self.line.lane)
        now = self.line.clock()
        sent = describe(question, request, self.line.lane, now, now)
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
        self.line.tray.lay_in(entry, request.render())


def _make_question(ask: Ask, flawed: Sequence[Judged]) -> Question:
    """Ask as a live talk would after the same answers: about the last flaw, and with more room for a cut one."""
    if not flawed:
        return Question(ask=ask, messages=ask.messages)
    last = flawed[-1]
    flaw = last.result
    assert isinstance(flaw, Flaw)  # that is what makes it flawed
    room = ROOM * 2 if flaw.reason is Reason.CUT else ROOM
    return Question(ask=ask, messages=(*ask.messages, *correct(last.content, flaw)), room=room)
