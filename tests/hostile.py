"""Make commits, trees and files that no well-behaved program would make, each with a name that says what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from tests.loose import EMPTY_TREE, LooseRepository

SECONDS = 1_772_000_000
WHO = b"Ada <ada@example.org> 1772000000 +0000"


class Maker:
    """Writes hostile objects into a repository, on top of a commit; `first` is the history's first one."""

    def __init__(self, repository: LooseRepository, first: str, parent: str) -> None:
        self.repository = repository
        self.first = first
        self.parent = parent

    def raw(self, content: bytes) -> str:
        """Write a commit object as it is."""
        return self.repository.write("commit", content)

    def commit(
        self,
        message: bytes = b"hostile",
        *,
        tree: str = EMPTY_TREE,
        parents: bytes | None = None,
        author: bytes = b"author " + WHO + b"\n",
        committer: bytes = b"committer " + WHO + b"\n",
        extra: bytes = b"",
        end: bytes = b"\n",
    ) -> str:
        """Write a commit of which each part is what it should be, unless it is given."""
        before = b"parent %s\n" % self.parent.encode() if parents is None else parents
        return self.raw(b"tree %s\n" % tree.encode() + before + author + committer + extra + end + message)

    def written_by(self, signature: bytes) -> str:
        """Write a commit whose author is as given, address and date included."""
        return self.commit(author=b"author " + signature + b"\n")

    def dated(self, date: bytes) -> str:
        """Write a commit whose two dates are as given, zone included."""
        who = b"Ada <ada@example.org> " + date + b"\n"
        return self.commit(author=b"author " + who, committer=b"committer " + who)

    def encoded(self, declared: bytes, message: bytes) -> str:
        """Write a commit that declares an encoding."""
        return self.commit(message, extra=b"encoding " + declared + b"\n")

    def blob(self, content: bytes = b"content\n") -> str:
        """Write a file's content."""
        return self.repository.write("blob", content)

    def entries(self, *entries: tuple[bytes, bytes, str]) -> str:
        """Write a commit whose tree holds these modes, names and SHAs as they are, in this order."""
        rows = (mode + b" " + name + b"\x00" + bytes.fromhex(sha) for mode, name, sha in entries)
        return self.commit(tree=self.repository.write("tree", b"".join(rows)))

    def file(self, name: bytes, content: bytes = b"content\n") -> str:
        """Write a commit that adds one file, whatever its name."""
        return self.entries((b"100644", name, self.blob(content)))

    def nested(self, names: list[bytes]) -> str:
        """Write a commit that adds one file in folders within folders."""
        sha, mode = self.blob(), "100644"
        for name in reversed(names):
            sha, mode = self.repository.write_tree({name: (mode, sha)}), "40000"
        return self.commit(tree=sha)

    def many(self, count: int) -> str:
        """Write a commit that adds so many files."""
        blob = self.blob()
        return self.entries(*((b"100644", b"%07d.txt" % number, blob) for number in range(count)))

    def side(self, number: int) -> str:
        """Write an ordinary commit beside the others, for a merge to bring in."""
        return self.repository.commit(f"side {number}", SECONDS - 60, [self.first])

    def merge(self, *others: str) -> str:
        """Write a merge of these commits."""
        return self.commit(parents=b"".join(b"parent %s\n" % sha.encode() for sha in (self.parent, *others)))


class Hostile(NamedTuple):
    """How to make a hostile commit, and what its record must say where that is not plain: fields by their path."""

    make: Callable[[Maker], str]
    says: Mapping[str, object] = {}


_SIGNATURE = b"gpgsig -----BEGIN PGP SIGNATURE-----\n \n %s\n -----END PGP SIGNATURE-----\n"
_TAG = b"mergetag object %s\n type commit\n tag v1\n tagger T <t@example.org> 1 +0000\n \n x\n" % (b"1" * 40)
_LINK = "1" * 40

