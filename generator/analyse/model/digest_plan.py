"""Make the question for a digest: the fields of its commits, as many as fit, between marks that no author knows.

This module must not know a model or send anything; the same commits give the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Literal, TypeAlias

from generator.analyse.digest_groups import Head, find_head
from generator.analyse.digest_source import DigestSource
from generator.analyse.model.asks import Ask, Flaw, find_room
from generator.analyse.model.digest_check import Shown, check_digest
from generator.analyse.model.digest_form import DigestForm
from generator.analyse.model.framing import make_canary, measure_fixed, reveal, write_messages
from generator.analyse.model.tokens import estimate_tokens
from generator.analyse.plain import clip, fold
from generator.records import DigestLine, Importance, Language, Mention

DIGEST_VERSION: Final = "digest-2"

# However small a window is said to be, a question without material makes no sense.
_LEAST_ROOM: Final = 1_000
# How much was left out, and what goes beyond the estimates of single pieces.
_SLACK: Final = 50
_SUMMARY_ROOM = 700
_FIELD_ROOM = 240
_TITLE_ROOM = 160
_MOST_RISKS = 3
_LEAST_HASH = 7

_ORDER = {importance: number for number, importance in enumerate(Importance)}
_FIRST = (Head.BREAKING, Head.SECURITY, Head.REVERT)

Lines: TypeAlias = tuple[DigestLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestPlan:
    """One question about a digest as it fits into a model's window.

    `check` reads the form that a model has filled in; a Flaw says why it is of no use. `share_read` is the share of
    the commits that the model is shown, 0 to 1.
    """

    ask: Ask
    check: Callable[[Any], Lines | Flaw]
    share_read: float


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
        self._sources = {source.sha: source for source in subject.sources}

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
        marks = [", ".join(source.kinds), source.importance]
        marks += ["breaking: yes"] if source.breaking.answer == "yes" else []
        marks += ["taken back: yes"] if source.is_reverted else []
        return _Entry(
            full=reveal("\n".join(self._list_fields(source, name))),
            brief=reveal(f"commit {name} | {where}{' | '.join(marks)} | {title}"),
            commits=(Mention(repository=source.repository, sha=source.sha),),
        )

    def describe_line(self, day: str, line: DigestLine) -> _Entry | None:
        """Describe a line of a day; None where none of its commits is left."""
        commits = tuple(mention for mention in line.commits if mention.sha in self._hashes)
        hashes = " ".join(self._hashes[mention.sha] for mention in commits)
        text = reveal(f"{day} | {fold(line.text)} | commits {hashes}")
        return _Entry(full=text, brief=text, commits=commits, day=day) if commits else None

    def plan(self, entries: Sequence[_Entry], window: int) -> DigestPlan:
        """Make the question of as many entries as fit, the first ones first."""
        scope, period, language = self._subject.scope, self._subject.period, self._subject.language
        prompt = f"digest.{self._span}"
        topic = f"digest {scope} {period}"
        fixed = measure_fixed(prompt, language) + estimate_tokens(topic) + _SLACK
        shown = _fit(entries, max(window - find_room(window) - fixed, _LEAST_ROOM))
        canary = make_canary(DIGEST_VERSION, topic, *sorted(self._hashes))
        material = {"MATERIAL": _join(shown, len(entries) - len(shown))}
        messages = write_messages(prompt, language, canary, material, {"SCOPE": scope, "PERIOD": period})
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
        texts: dict[str, list[str]] = {}
        for entry, text in shown.items():
            for mention in entry.commits:
                texts.setdefault(mention.sha, []).append(text)
        return [
            Shown(
                source=self._sources[sha],
                hash=self._hashes[sha],
                text="\n".join([self._sources[sha].repository, *said]),
            )
            for sha, said in texts.items()
        ]


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
