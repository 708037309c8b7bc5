"""`daybook changes` says what landed between two commits, by ancestry, and what it does not know."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.changes.between import Between, find_between
from generator.changes.listing import render_json
from generator.changes.question import parse_question
from generator.changes.telling import render_markdown
from generator.cli import daybook
from generator.collect.mirror import Mirror
from generator.collect.revisions import parse_range
from generator.config import load_config
from generator.errors import LockedError, RemoteError, UnknownRevisionError
from generator.globs import Globs, check_glob
from generator.records import Breaking, Commit, Importance, Kind, Outcome, RepositoryRecord
from generator.store.archive import Archive
from generator.store.lock import hold_lock
from tests.archives import NAME, count_shas, read_records, run_backfill, run_update
from tests.histories import Upstream, run_git
from tests.quiet import QuietReport
from tests.soak import scale

NOW = "2026-02-01T12:00+00:00"
ROOT = Path(__file__).parent.parent
SITE = "https://example.org/daybook/"


class World:
    """A repository and the archive that follows it; `first_days` of its days are archived at first."""

    def __init__(self, folder: Path, *, first_days: int = 366, site: str = "", language: str = "en") -> None:
        self.upstream = Upstream(folder / "upstream")
        self.root = folder / "archive"
        self.root.mkdir()
        (self.root / "archive.yml").write_text(
            f"{f'site: {{url: {site}}}' if site else ''}\ntimezone: UTC\nlanguage: {language}\n"
            f"first_days: {first_days}\nrepositories:\n"
            f"  - {{url: {self.upstream.url}, name: {NAME}, web: 'https://github.com/ada/engine'}}\n",
            encoding="utf-8",
        )

    def commit(self, subject: str, day: int, path: str = "a.py", **more: Any) -> str:
        """Commit one file on a day of January 2026."""
        files = {path: f"{subject}\n"}
        return self.upstream.commit(subject, f"2026-01-{day:02}T10:00+00:00", files, **more)

    def tag(self, name: str, at: str, *options: str) -> None:
        run_git(
            self.upstream.folder, "-c", "user.name=A", "-c", "user.email=a@b", "tag", "-f", *options, name, at
        )

    def update(self) -> None:
        run_update(self.root, load_config(self.root / "archive.yml"), NOW)

    def forget_remote(self) -> None:
        """Take the repository away; what is left is the mirror."""
        self.upstream.folder.rename(self.upstream.folder.with_name("away"))

    def find(self, commits: str, *globs: str, breaking: bool = False) -> Between:
        config = load_config(self.root / "archive.yml")
        question = parse_question(commits, globs, is_breaking_only=breaking)
        moment = datetime.fromisoformat(NOW)
        return find_between(self.root, config.repositories[0], question, moment, QuietReport())

    def run(self, *arguments: str) -> Result:
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(self.root)
            return CliRunner().invoke(daybook, ["changes", *arguments])

    def rewrite(self, sha: str, **update: Any) -> None:
        """Change what a day record says of a commit's analysis."""
        archive = Archive(self.root / "docs")
        for record in read_records(self.root).values():
            archive.write_commits(record, [_rewrite(commit, sha, update) for commit in record.commits])


def _rewrite(commit: Commit, sha: str, update: dict[str, Any]) -> Commit:
    if commit.sha != sha:
        return commit
    return commit.model_copy(update={"analysis": commit.analysis.model_copy(update=update)})


