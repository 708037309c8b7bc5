"""Define what a feed is made of, for the pages that fill it and the site that writes it.

This module must not know a file's format, a language or a record.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import NAMESPACE_URL, UUID, uuid5

from generator.records import Language

# What there is a feed of, by the name of its files: days, and commits of high importance.
DAYS, HIGH = "feed", "high"
# Below a repository, the folder of what changed its watched paths, which has a feed of its own.
WATCH = "watch"
MOST_DAYS, MOST_COMMITS, MOST_WATCHED = 30, 50, 100
# Not an address to be opened: a name space of our own. It must never change, or every entry is new to every reader.
_SPACE: UUID = uuid5(NAMESPACE_URL, "daybook:feeds")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of a feed: a day, or a commit.

    `page` is where its page stands under docs/. `title` and `author` are plain text, `author` is empty where it is the
    archive itself. `content` is HTML that was escaped, in which links lead from the top of docs/ to files there.
    `published` and `updated` are UTC, and follow from the records alone.
    """

    id: str
    page: str
    title: str
    content: str = field(repr=False)
    author: str = ""
    tags: tuple[str, ...] = ()
    published: datetime
    updated: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A feed, whose entries are made when somebody asks for them, the newest first.

    `path` is where it stands in the site, without its ending; `page` the page under docs/ that it tells of.
    Equal `key`s mean equal feeds.
    """

    path: str
    key: str
    id: str
    title: str
    page: str
    author: str
    language: Language
    make: Callable[[], Sequence[Entry]] = field(repr=False)


class Telling(Protocol):
    """What an archive tells programs beside its pages; `generator.feeding.Feeding` is one."""

    def list_feeds(
        self, site_name: str, language: Language, watch: Mapping[str, Sequence[str]]
    ) -> Sequence[Feed]:
        """List the feeds of the archive; `watch` are the globs of watched paths, by a repository's name.

        Raises ArchiveError where a record is damaged.
        """

    def describe(self, site_name: str, site_url: str | None, language: Language) -> str:
        """Describe the archive in Markdown, with whole addresses where the site has one."""

    def summarise(self, language: Language) -> str:
        """Say how the archive stands, as the JSON that a badge is drawn from."""


def name_entry(*parts: str) -> str:
    """Make an id that holds for ever, from what never changes of a thing.

    A name-based UUID (RFC 9562) and no address, because the address of a site may change, and no `tag:` URI, because
    that would need a host of ours (RFC 4151).
    """
    # No part holds a space.
    return uuid5(_SPACE, " ".join(parts)).urn
