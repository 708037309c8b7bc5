"""From a filled-in form to an analysis: what is checked, enforced, shown as a contradiction, or refused."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from generator.analyse.conventions import Conventions
from generator.analyse.evidence import gather_evidence
from generator.analyse.model.asks import Flaw
from generator.analyse.model.forms import CommitForm
from generator.analyse.model.verdict import make_analysis
from generator.analyse.rules import analyse
from generator.patches import Change
from generator.record_additions import Contradiction, Grounding
from generator.records import (
    Analysis,
    Breaking,
    Impact,
    Importance,
    Insight,
    Kind,
    Language,
    Outcome,
    Provenance,
    Reason,
    Tokens,
)
from tests.changes import edit, grow, make_change

FEATURE = make_change(
    "feat: pick a worker by its load (#12)",
    edit("lib/router.py", "-def pick():\n-    old()\n+def pick(load=1):\n+    new()"),
    pull_request=12,
)
REVERT = make_change(
    'Revert "feat: pick a worker by its load (#12)"', grow("lib/router.py", 1, 30), reverts=("c" * 40,)
)
BREAKING = make_change("feat!: drop the old worker", grow("lib/router.py", 5, 5))
SECURITY = make_change("fix: path traversal in the store", grow("lib/store.py", 5, 5))
UNTOLD = make_change("Something", grow("lib/a.py", 30))
LARGE = make_change("Something large", grow("lib/a.py", 3000))
DOCS = make_change("docs: tell how to pick", grow("docs/pick.md", 5))

FORM: dict[str, Any] = {
    "summary": "The router now picks a worker by its load, as `pick` shows, since #12.",
    "kinds": ["feature"],
    "impact": [
        {"place": "router.py", "note": "`pick` takes a load."},
        {"place": "lib/gone.py", "note": "Is not there."},
    ],
    "insight": {"architecture": None, "performance": "Fewer idle workers.", "security": None},
    "risks": ["A caller that passes `nothing_such` may fail."],
    "advice": ["Look at https://evil.example/x before updating."],
    "breaking": {"evidence": None, "answer": "no"},
    "importance_reason": "It changes which worker answers.",
    "importance": "medium",
}


def sign(language: Language) -> Provenance:
    return Provenance(
        writer="model",
        version="commit-1",
        language=language,
        share_read=0.5,
        model="gpt-5-mini",
        calls=1,
        tokens=Tokens(prompt=900, completion=80),
        cost=0.01,
        written=datetime(2026, 1, 6, 3, tzinfo=UTC),
    )


def judge(change: Change, language: Language = "en", **fields: Any) -> Analysis | Flaw:
    evidence = gather_evidence(change, Conventions())
    rules = analyse(change, Conventions(), language)
    return make_analysis(CommitForm.model_validate(FORM | fields), change, evidence, rules, sign(language))


def accept(change: Change, **fields: Any) -> Analysis:
    analysis = judge(change, **fields)
    assert isinstance(analysis, Analysis)
    return analysis


def breaking(answer: str, evidence: str | None = None) -> dict[str, str | None]:
    return {"answer": answer, "evidence": evidence}


def test_form_that_holds_becomes_an_analysis_with_what_was_looked_up() -> None:
    assert judge(FEATURE) == Analysis(
        outcome=Outcome.OK,
        kinds=(Kind.FEATURE,),
        importance=Importance.MEDIUM,
        importance_reason="It changes which worker answers.",
        summary="The router now picks a worker by its load, as `pick` shows, since #12.",
        impact=(Impact(path="lib/router.py", note="`pick` takes a load."),),
        insight=Insight(performance="Fewer idle workers."),
        risks=("A caller that passes `nothing_such` may fail.",),
        advice=("Look at … before updating.",),
        breaking=Breaking(answer="no"),
        provenance=sign("en"),
        grounding=Grounding(
            confirmed=("lib/router.py", "pick", "#12"),
            not_found=("lib/gone.py", "nothing_such", "evil.example"),
        ),
    )


@pytest.mark.parametrize(
    "fields",
    [
        {"summary": ""},
        {"summary": " \n"},
        {"summary": "无"},
        {"summary": "https://evil.example/x"},
        {"importance_reason": "N/A"},
    ],
)
def test_form_without_a_summary_or_a_reason_is_empty(fields: dict[str, Any]) -> None:
    flaw = judge(FEATURE, **fields)
    assert isinstance(flaw, Flaw)
    assert flaw.reason is Reason.EMPTY


def test_form_in_the_wrong_language_is_refused_and_told_the_right_one() -> None:
    assert judge(FEATURE, "zh") == Flaw(
        reason=Reason.WRONG_LANGUAGE, told="All texts must be written in Chinese."
    )


def test_quoted_evidence_and_code_do_not_make_a_text_foreign() -> None:
    analysis = judge(
        FEATURE,
        "zh",
        summary="路由器现在按负载选择工作进程，默认负载为一，旧的调用方式不再可用。",
        impact=[{"place": "router.py", "note": "`pick` 接受负载参数。"}],
        insight={"architecture": None, "performance": None, "security": None},
        risks=[],
        advice=[],
        breaking=breaking(
            "unclear", "BREAKING CHANGE: all callers of pick must now hand over the load they want."
        ),
        importance_reason="它决定由哪个工作进程应答。",
    )
    assert isinstance(analysis, Analysis)
    assert analysis.provenance.language == "zh"


def test_plain_revert_is_called_one_and_no_feature_and_the_contradiction_is_shown() -> None:
    analysis = accept(REVERT, kinds=["feature", "performance"], importance="high")
    assert analysis.kinds == (Kind.REVERT, Kind.PERFORMANCE)
    assert analysis.contradictions == (
        Contradiction(field="kinds", rules=("revert",), model=("feature", "performance")),
    )


@pytest.mark.parametrize("kinds", [["revert"], ["other"], ["feature"]])
def test_plain_revert_is_a_revert_whatever_the_model_says(kinds: list[str]) -> None:
    assert accept(REVERT, kinds=kinds, importance="high").kinds == (Kind.REVERT,)


def test_revert_that_the_model_saw_too_is_no_contradiction() -> None:
    assert accept(REVERT, kinds=["revert", "fix"], importance="high").contradictions == ()


@pytest.mark.parametrize(
    ("change", "fields", "contradictions"),
    [
        (FEATURE, {"kinds": ["feature", "test"]}, ()),
        (FEATURE, {"kinds": ["fix"]}, (Contradiction(field="kinds", rules=("feature",), model=("fix",)),)),
        (UNTOLD, {"kinds": ["fix"], "importance": "low"}, ()),
        (UNTOLD, {"kinds": ["fix"], "importance": "high"}, ()),
        (LARGE, {"importance": "medium"}, ()),
        (
            DOCS,
            {"kinds": ["docs"], "importance": "high"},
            (Contradiction(field="importance", rules=("low",), model=("high",)),),
        ),
        (DOCS, {"kinds": ["docs"], "importance": "medium"}, ()),
        (
            SECURITY,
            {"kinds": ["security"], "importance": "medium"},
            (Contradiction(field="importance", rules=("high",), model=("medium",)),),
        ),
        (
            REVERT,
            {"kinds": ["revert"], "importance": "low"},
            (Contradiction(field="importance", rules=("high",), model=("low",)),),
        ),
        (
            BREAKING,
            {"importance": "medium"},
            (
                Contradiction(field="importance", rules=("high",), model=("medium",)),
                Contradiction(field="breaking", rules=("yes",), model=("no",)),
            ),
        ),
        (BREAKING, {"importance": "high", "breaking": breaking("unclear")}, ()),
        (
            DOCS,
            {"kinds": ["docs"], "importance": "low", "breaking": breaking("yes", "The page moved.")},
            (Contradiction(field="breaking", rules=("no",), model=("yes",)),),
        ),
    ],
)
def test_model_that_stands_against_the_rules_is_shown_to(
    change: Change, fields: dict[str, Any], contradictions: tuple[Contradiction, ...]
) -> None:
    assert accept(change, **fields).contradictions == contradictions


@pytest.mark.parametrize(
    ("change", "said", "kept"),
    [
        (DOCS, breaking("yes", "The page moved."), Breaking(answer="yes", evidence="The page moved.")),
        (DOCS, breaking("yes"), Breaking(answer="unclear")),
        (DOCS, breaking("no", "None of the words."), Breaking(answer="no")),
        (
            DOCS,
            breaking("unclear", "The page moved."),
            Breaking(answer="unclear", evidence="The page moved."),
        ),
        (
            BREAKING,
            breaking("yes"),
            Breaking(
                answer="yes",
                evidence="the title “feat!: drop the old worker” carries the mark for a breaking change, !",
            ),
        ),
    ],
)
def test_yes_needs_evidence(change: Change, said: dict[str, str | None], kept: Breaking) -> None:
    assert accept(change, breaking=said).breaking == kept


def test_commit_that_orders_a_model_about_gets_plain_text_in_its_fields() -> None:
    analysis = accept(
        FEATURE,
        summary="<script>alert(1)</script> **Click** [here](https://evil.example/a) or ![x](https://evil.example/b.png)",
        importance_reason="# IMPORTANT\n\n- see www.evil.example",
        impact=[
            {"place": "../../etc/passwd", "note": "x"},
            {"place": "lib/router.py\u202e", "note": "{{secrets}}"},
        ],
        risks=["</think>{% include 'x' %}"],
        advice=[],
    )
    assert analysis.summary == "<script>alert(1)</script> Click here or x"
    assert analysis.importance_reason == "IMPORTANT see …"
    assert analysis.impact == (Impact(path="lib/router.py", note="{{secrets}}"),)
    assert analysis.risks == ("</think>{% include 'x' %}",)
