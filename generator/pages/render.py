"""Render every page of an archive, one after the other.

This module must not write a file or know the time. At most one day record per repository is at hand at a time;
what pages say of each other comes from a survey that reads every record once beforehand.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from generator.pages.across import render_across_day
from generator.pages.chronicle import Chronicle, chronicle_all, chronicle_repository
from generator.pages.commit import Place, render_commit
from generator.pages.day import render_day
from generator.pages.digest import Digest, digest
from generator.pages.home import render_home
from generator.pages.languages import find_words
from generator.pages.page import Page
from generator.pages.periods import render_periods
from generator.pages.repository import render_repository
from generator.pages.status import render_status
from generator.pages.survey import ArchiveView, CommitRef, Shelf, refer, survey_archive
from generator.pages.words import Words
from generator.records import DayRecord, Language

__all__ = ["ArchiveView", "PageSettings", "render_pages"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PageSettings:
    """What pages need to know beside the archive.

    `today` is a day in the archive's time zone: days before it without a record are told as such; None tells
    days up to the last one the archive knows of.
    """

    site_name: str
    language: Language
    today: date | None = None


def render_pages(archive: ArchiveView, settings: PageSettings) -> Iterator[Page]:
    """Render all pages: each day's commits, its repositories, the day across them; then what adds them up.

    Raises ArchiveError where a record is missing or damaged.
    """
    words = find_words(settings.language)
    shelves = survey_archive(archive)
    chronicle = chronicle_all(shelves, settings.today)
    days = [total.day for total in chronicle.totals]
    newest: dict[str, Digest] = {}
    latest: list[Digest] = []
    for day in days:
        latest = []
        for shelf in shelves:
            if shelf.find_day(day):
                record = archive.read_day(shelf.name, day)
                yield from _render_repository_day(shelf, record, words)
                newest[shelf.name] = digest(shelf, record, words)
                latest.append(newest[shelf.name])
        yield render_across_day(shelves, latest, day, days, words)
    yield from _render_indexes(shelves, newest, chronicle, settings, words)
    yield render_home(settings.site_name, latest, chronicle, words)
    yield render_status(shelves, words)


def _render_repository_day(shelf: Shelf, record: DayRecord, words: Words) -> Iterator[Page]:
    before, after = shelf.find_beside(record.day)
    refs = [refer(commit) for commit in record.commits]
    brought: defaultdict[str, list[CommitRef]] = defaultdict(list)
    for commit, ref in zip(record.commits, refs, strict=True):
        if commit.landing_sha != commit.sha:
            brought[commit.landing_sha].append(ref)
    neighbours = zip(record.commits, (before, *refs[:-1]), (*refs[1:], after), strict=True)
    for commit, previous, following in neighbours:
        own = tuple(brought.get(commit.sha, ()))
        place = Place(day=record.day, previous=previous, next=following, brought=own)
        yield render_commit(shelf, commit, place, words)
    yield render_day(shelf, record, words)


def _render_indexes(
    shelves: Sequence[Shelf],
    newest: dict[str, Digest],
    chronicle: Chronicle,
    settings: PageSettings,
    words: Words,
) -> Iterator[Page]:
    for shelf in shelves:
        own = chronicle_repository(shelf, settings.today)
        yield from render_periods(own, words)
        yield render_repository(shelf, newest.get(shelf.name), own, shelves, words)
    yield from render_periods(chronicle, words)
