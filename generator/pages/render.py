"""Plan the pages of an archive as units, each with a key that says when it has to be rendered again.

This module must not write a file or know the time. At most one day record per repository is at hand at a time;
what pages say of each other comes from summaries.

A *unit* is a set of pages that are made from the same matter: a repository's day with its commits, a day across
repositories, a month, a year, the views of either, a repository, the home page, the status. Its key is a hash of all
that matter, so equal keys mean equal pages; beside it, what a page says depends only on whether the commits it asks
after are archived.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from functools import partial

from generator.fingerprint import hash_matter
from generator.imports import ImportRecord, render_account
from generator.pages.across import AcrossDay, render_across_day
from generator.pages.brief import Brief, make_brief
from generator.pages.chronicle import (
    Chronicle,
    chronicle_all,
    chronicle_repository,
    find_month_end,
    find_year_end,
)
from generator.pages.commit import Place, render_commit
from generator.pages.day import render_day
from generator.pages.home import render_home
from generator.pages.imports import render_imports
from generator.pages.languages import find_words
from generator.pages.page import Page
from generator.pages.periods import render_month, render_year
from generator.pages.relations import Group
from generator.pages.release_plan import plan_releases
from generator.pages.repository import render_repository
from generator.pages.status import render_status
from generator.pages.survey import ArchiveView, Shelf, Standing, describe, survey_archive
from generator.pages.trails import find_days_near, find_neighbours
from generator.pages.units import PageSettings, Unit
from generator.pages.views import plan_views
from generator.pages.watch_plan import plan_watch
from generator.records import ACROSS, DayRecord
from generator.summaries import CommitRef, DaySummary, DigestSummary, refer

__all__ = ["ArchiveView", "PageSettings", "Unit", "plan_pages", "render_pages"]


def render_pages(archive: ArchiveView, settings: PageSettings) -> Iterator[Page]:
    """Render all pages; raises ArchiveError where a record is missing or damaged."""
    for unit in plan_pages(archive, settings):
        yield from unit.render()


def plan_pages(archive: ArchiveView, settings: PageSettings) -> Iterator[Unit]:
    """Plan all pages: each day's repositories, the day across them; then what adds them up.

    Units are to be rendered in this order, and each at once: what one has read serves the next.
    Raises ArchiveError where a repository's record is damaged.
    """
    return _Plan(archive, settings).list_units()


class _Plan:
    """What all units are planned from."""

    def __init__(self, archive: ArchiveView, settings: PageSettings) -> None:
        self._archive, self._settings = archive, settings
        self._words = find_words(settings.language)
        self._asked: dict[tuple[str, str], bool] = {}
        self._briefs: dict[str, Brief] = {}
        self._shelves = survey_archive(archive, self._ask, settings.watch)
        self._digests = {
            scope: archive.digest_summaries(scope)
            for scope in (*(shelf.name for shelf in self._shelves), ACROSS)
        }
        self._all = chronicle_all(self._shelves, archive.find_digest, settings.today)
        self._own = [
            chronicle_repository(shelf, archive.find_digest, settings.today) for shelf in self._shelves
        ]

    def list_units(self) -> Iterator[Unit]:
        """List the units, in the order in which they are to be rendered."""
        for day in self._all.days:
            for shelf in self._shelves:
                if summary := shelf.find_day(day):
                    yield self._plan_repository_day(shelf, summary)
            yield self._plan_across_day(day)
        for chronicle in (*self._own, self._all):
            yield from self._plan_periods(chronicle)
            yield from plan_views(self._archive, chronicle, self._plan, self._words)
        for chronicle in self._own:
            yield from plan_watch(self._archive, chronicle, self._plan, self._words)
        for shelf in self._shelves:
            yield from plan_releases(self._archive, shelf, self._plan, self._words)
        # These tell of everything, so they are made from everything.
        everything = hash_matter(
            [shelf.record for shelf in self._shelves],
            [summary.record for shelf in self._shelves for summary in shelf.days],
            [digest.record for digests in self._digests.values() for digest in digests.values()],
        )
        for chronicle in self._own:
            make = partial(self._render_repository, chronicle)
            views = [(bool(shelf.watch), shelf.tells_of_releases) for shelf in chronicle.shelves]
            yield self._plan(f"repository {chronicle.scope}", make, everything, chronicle.end, views)
        yield self._plan("home", self._render_home, everything, self._all.end)
        account = self._archive.find_import()
        yield self._plan("status", self._render_status, everything, account is not None)
        if account is not None:
            matter = hashlib.sha256(render_account(account)).hexdigest()
            yield self._plan("imports", partial(self._render_imports, account), matter)

    def _plan(
        self, name: str, make: Callable[[], Iterator[Page]], *matter: object, day: str = "", month: str = ""
    ) -> Unit:
        settings = (self._settings.site_name, self._settings.language)
        return Unit(
            name=name, key=hash_matter(settings, *matter), make=make, asked=self._asked, day=day, month=month
        )

    def _plan_repository_day(self, shelf: Shelf, summary: DaySummary) -> Unit:
        day = summary.day
        return self._plan(
            f"day {shelf.name} {day}",
            partial(self._render_repository_day, shelf, summary),
            describe(shelf),
            summary.record,
            self._find_digest(shelf.name, str(day)),
            shelf.find_beside(day),
            _number(find_days_near(shelf.dates, day)),
            day=str(day),
            month=str(day)[:7],
        )

    def _plan_across_day(self, day: date) -> Unit:
        return self._plan(
            f"day {ACROSS} {day}",
            partial(self._render_across_day, day),
            [self._describe_day(shelf, day) for shelf in self._shelves],
            self._find_digest(ACROSS, str(day)),
            _number(find_days_near(self._all.days, day)),
            day=str(day),
            month=str(day)[:7],
        )

    def _describe_day(self, shelf: Shelf, day: date) -> tuple[object, ...]:
        """Say all that a page across repositories tells of one of them on a day."""
        summary, standing = shelf.find_day(day), shelf.find_standing(day)
        return (
            describe(shelf),
            standing,
            shelf.record.failure if standing is Standing.COULD_NOT_LOOK else None,
            summary and summary.record,
            self._find_digest(shelf.name, str(day)),
        )

    def _plan_periods(self, chronicle: Chronicle) -> Iterator[Unit]:
        for period, first, last, beside, around in _list_periods(chronicle):
            is_month = len(period) > len("2026")
            make = partial(self._render_period, chronicle, first, is_month=is_month)
            # A year tells of no single day, and so not of one that nobody has looked at.
            days = _list_days(first, last) if is_month else ()
            yield self._plan(
                f"{'month' if is_month else 'year'} {chronicle.scope} {period}",
                make,
                [describe(shelf) for shelf in chronicle.shelves],
                [
                    [(summary.day, summary.record) for summary in shelf.find_days(first, last)]
                    for shelf in chronicle.shelves
                ],
                [[shelf.find_standing(day) for shelf in chronicle.shelves] for day in days],
                min(chronicle.end, last) if is_month else None,
                self._find_digest(chronicle.scope, period),
                beside,
                around,
                # Across repositories there are no watched paths, and those of a year stand on its months.
                is_month and chronicle.scope != ACROSS and [bool(shelf.watch) for shelf in chronicle.shelves],
                month=period if is_month else "",
            )

    def _find_digest(self, scope: str, period: str) -> str | None:
        summary = self._digests[scope].get(period)
        return summary.record if summary else None

    def _ask(self, name: str, sha: str) -> bool:
        if (name, sha) not in self._asked:
            self._asked[name, sha] = self._archive.is_archived(name, sha)
        return self._asked[name, sha]

    def _render_repository_day(self, shelf: Shelf, summary: DaySummary) -> Iterator[Page]:
        record = self._archive.read_day(shelf.name, summary.day)
        brief = self._make_brief(shelf, summary, record)
        for commit, place in zip(record.commits, _find_places(shelf, record), strict=True):
            yield render_commit(shelf, commit, place, self._words)
        yield from render_day(brief, record, self._words)

    def _render_across_day(self, day: date) -> Iterator[Page]:
        yield render_across_day(self._shelves, self._read_across(day), self._all.days, self._words)

    def _render_period(self, chronicle: Chronicle, first: date, *, is_month: bool) -> Iterator[Page]:
        render = render_month if is_month else render_year
        yield render(chronicle, first, self._words)

    def _render_repository(self, chronicle: Chronicle) -> Iterator[Page]:
        (shelf,) = chronicle.shelves
        newest = self._read_brief(shelf, shelf.days[-1]) if shelf.days else None
        yield render_repository(shelf, newest, chronicle, self._shelves, self._words)

    def _render_home(self) -> Iterator[Page]:
        latest = self._read_across(self._all.days[-1]) if self._all.days else None
        yield render_home(self._settings.site_name, latest, self._all, self._words)

    def _render_imports(self, account: ImportRecord) -> Iterator[Page]:
        yield render_imports(account, self._words)

    def _render_status(self) -> Iterator[Page]:
        digests = (digest for own in self._digests.values() for digest in own.values())
        has_imports = self._archive.find_import() is not None
        yield render_status(self._shelves, tuple(_keep_asked(digests)), self._words, has_imports=has_imports)

    def _read_across(self, day: date) -> AcrossDay:
        found = ((shelf, shelf.find_day(day)) for shelf in self._shelves)
        briefs = tuple(self._read_brief(shelf, summary) for shelf, summary in found if summary)
        return AcrossDay(day=day, digest=self._archive.find_digest(ACROSS, str(day)), briefs=briefs)

    def _read_brief(self, shelf: Shelf, summary: DaySummary) -> Brief:
        brief = self._briefs.get(shelf.name)
        if brief is not None and brief.summary == summary:
            return brief
        return self._make_brief(shelf, summary, self._archive.read_day(shelf.name, summary.day))

    def _make_brief(self, shelf: Shelf, summary: DaySummary, record: DayRecord) -> Brief:
        digest = self._archive.find_digest(shelf.name, str(summary.day))
        brief = make_brief(shelf, summary, record, digest, self._words)
        # The last one of each repository: pages across repositories and its own tell of the same day.
        self._briefs[shelf.name] = brief
        return brief


def _number(days: Iterable[date]) -> list[int]:
    """Write days in the shortest way: there are as many of these lists as pages of days."""
    return [day.toordinal() for day in days]


def _find_places(shelf: Shelf, record: DayRecord) -> Iterator[Place]:
    """Find where each commit of a day stands."""
    before, after = shelf.find_beside(record.day)
    refs = [refer(commit) for commit in record.commits]
    brought: defaultdict[str, list[CommitRef]] = defaultdict(list)
    for commit, ref in zip(record.commits, refs, strict=True):
        if commit.landing_sha != commit.sha:
            brought[commit.landing_sha].append(ref)
    numbers = {commit.sha: commit.pull_request for commit in record.commits}
    groups = {
        sha: Group(shas=tuple(ref.sha for ref in own), pull_request=numbers.get(sha))
        for sha, own in brought.items()
    }
    neighbours = zip(record.commits, (before, *refs[:-1]), (*refs[1:], after), strict=True)
    for commit, previous, following in neighbours:
        yield Place(
            day=record.day,
            previous=previous,
            next=following,
            brought=tuple(brought.get(commit.sha, ())),
            group=None if commit.landing_sha == commit.sha else groups[commit.landing_sha],
        )


def _list_periods(
    chronicle: Chronicle,
) -> Iterator[tuple[str, date, date, tuple[str | None, str | None], list[str]]]:
    """List months, then years: name, first and last day, the names of those beside it, and of those around it."""
    months = [month.isoformat()[:7] for month in chronicle.months]
    years = [year.isoformat()[:4] for year in chronicle.years]
    for place, first in enumerate(chronicle.months):
        around = [month for month in months if month[:4] == months[place][:4]]
        yield months[place], first, find_month_end(first), find_neighbours(months, place), around
    for place, first in enumerate(chronicle.years):
        yield years[place], first, find_year_end(first), find_neighbours(years, place), years


def _list_days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=step) for step in range((last - first).days + 1)]


def _keep_asked(digests: Iterable[DigestSummary]) -> Iterator[DigestSummary]:
    """Keep the digests that a model was asked for, or should have been."""
    return (digest for digest in digests if digest.bills or digest.reason)
