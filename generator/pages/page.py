"""Define a page: the Markdown file it becomes, and the front matter it begins with.

This module must not know what any page says. Every page begins with front matter: without it MkDocs takes a
first line such as `feat: add login` for metadata, and Material prints the heading unescaped into `<title>`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import NamedTuple

from generator.pages.markup import cut, escape

# Longer titles say no more in a browser's tab or in the navigation.
LONGEST_TITLE = 100
_LONGEST_DESCRIPTION = 120


@dataclass(frozen=True, slots=True)
class Page:
    """One Markdown file: where it stands under docs/, and its whole text, which ends with one line break.

    `title` is plain text.
    """

    src_uri: str
    text: str
    title: str


class Stop(NamedTuple):
    """A place the reader can go to: its title as plain text, and its source file under docs/."""

    title: str
    src_uri: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontMatter:
    """What the site's hooks are told of a page; all text here is plain and is escaped on the way out.

    `trail` leads from home to the page's parent, `around` are the few entries of its side navigation,
    `record` is the day record the page was made from.
    """

    title: str
    description: str | None = None
    template: str | None = None
    trail: tuple[Stop, ...] = ()
    previous: Stop | None = None
    next: Stop | None = None
    around: tuple[Stop, ...] = ()
    record: str | None = None


def make_page(src_uri: str, front_matter: FrontMatter, *blocks: str) -> Page:
    """Put a page together from elements of HTML and headings of Markdown, leaving out the empty ones."""
    body = "\n\n".join(block for block in blocks if block)
    return Page(src_uri, f"{_render_front_matter(front_matter)}\n{body}\n", front_matter.title)


def _render_front_matter(front_matter: FrontMatter) -> str:
    values = {
        "title": escape(cut(front_matter.title, LONGEST_TITLE)),
        "description": front_matter.description
        and escape(cut(front_matter.description, _LONGEST_DESCRIPTION)),
        "template": front_matter.template,
        "trail": [_render_stop(stop) for stop in front_matter.trail],
        "previous": front_matter.previous and _render_stop(front_matter.previous),
        "next": front_matter.next and _render_stop(front_matter.next),
        "around": [_render_stop(stop) for stop in front_matter.around],
        "record": front_matter.record,
    }
    # JSON is YAML as long as nothing beyond the BMP is written as a pair of \u escapes.
    lines = (f"{key}: {json.dumps(value, ensure_ascii=False)}\n" for key, value in values.items() if value)
    return f"---\n{''.join(lines)}---\n"


def _render_stop(stop: Stop) -> list[str]:
    return [escape(cut(stop.title, LONGEST_TITLE)), stop.src_uri]
