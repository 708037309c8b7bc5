"""Hostile addresses, names, branches, tags and settings: nothing is written elsewhere, and nothing runs but git.

Each is tried in the folder of an archive inside a sandbox. Python's own audit events say what this process starts and
writes; a git of ours in front of the real one notes what git sees; and what a hostile word would do is to make a file.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from generator.config import load_config
from generator.errors import DaybookError
from generator.pipeline import update
from tests.histories import run_git
from tests.loose import LooseRepository
from tests.quiet import QuietReport
from tests.soak import count_cases

NOW = datetime.fromisoformat("2026-11-01T00:00+00:00")
SECONDS = 1_772_000_000
KEY = "sk-private-value-0123456789"
# What would leave a file behind, in a shell or in git's own hands.
DO = "touch trap"


@dataclass
class Watch:
    """What this process did while it was watched."""

    started: list[list[str]] = field(default_factory=list)
    written: list[str] = field(default_factory=list)


_watches: list[Watch] = []
_CHANGES = {
    "os.mkdir",
    "os.rename",
    "os.remove",
    "os.rmdir",
    "os.link",
    "os.symlink",
    "os.truncate",
    "os.chmod",
}


def _hear(event: str, arguments: tuple[object, ...]) -> None:
    # A hook cannot be taken away again, so it does nothing where nobody watches.
    if not _watches:
        return
    watch = _watches[-1]
    if event == "subprocess.Popen":
        watch.started.append([str(argument) for argument in arguments[1]])  # type: ignore[attr-defined]
    elif event in ("os.system", "os.exec", "os.posix_spawn", "os.spawn"):
        watch.started.append([event, *map(str, arguments)])
    elif (
        event == "open"
        and isinstance(arguments[0], str | bytes)
        and isinstance(arguments[2], int)
        and arguments[2] & (os.O_WRONLY | os.O_RDWR)
    ):
        watch.written.append(os.fsdecode(arguments[0]))
    elif event in _CHANGES:
        watch.written += [os.fsdecode(path) for path in arguments[:2] if isinstance(path, str | bytes)]


sys.addaudithook(_hear)


@contextmanager
def watch() -> Iterator[Watch]:
    """Watch what this process does."""
    _watches.append(Watch())
    try:
        yield _watches[-1]
    finally:
        _watches.pop()


class Sandbox:
    """A folder with an archive deep inside, a repository to follow beside it, and a git that tells what it sees."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.root = folder / "deep" / "down" / "archive"
        self.root.mkdir(parents=True)
        self.seen = folder.parent / f"{folder.name}-seen"
        (folder / "bin").mkdir()
        shim = folder / "bin" / "git"
        shim.write_text(f'#!/bin/sh\nenv >> "{self.seen}"\nexec {shutil.which("git")} "$@"\n')
        shim.chmod(0o755)
        monkeypatch.setenv("PATH", f"{shim.parent}{os.pathsep}{os.environ['PATH']}")
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        monkeypatch.setenv("SOME_TOKEN", KEY)
        monkeypatch.chdir(self.root)

    def make_repository(self, name: str, branch: str = "main") -> LooseRepository:
        """Make a repository with two commits, in a folder of the archive's own folder."""
        repository = LooseRepository(self.root / name)
        first = repository.commit("first", SECONDS, [], repository.write_files({"a.txt": "a\n"}))
        second = repository.commit("second", SECONDS + 9, [first], repository.write_files({"a.txt": "b\n"}))
        repository.point(branch, second)
        repository.point_head(branch)
        return repository

    def run(self, text: str, only: tuple[str, ...] = ()) -> str:
        """Update the archive of these settings, check that it kept to itself, and say what came of it."""
        (self.root / "archive.yml").write_bytes(text.encode("utf-8", "surrogatepass"))
        before = self._list_files()
        with watch() as seen:
            outcome = self._update(only)
        self._check(seen)
        assert self._list_files() == before
        return outcome

    def _update(self, only: tuple[str, ...]) -> str:
        try:
            config = load_config(self.root / "archive.yml")
            for repository in config.repositories:
                # No test reaches another machine.
                assert repository.local or urlsplit(repository.url).hostname == "localhost"
            results = update(self.root, config, NOW, QuietReport(), only).results
        except DaybookError as error:
            return f"refused: {error}"
        return "\n".join(result.failure or f"archived {result.commits}" for result in results)

    def _check(self, seen: Watch) -> None:
        for command in seen.started:
            # `env` takes variables away by name, and git's first word is where its repository is.
            assert command[0] == "env", command
            while command[1:2] == ["-u"]:
                command = ["env", *command[3:]]
            assert command[1] == "git", command
            assert command[2].startswith(f"--git-dir={self.root}/.daybook/mirrors/"), command
            assert KEY not in " ".join(command)
        allowed = (f"{self.root}/docs", f"{self.root}/.daybook")
        for path in seen.written:
            if path == tempfile.gettempdir() or path.endswith(".pyc") or "__pycache__" in path:
                continue
            place = os.path.realpath(self.root / path)
            assert place.startswith(allowed), path
        if self.seen.exists():
            assert KEY not in self.seen.read_text(errors="replace")

    def _list_files(self) -> dict[str, str]:
        """List all that is in the sandbox and is not the archive's to write, with what is in it."""
        ours = (self.root / "docs", self.root / ".daybook")
        return {
            str(path): hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
            for path in sorted(self.folder.rglob("*"))
            if not any(path.is_relative_to(folder) for folder in ours)
        }


