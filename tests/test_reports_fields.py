"""An analysis into fields, however its headings are spelt; and back into an analysis that reads the same."""

from __future__ import annotations

import pytest

from generator.records import Analysis, Breaking, Impact, Importance, Insight, Kind, Outcome, Provenance
from generator.reports.reading.fields import Fields, Place, read_fields
from generator.reports.reading.labels import Part
from generator.reports.spelling import spell_analysis
from tests.reports import ANALYSIS, FAILURE, IN_TABLE, OPEN_FENCE


def test_all_parts_of_an_analysis_become_fields() -> None:
    fields = read_fields(ANALYSIS)
    assert fields == Fields(
        kinds=(Kind.FEATURE, Kind.REFACTOR),
        importance=Importance.HIGH,
        importance_reason="影响所有用户",
        summary="为 `load()` 加上锁，同一请求只执行一次。 出错时回滚。",
        impact=(Place("src/engine.py", "入口"), Place(None, "所有调用方")),
        architecture="多了一层锁。",
        performance="几乎没有。",
        security=None,
        risks=("锁泄漏：异常路径要释放。", "死锁：不可嵌套。"),
        advice=("补充并发测试。",),
        parts=frozenset(Part) - {Part.OTHER},
    )


def test_tables_headings_and_an_analysis_that_was_cut_become_fields() -> None:
    fields = read_fields(IN_TABLE)
    assert (fields.kinds, fields.importance, fields.summary) == (
        (Kind.FIX,),
        Importance.MEDIUM,
        "修正了越界。",
    )
    assert (fields.architecture, fields.performance, fields.security) == (
        "1. 统一入口 2. 更简单",
        "- 更快",
        "- 无新风险",
    )
    assert (fields.risks, fields.advice) == (("旧调用方会失败",), ("开发者 – 升级",))


def test_open_fence_hides_no_part_that_stands_before_it() -> None:
    fields = read_fields(OPEN_FENCE)
    assert fields.advice[0] == "补充并发测试。"
    assert read_fields("```\n" + ANALYSIS).summary == read_fields(ANALYSIS).summary


def test_headings_inside_a_closed_fence_are_none() -> None:
    text = f"{ANALYSIS}\n\n```\n**⚡ 重要程度**：🟢低\n```"
    assert read_fields(text).importance is Importance.HIGH


@pytest.mark.parametrize(
    "line",
    [
        "**⚡ 重要程度**：🟢低",
        "**⚡ 重要程度：** 🟢 低",
        "**重要程度**:低",
        "重要程度: 🟢低",
        "### ⚡ 重要程度\n\n🟢 低",
        "## 重要程度\n低",
        "> **⚡ 重要程度**：🟢低",
        "| **⚡ 重要程度** | 🟢低 |",
        "**Importance**: low",
    ],
)
def test_heading_is_known_however_it_is_spelt(line: str) -> None:
    assert read_fields(f"**📋 变更摘要**：x\n\n{line}\n").importance is Importance.LOW


def test_items_on_performance_among_the_risks_stay_risks() -> None:
    text = "**⚠️ 潜在风险**\n- **性能影响**：更慢\n- **安全考虑**：更松\n\n**💡 关注建议**\n- 测量"
    fields = read_fields(text)
    assert fields.risks == ("性能影响：更慢", "安全考虑：更松")
    assert (fields.performance, fields.security, fields.advice) == (None, None, ("测量",))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (FAILURE, "HTTP 403"),
        ("*暂无分析*", ""),
        ("⚠️ LLM分析失败: Read timed out. (read timeout=30)", "timed out"),
        ("Traceback (most recent call last):\n  File x\nKeyError: 'choices'", ""),
        ("", ""),
    ],
)
def test_text_that_says_there_is_no_analysis_is_a_failure_with_its_reason(text: str, said: str) -> None:
    assert read_fields(text).failure == said


def test_analysis_that_speaks_of_a_failure_is_an_analysis() -> None:
    assert read_fields(f"{ANALYSIS}\n\nTraceback (most recent call last): is now printed").failure is None


def test_text_without_any_known_heading_has_no_part_and_is_no_failure() -> None:
    fields = read_fields("Nothing of this is a heading.\n\nRisks are everywhere.")
    assert (fields.parts, fields.failure) == (frozenset(), None)


def test_what_is_spelt_from_fields_reads_back_into_the_same_fields() -> None:
    analysis = Analysis(
        outcome=Outcome.OK,
        kinds=(Kind.FIX, Kind.CI),
        importance=Importance.MEDIUM,
        importance_reason="动到了入口",
        summary="修正了一处。",
        impact=(Impact(path="src/a.py", note="入口"), Impact(component="引擎", note="")),
        insight=Insight(architecture="无碍大局。", performance=None, security="更严。"),
        risks=("会慢", "会断"),
        advice=("测一测",),
        breaking=Breaking(answer="no"),
        provenance=Provenance(writer="model", version="v", language="zh", share_read=1.0),
    )
    fields = read_fields(spell_analysis(analysis))
    assert (fields.kinds, fields.importance, fields.importance_reason) == (
        analysis.kinds,
        analysis.importance,
        analysis.importance_reason,
    )
    assert (fields.summary, fields.risks, fields.advice) == (
        analysis.summary,
        analysis.risks,
        analysis.advice,
    )
    assert [place.code for place in fields.impact] == ["src/a.py", "引擎"]
    assert (fields.architecture, fields.performance, fields.security) == ("无碍大局。", None, "更严。")
