"""A commit of any size costs bounded memory, and its page says what was left out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tracemalloc
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest

from benchmarks.processes import ROOT, run_daybook
from generator.collect.changes import LARGEST_COMMIT, Diff
from generator.collect.combined import LARGEST_MERGE, add_own_changes, read_own_changes
from generator.collect.commits import (
    LONGEST_SUBJECT,
    MOST_REVERTS_LOOKED_UP,
    read_changes,
    read_subjects,
)
from generator.collect.mirror import Mirror
from generator.collect.parts import LARGEST_PART
from generator.records import Commit, FileChange, Totals
from tests.archives import NAME, read_records
from tests.histories import Upstream, run_git
from tests.soak import count_cases, scale

# MB, the design's bar for a daily update; that of all its processes together.
MOST_MEMORY = 400
MB = 1_000_000
SECONDS = 1_772_000_000
LINE = b"one line of a file that nobody will ever read to its end\n"
# One commit of a stream for git-fast-import(1), in pieces.
Pieces = Iterable[bytes]


def write_commit(message: bytes, *files: Pieces) -> Iterator[bytes]:
    """Write a commit whose files are given as streams of their own."""
    yield b"author Ada <ada@example.org> %d +0000\ncommitter Ada <ada@example.org> %d +0000\n" % (
        SECONDS,
        SECONDS,
    )
    yield b"data %d\n" % len(message)
    yield message
    yield b"\n"
    for file in files:
        yield from file


def write_file(path: bytes, piece: bytes, times: int = 1) -> Iterator[bytes]:
    """Write a file that is a piece of text so many times."""
    yield b"M 100644 inline %s\ndata %d\n" % (path, len(piece) * times)
    for _ in range(times):
        yield piece
    yield b"\n"


def make_upstream(folder: Path, *commits: Pieces) -> list[str]:
    """Make a repository of commits, one upon the other, without holding one in memory; return their SHAs."""
    folder.mkdir()
    run_git(folder, "init", "--quiet", "--bare", "--initial-branch=main", "--template=", ".")
    command = ["git", "-C", str(folder), "-c", "core.compression=1", "fast-import", "--quiet", "--done"]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        for pieces in commits:
            process.stdin.write(b"commit refs/heads/main\n")
            for piece in pieces:
                process.stdin.write(piece)
        process.stdin.write(b"done\n")
    assert process.returncode == 0
    return run_git(folder, "rev-list", "--reverse", "main").split()


class Updated:
    """An archive after one run of the real command: what it says of each commit."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        settings = {"url": str(folder / "up"), "name": NAME}
        (folder / "archive.yml").write_text(
            json.dumps({"repositories": [settings], "timezone": "UTC", "language": "en"})
        )
        self.memory = run_daybook(folder, "update").memory // MB
        records = read_records(folder).values()
        self.commits: dict[str, Commit] = {
            commit.sha: commit for record in records for commit in record.commits
        }

    def read_page(self, sha: str) -> str:
        """Read a commit's page as a reader sees it."""
        page = (self.folder / "docs" / NAME / "commit" / f"{sha}.md").read_text()
        return page.replace("&#44;", ",").replace("&#59;", ";").replace("&#37;", "%").replace("&#58;", ":")


def update(folder: Path, *commits: Pieces) -> tuple[Updated, list[str]]:
    shas = make_upstream(folder / "up", write_commit(b"first"), *commits)
    with count_cases("enormous commits by the real command") as count:
        count.add(len(commits))
        updated = Updated(folder)
        print(f"{updated.memory} MB")
        assert list(updated.commits) == shas
        assert updated.memory <= MOST_MEMORY
    return updated, shas


def run_python(folder: Path, *lines: str) -> str:
    """Run a little program that measures another, in a process that may grow."""
    before = (
        "import sys, os, time",
        "from pathlib import Path",
        "from benchmarks.processes import run_program",
    )
    after = ("print(run_program([sys.executable, '-c', measured], Path('.')).memory // 1_000_000)",)
    variables = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    program = [sys.executable, "-c", "\n".join((*before, *lines, *after))]
    return subprocess.check_output(program, cwd=folder, env=variables, text=True)


