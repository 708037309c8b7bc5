"""Put together what git says of many commits: message, dates, changed files and patches.

This module must not decide which commits matter; it is given their SHAs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace

from generator.collect.changes import Diff, call_binary, read_diffs
from generator.collect.combined import add_own_changes, read_own_changes
from generator.collect.decode import RawCommit, decode_commit
from generator.collect.message import Message, parse_message
from generator.collect.mirror import Mirror
from generator.collect.parts import cut
from generator.patches import Change
from generator.records import Facts, FileChange, Nature

# Merges by their SHA: what each changed, and whether it changed nothing of its own.
_Merges = dict[str, tuple[Diff, bool]]
# Characters of patches that are read ahead, and for how many a changed file counts.
_AHEAD = 30_000_000
_FILE = 1_000
# Bytes. A commit that adds or removes a larger file is not compared; hosting services take none of twice its size.
LARGEST_FILE = 50_000_000
# Several times what the analyser reads of a title.
LONGEST_SUBJECT = 2_000
# No message of a person reverts more commits by short names, each of which costs a process.
MOST_REVERTS_LOOKED_UP = 50


def read_changes(mirror: Mirror, shas: Sequence[str]) -> Iterator[Change]:
    """Yield one Change a commit, in the order of `shas`; their contents must have been fetched.

    A handful of git processes serve all of them; those for merges run beside the stream of the others.
    """
    contents = zip(shas, mirror.read_commits(shas), strict=True)
    for part in cut(((sha, decode_commit(content)), len(content)) for sha, content in contents):
        yield from _read_part(mirror, part)


def _read_part(mirror: Mirror, part: Sequence[tuple[str, RawCommit]]) -> Iterator[Change]:
    merges = [sha for sha, raw in part if _is_merge(raw)]
    others = [sha for sha, raw in part if not _is_merge(raw)]
    enormous = mirror.find_enormous(others, LARGEST_FILE)
    compared = [sha for sha in others if sha not in enormous]
    with ThreadPoolExecutor(max_workers=1) as beside, mirror.open_diffs(compared) as stream:
        merged = beside.submit(_read_merges, mirror, merges)
        diffs = _read_ahead(read_diffs(stream), merged)
        for sha, raw in part:
            message = parse_message(raw.message, mirror.name)
            is_clean = False
            if _is_merge(raw):
                diff, is_clean = merged.result()[sha]
            else:
                diff = _read_names(mirror, sha) if sha in enormous else next(diffs)
            reverts = _find_reverts(mirror, sha, message.reverted)
            yield _make_change(raw, message, diff, reverts, is_clean_merge=is_clean)


def _is_merge(raw: RawCommit) -> bool:
    return len(raw.parents) > 1


def _read_ahead(diffs: Iterator[Diff], other: Future[_Merges]) -> Iterator[Diff]:
    """Read diffs while the other work is under way, so that no full pipe stops git; hold no more than `_AHEAD`."""
    ahead: list[Diff] = []
    size = 0
    for diff in diffs:
        ahead.append(diff)
        size += sum(len(patch.text) for patch in diff.patches) + _FILE * len(diff.files)
        if other.done() or size > _AHEAD:
            break
    yield from ahead
    yield from diffs


def _read_merges(mirror: Mirror, merges: Sequence[str]) -> _Merges:
    """Read which files merges bring in, and the lines that are their own; the other lines are the side commits'."""
    if not merges:
        return {}
    with mirror.open_own_changes(merges) as stream:
        own = read_own_changes(stream)
    with mirror.open_files(merges) as stream:
        return {
            diff.sha: (add_own_changes(diff, own.get(diff.sha, ())), diff.sha not in own)
            for diff in read_diffs(stream)
        }


def _read_names(mirror: Mirror, sha: str) -> Diff:
    """Read which files a commit changes, all as if they were binary: git is not asked to open them."""
    with mirror.open_names([sha]) as stream:
        (diff,) = read_diffs(stream)
    return replace(diff, files=tuple(file if file.submodule else call_binary(file) for file in diff.files))


def read_subjects(mirror: Mirror, shas: Sequence[str]) -> list[str]:
    """Read the subjects of commits, in the order of `shas`, up to `LONGEST_SUBJECT` characters of each."""
    return [
        parse_message(decode_commit(content).message, mirror.name).subject[:LONGEST_SUBJECT]
        for content in mirror.read_commits(shas)
    ]


def _find_reverts(mirror: Mirror, sha: str, stated: Sequence[str]) -> tuple[str, ...]:
    """Keep whole SHAs as the message states them; a short one counts where it names an ancestor, for ever the same."""
    short = [name for name in stated if len(name) != len(sha)][:MOST_REVERTS_LOOKED_UP]
    known = mirror.find_reverted(sha, short) if short else {}
    return tuple(
        dict.fromkeys(known.get(name, name) for name in stated if name in known or len(name) == len(sha))
    )


def _make_change(
    raw: RawCommit, message: Message, diff: Diff, reverts: tuple[str, ...], *, is_clean_merge: bool
) -> Change:
    facts = Facts(
        sha=diff.sha,
        parents=raw.parents,
        subject=message.subject,
        body=message.body,
        trailers=message.trailers,
        author=raw.author,
        committer=raw.committer,
        co_authors=message.co_authors,
        encoding_note=raw.encoding_note,
        nature=Nature.MERGE if is_clean_merge else find_nature(diff.files),
        files=diff.files,
        totals=diff.totals,
        pull_request=message.pull_request,
        issues=message.issues,
        reverts=reverts,
        reverts_pull_request=message.reverted_pull_request,
    )
    return Change(facts=facts, patches=diff.patches)


def find_nature(files: Sequence[FileChange]) -> Nature:
    """Tell what a commit that is no clean merge changes by itself."""
    if not files:
        return Nature.EMPTY
    if all(file.submodule for file in files):
        return Nature.SUBMODULE
    if all(_changes_mode_only(file) for file in files):
        return Nature.MODE
    return Nature.CHANGE


def _changes_mode_only(file: FileChange) -> bool:
    return (
        file.status == "M"
        and file.mode is not None
        and not file.binary
        and not (file.insertions or file.deletions)
    )
