"""Weigh a commit for a reader who follows the repository: high, medium or low, with the reason.

This module must not count points: the first rule that finds its evidence decides, and the reason is that
evidence.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from generator.analyse.breaking import find_declaration, find_incompatible
from generator.analyse.evidence import Evidence, Placed
from generator.analyse.kinds import find_advisories, is_plain_revert, is_release
from generator.analyse.manifests import Requirement
from generator.analyse.paths import Place, is_tooling
from generator.analyse.plain import clip
from generator.analyse.wording import Wording
from generator.records import Importance, Kind

_REASON_ROOM = 240
_CONTENT_ROOM = 120

# Measured on 300 commits each of eleven histories: at most one in twenty of an ordinary one is larger, one in five
# of a library of GPU kernels.
_LARGE_SOURCE = 500
_LARGE_FILES = 30
_MANY_SIGNATURES = 3
_FEATURE_SOURCE = 50
_SMALL_SOURCE = 20
_TINY = 4
_SMALL_WORDING = 60

_OUTSIDE = (Place.TEST, Place.DOCS, Place.CI, Place.EXAMPLE, Place.BENCHMARK, Place.HOUSEKEEPING, Place.ASSET)
_SETTINGS = (Place.MANIFEST, Place.LOCK, *_OUTSIDE)
_WORDING = re.compile(
    r"\b(typos?|spelling|misspell\w*|grammar|whitespaces?|formatting|reformat|reindent|comments?|docstrings?|lint\w*|"
    r"clippy|codespell|pre-commit|nits?|copyright)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What the rules look at."""

    evidence: Evidence
    kinds: tuple[Kind, ...]
    words: Wording


Rule = Callable[[Case], str | None]


def weigh(evidence: Evidence, kinds: tuple[Kind, ...], words: Wording) -> tuple[Importance, str]:
    """Weigh a commit; the reason is one line in the language of `words`."""
    case = Case(evidence=evidence, kinds=kinds, words=words)
    for importance, rules in _RULES:
        for rule in rules:
            if (reason := rule(case)) is not None:
                return importance, clip(reason, _REASON_ROOM)
    return Importance.MEDIUM, clip(_explain_plain(case), _REASON_ROOM)


def _find_breaking(case: Case) -> str | None:
    declared = None if case.evidence.is_merge else find_declaration(case.evidence, case.words)
    return declared and case.words.say("high_breaking", evidence=declared)


def _find_security(case: Case) -> str | None:
    evidence = case.evidence
    if Kind.SECURITY not in case.kinds or evidence.only(*_OUTSIDE):
        return None
    if advisories := find_advisories(evidence):
        return case.words.say("high_advisory", names=case.words.list_names(advisories))
    largest = max(
        evidence.files, key=lambda placed: (placed.place is Place.SOURCE, placed.lines), default=None
    )
    return case.words.say("high_security", path=case.words.code(largest.file.path)) if largest else None


def _find_revert(case: Case) -> str | None:
    if not is_plain_revert(case.evidence) or not case.evidence.source_lines:
        return None
    return case.words.say("high_revert", content=_quote_reverted(case.evidence))


def _find_migration(case: Case) -> str | None:
    return _name_files(case, "high_migration", case.evidence.at(Place.MIGRATION))


def _find_schema(case: Case) -> str | None:
    edited = [placed for placed in case.evidence.at(Place.SCHEMA) if placed.file.deletions]
    if not edited:
        return None
    insertions = sum(placed.file.insertions or 0 for placed in edited)
    deletions = sum(placed.file.deletions or 0 for placed in edited)
    names = case.words.list_names((placed.file.path for placed in edited), 3)
    return case.words.say("high_schema", names=names, lines=case.words.lines(insertions, deletions))


def _find_switches_gone(case: Case) -> str | None:
    names = [switch.name for switch in case.evidence.switches.removed]
    return case.words.say("high_switch", names=case.words.list_names(names)) if names else None


def _find_platform(case: Case) -> str | None:
    raised = [r for r in case.evidence.requirements if r.sort == "platform" and r.is_raised]
    return _name_requirement(case, "high_platform", raised[:1])


def _find_removed(case: Case) -> str | None:
    names = [name.name for name in case.evidence.names.removed]
    return case.words.say("high_removed", names=case.words.list_names(names)) if names else None


