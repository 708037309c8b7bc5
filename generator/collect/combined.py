"""Read what merges change by themselves, from git's combined diffs.

This module must not start git; it reads the stream that `Mirror.open_own_changes` opens, line by line.
In a combined diff every line of a hunk begins with one column a parent: `+` where that parent lacks the line, `-`
where it has it and the merge does not. A line that is the merge's own has the same mark in all columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from generator.collect.changes import LONGEST_LINE, SHA_LINE, Diff, call_binary, decode_path
from generator.patches import Patch
from generator.records import FileChange, Totals

# What is kept of a merge's own lines for the analysis, in bytes; counts are never cut. The merges of a unit are held
# at once, and one that people made has a few of them.
LARGEST_MERGE = 200_000

_IN_HUNK = b" +-\\"


@dataclass(slots=True, kw_only=True)
class OwnChange:
    """What a merge itself changed in one file: how many lines, and as many of them as there was room for."""

    path: str
    insertions: int = 0
    deletions: int = 0
    is_binary: bool = False
    is_complete: bool = True
    kept: list[bytes] = field(default_factory=list)

    def take(self, line: bytes, room: int) -> int:
        """Count a line and keep it if there is room; return the room left, none behind a line that was left out."""
        if line.startswith(b"+"):
            self.insertions += 1
        else:
            self.deletions += 1
        if len(line) > min(room, LONGEST_LINE):
            self.is_complete = False
            return 0
        self.kept.append(line)
        return room - len(line)

    @property
    def is_any(self) -> bool:
        """Whether the merge changed the file; where both sides changed neighbouring lines, it need not have."""
        return self.is_binary or self.insertions > 0 or self.deletions > 0

    def make_patch(self) -> Patch:
        """Make an ordinary patch without context."""
        text = b"@@ merge @@\n" + b"".join(self.kept)
        return Patch(path=self.path, text=text.decode("utf-8", "replace"), complete=self.is_complete)


def read_own_changes(stream: Iterable[bytes]) -> dict[str, tuple[OwnChange, ...]]:
    """Map merges that change something of their own to the files in which they do."""
    found: dict[str, list[OwnChange]] = {}
    sha = ""
    room = LARGEST_MERGE
    change: OwnChange | None = None
    own: tuple[bytes, ...] = ()
    for line in stream:
        if own and line[0] in _IN_HUNK:
            if change is not None and line.startswith(own):
                room = change.take(line[:1] + line[len(own[0]) :], room)
        elif line.startswith(b"@@@"):
            columns = len(line) - len(line.lstrip(b"@")) - 1
            own = (b"+" * columns, b"-" * columns)
        elif line.startswith(b"diff --cc "):
            change, own = OwnChange(path=decode_path(line[len(b"diff --cc ") : -1])), ()
            found.setdefault(sha, []).append(change)
        elif line.startswith(b"Binary files ") and not own and change is not None:
            change.is_binary = True
        elif SHA_LINE.fullmatch(line):
            sha, room, own = line[:-1].decode("ascii"), LARGEST_MERGE, ()
    kept = {sha: tuple(change for change in changes if change.is_any) for sha, changes in found.items()}
    return {sha: changes for sha, changes in kept.items() if changes}


def add_own_changes(diff: Diff, changes: Sequence[OwnChange]) -> Diff:
    """Give a merge, read without patches, the lines that are its own; the others count with the side commits."""
    if not changes:
        return diff
    own = {change.path: change for change in changes}
    files = tuple(_count_lines(file, own[file.path]) if file.path in own else file for file in diff.files)
    links = {file.path for file in files if file.submodule}
    counted = [change for change in changes if change.path not in links]
    return replace(
        diff,
        files=files,
        patches=tuple(change.make_patch() for change in changes if not change.is_binary),
        totals=Totals(
            files=diff.totals.files,
            insertions=sum(change.insertions for change in counted),
            deletions=sum(change.deletions for change in counted),
        ),
    )


def _count_lines(file: FileChange, change: OwnChange) -> FileChange:
    if file.submodule:
        return file
    if change.is_binary:
        return call_binary(file)
    return file.model_copy(update={"insertions": change.insertions, "deletions": change.deletions})
