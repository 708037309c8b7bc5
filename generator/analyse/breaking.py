"""Say whether users of a repository must act because of a commit, with the evidence.

This module must not take a merge for breaking: its message speaks of the commits that it brings in.
"""

from __future__ import annotations

import re

from generator.analyse.evidence import Evidence
from generator.analyse.names import Changed
from generator.analyse.paths import Place
from generator.analyse.plain import clip, fold
from generator.analyse.wording import Wording
from generator.records import Breaking

_EVIDENCE_ROOM = 300
_TITLE_ROOM = 120

_TAG = re.compile(r"^breaking(?:[ -]changes?)?$", re.IGNORECASE)
_TITLE = re.compile(r"\bbreaking[ -]changes?\b|\bbackwards?[- ]incompatible\b", re.IGNORECASE)
_DENIED = re.compile(
    r"\b(?:non|not?|avoid|without|prevent|fix|detect|check|label|revert)\b[\s\w-]{0,20}$", re.IGNORECASE
)
_BEHIND_SCENES = (Place.TEST, Place.DOCS, Place.CI, Place.EXAMPLE, Place.BENCHMARK, Place.HOUSEKEEPING)


def find_breaking(evidence: Evidence, words: Wording) -> Breaking:
    """Answer yes on the author's word, unclear on the diff's, else no."""
    if evidence.is_merge:
        return Breaking(answer="no")
    declared = find_declaration(evidence, words)
    if declared is not None:
        return Breaking(answer="yes", evidence=clip(declared, _EVIDENCE_ROOM))
    shown = _find_shown(evidence, words)
    if shown is not None:
        return Breaking(answer="unclear", evidence=clip(shown, _EVIDENCE_ROOM))
    return Breaking(answer="no")


def find_declaration(evidence: Evidence, words: Wording) -> str | None:
    """Find the author's own word that a change is breaking."""
    title = clip(fold(evidence.facts.subject), _TITLE_ROOM)
    if evidence.body.breaking is not None:
        return words.say("breaking_quote", text=evidence.body.breaking)
    if evidence.title.marked_breaking:
        return words.say("breaking_mark", title=title)
    said = _TITLE.search(evidence.title.content)
    tagged = any(_TAG.match(prefix) for prefix in (*evidence.title.prefixes, *evidence.title.scopes))
    if tagged or (said and not _DENIED.search(evidence.title.content[: said.start()])):
        return None if evidence.only(*_BEHIND_SCENES) else words.say("breaking_tag", title=title)
    return None


def find_incompatible(evidence: Evidence) -> tuple[Changed, ...]:
    """Find the public functions that old calls may no longer fit."""
    return tuple(changed for changed in evidence.names.changed if changed.difference == "other")


def _find_shown(evidence: Evidence, words: Wording) -> str | None:
    if evidence.names.removed:
        return words.say(
            "breaking_removed", names=words.list_names(name.name for name in evidence.names.removed)
        )
    if changed := find_incompatible(evidence):
        return words.say("breaking_changed", names=words.list_names(name.name for name in changed))
    if evidence.switches.removed:
        return words.say(
            "breaking_switches", names=words.list_names(s.name for s in evidence.switches.removed)
        )
    raised = [r for r in evidence.requirements if r.sort == "platform" and r.is_raised]
    if raised:
        names = words.list_names(f"{requirement.name} {requirement.new}" for requirement in raised)
        return words.say("breaking_platform", names=names)
    return None
