"""Render a repository's day in brief, for pages that show several, and what is known of days without commits.

This module must not read a record; it is handed what was kept of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from generator.pages import classes
from generator.pages.addresses import day_page, find_link, repository_page
from generator.pages.digest import find_lines, find_told, render_digest
from generator.pages.fragments import (
    badge,
    find_highlights,
    find_writers,
    link_day,
    render_highlight,
    render_importance_counts,
    render_short_account,
)
from generator.pages.lines import MOST_COMMITS, Line, order_commits, order_lines
from generator.pages.markup import escape, escape_prose, link_page, render_list, wrap
from generator.pages.survey import Shelf, Standing
from generator.pages.words import Words, count
from generator.records import Commit, DayRecord, DigestRecord, Failure
from generator.summaries import DaySummary


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """What is kept of a day record for the pages that show it in brief; `writers` is markup.

    `commits` are as many as a page may list, the important ones first, without their files and messages.
    """

    shelf: Shelf
    summary: DaySummary
    writers: tuple[str, ...]
    highlights: tuple[Commit, ...]
    commits: tuple[Commit, ...]
    digest: DigestRecord | None


def make_brief(
    shelf: Shelf, summary: DaySummary, record: DayRecord, digest: DigestRecord | None, words: Words
) -> Brief:
    """Keep of a day record what is shown of it in brief."""
    return Brief(
        shelf=shelf,
        summary=summary,
        writers=find_writers(record, words),
        highlights=tuple(find_highlights(record)),
        commits=tuple(
            commit.model_copy(update={"files": (), "body": ""})
            for commit in order_commits(record.commits)[:MOST_COMMITS]
        ),
        digest=digest,
    )


def render_brief(source: str, brief: Brief, most: int, words: Words) -> str:
    """Render a repository's day in brief: its account, and about so many things that matter."""
    lead = f"<p>{_render_account(source, brief, words)}</p>"
    return "\n\n".join([lead, *_render_matters(source, brief, most, words)])


def _render_account(source: str, brief: Brief, words: Words) -> str:
    day = find_link(source, day_page(brief.shelf.name, brief.summary.day))
    found = link_page(count(brief.summary.counts.commits, words.commits), day)
    account = render_short_account(found, brief.summary, brief.writers, words)
    if brief.summary.amended:
        account += f" {badge(classes.MARK, words.amended)}"
    counts = render_importance_counts(brief.summary.counts, words)
    return f"{wrap('span', classes.ACCOUNT, account)}<br>{counts}"


def render_accounts(source: str, briefs: Iterable[Brief], words: Words) -> str:
    """Say of each repository's day how complete it is and how much of it matters, and lead to its page."""
    return render_list(
        f"{link_day(source, brief.shelf.name, brief.summary.day, escape(brief.shelf.name))} "
        f"{_render_account(source, brief, words)}"
        for brief in briefs
    )


def render_digests(
    source: str,
    across: DigestRecord | None,
    briefs: Sequence[Brief],
    shelves: Sequence[Shelf],
    words: Words,
) -> str:
    """Render a day's digest across repositories, else their own, each after its name where there are several."""
    if find_lines(across):
        return render_digest(source, across, shelves, words)
    blocks: list[str] = []
    for brief in briefs:
        if own := render_digest(source, brief.digest, (brief.shelf,), words):
            blocks += [f"<p><b>{escape(brief.shelf.name)}</b></p>"] if len(briefs) > 1 else []
            blocks.append(own)
    return "\n\n".join(blocks)


def list_lines(briefs: Iterable[Brief]) -> list[Line]:
    """List the commits of several repositories' days, the important ones first."""
    return order_lines(
        Line(shelf=brief.shelf, commit=commit, day=brief.summary.day)
        for brief in briefs
        for commit in brief.commits
    )


def _render_matters(source: str, brief: Brief, most: int, words: Words) -> list[str]:
    """Render what matters as blocks: the digest, then the commits of high importance that it leaves out.

    Of the commits so many are shown that there are `most` things in all, but never none.
    """
    told = find_told(brief.digest)
    rest = [commit for commit in brief.highlights if (brief.shelf.name, commit.sha) not in told]
    digest = render_digest(source, brief.digest, (brief.shelf,), words)
    blocks = [digest] if digest else []
    if not rest:
        return blocks
    shown = rest[: max(most - len(find_lines(brief.digest)), 1)]
    items = [render_highlight(source, brief.shelf, commit, words) for commit in shown]
    if len(rest) > len(shown):
        items.append(count(len(rest) - len(shown), words.and_more))
    also = [f"<p>{words.also_high}{words.colon}</p>"] if told else []
    return [*blocks, *also, render_list(items)]


def link_repository(source: str, shelf: Shelf) -> str:
    """Link to a repository's page."""
    return link_page(escape(shelf.name), find_link(source, repository_page(shelf.name)))


def render_standing(shelf: Shelf, standing: Standing, words: Words) -> str:
    """Say what is known of a day without commits of a repository, in a sentence of its own for each case."""
    failure = shelf.record.failure
    if standing is Standing.COULD_NOT_LOOK and failure:
        return render_failure(failure, words)
    return words.standings[standing]


def render_failure(failure: Failure, words: Words) -> str:
    """Say since when a repository could not be looked at, and why."""
    since = wrap("span", classes.WARN, words.could_not_look.format(since=failure.since))
    return f"{since}{words.colon}{escape_prose(failure.reason)}"


def render_failures(source: str, shelves: Iterable[Shelf], day: date, words: Words) -> str:
    """Say first which repositories could not be looked at on a day, and why."""
    failed = [shelf for shelf in shelves if shelf.find_standing(day) is Standing.COULD_NOT_LOOK]
    return render_list(_render_standing(source, shelf, Standing.COULD_NOT_LOOK, words) for shelf in failed)


def render_quiet(source: str, shelves: Sequence[Shelf], day: date, words: Words) -> str:
    """Say of the repositories without commits on a day whether there were none or nobody has looked."""
    standings = [(shelf, shelf.find_standing(day)) for shelf in shelves]
    items = [
        _render_standing(source, shelf, standing, words)
        for shelf, standing in standings
        if standing not in (Standing.COMMITS, Standing.COULD_NOT_LOOK)
    ]
    return f"## {words.quiet_repositories}\n\n{render_list(items)}" if items else ""


def _render_standing(source: str, shelf: Shelf, standing: Standing, words: Words) -> str:
    return f"{link_repository(source, shelf)}{words.colon}{render_standing(shelf, standing, words)}"
