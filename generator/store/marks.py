"""Keep what later commits say of earlier records: reverted by, followed by, gone from the branch.

This module must not look at git: it is told what is still reachable. It reads the days that change, and no others.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

from generator.store.archive import Archive

_Key = tuple[date, str]


def link_commits(archive: Archive, name: str) -> set[date]:
    """Write into every commit what reverts it and what belongs to it, as the whole archive knows it.

    Returns the days that changed.
    """
    reverters, relations = archive.find_reverters(name), archive.find_relations(name)
    stale = _find_differing(reverters, archive.find_reverted(name))
    stale |= _find_differing(relations, archive.find_related(name))
    changed: set[date] = set()
    for day in sorted({day for day, _ in stale}):
        record = archive.read_day(name, day)
        commits = [
            commit.model_copy(
                update={
                    "reverted_by": reverters.get((day, commit.sha), ()),
                    "related": relations.get((day, commit.sha)),
                }
            )
            for commit in record.commits
        ]
        if archive.write_commits(record, commits):
            changed.add(day)
    return changed


def _find_differing(found: Mapping[_Key, object], written: Mapping[_Key, object]) -> set[_Key]:
    return {key for key in found.keys() | written.keys() if found.get(key) != written.get(key)}


def mark_gone(archive: Archive, name: str, reachable: Collection[str]) -> set[date]:
    """Mark the archived commits that are no longer reachable, unmark those that are again; return changed days."""
    changed: set[date] = set()
    for day in archive.find_mismarked_days(name, reachable):
        record = archive.read_day(name, day)
        commits = [
            commit.model_copy(update={"gone": commit.sha not in reachable}) for commit in record.commits
        ]
        if archive.write_commits(record, commits):
            changed.add(day)
    return changed
