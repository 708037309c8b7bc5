"""Keep the diff of a small commit for its page: all of its changed lines, or none.

This module must not read git or a file, and must be given patches whose secrets are replaced.
"""

from __future__ import annotations

from generator.patches import Change, Patch
from generator.record_additions import FileDiff

# In UTF-8, line breaks and paths included. Larger diffs are for the host: there are as many pages as commits.
LARGEST_DIFF = 2_000
MOST_LINES = 60
# In characters. What is longer was written by a program, and is not read to its end.
LONGEST_LINE = 300
_MARK = "\u2026"


def keep_diff(change: Change) -> tuple[FileDiff, ...] | None:
    """Keep a commit's changed lines with those around them; None where they are many, or git has not told all."""
    if not change.patches or not _is_whole(change):
        return None
    if sum(patch.text.count("\n") for patch in change.patches) > MOST_LINES:
        return None
    kept = tuple(map(_keep, change.patches))
    return kept if sum(map(_weigh, kept)) <= LARGEST_DIFF else None


def _is_whole(change: Change) -> bool:
    """Say whether every line that git counted is at hand."""
    facts = change.facts
    told = {patch.path for patch in change.patches if patch.complete}
    changed = {file.path for file in facts.files if file.insertions or file.deletions}
    return facts.totals.files == len(facts.files) and changed == told


def _keep(patch: Patch) -> FileDiff:
    lines = patch.text.removesuffix("\n").split("\n")
    cut = [line if len(line) <= LONGEST_LINE else line[:LONGEST_LINE] + _MARK for line in lines]
    shortened = sum(len(line) > LONGEST_LINE for line in lines)
    return FileDiff(path=patch.path, text="\n".join(cut), cut=shortened or None)


def _weigh(diff: FileDiff) -> int:
    return len(diff.path.encode()) + len(diff.text.encode()) + 2
