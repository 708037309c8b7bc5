"""What servers do to those who ask them, and what stands in the archive afterwards."""

from __future__ import annotations

import gzip
import json
import re
import shutil
import time
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from email.utils import formatdate
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from generator.config import Budget, ModelSettings, Price
from generator.records import Analysis, Kind, Language, Outcome, Reason
from tests.archives import NAME
from tests.histories import Upstream
from tests.model_archives import (
    KEY,
    KEY_VALUE,
    add_item,
    make_config,
    make_model,
    make_source,
    name_item,
    read_analyses,
    read_commits,
    read_replies,
    run_asking,
    spend_nothing,
)
from tests.model_server import (
    Answer,
    Heard,
    ModelServer,
    Script,
    answer_well,
    complete,
    fail,
    fill_form,
    in_turn,
    say,
    send_after_blanks,
    send_babble,
    send_chunked,
    send_cut,
    send_dripping,
    send_nothing,
    send_reset,
    send_unending,
    send_whole,
    write_completion,
)

FIRST, ODD = name_item(1), name_item(2)
DEADLINE = 0.8
# Seconds that a client with this deadline has long stopped to wait for.
TOO_LONG = 1.2
GONE = "http://127.0.0.1:9/v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What an item has in the record, how often it was asked about, and how often that was paid for."""

    outcome: Outcome = Outcome.OK
    reason: Reason | None = None
    detail: str | None = None
    asked: int = 1
    billed: int = 1


def analysed(asked: int = 1, billed: int | None = None) -> Expected:
    return Expected(asked=asked, billed=asked if billed is None else billed)


def failed(reason: Reason, asked: int = 2, billed: int | None = None, detail: str | None = None) -> Expected:
    paid = asked if billed is None else billed
    return Expected(outcome=Outcome.FAILED, reason=reason, detail=detail, asked=asked, billed=paid)


def refused(reason: Reason, asked: int = 1, billed: int | None = None, detail: str | None = None) -> Expected:
    paid = asked if billed is None else billed
    return Expected(outcome=Outcome.REFUSED, reason=reason, detail=detail, asked=asked, billed=paid)


