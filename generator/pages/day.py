"""Render one repository's day: how complete it is, what matters, then every commit by importance, in parts if need be.

This module must not read another day than the one it is given.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from generator.bills import add_models, find_bills
from generator.pages import classes
from generator.pages.addresses import day_part, day_record, find_link
from generator.pages.brief import Brief
from generator.pages.costs import render_spent
from generator.pages.digest import render_digest_section
from generator.pages.fragments import (
    badge,
    link_host,
    render_account,
    render_branch,
    render_weekday,
)
from generator.pages.lines import MOST_COMMITS, Line, order_commits, render_groups
from generator.pages.markup import escape, link_out, link_page, wrap
from generator.pages.page import FrontMatter, Page, Stop, make_page
from generator.pages.survey import Shelf
from generator.pages.times import format_window
from generator.pages.trails import day_trail, find_days_around, find_days_beside, month_trail
from generator.pages.turning import render_turning
from generator.pages.words import Words, count
from generator.records import Commit, DayRecord


def render_day(brief: Brief, record: DayRecord, words: Words) -> Iterator[Page]:
    """Render a repository's day page, then the further parts of its list of commits, if there are that many."""
    ordered = order_commits(record.commits)
    parts = [ordered[start : start + MOST_COMMITS] for start in range(0, len(ordered), MOST_COMMITS)]
    for part, commits in enumerate(parts, 1):
        place = _Place(brief=brief, record=record, part=part, parts=len(parts), words=words)
        yield place.render(commits)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Which part of which day's page is rendered; `part` counts from 1 to `parts`."""

    brief: Brief
    record: DayRecord
    part: int
    parts: int
    words: Words

    def render(self, commits: Sequence[Commit]) -> Page:
        """Render this part, which lists `commits`: the first says what the day came to, the others only list."""
        brief, record, words = self.brief, self.record, self.words
        source, name = self._find_page(self.part), escape(brief.shelf.name)
        opening = [f"<h1>{name} {render_weekday(record.day, words)}{self._count()}</h1>"]
        if self.part == 1:
            opening += _render_account(source, brief, record, words), _render_digest(source, brief, words)
        opening.append(wrap("div", classes.FILTERS, ""))
        lines = (Line(shelf=brief.shelf, commit=commit, day=record.day) for commit in commits)
        lists = render_groups(source, lines, brief.summary.counts, words)
        turning = render_turning(source, self.part, self.parts, self._find_page, words)
        return make_page(source, self._make_front_matter(), *opening, turning, *lists, turning)

    def _find_page(self, part: int) -> str:
        return day_part(self.brief.shelf.name, self.record.day, part)

    def _count(self) -> str:
        return "" if self.part == 1 else self.words.brackets.format(inner=f"{self.part:,} / {self.parts:,}")

    def _make_front_matter(self) -> FrontMatter:
        shelf, day = self.brief.shelf, self.record.day
        if self.part == 1:
            trail = month_trail(shelf.name, day, self.words)
            previous, following = find_days_beside(shelf.name, shelf.dates, day)
        else:
            trail = day_trail(shelf.name, day, self.words)
            previous, following = self._stop(self.part - 1), self._stop(self.part + 1)
        return FrontMatter(
            title=f"{shelf.name} {day}{self._count()}",
            trail=trail,
            previous=previous,
            next=following,
            around=find_days_around(shelf.name, shelf.dates, day),
            record=day_record(shelf.name, day),
        )

    def _stop(self, part: int) -> Stop | None:
        if part > self.parts:
            return None
        return Stop(f"{self.record.day} {part:,} / {self.parts:,}", self._find_page(part))


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
    return f"<p>{wrap('span', classes.ACCOUNT, account)}<br>{quiet}</p>"


def _render_tips(shelf: Shelf, record: DayRecord) -> str:
    before, after = record.tips.before, record.tips.after
    if before is None:
        return link_host(shelf, after)
    tips, url = f"{before[:7]}..{after[:7]}", shelf.links.compare(before, after)
    return link_out(f"<code>{tips}</code>", url) if url else wrap("code", classes.SHA, tips)


def _find_spent(brief: Brief, words: Words) -> list[str]:
    """Say what models were asked for on this day, its digest included; nothing where none was asked."""
    spent = add_models([*brief.summary.bills, *(find_bills(brief.digest) if brief.digest else ())])
    text = render_spent(spent, words) if spent else ""
    return [f"{words.models}{words.colon}{text}"] if text else []


def _render_digest(source: str, brief: Brief, words: Words) -> str:
    digest = render_digest_section(source, brief.digest, (brief.shelf,), words)
    quiet = "" if brief.summary.counts.high else wrap("p", classes.QUIET, words.nothing_high)
    return "\n\n".join(block for block in (digest, quiet) if block)
