"""Put one question into the request that a model's server gets, and name it so that its reply is found again.

This module must not send anything.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from generator.analyse.model.asks import Ask, Flaw, Message, find_room
from generator.analyse.model.billing import price_call
from generator.analyse.model.client import Request
from generator.analyse.model.exchanges import Sent
from generator.analyse.model.forms import find_schema
from generator.analyse.model.judging import Judged, correct
from generator.analyse.model.lanes import AskedAs, Lane
from generator.analyse.model.money import Spent, find_cost
from generator.analyse.model.tokens import estimate_tokens
from generator.config import Price
from generator.records import Reason, Tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question as it is sent, with `room` tokens for the answer.

    `messages` are the ask's own, and what was said about an earlier answer to it.
    """

    ask: Ask
    messages: Sequence[Message]
    room: int

    def find_most(self, price: Price | None, *, is_batch: bool = False) -> Spent:
        """Find the most that one call can cost."""
        prompt = sum(estimate_tokens(message.content) for message in self.messages)
        tokens = Tokens(prompt=prompt, completion=self.room)
        return price_call(tokens, find_cost(tokens, 0, price, is_batch=is_batch))

    def ask_about(self, judged: Judged, window: int, lane: Lane) -> Question | None:
        """Ask once more after an answer that is of no use: about its flaw, and with more room for a cut one.

        None where that cannot help: asking for as much again as was cut could only be cut again.
        """
        flaw = judged.result
        assert isinstance(flaw, Flaw)  # that is what makes it of no use
        messages = (*self.ask.messages, *correct(judged.content, flaw))
        if flaw.reason is not Reason.CUT:
            return replace(self, messages=messages)
        left = window - sum(estimate_tokens(message.content) for message in messages)
        room = lane.fit_room(min(self.room * 2, max(left, 0)))
        has_grown = room > lane.fit_room(self.room)
        return replace(self, messages=messages, room=room) if has_grown else None

    def fit(self, lane: Lane) -> Question:
        """Ask for no more room than the lane's model allows."""
        return replace(self, room=lane.fit_room(self.room))

    def ask_as(self, lane: Lane) -> AskedAs:
        """Say how it is asked, so that the lane can learn from an error."""
        return AskedAs(response_format=lane.response_format, room_name=lane.room_name, room=self.room)

    def make_request(self, lane: Lane) -> Request:
        """Put it as the lane's model wants it now."""
        return Request(
            model=lane.model.name,
            messages=self.messages,
            response_format=lane.response_format,
            schema=find_schema(self.ask.form),
            room=self.room,
            room_name=lane.room_name,
        )


def begin_question(ask: Ask, window: int) -> Question:
    """Ask for the first time."""
    return Question(ask=ask, messages=ask.messages, room=find_room(window))


def describe(question: Question, request: Request, lane: Lane, sent: datetime) -> Sent:
    """Describe a request for the one who finds its reply; when that came is still to be filled in."""
    content = json.dumps(request.render(), ensure_ascii=False, sort_keys=True).encode("utf-8", "replace")
    return Sent(
        topic=question.ask.topic,
        version=question.ask.version,
        model=request.model,
        host=lane.host,
        response_format=request.response_format,
        room=request.room,
        request_sha256=hashlib.sha256(content).hexdigest(),
        request_bytes=len(content),
        sent=sent,
        arrived=sent,
    )


def find_key(ask: Ask) -> str:
    """Name a question, whatever model it is put to and in whatever form of answer: a usable reply of any answers it."""
    messages = [[message.role, message.content] for message in ask.messages]
    content = json.dumps([ask.topic, ask.version, messages], ensure_ascii=False)
    return hashlib.sha256(content.encode("utf-8", "replace")).hexdigest()
