"""Join what reports told of a repository's commits with what git says of them: files, parents, landing days.

Only `following` and the import call this module; it must not read a report. A commit is never lost or doubled: it is
written where it landed before it is taken away from where the report had it, and a run that was cut short between the
two is finished by the next.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from generator.collect.landing import Before
from generator.finding import keep_days, place, read_days, walk_all
from generator.headlines import list_paths
from generator.landings import Followed, Written, write_landings
from generator.records import Commit, Outcome, RepositoryRecord
from generator.reports.reported import apply_report
from generator.reports.writing import reduce_reported, restore_reported


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """What came of joining: the days that are whole now, and those with commits that git does not know.

    `landed` says where each commit landed, None where git does not know it on the tracked branch.
    """

    days: tuple[date, ...] = ()
    waiting: tuple[date, ...] = ()
    landed: Mapping[str, date | None]


def join_commit(commit: Commit, told: Commit, followed: Followed) -> Commit:
    """Put to a commit of git's what a report told of it.

    What the report's analysis says goes in the place of the rules'; git's facts stand.
    """
    assert told.reported is not None  # or there would be nothing to join
    analysis = commit.analysis
    if told.analysis.original is not None:
        importance = told.analysis.importance if told.analysis.outcome is Outcome.OK else None
        analysis = apply_report(analysis, told.analysis.original, importance, list_paths(commit))
    reported = restore_reported(told, followed.web, followed.timezone).model_copy(update={"by_git": True})
    joined = commit.model_copy(update={"analysis": analysis, "reported": reported})
    return joined.model_copy(update={"reported": reduce_reported(joined, followed.web, followed.timezone)})


def join_reported(
    followed: Followed, record: RepositoryRecord, tip: str, branch: str, written: Written
) -> Joined:
    """Join all commits of the repository that only reports have told of, as far as git knows them at `tip`.

    The days on which they landed are archived whole. Raises RemoteError where their contents cannot be had: what was
    told stays as it is, and the next run tries again.
    """
    told = dict(_list_told(followed, record.imported or ()))
    if not told:
        return Joined(landed={})
    # What the mirror does not even hold is on no branch, and the whole graph need not be read to know it.
    graph = walk_all(followed, tip) if followed.mirror.find_existing(told) else {}
    landings = place(followed, graph, tip, Before()) if graph else []
    day_of = {sha: day for sha, day in read_days(followed).items() if sha not in told}
    days = {landing.day for landing in landings if landing.sha in told}
    chosen = [landing for landing in keep_days(landings, day_of) if landing.day in days]

    def join(commit: Commit) -> Commit:
        return join_commit(commit, told[commit.sha][1], followed) if commit.sha in told else commit

    write_landings(followed, chosen, branch, written, join)
    landed = {landing.sha: landing.day for landing in chosen if landing.sha in told}
    _settle_told(followed, told, landed, written)
    waiting = {day for sha, (day, _) in told.items() if sha not in landed}
    return Joined(
        days=tuple(sorted(days)),
        waiting=tuple(sorted(waiting)),
        landed={sha: landed.get(sha) for sha in told},
    )


def _list_told(followed: Followed, days: Iterable[date]) -> Iterator[tuple[str, tuple[date, Commit]]]:
    for day in days:
        record = followed.archive.find_day(followed.name, day)
        for commit in record.commits if record else ():
            if commit.is_only_told:
                yield commit.sha, (day, commit)


def _settle_told(
    followed: Followed, told: Mapping[str, tuple[date, Commit]], landed: Mapping[str, date], written: Written
) -> None:
    """Take commits away from the days on which they did not land, and mark what git does not have as gone."""
    by_day: defaultdict[date, set[str]] = defaultdict(set)
    for sha, (day, _) in told.items():
        if landed.get(sha) != day:
            by_day[day].add(sha)
    for day, shas in sorted(by_day.items()):
        _settle_day(followed, day, shas, landed.keys())
        written.days.add(day)


def _settle_day(followed: Followed, day: date, shas: Collection[str], landed: Collection[str]) -> None:
    record = followed.archive.read_day(followed.name, day)
    commits = [
        commit.model_copy(update={"gone": True}) if commit.sha in shas else commit
        for commit in record.commits
        if not (commit.sha in shas and commit.sha in landed)
    ]
    if not commits:
        followed.archive.remove_day(followed.name, day)
        return
    tips = record.tips.model_copy(update={"after": commits[-1].landing_sha})
    followed.archive.write_commits(record.model_copy(update={"tips": tips}), commits)
