"""A mirror brings commits from real repositories and reads them back as they are."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from generator.collect.commits import read_changes
from generator.collect.mirror import Mirror, Tip
from generator.collect.process import _INHERITED, OFFLINE, _make_environment
from generator.errors import MisnamedError, RemoteError
from generator.records import FileChange, Nature
from tests.histories import Upstream, run_git

DAY = "2026-01-06T10:00+08:00"


def ignore(_text: str, _percent: int) -> None:
    """Take git's progress and do nothing."""


def make_mirror(folder: Path, upstream: Upstream) -> Mirror:
    return Mirror(folder / "mirror.git", "ada/engine", upstream.url)


def fetch_all(mirror: Mirror, branch: str | None = None) -> list[str]:
    tip = mirror.fetch(branch, ignore)
    shas = [node.sha for node in mirror.walk(tip.sha)][::-1]
    mirror.fetch_contents(shas)
    return shas


def test_the_default_branch_is_the_one_the_repository_names(tmp_path: Path) -> None:
    upstream = Upstream(tmp_path / "up", branch="trunk")
    sha = upstream.commit("first", DAY, {"a": "1\n"}, on="trunk")
    upstream.commit("other", DAY, {"a": "2\n"}, on="main")
    assert make_mirror(tmp_path, upstream).fetch(None, ignore) == Tip("trunk", sha)


def test_a_default_branch_whose_name_is_no_text_is_followed(tmp_path: Path) -> None:
    upstream = Upstream(tmp_path / "up")
    sha = upstream.commit("first", DAY, {"a": "1\n"})
    (upstream.folder / "refs" / "heads" / os.fsdecode(b"\xff\xfe")).write_text(sha + "\n")
    (upstream.folder / "HEAD").write_bytes(b"ref: refs/heads/\xff\xfe\n")
    assert make_mirror(tmp_path, upstream).fetch(None, ignore) == Tip("\ufffd\ufffd", sha)


def test_what_the_other_side_says_comes_before_what_git_makes_of_it(tmp_path: Path) -> None:
    upstream = Upstream(tmp_path / "up")
    tree = run_git(
        upstream.folder, "hash-object", "-t", "tree", "-w", "--literally", "--stdin", stdin=b"garbage" * 9
    )
    upstream.write_object(f"tree {tree}\nauthor A <a@b> 0 +0000\ncommitter A <a@b> 0 +0000\n\nx\n".encode())
    mirror = make_mirror(tmp_path, upstream)
    tip = mirror.fetch(None, ignore)
    with pytest.raises(RemoteError, match=r"^ada/engine: git fetch failed: too-short tree"):
        mirror.fetch_contents([tip.sha])


def test_a_detached_head_is_followed_as_it_stands(tmp_path: Path) -> None:
    upstream = Upstream(tmp_path / "up")
    sha = upstream.commit("first", DAY, {"a": "1\n"})
    (upstream.folder / "HEAD").write_text(sha + "\n")
    assert make_mirror(tmp_path, upstream).fetch(None, ignore) == Tip("HEAD", sha)


def test_the_mirror_holds_the_graph_and_only_the_contents_asked_for(tmp_path: Path) -> None:
    upstream = Upstream(tmp_path / "up")
    for number in range(4):
        upstream.commit(f"change {number}", DAY, {"a": f"{number}\n"})
    mirror = make_mirror(tmp_path, upstream)
    tip = mirror.fetch(None, ignore)
    objects = run_git(
        tmp_path / "mirror.git", "cat-file", "--batch-all-objects", "--batch-check=%(objecttype)"
    )
    assert objects.split() == ["commit"] * 4
    mirror.fetch_contents([tip.sha])
    objects = run_git(
        tmp_path / "mirror.git", "cat-file", "--batch-all-objects", "--batch-check=%(objecttype)"
    )
    assert sorted(objects.split()) == ["blob"] * 2 + ["commit"] * 4 + ["tree"] * 2


def test_a_second_fetch_brings_what_is_new(tmp_path: Path) -> None:
    upstream = Upstream(tmp_path / "up")
    first = upstream.commit("first", DAY, {"a": "1\n"})
    mirror = make_mirror(tmp_path, upstream)
    fetch_all(mirror)
    second = upstream.commit("second", DAY, {"a": "2\n"})
    tip = mirror.fetch(None, ignore)
    assert [node.sha for node in mirror.walk(tip.sha, [first])] == [second]
    mirror.fetch_contents([second])
    assert [change.facts.subject for change in read_changes(mirror, [second])] == ["second"]


