"""Wording: both languages say the same things, and every sentence is said somewhere."""

from __future__ import annotations

import ast
import string
from pathlib import Path

import pytest

from generator.analyse.paths import Place
from generator.analyse.plain import clip, fold
from generator.analyse.wording import SENTENCES, Wording
from generator.records import Kind

ANALYSE = Path(__file__).parent.parent / "generator" / "analyse"
# Keys that are put together: "kind_" and a kind, "place_" and a place, a noun and its number.
PUT_TOGETHER = {
    *(f"kind_{kind}" for kind in Kind),
    *(f"place_{place}" for place in Place),
    *(f"low_{place}" for place in ("docs", "test", "ci", "example", "benchmark", "asset", "generated")),
    *(f"{noun}_{number}" for noun in ("file", "line") for number in ("one", "many")),
}


def fields(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


def spoken() -> set[str]:
    """Collect every string in the modules that speak: among them are the keys."""
    modules = (path for path in ANALYSE.glob("*.py") if path.name not in ("chinese.py", "english.py"))
    nodes = (node for path in modules for node in ast.walk(ast.parse(path.read_text("utf-8"))))
    return {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def test_both_languages_have_the_same_keys() -> None:
    assert SENTENCES["zh"].keys() == SENTENCES["en"].keys()


@pytest.mark.parametrize("key", sorted(SENTENCES["zh"]))
def test_both_languages_are_told_the_same_values(key: str) -> None:
    # A list that goes on is counted from its beginning in Chinese and from its end in English.
    allowed = {"number", "total"} if key == "and_more" else set()
    assert fields(SENTENCES["zh"][key]) - allowed == fields(SENTENCES["en"][key]) - allowed


def test_every_sentence_is_said_somewhere() -> None:
    assert SENTENCES["zh"].keys() - spoken() - PUT_TOGETHER == set()


def test_every_kind_and_place_has_a_name() -> None:
    assert SENTENCES["zh"].keys() >= PUT_TOGETHER


def test_list_says_how_many_are_left_out() -> None:
    names = ["a", "b", "b", "c", "d", "e"]
    assert Wording("en").list_names(names, 3) == "`a`, `b`, `c` and 2 more"
    assert Wording("zh").list_names(names, 3) == "`a`、`b`、`c` 等 5 项"
    assert Wording("en").list_names(["a", "b"]) == "`a` and `b`"


def test_long_path_keeps_both_its_ends() -> None:
    path = "packages/" + "x" * 200 + "/file.py"
    shown = Wording("en").code(path)
    assert shown.startswith("`packages/x")
    assert shown.endswith("x/file.py`")
    assert len(shown) == 102


def test_chinese_sets_latin_text_off_by_a_space_but_not_chinese_text() -> None:
    words = Wording("zh")
    assert words.say("medium_deprecated", path="`a.py`") == "新增弃用标记，见 `a.py`"
    assert words.say("low_mixed", places="文档、CI", files="2 个文件") == "只改动文档、CI（2 个文件）"


def test_values_are_not_read_as_sentences() -> None:
    assert Wording("en").say("lead", kind="Other", content="{kind} {0} %s") == "Other: “{kind} {0} %s”."


def test_text_is_folded_into_one_line_and_cut_at_a_word() -> None:
    assert fold("a\r\n b\t\u2028c\x0bd") == "a b c d"
    assert clip("one two three", 9) == "one two…"
    assert clip("One is done. Two is not", 15) == "One is done."
    assert clip("short", 5) == "short"
    assert clip("x" * 50, 10) == "x" * 9 + "…"
