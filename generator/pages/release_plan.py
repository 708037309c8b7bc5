"""Plan the pages of releases as units: one a release, and their list.

This module must not render anything.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial

from generator.pages.page import Page
from generator.pages.release import ShownRelease
from generator.pages.releases import render_releases
from generator.pages.survey import ArchiveView, Shelf, describe
from generator.pages.trails import find_neighbours
from generator.pages.units import PlanUnit, Unit
from generator.pages.words import Words
from generator.summaries import ReleaseSummary

_NEVER = datetime.min.replace(tzinfo=UTC)


def plan_releases(archive: ArchiveView, shelf: Shelf, plan: PlanUnit, words: Words) -> Iterator[Unit]:
    """Plan the pages of a repository's releases; none where nothing is to be told of any."""
    if not shelf.tells_of_releases:
        return
    ordered = sorted(shelf.releases, key=lambda summary: (summary.committed or _NEVER, summary.tag))
    by_tag = {summary.tag: summary for summary in ordered}
    for place, summary in enumerate(ordered):
        previous = by_tag.get(summary.previous or "")
        beside = find_neighbours(ordered, place)
        days = [shelf.find_day(day) for day in summary.days]
        yield plan(
            f"release {shelf.name} {summary.file}",
            partial(_render_release, archive, shelf, summary, previous, beside, words),
            describe(shelf),
            summary.record,
            [(day.day, day.record) for day in days if day],
            previous and (previous.tag, previous.file),
            [other and (other.tag, other.file) for other in beside],
        )
    newest = ordered[::-1]
    yield plan(
        f"releases {shelf.name}",
        partial(_render_list, shelf, newest, words),
        describe(shelf),
        [summary.record for summary in newest],
        shelf.record.releases_failure,
    )


def _render_release(
    archive: ArchiveView,
    shelf: Shelf,
    summary: ReleaseSummary,
    previous: ReleaseSummary | None,
    beside: tuple[ReleaseSummary | None, ReleaseSummary | None],
    words: Words,
) -> Iterator[Page]:
    record = archive.find_release(shelf.name, summary.file)
    assert record is not None  # its summary was read just now
    shas = [sha for day in record.days if shelf.find_day(day.day) for sha in day.commits]
    shown = ShownRelease(
        shelf=shelf,
        summary=summary,
        record=record,
        headlines=archive.find_headlines(shelf.name, shas),
        previous=previous,
        beside=beside,
    )
    yield from shown.render(words)


def _render_list(shelf: Shelf, newest: list[ReleaseSummary], words: Words) -> Iterator[Page]:
    yield render_releases(shelf, newest, words)
