"""Match what a report tells of a repository's day with what the archive has, and plan what is to be written.

This module must not write anything. What the archive holds is not replaced unless it was asked for; what git knows of a
commit stands, whatever a report says.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

from generator.analyse.redact import redact_text
from generator.days import find_window
from generator.imports import Trouble
from generator.joining import join_commit
from generator.landings import Followed
from generator.record_reports import LooseText, ReportedDay
from generator.records import (
    Commit,
    DayRecord,
    Outcome,
    RepositoryRecord,
    Span,
    Tips,
    count_commits,
)
from generator.reports.reading.document import Document, Finding, Row, Section
from generator.reports.reported import Setting, make_commit
from generator.reports.spelling import spell_analysis
from generator.reports.writing import Chapter, reduce_reported, render_head, render_middle, write_parts
from generator.store.archive import Archive


@dataclass(slots=True, kw_only=True)
class Known:
    """What the archive knows of a repository: its record, and on which day each of its commits is."""

    archive: Archive
    record: RepositoryRecord
    days: dict[str, date]
    followed: Followed
    is_tracked: bool

    def resolve(self, short: str | None) -> str | None:
        """Find the one commit of the mirror whose SHA begins so."""
        mirror = self.followed.mirror
        if short is None or not self.is_tracked or not (mirror.folder / "HEAD").is_file():
            return None
        found = mirror.find_starting(short)
        return found[0] if len(found) == 1 else None


@dataclass(slots=True, kw_only=True)
class Day:
    """What one report has of one repository, and what it comes to.

    `told` are its commits as the report alone tells them, by their line; `records` are to be written, and
    `record_update` goes into the repository's record. `new` counts commits that the archive did not have, `changed`
    those that it had otherwise.
    """

    known: Known
    section: Section
    told: dict[int, Commit] = field(default_factory=dict)
    records: list[DayRecord] = field(default_factory=list)
    record_update: dict[str, Any] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    new: int = 0
    changed: int = 0


def match_section(document: Document, section: Section, place: int, known: Known, *, replace: bool) -> Day:
    """Plan what a repository's part of a report comes to."""
    assert document.day is not None  # a report without a day is not planned
    return _Matcher(document, section, place, known, document.day, replace=replace).match()