def subjects(between: Between) -> list[str]:
    return [entry.subject for entry in between.landed.entries]


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Make a week of one commit a day, on files of their own."""
    world = World(tmp_path)
    for day in range(1, 8):
        world.commit(f"day {day}", day, f"lib/{day}/a.py" if day % 2 else f"docs/{day}.md")
    return world


# Which commits.


def test_commits_of_a_range_are_those_of_git_whatever_their_dates_say(tmp_path: Path) -> None:
    world = World(tmp_path)
    root = world.commit("root", 1)
    world.commit("dated before the old end, merged after it", 2, "side.txt", on="side", parents=[root])
    old = world.commit("old end", 5)
    world.upstream.merge("side", when="2026-01-06T10:00+00:00")
    new = world.commit("new end", 7)
    world.update()
    found = world.find(f"{old}..{new}")
    assert {entry.sha for entry in found.landed.entries} == set(world.upstream.rev_list(new, f"^{old}"))
    assert subjects(found) == ["dated before the old end, merged after it", "Merge branch 'side'", "new end"]
    assert (found.landed.total, found.landed.unarchived, found.left_behind.total) == (3, 0, 0)
    assert found.exit_code == 0


@pytest.mark.parametrize("seed", range(scale(2, 30)))
def test_both_sides_are_those_of_git_in_any_graph(tmp_path: Path, seed: int) -> None:
    random = Random(seed)
    world = World(tmp_path)
    shas = [world.commit("0", 1)]
    for number in range(1, 16):
        parents = random.sample(shas, min(len(shas), random.choice((1, 1, 1, 2))))
        shas.append(world.commit(str(number), random.randint(1, 28), f"{number}.txt", parents=parents))
    tops = world.upstream.rev_list("--all")
    world.commit("top", 28, on="main", parents=[shas[-1], *random.sample(shas[:-1], 3)])
    world.update()
    reachable = [sha for sha in tops if sha in world.upstream.rev_list("main")]
    for _ in range(8):
        old, new = random.choice(reachable), random.choice(reachable)
        found = world.find(f"{old}..{new}")
        listed = [{entry.sha for entry in side.entries} for side in (found.landed, found.left_behind)]
        assert listed == [
            set(world.upstream.rev_list(new, f"^{old}")),
            set(world.upstream.rev_list(old, f"^{new}")),
        ]


def test_an_older_new_end_takes_commits_away_and_diverged_ends_have_both(world: World) -> None:
    old = world.upstream.tip()
    back = world.upstream.rev_list("main")[3]
    world.upstream.branch("rewritten", back)
    rewritten = world.commit("rewritten", 8, on="rewritten")
    world.update()
    older = world.find(f"{old}..{back}")
    assert (older.landed.total, [entry.subject for entry in older.left_behind.entries]) == (
        0,
        ["day 5", "day 6", "day 7"],
    )
    assert "the older one" in world.run(NAME, f"{old}..{back}").stdout
    diverged = world.find(f"{old}..{rewritten}")
    assert (subjects(diverged), diverged.left_behind.total) == (["rewritten"], 3)
    text = world.run(NAME, f"{old}..{rewritten}").stdout
    assert "have diverged" in text
    assert text.index("## Not archived") < text.index("## Left behind") < text.index("day 5")


# Names.


def test_whole_and_short_shas_the_branch_and_ancestors_name_the_same_commit(world: World) -> None:
    world.update()
    shas = world.upstream.rev_list("main")
    world.forget_remote()
    for name in (
        shas[2],
        shas[2][:7],
        shas[2].upper(),
        shas[2][:9].upper(),
        "main~2",
        f"{shas[1]}^",
        "main^^1",
    ):
        assert world.find(f"{shas[6]}..{name}").new == shas[2], name


def test_short_sha_of_several_commits_is_no_name_and_lists_them(world: World) -> None:
    # Of so many, two begin with the same four digits as good as surely, and with these dates for ever.
    stream = "".join(
        f"commit refs/heads/main\ncommitter A <a@b> {1_768_000_000 + number} +0000\ndata 1\nx\n"
        + (f"from {world.upstream.tip()}\n" if number == 0 else "")
        for number in range(1500)
    )
    run_git(world.upstream.folder, "fast-import", "--quiet", stdin=stream.encode())
    shas = world.upstream.rev_list("main")
    beginnings = [sha[:4] for sha in shas]
    (ambiguous, *_) = [one for one in beginnings if beginnings.count(one) > 1]
    fetch_graph(world)
    with pytest.raises(UnknownRevisionError, match="2 commits begin so.*\nWrite more of the SHA"):
        world.find(f"{ambiguous}..{shas[0]}")


def fetch_graph(world: World) -> None:
    """Bring the mirror up to date, and archive one day, without the time that analyses take."""
    mirror = Mirror(world.root / ".daybook" / "mirrors" / f"{NAME}.git", NAME, world.upstream.url)
    tip = mirror.fetch(None, lambda *_: None)
    record = RepositoryRecord(repository=NAME, branch=tip.branch, timezone="UTC", tip=tip.sha)
    Archive(world.root / "docs").write_repository(record)


def test_tag_is_looked_up_once_and_then_known_until_the_next_update(world: World) -> None:
    shas = world.upstream.rev_list("main")[::-1]
    world.tag("v1.0", shas[1])
    world.tag("v2.0", shas[4], "-a", "-m", "two")
    world.tag("v2.0-again", "v2.0", "-a", "-m", "a tag of a tag")
    world.update()
    found = world.find("v1.0..v2.0-again")
    assert (found.old, found.new, subjects(found)) == (shas[1], shas[4], ["day 3", "day 4", "day 5"])
    world.forget_remote()
    assert world.find("v1.0..v2.0-again") == found
    with pytest.raises(RemoteError):
        world.find("v1.0..v2.0")
    (world.upstream.folder.with_name("away")).rename(world.upstream.folder)
    world.tag("v1.0", shas[0])
    assert world.find("v1.0..main").old == shas[1]
    world.update()
    assert world.find("v1.0..main").old == shas[0]


def test_commit_beside_the_tracked_branch_is_fetched_with_its_history_and_nothing_else(world: World) -> None:
    shas = world.upstream.rev_list("main")[::-1]
    world.commit("release 1", 5, on="release", parents=[shas[3]])
    release = world.commit("release 2", 6, on="release")
    world.update()
    before = count_shas(world.root)
    for name in (release, "release", "release^0"):
        found = world.find(f"{shas[3]}..{name}")
        assert subjects(found) == ["release 1", "release 2"]
        assert (found.landed.unarchived, found.landed.elsewhere, found.backfill) == (2, 2, None)
        assert found.exit_code == 3
    mirror = world.root / ".daybook" / "mirrors" / f"{NAME}.git"
    assert run_git(mirror, "rev-parse", "refs/daybook/tip") == world.upstream.tip()
    assert count_shas(world.root) == before
    moved = world.commit("release 3", 7, on="release")
    assert world.find(f"{shas[3]}..release").new == moved
    world.update()
    assert run_git(mirror, "for-each-ref", "--format=%(refname)").split() == [
        "refs/daybook/incoming",
        "refs/daybook/tip",
    ]


@pytest.mark.parametrize(
    ("commits", "fact"),
    [
        ("v9..main", "no tag and no branch of that name"),
        ("main..dead", "no commit of its tracked branch begins so"),
        (f"main..{'0' * 39}1", "there is no such commit"),
        ("main~70..main", "the history does not reach so far"),
        ("picture..main", "it names something that is no commit"),
        ("v1..v2", "Did you mean 'v1.0'?"),
    ],
)
def test_what_is_not_there_ends_with_1_and_what_could_not_be_looked_up_with_3(
    world: World, commits: str, fact: str
) -> None:
    world.tag("v1.0", "main")
    run_git(world.upstream.folder, "tag", "picture", "main:lib/1/a.py")
    world.update()
    done = world.run(NAME, commits)
    assert (done.exit_code, done.stdout) == (1, "")
    assert f"\n{NAME}: '" in f"\n{done.stderr}"
    assert fact in done.stderr
    world.forget_remote()
    done = world.run(NAME, commits)
    assert (done.exit_code, done.stdout) == (1 if "~" in commits else 3, "")


def test_archive_without_a_mirror_could_not_look(world: World) -> None:
    done = world.run(NAME, "a..b")
    assert (done.exit_code, done.stderr.splitlines()) == (
        3,
        [
            f"{NAME}: there is no mirror of it here",
            f"Run `daybook update --repository {NAME}`, which makes it.",
        ],
    )
    world.update()
    shutil.rmtree(world.root / ".daybook" / "mirrors")
    assert world.run(NAME, "a..b").exit_code == 3


def test_looking_up_waits_for_no_run_and_what_is_known_needs_no_lock(world: World) -> None:
    world.tag("v1.0", "main~2")
    world.update()
    with hold_lock(world.root / ".daybook" / "lock"):
        assert world.run(NAME, "v1.0..main").exit_code == 4
        with pytest.raises(LockedError):
            world.find("v1.0..main")
        assert world.run(NAME, "main~2..main").exit_code == 0


HOSTILE = [
    "--upload-pack=touch${IFS}hacked",
    "-h",
    "--all",
    "main@{1}",
    "@{-1}",
    "@",
    "HEAD",
    "main:lib",
    ":/day",
    ":lib",
    "^main",
    "main^{/day}",
    "main^{tree}",
    "main^@",
    "main^!",
    "refs/heads/main",
    "refs/daybook/tip",
    "a b",
    "a\nb",
    "a\x00b",
    "a*",
    "v?",
    "[v]",
    "a\\b",
    "../../etc/passwd",
    "/etc/passwd",
    ".git",
    "x.lock",
    "\udcff",
    "",
    "~1",
    "main~9999999",
    "x" * 251,
]


@pytest.mark.parametrize("name", HOSTILE)
def test_name_that_git_could_take_for_anything_else_is_wrong_usage(world: World, name: str) -> None:
    for commits in (f"{name}..main", f"main..{name}"):
        with pytest.raises(ValueError, match="Write two SHAs"):
            parse_range(commits)
        if "\udcff" not in name:
            done = world.run(NAME, "--", commits)
            assert (done.exit_code, done.stdout) == (2, "")
    assert not (world.root / "hacked").exists()


@pytest.mark.parametrize("commits", ["main", "main...main", "a..b..c", "..", "..main", "main..", "a....b"])
def test_what_is_no_range_is_wrong_usage(world: World, commits: str) -> None:
    done = world.run(NAME, commits)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "two dots between" in done.stderr
    assert ("has three dots" in done.stderr) == ("..." in commits)


@settings(max_examples=500, deadline=None)
@given(st.text(st.sampled_from("-@{}:^~/.v1* \\\n[é") | st.characters(), max_size=12))
def test_no_accepted_name_is_an_option_a_path_or_a_search(text: str) -> None:
    try:
        revision, _ = parse_range(f"{text}..main")
    except ValueError:
        return
    assert not set(revision.name) & set(":^~?*[\\ \n\x00\x7f")
    assert "@{" not in revision.name
    assert not revision.name.startswith(("-", "/", "."))
    assert set(revision.steps) <= set("~^0123456789")


def test_repository_that_is_not_followed_is_wrong_usage_with_a_suggestion(world: World) -> None:
    done = world.run("ada/engin", "a..b")
    assert done.exit_code == 2
    assert "Did you mean 'ada/engine'?" in done.stderr
    assert "'NAME'" in done.stderr


# What the archive does not know.


def test_commits_that_are_not_archived_are_listed_from_git_counted_and_have_a_next_step(
    tmp_path: Path,
) -> None:
    world = World(tmp_path, first_days=2)
    shas = [world.commit(f"fix: day {day} (#1{day})", day) for day in range(1, 8)]
    world.update()
    found = world.find(f"{shas[1]}..{shas[6]}")
    assert [entry.archived is None for entry in found.landed.entries] == [True, True, True, False, False]
    assert [entry.pull_request for entry in found.landed.entries] == [13, 14, 15, 16, 17]
    assert (found.landed.unarchived, found.landed.elsewhere, str(found.backfill)) == (3, 0, "2026-01-03")
    done = world.run(NAME, f"{shas[1]}..{shas[6]}")
    assert done.exit_code == 3
    section = done.stdout.partition("## Not archived\n")[2]
    assert "Of 3 commits the archive knows nothing" in section
    assert (
        "daybook backfill &#45;&#45;since 2026&#45;01&#45;03 &#45;&#45;repository ada&#47;engine" in section
    )
    assert "Ada Lovelace, 2026&#45;01&#45;05T10&#58;00&#58;00&#43;00&#58;00" in section
    run_backfill(world.root, load_config(world.root / "archive.yml"), NOW, str(found.backfill))
    again = world.run(NAME, f"{shas[1]}..{shas[6]}")
    assert (again.exit_code, "Not archived" in again.stdout) == (0, False)


def test_first_day_to_archive_is_the_landing_day_and_no_date_of_a_commit(tmp_path: Path) -> None:
    world = World(tmp_path, first_days=1)
    root = world.commit("root", 1)
    world.commit("committed on the second", 2, "side.txt", on="side", parents=[root])
    world.upstream.merge("side", when="2026-01-06T10:00+00:00")
    world.commit("last", 9)
    world.update()
    assert str(world.find(f"{root}..main").backfill) == "2026-01-06"


def test_nothing_of_the_network_but_the_graph_is_used_for_what_is_not_archived(tmp_path: Path) -> None:
    world = World(tmp_path, first_days=1)
    first = world.commit("day 1", 1)
    for day in range(2, 6):
        world.commit(f"day {day}", day)
    world.update()
    world.forget_remote()
    assert subjects(world.find(f"{first}..main")) == ["day 2", "day 3", "day 4", "day 5"]


def test_secret_in_a_subject_that_is_not_archived_is_not_shown(tmp_path: Path) -> None:
    world = World(tmp_path, first_days=1)
    secret = "AKIA" + "QWERTYUIOPASDFGH"
    first = world.commit("day 1", 1)
    world.commit(f"use {secret} for now", 2)
    world.commit("day 3", 3)
    world.update()
    for form in ("markdown", "json"):
        text = world.run(NAME, f"{first}..main", "--format", form).stdout
        assert "redacted" in text
        assert secret not in text


def test_pending_and_failed_analyses_are_marked_and_end_with_3(world: World) -> None:
    world.update()
    shas = world.upstream.rev_list("main")[::-1]
    world.rewrite(shas[4], outcome=Outcome.PENDING)
    done = world.run(NAME, f"{shas[3]}..main")
    assert done.exit_code == 3
    assert done.stdout.count("<em>pending</em>") == 1
    assert world.run(NAME, f"{shas[4]}..main").exit_code == 0


# Paths.

PATHS = [
    "lib/kv-router/a.rs",
    "lib/kv-router/src/b.rs",
    "lib/a.rs",
    "a.rs",
    "lib",
    "x/lib/a.rs",
    "docs/一.md",
    "docs/a b.md",
    "!a",
    "#a",
    "a[1].txt",
    "a1.txt",
    "lib.d/x",
    "deep/er/and/deeper/a.proto",
    "A.RS",
    "a\\b.txt",
]
GLOBS = [
    "lib/kv-router/**",
    "lib/kv-router",
    "lib/kv-router/",
    "/lib",
    "lib",
    "lib/*",
    "lib/*.rs",
    "*.rs",
    "/*.rs",
    "**/a.rs",
    "**/lib/**",
    "x/**/a.rs",
    "lib/**/b.rs",
    "docs/a?b.md",
    "docs/a b.md",
    "a\\[1].txt",
    "a[0-9].txt",
    "a[!2].txt",
    "\\!a",
    "\\#a",
    "*",
    "**",
    "l?b",
    "deep/**",
    "*.proto",
    "lib*/",
]


def test_globs_match_what_git_matches(tmp_path: Path) -> None:
    run_git(tmp_path, "init", "--quiet")
    for glob in GLOBS:
        assert check_glob(glob) == glob
        (tmp_path / ".gitignore").write_text(f"{glob}\n", encoding="utf-8")
        asked = "".join(f"{path}\0" for path in PATHS)
        done = subprocess.run(
            ["git", "-C", str(tmp_path), "check-ignore", "--no-index", "--stdin", "-z"],
            input=asked.encode(),
            capture_output=True,
            check=False,
            env={"PATH": os.environ["PATH"], "GIT_CONFIG_GLOBAL": "/dev/null"},
        )
        by_git = set(done.stdout.decode().split("\0")) - {""}
        assert {path for path in PATHS if Globs([glob]).match(path)} == by_git, glob


@pytest.mark.parametrize(
    "glob",
    ["", "/", "  ", "!lib", "#lib", ":lib", ":(exclude)lib", "./lib", "../lib", "a//b", "[", "a[", "a\\", "a\nb",
     "[[:alpha:]]", "[z-a]", "a[[]1]", "x" * 1001],
)  # fmt: skip
def test_glob_that_means_something_else_or_nothing_is_wrong_usage(world: World, glob: str) -> None:
    done = world.run(NAME, "a..b", "--path", glob)
    assert (done.exit_code, done.stdout) == (2, "")


def test_paths_keep_the_commits_that_touch_them_under_their_old_names_too(tmp_path: Path) -> None:
    world = World(tmp_path)
    first = world.commit("first", 1, "lib/router/a.py")
    world.commit("elsewhere", 2, "docs/a.md")
    content = {"lib/router/a.py": None, "lib/moved.py": "first\n"}
    world.upstream.commit("move it away", "2026-01-03T10:00+00:00", content)
    world.commit("docs and lib", 4, "lib/router/b.py")
    world.update()
    assert subjects(world.find(f"{first}..main", "lib/router/**")) == ["move it away", "docs and lib"]
    assert subjects(world.find(f"{first}..main", "*.md", "lib/router")) == [
        "elsewhere",
        "move it away",
        "docs and lib",
    ]
    done = world.run(NAME, f"{first}..main", "--path", "nowhere/**")
    assert done.exit_code == 0
    assert "3 commits landed" in done.stdout
    assert "None of them is shown below" in done.stdout


def test_whether_paths_are_touched_is_not_known_of_what_no_record_holds(tmp_path: Path) -> None:
    world = World(tmp_path, first_days=2)
    first = world.commit("first", 1)
    for day in range(2, 5):
        world.commit(f"day {day}", day, f"{day}.txt")
    world.update()
    found = world.find(f"{first}..main", "4.txt")
    assert [(entry.subject, entry.is_touching) for entry in found.landed.entries] == [
        ("day 2", None),
        ("day 4", True),
    ]
    assert (
        "Whether they are wanted is not known" in world.run(NAME, f"{first}..main", "--path", "4.txt").stdout
    )


def test_whether_paths_are_touched_is_not_known_where_a_record_leaves_files_out(world: World) -> None:
    world.update()
    shas = world.upstream.rev_list("main")[::-1]
    archive = Archive(world.root / "docs")
    record = archive.read_day(NAME, datetime(2026, 1, 5, tzinfo=UTC).date())
    (commit,) = record.commits
    more = commit.totals.model_copy(update={"files": 5000})
    archive.write_commits(record, [commit.model_copy(update={"totals": more})])
    found = world.find(f"{shas[2]}..{shas[6]}", "nowhere/**")
    assert [(entry.subject, entry.is_touching) for entry in found.landed.entries] == [("day 5", None)]
    assert "<em>paths not known</em>" in world.run(NAME, f"{shas[2]}..main", "--path", "nowhere").stdout


# How it is told.


def sort_out(world: World) -> list[str]:
    """Let the archive say of each day's commit how important it is, of what kind and whether it breaks."""
    world.update()
    shas = world.upstream.rev_list("main")[::-1]
    answers = ["no", "unclear", "no", "yes", "no", "no", "no"]
    ranks = [Importance.LOW, Importance.LOW, Importance.HIGH, Importance.LOW, Importance.LOW, Importance.HIGH]
    kinds = [Kind.FIX, Kind.FIX, Kind.FIX, Kind.FIX, Kind.DOCS, Kind.FEATURE, Kind.CI]
    for sha, answer, rank, kind in zip(shas, answers, [*ranks, Importance.MEDIUM], kinds, strict=True):
        breaking = Breaking.model_validate({"answer": answer, "evidence": f"evidence of {answer}"})
        world.rewrite(sha, breaking=breaking, importance=rank, kinds=(kind,))
    return shas


