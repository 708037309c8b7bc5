"""Reading replies: what ended well, what a form takes, and that nothing else gets in."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from generator.analyse.model.asks import Flaw, Form
from generator.analyse.model.forms import CommitForm, PartForm, find_schema
from generator.analyse.model.reply import Answer, Reading, parse_form, read_answer
from generator.analyse.model.spellings import is_nothing, read_answer_word, read_importance, read_kinds
from generator.analyse.model.tidy import tidy
from generator.analyse.model.tongue import is_in
from generator.records import Importance, Kind, Language, Reason, Tokens

PART: dict[str, Any] = {
    "summary": "The router picks a worker by its load.",
    "findings": [{"place": "lib/router.py", "note": "Adds `pick`."}],
    "insight": {"architecture": None, "performance": "One look-up less.", "security": None},
    "risks": ["An idle worker may starve."],
    "breaking": {"evidence": None, "answer": "no"},
}
COMMIT: dict[str, Any] = {
    "summary": "The router picks a worker by its load.",
    "kinds": ["feature"],
    "impact": [{"place": "lib/router.py", "note": "Adds `pick`."}],
    "insight": {"architecture": None, "performance": None, "security": None},
    "risks": [],
    "advice": ["Watch the load."],
    "breaking": {"evidence": None, "answer": "no"},
    "importance_reason": "It changes which worker answers.",
    "importance": "medium",
}


def complete(
    content: object = "{}", finish_reason: object = "stop", message: object = None, **more: object
) -> bytes:
    """Write a chat completion as servers do."""
    said = {"role": "assistant", "content": content} if message is None else message
    choice = {"index": 0, "finish_reason": finish_reason, "message": said}
    return json.dumps({"id": "1", "object": "chat.completion", "choices": [choice]} | more).encode()


def find_reason(reading: Reading) -> Reason | None:
    return reading.result.reason if isinstance(reading.result, Flaw) else None


def find_flaw(content: str, form: type[Form] = CommitForm) -> Reason | None:
    result = parse_form(content, form)
    return result.reason if isinstance(result, Flaw) else None


def change_commit(**fields: object) -> str:
    return json.dumps(COMMIT | fields)


def fill(**fields: object) -> CommitForm:
    filled = parse_form(change_commit(**fields), CommitForm)
    assert isinstance(filled, CommitForm), filled
    return filled


def test_completion_gives_its_text_its_model_and_what_it_was_billed() -> None:
    usage = {"prompt_tokens": 900, "completion_tokens": 80, "prompt_tokens_details": {"cached_tokens": 512}}
    assert read_answer(complete("hello", model="gpt-5-mini-2025", usage=usage)) == Reading(
        result=Answer(content="hello"),
        tokens=Tokens(prompt=900, completion=80),
        cached=512,
        model="gpt-5-mini-2025",
        finish_reason="stop",
    )


@pytest.mark.parametrize(
    ("usage", "tokens", "cached"),
    [
        (None, (0, 0), 0),
        ([], (0, 0), 0),
        ({"prompt_tokens": 7}, (7, 0), 0),
        ({"prompt_tokens": 7, "completion_tokens": None, "prompt_tokens_details": None}, (7, 0), 0),
        ({"prompt_tokens": 7, "completion_tokens": 2, "prompt_cache_hit_tokens": 4}, (7, 2), 4),
        ({"prompt_tokens": 7, "completion_tokens": 2, "prompt_cache_hit_tokens": 40}, (7, 2), 7),
        ({"prompt_tokens": -7, "completion_tokens": True}, (0, 0), 0),
        ({"prompt_tokens": 1.5, "completion_tokens": "9"}, (0, 0), 0),
        ({"prompt_tokens": 10**40, "completion_tokens": 3}, (0, 3), 0),
    ],
)
def test_tokens_that_are_no_count_are_zero(usage: object, tokens: tuple[int, int], cached: int) -> None:
    reading = read_answer(complete("hello", usage=usage))
    assert (reading.tokens.prompt, reading.tokens.completion) == tokens
    assert reading.cached == cached


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        # Why it ended comes first: whole JSON in a cut reply is not looked at.
        (complete(json.dumps(COMMIT), "length"), Reason.CUT),
        (complete(json.dumps(COMMIT), "content_filter"), Reason.FILTERED),
        (complete(json.dumps(COMMIT), "insufficient_system_resource"), Reason.NO_ANSWER),
        (complete(json.dumps(COMMIT), "tool_calls"), Reason.INVALID),
        (complete(json.dumps(COMMIT), 7), Reason.INVALID),
        (complete(None, "length", {"content": None, "reasoning": "hm"}), Reason.CUT),
        (complete(message={"content": None, "refusal": "I cannot."}), Reason.REFUSED),
        (complete(message={"content": "{}", "refusal": "I cannot."}), Reason.REFUSED),
        (complete([{"type": "refusal", "refusal": "I cannot."}]), Reason.REFUSED),
        (complete(message={"content": None, "reasoning_content": "so much thought"}), Reason.EMPTY),
        (complete(None), Reason.EMPTY),
        (complete(""), Reason.EMPTY),
        (complete("   \n\t  "), Reason.EMPTY),
        (complete([]), Reason.EMPTY),
        (complete(12), Reason.INVALID),
        (complete({"summary": "x"}), Reason.INVALID),
        (complete(message=["hello"]), Reason.INVALID),
        (complete(choices=[]), Reason.EMPTY),
        (complete(choices=None), Reason.EMPTY),
        (b'{"id": "1"}', Reason.EMPTY),
        (complete(choices={"0": {}}), Reason.INVALID),
        (complete(choices=["hello"]), Reason.INVALID),
        (b'{"error": {"message": "overloaded"}}', Reason.NO_ANSWER),
        (b"<!doctype html><title>502</title>", Reason.INVALID),
        (b"", Reason.INVALID),
        (b"null", Reason.INVALID),
        (b"[1]", Reason.INVALID),
        (b'data: {"choices": []}', Reason.INVALID),
        (complete("hello")[:-9], Reason.INVALID),
        (complete("hello") + b"{}", Reason.INVALID),
        (b"\xff\xfe\x00", Reason.INVALID),
        (b'{"choices": [], "choices": []}', Reason.INVALID),
        (b'{"choices": [], "created": NaN}', Reason.INVALID),
        (b'{"a":' * 5000 + b"1" + b"}" * 5000, Reason.INVALID),
        (b'{"created": ' + b"9" * 5000 + b"}", Reason.INVALID),
        (complete("x" * 9_000_000), Reason.INVALID),
    ],
)
def test_reply_that_is_no_answer_says_why(body: bytes, reason: Reason) -> None:
    assert find_reason(read_answer(body)) == reason


@pytest.mark.parametrize("ended", ["stop", None, "", "eos_token", "end_turn"])
def test_reply_that_ended_by_itself_is_an_answer(ended: str | None) -> None:
    assert read_answer(complete("hello", ended)).result == Answer(content="hello")


def test_reply_after_blank_lines_and_a_byte_order_mark_is_read() -> None:
    assert read_answer(b"\xef\xbb\xbf\n\n\n" + complete("hello")).result == Answer(content="hello")


def test_text_in_parts_is_put_together_without_the_reasoning() -> None:
    parts = [
        {"type": "thinking", "thinking": "hm"},
        {"type": "text", "text": "hel"},
        {"type": "text", "text": "lo"},
    ]
    assert read_answer(complete(parts)).result == Answer(content="hello")


def test_what_a_vain_reply_cost_is_still_counted() -> None:
    reading = read_answer(complete("", "length", usage={"prompt_tokens": 900, "completion_tokens": 4000}))
    assert find_reason(reading) is Reason.CUT
    assert reading.tokens == Tokens(prompt=900, completion=4000)


@pytest.mark.parametrize(
    "around",
    [
        "OBJECT",
        "\ufeffOBJECT\n",
        "```json\nOBJECT\n```",
        "Here is the analysis:\n\n```\nOBJECT\n```\nLet me know!",
        "Sure! OBJECT Anything else?",
        '<think>Maybe {"summary": "x"} or not.</think>\nOBJECT',
        "<think>\nno end\nOBJECT",
        "so I shall say </think>\n\nOBJECT",
        'I might say {"summary": "x"} but no </think>\n\nOBJECT',
        "<think>a</think><reasoning>b</reasoning>```json\nOBJECT```",
        "OBJECT\n\nOBJECT",
    ],
)
def test_form_is_found_whatever_stands_around_it(around: str) -> None:
    filled = parse_form(around.replace("OBJECT", json.dumps(COMMIT)), CommitForm)
    assert filled == CommitForm.model_validate(COMMIT)


def test_tag_inside_a_text_is_text() -> None:
    filled = fill(summary="Strips `</think>` and {braces} from ```replies``` of the model.")
    assert filled.summary == "Strips `</think>` and {braces} from `replies` of the model."


def test_line_break_inside_a_text_is_a_blank() -> None:
    text = json.dumps(COMMIT).replace("worker by", "worker\nby")
    assert parse_form(text, CommitForm) == CommitForm.model_validate(COMMIT)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", Reason.EMPTY),
        ("```\n```", Reason.EMPTY),
        ("<think>all that remains</think>", Reason.EMPTY),
        ("I am sorry.", Reason.INVALID),
        ("[1, 2]", Reason.INVALID),
        ("{}", Reason.INVALID),
        (json.dumps(COMMIT)[:-1], Reason.CUT),
        (json.dumps(COMMIT)[:-40], Reason.CUT),
        ("```json\n" + json.dumps(COMMIT)[:60], Reason.CUT),
        ('{"summary": "half a sen', Reason.CUT),
        ('{"summary": "a\\', Reason.CUT),
        (json.dumps(COMMIT) + json.dumps(COMMIT | {"importance": "high"}), Reason.INVALID),
        (json.dumps(COMMIT)[:-1] + ', "importance": "high"}', Reason.INVALID),
        (json.dumps(COMMIT).replace('"medium"', "NaN"), Reason.INVALID),
        (json.dumps(COMMIT).replace('"medium"', "Infinity"), Reason.INVALID),
        (json.dumps(COMMIT).replace('"medium"', "'medium'"), Reason.INVALID),
        (json.dumps(COMMIT)[:-1] + ",}", Reason.INVALID),
        ('{"a":' * 5000 + "1" + "}" * 5000, Reason.INVALID),
        ('{"a": ' + "9" * 5000 + "}", Reason.INVALID),
        (json.dumps({"analysis": COMMIT}), Reason.INVALID),
        (json.dumps(COMMIT | {"html": "<b>"}), Reason.INVALID),
        (json.dumps({field: value for field, value in COMMIT.items() if field != "advice"}), Reason.INVALID),
        (change_commit(summary=None), Reason.INVALID),
        (change_commit(summary=["a"]), Reason.INVALID),
        (change_commit(summary="x" * 20_000), Reason.INVALID),
        (change_commit(kinds=["banana"]), Reason.INVALID),
        (change_commit(kinds=["feature", "banana"]), Reason.INVALID),
        (change_commit(kinds=[]), Reason.INVALID),
        (change_commit(kinds=list(Kind)), Reason.INVALID),
        (change_commit(importance="🔴低"), Reason.INVALID),
        (change_commit(impact=["lib/router.py"]), Reason.INVALID),
        (change_commit(impact=[{"place": "a" * 5000, "note": "x"}]), Reason.INVALID),
        (change_commit(risks=["a"] * 100), Reason.INVALID),
        (change_commit(risks=[1]), Reason.INVALID),
        (change_commit(breaking={"answer": "perhaps so", "evidence": None}), Reason.INVALID),
        (json.dumps(COMMIT) + " " * 1_000_000, Reason.INVALID),
        (json.dumps(COMMIT) * 9, Reason.INVALID),
        (change_commit(impact=[{"place": "a.py", "note": "x"}] * 100), Reason.INVALID),
        ('{"' + '\\"' * 300_000, Reason.CUT),
    ],
)
def test_text_that_is_not_one_whole_form_is_refused(content: str, reason: Reason) -> None:
    assert find_flaw(content) == reason


def test_flaw_names_fields_and_values_and_nothing_that_the_reply_said() -> None:
    content = change_commit(
        importance="sneaky", sneaky="sneaky", summary=7, breaking={"answer": "sneaky", "sneaky": 1}
    )
    flaw = parse_form(content, CommitForm)
    assert flaw == Flaw(
        reason=Reason.INVALID,
        told="The reply does not fit the schema: `summary` has a value of the wrong type; `breaking.evidence` is "
        "missing; `breaking.answer`: breaking.answer must be one of yes, no, unclear; `breaking` has fields that the "
        "schema does not have; `importance`: importance must be one of high, medium, low; the object has fields that "
        "the schema does not have.",
    )


def test_part_of_a_large_commit_has_a_form_of_its_own() -> None:
    filled = parse_form(json.dumps(PART), PartForm)
    assert isinstance(filled, PartForm)
    assert filled.model_dump(mode="json") == PART
    assert find_flaw(json.dumps(COMMIT), PartForm) is Reason.INVALID


def test_texts_come_in_tidy_and_nothing_is_none() -> None:
    filled = fill(
        summary="## 📋 变更摘要\n- **路由**按负载\u202e选择 `worker`。\n- 见 [这里](https://example.org/x)。",
        insight={"architecture": "无", "performance": "None.", "security": "N/A"},
        risks="无明显风险",
        advice=["无", "1. 观察负载", "1. 观察负载"],
        impact=[{"place": "`lib/router.py`", "note": "* 新增 `pick`"}, {"place": "无", "note": "无"}],
        breaking="否",
    )
    assert filled.model_dump(mode="json") == COMMIT | {
        "summary": "📋 变更摘要 路由按负载选择 `worker`。 见 这里。".removeprefix("📋 "),
        "risks": [],
        "advice": ["观察负载"],
        "impact": [{"place": "lib/router.py", "note": "新增 `pick`"}],
    }


def test_cut_leaves_no_code_span_open() -> None:
    assert fill(summary="路由" * 598 + "`pick_worker`").summary == "路由" * 598 + "pi…"


def test_half_a_character_is_dropped_from_texts_and_places() -> None:
    filled = fill(summary="a\ud83db", impact=[{"place": "\ud83d", "note": "c\udc00"}])
    assert (filled.summary, filled.impact[0].place, filled.impact[0].note) == ("ab", "?", "c")


def test_text_a_little_too_long_is_cut_at_a_sentence() -> None:
    sentence = "The router picks a worker by its load. "
    assert fill(summary=sentence * 40).summary == (sentence * 30).strip()


@pytest.mark.parametrize(
    ("spelling", "kinds"),
    [
        ("功能增强 / 重构", [Kind.FEATURE, Kind.REFACTOR]),
        ("功能增强、重构、架构变更", [Kind.FEATURE, Kind.REFACTOR]),
        ("Bug修复", [Kind.FIX]),
        (["Bugfix"], [Kind.FIX]),
        ("bug fix", [Kind.FIX]),
        ("Ｂｕｇ　修复，ＣＩ", [Kind.FIX, Kind.CI]),
        ("文档（docs）", [Kind.DOCS]),
        ("重构（删除 `fix`、测试）", [Kind.REFACTOR]),
        ("🔄 **回滚（revert）**", [Kind.REVERT]),
        ("CI/CD", [Kind.CI]),
        ("Fix | tests", [Kind.FIX, Kind.TEST]),
        ("fix and docs", [Kind.FIX, Kind.DOCS]),
        (["other", "fix", "Bugfix"], [Kind.FIX]),
        (["其他"], [Kind.OTHER]),
        (["feature", "fix", "docs", "test", "ci"], [Kind.FEATURE, Kind.FIX, Kind.DOCS, Kind.TEST]),
        (["performance optimization", "依赖升级"], [Kind.PERFORMANCE, Kind.DEPENDENCY]),
    ],
)
def test_kinds_are_understood_in_many_spellings(spelling: object, kinds: list[Kind]) -> None:
    assert read_kinds(spelling) == tuple(kinds)


@pytest.mark.parametrize(
    "spelling", ["", "not a fix", "安全的重构方式", None, 3, [None], ["fix", ""], list(Kind)]
)
def test_kinds_that_are_none_are_refused(spelling: object) -> None:
    with pytest.raises(ValueError, match="kinds must be"):
        read_kinds(spelling)


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_is_its_own_spelling(kind: Kind) -> None:
    assert read_kinds([kind.value]) == (kind,)


@pytest.mark.parametrize(
    ("spelling", "importance"),
    [
        ("🔴高", Importance.HIGH),
        ("🔴\u202f高", Importance.HIGH),
        ("High", Importance.HIGH),
        ("HIGH importance", Importance.HIGH),
        ("**High**: the core path", Importance.HIGH),
        ("重要程度：🔴 高", Importance.HIGH),
        ("🟡 中（对核心逻辑影响不高）", Importance.MEDIUM),
        ("中等", Importance.MEDIUM),
        ("🔵 中", Importance.MEDIUM),
        ("低", Importance.LOW),
        ("🟢", Importance.LOW),
        ("low", Importance.LOW),
    ],
)
def test_importance_is_understood_in_many_spellings(spelling: str, importance: Importance) -> None:
    assert read_importance(spelling) is importance


@pytest.mark.parametrize(
    "spelling",
    ["🔴低", "🔴🟢", "medium-high", "不高", "not low", "高/中", "low to medium", "", "banana", None, 3],
)
def test_importance_that_contradicts_itself_or_says_nothing_is_refused(spelling: object) -> None:
    with pytest.raises(ValueError, match="importance must be"):
        read_importance(spelling)


@pytest.mark.parametrize(
    ("spelling", "answer"),
    [
        ("Yes.", "yes"),
        ("是（移除了接口）", "yes"),
        (True, "yes"),
        ("No, nothing changes", "no"),
        ("否", "no"),
        (False, "no"),
        ("无", "no"),
        ("不确定", "unclear"),
        ("Unclear", "unclear"),
    ],
)
def test_breaking_is_understood_in_many_spellings(spelling: object, answer: str) -> None:
    assert read_answer_word(spelling) == answer


@pytest.mark.parametrize(
    "text",
    ["无", "无。", "None.", "N/A", "n/a", "暂无明显风险", "No known issues", "“无”", "-", " ", "不涉及"],
)
def test_words_for_nothing_are_nothing(text: str) -> None:
    assert is_nothing(text)


@pytest.mark.parametrize(
    "text", ["无法处理空输入", "无锁队列", "No tests cover this", "None of the callers is checked", "/etc"]
)
def test_sentences_that_begin_like_nothing_say_something(text: str) -> None:
    assert not is_nothing(text)


@pytest.mark.parametrize(
    ("text", "tidied"),
    [
        ("a\n\n  b\tc", "a b c"),
        ("- a\n- b", "a b"),
        ("### Heading\n1. **one**\n2) two", "Heading one two"),
        ("**`pick`** and **bold `code` too**", "`pick` and bold `code` too"),
        ("takes `**kwargs` and `**more`", "takes `**kwargs` and `**more`"),
        ("**see [this](https://example.org)**", "see this"),
        ("a `` b ` ` c", "a `b` c"),
        ("see ![cat](https://example.org/c.png) [here](javascript:x)", "see cat here"),
        ("call `a[0](b)` now", "call `a[0](b)` now"),
        ("```python\nx = 1\n```", "`x = 1`"),
        ("``x``", "`x`"),
        ("an `open span", "an open span"),
        ("a\u200bb\u202ec\x00d\U000e0041e\ufe0f\ud800", "abcde"),
        ("-1 is not a list", "-1 is not a list"),
        ("<b>bold</b> & more", "<b>bold</b> & more"),
        ("#123 is fixed", "#123 is fixed"),
    ],
)
def test_text_becomes_one_line_of_plain_text(text: str, tidied: str) -> None:
    assert tidy(text) == tidied


@pytest.mark.parametrize(
    ("language", "text", "is_right"),
    [
        ("zh", "路由器现在按负载选择 worker，减少了 prefix cache 的未命中。" * 2, True),
        (
            "zh",
            "The router now picks a worker by its load, so that fewer prefixes are missed by the cache.",
            False,
        ),
        (
            "en",
            "The router now picks a worker by its load, so that fewer prefixes are missed by the cache.",
            True,
        ),
        ("en", "路由器现在按负载选择工作进程，减少了前缀缓存的未命中，并且修复了一处竞争条件问题。", False),
        (
            "en",
            "Роутер выбирает рабочий процесс по нагрузке, поэтому кэш реже промахивается при запросах.",
            False,
        ),
        (
            "zh",
            "ルーターは負荷に応じてワーカーを選択するようになり、キャッシュミスが減少しました。" * 2,
            False,
        ),
        (
            "zh",
            "修复 pick_worker_by_load 在 lib/llm/src/kv_router.rs 与 lib/llm/src/kv_block_manager.rs 中的错误",
            True,
        ),
        (
            "en",
            "Adds the labels “高” and “低” to the table of words that readers of the Chinese pages see.",
            True,
        ),
        ("zh", "修复 `the old way of picking a worker by its load that nobody understood` 的错误", True),
        ("zh", "Fix typo", True),
        ("en", "修正错别字", True),
    ],
)
def test_language_is_told_by_the_script_of_longer_texts(
    language: Language, text: str, is_right: bool
) -> None:
    assert is_in(language, [text]) is is_right


@pytest.mark.parametrize("form", [CommitForm, PartForm])
def test_schema_is_as_simple_as_strict_mode_wants_it(form: type[Form]) -> None:
    schema = find_schema(form)
    allowed = {"type", "description", "enum", "properties", "required", "items", "additionalProperties"}

    def walk(node: dict[str, Any]) -> None:
        assert set(node) <= allowed
        assert "type" in node
        if node["type"] == "object":
            assert node["required"] == list(node["properties"])
            assert node["additionalProperties"] is False
            for field in node["properties"].values():
                assert field["description"]
                walk(field)
        if node["type"] == "array":
            walk(node["items"])

    walk(schema)
    assert "$" not in json.dumps(schema)


def test_schema_names_every_field_and_every_value_of_the_vocabularies() -> None:
    fields = find_schema(CommitForm)["properties"]
    assert set(fields) == set(COMMIT)
    assert fields["kinds"]["items"]["enum"] == list(Kind)
    assert fields["importance"]["enum"] == list(Importance)
    assert fields["breaking"]["properties"]["answer"]["enum"] == ["yes", "no", "unclear"]
    assert fields["insight"]["properties"]["security"]["type"] == ["string", "null"]


# Bits that replies are made of, so that chance meets the parser's own branches.
PIECES = st.sampled_from(
    [
        *'{ } [ ] " \\ : , <think> </think> ``` ```json \ufeff NaN null true 1e999 \\ud800 {"summary":"x"}'.split(
            " "
        ),
        *("\n", "\x00", json.dumps(COMMIT), json.dumps(PART)),
    ]
)
TEXTS = st.one_of(st.text(), st.lists(st.one_of(PIECES, st.text(max_size=5)), max_size=12).map("".join))
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXTS, inner, max_size=4)),
    max_leaves=12,
)


@given(st.one_of(st.binary(), TEXTS.map(lambda text: text.encode("utf-8", "surrogatepass"))))
@example(b'{"choices": [{"message": {"content": "\\ud800"}}]}')
def test_no_bytes_whatever_raise(body: bytes) -> None:
    assert isinstance(read_answer(body), Reading)


@given(st.dictionaries(st.sampled_from(["choices", "usage", "model", "error"]), VALUES), VALUES, VALUES)
def test_no_envelope_whatever_raises(envelope: dict[str, object], ended: object, message: object) -> None:
    body = complete("hello", ended, message) if message is not None else json.dumps(envelope).encode()
    assert isinstance(read_answer(body), Reading)


@given(TEXTS)
@example('{"\\ud800": 1}')
@example('{"summary": "\\ud800"}')
def test_no_text_whatever_raises_or_passes_for_a_form(content: str) -> None:
    result = parse_form(content, CommitForm)
    assert isinstance(result, Flaw) or result == CommitForm.model_validate(COMMIT)


@given(st.sampled_from(sorted(COMMIT)), VALUES)
def test_no_value_of_a_field_raises(field: str, value: object) -> None:
    result = parse_form(json.dumps(COMMIT | {field: value}), CommitForm)
    if isinstance(result, Flaw):
        assert result.reason in (Reason.INVALID, Reason.CUT)
    else:
        CommitForm.model_validate_json(result.model_dump_json())


@given(TEXTS)
def test_tidy_text_is_one_line_without_an_open_code_span(text: str) -> None:
    tidied = tidy(text)
    assert tidied == " ".join(tidied.split())
    assert tidied.count("`") % 2 == 0
    assert not re.search(r"[\x00-\x1f\u200b-\u200f\u202a-\u202e\ud800-\udfff]", tidied)


def test_every_cut_of_a_form_is_seen_as_cut() -> None:
    whole = json.dumps(COMMIT)
    assert {find_flaw(whole[:length]) for length in range(2, len(whole))} == {Reason.CUT}
