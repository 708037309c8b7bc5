"""Bodies: what of a commit message's body is the author's prose, and what is not."""

from __future__ import annotations

import pytest

from generator.analyse.bodies import Body, parse_body
from generator.records import Trailer


def sentences(body: str) -> tuple[str, ...]:
    return parse_body(body).sentences


def test_wrapped_lines_become_sentences() -> None:
    body = "The cache was never cleared, e.g. after a\nreload. This drops it.\n\nFix it by hand."
    assert parse_body(body) == Body(
        sentences=("The cache was never cleared, e.g. after a reload.", "This drops it.", "Fix it by hand."),
        openings=frozenset({"The cache was never cleared, e.g. after a reload.", "Fix it by hand."}),
    )


@pytest.mark.parametrize(
    "noise",
    [
        "Signed-off-by: Ada <ada@example.org>",
        "Co-authored-by: Ada <ada@example.org>",
        "Fixes: #12",
        "Fixes #12, closes #13",
        "FIX #xxxx (*link existing issues this PR will resolve*)",
        "https://github.com/a/b/pull/12",
        "- [x] I have run the tests",
        "| before | after |\n|---|---|\n| 1 ms | 2 ms |",
        "```\nmake every test pass\n```",
        "    indented code of a sample",
        "<!-- PLEASE FILL IN THE PR DESCRIPTION HERE ENSURING ALL CHECKLIST ITEMS -->",
        "<details>\nall the release notes of others\n</details>",
        "![screenshot](https://example.org/a.png)",
        "diff --git a/x b/x",
        "Traceback (most recent call last):",
        "INFO 01-06 10:00:00 engine started with many words",
        "2026-01-06 10:00:00 engine started with many words",
        "(cherry picked from commit 0123456789abcdef0123456789abcdef01234567)",
        "This reverts commit 0123456789abcdef0123456789abcdef01234567.",
        "🤖 Generated with [Claude Code](https://example.org)",
        "## Test Plan\n\nRun all the tests there are.",
        "## Checklist\nThe author did everything.",
        "### Does this PR introduce _any_ user-facing change?\nNothing that anyone would see.",
        "**Testing**\nRun all the tests there are.",
        "Test plan:\nRun all the tests there are.",
        "RELEASE NOTES: none",
        "N/A",
        "@ada @grace",
        "=========================",
    ],
)
def test_what_is_not_the_authors_prose_is_left_out(noise: str) -> None:
    assert sentences(noise) == ()
    assert sentences(f"The cache is cleared.\n\n{noise}\n")[:1] == ("The cache is cleared.",)


def test_trailers_of_the_commit_are_left_out_wherever_they_stand() -> None:
    body = "The cache is cleared.\nReported: by many people in the forum"
    trailer = Trailer(key="Reported", value="by many people in the forum")
    assert parse_body(body, [trailer]).sentences == ("The cache is cleared.",)


def test_template_sections_are_skipped_and_the_described_purpose_is_kept() -> None:
    body = """## Purpose
The scheduler hung when a request was aborted.

## Test Plan
pytest tests/

### Details of the plan
all of them

## Notes
It is safe to backport.
"""
    assert sentences(body) == (
        "The scheduler hung when a request was aborted.",
        "It is safe to backport.",
    )


def test_list_joins_the_line_that_leads_into_it() -> None:
    body = "This PR:\n\n- passes the limit\n  on;\n- adds a test.\n- Update README.md\n- adds a test.\n"
    assert sentences(body) == ("This PR: passes the limit on; adds a test.",)


def test_long_list_is_cut_and_says_so() -> None:
    body = "It adds:\n" + "".join(f"- item number {word}\n" for word in "one two three four five six".split())
    assert sentences(body)[0].endswith("item number five; …")


def test_lead_without_its_sample_ends_openly() -> None:
    assert sentences("Add a subcommand with the syntax:\n\n    git refs rename") == (
        "Add a subcommand with the syntax: …",
    )


def test_markup_is_taken_off() -> None:
    body = "**Important:** see [the guide](https://example.org/x) for `__init__`<br/> and `Vec<T>`."
    assert sentences(body) == ("Important: see the guide for `__init__` and `Vec<T>`.",)


def test_wrapped_sentence_may_end_in_a_line_that_says_nothing() -> None:
    assert sentences("The clone loses the token and fails without\nit.") == (
        "The clone loses the token and fails without it.",
    )


def test_what_follows_a_drawn_line_or_a_bots_mark_is_left_out() -> None:
    assert sentences("One thing is done.\n\n---------\n\nAnother thing is said.") == ("One thing is done.",)
    assert sentences("Bumps x from 1 to 2.\n\nDependabot will resolve any conflicts.\nAll of them.") == (
        "Bumps x from 1 to 2.",
    )


def test_chosen_sentences_leave_out_what_repeats_the_subject() -> None:
    body = parse_body("Add the cache.\n\nIt is cleared on reload.")
    assert body.choose(3, "add the cache") == ("It is cleared on reload.",)


def test_the_sentence_that_says_what_is_done_is_chosen_from_a_later_paragraph() -> None:
    body = parse_body("Once there was none. It hurt. Everyone said so. Nobody acted.\n\nTeach git to do it.")
    assert body.choose(2, "x") == ("Once there was none.", "Teach git to do it.")


@pytest.mark.parametrize(
    ("body", "breaking"),
    [
        ("Text.\n\nBREAKING CHANGE: the v1 API is gone", "the v1 API is gone"),
        ("BREAKING-CHANGE: use `load`\ninstead of `read`.\n\nMore.", "use `load` instead of `read`."),
        ("## Breaking changes\n\nThe option `--x` is gone.\n\nMore.", "The option `--x` is gone."),
        ("## Breaking changes\n\nNone.\n", None),
        ("## Breaking changes\n", None),
        ("Is this a breaking change? No", None),
        ("This is not a BREAKING CHANGE", None),
        ("```\nBREAKING CHANGE: in an example\n```", None),
        ("<details>\n## Breaking changes\nthose of others\n</details>", None),
    ],
)
def test_breaking_change_is_the_authors_note_only(body: str, breaking: str | None) -> None:
    assert parse_body(body).breaking == breaking


def test_breaking_change_may_be_a_trailer() -> None:
    assert parse_body("x", [Trailer(key="BREAKING-CHANGE", value="the end")]).breaking == "the end"
    assert parse_body("x", [Trailer(key="BREAKING-CHANGE", value="none")]).breaking is None