@pytest.fixture
def sandbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    return Sandbox(tmp_path / "box", monkeypatch)


def settle(**repository: str) -> str:
    """Write settings with one repository; JSON is YAML."""
    return json.dumps({"timezone": "UTC", "repositories": [{"url": "up", "name": "ada/engine"} | repository]})


URLS = [
    *(f"{scheme}::sh -c {DO}" for scheme in ("ext", "fd", "EXT", "ext+https", "transport", "hg", "cd")),
    *(f"{scheme}://localhost/a" for scheme in ("http", "git", "ssh", "ftp", "ftps", "rsync", "git+ssh", "svn")),
    *(f"{scheme}://localhost/a" for scheme in ("javascript", "data", "ext", "file+https", "HTTP", "h\u200bttps")),
    *("git@localhost:a/b", "localhost:a/b", f"-oProxyCommand={DO}@localhost:a", "[::1]:a", "a:b", "::", ":"),
    *(f"ssh://-oProxyCommand={DO}/a", f"ssh://localhost/`{DO}`", f"user;{DO}@localhost:x"),
    *("--upload-pack=touch trap", "-u touch trap", "--output=trap", "--exec=touch", "-", "--", "-c core.x=y"),
    *("https://", "https:///a/b", "https://localhost", "https://localhost/"),
    *("https:localhost/a", "https:/localhost/a"),
    *("https://user:word@localhost/a/b", "https://token@localhost/a/b", "https://:@localhost/a/b"),
    *("https://localhost/a/b?x=y", "https://localhost/a/b#x", "https://localhost\\@evil/a", "https://local host/a"),
    *("https://localhost/a/b\nhttps://localhost/c", "https://localhost/a\r\nX-Header: y", "https://localhost/\x00"),
    *("https://localhost/\u202ea", "https://localhost/a b", "https://localhost/<script>", 'https://localhost/"a"'),
    *("https://localhost:1/a/../../b", "https://localhost:1/..%2f..%2fetc", "https://localhost:1/a/b;touch", ""),
    *(f"https://localhost:1/$({DO.replace(' ', '$IFS')})/x", "https://localhost:1/a/b.git"),
    *("https://localhost:99999/a/b"),
    *("https://localhost:1/--upload-pack=x/y", "https://localhost:1/%2e%2e/%2e%2e/x", "HTTPS://localhost:1/a/b"),
    *("https://localhost:1/a/b@{0}", "https://localhost:1/~root/x", "https://[::1/a/b", "https://.localhost/a/b"),
    *("file://localhost/../../x", "file://evil/x", "file:///../../../x", "file:////x", "file:///dev/zero", "file://"),
    *("..", "../..", "../../../..", "/", "//", "/dev/zero", "/dev/null", "/proc/self/environ"),
    *("/etc/passwd", "~", "~root"),
    *("./../archive", ".daybook", "docs", ".", "./.", "archive.yml", "$HOME", "%USERPROFILE%", "$(touch trap)"),
    *("`touch trap`", ";touch trap", "|touch trap", "up\x00", "up\n", " up", "up "),
    *("\u202eup", "\ud800", "a" * 5_000),
    *(f"{'a/' * 900}b", "C:\\up", "\\\\server\\share", "CON", "up/../../../..", "up//..//up"),
    *("up/objects", "up/HEAD", "*", "?", "[a]"),
]  # fmt: skip
NAMES = [
    "a/" * 500 + "b",
    *("", "/", "..", "../..", "../../../x", "a/..", "a/../../x", "a/./b", "./a/b", "/a/b"),
    *("//a/b", "a//b", "a/b/", "a"),
    *("a/.b", ".a/b", "a/b.", "a/b..c", "a/-b", "-a/b", "--output=trap/x", "a/b\x00", "a/b\n"),
    *("a\nb/c", "a/b c", " a/b"),
    *("a\\b", "a/b\\..\\..\\x", "C:/x/y", "a/b:stream", "a/CON", "nul/x", "a/com1.txt", "a/LPT9", "a/aux.json"),
    *("days/x", "assets/x", "Search/x", "feed.xml/x", "index.html/x", "404/x", "status/x"),
    *("pagefind/x", "sitemap.xml/x", "handbook/x"),
    *("a/commit", "a/2026", "a/2026/01", "a/b.git", "a/b.md", "a/b.json", "a/b.html", "a/COMMIT/x", "docs/../x"),
    *("a/<script>", "a/`touch trap`", "a/$(touch trap)", "a/;touch trap", "a/b|c", "a/{{x}}"),
    *("a/%2e%2e", "a/\u202eb"),
    *("\uff0e\uff0e/x", "a/\u2024\u2024", "a/b\ud800", "a/" + "b" * 5_000, "~/x", "~root/x", "a/*"),
]  # fmt: skip
BRANCHES = [
    *("--upload-pack=touch trap", "-x", "--all", "-", "--", "HEAD", "@", "@{0}", "@{-1}"),
    *("HEAD~1", "main^", "main^{tree}"),
    *("main:trap", ":main", "+main", "main:refs/heads/x", "refs/heads/main", "refs/../../x"),
    *("../x", "a/../b", "a..b"),
    *("a b", "a\nb", "a\x00b", "a\tb", "a~b", "a^b", "a?b", "a*", "a[b]", "a\\b", "/a", "a/"),
    *("a//b", "a.lock", "a/.b", "a."),
    *("", " ", "\ud800", "\u202e", "x" * 5_000, "refs/tags/v1", "refs/replace/x"),
    *("FETCH_HEAD", "stash", "main@{upstream}"),
]  # fmt: skip
# Git allows these, so each is a branch that must be followed like any other.
ODD_BRANCHES = [
    *("a;touch trap", "a|touch", "$(touch", "`touch`", "$IFS", "a'b", 'a"b', "a&b", "a>trap"),
    *("a<b", "{a,b}", "!a", "#a"),
    *("<script>alert(1)</script>", "a%2e%2e", "分支", "\u202ea", "\u200b", "e\u0301", "ext"),
    *("=x", "a=b", "main!", "{{x}}"),
]  # fmt: skip
# Spaces aside, which a branch has not.
ODD_BRANCHES[0] = ODD_BRANCHES[0].replace(" ", "-")
ODD_FOLDERS = [
    *(
        "--upload-pack=touch trap",
        "-x",
        "a b",
        "a;touch trap",
        "$(touch trap)",
        "`touch trap`",
        "a'b",
        'a"b',
        "a|b",
    ),
    *(
        "$HOME",
        "~",
        "*",
        "[a]",
        "{a,b}",
        "%41",
        "a\\b",
        "分支",
        "<script>",
        "ext",
        "a@b",
        "a=b",
        "#a",
        "!a",
        "&a",
    ),
]
TEXTS = [
    *("!!python/object/apply:os.system ['touch trap']", "!!python/name:os.system", "&a [*a]"),
    *("<<: *a", "%YAML 9.9\n---"),
    "repositories: !!python/object/apply:subprocess.check_output [[touch, trap]]",
    "repositories: [{url: up, name: ada/engine, hooks: touch trap}]",
    "repositories: [{url: up, name: ada/engine, watch: ['../../**', '$(touch trap)', '--output=trap']}]",
    "repositories: [{url: up, name: ada/engine, upload-pack: touch trap}]",
    "repositories: [{url: {a: b}, name: [x]}]",
    "repositories: [{url: up, name: ada/engine, web: 'javascript:alert(1)'}]",
    "repositories: [{url: up, name: ada/engine, web: 'https://localhost/\"><script>alert(1)</script>'}]",
    *(f"timezone: {zone}\nrepositories: [{{url: up, name: ada/engine}}]" for zone in
      ("../../../etc/passwd", "/etc/localtime", "posix/../../x", "'$(touch trap)'", "UTC\x00", "''", "localtime")),
    *(f"language: {language}\nrepositories: [{{url: up, name: ada/engine}}]" for language in
      ("../x", "[zh]", "'{{x}}'")),
    *(f"site: {site}\nrepositories: [{{url: up, name: ada/engine}}]" for site in (
        "{name: '</title><script>alert(1)</script>'}", "{url: 'javascript:alert(1)'}", "{url: 'file:///etc'}", "[]",
        "{name: \"a\\nb\"}", "{name: ''}", "{host: ../x}", "{theme: ../../x}", "{url: 'https://u:p@localhost/'}",
    )),
    *(f"first_days: {days}\nrepositories: [{{url: up, name: ada/engine}}]" for days in
      ("-1", "0", "1e9", "'7; touch trap'", "99999999999999999999", ".inf")),
    "a: " + "[" * 10_000,
    "a: &a [x,x]\n" + "".join(f"b{n}: &b{n} [*{'a' if n == 0 else f'b{n - 1}'}, *a]\n" for n in range(40)),
]  # fmt: skip


