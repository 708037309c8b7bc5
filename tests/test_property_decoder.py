"""The decoder of commit objects: it gives back what was written, and raises on nothing that was not."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.collect import changes, decode, message
from generator.collect.changes import decode_path, read_diffs
from generator.collect.decode import RawCommit, decode_commit
from generator.collect.message import parse_message
from generator.records import Facts, Nature, Signature, Totals
from tests.mutants import find_failure
from tests.soak import count_cases, try_examples

# What people declare, and letters of that encoding.
ENCODINGS = {
    "": "Aéя修\U0001f44d\x00\t",
    "UTF-8": "Aéя修\U0001f44d\x85",
    "ISO-8859-1": "Aé¿\x80\xff",
    "iso-8859-15": "Aé€",
    "windows-1252": "Aé€’",
    "KOI8-R": "AяЖ═",
    "GB18030": "A修éя\U0001f44d",
    "Shift_JIS": "Aあ表ソ",
    "EUC-KR": "A한글",
    "no-such-codec": "Aéя修",
}
ADDRESS = "hidden@example.org"
TREE = b"tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n"

shas = st.text("0123456789abcdef", min_size=40, max_size=40)
offsets = st.integers(-14 * 60, 14 * 60)


class Person(NamedTuple):
    """Who wrote, when in seconds since the epoch, and how many minutes east of UTC."""

    name: str
    seconds: int
    offset: int

    def write(self) -> str:
        """Write a signature as git does."""
        sign = "-" if self.offset < 0 else "+"
        hours, minutes = divmod(abs(self.offset), 60)
        return f"{self.name} <{ADDRESS}> {self.seconds} {sign}{hours:02}{minutes:02}"

    def read(self) -> Signature:
        """Say what must be read of it."""
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=self.seconds)
        local = moment.astimezone(timezone(timedelta(minutes=self.offset)))
        return Signature(name=self.name, date=local.isoformat(timespec="seconds"))


class Written(NamedTuple):
    """A commit as well-behaved programs write it."""

    parents: list[str]
    author: Person
    committer: Person
    encoding: str
    extra: list[bytes]
    message: str

    def write(self) -> bytes:
        """Write the commit object."""
        codec = "UTF-8" if self.encoding in ("", "no-such-codec") else self.encoding
        head = TREE + b"".join(b"parent %s\n" % sha.encode() for sha in self.parents)
        people = f"author {self.author.write()}\ncommitter {self.committer.write()}\n".encode(codec)
        declared = f"encoding {self.encoding}\n".encode() if self.encoding else b""
        return head + people + declared + b"".join(self.extra) + b"\n" + self.message.encode(codec)


EXTRA = [
    b"gpgsig -----BEGIN PGP SIGNATURE-----\n \n parent 0123\n author X <x@y> 0 +0000\n -----END PGP SIGNATURE-----\n",
    b"mergetag object 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n type commit\n tag v1\n tagger T <t@u> 1 +0\n \n t\n",
    b"HG:rename-source hg\n",
    b"author Second <s@example.net> 5 +0000\n",
    b"encoding UTF-7\n",
]


@st.composite
def _write_in(draw: st.DrawFn) -> Written:
    encoding = draw(st.sampled_from(sorted(ENCODINGS)))
    letters = st.one_of(st.sampled_from(ENCODINGS[encoding]), st.characters(max_codepoint=126))
    texts = st.text(st.characters() if encoding == "UTF-8" else letters, max_size=60).filter(_is_whole)
    visible = "".join(letter for letter in ENCODINGS[encoding] if letter.isprintable()) + "bc '.-"
    person = st.builds(
        Person, st.text(st.sampled_from(visible), max_size=12).map(str.strip), st.integers(0, 2**33), offsets
    )
    # A second encoding would be a declaration where there was none.
    extra = EXTRA if encoding else EXTRA[:-1]
    return Written(
        draw(st.lists(shas, max_size=4)),
        draw(person),
        draw(person),
        encoding,
        draw(st.lists(st.sampled_from(extra), max_size=2)),
        draw(texts),
    )


def _is_whole(text: str) -> bool:
    return not any(0xD800 <= ord(letter) < 0xE000 for letter in text)


written = _write_in()
_HEADERS = [
    *(b"tree ", b"parent ", b"author ", b"committer ", b"encoding ", b"gpgsig ", b"mergetag ", b"parent"),
    *(
        b"tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n",
        b"parent 4B825DC642CB6EB9A060E54BF8D69288FBEE4904\n",
    ),
    *(
        b"\n",
        b"\n\n",
        b" ",
        b"<",
        b">",
        b"\x00",
        b"\r\n",
        b"<a@b>",
        b"4b825dc642cb6eb9a060e54bf8d69288fbee4904",
    ),
    *(
        b"1767679436 +0800",
        b"-1 +0000",
        b"18446744073709551616 -51800",
        b"99999999999999999999999 +1",
        b"UTF-16",
    ),
    *(
        b"utf-7",
        b"idna",
        b"punycode",
        b"hex",
        b"zlib",
        b"cp037",
        b"hz",
        b"iso2022_jp_2",
        b"utf-8-sig",
        b"mbcs",
    ),
    *(
        b"encoding %s\n" % name
        for name in (b"UTF-16", b"utf-7", b"idna", b"punycode", b"hex", b"zlib", b"rot13")
    ),
    *(
        b"encoding %s\n" % name
        for name in (b"cp037", b"hz", b"iso2022_jp_2", b"utf-8-sig", b"raw_unicode_escape")
    ),
]
raw_commits = st.lists(st.one_of(st.sampled_from(_HEADERS), st.binary(max_size=12)), max_size=14).map(
    b"".join
)
_SAID = [
    *(
        "\n",
        "\n\n",
        "\r\n",
        ": ",
        "Signed-off-by: ",
        "Co-authored-by: Ada <a@b>",
        "Fixes #",
        "Reverts ",
        "(#12)",
    ),
    *(
        "This reverts commit ",
        "07721d1",
        "(cherry picked from commit ",
        "See merge request a/b!",
        'Revert "',
        "<",
        ">",
    ),
    *(
        "#99999999999",
        "refs https://x/issues/3",
        "Merge pull request #7 from x",
        "ada/engine#5",
        "\x00",
        "\u2028",
    ),
]
messages = st.lists(st.one_of(st.sampled_from(_SAID), st.text(max_size=10)), max_size=12).map("".join)


def check_round_trip(commit: Written) -> None:
    """Check that everything is read that was written, the address aside."""
    assert decode_commit(commit.write()) == RawCommit(
        parents=tuple(commit.parents),
        author=commit.author.read(),
        committer=commit.committer.read(),
        message=commit.message,
        encoding_note=None,
    )


def check_any_bytes(content: bytes) -> None:
    """Check that whatever the bytes, what is read of them makes a record that can be written."""
    raw = decode_commit(content)
    for who in (raw.author, raw.committer):
        assert len(who.name) <= 200
        assert len(who.date) <= 60
        assert "\n" not in who.name + who.date
    said = parse_message(raw.message, "ada/engine")
    facts = Facts(
        sha="0" * 40,
        parents=raw.parents,
        subject=said.subject,
        body=said.body,
        trailers=said.trailers,
        author=raw.author,
        committer=raw.committer,
        co_authors=said.co_authors,
        encoding_note=raw.encoding_note,
        nature=Nature.EMPTY,
        files=(),
        totals=Totals(files=0, insertions=0, deletions=0),
        pull_request=said.pull_request,
        issues=said.issues,
        reverts_pull_request=said.reverted_pull_request,
    )
    assert Facts.model_validate_json(facts.model_dump_json()) == facts
    head, _, text = content.partition(b"\n\n")
    if raw.encoding_note is None and b"encoding" not in head:
        assert raw.message.encode() == text


def check_message(text: str) -> None:
    """Check that a message taken apart still says every word, and nothing that it did not."""
    said = parse_message(text, "ada/engine")
    assert "\n" not in said.subject
    assert f"{said.subject}\n{said.body}".split() == text.split()
    words = "".join(text.split())
    for trailer in said.trailers:
        assert trailer.key in text
        assert "".join(trailer.value.split()) in words.replace("<a@b>", "")
        assert "<a@b>" not in trailer.value
    assert set(said.co_authors) <= {trailer.value for trailer in said.trailers}
    for number in (said.pull_request, said.reverted_pull_request, *said.issues):
        assert number is None or str(number) in text
    assert all(sha in text for sha in said.reverted)


def quote(path: bytes) -> bytes:
    """Write a path as git's core.quotePath does (quote.c)."""
    escaped = {7: b"a", 8: b"b", 9: b"t", 10: b"n", 11: b"v", 12: b"f", 13: b"r", 34: b'"', 92: b"\\"}
    if not any(byte < 32 or byte > 126 or byte in escaped for byte in path):
        return path
    pieces = (
        b"\\" + escaped[byte]
        if byte in escaped
        else (b"\\%03o" % byte if byte < 32 or byte > 126 else bytes([byte]))
        for byte in path
    )
    return b'"' + b"".join(pieces) + b'"'