class _Matcher:
    def __init__(
        self, document: Document, section: Section, place: int, known: Known, day: date, *, replace: bool
    ) -> None:
        self._document, self._section, self._place, self._known = document, section, place, known
        self._day, self._replace = day, replace
        self._name = known.record.repository
        self._setting = Setting(
            name=self._name,
            day=day,
            file=document.file,
            timezone=known.followed.timezone,
            language=known.followed.language,
        )
        self._planned = Day(known=known, section=section)
        # The records that are touched, as they are to be.
        self._commits: dict[date, dict[str, Commit]] = {}
        self._changed_days: set[date] = set()

    def match(self) -> Day:
        for told in self._list_told():
            if told.sha in self._known.days:
                self._revise(told)
            else:
                self._add(told)
        self._update_repository()
        records = [self._make_record(day) for day in sorted(self._changed_days | self._find_own())]
        self._planned.records = records
        self._check_export()
        return self._planned

    def _note(self, line: int, trouble: Trouble, detail: str = "") -> None:
        self._planned.findings.append(Finding(line=line, trouble=trouble, detail=detail))

    def _list_told(self) -> Iterator[Commit]:
        rows = [row for row in self._section.rows if isinstance(row, Row)]
        row_places = {row.line: number for number, row in enumerate(rows)}
        seen: set[str] = set()
        form: Literal[1, 2] = 1 if self._section.is_first else 2
        for number, entry in enumerate(self._section.entries):
            sha = entry.sha or self._known.resolve(entry.short)
            if sha is None:
                self._note(entry.line, Trouble.NO_SHA, entry.short or entry.message.split("\n")[0][:80])
                continue
            if sha in seen:
                self._note(entry.line, Trouble.TWICE, sha)
                continue
            seen.add(sha)
            row_place = row_places.get(entry.row.line) if entry.row else None
            place = number
            if form == 2:
                # Its groups are by importance; in the first format all stand in the order of the table.
                place = len(rows) + number if row_place is None else row_place
            told = self._reduce(make_commit(entry, sha, place, row_place, self._setting, form=form))
            self._planned.told[entry.line] = told
            yield told

    def _reduce(self, told: Commit) -> Commit:
        followed = self._known.followed
        return told.model_copy(update={"reported": reduce_reported(told, followed.web, followed.timezone)})

    def _read(self, day: date) -> dict[str, Commit]:
        if day not in self._commits:
            record = self._known.archive.find_day(self._name, day)
            self._commits[day] = {commit.sha: commit for commit in record.commits} if record else {}
        return self._commits[day]

    def _add(self, told: Commit) -> None:
        self._read(self._day)[told.sha] = told
        self._known.days[told.sha] = self._day
        self._changed_days.add(self._day)
        self._planned.new += 1

    def _revise(self, told: Commit) -> None:
        """Put what a report tells to a commit that is archived."""
        day = self._known.days[told.sha]
        held = self._read(day).get(told.sha)
        assert told.reported is not None  # it was made from a report
        line = told.reported.line
        if held is None:
            # Planned by another document of this run that nobody has written.
            self._note(line, Trouble.KEPT, told.sha)
            return
        if not held.is_only_told and day != self._day:
            self._note(line, Trouble.OTHER_DAY, f"{told.sha} {day}")
        elif held.is_only_told and held.gone:
            self._note(line, Trouble.NOT_ON_BRANCH, told.sha)
        if _says_the_same(held, told):
            return
        if not self._replace and _is_held(held):
            self._note(line, Trouble.KEPT, told.sha)
            return
        revised = told.model_copy(update={"gone": held.gone, "landed": held.landed})
        if not held.is_only_told:
            revised = join_commit(held, told, self._known.followed)
        self._read(day)[told.sha] = revised
        self._changed_days.add(day)
        self._planned.changed += 1

    def _find_own(self) -> set[date]:
        """Find the report's own day, where it is archived and no report of it was imported yet."""
        record = self._known.archive.find_day(self._name, self._day)
        return {self._day} if record is not None and record.report is None else set()

    def _update_repository(self) -> None:
        record, update = self._known.record, self._planned.record_update
        if self._planned.new and self._known.is_tracked:
            update["imported"] = tuple(sorted({*(record.imported or ()), self._day}))
        is_empty = not self._section.entries and not any(isinstance(row, Row) for row in self._section.rows)
        if is_empty and self._day not in self._known.days.values():
            update["empty_reports"] = tuple(sorted({*(record.empty_reports or ()), self._day}))

    def _make_record(self, day: date) -> DayRecord:
        held = self._known.archive.find_day(self._name, day)
        commits = _order(
            self._read(day).values(), is_in_order=held is not None and day not in self._changed_days
        )
        report = held.report if held else None
        if day == self._day and (report is None or self._replace):
            report = self._describe_day()
        if held is not None:
            update = {"commits": commits, "account": count_commits(commits), "report": report}
            if held.tips.before is None:
                update["tips"] = Tips(after=commits[-1].landing_sha)
            return held.model_copy(update=update)
        window = find_window(day, self._setting.timezone)
        return DayRecord(
            repository=self._name,
            branch=self._known.record.branch or "HEAD",
            day=day,
            timezone=self._setting.timezone.key,
            window=Span(start=window.start, end=window.end),
            tips=Tips(after=commits[-1].landing_sha),
            account=count_commits(commits),
            commits=commits,
            report=report,
        )

    def _describe_day(self) -> ReportedDay:
        """Keep what the report says beside its commits, where it is not what would be written."""
        section, file = self._section, self._document.file
        if not section.is_first:
            return ReportedDay(file=file, place=self._place)
        head, middle = redact_text(section.head), redact_text(section.middle)
        return ReportedDay(
            file=file,
            place=self._place,
            head=None if head == render_head(self._name, self._day, is_first=self._place == 0) else head,
            middle=None if middle == render_middle(self._name) else middle,
            loose=tuple(self._list_loose()),
        )

    def _list_loose(self) -> Iterator[LooseText]:
        """List what stands in the table and belongs to no commit: other lines, and rows without one."""
        own = {entry.row.line for entry in self._section.entries if entry.row is not None}
        before = 0
        for row in self._section.rows:
            if isinstance(row, Row) and row.line in own:
                before += 1
            else:
                text = row if isinstance(row, str) else f"{row.text}\n"
                yield LooseText(before=before, text=redact_text(text))

    def _check_export(self) -> None:
        """Say where the report would not come back letter for letter, of a day that no other source told of."""
        section = self._section
        record = next((record for record in self._planned.records if record.day == self._day), None)
        if not section.is_first or record is None or not self._planned.new:
            return
        if any(one.reported is None or one.reported.file != self._document.file for one in record.commits):
            return
        chapter = Chapter(
            name=self._name,
            web=self._known.followed.web,
            timezone=self._setting.timezone,
            record=record,
        )
        written = "".join(part.text for part in write_parts(self._day, [chapter], first=self._place))
        if written != redact_text(join_section(section)):
            self._note(section.line, Trouble.DIFFERS)


def join_section(section: Section) -> str:
    """Give a repository's part of a report of the first format back letter for letter."""
    rows = (row if isinstance(row, str) else f"{row.text}\n" for row in section.rows)
    entries = (entry.head + entry.analysis + entry.tail for entry in section.entries)
    return "".join((section.head, *rows, section.middle, *entries))


def _says_the_same(held: Commit, told: Commit) -> bool:
    """Say whether nothing new is told: the same text, or what was exported from here."""
    original = told.analysis.original
    return held.analysis.original == original or original == spell_analysis(held.analysis)


def _is_held(held: Commit) -> bool:
    """Say whether the archive has more than the rules' word of a commit."""
    analysis = held.analysis
    return held.reported is not None or (
        analysis.outcome is Outcome.OK and analysis.provenance.writer != "rules"
    )


def _order(commits: Iterable[Commit], *, is_in_order: bool) -> tuple[Commit, ...]:
    """Put commits into the order they landed in; a report has the newest first."""
    commits = tuple(commits)
    if is_in_order:
        return commits
    return tuple(sorted(commits, key=_find_rank))


def _find_rank(commit: Commit) -> tuple[datetime, int]:
    return commit.landed, -(commit.reported.place if commit.is_only_told and commit.reported else 0)
