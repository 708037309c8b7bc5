"""Write an answer down in Markdown, for people: what breaks first, then by importance and kind.

This module must not look anything up or print. All that git, a model or the command line said passes the escaper.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby

from generator.changes.between import Between, Entry, Side
from generator.changes.links import Places
from generator.changes.words import AnswerWords, find_answer_words
from generator.pages.languages import find_words
from generator.pages.markup import cut, escape, escape_prose
from generator.pages.words import Words, count
from generator.records import Importance, Kind, Language

_SHORT = 12
_LONGEST_SUBJECT = 200
_IMPORTANCE, _KINDS = list(Importance), list(Kind)


def render_markdown(between: Between, language: Language, site_url: str | None) -> str:
    """Write the answer down; the same answer gives the same text, which ends in a newline."""
    teller = _Teller(between, language, Places(between, site_url))
    blocks = [*teller.render_head(), *teller.render_landed(), *teller.render_left_behind()]
    return "\n\n".join(blocks) + "\n"


def show_backfill(between: Between) -> str | None:
    """Say which command archives what is not archived yet of the tracked branch; None where there is nothing."""
    if between.backfill is None:
        return None
    return f"daybook backfill --since {between.backfill} --repository {between.repository}"


class _Teller:
    def __init__(self, between: Between, language: Language, places: Places) -> None:
        self._between = between
        self._places = places
        self._words: Words = find_words(language)
        self._own: AnswerWords = find_answer_words(language)

    def render_head(self) -> Iterator[str]:
        """Name the two ends, and say how they lie to each other and what is shown."""
        between, own = self._between, self._own
        old, new = escape(between.question.old.text), escape(between.question.new.text)
        yield f"# {own.title.format(name=escape(between.repository), old=old, new=new)}"
        yield "\n".join(
            [
                f"- {own.old_end.format(commit=self._show_end(old, between.old))}",
                f"- {own.new_end.format(commit=self._show_end(new, between.new))}",
                *([f"- [{own.compare}]({url})"] if (url := self._places.compare()) else []),
            ]
        )
        yield self._words.space.join(self._tell_sides())

    def _tell_sides(self) -> Iterator[str]:
        own, question = self._own, self._between.question
        landed, left_behind = self._between.landed, self._between.left_behind
        yield count(landed.total, own.landed) if landed.total else own.nothing_landed
        if left_behind.total:
            yield own.diverged if landed.total else own.is_older
            yield count(left_behind.total, own.left_behind_note)
        if question.globs:
            globs = self._words.listing.join(f"<code>{escape(glob)}</code>" for glob in question.globs)
            yield own.paths.format(paths=globs)
        if question.is_breaking_only:
            yield own.breaking_only
        if landed.total and self._is_narrowed():
            yield count(len(landed.entries), own.shown) if landed.entries else own.none_shown

    def render_landed(self) -> Iterator[str]:
        """List what landed."""
        archived = [entry for entry in self._between.landed.entries if entry.archived]
        for answer, heading in (("yes", self._own.breaking), ("unclear", self._own.perhaps_breaking)):
            yield from self._render_section(
                f"## {heading}", [entry for entry in archived if _find_breaking(entry) == answer]
            )
        others = [entry for entry in archived if _find_breaking(entry) == "no"]
        for importance, some in _group(others, _find_importance):
            yield f"## {self._words.importance[_IMPORTANCE[importance]]}"
            for kind, few in _group(some, _find_kind):
                yield from self._render_section(f"### {self._words.kinds[_KINDS[kind]]}", few)
        unknown = [entry for entry in self._between.landed.entries if not entry.archived]
        yield from self._render_section(
            f"## {self._own.not_archived}", unknown, self._note(self._between.landed)
        )

    def render_left_behind(self) -> Iterator[str]:
        """List what the new end has not."""
        side = self._between.left_behind
        heading, note = f"## {self._own.left_behind}", self._note(side) if side.unarchived else ""
        yield from self._render_section(heading, side.entries, note)

    def _render_section(self, heading: str, entries: Sequence[Entry], note: str = "") -> Iterator[str]:
        if entries:
            yield heading
            yield from [note] if note else []
            yield "\n".join(map(self._render_entry, entries))

    def _note(self, side: Side) -> str:
        own = self._own
        parts = [count(side.unarchived, own.not_archived_note)]
        if self._is_narrowed():
            parts.append(own.unknown_note)
        if side.elsewhere:
            parts.append(count(side.elsewhere, own.elsewhere))
        command = show_backfill(self._between)
        if command and side.elsewhere < side.unarchived:
            parts.append(own.backfill.format(command=f"<code>{escape(command)}</code>"))
        return self._words.space.join(parts)

    def _is_narrowed(self) -> bool:
        return bool(self._between.question.globs) or self._between.question.is_breaking_only

    def _show_end(self, text: str, sha: str) -> str:
        shown = self._link(sha, self._places.commit(sha))
        return shown if text == sha else f"{text}{self._words.brackets.format(inner=shown)}"

    def _render_entry(self, entry: Entry) -> str:
        subject = escape(cut(entry.subject, _LONGEST_SUBJECT)) or self._words.no_subject
        line = f"- {self._link(entry.sha[:_SHORT], self._places.find(entry))} {subject}"
        if entry.pull_request is not None:
            number = self._link(f"&#35;{entry.pull_request}", self._places.pull_request(entry.pull_request))
            line += self._words.brackets.format(inner=number)
        marks = [f"<em>{mark}</em>" for mark in self._find_marks(entry)]
        line += self._words.brackets.format(inner=self._words.listing.join(marks)) if marks else ""
        return "\n".join([line, *(f"  - {detail}" for detail in self._find_details(entry))])

    def _find_marks(self, entry: Entry) -> Iterator[str]:
        if entry.is_touching is None and entry.archived:
            yield self._own.paths_unknown
        if entry.archived is None:
            return
        if entry.archived.gone:
            yield self._words.gone_mark
        if entry.archived.reverted_by:
            shas = self._words.listing.join(sha[:_SHORT] for sha in entry.archived.reverted_by)
            yield self._own.reverted_by.format(commits=shas)
        if mark := self._words.outcome_marks.get(entry.archived.analysis.outcome):
            yield mark

    def _find_details(self, entry: Entry) -> Iterator[str]:
        if entry.archived is None:
            name = escape(entry.author.name) or self._words.unnamed
            yield f"{name}{self._words.comma}{escape(entry.author.date)}"
            return
        analysis = entry.archived.analysis
        yield escape_prose(analysis.summary)
        if analysis.breaking.answer != "no" and analysis.breaking.evidence:
            yield self._own.evidence.format(evidence=escape_prose(analysis.breaking.evidence))

    def _link(self, markup: str, url: str | None) -> str:
        return f"[{markup}]({url})" if url else markup


def _find_breaking(entry: Entry) -> str:
    assert entry.archived is not None  # only those are sorted
    return entry.archived.analysis.breaking.answer


def _find_importance(entry: Entry) -> int:
    assert entry.archived is not None
    return _IMPORTANCE.index(entry.archived.analysis.importance)


def _find_kind(entry: Entry) -> int:
    assert entry.archived is not None
    return _KINDS.index(entry.archived.analysis.kinds[0])


def _group(entries: Iterable[Entry], key: Callable[[Entry], int]) -> Iterator[tuple[int, list[Entry]]]:
    for value, some in groupby(sorted(entries, key=key), key):
        yield value, list(some)
