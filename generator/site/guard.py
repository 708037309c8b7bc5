"""Find what must not stand on a page: scripts, handlers, styles, remote resources, and whatever is on no list.

This module must not know where a text comes from or change what it checks; it says what is wrong, in words.
It is the second line of defence. The first is the one escaper of the pages; the browser holds the third, POLICY.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from html import unescape
from typing import Any

from justhtml import JustHTML

ELEMENTS = frozenset(
    "a abbr b bdi blockquote br caption code col colgroup dd del details div dl dt em figcaption figure "
    "h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p path pre rect s samp section small span strong sub summary sup "
    "svg table tbody td tfoot th thead time tr u ul var wbr".split()
)
EVERYWHERE = frozenset("aria-hidden aria-label class dir id lang role title".split())
ATTRIBUTES = {
    "a": frozenset({"href", "rel"}),
    "col": frozenset({"span"}),
    "colgroup": frozenset({"span"}),
    "details": frozenset({"open"}),
    "img": frozenset({"alt", "height", "src", "width"}),
    "li": frozenset({"value"}),
    "ol": frozenset({"start"}),
    "path": frozenset({"d"}),
    "rect": frozenset({"height", "width"}),
    "svg": frozenset({"preserveaspectratio", "viewbox"}),
    "td": frozenset({"align", "colspan", "rowspan"}),
    "th": frozenset({"align", "colspan", "rowspan", "scope"}),
    "time": frozenset({"datetime"}),
}
# A link may lead to another host; nothing may be fetched from one.
_LINK = re.compile(r"https?://[^\s\\]+|(?![a-z][a-z0-9+.-]*:|//)[^\s\\\x00-\x1f]*", re.IGNORECASE)
_LOCAL = re.compile(r"(?![a-z][a-z0-9+.-]*:|//)[^\s\\\x00-\x1f]+", re.IGNORECASE)

# What a path may be drawn with: letters for steps, and numbers.
_STEPS = re.compile(r"[MmHhVvLlZz0-9 ,.-]*")

# One tag in the plainest spelling there is. In a text where every `<` begins such a tag, and none of them opens
# raw text, a browser sees exactly these tags: it never leaves the tokeniser's data state. Nor does it within <svg>,
# where only CDATA is read otherwise, and that is no such tag.
_PLAIN_TAG = re.compile(
    r"</?[a-z][a-z0-9]*(?: [a-z]+(?:-[a-z]+)*="
    r"""(?:"[^"<>&]*(?:&(?:amp|quot|lt|gt|#[0-9]+);[^"<>&]*)*"|[\w./:%#?@~+,-]+))*(?: ?/)?>""",
    re.ASCII,
)
# The elements around a page's content; a second tag of that name adds its attributes to the first.
_FRAME = frozenset({"html", "head", "body"})
_PLAIN_NODES = frozenset({"#document", "#text", "!doctype"})
_ATTRIBUTE = re.compile(r"""([a-z-]+)=(?:"([^"]*)"|([^"\s>]+))""")
_NAME = re.compile(r"</?([a-z0-9]+)")
_BARE_TAGS = frozenset(f"<{name}>" for element in ELEMENTS for name in (element, f"/{element}"))
_MARKUP = re.compile('[<>"]')
_SCRIPT = re.compile(r"<script\b.*?(?:</script\s*>|\Z)", re.IGNORECASE | re.DOTALL)
# What the browser may do on a page, whatever stands on it. No script runs but the site's own files, also in workers;
# WebAssembly is Pagefind's, and the images as data are Material's icons.
POLICY = (
    "default-src 'none';script-src 'self' 'wasm-unsafe-eval';style-src 'self';img-src 'self' data:;"
    "connect-src 'self';base-uri 'none';form-action 'none'"
)

# Material's settings, which are data and never run.
_SETTINGS = '<script id="__config" type="application/json">'


def check_content(html: str) -> list[str]:
    """Find what must not stand in a page's own content; empty when all of it may."""
    tags = _PLAIN_TAG.findall(html)
    if len(tags) == html.count("<") and not any(map(_check_plain_tag, {*tags} - _BARE_TAGS)):
        return []
    return list(dict.fromkeys(_check_tree(html)))


def check_text(name: str, text: str) -> list[str]:
    """Find markup in a text that a template prints as it is: a title or a description."""
    return [f"{name} holds markup: {text!r}"] if _MARKUP.search(text) else []


def check_scripts(page: str, allowed: Iterable[str]) -> list[str]:
    """Find scripts of a finished page that are not, letter for letter, among the `allowed` elements."""
    known = allowed if isinstance(allowed, frozenset) else frozenset(allowed)
    scripts = (script[0] for script in _SCRIPT.finditer(page))
    foreign = (script for script in scripts if script not in known and not script.startswith(_SETTINGS))
    return [f"script {_shorten(script)!r} is not one of the site's own" for script in foreign]


@lru_cache(maxsize=4096)
def _check_plain_tag(tag: str) -> tuple[str, ...]:
    name = _NAME.match(tag)
    assert name is not None
    attributes = ((key, unescape(quoted or plain)) for key, quoted, plain in _ATTRIBUTE.findall(tag))
    return tuple(_check_element(name[1], attributes))


def _check_tree(html: str) -> Iterator[str]:
    # What follows in a page closes an open quote or comment elsewhere than the end of a text does. No text can
    # hold its own digest, so an element that bears it shows that the browser is out of the text again.
    end = {"id": hashlib.sha256(html.encode(errors="replace")).hexdigest()}
    # As a whole document, because in a fragment a second <body onload=…> would vanish instead of taking effect.
    page = f'<!doctype html><html><head></head><body>{html}<p id="{end["id"]}"></p>'
    is_closed = False
    for name, attributes in _list_nodes(JustHTML(page, sanitize=False).root):
        is_closed = is_closed or attributes == end
        if name.startswith("#"):
            yield name.removeprefix("#")
        elif attributes or name not in _FRAME:
            yield from _check_element(name, attributes.items())
    if not is_closed:
        yield "a tag, a quote or a comment that is not closed"


def _list_nodes(root: Any) -> Iterator[tuple[str, dict[str, str]]]:
    """List what a tree is made of in document order, text aside."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        waiting.extend(reversed(node.children or ()))
        if node.name not in _PLAIN_NODES:
            attributes = getattr(node, "attrs", None) or {}
            yield node.name, {key: value or "" for key, value in attributes.items()}


def _check_element(name: str, attributes: Iterable[tuple[str, str]]) -> Iterator[str]:
    if name not in ELEMENTS:
        yield f"element <{name}> is not on the list"
        return
    for key, value in attributes:
        yield from _check_attribute(name, key, value)


def _check_attribute(element: str, name: str, value: str) -> Iterator[str]:
    # A browser gives the names of SVG's attributes back their capitals.
    if name not in EVERYWHERE and name.lower() not in ATTRIBUTES.get(element, ()):
        yield f"attribute {name} of <{element}> is not on the list"
    elif name == "href" and not _LINK.fullmatch(value):
        yield f"link to {_shorten(value)!r}"
    elif name == "src" and not _LOCAL.fullmatch(value):
        yield f"<{element}> from {_shorten(value)!r}"
    elif name == "d" and not _STEPS.fullmatch(value):
        yield f"<{element}> drawn with {_shorten(value)!r}"


def _shorten(text: str) -> str:
    return text if len(text) <= 80 else f"{text[:79]}…"
