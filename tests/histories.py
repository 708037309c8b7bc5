"""Build real git repositories for tests: any graph, any dates, any bytes."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

ADA = "Ada Lovelace <ada@example.org>"
_ENVIRONMENT = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null", "LC_ALL": "C", "TZ": "UTC"}


def run_git(folder: Path, *arguments: str, stdin: bytes = b"") -> str:
    """Run git in a folder and return what it prints, without the last newline."""
    path = {"PATH": os.environ["PATH"]}
    done = subprocess.run(
        ["git", "-C", str(folder), *arguments],
        input=stdin,
        capture_output=True,
        env=_ENVIRONMENT | path,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode("utf-8", "replace")
    return done.stdout.decode("utf-8", "replace").rstrip("\n")


class Upstream:
    """A bare repository that others push to; `when` is ISO 8601 with an offset, such as `2026-01-06T10:00+08:00`."""

    def __init__(self, folder: Path, branch: str = "main") -> None:
        self.folder = folder
        self.url = str(folder)
        folder.mkdir(parents=True)
        run_git(folder, "init", "--quiet", "--bare", f"--initial-branch={branch}", "--template=", ".")

    def commit(
        self,
        message: str | bytes,
        when: str,
        files: Mapping[str, str | bytes | None] | None = None,
        *,
        on: str = "main",
        parents: Sequence[str] | None = None,
        author: str = ADA,
        written: str | None = None,
        mode: str = "100644",
    ) -> str:
        """Commit on a branch, made as needed; `files` maps paths to contents, None deletes. Returns the SHA.

        `parents` replaces the branch's tip as the parent; several make a merge, whose tree is the first one's
        with `files` laid over it. `written` is the author's date.
        """
        starts = self._find_starts(on) if parents is None else list(parents)
        lines = [f"commit refs/heads/{on}", "mark :1"]
        lines += [
            f"author {author} {_render_date(written or when)}",
            f"committer {author} {_render_date(when)}",
        ]
        stream = _join(lines) + _data(message)
        stream += _join([f"{'merge' if number else 'from'} {sha}" for number, sha in enumerate(starts)])
        for path, content in (files or {}).items():
            stream += (
                _join([f"D {path}"])
                if content is None
                else _join([f"M {mode} inline {path}"]) + _data(content)
            )
        # A branch that moves elsewhere, as after a force-push, is what --force is for.
        run_git(
            self.folder,
            "fast-import",
            "--quiet",
            "--force",
            stdin=_join(["feature done"]) + stream + b"done\n",
        )
        return self.tip(on)

    def merge(self, *branches: str, when: str, into: str = "main", message: str | None = None) -> str:
        """Merge branches whose files do not meet, as one commit: an octopus when there are several."""
        heads = [self.tip(into), *(self.tip(branch) for branch in branches)]
        files = {
            path: content
            for head in heads[1:]
            for path, content in self._read_changes(heads[0], head).items()
        }
        subject = message or f"Merge branch {', '.join(repr(branch) for branch in branches)}"
        return self.commit(subject, when, files, on=into, parents=heads)

    def branch(self, name: str, at: str) -> None:
        """Point a branch at a commit, whatever it pointed at: a new branch, or a force-push."""
        run_git(self.folder, "update-ref", f"refs/heads/{name}", at)

    def write_object(self, content: bytes, *, on: str = "main") -> str:
        """Write a commit object as it is, valid or not, and point a branch at it."""
        arguments = ("hash-object", "-t", "commit", "-w", "--literally", "--stdin")
        sha = run_git(self.folder, *arguments, stdin=content)
        # The file, because update-ref looks at what it points to.
        (self.folder / "refs" / "heads" / on).write_text(sha + "\n")
        return sha

    def tip(self, branch: str = "main") -> str:
        """Name the commit that a branch points at."""
        return run_git(self.folder, "rev-parse", f"refs/heads/{branch}")

    def tree(self, sha: str) -> str:
        """Name the tree of a commit."""
        return run_git(self.folder, "rev-parse", f"{sha}^{{tree}}")

    def rev_list(self, *arguments: str) -> list[str]:
        """List commits as git-rev-list(1) does."""
        return run_git(self.folder, "rev-list", *arguments).split()

    def _find_starts(self, branch: str) -> list[str]:
        found = run_git(self.folder, "for-each-ref", "--format=%(objectname)", f"refs/heads/{branch}")
        return found.split()

    def _read_changes(self, ours: str, theirs: str) -> dict[str, str]:
        base = run_git(self.folder, "merge-base", ours, theirs)
        paths = run_git(self.folder, "diff", "--name-only", "--diff-filter=d", base, theirs).split("\n")
        return {path: run_git(self.folder, "show", f"{theirs}:{path}") + "\n" for path in paths if path}


def _render_date(when: str) -> str:
    moment = datetime.fromisoformat(when)
    return f"{int(moment.timestamp())} {moment:%z}"


def _join(lines: Sequence[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


def _data(content: str | bytes) -> bytes:
    raw = content.encode() if isinstance(content, str) else content
    return b"data %d\n%s\n" % (len(raw), raw)
