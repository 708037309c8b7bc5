"""Gather everything that the rules know of a commit into one value.

This module must not draw conclusions; the modules that read the evidence do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from generator.analyse.bodies import Body, parse_body
from generator.analyse.conventions import Conventions
from generator.analyse.manifests import Requirement, find_requirements
from generator.analyse.names import NameChanges, find_names
from generator.analyse.paths import Place, place_path
from generator.analyse.signatures import find_default_changes
from generator.analyse.signs import Signs, find_signs
from generator.analyse.switches import NewDefault, SwitchChanges, find_switches
from generator.analyse.titles import Title, parse_title
from generator.patches import Change, Patch
from generator.records import Facts, FileChange

# More of a diff is generated or vendored in practice; reading on would only make one commit slow.
_MOST_READ = 4_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A changed file and the part it plays."""

    file: FileChange
    place: Place

    @property
    def lines(self) -> int:
        """Lines added and removed; 0 for a binary file."""
        return (self.file.insertions or 0) + (self.file.deletions or 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What a commit itself shows.

    `unread` are the files whose changed lines were not all seen, `share_read` the share of lines that was.
    """

    facts: Facts
    conventions: Conventions
    title: Title
    body: Body
    files: tuple[Placed, ...]
    names: NameChanges
    switches: SwitchChanges
    requirements: tuple[Requirement, ...]
    signs: Signs
    unread: tuple[str, ...]
    share_read: float

    def at(self, *places: Place) -> tuple[Placed, ...]:
        """Return the files that play one of the parts."""
        return tuple(placed for placed in self.files if placed.place in places)

    def only(self, *places: Place) -> bool:
        """Say whether there are files and all of them play one of the parts."""
        return bool(self.files) and all(placed.place in places for placed in self.files)

    @property
    def is_merge(self) -> bool:
        """Whether the commit has several parents, so that its message may speak of others' work."""
        return len(self.facts.parents) > 1

    @property
    def defaults(self) -> tuple[NewDefault, ...]:
        """Settings, and parameters of public functions, that have another value than before if left alone."""
        return (*self.switches.defaults, *_find_parameter_defaults(self.names))

    @property
    def file_count(self) -> int:
        """How many files the commit changes itself, those that are not listed included."""
        return len(self.files) if self.is_merge else self.facts.totals.files

    @property
    def source_lines(self) -> int:
        """Changed lines of source files, schemas and migrations."""
        return sum(placed.lines for placed in self.at(Place.SOURCE, Place.SCHEMA, Place.MIGRATION))

    @property
    def comments_only(self) -> bool:
        """Whether no changed line of any source file runs: all of them were read and are comments."""
        read = self.signs.comments_only and self.source_lines > 0 and not self.unread
        return read and not self.at(Place.SCHEMA, Place.MIGRATION, Place.CONFIG, Place.BUILD, Place.MANIFEST)

    @property
    def lines(self) -> int:
        """Changed lines of all files."""
        return self.facts.totals.insertions + self.facts.totals.deletions


def gather_evidence(change: Change, conventions: Conventions) -> Evidence:
    """Read a commit's message, paths and patches, each once."""
    facts = change.facts
    patches = tuple(_bound(change.patches))
    return Evidence(
        facts=facts,
        conventions=conventions,
        title=parse_title(facts.subject),
        body=parse_body(facts.body, facts.trailers),
        files=tuple(Placed(file=file, place=place_path(file.path)) for file in _find_own(facts)),
        names=find_names(patches),
        switches=find_switches(patches),
        requirements=find_requirements(patches),
        signs=find_signs(patches),
        unread=tuple(_find_unread(facts.files, patches)),
        share_read=measure_share(change, patches),
    )


def measure_share(change: Change, patches: Iterable[Patch]) -> float:
    """Measure what share of a commit's changed lines stands in its patches; 1 when there is none."""
    total = change.facts.totals.insertions + change.facts.totals.deletions
    if total == 0:
        return 1.0
    seen = sum(patch.text.count("\n+") + patch.text.count("\n-") for patch in patches)
    return round(min(seen / total, 1.0), 4)


def _find_parameter_defaults(names: NameChanges) -> Iterator[NewDefault]:
    for changed in names.changed:
        for default in find_default_changes(changed.old, changed.new) if changed.path.endswith(".py") else ():
            named = replace(default, name=f"{changed.name}({default.name})")
            yield NewDefault(default=named, path=changed.path)


def _find_own(facts: Facts) -> tuple[FileChange, ...]:
    """Find the files that a commit changes itself: of a merge's, those with lines that no parent has."""
    if len(facts.parents) < 2:
        return facts.files
    return tuple(file for file in facts.files if file.insertions or file.deletions)


def _bound(patches: Iterable[Patch]) -> Iterator[Patch]:
    room = _MOST_READ
    for patch in patches:
        if len(patch.text) <= room:
            yield patch
        elif room > 0:
            yield Patch(path=patch.path, text=patch.text[:room], complete=False)
        room -= len(patch.text)


def _find_unread(files: Iterable[FileChange], patches: Iterable[Patch]) -> Iterator[str]:
    whole = {patch.path for patch in patches if patch.complete}
    return (file.path for file in files if file.path not in whole and (file.insertions or file.deletions))
