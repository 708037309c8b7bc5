"""What an HTTP exchange with a model's server means for what is done next."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.analyse.model.exchanges import Exchange, Fault
from generator.analyse.model.fates import Next, read_fate
from generator.records import Analysis, Reason

ANALYSIS = {
    "outcome": "failed",
    "kinds": ["fix"],
    "importance": "low",
    "importance_reason": "It is small.",
    "summary": "Fixes it.",
    "breaking": {"answer": "no"},
    "provenance": {"writer": "rules", "version": "rules-1", "language": "en", "share_read": 1},
}


NAMES = st.sampled_from(["error", "code", "type"])


def exchange(
    status: int | None, message: str = "", code: str | None = None, fault: Fault | None = None
) -> Exchange:
    body = json.dumps({"error": {"message": message, "code": code}}).encode() if message or code else b""
    return Exchange(status=status, body=body, fault=fault)


@pytest.mark.parametrize(
    ("given", "step", "reason"),
    [
        (exchange(200), Next.READ, Reason.INVALID),
        (exchange(204), Next.READ, Reason.INVALID),
        (exchange(200, fault="unknown"), Next.UNKNOWN, Reason.NO_ANSWER),
        (exchange(None, fault="connect"), Next.RETRY, Reason.NO_ANSWER),
        (exchange(None, fault="unknown"), Next.UNKNOWN, Reason.NO_ANSWER),
        *((exchange(status), Next.STOP, Reason.KEY_REFUSED) for status in (401, 402, 403)),
        *(
            (exchange(status), Next.RETRY, Reason.NO_ANSWER)
            for status in (408, 409, 425, 429, 500, 502, 503, 504, 529, 599)
        ),
        *((exchange(status), Next.STOP, Reason.STOPPED) for status in (301, 302, 303, 307, 308, 404)),
        (exchange(413), Next.SHRINK, Reason.TOO_LARGE),
        *((exchange(status), Next.REJECTED, Reason.NO_ANSWER) for status in (400, 405, 415, 422, 451)),
    ],
    ids=str,
)
def test_status_says_what_is_next(given: Exchange, step: Next, reason: Reason) -> None:
    fate = read_fate(given)
    assert (fate.next, fate.reason) == (step, reason)


@pytest.mark.parametrize(
    ("status", "message", "step"),
    [
        (429, "You exceeded your current quota, please check your plan and billing details.", Next.STOP),
        (402, "Insufficient Balance", Next.STOP),
        (429, "Rate limit reached for requests", Next.RETRY),
        (400, "This response_format type is unavailable now", Next.DOWNGRADE),
        (400, "Invalid schema for response_format 'answer'", Next.DOWNGRADE),
        (404, "json_schema is not supported with this model", Next.DOWNGRADE),
        (422, "guided decoding is not compiled in", Next.DOWNGRADE),
        (400, "Unsupported parameter: 'max_completion_tokens' is not supported", Next.RENAME_ROOM),
        (400, "Invalid max_tokens value, the valid range of max_tokens is [1, 8192]", Next.LESS_ROOM),
        (
            400,
            "max_tokens is too large: 16000. This model supports at most 4096 completion tokens",
            Next.LESS_ROOM,
        ),
        (400, "This model's maximum context length is 8192 tokens. However, you requested 9000", Next.SHRINK),
        (400, "Input is too long for requested model.", Next.SHRINK),
        (
            400,
            "The response was filtered due to the prompt triggering … content management policy",
            Next.REFUSED,
        ),
        (404, "The model `gpt-6` does not exist", Next.STOP),
        (400, "Something went wrong", Next.REJECTED),
        (500, "maximum context length", Next.RETRY),
    ],
)
def test_servers_words_say_what_is_next(status: int, message: str, step: Next) -> None:
    assert read_fate(exchange(status, message)).next is step


@pytest.mark.parametrize(
    ("code", "detail"),
    [
        ("invalid_api_key", "HTTP 401 invalid_api_key"),
        (None, "HTTP 401"),
        ("Incorrect API key provided: abc", "HTTP 401"),
        ("ABC", "HTTP 401"),
        ("x" * 60, "HTTP 401"),
        ("a\nb", "HTTP 401"),
    ],
)
def test_detail_names_the_providers_code_and_never_its_sentence(code: str | None, detail: str) -> None:
    assert read_fate(exchange(401, "the key sk-1 is wrong", code)).detail == detail


@given(
    status=st.one_of(st.none(), st.integers(min_value=100, max_value=999)),
    body=st.one_of(
        st.binary(max_size=80),
        st.recursive(
            st.none() | st.text(max_size=30) | st.integers(),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(st.sampled_from(["error", "code", "type"]), inner)
            ),
            max_leaves=8,
        ).map(lambda value: json.dumps(value).encode()),
    ),
    fault=st.sampled_from([None, "connect", "unknown"]),
)
def test_every_exchange_has_a_fate_that_a_record_may_hold(
    status: int | None, body: bytes, fault: Fault | None
) -> None:
    fate = read_fate(Exchange(status=status, body=body, fault=fault))
    analysis = ANALYSIS | {"reason": fate.reason, "detail": fate.detail}
    assert Analysis.model_validate(analysis).detail == fate.detail