@pytest.mark.parametrize("url", URLS, ids=lambda url: ascii(url)[:60])
def test_a_hostile_address_reaches_nothing(url: str, sandbox: Sandbox) -> None:
    sandbox.make_repository("up")
    with count_cases("hostile settings") as count:
        count.add()
        outcome = sandbox.run(settle(url=url))
        assert not outcome.startswith("archived") or Path(sandbox.root / url).resolve().name == "up"


@pytest.mark.parametrize("name", NAMES, ids=lambda name: ascii(name)[:60])
def test_a_hostile_name_is_no_path(name: str, sandbox: Sandbox) -> None:
    sandbox.make_repository("up")
    with count_cases("hostile settings") as count:
        count.add()
        assert sandbox.run(settle(name=name)).startswith("refused: archive.yml:1: ")


def test_a_run_that_is_told_to_look_at_hostile_names_looks_at_none(sandbox: Sandbox) -> None:
    sandbox.make_repository("up")
    with count_cases("hostile settings") as count:
        count.add(len(NAMES))
        assert sandbox.run(settle(), tuple(NAMES)) == ""


@pytest.mark.parametrize("branch", BRANCHES, ids=lambda branch: ascii(branch)[:60])
def test_a_hostile_branch_is_refused(branch: str, sandbox: Sandbox) -> None:
    sandbox.make_repository("up")
    with count_cases("hostile settings") as count:
        count.add()
        assert sandbox.run(settle(branch=branch)) != "archived 2"


