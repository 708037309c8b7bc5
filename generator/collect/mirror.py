"""Keep a bare mirror of a repository up to date, and read commits and diffs back from it as bytes.

This module must not interpret what it reads: decoding is the other modules' job.
"""

from __future__ import annotations

import os
import re
import shutil
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path
from typing import IO, NamedTuple

from generator.collect.changes import SHA_LINE
from generator.collect.decode import find_parents, find_tree
from generator.collect.parts import cut
from generator.collect.process import OFFLINE, Git, GitError, Tell
from generator.collect.sides import find_behind_sha, find_sides
from generator.collect.tags import ALL_TAGS, parse_tags
from generator.errors import ArchiveError, MisnamedError, RemoteError

_TIP = "refs/daybook/tip"
_INCOMING = "refs/daybook/incoming"
# What was looked up by name since the last fetch.
_NAMED = "refs/daybook/named/"
# Tags off the tracked branch, each by its commit.
_TAGS = "refs/daybook/tags/"
_OLDEST_GIT = (2, 31)  # --diff-merges=first-parent
# Treeless, because a commit graph alone is a tenth of a large repository and a blobless one a third.
_FILTER = "tree:0"
_OBJECTS_A_FETCH = 20_000
# A run brings three packs, and git opens every one of them in each of its processes.
_MOST_PACKS = 60
_REMAKE = "Remove its folder under .daybook/mirrors/ and run the command again; the mirror is made anew."
_LOCAL_STEP = "Write the path of a git repository, absolute or from archive.yml's folder."
_DIFF = ("-r", "--root", "--no-ext-diff", "--no-textconv", "--no-color", "--ignore-submodules=none")
_AGAINST_FIRST = ("--always", "--raw", "-M", "-l1000", "--abbrev=40", "--diff-merges=first-parent")
_NAMES = ("--raw", "--no-renames", "--abbrev=40", "--diff-merges=first-parent")


class Tip(NamedTuple):
    """Where a branch stands: its name (`HEAD` for a detached one) and its commit."""

    branch: str
    sha: str


class Node(NamedTuple):
    """One commit of the graph, with its committer date in seconds since the epoch as git reads it."""

    sha: str
    parents: tuple[str, ...]
    seconds: int


