"""Render commits as lines of a list that tells little of each: those of watched paths, those of a release.

This module must not read a record or know which commits a page lists; a headline holds all that a line tells.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from generator.headlines import Headline
from generator.pages import classes
from generator.pages.fragments import (
    badge,
    importance_badge,
    kind_badge,
    link_commit,
    link_pull_request,
    show_subject,
    trim_subject,
)
from generator.pages.markup import cut, escape, escape_prose, render_list, wrap
from generator.pages.survey import Shelf
from generator.pages.words import Words, count
from generator.records import Importance

_LONGEST_NOTE = 160


def render_headlines(
    source: str, shelf: Shelf, headlines: Iterable[Headline], words: Words, *, is_grouped: bool = False
) -> str:
    """Render commits as a list; a group of one importance does not tell that of each."""
    return render_list(
        render_headline(source, shelf, headline, words, is_grouped=is_grouped) for headline in headlines
    )


def render_writers(headlines: Sequence[Headline], words: Words) -> str:
    """Say who wrote the notes of a list; empty where there is none."""
    by_model = sum(headline.is_by_model for headline in headlines if headline.note)
    by_rules = sum(bool(headline.note) for headline in headlines) - by_model
    parts = [count(by_rules, words.notes_by_rules)] if by_rules else []
    parts += [count(by_model, words.notes_by_models)] if by_model else []
    return wrap("p", classes.QUIET, " \u00b7 ".join(parts)) if parts else ""


def render_headline(
    source: str, shelf: Shelf, headline: Headline, words: Words, *, is_grouped: bool = False
) -> str:
    """Render a commit as one line: what it is, who wrote it, what it does or why it matters."""
    is_marked = headline.importance is Importance.HIGH and not is_grouped
    parts = [importance_badge(headline.importance, words)] if is_marked else []
    parts += [kind_badge(kind, words) for kind in headline.kinds]
    parts += [_render_states(headline, words), _link_subject(source, shelf, headline, words)]
    if headline.pull_request is not None:
        parts.append(link_pull_request(shelf, headline.pull_request))
    name = escape(headline.author) if headline.author.strip() else words.unnamed
    parts.append(wrap("span", classes.QUIET, f"<bdi>{name}</bdi>"))
    line = " ".join(part for part in parts if part)
    note = escape_prose(cut(headline.note, _LONGEST_NOTE))
    return f"{line}{words.dash}{note}" if note else line


def _render_states(headline: Headline, words: Words) -> str:
    marks = [badge(classes.BREAKING, words.breaking_mark)] if headline.breaking == "yes" else []
    marks += [badge(classes.MARK, words.gone_mark)] if headline.is_gone else []
    marks += [badge(classes.MARK, words.reverted_mark)] if headline.is_reverted else []
    return " ".join(marks)


def _link_subject(source: str, shelf: Shelf, headline: Headline, words: Words) -> str:
    shown = show_subject(trim_subject(headline.subject, headline.pull_request), words)
    text = wrap("bdi", classes.GONE, shown) if headline.is_gone else f"<bdi>{shown}</bdi>"
    return link_commit(source, shelf.name, headline.sha, text)
