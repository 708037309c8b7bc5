"""Read the many spellings that models have for the values of the closed vocabularies.

This module must not guess: a spelling that is not listed, or that speaks for two values of one, is refused with
`UnreadableError`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Literal

from generator.records import Importance, Kind

Answer = Literal["yes", "no", "unclear"]


class UnreadableError(ValueError):
    """A value that is none of its vocabulary; the message names the vocabulary, never the value."""


def _table(**words: str) -> Mapping[str, Kind]:
    return MappingProxyType({word: Kind[kind] for kind, line in words.items() for word in line.split()})


# Without case, blanks, "-" and "_". Chinese and English: a model answers in either, whatever it was asked in.
_KINDS = _table(
    FEATURE="feature features feat newfeature enhancement enhancements featureenhancement improvement newmodel "
    "功能 功能增强 新功能 新增功能 功能新增 新特性 特性 特性增强 "
    "功能改进 功能优化 功能扩展 增强 新增 轻微功能增强 兼容性改进",
    FIX="fix fixes bug bugs bugfix bugfixes bugsfix fixbug hotfix correction bug修复 bugfix修复 修复 错误修复 缺陷修复 "
    "问题修复 修复bug 修正 故障修复 缺陷 稳定性增强",
    PERFORMANCE="performance perf optimization optimisation performanceoptimization performanceoptimisation "
    "performanceimprovement performanceimprovements speedup 性能 性能优化 性能改进 性能提升 优化",
    REFACTOR="refactor refactors refactoring refactored cleanup codecleanup coderefactoring restructure style "
    "architecture architecturechange 重构 代码重构 代码清理 清理 架构变更 架构调整 架构重构 代码风格 代码整理 功能重构 "
    "代码优化 轻量级重构 代码组织",
    DOCS="docs doc documentation document readme docsupdate docupdate documentationupdate "
    "文档 文档更新 文档修改 文档修正 文档改进 文档调整 文档完善 文档同步 注释 说明",
    TEST="test tests testing unittest unittests testsuite 测试 测试修改 测试更新 测试增强 测试改进 新增测试 测试调整 "
    "单元测试 测试覆盖 测试覆盖提升 测试用例 基准测试",
    CONFIG="config configs configuration configurations build settings buildconfig configurationchange "
    "配置 配置调整 配置更新 配置修改 配置变更 构建 构建配置",
    DEPENDENCY="dependency dependencies deps dep dependencyupdate dependencyupdates dependenciesupdate "
    "dependencyupgrade dependencybump bump 依赖 依赖更新 依赖升级 依赖调整 依赖变更",
    CI="ci cd cicd ciupdate ciconfig continuousintegration pipeline workflow workflows githubactions "
    "持续集成 ci配置 ci更新 ci调整 ci优化 ci修复 ci扩展 ci改进 ci配置调整 cicd配置",
    SECURITY="security sec vulnerability securityfix securityimprovement securityhardening 安全 安全修复 安全改进 "
    "安全加固 安全更新 安全增强 安全性 漏洞修复 漏洞修补 安全漏洞修复",
    REVERT="revert reverts reverted rollback backout 回滚 回退 撤销 还原 代码回滚",
    OTHER="other others chore misc miscellaneous release versionbump 其他 其它 杂项 其他变更 版本发布 发布",
)
_IMPORTANCE: Mapping[str, Importance] = MappingProxyType(
    {
        **dict.fromkeys(("high", "critical", "高", "很高", "极高", "较高", "重要", "🔴"), Importance.HIGH),
        **dict.fromkeys(
            ("medium", "med", "mid", "moderate", "normal", "中", "中等", "一般", "🟡"), Importance.MEDIUM
        ),
        **dict.fromkeys(("low", "minor", "低", "较低", "很低", "极低", "🟢"), Importance.LOW),
    }
)
_ANSWERS: Mapping[str, Answer] = MappingProxyType(
    {
        **dict.fromkeys(("yes", "y", "true", "是", "有", "存在", "breaking"), "yes"),
        **dict.fromkeys(
            ("no", "n", "false", "否", "不是", "无", "没有", "none", "notbreaking", "nonbreaking"), "no"
        ),
        **dict.fromkeys(
            (
                "unclear",
                "unknown",
                "maybe",
                "uncertain",
                "possibly",
                "notsure",
                "不确定",
                "未知",
                "可能",
                "不明确",
            ),
            "unclear",
        ),
    }
)

# "CI/CD" and "bug fix" are one word each: the separators come last, and blanks are none.
_CI_CD = re.compile(r"\bci\s*/\s*cd\b")
_SEPARATORS = re.compile(r"[、/,|·•;&+\n]|\s(?:and|und)\s|[和与及]|->|→")
_REMARK = re.compile(r"\(([^()]*)\)?")
_FILLING = re.compile(r"[\s_\-‐‑.。*`\"'“”‘’:!\[\]#<>«»✅❗ℹ]+")
_COLOURS = re.compile("[🔴🟡🟢]")
_OTHER_SIGNS = re.compile("[\U0001f000-\U0001faff\u2600-\u26ff\u2b00-\u2bff\ufe0f]")
_IMPORTANCE_WORDS = re.compile(
    r"importance|priority|severity|level|impact|重要程度|重要性|优先级|重要度|级别|程度|影响|^度|度$"
)
_EXPLANATION = re.compile(r"[(:,;。.—–](?=.)|\s-\s")
# More values of one vocabulary than a change can be; a model that lists them all says nothing.
_MOST_LISTED = 6
_MOST_KINDS = 4
_MOST_READ = 400

_NOTHING = re.compile(
    r"(?:(?:none|nil|null|n/?a|not applicable|nothing|no|-+|—+|/)"
    r"(?: (?:significant|notable|direct|known|obvious|major|specific|meaningful|new|security|performance|"
    r"architectural|architecture))*"
    r"(?: (?:impact|risks?|changes?|issues?|concerns?|implications?|effects?|considerations?|advice|"
    r"breaking changes?))?(?: (?:identified|expected|found|detected|known))?"
    r"|(?:暂?无|没有|暂时没有|不涉及|不适用|未发现)"
    r"(?:任何|明显|显著|直接|特殊|重大|已知|相关|特别|新增|额外|潜在|重要|架构|性能|安全|破坏性|实质)*的?"
    r"(?:影响|风险|变化|变更|问题|考虑|建议|需要关注)?)"
)


def read_kinds(value: object) -> tuple[Kind, ...]:
    """Read kinds from one text or a list of texts, the first stays first; `other` only where it is alone.

    Each text must name one kind at least; what else it names, such as "架构变更", is passed over.
    """
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list | tuple) or not all(isinstance(text, str) for text in texts):
        raise UnreadableError("kinds must be a list of the listed values")
    listed = [_find_kinds(text) for text in texts[:50]]
    found = tuple(dict.fromkeys(kind for kinds in listed for kind in kinds))
    if not all(listed) or not 0 < len(found) <= _MOST_LISTED:
        raise UnreadableError("kinds must be one to four of the listed values")
    return (tuple(kind for kind in found if kind is not Kind.OTHER) or found)[:_MOST_KINDS]


def read_importance(value: object) -> Importance:
    """Read an importance; a colour and a word that contradict each other are refused."""
    if not isinstance(value, str):
        raise UnreadableError("importance must be one of high, medium, low")
    text = _fold(value)
    found = {_IMPORTANCE[colour] for colour in _COLOURS.findall(text)}
    word = _find_importance_word(_COLOURS.sub("", text))
    if word:
        found.add(_look_up(word, _IMPORTANCE, "importance must be one of high, medium, low"))
    if len(found) != 1:
        raise UnreadableError("importance must be exactly one of high, medium, low")
    return found.pop()


def read_answer_word(value: object) -> Answer:
    """Read the answer to whether a change is breaking."""
    sentence = "breaking.answer must be one of yes, no, unclear"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if not isinstance(value, str):
        raise UnreadableError(sentence)
    text = _fold(value)
    for candidate in (text, _EXPLANATION.split(text, maxsplit=1)[0]):
        if answer := _ANSWERS.get(_strip(candidate)):
            return answer
    raise UnreadableError(sentence)


def is_nothing(text: str) -> bool:
    """Say whether a text only says that there is nothing to say: "无", "None.", "N/A", "no known risks"."""
    bare = " ".join(_fold(text).split()).strip(" .。!*`\"'“”()[]…")
    return not bare or (len(bare) < 80 and _NOTHING.fullmatch(bare) is not None)


def drop_nothing(texts: Iterable[str]) -> tuple[str, ...]:
    """Drop the entries of a list that say nothing, and repeated ones."""
    return tuple(dict.fromkeys(text for text in texts if not is_nothing(text)))


def _find_kinds(text: str) -> list[Kind]:
    """Find the kinds that a text lists; what stands in brackets counts where nothing before it does."""
    folded = _CI_CD.sub("cicd", _fold(text))
    outside = _look_up_kinds(_REMARK.sub(" ", folded))
    return outside or _look_up_kinds(" / ".join(_REMARK.findall(folded)))


def _look_up_kinds(text: str) -> list[Kind]:
    whole = _KINDS.get(_strip(text))
    if whole:
        return [whole]
    return [kind for part in _SEPARATORS.split(text) if (kind := _KINDS.get(_strip(part)))]


def _find_importance_word(text: str) -> str:
    whole = _strip(_IMPORTANCE_WORDS.sub("", text))
    if whole in _IMPORTANCE:
        return whole
    head = _strip(_IMPORTANCE_WORDS.sub("", _EXPLANATION.split(text.strip(" :"), maxsplit=1)[0]))
    return head or whole


def _look_up(word: str, table: Mapping[str, Importance], sentence: str) -> Importance:
    if word not in table:
        raise UnreadableError(sentence)
    return table[word]


def _fold(text: str) -> str:
    """Bring full-width forms, compatibility blanks and case to one spelling."""
    return unicodedata.normalize("NFKC", text[:_MOST_READ]).casefold()


def _strip(text: str) -> str:
    return _FILLING.sub("", _OTHER_SIGNS.sub("", text))
