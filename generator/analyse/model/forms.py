"""Define what a model fills in for one commit, and for one part of a large one, with the schema that is sent.

This module must not look at the commit: it holds the shape and the lengths; whether what is said is true is not its
business.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, partial
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from generator.analyse.model.asks import Form
from generator.analyse.model.spellings import (
    drop_nothing,
    is_nothing,
    read_answer_word,
    read_importance,
    read_kinds,
)
from generator.analyse.model.tidy import tidy
from generator.analyse.plain import clip
from generator.records import Importance, Kind

# What a field holds, in characters; the prompts ask for less.
SUMMARY_ROOM: Final = 1200
REASON_ROOM: Final = 240
NOTE_ROOM: Final = 280
PLACE_ROOM: Final = 4096
INSIGHT_ROOM: Final = 500
ENTRY_ROOM: Final = 400
EVIDENCE_ROOM: Final = 300
MOST_IMPACT: Final = 12
MOST_ENTRIES: Final = 6
MOST_FINDINGS: Final = 40
# A text this many times its room is no answer in that field, but something else.
_ABSURD: Final = 8


def fit_text(text: str, room: int) -> str:
    """Tidy a text and cut it to its room; one that is far too long is refused with a ValueError."""
    if len(text) > room * _ABSURD:
        raise ValueError("too long")
    # A cut may fall into a piece of code.
    return tidy(clip(tidy(text), room))


def _fit_optional(text: str | None, room: int) -> str | None:
    if text is None or is_nothing(text):
        return None
    return fit_text(text, room) or None


def _check_place(place: str) -> str:
    """Keep a path as it is: it may hold any character, and is compared with the commit's."""
    if len(place) > PLACE_ROOM:
        raise ValueError("too long")
    # JSON can hold half a character, which nothing that is written down can.
    return place.encode("utf-8", "replace").decode().strip().strip("`").strip()


def _list_texts(value: object) -> object:
    """Take null and "none" for no entries, and one text for one entry."""
    if value is None or (isinstance(value, str) and is_nothing(value)):
        return ()
    return (value,) if isinstance(value, str) else value


def _fit_texts(texts: tuple[str, ...], room: int, most: int) -> tuple[str, ...]:
    if len(texts) > most * _ABSURD:
        raise ValueError("too many entries")
    return drop_nothing(fit_text(text, room) for text in texts)[:most]


def _take_nothing(value: object) -> object:
    """Take null and "none" for an insight without any concern."""
    if value is None or (isinstance(value, str) and is_nothing(value)):
        return {"architecture": None, "performance": None, "security": None}
    return value


def _take_answer(value: object) -> object:
    """Take a bare answer for one without evidence."""
    return {"answer": value, "evidence": None} if isinstance(value, str | bool) else value


_Optional = Annotated[str | None, AfterValidator(partial(_fit_optional, room=INSIGHT_ROOM))]
_Entries = Annotated[
    tuple[str, ...],
    BeforeValidator(_list_texts),
    AfterValidator(partial(_fit_texts, room=ENTRY_ROOM, most=MOST_ENTRIES)),
]
Place = Annotated[
    str,
    AfterValidator(_check_place),
    Field(description="A path of the commit exactly as in the list of files, or the name of a component."),
]
Note = Annotated[
    str,
    AfterValidator(partial(fit_text, room=NOTE_ROOM)),
    Field(description="What changes at this place, in one sentence."),
]


class Finding(Form):
    """One place that a commit touches and what happens there."""

    place: Place
    note: Note


class InsightForm(Form):
    """What a change means for three concerns."""

    architecture: _Optional = Field(
        description="What the change means for the structure of the code; null for none."
    )
    performance: _Optional = Field(description="What the change means for speed or memory; null for none.")
    security: _Optional = Field(description="What the change means for security; null for none.")


class BreakingForm(Form):
    """Whether users of the repository must act."""

    evidence: Annotated[str | None, AfterValidator(partial(_fit_optional, room=EVIDENCE_ROOM))] = Field(
        description="What in the commit shows that users must act; null where the answer is no."
    )
    answer: Annotated[Literal["yes", "no", "unclear"], BeforeValidator(read_answer_word)] = Field(
        description="Whether users of the repository must change something because of this commit."
    )


