"""Keep what later commits say of earlier records: reverted by, gone from the branch.

This module must not look at git: it is told what reverts what and what is still reachable.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date

from generator.records import Commit, DayRecord, count_commits
from generator.store.archive import Archive


def find_reverters(commits: Iterable[Commit]) -> list[Commit]:
    """Pick the commits that say they revert something."""
    return [commit for commit in commits if commit.reverts or commit.reverts_pull_request is not None]


def read_reverters(archive: Archive, name: str) -> list[Commit]:
    """Read all archived commits of a repository that say they revert something."""
    # A number is left out of a record where there is none.
    days = archive.find_mentions(name, ('"reverts": ["', '"reverts_pull_request": '))
    return [commit for day in days for commit in find_reverters(archive.read_day(name, day).commits)]


def link_reverts(
    archive: Archive, name: str, reverters: Iterable[Commit], day_of: Mapping[str, date]
) -> set[date]:
    """Write into the records of reverted commits what reverts them; return the days that changed.

    `day_of` tells the days of commits where the caller knows them; the archive is searched for the others.
    """
    by_sha: dict[str, set[str]] = defaultdict(set)
    by_pull_request: dict[int, set[str]] = defaultdict(set)
    for commit in reverters:
        for sha in commit.reverts:
            by_sha[sha].add(commit.sha)
        if commit.reverts_pull_request is not None:
            by_pull_request[commit.reverts_pull_request].add(commit.sha)
    words = [f'"sha": "{sha}"' for sha in by_sha if sha not in day_of]
    words += [f'"pull_request": {number},' for number in by_pull_request]
    days = {day_of[sha] for sha in by_sha if sha in day_of} | set(archive.find_mentions(name, words))
    return {day for day in days if _link_day(archive, archive.read_day(name, day), by_sha, by_pull_request)}


def mark_gone(archive: Archive, name: str, reachable: Collection[str]) -> set[date]:
    """Mark the archived commits that are no longer reachable, unmark those that are again; return changed days."""
    changed: set[date] = set()
    for record in archive.read_days(name):
        commits = [
            commit.model_copy(update={"gone": commit.sha not in reachable}) for commit in record.commits
        ]
        if _write_commits(archive, record, commits):
            changed.add(record.day)
    return changed


def _link_day(
    archive: Archive,
    record: DayRecord,
    by_sha: Mapping[str, set[str]],
    by_pull_request: Mapping[int, set[str]],
) -> bool:
    commits = []
    for commit in record.commits:
        said = by_sha.get(commit.sha, set()) | by_pull_request.get(commit.pull_request or -1, set())
        # A commit that names its own pull request, or one it belongs to, does not revert itself.
        reverted_by = tuple(sorted({*commit.reverted_by, *said} - {commit.sha}))
        commits.append(commit.model_copy(update={"reverted_by": reverted_by}))
    return _write_commits(archive, record, commits)


def _write_commits(archive: Archive, record: DayRecord, commits: list[Commit]) -> bool:
    if tuple(commits) == record.commits:
        return False
    return archive.write_day(
        record.model_copy(update={"commits": tuple(commits), "account": count_commits(commits)})
    )
