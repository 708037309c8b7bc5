"""Find what can stand in the place of a broken record: its published copy, or what the commit graph says.

This module must not write anything. A copy in site/ is of the last build: it is believed where it is whole, belongs
where it stands and says nothing that other records contradict; what landed after it is collected again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from pathlib import Path

from generator.collect.landing import Landing
from generator.days import find_moment
from generator.errors import ArchiveError
from generator.record_bytes import parse_record
from generator.records import Covered, DayRecord, DigestRecord, RepositoryRecord
from generator.release_records import ReleaseRecord
from generator.store.checking import Entry
from generator.store.places import Place, locate_repository
from generator.store.reading import parse_day, parse_digest, parse_release


def find_day_copy(site: Path, place: Place, days: Mapping[str, date]) -> DayRecord | None:
    """Find the published copy of a day record; `days` maps what is archived elsewhere, which it must not hold too."""
    content = _read(site / place.path)
    if content is None:
        return None
    try:
        record = parse_day(content, site, place)
    except ArchiveError:
        return None
    return None if any(commit.sha in days for commit in record.commits) else record


def find_digest_copy(site: Path, place: Place) -> DigestRecord | None:
    """Find the published copy of a digest."""
    content = _read(site / place.path)
    try:
        return None if content is None else parse_digest(content, site, place)
    except ArchiveError:
        return None


def find_release_copy(site: Path, place: Place) -> ReleaseRecord | None:
    """Find the published copy of a release's record."""
    content = _read(site / place.path)
    try:
        return None if content is None else parse_release(content, site, place)
    except ArchiveError:
        return None


def find_repository_copy(site: Path, name: str) -> RepositoryRecord | None:
    """Find the published copy of a repository's record."""
    content = _read(locate_repository(site, name))
    try:
        record = None if content is None else parse_record(RepositoryRecord, content, name)
    except ArchiveError:
        return None
    return record if record and record.repository == name and record.tip else None


def is_up_to_date(commits: Mapping[str, Entry], reachable: Collection[str]) -> bool:
    """Say whether a repository's record is not older than its days: from its tip all is reachable that is not gone."""
    return all(sha in reachable for sha, entry in commits.items() if not entry.gone)


def make_repository(
    landings: tuple[Landing, ...],
    days: Collection[date],
    gone_tips: Iterable[str],
    like: RepositoryRecord,
) -> RepositoryRecord:
    """Make a repository's record of what its days and the graph say; `days` are those that are, or were, archived.

    `landings` are of all that is reachable from the tip, the last of them. `like` has what neither of them says. A day
    without commits between two archived ones counts as looked at; what was looked at after the last one is lost, and
    the next update looks at it again.
    """
    tip = landings[-1]
    return like.model_copy(
        update={
            "tip": tip.sha,
            "tip_landed": find_moment(tip.seconds),
            "newest_day": max(landing.day for landing in landings),
            "gone_tips": tuple(gone_tips),
            "covered": tuple(_find_covered(sorted({landing.day for landing in landings}), days)),
            "whole": {landing.day for landing in landings} <= set(days),
        }
    )


def _find_covered(every: Iterable[date], days: Collection[date]) -> list[Covered]:
    """Find the runs of archived days, as far as no day with commits that is not archived lies in between."""
    runs: list[Covered] = []
    is_open = False
    for day in every:
        if day not in days:
            is_open = False
        elif is_open:
            runs[-1] = Covered(first=runs[-1].first, last=day)
        else:
            runs.append(Covered(first=day, last=day))
            is_open = True
    return runs


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        # Not there, or not to be read: then there is no copy.
        return None