class Mirror:
    """A local bare copy of one repository: the whole commit graph, and the contents that were asked for.

    The remote stands on the command line of the commands that may use it, never in the mirror's configuration:
    a command that only reads cannot reach the network, whatever is missing.
    """

    def __init__(self, folder: Path, name: str, url: str) -> None:
        self.folder = folder
        self.name = name
        self.url = url
        self._git = Git(folder)
        # What the remote's tags pointed at when it was last fetched, by their names; None before.
        self.tags: Mapping[str, str] | None = None
        # The commits of the last fetch of contents.
        self._held: frozenset[str] = frozenset()

    def fetch(self, branch: str | None, tell: Tell) -> Tip:
        """Bring the mirror up to the remote's branch, its default branch when `branch` is None.

        `tell` is called with what git is doing and the per cent of it that is done.
        Raises RemoteError when the remote cannot be looked at, ArchiveError when git is too old.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        self._remove_leftovers()
        self._check_version()
        self._check_local()
        tip = self._find_tip(branch)
        # Each time: it mends a mirror whose making was cut short, and leaves a whole one as it is.
        kind = "sha256" if len(tip.sha) == 64 else "sha1"
        self._run("init", "--bare", "--quiet", "--template=", f"--object-format={kind}")
        # Its default branch by HEAD, because a name that is no UTF-8 cannot be given back as it was.
        source = "HEAD" if branch is None else f"refs/heads/{branch}"
        # The old tip stays a ref of its own: what refs reach is what the server need not send again.
        self._run("update-ref", "-d", _INCOMING)
        self._forget_named()
        self._transfer([f"+{source}:{_INCOMING}"], [], tell)
        sha = self._run("for-each-ref", "--format=%(objectname)", _INCOMING).decode().strip()
        if not sha:
            raise self._refuse_shallow()
        self._run("update-ref", _TIP, sha)
        self._join_packs()
        return Tip(tip.branch, sha)

    def find_existing(self, names: Iterable[str]) -> dict[str, str]:
        """Map those of `names` (full or short SHAs) that name one commit of the mirror to its full SHA."""
        names = list(names)
        if not names:
            return {}
        answers = self._run("cat-file", "--batch-check=%(objectname) %(objecttype)", lines=names).splitlines()
        found = ((name, answer.split()) for name, answer in zip(names, answers, strict=True))
        return {name: words[0].decode() for name, words in found if words[1:] == [b"commit"]}

    def find_named(self, name: str) -> str | None:
        """Find the commit of what was looked up by this name since the last fetch."""
        return self._find_commit(_NAMED + name)

    def find_tip(self) -> str | None:
        """Find where the tracked branch stood at the last fetch."""
        return self._find_commit(_TIP)

    def find_starting(self, beginning: str) -> list[str]:
        """Find the commits whose SHA begins with these four or more hexadecimal digits."""
        found = self._run("rev-parse", f"--disambiguate={beginning}").decode().split()
        return sorted(self.find_existing(found))

    def list_remote(self, *patterns: str) -> list[str]:
        """List the remote's references that match, such as `refs/tags/v1.0` or `refs/tags/*`. Raises RemoteError."""
        self._check_local()
        answer = self._run("ls-remote", "--refs", "--", self.url, *patterns, online=True)
        return [line.partition("\t")[2] for line in answer.decode("utf-8", "replace").splitlines()]

    def fetch_named(self, source: str, name: str) -> None:
        """Fetch a reference of the remote, or a commit, with all its history; keep it by a name until the next fetch.

        Raises RemoteError.
        """
        self._transfer([f"+{source}:{_NAMED}{name}"], [], None)

    def fetch_tags(self, tags: Mapping[str, str]) -> None:
        """Fetch the history behind tags that it lacks, for good; each has the name of what it points at here.

        Raises RemoteError.
        """
        answers = self._run("cat-file", "--batch-check", lines=tags.values()).splitlines()
        missing = {words[0].decode() for words in map(bytes.split, answers) if words[1:] == [b"missing"]}
        wanted = {sha: tag for tag, sha in tags.items() if sha in missing}
        refspecs = [f"+refs/tags/{tag}:{_TAGS}{sha}" for sha, tag in sorted(wanted.items())]
        try:
            if refspecs:
                self._transfer(refspecs, [], None)
        except RemoteError:
            # One that points at no commit spoils the fetch of others, but not its own.
            for refspec in refspecs:
                self._transfer([refspec], [], None)

    def count_apart(self, old: str, new: str) -> tuple[int, int]:
        """Count the commits that `old` has and `new` has not, and those that `new` has and `old` has not."""
        left, right = self._run("rev-list", "--left-right", "--count", f"{old}...{new}").split()
        return int(left), int(right)

    def is_ancestor(self, old: str, new: str) -> bool:
        """Say whether `old` is reachable from `new`."""
        return not self._run("rev-list", "--max-count=1", "--stdin", lines=[old, f"^{new}"])

    def walk(self, tip: str, excluded: Iterable[str] = (), *options: str) -> Iterator[Node]:
        """Yield what is reachable from `tip` and from none of `excluded`, children before parents.

        `options` go to git-rev-list(1), such as `--max-count=N`.
        """
        lines = [tip, *(f"^{sha}" for sha in excluded)]
        arguments = ("rev-list", "--topo-order", "--parents", "--timestamp", *options, "--stdin")
        with self._open(arguments, lines) as output:
            for line in output:
                seconds, sha, *parents = line.decode().split()
                yield Node(sha, tuple(parents), int(seconds))

    def find_newest(self, tip: str, count: int) -> list[str]:
        """List the newest commits reachable from `tip` that are no merges, newest committer date first."""
        return (
            self._run("rev-list", "--no-merges", f"--max-count={count}", "--stdin", lines=[tip])
            .decode()
            .split()
        )

    def fetch_contents(self, shas: Sequence[str]) -> None:
        """Fetch what the diffs of these commits need, in two batches: trees, then file contents.

        Nothing is looked up where the last call has fetched it already. Raises RemoteError.
        """
        if self._held.issuperset(shas):
            return
        sizes: list[tuple[str, int]] = []
        trees: set[str | None] = set()
        parents: set[str] = set()
        for sha, content in zip(shas, self.read_commits(shas), strict=True):
            sizes.append((sha, len(content)))
            trees.add(find_tree(content))
            parents.update(find_parents(content))
        trees.update(map(find_tree, self.read_commits(sorted(parents.difference(shas)))))
        # One that names no tree is for git to complain of.
        self._fetch_missing(sorted(tree for tree in trees if tree))
        blobs = {blob for part in cut(sizes) for blob in self._find_blobs(part)}
        self._fetch_missing(sorted(blobs))
        self._held = frozenset(shas)

    def read_commits(self, shas: Sequence[str]) -> Iterator[bytes]:
        """Yield the raw commit objects, in the order of `shas`."""
        with self._open(("cat-file", "--batch"), shas) as output:
            for sha in shas:
                header = output.readline().split()
                if header[1:2] != [b"commit"]:
                    raise RemoteError(f"{self.name}: the mirror has no commit {sha}", _REMAKE)
                content = output.read(int(header[2]))
                output.readline()
                yield content

    def find_reverted(self, sha: str, short: Iterable[str]) -> dict[str, str]:
        """Map those short SHAs that name one ancestor of a commit to the whole ones."""
        found = self.find_existing([f"{name}^{{commit}}" for name in short])
        return {name[:-9]: old for name, old in found.items() if self.is_ancestor(old, sha)}

    @contextmanager
    def open_diffs(self, shas: Sequence[str]) -> Iterator[IO[bytes]]:
        """Open one stream of raw lines and patches of many commits, each against its first parent.

        The format is git-diff-tree(1)'s with --raw -p, paths quoted, each commit behind a line with its SHA.
        """
        with self._open(("diff-tree", "--stdin", *_DIFF, *_AGAINST_FIRST, "-p"), shas) as output:
            yield output

    @contextmanager
    def open_files(self, shas: Sequence[str]) -> Iterator[IO[bytes]]:
        """Open the same stream without patches, which costs a comparison of trees and no more."""
        with self._open(("diff-tree", "--stdin", *_DIFF, *_AGAINST_FIRST), shas) as output:
            yield output

    @contextmanager
    def open_names(self, shas: Sequence[str]) -> Iterator[IO[bytes]]:
        """Open the same stream without patches and renames, for which git opens no file."""
        with self._open(("diff-tree", "--stdin", *_DIFF, "--always", *_NAMES), shas) as output:
            yield output

    def find_enormous(self, shas: Sequence[str], size: int) -> frozenset[str]:
        """Find those of these commits, no merges, that add or remove a file of more than `size` bytes.

        To say that such a file is binary git reads it whole, however large it is, where it has but one side.
        """
        holders: dict[str, set[str]] = defaultdict(set)
        sha = ""
        with self._open(("diff-tree", "--stdin", *_DIFF, "--diff-filter=ADT", *_NAMES), shas) as output:
            for line in output:
                if SHA_LINE.fullmatch(line):
                    sha = line.strip().decode("ascii")
                for blob in find_sides(line):
                    holders[blob].add(sha)
        answers = self._run("cat-file", "--batch-check", lines=holders).splitlines() if holders else []
        sizes = (words for words in map(bytes.split, answers) if words[1:2] == [b"blob"])
        found = (holders[words[0].decode()] for words in sizes if int(words[2]) > size)
        return frozenset().union(*found)

    @contextmanager
    def open_own_changes(self, merges: Sequence[str]) -> Iterator[IO[bytes]]:
        """Open one stream of what merges change that is in none of their parents, in git's --cc format.

        A merge that changes nothing of its own is its SHA line alone, or is left out.
        """
        # Only files that differ from every parent can hold such lines; comparing trees finds them cheaply.
        touched = find_behind_sha(
            self._run("diff-tree", "--stdin", *_DIFF, "-c", "--raw", lines=merges), b"::"
        )
        with self._open(("diff-tree", "--stdin", *_DIFF, "--cc", "-U0"), sorted(touched)) as output:
            yield output

    def _remove_leftovers(self) -> None:
        """Remove what a git that was killed has left: lock files, and packs that it had not come to the end of.

        Every later git would refuse to touch what they lock, and none ever removes a pack that was begun. Whoever
        fetches holds the archive's own lock, so no git is at work for anybody else.
        """
        locks = (*self.folder.glob("*.lock"), *(self.folder / "refs").rglob("*.lock"))
        for left in (*locks, *(self.folder / "objects" / "pack").glob("tmp_*")):
            left.unlink(missing_ok=True)

    def _join_packs(self) -> None:
        """Make one pack of many; objects are copied as they are, because looking for deltas would take minutes."""
        packs = self.folder / "objects" / "pack"
        if sum(1 for _ in packs.glob("*.pack")) > _MOST_PACKS:
            with self._open(
                ("repack", "-a", "-d", "-k", "-q", "--window=0"), settings=["pack.threads=1"]
            ) as output:
                output.read()

    def _forget_named(self) -> None:
        """Forget what was looked up by name: a tag may have moved since."""
        lines = self._run("for-each-ref", "--format=delete %(refname)", _NAMED).decode()
        if lines:
            self._run("update-ref", "--stdin", lines=lines.splitlines())

    def _find_commit(self, ref: str) -> str | None:
        return next(iter(self.find_existing([f"{ref}^{{commit}}"]).values()), None)

    def _check_version(self) -> None:
        match = re.search(r"(\d+)\.(\d+)", self._run("version").decode())
        if match is None or tuple(map(int, match.groups())) < _OLDEST_GIT:
            raise ArchiveError(
                f"git {match.group() if match else ''} is too old",
                f"Install git {'.'.join(map(str, _OLDEST_GIT))} or newer.",
            )

    def _check_local(self) -> None:
        if self.url.startswith("https://"):
            return
        folder = Path(self.url)
        is_bare = all(_is_there(folder / part) for part in ("HEAD", "objects", "refs"))
        if not _is_there(folder):
            raise MisnamedError("url", f"{self.name}: there is nothing at {folder}", _LOCAL_STEP)
        if not is_bare and not _is_there(folder / ".git"):
            raise MisnamedError("url", f"{self.name}: {folder} is not a git repository", _LOCAL_STEP)

    def _find_tip(self, branch: str | None) -> Tip:
        wanted = "HEAD" if branch is None else f"refs/heads/{branch}"
        # The tags with it: git asks for all references and chooses among them itself, so that they cost nothing.
        output = self._run("ls-remote", "--symref", "--", self.url, wanted, ALL_TAGS, online=True)
        answer = output.decode("utf-8", "replace")
        lines = [
            left
            for left, tab, right in (line.partition("\t") for line in answer.split("\n"))
            if right == wanted
        ]
        shas = [left for left in lines if not left.startswith("ref: ")]
        if not shas:
            raise self._explain_missing(branch)
        self.tags = parse_tags(answer)
        heads = "ref: refs/heads/"
        symbolic = [left.removeprefix(heads) for left in lines if left.startswith(heads)]
        return Tip(branch or (symbolic[0] if symbolic else "HEAD"), shas[0])

    def _explain_missing(self, branch: str | None) -> RemoteError:
        if branch is None:
            return RemoteError(
                f"{self.name}: the repository has no commits yet", "Push a commit, or name a branch."
            )
        answer = self._run("ls-remote", "--heads", "--", self.url, online=True).decode("utf-8", "replace")
        heads = sorted(line.split("refs/heads/", 1)[1] for line in answer.splitlines())
        close = get_close_matches(branch, heads, n=1)
        listed = ", ".join(heads[:8]) + (", …" if len(heads) > 8 else "")
        hint = (
            f"Did you mean '{close[0]}'?"
            if close
            else f"Name one of its branches: {listed or 'it has none yet'}."
        )
        return MisnamedError("branch", f"{self.name}: there is no branch '{branch}'", hint)

    def _refuse_shallow(self) -> RemoteError:
        # Git ends with 0 when it rejects a ref, and a shallow source is the one reason it has for a forced one.
        # The commits that came without their parents would pass for whole in a later fetch, so the mirror goes.
        shutil.rmtree(self.folder)
        return RemoteError(
            f"{self.name}: it is a shallow clone, which lacks the history that tells what landed",
            "Run `git fetch --unshallow` there; for a checkout made by a workflow, set its fetch-depth to 0.",
        )

    def _transfer(self, refspecs: Sequence[str], lines: Sequence[str], tell: Tell | None) -> None:
        settings = [
            f"remote.origin.url={self.url}",
            "remote.origin.promisor=true",
            f"remote.origin.partialclonefilter={_FILTER}",
            # Without negotiation the server sends an asked-for tree whole, also where we hold a commit that has it.
            *(["fetch.negotiationAlgorithm=noop"] if lines else []),
        ]
        arguments = ["fetch", "--progress", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules"]
        arguments += [f"--filter={'blob:none' if lines else _FILTER}", *(["--stdin"] if lines else [])]
        with self._open([*arguments, "origin", *refspecs], lines, settings, tell, online=True) as output:
            output.read()

    def _fetch_missing(self, objects: Iterable[str]) -> None:
        answers = self._run("cat-file", "--batch-check", lines=objects).splitlines()
        missing = [words[0].decode() for words in map(bytes.split, answers) if words[1:] == [b"missing"]]
        for start in range(0, len(missing), _OBJECTS_A_FETCH):
            self._transfer([], missing[start : start + _OBJECTS_A_FETCH], None)

    def _find_blobs(self, shas: Sequence[str]) -> set[str]:
        """Find the file contents on both sides of the commits' diffs, for merges those of every parent."""
        found: set[str] = set()
        for options in (("--diff-merges=first-parent",), ("-c",)):
            arguments = ("diff-tree", "--stdin", *_DIFF, "--raw", "--no-renames", "--abbrev=40", *options)
            with self._open(arguments, shas) as output:
                for line in output:
                    found.update(find_sides(line))
        return found

    def _run(self, *arguments: str, lines: Iterable[str] = (), online: bool = False) -> bytes:
        with self._open(arguments, lines, online=online) as output:
            return output.read()

    @contextmanager
    def _open(
        self,
        arguments: Sequence[str],
        lines: Iterable[str] = (),
        settings: Sequence[str] = (),
        tell: Tell | None = None,
        *,
        online: bool = False,
    ) -> Iterator[IO[bytes]]:
        """Run git, and say of what repository it was when it fails, and what to do."""
        remote = "https" if self.url.startswith("https://") else "file"
        protocols = remote if online else OFFLINE
        try:
            with self._git.open(
                arguments, lines, settings=settings, protocols=protocols, tell=tell
            ) as output:
                yield output
        except GitError as error:
            # What git says is published on the status page, and no path of a machine belongs there.
            shown = str(error).replace(str(self.folder), "its mirror").replace(self.url, self.name)
            next_step = "The next run tries again." if online else _REMAKE
            raise RemoteError(f"{self.name}: {shown}", next_step) from None


def place_mirror(root: Path, name: str) -> Path:
    """Say where in an archive's folder the mirror of a repository stands."""
    return root / ".daybook" / "mirrors" / f"{name}.git"


def _is_there(path: Path) -> bool:
    # Path.exists raises where a folder may not be looked into, or a name is too long for the disk.
    return os.path.exists(path)  # noqa: PTH110
