"""Read what is asked: two ends, and which commits between them are wanted.

This module must not know a repository: whether there are such commits is not asked here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from generator.collect.revisions import Revision, parse_range
from generator.config_values import Refusal
from generator.globs import check_glob


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked.

    `globs` keep commits with a changed file that matches one; none of them: every commit. `is_breaking_only` keeps
    those that break their users, or may.
    """

    old: Revision
    new: Revision
    globs: tuple[str, ...] = ()
    is_breaking_only: bool = False


def parse_question(commits: str, globs: Sequence[str] = (), *, is_breaking_only: bool = False) -> Question:
    """Read `OLD..NEW` and the globs. Raises ValueError, whose text says what is wrong and what to write."""
    old, new = parse_range(commits)
    wanted = tuple(dict.fromkeys(map(_check_glob, globs)))
    return Question(old=old, new=new, globs=wanted, is_breaking_only=is_breaking_only)


def _check_glob(glob: str) -> str:
    try:
        return check_glob(glob)
    except Refusal as refusal:
        raise ValueError(f"{glob[:80]!a} {refusal.reason}. {refusal.next_step}") from None
