"""Render what changed watched paths: the newest commits, and pages of every month, in parts if need be.

This module must not look for a commit: it is handed those that change a watched path.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from generator.feeds import DAYS
from generator.headlines import Headline
from generator.pages import classes
from generator.pages.addresses import find_link, month_page, watch_month, watch_page
from generator.pages.fragments import link_day, render_date, render_weekday
from generator.pages.headline_lines import render_headlines, render_writers
from generator.pages.markup import cut, escape, link_page, render_list, wrap
from generator.pages.page import FrontMatter, Page, Stop, make_page
from generator.pages.survey import Shelf
from generator.pages.trails import find_neighbours, repository_stop, scope_trail
from generator.pages.turning import render_turning
from generator.pages.words import Words, count

MOST_NEWEST = 100
# A page of them all would be megabytes where a glob takes in a large part of a large repository.
MOST_COMMITS = 200
_LONGEST_GLOB = 120


def link_watched(source: str, shelf: Shelf, words: Words) -> str:
    """Link to the page of what changed watched paths; empty where a repository has none."""
    return link_page(words.watched, find_link(source, watch_page(shelf.name))) if shelf.watch else ""


def link_watched_month(source: str, shelf: Shelf, first: date, words: Words) -> str:
    """Link to what changed watched paths in the month that begins on `first`; empty where there are none."""
    if not shelf.watch:
        return ""
    link = link_page(words.watched, find_link(source, watch_month(shelf.name, first)))
    return f"<p>{link}</p>"


def render_watch(
    shelf: Shelf, headlines: Sequence[Headline], since: date | None, months: Sequence[date], words: Words
) -> Page:
    """Render the newest commits; `since` is the day from which on all were looked for, `months` are all there are."""
    source = watch_page(shelf.name)
    front_matter = FrontMatter(
        title=f"{shelf.name}{words.dash}{words.watched}",
        trail=scope_trail(shelf.name, words),
        around=(repository_stop(shelf.name), *(_month_stop(shelf.name, month) for month in months[-12:])),
    )
    listed = _list_months(source, shelf.name, months)
    found = _render_newest(len(headlines), since, words)
    return make_page(
        source,
        front_matter,
        f"<h1>{escape(shelf.name)}{words.dash}{words.watched}</h1>",
        _render_globs(shelf, words),
        f"<p>{found}{words.space}{link_page(words.feed, f'{DAYS}.xml')}</p>",
        *_render_days(source, shelf, headlines, words),
        render_writers(headlines, words),
        f"## {words.years}\n\n{listed}" if listed else "",
    )


def _render_newest(number: int, since: date | None, words: Words) -> str:
    if since is None:
        return words.nothing_archived
    if number == MOST_NEWEST:
        return words.watch_newest.format(n=f"{number:,}")
    looked = words.watch_since.format(day=render_date(since))
    return f"{count(number, words.watch_month)}{words.space}{looked}"


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedMonth:
    """What changed watched paths in the month that begins on `first`, in landing order.

    `unseen` is how many of its days nobody has looked at, `months` are all months of the repository, ascending.
    """

    shelf: Shelf
    first: date
    headlines: Sequence[Headline]
    unseen: int
    months: Sequence[date]

    def render(self, words: Words) -> Iterator[Page]:
        """Render the month's page, newest commits first, then further parts, if there are that many."""
        newest = self.headlines[::-1]
        starts = range(0, max(len(newest), 1), MOST_COMMITS)
        for part, start in enumerate(starts, 1):
            yield self._render_part(newest[start : start + MOST_COMMITS], part, len(starts), words)

    def _render_part(self, headlines: Sequence[Headline], part: int, parts: int, words: Words) -> Page:
        shelf, source = self.shelf, self._find_page(part)
        month = self.first.isoformat()[:7]
        numbered = "" if part == 1 else words.brackets.format(inner=f"{part:,} / {parts:,}")
        link = link_page(month, find_link(source, month_page(shelf.name, self.first)))
        turning = render_turning(source, part, parts, self._find_page, words)
        return make_page(
            source,
            self._make_front_matter(
                f"{shelf.name}{words.dash}{words.watched} {month}{numbered}", part, parts, words
            ),
            f"<h1>{escape(shelf.name)}{words.dash}{words.watched} {link}{numbered}</h1>",
            _render_globs(shelf, words),
            f"<p>{self._render_found(words)}</p>",
            turning,
            *_render_days(source, shelf, headlines, words),
            turning,
            render_writers(headlines, words),
        )

    def _find_page(self, part: int) -> str:
        return watch_month(self.shelf.name, self.first, part)

    def _render_found(self, words: Words) -> str:
        found = count(len(self.headlines), words.watch_month) if self.headlines else words.watch_none
        unseen = wrap("span", classes.WARN, count(self.unseen, words.unseen_days))
        return f"{found}{words.space}{unseen}" if self.unseen else found

    def _make_front_matter(self, title: str, part: int, parts: int, words: Words) -> FrontMatter:
        name = self.shelf.name
        trail = (*scope_trail(name, words), Stop(words.watched, watch_page(name)))
        stops = [_month_stop(name, month) for month in self.months]
        previous, following = find_neighbours(stops, self.months.index(self.first))
        if part > 1:
            trail = (*trail, _month_stop(name, self.first))
            previous = Stop(f"{part - 1:,} / {parts:,}", self._find_page(part - 1))
            following = Stop(f"{part + 1:,} / {parts:,}", self._find_page(part + 1)) if part < parts else None
        around = (
            stop for stop, month in zip(stops, self.months, strict=True) if month.year == self.first.year
        )
        return FrontMatter(title=title, trail=trail, previous=previous, next=following, around=tuple(around))


def _month_stop(name: str, month: date) -> Stop:
    return Stop(month.isoformat()[:7], watch_month(name, month))


def _render_globs(shelf: Shelf, words: Words) -> str:
    globs = (f"<code>{escape(cut(glob, _LONGEST_GLOB))}</code>" for glob in shelf.watch)
    return wrap("p", classes.LEAD, f"{words.watched_globs}{words.colon}{words.listing.join(globs)}")


def _render_days(source: str, shelf: Shelf, headlines: Sequence[Headline], words: Words) -> Iterator[str]:
    for day, group in groupby(headlines, lambda headline: headline.day):
        heading = link_day(source, shelf.name, day, render_weekday(day, words))
        yield f"## {heading}\n\n{render_headlines(source, shelf, group, words)}"


def _list_months(source: str, name: str, months: Sequence[date]) -> str:
    """List all months by year, newest year first."""
    items = []
    for year, found in groupby(reversed(months), lambda month: month.isoformat()[:4]):
        links = (
            link_page(f"{month.month:02}", find_link(source, watch_month(name, month)))
            for month in sorted(found)
        )
        items.append(" \u00b7 ".join([f"<b>{year}</b>", *links]))
    return render_list(items)
