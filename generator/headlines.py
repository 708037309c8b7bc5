"""Define what is kept of a commit for pages that list many: those of a month, of watched paths, of a release.

This module must not read a file. A headline follows from the commit's record alone: it can be made again at any time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from generator.records import Commit, Importance, Kind, Outcome

# Where each importance stands in a list, the highest first.
IMPORTANCE_ORDER = {importance: place for place, importance in enumerate(Importance)}
_LONGEST_SUBJECT = 200
_LONGEST_NOTE = 300
_LONGEST_NAME = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """A commit as a list of many tells it. All text is plain, and may be cut.

    `day` is the landing day in the archive's time zone, `landed` the UTC moment. `note` says in a sentence or two what
    the commit does or why it matters; `is_by_model` says who wrote it. `insertions` and `deletions` are lines of all
    files.
    """

    sha: str
    day: date
    landed: datetime
    subject: str
    author: str
    kinds: tuple[Kind, ...]
    importance: Importance
    note: str
    is_by_model: bool
    breaking: Literal["yes", "no", "unclear"]
    pull_request: int | None
    is_gone: bool
    is_reverted: bool
    files: int
    insertions: int
    deletions: int


def make_headline(commit: Commit, day: date) -> Headline:
    """Keep of a commit what a list tells of it."""
    analysis = commit.analysis
    return Headline(
        sha=commit.sha,
        day=day,
        landed=commit.landed,
        subject=commit.subject[:_LONGEST_SUBJECT],
        author=commit.author.name[:_LONGEST_NAME],
        kinds=analysis.kinds,
        importance=analysis.importance,
        note=_find_note(commit)[:_LONGEST_NOTE],
        is_by_model=analysis.provenance.writer != "rules",
        breaking=analysis.breaking.answer,
        pull_request=commit.pull_request,
        is_gone=commit.gone,
        is_reverted=bool(commit.reverted_by),
        files=commit.totals.files,
        insertions=commit.totals.insertions,
        deletions=commit.totals.deletions,
    )


def list_paths(commit: Commit) -> tuple[str, ...]:
    """List the paths that a commit changes, old names of renamed files included."""
    paths = (path for file in commit.files for path in (file.path, file.old_path) if path)
    return tuple(dict.fromkeys(paths))


def _find_note(commit: Commit) -> str:
    analysis = commit.analysis
    if analysis.provenance.writer == "rules" and analysis.outcome is not Outcome.SKIPPED:
        # Their summary can only quote the subject; what they add is the reason.
        return analysis.importance_reason
    return analysis.summary
