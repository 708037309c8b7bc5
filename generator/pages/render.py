"""Render every page of an archive, one after the other.

This module must not write a file or know the time. At most one day record per repository is at hand at a time;
what pages say of each other comes from a survey that reads every record once beforehand.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from generator.pages.across import AcrossDay, render_across_day
from generator.pages.brief import Brief, make_brief
from generator.pages.chronicle import Chronicle, chronicle_all, chronicle_repository
from generator.pages.commit import Place, render_commit
from generator.pages.day import render_day
from generator.pages.home import render_home
from generator.pages.languages import find_words
from generator.pages.page import Page
from generator.pages.periods import render_periods
from generator.pages.repository import render_repository
from generator.pages.status import render_status
from generator.pages.survey import ArchiveView, Shelf, survey_archive
from generator.pages.words import Words
from generator.records import ACROSS, DayRecord, Language
from generator.summaries import CommitRef, DigestSummary, refer

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
    chronicle = chronicle_all(shelves, archive.find_digest, settings.today)
    days = [total.day for total in chronicle.totals]
    newest: dict[str, Brief] = {}
    latest: AcrossDay | None = None
    for day in days:
        briefs = []
        for shelf in shelves:
            if summary := shelf.find_day(day):
                record = archive.read_day(shelf.name, day)
                digest = archive.find_digest(shelf.name, str(day))
                brief = make_brief(shelf, summary, record, digest, words)
                yield from _render_repository_day(brief, record, words)
                newest[shelf.name] = brief
                briefs.append(brief)
        latest = AcrossDay(day=day, digest=archive.find_digest(ACROSS, str(day)), briefs=tuple(briefs))
        yield render_across_day(shelves, latest, days, words)
    yield from _render_indexes(archive, newest, chronicle, settings, words)
    yield render_home(settings.site_name, latest, chronicle, words)
    yield render_status(shelves, _list_asked_digests(archive, shelves), words)


def _render_repository_day(brief: Brief, record: DayRecord, words: Words) -> Iterator[Page]:
    shelf = brief.shelf
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
    yield render_day(brief, record, words)


def _render_indexes(
    archive: ArchiveView,
    newest: Mapping[str, Brief],
    chronicle: Chronicle,
    settings: PageSettings,
    words: Words,
) -> Iterator[Page]:
    for shelf in chronicle.shelves:
        own = chronicle_repository(shelf, archive.find_digest, settings.today)
        yield from render_periods(own, words)
        yield render_repository(shelf, newest.get(shelf.name), own, chronicle.shelves, words)
    yield from render_periods(chronicle, words)


def _list_asked_digests(archive: ArchiveView, shelves: Iterable[Shelf]) -> tuple[DigestSummary, ...]:
    """List the digests that a model was asked for, or should have been."""
    scopes = (*(shelf.name for shelf in shelves), ACROSS)
    found = (digest for scope in scopes for digest in archive.digest_summaries(scope).values())
    return tuple(digest for digest in found if digest.bills or digest.reason)
