"""Hold the words of an answer in both languages; those of kinds and importance are the pages' own.

This module must not know where a word stands. What goes between the braces is already markup.
"""

from __future__ import annotations

from dataclasses import dataclass

from generator.pages.words import Counted
from generator.records import Language


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerWords:
    """The words of one language."""

    title: str
    old_end: str
    new_end: str
    landed: Counted
    nothing_landed: str
    is_older: str
    diverged: str
    paths: str
    breaking_only: str
    shown: Counted
    none_shown: str
    breaking: str
    perhaps_breaking: str
    not_archived: str
    not_archived_note: Counted
    unknown_note: str
    backfill: str
    elsewhere: Counted
    left_behind: str
    left_behind_note: Counted
    evidence: str
    paths_unknown: str
    reverted_by: str
    compare: str


_ENGLISH = AnswerWords(
    title="{name}: from {old} to {new}",
    old_end="Old end: {commit}",
    new_end="New end: {commit}",
    landed=("{n} commit landed.", "{n} commits landed."),
    nothing_landed="Nothing landed: the old end has every commit of the new one.",
    is_older="The new end is the older one: going there takes commits away.",
    diverged="The two ends have diverged: each has commits that the other has not.",
    paths="Wanted are those that change one of these paths: {paths}.",
    breaking_only="Wanted are those that are breaking, or may be.",
    shown=("{n} of them is shown below.", "{n} of them are shown below."),
    none_shown="None of them is shown below.",
    breaking="💥 Breaking",
    perhaps_breaking="❔ Perhaps breaking",
    not_archived="Not archived",
    not_archived_note=(
        "Of {n} commit the archive knows nothing, and git alone speaks here.",
        "Of {n} commits the archive knows nothing, and git alone speaks here.",
    ),
    unknown_note="Whether they are wanted is not known.",
    backfill="Next step: {command}",
    elsewhere=(
        "{n} of them is not on the tracked branch, so no run archives it.",
        "{n} of them are not on the tracked branch, so no run archives them.",
    ),
    left_behind="Left behind",
    left_behind_note=(
        "The old end has {n} commit that the new one has not.",
        "The old end has {n} commits that the new one has not.",
    ),
    evidence="Breaking: {evidence}",
    paths_unknown="paths not known",
    reverted_by="reverted by {commits}",
    compare="compare on the host",
)
_CHINESE = AnswerWords(
    title="{name}：从 {old} 到 {new}",
    old_end="旧端：{commit}",
    new_end="新端：{commit}",
    landed=("合入 {n} 个提交。", "合入 {n} 个提交。"),
    nothing_landed="没有合入任何提交：新端的提交旧端都有。",
    is_older="新端比旧端更旧：换到新端会失去一些提交。",
    diverged="两端已经分叉：各有对方没有的提交。",
    paths="只要改动了下列路径之一的提交：{paths}。",
    breaking_only="只要破坏性的或可能是破坏性的提交。",
    shown=("下面列出其中 {n} 个。", "下面列出其中 {n} 个。"),
    none_shown="下面一个也没有列出。",
    breaking="💥 破坏性",
    perhaps_breaking="❔ 可能是破坏性",
    not_archived="未归档",
    not_archived_note=(
        "有 {n} 个提交没有归档，这里只有 git 的信息。",
        "有 {n} 个提交没有归档，这里只有 git 的信息。",
    ),
    unknown_note="它们是否符合条件，尚不知道。",
    backfill="下一步：{command}",
    elsewhere=(
        "其中 {n} 个不在所跟踪的分支上，任何运行都不会归档。",
        "其中 {n} 个不在所跟踪的分支上，任何运行都不会归档。",
    ),
    left_behind="被留下的提交",
    left_behind_note=(
        "旧端有 {n} 个新端没有的提交。",
        "旧端有 {n} 个新端没有的提交。",
    ),
    evidence="破坏性：{evidence}",
    paths_unknown="路径尚不知道",
    reverted_by="被 {commits} 回滚",
    compare="在托管网站上比较",
)
_LANGUAGES: dict[Language, AnswerWords] = {"en": _ENGLISH, "zh": _CHINESE}


def find_answer_words(language: Language) -> AnswerWords:
    """Find the words of a language."""
    return _LANGUAGES[language]
