"""Gather the commits of a repository's month, or of a part of it: collect each, have the rules say what it means.

Only `landings` calls this module, in whatever process there is a worker; so it must not know the archive, its lock,
a model or a key: what it needs comes with the unit, and what it makes goes back to the process that leads, which
alone asks models and writes records.
"""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from generator.analyse.conventions import Conventions
from generator.analyse.redact import redact
from generator.analyse.rules import analyse
from generator.collect.commits import read_changes
from generator.collect.landing import Landing
from generator.collect.mirror import Mirror
from generator.days import find_moment
from generator.errors import MisnamedError, RemoteError
from generator.patches import Change
from generator.records import Commit, Language, Outcome, Reason
from generator.small_diffs import keep_diff
from generator.titles import Titles
from generator.workers.cluster import find_scratch


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where commits are read.

    `folder` is the mirror of the process that leads, which holds all that the unit needs, None where it does not.
    `stamp` tells it from another folder that stands at the same path on another machine.
    """

    name: str
    url: str
    branch: str | None
    folder: Path | None
    stamp: tuple[int, int] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """Commits of one repository and month, in landing order, with the mainline commit before each of their days.

    `asks_model` says that what the rules make of a commit is there until a model was asked.
    """

    source: Source
    landings: tuple[Landing, ...]
    befores: Mapping[date, str | None]
    language: Language
    asks_model: bool

    def __str__(self) -> str:
        """Name it in a message."""
        return f"{self.source.name}, {self.landings[0].day} to {self.landings[-1].day}"


def find_source(mirror: Mirror, branch: str | None, *, is_fetched: bool) -> Source:
    """Describe where workers may read; `is_fetched` says that the mirror holds the contents they need."""
    folder = mirror.folder if is_fetched else None
    return Source(
        name=mirror.name,
        url=mirror.url,
        branch=branch,
        folder=folder,
        stamp=None if folder is None else _find_stamp(folder),
    )


def gather(unit: Unit) -> tuple[Commit, ...]:
    """Collect and analyse the commits of a unit, in the order of its landings.

    Their patches are let go of one by one. The same unit gives the same commits on every machine.
    Raises RemoteError.
    """
    shas = [landing.sha for landing in unit.landings]
    mirror = _open_mirror(unit.source, shas)
    titles = Titles(mirror)
    conventions = {day: titles.learn(before) for day, before in unit.befores.items()}
    changes = read_changes(mirror, shas)
    return tuple(
        _make_commit(unit, landing, change, conventions[landing.day])
        for landing, change in zip(unit.landings, changes, strict=True)
    )


def _make_commit(unit: Unit, landing: Landing, change: Change, conventions: Conventions) -> Commit:
    landed = find_moment(landing.seconds)
    assert landed is not None  # a moment between 1970 and the fetch
    # First of all: what is quoted, from the message or from a diff, is quoted without secrets.
    change = redact(change)
    analysis = analyse(change, conventions, unit.language)
    if unit.asks_model and analysis.outcome is Outcome.OK:
        analysis = analysis.model_copy(update={"outcome": Outcome.PENDING, "reason": Reason.WAITING})
    # model_construct would be quicker, but what enters a record is checked.
    return Commit(
        **dict(change.facts),
        landing_sha=landing.landing_sha,
        landed=landed,
        diff=keep_diff(change),
        analysis=analysis,
    )


def _open_mirror(source: Source, shas: Sequence[str]) -> Mirror:
    """Open the leading process's mirror, which is read and never written here, or one of this worker's own."""
    scratch = find_scratch()
    if source.folder is not None and (scratch is None or _find_stamp(source.folder) == source.stamp):
        return Mirror(source.folder, source.name, source.url)
    assert scratch is not None  # a process of this machine is always told the folder
    mirror = Mirror(scratch / f"{source.name}.git", source.name, source.url)
    _fetch_own(mirror, source, shas)
    mirror.fetch_contents(shas)
    return mirror


def _fetch_own(mirror: Mirror, source: Source, shas: Sequence[str]) -> None:
    """Fetch the graph, once a worker and repository: nobody else uses the folder, and pieces come one at a time."""
    mark = mirror.folder.with_suffix(".fetched")
    if mark.is_file() and _holds(mirror, shas):
        return
    try:
        mirror.fetch(source.branch, lambda *_: None)
    except MisnamedError as error:
        if error.key != "url":
            raise
        raise RemoteError(
            f"{source.name}: {platform.node()}, which works for the cluster, has no repository at {source.url}",
            "Put a clone at that path on every worker's machine, or write the repository's https address.",
        ) from None
    if not _holds(mirror, shas):
        raise RemoteError(
            f"{source.name}: commits went from its branch while workers looked at it",
            "The next run tries again.",
        )
    mark.touch()


def _holds(mirror: Mirror, shas: Sequence[str]) -> bool:
    return len(mirror.find_existing(shas)) == len(shas)


def _find_stamp(folder: Path) -> tuple[int, int] | None:
    """Find what tells a mirror from every other: the inode and the second's fractions of a file written once."""
    try:
        found = (folder / "HEAD").stat()
    except OSError:
        # Not there, or not for us to see.
        return None
    return found.st_ino, found.st_mtime_ns
