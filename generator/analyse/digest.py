"""Say what matters in a day or a month by rules: three to seven lines, each with the commits it stands on.

This module must not use the network, the clock or chance: the same commits give the same lines.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

from generator.analyse.digest_groups import MOST_COMMITS, MOST_TITLES, Group, Head, choose_groups, find_head
from generator.analyse.digest_source import DigestSource
from generator.analyse.digest_words import say
from generator.analyse.plain import fold
from generator.analyse.wording import SENTENCES, Wording
from generator.records import DigestLine, Importance, Kind, Language, Mention

RULES_DIGEST_VERSION: Final = "digest-rules-2"

_TITLE_ROOM = 110
_GIST_ROOM = 260
_SAID_ROOM = 220
# Less than this says too little for a sentence alone.
_SAID_LEAST = 50
_REASON_ROOM = 160
_AREA_ROOM = 40
_MOST_AREAS = 3
_SENTENCE_END = re.compile(r"(?<!e\.g)(?<!i\.e)(?<!\bvs)(?<!\betc)(?:[.!?](?=\s)|[。！？])")
# How many commits of one line leave room for the reasons why they matter.
_FEW = 2

# Reasons that say what the line says already, or how large a change is.
_SILENT = (
    "high_size",
    "high_security",
    "high_breaking",
    "high_revert",
    "medium_release",
    "low_tiny",
    "low_tidy",
    "low_wording",
)


def write_by_rules(sources: Sequence[DigestSource], language: Language) -> tuple[DigestLine, ...]:
    """Write the lines, most important first; none where there are no commits."""
    writer = _Writer(sources, language)
    groups, rest = choose_groups(sources)
    lines = [writer.write_group(group) for group in groups]
    if rest:
        lines.append(writer.write_rest(rest, is_all=not groups))
    return tuple(lines)


def write_breaking(sources: Sequence[DigestSource], language: Language) -> tuple[DigestLine, ...]:
    """Write as few lines as name and link each of these commits, which are breaking changes that a model left out."""
    writer = _Writer(sources, language)
    parts = (sources[start : start + MOST_TITLES] for start in range(0, len(sources), MOST_TITLES))
    return tuple(
        writer.write_group(Group(head=Head.BREAKING, importance=Importance.HIGH, clusters=(tuple(part),)))
        for part in parts
    )


class _Writer:
    """Writes one digest's lines: it knows the language, and whether repositories have to be told apart."""

    def __init__(self, sources: Sequence[DigestSource], language: Language) -> None:
        self._words = Wording(language)
        self._language = language
        self._short = _shorten_names({source.repository for source in sources})

    def write_group(self, group: Group) -> DigestLine:
        sources = group.sources
        head = self._name_head(group.head)
        text = self._write_one(head, sources[0]) if len(sources) == 1 else self._write_many(head, sources)
        return _make_line(text, sources)

    def write_rest(self, sources: Sequence[DigestSource], *, is_all: bool) -> DigestLine:
        """Count what got no line, in each repository by kind, the most frequent first."""
        if len(sources) <= MOST_TITLES:
            titles = self._join(self._list_texts(sources, ""))
            return _make_line(self._say("only" if is_all else "rest", counts=titles), sources)
        counts = []
        for repository in dict.fromkeys(source.repository for source in sources):
            kinds = Counter(source.kinds[0] for source in sources if source.repository == repository)
            listed = self._words.list_texts(
                [self._count(kind, number) for kind, number in kinds.most_common()], len(kinds)
            )
            name = self._short[repository]
            counts.append(self._say("rest_of", repository=name, counts=listed) if name else listed)
        joined = self._say("semicolon").join(counts)
        return _make_line(self._say("only" if is_all else "rest", counts=joined), sources)

    def _write_one(self, head: str, source: DigestSource) -> str:
        where = self._place([source])
        gist = self._find_gist(source)
        reason = self._find_reason(source)
        text = self._say("reason", text=gist, reason=reason) if reason else gist
        values = {"head": head, "text": text, "stop": self._end(text), "more": self._find_said(source)}
        return (self._say("one_in", where=where, **values) if where else self._say("one", **values)).strip()

    def _write_many(self, head: str, sources: Sequence[DigestSource]) -> str:
        where = self._place(sources)
        # Only what is linked too: the first ones.
        joined = self._join(self._list_texts(sources[:MOST_TITLES], where))
        if len(sources) > MOST_TITLES:
            joined = self._say("more", texts=joined, number=len(sources) - MOST_TITLES)
        values = {"head": head, "texts": joined, "stop": self._end(joined)}
        return self._say("many_in", where=where, **values) if where else self._say("many", **values)

    def _end(self, text: str) -> str:
        return "" if text.endswith("…") else self._say("stop")

    def _join(self, labelled: Sequence[tuple[str, list[str]]]) -> str:
        parts = []
        for label, texts in labelled:
            joined = self._say("comma").join(texts)
            parts.append(self._say("labelled", label=label, text=joined) if label else joined)
        return self._say("semicolon").join(parts)

    def _list_texts(self, sources: Sequence[DigestSource], where: str) -> list[tuple[str, list[str]]]:
        """Write what each commit of several does, by the repository and the area that the line has not named."""
        by_label: dict[str, list[str]] = {}
        for source in sources:
            # The title whoever wrote the summary: of a summary, there is no room for more than its beginning.
            gist = self._quote_title(source, _TITLE_ROOM)
            reason = self._find_reason(source) if len(sources) <= _FEW else ""
            text = self._say("reason", text=gist, reason=reason) if reason else gist
            by_label.setdefault(self._find_label(source, where), []).append(text)
        # A change that landed, and what took it back, have the same title.
        return [(label, list(dict.fromkeys(texts))) for label, texts in by_label.items()]

    def _find_label(self, source: DigestSource, where: str) -> str:
        """Name the repository and the area of one commit, so far as the line has not named any for all."""
        labels = [] if where else [self._short[source.repository]]
        if source.areas and (not where or where == self._short[source.repository]):
            labels.append(_clip_area(source.areas[0]))
        return " ".join(filter(None, labels))

    def _place(self, sources: Sequence[DigestSource]) -> str:
        """Name what all commits of a line share: the repository, where there are several, and the areas."""
        names = {self._short[source.repository] for source in sources}
        name = names.pop() if len(names) == 1 else ""
        areas = self._words.list_texts(map(_clip_area, self._find_common_areas(sources)), _MOST_AREAS)
        if name and areas:
            return self._say("repository_areas", repository=name, areas=areas)
        return name or areas

    def _find_common_areas(self, sources: Sequence[DigestSource]) -> list[str]:
        first, *others = sources
        return [area for area in first.areas if all(area in other.areas for other in others)][:_MOST_AREAS]

    def _find_gist(self, source: DigestSource) -> str:
        if source.by_model and source.language == self._language:
            return _cut(fold(source.summary), _GIST_ROOM).rstrip(".。 ")
        return self._quote_title(source, _GIST_ROOM)

    def _quote_title(self, source: DigestSource, room: int) -> str:
        return self._say("quote", text=_cut(fold(source.content), room).rstrip(".。 "))

    def _find_reason(self, source: DigestSource) -> str:
        """Find why a commit matters, where that is more than the line says without it, and in its language."""
        if source.language != self._language:
            return ""
        evidence = fold(source.breaking.evidence or "")
        if source.breaking.answer == "yes":
            return "" if fold(source.subject)[:_AREA_ROOM] in evidence else _cut(evidence, _REASON_ROOM)
        reason = fold(source.importance_reason)
        labels = [self._words.say(f"kind_{kind}") for kind in Kind]
        silent = [SENTENCES[self._language][key].partition("{")[0] for key in _SILENT]
        if (
            source.by_model
            or source.importance is Importance.LOW
            or reason.startswith(tuple(labels + silent))
        ):
            return ""
        return _cut(reason, _REASON_ROOM)

    def _find_said(self, source: DigestSource) -> str:
        """Find what the message says in its author's words: the rules quote it in their summary."""
        if find_head(source) is Head.REVERT:
            return ""  # it names what is taken back, as the title does
        opening, closing = Wording(source.language).say("quote", text="\n").split("\n")
        said = source.summary.partition(opening)[2].rpartition(closing)[0]
        if source.by_model or "://" in said[:_SAID_ROOM] or len(said) < _SAID_LEAST:
            return ""
        return self._say("said", text=_begin(said).rstrip(".。 "))

    def _name_head(self, head: Head) -> str:
        if head in (Head.BREAKING, Head.SECURITY, Head.REVERT, Head.INTERFACE):
            return self._say(f"head_{head}")
        return self._words.say("lead_kind_other" if head is Head.OTHER else f"kind_{head}")

    def _count(self, kind: Kind, number: int) -> str:
        return self._say(f"{kind}_one" if number == 1 else f"{kind}_many", number=f"{number:,}")

    def _say(self, key: str, **values: str | int) -> str:
        return say(self._language, key, **values)


