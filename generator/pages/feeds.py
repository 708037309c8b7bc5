"""Say in a feed's entries what a day came to, and what a commit of high importance is about.

This module must not read a record that it is not handed, and must not know the format or the address of a feed.
All text from git passes `markup`, also that of titles, in which characters that cannot be seen are written out.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import lru_cache
from html import escape as html_escape
from html import unescape

from generator.feeds import MOST_COMMITS, Entry, name_entry
from generator.headlines import Headline
from generator.pages import classes
from generator.pages.addresses import commit_page, day_page
from generator.pages.brief import link_repository
from generator.pages.digest import find_lines, find_told, render_digest
from generator.pages.fragments import (
    LONGEST_NAME,
    find_highlights,
    find_writers,
    link_day,
    link_host,
    link_pull_request,
    render_account,
    render_highlight,
    render_importance_counts,
)
from generator.pages.headline_lines import render_headline
from generator.pages.markup import cut, escape, render_list, render_message, wrap
from generator.pages.survey import Shelf
from generator.pages.words import Words, count
from generator.records import ACROSS, Commit, DayRecord, DigestRecord, Importance
from generator.summaries import Counts, DaySummary, add_counts

# Where links begin: at the top of docs/.
_TOP = "feed.md"
# What matters on a day, of one repository and across all of them; the day's page has the rest.
_MOST_THINGS, _MOST_ACROSS = 15, 10
_MOST_REPOSITORIES = 30
_LONGEST_TITLE = 200
_LONGEST_MESSAGE = 1_000
# A tag, of which no letter is touched, or a reference in the text between tags.
_PIECE = re.compile("<[^>]*>|&#[0-9]+;")


@dataclass(frozen=True, slots=True, kw_only=True)
class Highlight:
    """A commit of high importance: its entry, and its line in the entry of its day, as HTML."""

    sha: str
    line: str
    entry: Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class DayPart:
    """What the feeds keep of a repository's day: its entry, and what the entry across repositories takes of it.

    `lead` and `lines`, those of its digest, are HTML; `told` are the commits that the digest tells of. Of very many
    `highlights` the last to land are kept; `beyond` is how many others there are.
    """

    counts: Counts
    lead: str
    lines: str
    told: frozenset[str]
    highlights: tuple[Highlight, ...]
    beyond: int
    entry: Entry


def make_part(
    shelf: Shelf, summary: DaySummary, record: DayRecord, digest: DigestRecord | None, words: Words
) -> DayPart:
    """Make of a repository's day what the feeds say of it."""
    lead = _lighten(_render_lead(summary, record, words))
    lines = _lighten(render_digest(_TOP, digest, (shelf,), words))
    told = frozenset(sha for _, sha in find_told(digest))
    high = find_highlights(record)
    highlights = tuple(_make_highlight(shelf, commit, words) for commit in high[-MOST_COMMITS:])
    beyond = len(high) - len(highlights)
    most = max(_MOST_THINGS - len(find_lines(digest)), 1)
    content = _join(lead, lines, _render_rest(highlights, beyond, told, most, words))
    name, day = shelf.name, record.day
    return DayPart(
        counts=summary.counts,
        lead=lead,
        lines=lines,
        told=told,
        highlights=highlights,
        beyond=beyond,
        entry=_date(
            Entry(
                id=name_entry("day", name, str(day)),
                page=day_page(name, day),
                title=_title_day(name, day, summary.counts, words),
                content=content,
                tags=(name,),
                published=min(commit.landed.astimezone(UTC) for commit in record.commits),
                updated=max(_list_moments(record, digest)),
            ),
            summary.record,
        ),
    )


def make_across(
    site_name: str,
    day: date,
    parts: Sequence[tuple[Shelf, DayPart]],
    digest: DigestRecord | None,
    words: Words,
) -> Entry:
    """Make the entry of a day across repositories from the parts that each of them has in it; there is one or more."""
    shelves = [shelf for shelf, _ in parts]
    told = find_told(digest)
    left = _MOST_ACROSS
    blocks = [_lighten(render_digest(_TOP, digest, shelves, words))]
    for shelf, part in parts[:_MOST_REPOSITORIES]:
        own = {sha for name, sha in told if name == shelf.name}
        rest = _render_rest(
            part.highlights, part.beyond, own if digest else part.told, left, words, is_own=not digest
        )
        left = max(left - sum(highlight.sha not in own for highlight in part.highlights), 0)
        title = _lighten(f"<h3>{link_day(_TOP, shelf.name, day, escape(shelf.name))}</h3>")
        blocks += [title, part.lead, "" if digest else part.lines, rest]
    if len(parts) > _MOST_REPOSITORIES:
        blocks.append(f"<p>{count(len(parts) - _MOST_REPOSITORIES, words.and_more)}</p>")
    counts = add_counts(part.counts for _, part in parts)
    return _date(
        Entry(
            id=name_entry("across", site_name, str(day)),
            page=day_page(ACROSS, day),
            title=_title_day("", day, counts, words),
            content=_join(*blocks),
            tags=tuple(shelf.name for shelf in shelves[:_MOST_REPOSITORIES]),
            published=min(part.entry.published for _, part in parts),
            updated=max([*(part.entry.updated for _, part in parts), *_list_written(digest)]),
        ),
        *(str(part.entry.updated) for _, part in parts),
    )