def read_outline(text: str) -> list[str]:
    """Read headings, and the subject of each commit."""
    lines = [
        line for line in text.splitlines() if line.startswith(("##", "- [")) and "compare on" not in line
    ]
    return [line if line.startswith("#") else line.partition(") ")[2] for line in lines]


def test_breaking_comes_first_then_importance_and_kind(world: World) -> None:
    shas = sort_out(world)
    text = world.run(NAME, f"{shas[0]}..main").stdout
    assert read_outline(text) == [
        "## 💥 Breaking",
        "day 4",
        "## ❔ Perhaps breaking",
        "day 2",
        "## 🔴 High",
        "### Feature",
        "day 6",
        "### Fix",
        "day 3",
        "## 🟡 Medium",
        "### CI",
        "day 7",
        "## 🟢 Low",
        "### Docs",
        "day 5",
    ]
    assert "Breaking: evidence of yes" in text
    assert "evidence of no" not in text


def test_breaking_alone_keeps_yes_and_unclear(world: World) -> None:
    shas = sort_out(world)
    text = world.run(NAME, f"{shas[0]}..main", "--breaking").stdout
    assert read_outline(text) == ["## 💥 Breaking", "day 4", "## ❔ Perhaps breaking", "day 2"]
    assert "6 commits landed" in text
    assert "2 of them are shown below" in text
    assert subjects(world.find("main..main", breaking=True)) == []


