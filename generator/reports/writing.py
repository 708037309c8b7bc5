"""Write a day as a report of the first format: a table, then each commit's message and analysis.

This module must not read the archive. What an imported report said otherwise than it would be written here is in its
record, so that the report comes back letter for letter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from generator.hosts import web_links
from generator.record_reports import Reported
from generator.records import Commit, DayRecord
from generator.reports.reading import shapes
from generator.reports.spelling import spell_analysis

_TABLE = f"{shapes.TABLE_HEAD}\n|----------|------|----------|\n"
_TAIL = "\n\n"
# What a line of a message must not begin with, or it would be read as another commit's.
_ANCHOR = re.compile(r"^(?=\\*(?:#{1,6}\s|https?://\S+/commit/|\*\*|⚠|\*暂无))", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A repository's part of a report: what goes before its analyses, and each commit's part."""

    name: str
    head: str
    rows: tuple[str, ...]
    middle: str
    entries: tuple[str, ...]

    @property
    def text(self) -> str:
        """The whole part."""
        return "".join((self.head, *self.rows, self.middle, *self.entries))


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """A repository on a day: `record` is None where nothing landed. `web` is its address on a host."""

    name: str
    web: str | None
    timezone: ZoneInfo
    record: DayRecord | None


def render_report(day: date, chapters: Sequence[Chapter]) -> str:
    """Write the report of a day."""
    return "".join(part.text for part in write_parts(day, chapters))


def write_parts(day: date, chapters: Sequence[Chapter], first: int = 0) -> list[Written]:
    """Write the parts of a report, whose first one is number `first`; its title goes before the head of number 0."""
    ordered = sorted(chapters, key=_find_place)
    return [_write_part(chapter, day, is_first=number == 0) for number, chapter in enumerate(ordered, first)]


def _find_place(chapter: Chapter) -> int:
    report = chapter.record.report if chapter.record else None
    return report.place if report else 1_000_000


def _write_part(chapter: Chapter, day: date, *, is_first: bool) -> Written:
    record = chapter.record
    head = render_head(chapter.name, day, is_first=is_first)
    if record is None:
        return Written(name=chapter.name, head=head, rows=(), middle="\n", entries=())
    report = record.report
    if report is not None and report.head is not None and is_first == (report.place == 0):
        head = report.head
    middle = render_middle(chapter.name) if report is None or report.middle is None else report.middle
    commits = order_commits(record.commits)
    rows = [render_row(commit, chapter.timezone) for commit in sorted(commits, key=_find_row_place)]
    for loose in reversed(report.loose if report else ()):
        rows.insert(min(loose.before, len(rows)), loose.text)
    return Written(
        name=chapter.name,
        head=head,
        rows=tuple(rows),
        middle=middle,
        entries=tuple(render_entry(commit, chapter.web) for commit in commits),
    )


def render_head(name: str, day: date, *, is_first: bool) -> str:
    """Write what goes before a table's rows."""
    title = render_title(day) if is_first else ""
    return f"{title}## {name}\n\n{_TABLE}"


def render_title(day: date) -> str:
    """Write a report's title."""
    return f"# 每日更新报告（{day.isoformat()}）\n\n"


def render_middle(name: str) -> str:
    """Write what goes between a table's rows and the analyses."""
    return f"\n## {name} {shapes.RESULTS}\n\n"


def order_commits(commits: Sequence[Commit]) -> list[Commit]:
    """Order a day's commits as its report did; where one is of no report or of another, the newest first."""
    files = {commit.reported.file if commit.reported else None for commit in commits}
    if len(files) == 1 and None not in files:
        return sorted(commits, key=lambda commit: commit.reported.place if commit.reported else 0)
    # Of those that landed at once, the last comes first.
    newest = list(reversed(commits))
    newest.sort(key=lambda commit: commit.landed, reverse=True)
    return newest


def _find_row_place(commit: Commit) -> int:
    reported = commit.reported
    if reported is None:
        return 0
    return reported.place if reported.row_place is None else reported.row_place


def render_row(commit: Commit, timezone: ZoneInfo) -> str:
    """Write a row, its line feed included."""
    if commit.reported is not None and commit.reported.row is not None:
        return f"{commit.reported.row}\n" if commit.reported.row else ""
    return f"{spell_row(commit, timezone)}\n"


def spell_row(commit: Commit, timezone: ZoneInfo) -> str:
    """Spell the row of a commit as the record alone would have it."""
    landed = commit.landed.astimezone(timezone)
    author = " ".join(commit.author.name.replace("|", "\\|").split())
    return f"| {landed:%Y-%m-%d %H:%M:%S} | {author} | {' '.join(commit.subject.split(chr(10)))} |"


def render_entry(commit: Commit, web: str | None) -> str:
    """Write a commit's part: its SHA, its address, its message, its analysis."""
    reported = commit.reported
    head = reported.head if reported and reported.head is not None else spell_head(commit, web)
    tail = reported.tail if reported and reported.tail is not None else _TAIL
    original = commit.analysis.original
    return head + (spell_analysis(commit.analysis) if original is None else original) + tail


def spell_head(commit: Commit, web: str | None) -> str:
    """Spell what goes before a commit's analysis as the record alone would have it."""
    address = web_links(web).commit(commit.sha)
    lines = [f"### {commit.sha}", *([address] if address else []), _spell_message(commit)]
    return "\n".join(lines) + "\n"


def _spell_message(commit: Commit) -> str:
    message = f"{commit.subject}\n\n{commit.body}" if commit.body else commit.subject
    return _ANCHOR.sub(r"\\", message)


def reduce_reported(commit: Commit, web: str | None, timezone: ZoneInfo) -> Reported | None:
    """Keep of what a report said only what would not be written alike from the record."""
    reported = commit.reported
    if reported is None:
        return None
    if reported.form == 2:
        return reported
    kept = {
        "row": None if reported.row == spell_row(commit, timezone) else reported.row,
        "head": None if reported.head == spell_head(commit, web) else reported.head,
        "tail": None if reported.tail == _TAIL else reported.tail,
    }
    return reported.model_copy(update=kept)


def restore_reported(commit: Commit, web: str | None, timezone: ZoneInfo) -> Reported:
    """Give back all that a report said of a commit, what is written alike from the record included."""
    reported = commit.reported
    assert reported is not None  # asked of reported commits alone
    if reported.form == 2:
        return reported.model_copy(update={"row": None})
    kept = {
        "row": spell_row(commit, timezone) if reported.row is None else reported.row,
        "head": spell_head(commit, web) if reported.head is None else reported.head,
        "tail": _TAIL if reported.tail is None else reported.tail,
    }
    return reported.model_copy(update=kept)


def split_report(day: date, parts: Sequence[Written], most: int) -> Iterator[str]:
    """Split a report into pieces of at most `most` characters, each a report by itself, never inside an analysis.

    A commit's part that is longer by itself is a piece of its own.
    """
    piece = ""
    for number, part in enumerate(parts):
        for chunk, opening in _list_chunks(part, day, is_first=number == 0):
            if piece and len(piece) + len(chunk) > most:
                yield piece
                piece = opening
            piece += chunk
    if piece:
        yield piece


def _list_chunks(part: Written, day: date, *, is_first: bool) -> Iterator[tuple[str, str]]:
    """List what may not be cut, and what goes before it where a new piece begins with it."""
    title = render_title(day)
    yield part.head, "" if is_first else title
    for row in part.rows:
        yield row, render_head(part.name, day, is_first=True)
    yield part.middle, title
    for entry in part.entries:
        yield entry, title + render_middle(part.name).lstrip("\n")
