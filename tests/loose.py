"""Write git repositories without git: loose objects and refs as files, some hundred times faster than a process each.

The format is that of gitrepository-layout(5) and gitformat-loose(5).
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

_CONFIG = "[core]\n\trepositoryformatversion = 0\n\tbare = true\n"
EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"


class LooseRepository:
    """A bare repository whose objects and refs are written as files."""

    def __init__(self, folder: Path, branch: str = "main") -> None:
        self.folder = folder
        (folder / "objects").mkdir(parents=True)
        (folder / "refs" / "heads").mkdir(parents=True)
        (folder / "config").write_text(_CONFIG)
        self.point_head(branch)
        self.write("tree", b"")

    def write(self, kind: str, content: bytes) -> str:
        """Write an object of any content, valid or not, and return its SHA."""
        whole = b"%s %d\x00%s" % (kind.encode(), len(content), content)
        sha = hashlib.sha1(whole, usedforsecurity=False).hexdigest()
        path = self._locate(sha)
        if not path.exists():
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(zlib.compress(whole, 1))
        return sha

    def write_tree(self, entries: Mapping[bytes, tuple[str, str]]) -> str:
        """Write a tree of names with their modes and SHAs, in the order that they come in."""
        rows = (
            mode.encode() + b" " + name + b"\x00" + bytes.fromhex(sha)
            for name, (mode, sha) in entries.items()
        )
        return self.write("tree", b"".join(rows))

    def write_files(self, files: Mapping[str, str]) -> str:
        """Write a tree of files, without folders."""
        entries = {
            name.encode(): ("100644", self.write("blob", content.encode()))
            for name, content in sorted(files.items())
        }
        return self.write_tree(entries)

    def commit(
        self,
        message: str,
        seconds: int,
        parents: Sequence[str] = (),
        tree: str = EMPTY_TREE,
        written: int = 0,
    ) -> str:
        """Write a commit; `seconds` is its committer's date, `written` its author's, since the epoch."""
        lines = [f"tree {tree}", *(f"parent {parent}" for parent in parents)]
        lines += [f"author Ada <ada@example.org> {written or seconds} +0000"]
        lines += [f"committer Ada <ada@example.org> {seconds} +0000", "", message]
        return self.write("commit", "\n".join(lines).encode())

    def point(self, branch: str, sha: str) -> None:
        """Point a branch at a commit."""
        path = self.folder / "refs" / "heads" / branch
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{sha}\n")

    def delete(self, branch: str) -> None:
        """Delete a branch."""
        (self.folder / "refs" / "heads" / branch).unlink()

    def point_head(self, branch: str) -> None:
        """Name the default branch."""
        (self.folder / "HEAD").write_text(f"ref: refs/heads/{branch}\n")

    def forget(self, shas: Iterable[str]) -> None:
        """Remove objects, as git's garbage collection does."""
        for sha in shas:
            self._locate(sha).unlink(missing_ok=True)

    def _locate(self, sha: str) -> Path:
        return self.folder / "objects" / sha[:2] / sha[2:]
