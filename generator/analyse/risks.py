"""Name the risks that a commit's own evidence shows, and the advice that follows from them.

This module must not give general advice: without a risk there is none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from generator.analyse.breaking import find_declaration, find_incompatible
from generator.analyse.evidence import Evidence
from generator.analyse.impact import describe_requirement
from generator.analyse.kinds import find_advisories, is_plain_revert
from generator.analyse.manifests import Requirement
from generator.analyse.paths import Place
from generator.analyse.plain import clip
from generator.analyse.summary import quote
from generator.analyse.wording import Wording

_ROOM = 320
_SIGNATURE_ROOM = 90
_REVERT_ROOM = 120
_MOST = 8

# Below this, a source change without a test is too common to be worth a word.
_UNTESTED_LINES = 10
_LARGE_LINES = 1500
_LARGE_FILES = 60

Teller = Callable[[Evidence, Wording], Iterator[str]]


def find_risks(evidence: Evidence, words: Wording) -> tuple[str, ...]:
    """List the risks, the gravest first."""
    return _collect(_RISKS, evidence, words)


def find_advice(evidence: Evidence, words: Wording) -> tuple[str, ...]:
    """List what a reader can do, in the order of the risks."""
    return _collect(_ADVICE, evidence, words)


def _collect(tellers: Iterable[Teller], evidence: Evidence, words: Wording) -> tuple[str, ...]:
    told = (clip(sentence, _ROOM) for teller in tellers for sentence in teller(evidence, words))
    return tuple(dict.fromkeys(told))[:_MOST]


def _tell_breaking(evidence: Evidence, words: Wording) -> Iterator[str]:
    declared = None if evidence.is_merge else find_declaration(evidence, words)
    if declared is not None:
        yield words.say("risk_breaking", evidence=declared)


def _tell_revert(evidence: Evidence, words: Wording) -> Iterator[str]:
    if is_plain_revert(evidence):
        content = evidence.title.reverted or evidence.title.content
        yield words.say("risk_revert", content=quote(content, _REVERT_ROOM))
    elif evidence.facts.reverts:
        yield words.say("risk_revert_sha", names=words.list_names(sha[:12] for sha in evidence.facts.reverts))


def _tell_names(evidence: Evidence, words: Wording) -> Iterator[str]:
    if evidence.names.removed:
        yield words.say("risk_removed", names=words.list_names(name.name for name in evidence.names.removed))
    changes = [
        words.say(
            "signature",
            name=words.code(changed.name),
            old=f"`{clip(changed.old, _SIGNATURE_ROOM)}`",
            new=f"`{clip(changed.new, _SIGNATURE_ROOM)}`",
        )
        for changed in find_incompatible(evidence)
    ]
    if changes:
        yield words.say("risk_changed", names=words.list_texts(changes, 1))


def _tell_switches(evidence: Evidence, words: Wording) -> Iterator[str]:
    if removed := evidence.switches.removed:
        texts = [words.say("call", what=words.code(s.name), path=words.code(s.path)) for s in removed]
        yield words.say("risk_switches", names=words.list_texts(texts, 3))
    texts = []
    for new in evidence.defaults:
        default = new.default
        named = (words.code(text) for text in (default.name, default.old, default.new, new.path))
        texts.append(words.say("default", **dict(zip(("name", "old", "new", "path"), named, strict=True))))
    if texts:
        yield words.say("risk_default", names=words.list_texts(texts, 2))


def _tell_schema(evidence: Evidence, words: Wording) -> Iterator[str]:
    if migrations := evidence.at(Place.MIGRATION):
        yield words.say("risk_migration", names=words.list_names(placed.file.path for placed in migrations))
    edited = [placed.file for placed in evidence.at(Place.SCHEMA) if placed.file.deletions]
    if edited:
        lines = words.lines(sum(f.insertions or 0 for f in edited), sum(f.deletions or 0 for f in edited))
        yield words.say("risk_schema", names=words.list_names(f.path for f in edited), lines=lines)


def _tell_requirements(evidence: Evidence, words: Wording) -> Iterator[str]:
    platforms = [r for r in evidence.requirements if r.sort == "platform" and r.old and r.new]
    majors = [r for r in evidence.requirements if r.sort == "package" and r.is_major]
    gone = [r.name for r in evidence.requirements if r.sort == "package" and r.new is None]
    if platforms:
        yield words.say("risk_platform", names=_list_requirements(platforms, words))
    if majors:
        yield words.say("risk_major", names=_list_requirements(majors, words))
    if gone:
        yield words.say("risk_packages", names=words.list_names(gone))


def _list_requirements(requirements: Iterable[Requirement], words: Wording) -> str:
    return words.list_texts([describe_requirement(requirement, words) for requirement in requirements], 3)


def _tell_tests(evidence: Evidence, words: Wording) -> Iterator[str]:
    deleted = [placed.file.path for placed in evidence.at(Place.TEST) if placed.file.status == "D"]
    if deleted:
        yield words.say("risk_deleted_tests", names=words.list_names(deleted, 3))
    dropped = [sign.what for sign in evidence.signs.dropped if sign.path not in deleted]
    if dropped:
        yield words.say("risk_dropped_tests", names=words.list_names(dropped, 3))
    if evidence.signs.skipped:
        yield words.say("risk_skipped", names=words.list_names((s.path for s in evidence.signs.skipped), 3))
    touched = [placed for placed in evidence.at(Place.SOURCE) if placed.lines]
    lines = sum(placed.lines for placed in touched)
    tested = evidence.at(Place.TEST, Place.BENCHMARK) or evidence.signs.inner_tests
    untested = not tested and not evidence.comments_only
    if untested and lines >= _UNTESTED_LINES and any(placed.file.insertions for placed in touched):
        yield words.say("risk_no_tests", lines=f"{lines:,}", files=words.count("file", len(touched)))


def _tell_calls(evidence: Evidence, words: Wording) -> Iterator[str]:
    calls = [
        words.say("call", what=words.code(s.what), path=words.code(s.path)) for s in evidence.signs.calls
    ]
    if calls:
        yield words.say("risk_calls", names=words.list_texts(calls, 3))


def _tell_size(evidence: Evidence, words: Wording) -> Iterator[str]:
    totals = evidence.facts.totals
    if evidence.source_lines >= _LARGE_LINES or (
        evidence.file_count >= _LARGE_FILES and evidence.source_lines
    ):
        lines = words.lines(totals.insertions, totals.deletions)
        yield words.say("risk_large", files=words.count("file", evidence.file_count), lines=lines)


def _tell_unread(evidence: Evidence, words: Wording) -> Iterator[str]:
    if evidence.unread:
        # Rounded down, so that a part is never called the whole.
        share = min(int(evidence.share_read * 100), 99)
        yield words.say("risk_unread", share=share, names=words.list_names(evidence.unread, 3))


def _advise_breaking(evidence: Evidence, words: Wording) -> Iterator[str]:
    if not evidence.is_merge and evidence.body.breaking is not None:
        yield words.say("advice_breaking")


def _advise_security(evidence: Evidence, words: Wording) -> Iterator[str]:
    if advisories := find_advisories(evidence):
        yield words.say("advice_advisory", names=words.list_names(advisories))


def _advise_revert(evidence: Evidence, words: Wording) -> Iterator[str]:
    if is_plain_revert(evidence) and evidence.source_lines:
        content = evidence.title.reverted or evidence.title.content
        yield words.say("advice_revert", content=quote(content, _REVERT_ROOM))


def _advise_names(evidence: Evidence, words: Wording) -> Iterator[str]:
    if evidence.names.removed:
        yield words.say(
            "advice_removed", names=words.list_names(name.name for name in evidence.names.removed)
        )
    if changed := find_incompatible(evidence):
        yield words.say("advice_changed", names=words.list_names(name.name for name in changed))
    if evidence.signs.deprecated:
        yield words.say(
            "advice_deprecated", names=words.list_names(s.path for s in evidence.signs.deprecated)
        )


def _advise_switches(evidence: Evidence, words: Wording) -> Iterator[str]:
    if evidence.switches.removed:
        yield words.say("advice_switches", names=words.list_names(s.name for s in evidence.switches.removed))
    if evidence.defaults:
        settings = [
            words.say("advice_setting", name=new.default.name, value=new.default.old)
            for new in evidence.defaults
        ]
        yield words.say("advice_default", names=words.list_names(settings, 3))


def _advise_schema(evidence: Evidence, words: Wording) -> Iterator[str]:
    migrations = [p.file.path for p in evidence.at(Place.MIGRATION) if p.file.status != "D"]
    if migrations:
        yield words.say("advice_migration", names=words.list_names(migrations))
    edited = [p.file.path for p in evidence.at(Place.SCHEMA) if p.file.deletions and p.file.status != "D"]
    if edited:
        yield words.say("advice_schema", names=words.list_names(edited))


def _advise_requirements(evidence: Evidence, words: Wording) -> Iterator[str]:
    platforms = [
        f"{r.name} {r.new}" for r in evidence.requirements if r.sort == "platform" and r.old and r.new
    ]
    if platforms:
        yield words.say("advice_platform", names=words.list_names(platforms))
    majors = [f"{r.name} {r.new}" for r in evidence.requirements if r.sort == "package" and r.is_major]
    if majors:
        yield words.say("advice_major", names=words.list_names(majors))


def _advise_unread(evidence: Evidence, words: Wording) -> Iterator[str]:
    if evidence.unread:
        yield words.say(
            "advice_unread", sha=evidence.facts.sha[:12], names=words.list_names(evidence.unread, 3)
        )


_RISKS: tuple[Teller, ...] = (
    _tell_breaking,
    _tell_revert,
    _tell_names,
    _tell_switches,
    _tell_schema,
    _tell_requirements,
    _tell_tests,
    _tell_calls,
    _tell_size,
    _tell_unread,
)
_ADVICE: tuple[Teller, ...] = (
    _advise_breaking,
    _advise_security,
    _advise_revert,
    _advise_names,
    _advise_switches,
    _advise_schema,
    _advise_requirements,
    _advise_unread,
)
