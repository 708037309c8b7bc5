"""Analyse a commit by rules: the account that stands on its page when no language model wrote one.

This module must not use the network, the clock or chance: the same commit gives the same analysis, and every
sentence follows from something in the commit.
"""

from __future__ import annotations

from generator.analyse.breaking import find_breaking
from generator.analyse.conventions import Conventions
from generator.analyse.evidence import Evidence, gather_evidence
from generator.analyse.impact import find_impact
from generator.analyse.importance import weigh
from generator.analyse.insight import find_insight
from generator.analyse.kinds import find_kinds, find_title_kinds
from generator.analyse.risks import find_advice, find_risks
from generator.analyse.summary import sum_up
from generator.analyse.titles import parse_title
from generator.analyse.unchanged import describe_unchanged, is_bare_merge
from generator.analyse.wording import Wording
from generator.patches import Change
from generator.records import Analysis, Breaking, Importance, Language, Nature, Outcome, Provenance

RULES_VERSION = "rules-1"


def analyse(change: Change, conventions: Conventions, language: Language) -> Analysis:
    """Analyse one commit in the light of its repository's conventions."""
    words = Wording(language)
    if change.facts.nature is not Nature.CHANGE or is_bare_merge(change.facts):
        return _analyse_unchanged(change, conventions, words)
    return _analyse_change(gather_evidence(change, conventions), words)


def _analyse_change(evidence: Evidence, words: Wording) -> Analysis:
    kinds = find_kinds(evidence)
    importance, reason = weigh(evidence, kinds, words)
    return Analysis(
        outcome=Outcome.OK,
        kinds=kinds,
        importance=importance,
        importance_reason=reason,
        summary=sum_up(evidence, kinds, words),
        impact=find_impact(evidence, words),
        insight=find_insight(evidence, kinds, words),
        risks=find_risks(evidence, words),
        advice=find_advice(evidence, words),
        breaking=find_breaking(evidence, words),
        provenance=_sign(words, evidence.share_read),
    )


def _analyse_unchanged(change: Change, conventions: Conventions, words: Wording) -> Analysis:
    verdict = describe_unchanged(change.facts, words)
    return Analysis(
        outcome=Outcome.SKIPPED,
        kinds=find_title_kinds(parse_title(change.facts.subject), conventions),
        importance=Importance.LOW,
        importance_reason=verdict.reason,
        summary=verdict.summary,
        breaking=Breaking(answer="no"),
        provenance=_sign(words, 1.0),
    )


def _sign(words: Wording, share_read: float) -> Provenance:
    return Provenance(writer="rules", version=RULES_VERSION, language=words.language, share_read=share_read)
