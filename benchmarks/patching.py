"""Make the patches of a drafted commit: as many hunks and lines as real ones have, of the same lengths.

This module must not know git: what is in a line means nothing, and only its length is like a real one's.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

from benchmarks.distributions import AROUND, CHANGED, HEADS, MORE_HUNKS
from benchmarks.drafting import Draft, Touch
from benchmarks.wording import make_line
from generator.patches import Patch
from generator.small_diffs import MOST_LINES


def make_patches(draft: Draft) -> tuple[Patch, ...]:
    """Make a commit's patches; those of one that has too many lines for a diff of its own are left out."""
    touches = [touch for touch in draft.touches if touch.insertions or touch.deletions]
    if draft.side or sum(touch.insertions + touch.deletions for touch in touches) > MOST_LINES:
        return ()
    chance = random.Random(f"patches {draft.sha}")
    return tuple(
        Patch(path=touch.path, text="".join(f"{line}\n" for line in _list_lines(touch, chance)))
        for touch in touches
    )


def _list_lines(touch: Touch, chance: random.Random) -> Iterator[str]:
    """List the lines of a file's patch; a new or removed file has nothing around its lines."""
    hunks = 1 if touch.status in "AD" else _count_hunks(touch.insertions + touch.deletions, chance)
    around = 0 if touch.status in "AD" else 3
    for hunk in range(hunks):
        removed, added = (
            count * (hunk + 1) // hunks - count * hunk // hunks
            for count in (touch.deletions, touch.insertions)
        )
        head = f"@@ -{hunk * 100 + 10},{removed + 2 * around} +{hunk * 100 + 10},{added + 2 * around} @@ "
        yield head + make_line(chance, max(0, HEADS.draw_whole(chance) - len(head)))
        marks = " " * around + "-" * removed + "+" * added + " " * around
        for mark in marks:
            length = (AROUND if mark == " " else CHANGED).draw_whole(chance) - 1
            yield mark + (make_line(chance, length) if length > 0 else "")


def _count_hunks(lines: int, chance: random.Random) -> int:
    return 1 + sum(lines > least and chance.random() < share for least, share in MORE_HUNKS)