def pending(reason: Reason, asked: int = 0, billed: int = 0, detail: str | None = None) -> Expected:
    return Expected(outcome=Outcome.PENDING, reason=reason, detail=detail, asked=asked, billed=billed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a scenario left behind."""

    root: Path
    server: ModelServer
    analysis: Analysis
    requests: Sequence[Heard]


Check = Callable[[Result], None]


def check_nothing(_: Result) -> None:
    """Look at no more than what is looked at in every scenario."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One thing that a server does.

    `script` is what it does about the second of two commits, and about both where it is `for_all`. `first` and `odd`
    are what is expected of the two; for `for_all`, of both together, because nobody can say which is asked about
    first. `urls` are the servers of the models in their order: `here`, or an address.
    """

    name: str
    script: Script
    odd: Expected
    first: Expected = field(default_factory=analysed)
    for_all: bool = False
    language: Language = "en"
    is_large: bool = False
    parts: int = 1
    context: int = 32_000
    urls: tuple[str, ...] = ("here",)
    budget: Budget = field(default_factory=Budget)
    price: Price | None = None
    keys: tuple[tuple[str, str], ...] = ((KEY, KEY_VALUE),)
    deadline: float = 20
    exit_code: int | None = None
    check: Check = check_nothing


def stop(name: str, script: Script, reason: Reason, detail: str) -> Scenario:
    """Expect that one call finds out that a model is not to be asked."""
    first = pending(reason, asked=1, detail=detail)
    return Scenario(name=name, script=script, first=first, odd=pending(reason, detail=detail), for_all=True)


def then_well(*scripts: Script) -> Script:
    return in_turn(*scripts, answer_well)


def send(send: Any, answer: Answer | None = None) -> Script:
    """Answer well, or so, and send it in another way."""
    return lambda heard: replace(answer or answer_well(heard), send=send, is_billed=True)


def change(**fields: object) -> Script:
    """Answer well but for some fields."""
    return lambda heard: say(json.dumps(fill_form(heard) | fields))(heard)


def write_text(edit: Callable[[str], str]) -> Script:
    """Answer well, and change the text of the answer."""
    return lambda heard: say(edit(json.dumps(fill_form(heard))))(heard)


def with_body(edit: Callable[[bytes], bytes], **headers: str) -> Script:
    """Answer well, and change the bytes of the body."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}

    def script(heard: Heard) -> Answer:
        answer = answer_well(heard)
        return replace(answer, body=edit(answer.body), headers=named)

    return script


def answer_with(body: bytes, status: int = 200, content_type: str = "application/json") -> Script:
    return lambda _: Answer(status=status, body=body, headers={"Content-Type": content_type})


def later(seconds: int) -> Script:
    return lambda heard: fail(429, Retry_After=formatdate(time.time() + seconds, usegmt=True))(heard)


def count_prompt(tokens: int | None) -> Script:
    """Answer well, and count the prompt's tokens so; not at all where None."""

    def script(heard: Heard) -> Answer:
        usage = {} if tokens is None else {"prompt_tokens": tokens, "completion_tokens": 90}
        return Answer(body=complete(json.dumps(fill_form(heard)), usage=usage))

    return script


def refuse_formats(*refused: str) -> Script:
    """Refuse forms of answers, as servers do that do not know them."""

    def script(heard: Heard) -> Answer:
        if heard.response_format in refused:
            return fail(400, message="This response_format type is unavailable now")(heard)
        return answer_well(heard)

    return script


def refuse_room_name(heard: Heard) -> Answer:
    if "max_completion_tokens" in heard.body:
        return fail(400, "unsupported_parameter", "Unsupported parameter: 'max_completion_tokens'")(heard)
    return answer_well(heard)


def refuse_large(heard: Heard) -> Answer:
    """Refuse what is larger than half of the window that everybody is believed to have."""
    if sum(map(len, heard.messages)) > 40_000:
        return fail(400, "context_length_exceeded", "maximum context length is 16000 tokens")(heard)
    return answer_well(heard)


def cut_large(heard: Heard) -> Answer:
    """Read only the end of a prompt that is too long, and count what was read."""
    return count_prompt(2048 if sum(map(len, heard.messages)) > 40_000 else 9000)(heard)


def repeat_canary(heard: Heard) -> Answer:
    canary = re.findall(r"daybook-[0-9a-f]{16}", heard.messages[0])[-1]
    return change(summary=f"Reads the limit, says {canary}.")(heard)


def by_model(**scripts: Script) -> Script:
    """Answer each model's requests by its own script; a name's `_` stands for `-`."""
    return lambda heard: scripts[heard.body["model"].replace("-", "_")](heard)


def room_doubles(result: Result) -> None:
    rooms = [heard.body["max_completion_tokens"] for heard in result.requests]
    assert rooms == [rooms[0], 2 * rooms[0]]


def is_told_what_was_wrong(result: Result) -> None:
    assert [message["role"] for message in result.requests[-1].body["messages"]] == [
        *("system", "user", "assistant", "user")
    ]
    assert "`breaking` is missing" in result.requests[-1].messages[-1]


def is_asked_in(*formats: str) -> Check:
    def check(result: Result) -> None:
        assert [heard.response_format for heard in result.server.heard] == list(formats)

    return check


def is_asked_for(*sorts: str) -> Check:
    def check(result: Result) -> None:
        assert sorted(heard.sort for heard in result.requests) == sorted(sorts)
        assert result.requests[-1].sort == sorts[-1]
        assert result.analysis.provenance.calls == len(sorts)

    return check


def renames_the_room(result: Result) -> None:
    names = [sorted(name for name in heard.body if name.startswith("max_")) for heard in result.server.heard]
    assert names == [["max_completion_tokens"], ["max_tokens"], ["max_tokens"]]


def prompt_shrinks(result: Result) -> None:
    sizes = [sum(map(len, heard.messages)) for heard in result.requests]
    assert sizes[-1] < 0.75 * sizes[0]
    assert result.analysis.outcome is not Outcome.OK or result.analysis.provenance.share_read < 1


def stands_in_chinese(result: Result) -> None:
    assert result.analysis.summary.startswith("修正引擎")


def is_plain(result: Result) -> None:
    said = result.analysis.model_dump_json(exclude={"provenance"})
    assert not re.search(r"https?:|\]\(|##|\*\*", said), said
    # What looks like an element is text as any other: that is what the pages' escaper is for.
    assert result.analysis.summary.startswith("Summary Reads the limit of the engine <b>now</b>")


def hides_the_key(result: Result) -> None:
    assert result.analysis.summary == "Reads the limit with [key] from the settings."


def counts_what_is_not_there(result: Result) -> None:
    assert result.analysis.grounding.not_found == ("src/engine/nowhere.py", "no_such_name")
    assert [impact.path for impact in result.analysis.impact] == ["src/engine/part_2.py"]


def has_kinds(*kinds: Kind) -> Check:
    def check(result: Result) -> None:
        assert result.analysis.kinds == kinds
        assert result.analysis.importance.value == "high"

    return check


def estimates_tokens(result: Result) -> None:
    tokens = result.analysis.provenance.tokens
    assert tokens is not None
    assert tokens.prompt > 1000


def is_signed_by(model: str) -> Check:
    def check(result: Result) -> None:
        assert result.analysis.provenance.model == model

    return check


def has_no_surrogate(result: Result) -> None:
    assert "limit" in result.analysis.summary
    assert result.analysis.model_dump_json().encode()


def keeps_within(tokens: int | None = None, calls: int | None = None, usd: float | None = None) -> Check:
    def check(result: Result) -> None:
        lines = (result.root / ".daybook" / "spending").glob("*.jsonl")
        entries = [json.loads(line) for path in lines for line in path.read_text().splitlines()]
        assert tokens is None or sum(e["prompt"] + e["completion"] for e in entries) <= tokens
        assert calls is None or len(entries) <= calls
        assert usd is None or sum(e["cost"] for e in entries) <= usd

    return check


HTML = b"<!doctype html><title>Bad Gateway</title><h1>502</h1>"
DEEP = "[" * 5000 + "]" * 5000
SPELT = {"kinds": "性能优化 / Bugfix、新功能", "importance": "🔴\u202f高"}
MARKDOWN = {
    "summary": "## Summary\n**Reads** the [limit](https://evil.example/a) of the engine <b>now</b> "
    "![x](https://evil.example/b.png) https://evil.example/c",
    "advice": ["- see <img src=https://evil.example/d.png>", "# Heading"],
}
NOWHERE = {
    "impact": [
        {"place": "src/engine/nowhere.py", "note": "Reads the limit."},
        {"place": "src/engine/part_2.py", "note": "Reads the limit in `no_such_name`."},
    ]
}
REASONING = {"reasoning_content": "The limit is read …"}
TOOL = [{"id": "1", "type": "function", "function": {"name": "answer", "arguments": "{}"}}]
CHINESE = (
    "修正引擎读取设置时的取值，让上限与配置里写的一致，不再退回旧的默认值，启动时少读一遍设置文件，其余不变。"
)
ENGLISH = (
    "Reads the limit from the settings file, so that the engine keeps to what its owner has written there."
)
PRICE = Price(input=1.0, output=10.0)

SCENARIOS = (
    # The server does not want to answer, or not now.
    Scenario(name="429 once", script=then_well(fail(429)), odd=analysed(2, 1)),
    Scenario(name="429 with a second", script=then_well(fail(429, Retry_After="1")), odd=analysed(2, 1)),
    Scenario(name="429 with a date", script=then_well(later(1)), odd=analysed(2, 1)),
    Scenario(name="429 with a past date", script=then_well(later(-100)), odd=analysed(2, 1)),
    Scenario(
        name="429 with nonsense", script=then_well(fail(429, Retry_After="soon, maybe")), odd=analysed(2, 1)
    ),
    Scenario(
        name="429 for ever",
        script=fail(429, Retry_After="0"),
        odd=failed(Reason.NO_ANSWER, asked=3, billed=0, detail="HTTP 429"),
    ),
    stop("429 for an hour", fail(429, Retry_After="3600"), Reason.STOPPED, "HTTP 429 wait 3600 s"),
    stop(
        "429 for longer than the world lasts",
        fail(429, "slow_down", Retry_After="9" * 90),
        Reason.STOPPED,
        "HTTP 429 slow_down wait 10000000 s",
    ),
    stop(
        "429 without quota",
        fail(429, "insufficient_quota"),
        Reason.KEY_REFUSED,
        "HTTP 429 insufficient_quota",
    ),
    stop("401", fail(401, "invalid_api_key", KEY_VALUE), Reason.KEY_REFUSED, "HTTP 401 invalid_api_key"),
    stop("402", fail(402), Reason.KEY_REFUSED, "HTTP 402"),
    stop("403", fail(403, "forbidden"), Reason.KEY_REFUSED, "HTTP 403 forbidden"),
    stop("404 model", fail(404, "model_not_found"), Reason.STOPPED, "HTTP 404 model_not_found"),
    stop("404 route", answer_with(HTML, 404, "text/html"), Reason.STOPPED, "HTTP 404"),
    Scenario(name="408 once", script=then_well(fail(408)), odd=analysed(2, 1)),
    Scenario(name="409 once", script=then_well(fail(409)), odd=analysed(2, 1)),
    Scenario(name="500 once", script=then_well(fail(500)), odd=analysed(2, 1)),
    Scenario(
        name="500 for ever",
        script=fail(500, "internal_error"),
        odd=failed(Reason.NO_ANSWER, asked=3, billed=0, detail="HTTP 500 internal_error"),
    ),
    Scenario(
        name="502 from a proxy", script=then_well(answer_with(HTML, 502, "text/html")), odd=analysed(2, 1)
    ),
    Scenario(name="503 with a second", script=then_well(fail(503, Retry_After="1")), odd=analysed(2, 1)),
    Scenario(name="504 once", script=then_well(fail(504)), odd=analysed(2, 1)),
    Scenario(name="529 once", script=then_well(fail(529, "overloaded_error")), odd=analysed(2, 1)),
    Scenario(
        name="nobody listens",
        script=answer_well,
        urls=(GONE,),
        first=failed(Reason.NO_ANSWER, asked=0, detail="no connection"),
        odd=failed(Reason.NO_ANSWER, asked=0, detail="no connection"),
    ),
    # The answer does not arrive, or not as it was sent.
    Scenario(name="reset once", script=then_well(send(send_reset)), odd=analysed(2)),
    Scenario(
        name="reset for ever",
        script=send(send_reset),
        odd=failed(Reason.NO_ANSWER, detail="no answer in time"),
    ),
    Scenario(
        name="no HTTP",
        script=send(send_babble, Answer(body=b"220 mail.example.org ESMTP\r\n")),
        odd=failed(Reason.NO_ANSWER, detail="no answer in time"),
    ),
    Scenario(
        name="silence once",
        script=then_well(send(send_nothing(TOO_LONG))),
        odd=analysed(2),
        deadline=DEADLINE,
    ),
    Scenario(
        name="dripping",
        script=send(send_dripping(0.01)),
        odd=failed(Reason.NO_ANSWER, detail="answer cut short"),
        deadline=DEADLINE,
    ),
    Scenario(
        name="blank lines for ever",
        script=send(send_after_blanks(500, 0.01)),
        odd=failed(Reason.NO_ANSWER, detail="answer cut short"),
        deadline=DEADLINE,
    ),
    Scenario(name="blank lines, then the answer", script=send(send_after_blanks(8, 0.02)), odd=analysed()),
    Scenario(name="cut body", script=then_well(send(send_cut(150))), odd=analysed(2)),
    Scenario(
        name="cut body for ever",
        script=send(send_cut(150)),
        odd=failed(Reason.NO_ANSWER, detail="answer cut short"),
    ),
    Scenario(name="length too small", script=then_well(send(send_cut(150, promised=150))), odd=analysed(2)),
    Scenario(name="length too large", script=then_well(send(send_cut(10**6, 10**6))), odd=analysed(2)),
    Scenario(name="chunks", script=send(send_chunked), odd=analysed()),
    Scenario(name="chunks without an end", script=then_well(send(send_unending)), odd=analysed(2)),
    Scenario(name="gzip", script=with_body(gzip.compress, Content_Encoding="gzip"), odd=analysed()),
    Scenario(
        name="gzip that is none",
        script=with_body(lambda body: body, Content_Encoding="gzip"),
        odd=failed(Reason.NO_ANSWER, detail="answer cut short"),
    ),
    Scenario(
        name="gzip cut short",
        script=with_body(lambda body: gzip.compress(body)[:-40], Content_Encoding="gzip"),
        odd=failed(Reason.INVALID),
    ),
    # What arrives is no completion.
    Scenario(name="HTML with 200", script=answer_with(HTML, 200, "text/html"), odd=failed(Reason.INVALID)),
    Scenario(name="empty body", script=answer_with(b""), odd=failed(Reason.INVALID)),
    Scenario(name="204", script=answer_with(b"", 204), odd=failed(Reason.INVALID, billed=0)),
    Scenario(name="not UTF-8", script=with_body(lambda b: b[:-9] + b"\xff\xfe"), odd=failed(Reason.INVALID)),
    Scenario(name="a list", script=answer_with(b"[]"), odd=failed(Reason.INVALID)),
    Scenario(
        name="error with 200",
        script=answer_with(b'{"error": {"message": "overloaded"}}'),
        odd=failed(Reason.NO_ANSWER),
    ),
    Scenario(name="choices missing", script=answer_with(b'{"id": "1"}'), odd=failed(Reason.EMPTY)),
    Scenario(name="choices null", script=answer_with(write_completion(None)), odd=failed(Reason.EMPTY)),
    Scenario(name="choices empty", script=answer_with(write_completion([])), odd=failed(Reason.EMPTY)),
    Scenario(name="choice null", script=answer_with(write_completion([None])), odd=failed(Reason.INVALID)),
    Scenario(
        name="body of 50 MB",
        script=answer_with(b" " * 50_000_000),
        odd=failed(Reason.NO_ANSWER, detail="answer cut short"),
    ),
    Scenario(
        name="body twice its key",
        script=answer_with(b'{"choices": [], "choices": []}'),
        odd=failed(Reason.INVALID),
    ),
    # The completion holds no answer.
    Scenario(name="content null", script=say(None), odd=failed(Reason.EMPTY)),
    Scenario(name="content empty", script=say(""), odd=failed(Reason.EMPTY)),
    Scenario(name="spaces only", script=say(" \n" * 4000), odd=failed(Reason.EMPTY)),
    Scenario(name="content a number", script=say(7), odd=failed(Reason.INVALID)),
    Scenario(name="refusal", script=say(None, refusal="I cannot help."), odd=refused(Reason.REFUSED)),
    Scenario(name="reasoning only", script=say(None, **REASONING), odd=failed(Reason.EMPTY)),
    Scenario(
        name="reasoning cut short",
        script=say(None, finish_reason="length", **REASONING),
        odd=failed(Reason.CUT),
        check=room_doubles,
    ),
    Scenario(
        name="tool call",
        script=say(None, finish_reason="tool_calls", tool_calls=TOOL),
        odd=failed(Reason.INVALID),
    ),
    Scenario(
        name="cut, then whole",
        script=then_well(say('{"summary": "Reads', finish_reason="length")),
        odd=analysed(2),
        check=room_doubles,
    ),
    Scenario(
        name="cut twice",
        script=say('{"summary": "Reads', finish_reason="length"),
        odd=failed(Reason.CUT),
        check=room_doubles,
    ),
    Scenario(
        name="whole, and said to be cut",
        script=lambda heard: say(json.dumps(fill_form(heard)), finish_reason="length")(heard),
        odd=failed(Reason.CUT),
    ),
    Scenario(
        name="cut, and said to be whole", script=write_text(lambda text: text[:-30]), odd=failed(Reason.CUT)
    ),
    Scenario(name="filtered", script=say("", finish_reason="content_filter"), odd=refused(Reason.FILTERED)),
    Scenario(
        name="filtered prompt",
        script=fail(400, "content_filter", "The response was filtered due to the prompt"),
        odd=refused(Reason.FILTERED, billed=0, detail="HTTP 400 content_filter"),
    ),
    Scenario(
        name="given up",
        script=lambda heard: say(json.dumps(fill_form(heard)), finish_reason="insufficient_system_resource")(
            heard
        ),
        odd=failed(Reason.NO_ANSWER),
    ),
    # The answer is not in the form.
    Scenario(name="other form", script=say('{"verdict": "fine"}'), odd=failed(Reason.INVALID)),
    Scenario(
        name="missing field, then mended",
        script=then_well(
            lambda heard: say(json.dumps({k: v for k, v in fill_form(heard).items() if k != "breaking"}))(
                heard
            )
        ),
        odd=analysed(2),
        check=is_told_what_was_wrong,
    ),
    Scenario(name="extra field", script=change(confidence=0.9), odd=failed(Reason.INVALID)),
    Scenario(name="unknown kind", script=change(kinds=["miracle"]), odd=failed(Reason.INVALID)),
    Scenario(
        name="spellings",
        script=change(**SPELT),
        odd=analysed(),
        check=has_kinds(Kind.PERFORMANCE, Kind.FIX, Kind.FEATURE),
    ),
    Scenario(
        name="key twice",
        script=write_text(lambda text: text[:-1] + ', "importance": "low"}'),
        odd=failed(Reason.INVALID),
    ),
    Scenario(name="NaN", script=change(importance=float("nan")), odd=failed(Reason.INVALID)),
    Scenario(
        name="5,000 deep",
        script=write_text(lambda text: text[:-1] + f', "deep": {DEEP}}}'),
        odd=failed(Reason.INVALID),
    ),
    Scenario(
        name="half characters",
        script=change(summary="Reads the limit \ud83d of the engine \udc00 from the settings."),
        odd=analysed(),
        check=has_no_surrogate,
    ),
    Scenario(name="content of 5 MB", script=change(summary="limit " * 850_000), odd=failed(Reason.INVALID)),
    Scenario(name="empty summary", script=change(summary=" "), odd=failed(Reason.EMPTY)),
    # The answer is in the form, with something around it.
    Scenario(
        name="thought aloud",
        script=write_text(lambda text: f'<think>{{"a": 1}} hm</think>\n{text}'),
        odd=analysed(),
    ),
    Scenario(name="fences", script=write_text(lambda text: f"```json\n{text}\n```"), odd=analysed()),
    Scenario(
        name="prose around",
        script=write_text(lambda text: f"Here it is:\n{text}\nAnything else?"),
        odd=analysed(),
    ),
    Scenario(name="BOM", script=with_body(lambda body: b"\xef\xbb\xbf" + body), odd=analysed()),
    Scenario(name="BOM in the content", script=write_text(lambda text: f"\ufeff{text}"), odd=analysed()),
    Scenario(
        name="two objects",
        script=write_text(lambda text: f"{text}\n{text.replace('medium', 'low')}"),
        odd=failed(Reason.INVALID),
    ),
    Scenario(
        name="two choices",
        script=lambda heard: Answer(
            body=write_completion(
                [
                    {"index": n, "finish_reason": "stop", "message": {"content": text}}
                    for n, text in enumerate((json.dumps(fill_form(heard)), "no"))
                ]
            )
        ),
        odd=analysed(),
    ),
    Scenario(name="usage missing", script=count_prompt(None), odd=analysed(), check=estimates_tokens),
    # The server does not know a part of the request.
    Scenario(
        name="no json_schema",
        script=refuse_formats("json_schema"),
        for_all=True,
        first=analysed(2, 1),
        odd=analysed(),
        check=is_asked_in("json_schema", "json_object", "json_object"),
    ),
    Scenario(
        name="no form of JSON",
        script=refuse_formats("json_schema", "json_object"),
        for_all=True,
        first=analysed(3, 1),
        odd=analysed(),
        check=is_asked_in("json_schema", "json_object", "text", "text"),
    ),
    Scenario(
        name="422 without a word",
        script=lambda heard: (fail(422) if heard.response_format == "json_schema" else answer_well)(heard),
        for_all=True,
        first=analysed(2, 1),
        odd=analysed(),
    ),
    Scenario(
        name="400 without a word",
        script=fail(400, "bad_request"),
        for_all=True,
        first=failed(Reason.NO_ANSWER, asked=3, billed=0, detail="HTTP 400 bad_request"),
        odd=failed(Reason.NO_ANSWER, asked=3, billed=0, detail="HTTP 400 bad_request"),
    ),
    Scenario(
        name="max_completion_tokens unknown",
        script=refuse_room_name,
        for_all=True,
        first=analysed(2, 1),
        odd=analysed(),
        check=renames_the_room,
    ),
    # The prompt is too large.
    Scenario(
        name="context exceeded, then smaller",
        script=refuse_large,
        is_large=True,
        odd=analysed(2, 1),
        check=prompt_shrinks,
    ),
    Scenario(
        name="context always exceeded",
        script=fail(400, "context_length_exceeded"),
        is_large=True,
        odd=failed(Reason.TOO_LARGE, billed=0, detail="HTTP 400 context_length_exceeded"),
        check=prompt_shrinks,
    ),
    Scenario(
        name="413", script=then_well(fail(413)), is_large=True, odd=analysed(2, 1), check=prompt_shrinks
    ),
    Scenario(
        name="prompt cut without a word",
        script=cut_large,
        is_large=True,
        odd=analysed(2),
        check=prompt_shrinks,
    ),
    Scenario(
        name="prompt always cut",
        script=count_prompt(64),
        odd=failed(Reason.TOO_LARGE, detail="prompt cut by the server"),
    ),
    Scenario(
        name="read in parts",
        script=answer_well,
        is_large=True,
        parts=4,
        context=16_000,
        odd=analysed(3),
        check=is_asked_for("part", "part", "commit"),
    ),
    Scenario(
        name="a part that is refused",
        script=lambda heard: (say(None, refusal="No.") if " 2 of " in heard.messages[1] else answer_well)(
            heard
        ),
        is_large=True,
        parts=4,
        context=16_000,
        odd=refused(Reason.REFUSED, asked=2),
    ),
    # The answer is not what was asked for.
    Scenario(name="wrong language once", script=then_well(change(summary=CHINESE)), odd=analysed(2)),
    Scenario(
        name="wrong language",
        script=change(summary=CHINESE, importance_reason=CHINESE),
        odd=failed(Reason.WRONG_LANGUAGE),
    ),
    Scenario(
        name="wrong language in Chinese",
        script=change(summary=ENGLISH * 3, importance_reason=ENGLISH),
        language="zh",
        odd=failed(Reason.WRONG_LANGUAGE),
    ),
    Scenario(name="Chinese", script=answer_well, language="zh", odd=analysed(), check=stands_in_chinese),
    Scenario(name="Markdown", script=change(**MARKDOWN), odd=analysed(), check=is_plain),
    Scenario(name="canary once", script=then_well(repeat_canary), odd=analysed(2)),
    Scenario(name="canary", script=repeat_canary, odd=failed(Reason.INVALID, detail="canary")),
    Scenario(
        name="paths out of thin air", script=change(**NOWHERE), odd=analysed(), check=counts_what_is_not_there
    ),
    Scenario(
        name="three flaws in turn",
        script=in_turn(say(""), say("no"), say("{", finish_reason="length")),
        odd=failed(Reason.CUT, asked=3),
    ),
    Scenario(
        name="key repeated",
        script=change(summary=f"Reads the limit with {KEY_VALUE} from the settings."),
        odd=analysed(),
        check=hides_the_key,
    ),
    # Several models.
    Scenario(
        name="first model down",
        script=answer_well,
        urls=(GONE, "here"),
        odd=analysed(),
        check=is_signed_by("model-2"),
    ),
    Scenario(
        name="first model refuses",
        script=by_model(model_1=say(None, refusal="No."), model_2=answer_well),
        urls=("here", "here"),
        odd=analysed(2),
        check=is_signed_by("model-2"),
    ),
    Scenario(
        name="first model without a key",
        script=by_model(model_1=fail(401), model_2=answer_well),
        urls=("here", "here"),
        for_all=True,
        first=analysed(2, 1),
        odd=analysed(),
        check=is_signed_by("model-2"),
    ),
    Scenario(
        name="both models useless",
        script=by_model(model_1=say(""), model_2=say("no")),
        urls=("here", "here"),
        odd=failed(Reason.INVALID, asked=4),
    ),
    Scenario(
        name="a commit's fault before a model's",
        script=by_model(model_1=say(""), model_2=fail(500)),
        urls=("here", "here"),
        odd=failed(Reason.EMPTY, asked=5, billed=2),
    ),
    # Keys and money.
    Scenario(name="no key, and none needed", script=answer_well, keys=(), odd=analysed()),
    Scenario(
        name="key that is none",
        script=answer_well,
        keys=((KEY, "schlüssel"),),
        first=pending(Reason.NO_KEY, detail=KEY),
        odd=pending(Reason.NO_KEY, detail=KEY),
    ),
    Scenario(
        name="calls spent",
        script=answer_well,
        for_all=True,
        budget=Budget(calls_per_day=1),
        odd=pending(Reason.BUDGET),
        check=keeps_within(calls=1),
    ),
    Scenario(
        name="tokens spent",
        script=count_prompt(9000),
        for_all=True,
        budget=Budget(tokens_per_day=19_000),
        odd=pending(Reason.BUDGET),
        check=keeps_within(tokens=19_000),
    ),
    Scenario(
        name="money spent",
        script=count_prompt(9000),
        for_all=True,
        budget=Budget(usd_per_day=0.09),
        price=PRICE,
        odd=pending(Reason.BUDGET),
        check=keeps_within(usd=0.09),
    ),
    Scenario(
        name="calls spent in the middle of a commit",
        script=say("no"),
        for_all=True,
        budget=Budget(calls_per_day=1),
        first=pending(Reason.BUDGET, asked=1, billed=1),
        odd=pending(Reason.BUDGET),
        check=keeps_within(calls=1),
    ),
)

# What sends nothing that an HTTP client could take for a response.
SILENT = re.compile(r"send_(?:reset|nothing|babble)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """An archive in which two commits wait for a model, and the repository that it follows."""

    root: Path
    upstream: Upstream


Bases = Callable[[Scenario], Base]


@pytest.fixture(scope="module")
def bases(tmp_path_factory: pytest.TempPathFactory) -> Bases:
    """Make archives once, for each language, with a large or a small second commit."""

    @cache
    def make_upstream(is_large: bool) -> Upstream:
        upstream = Upstream(tmp_path_factory.mktemp("up") / "up")
        files = {f"src/engine/part_{number}.py": make_source(number, 40) for number in range(2, 14)}
        add_item(upstream, 1)
        add_item(upstream, 2, files=files if is_large else None)
        return upstream

    @cache
    def make_base(language: Language, is_large: bool) -> Base:
        root, upstream = tmp_path_factory.mktemp("base"), make_upstream(is_large)
        config = make_config([(NAME, upstream)], [make_model(GONE)], language=language)
        run_asking(root, spend_nothing(config))
        return Base(root=root, upstream=upstream)

    return lambda scenario: make_base(scenario.language, scenario.is_large)


def name_models(scenario: Scenario, server: ModelServer) -> list[ModelSettings]:
    urls = [server.url if url == "here" else url for url in scenario.urls]
    return [
        make_model(url, f"model-{number}", price=scenario.price, context=scenario.context)
        for number, url in enumerate(urls, 1)
    ]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_scenario_ends_as_it_should(scenario: Scenario, bases: Bases, tmp_path: Path) -> None:
    root = tmp_path / "archive"
    base = bases(scenario)
    shutil.copytree(base.root, root)

    def script(heard: Heard) -> Answer:
        return (scenario.script if scenario.for_all or heard.item == ODD else answer_well)(heard)

    with ModelServer(script) as server:
        config = make_config(
            [(NAME, base.upstream)],
            name_models(scenario, server),
            language=scenario.language,
            budget=scenario.budget,
            deadline=scenario.deadline,
            parts=scenario.parts,
            concurrency=4,
        )
        summary = run_asking(root, config, keys=dict(scenario.keys))
        expected = {FIRST: scenario.first, ODD: scenario.odd}
        found = {item: describe(root, server, item) for item in expected}
        if scenario.for_all:
            assert sum_up(found.values()) == sum_up(expected.values())
        else:
            assert found == expected
        unfinished = {Outcome.PENDING, Outcome.FAILED} & {one.outcome for one in expected.values()}
        assert summary.exit_code == (3 if unfinished else 0)
        check_replies(root, server)
        requests = [heard for heard, _ in server.find(ODD)]
        analyses = read_analyses(root)
        for item, analysis in analyses.items():
            is_ok = found[item].outcome is Outcome.OK
            assert analysis.provenance.writer == ("model" if is_ok else "rules")
        scenario.check(Result(root=root, server=server, analysis=analyses[ODD], requests=requests))
        check_no_key(root)
    with ModelServer() as good:
        config = make_config([(NAME, base.upstream)], [make_model(good.url)], language=scenario.language)
        summary = run_asking(root, config, retry=scenario.odd.outcome is Outcome.REFUSED)
        open_items = {item for item, one in found.items() if one.outcome is not Outcome.OK}
        assert dict(good.bills) == dict.fromkeys(sorted(open_items), 1)
        assert {analysis.outcome for analysis in read_analyses(root).values()} == {Outcome.OK}
        assert summary.exit_code == 0


def describe(root: Path, server: ModelServer, item: str) -> Expected:
    """Say what stands in the record about an item, and what the server has counted."""
    analysis = read_analyses(root)[item]
    return Expected(
        outcome=analysis.outcome,
        reason=analysis.reason,
        detail=analysis.detail,
        asked=len(server.find(item)),
        billed=server.bills[item],
    )


def sum_up(found: Iterable[Expected]) -> tuple[list[Expected], int, int]:
    """Say what stands in the records of several items, and what was counted of all of them together."""
    found = list(found)
    told = sorted((replace(one, asked=0, billed=0) for one in found), key=repr)
    return told, sum(one.asked for one in found), sum(one.billed for one in found)


def check_replies(root: Path, server: ModelServer) -> None:
    """Compare what is kept with what was sent: all of it, in its order, as far as it arrived."""
    for commit in read_commits(root):
        item = re.findall(r"item-\d+", commit.subject)[0]
        sent = [answer for _, answer in server.find(item) if not SILENT.search(name_sending(answer))]
        kept = read_replies(root, commit.sha)
        assert [saved.exchange.status for saved in kept] == [answer.status for answer in sent]
        for saved, answer in zip(kept, sent, strict=True):
            body = saved.exchange.body
            if saved.exchange.fault is not None or answer.headers.get("Content-Encoding"):
                assert read_sent(answer).startswith(body.lstrip(b"\n"))
            elif answer.send in (send_whole, send_chunked):
                assert body == read_sent(answer)
            else:
                assert body.strip() == answer.body[: len(body.strip())]


def read_sent(answer: Answer) -> bytes:
    """Read what was sent as a client does that understands what it says of itself."""
    if not answer.body.startswith(b"\x1f\x8b"):
        return answer.body.replace(KEY_VALUE.encode(), b"[key]")
    return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(answer.body)


def name_sending(answer: Answer) -> str:
    return answer.send.__qualname__


def check_no_key(root: Path) -> None:
    """Look for the key in every file of the archive."""
    for path in root.rglob("*"):
        assert not path.is_file() or KEY_VALUE.encode() not in path.read_bytes(), path


def test_redirect_takes_nothing_to_another_host(bases: Bases, tmp_path: Path) -> None:
    base = bases(SCENARIOS[0])
    root = tmp_path / "archive"
    shutil.copytree(base.root, root)
    with ModelServer() as other:

        def redirect(_: Heard) -> Answer:
            return Answer(status=307, headers={"Location": f"{other.url}/chat/completions"})

        with ModelServer(redirect) as server:
            config = make_config([(NAME, base.upstream)], [make_model(server.url)])
            summary = run_asking(root, config)
    expected = pending(Reason.STOPPED, asked=1, detail="HTTP 307")
    assert sum_up([describe(root, server, FIRST), describe(root, server, ODD)]) == sum_up(
        [expected, replace(expected, asked=0)]
    )
    assert (summary.exit_code, other.arrived) == (3, [])