def _cut_findings(findings: tuple[Finding, ...], most: int) -> tuple[Finding, ...]:
    if len(findings) > most * _ABSURD:
        raise ValueError("too many entries")
    return tuple(finding for finding in findings if finding.place and not is_nothing(finding.place))[:most]


_Impact = Annotated[
    tuple[Finding, ...],
    BeforeValidator(_list_texts),
    AfterValidator(partial(_cut_findings, most=MOST_IMPACT)),
]
_Findings = Annotated[
    tuple[Finding, ...],
    BeforeValidator(_list_texts),
    AfterValidator(partial(_cut_findings, most=MOST_FINDINGS)),
]
_Insight = Annotated[InsightForm, BeforeValidator(_take_nothing)]
_Breaking = Annotated[BreakingForm, BeforeValidator(_take_answer)]


class CommitForm(Form):
    """The analysis of one commit."""

    # A model writes the fields in this order, and judges better what it has just given its reasons for.
    summary: Annotated[str, AfterValidator(partial(fit_text, room=SUMMARY_ROOM))] = Field(
        description="What the commit changes and why, in one to five sentences."
    )
    kinds: Annotated[tuple[Kind, ...], BeforeValidator(read_kinds)] = Field(
        description="One to four kinds of change, the main one first."
    )
    impact: _Impact = Field(description="The places that matter most, each with a note.")
    insight: _Insight = Field(description="What the change means for three concerns.")
    risks: _Entries = Field(description="What may go wrong because of this commit; empty for none.")
    advice: _Entries = Field(description="What a reader should look at or do; empty for none.")
    breaking: _Breaking = Field(description="Whether users must act.")
    importance_reason: Annotated[str, AfterValidator(partial(fit_text, room=REASON_ROOM))] = Field(
        description="Why a follower of the repository should care that much, in one line."
    )
    importance: Annotated[Importance, BeforeValidator(read_importance)] = Field(
        description="How much a follower of the repository should care."
    )


class PartForm(Form):
    """What one part of a large commit shows; a last call makes the analysis from all parts."""

    summary: Annotated[str, AfterValidator(partial(fit_text, room=SUMMARY_ROOM))] = Field(
        description="What this part of the commit changes, in one to five sentences."
    )
    findings: _Findings = Field(description="What happens at each place of this part that matters.")
    insight: _Insight = Field(description="What this part means for three concerns.")
    risks: _Entries = Field(description="What may go wrong because of this part; empty for none.")
    breaking: _Breaking = Field(description="Whether users must act because of this part.")


_KEPT: Final = ("type", "description", "enum", "properties", "required", "items", "additionalProperties")


@cache
def find_schema(form: type[Form]) -> dict[str, Any]:
    """Make the JSON schema of a form as strict mode wants it: no references, every field required, nothing else."""
    schema = form.model_json_schema(mode="validation")
    return _simplify(schema, schema.get("$defs", {}))


def _simplify(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> dict[str, Any]:
    if "$ref" in schema:
        named = definitions[schema["$ref"].rpartition("/")[2]]
        return _simplify(
            {**named, **{key: value for key, value in schema.items() if key != "$ref"}}, definitions
        )
    if "anyOf" in schema:
        return _simplify(_make_nullable(schema), definitions)
    kept = {key: schema[key] for key in _KEPT if key in schema}
    if "properties" in kept:
        properties = {name: _simplify(field, definitions) for name, field in kept["properties"].items()}
        kept |= {"properties": properties, "required": list(properties), "additionalProperties": False}
    if "items" in kept:
        kept["items"] = _simplify(kept["items"], definitions)
    return kept


def _make_nullable(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Write "this or null" as one type with two names, which every server that knows schemas reads."""
    (kept,) = (option for option in schema["anyOf"] if option.get("type") != "null")
    rest = {key: value for key, value in schema.items() if key != "anyOf"}
    return {**kept, **rest, "type": [kept["type"], "null"]}