_ENCODINGS = {
    "latin-1 that is declared": Hostile(
        lambda make: make.encoded(b"ISO-8859-1", b"caf\xe9"), {"subject": "café", "encoding_note": None}
    ),
    "latin-1 that is not declared": Hostile(
        lambda make: make.commit(b"caf\xe9"),
        {"subject": "café", "encoding_note": "not valid UTF-8: read as Windows-1252"},
    ),
    "bytes of no encoding": Hostile(
        lambda make: make.commit(b"\x81\xff\xfe\x00"),
        {"encoding_note": "not valid UTF-8: read as Latin-1"},
    ),
    "Chinese in GB18030": Hostile(
        lambda make: make.encoded(b"GB18030", "修复".encode("gb18030")), {"subject": "修复"}
    ),
    "UTF-16 with a mark": Hostile(lambda make: make.encoded(b"UTF-16", "\ufefftext".encode("utf-16"))),
    "UTF-7 that hides markup": Hostile(
        lambda make: make.encoded(b"UTF-7", b"+ADw-script+AD4-"), {"subject": "+ADw-script+AD4-"}
    ),
    "punycode that takes quadratic time": Hostile(
        lambda make: make.encoded(b"punycode", b"a" * 200_000 + b"-9")
    ),
    "a codec that makes no text": Hostile(lambda make: make.encoded(b"zlib", b"plain"), {"subject": "plain"}),
    "an encoding that nobody knows": Hostile(
        lambda make: make.encoded(b"klingon", "é".encode()), {"subject": "é"}
    ),
    "an encoding with a name of 100,000 letters": Hostile(lambda make: make.encoded(b"x" * 100_000, b"\xff")),
    "an encoding whose name is no ASCII": Hostile(lambda make: make.encoded(b"\xff\xfe", b"text")),
    "an encoding that is a path": Hostile(lambda make: make.encoded(b"../../etc/passwd", b"text")),
    "an empty encoding": Hostile(lambda make: make.encoded(b"", "é".encode()), {"subject": "é"}),
    "two encodings": Hostile(
        lambda make: make.commit(b"\xe9", extra=b"encoding latin-1\nencoding UTF-8\n"), {"subject": "é"}
    ),
    "surrogates in UTF-8": Hostile(lambda make: make.commit(b"\xed\xa0\x80\xed\xb0\x80")),
    "overlong UTF-8": Hostile(lambda make: make.commit(b"\xc0\xbcscript\xc0\xbe")),
    "a shift that never ends": Hostile(lambda make: make.encoded(b"ISO-2022-JP", b"\x1b$B" + b"!" * 99)),
}
_NULS = {
    "NUL in the message": Hostile(
        lambda make: make.commit(b"before\x00after"), {"subject": "before\x00after"}
    ),
    "NUL at the message's beginning": Hostile(lambda make: make.commit(b"\x00\n\n\x00")),
    "NUL in the name": Hostile(lambda make: make.written_by(b"A\x00da <a@example.org> 1772000000 +0000")),
    "NUL in the address": Hostile(lambda make: make.written_by(b"Ada <a\x00@example.org> 1772000000 +0000")),
    "NUL in the date": Hostile(lambda make: make.dated(b"17720\x0000000 +0000")),
    "NUL in a header of its own": Hostile(lambda make: make.commit(extra=b"x \x00\n")),
    "NUL in place of the empty line": Hostile(lambda make: make.commit(end=b"\x00")),
}
_DATES = {
    "a date before 1970": Hostile(
        lambda make: make.dated(b"-1 +0000"), {"author.date": "1969-12-31T23:59:59+00:00"}
    ),
    "a date before the calendar": Hostile(lambda make: make.dated(b"-99999999999999 +0000")),
    "the second after 2038": Hostile(
        lambda make: make.dated(b"2147483648 +0000"), {"author.date": "2038-01-19T03:14:08+00:00"}
    ),
    "a date of 33 bits": Hostile(lambda make: make.dated(b"4294967296 +0000")),
    "the last second of the calendar": Hostile(lambda make: make.dated(b"253402300799 +0000")),
    "the last second of the calendar, further east": Hostile(
        lambda make: make.dated(b"253402300799 +1400"), {"author.date": "253402300799 +1400"}
    ),
    "a date of 63 bits": Hostile(lambda make: make.dated(b"9223372036854775807 +0000")),
    "a date of 64 bits": Hostile(lambda make: make.dated(b"18446744073709551615 +0000")),
    "a date beyond 64 bits": Hostile(
        lambda make: make.dated(b"18446744073709551616 +0000"), {"author.date": "18446744073709551616 +0000"}
    ),
    "a date of 100,000 digits": Hostile(
        lambda make: make.dated(b"9" * 100_000 + b" +0000"), {"author.date": "9" * 60}
    ),
    "a date with a fraction": Hostile(lambda make: make.dated(b"1772000000.5 +0000")),
    "a date in words": Hostile(lambda make: make.dated(b"next Tuesday")),
    "a date as of ISO 8601, without a zone": Hostile(lambda make: make.dated(b"2026-01-06")),
    "a date in hexadecimal": Hostile(lambda make: make.dated(b"0x699f0000 +0000")),
    "a date in Arabic digits": Hostile(lambda make: make.dated("١٧٧٢٠٠٠٠٠٠ +0000".encode())),
    "no date": Hostile(lambda make: make.dated(b""), {"author.date": ""}),
    "a zone of -518:00": Hostile(
        lambda make: make.dated(b"1772000000 -51800"), {"author.date": "1772000000 -51800"}
    ),
    "a zone of 99 hours": Hostile(lambda make: make.dated(b"1772000000 +9999")),
    "a zone of 61 minutes": Hostile(lambda make: make.dated(b"1772000000 +0061")),
    "a zone of one digit": Hostile(lambda make: make.dated(b"1772000000 +1")),
    "a zone of 100,000 digits": Hostile(lambda make: make.dated(b"1772000000 +" + b"0" * 100_000)),
    "a zone by its name": Hostile(lambda make: make.dated(b"1772000000 UTC")),
    "no zone": Hostile(lambda make: make.dated(b"1772000000")),
}
_NAMES = {
    "an empty name": Hostile(
        lambda make: make.written_by(b"<a@example.org> 1772000000 +0000"), {"author.name": ""}
    ),
    "a name of spaces": Hostile(lambda make: make.written_by(b"   <a@example.org> 1772000000 +0000")),
    "a name of a million letters": Hostile(
        lambda make: make.written_by(b"A" * 1_000_000 + b" <a@example.org> 1772000000 +0000"),
        {"author.name": "A" * 200},
    ),
    "a name that is a script": Hostile(
        lambda make: make.written_by(b"<script>alert(1)</script> <a@example.org> 1772000000 +0000")
    ),
    "a name that turns the line around": Hostile(
        lambda make: make.written_by("\u202egnp.exe\u202c <a@example.org> 1772000000 +0000".encode())
    ),
    "a name in no encoding": Hostile(lambda make: make.written_by(b"\xff\xfe\xfd <a@b> 1772000000 +0000")),
    "a name with a carriage return": Hostile(lambda make: make.written_by(b"A\rda <a@b> 1772000000 +0000")),
    "no address": Hostile(lambda make: make.written_by(b"Ada 1772000000 +0000")),
    "an address that is not closed": Hostile(lambda make: make.written_by(b"Ada <a@b 1772000000 +0000")),
    "an address the wrong way around": Hostile(lambda make: make.written_by(b"Ada >a@b< 1772000000 +0000")),
    "an address of a million letters": Hostile(
        lambda make: make.written_by(b"Ada <" + b"a" * 1_000_000 + b"> 1772000000 +0000"),
        {"author.name": "Ada"},
    ),
    "three addresses": Hostile(lambda make: make.written_by(b"Ada <a@b> <c@d> <e@f> 1772000000 +0000")),
}
_HEADERS = {
    "no author": Hostile(lambda make: make.commit(author=b""), {"author.name": "", "author.date": ""}),
    "no committer": Hostile(lambda make: make.commit(committer=b""), {"committer.name": ""}),
    "neither author nor committer": Hostile(lambda make: make.commit(author=b"", committer=b"")),
    "an author that says nothing": Hostile(lambda make: make.commit(author=b"author\n")),
    "an author behind the committer": Hostile(
        lambda make: make.commit(author=b"", extra=b"author " + WHO + b"\n"), {"author.name": "Ada"}
    ),
    "two authors": Hostile(
        lambda make: make.commit(extra=b"author Bob <b@example.org> 1 +0000\n"), {"author.name": "Ada"}
    ),
    "two committers": Hostile(lambda make: make.commit(extra=b"committer Bob <b@example.org> 1 +0000\n")),
    "two trees": Hostile(lambda make: make.commit(extra=b"tree %s\n" % (b"1" * 40))),
    "a parent behind the author": Hostile(
        lambda make: make.commit(extra=b"parent %s\n" % (b"1" * 40)), {"nature": "empty"}
    ),
    "a parent behind the author that is no SHA": Hostile(
        lambda make: make.commit(extra=b"parent <script>\n")
    ),
    "a parent in capital letters": Hostile(
        lambda make: make.commit(parents=b"parent %s\n" % make.parent.upper().encode())
    ),
    "the same parent twice": Hostile(
        lambda make: make.commit(parents=b"parent %s\n" % make.parent.encode() * 2)
    ),
    "headers that nobody knows": Hostile(lambda make: make.commit(extra=b"x-y z\n" * 10_000)),
    "a header without a value": Hostile(lambda make: make.commit(extra=b"lonely\n")),
    "a header without a name": Hostile(lambda make: make.commit(extra=b" continued\n")),
    "headers with carriage returns": Hostile(
        lambda make: make.commit(author=b"author " + WHO + b"\r\n", committer=b"committer " + WHO + b"\r\n")
    ),
    "a signature that is none": Hostile(lambda make: make.commit(extra=b"gpgsig nonsense\n")),
    "a signature that is not finished": Hostile(
        lambda make: make.commit(extra=b"gpgsig -----BEGIN PGP SIGNATURE-----\n \n abc\n")
    ),
    "a signature that says parents and authors": Hostile(
        lambda make: make.commit(extra=_SIGNATURE % b"parent 1\n author Bob <b@c> 1 +0000"),
        {"author.name": "Ada"},
    ),
    "a signature with an empty line": Hostile(
        lambda make: make.commit(b"subject", extra=b"gpgsig -----BEGIN PGP SIGNATURE-----\n\n abc\n")
    ),
    "a signature of a million bytes": Hostile(
        lambda make: make.commit(extra=_SIGNATURE % (b"A" * 1_000_000))
    ),
    "a hundred signatures": Hostile(lambda make: make.commit(extra=_SIGNATURE % b"A" * 100)),
    "a merged tag on a commit that is no merge": Hostile(lambda make: make.commit(extra=_TAG)),
    "no empty line before the message": Hostile(lambda make: make.commit(b"", end=b""), {"subject": ""}),
    "no line break at the end of the headers": Hostile(
        lambda make: make.commit(b"", committer=b"committer " + WHO, end=b"")
    ),
}
_MESSAGES = {
    "an empty message": Hostile(lambda make: make.commit(b""), {"subject": "", "body": ""}),
    "a message of line breaks": Hostile(lambda make: make.commit(b"\n" * 10_000), {"subject": ""}),
    "a message of spaces": Hostile(lambda make: make.commit(b" \t \n \t\n"), {"subject": ""}),
    "a subject of a million letters": Hostile(lambda make: make.commit(b"x" * 1_000_000)),
    "a body of 10,000 lines": Hostile(lambda make: make.commit(b"subject\n\n" + b"line\n" * 10_000)),
    "trailers without end": Hostile(lambda make: make.commit(b"subject\n\n" + b"A: b\n" * 10_000)),
    "a subject that ends the title": Hostile(
        lambda make: make.commit(b"</title><script>alert(1)</script>"),
        {"subject": "</title><script>alert(1)</script>"},
    ),
    "a subject that is front matter": Hostile(lambda make: make.commit(b"---\ntitle: x\n---\n")),
    "a message that includes a file": Hostile(
        lambda make: make.commit(b'x\n\n--8<-- ".git/config"\n{{ config }}\n')
    ),
    "a message of every control character": Hostile(
        lambda make: make.commit(bytes(range(256)) + "\u2028\u2029\u202e\u2066\ufeff\U000e0041".encode())
    ),
    "a message of combining marks": Hostile(
        lambda make: make.commit(("Z" + "\u0301\u0489" * 5_000).encode())
    ),
    "a revert of itself by a short SHA": Hostile(
        lambda make: make.commit(b"x\n\nThis reverts commit 0000000.\n")
    ),
    "reverts without end": Hostile(
        lambda make: make.commit(
            b"x\n\n" + b"".join(b"This reverts commit %040x.\n" % number for number in range(2_000))
        )
    ),
    "a pull request with 40 digits": Hostile(
        lambda make: make.commit(b"x (#%s)" % (b"9" * 40)), {"pull_request": None}
    ),
}
_PATHS = {
    "a path that leads out": Hostile(lambda make: make.nested([b"..", b"..", b"etc", b"passwd"])),
    "a path that is here": Hostile(lambda make: make.nested([b".", b"x"])),
    "a path into .git": Hostile(lambda make: make.nested([b".git", b"hooks", b"post-checkout"])),
    "a path with a slash in a name": Hostile(lambda make: make.file(b"a/../../b")),
    "an absolute path": Hostile(lambda make: make.file(b"/etc/passwd")),
    "a line break in a path": Hostile(lambda make: make.file(b"a\nb.txt"), {"files.0.path": "a\nb.txt"}),
    "a SHA line in a path": Hostile(
        lambda make: make.file(b"a\n" + b"1" * 40 + b"\n"), {"files.0.path": "a\n" + "1" * 40 + "\n"}
    ),
    "a tab and a quote in a path": Hostile(lambda make: make.file(b'a\t"b\\'), {"files.0.path": 'a\t"b\\'}),
    "a path that is no UTF-8": Hostile(
        lambda make: make.file(b"\xff\xfe.txt"), {"files.0.path": "\\xff\\xfe.txt"}
    ),
    "a path that is a script": Hostile(lambda make: make.file(b"<img src=x onerror=alert(1)>")),
    "a path that is an option": Hostile(lambda make: make.file(b"--output=stolen")),
    "a path that talks to a terminal": Hostile(lambda make: make.file(b"\x1b]0;x\x07\x1b[31m")),
    "a path of 100,000 letters": Hostile(lambda make: make.file(b"a" * 100_000)),
    "a path of 1,000 folders": Hostile(lambda make: make.nested([b"d"] * 1_000)),
    "a device of Windows": Hostile(lambda make: make.file(b"CON.txt:stream")),
}
_TREES = {
    "the same path twice": Hostile(
        lambda make: make.entries((b"100644", b"a", make.blob()), (b"100644", b"a", make.blob(b"other\n")))
    ),
    "paths out of order": Hostile(
        lambda make: make.entries((b"100644", b"b", make.blob()), (b"100644", b"a", make.blob()))
    ),
    "a file and a folder of one name": Hostile(
        lambda make: make.entries(
            (b"100644", b"a", make.blob()),
            (b"40000", b"a", make.repository.write_files({"x": "x\n"})),
        )
    ),
    "a mode of nothing": Hostile(lambda make: make.entries((b"0", b"a", make.blob()))),
    "a mode that no file has": Hostile(lambda make: make.entries((b"177777", b"a", make.blob()))),
    "a mode of old versions": Hostile(lambda make: make.entries((b"100664", b"a", make.blob()))),
    "a mode with zeros before it": Hostile(lambda make: make.entries((b"0100644", b"a", make.blob()))),
    "a file that is a folder": Hostile(lambda make: make.entries((b"100644", b"a", EMPTY_TREE))),
    "a link to the password file": Hostile(
        lambda make: make.entries((b"120000", b"link", make.blob(b"/etc/passwd")))
    ),
    "a submodule that is nowhere": Hostile(
        lambda make: make.entries((b"160000", b"vendor", _LINK)), {"nature": "submodule"}
    ),
    "a submodule that would run a program": Hostile(
        lambda make: make.entries(
            (
                b"100644",
                b".gitmodules",
                make.blob(
                    b'[submodule "x"]\n\tpath = x\n\turl = ext::sh -c touch% stolen\n\tupdate = !touch stolen\n'
                ),
            ),
            (b"160000", b"x", _LINK),
        )
    ),
    "attributes that would run a program": Hostile(
        lambda make: make.entries(
            (b"100644", b".gitattributes", make.blob(b"* diff=x filter=x merge=x ident text eol=crlf\n")),
            (b"100644", b"a.txt", make.blob()),
        )
    ),
    "a mailmap that renames everybody": Hostile(
        lambda make: make.file(b".mailmap", b"Mallory <m@example.org> <ada@example.org>\n"),
        {"author.name": "Ada"},
    ),
    "more files than a record holds": Hostile(lambda make: make.many(3_500), {"totals.files": 3_500}),
}
_FILES = {
    "a file of NULs": Hostile(lambda make: make.file(b"a", b"\x00" * 1_000), {"files.0.binary": True}),
    "a line of two million letters": Hostile(
        lambda make: make.file(b"a", b"x" * 2_000_000), {"files.0.insertions": 1}
    ),
    "a file of carriage returns": Hostile(
        lambda make: make.file(b"a", b"a\rb\rc\r"), {"files.0.insertions": 1}
    ),
    "a file that looks like a diff": Hostile(
        lambda make: make.file(
            b"a", b"diff --git a/x b/x\n:100644 100644 1 2 M\tx\n@@ -1 +1 @@\n" + b"1" * 40 + b"\n"
        ),
        {"files.0.insertions": 4, "totals.files": 1},
    ),
    "a file in no encoding": Hostile(
        lambda make: make.file(b"a", b"\xff\xfe\xfd\n"), {"files.0.insertions": 1}
    ),
    "a file without its last line break": Hostile(
        lambda make: make.file(b"a", b"x"), {"files.0.insertions": 1}
    ),
    "an empty file": Hostile(lambda make: make.file(b"a", b""), {"files.0.insertions": 0}),
    "100,000 empty lines": Hostile(
        lambda make: make.file(b"a", b"\n" * 100_000), {"files.0.insertions": 100_000}
    ),
}
_MERGES = {
    "a merge of 40": Hostile(lambda make: make.merge(*map(make.side, range(40))), {"nature": "merge"}),
    "a merge with a merged tag": Hostile(
        lambda make: make.commit(
            parents=b"parent %s\nparent %s\n" % (make.parent.encode(), make.side(99).encode()), extra=_TAG
        )
    ),
    "a merge that is its own first parent's parent": Hostile(
        lambda make: make.merge(make.repository.commit("older", SECONDS - 90, [make.parent]))
    ),
}

