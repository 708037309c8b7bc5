"""Read git's raw lines and patches of many commits from one stream.

This module must not start git; it reads the stream that `Mirror.open_diffs` opens, line by line.
The format is git-diff-tree(1)'s: the commit's SHA on a line, raw lines, an empty line, patches. Every line of a
hunk begins with a blank, `+`, `-` or a backslash, so none can pass for a header.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from generator.patches import Patch
from generator.records import MOST_FILES, FileChange, Totals

# What is kept of a patch for the analysis, in bytes; counts are never cut.
LARGEST_PATCH = 200_000
LARGEST_COMMIT = 2_000_000
LONGEST_LINE = 4_000

# How much of a hunk is gathered before it is counted: it bounds memory, not the result.
_BLOCK = 1_000_000
_IN_HUNK = b" +-@\\\n"
_LONG_LINE = re.compile(rb"^[^\n]{%d,}" % LONGEST_LINE, re.MULTILINE)
_SUBMODULE = "160000"
# How git-diff-tree(1) begins what it says of a commit.
SHA_LINE = re.compile(rb"[0-9a-f]{40}(?:[0-9a-f]{24})?\n")
_ESCAPE = re.compile(rb"\\(?:([0-7]{3})|(.))", re.DOTALL)
_ESCAPED = {b"a": b"\a", b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Diff:
    """What one commit changed against its first parent."""

    sha: str
    files: tuple[FileChange, ...]
    totals: Totals
    patches: tuple[Patch, ...]


@dataclass(slots=True, kw_only=True)
class _Entry:
    """One raw line and what its patch has shown so far. `patches_left` is 2 for a change of type."""

    status: str
    path: str
    old_path: str | None
    old_mode: str
    mode: str
    patches_left: int
    insertions: int = 0
    deletions: int = 0
    is_binary: bool = False
    is_complete: bool = True
    text: bytes = b""

    def take(self, lines: list[bytes], room: int) -> int:
        """Count the lines of a hunk and keep as many as there is room for; return the room left."""
        block = b"".join(lines)
        self.insertions += block.count(b"\n+") + block.startswith(b"+")
        self.deletions += block.count(b"\n-") + block.startswith(b"-")
        room_here = min(room, LARGEST_PATCH - len(self.text))
        is_plain = len(block) <= room_here and max(map(len, lines)) <= LONGEST_LINE
        kept = block if is_plain else _cut(block, room_here)
        self.is_complete = self.is_complete and kept == block
        self.text += kept
        return room - len(kept)


def read_diffs(stream: Iterable[bytes]) -> Iterator[Diff]:
    """Yield one Diff a commit, in the order of the stream.

    In a stream without patches no file has changed lines.
    """
    commit: _Commit | None = None
    lines: list[bytes] = []
    size = 0
    for line in stream:
        # The one test that most lines see: is the hunk still going on?
        if lines and line[0] in _IN_HUNK and size < _BLOCK:
            lines.append(line)
            size += len(line)
            continue
        if commit is not None and lines:
            commit.take(lines)
        lines, size = [], 0
        if commit is not None and line[0] in (_IN_HUNK if commit.in_hunks else b"@"):
            commit.in_hunks = True
            lines, size = [line], len(line)
        elif SHA_LINE.fullmatch(line):
            if commit is not None:
                yield commit.finish()
            commit = _Commit(sha=line.strip().decode("ascii"))
        elif commit is not None:
            commit.take_header(line)
    if commit is not None:
        if lines:
            commit.take(lines)
        yield commit.finish()


@dataclass(slots=True, kw_only=True)
class _Commit:
    """The commit under way. Its patches come in the order of its raw lines."""

    sha: str
    entries: list[_Entry] = field(default_factory=list)
    index: int = -1
    in_hunks: bool = False
    room: int = LARGEST_COMMIT

    def take(self, lines: list[bytes]) -> None:
        """Give the lines of a hunk to the file under way."""
        self.room = self.entries[self.index].take(lines, self.room)

    def take_header(self, line: bytes) -> None:
        """Take a line that is in no hunk: a raw line, or one of a patch's header."""
        self.in_hunks = False
        if line[:1] == b":":
            self.entries.append(parse_raw_line(line))
        elif line.startswith(b"diff --git "):
            if self.index < 0 or self.entries[self.index].patches_left == 0:
                self.index += 1
            self.entries[self.index].patches_left -= 1
        elif line.startswith(b"Binary files "):
            self.entries[self.index].is_binary = True

    def finish(self) -> Diff:
        """Make the Diff of a commit that was read to its end."""
        kept = self.entries[:MOST_FILES]
        return Diff(
            sha=self.sha,
            files=tuple(map(_make_file, kept)),
            totals=Totals(
                files=len(self.entries),
                insertions=sum(entry.insertions for entry in self.entries),
                deletions=sum(entry.deletions for entry in self.entries),
            ),
            patches=tuple(_make_patch(entry) for entry in kept if entry.text or not entry.is_complete),
        )


def _cut(block: bytes, room: int) -> bytes:
    """Keep whole lines up to `room` bytes; a line longer than `LONGEST_LINE` ends what is kept."""
    cut = block if len(block) <= room else block[: block.rfind(b"\n", 0, max(room, 0)) + 1]
    match = _LONG_LINE.search(cut)
    return cut[: match.start()] if match else cut


def parse_raw_line(line: bytes) -> _Entry:
    r"""Parse `:100644 100755 <sha> <sha> R086\told\tnew`."""
    head, *paths = line.rstrip(b"\n").split(b"\t")
    old_mode, mode, _, _, status = head[1:].decode("ascii").split()
    decoded = [decode_path(path) for path in paths]
    return _Entry(
        status=status[0],
        path=decoded[-1],
        old_path=decoded[0] if len(decoded) > 1 else None,
        old_mode=old_mode,
        mode=mode,
        patches_left=2 if status[0] == "T" else 1,
    )


def call_binary(file: FileChange) -> FileChange:
    """Say of a file that it was not compared line by line."""
    return file.model_copy(update={"binary": True, "insertions": None, "deletions": None})


def decode_path(path: bytes) -> str:
    r"""Decode a path as git prints it, C-quoted where it holds anything unusual; no UTF-8 becomes `\xNN`."""
    if path.startswith(b'"') and path.endswith(b'"') and len(path) > 1:
        path = _ESCAPE.sub(_unescape, path[1:-1])
    return path.decode("utf-8", "backslashreplace")


def _unescape(match: re.Match[bytes]) -> bytes:
    if match[1]:
        return bytes([int(match[1], 8) & 0xFF])
    return _ESCAPED.get(match[2], match[2])


def _make_file(entry: _Entry) -> FileChange:
    is_submodule = _SUBMODULE in (entry.old_mode, entry.mode)
    has_lines = not entry.is_binary and not is_submodule
    has_new_mode = entry.status in "MRT" and entry.old_mode != entry.mode
    return FileChange(
        status=entry.status,  # type: ignore[arg-type]  # checked by Pydantic
        path=entry.path,
        old_path=entry.old_path,
        insertions=entry.insertions if has_lines else None,
        deletions=entry.deletions if has_lines else None,
        binary=entry.is_binary,
        submodule=is_submodule,
        old_mode=entry.old_mode if has_new_mode else None,
        mode=entry.mode if has_new_mode else None,
    )


def _make_patch(entry: _Entry) -> Patch:
    return Patch(path=entry.path, text=entry.text.decode("utf-8", "replace"), complete=entry.is_complete)
