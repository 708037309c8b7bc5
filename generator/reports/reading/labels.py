"""Know the headings of an analysis, however they are spelt: in bold, as a heading, in a table, with a sign or without.

This module must not know what stands below a heading.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto


class Part(Enum):
    """The parts of an analysis that have a field."""

    KINDS = auto()
    IMPORTANCE = auto()
    SUMMARY = auto()
    IMPACT = auto()
    INSIGHT = auto()
    ARCHITECTURE = auto()
    PERFORMANCE = auto()
    SECURITY = auto()
    RISKS = auto()
    ADVICE = auto()
    # Headings of their own that have no field: what stands below them belongs to none of the others.
    OTHER = auto()


CONCERNS = (Part.ARCHITECTURE, Part.PERFORMANCE, Part.SECURITY)
_CHINESE = {
    "变更类型": Part.KINDS,
    "变更类别": Part.KINDS,
    "重要程度": Part.IMPORTANCE,
    "重要性": Part.IMPORTANCE,
    "变更摘要": Part.SUMMARY,
    "变更概述": Part.SUMMARY,
    "变更概要": Part.SUMMARY,
    "变更概览": Part.SUMMARY,
    "变更内容": Part.SUMMARY,
    "变更说明": Part.SUMMARY,
    "核心改动": Part.SUMMARY,
    "核心变更": Part.SUMMARY,
    "主要改动": Part.SUMMARY,
    "主要变更": Part.SUMMARY,
    "摘要": Part.SUMMARY,
    "影响范围": Part.IMPACT,
    "技术洞察": Part.INSIGHT,
    "技术分析": Part.INSIGHT,
    "潜在风险": Part.RISKS,
    "风险提示": Part.RISKS,
    "关键风险": Part.RISKS,
    "主要风险": Part.RISKS,
    "风险评估": Part.RISKS,
    "关注建议": Part.ADVICE,
    "建议关注": Part.ADVICE,
    "架构影响": Part.ARCHITECTURE,
    "性能影响": Part.PERFORMANCE,
    "安全考虑": Part.SECURITY,
    "安全影响": Part.SECURITY,
    "安全考量": Part.SECURITY,
    "可维护性": Part.OTHER,
    "兼容性风险": Part.OTHER,
    "业务价值": Part.OTHER,
}
_ENGLISH = {
    "change type": Part.KINDS,
    "type of change": Part.KINDS,
    "importance": Part.IMPORTANCE,
    "summary": Part.SUMMARY,
    "change summary": Part.SUMMARY,
    "impact": Part.IMPACT,
    "impact scope": Part.IMPACT,
    "scope of impact": Part.IMPACT,
    "technical insight": Part.INSIGHT,
    "technical insights": Part.INSIGHT,
    "potential risks": Part.RISKS,
    "risks": Part.RISKS,
    "recommendations": Part.ADVICE,
    "advice": Part.ADVICE,
    "architecture": Part.ARCHITECTURE,
    "architecture impact": Part.ARCHITECTURE,
    "performance": Part.PERFORMANCE,
    "performance impact": Part.PERFORMANCE,
    "security": Part.SECURITY,
    "security considerations": Part.SECURITY,
}
# Too common a word to be a heading anywhere but among the insights, or alone in bold.
_SHORT = {
    "架构": Part.ARCHITECTURE,
    "性能": Part.PERFORMANCE,
    "安全": Part.SECURITY,
    "安全性": Part.SECURITY,
    "风险": Part.RISKS,
    "建议": Part.ADVICE,
}
_WORDS = {**_CHINESE, **_ENGLISH, **_SHORT}
_SIGNS = "🎯⚡📋🔍⚠💡📝🚀🟣🔧🏷📌🛡🔒"
# Marks, then a sign, then words, then what ends a heading: its bold, a colon, a bracket, a cell, the line.
_LABEL = re.compile(
    r"^(?P<marks>[\s>]*(?:[-*+•]\s+|\d{1,2}[.)、]\s*)?\|?\s*(?:#{1,6}\s*)?(?:\*\*|__)?[\s🅰-🫿☀-➿⬀-⯿️‍]*(?:\*\*|__)?\s*)"
    r"(?P<word>[一-龥]{2,6}|[A-Za-z][A-Za-z ]{2,28}[A-Za-z])(?P<rest>.*)$",
    re.DOTALL,
)
_END = re.compile(
    r"^(?:[（(][^（()）]{0,60}[）)])?\s*(?:(?P<colon>[：:])\s*(?:\*\*|__)?|(?:\*\*|__)\s*[：:]?|\|)?\s*(?P<value>.*)$",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Label:
    """A heading that was found in a line: its part, what follows in the line, and whether it is a row of a table."""

    part: Part
    value: str
    is_row: bool
    is_item: bool
    is_signed: bool


def find_label(line: str) -> Label | None:
    """Find the heading that a line begins with; None where it begins with none."""
    # Blanks that follow one another could be shared out among the pattern's parts in too many ways.
    match = _LABEL.match(" ".join(line[:2000].split()))
    if match is None:
        return None
    marks, word, rest = match["marks"], match["word"], match["rest"]
    part = _WORDS.get(word) or _WORDS.get(word.lower())
    end = _END.match(rest)
    if part is None or end is None:
        return None
    is_bold, is_row = "**" in marks or "__" in marks, marks.lstrip(" >").startswith("|")
    is_heading, is_signed = "#" in marks, any(sign in marks for sign in _SIGNS)
    closes = rest.lstrip().startswith(("**", "__", "：", ":", "|")) or not rest.strip() or rest[:1] in "（("
    if not closes or (not (is_bold or is_heading or is_signed or is_row) and not end["colon"]):
        return None
    if word in _SHORT and not (is_bold or is_heading or is_row):
        return None
    value = end["value"] + line[2000:]
    is_item = bool(re.match(r"[\s>]*(?:[-*+•]\s|\d{1,2}[.)、])", marks))
    return Label(part, value.rstrip(), is_row, is_item, is_signed)


def begins_analysis(line: str) -> bool:
    """Say whether an analysis begins with this line, in a text that may hold a message before it.

    English words alone do not say so: messages have headings as well.
    """
    if _FAILURE.match(line):
        return True
    label = find_label(line)
    if label is None or label.is_item or label.is_row:
        return False
    return label.is_signed or bool(re.search(r"[一-龥]", line))


_FAILURE = re.compile(
    r"^[\s>*_#]*(?:⚠️?\s*)?(?:LLM\s*分析失败|分析失败|暂无分析|API请求失败|Traceback \(most recent call last\))"
)


def is_failure(line: str) -> bool:
    """Say whether a line says that there is no analysis."""
    return bool(_FAILURE.match(line))
