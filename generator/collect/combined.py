"""Read what merges change by themselves, from git's combined diffs.

This module must not start git; it reads the stream that `Mirror.open_own_changes` opens.
In a combined diff every line of a hunk begins with one column a parent: `+` where that parent lacks the line, `-`
where it has it and the merge does not. A line that is the merge's own has the same mark in all columns.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from generator.collect.changes import LARGEST_PATCH, Diff, decode_path
from generator.records import FileChange, Patch, Totals

_SHA_LINE = re.compile(rb"[0-9a-f]{40}(?:[0-9a-f]{24})?\n")
_HUNK = re.compile(rb"(@{3,}) .* \1")


def read_own_patches(stream: Iterable[bytes]) -> dict[str, tuple[Patch, ...]]:
    """Map merges that change something of their own to those lines, as ordinary patches."""
    sections: dict[str, list[tuple[str, list[bytes]]]] = defaultdict(list)
    sha = ""
    for line in stream:
        if _SHA_LINE.fullmatch(line):
            sha = line.strip().decode("ascii")
        elif line.startswith(b"diff --cc "):
            sections[sha].append((decode_path(line[len(b"diff --cc ") :].rstrip(b"\n")), []))
        else:
            sections[sha][-1][1].append(line)
    return {sha: tuple(_make_patch(path, lines) for path, lines in files) for sha, files in sections.items()}


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
    if file.binary or file.submodule:
        return file
    lines = patch.text.split("\n")
    insertions, deletions = (sum(line.startswith(mark) for line in lines) for mark in "+-")
    return file.model_copy(update={"insertions": insertions, "deletions": deletions})


def _make_patch(path: str, lines: Sequence[bytes]) -> Patch:
    text = b"".join(_simplify(lines))
    return Patch(
        path=path, text=text[:LARGEST_PATCH].decode("utf-8", "replace"), complete=len(text) <= LARGEST_PATCH
    )


def _simplify(lines: Sequence[bytes]) -> Iterator[bytes]:
    """Turn combined hunks into plain ones: what is not the merge's own becomes context."""
    columns = 0
    for line in lines:
        hunk = _HUNK.match(line)
        if hunk:
            columns = len(hunk[1]) - 1
            yield b"@@ merged @@\n"
        elif columns:
            marks, rest = set(line[:columns]), line[columns:]
            yield (bytes(marks) if len(marks) == 1 and marks <= set(b"+-") else b" ") + rest
