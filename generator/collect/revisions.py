"""Find the commit that a word of a command names: a SHA, whole or short, a tag or a branch.

This module must not let a word reach git that git could read as anything else: an option, a path, a moment of a
reference's past or a search.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches

from generator.collect.mirror import Mirror
from generator.config_values import Refusal, check_branch
from generator.errors import RemoteError, UnknownRevisionError

_LONGEST = 250
# A name, and which of its ancestors is meant: `v1.0~3`, `main^2`.
_REVISION = re.compile(r"(?P<name>.+?)(?P<steps>(?:[~^][0-9]{0,6})*)", re.DOTALL)
_WHOLE = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_SHORT = re.compile(r"[0-9a-f]{4,63}")
_FORM = "Write two SHAs, tags or branches with two dots between, such as v1.0..main."
# What git says for a commit that the other side does not have, or does not give away.
_NOT_THEIRS = ("not our ref", "no such remote ref", "couldn't find remote ref", "unadvertised object")


@dataclass(frozen=True, slots=True)
class Revision:
    """A word that names a commit: `text` as it was written, `name` without the `steps` to an ancestor."""

    text: str
    name: str
    steps: str


def parse_range(text: str) -> tuple[Revision, Revision]:
    """Take `OLD..NEW` apart. Raises ValueError, whose text says what is wrong and what to write."""
    old, dots, new = text.partition("..")
    if not dots or not old or not new:
        raise ValueError(f"{_show(text)} is no range. {_FORM}")
    if new.startswith("."):
        raise ValueError(f"{_show(text)} has three dots. {_FORM}")
    return parse_revision(old), parse_revision(new)


def parse_revision(text: str) -> Revision:
    """Take one name of a commit apart. Raises ValueError as `parse_range` does."""
    match = _REVISION.fullmatch(text) if len(text) <= _LONGEST else None
    if match is None:
        raise ValueError(f"{_show(text)} names no commit. {_FORM}")
    try:
        name = check_branch(match["name"])
    except Refusal:
        raise ValueError(f"{_show(text)} names no commit. {_FORM}") from None
    return Revision(text, name, match["steps"])


def find_revision(mirror: Mirror, branch: str | None, revision: Revision) -> str | None:
    """Find the commit in the mirror alone; None where it does not know the name. `branch` is the tracked one.

    Raises UnknownRevisionError where the name is known and there is no such commit.
    """
    name = revision.name
    if name == branch:
        found = mirror.find_tip()
    elif _WHOLE.fullmatch(name.lower()):
        found = next(iter(mirror.find_existing([f"{name}^{{commit}}"]).values()), None)
    else:
        found = mirror.find_named(f"tags/{name}") or _find_short(mirror, name)
    return found and _step(mirror, revision, found)


def fetch_revision(mirror: Mirror, revision: Revision) -> str:
    """Look the name up at the remote, and fetch its commit.

    Raises UnknownRevisionError where the remote has none, RemoteError where it cannot be asked.
    """
    name = revision.name
    if _WHOLE.fullmatch(name.lower()):
        source = kept = name.lower()
    else:
        there = mirror.list_remote(f"refs/tags/{name}", f"refs/heads/{name}")
        # A tag before a branch, as git has it. A branch moves on, so it is looked up each time.
        kinds = [kind for kind in ("tags", "heads") if f"refs/{kind}/{name}" in there]
        if not kinds:
            raise _explain_missing(mirror, name)
        source, kept = f"refs/{kinds[0]}/{name}", f"{kinds[0]}/{name}"
    try:
        mirror.fetch_named(source, kept)
    except RemoteError as error:
        if any(words in error.fact for words in _NOT_THEIRS):
            raise _say_unknown(mirror, name, "there is no such commit", "Check the SHA.") from None
        raise
    found = mirror.find_named(kept)
    if found is None:
        raise _say_unknown(mirror, name, "it names something that is no commit", _FORM)
    return _step(mirror, revision, found)


def _find_short(mirror: Mirror, name: str) -> str | None:
    if not _SHORT.fullmatch(name.lower()):
        return None
    found = mirror.find_starting(name.lower())
    if len(found) > 1:
        fact = f"{len(found)} commits begin so: {', '.join(sha[: len(name) + 6] for sha in found[:5])}"
        raise _say_unknown(mirror, name, fact, "Write more of the SHA.")
    return found[0] if found else None


def _step(mirror: Mirror, revision: Revision, sha: str) -> str:
    if not revision.steps:
        return sha
    found = mirror.find_existing([f"{sha}{revision.steps}^{{commit}}"])
    if not found:
        raise _say_unknown(mirror, revision.text, "the history does not reach so far", "Name a later commit.")
    return next(iter(found.values()))


def _explain_missing(mirror: Mirror, name: str) -> UnknownRevisionError:
    there = [ref.split("/", 2)[2] for ref in mirror.list_remote("refs/tags/*", "refs/heads/*")]
    close = get_close_matches(name, there, n=1)
    fact = "the repository has no tag and no branch of that name"
    if _SHORT.fullmatch(name.lower()):
        fact += ", and no commit of its tracked branch begins so"
    step = "Write the whole SHA of a commit, or one of its tags or branches."
    return _say_unknown(mirror, name, fact, f"Did you mean {close[0]!r}?" if close else step)


def _say_unknown(mirror: Mirror, name: str, fact: str, next_step: str) -> UnknownRevisionError:
    return UnknownRevisionError(f"{mirror.name}: {_show(name)}: {fact}", next_step)


def _show(text: str) -> str:
    return ascii(text if len(text) <= 80 else f"{text[:80]}…")
