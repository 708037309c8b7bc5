"""Define what a model is asked and what came of it, for all that prepare, send or read.

This module must not know a provider, a file or a prompt's words.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict

from generator.records import Outcome, Provenance, Reason, Trial

T = TypeVar("T")


# Of a window, what an answer may take at first, in tokens, reasoning included: a share, and no more than is ever used.
_ROOM_SHARE = 4
_MOST_ROOM = 8_000
# What so many runs have asked about in vain is not asked about again by itself.
MOST_RUNS: Final = 3


def find_room(window: int) -> int:
    """Find how many of a window's tokens are kept for the answer."""
    return min(window // _ROOM_SHARE, _MOST_ROOM)


def is_waiting(outcome: Outcome, trial: Trial | None, version: str, *, retry: bool) -> bool:
    """Say whether a model is to be asked about what has this outcome; `retry` also asks about what was given up.

    Runs with another version of the prompt do not count.
    """
    runs, asked = (trial.runs, trial.version) if trial else (0, "")
    return is_asked_again(outcome, runs, asked, version, retry=retry)


def is_asked_again(outcome: Outcome, runs: int, asked: str, version: str, *, retry: bool) -> bool:
    """Say the same where so many runs have asked in vain, the last one with the version `asked` of the prompt."""
    if outcome is Outcome.REFUSED:
        return retry
    if outcome is not Outcome.FAILED:
        return outcome is Outcome.PENDING
    return retry or asked != version or runs < MOST_RUNS


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message of a conversation, as the chat completions API has it."""

    role: Literal["system", "user", "assistant"]
    content: str


class Form(BaseModel):
    """What a model has to fill in: the shape that its reply is checked against, and that is sent as the schema."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


Filled = TypeVar("Filled", bound=Form)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One question: its messages and the form that answers it.

    `topic` names what it is about and which part of it, such as `commit 4f2a… 2/3`: it is part of what a saved
    reply is found by, beside the prompt's version, the model and the messages. `canary` is a word that stands in
    the system message alone; a reply that holds it obeys somebody else.
    """

    topic: str
    version: str
    messages: tuple[Message, ...]
    form: type[Form]
    canary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Flaw:
    """Why a reply is not usable: the reason for the record, and a sentence for the model that is asked again.

    `told` is in English and quotes nothing but field names and values of vocabularies. `detail` is as in a record.
    """

    reason: Reason
    told: str
    detail: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked(Generic[T]):
    """What came of asking about one thing.

    With outcome `ok`, `value` and `provenance` are set, and all that was ever spent on it is in the latter; with
    `pending`, `failed` and `refused`, `reason` is, and `trial` where something was spent.
    """

    outcome: Outcome
    value: T | None = None
    provenance: Provenance | None = None
    reason: Reason | None = None
    detail: str | None = None
    trial: Trial | None = None