def _make_line(text: str, sources: Sequence[DigestSource]) -> DigestLine:
    mentions = [Mention(repository=source.repository, sha=source.sha) for source in sources[:MOST_COMMITS]]
    return DigestLine(text=text, commits=tuple(mentions))


def _begin(text: str) -> str:
    """Take the first sentences of a text that say something, or as much as there is room for."""
    for match in _SENTENCE_END.finditer(text[:_SAID_ROOM]):
        if match.end() >= _SAID_LEAST:
            return text[: match.end()]
    return _cut(text, _SAID_ROOM)


def _cut(text: str, room: int) -> str:
    """Cut a text at a word, and never inside of code: a backtick without its partner would open some."""
    if len(text) <= room:
        return text
    short = text[: room - 1]
    border = short.rfind(" ")
    short = short[:border] if border > room // 2 else short
    if short.count("`") % 2:
        short = short[: short.rfind("`")]
    return short.rstrip(" ,;:、，；：-") + "…"


def _clip_area(area: str) -> str:
    return _cut(fold(area), _AREA_ROOM)


def _shorten_names(names: set[str]) -> dict[str, str]:
    """Name repositories by their last part where that tells them apart; not at all where there is one."""
    if len(names) < 2:
        return dict.fromkeys(names, "")
    lasts = Counter(name.rpartition("/")[2] for name in names)
    return {name: last if lasts[last := name.rpartition("/")[2]] == 1 else name for name in names}
