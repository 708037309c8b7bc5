"""Find what landed between two commits of a repository, by ancestry, with what the archive says of it.

This module must not go by dates, write into the archive, or fetch more than the graph behind a name that the mirror
does not know.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from generator.analyse.redact import redact_line
from generator.changes.question import Question
from generator.collect.commits import LONGEST_SUBJECT
from generator.collect.decode import decode_commit
from generator.collect.landing import Before, find_landings
from generator.collect.message import parse_message
from generator.collect.mirror import Mirror, place_mirror
from generator.collect.revisions import Revision, fetch_revision, find_revision
from generator.config import TrackedRepository
from generator.errors import RemoteError
from generator.globs import Globs
from generator.progress import Report
from generator.records import Analysis, Commit, Outcome, Signature
from generator.store.archive import Archive
from generator.store.lock import LOCK, hold_lock


@dataclass(frozen=True, slots=True, kw_only=True)
class Archived:
    """What the archive says of a commit."""

    day: date
    landed: datetime
    gone: bool
    reverted_by: tuple[str, ...]
    analysis: Analysis


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One commit of the answer; `archived` is None where no day record holds it, and git alone speaks."""

    sha: str
    subject: str
    author: Signature
    pull_request: int | None
    # Whether it changes a file that was asked for; None where nobody knows.
    is_touching: bool | None
    archived: Archived | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """The commits that one end has and the other has not.

    `entries` are the wanted ones and those of which nobody knows it, parents before children; `total` and
    `unarchived` count all. `elsewhere` of the latter are not on the tracked branch, so that no run archives them.
    """

    entries: tuple[Entry, ...]
    total: int
    unarchived: int
    elsewhere: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Between:
    """The answer.

    `left_behind` is what the old end has and the new one has not. `backfill` is the first day to be archived so that
    nothing of the tracked branch is unknown here; None where nothing is.
    """

    repository: str
    web: str | None
    question: Question
    old: str
    new: str
    landed: Side
    left_behind: Side
    backfill: date | None

    @property
    def exit_code(self) -> int:
        """0 when all is known, 3 when commits are not archived, or analyses by a model not there."""
        sides = (self.landed, self.left_behind)
        open_ones = (Outcome.PENDING, Outcome.FAILED)
        is_open = any(
            entry.archived is not None and entry.archived.analysis.outcome in open_ones
            for side in sides
            for entry in side.entries
        )
        return 3 if is_open or any(side.unarchived for side in sides) else 0


def find_between(
    root: Path, repository: TrackedRepository, question: Question, now: datetime, report: Report
) -> Between:
    """Find what landed between two commits of a repository.

    Raises UnknownRevisionError where one of them does not exist, RemoteError where that could not be looked up,
    LockedError where it had to be and another run is at work, ArchiveError for a damaged record.
    """
    name = repository.name
    archive = Archive(root / "docs")
    record = archive.find_repository(name)
    mirror = Mirror(place_mirror(root, name), name, repository.url)
    tip = mirror.find_tip() if (mirror.folder / "HEAD").is_file() else None
    if record is None or tip is None:
        raise RemoteError(
            f"{name}: there is no mirror of it here",
            f"Run `daybook update --repository {name}`, which makes it.",
        )
    old, new = (
        _resolve(root, mirror, record.branch, revision, report) for revision in (question.old, question.new)
    )
    with report.progress(f"{name}: reading what landed between {old[:12]} and {new[:12]}", None):
        reader = _Reader(archive, mirror, tip, question)
        landed, left_behind = reader.read(new, old), reader.read(old, new)
    return Between(
        repository=name,
        web=repository.web,
        question=question,
        old=old,
        new=new,
        landed=landed,
        left_behind=left_behind,
        backfill=_find_backfill(mirror, tip, reader.missing, now, ZoneInfo(record.timezone)),
    )


