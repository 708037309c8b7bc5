"""Render commits as the lines of a list, each with what is said of it folded in: what one reads of a day.

This module must not know which commits a page lists. A fold is brief; the commit's own page holds the whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from generator.headlines import IMPORTANCE_ORDER
from generator.pages import classes
from generator.pages.fragments import (
    importance_heading,
    kind_badge,
    link_pull_request,
    link_subject,
    render_author,
    render_prose,
    short_sha,
    state_badges,
)
from generator.pages.markup import cut, escape, wrap
from generator.pages.sentences import split_first
from generator.pages.survey import Shelf
from generator.pages.times import render_clock
from generator.pages.words import Words, count
from generator.records import Analysis, Commit, Importance, Outcome
from generator.summaries import Counts

# A day of more commits goes on in parts, or on the pages of its repositories: a page of them all would be megabytes.
MOST_COMMITS = 200
# A hundred commits with all this are a hundred kilobytes for a browser, its style and scripts included.
_LONGEST_NOTE = 200
_LONGEST_REST = 160
_LONGEST_THING = 100
_MOST_THINGS = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A commit to be listed, the repository it is of, and the day that the page is about."""

    shelf: Shelf
    commit: Commit
    day: date

    @property
    def importance(self) -> Importance:
        """How important the commit is."""
        return self.commit.analysis.importance


def order_commits(commits: Iterable[Commit]) -> list[Commit]:
    """Put the important commits first, and leave those of one importance as they were."""
    return sorted(commits, key=lambda commit: IMPORTANCE_ORDER[commit.analysis.importance])


def order_lines(lines: Iterable[Line]) -> list[Line]:
    """Put the lines of important commits first, and leave those of one importance as they were."""
    return sorted(lines, key=lambda line: IMPORTANCE_ORDER[line.importance])


def render_groups(
    source: str, lines: Iterable[Line], counts: Counts, words: Words, *, named: bool = False
) -> Iterator[str]:
    """Render ordered lines under a heading for each importance, which counts those of the whole day.

    Lines that are `named` tell which repository they are of.
    """
    numbers = {Importance.HIGH: counts.high, Importance.MEDIUM: counts.medium, Importance.LOW: counts.low}
    for importance, group in groupby(lines, lambda line: line.importance):
        heading = importance_heading(importance, numbers[importance], words)
        yield f"## {heading}\n\n{render_lines(source, group, importance, words, named=named)}"


def render_lines(
    source: str, lines: Iterable[Line], importance: Importance, words: Words, *, named: bool = False
) -> str:
    """Render the commits of one importance as a list; empty where there are none."""
    items = [f"<li>{_render_line(source, line, words, named=named)}" for line in lines]
    return "\n".join([f"<ul class={classes.COMMITS[importance]}>", *items, "</ul>"]) if items else ""


def _render_line(source: str, line: Line, words: Words, *, named: bool) -> str:
    shelf, commit = line.shelf, line.commit
    parts = [wrap("span", classes.REPOSITORY, escape(shelf.name))] if named else []
    parts += [kind_badge(kind, words) for kind in commit.analysis.kinds]
    parts += [state_badges(commit, words), link_subject(source, shelf, commit, words)]
    if commit.pull_request is not None:
        parts.append(link_pull_request(shelf, commit.pull_request))
    facts = (
        render_author(commit.author, words),
        render_clock(commit.committer, line.day, shelf.zone),
        # Its page leads on to the host, and digests name a commit by this.
        short_sha(commit.sha),
    )
    parts.append(wrap("span", classes.QUIET, "\u00a0\u00b7 ".join(facts)))
    return " ".join(part for part in parts if part) + _render_told(commit.analysis, words)


def _render_told(analysis: Analysis, words: Words) -> str:
    """Say in a sentence what a commit does or why it matters, and fold the rest behind it."""
    note, rest = _find_told(analysis)
    shown = render_prose(cut(note, _LONGEST_NOTE), analysis)
    things = [
        f"<p><b>{title}</b>{words.colon}{_render_things(texts, analysis, words)}"
        for title, texts in ((words.risks_title, analysis.risks), (words.advice_title, analysis.advice))
        if texts
    ]
    if not rest and not things:
        return f"<p>{shown}" if shown else ""
    folded = render_prose(cut(rest, _LONGEST_REST), analysis)
    return f"<details><summary>{shown}</summary>{folded}{''.join(things)}</details>"


def _find_told(analysis: Analysis) -> tuple[str, str]:
    """Find the sentence to show and the text to fold away."""
    first, rest = split_first(analysis.summary)
    if analysis.provenance.writer == "rules" and analysis.outcome is not Outcome.SKIPPED:
        # Their first sentence can only quote the subject, which stands right before; what they add is the reason.
        return analysis.importance_reason, rest
    return first, analysis.summary if len(first) > _LONGEST_NOTE else rest


def _render_things(things: tuple[str, ...], analysis: Analysis, words: Words) -> str:
    shown = [render_prose(cut(thing, _LONGEST_THING), analysis) for thing in things[:_MOST_THINGS]]
    if len(things) > len(shown):
        shown.append(count(len(things) - len(shown), words.and_more))
    return words.semicolon.join(shown)
