"""Render the archive's status: what needs attention, how complete it is, what models did, what changed later.

This module must not read a record; it is handed what was kept of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from generator.pages import classes
from generator.pages.addresses import IMPORTS, STATUS, find_link
from generator.pages.brief import link_repository, render_failure
from generator.pages.fragments import (
    link_commit,
    link_day,
    link_host,
    render_branch,
    short_sha,
    show_subject,
)
from generator.pages.markup import escape, escape_path, link_page, render_list, render_table, wrap
from generator.pages.models import render_missing, render_models
from generator.pages.page import FrontMatter, Page, make_page
from generator.pages.repository import render_covered
from generator.pages.survey import Shelf
from generator.pages.trails import home_stop
from generator.pages.words import Words, count
from generator.summaries import DaySummary, DigestSummary

# The newest so many; the records hold them all.
_MOST_LISTED = 50


def render_status(
    shelves: Sequence[Shelf], digests: Sequence[DigestSummary], words: Words, *, has_imports: bool = False
) -> Page:
    """Render the status page; `digests` are those that a model was asked for, or should have been.

    `has_imports` says that reports were imported, whose account has a page of its own.
    """
    front_matter = FrontMatter(title=words.status, trail=(home_stop(words),))
    attention = render_list(item for shelf in shelves for item in _find_attention(shelf, words))
    missing = render_missing(shelves, digests, words)
    well = "" if missing else f"<p>{words.all_well}</p>"
    return make_page(
        STATUS,
        front_matter,
        f"<h1>{words.status}</h1>",
        f"## {words.needs_attention}\n\n{attention}" if attention else well,
        missing,
        f"## {words.repositories}\n\n{_render_repositories(shelves, words)}" if shelves else "",
        f"## {words.outcomes_title}\n\n{_render_outcomes(shelves, words)}" if shelves else "",
        f"<p>{link_page(words.imports, find_link(STATUS, IMPORTS))}</p>" if has_imports else "",
        render_models(shelves, digests, words) if shelves else "",
        _render_listed(shelves, words.amended_days, _list_amended, words),
        _render_listed(shelves, words.gone_commits, _list_gone, words),
    )


def _find_attention(shelf: Shelf, words: Words) -> Iterator[str]:
    name = f"{link_repository(STATUS, shelf)}{words.colon}"
    if failure := shelf.record.failure:
        yield f"{name}{render_failure(failure, words)}<br>{words.failure_advice}"
    if shelf.record.writing:
        yield f"{name}{words.state_writing}{words.dash}{words.writing_advice}"
    if incomplete := shelf.counts.incomplete:
        yield f"{name}{count(incomplete, words.incomplete)}{words.dash}{words.pending_advice}"


def _render_repositories(shelves: Sequence[Shelf], words: Words) -> str:
    # The tip beside its branch: on a phone it goes into a line of its own where a column would be cut.
    standing = f"{words.branch}{words.listing}{words.tip}"
    columns = (words.repository, standing, words.timezone, words.covered)
    return render_table(columns, (_render_repository(shelf, words) for shelf in shelves))


def _render_repository(shelf: Shelf, words: Words) -> list[str]:
    record = shelf.record
    tip = link_host(shelf, record.tip) if record.tip else ""
    branch = wrap("bdi", classes.NAME, render_branch(record.branch)) if record.branch else ""
    return [
        link_repository(STATUS, shelf),
        f"{branch} {tip}".strip(),
        escape_path(record.timezone),
        render_covered(shelf, words),
    ]


def _render_outcomes(shelves: Sequence[Shelf], words: Words) -> str:
    return render_table(
        (words.repository, words.days_column, words.commits_column, *words.outcome_columns),
        (
            [link_repository(STATUS, shelf), f"{len(shelf.days):,}", *_count_outcomes(shelf)]
            for shelf in shelves
        ),
    )


def _count_outcomes(shelf: Shelf) -> list[str]:
    counts = shelf.counts
    outcomes = (counts.analysed, counts.pending, counts.failed, counts.refused, counts.skipped)
    return [f"{number:,}" for number in (counts.commits, *outcomes)]


def _render_listed(
    shelves: Sequence[Shelf],
    title: str,
    list_items: Callable[[Shelf, DaySummary, Words], Iterator[str]],
    words: Words,
) -> str:
    days = [(shelf, summary) for shelf in shelves for summary in shelf.days]
    days.sort(key=lambda found: found[1].day, reverse=True)
    items = [item for shelf, summary in days for item in list_items(shelf, summary, words)]
    if not items:
        return ""
    shown = items[:_MOST_LISTED]
    if len(items) > _MOST_LISTED:
        shown.append(count(len(items) - _MOST_LISTED, words.and_more))
    return f"## {title}\n\n{render_list(shown)}"


def _list_amended(shelf: Shelf, summary: DaySummary, words: Words) -> Iterator[str]:
    if summary.amended:
        yield f"{escape(shelf.name)}{words.colon}{link_day(STATUS, shelf.name, summary.day)}"


def _list_gone(shelf: Shelf, summary: DaySummary, words: Words) -> Iterator[str]:
    for ref in summary.gone:
        subject = wrap("bdi", classes.GONE, show_subject(ref.subject, words))
        link = link_commit(STATUS, shelf.name, ref.sha, subject)
        day = words.brackets.format(inner=summary.day)
        yield f"{escape(shelf.name)}{words.colon}{link} {short_sha(ref.sha)}{day}"
