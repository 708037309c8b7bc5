"""Write feeds as Atom (RFC 4287) and JSON Feed 1.1.

This module must not know what an entry says or when it was made; it gives links an address and escapes for the format.

Where the site has an address all links are whole ones. Where it has none they are relative to the feed itself, which is
what RFC 4287 takes them for where there is no xml:base; JSON Feed leaves them to the reader.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from html import escape
from urllib.parse import quote
from xml.etree import ElementTree

from generator.feeds import Entry, Feed
from generator.site.facets import render_json
from generator.site.sources import find_output

ATOM, JSON = ".xml", ".json"
_ATOM_SPACE = "http://www.w3.org/2005/Atom"
_JSON_VERSION = "https://jsonfeed.org/version/1.1"
_LANGUAGES = {"zh": "zh-CN", "en": "en"}
# Of a feed without entries nothing was ever updated.
_NEVER = "1970-01-01T00:00:00Z"
# A link to a page of this archive; no text can be taken for one, since its brackets are written as references.
_LINK = re.compile(r"<a href=(\"?)([^\s\"<>?#:]+\.md)\1>")


def render_feed(feed: Feed, entries: Sequence[Entry], site_url: str | None) -> dict[str, bytes]:
    """Render a feed in both formats, by path in the site."""
    place = _Place(feed, site_url)
    entries = [replace(entry, content=place.place_links(entry.content)) for entry in entries]
    return {
        feed.path + ATOM: _render_atom(feed, entries, place),
        feed.path + JSON: _render_json(feed, entries, place),
    }


class _Place:
    """Where a feed stands, and how it leads to other places of the site."""

    def __init__(self, feed: Feed, site_url: str | None) -> None:
        self.is_whole = site_url is not None
        self._start = site_url or "../" * feed.path.count("/")

    def locate(self, path: str) -> str:
        """Give a file of the site its address."""
        return self._start + quote(path)

    def locate_page(self, src_uri: str) -> str:
        """Give a page under docs/ its address."""
        return self.locate(find_output(src_uri))

    def place_links(self, content: str) -> str:
        """Have the links of an entry to pages lead where these stand in the site."""
        # Their paths are quoted already.
        return _LINK.sub(lambda link: f'<a href="{escape(self._start + find_output(link[2]))}">', content)


def _render_atom(feed: Feed, entries: Sequence[Entry], place: _Place) -> bytes:
    root = ElementTree.Element("feed", {"xmlns": _ATOM_SPACE, "xml:lang": _LANGUAGES[feed.language]})
    _add(root, "id", feed.id)
    _add(root, "title", feed.title)
    updated = max((entry.updated for entry in entries), default=None)
    _add(root, "updated", _write_time(updated) if updated else _NEVER)
    _add(_add(root, "author"), "name", feed.author)
    _add(root, "generator", "Daybook")
    _link(root, "self", place.locate(feed.path + ATOM), "application/atom+xml")
    _link(root, "alternate", place.locate_page(feed.page), "text/html")
    for entry in entries:
        _add_entry(root, entry, place)
    ElementTree.indent(root, "")
    content: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return content + b"\n"


def _add_entry(root: ElementTree.Element, entry: Entry, place: _Place) -> None:
    element = _add(root, "entry")
    _add(element, "id", entry.id)
    # As HTML, because readers that take it for that anyway would run what is text.
    _add(element, "title", escape(entry.title, quote=False), type="html")
    _add(element, "published", _write_time(entry.published))
    _add(element, "updated", _write_time(entry.updated))
    if entry.author:
        _add(_add(element, "author"), "name", entry.author)
    _link(element, "alternate", place.locate_page(entry.page), "text/html")
    for tag in entry.tags:
        _add(element, "category", term=tag)
    _add(element, "content", entry.content, type="html")


def _add(
    above: ElementTree.Element, name: str, text: str | None = None, **attributes: str
) -> ElementTree.Element:
    element = ElementTree.SubElement(above, name, attributes)
    element.text = text
    return element


def _link(above: ElementTree.Element, rel: str, href: str, sort: str) -> None:
    _add(above, "link", rel=rel, type=sort, href=href)


def _render_json(feed: Feed, entries: Sequence[Entry], place: _Place) -> bytes:
    addresses = {
        "home_page_url": place.locate_page(feed.page),
        "feed_url": place.locate(feed.path + JSON),
    }
    return render_json(
        {
            "version": _JSON_VERSION,
            "title": feed.title,
            # Both are to be addresses that a reader can open, wherever it has the feed from.
            **(addresses if place.is_whole else {}),
            "language": _LANGUAGES[feed.language],
            "authors": [{"name": feed.author}],
            "items": [_list_item(entry, place) for entry in entries],
        }
    )


def _list_item(entry: Entry, place: _Place) -> dict[str, object]:
    return {
        "id": entry.id,
        "url": place.locate_page(entry.page),
        "title": entry.title,
        "content_html": entry.content,
        "date_published": _write_time(entry.published),
        "date_modified": _write_time(entry.updated),
        **({"authors": [{"name": entry.author}]} if entry.author else {}),
        "tags": list(entry.tags),
    }


def _write_time(moment: datetime) -> str:
    """Write a moment of UTC as RFC 3339 has it."""
    return moment.replace(tzinfo=None).isoformat() + "Z"