def _resolve(root: Path, mirror: Mirror, branch: str | None, revision: Revision, report: Report) -> str:
    found = find_revision(mirror, branch, revision)
    if found is not None:
        return found
    # Whoever fetches into a mirror holds the archive's lock.
    with (
        hold_lock(root / LOCK),
        report.progress(f"{mirror.name}: looking up {revision.name}", None),
    ):
        return fetch_revision(mirror, revision)


class _Reader:
    """Reads one side after the other; `missing` are the commits of the tracked branch that are not archived."""

    def __init__(self, archive: Archive, mirror: Mirror, tip: str, question: Question) -> None:
        self.missing: set[str] = set()
        self._archive = archive
        self._mirror = mirror
        self._tip = tip
        self._days = archive.commit_days(mirror.name)
        self._globs = Globs(question.globs) if question.globs else None
        self._is_breaking_only = question.is_breaking_only

    def read(self, new: str, old: str) -> Side:
        """Read the commits that `new` has and `old` has not."""
        shas = [node.sha for node in self._mirror.walk(new, [old])][::-1]
        unknown = [sha for sha in shas if sha not in self._days]
        on_branch = set(unknown)
        if unknown:
            on_branch -= {node.sha for node in self._mirror.walk(new, [old, self._tip])}
        self.missing |= on_branch
        found = {entry.sha: entry for entry in (*self._read_archived(shas), *self._read_unknown(unknown))}
        return Side(
            entries=tuple(found[sha] for sha in shas if sha in found),
            total=len(shas),
            unarchived=len(unknown),
            elsewhere=len(unknown) - len(on_branch),
        )

    def _read_archived(self, shas: Sequence[str]) -> Iterator[Entry]:
        by_day: defaultdict[date, set[str]] = defaultdict(set)
        for sha in shas:
            if sha in self._days:
                by_day[self._days[sha]].add(sha)
        for day, wanted in sorted(by_day.items()):
            for commit in self._archive.read_day(self._mirror.name, day).commits:
                if commit.sha in wanted and self._is_wanted(commit):
                    yield _make_entry(commit, day, self._touches(commit))

    def _is_wanted(self, commit: Commit) -> bool:
        is_breaking = commit.analysis.breaking.answer != "no"
        return (is_breaking or not self._is_breaking_only) and self._touches(commit) is not False

    def _touches(self, commit: Commit) -> bool | None:
        if self._globs is None:
            return True
        paths = (path for file in commit.files for path in (file.path, file.old_path) if path)
        if any(map(self._globs.match, paths)):
            return True
        return False if commit.totals.files == len(commit.files) else None

    def _read_unknown(self, shas: Sequence[str]) -> Iterator[Entry]:
        for sha, content in zip(shas, self._mirror.read_commits(shas), strict=True):
            raw = decode_commit(content)
            message = parse_message(raw.message, self._mirror.name)
            yield Entry(
                sha=sha,
                # What the archive would publish of it, and no secret.
                subject=redact_line(message.subject[:LONGEST_SUBJECT]),
                author=raw.author,
                pull_request=message.pull_request,
                is_touching=True if self._globs is None else None,
                archived=None,
            )


def _make_entry(commit: Commit, day: date, is_touching: bool | None) -> Entry:
    return Entry(
        sha=commit.sha,
        subject=commit.subject,
        author=commit.author,
        pull_request=commit.pull_request,
        is_touching=is_touching,
        archived=Archived(
            day=day,
            landed=commit.landed,
            gone=commit.gone,
            reverted_by=commit.reverted_by,
            analysis=commit.analysis,
        ),
    )


def _find_backfill(
    mirror: Mirror, tip: str, missing: Iterable[str], now: datetime, timezone: ZoneInfo
) -> date | None:
    """Find the first day on which one of these commits landed; only the whole graph tells."""
    wanted = frozenset(missing)
    if not wanted:
        return None
    graph = {node.sha: node for node in mirror.walk(tip)}
    landings = find_landings(graph, tip, Before(), int(now.timestamp()), timezone)
    return min(landing.day for landing in landings if landing.sha in wanted)