def _find_signatures(case: Case) -> str | None:
    names = [changed.name for changed in find_incompatible(case.evidence)]
    if len(names) < _MANY_SIGNATURES:
        return None
    return case.words.say("high_signature", number=len(names), names=case.words.list_names(names))


def _find_size(case: Case) -> str | None:
    lines = case.evidence.source_lines
    touched = [placed for placed in case.evidence.at(Place.SOURCE) if placed.lines]
    if lines < _LARGE_SOURCE and len(touched) < _LARGE_FILES:
        return None
    return case.words.say("high_size", lines=f"{lines:,}", files=case.words.count("file", len(touched)))


def _find_feature(case: Case) -> str | None:
    """Find a feature that users get to see: it declares something public, and someone documented it."""
    evidence, words = case.evidence, case.words
    documents = [placed.file.path for placed in evidence.at(Place.DOCS) if placed.file.insertions]
    names = [switch.name for switch in evidence.switches.added]
    if evidence.source_lines >= _FEATURE_SOURCE:
        names += [name.name for name in evidence.names.added]
    if case.kinds[0] is not Kind.FEATURE or not documents or not names:
        return None
    return words.say("high_feature", names=words.list_names(names, 3), path=words.code(documents[0]))


def _find_home(case: Case) -> str | None:
    """Say low for what touches nothing that runs: docs, tests, CI, examples and the like."""
    evidence, words = case.evidence, case.words
    files = words.count("file", len(evidence.files))
    for place in (
        Place.DOCS,
        Place.TEST,
        Place.CI,
        Place.EXAMPLE,
        Place.BENCHMARK,
        Place.ASSET,
        Place.GENERATED,
    ):
        if evidence.only(place):
            return words.say(f"low_{place}", files=files)
    if evidence.only(Place.LOCK):
        return _name_files(case, "low_lock", evidence.files)
    if evidence.only(Place.HOUSEKEEPING):
        return _name_files(case, "low_housekeeping", evidence.files)
    if evidence.only(*_OUTSIDE, Place.GENERATED, Place.LOCK):
        return words.say("low_mixed", places=_name_places(case, evidence.files), files=files)
    if case.kinds[0] is Kind.CI and evidence.only(*_OUTSIDE, Place.BUILD, Place.CONFIG):
        return words.say("low_mixed", places=_name_places(case, evidence.files), files=files)
    tools = all(placed.place in _OUTSIDE or is_tooling(placed.file.path) for placed in evidence.files)
    return words.say("low_tooling", files=files) if tools and evidence.files else None


def _find_comments(case: Case) -> str | None:
    if not case.evidence.comments_only or case.evidence.signs.deprecated:
        return None
    return case.words.say("low_comments", lines=case.words.count("line", case.evidence.source_lines))


def _find_revert_elsewhere(case: Case) -> str | None:
    if not is_plain_revert(case.evidence) or not case.evidence.files:
        return None
    return case.words.say("medium_revert", place=_name_places(case, case.evidence.files))


def _find_release(case: Case) -> str | None:
    if not is_release(case.evidence):
        return None
    if re.search(
        r"dev|SNAPSHOT|start|next|cycle|iteration", case.evidence.facts.subject[:200], re.IGNORECASE
    ):
        return None
    return case.words.say("medium_release", content=clip(case.evidence.title.content, _CONTENT_ROOM))


def _find_version(case: Case) -> str | None:
    return case.words.say("low_version") if is_release(case.evidence) else None


def _find_wording(case: Case) -> str | None:
    match = _WORDING.search(case.evidence.title.content)
    if match is None or case.evidence.lines > _SMALL_WORDING:
        return None
    return case.words.say("low_wording", word=match[1], lines=f"{case.evidence.lines:,}")


def _find_major(case: Case) -> str | None:
    return _name_requirement(case, "medium_major", [r for r in _packages(case) if r.is_major][:1])


def _find_packages(case: Case) -> str | None:
    names = [r.name for r in _packages(case) if (r.old is None) != (r.new is None)]
    return case.words.say("medium_package", names=case.words.list_names(names)) if names else None


def _find_minor(case: Case) -> str | None:
    if not case.evidence.requirements or not case.evidence.only(*_SETTINGS):
        return None
    changed = [r for r in case.evidence.requirements if r.sort != "own"]
    key = "low_sideline" if all(r.sort == "sideline" for r in changed) else "low_dependency"
    return case.words.say(key, names=case.words.list_names(r.name for r in changed)) if changed else None