def test_links_lead_to_the_site_where_it_has_the_commit_and_else_to_the_host(tmp_path: Path) -> None:
    world = World(tmp_path, first_days=1, site=SITE)
    shas = [world.commit(f"fix: day {day} (#1{day})", day) for day in range(1, 4)]
    world.update()
    text = world.run(NAME, f"{shas[0]}..main").stdout
    assert f"[{shas[2][:12]}]({SITE}{NAME}/commit/{shas[2]}.html)" in text
    assert (world.root / "docs" / NAME / "commit" / f"{shas[2]}.md").is_file()
    host = "https://github.com/ada/engine"
    assert f"[{shas[1][:12]}]({host}/commit/{shas[1]})" in text
    assert f"([&#35;13]({host}/pull/13))" in text
    assert f"[compare on the host]({host}/compare/{shas[0]}...{shas[2]})" in text
    urls = [commit["url"] for commit in list_commits(world, f"{shas[0]}..main")]
    assert urls == [f"{host}/commit/{shas[1]}", f"{SITE}{NAME}/commit/{shas[2]}.html"]


def list_commits(world: World, *arguments: str) -> list[dict[str, Any]]:
    answer = json.loads(world.run(NAME, *arguments, "--format", "json").stdout)
    commits: list[dict[str, Any]] = answer["landed"]["commits"]
    return commits


