"""Hold the sentences of a digest by rules, in each language, and fill them.

This module must not decide what is said, or which commits a line stands on.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from generator.records import Kind, Language

CHINESE: Mapping[str, str] = MappingProxyType(
    {
        "head_breaking": "破坏性变更",
        "head_security": "安全",
        "head_revert": "回滚",
        "head_interface": "接口变动",
        "one": "{head}：{text}{stop}{more}",
        "one_in": "{head}（{where}）：{text}{stop}{more}",
        "many": "{head}：{texts}{stop}",
        "many_in": "{head}（{where}）：{texts}{stop}",
        "repository_areas": "{repository} · {areas}",
        "labelled": "{label}：{text}",
        "quote": "“{text}”",
        "said": "作者说明：“{text}”。",
        "reason": "{text}（{reason}）",
        "stop": "。",
        "semicolon": "；",
        "comma": "、",
        "more": "{texts}；另有 {number} 项",
        "rest": "其余：{counts}。",
        "only": "没有大的变动：{counts}。",
        "rest_of": "{repository} {counts}",
        **{
            f"{kind}_{form}": f"{noun} {{number}} 项"
            for form in ("one", "many")
            for kind, noun in {
                Kind.FEATURE: "功能",
                Kind.FIX: "修复",
                Kind.PERFORMANCE: "性能优化",
                Kind.REFACTOR: "重构",
                Kind.DOCS: "文档",
                Kind.TEST: "测试",
                Kind.CONFIG: "配置",
                Kind.DEPENDENCY: "依赖更新",
                Kind.CI: "CI",
                Kind.SECURITY: "安全",
                Kind.REVERT: "回滚",
                Kind.OTHER: "其他",
            }.items()
        },
    }
)
ENGLISH: Mapping[str, str] = MappingProxyType(
    {
        "head_breaking": "Breaking change",
        "head_security": "Security",
        "head_revert": "Taken back",
        "head_interface": "Interface change",
        "one": "{head}: {text}{stop} {more}",
        "one_in": "{head} in {where}: {text}{stop} {more}",
        "many": "{head}: {texts}{stop}",
        "many_in": "{head} in {where}: {texts}{stop}",
        "repository_areas": "{repository} ({areas})",
        "labelled": "{label}: {text}",
        "quote": "“{text}”",
        "said": "The author: “{text}”.",
        "reason": "{text} ({reason})",
        "stop": ".",
        "semicolon": "; ",
        "comma": ", ",
        "more": "{texts}; and {number} more",
        "rest": "Besides: {counts}.",
        "only": "Nothing large: {counts}.",
        "rest_of": "{repository} {counts}",
        "feature_one": "1 feature",
        "feature_many": "{number} features",
        "fix_one": "1 fix",
        "fix_many": "{number} fixes",
        "performance_one": "1 speed-up",
        "performance_many": "{number} speed-ups",
        "refactor_one": "1 refactoring",
        "refactor_many": "{number} refactorings",
        "docs_one": "1 documentation change",
        "docs_many": "{number} documentation changes",
        "test_one": "1 test change",
        "test_many": "{number} test changes",
        "config_one": "1 configuration change",
        "config_many": "{number} configuration changes",
        "dependency_one": "1 dependency update",
        "dependency_many": "{number} dependency updates",
        "ci_one": "1 CI change",
        "ci_many": "{number} CI changes",
        "security_one": "1 security change",
        "security_many": "{number} security changes",
        "revert_one": "1 revert",
        "revert_many": "{number} reverts",
        "other_one": "1 other change",
        "other_many": "{number} other changes",
    }
)
TABLES: Mapping[Language, Mapping[str, str]] = {"zh": CHINESE, "en": ENGLISH}


def say(language: Language, key: str, /, **values: str | int) -> str:
    """Fill the sentence `key` with values, which stand in it as they are."""
    return TABLES[language][key].format(**values)