def make_watched(shelf: Shelf, headline: Headline, words: Words) -> Entry:
    """Make the entry of a commit that changes watched paths."""
    subject = headline.subject if headline.subject.strip() else words.no_subject
    landed = headline.landed.astimezone(UTC)
    facts = [link_repository(_TOP, shelf), link_host(shelf, headline.sha)]
    entry = Entry(
        id=name_entry("watched", shelf.name, headline.sha),
        page=commit_page(shelf.name, headline.sha),
        title=_show(f"{shelf.name.rpartition('/')[2]}: {subject}", _LONGEST_TITLE),
        content=_join(
            _lighten(f"<p>{render_headline(_TOP, shelf, headline, words)}</p>"),
            _lighten(wrap("p", classes.QUIET, " \u00b7 ".join(facts))),
        ),
        author=_show(headline.author, LONGEST_NAME) if headline.author.strip() else "",
        tags=(shelf.name, *(str(kind) for kind in headline.kinds)),
        published=landed,
        updated=landed,
    )
    return _date(entry)


def title_feed(site_name: str, name: str, topic: str) -> str:
    """Title a feed in plain text: whose it is, and what it is of alone, where that is not everything."""
    parts = [name, topic, site_name]
    return _show(" \u2013 ".join(part for part in parts if part), _LONGEST_TITLE)


def _title_day(name: str, day: date, counts: Counts, words: Words) -> str:
    parts = [
        f"{name} {day} {words.weekdays[day.weekday()]}".strip(),
        count(counts.commits, words.commits),
        f"{words.importance[Importance.HIGH]} {counts.high:,}" if counts.high else "",
    ]
    return " \u00b7 ".join(part for part in parts if part)


def _render_lead(summary: DaySummary, record: DayRecord, words: Words) -> str:
    found = count(summary.counts.commits, words.commits)
    account = render_account(found, summary, find_writers(record, words), words)
    if record.amended:
        account += f"{words.comma}{words.amended_note}"
    return f"<p>{account}<br>{render_importance_counts(summary.counts, words)}</p>"


def _make_highlight(shelf: Shelf, commit: Commit, words: Words) -> Highlight:
    subject = commit.subject if commit.subject.strip() else words.no_subject
    line = _lighten(render_highlight(_TOP, shelf, commit, words))
    written = commit.analysis.provenance.written
    landed = commit.landed.astimezone(UTC)
    entry = Entry(
        id=name_entry("commit", shelf.name, commit.sha),
        page=commit_page(shelf.name, commit.sha),
        title=_show(f"{shelf.name.rpartition('/')[2]}: {subject}", _LONGEST_TITLE),
        content=_join(
            f"<p>{line}</p>", _lighten(_render_message(commit)), _lighten(_render_facts(shelf, commit))
        ),
        author=_show(commit.author.name, LONGEST_NAME) if commit.author.name.strip() else "",
        tags=(shelf.name, *(str(kind) for kind in commit.analysis.kinds)),
        published=landed,
        updated=max(landed, written.astimezone(UTC)) if written else landed,
    )
    return Highlight(sha=commit.sha, line=line, entry=_date(entry))


def _render_message(commit: Commit) -> str:
    return render_message(cut(commit.body, _LONGEST_MESSAGE)) if commit.body.strip() else ""


def _render_facts(shelf: Shelf, commit: Commit) -> str:
    facts = [link_repository(_TOP, shelf), link_host(shelf, commit.sha)]
    if commit.pull_request is not None:
        facts.append(link_pull_request(shelf, commit.pull_request))
    return wrap("p", classes.QUIET, " \u00b7 ".join(facts))


def _render_rest(
    highlights: Sequence[Highlight],
    beyond: int,
    told: Collection[str],
    most: int,
    words: Words,
    *,
    is_own: bool = True,
) -> str:
    """Name the commits of high importance that a digest leaves out, at most so many."""
    rest = [highlight for highlight in highlights if highlight.sha not in told]
    number = len(rest) + beyond
    if not number:
        return ""
    items = [highlight.line for highlight in rest[:most]]
    if number > len(items):
        items.append(count(number - len(items), words.and_more))
    also = f"<p>{words.also_high}{words.colon}</p>" if told and is_own else ""
    return _join(also, render_list(items))


def _list_moments(record: DayRecord, digest: DigestRecord | None) -> list[datetime]:
    """List when all that the day's records say came about, as far as they say when."""
    landed = [commit.landed.astimezone(UTC) for commit in record.commits]
    written = [commit.analysis.provenance.written for commit in record.commits]
    return [*landed, *(moment.astimezone(UTC) for moment in written if moment), *_list_written(digest)]


def _list_written(digest: DigestRecord | None) -> list[datetime]:
    written = digest.provenance.written if digest else None
    return [written.astimezone(UTC)] if written else []


def _date(entry: Entry, *matter: str) -> Entry:
    """Have the date of an entry change with what the entry says, and with the rest of the matter it is made from.

    It is true to the second. Of many a change no record says when it was made (a commit that landed on a past day, one
    that a force-push removed), so the fraction of the second is taken from a hash.
    """
    text = "\n".join((entry.title, entry.author, entry.content, *matter))
    fraction = int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big") % 1_000_000
    return replace(
        entry,
        published=entry.published.replace(microsecond=0),
        updated=entry.updated.replace(microsecond=fraction),
    )


def _lighten(html: str) -> str:
    """Write references in a text as what they stand for, where HTML gives it no meaning: Markdown is not to read it."""
    return _PIECE.sub(_read_reference, html)


@lru_cache(maxsize=4096)
def _read_code(reference: str) -> str:
    return html_escape(unescape(reference))


def _read_reference(piece: re.Match[str]) -> str:
    return _read_code(piece[0]) if piece[0].startswith("&") else piece[0]


def _show(text: str, length: int) -> str:
    """Write a text so that all of it can be seen, on one line and as plain text again."""
    return unescape(escape(cut(text, length)))


def _join(*blocks: str) -> str:
    return "\n".join(block for block in blocks if block)
