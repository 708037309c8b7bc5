"""Read what a commit message says by convention: subject, trailers, pull request, issues, reverts.

This module must not look anything up: a number or SHA stated in a message is a claim, and is kept as one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from generator.records import Trailer

_TRAILER = re.compile(r"([A-Za-z0-9][A-Za-z0-9-]{0,60})\s?:\s(.*)")
# git-interpret-trailers(1) takes a mixed paragraph as trailers when git itself wrote one of its lines.
_WRITTEN_BY_GIT = re.compile(r"Signed-off-by: |\(cherry picked from commit ")
# 320 is the longest address that RFC 3696 allows; a bound keeps the search linear.
_ADDRESS = re.compile(r"<[^<>\s]{0,320}>")
_PULL_REQUEST = re.compile(r"\((?:#|!|GH-|PR ?#)(\d{1,9})\)\s*$")
_MERGED_PULL_REQUEST = re.compile(r"Merge (?:pull request|PR) #(\d{1,9})\b")
_MERGE_REQUEST = re.compile(r"^See merge request \S{0,200}!(\d{1,9})\s*$", re.MULTILINE)
_ISSUE = re.compile(
    r"\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?|refs?|see)\b:?\s+(?:https://\S{1,200}/(?:issues|work_items)/|#)(\d{1,9})\b",
    re.IGNORECASE,
)
_REVERTED_SHA = re.compile(r"\b[Rr]everts? commit ([0-9a-f]{7,64})\b")
_REVERTED_PULL_REQUEST = re.compile(r"^Reverts ([\w./-]{0,200})[#!](\d{1,9})\b", re.MULTILINE)
_REVERT_SUBJECT = re.compile(r'(?:\[?revert\]?:?\s+"(.*)"|revert: (.*))', re.IGNORECASE)
# Enough for any message that people write; it bounds the work on one that nobody did.
_LONGEST_SEARCHED = 200_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A commit message taken apart. `reverted` are SHAs as the message states them, full or short."""

    subject: str
    body: str
    trailers: tuple[Trailer, ...]
    co_authors: tuple[str, ...]
    pull_request: int | None
    issues: tuple[int, ...]
    reverted: tuple[str, ...]
    reverted_pull_request: int | None


def parse_message(text: str, repository: str) -> Message:
    """Take a message apart; the subject is its first line, as hosting services show it.

    `repository` is the name by which the message may call its own repository.
    """
    subject, _, rest = text.replace("\r\n", "\n").strip("\n").partition("\n")
    subject, body = subject.strip(), rest.strip("\n").rstrip()
    searched = body[:_LONGEST_SEARCHED]
    trailers = tuple(parse_trailers(searched))
    return Message(
        subject=subject,
        body=body,
        trailers=trailers,
        co_authors=_find_co_authors(trailers),
        pull_request=_find_pull_request(subject, searched),
        issues=tuple(sorted({int(number) for number in _ISSUE.findall(searched)})),
        reverted=tuple(dict.fromkeys(_REVERTED_SHA.findall(searched))),
        reverted_pull_request=_find_reverted_pull_request(subject, searched, repository),
    )


def parse_trailers(body: str) -> Iterator[Trailer]:
    """Yield the trailers of the last paragraph, by the rules of git-interpret-trailers(1); addresses are left out."""
    lines = body.rsplit("\n\n", 1)[-1].split("\n")
    folded = _unfold(lines)
    matches = [_TRAILER.fullmatch(line) for line in folded]
    found = [match for match in matches if match]
    is_mixed = len(found) < len(folded)
    if is_mixed and (len(found) * 4 < len(folded) or not any(map(_WRITTEN_BY_GIT.match, folded))):
        return
    for match in found:
        yield Trailer(key=match[1], value=" ".join(_ADDRESS.sub(_drop_address, match[2]).split()))


def _drop_address(match: re.Match[str]) -> str:
    return "" if "@" in match[0] else match[0]


def _unfold(lines: list[str]) -> list[str]:
    """Join continuation lines, which begin with a space, to the line they continue."""
    folded: list[str] = []
    for line in lines:
        if line[:1] in (" ", "\t") and folded:
            folded[-1] += " " + line.strip()
        elif line:
            folded.append(line)
    return folded


def _find_co_authors(trailers: tuple[Trailer, ...]) -> tuple[str, ...]:
    names = (trailer.value for trailer in trailers if trailer.key.lower() == "co-authored-by")
    return tuple(dict.fromkeys(name for name in names if name))


def _find_pull_request(subject: str, body: str) -> int | None:
    head = subject[:_LONGEST_SEARCHED]
    match = (
        _PULL_REQUEST.search(head[-40:]) or _MERGED_PULL_REQUEST.match(head) or _MERGE_REQUEST.search(body)
    )
    return int(match[1]) if match else None


def _find_reverted_pull_request(subject: str, body: str, repository: str) -> int | None:
    title = _REVERT_SUBJECT.match(subject[:2000])
    if title is None:
        return None
    stated = _REVERTED_PULL_REQUEST.search(body)
    if stated and stated[1].lower() not in ("", repository.lower()):
        return None
    match = stated or _PULL_REQUEST.search(title[1] or "")
    return int(match[match.lastindex or 1]) if match else None
