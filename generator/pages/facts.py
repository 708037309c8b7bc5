"""Render what git says of one commit: its message, where it comes from, where it landed, what belongs to it.

This module must not judge anything; what is left out for room is counted, and the record holds more of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from generator.pages import classes
from generator.pages.addresses import day_record, find_link
from generator.pages.fragments import (
    LONGEST_NAME,
    link_day,
    render_author,
    render_branch,
)
from generator.pages.markup import (
    cut,
    escape,
    link_out,
    link_page,
    render_list,
    render_message,
    render_time,
    wrap,
)
from generator.pages.relations import Group, join_cut, link_commits, render_relations
from generator.pages.survey import Shelf
from generator.pages.times import find_original, format_local, format_moment
from generator.pages.words import Words, count
from generator.records import Commit

# Squashed merges of long branches have messages of some ten thousand characters; beyond that it is no prose.
_LONGEST_MESSAGE = 60_000
_MOST_LISTED = 20
_MOST_REDACTIONS = 10
_LONGEST_TRAILER = 200


def render_full_message(commit: Commit, words: Words) -> str:
    """Render the whole message, with a note where it was cut or could not be decoded as declared."""
    message = f"{commit.subject}\n\n{commit.body}" if commit.body else commit.subject
    if not message.strip():
        return ""
    blocks = [f"<h2>{words.message_title}</h2>", render_message(message[:_LONGEST_MESSAGE])]
    if len(message) > _LONGEST_MESSAGE:
        blocks.append(wrap("p", classes.QUIET, words.message_cut.format(n=f"{_LONGEST_MESSAGE:,}")))
    if commit.encoding_note:
        blocks.append(wrap("p", classes.QUIET, words.encoding.format(note=escape(commit.encoding_note))))
    return "\n\n".join(blocks)


def render_facts(
    source: str, shelf: Shelf, commit: Commit, day: date, group: Group | None, words: Words
) -> str:
    """Render as a list what the line under the heading does not say already.

    `group` is what landed through the same commit, None for that one itself.
    """
    issues = [link_out(escape(f"#{number}"), shelf.links.issue(number)) for number in commit.issues]
    items = [
        ("SHA", f"<code>{commit.sha}</code>"),
        (words.parents, link_commits(source, shelf, commit.parents, words) or words.root),
        (words.landing, _render_landing(source, shelf, commit, day, words)),
        *_render_people(commit, shelf, words),
        *render_relations(source, shelf, commit, group, words),
        (words.issues, _join(issues, words)),
        (words.redacted_title, _render_redactions(commit, words)),
        (words.report, _render_reported(commit, day, words)),
        (words.links, link_page(words.record, find_link(source, day_record(shelf.name, day)))),
    ]
    listed = render_list(f"<b>{title}</b>{words.colon}{text}" for title, text in items if text)
    return f"<h2>{words.facts_title}</h2>\n\n{listed}"


def _render_reported(commit: Commit, day: date, words: Words) -> str:
    """Say which report told of a commit, of which day it is where it landed on another, and what git has not said."""
    reported = commit.reported
    if reported is None:
        return ""
    file = f"<bdi>{escape(cut(reported.file, LONGEST_NAME))}</bdi>"
    told = words.told_at.format(file=file, line=f"{reported.line:,}")
    if reported.day != day:
        told += words.told_of_day.format(day=render_time(reported.day, reported.day.isoformat()))
    return told if reported.by_git else told + words.told_alone


def _render_landing(source: str, shelf: Shelf, commit: Commit, day: date, words: Words) -> str:
    branch, day_link = render_branch(shelf.record.branch), link_day(source, shelf.name, day)
    if commit.landing_sha == commit.sha:
        landed = words.landed_itself.format(branch=branch)
    else:
        landing = link_commits(source, shelf, (commit.landing_sha,), words)
        landed = words.landed_through.format(branch=branch, commit=landing)
    if commit.author.moment != commit.landed:
        landed += words.at_moment.format(moment=format_local(commit.landed, shelf.zone))
    return landed + words.on_day.format(day=day_link)


def _render_people(commit: Commit, shelf: Shelf, words: Words) -> list[tuple[str, str]]:
    co_authors = [f"<bdi>{escape(cut(name, LONGEST_NAME))}</bdi>" for name in commit.co_authors]
    trailers = [f"<code>{escape(cut(text, _LONGEST_TRAILER))}</code>" for text in _find_trailers(commit)]
    return [
        (words.original_date, find_original(commit.author, shelf.zone) or ""),
        (words.committer, _render_committer(commit, shelf, words)),
        (words.co_authors, _join(co_authors, words)),
        (words.trailers, _join(trailers, words)),
    ]


def _render_committer(commit: Commit, shelf: Shelf, words: Words) -> str:
    author, committer = commit.author, commit.committer
    name = render_author(committer, words) if committer.name != author.name else ""
    if committer.date == author.date:
        return name
    original = find_original(committer, shelf.zone)
    date_text = format_moment(committer, shelf.zone)
    date_text += words.brackets.format(inner=original) if original else ""
    return f"{name}{words.comma}{date_text}" if name else date_text


def _find_trailers(commit: Commit) -> Iterator[str]:
    """Find the trailers that say more than who wrote the commit."""
    signers = {commit.author.name, commit.committer.name}
    for trailer in commit.trailers:
        key = trailer.key.casefold()
        if key != "co-authored-by" and not (key == "signed-off-by" and trailer.value in signers):
            yield f"{trailer.key}: {trailer.value}"


def _render_redactions(commit: Commit, words: Words) -> str:
    """Say where secrets were replaced, never what they were."""
    places = list(dict.fromkeys((found.path, found.line) for found in commit.redactions))
    shown = [_render_redacted(path, line, words) for path, line in places[:_MOST_REDACTIONS]]
    if len(places) > _MOST_REDACTIONS:
        shown.append(count(len(places) - _MOST_REDACTIONS, words.and_more))
    return words.redacted.format(places=words.semicolon.join(shown)) if shown else ""


def _render_redacted(path: str | None, line: int, words: Words) -> str:
    place = words.redacted_message if path is None else f"<code>{escape(path)}</code>"
    return words.redacted_line.format(place=place, n=f"{line:,}")


def _join(parts: list[str], words: Words) -> str:
    return join_cut(parts[:_MOST_LISTED], len(parts) - _MOST_LISTED, words)
