"""Bring one repository's records up to date: fetch, find what landed, have it written, remember where it stands.

Only `pipeline` calls this module; it must not know the other repositories, the pages or the site.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from generator.collect.landing import Before, Landing
from generator.collect.mirror import Tip
from generator.errors import ConfigError, RemoteError
from generator.finding import Found, find_new, keep_days, place, read_days, walk_all
from generator.joining import Joined, join_reported
from generator.landings import Followed, Written, write_landings
from generator.records import Covered, Failure, RepositoryRecord
from generator.store.marks import link_commits, mark_gone

_PATH = re.compile(r"(?<![\w/.:])/[^\s:'\"]+")


def update_repository(followed: Followed, first_days: int) -> Written:
    """Archive what landed since the last run; at first, the newest `first_days` landing days.

    Raises RemoteError when the repository cannot be looked at; what was written until then is whole.
    """
    record = _read_record(followed)
    tip = followed.fetch()
    written = Written()
    joined = join_reported(followed, record, tip.sha, tip.branch, written)
    if record.tip == tip.sha and record.writing is None:
        _finish(followed, record, tip, Found())
        _settle(followed, record, joined)
        return written
    followed.archive.write_repository(record.model_copy(update={"writing": tip.sha, "branch": tip.branch}))
    found = find_new(followed, record, tip.sha, first_days)
    write_landings(followed, found.landings, tip.branch, written)
    if found.is_doubtful:
        written.days |= mark_gone(followed.archive, followed.name, walk_all(followed, tip.sha))
    written.days |= link_commits(followed.archive, followed.name)
    _finish(followed, record, tip, found)
    _settle(followed, record, joined)
    return written


def join_repository(followed: Followed, written: Written) -> Joined:
    """Join what reports have told with what the mirror knows at the archived tip.

    The remote is not asked where the branch stands. Nothing is joined where the repository was never looked at.
    Raises RemoteError where contents cannot be had.
    """
    record = _read_record(followed)
    if record.tip is None or not followed.mirror.find_existing([record.tip]):
        return Joined(waiting=record.imported or (), landed={})
    joined = join_reported(followed, record, record.tip, record.branch or "HEAD", written)
    written.days |= link_commits(followed.archive, followed.name)
    _settle(followed, record, joined)
    return joined


def preview_repository(followed: Followed, first_days: int) -> tuple[Landing, ...]:
    """Find what an update would archive; nothing is written but the mirror.

    Raises RemoteError as `update_repository` does.
    """
    record = _read_record(followed)
    tip = followed.fetch()
    if record.tip == tip.sha and record.writing is None:
        return ()
    known = read_days(followed)
    landings = find_new(followed, record, tip.sha, first_days).landings
    return tuple(landing for landing in landings if landing.sha not in known)


def backfill_repository(followed: Followed, since: date, until: date | None, first_days: int) -> Written:
    """Archive the landing days from `since` to `until`, both included, after bringing the repository up to date.

    Days that are archived already cost a look at their record, so a run that was cut short goes on where it was.
    Raises RemoteError as `update_repository` does.
    """
    written = update_repository(followed, first_days)
    record = _read_record(followed)
    assert record.tip is not None  # it was updated just now
    # Until the end of this run, the next one has to doubt what it finds.
    followed.archive.write_repository(record.model_copy(update={"writing": record.tip}))
    graph = walk_all(followed, record.tip)
    landings = place(followed, graph, record.tip, Before())
    last = min(until or followed.today, followed.today)
    day_of = read_days(followed)
    chosen = [landing for landing in keep_days(landings, day_of) if since <= landing.day <= last]
    write_landings(followed, chosen, record.branch or "HEAD", written)
    written.days |= link_commits(followed.archive, followed.name)
    first = max(since, min(landing.day for landing in landings))
    is_whole = graph.keys() <= day_of.keys() | {landing.sha for landing in chosen}
    _write_covered(followed, record, first, last, is_whole=is_whole)
    return written


def write_failure(followed: Followed, error: RemoteError) -> None:
    """Write into the repository's record that it could not be looked at, and since when."""
    record = _read_record(followed)
    failure = make_failure(followed, error, record.failure)
    followed.archive.write_repository(record.model_copy(update={"failure": failure}))


def make_failure(followed: Followed, error: RemoteError, before: Failure | None) -> Failure:
    """Say why something could not be looked at, and since when, where it could not the last time either."""
    # What git says is published, and no path of a machine belongs there.
    reason = _PATH.sub("…", error.fact.removeprefix(f"{followed.name}: "))
    return Failure(since=before.since if before else followed.today, reason=reason)


def merge_covered(spans: Iterable[Covered]) -> tuple[Covered, ...]:
    """Join spans of days that overlap or touch; oldest first."""
    merged: list[Covered] = []
    for span in sorted(spans, key=lambda span: span.first):
        if merged and (span.first - merged[-1].last).days <= 1:
            merged[-1] = Covered(first=merged[-1].first, last=max(merged[-1].last, span.last))
        else:
            merged.append(span)
    return tuple(merged)


def _read_record(followed: Followed) -> RepositoryRecord:
    record = followed.archive.find_repository(followed.name)
    if record is None:
        return RepositoryRecord(repository=followed.name, timezone=followed.timezone.key, web=followed.web)
    if record.timezone != followed.timezone.key:
        raise ConfigError(
            f"archive.yml: timezone is {followed.timezone.key}, but the days of {followed.name} are archived in "
            f"{record.timezone}",
            f"Write `timezone: {record.timezone}`, or begin a new archive in an empty folder.",
        )
    return record


def _finish(followed: Followed, record: RepositoryRecord, tip: Tip, found: Found) -> None:
    """Move the archived tip: from here on, what the run wrote is known to be whole."""
    # What was looked at goes on from where it ended, or begins with what was found.
    first = record.covered[-1].last if record.covered else min(found.days, default=followed.today)
    spans = [Covered(first=min(first, followed.today), last=followed.today)]
    spans += [Covered(first=day, last=day) for day in found.days if day <= followed.today]
    whole = record.whole if record.tip is not None else found.is_whole
    covered = merge_covered((*record.covered, *spans))
    if whole:
        # All days are looked at, also one long ago that something landed on only now.
        covered = merge_covered([Covered(first=covered[0].first, last=covered[-1].last)])
    update = {
        "branch": tip.branch,
        "web": followed.web,
        "tip": tip.sha,
        "tip_landed": found.tip_landed or record.tip_landed,
        "newest_day": found.newest_day or record.newest_day,
        "writing": None,
        "gone_tips": found.gone_tips or record.gone_tips,
        "covered": covered,
        "whole": whole,
        "failure": None,
    }
    followed.archive.write_repository(record.model_copy(update=update))


def _settle(followed: Followed, before: RepositoryRecord, joined: Joined) -> None:
    """Note which days joining has made whole, and which commits still wait for git to know them."""
    if before.imported is None:
        # Nothing was to be joined, as in nearly every run.
        return
    record = _read_record(followed)
    spans = [Covered(first=day, last=day) for day in joined.days]
    update = {"covered": merge_covered((*record.covered, *spans)), "imported": joined.waiting or None}
    followed.archive.write_repository(record.model_copy(update=update))


def _write_covered(
    followed: Followed, record: RepositoryRecord, first: date, last: date, *, is_whole: bool
) -> None:
    covered = merge_covered((*record.covered, *([Covered(first=first, last=last)] if first <= last else [])))
    update = {"covered": covered, "whole": record.whole or is_whole, "writing": None}
    followed.archive.write_repository(record.model_copy(update=update))