def test_packs_of_many_runs_become_one_that_lacks_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    upstream = Upstream(tmp_path / "up")
    first = upstream.commit("first", DAY, {"a": "1\n"})
    mirror = make_mirror(tmp_path, upstream)
    fetch_all(mirror)
    gone = upstream.commit("to be gone", DAY, {"a": "2\n"})
    fetch_all(mirror)
    upstream.commit("instead", DAY, {"a": "3\n"}, parents=(first,))
    fetch_all(mirror)
    packs = tmp_path / "mirror.git" / "objects" / "pack"
    assert len(list(packs.glob("*.pack"))) == 9
    before = list(read_changes(mirror, [first, gone]))
    monkeypatch.setattr("generator.collect.mirror._MOST_PACKS", 8)
    shas = fetch_all(mirror)
    # What is asked for later comes from the remote as before, and what a force-push removed is still there.
    assert len(list(packs.glob("*.pack"))) == 1
    upstream.folder.rename(tmp_path / "away")
    assert list(read_changes(mirror, [first, gone])) == before
    assert len(list(read_changes(mirror, shas))) == 2
    (tmp_path / "away").rename(upstream.folder)
    last = upstream.commit("last", DAY, {"b": "4\n"}, parents=(shas[-1],))
    fetch_all(mirror)
    assert [change.facts.files[0].path for change in read_changes(mirror, [last])] == ["b"]


def test_every_shape_of_commit_is_read(tmp_path: Path) -> None:
    upstream = Upstream(tmp_path / "up")
    root = upstream.commit("root", DAY, {"a.py": "one\ntwo\n", "run.sh": "x\n", "b.bin": b"\x00\x01"})
    upstream.commit("rename", DAY, {"a.py": None, "dir/修复 a.py": "one\ntwo\n"})
    upstream.commit("mode", DAY, {"run.sh": "x\n"}, mode="100755")
    empty = upstream.commit("empty", DAY)
    upstream.commit("side", DAY, {"side.txt": "s\n"}, on="side", parents=[root])
    upstream.commit("other side", DAY, {"other.txt": "o\n"}, on="other", parents=[root])
    upstream.merge("side", "other", when=DAY, message="octopus")
    upstream.commit("evil merge", DAY, {"evil.txt": "e\n"}, parents=[upstream.tip(), upstream.tip("side")])
    link = run_git(upstream.folder, "mktree", stdin=f"160000 commit {root}\tvendor\n".encode())
    upstream.write_object(
        f"tree {link}\nparent {empty}\nauthor A <a@b> 0 +0000\ncommitter A <a@b> 0 +0000\n\nlink\n".encode(),
        on="linked",
    )
    mirror = make_mirror(tmp_path, upstream)
    shapes = {
        change.facts.subject: (change.facts.nature, change.facts.files)
        for change in read_changes(mirror, fetch_all(mirror))
    }
    assert shapes == {
        "root": (
            Nature.CHANGE,
            (
                FileChange(status="A", path="a.py", insertions=2, deletions=0),
                FileChange(status="A", path="b.bin", binary=True),
                FileChange(status="A", path="run.sh", insertions=1, deletions=0),
            ),
        ),
        "rename": (
            Nature.CHANGE,
            (FileChange(status="R", path="dir/修复 a.py", old_path="a.py", insertions=0, deletions=0),),
        ),
        "mode": (
            Nature.MODE,
            (
                FileChange(
                    status="M", path="run.sh", insertions=0, deletions=0, old_mode="100644", mode="100755"
                ),
            ),
        ),
        "empty": (Nature.EMPTY, ()),
        "side": (Nature.CHANGE, (FileChange(status="A", path="side.txt", insertions=1, deletions=0),)),
        "other side": (Nature.CHANGE, (FileChange(status="A", path="other.txt", insertions=1, deletions=0),)),
        "octopus": (
            Nature.MERGE,
            (
                FileChange(status="A", path="other.txt", insertions=0, deletions=0),
                FileChange(status="A", path="side.txt", insertions=0, deletions=0),
            ),
        ),
        "evil merge": (Nature.CHANGE, (FileChange(status="A", path="evil.txt", insertions=1, deletions=0),)),
    }
    linked = fetch_all(mirror, "linked")[-1]
    (change,) = read_changes(mirror, [linked])
    assert [file for file in change.facts.files if file.submodule] == [
        FileChange(status="A", path="vendor", submodule=True)
    ]


