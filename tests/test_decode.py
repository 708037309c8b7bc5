"""Commit objects are decoded whatever is in them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.collect.decode import RawCommit, decode_commit, decode_signature
from generator.records import Signature

TREE = b"tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n"
WHO = b"author A U Thor <a@example.org> 1767679436 +0800\ncommitter C O Mitter <c@example.org> 1767679436 +0800\n"


def test_an_ordinary_commit_is_taken_apart() -> None:
    parent = b"1" * 40
    content = TREE + b"parent " + parent + b"\n" + WHO + b"\nsubject\n\nbody\n"
    assert decode_commit(content) == RawCommit(
        parents=("1" * 40,),
        author=Signature(name="A U Thor", date="2026-01-06T14:03:56+08:00"),
        committer=Signature(name="C O Mitter", date="2026-01-06T14:03:56+08:00"),
        message="subject\n\nbody\n",
        encoding_note=None,
    )


def test_a_signature_header_of_many_lines_is_no_part_of_the_message() -> None:
    signed = b"gpgsig -----BEGIN PGP SIGNATURE-----\n \n abc\n -----END PGP SIGNATURE-----\n"
    assert decode_commit(TREE + WHO + signed + b"\nsubject").message == "subject"


@pytest.mark.parametrize(
    ("header", "message", "text", "note"),
    [
        (b"encoding ISO-8859-1\n", b"caf\xe9", "café", None),
        (b"encoding GB18030\n", "修复".encode("gb18030"), "修复", None),
        (b"", "修复".encode(), "修复", None),
        (b"", b"caf\xe9", "café", "not valid UTF-8: read as Windows-1252"),
        (b"", b"\x81\xff", "\x81ÿ", "not valid UTF-8: read as Latin-1"),
        (b"encoding no-such-codec\n", b"plain", "plain", None),
        (b"encoding rot13\n", b"plain", "plain", None),
        (b"encoding UTF-7\n", b"+2AA-", "+2AA-", None),
        (b"encoding unicode_escape\n", b"\\ud800", "\\ud800", None),
        (b"encoding utf-8\n", b"\xed\xa0\x80", "í\xa0€", "not valid utf-8: read as Windows-1252"),
        (b"", b"before\x00after", "before\x00after", None),
    ],
)
def test_text_is_read_in_its_declared_encoding_or_said_not_to_be(
    header: bytes, message: bytes, text: str, note: str | None
) -> None:
    raw = decode_commit(TREE + WHO + header + b"\n" + message)
    assert (raw.message, raw.encoding_note) == (text, note)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"A <a@b> 0 +0000", Signature(name="A", date="1970-01-01T00:00:00+00:00")),
        (b"A <a@b> 1767679436 -0130", Signature(name="A", date="2026-01-06T04:33:56-01:30")),
        (b"A <a@b> -1 +0000", Signature(name="A", date="1969-12-31T23:59:59+00:00")),
        (b"A <a@b> 99999999999999 +0000", Signature(name="A", date="99999999999999 +0000")),
        (b"A <a@b> 18446744073709551616 +0000", Signature(name="A", date="18446744073709551616 +0000")),
        (b"A <a@b> 253402300799 +1400", Signature(name="A", date="253402300799 +1400")),
        (b"A <a@b> 1767679436 -51800", Signature(name="A", date="1767679436 -51800")),
        (b"A <a@b>", Signature(name="A", date="")),
        (b" <> 1767679436 +0000", Signature(name="", date="2026-01-06T06:03:56+00:00")),
        (b"A <a@b> <c@d> 1767679436 +0000", Signature(name="A", date="2026-01-06T06:03:56+00:00")),
        (b"no address at all", Signature(name="no address at all", date="")),
        (b"", Signature(name="", date="")),
    ],
)
def test_signatures_keep_what_can_be_read_of_them(content: bytes, expected: Signature) -> None:
    assert decode_signature(content, "") == expected


@pytest.mark.parametrize("text", ["x" * 300_000, "x" + "修" * 100_000, "xx" + "\U0001f44d" * 60_000])
def test_an_enormous_message_is_cut_where_a_letter_ends_and_says_so(text: str) -> None:
    raw = decode_commit(TREE + WHO + b"\n" + text.encode())
    assert text.startswith(raw.message)
    assert 65_536 - 4 < len(raw.message.encode()) <= 65_536
    assert raw.encoding_note == f"cut after 65,536 of {len(text.encode()):,} bytes"


def test_an_enormous_message_in_no_encoding_says_both() -> None:
    raw = decode_commit(TREE + WHO + b"\n" + b"\xe9" * 65_537)
    assert raw.encoding_note == "not valid UTF-8: read as Windows-1252; cut after 65,536 of 65,537 bytes"


ONE, TWO = b"parent " + b"1" * 40 + b"\n", b"parent " + b"2" * 40 + b"\n"


@pytest.mark.parametrize(
    ("headers", "parents"),
    [
        (ONE + TWO + WHO, ("1" * 40, "2" * 40)),
        (ONE + WHO + TWO, ("1" * 40,)),
        (WHO + TWO, ()),
        (b"parent 1234567\n" + WHO, ()),
        (b"parent <script>\n" + WHO, ()),
        (b"parent " + b"A" * 40 + b"\n" + WHO, ("a" * 40,)),
        (b"parent " + b"1" * 64 + b"\n" + WHO, ("1" * 64,)),
    ],
)
def test_parents_are_those_that_git_reads(headers: bytes, parents: tuple[str, ...]) -> None:
    content = TREE + headers + b"\nsubject"
    assert decode_commit(content).parents == parents


def test_no_address_is_kept() -> None:
    raw = decode_commit(TREE + WHO + b"\nsubject")
    assert "@" not in repr(raw)


@given(st.binary())
def test_any_bytes_decode(content: bytes) -> None:
    raw = decode_commit(content)
    raw.message.encode()
    raw.author.name.encode()
