"""Hold feeds against the rules of their formats: RFC 4287 for Atom, https://jsonfeed.org/version/1.1 for JSON Feed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

from generator.site.guard import check_content

ATOM = "{http://www.w3.org/2005/Atom}"
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
# RFC 3339, in the capitals that RFC 4287 3.3 asks for.
_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")
# Which elements may stand in an element, and how often at least and at most; None is any number.
_ONE, _FEW, _ANY = (1, 1), (0, 1), (0, None)
_CHILDREN: dict[str, dict[str, tuple[int, int | None]]] = {
    "feed": {
        **dict.fromkeys(("id", "title", "updated", "author"), _ONE),
        **dict.fromkeys(("generator", "subtitle"), _FEW),
        **dict.fromkeys(("link", "category", "entry"), _ANY),
    },
    "entry": {
        **dict.fromkeys(("id", "title", "updated", "content"), _ONE),
        **dict.fromkeys(("published", "author"), _FEW),
        "link": (1, None),
        "category": _ANY,
    },
    "author": {"name": _ONE},
}
_ATTRIBUTES = {
    "feed": {_LANGUAGE},
    "link": {"href", "rel", "type"},
    "category": {"term"},
    "title": {"type"},
    "content": {"type"},
}
_ITEM_TEXTS = {"id", "url", "title", "content_html", "date_published", "date_modified"}
_FEED_TEXTS = {"version", "title", "home_page_url", "feed_url", "language"}


def check_atom(content: bytes) -> list[str]:
    """Find what RFC 4287 does not allow in a feed."""
    root = ElementTree.fromstring(content)
    if root.tag != f"{ATOM}feed":
        return [f"the document is no feed but {root.tag}"]
    found = [*_check_element(root)]
    ids = [entry.findtext(f"{ATOM}id") for entry in root.iter(f"{ATOM}entry")]
    found += [f"two entries have the id {id}" for id in {*ids} if ids.count(id) > 1]
    if len(root.findall(f"{ATOM}link[@rel='self']")) != 1:
        found.append("feed: not one link to itself")
    return found


def _check_element(element: ElementTree.Element) -> Iterator[str]:
    name = element.tag.removeprefix(ATOM)
    children = [child.tag.removeprefix(ATOM) for child in element]
    allowed = _CHILDREN.get(name, {})
    yield from (f"{name}: has {child}" for child in children if child not in allowed)
    for child, (least, most) in allowed.items():
        if not least <= children.count(child) <= (most or len(children)):
            yield f"{name}: has {children.count(child)} of {child}"
    yield from (f"{name}: has attribute {key}" for key in {*element.keys()} - _ATTRIBUTES.get(name, set()))
    text = element.text or ""
    if name == "id" and (not urlsplit(text).scheme or text != text.strip()):
        yield f"id: {text!r} is no absolute IRI"
    elif name in ("updated", "published") and not _DATE.fullmatch(text):
        yield f"{name}: {text!r} is no date"
    elif name == "link" and not element.get("href"):
        yield "link: has no href"
    elif name == "category" and not element.get("term"):
        yield "category: has no term"
    elif name in ("title", "content", "name") and not text.strip():
        yield f"{name}: is empty"
    if element.get("type") == "html" and name != "link":
        yield from (f"{name}: {finding}" for finding in check_content(text))
    alternates = [link.get("type") for link in element.findall(f"{ATOM}link[@rel='alternate']")]
    if len({*alternates}) != len(alternates):
        yield f"{name}: two alternates of one type"
    for below in element:
        yield from _check_element(below)


def check_json(content: bytes) -> list[str]:
    """Find what JSON Feed 1.1 does not allow in a feed."""
    return [*_check_feed(json.loads(content.decode()))]


def _check_feed(feed: dict[str, Any]) -> Iterator[str]:
    if feed.get("version") != "https://jsonfeed.org/version/1.1":
        yield "version: is another"
    yield from _check_texts(feed, _FEED_TEXTS, {"authors", "items"}, ("version", "title"))
    yield from _check_authors(feed)
    ids = [item.get("id") for item in feed["items"]]
    if len({*ids}) != len(ids):
        yield "two items have one id"
    for item in feed["items"]:
        yield from _check_texts(item, _ITEM_TEXTS, {"authors", "tags"}, ("id", "content_html"))
        yield from _check_authors(item)
        yield from check_content(item["content_html"])
        yield from (f"{key}: no date" for key in item if "date" in key and not _DATE.fullmatch(item[key]))
        if not all(isinstance(tag, str) for tag in item.get("tags", [])):
            yield "tags: not texts"


def _check_texts(
    value: dict[str, Any], texts: set[str], others: set[str], needed: tuple[str, ...]
) -> Iterator[str]:
    yield from (f"{key}: is not in the format" for key in value.keys() - texts - others)
    yield from (f"{key}: is no text" for key in value.keys() & texts if not isinstance(value[key], str))
    yield from (f"{key}: is missing" for key in needed if not value.get(key))


def _check_authors(value: dict[str, Any]) -> Iterator[str]:
    for author in value.get("authors", []):
        if not author.get("name") or author.keys() != {"name"}:
            yield f"authors: {author}"
