"""Keep what later commits say of earlier records: reverted by, gone from the branch.

This module must not look at git: it is told what reverts what and what is still reachable.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date

from generator.records import Commit
from generator.store.archive import Archive


def link_new_reverts(archive: Archive, name: str, days: Collection[date]) -> set[date]:
    """Bring the reverts that touch some new or changed days up to date; return the days that changed."""
    new = [commit for day in days for commit in archive.read_day(name, day).commits]
    words = [f'"sha": "{sha}"' for commit in new for sha in commit.reverts]
    words += [
        f'"pull_request": {commit.reverts_pull_request},'
        for commit in new
        if commit.reverts_pull_request is not None
    ]
    return _link(archive, name, {*days, *archive.find_mentions(name, words)})


def link_all_reverts(archive: Archive, name: str) -> set[date]:
    """Bring all reverts up to date, for a run that cannot say what changed; return the days that changed."""
    return _link(archive, name, archive.days(name))


def mark_gone(archive: Archive, name: str, reachable: Collection[str]) -> set[date]:
    """Mark the archived commits that are no longer reachable, unmark those that are again; return changed days."""
    changed: set[date] = set()
    for record in archive.read_days(name):
        commits = [
            commit.model_copy(update={"gone": commit.sha not in reachable}) for commit in record.commits
        ]
        if archive.write_commits(record, commits):
            changed.add(record.day)
    return changed


def _link(archive: Archive, name: str, days: Iterable[date]) -> set[date]:
    """Write into the commits of some days what reverts them, as the whole archive knows it."""
    reverters = _read_reverters(archive, name)
    changed: set[date] = set()
    for day in sorted(days):
        record = archive.read_day(name, day)
        commits = [
            commit.model_copy(update={"reverted_by": _find_reverters(commit, reverters)})
            for commit in record.commits
        ]
        if archive.write_commits(record, commits):
            changed.add(day)
    return changed


def _read_reverters(archive: Archive, name: str) -> Mapping[str | int, list[Commit]]:
    """Read the archived commits that say they revert something, by the SHAs and pull requests they name."""
    found: dict[str | int, list[Commit]] = defaultdict(list)
    # A number is left out of a record where there is none.
    for day in archive.find_mentions(name, ('"reverts": ["', '"reverts_pull_request": ')):
        for commit in archive.read_day(name, day).commits:
            # What a force-push removed reverts nothing any more.
            for target in () if commit.gone else (*commit.reverts, commit.reverts_pull_request):
                if target is not None:
                    found[target].append(commit)
    return found


def _find_reverters(commit: Commit, reverters: Mapping[str | int, list[Commit]]) -> tuple[str, ...]:
    by_sha = reverters.get(commit.sha, ())
    by_pull_request = reverters.get(commit.pull_request, ()) if commit.pull_request is not None else ()
    # A change that landed again under its old number is not reverted by what reverted it the first time.
    before = [other for other in by_pull_request if other.landed >= commit.landed]
    return tuple(sorted({other.sha for other in (*by_sha, *before)} - {commit.sha}))
