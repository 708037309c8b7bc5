"""Spell an analysis in fields as reports do, in Markdown that reads back into the same fields.

This module must not know where an analysis comes from.
"""

from __future__ import annotations

from collections.abc import Iterator

from generator.pages.languages import find_words
from generator.records import Analysis, Importance, Kind, Outcome

# Always in Chinese, as the format's headings are.
_WORDS = find_words("zh")
_CONCERNS = ("架构影响", "性能影响", "安全考虑")


def spell_analysis(analysis: Analysis) -> str:
    """Spell an analysis; where there is none by a model and one was wanted, the rules' words follow after that."""
    return "\n".join(_list_lines(analysis))


def _list_lines(analysis: Analysis) -> Iterator[str]:
    yield f"**🎯 变更类型**：{' / '.join(_spell_kind(kind) for kind in analysis.kinds)}  "
    yield f"**⚡ 重要程度**：{_spell_importance(analysis)}  "
    yield f"**📋 变更摘要**：{_flatten(analysis.summary)}"
    if analysis.outcome is Outcome.SKIPPED:
        return
    impact = [
        f"- `{place.path or place.component}`" + (f"：{_flatten(place.note)}" if place.note else "")
        for place in analysis.impact
    ]
    yield from _list_section("🎯 影响范围", impact)
    insight = analysis.insight
    texts = (insight.architecture, insight.performance, insight.security)
    told = [f"- **{name}**：{_flatten(text)}" for name, text in zip(_CONCERNS, texts, strict=True) if text]
    yield from _list_section("🔍 技术洞察", told)
    yield from _list_section("⚠️ 潜在风险", [f"- {_flatten(text)}" for text in analysis.risks])
    yield from _list_section("💡 关注建议", [f"- {_flatten(text)}" for text in analysis.advice])


def _list_section(title: str, items: list[str]) -> Iterator[str]:
    if items:
        yield ""
        yield f"**{title}**："
        yield from items


def _spell_kind(kind: Kind) -> str:
    return _WORDS.kinds[kind]


def _spell_importance(analysis: Analysis) -> str:
    word = _WORDS.importance[Importance(analysis.importance)]
    reason = _flatten(analysis.importance_reason)
    return f"{word}（{reason}）" if reason else word


def _flatten(text: str) -> str:
    """Put a text on one line: a line of its own could be read as a heading."""
    return " ".join(text.split())
