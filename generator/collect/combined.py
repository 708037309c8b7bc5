"""Read what merges change by themselves, from git's combined diffs.

This module must not start git; it reads the stream that `Mirror.open_own_changes` opens.
In a combined diff every line of a hunk begins with one column a parent: `+` where that parent lacks the line, `-`
where it has it and the merge does not. A line that is the merge's own has the same mark in all columns.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from generator.collect.changes import LARGEST_PATCH, SHA_LINE, Diff, decode_path
from generator.records import FileChange, Patch, Totals

_IN_HUNK = b" +-\\"


def read_own_patches(stream: Iterable[bytes]) -> dict[str, tuple[Patch, ...]]:
    """Map merges that change something of their own to those lines, as ordinary patches without context.

    The patch of a binary file has no text.
    """
    found: dict[str, list[tuple[bytes, list[bytes]]]] = defaultdict(list)
    sha, path = "", b""
    own: tuple[bytes, ...] = ()
    lines: list[bytes] = []
    for line in stream:
        if own and line[0] in _IN_HUNK:
            if line.startswith(own):
                lines.append(line[:1] + line[len(own[0]) :])
        elif line.startswith(b"@@@"):
            columns = len(line) - len(line.lstrip(b"@")) - 1
            own = (b"+" * columns, b"-" * columns)
        elif line.startswith(b"diff --cc "):
            path, lines, own = line[len(b"diff --cc ") : -1], [], ()
            found[sha].append((path, lines))
        elif line.startswith(b"Binary files ") and not own:
            lines.append(line)
        elif SHA_LINE.fullmatch(line):
            sha, own = line[:-1].decode("ascii"), ()
    return {sha: patches for sha, files in found.items() if (patches := tuple(_make_patches(files)))}


def add_own_patches(diff: Diff, patches: Sequence[Patch]) -> Diff:
    """Give a merge, read without patches, the lines that are its own; the others count with the side commits."""
    if not patches:
        return diff
    own = {patch.path: patch for patch in patches}
    files = tuple(_count_lines(file, own[file.path]) if file.path in own else file for file in diff.files)
    return replace(
        diff,
        files=files,
        patches=tuple(patch for patch in patches if patch.text),
        totals=Totals(
            files=diff.totals.files,
            insertions=sum(file.insertions or 0 for file in files),
            deletions=sum(file.deletions or 0 for file in files),
        ),
    )


def _count_lines(file: FileChange, patch: Patch) -> FileChange:
    if file.submodule:
        return file
    if not patch.text:
        return file.model_copy(update={"binary": True, "insertions": None, "deletions": None})
    lines = patch.text.split("\n")
    insertions, deletions = (sum(line.startswith(mark) for line in lines) for mark in "+-")
    return file.model_copy(update={"insertions": insertions, "deletions": deletions})


def _make_patches(files: Iterable[tuple[bytes, list[bytes]]]) -> Iterator[Patch]:
    """Leave out files where both sides changed neighbouring lines, and the merge none of its own."""
    for path, lines in files:
        if lines and lines[0].startswith(b"Binary"):
            yield Patch(path=decode_path(path), text="")
        elif lines:
            text = b"@@ merge @@\n" + b"".join(lines)
            kept = text[:LARGEST_PATCH].decode("utf-8", "replace")
            yield Patch(path=decode_path(path), text=kept, complete=len(text) <= LARGEST_PATCH)
