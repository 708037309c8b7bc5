"""A message that says what it follows up is understood, and a number or SHA that only stands in one is left alone."""

from __future__ import annotations

import pytest

from generator.claims import Claim, find_claims
from tests.page_archive import make_commit

NOON = "2026-01-05T12:00:00+08:00"
SHA = "07721d1cb942d4ee60033f1b41a2ec2638e2ad5e"
SHORT = SHA[:9]


def read(message: str, pull_request: int | None = None) -> tuple[Claim, ...]:
    subject, _, body = message.partition("\n\n")
    return find_claims(
        make_commit(1, NOON, subject=subject, body=body, pull_request=pull_request), "Ada/engine"
    )


@pytest.mark.parametrize(
    "message",
    [
        f"x\n\nFixes: {SHA}",
        f'x\n\nFixes: {SHA} ("core: add a scheduler")\nSigned-off-by: Ada',
        f"Fix {SHA}",
        f"This fixes commit {SHA}.",
        f"x\n\nA follow-up to {SHA}",
        f"x\n\nFollow-up fix for commit {SHA}, which forgot one.",
        f"x\n\nThis is a regression from {SHA}.",
        f"x\n\nBroken by `{SHA}`",
        f"x\n\nThe crash was introduced\nin {SHA}",
    ],
)
def test_a_commit_that_is_mended_or_followed_up_is_found(message: str) -> None:
    assert read(message) == (Claim(SHA, None),)


@pytest.mark.parametrize(
    "message",
    [
        "Follow-up to #123",
        "x (#124)\n\nFollowup for PR #123.",
        "x\n\nfollows up on #123",
        "x\n\nFollow up of pull request #123",
        "x\n\nFixes a regression introduced in #123.",
        "x\n\nFixes the bug that was introduced by\nthe changes in #123",
        "x\n\nregression since GH-123",
        "x\n\nregressed by !123",
        "x\n\nCI has been broken since #123 (see there)",
        "x\n\nfollow-up to (#123)",
        "x\n\nFollow-up to https://github.com/ada/Engine/pull/123",
        "x\n\nFollow-up to https://gitlab.example/ada/engine/-/merge_requests/123.",
    ],
)
def test_a_pull_request_that_is_mended_or_followed_up_is_found(message: str) -> None:
    assert read(message, 124) == (Claim(None, 123),)


@pytest.mark.parametrize(
    "message",
    [
        "x\n\nFixes #123",
        "x\n\nCloses: #123",
        "x\n\nSee #123",
        "x (#123)",
        "x\n\nThe option was introduced in #123.",
        "x\n\nSupersedes the idea of #123; a regression test is there.",
        "x\n\nFollow-up to other/engine#123",
        "x\n\nFollow-up to https://github.com/other/engine/pull/123",
        "x\n\nFollow-up to the list.\n\n#123 is another matter.",
        "x\n\nfollow-up to 1234567",
        "x\n\nfollow-up to defaced walls",
        "x\n\nFixes: effaced",
        f"x\n\nFixes the docs at https://example.org/{SHA}",
        f"x\n\nThis reverts commit {SHA}.",
        f"x\n\n(cherry picked from commit {SHA})",
        f"x\n\nBump engine from 07721d1 to {SHORT}",
        "x\n\nFix: 3.0.1234567 fails",
        "x\n\nFollow-up to #124",
    ],
)
def test_what_only_stands_in_a_message_is_no_claim(message: str) -> None:
    assert read(message, 124) == ()


def test_a_list_is_read_to_its_end_and_no_further() -> None:
    message = f"x\n\nFollow-up to #1, #2 and PR #3. Not #4.\n\nFixes: {SHORT}\nFixes: {SHORT}\n"
    assert read(message) == (
        Claim(SHORT, None),
        Claim(None, 1),
        Claim(None, 2),
        Claim(None, 3),
    )


def test_a_message_of_nothing_else_gives_no_more_than_so_many() -> None:
    assert len(read("x\n\n" + "".join(f"Follow-up to #{number}.\n" for number in range(1, 900)))) == 20


def test_a_figure_alone_is_a_sha_only_if_it_is_long() -> None:
    assert read("x\n\nFixes: 123456789012") == (Claim("123456789012", None),)
    assert read("x\n\nFixes: 12345678901") == ()
