"""Find which earlier commits a commit's message says that it follows up, mends, or finishes.

This module must not look anything up: a number or SHA that stands in a message is a claim. It is read only where the
words before it say what it has to do with the commit; a number or SHA alone is no relation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from generator.records import Commit

# Enough for any message that people write; it bounds the work on one that nobody did.
_LONGEST_SEARCHED = 20_000
_MOST_CLAIMS = 20
# How far before a number or SHA the words stand that say what it is.
_REACH = 140

# What a message calls another commit by. A pull request of another repository has that one's name before its number.
_PULL_REQUEST = r"(?<![\w/&])(?:#|!|GH-)(?P<number>\d{1,9})\b(?!\.\d)"
_ADDRESS = (
    r"https?://[^\s/]{1,80}/(?P<name>[^\s#?]{1,120}?)/(?:-/)?(?:pull|merge_requests)/(?P<linked>\d{1,9})\b"
)
_SHA = r"(?<![\w#/.-])(?P<sha>[0-9a-f]{7,64})\b(?![/-])"
_REFERENCE = re.compile(rf"{_ADDRESS}|{_PULL_REQUEST}|{_SHA}")
# Between those words and what they speak of, or between two that they speak of.
_NOUN = r"(?:(?:the\s+)?(?:changes?|commits?|pull\s+requests?|PRs?|MRs?)\s*(?:in\s+)?)?[\s:(\"'`]*"
_LINK = re.compile(rf"[)\"'`]*\s*(?:,|and|&|,\s*and)\s*{_NOUN}", re.IGNORECASE)
_TROUBLE = r"(?:bugs?|issues?|problems?|errors?|crash\w*|fail\w*|break\w*|broken|leaks?|races?|typos?|mistakes?|fix\w*)"
_CUE = re.compile(
    r"\b(?:"
    r"follow(?:s|ed|ing)?[-\s]?up(?:\s+\w+){0,2}?\s+(?:to|of|for|on|from)"
    r"|fix-?up\s+(?:to|of|for)"
    r"|regress(?:ion|ions|ed)(?:\s+\w+){0,3}?\s+(?:in|from|by|since|of|with|after)"
    rf"|{_TROUBLE}\b[^.;#!]{{0,80}}\b(?:introduced|caused)\s+(?:in|by|with|since|from)"
    r"|(?:broken|broke)\s+(?:in|by|with|since|after)"
    rf")\s+{_NOUN}\Z",
    re.IGNORECASE,
)
# One of these is in every such phrase; most messages have none.
_HINTS = ("follow", "fixup", "fix-up", "regress", "introduced", "caused", "broke")
# "Fixes: 0123abc", as kernels have it; of a number this would be an issue.
_FIXED = re.compile(rf"\b[Ff]ix(?:es|ed)?:?\s+(?:commit\s+)?{_SHA}")


class Claim(NamedTuple):
    """What a message names: a commit by its SHA, which may be short, or a pull request by its number."""

    sha: str | None
    pull_request: int | None


def find_claims(commit: Commit, repository: str) -> tuple[Claim, ...]:
    """Find what a commit's message says that it follows up; `repository` is the name addresses may call it by."""
    text = f"{commit.subject}\n\n{commit.body[:_LONGEST_SEARCHED]}"
    found = dict.fromkeys(claim for claim in _list_claims(text, repository) if claim is not None)
    own = Claim(None, commit.pull_request)
    return tuple(claim for claim in found if claim != own)[:_MOST_CLAIMS]


def _list_claims(text: str, repository: str) -> Iterator[Claim | None]:
    for match in _FIXED.finditer(text):
        yield _take_sha(match)
    lowered = text.lower()
    if not any(hint in lowered for hint in _HINTS):
        return
    end = -1
    for match in _REFERENCE.finditer(text):
        before = text[max(0, match.start() - _REACH) : match.start()].rpartition("\n\n")[2]
        goes_on = end >= 0 and _LINK.fullmatch(text, end, match.start())
        if goes_on or _CUE.search(before):
            yield _take(match, repository)
            end = match.end()
        else:
            end = -1


def _take(match: re.Match[str], repository: str) -> Claim | None:
    if match["sha"]:
        return _take_sha(match)
    if match["linked"]:
        is_own = match["name"].casefold() == repository.casefold()
        return Claim(None, int(match["linked"])) if is_own else None
    return Claim(None, int(match["number"]))


def _take_sha(match: re.Match[str]) -> Claim | None:
    """Take what is a SHA by its looks: a word such as `defaced` has no figure, a short number no letter."""
    sha = match["sha"]
    has_figure, has_letter = any(map(str.isdigit, sha)), any(map(str.isalpha, sha))
    return Claim(sha, None) if has_figure and (has_letter or len(sha) >= 12) else None
