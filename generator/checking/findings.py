"""Define what a look over an archive found, and what a repair did.

This module must not look at anything itself.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One place, such as `docs/ada/engine/2026/01/06.json`, and what is to be said of it."""

    place: str
    fact: str

    def __str__(self) -> str:
        """Say it in one line."""
        return f"{self.place}: {self.fact}"


@dataclass(slots=True)
class Findings:
    """What a look found.

    `unseen` could not be looked at, or not to the end, and so may hide a problem. `waiting` is what a run or a build
    has still to do, which is no problem. `checked` counts what was looked at, by its sort.
    """

    problems: list[Finding] = field(default_factory=list)
    unseen: list[Finding] = field(default_factory=list)
    waiting: list[Finding] = field(default_factory=list)
    checked: Counter[str] = field(default_factory=Counter)

    @property
    def exit_code(self) -> int:
        """1 with a problem; 3 where something could not be looked at; 0 is kept for what was looked at all over."""
        if self.problems:
            return 1
        return 3 if self.unseen else 0


@dataclass(slots=True)
class Repairs:
    """What a repair did.

    `aside` are (file, where it is now), `restored` the files that came back from their copy in site/, `remade` the
    repositories whose own record was made anew. `collected` counts, by repository, the days that changed and the
    commits that were collected again. `pages` were written or removed, `files` of site/ are for the next
    build to mend. `unseen` could not be looked at, `unmended` is what is still broken.
    """

    aside: list[tuple[str, str]] = field(default_factory=list)
    restored: list[str] = field(default_factory=list)
    remade: list[str] = field(default_factory=list)
    collected: dict[str, tuple[int, int]] = field(default_factory=dict)
    pages: int = 0
    files: int = 0
    unseen: list[Finding] = field(default_factory=list)
    unmended: list[Finding] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        """1 where something is still broken; 3 where something could not be looked at; 0 where all is whole."""
        if self.unmended:
            return 1
        return 3 if self.unseen else 0