@pytest.mark.parametrize("branch", ODD_BRANCHES, ids=ascii)
def test_a_branch_with_an_odd_name_is_followed_like_any_other(branch: str, sandbox: Sandbox) -> None:
    sandbox.make_repository("up", branch)
    with count_cases("hostile settings") as count:
        count.add()
        assert sandbox.run(settle(branch=branch)) == "archived 2"


@pytest.mark.parametrize("name", ODD_FOLDERS, ids=ascii)
def test_a_repository_in_a_folder_with_an_odd_name_is_followed_or_refused(
    name: str, sandbox: Sandbox
) -> None:
    sandbox.make_repository(name)
    with count_cases("hostile settings") as count:
        count.add()
        assert sandbox.run(settle(url=f"./{name}")) == "archived 2"


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: ascii(text)[:60])
def test_hostile_settings_run_nothing(text: str, sandbox: Sandbox) -> None:
    sandbox.make_repository("up")
    with count_cases("hostile settings") as count:
        count.add()
        sandbox.run(text)


def test_hostile_tags_and_other_refs_stay_where_they_are(sandbox: Sandbox) -> None:
    repository = sandbox.make_repository("up")
    sha = (repository.folder / "refs" / "heads" / "main").read_text().strip()
    names = [name for name in ODD_BRANCHES if "/" not in name]
    for kind in ("tags", "replace", "notes", "daybook", "remotes/origin"):
        (repository.folder / "refs" / kind).mkdir(parents=True, exist_ok=True)
        for name in (*names, "--upload-pack=touch trap", "tip", "incoming"):
            (repository.folder / "refs" / kind / name).write_text(f"{sha}\n")
    with count_cases("hostile settings") as count:
        count.add(5 * (len(names) + 3))
        assert sandbox.run(settle()) == "archived 2"
    (mirror,) = (sandbox.root / ".daybook" / "mirrors").rglob("*.git")
    refs = run_git(mirror, "for-each-ref", "--format=%(refname)").split()
    assert set(refs) <= {"refs/daybook/tip", "refs/daybook/incoming"}


