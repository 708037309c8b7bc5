"""Each of many hostile commits becomes one entry of a record and one page, or an error that says what is wrong."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import markdown  # type: ignore[import-untyped]
import pytest
from justhtml import JustHTML
from mkdocs.utils.meta import get_data

from generator.pages.render import PageSettings, render_pages
from generator.pipeline import Summary
from generator.records import Commit
from tests.archives import NAME, follow, read_records, run_update
from tests.hostile import ENORMOUS, ENTRIES, SECONDS, UNREADABLE, Maker
from tests.loose import LooseRepository
from tests.page_archive import make_archive, plain
from tests.soak import IS_LONG, count_cases

ROOT = Path(__file__).parent.parent
# MB, the design's bar for a daily update.
MOST_MEMORY = 400
NOW = "2026-11-01T00:00+00:00"


@dataclass(frozen=True)
class Collected:
    """What became of a repository with one hostile commit after the other: its commits by SHA, and its pages."""

    shas: Mapping[str, str]
    counts: Counter[str]
    commits: Mapping[str, Commit]
    pages: Mapping[str, str]


class Upstream:
    """A repository between whose first and last commit hostile ones can stand."""

    def __init__(self, folder: Path) -> None:
        self.repository = LooseRepository(folder)
        self.url = str(folder)
        tree = self.repository.write_files({"z.txt": "z\n"})
        self.first = self.tip = self.repository.commit("first", SECONDS - 1_000, [], tree)

    def add(self, make: Callable[[Maker], str]) -> str:
        """Put a hostile commit on top, and an ordinary one without files upon it."""
        sha = make(Maker(self.repository, self.first, self.tip))
        self.tip = self.repository.commit("in between", SECONDS, [sha])
        return sha

    def close(self, branch: str = "main") -> str:
        """Put an ordinary commit on top, and point the branch at it."""
        self.tip = self.repository.commit("last", SECONDS + 1_000, [self.tip])
        self.repository.point(branch, self.tip)
        return self.tip


def collect(folder: Path, upstream: Upstream) -> Summary:
    """Archive an upstream."""
    return run_update(folder, follow((NAME, upstream), timezone="UTC"), NOW)  # type: ignore[arg-type]


def read_pages(folder: Path) -> dict[str, str]:
    """Read the pages of all commits, by SHA."""
    return {path.stem: path.read_text() for path in (folder / "docs" / NAME / "commit").glob("*.md")}


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Collected:
    folder = tmp_path_factory.mktemp("hostile")
    upstream = Upstream(folder / "up")
    shas = {name: upstream.add(hostile.make) for name, hostile in ENTRIES.items()}
    shas |= {"first": upstream.first, "last": upstream.close()}
    (result,) = collect(folder, upstream).results
    assert result.failure is None
    commits = [commit for record in read_records(folder).values() for commit in record.commits]
    return Collected(
        shas,
        Counter(commit.sha for commit in commits),
        {commit.sha: commit for commit in commits},
        read_pages(folder),
    )


def find_field(commit: Commit, path: str) -> object:
    """Find a field by its path, such as `files.0.path`."""
    found: object = commit
    for part in path.split("."):
        found = found[int(part)] if isinstance(found, tuple) else getattr(found, part)
    return found


def list_elements(page: str) -> set[tuple[str, str]]:
    """List the elements of a page, each with the names of its attributes."""
    body, _ = get_data(page)
    tree = JustHTML(f"<body>{markdown.markdown(body, extensions=['tables', 'toc'])}", sanitize=False)
    return {(node.name, attribute) for node in tree.query("*") for attribute in ("", *(node.attrs or {}))}


@cache
def list_known_elements() -> set[tuple[str, str]]:
    """List what the pages of an archive hold in which nothing is hostile."""
    pages = render_pages(make_archive(plain), PageSettings(site_name="Our archive", language="en"))
    return set().union(*(list_elements(page.text) for page in pages))


@pytest.mark.parametrize("name", ENTRIES)
def test_a_hostile_commit_is_one_entry_and_one_page(name: str, collected: Collected) -> None:
    sha = collected.shas[name]
    with count_cases("hostile commits that become an entry and a page") as count:
        count.add()
        check_entry(collected, name, sha)


def check_entry(collected: Collected, name: str, sha: str) -> None:
    assert collected.counts[sha] == 1
    commit = collected.commits[sha]
    assert {path: find_field(commit, path) for path in ENTRIES[name].says} == ENTRIES[name].says
    page = collected.pages[sha]
    assert page.startswith("---\ntitle: ")
    assert sha in page
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]", page)
    assert "example.org>" not in page
    assert list_elements(page) - list_known_elements() == set()


def test_no_commit_is_lost_or_doubled_among_hostile_ones(collected: Collected) -> None:
    assert set(collected.shas.values()) <= collected.counts.keys()
    assert set(collected.counts.values()) == {1}
    assert collected.pages.keys() == collected.counts.keys()
    assert len(set(collected.shas.values())) == len(ENTRIES) + 2 >= 60


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_git_cannot_read_is_said_and_harms_nothing_that_comes_later(name: str, tmp_path: Path) -> None:
    make, words = UNREADABLE[name]
    upstream = Upstream(tmp_path / "up")
    with count_cases("hostile commits that become an error") as count:
        count.add()
        sha = upstream.add(make)
        upstream.close()
        (result,) = collect(tmp_path, upstream).results
        assert result.failure is not None
        assert result.failure.startswith(f"{NAME}: git fetch failed: ")
        assert words.replace("SHA", sha) in result.failure
        assert str(tmp_path) not in result.failure
        # The branch is mended.
        upstream.tip = upstream.first
        upstream.close()
        (result,) = collect(tmp_path, upstream).results
        assert (result.failure, result.commits) == (None, 2)


def test_refs_that_are_no_text_are_no_obstacle(tmp_path: Path) -> None:
    upstream = Upstream(tmp_path / "up")
    upstream.close()
    heads = os.fsencode(upstream.repository.folder / "refs" / "heads")
    for name in (
        b"\xff\xfe",
        "修复".encode(),
        b"-x",
        b"--upload-pack=touch stolen",
        b"a'b\"c;d$(e)`f`",
        b"<b>",
    ):
        Path(os.fsdecode(heads + b"/" + name)).write_text(f"{upstream.first}\n")
    (result,) = collect(tmp_path, upstream).results
    assert (result.failure, result.commits) == (None, 2)


@pytest.mark.parametrize(
    "branch", [b"\xff\xfe", "修复".encode(), b"<script>", b"a'b\"c;d$(e)`f`", b"x" * 200]
)
def test_a_default_branch_of_any_name_is_followed(branch: bytes, tmp_path: Path) -> None:
    upstream = Upstream(tmp_path / "up")
    upstream.close(os.fsdecode(branch))
    head = upstream.repository.folder / "HEAD"
    head.write_bytes(b"ref: refs/heads/" + branch + b"\n")
    (result,) = collect(tmp_path, upstream).results
    assert (result.failure, result.commits) == (None, 2)
    assert "<script>" not in (tmp_path / "docs" / NAME / "index.md").read_text()


# A process of its own in between, because one that is started counts the memory of what started it as its own.
_MEASURE = """
import resource, subprocess, sys
code = subprocess.run(sys.argv[1:]).returncode
print("most memory:", resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)
sys.exit(code)
"""


def run_bounded(folder: Path) -> tuple[int, str, int]:
    """Update an archive in a process of its own; say how it ended, what it said, and its memory in MB.

    The memory is that of the largest process, git among them.
    """
    update = [sys.executable, "-m", "generator", "--quiet", "update"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", _MEASURE, *update],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    said, _, memory = done.stdout.rpartition("most memory: ")
    return done.returncode, said, int(memory)


@pytest.mark.skipif(not IS_LONG, reason="takes gigabytes of disk and minutes; `make soak` runs it")
@pytest.mark.parametrize("name", ENORMOUS)
def test_an_enormous_commit_is_one_entry_in_bounded_memory(name: str, tmp_path: Path) -> None:
    upstream = Upstream(tmp_path / "up")
    sha = upstream.add(ENORMOUS[name])
    upstream.close()
    (tmp_path / "archive.yml").write_text(
        json.dumps({"repositories": [{"url": upstream.url, "name": NAME}], "timezone": "UTC"})
    )
    with count_cases("enormous commits") as count:
        count.add()
        code, said, memory = run_bounded(tmp_path)
        print(f"{name}: {memory} MB")
        assert code == 0, said
        commits = [commit for record in read_records(tmp_path).values() for commit in record.commits]
        assert Counter(commit.sha for commit in commits)[sha] == 1
        page = read_pages(tmp_path)[sha]
        assert len(page) < 2_000_000
        assert memory <= MOST_MEMORY
