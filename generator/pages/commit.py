"""Render the page of one commit: what it is, what is said of it, its message, its facts, its files.

This module must not look at any other commit than the one it is given and the two it stands between.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from generator.pages import classes
from generator.pages.addresses import commit_page, day_record
from generator.pages.analysis import render_analysis
from generator.pages.diff import render_diff
from generator.pages.facts import render_facts, render_full_message
from generator.pages.files import render_files
from generator.pages.fragments import (
    importance_badge,
    kind_badges,
    link_commit,
    link_host,
    link_pull_request,
    render_author,
    show_subject,
    state_badges,
)
from generator.pages.markup import cut, render_list, wrap
from generator.pages.page import FrontMatter, Page, Stop, make_page
from generator.pages.relations import Group
from generator.pages.survey import Shelf
from generator.pages.times import render_moment
from generator.pages.trails import day_trail
from generator.pages.words import Words, count
from generator.records import Commit, Nature
from generator.summaries import CommitRef

TEMPLATE = "commit.html"
# A heading this long fills a phone's screen; the whole subject stands in the message.
_LONGEST_HEADING = 300
# Enough to know a neighbour by; its own page has all of it.
_LONGEST_NEIGHBOUR = 70
# What a search engine or a messenger shows of a page.
_LONGEST_DESCRIPTION = 100
_MOST_BROUGHT = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a commit stands: its landing day, its neighbours in landing order, and what it brought in.

    `brought` are the commits that landed through this one, itself left out; `group` are those that landed with it
    through another one, None where it is that one.
    """

    day: date
    previous: CommitRef | None = None
    next: CommitRef | None = None
    brought: tuple[CommitRef, ...] = ()
    group: Group | None = None


def render_commit(shelf: Shelf, commit: Commit, place: Place, words: Words) -> Page:
    """Render a commit's page."""
    source, day = commit_page(shelf.name, commit.sha), place.day
    front_matter = FrontMatter(
        title=commit.subject.strip() or words.no_subject,
        description=_describe(commit),
        template=TEMPLATE,
        trail=day_trail(shelf.name, day, words),
        previous=_stop(shelf, place.previous, words),
        next=_stop(shelf, place.next, words),
        record=day_record(shelf.name, day),
    )
    return make_page(
        source,
        front_matter,
        _render_heading(commit, words),
        _render_lead(shelf, commit, words),
        render_analysis(commit.analysis, words),
        _render_brought(source, shelf, place.brought, words),
        _render_message(commit, words),
        render_facts(source, shelf, commit, day, place.group, words),
        render_files(shelf, commit, words),
        render_diff(shelf, commit, words),
    )


def _describe(commit: Commit) -> str | None:
    # The rules can only summarise by quoting the subject, which is the title already.
    analysis = commit.analysis
    return cut(analysis.summary, _LONGEST_DESCRIPTION) if analysis.provenance.writer != "rules" else None


def _render_message(commit: Commit, words: Words) -> str:
    # A message of one line is the heading.
    if not commit.body and not commit.encoding_note and len(commit.subject) <= _LONGEST_HEADING:
        return ""
    return render_full_message(commit, words)


def _render_heading(commit: Commit, words: Words) -> str:
    # HTML, because Markdown's toc extension makes a heading's id from its text: a subject `__config` would take
    # the place of Material's own element of that id, and no script of the page would start.
    return f"<h1>{show_subject(cut(commit.subject, _LONGEST_HEADING), words)}</h1>"


def _render_lead(shelf: Shelf, commit: Commit, words: Words) -> str:
    analysis = commit.analysis
    marks = [importance_badge(analysis.importance, words), kind_badges(analysis.kinds, words)]
    marks.append(state_badges(commit, words))
    facts = [
        " ".join(mark for mark in marks if mark),
        render_author(commit.author, words),
        render_moment(commit.author, shelf.zone),
        _render_size(commit, words),
        "" if commit.pull_request is None else link_pull_request(shelf, commit.pull_request),
        link_host(shelf, commit.sha),
    ]
    lead = wrap("p", classes.LEAD, " \u00b7 ".join(fact for fact in facts if fact))
    return f"{lead}\n\n{wrap('p', classes.WARN, words.gone_note)}" if commit.gone else lead


def _render_brought(source: str, shelf: Shelf, brought: tuple[CommitRef, ...], words: Words) -> str:
    if not brought:
        return ""
    items = [
        link_commit(source, shelf.name, ref.sha, f"<bdi>{show_subject(ref.subject, words)}</bdi>")
        for ref in brought[:_MOST_BROUGHT]
    ]
    if len(brought) > _MOST_BROUGHT:
        items.append(count(len(brought) - _MOST_BROUGHT, words.and_more))
    title = words.brought_title + words.brackets.format(inner=f"{len(brought):,}")
    return f"<h2>{title}</h2>\n\n{render_list(items)}"


def _render_size(commit: Commit, words: Words) -> str:
    totals = commit.totals
    if commit.nature is Nature.MERGE or not totals.files:
        return ""
    plus = wrap("span", classes.PLUS, f"+{totals.insertions:,}")
    minus = wrap("span", classes.MINUS, f"\u2212{totals.deletions:,}")
    return f"{plus} {minus}{words.in_files.format(files=count(totals.files, words.files))}"


def _stop(shelf: Shelf, ref: CommitRef | None, words: Words) -> Stop | None:
    if ref is None:
        return None
    return Stop(
        cut(ref.subject.strip(), _LONGEST_NEIGHBOUR) or words.no_subject, commit_page(shelf.name, ref.sha)
    )
