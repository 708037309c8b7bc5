"""Arrange what the site has for programs: feeds, the schemas of the records, a badge, and llms.txt, which leads on.

This module must not know what an entry or a record says. What is there already and would be the same is not made again.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

import pydantic

from generator.config import Config
from generator.feeds import DAYS, HIGH, WATCH, Feed, Telling
from generator.fingerprint import hash_code, hash_matter
from generator.manifest import read_fact
from generator.site.feeds import ATOM, JSON, render_feed
from generator.site.ledger import find_files
from generator.site.schemas import FOLDER as SCHEMAS_FOLDER
from generator.site.schemas import MODELS, place_schema, render_schemas

GUIDE = "llms.txt"
# As https://shields.io/badges/endpoint-badge reads it.
BADGE = "status.json"
FOLDERS = (SCHEMAS_FOLDER,)
# Where what was made last time is remembered: the key of each of the files, by its path.
FACT = "files for programs"
_CODE = (
    "site/feeds.py",
    "site/schemas.py",
    "site/facets.py",
    "site/sources.py",
    "record*.py",
    "release_records.py",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Machines:
    """What programs read: `files` to publish by path, `gone` that are no more, and `fact` to be remembered."""

    files: Mapping[str, bytes]
    gone: frozenset[str]
    fact: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Work:
    """Files that are made together, and the hash of all they are made from."""

    paths: tuple[str, ...]
    key: str
    make: Callable[[], Mapping[str, bytes]]


def render_machines(
    connection: sqlite3.Connection, telling: Telling, config: Config, *, full: bool
) -> Machines:
    """Render what changed for programs, or all of it where `full`. Raises ArchiveError where a record is damaged."""
    before: dict[str, str] = json.loads(read_fact(connection, FACT) or "{}")
    keys: dict[str, str] = {}
    files: dict[str, bytes] = {}
    for work in _list_work(telling, config):
        keys |= dict.fromkeys(work.paths, work.key)
        if full or not _is_there(connection, work, before):
            files |= work.make()
    return Machines(
        files=files, gone=frozenset(before.keys() - keys.keys()), fact=json.dumps(keys, sort_keys=True)
    )


def render_all(telling: Telling, config: Config) -> Iterator[tuple[str, bytes]]:
    """Render all that there is for programs, by path in the site, one after the other."""
    for work in _list_work(telling, config):
        yield from work.make().items()


def list_taken(names: Iterable[str]) -> frozenset[str]:
    """List the files of a site that are feeds, or lead to them, of an archive with repositories of these names."""
    names = list(names)
    tops = ["", *(f"{name}/" for name in names)]
    feeds = [f"{top}{sort}" for top in tops for sort in (DAYS, HIGH)]
    feeds += [f"{name}/{WATCH}/{DAYS}" for name in names]
    return frozenset({GUIDE, BADGE, *(f"{feed}{ending}" for feed in feeds for ending in (ATOM, JSON))})


def _is_there(connection: sqlite3.Connection, work: _Work, before: Mapping[str, str]) -> bool:
    """Say whether the site has all of these files as they should be."""
    known = find_files(connection, work.paths)
    return all(
        before.get(path) == work.key and path in known and known[path].sha256 is not None
        for path in work.paths
    )


def _list_work(telling: Telling, config: Config) -> Iterator[_Work]:
    site, language = config.site, config.language
    maker = f"{hash_code(*_CODE)} {pydantic.VERSION} {site.url}"
    yield _Work(
        paths=tuple(map(place_schema, MODELS)),
        key=hash_matter(maker),
        make=partial(render_schemas, site.url),
    )
    guide = telling.describe(site.name, site.url, language)
    yield _Work(paths=(GUIDE,), key=hash_matter(guide), make=lambda: {GUIDE: guide.encode()})
    badge = telling.summarise(language)
    yield _Work(paths=(BADGE,), key=hash_matter(badge), make=lambda: {BADGE: badge.encode()})
    for feed in telling.list_feeds(site.name, language, config.watched):
        yield _Work(
            paths=(feed.path + ATOM, feed.path + JSON),
            key=hash_matter(f"{maker} {feed.key}"),
            make=partial(_make_feed, feed, site.url),
        )


def _make_feed(feed: Feed, site_url: str | None) -> Mapping[str, bytes]:
    return render_feed(feed, feed.make(), site_url)
