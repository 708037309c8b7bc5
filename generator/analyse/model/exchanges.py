"""Write one HTTP exchange with a model's server as the bytes that are kept, and read them back.

This module must not know where they are kept or what the body means.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

# Nothing was sent; it was sent and may have been billed.
Fault = Literal["connect", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """What came of one request.

    `status` is None where no response began. `body` is what arrived, all of it where `fault` is None.
    `retry_after` is in seconds.
    """

    status: int | None
    body: bytes
    fault: Fault | None = None
    retry_after: float | None = None
    request_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What was asked, as far as it is worth remembering beside the reply; keys and messages are not in it.

    `host` is the server's name. `response_format` and `room` (tokens for the answer) are those of the request.
    `sent` and `arrived` are UTC. `batch` names the batch it went with.
    """

    topic: str
    version: str
    model: str
    host: str
    response_format: str
    room: int
    request_sha256: str
    request_bytes: int
    sent: datetime
    arrived: datetime
    batch: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """One exchange as it is kept."""

    sent: Sent
    exchange: Exchange


class ReplyStore(Protocol):
    """Where exchanges are kept: durable when `save` returns."""

    def prepare(self, folder: str) -> None:
        """Make ready to keep what is said about one thing, so that saving it takes less time."""

    def save(self, folder: str, key: str, content: bytes) -> None:
        """Keep one more exchange of a question."""

    def read(self, folder: str, key: str) -> Sequence[bytes]:
        """Read the exchanges of a question, oldest first."""

    def read_all(self, folder: str) -> Sequence[bytes]:
        """Read the exchanges of all questions about one thing."""


def render_exchange(saved: Saved) -> bytes:
    """Write what was asked as one line of JSON, then the body as it came."""
    exchange = saved.exchange
    head = {field: getattr(saved.sent, field) for field in Sent.__slots__}
    head |= {field: getattr(exchange, field) for field in Exchange.__slots__ if field != "body"}
    head = {
        field: value.isoformat() if isinstance(value, datetime) else value for field, value in head.items()
    }
    return json.dumps(head, ensure_ascii=False, sort_keys=True).encode() + b"\n" + exchange.body


def parse_exchange(content: bytes) -> Saved:
    """Read one exchange back.

    Raises ValueError where it is not one.
    """
    line, _, body = content.partition(b"\n")
    head = json.loads(line)
    try:
        moments = {field: datetime.fromisoformat(head[field]) for field in ("sent", "arrived")}
        sent = Sent(**{field: head[field] for field in Sent.__slots__} | moments)
        exchange = Exchange(body=body, **{f: head[f] for f in Exchange.__slots__ if f != "body"})
    except (KeyError, TypeError) as error:
        raise ValueError("not an exchange") from error
    return Saved(sent=sent, exchange=exchange)


def parse_kept(contents: Sequence[bytes]) -> list[Saved]:
    """Read the exchanges that are kept of something; what a full disk or a careless hand has damaged is left out."""
    saved = []
    for content in contents:
        try:
            saved.append(parse_exchange(content))
        except ValueError:
            continue
    return saved