HOOKS = (
    "applypatch-msg commit-msg fsmonitor-watchman p4-pre-submit post-applypatch post-checkout post-commit "
    "post-index-change post-merge post-receive post-rewrite post-update pre-applypatch pre-auto-gc pre-commit "
    "pre-merge-commit pre-push pre-rebase pre-receive prepare-commit-msg proc-receive push-to-checkout "
    "reference-transaction sendemail-validate update"
).split()
KEYS = (
    "core.fsmonitor core.sshCommand core.gitProxy core.pager core.editor core.askPass core.alternateRefsCommand "
    "diff.external diff.x.command diff.x.textconv filter.x.clean filter.x.smudge filter.x.process merge.x.driver "
    "gpg.program gpg.ssh.program gpg.ssh.defaultKeyCommand credential.helper uploadpack.packObjectsHook "
    "sequence.editor interactive.diffFilter pager.log alias.diff-tree alias.rev-list trace2.eventTarget "
    "submodule.x.update remote.origin.uploadpack remote.origin.vcs uploadarchive.x http.proxy.x"
).split()


def test_nothing_of_the_followed_repository_runs(sandbox: Sandbox) -> None:
    repository = sandbox.make_repository("up")
    (repository.folder / "hooks").mkdir()
    ran = sandbox.folder / "ran"

    def arm(name: str) -> Path:
        """Make a program that leaves a mark, and nothing more to wish for."""
        program = sandbox.folder / "bin" / name
        program.write_text(f"#!/bin/sh\necho {name} >> '{ran}'\n")
        program.chmod(0o755)
        return program

    for name in HOOKS:
        arm(name).rename(repository.folder / "hooks" / name)
    config = repository.folder / "config"
    for key in KEYS:
        section, _, name = key.rpartition(".")
        head, _, rest = section.partition(".")
        place = f'[{head} "{rest}"]' if rest else f"[{head}]"
        with config.open("a") as file:
            file.write(f"{place}\n\t{name} = {arm(key)}\n")
    with config.open("a") as file:
        file.write(
            f"[core]\n\thooksPath = {repository.folder}/hooks\n\tattributesFile = {repository.folder}/attributes\n"
        )
        file.write("[protocol]\n\tallow = always\n[log]\n\tshowSignature = true\n[diff]\n\text = x\n")
    (repository.folder / "attributes").write_text("* diff=x filter=x merge=x\n")
    (repository.folder / "info").mkdir()
    (repository.folder / "info" / "attributes").write_text("* diff=x filter=x merge=x\n")
    attributes = repository.write("blob", b"* diff=x filter=x merge=x\n")
    modules = repository.write(
        "blob", f'[submodule "x"]\n\tpath = x\n\turl = ext::sh -c touch% trap\n\tupdate = !{DO}\n'.encode()
    )
    tree = repository.write_tree(
        {
            b".gitattributes": ("100644", attributes),
            b".gitmodules": ("100644", modules),
            b"a.txt": ("100644", repository.write("blob", b"signed\n")),
            b"x": ("160000", "1" * 40),
        }
    )
    signed = f"tree {tree}\nparent {(repository.folder / 'refs/heads/main').read_text().strip()}\n"
    who = f"Ada <ada@example.org> {SECONDS + 99} +0000"
    signature = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n x\n -----END PGP SIGNATURE-----\n"
    content = f"{signed}author {who}\ncommitter {who}\n{signature}\nsigned\n"
    repository.point("main", repository.write("commit", content.encode()))
    with count_cases("programs of a followed repository") as count:
        count.add(len(HOOKS) + len(KEYS) + 2)
        assert sandbox.run(settle()) == "archived 3"
        assert not ran.exists()
    # They are no empty threats.
    git = ["git", "-C", str(repository.folder)]
    subprocess.run([*git, "show", "--ext-diff", "main"], capture_output=True, check=False)
    subprocess.run([*git, "update-ref", "refs/heads/other", "main"], capture_output=True, check=False)
    assert {"gpg.program", "filter.x.process", "reference-transaction"} <= set(ran.read_text().split())


