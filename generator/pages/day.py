"""Render one repository's day: how complete it is, what matters, then every commit by importance.

This module must not read another day than the one it is given.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from generator.bills import add_models, find_bills
from generator.pages import classes
from generator.pages.addresses import day_page, day_record, find_link
from generator.pages.brief import Brief, render_matters
from generator.pages.costs import render_spent
from generator.pages.fragments import (
    badge,
    importance_heading,
    kind_badges,
    link_pull_request,
    link_subject,
    render_account,
    render_branch,
    render_table,
    render_weekday,
    short_sha,
    show_name,
    state_badges,
)
from generator.pages.markup import escape, link_out, link_page, wrap
from generator.pages.page import FrontMatter, Page, make_page
from generator.pages.survey import Shelf
from generator.pages.times import format_window, render_clock
from generator.pages.trails import find_days_around, find_days_beside, month_trail
from generator.pages.words import Words, count
from generator.records import Commit, DayRecord, Importance

_MOST_THINGS = 15


def render_day(brief: Brief, record: DayRecord, words: Words) -> Page:
    """Render a repository's day page."""
    shelf = brief.shelf
    source = day_page(shelf.name, record.day)
    title = f"{shelf.name} {record.day}"
    return make_page(
        source,
        _make_front_matter(shelf, record, title, words),
        f"<h1>{escape(shelf.name)} {render_weekday(record.day, words)}</h1>",
        _render_account(source, brief, record, words),
        _render_matters(source, brief, words),
        *(_render_group(source, shelf, record, importance, words) for importance in Importance),
    )


def _make_front_matter(shelf: Shelf, record: DayRecord, title: str, words: Words) -> FrontMatter:
    days = shelf.dates
    previous, following = find_days_beside(shelf.name, days, record.day)
    return FrontMatter(
        title=title,
        trail=month_trail(shelf.name, record.day, words),
        previous=previous,
        next=following,
        around=find_days_around(shelf.name, days, record.day),
        record=day_record(shelf.name, record.day),
    )


def _render_account(source: str, brief: Brief, record: DayRecord, words: Words) -> str:
    shelf, summary = brief.shelf, brief.summary
    account = render_account(count(summary.counts.commits, words.commits), summary, brief.writers, words)
    if record.amended:
        account += f" {badge(classes.MARK, words.amended)}"
    branch = render_branch(record.branch)
    details = [
        f"{escape(record.timezone)} {format_window(record.window, shelf.zone)}",
        f"{branch} {_render_tips(shelf, record)}",
        words.day_rule.format(branch=branch),
        link_page(words.record, find_link(source, day_record(shelf.name, record.day))),
    ]
    if record.amended:
        details.append(words.amended_note)
    details += _find_spent(brief, words)
    quiet = wrap("span", classes.QUIET, " \u00b7 ".join(details))
    return f"{wrap('span', classes.ACCOUNT, account)}<br>{quiet}"


def _render_tips(shelf: Shelf, record: DayRecord) -> str:
    before, after = record.tips.before, record.tips.after
    if before is None:
        return link_out(short_sha(after), shelf.links.commit(after))
    tips = wrap("code", classes.SHA, f"{before[:7]}..{after[:7]}")
    return link_out(tips, shelf.links.compare(before, after))


def _find_spent(brief: Brief, words: Words) -> list[str]:
    """Say what models were asked for on this day, its digest included; nothing where none was asked."""
    spent = add_models([*brief.summary.bills, *(find_bills(brief.digest) if brief.digest else ())])
    text = render_spent(spent, words) if spent else ""
    return [f"{words.models}{words.colon}{text}"] if text else []


def _render_matters(source: str, brief: Brief, words: Words) -> str:
    blocks = render_matters(source, brief, _MOST_THINGS, words.more_high, words)
    if not blocks:
        return wrap("span", classes.QUIET, words.nothing_high)
    return "\n\n".join([f"## {words.what_matters}", *blocks])


def _render_group(source: str, shelf: Shelf, record: DayRecord, importance: Importance, words: Words) -> str:
    commits = [commit for commit in record.commits if commit.analysis.importance is importance]
    if not commits:
        return ""
    rows = (_render_row(source, shelf, record.day, commit, words) for commit in commits)
    columns = (words.column_time, words.column_author, words.column_message)
    heading = importance_heading(importance, len(commits), words)
    return f"## {heading}\n\n{render_table(columns, rows)}"


def _render_row(source: str, shelf: Shelf, day: date, commit: Commit, words: Words) -> Sequence[str]:
    message = [link_subject(source, shelf, commit, words)]
    if commit.pull_request is not None:
        message.append(link_pull_request(shelf, commit.pull_request))
    message += [kind_badges(commit.analysis.kinds, words), state_badges(commit, words)]
    message.append(link_out(short_sha(commit.sha), shelf.links.commit(commit.sha)))
    return (
        render_clock(commit.committer, day, shelf.zone),
        wrap("bdi", classes.AUTHOR, show_name(commit.author, words)),
        " ".join(part for part in message if part),
    )
