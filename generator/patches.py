"""Define a commit as it is collected: its facts and its patches, before anything is said of it.

This module must not touch the disk or git. Patches are let go of when a commit was analysed; records hold none of them.
"""

from __future__ import annotations

from dataclasses import dataclass

from generator.records import Facts


@dataclass(frozen=True, slots=True, kw_only=True)
class Patch:
    """The changed lines of one file as git prints them, from the first `@@` on.

    `complete` is False when the text was cut at a limit; counts in `FileChange` are never cut.
    """

    path: str
    text: str
    complete: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One commit as collected: its facts and its patches, before anything is said of it."""

    facts: Facts
    patches: tuple[Patch, ...] = ()
