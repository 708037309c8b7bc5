"""Say what one completion is worth as the answer to a question.

This module must not send or keep anything. It trusts nothing in a reply: not that the server saw the whole prompt, not
that the model obeyed the prompt alone, not that the form is filled in as asked.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from generator.analyse.model.asks import Ask, Flaw, Message
from generator.analyse.model.exchanges import Exchange
from generator.analyse.model.reply import Reading, parse_form, read_answer
from generator.records import Reason

T = TypeVar("T")
Check = Callable[[Any], "T | Flaw"]

# What no second answer of the same model would mend.
FINAL = frozenset({Reason.REFUSED, Reason.FILTERED, Reason.TOO_LARGE})
# No tokenizer puts more bytes of text into a token on average; fewer tokens mean that the server cut the prompt.
_MOST_BYTES_A_TOKEN = 12
_LONGEST_QUOTED = 6_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What a completion is worth, and its text where there was one."""

    result: Any
    content: str | None = None

    @property
    def is_refusal(self) -> bool:
        """Whether the model did its work, and that was to refuse."""
        return isinstance(self.result, Flaw) and self.result.reason in FINAL


def judge(exchange: Exchange, ask: Ask, check: Check[T]) -> Judged:
    """Read a completion as the answer to a question."""
    reading = read_answer(exchange.body)
    if _is_prompt_cut(reading, ask):
        return Judged(result=Flaw(reason=Reason.TOO_LARGE, told="", detail="prompt cut by the server"))
    if isinstance(reading.result, Flaw):
        return Judged(result=reading.result)
    content = reading.result.content
    form = parse_form(content, ask.form)
    if isinstance(form, Flaw):
        return Judged(result=form, content=content)
    # In the fields alone: a model that thinks aloud may quote its instructions there.
    if ask.canary in form.model_dump_json():
        # What makes it repeat the prompt can make it say anything else.
        told = "The answer must not repeat marks of the instructions."
        return Judged(result=Flaw(reason=Reason.INVALID, told=told, detail="canary"), content=content)
    return Judged(result=check(form), content=content)


def _is_prompt_cut(reading: Reading, ask: Ask) -> bool:
    """Tell from the server's own count that it saw only a part of the prompt, as Ollama does without a word."""
    if not reading.tokens.prompt:
        return False
    size = sum(len(" ".join(message.content.split()).encode("utf-8", "replace")) for message in ask.messages)
    return reading.tokens.prompt * _MOST_BYTES_A_TOKEN < size


def correct(content: str | None, flaw: Flaw) -> tuple[Message, ...]:
    """Say what was wrong with an answer; nothing where there was none, or only its length was."""
    if content is None or not flaw.told or flaw.reason is Reason.CUT:
        return ()
    told = f"That answer could not be used: {flaw.told} Answer again, with the whole JSON object and nothing else."
    return (Message(role="assistant", content=content[:_LONGEST_QUOTED]), Message(role="user", content=told))
