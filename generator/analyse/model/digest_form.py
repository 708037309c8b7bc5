"""Define what a model fills in for a digest: lines, each with the commits it stands on.

This module must not know the commits; whether what is said is true is not its business.
"""

from __future__ import annotations

import re
from functools import partial
from typing import Annotated, Final

from pydantic import AfterValidator, BeforeValidator, Field

from generator.analyse.model.asks import Form
from generator.analyse.model.forms import fit_text

# In characters; the prompts ask for less.
LINE_ROOM: Final = 400
_MOST_LINES: Final = 60
_MOST_NAMED: Final = 200

_BETWEEN = re.compile(r"[\s,，、;；|/]+")


def _list_commits(value: object) -> object:
    """Take one text with several hashes for a list of them."""
    return tuple(filter(None, _BETWEEN.split(value))) if isinstance(value, str) else value


def _check_commits(commits: tuple[str, ...]) -> tuple[str, ...]:
    if len(commits) > _MOST_NAMED:
        raise ValueError("too many entries")
    return tuple(commit.strip(" `[]()#").casefold() for commit in commits)


def _check_lines(lines: tuple[LineForm, ...]) -> tuple[LineForm, ...]:
    if len(lines) > _MOST_LINES:
        raise ValueError("too many entries")
    return lines


class LineForm(Form):
    """One thing that matters."""

    # In this order, because a model says truer things of what it has just named.
    commits: Annotated[tuple[str, ...], BeforeValidator(_list_commits), AfterValidator(_check_commits)] = (
        Field(description="The hashes of the one to six commits that the line stands on, exactly as given.")
    )
    text: Annotated[str, AfterValidator(partial(fit_text, room=LINE_ROOM))] = Field(
        description="What matters, in one or two sentences of plain text."
    )


class DigestForm(Form):
    """The digest of a day or a month."""

    lines: Annotated[tuple[LineForm, ...], AfterValidator(_check_lines)] = Field(
        description="Three to seven lines, the most important first."
    )
