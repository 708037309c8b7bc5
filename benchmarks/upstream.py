"""Make a repository to measure with where none is named: files of a few hundred lines, small changes, some merges."""

from __future__ import annotations

import random
import subprocess
from pathlib import Path


def make_upstream(folder: Path, commits: int = 1500, files: int = 120, seed: int = 1) -> Path:
    """Write a bare repository of `commits` commits through git-fast-import(1); every fifteenth is a merge."""
    folder.mkdir(parents=True)
    _run(folder, "init", "--quiet", "--bare", "--initial-branch=main", "--template=", ".")
    chance = random.Random(seed)
    texts = [[_make_line(chance) for _ in range(chance.randint(40, 700))] for _ in range(files)]
    stream = bytearray()
    for number in range(1, commits + 1):
        is_merge = number > 15 and number % 15 == 0
        changed = range(files) if number == 1 else chance.sample(range(files), chance.choice([1, 1, 2, 3, 5]))
        stream += f"commit refs/heads/main\nmark :{number}\n".encode()
        stream += f"committer Ada <ada@example.org> {1_700_000_000 + number * 1800} +0000\n".encode()
        stream += _data(f"fix(core): change {number}\n\nBecause of {_make_line(chance)}.\n")
        stream += f"from :{number - 1}\n".encode() if number > 1 else b""
        stream += f"merge :{number - 7}\n".encode() if is_merge else b""
        for file in changed if not is_merge else ():
            _edit(texts[file], chance)
            stream += f"M 100644 inline src/part{file % 9}/file{file}.py\n".encode() + _data(
                "".join(texts[file])
            )
    _run(folder, "fast-import", "--quiet", stdin=bytes(stream))
    return folder


def _edit(text: list[str], chance: random.Random) -> None:
    for _ in range(chance.randint(1, 6)):
        position = chance.randrange(len(text))
        text[position : position + chance.randint(0, 3)] = [
            _make_line(chance) for _ in range(chance.randint(0, 5))
        ]
    if not text:
        text.append(_make_line(chance))


def _make_line(chance: random.Random) -> str:
    words = (
        "self",
        "block",
        "table",
        "size",
        "return",
        "cache",
        "scheduler",
        "if",
        "request",
        "token",
        "def",
        "=",
    )
    return "    " * chance.randint(0, 3) + " ".join(chance.choices(words, k=chance.randint(2, 9))) + "\n"


def _data(text: str) -> bytes:
    content = text.encode()
    return b"data %d\n%s\n" % (len(content), content)


def _run(folder: Path, *arguments: str, stdin: bytes = b"") -> None:
    subprocess.run(["git", "-C", str(folder), *arguments], input=stdin, check=True, stdout=subprocess.DEVNULL)
