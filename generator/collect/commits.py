"""Put together what git says of many commits: message, dates, changed files and patches.

This module must not decide which commits matter; it is given their SHAs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from generator.collect.changes import Diff, read_diffs
from generator.collect.combined import add_own_patches, read_own_patches
from generator.collect.decode import RawCommit, decode_commit, is_merge
from generator.collect.message import Message, parse_message
from generator.collect.mirror import Mirror
from generator.records import Change, Facts, FileChange, Nature

# Merges by their SHA: what each changed, and whether it changed nothing of its own.
_Merges = dict[str, tuple[Diff, bool]]
# Characters of patches.
_AHEAD = 30_000_000


def read_changes(mirror: Mirror, shas: Sequence[str]) -> Iterator[Change]:
    """Yield one Change a commit, in the order of `shas`; their contents must have been fetched.

    A handful of git processes serve all of them; those for merges run beside the stream of the others.
    """
    contents = list(mirror.read_commits(shas))
    merges = [sha for sha, content in zip(shas, contents, strict=True) if is_merge(content)]
    others = [sha for sha, content in zip(shas, contents, strict=True) if not is_merge(content)]
    with ThreadPoolExecutor(max_workers=1) as beside, mirror.open_diffs(others) as stream:
        merged = beside.submit(_read_merges, mirror, merges)
        diffs = _read_ahead(read_diffs(stream), merged)
        raws = [decode_commit(content) for content in contents]
        messages = [parse_message(raw.message, mirror.name) for raw in raws]
        for sha, raw, message in zip(shas, raws, messages, strict=True):
            diff, is_clean = merged.result()[sha] if len(raw.parents) > 1 else (next(diffs), False)
            reverts = _find_reverts(mirror, sha, message.reverted)
            yield _make_change(raw, message, diff, reverts, is_clean_merge=is_clean)


def _read_ahead(diffs: Iterator[Diff], other: Future[_Merges]) -> Iterator[Diff]:
    """Read diffs while the other work is under way, so that no full pipe stops git; hold no more than `_AHEAD`."""
    ahead: list[Diff] = []
    size = 0
    for diff in diffs:
        ahead.append(diff)
        size += sum(len(patch.text) for patch in diff.patches)
        if other.done() or size > _AHEAD:
            break
    yield from ahead
    yield from diffs


def _read_merges(mirror: Mirror, merges: Sequence[str]) -> _Merges:
    """Read which files merges bring in, and the lines that are their own; the other lines are the side commits'."""
    if not merges:
        return {}
    with mirror.open_own_changes(merges) as stream:
        own = read_own_patches(stream)
    with mirror.open_files(merges) as stream:
        return {
            diff.sha: (add_own_patches(diff, own.get(diff.sha, ())), diff.sha not in own)
            for diff in read_diffs(stream)
        }


def read_subjects(mirror: Mirror, shas: Sequence[str]) -> list[str]:
    """Read the subjects of commits, in the order of `shas`."""
    return [
        parse_message(decode_commit(content).message, mirror.name).subject
        for content in mirror.read_commits(shas)
    ]


def _find_reverts(mirror: Mirror, sha: str, stated: Sequence[str]) -> tuple[str, ...]:
    """Keep whole SHAs as the message states them; a short one counts where it names an ancestor, for ever the same."""
    short = [name for name in stated if len(name) != len(sha)]
    known = mirror.find_reverted(sha, short) if short else {}
    return tuple(
        dict.fromkeys(known.get(name, name) for name in stated if name in known or name not in short)
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
