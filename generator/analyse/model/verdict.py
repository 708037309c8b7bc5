"""Make an analysis of what a model filled in, as far as it holds against the commit and the rules.

This module must not ask again or write anything down: it gives an analysis, or the flaw that keeps it from being one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from generator.analyse.evidence import Evidence
from generator.analyse.kinds import is_plain_revert
from generator.analyse.model.asks import Flaw
from generator.analyse.model.forms import CommitForm
from generator.analyse.model.grounding import Material, drop_addresses, ground
from generator.analyse.model.spellings import drop_nothing, is_nothing
from generator.analyse.model.tongue import ENGLISH_NAMES, is_in
from generator.patches import Change
from generator.record_additions import Contradiction
from generator.records import Analysis, Breaking, Importance, Insight, Kind, Outcome, Provenance, Reason

# On these the rules say high because of something that stands in the commit, not because of its size.
_GRAVE = frozenset({Kind.SECURITY, Kind.REVERT})


def make_analysis(
    form: CommitForm, change: Change, evidence: Evidence, rules: Analysis, provenance: Provenance
) -> Analysis | Flaw:
    """Check a filled-in form; the analysis has outcome `ok`, and shows where the rules say otherwise."""
    material = Material(change)
    # Before addresses are taken out, so that they are counted.
    claimed = (*_list_texts(form), form.breaking.evidence or "")
    form = _drop_addresses(form, material)
    if is_nothing(form.summary) or is_nothing(form.importance_reason):
        return Flaw(reason=Reason.EMPTY, told="`summary` and `importance_reason` must not be empty.")
    if not is_in(provenance.language, _list_texts(form)):
        told = f"All texts must be written in {ENGLISH_NAMES[provenance.language]}."
        return Flaw(reason=Reason.WRONG_LANGUAGE, told=told)
    grounded = ground(material, form.impact, claimed)
    kinds = _enforce_revert(form.kinds, evidence)
    breaking = _find_breaking(form, rules)
    return Analysis(
        outcome=Outcome.OK,
        kinds=kinds,
        importance=form.importance,
        importance_reason=form.importance_reason,
        summary=form.summary,
        impact=grounded.impact,
        insight=Insight(**form.insight.model_dump()),
        risks=form.risks,
        advice=form.advice,
        breaking=breaking,
        provenance=provenance,
        grounding=grounded.grounding,
        contradictions=tuple(_find_contradictions(form, evidence, rules, breaking)),
    )


def _list_texts(form: CommitForm) -> tuple[str, ...]:
    """List what the model wrote in its own words, the most important first; evidence may quote the commit."""
    insight = (form.insight.architecture, form.insight.performance, form.insight.security)
    notes = (finding.note for finding in form.impact)
    said = chain((form.summary, form.importance_reason), notes, form.risks, form.advice)
    return (*said, *(text for text in insight if text is not None))


def _drop_addresses(form: CommitForm, material: Material) -> CommitForm:
    def clean(text: str) -> str:
        return drop_addresses(text, material)

    def clean_all(texts: Iterable[str]) -> tuple[str, ...]:
        return drop_nothing(map(clean, texts))

    insight = {name: text and clean(text) for name, text in form.insight.model_dump().items()}
    evidence = form.breaking.evidence and clean(form.breaking.evidence)
    return form.model_copy(
        update={
            "summary": clean(form.summary),
            "importance_reason": clean(form.importance_reason),
            "impact": tuple(f.model_copy(update={"note": clean(f.note)}) for f in form.impact),
            "insight": form.insight.model_copy(update=insight),
            "risks": clean_all(form.risks),
            "advice": clean_all(form.advice),
            "breaking": form.breaking.model_copy(update={"evidence": evidence}),
        }
    )


def _enforce_revert(kinds: tuple[Kind, ...], evidence: Evidence) -> tuple[Kind, ...]:
    """Call a plain revert one, and no feature: what it takes away was the feature."""
    if not is_plain_revert(evidence):
        return kinds
    return (Kind.REVERT, *(kind for kind in kinds if kind not in (Kind.REVERT, Kind.FEATURE, Kind.OTHER)))


def _find_breaking(form: CommitForm, rules: Analysis) -> Breaking:
    """Take the model's answer; a yes that names no evidence has the rules', or is no more than unclear."""
    answer, evidence = form.breaking.answer, form.breaking.evidence
    if answer == "no":
        return Breaking(answer="no")
    if answer == "yes" and evidence is None:
        if rules.breaking.answer == "yes":
            return rules.breaking
        answer = "unclear"
    return Breaking(answer=answer, evidence=evidence)


def _find_contradictions(
    form: CommitForm, evidence: Evidence, rules: Analysis, breaking: Breaking
) -> Iterator[Contradiction]:
    """Compare what the model said, before anything was enforced, with what the rules say."""
    if _kinds_differ(form.kinds, evidence, rules):
        yield Contradiction(field="kinds", rules=rules.kinds, model=form.kinds)
    if _importance_differs(form.importance, rules):
        yield Contradiction(field="importance", rules=(rules.importance,), model=(form.importance,))
    if {rules.breaking.answer, breaking.answer} == {"yes", "no"}:
        yield Contradiction(field="breaking", rules=(rules.breaking.answer,), model=(breaking.answer,))


def _kinds_differ(kinds: tuple[Kind, ...], evidence: Evidence, rules: Analysis) -> bool:
    if is_plain_revert(evidence) and (Kind.REVERT not in kinds or Kind.FEATURE in kinds):
        return True
    return set(rules.kinds) != {Kind.OTHER} and not set(rules.kinds) & set(kinds)


def _importance_differs(importance: Importance, rules: Analysis) -> bool:
    if {importance, rules.importance} == {Importance.HIGH, Importance.LOW}:
        return True
    is_grave = rules.breaking.answer == "yes" or bool(_GRAVE & set(rules.kinds))
    return is_grave and rules.importance is Importance.HIGH and importance is not Importance.HIGH
