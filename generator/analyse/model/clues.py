"""Write down for a model what the rules found in a commit, a line a clue.

This module must not judge what was found or choose words for a reader; it lists names and facts, in English, the
rules' own sentences aside.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from generator.analyse.evidence import Evidence
from generator.analyse.manifests import Requirement
from generator.analyse.names import Name
from generator.analyse.plain import clip, fold
from generator.analyse.signs import Sign
from generator.analyse.switches import NewDefault, Switch
from generator.records import Analysis

_MOST_NAMES = 24
_NAME_ROOM = 160
_STYLES = {
    "tags": "titles of this repository begin with a tag for the kind of change",
    "areas": "titles of this repository begin with the component that changes",
    "plain": "titles of this repository have no prefix",
}


def describe_clues(evidence: Evidence, rules: Analysis) -> str:
    """Write what the rules say and what they counted; what they did not find has no line."""
    clues = (*_describe_verdicts(rules), *_describe_message(evidence), *_describe_code(evidence))
    return "\n".join(clues)


def _describe_verdicts(rules: Analysis) -> Iterator[str]:
    yield f"kinds: {', '.join(rules.kinds)}"
    yield f"importance: {rules.importance}, because: {fold(rules.importance_reason)}"
    because = f", because: {fold(rules.breaking.evidence)}" if rules.breaking.evidence else ""
    yield f"breaking: {rules.breaking.answer}{because}"


def _describe_message(evidence: Evidence) -> Iterator[str]:
    facts, title = evidence.facts, evidence.title
    yield f"title: {_STYLES[evidence.conventions.style]}"
    yield from _list("tags in the title", (*title.prefixes, *title.scopes))
    if facts.pull_request is not None:
        yield f"pull request: #{facts.pull_request}"
    yield from _list("issues", (f"#{number}" for number in facts.issues))
    yield from _list("reverts", facts.reverts)
    if facts.reverts_pull_request is not None:
        yield f"reverts pull request: #{facts.reverts_pull_request}"
    if evidence.is_merge:
        yield (
            f"merge of {len(facts.parents)} parents: only lines that none of them has count and are shown; the "
            "message may speak of the others"
        )
    if facts.redactions:
        yield f"secrets replaced by [redacted]: {len(facts.redactions)}"


def _describe_code(evidence: Evidence) -> Iterator[str]:
    names, switches, signs = evidence.names, evidence.switches, evidence.signs
    yield f"changed lines: {evidence.lines} in all, {evidence.source_lines} of source"
    if evidence.comments_only:
        yield "the changed lines of source are comments"
    yield from _list("public names added", map(_write_name, names.added))
    yield from _list("public names removed", map(_write_name, names.removed))
    yield from _list(
        "public names moved", (f"{moved.name} ({moved.old_path} to {moved.path})" for moved in names.moved)
    )
    yield from _list(
        "signatures changed",
        (
            f"{changed.name} ({changed.path}; {changed.difference}): {changed.old} to {changed.new}"
            for changed in names.changed
        ),
    )
    yield from _list("options and environment variables added", map(_write_name, switches.added))
    yield from _list("options and environment variables removed", map(_write_name, switches.removed))
    yield from _list("defaults changed", map(_write_default, evidence.defaults))
    yield from _list("requirements", map(_write_requirement, evidence.requirements))
    yield from _list("calls that need a careful look", map(_write_sign, signs.calls))
    yield from _list("deprecation marks", map(_write_sign, signs.deprecated))
    yield from _list("tests newly skipped", map(_write_sign, signs.skipped))
    yield from _list("tests dropped", map(_write_sign, signs.dropped))


def _list(label: str, items: Iterable[str]) -> Iterator[str]:
    listed = [clip(fold(item), _NAME_ROOM) for item in dict.fromkeys(items)]
    more = f" … and {len(listed) - _MOST_NAMES} more" if len(listed) > _MOST_NAMES else ""
    if listed:
        yield f"{label}: {' | '.join(listed[:_MOST_NAMES])}{more}"


def _write_name(name: Name | Switch) -> str:
    return f"{name.name} ({name.path})"


def _write_sign(sign: Sign) -> str:
    return f"{sign.what} ({sign.path})"


def _write_default(default: NewDefault) -> str:
    return f"{default.default.name} ({default.path}): {default.default.old} to {default.default.new}"


def _write_requirement(requirement: Requirement) -> str:
    sides = f"{requirement.old or 'none'} to {requirement.new or 'none'}"
    return f"{requirement.name} ({requirement.path}; {requirement.sort}): {sides}"