def _find_default(case: Case) -> str | None:
    for new in case.evidence.defaults:
        default = new.default
        name, old, value = (
            case.words.code(default.name),
            case.words.code(default.old),
            case.words.code(default.new),
        )
        return case.words.say("medium_default", name=name, old=old, new=value)
    return None


def _find_deprecation(case: Case) -> str | None:
    for sign in case.evidence.signs.deprecated:
        return case.words.say("medium_deprecated", path=case.words.code(sign.path))
    return None


def _find_signature(case: Case) -> str | None:
    names = [changed.name for changed in find_incompatible(case.evidence)]
    return case.words.say("medium_signature", names=case.words.list_names(names)) if names else None


def _find_new_switches(case: Case) -> str | None:
    names = [switch.name for switch in case.evidence.switches.added]
    return case.words.say("medium_switch", names=case.words.list_names(names)) if names else None


def _find_new_schema(case: Case) -> str | None:
    return _name_files(case, "medium_schema", case.evidence.at(Place.SCHEMA))


def _find_tiny(case: Case) -> str | None:
    weighty = {Kind.FIX, Kind.SECURITY, Kind.PERFORMANCE, Kind.REVERT}.intersection(case.kinds)
    if weighty or case.evidence.lines > _TINY or not case.evidence.lines:
        return None
    return case.words.say("low_tiny", lines=case.words.count("line", case.evidence.lines))


def _find_tidy(case: Case) -> str | None:
    if case.kinds[0] is not Kind.REFACTOR or case.evidence.source_lines > _SMALL_SOURCE:
        return None
    return case.words.say("low_tidy", lines=case.evidence.source_lines)


def _find_new_names(case: Case) -> str | None:
    if case.kinds[0] is not Kind.FEATURE:
        return None
    names = [name.name for name in case.evidence.names.added]
    return case.words.say("medium_names", names=case.words.list_names(names)) if names else None


def _explain_plain(case: Case) -> str:
    evidence, words = case.evidence, case.words
    kind = words.say(f"kind_{case.kinds[0]}")
    source = evidence.at(Place.SOURCE, Place.SCHEMA, Place.MIGRATION)
    if source:
        files = words.count("file", len(source))
        return words.say("medium_plain", kind=kind, lines=f"{evidence.source_lines:,}", files=files)
    largest = max(evidence.files, key=lambda placed: placed.lines, default=None)
    path = words.code(largest.file.path) if largest else words.say("folder_root")
    return words.say("medium_files", kind=kind, files=words.count("file", evidence.file_count), path=path)


# In this order: what the author or a revert says outranks everything, then what cannot matter is set apart,
# then the diff speaks.
_RULES: tuple[tuple[Importance, tuple[Rule, ...]], ...] = (
    (Importance.HIGH, (_find_breaking, _find_security, _find_revert)),
    (Importance.MEDIUM, (_find_revert_elsewhere, _find_release)),
    (Importance.LOW, (_find_home, _find_comments, _find_version)),
    (Importance.HIGH, (_find_migration, _find_schema, _find_platform, _find_switches_gone)),
    (Importance.HIGH, (_find_removed, _find_signatures, _find_size, _find_feature)),
    (Importance.MEDIUM, (_find_default, _find_major, _find_packages, _find_signature, _find_deprecation)),
    (Importance.MEDIUM, (_find_new_switches, _find_new_schema)),
    (Importance.LOW, (_find_minor, _find_wording, _find_tiny, _find_tidy)),
    (Importance.MEDIUM, (_find_new_names,)),
)


def _quote_reverted(evidence: Evidence) -> str:
    return clip(evidence.title.reverted or evidence.title.content, _CONTENT_ROOM)


def _packages(case: Case) -> Iterator[Requirement]:
    return (requirement for requirement in case.evidence.requirements if requirement.sort == "package")


def _name_requirement(case: Case, key: str, requirements: Iterable[Requirement]) -> str | None:
    for r in requirements:
        return case.words.say(key, name=case.words.code(r.name), old=r.old or "", new=r.new or "")
    return None


def _name_files(case: Case, key: str, files: Iterable[Placed]) -> str | None:
    paths = [placed.file.path for placed in files]
    return case.words.say(key, names=case.words.list_names(paths, 3)) if paths else None


def _name_places(case: Case, files: Iterable[Placed]) -> str:
    places = sorted({placed.place for placed in files}, key=list(Place).index)
    return case.words.list_texts([case.words.say(f"place_{place}") for place in places], 6)
