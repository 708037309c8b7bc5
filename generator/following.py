"""Bring one repository's records up to date: fetch, find what landed, collect, analyse, store.

Only `pipeline` calls this module; it must not know the other repositories, the pages or the site.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date

from generator.collect.landing import Before, Landing, find_landings
from generator.collect.mirror import Node, Tip
from generator.days import find_moment
from generator.errors import ConfigError, RemoteError
from generator.landings import Followed, Written, write_landings
from generator.records import Covered, Failure, RepositoryRecord
from generator.store.marks import link_reverts, mark_gone, read_reverters


def update_repository(followed: Followed, first_days: int) -> Written:
    """Archive what landed since the last run; at first, the newest `first_days` landing days.

    Raises RemoteError when the repository cannot be looked at; what was written until then is whole.
    """
    record = _read_record(followed)
    tip = _fetch(followed)
    written = Written()
    if record.writing is not None and followed.mirror.find_existing([record.writing]):
        # A run was cut short; what it had begun is finished against the tip it had begun with.
        unfinished = Tip(record.branch or tip.branch, record.writing)
        record = _advance(followed, record, unfinished, first_days, written)
    _advance(followed, record, tip, first_days, written)
    return written


def backfill_repository(followed: Followed, since: date, until: date | None, first_days: int) -> Written:
    """Archive the landing days from `since` to `until`, both included, after bringing the repository up to date.

    Days that are archived already cost a look at their record, so a run that was cut short goes on where it was.
    Raises RemoteError as `update_repository` does.
    """
    written = update_repository(followed, first_days)
    record = _read_record(followed)
    assert record.tip is not None  # it was updated just now
    graph = {node.sha: node for node in followed.mirror.walk(record.tip)}
    landings = list(find_landings(graph, record.tip, Before(), followed.seconds, followed.timezone))
    last = min(until or followed.today, followed.today)
    day_of = _read_days(followed)
    # What was archived on another day, when the mainline was another, stays there.
    chosen = [
        landing
        for landing in landings
        if since <= landing.day <= last and day_of.get(landing.sha, landing.day) == landing.day
    ]
    _write(followed, chosen, record.branch or "HEAD", written)
    reverters = read_reverters(followed.archive, followed.name)
    written.days |= link_reverts(followed.archive, followed.name, reverters, written.day_of)
    first = max(since, min(landing.day for landing in landings))
    is_whole = graph.keys() <= day_of.keys() | {landing.sha for landing in chosen}
    _write_covered(followed, record, first, last, is_whole=is_whole)
    return written


def write_failure(followed: Followed, error: RemoteError) -> None:
    """Write into the repository's record that it could not be looked at, and since when."""
    record = _read_record(followed)
    since = record.failure.since if record.failure else followed.today
    failure = Failure(since=since, reason=error.fact.removeprefix(f"{followed.name}: "))
    followed.archive.write_repository(record.model_copy(update={"failure": failure}))


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


def _fetch(followed: Followed) -> Tip:
    with followed.report.progress(f"{followed.name}: fetching", 100) as task:
        return followed.mirror.fetch(followed.branch, task.reach)


def _advance(
    followed: Followed, record: RepositoryRecord, tip: Tip, first_days: int, written: Written
) -> RepositoryRecord:
    """Archive what is reachable from `tip` and not from the archived tip, then move that tip."""
    if record.tip == tip.sha:
        return _finish(followed, record, tip, [], [])
    followed.archive.write_repository(record.model_copy(update={"writing": tip.sha, "branch": tip.branch}))
    graph = _walk_new(followed, record, tip.sha)
    before = _find_before(record)
    landings = list(find_landings(graph, tip.sha, before, followed.seconds, followed.timezone))
    days = sorted({landing.day for landing in landings})
    if record.tip is None:
        record = record.model_copy(update={"whole": len(days) <= first_days})
        days = days[-first_days:]
    elif not record.whole and any(not node.parents for node in graph.values()):
        # A history rewritten from its first commit on: like a first look, it begins where the archive does.
        days = [day for day in days if day >= record.covered[0].first]
    gone = _read_gone(followed, record) if record.gone_tips else frozenset()
    first_day = days[0] if days else followed.today
    chosen = [landing for landing in landings if landing.day >= first_day and landing.sha not in gone]
    _write(followed, chosen, tip.branch, written)
    record = _mark_gone(followed, record, tip.sha, bool(gone), written)
    return _finish(followed, record, tip, landings, days)


