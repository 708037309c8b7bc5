"""Mend the records of one repository: its own, then its days.

This module must not know the other repositories, the pages or the site. A day that is lost comes back from its copy in
site/, with what models said of it, and otherwise from the mirror, as an update collects it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

from generator.checking.findings import Finding, Repairs
from generator.checking.graph import Comparison, compare
from generator.checking.restoring import (
    find_day_copy,
    find_repository_copy,
    is_up_to_date,
    make_repository,
)
from generator.collect.landing import Before, Landing, find_landings
from generator.collect.mirror import Node
from generator.errors import RemoteError
from generator.landings import Followed, Written, write_landings
from generator.records import DayRecord, RepositoryRecord, count_commits
from generator.store.broken import list_aside, set_aside
from generator.store.checking import Reading
from generator.store.marks import link_commits, mark_gone
from generator.store.places import Place, Sort, locate_repository, place_day

_TIP = "refs/daybook/tip"


class Mender:
    """Mends one repository, which `followed` opens; its archive must not have been asked for anything yet."""

    def __init__(self, root: Path, followed: Followed, reading: Reading, repairs: Repairs) -> None:
        self._root, self._followed, self._reading, self._repairs = root, followed, reading, repairs
        self._name = followed.name
        self._site = root / "site"
        self._days = {summary.day for summary in reading.summaries(self._name)}
        aside = {date.fromisoformat(place.period) for place in list_aside(root, self._name) if _is_day(place)}
        broken = {
            date.fromisoformat(place.period)
            for place in reading.damaged_places
            if place.scope == self._name and _is_day(place)
        }
        self._branch = followed.branch
        self._record: RepositoryRecord | None = None
        self._contradicted: frozenset[date] = frozenset()
        # Days that have had a record which was put aside, now or by an earlier repair, or is to be.
        self._aside = aside | broken

    def mend_repository(self) -> bool:
        """Have a repository's own record whole; say whether it is, or is not needed.

        Before any day is put aside: this record says which days are missed.
        """
        path = locate_repository(self._root / "docs", self._name)
        self._record = self._reading.find_repository(self._name)
        if self._record is not None:
            return True
        try:
            # Without any day it was never looked at to the end, and the next update looks for the first time.
            self._record = self._remake() if self._days | self._aside else None
        except RemoteError as error:
            fact = f"cannot be made again: {error.fact}"
            self._repairs.unmended.append(Finding(self._show_record(), fact))
            return False
        if path.is_file():
            self._put_aside(path.relative_to(self._root))
        if self._record is not None:
            self._followed.archive.write_repository(self._record)
        return True

    def mend_days(self) -> None:
        """Bring back the days that are lost, part what stands twice, and set the marks of later commits right."""
        record = self._record
        if record is None:
            return
        try:
            found = self._compare(record)
            if isinstance(found, Comparison) and found.wrong_days:
                self._drop(found.wrong_days)
                found = self._ask(record)
            if isinstance(found, Comparison):
                self._part_doubled(found)
                self._bring_back(record, found)
            elif self._aside - self._days:
                self._give_up(found)
        except RemoteError as error:
            self._give_up(error.fact)

    def _give_up(self, why: str) -> None:
        for day in sorted(self._aside - set(self._followed.archive.days(self._name))):
            file = f"docs/{place_day(self._name, day).path}"
            self._repairs.unmended.append(Finding(file, f"cannot be collected again: {why}"))

    # The repository's own record

    def _remake(self) -> RepositoryRecord:
        copy = find_repository_copy(self._site, self._name)
        commits = self._reading.commits(self._name)
        try:
            if copy is not None and copy.tip is not None:
                self._provide(copy.tip)
                if is_up_to_date(commits, self._walk(copy.tip)):
                    self._repairs.restored.append(self._show_record())
                    return copy
            self._provide(_TIP)
            if self._branch is None and not self._days:
                # Of the default branch, the remote alone knows the name.
                self._fetch()
            landings = self._place(_TIP)
        except RemoteError:
            if copy is None:
                raise
            # How old it is cannot be said; the next update doubts all that it finds.
            self._repairs.restored.append(self._show_record())
            return copy.model_copy(update={"writing": copy.tip})
        self._repairs.remade.append(self._name)
        days = self._days | self._aside
        return make_repository(landings, days, self._find_gone_tips(), self._describe())

    def _describe(self) -> RepositoryRecord:
        """Say what neither the days nor the graph say."""
        days = self._reading.summaries(self._name)
        newest = self._reading.read_day(self._name, days[-1].day) if days else None
        return RepositoryRecord(
            repository=self._name,
            branch=newest.branch if newest else self._branch,
            timezone=self._followed.timezone.key,
            web=self._followed.web,
        )

    def _find_gone_tips(self) -> list[str]:
        """Find the commits that are gone and that no other such commit goes on from, oldest first."""
        gone: dict[str, int] = {}
        parents: set[str] = set()
        for summary in self._reading.summaries(self._name):
            if summary.gone:
                for commit in self._reading.read_day(self._name, summary.day).commits:
                    if commit.gone:
                        gone[commit.sha] = int(commit.landed.timestamp())
                        parents.update(commit.parents)
        return sorted(gone.keys() - parents, key=lambda sha: (gone[sha], sha))

    # Its days

    def _compare(self, record: RepositoryRecord) -> Comparison | str:
        """Compare the days with the mirror; where days are lost and it cannot say which, with one that is fetched."""
        try:
            found = self._ask(record)
        except RemoteError:
            self._put_aside(self._followed.mirror.folder.relative_to(self._root))
            found = "its mirror was damaged"
            self._fetch()
            return self._ask(record)
        if isinstance(found, str) and self._aside - self._days:
            self._fetch()
            return self._ask(record)
        return found

    def _ask(self, record: RepositoryRecord) -> Comparison | str:
        commits = self._reading.commits(self._name)
        return compare(self._followed.mirror, record, commits, self._followed.seconds)

    def _drop(self, days: frozenset[date]) -> None:
        """Put days aside that git contradicts; their copies in site/ say the same."""
        self._contradicted = days
        for day in sorted(days):
            self._put_aside(Path("docs", place_day(self._name, day).path))
            self._reading.forget_day(self._name, day)
        self._days -= days
        self._aside |= days

    def _part_doubled(self, found: Comparison) -> None:
        """Leave a commit that stands in several days in the one that the graph says, or else in the first."""
        placed = {landing.sha: landing.day for landing in found.landings}
        wrong: defaultdict[date, set[str]] = defaultdict(set)
        days: defaultdict[str, set[date]] = defaultdict(set)
        for name, sha, day in self._reading.doubled:
            if name == self._name:
                days[sha] |= {day, self._reading.commits(name)[sha].day}
        for sha, several in days.items():
            right = placed[sha] if placed.get(sha) in several else min(several)
            for day in several - {right}:
                wrong[day].add(sha)
        rests = [self._take_out(day, shas) for day, shas in sorted(wrong.items())]
        for rest in rests:
            if rest is not None:
                self._followed.archive.write_day(rest)

    def _take_out(self, day: date, shas: set[str]) -> DayRecord | None:
        """Put a day's record aside, and return it without some of its commits; None where it has no others."""
        record = self._reading.read_day(self._name, day)
        self._put_aside(Path("docs", place_day(self._name, day).path))
        commits = tuple(commit for commit in record.commits if commit.sha not in shas)
        if not commits:
            return None
        return record.model_copy(update={"commits": commits, "account": count_commits(commits)})

    def _bring_back(self, record: RepositoryRecord, found: Comparison) -> None:
        archive, written = self._followed.archive, Written()
        known = dict(archive.commit_days(self._name))
        lost = self._aside | {landing.day for landing in found.missing}
        for day in sorted(lost - set(archive.days(self._name)) - self._contradicted):
            if copy := find_day_copy(self._site, place_day(self._name, day), known):
                archive.write_day(copy)
                known |= {commit.sha: day for commit in copy.commits}
                self._repairs.restored.append(f"docs/{place_day(self._name, day).path}")
        branch = record.branch or "HEAD"
        try:
            # In the order in which it was archived: what a force-push removed came before what stands there now.
            for tip in record.gone_tips:
                write_landings(self._followed, self._find_gone(tip, known), branch, written)
                known = dict(archive.commit_days(self._name))
            write_landings(self._followed, list(self._find_lost(found, known)), branch, written)
        finally:
            days, commits = len(written.days), written.commits
            self._repairs.collected |= {self._name: (days, commits)} if commits else {}
        reachable = {landing.sha for landing in found.landings}
        if record.writing is not None and self._has(record.writing):
            reachable |= self._walk(record.writing).keys()
        mark_gone(archive, self._name, reachable)
        link_commits(archive, self._name)

    def _find_gone(self, tip: str, known: Mapping[str, date]) -> list[Landing]:
        """Find what a former tip reached and what was archived on a day that was put aside."""
        if not self._aside or not self._has(tip):
            return []
        return [
            landing for landing in self._place(tip) if landing.day in self._aside and landing.sha not in known
        ]

    def _find_lost(self, found: Comparison, known: Mapping[str, date]) -> Iterator[Landing]:
        """Find what is to be collected, and with it what stands in the same days: it says in which order."""
        lost = {landing.sha for landing in found.missing} - known.keys()
        days = {landing.day for landing in found.missing if landing.sha in lost}
        # What is gone has no place in that order, so that all that is known stays ahead.
        reachable = {landing.sha for landing in found.landings}
        with_gone = {day for sha, day in known.items() if sha not in reachable}
        for landing in found.landings:
            is_beside = known.get(landing.sha) == landing.day and landing.day in days - with_gone
            if landing.sha in lost or is_beside:
                yield landing

    # The mirror

    def _provide(self, name: str) -> None:
        """Have a mirror with this commit, or with the tip of its branch."""
        if not (self._followed.mirror.folder / "HEAD").is_file() or not self._has(name):
            self._fetch()

    def _fetch(self) -> None:
        with self._followed.report.progress(f"{self._name}: fetching", 100) as task:
            self._branch = self._followed.mirror.fetch(self._followed.branch, task.reach).branch

    def _has(self, sha: str) -> bool:
        return bool(self._followed.mirror.find_existing([sha]))

    def _walk(self, tip: str) -> dict[str, Node]:
        return {node.sha: node for node in self._followed.mirror.walk(tip)}

    def _place(self, tip: str) -> tuple[Landing, ...]:
        """Place all that is reachable from a commit or a ref, as an update does that looks for the first time."""
        graph = self._walk(tip)
        sha = next(iter(graph))
        followed = self._followed
        return tuple(find_landings(graph, sha, Before(), followed.seconds, followed.timezone))

    # What is told

    def _put_aside(self, file: Path) -> None:
        self._repairs.aside.append((file.as_posix(), set_aside(self._root, file).as_posix()))

    def _show_record(self) -> str:
        return locate_repository(Path("docs"), self._name).as_posix()


def _is_day(place: Place) -> bool:
    return place.sort is Sort.DAY