def test_json_has_its_documented_shape(world: World) -> None:
    world.update()
    shas = world.upstream.rev_list("main")[::-1]
    answer = json.loads(world.run(NAME, f"main~2..{shas[5]}", "--path", "docs/**", "--format", "json").stdout)
    (commit,) = answer["landed"].pop("commits")
    analysis = commit["archived"].pop("analysis")
    record = Archive(world.root / "docs").read_day(NAME, datetime(2026, 1, 6, tzinfo=UTC).date())
    assert analysis == record.commits[0].analysis.model_dump(mode="json")
    assert commit == {
        "sha": shas[5],
        "subject": "day 6",
        "author": "Ada Lovelace",
        "author_date": "2026-01-06T10:00:00+00:00",
        "pull_request": None,
        "touches_paths": True,
        "url": f"https://github.com/ada/engine/commit/{shas[5]}",
        "archived": {
            "day": "2026-01-06",
            "landed": "2026-01-06T10:00:00+00:00",
            "gone": False,
            "reverted_by": [],
        },
    }
    assert answer == {
        "schema": 1,
        "repository": NAME,
        "old": {"name": "main~2", "sha": shas[4]},
        "new": {"name": shas[5], "sha": shas[5]},
        "paths": ["docs/**"],
        "breaking_only": False,
        "landed": {"total": 1, "not_archived": 0, "elsewhere": 0},
        "left_behind": {"total": 0, "not_archived": 0, "elsewhere": 0, "commits": []},
        "next_step": None,
    }
    documented = render_json.__doc__ or ""
    keys = {*answer, *answer["landed"], *commit, *commit["archived"], "commits", "analysis"}
    assert {key for key in keys if f"`{key}`" not in documented} <= {"repository"}