def test_memory_of_whoever_measures_counts_for_nothing(tmp_path: Path) -> None:
    own = f"held = b'x' * {600 * MB}"
    assert 1 <= int(run_python(tmp_path, own, "measured = 'import time; time.sleep(0.5)'")) < 100


def test_memory_of_all_processes_of_a_run_counts_and_that_of_a_mere_copy_does_not(tmp_path: Path) -> None:
    parent = f"import os, time; held = b'x' * {100 * MB}; child = os.fork(); "
    copy = "time.sleep(0.5); child and os.wait()"
    worker = f"more = child or b'x' * {100 * MB}; {copy}"
    assert 100 <= int(run_python(tmp_path, f"measured = {parent + copy!r}")) < 150
    assert 300 <= int(run_python(tmp_path, f"measured = {parent + worker!r}")) < 350


def test_one_enormous_file_is_named_and_not_read(tmp_path: Path) -> None:
    size = scale(60, 1_000) * MB
    piece = LINE * 20_000
    large = write_file(b"large.txt", piece, size // len(piece))
    updated, (_, sha) = update(tmp_path, write_commit(b"add a dump", large, write_file(b"a.txt", LINE)))
    commit = updated.commits[sha]
    assert [(file.path, file.binary, file.insertions) for file in commit.files] == [
        ("a.txt", True, None),
        ("large.txt", True, None),
    ]
    assert commit.totals == Totals(files=2, insertions=0, deletions=0)
    assert updated.read_page(sha).count("binary") >= 2


def test_many_large_files_are_counted_whole_and_read_in_part(tmp_path: Path) -> None:
    piece = LINE * 10_000
    count = scale(60, 1_000) * MB // (6 * len(piece))
    files = [write_file(b"%04d.txt" % number, piece, 6) for number in range(count)]
    updated, (_, sha) = update(tmp_path, write_commit(b"add dumps", *files))
    commit = updated.commits[sha]
    assert (commit.totals.files, commit.totals.insertions) == (count, count * 60_000)
    assert 0 < commit.analysis.provenance.share_read <= LARGEST_COMMIT / (count * 6 * len(piece))
    share = int(commit.analysis.provenance.share_read * 100)
    assert f"which read {share} % of the diff" in updated.read_page(sha)


@pytest.mark.parametrize("size", [scale(1_900_000, 3_900_000), 33_000_000])
def test_lines_of_one_letter_cost_git_no_more_memory(size: int, tmp_path: Path) -> None:
    # Git takes forty bytes a line and more, however short it is.
    olds = (bytes([97 + number % 26, 10]) for number in range(500_000))
    news = (bytes([97 + number * number % 26, 10]) for number in range(500_000))
    old, new = b"".join(olds), b"".join(news)
    first = write_commit(b"add letters", write_file(b"a", old, size // len(old)))
    second = write_commit(b"change letters", write_file(b"a", new, size // len(new)))
    updated, (_, *shas) = update(tmp_path, first, second)
    assert [updated.commits[sha].files[0].path for sha in shas] == ["a", "a"]


def test_files_that_a_record_leaves_out_are_counted_on_the_page(tmp_path: Path) -> None:
    count = scale(10_000, 100_000)
    files = [write_file(b"%06d.txt" % number, b"x\n") for number in range(count)]
    updated, (_, sha) = update(tmp_path, write_commit(b"add files", *files))
    commit = updated.commits[sha]
    assert (commit.totals.files, len(commit.files)) == (count, 3_000)
    assert f"and {count - 200:,} more files" in updated.read_page(sha)


def test_day_of_enormous_messages_costs_no_more_than_one_and_its_pages_say_that_they_are_cut(
    tmp_path: Path,
) -> None:
    count = scale(10, 30)
    messages = [b"number %d\n\n" % number + b"word " * (20 * MB // 5) for number in range(count)]
    updated, (_, *shas) = update(tmp_path, *map(write_commit, messages))
    # Git holds every commit that it has read: ten of them would already be too many for it.
    assert updated.memory <= 250
    for sha, message in zip(shas, messages, strict=True):
        commit = updated.commits[sha]
        note = f"cut after 65,536 of {len(message):,} bytes"
        assert commit.encoding_note == note
        assert message.startswith(f"{commit.subject}\n\n{commit.body}".encode())
        page = updated.read_page(sha)
        assert note in page
        assert "Cut after 60,000 characters; the JSON record holds more, and git all of it." in page


class CountingMirror(Mirror):
    """Counts what is asked of git, and how far reading is ahead of what was taken."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, NAME, str(folder))
        self.streams = 0
        self.read = 0
        self.looked_up: list[str] = []

    def read_commits(self, shas: Sequence[str]) -> Iterator[bytes]:
        """Count the bytes that were read."""
        for content in super().read_commits(shas):
            self.read += len(content)
            yield content

    @contextmanager
    def open_diffs(self, shas: Sequence[str]) -> Iterator[IO[bytes]]:
        """Count the streams."""
        self.streams += 1
        with super().open_diffs(shas) as stream:
            yield stream

    def find_reverted(self, sha: str, short: Iterable[str]) -> dict[str, str]:
        """Count the names."""
        self.looked_up = list(short)
        return super().find_reverted(sha, self.looked_up)


def test_ordinary_commits_share_one_stream(tmp_path: Path) -> None:
    shas = make_upstream(tmp_path / "up", *(write_commit(b"number %d" % number) for number in range(500)))
    mirror = CountingMirror(tmp_path / "up")
    assert [change.facts.sha for change in read_changes(mirror, shas)] == shas
    assert mirror.streams == 1


def test_enormous_messages_are_read_no_further_than_they_are_taken(tmp_path: Path) -> None:
    size = 65_000
    count = 4 * LARGEST_PART // size
    messages = [b"number %d\n\n" % number + b"x" * size for number in range(count)]
    shas = make_upstream(tmp_path / "up", *map(write_commit, messages))
    mirror = CountingMirror(tmp_path / "up")
    most = taken = 0
    found = []
    for change in read_changes(mirror, shas):
        most = max(most, mirror.read - taken)
        taken += len(change.facts.subject) + len(change.facts.body)
        found.append((change.facts.sha, change.facts.subject))
    assert found == [(sha, f"number {number}") for number, sha in enumerate(shas)]
    assert LARGEST_PART / 2 < most < LARGEST_PART + 2 * size
    assert mirror.streams == 4


def test_names_that_a_message_reverts_without_end_are_not_all_looked_up(tmp_path: Path) -> None:
    first, second = make_upstream(tmp_path / "up", write_commit(b"first"), write_commit(b"second"))
    names = [first[:length] for length in range(7, 40)] + [second[:length] for length in range(7, 40)]
    text = "".join(f"This reverts commit {name}.\n" for name in names)
    upstream = tmp_path / "up"
    body = f"tree {run_git(upstream, 'rev-parse', 'main^{tree}')}\nparent {second}\n"
    who = f"Ada <ada@example.org> {SECONDS} +0000\n"
    content = f"{body}author {who}committer {who}\nthird\n\n{text}This reverts commit {'1' * 40}.\n"
    sha = run_git(upstream, "hash-object", "-t", "commit", "-w", "--stdin", stdin=content.encode())
    mirror = CountingMirror(upstream)
    (change,) = read_changes(mirror, [sha])
    assert mirror.looked_up == names[:MOST_REVERTS_LOOKED_UP]
    assert change.facts.reverts == (first, second, "1" * 40)


def test_enormous_titles_teach_by_their_beginning(tmp_path: Path) -> None:
    (sha,) = make_upstream(tmp_path / "up", write_commit(b"fix: " + b"x" * MB))
    (subject,) = read_subjects(CountingMirror(tmp_path / "up"), [sha])
    assert subject == "fix: " + "x" * (LONGEST_SUBJECT - 5)


def write_own_lines(sha: str, files: int, lines: int) -> Iterator[bytes]:
    """Write what git-diff-tree(1) says of a merge that adds and removes so many lines of its own in each file."""
    yield f"{sha}\n".encode()
    for number in range(files):
        yield b"diff --cc %d.txt\n@@@ -1,0 -1,0 +1,1 @@@\n" % number
        for line in range(lines):
            yield b"++%09d\n" % line
            yield b"--%09d\n" % line
            yield b"+ %09d\n" % line


def split_lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    for piece in pieces:
        yield from piece.splitlines(keepends=True)


def test_lines_that_a_merge_adds_without_end_are_counted_and_not_held() -> None:
    sha, lines = "a" * 40, scale(50_000, 300_000)
    tracemalloc.start()
    try:
        (changes,) = read_own_changes(split_lines(write_own_lines(sha, 2, lines))).values()
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert [(change.insertions, change.deletions) for change in changes] == [(lines, lines)] * 2
    patches = [change.make_patch() for change in changes]
    assert [patch.complete for patch in patches] == [False, False]
    assert LARGEST_MERGE - 100 < sum(len(patch.text) for patch in patches) <= LARGEST_MERGE + 100
    # A line that is held takes sixty bytes and more.
    assert most < 10 * LARGEST_MERGE


def test_lines_of_a_merge_that_are_not_kept_count_all_the_same(tmp_path: Path) -> None:
    upstream = Upstream(tmp_path / "up")
    lines = LARGEST_MERGE // 5
    first = upstream.commit("first", "2026-01-06T10:00+00:00", {"a.txt": "a\n"})
    ours = upstream.commit("ours", "2026-01-06T11:00+00:00", {"a.txt": "b\n"})
    theirs = upstream.commit("theirs", "2026-01-06T11:00+00:00", {"a.txt": "c\n"}, on="side", parents=[first])
    text = "".join(f"line {number}\n" for number in range(lines))
    merge = upstream.commit("merge", "2026-01-06T12:00+00:00", {"a.txt": text}, parents=[ours, theirs])
    (change,) = read_changes(CountingMirror(tmp_path / "up"), [merge])
    assert (change.facts.totals.insertions, change.facts.files[0].insertions) == (lines, lines)
    assert [patch.complete for patch in change.patches] == [False]


def test_lines_of_a_merge_behind_an_enormous_one_are_not_kept() -> None:
    hunk = b"@@@ -1,0 -1,0 +1,3 @@@\n++before\n++" + b"x" * 10_000 + b"\n++behind\n"
    stream = b"a" * 40 + b"\ndiff --cc a.txt\n" + hunk + b"diff --cc b.txt\n" + hunk
    (changes,) = read_own_changes(stream.splitlines(keepends=True)).values()
    assert [change.insertions for change in changes] == [3, 3]
    first, second = (change.make_patch() for change in changes)
    assert (first.text, first.complete) == ("@@ merge @@\n+before\n", False)
    assert (second.text, second.complete) == ("@@ merge @@\n", False)


def test_a_submodule_that_a_merge_moves_has_no_lines() -> None:
    text = (
        f"{'a' * 40}\ndiff --cc v\n@@@ -1,1 -1,1 +1,1 @@@\n- Subproject 1\n -Subproject 2\n++Subproject 3\n"
    )
    (changes,) = read_own_changes(text.encode().splitlines(keepends=True)).values()
    files = (FileChange(status="M", path="v", submodule=True),)
    totals = Totals(files=1, insertions=0, deletions=0)
    found = add_own_changes(Diff(sha="a" * 40, files=files, totals=totals, patches=()), changes)
    assert (found.files, found.totals) == (files, totals)
