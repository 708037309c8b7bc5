"""Keep what is known of each model during a run: whether it answers, how many calls it bears, how it is asked.

This module must not send anything or read an answer; it is told what came of each call.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from generator.analyse.model.client import ResponseFormat, RoomName
from generator.analyse.model.fates import Fate, Next
from generator.config import ModelSettings
from generator.records import Reason

_FORMATS: tuple[ResponseFormat, ...] = ("json_schema", "json_object", "text")
# A model that writes no longer answers than this cannot fill in the form.
_LEAST_ROOM = 1_000
# A server that asks for a longer wait is not going to answer in this run.
_LONGEST_WAIT = 600.0
# So many calls in a row without an answer, on as many commits, are the server's fault and not the commits'.
_MOST_VAIN = 3
# So many answers in a row that nobody can use are the model's fault; each of them is paid for.
_MOST_UNUSABLE = 10
# The same where the model has given no usable answer at all.
_MOST_UNUSABLE_AT_FIRST = 6
UNUSABLE = "unusable replies in a row"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """Why a model is asked no more in this run. `detail` is fit for a record; `status` is HTTP's, if that said it."""

    reason: Reason
    detail: str
    status: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedAs:
    """How a request asked for its answer: in which form, with how much room, under which name."""

    response_format: str
    room_name: str
    room: int


class Lane:
    """One model on one server, as this run has come to know it.

    It begins with a single call in flight: a refused key is found out by one call, not by as many as are allowed
    at once. A server that says it is asked too much is asked half as much, and then a little more with each answer.
    """

    def __init__(self, model: ModelSettings, host: str, concurrency: int) -> None:
        self.model = model
        self.host = host
        self.stopped: Stopped | None = None
        self.response_format: ResponseFormat = _FORMATS[0]
        self.room_name: RoomName = "max_completion_tokens"
        self._most_room: int | None = None
        self.has_answered = False
        self._concurrency = concurrency
        self._allowed = 1
        self._flying = 0
        self._vain = 0
        self._unusable = 0
        self._has_been_of_use = False
        self._resume_at = 0.0
        self._changed = asyncio.Condition()

    def remember(self, response_format: str | None, room_name: str | None) -> None:
        """Begin as the last run ended; what is not known any more is left aside."""
        self.response_format = next((known for known in _FORMATS if known == response_format), _FORMATS[0])
        self.room_name = "max_tokens" if room_name == "max_tokens" else "max_completion_tokens"

    def fit_room(self, room: int) -> int:
        """Cut the room for an answer to what the model was found to allow."""
        return room if self._most_room is None else min(room, self._most_room)

    @property
    def name(self) -> str:
        """What it is remembered by."""
        return f"{self.host} {self.model.name}"

    @asynccontextmanager
    async def fly(self) -> AsyncIterator[bool]:
        """Wait for a free place, and hold it; False where the lane was stopped meanwhile."""
        async with self._changed:
            await self._changed.wait_for(lambda: self.stopped or self._flying < self._allowed)
            self._flying += 1
        try:
            yield await self._wait_out()
        finally:
            async with self._changed:
                self._flying -= 1
                self._changed.notify_all()

    async def _wait_out(self) -> bool:
        """Wait until the server's own wish is over, which another call may lengthen meanwhile."""
        loop = asyncio.get_running_loop()
        while not self.stopped and (rest := self._resume_at - loop.time()) > 0:
            # Not all at once: what was turned away together would be turned away together again.
            await asyncio.sleep(rest + random.uniform(0, min(rest, 1.0)))
        return self.stopped is None

    def note_answer(self) -> None:
        """Take note of a completion that came back, before its place is given to another call."""
        self._allowed = min(self._concurrency, self._allowed + 1) if self.has_answered else self._concurrency
        self.has_answered = True
        self._vain = 0

    def note_use(self, *, is_usable: bool) -> None:
        """Take note of what a completion was worth."""
        self._unusable = 0 if is_usable else self._unusable + 1
        self._has_been_of_use = self._has_been_of_use or is_usable
        if self._unusable >= (_MOST_UNUSABLE if self._has_been_of_use else _MOST_UNUSABLE_AT_FIRST):
            self.stop(Reason.STOPPED, f"{self._unusable} {UNUSABLE}")

    def note_vain(self, detail: str) -> None:
        """Take note of a call that got no answer, its retries included."""
        self._vain += 1
        if self._vain >= _MOST_VAIN:
            self.stop(Reason.STOPPED, detail)

    def learn(self, fate: Fate, retry_after: float | None, asked_as: AskedAs) -> Fate:
        """Learn from an error, and say what is to be done; what cannot be learnt twice is an error for good."""
        if fate.next is Next.STOP:
            self.stop(fate.reason, fate.detail, fate.status)
        elif fate.next is Next.RETRY and (fate.is_too_much or retry_after is not None):
            self._wait_as_told(fate, 1.0 if retry_after is None else retry_after)
        elif fate.next is Next.LESS_ROOM:
            self._most_room = min(asked_as.room // 2, self._most_room or asked_as.room)
            return fate if self._most_room >= _LEAST_ROOM else replace(fate, next=Next.REJECTED)
        elif fate.next is Next.RENAME_ROOM:
            if asked_as.room_name == "max_tokens":
                return replace(fate, next=Next.REJECTED)
            self.room_name = "max_tokens"
        elif fate.next is Next.DOWNGRADE or (fate.next is Next.REJECTED and not self.has_answered):
            # A bare 400 says nothing; where no form of answer has worked yet, a less strict one may.
            return self._downgrade(fate, asked_as.response_format)
        return fate

    def _downgrade(self, fate: Fate, asked_as: str) -> Fate:
        if asked_as == self.response_format and not self._loosen():
            # None of them helped, so that it was not the form: other commits are asked as strictly as before.
            self.response_format = _FORMATS[0]
            return replace(fate, next=Next.REJECTED)
        return replace(fate, next=Next.DOWNGRADE)

    def _wait_as_told(self, fate: Fate, seconds: float) -> None:
        if seconds > _LONGEST_WAIT:
            self.stop(Reason.STOPPED, f"{fate.detail} wait {seconds:.0f} s")
        else:
            self.slow_down(seconds)

    def slow_down(self, seconds: float) -> None:
        """Take note of a server that is asked too much: all calls wait so long, and fewer go at once."""
        self._resume_at = max(self._resume_at, asyncio.get_running_loop().time() + seconds)
        self._allowed = max(self._allowed // 2, 1)

    def stop(self, reason: Reason, detail: str, status: int | None = None) -> None:
        """Ask the model no more in this run."""
        self.stopped = self.stopped or Stopped(reason=reason, detail=detail, status=status)

    def _loosen(self) -> bool:
        """Ask for a less strict form of answer from now on; False where there is none."""
        place = _FORMATS.index(self.response_format) + 1
        if place == len(_FORMATS):
            return False
        self.response_format = _FORMATS[place]
        return True