def check_path(path: bytes) -> None:
    """Check that a path is read back from git's quoting."""
    assert decode_path(quote(path)) == path.decode("utf-8", "backslashreplace")


class Edited(NamedTuple):
    """One file of a diff: its path, and the lines of its one hunk with their marks."""

    path: bytes
    lines: list[bytes]


_CONTENT = st.one_of(
    st.binary(max_size=8).map(lambda content: content.replace(b"\n", b"")),
    st.sampled_from(
        [b"", b"0" * 40, b"diff --git a/x b/x", b":100644 100644 1 2 M\tx", b"@@ -1 +1 @@", b"-- a/x"]
    ),
)
edits = st.lists(
    st.builds(
        Edited,
        st.binary(min_size=1, max_size=12).map(lambda path: path.replace(b"\x00", b"0")),
        st.lists(
            st.builds(lambda mark, content: mark + content, st.sampled_from([b"+", b"-", b" "]), _CONTENT),
            min_size=1,
            max_size=5,
        ),
    ),
    max_size=3,
)


def check_stream(commits: list[list[Edited]]) -> None:
    """Check that a stream of diffs is read as the files and lines it was written from."""
    stream = b""
    for number, files in enumerate(commits):
        stream += b"%040x\n" % number
        blob = b"%040x" % 7
        stream += b"".join(b":100644 100644 %s %s M\t%s\n" % (blob, blob, quote(file.path)) for file in files)
        for file in files:
            old, new = quote(b"a/" + file.path), quote(b"b/" + file.path)
            stream += b"diff --git %s %s\nindex 1..2 100644\n--- %s\n+++ %s\n@@ -1,9 +1,9 @@ f\n" % (
                old,
                new,
                old,
                new,
            )
            stream += b"".join(line + b"\n" for line in file.lines)
    diffs = list(read_diffs(stream.splitlines(keepends=True) if b"\r" not in stream else _split(stream)))
    assert [diff.sha for diff in diffs] == [f"{number:040x}" for number in range(len(commits))]
    for diff, files in zip(diffs, commits, strict=True):
        counted = [
            (
                file.path.decode("utf-8", "backslashreplace"),
                *(sum(line[:1] == mark for line in file.lines) for mark in (b"+", b"-")),
            )
            for file in files
        ]
        assert [(file.path, file.insertions, file.deletions) for file in diff.files] == counted
        kept = [b"".join(line + b"\n" for line in file.lines).decode("utf-8", "replace") for file in files]
        assert [patch.text.partition("\n")[2] for patch in diff.patches] == kept


