"""Read a finished page by an HTML parser: its elements, its texts, its policy."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from justhtml import JustHTML

Element = tuple[str, dict[str, str]]


@dataclass(frozen=True)
class ReadPage:
    """A page as a parser has it."""

    root: Any

    @cached_property
    def elements(self) -> list[Element]:
        """Every element with its attributes, in the order of the page; what a description says is left out."""
        return [
            (name, {} if attributes.get("name") == "description" else attributes)
            for name, attributes in map(_read_element, _walk(self.root))
        ]

    @cached_property
    def content(self) -> list[Element]:
        """The elements of the page's content, and of its foot, without the marks that Material's program sets."""
        places = [node for node in _walk(self.root) if node.name in ("article", "footer")]
        inner = [_read_element(node) for place in places for node in _walk(place) if node is not place]
        return [
            (name, {key: value for key, value in attributes.items() if not key.startswith("data-md-")})
            for name, attributes in inner
        ]

    @cached_property
    def title(self) -> str:
        """The title as a browser's tab shows it."""
        return _fold_blanks(_collect_text(next(node for node in _walk(self.root) if node.name == "title")))

    @cached_property
    def text(self) -> str:
        """The text of the page's content, folded as a browser folds it; marks of code are left out."""
        return fold(_collect_text(next(node for node in _walk(self.root) if node.name == "main")))

    @cached_property
    def policies(self) -> list[str]:
        """The Content-Security-Policy of the page, or several."""
        attributes = (attributes for name, attributes in self.elements if name == "meta")
        return [
            meta.get("content", "")
            for meta in attributes
            if meta.get("http-equiv", "").lower() == "content-security-policy"
        ]


def fold(text: str) -> str:
    """Fold blanks as a browser does, and leave out the marks that a sentence has around code."""
    return _fold_blanks(text.replace("`", ""))


def _fold_blanks(text: str) -> str:
    return re.sub("[ \t\n\f\r]+", " ", text).strip(" ")


def read_page(page: str) -> ReadPage:
    """Read a page."""
    return ReadPage(JustHTML(page, sanitize=False).root)


def list_pages(site: Path) -> list[str]:
    """List the paths of a site's pages."""
    return sorted(path.relative_to(site).as_posix() for path in site.rglob("*.html"))


def _walk(root: Any) -> Iterator[Any]:
    waiting = [root]
    while waiting:
        node = waiting.pop()
        waiting.extend(reversed(_list_children(node)))
        if not node.name.startswith(("#", "!")):
            yield node


def _list_children(node: Any) -> list[Any]:
    content = getattr(node, "template_content", None)
    return [*(node.children or ()), *([content] if content else ())]


def _read_element(node: Any) -> Element:
    return node.name, {name: value or "" for name, value in (node.attrs or {}).items()}


def _collect_text(root: Any) -> str:
    pieces: list[str] = []
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if node.name == "#text":
            pieces.append(node.data)
        waiting.extend(reversed(_list_children(node)))
    return "".join(pieces)
