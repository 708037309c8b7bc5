"""Make the question for a digest: the fields of its commits, as many as fit, between marks that no author knows.

This module must not know a model or send anything; the same commits give the same bytes.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final, Literal

from generator.analyse.digest_groups import Head, find_head
from generator.analyse.digest_source import DigestSource
from generator.analyse.model.asks import Ask, Flaw, Message
from generator.analyse.model.digest_ask import DigestPlan, Lines
from generator.analyse.model.digest_check import Shown, check_digest
from generator.analyse.model.digest_form import DigestForm
from generator.analyse.model.packing import estimate_tokens
from generator.analyse.plain import clip, fold
from generator.records import DigestLine, Importance, Language, Mention

DIGEST_VERSION: Final = "digest-1"

# Tokens for the answer, reasoning included.
_ROOM: Final = 8_000
# However small a window is said to be, a question without material makes no sense.
_LEAST_ROOM: Final = 1_000
# What stands around the material: the mark three times, and how much was left out.
_FRAME: Final = 150
_SUMMARY_ROOM = 700
_FIELD_ROOM = 240
_TITLE_ROOM = 160
_MOST_RISKS = 3
_LEAST_HASH = 7

_PROMPTS = Path(__file__).parent / "prompts"
_PLACE = re.compile(r"\{\{([A-Z]+)\}\}")
_ORDER = {importance: number for number, importance in enumerate(Importance)}
_FIRST = (Head.BREAKING, Head.SECURITY, Head.REVERT)


@dataclass(frozen=True, slots=True, kw_only=True)
class DayLines:
    """What the digest of one day, such as `2026-01-06`, says; a month's is made from these."""

    day: str
    lines: tuple[DigestLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestSubject:
    """What a digest is of: the scope and the period, the commits, and the language it is to be in."""

    scope: str
    period: str
    language: Language
    sources: tuple[DigestSource, ...]


def plan_day(subject: DigestSubject, window: int) -> DigestPlan:
    """Plan the question for a day's digest, within `window` tokens, the answer included."""
    planner = _Planner(subject, "day")
    return planner.plan([planner.describe(source) for source in planner.ordered], window)


def plan_month(subject: DigestSubject, days: Sequence[DayLines], window: int) -> DigestPlan:
    """Plan the question for a month's digest: from its days' lines, and from the commits of high importance."""
    planner = _Planner(subject, "month")
    important = [planner.describe(source) for source in planner.ordered if _is_important(source)]
    lines = [(place, day.day, line) for day in days for place, line in enumerate(day.lines)]
    # What a day begins with before what it ends with, whatever the day.
    lines.sort(key=lambda entry: entry[0])
    described = (planner.describe_line(day, line) for _, day, line in lines)
    return planner.plan([*important, *filter(None, described)], window)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """A piece of material: in full, in brief, and which commits it is about; `day` is that of a line, or empty."""

    full: str
    brief: str
    commits: tuple[Mention, ...]
    day: str = ""


class _Planner:
    """Knows the hashes that a digest's commits go by, and writes the material."""

    def __init__(self, subject: DigestSubject, span: Literal["day", "month"]) -> None:
        self._subject, self._span = subject, span
        self._names_repositories = len({source.repository for source in subject.sources}) > 1
        self._hashes = _shorten(source.sha for source in subject.sources)
        self._breaking = {source.sha for source in subject.sources if source.breaking.answer == "yes"}

    @property
    def ordered(self) -> list[DigestSource]:
        """The commits, the most important first."""
        return sorted(
            self._subject.sources,
            key=lambda source: (find_head(source) not in _FIRST, _ORDER[source.importance], -source.lines),
        )

    def describe(self, source: DigestSource) -> _Entry:
        name = self._hashes[source.sha]
        title = clip(fold(source.subject), _TITLE_ROOM)
        where = f"{source.repository} | " if self._names_repositories else ""
        kinds = ", ".join(source.kinds)
        return _Entry(
            full="\n".join(self._list_fields(source, name)),
            brief=f"commit {name} | {where}{kinds} | {source.importance} | {title}",
            commits=(Mention(repository=source.repository, sha=source.sha),),
        )

    def describe_line(self, day: str, line: DigestLine) -> _Entry | None:
        """Describe a line of a day; None where none of its commits is left."""
        commits = tuple(mention for mention in line.commits if mention.sha in self._hashes)
        hashes = " ".join(self._hashes[mention.sha] for mention in commits)
        text = f"{day} | {fold(line.text)} | commits {hashes}"
        return _Entry(full=text, brief=text, commits=commits, day=day) if commits else None

    def plan(self, entries: Sequence[_Entry], window: int) -> DigestPlan:
        """Make the question of as many entries as fit, the first ones first."""
        scope, period = self._subject.scope, self._subject.period
        topic = f"digest {scope} {period}"
        # From the commits' own hashes: nobody can write a commit that holds what its own gives.
        canary = f"daybook-{_hash(' '.join((DIGEST_VERSION, topic, *sorted(self._hashes))))[:16]}"
        system = _fill(self._read(self._span), {"CANARY": canary})
        template = self._read("material")
        room = window - _ROOM - estimate_tokens(f"{system} {template} {topic}") - _FRAME
        shown = _fit(entries, max(room, _LEAST_ROOM))
        material = _join(shown, len(entries) - len(shown))
        values = {"SCOPE": scope, "PERIOD": period, "MARK": _hash(material)[:24], "MATERIAL": material}
        messages = (
            Message(role="system", content=system),
            Message(role="user", content=_fill(template, values)),
        )
        return DigestPlan(
            ask=Ask(topic=topic, version=DIGEST_VERSION, messages=messages, form=DigestForm, canary=canary),
            check=partial(self._check, shown=self._list_shown(shown)),
            share_read=round(len(shown) / len(entries), 4) if entries else 1.0,
        )

    def _check(self, form: Any, shown: Sequence[Shown]) -> Lines | Flaw:
        assert isinstance(form, DigestForm)  # what its question asked for
        subject = self._subject
        return check_digest(form, shown, f"{subject.scope} {subject.period}", subject.language)

    def _list_fields(self, source: DigestSource, name: str) -> list[str]:
        fields = [f"commit {name}"]
        if self._names_repositories:
            fields.append(f"repository: {source.repository}")
        number = f" (#{source.pull_request})" if source.pull_request is not None else ""
        title = clip(fold(source.subject), _TITLE_ROOM)
        fields.append(f"title: {title}{number if number.strip() not in title else ''}")
        fields.append(f"kinds: {', '.join(source.kinds)}")
        fields.append(
            f"importance: {source.importance} ({clip(fold(source.importance_reason), _FIELD_ROOM)})"
        )
        evidence = clip(fold(source.breaking.evidence or ""), _FIELD_ROOM)
        fields.append(f"breaking: {source.breaking.answer}" + (f" ({evidence})" if evidence else ""))
        if source.is_reverted:
            fields.append("taken back: yes")
        fields.append(f"summary: {clip(fold(source.summary), _SUMMARY_ROOM)}")
        fields += [f"risk: {clip(fold(risk), _FIELD_ROOM)}" for risk in source.risks[:_MOST_RISKS]]
        return fields

    def _list_shown(self, shown: Mapping[_Entry, str]) -> list[Shown]:
        """Put together what was said of each commit, in all the places where it stands."""
        texts: dict[Mention, list[str]] = {}
        for entry, text in shown.items():
            for mention in entry.commits:
                texts.setdefault(mention, []).append(text)
        return [
            Shown(
                commit=mention,
                hash=self._hashes[mention.sha],
                is_breaking=mention.sha in self._breaking,
                text="\n".join([mention.repository, *said]),
            )
            for mention, said in texts.items()
        ]

    def _read(self, name: str) -> str:
        return (_PROMPTS / f"digest.{name}.{self._subject.language}.md").read_text(encoding="utf-8").strip()


def _is_important(source: DigestSource) -> bool:
    return source.importance is Importance.HIGH or find_head(source) is Head.BREAKING


def _fit(entries: Sequence[_Entry], room: int) -> dict[_Entry, str]:
    """Take the first entries that fit in brief, and of these the first that then still fit in full."""
    shown: dict[_Entry, str] = {}
    for entry in entries:
        cost = estimate_tokens(f"{entry.brief}\n\n")
        if cost > room:
            break
        shown[entry] = entry.brief
        room -= cost
    for entry in shown:
        cost = estimate_tokens(entry.full) - estimate_tokens(entry.brief)
        if cost <= room:
            shown[entry] = entry.full
            room -= cost
    return shown


def _join(shown: Mapping[_Entry, str], left: int) -> str:
    """Join the material, a month's lines by their days, and say how much there was no room for."""
    ordered = sorted(shown, key=lambda entry: (not entry.day, entry.day))
    rest = [f"(and {left} more, less important)"] if left else []
    return "\n\n".join([*(shown[entry] for entry in ordered), *rest])


def _shorten(shas: Iterable[str]) -> dict[str, str]:
    """Give each commit the shortest hash that tells them all apart, of at least seven characters."""
    whole = set(shas)
    length = _LEAST_HASH
    while len({sha[:length] for sha in whole}) < len(whole):
        length += 1
    return {sha: sha[:length] for sha in whole}


def _fill(template: str, values: Mapping[str, str]) -> str:
    """Fill the places in one pass, so that no text that is filled in can hold a place of its own."""
    return _PLACE.sub(lambda match: values[match[1]], template)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