def test_the_same_question_gives_the_same_bytes_in_any_locale_and_zone(world: World) -> None:
    world.commit("修复：路由 ✓", 8)
    world.update()
    shas = world.upstream.rev_list("main")[::-1]
    for form in ("markdown", "json"):
        answers = {
            subprocess.run(
                [sys.executable, "-m", "generator", "changes", NAME, f"{shas[0]}..main", "--format", form],
                cwd=world.root,
                env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **more},
                capture_output=True,
                check=True,
            ).stdout
            for more in (
                {"LC_ALL": "C.UTF-8", "TZ": "Asia/Tokyo"},
                {"PYTHONIOENCODING": "latin-1", "TZ": "America/New_York"},
            )
        }
        assert len(answers) == 1
        assert ("修复".encode() in answers.pop()) == (form == "markdown")


def test_hostile_text_is_shown_and_does_nothing_in_markdown_and_json(tmp_path: Path) -> None:
    world = World(tmp_path, first_days=1)
    first = world.commit("first", 1)
    evil = "</li><script>alert(1)</script> [x](javascript:alert(1)) `#` \x1b[31m \u202e @ada"
    world.commit(evil, 2, "[x](y).md", author="[a](b) `c` &lt; <ada@example.org>")
    world.commit(evil, 3)
    world.update()
    text = world.run(NAME, f"{first}..main").stdout
    for mark in ("<script", "<img", "](javascript", "\x1b", "\u202e", "`"):
        assert mark not in text
    assert text.count("&#91;U&#43;202E&#93;") >= 2
    raw = world.run(NAME, f"{first}..main", "--format", "json").stdout
    assert raw.isascii()
    assert "\x1b" not in raw
    assert [commit["subject"] for commit in json.loads(raw)["landed"]["commits"]] == [evil, evil]