ENTRIES: dict[str, Hostile] = {
    **_ENCODINGS,
    **_NULS,
    **_DATES,
    **_NAMES,
    **_HEADERS,
    **_MESSAGES,
    **_PATHS,
    **_TREES,
    **_FILES,
    **_MERGES,
}

# What git itself cannot read: how to make it, and what is said of it, with `SHA` for that of the commit.
UNREADABLE: dict[str, tuple[Callable[[Maker], str], str]] = {
    "nothing at all": (lambda make: make.raw(b""), "SHA"),
    "no tree": (lambda make: make.raw(b"author " + WHO + b"\ncommitter " + WHO + b"\n\nx"), "SHA"),
    "a tree behind the author": (
        lambda make: make.raw(b"author " + WHO + b"\ntree " + EMPTY_TREE.encode() + b"\n\nx"),
        "SHA",
    ),
    "a tree that is no SHA": (lambda make: make.commit(tree="x" * 40), "tree"),
    "a tree with a SHA that is cut": (lambda make: make.commit(tree=EMPTY_TREE[:20]), "SHA"),
    "a tree that is not there": (lambda make: make.commit(tree="1" * 40), "1" * 40),
    "a tree that is a file": (lambda make: make.commit(tree=make.blob()), "not a tree"),
    "a tree that is a commit": (lambda make: make.commit(tree=make.parent), "is a tree, not a commit"),
    "a tree of garbage": (
        lambda make: make.commit(tree=make.repository.write("tree", b"garbage" * 9)),
        "too-short tree",
    ),
    "a tree that is cut": (
        lambda make: make.commit(tree=make.repository.write("tree", b"100644 a\x00" + b"1" * 9)),
        "too-short tree",
    ),
    "a mode that is no number": (
        lambda make: make.entries((b"rwxrwx", b"a", make.blob())),
        "malformed mode in tree",
    ),
    "an empty path": (lambda make: make.file(b""), "empty filename in tree"),
    "a file that is not there": (lambda make: make.entries((b"100644", b"a", "1" * 40)), "1" * 40),
    "a folder that is a file": (lambda make: make.entries((b"40000", b"a", make.blob())), "not a tree"),
    "a folder that is a commit": (lambda make: make.entries((b"40000", b"a", make.parent)), "not a tree"),
    "a parent that is no SHA": (lambda make: make.commit(parents=b"parent " + b"x" * 40 + b"\n"), "SHA"),
    "a parent with a SHA that is cut": (lambda make: make.commit(parents=b"parent 1234567\n"), "SHA"),
    "a parent that is not there": (
        lambda make: make.commit(parents=b"parent " + b"1" * 40 + b"\n"),
        "1" * 40,
    ),
    "a parent that is a file": (
        lambda make: make.commit(parents=b"parent " + make.blob().encode() + b"\n"),
        "not a commit",
    ),
}

_LINES = b"one line\n" * 2_000_000
# So large that they are tried in the long form alone.
ENORMOUS: dict[str, Callable[[Maker], str]] = {
    "a line of 50 MB": lambda make: make.file(b"a", b"x" * 50_000_000),
    "a line of 30 MB": lambda make: make.file(b"a", b"x" * 30_000_000),
    "a subject of 50 MB": lambda make: make.commit(b"x" * 50_000_000),
    "a message of two million lines": lambda make: make.commit(b"subject\n\n" + _LINES),
    "a name of 50 MB": lambda make: make.written_by(b"A" * 50_000_000 + b" <a@example.org> 1772000000 +0000"),
    "a header of 50 MB": lambda make: make.commit(extra=b"x " + b"y" * 50_000_000 + b"\n"),
    "two million lines": lambda make: make.file(b"a", _LINES),
    "100,000 files": lambda make: make.many(100_000),
    "a merge of 1,000": lambda make: make.merge(*map(make.side, range(1_000))),
}
