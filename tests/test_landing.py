"""A commit's landing day follows from the graph alone."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from generator.collect.landing import Before, Landing, find_landings
from generator.collect.mirror import Node

ZONE = ZoneInfo("Asia/Shanghai")
FETCHED = int(datetime(2026, 1, 10, tzinfo=UTC).timestamp())


def seconds(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


def place(nodes: dict[str, tuple[str, str]], tip: str, before: Before | None = None) -> list[Landing]:
    """Place a graph given as {sha: (committer date, parents)}."""
    graph = {sha: Node(sha, tuple(parents.split()), seconds(when)) for sha, (when, parents) in nodes.items()}
    return list(find_landings(graph, tip, before or Before(), FETCHED, ZONE))


def days(landings: list[Landing]) -> list[tuple[str, str, str]]:
    return [(landing.sha, landing.landing_sha, landing.day.isoformat()) for landing in landings]


def test_commit_pushed_late_lands_on_the_day_it_was_merged() -> None:
    nodes = {
        "a": ("2026-01-01T10:00+08:00", ""),
        "s": ("2026-01-01T11:00+08:00", "a"),
        "b": ("2026-01-02T10:00+08:00", "a"),
        "m": ("2026-01-05T10:00+08:00", "b s"),
    }
    assert days(place(nodes, "m")) == [
        ("a", "a", "2026-01-01"),
        ("b", "b", "2026-01-02"),
        ("s", "m", "2026-01-05"),
        ("m", "m", "2026-01-05"),
    ]


def test_the_border_of_a_day_is_midnight_in_the_archive_s_time_zone() -> None:
    nodes = {"a": ("2026-01-01T15:59:59+00:00", ""), "b": ("2026-01-01T16:00:00+00:00", "a")}
    assert days(place(nodes, "b")) == [("a", "a", "2026-01-01"), ("b", "b", "2026-01-02")]


def test_every_parent_of_an_octopus_lands_with_it_parents_first() -> None:
    nodes = {
        "a": ("2026-01-01T10:00+08:00", ""),
        "x1": ("2025-01-01T10:00+08:00", "a"),
        "x2": ("2025-01-02T10:00+08:00", "x1"),
        "y": ("2025-01-01T10:00+08:00", "a"),
        "m": ("2026-01-05T10:00+08:00", "a x2 y"),
    }
    assert [landing.sha for landing in place(nodes, "m")] == ["a", "x1", "x2", "y", "m"]


def test_a_date_after_the_fetch_takes_the_moment_before_it() -> None:
    nodes = {
        "a": ("2026-01-01T10:00+08:00", ""),
        "b": ("3000-01-01T10:00+08:00", "a"),
        "c": ("2026-01-03T10:00+08:00", "b"),
    }
    assert days(place(nodes, "c")) == [
        ("a", "a", "2026-01-01"),
        ("b", "b", "2026-01-01"),
        ("c", "c", "2026-01-03"),
    ]


def test_a_future_date_behind_the_archived_tip_takes_that_tip_s_moment() -> None:
    before = Before(seconds=seconds("2026-01-04T10:00+08:00"), newest_day=date(2026, 1, 4))
    assert days(place({"b": ("3000-01-01T10:00+08:00", "gone")}, "b", before)) == [("b", "b", "2026-01-04")]


def test_a_history_that_begins_in_the_future_takes_its_first_sane_moment() -> None:
    nodes = {"a": ("3000-01-01T10:00+08:00", ""), "b": ("2026-01-03T10:00+08:00", "a")}
    assert days(place(nodes, "b")) == [("a", "a", "2026-01-03"), ("b", "b", "2026-01-03")]


def test_a_commit_of_1970_lands_in_1970_and_is_late() -> None:
    nodes = {
        "a": ("2026-01-01T10:00+08:00", ""),
        "b": ("1970-01-01T00:00:00+00:00", "a"),
        "c": ("2026-01-01T11:00+08:00", "b"),
    }
    assert [(landing.day.isoformat(), landing.late) for landing in place(nodes, "c")] == [
        ("2026-01-01", False),
        ("1970-01-01", True),
        ("2026-01-01", False),
    ]


def test_lateness_looks_at_the_archived_mainline_too() -> None:
    before = Before(seconds=seconds("2026-01-04T10:00+08:00"), newest_day=date(2026, 1, 4))
    landings = place({"b": ("2026-01-03T10:00+08:00", "archived")}, "b", before)
    assert [landing.late for landing in landings] == [True]


def test_a_chain_longer_than_any_recursion_is_placed() -> None:
    nodes = {"n0": ("2026-01-01T10:00+08:00", "")}
    nodes |= {f"n{number}": ("2026-01-01T10:00+08:00", f"n{number - 1}") for number in range(1, 20_000)}
    nodes["base"] = ("2026-01-01T09:00+08:00", "")
    nodes["m"] = ("2026-01-02T10:00+08:00", "base n19999")
    landings = place(nodes, "m")
    assert [landing.sha for landing in landings] == ["base", *(f"n{number}" for number in range(20_000)), "m"]