def _split(stream: bytes) -> list[bytes]:
    return [line + b"\n" for line in stream.split(b"\n")[:-1]]


PROPERTIES: dict[str, tuple[Callable[[Any], None], st.SearchStrategy[Any]]] = {
    "what was written": (check_round_trip, written),
    "any bytes": (check_any_bytes, raw_commits),
    "message": (check_message, messages),
    "path": (check_path, st.binary(min_size=1)),
    "stream of diffs": (check_stream, st.lists(edits, max_size=3)),
}


@pytest.mark.parametrize("name", PROPERTIES)
def test_commits_are_read_as_they_were_written_and_nothing_stops_the_reader(name: str) -> None:
    check, strategy = PROPERTIES[name]
    with count_cases(f"decoder: {name}") as count:

        @given(value=strategy)
        @try_examples(400, 100_000)
        def run(value: Any) -> None:
            count.add()
            check(value)

        run()


def _strict(content: bytes, _declared: str) -> tuple[str, str | None]:
    return content.decode(), None


def _lossy(content: bytes, _declared: str) -> tuple[str, str | None]:
    return content.decode("utf-8", "replace"), None


def _with_address(content: bytes, declared: str) -> Signature:
    return Signature(name=decode.decode_text(content, declared)[0], date="")


def _any_parent(content: bytes) -> tuple[str, ...]:
    lines = content.partition(b"\n\n")[0].split(b"\n")
    return tuple(line[7:].decode("ascii", "replace") for line in lines if line.startswith(b"parent "))


def _epoch(text: str) -> str:
    seconds, _, _ = text.partition(" ")
    return datetime.fromtimestamp(int(seconds), UTC).isoformat(timespec="seconds")


# What each puts in the place of which part, and the properties that must notice.
MUTANTS = {
    "UTF-8 or nothing": (decode, "decode_text", _strict, {"what was written", "any bytes"}),
    "UTF-8 with losses": (decode, "decode_text", _lossy, {"what was written", "any bytes"}),
    "every codec of Python": (decode, "_TEXT_CODEC", re.compile(""), {"what was written", "any bytes"}),
    "address stays": (decode, "decode_signature", _with_address, {"what was written", "any bytes"}),
    "parents anywhere": (decode, "find_parents", _any_parent, {"any bytes"}),
    "no time zone": (decode, "_render_date", _epoch, {"what was written", "any bytes"}),
    "names have no end": (decode, "_LONGEST_NAME", 10**9, {"any bytes"}),
    "trailers keep addresses": (message, "_ADDRESS", re.compile("(?!)"), {"message"}),
    "escapes stand for themselves": (changes, "_ESCAPED", {}, {"path"}),
    "hunks end at any SHA": (changes, "_IN_HUNK", b" +@\\\n", {"stream of diffs"}),
}


@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_decoder_that_is_wrong_is_caught(mutant: str, monkeypatch: pytest.MonkeyPatch) -> None:
    module, name, wrong, properties = MUTANTS[mutant]
    monkeypatch.setattr(module, name, wrong)
    survived = {named for named in properties if not find_failure(*PROPERTIES[named], examples=3000)}
    assert survived == set()
