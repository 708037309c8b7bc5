"""Cut commits into parts that one git can compare without holding too much.

This module must not run git.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

# Bytes of commits that one git is to compare: it holds every one that it has read. Five hundred ordinary commits have a
# tenth of it, so only enormous messages cost further processes.
LARGEST_PART = 8_000_000

T = TypeVar("T")


def cut(sized: Iterable[tuple[T, int]]) -> Iterator[list[T]]:
    """Cut commits, each with its bytes and as they come, into parts for one git each.

    One that leaves no room for others is its part's last.
    """
    part: list[T] = []
    size = 0
    for commit, bytes_ in sized:
        part.append(commit)
        size += bytes_
        if size > LARGEST_PART:
            yield part
            part, size = [], 0
    if part:
        yield part