def test_a_merge_counts_only_the_lines_that_are_its_own(tmp_path: Path) -> None:
    upstream = Upstream(tmp_path / "up")
    text = [f"{number}\n" for number in range(40)]
    root = upstream.commit("root", DAY, {"a": "".join(text), "b": "b\n"})
    ours, theirs = ["ours\n", *text[1:]], [*text[:-1], "theirs\n"]
    upstream.commit("ours", DAY, {"a": "".join(ours)})
    upstream.commit("theirs", DAY, {"a": "".join(theirs), "b": "c\n"}, on="side", parents=[root])
    heads = [upstream.tip(), upstream.tip("side")]
    clean = ["ours\n", *text[1:-1], "theirs\n"]
    upstream.commit("clean merge", DAY, {"a": "".join(clean), "b": "c\n"}, parents=heads)
    own = [*clean[:20], "own\n", *clean[22:]]
    upstream.commit("own merge", DAY, {"a": "".join(own), "b": "c\n"}, on="second", parents=heads)
    mirror = make_mirror(tmp_path, upstream)
    found = []
    for branch in ("main", "second"):
        sha = fetch_all(mirror, branch)[-1]
        found += list(read_changes(mirror, [sha]))
    assert [(change.facts.nature, change.facts.files) for change in found] == [
        (
            Nature.MERGE,
            (
                FileChange(status="M", path="a", insertions=0, deletions=0),
                FileChange(status="M", path="b", insertions=0, deletions=0),
            ),
        ),
        (
            Nature.CHANGE,
            (
                FileChange(status="M", path="a", insertions=1, deletions=2),
                FileChange(status="M", path="b", insertions=0, deletions=0),
            ),
        ),
    ]
    (patch,) = found[1].patches
    own_lines = [line for line in patch.text.splitlines() if line[0] in "+-"]
    assert (patch.path, own_lines) == ("a", ["-20", "-21", "+own"])


def test_short_shas_of_reverts_become_whole_ones(tmp_path: Path) -> None:
    upstream = Upstream(tmp_path / "up")
    sha = upstream.commit("first", DAY, {"a": "1\n"})
    upstream.commit(f'Revert "first"\n\nThis reverts commit {sha[:9]}.', DAY, {"a": None})
    mirror = make_mirror(tmp_path, upstream)
    assert [change.facts.reverts for change in read_changes(mirror, fetch_all(mirror))] == [(), (sha,)]


def test_replace_refs_and_notes_change_nothing(tmp_path: Path) -> None:
    upstream = Upstream(tmp_path / "up")
    first = upstream.commit("first", DAY, {"a": "1\n"})
    second = upstream.commit("second", DAY, {"a": "2\n"})
    run_git(upstream.folder, "update-ref", f"refs/replace/{second}", first)
    run_git(upstream.folder, "update-ref", "refs/notes/commits", first)
    assert fetch_all(make_mirror(tmp_path, upstream)) == [first, second]


@pytest.mark.parametrize(
    ("branch", "fact", "next_step"),
    [
        (None, "ada/engine: the repository has no commits yet", "Push a commit, or name a branch."),
        ("main", "ada/engine: there is no branch 'main'", "Name one of its branches: it has none yet."),
    ],
)
def test_an_empty_repository_is_told(tmp_path: Path, branch: str | None, fact: str, next_step: str) -> None:
    with pytest.raises(RemoteError) as caught:
        make_mirror(tmp_path, Upstream(tmp_path / "up")).fetch(branch, ignore)
    assert (caught.value.fact, caught.value.next_step) == (fact, next_step)


@pytest.mark.parametrize(
    ("branch", "next_step"),
    [("mian", "Did you mean 'main'?"), ("release/2.x", "Name one of its branches: main, next.")],
)
def test_a_branch_that_is_not_there_is_named_with_those_that_are(
    tmp_path: Path, branch: str, next_step: str
) -> None:
    upstream = Upstream(tmp_path / "up")
    upstream.branch("next", upstream.commit("first", DAY, {"a": "1\n"}))
    with pytest.raises(MisnamedError) as caught:
        make_mirror(tmp_path, upstream).fetch(branch, ignore)
    assert str(caught.value) == f"ada/engine: there is no branch '{branch}'\n{next_step}"


def test_a_path_without_a_repository_is_named(tmp_path: Path) -> None:
    for path, fact in (("up", "is not a git repository"), ("away", "there is nothing at")):
        (tmp_path / "up").mkdir(exist_ok=True)
        with pytest.raises(MisnamedError, match=fact) as caught:
            Mirror(tmp_path / "mirror.git", "ada/engine", str(tmp_path / path)).fetch(None, ignore)
        assert caught.value.key == "url"


def test_a_path_that_no_disk_can_hold_is_named(tmp_path: Path) -> None:
    with pytest.raises(MisnamedError, match="there is nothing at"):
        Mirror(tmp_path / "mirror.git", "ada/engine", str(tmp_path / ("a" * 5_000))).fetch(None, ignore)


def test_a_damaged_mirror_does_not_pass_for_the_repository_around_it(tmp_path: Path) -> None:
    run_git(tmp_path, "init", "--quiet", ".")
    upstream = Upstream(tmp_path / "up")
    sha = upstream.commit("first", DAY, {"a": "1\n"})
    (tmp_path / "mirror.git").mkdir()
    (tmp_path / "mirror.git" / "HEAD").write_text("ref: refs/heads/main\n")
    assert fetch_all(make_mirror(tmp_path, upstream)) == [sha]
    assert run_git(tmp_path, "for-each-ref") == ""