VARIABLES: Mapping[str, str] = {
    **dict.fromkeys(
        (
            *(
                "GIT_SSH_COMMAND",
                "GIT_SSH",
                "GIT_EXTERNAL_DIFF",
                "GIT_PROXY_COMMAND",
                "GIT_ASKPASS",
                "GIT_PAGER",
            ),
            *("GIT_EDITOR", "GIT_SEQUENCE_EDITOR", "SSH_ASKPASS", "PAGER", "EDITOR", "VISUAL", "BROWSER"),
        ),
        DO,
    ),
    **dict.fromkeys(
        ("GIT_TRACE", "GIT_TRACE2", "GIT_TRACE2_EVENT", "GIT_TRACE_PACKET", "GIT_TRACE_CURL"), "TRAP"
    ),
    **dict.fromkeys(
        ("GIT_DIR", "GIT_WORK_TREE", "GIT_OBJECT_DIRECTORY", "GIT_INDEX_FILE", "GIT_TEMPLATE_DIR"), "TRAP"
    ),
    **dict.fromkeys(
        ("GIT_CONFIG_SYSTEM", "GIT_CONFIG_PARAMETERS", "GIT_ATTR_SOURCE", "GIT_NAMESPACE"), "TRAP"
    ),
    **dict.fromkeys(
        ("GIT_SHALLOW_FILE", "GIT_GRAFT_FILE", "GIT_REPLACE_REF_BASE", "GIT_CEILING_DIRECTORIES"), "TRAP"
    ),
    **{"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "core.fsmonitor", "GIT_CONFIG_VALUE_0": DO},
}


def test_no_variable_of_the_environment_changes_what_git_does(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox.make_repository("up")
    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, value.replace("TRAP", str(sandbox.folder / f"trap-{name}")))
    with count_cases("hostile variables") as count:
        count.add(len(VARIABLES))
        assert sandbox.run(settle()) == "archived 2"


def test_there_are_as_many_hostile_words_as_the_archive_promises_to_stand() -> None:
    assert len({*URLS, *NAMES, *BRANCHES, *ODD_BRANCHES, *ODD_FOLDERS, *TEXTS}) >= 200


def test_the_sandbox_notices_what_it_is_there_for(sandbox: Sandbox, tmp_path: Path) -> None:
    sandbox.make_repository("up")
    planted = {
        "a program": lambda: os.system("true"),
        "a file elsewhere": lambda: (tmp_path / "stolen").write_text("x"),
        "a file beside the archive": lambda: (sandbox.root / "trap").write_text("x"),
    }
    update = sandbox._update
    for act in planted.values():
        sandbox._update = lambda only, act=act: (act(), update(only))[1]  # type: ignore[method-assign,misc]
        with pytest.raises(AssertionError):
            sandbox.run(settle())
