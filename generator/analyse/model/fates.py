"""Tell from an HTTP exchange what to do next: read the answer, try again, ask otherwise, or stop asking the model.

This module must not read a completion or wait. Servers name the same thing in many ways; what they were seen to say
is listed here and nowhere else.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from enum import Enum, auto

from generator.analyse.model.exchanges import Exchange
from generator.records import Reason


class Next(Enum):
    """What to do after an exchange."""

    READ = auto()  # a completion, whole
    RETRY = auto()  # nothing was billed; the same may work in a while
    UNKNOWN = auto()  # it may have been billed, and nothing usable came back
    STOP = auto()  # the key or the model's name is no good
    RENAME_ROOM = auto()  # the server calls the room for the answer otherwise
    LESS_ROOM = auto()  # the model writes no answers of that length
    DOWNGRADE = auto()  # the server does not know this form of answer
    SHRINK = auto()  # the prompt does not fit
    REFUSED = auto()  # the provider does not let this prompt through
    REJECTED = auto()  # the request is wrong in a way not known here


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What to do next, and why in words that a record may hold; `status` is HTTP's, None where none came."""

    next: Next
    reason: Reason
    detail: str
    status: int | None = None

    @property
    def is_too_much(self) -> bool:
        """Whether the server is asked more than it bears."""
        return self.status == 429


_CODE = re.compile(r"[a-z][a-z0-9_.-]{2,40}")
_QUOTA = re.compile(
    r"insufficient_quota|exceeded your current quota|billing|insufficient[ _]balance", re.IGNORECASE
)
_FILTER = re.compile(
    r"content_filter|content management policy|responsible.?ai|content_policy|moderation|invalid_prompt|usage policy|"
    r"content exists risk|data_?inspection_?failed|sensitive content",
    re.IGNORECASE,
)
_LARGE = re.compile(
    r"context_length|context length|maximum context|max_model_len|context window|too many tokens|prompt is too long|"
    r"input is too long|reduce the length|string_above_max_length|request too large",
    re.IGNORECASE,
)
_ROOM = re.compile(r"max_completion_tokens|max_tokens", re.IGNORECASE)
_TOO_MUCH_ROOM = re.compile(
    r"max_(?:completion_)?tokens.{0,80}?(?:too large|too high|at most|less than|no more than|exceed|\[1, ?\d|range|<=)|"
    r"supports at most \d+ completion tokens",
    re.IGNORECASE | re.DOTALL,
)
_FORMAT = re.compile(
    r"response_format|json_schema|json_object|json mode|structured output|guided|grammar|schema", re.I
)


def read_fate(exchange: Exchange) -> Fate:
    """Sort one exchange; RFC 9110 15 and the errors that providers document."""
    status = exchange.status
    if exchange.fault == "connect":
        return _make(Next.RETRY, Reason.NO_ANSWER, "no connection")
    if status is None:
        return _make(Next.UNKNOWN, Reason.NO_ANSWER, "no answer in time")
    fate = _read_status(exchange, status)
    return replace(fate, status=status)


def _read_status(exchange: Exchange, status: int) -> Fate:
    detail = _describe(exchange)
    if 200 <= status < 300:
        if exchange.fault is None:
            return _make(Next.READ, Reason.INVALID, detail)
        return _make(Next.UNKNOWN, Reason.NO_ANSWER, "answer cut short")
    return _read_error(exchange, status, detail)


def _read_error(exchange: Exchange, status: int, detail: str) -> Fate:
    text = exchange.body[:20_000].decode("utf-8", "replace")
    if status in (401, 402, 403) or (status == 429 and _QUOTA.search(text)):
        return _make(Next.STOP, Reason.KEY_REFUSED, detail)
    if status in (408, 409, 425, 429) or status >= 500:
        return _make(Next.RETRY, Reason.NO_ANSWER, detail)
    if status == 404 or status < 400:
        is_format = status == 404 and _FORMAT.search(text)
        return _make(Next.DOWNGRADE if is_format else Next.STOP, Reason.STOPPED, detail)
    return _read_rejection(status, text, detail)


def _read_rejection(status: int, text: str, detail: str) -> Fate:
    if _FILTER.search(text):
        return _make(Next.REFUSED, Reason.FILTERED, detail)
    if _LARGE.search(text) or status == 413:
        return _make(Next.SHRINK, Reason.TOO_LARGE, detail)
    if _TOO_MUCH_ROOM.search(text):
        return _make(Next.LESS_ROOM, Reason.CUT, detail)
    if _ROOM.search(text):
        return _make(Next.RENAME_ROOM, Reason.INVALID, detail)
    if _FORMAT.search(text):
        return _make(Next.DOWNGRADE, Reason.INVALID, detail)
    return _make(Next.REJECTED, Reason.NO_ANSWER, detail)


def _make(step: Next, reason: Reason, detail: str) -> Fate:
    return Fate(next=step, reason=reason, detail=detail)


def _describe(exchange: Exchange) -> str:
    """Name the status and, where it is a plain word, the provider's code; never its sentence, which may quote a key."""
    status = f"HTTP {exchange.status}"
    try:
        error = json.loads(exchange.body[:20_000])["error"]
        code = error.get("code") or error.get("type")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return status
    return f"{status} {code}" if isinstance(code, str) and _CODE.fullmatch(code) else status