def test_answer_is_in_the_archives_language(tmp_path: Path) -> None:
    world = World(tmp_path, language="zh", first_days=1)
    first = world.commit("first", 1)
    world.commit("fix: second", 2)
    world.commit("fix: third", 3)
    world.update()
    text = world.run(NAME, f"main..{first}").stdout
    assert "## 被留下的提交" in text
    text = world.run(NAME, f"{first}..main").stdout
    assert "合入 2 个提交。" in text
    assert "## 未归档" in text
    assert "Not archived" in render_markdown(world.find(f"{first}..main"), "en", None)


def test_asking_changes_nothing_in_the_archive(world: World) -> None:
    world.update()
    docs = {path: path.read_bytes() for path in (world.root / "docs").rglob("*") if path.is_file()}
    for breaking, form in product(((), ("--breaking",)), ("markdown", "json")):
        world.run(NAME, "main~3..main", "--format", form, *breaking)
    assert {path: path.read_bytes() for path in (world.root / "docs").rglob("*") if path.is_file()} == docs


def test_damaged_day_of_the_range_is_told_with_its_file(world: World) -> None:
    world.update()
    (world.root / "docs" / NAME / "2026" / "01" / "06.json").write_text("{}")
    done = world.run(NAME, "main~3..main")
    assert (done.exit_code, done.stdout) == (1, "")
    assert f"docs/{NAME}/2026/01/06.json" in done.stderr
