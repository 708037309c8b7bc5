"""Say what a commit is that changes nothing by itself: a merge, an empty, mode-only or submodule-only one.

This module must not read what a merge brings in; those commits have analyses of their own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from generator.analyse.bodies import parse_body
from generator.analyse.plain import clip, fold
from generator.analyse.titles import parse_title
from generator.analyse.wording import Wording
from generator.records import Facts, Nature

_SUBJECT_ROOM = 1000
_TITLE_ROOM = 200
_REASON_ROOM = 240
_MOST_SENTENCES = 2

_PULL = re.compile(
    r"^Merge(?:d)? (?:pull request|PR) [#!]?(?P<number>\d{1,9})(?: (?:from|in) (?P<branch>\S{1,200}))?",
    re.IGNORECASE,
)
_BRANCH = re.compile(
    r"^Merge (?:remote-tracking )?branch(?:es)? (?P<branch>.{1,300}?)"
    r"(?: of \S{1,200})?(?: into (?P<target>\S{1,200}))?$",
    re.IGNORECASE,
)
_TAG = re.compile(r"^Merge (?:signed )?tag (?P<branch>\S{1,200})", re.IGNORECASE)
_FORK = re.compile(r"^Merge commit from fork$", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What is said of a commit without a change of its own."""

    summary: str
    reason: str


def is_bare_merge(facts: Facts) -> bool:
    """Say whether a merge has nothing that its parents lack, whatever sides it took in conflicts."""
    return len(facts.parents) > 1 and not any(
        file.insertions or file.deletions or file.binary for file in facts.files
    )


def describe_unchanged(facts: Facts, words: Wording) -> Verdict:
    """Describe a commit whose nature is not `change`."""
    files = words.count("file", facts.totals.files)
    names = words.list_names(file.path for file in facts.files)
    if facts.nature is Nature.MERGE or is_bare_merge(facts):
        return Verdict(summary=_describe_merge(facts, words), reason=words.say("reason_merge"))
    if facts.nature is Nature.MODE:
        summary = words.say("mode", changes=_list_modes(facts, words))
        return Verdict(summary=summary, reason=words.say("reason_mode", files=files))
    if facts.nature is Nature.SUBMODULE:
        reason = clip(words.say("reason_submodule", paths=names), _REASON_ROOM)
        return Verdict(summary=words.say("submodule", paths=names), reason=reason)
    return Verdict(summary=words.say("empty"), reason=words.say("reason_empty"))


def _describe_merge(facts: Facts, words: Wording) -> str:
    told = _name_merged(fold(facts.subject, _SUBJECT_ROOM), facts, words)
    # git and GitHub put the topic's description, or the pull request's title, below the first line; what
    # follows as a list is the shortlog of the merged commits.
    body = parse_body(facts.body.partition("\n* ")[0], facts.trailers)
    sentences = body.choose(_MOST_SENTENCES, parse_title(facts.subject).content)
    if not sentences:
        return told
    return words.join((told, words.say("quote", text=" ".join(sentences).rstrip(".。 "))))


def _name_merged(subject: str, facts: Facts, words: Wording) -> str:
    pull = _PULL.match(subject)
    number = int(pull["number"]) if pull else facts.pull_request
    content = clip(parse_title(subject).content, _TITLE_ROOM)
    titled = bool(content) and not subject.casefold().startswith("merge")
    if number is not None and pull and pull["branch"]:
        return words.say("merge_pull", number=number, branch=words.code(pull["branch"]))
    if number is not None:
        if titled:
            return words.say("merge_pull_titled", number=number, content=content)
        return words.say("merge_pull_bare", number=number)
    if titled:
        return words.say("merge_titled", content=content)
    return _name_branch(subject, words) or words.say("merge_plain", number=len(facts.parents))


def _name_branch(subject: str, words: Wording) -> str | None:
    if match := _BRANCH.match(subject):
        branch = words.code(_unquote(match["branch"]))
        if match["target"]:
            return words.say("merge_branch_into", branch=branch, target=words.code(_unquote(match["target"])))
        return words.say("merge_branch", branch=branch)
    if match := _TAG.match(subject):
        return words.say("merge_tag", branch=words.code(_unquote(match["branch"])))
    return words.say("merge_fork") if _FORK.match(subject) else None


def _unquote(name: str) -> str:
    return name.replace("'", "").replace('"', "").strip()


def _list_modes(facts: Facts, words: Wording) -> str:
    changes = [
        words.say("mode_change", path=words.code(file.path), old=file.old_mode or "?", new=file.mode or "?")
        for file in facts.files
    ]
    return words.list_texts(changes)
