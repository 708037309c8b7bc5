"""Read a model's reply: what a chat completion's body says, and the form that its text fills in.

This module must not ask, repair or guess: what is cut, ambiguous or outside the form is a `Flaw`, and no bytes
whatever raise. Words of the reply stand in no `Flaw`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from pydantic import ValidationError

from generator.analyse.model.asks import Filled, Flaw
from generator.records import Reason, Tokens

# A body is an envelope around a few thousand tokens; a hundred times that is no answer.
_MOST_BODY = 8_000_000
_MOST_CONTENT = 1_000_000
_DEEPEST = 24
# No model reads or writes so much in one call; a larger count is a server's mistake and would spoil every sum.
_MOST_TOKENS = 100_000_000
_MOST_THOUGHTS = 8
_MOST_OBJECTS = 8
_MOST_PROBLEMS = 8
_NO_TOKENS = Tokens(prompt=0, completion=0)
_MODEL_ROOM = 200

# A reply that ended by itself, in the words of the API, of servers before they had them, and of proxies. Some servers
# give no reason at all; then a cut reply shows by its unfinished object.
_ENDED = (None, "", "stop", "eos", "eos_token", "end_turn", "stop_sequence", "STOP")
_CUT = ("length", "max_tokens", "model_length", "MAX_TOKENS")
_FILTERED = ("content_filter", "safety", "SAFETY", "sensitive")
# DeepSeek's, vLLM's and others' words for "the server gave up": what it wrote so far may look whole.
_GIVEN_UP = ("insufficient_system_resource", "abort", "error", "network_error", "cancelled")

_REASONING = ("think", "thinking", "thought", "reasoning", "reflection")
_OPENING = re.compile(rf"\s*<({'|'.join(_REASONING)})>", re.IGNORECASE)
_CLOSING = re.compile(rf"</(?:{'|'.join(_REASONING)})>\s*(?=[{{`])", re.IGNORECASE)
_ANY_CLOSING = re.compile(rf"</(?:{'|'.join(_REASONING)})>", re.IGNORECASE)
_OBJECT = re.compile(r"\{\s*+[\"}]")
# An unfinished string runs to the end, so that each character is looked at once.
_TOKEN = re.compile(r'"(?:[^"\\]++|\\.|\\\Z)*+(?:"|\Z)|[{}\[\]]', re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a model wrote in a reply that ended by itself."""

    content: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one reply says, and what it was billed.

    `tokens` are zero where the server counts none; `cached` are the prompt's tokens that the provider had kept.
    `model` and `finish_reason` are the server's own words, None where it gives none that can be shown.
    """

    result: Answer | Flaw
    tokens: Tokens = _NO_TOKENS
    cached: int = 0
    model: str | None = None
    finish_reason: str | None = None


class _UntrustedError(ValueError):
    """JSON that is valid by the letter and still not to be trusted."""


def read_answer(body: bytes) -> Reading:
    """Read the body of a chat completion that came with status 200; why it ended is read before anything else."""
    envelope = _parse_envelope(body)
    if envelope is None:
        return Reading(result=Flaw(reason=Reason.INVALID, told="The reply was no chat completion."))
    tokens, cached = _read_usage(envelope.get("usage"))
    choice = _find_choice(envelope)
    return Reading(
        result=choice if isinstance(choice, Flaw) else _read_choice(choice),
        tokens=tokens,
        cached=cached,
        model=_read_word(envelope.get("model")),
        finish_reason=None if isinstance(choice, Flaw) else _read_word(choice.get("finish_reason")),
    )


def parse_form(content: str, form: type[Filled]) -> Filled | Flaw:
    """Find the one JSON object in what a model wrote, whatever stands around it, and fill it into the form."""
    if len(content) > _MOST_CONTENT:
        return Flaw(reason=Reason.INVALID, told="The reply was far too long.")
    text = _drop_reasoning(content.replace("\ufeff", ""))
    if not text.strip("` \t\r\n"):
        return Flaw(reason=Reason.EMPTY, told="The reply held no answer.")
    found = _find_object(text)
    if isinstance(found, Flaw):
        return found
    try:
        return form.model_validate(found)
    except ValidationError as error:
        return Flaw(reason=Reason.INVALID, told=_tell_problems(error))


def _parse_envelope(body: bytes) -> Mapping[str, Any] | None:
    if len(body) > _MOST_BODY:
        return None
    try:
        # Servers that queue requests send blank lines until they answer.
        text = body.decode("utf-8-sig").strip()
        envelope = _parse_json(text) if text.startswith("{") else None
    except ValueError:
        return None
    return envelope if isinstance(envelope, dict) else None


def _parse_json(text: str) -> Any:
    """Parse JSON without duplicate keys, NaN or great depth, with a ValueError for everything else.

    Line breaks inside strings are let through: models write them where no grammar forbids it.
    """
    depth = 0
    for token in _TOKEN.finditer(text):
        depth += _DEPTHS.get(token[0], 0)
        if depth > _DEEPEST:
            raise _UntrustedError("too deep")
    return json.loads(text, object_pairs_hook=_refuse_twice, parse_constant=_refuse_constant, strict=False)


_DEPTHS = {"{": 1, "[": 1, "}": -1, "]": -1}


def _refuse_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse an object that has a key twice: which of the two is meant, nobody can say."""
    if len({key for key, _ in pairs}) != len(pairs):
        raise _UntrustedError("a key stands twice")
    return dict(pairs)


