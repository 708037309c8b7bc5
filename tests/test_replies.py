"""What is paid for stays on the disk, byte for byte; what was spent stands in a journal."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.analyse.model.exchanges import Exchange, Saved, Sent, parse_exchange, render_exchange
from generator.store.replies import Journal, Replies, read_memory, remove_leftovers, write_memory

DAY = date(2026, 1, 6)
KEY = "ab" * 32
FOLDER = "ada/engine/0123"
MOMENT = datetime(2026, 1, 6, 15, 0, 0, 250, tzinfo=UTC)


def make_sent(**more: object) -> Sent:
    fields = {
        "topic": "commit 0123 2/3",
        "version": "commit-1",
        "model": "m",
        "host": "localhost:8000",
        "response_format": "json_schema",
        "room": 8000,
        "request_sha256": "0" * 64,
        "request_bytes": 12,
        "sent": MOMENT,
        "arrived": MOMENT,
    }
    return Sent(**fields | more)  # type: ignore[arg-type]


@given(
    body=st.binary(max_size=200),
    status=st.none() | st.integers(100, 599),
    fault=st.sampled_from([None, "connect", "unknown"]),
    retry_after=st.none() | st.floats(0, 1e6),
    topic=st.text(max_size=40),
)
def test_exchange_is_read_back_as_it_was(
    body: bytes, status: int | None, fault: None, retry_after: float | None, topic: str
) -> None:
    exchange = Exchange(
        status=status, body=body, fault=fault, retry_after=retry_after, request_id="r-1\n\u2028"
    )
    saved = Saved(sent=make_sent(topic=topic), exchange=exchange)
    content = render_exchange(saved)
    assert parse_exchange(content) == saved
    # As it came, after one line of ours.
    assert content.partition(b"\n")[2] == body


@pytest.mark.parametrize(
    "content", [b"", b"\n", b"{}\nbody", b"[1]\nbody", b"{", b"null\n", b'{"sent": 1}\n']
)
def test_what_is_no_exchange_is_a_value_error(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        parse_exchange(content)


def test_replies_to_a_question_are_kept_in_their_order_and_none_is_overwritten(tmp_path: Path) -> None:
    replies = Replies(tmp_path / "replies")
    assert replies.read(FOLDER, KEY) == []
    contents = [f"{number}".encode() for number in range(12)]
    for content in contents:
        replies.save(FOLDER, KEY, content)
    replies.save(FOLDER, "cd" * 32, b"other")
    assert replies.read(FOLDER, KEY) == contents
    assert sorted(replies.read_all(FOLDER)) == sorted([*contents, b"other"])
    assert replies.read_all("ada/engine/4567") == []


def test_hole_in_the_numbers_costs_no_reply(tmp_path: Path) -> None:
    replies = Replies(tmp_path)
    for content in (b"1", b"2", b"3"):
        replies.save(FOLDER, KEY, content)
    min((tmp_path / FOLDER).iterdir()).unlink()
    replies.save(FOLDER, KEY, b"4")
    assert replies.read(FOLDER, KEY) == [b"2", b"3", b"4"]


def test_reply_that_was_being_written_when_a_run_was_killed_is_none(tmp_path: Path) -> None:
    replies = Replies(tmp_path / "replies")
    replies.save(FOLDER, KEY, b"whole")
    torn = [tmp_path / "replies" / FOLDER / ".writing-1", tmp_path / ".writing-models.json"]
    for path in torn:
        path.write_bytes(b"to")
    assert replies.read_all(FOLDER) == [b"whole"]
    remove_leftovers(tmp_path)
    assert [path.exists() for path in torn] == [False, False]
    assert replies.read_all(FOLDER) == [b"whole"]


def test_journal_keeps_each_days_entries_from_many_threads(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "spending")
    assert journal.read(DAY) == []
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: journal.add(DAY, {"calls": number, "cost": None}), range(200)))
    journal.add(date(2026, 1, 7), {"calls": 1})
    assert sorted(entry["calls"] for entry in journal.read(DAY)) == list(range(200))


def test_torn_line_of_a_journal_costs_no_other(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.add(DAY, {"calls": 1})
    (path,) = tmp_path.iterdir()
    path.write_bytes(path.read_bytes() + b'{"calls": 2\n[3]\n')
    journal.add(DAY, {"calls": 4})
    assert journal.read(DAY) == [{"calls": 1}, {"calls": 4}]


def test_memory_that_is_missing_or_damaged_is_empty(tmp_path: Path) -> None:
    path = tmp_path / "models.json"
    assert read_memory(path) == {}
    for damaged in (b"", b"{", b"[]", b"\xff"):
        path.write_bytes(damaged)
        assert read_memory(path) == {}
    memory = {"localhost m": {"response_format": "text"}}
    write_memory(path, memory)
    assert read_memory(path) == memory
