"""Put one question into the request that a model's server gets, and name it so that its reply is found again.

This module must not send anything.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from generator.analyse.model.asks import Ask, Message
from generator.analyse.model.client import Request
from generator.analyse.model.exchanges import Sent
from generator.analyse.model.forms import find_schema
from generator.analyse.model.judging import price_call
from generator.analyse.model.lanes import Lane
from generator.analyse.model.money import Spent, find_cost
from generator.analyse.model.plan import estimate_tokens
from generator.config import Price
from generator.records import Tokens

# Tokens for an answer, reasoning included; a cut one gets twice as much, once.
ROOM = 8_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question as it is sent: `messages` are the ask's own, and what was said about an earlier answer to it."""

    ask: Ask
    messages: Sequence[Message]
    room: int = ROOM

    def find_most(self, price: Price | None, *, is_batch: bool = False) -> Spent:
        """Find the most that one call can cost."""
        prompt = sum(estimate_tokens(message.content) for message in self.messages)
        tokens = Tokens(prompt=prompt, completion=self.room)
        return price_call(tokens, find_cost(tokens, 0, price, is_batch=is_batch))

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


def describe(question: Question, request: Request, lane: Lane, sent: datetime, arrived: datetime) -> Sent:
    """Describe a request for the one who finds its reply."""
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
        arrived=arrived,
    )


def find_key(ask: Ask, lane: Lane) -> str:
    """Name a question to a model, whatever form of answer it is asked in."""
    messages = [[message.role, message.content] for message in ask.messages]
    content = json.dumps([ask.topic, ask.version, lane.model.name, lane.host, messages], ensure_ascii=False)
    return hashlib.sha256(content.encode("utf-8", "replace")).hexdigest()