def test_a_merge_owns_the_binary_files_that_no_parent_has(tmp_path: Path) -> None:
    upstream = Upstream(tmp_path / "up")
    root = upstream.commit("root", DAY, {"logo.png": b"\x00one"})
    upstream.commit("side", DAY, {"s": "s\n"}, on="side", parents=[root])
    heads = [root, upstream.tip("side")]
    upstream.commit("merge", DAY, {"s": "s\n", "logo.png": b"\x00two"}, parents=heads)
    mirror = make_mirror(tmp_path, upstream)
    merge = list(read_changes(mirror, fetch_all(mirror)))[-1]
    assert (merge.facts.nature, merge.facts.files[0]) == (
        Nature.CHANGE,
        FileChange(status="M", path="logo.png", binary=True),
    )


def test_a_shallow_clone_is_refused(tmp_path: Path) -> None:
    upstream = Upstream(tmp_path / "up")
    for number in range(3):
        upstream.commit(f"{number}", DAY, {"a": f"{number}\n"})
    run_git(tmp_path, "clone", "--quiet", "--bare", "--depth=1", f"file://{upstream.folder}", "shallow")
    mirror = Mirror(tmp_path / "mirror.git", "ada/engine", str(tmp_path / "shallow"))
    with pytest.raises(RemoteError, match="it is a shallow clone"):
        mirror.fetch(None, ignore)
    run_git(tmp_path / "shallow", "fetch", "--quiet", "--unshallow", f"file://{upstream.folder}", "main")
    assert len(fetch_all(mirror)) == 3


def test_a_mirror_is_never_left_behind_by_a_remote_that_turned_shallow(tmp_path: Path) -> None:
    upstream = Upstream(tmp_path / "up")
    upstream.commit("1", DAY, {"a": "1\n"})
    run_git(tmp_path, "clone", "--quiet", "--bare", f"file://{upstream.folder}", "copy")
    mirror = Mirror(tmp_path / "mirror.git", "ada/engine", str(tmp_path / "copy"))
    fetch_all(mirror)
    upstream.commit("2", DAY, {"a": "2\n"})
    upstream.commit("3", DAY, {"a": "3\n"})
    run_git(tmp_path / "copy", "fetch", "--quiet", "--depth=1", f"file://{upstream.folder}", "+main:main")
    with pytest.raises(RemoteError, match="it is a shallow clone"):
        mirror.fetch(None, ignore)


def test_no_program_of_the_repository_runs(tmp_path: Path) -> None:
    upstream = Upstream(tmp_path / "up")
    trap = tmp_path / "trap"
    for hook in ("post-upload-pack", "reference-transaction", "post-update"):
        (upstream.folder / "hooks").mkdir(exist_ok=True)
        path = upstream.folder / "hooks" / hook
        path.write_text(f"#!/bin/sh\ntouch {trap}\n")
        path.chmod(0o755)
    for key in ("diff.trap.textconv", "diff.trap.command", "filter.trap.smudge", "core.fsmonitor"):
        run_git(upstream.folder, "config", key, f"touch {trap};")
    upstream.commit("x", DAY, {".gitattributes": "* diff=trap filter=trap\n", "a.txt": "1\n"})
    trap.unlink(missing_ok=True)  # the upstream's own hooks ran for its own commit
    mirror = make_mirror(tmp_path, upstream)
    assert len(list(read_changes(mirror, fetch_all(mirror)))) == 1
    assert not trap.exists()


def test_git_sees_no_variable_of_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    upstream = Upstream(tmp_path / "up")
    upstream.commit("x", DAY, {"a": "1\n"})
    seen = tmp_path / "seen"
    shim = tmp_path / "bin" / "git"
    shim.parent.mkdir()
    real = next(path for path in os.environ["PATH"].split(os.pathsep) if (Path(path) / "git").exists())
    shim.write_text(f'#!/bin/sh\nenv >> {seen}\nexec {real}/git "$@"\n')
    shim.chmod(0o755)
    monkeypatch.setenv("PATH", f"{shim.parent}{os.pathsep}{os.environ['PATH']}")
    for name in ("OPENAI_API_KEY", "GIT_DIR", "SOME_TOKEN"):
        monkeypatch.setenv(name, "private-value")
    fetch_all(make_mirror(tmp_path, upstream))
    names = {line.split("=")[0] for line in seen.read_text().splitlines()}
    by_the_shell = {"PWD", "OLDPWD", "SHLVL", "_"}
    assert names <= {*_INHERITED, *_make_environment(OFFLINE), "LANGUAGE", *by_the_shell}
    assert "GIT_CONFIG_NOSYSTEM=1" in seen.read_text()
    assert "private-value" not in seen.read_text()
