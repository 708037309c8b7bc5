"""Define what records keep of a commit beside facts: its diff, what belongs to it, what of its analysis was checked.

This module must not touch the disk, nor know the rest of a record.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import Field

from generator.record_base import RecordModel, Sha

# Of each sort, the first by landing: a commit that everything mends must not change its record again and again.
MOST_RELATED: Final = 20


class FileDiff(RecordModel):
    """The changed lines of one file with those around them, as git prints them from the first `@@` on.

    Secrets are replaced. `cut` counts the lines of which only the beginning is here, None where there are none.
    """

    path: str
    text: str
    cut: Annotated[int, Field(ge=1)] | None = None


class Related(RecordModel):
    """Other commits of the archive that belong to one, at most `MOST_RELATED` of each sort, by when they landed.

    `same_pull_request` are of the pull request with the same number. `follows` are earlier ones that the message says
    it mends or follows up; `followed_by` are later ones whose messages say so of this one.
    """

    same_pull_request: tuple[Sha, ...] = ()
    follows: tuple[Sha, ...] = ()
    followed_by: tuple[Sha, ...] = ()


class Contradiction(RecordModel):
    """Where a model's word stands against the rules', each as the vocabulary's values."""

    field: Literal["kinds", "importance", "breaking"]
    rules: tuple[str, ...]
    model: tuple[str, ...]


class Grounding(RecordModel):
    """Claims of an analysis, checked against the commit.

    A claim is a path, code in backticks, a pull request or a version; what is not found stands here and, if it
    was an entry of its own, nowhere else.
    """

    confirmed: tuple[str, ...] = ()
    not_found: tuple[str, ...] = ()