def _refuse_constant(constant: str) -> Any:
    raise _UntrustedError(constant)


def _read_usage(usage: object) -> tuple[Tokens, int]:
    if not isinstance(usage, dict):
        return _NO_TOKENS, 0
    prompt = _read_count(usage.get("prompt_tokens"))
    details = usage.get("prompt_tokens_details")
    named = details.get("cached_tokens") if isinstance(details, dict) else None
    cached = _read_count(named) or _read_count(usage.get("prompt_cache_hit_tokens"))
    completion = _read_count(usage.get("completion_tokens"))
    return Tokens(prompt=prompt, completion=completion), min(cached, prompt)


def _read_count(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        return 0
    return value if 0 <= value <= _MOST_TOKENS else 0


def _read_word(value: object) -> str | None:
    if not isinstance(value, str) or not 0 < len(value) <= _MODEL_ROOM:
        return None
    return value if value.isprintable() else None


def _find_choice(envelope: Mapping[str, Any]) -> Mapping[str, Any] | Flaw:
    choices = envelope.get("choices")
    if choices is None and envelope.get("error") is not None:
        return Flaw(reason=Reason.NO_ANSWER, told="The server reported an error.")
    if choices is None or choices == []:
        return Flaw(reason=Reason.EMPTY, told="The reply held no answer.")
    choice = choices[0] if isinstance(choices, list) else None
    if not isinstance(choice, dict):
        return Flaw(reason=Reason.INVALID, told="The reply was no chat completion.")
    return choice


def _read_choice(choice: Mapping[str, Any]) -> Answer | Flaw:
    flaw = _judge_end(choice.get("finish_reason"))
    if flaw is not None:
        return flaw
    message = choice.get("message")
    if not isinstance(message, dict):
        return Flaw(reason=Reason.INVALID, told="The reply was no chat completion.")
    if _is_text(message.get("refusal")):
        return Flaw(reason=Reason.REFUSED, told="The model refused.")
    return _read_content(message.get("content"))


def _judge_end(reason: object) -> Flaw | None:
    if not (reason is None or isinstance(reason, str)):
        return Flaw(reason=Reason.INVALID, told="The reply was no chat completion.")
    if reason in _ENDED:
        return None
    if reason in _CUT:
        return Flaw(reason=Reason.CUT, told="The reply was cut before its end.")
    if reason in _FILTERED:
        return Flaw(reason=Reason.FILTERED, told="The provider filtered the reply.")
    if reason in _GIVEN_UP:
        return Flaw(reason=Reason.NO_ANSWER, told="The server gave up before the end.")
    return Flaw(reason=Reason.INVALID, told="The reply did not end as an answer does.")


def _read_content(content: object) -> Answer | Flaw:
    """Read what was written; reasoning that stands beside it is no answer."""
    if isinstance(content, list):
        parts = [part for part in content if isinstance(part, dict)]
        if any(part.get("type") == "refusal" for part in parts):
            return Flaw(reason=Reason.REFUSED, told="The model refused.")
        content = "".join(str(part.get("text") or "") for part in parts if part.get("type") == "text")
    if content is None or content == "":
        return Flaw(reason=Reason.EMPTY, told="The reply held no answer.")
    if not isinstance(content, str):
        return Flaw(reason=Reason.INVALID, told="The reply was no chat completion.")
    if not _is_text(content):
        return Flaw(reason=Reason.EMPTY, told="The reply held no answer.")
    return Answer(content=content)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip("\ufeff\u200b \t\r\n\0"))


