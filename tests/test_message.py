"""Commit messages are read by the conventions of git and of hosting services."""

from __future__ import annotations

import pytest

from generator.collect.message import Message, parse_message
from generator.records import Trailer

SHA = "07721d1cb942d4ee60033f1b41a2ec2638e2ad5e"


def test_a_message_is_taken_apart() -> None:
    text = (
        "fix: handle concurrent loads (#5184)\r\n\r\nTwo loads raced.\r\n\r\nFixes: #12, closes #7\r\n\r\n"
        "Signed-off-by: Ada Lovelace <ada@example.org>\r\nCo-authored-by: Bob\r\n  Builder <bob@example.org>\r\n"
    )
    assert parse_message(text, "owner/repo") == Message(
        subject="fix: handle concurrent loads (#5184)",
        body="Two loads raced.\n\nFixes: #12, closes #7\n\n"
        "Signed-off-by: Ada Lovelace <ada@example.org>\nCo-authored-by: Bob\n  Builder <bob@example.org>",
        trailers=(
            Trailer(key="Signed-off-by", value="Ada Lovelace"),
            Trailer(key="Co-authored-by", value="Bob Builder"),
        ),
        co_authors=("Bob Builder",),
        pull_request=5184,
        issues=(7, 12),
        reverted=(),
        reverted_pull_request=None,
    )


def test_an_empty_message_has_an_empty_subject() -> None:
    assert (parse_message("", "owner/repo").subject, parse_message("\n\n", "owner/repo").body) == ("", "")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("feat: x (#12)", 12),
        ("feat: x (!12)", 12),
        ("Merge pull request #34 from ada/topic", 34),
        ("Merge branch 'x'\n\nSee merge request group/project!56", 56),
        ("feat: x (#12) and more", None),
        ("feat: x #12", None),
        ("issue (#99999999999999999999)", None),
    ],
)
def test_pull_requests_are_found_where_hosts_write_them(text: str, number: int | None) -> None:
    assert parse_message(text, "owner/repo").pull_request == number


@pytest.mark.parametrize(
    ("text", "shas", "number"),
    [
        (f'Revert "x"\n\nThis reverts commit {SHA}.', (SHA,), None),
        (f"Back out\n\nThis reverts commit {SHA[:12]}, reversing\nchanges made to abc.", (SHA[:12],), None),
        ('Revert "feat: x (#12)" (#13)\n\nReverts owner/repo#12', (), 12),
        ('Revert "feat: x (#12)" (#13)\n\nReverts #12', (), 12),
        ('Revert "feat: x (#12)" (#13)\n\nReverts other/library#12', (), None),
        ('Revert "feat: x (#12)" (#13)', (), 12),
        ('[Revert] "feat: x (#12)"', (), 12),
        ("feat: x\n\nReverts owner/repo#12", (), None),
        ('Revert "x"', (), None),
    ],
)
def test_reverts_are_found(text: str, shas: tuple[str, ...], number: int | None) -> None:
    message = parse_message(text, "owner/repo")
    assert (message.reverted, message.reverted_pull_request) == (shas, number)


@pytest.mark.parametrize(
    "body",
    [
        "just prose: with a colon\nand no trailer",
        "Note: one\ntwo\nthree\nfour\nfive",
        "https://example.org/: x y",
    ],
)
def test_prose_is_no_trailer(body: str) -> None:
    assert parse_message(f"subject\n\n{body}", "owner/repo").trailers == ()


def test_a_paragraph_that_git_signed_may_hold_other_lines() -> None:
    body = "[ada: mended a typo]\nSigned-off-by: Ada <a@b>\n(cherry picked from commit 1234567)"
    assert parse_message(f"subject\n\n{body}", "owner/repo").trailers == (
        Trailer(key="Signed-off-by", value="Ada"),
    )


def test_a_huge_message_is_read_in_linear_time() -> None:
    text = "(" * 1_000_000 + "\n\n" + "Fixes " * 1_000_000 + "\n" * 1_000_000 + "a: " * 100_000
    assert parse_message("x\n\nKey: <" + " " * 150_000 + "@" * 150_000, "owner/repo").trailers
    assert len(parse_message(text, "owner/repo").subject) == 1_000_000
