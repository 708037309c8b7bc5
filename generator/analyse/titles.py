"""Take a commit's subject apart: its prefixes, its scopes, its verb and what it says.

This module must not decide what a prefix means; that depends on the repository's own conventions.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from generator.analyse.plain import fold
from generator.analyse.vocabulary import ADVERBS, PLAIN_VERBS, TAGS, VERBS

# No real title is longer; what follows cannot change what sort of change it is.
_MOST_READ = 500
_MOST_PREFIXES = 8
_MOST_REVERTS = 6

_ORNAMENT = re.compile(r"^(?:(?::[a-z0-9_+-]{2,40}:|[^\w\s\[\](){}\"'`:.,/<>@#*&|~$%^+=?!;\\-]+)\s*)+")
_NUMBERS = re.compile(r"\s*(?:\(\s*(?:[#!]\d{1,9}(?:\s*(?:,|and|&|\+|/)?\s*)?){1,6}\)|(?<=\s)#\d{1,9})\s*$")
_BRACKET = re.compile(r"^(?:\[([^\[\]]{1,60})\]|【([^【】]{1,60})】)\s*[:：]?\s*")
_LABEL = re.compile(
    r"^([^\s:：()!\[\]\"'`“”]+(?: [^\s:：()!\[\]\"'`“”]+){0,2})?(?:\(([^()]{1,80})\))?(!)?[:：](\s+|)"
)
_SERIES = re.compile(r"^(?:\d+|[a-z])/(?:\d+|[a-z])$", re.IGNORECASE)
_REVERT = re.compile(
    r"^(?P<word>reverts?|reverted|reverting|roll(?:ed|ing)? ?back|back(?:s|ed)? ?out|"
    r"(?P<again>re-?lands?|re-?appl(?:y|ies)))\b[:：]?\s*(?P<rest>.*)$",
    re.IGNORECASE | re.DOTALL,
)
_QUOTED = re.compile(r"^[\"“'`](?P<inner>.*?)[\"”'`]?\s*$", re.DOTALL)
_WORD = re.compile(r"[A-Za-z][A-Za-z'-]*")

Form = Literal["quoted", "label", "verb"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Title:
    """A subject in its parts.

    `prefixes` are the texts of `[Tag]` and `area:` in order, `scopes` those in parentheses. `content` is what
    remains, without trailing pull request numbers; it is never empty unless the subject is. `reverted` is
    what a revert says it takes back; `form` how it says so; `reland` that it takes back a revert.
    """

    prefixes: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    marked_breaking: bool = False
    content: str = ""
    verb: str | None = None
    reverted: str | None = None
    form: Form | None = None
    reland: bool = False


def parse_title(subject: str) -> Title:
    """Take a subject apart; any text gives a title."""
    whole = _strip_numbers(fold(subject, _MOST_READ))
    rest = _ORNAMENT.sub("", whole) or whole
    prefixes: list[str] = []
    scopes: list[str] = []
    breaking = labelled_revert = False
    for _ in range(_MOST_PREFIXES):
        step = _take_bracket(rest) or _take_label(rest)
        if step is None:
            break
        breaking = breaking or step.breaking
        prefixes += [part for part in step.prefixes if not _SERIES.match(part)]
        scopes += step.scopes
        rest = step.rest
        if step.prefixes and step.prefixes[-1].casefold() in ("revert", "reverts"):
            labelled_revert = True
            break
    rest = _ORNAMENT.sub("", rest) or rest
    reverted, form, reland = (rest, "label", False) if labelled_revert else _read_revert(rest)
    return Title(
        prefixes=tuple(prefixes),
        scopes=tuple(scopes),
        marked_breaking=breaking,
        content=rest,
        verb=find_verb(rest),
        reverted=reverted,
        form=form,
        reland=reland,
    )


def find_verb(content: str) -> str | None:
    """Find the known verb that a sentence opens with, in its base form, looking past adverbs like "tiny"."""
    for match in _WORD.finditer(content[:200]):
        word = match.group().casefold().removeprefix("re-")
        if word and word not in ADVERBS:
            return find_stem(word)
    return None


def find_stem(word: str) -> str | None:
    """Bring `fixes`, `fixed` and `fixing` to `fix`; None for a word that is no known verb."""
    for ending in ("", "s", "d", "es", "ed", "ing"):
        stem = word.removesuffix(ending) if ending else word
        for candidate in (stem, stem + "e"):
            if candidate in VERBS or candidate in PLAIN_VERBS:
                return candidate
    return None


def normalise_tag(prefix: str) -> str:
    """Write a prefix the way the vocabulary lists it: without case, spaces, "-" and "_"."""
    return re.sub(r"[\s_-]+", "", prefix.casefold())


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    prefixes: tuple[str, ...]
    scopes: tuple[str, ...] = ()
    breaking: bool = False
    rest: str


def _take_bracket(text: str) -> _Step | None:
    match = _BRACKET.match(text)
    if match is None or match.end() == len(text):
        return None
    inner = (match.group(1) or match.group(2)).strip()
    return _Step(prefixes=(inner,) if inner else (), rest=text[match.end() :])


def _take_label(text: str) -> _Step | None:
    match = _LABEL.match(text)
    if match is None or match.end() == len(text) or not (match.group(1) or match.group(2)):
        return None
    label, scope, mark, gap = match.groups()
    known = label is not None and normalise_tag(label) in TAGS
    if not gap and not known:
        return None
    if label and not known and " " in label and find_verb(label):
        return None
    scopes = tuple(part.strip() for part in (scope or "").split(",") if part.strip())
    prefixes = (label,) if label else ()
    return _Step(prefixes=prefixes, scopes=scopes, breaking=mark is not None, rest=text[match.end() :])


def _strip_numbers(text: str) -> str:
    for _ in range(3):
        shorter = _NUMBERS.sub("", text)
        if not shorter or shorter == text:
            break
        text = shorter
    return text


def _read_revert(content: str) -> tuple[str | None, Form | None, bool]:
    """Read `Revert "x"`, and by counting the quotes within quotes whether x is in or out in the end."""
    match = _REVERT.match(content)
    if match is None:
        return None, None, False
    quoted = _QUOTED.match(match["rest"])
    reland = match["again"] is not None
    inner = outer = quoted["inner"] if quoted else match["rest"]
    for _ in range(_MOST_REVERTS):
        nested = _REVERT.match(inner) if quoted else None
        if nested is None:
            break
        reland = not reland if nested["again"] is None else reland
        inner = nested["rest"].lstrip("\"“'`")
    return _strip_numbers(outer), "quoted" if quoted else "verb", reland