def _drop_reasoning(text: str) -> str:
    """Drop what a model thought aloud before its answer; servers lose the opening tag, and models the closing one."""
    text = text.strip()
    for _ in range(_MOST_THOUGHTS):
        opening = _OPENING.match(text)
        if opening is None:
            break
        closing = _ANY_CLOSING.search(text, opening.end())
        text = text[closing.end() if closing else opening.end() :].lstrip()
    if text.startswith(("{", "`")):
        return text
    ends = [match.end() for match in _CLOSING.finditer(text)]
    return text[ends[-1] :] if ends else text


def _find_object(text: str) -> dict[str, Any] | Flaw:
    """Find the object that stands in a text, whether prose, a code fence or nothing is around it."""
    found: list[dict[str, Any]] = []
    for candidate in islice(_find_candidates(text), _MOST_OBJECTS + 1):
        if candidate is None:
            return Flaw(reason=Reason.CUT, told="The JSON object was cut before its end.")
        try:
            found.append(_parse_json(candidate))
        except ValueError:
            told = "The reply was not valid JSON; keys must not stand twice and numbers must be finite."
            return Flaw(reason=Reason.INVALID, told=told)
    if not found:
        return Flaw(reason=Reason.INVALID, told="The reply held no JSON object.")
    if len(found) > _MOST_OBJECTS or any(other != found[0] for other in found[1:]):
        return Flaw(reason=Reason.INVALID, told="The reply held several JSON objects; exactly one is wanted.")
    return found[0]


def _find_candidates(text: str) -> Iterator[str | None]:
    """Yield the text of each outermost object; None, as the last, for one that never closes."""
    place = 0
    while start := _OBJECT.search(text, place):
        end = _find_end(text, start.start())
        yield None if end is None else text[start.start() : end]
        if end is None:
            return
        place = end


def _find_end(text: str, start: int) -> int | None:
    depth = 0
    for token in _TOKEN.finditer(text, start):
        depth += _DEPTHS.get(token[0], 0)
        if depth == 0:
            return token.end()
    return None


def _tell_problems(error: ValidationError) -> str:
    problems = error.errors(include_url=False, include_input=False, include_context=False)
    told = dict.fromkeys(
        _tell_problem(str(problem["type"]), problem["loc"], problem["msg"]) for problem in problems
    )
    return "The reply does not fit the schema: " + "; ".join(list(told)[:_MOST_PROBLEMS]) + "."


def _tell_problem(sort: str, where: Sequence[int | str], message: str) -> str:
    if sort == "extra_forbidden":
        # The name of such a field is the reply's own word.
        return f"{_name_field(where[:-1])} has fields that the schema does not have"
    if sort == "missing":
        return f"{_name_field(where)} is missing"
    if sort == "value_error":
        return f"{_name_field(where)}: {message.removeprefix('Value error, ')}"
    return f"{_name_field(where)} has a value of the wrong type"


def _name_field(where: Sequence[int | str]) -> str:
    names = [part for part in where if isinstance(part, str)]
    return f"`{'.'.join(names)}`" if names else "the object"
