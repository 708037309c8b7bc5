"""Collecting against git itself: what the commits cost to read, and what a first run has to transfer."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

import git

from benchmarks.pairs import compare
from benchmarks.results import Figure
from generator.collect.commits import read_changes
from generator.collect.mirror import Mirror

COMMITS = 200


def measure_collecting(upstream: Path, scratch: Path) -> list[Figure]:
    """Compare reading 200 commits with `git log -p --raw` over the same ones, and with GitPython's objects."""
    mirror = Mirror(scratch / "mirror.git", "bench/upstream", str(upstream))
    tip = mirror.fetch(None, lambda _text, _percent: None)
    shas = [node.sha for node in mirror.walk(tip.sha, (), f"--max-count={COMMITS}")]
    mirror.fetch_contents(shas)
    full = scratch / "full.git"
    clone_whole(upstream, full)

    def ours() -> int:
        return len(list(read_changes(mirror, shas)))

    merges = sum(len(node.parents) > 1 for node in mirror.walk(tip.sha, (), f"--max-count={COMMITS}"))
    of = f"{len(shas)} commits, {merges} merges"
    return [
        compare(ours, lambda: run_log(full, shas)).make_figure(
            f"collecting {of}, against git log -p --raw", 1.5
        ),
        compare(ours, lambda: run_log(full, shas, "--diff-merges=first-parent")).make_figure(
            "  against the same with merges shown", 1.5
        ),
        compare(lambda: read_objects(full, shas), lambda: run_log(full, shas), rounds=3).make_figure(
            "  for comparison: GitPython's object API", None
        ),
    ]


def run_log(repository: Path, shas: Sequence[str], *options: str) -> None:
    """Let git print the commits."""
    command = ["git", "-C", str(repository), "log", "--no-walk=unsorted", "--stdin", "-p", "--raw", *options]
    subprocess.run(
        command, input="".join(f"{sha}\n" for sha in shas).encode(), stdout=subprocess.DEVNULL, check=True
    )


def read_objects(repository: Path, shas: Sequence[str]) -> int:
    """Read the same commits through GitPython's objects."""
    repo = git.Repo(repository)
    count = 0
    for sha in shas:
        commit = repo.commit(sha)
        parent = commit.parents[0] if commit.parents else git.NULL_TREE
        count += len(commit.diff(parent, create_patch=True, R=True)) + len(commit.message)
    return count


def measure_transfer(upstream: Path, scratch: Path) -> list[Figure]:
    """Compare the bytes on disk after a first run for the newest day with those of a full clone."""
    mirror = Mirror(scratch / "first.git", "bench/upstream", str(upstream))
    tip = mirror.fetch(None, lambda _text, _percent: None)
    newest = [node.sha for node in mirror.walk(tip.sha, (), "--max-count=60")]
    mirror.fetch_contents(newest)
    full = scratch / "whole.git"
    clone_whole(upstream, full)
    mine, whole = count_bytes(scratch / "first.git" / "objects"), count_bytes(full / "objects")
    share = mine / whole
    return [
        Figure(
            what=f"first run, newest {len(newest)} commits, bytes on disk against a full clone",
            ours=f"{mine / 1e6:.1f} MB",
            theirs=f"{whole / 1e6:.1f} MB",
            ratio=f"{share:.0%}",
            bar="≤ 25 %",
            is_met=share <= 0.25,
            raw={"ours": mine, "theirs": whole},
        )
    ]


def clone_whole(upstream: Path, folder: Path) -> None:
    """Clone the default branch with everything it reaches."""
    command = [
        "git",
        "clone",
        "--quiet",
        "--bare",
        "--single-branch",
        "--no-tags",
        f"file://{upstream}",
        str(folder),
    ]
    subprocess.run(command, check=True)


def count_bytes(folder: Path) -> int:
    """Add up the sizes of the files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
