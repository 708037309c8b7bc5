"""Cut the pages that are due into partitions, and find for each what its pages may lead to.

This module must not render anything or follow a link to its end: it looks for whatever could be a link, and asks which
of it exists. What it overlooks, MkDocs misses, and the partition is rendered once more with it.
"""

from __future__ import annotations

import html
import posixpath
import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from urllib.parse import unquote

from generator.site.ledger import find_pages, find_sources
from generator.site.look import OWN_PAGES
from generator.site.rendering import Partition

LARGEST = 300
# Below it, opening MkDocs takes longer than rendering.
_SMALLEST = 100
# A worker that is done early helps the others only if there is something left to take.
_PIECES_EACH = 4

# Where a link's target can begin in Markdown or HTML; it ends at white space, a quote or an angle bracket. A
# parenthesis may be part of it or end it, so both are tried.
_TARGET = re.compile(r"""(?:\]\(\s*<?|\]:\s*<?|(?:href|src)\s*=\s*["']?)([^\s"'<>]+)""", re.IGNORECASE)
# The one form in which generated pages lead to others, and signs of any other form; most pages have none.
_HREF = re.compile(r'href="?([^"\s>]+)')
_OTHER_FORMS = ("](", "]:", "src=")
# What front matter leads to: a page or a record, by its path under docs/.
_REFERENCE = re.compile(r'"([^"\\]+\.(?:md|json))"')
# In angle brackets, a target may hold spaces.
_BRACKETED = re.compile(r"(?:\]\(\s*|\]:\s*)<([^<>\n]+)>")
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")


def find_size(pages: int, workers: int) -> int:
    """Find how many pages a partition should have, so that all workers have something to do until the end."""
    if workers == 1:
        return LARGEST
    return max(_SMALLEST, min(LARGEST, -(-pages // (workers * _PIECES_EACH))))


def cut_partitions(src_uris: Iterator[str], size: int) -> Iterator[tuple[str, ...]]:
    """Cut pages into partitions, in the order in which they come: those of a month together."""
    while some := tuple(islice(src_uris, size)):
        yield some


def read_partition(docs: Path, connection: sqlite3.Connection, src_uris: Sequence[str]) -> Partition:
    """Read the Markdown of pages, and look up what they may lead to.

    A page that is not there any more is left out.
    """
    pages = {src_uri: content for src_uri in src_uris if (content := _read(docs / src_uri)) is not None}
    return Partition(pages=pages, known=find_known(connection, pages))


def find_known(connection: sqlite3.Connection, pages: Mapping[str, bytes]) -> frozenset[str]:
    """Find the files under docs/ that these pages may lead to."""
    wanted = set(OWN_PAGES)
    for src_uri, content in pages.items():
        wanted.update(_list_targets(src_uri, content.decode(errors="replace")))
    return find_existing(connection, wanted - pages.keys())


def find_existing(connection: sqlite3.Connection, paths: set[str]) -> frozenset[str]:
    """Find which of these are pages or files under docs/."""
    return frozenset({*find_pages(connection, paths), *find_sources(connection, paths)})


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _list_targets(src_uri: str, source: str) -> Iterator[str]:
    folder = posixpath.dirname(src_uri)
    front_matter, separator, body = source.partition("\n---\n")
    if separator and front_matter.startswith("---\n"):
        yield from _REFERENCE.findall(front_matter)
    else:
        body = source
    if any(mark in body for mark in _OTHER_FORMS):
        targets = {*_TARGET.findall(body), *_BRACKETED.findall(body)}
    else:
        targets = set(_HREF.findall(body))
    for target in targets:
        for path in _list_readings(target):
            yield posixpath.normpath(posixpath.join(folder, path).lstrip("/"))


def _list_readings(target: str) -> Iterator[str]:
    """List how a target may be read: with references and escapes undone, and up to each closing parenthesis."""
    plain = html.unescape(target) if "&" in target else target
    path = re.split("[?#]", _ESCAPE.sub(r"\1", plain), maxsplit=1)[0]
    if ":" in path and re.match(r"[a-z][a-z0-9+.-]*:", path, re.IGNORECASE):
        return
    yield unquote(path)
    for end in re.finditer(r"\)", path):
        yield unquote(path[: end.start()])
