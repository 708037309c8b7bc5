"""Read git's raw lines: which file contents stand on their sides, and behind which commit they come.

This module must not run git.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from generator.collect.changes import SHA_LINE

_NULL = re.compile(rb"^0+$")


def find_behind_sha(output: bytes, beginning: bytes) -> frozenset[str]:
    """Find the SHA lines that a line with this beginning follows, before the next SHA line."""
    found: set[str] = set()
    sha = ""
    for line in output.splitlines(keepends=True):
        if SHA_LINE.fullmatch(line):
            sha = line.strip().decode("ascii")
        elif line.startswith(beginning):
            found.add(sha)
    return frozenset(found)


def find_sides(line: bytes) -> Iterator[str]:
    """Read the file contents named by a raw line, plain or combined; submodules and absent sides have none."""
    if not line.startswith(b":"):
        return
    count = len(line) - len(line.lstrip(b":")) + 1
    words = line.lstrip(b":").split(b"\t", 1)[0].split()
    for mode, sha in zip(words[:count], words[count : 2 * count], strict=True):
        if mode != b"160000" and not _NULL.match(sha):
            yield sha.decode()