def _walk_new(followed: Followed, record: RepositoryRecord, tip: str) -> dict[str, Node]:
    """Walk the commits that are reachable from `tip` and from no archived tip."""
    excluded: Collection[str] = ()
    if record.tip is not None:
        # A mirror made anew after a force-push lacks the archived tip; then every archived commit bounds the walk.
        excluded = followed.mirror.find_existing([record.tip]) or followed.mirror.find_existing(
            _read_days(followed)
        )
    return {node.sha: node for node in followed.mirror.walk(tip, excluded)}


def _find_before(record: RepositoryRecord) -> Before:
    if record.tip_landed is None:
        return Before()
    return Before(seconds=int(record.tip_landed.timestamp()), newest_day=record.newest_day)


def _write(followed: Followed, landings: Sequence[Landing], branch: str, written: Written) -> None:
    reverters = write_landings(followed, landings, branch, written)
    written.days |= link_reverts(followed.archive, followed.name, reverters, written.day_of)


def _mark_gone(
    followed: Followed, record: RepositoryRecord, tip: str, has_returned: bool, written: Written
) -> RepositoryRecord:
    """Mark what a force-push removed, unmark what a later push brought back."""
    if record.tip is None:
        return record
    is_there = bool(followed.mirror.find_existing([record.tip]))
    was_kept = is_there and followed.mirror.is_ancestor(record.tip, tip)
    if was_kept and not has_returned:
        return record
    reachable = {node.sha for node in followed.mirror.walk(tip)}
    written.days |= mark_gone(followed.archive, followed.name, reachable)
    if was_kept:
        return record
    if is_there:
        followed.mirror.keep(record.tip)
    return record.model_copy(update={"gone_tips": tuple(dict.fromkeys((*record.gone_tips, record.tip)))})


def _finish(
    followed: Followed, record: RepositoryRecord, tip: Tip, landings: Sequence[Landing], days: Sequence[date]
) -> RepositoryRecord:
    """Move the archived tip: from here on, what the run wrote is known to be whole."""
    landed = next((landing.seconds for landing in landings if landing.sha == tip.sha), None)
    newest = [*days[-1:], *([record.newest_day] if record.newest_day else [])]
    first = min(_find_looked_from(record, days, followed.today), followed.today)
    seen = Covered(first=first, last=followed.today)
    finished = record.model_copy(
        update={
            "branch": tip.branch,
            "web": followed.web,
            "tip": tip.sha,
            "tip_landed": record.tip_landed if landed is None else find_moment(landed),
            "newest_day": max(newest, default=None),
            "writing": None,
            "covered": merge_covered((*record.covered, seen)),
            "failure": None,
        }
    )
    followed.archive.write_repository(finished)
    return finished


def _find_looked_from(record: RepositoryRecord, days: Sequence[date], today: date) -> date:
    """Find the first day that a run has looked at, having found landings on `days`."""
    if not record.covered:
        return days[0] if days else today
    last = record.covered[-1].last
    # A whole archive is whole also on a day long ago that something lands on only now.
    return min(last, *days) if record.whole and days else last


def _write_covered(
    followed: Followed, record: RepositoryRecord, first: date, last: date, *, is_whole: bool
) -> None:
    covered = merge_covered((*record.covered, *([Covered(first=first, last=last)] if first <= last else [])))
    update = {"covered": covered, "whole": record.whole or is_whole}
    followed.archive.write_repository(record.model_copy(update=update))


def _read_days(followed: Followed) -> dict[str, date]:
    """Map every archived commit of the repository to its day."""
    records = followed.archive.read_days(followed.name)
    return {commit.sha: record.day for record in records for commit in record.commits}


def _read_gone(followed: Followed, record: RepositoryRecord) -> frozenset[str]:
    """Read which archived commits are marked as gone; a push may bring them back."""
    days = followed.archive.find_mentions(record.repository, ('"gone": true',))
    records = (followed.archive.read_day(record.repository, day) for day in days)
    return frozenset(commit.sha for record in records for commit in record.commits if commit.gone)
