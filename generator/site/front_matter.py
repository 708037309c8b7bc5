"""Read the front matter that a generated page begins with.

This module must not know MkDocs, or judge what a title holds.
The keys and their shapes are the contract between the pages and the site: one line a key, its value in JSON.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from generator.errors import SiteError

KEYS = frozenset({"title", "description", "template", "trail", "previous", "next", "around", "record"})
TEMPLATES = frozenset({"main.html", "commit.html", "day.html", "handbook.html", "search.html"})

_FRONT_MATTER = re.compile(r"---\n(?P<lines>.*?)^---\n", re.DOTALL | re.MULTILINE)
_LINE = re.compile(r'(?P<key>[a-z]+): (?P<value>["\[{].*)')


class Reference(NamedTuple):
    """One entry of a page's navigation. `title` is escaped; `src_uri` is a path under docs/."""

    title: str
    src_uri: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontMatter:
    """What a page says of itself and of its place in the site. All texts are escaped."""

    title: str
    description: str | None = None
    template: str | None = None
    trail: tuple[Reference, ...] = ()
    previous: Reference | None = None
    next: Reference | None = None
    around: tuple[Reference, ...] = ()

    @property
    def meta(self) -> dict[str, str]:
        """What MkDocs and Material read."""
        keys = {"title": self.title, "description": self.description, "template": self.template}
        return {key: value for key, value in keys.items() if value is not None}


def parse_front_matter(source: str) -> tuple[FrontMatter, str] | None:
    """Split a page into its front matter and its Markdown.

    None for a page whose front matter is not written in JSON: somebody's own page, which MkDocs can read.
    Raises SiteError for a key that is not in the contract, or a value of another shape.
    """
    match = _FRONT_MATTER.match(source)
    lines = [_LINE.fullmatch(line) for line in match["lines"].splitlines()] if match else []
    if not match or not lines or not all(lines):
        return None
    values = {line["key"]: _parse_value(line) for line in lines if line}
    return _read_values(values), source[match.end() :]


def _parse_value(line: re.Match[str]) -> Any:
    try:
        return json.loads(line["value"])
    except ValueError as error:
        raise _refuse(f"{line['key']}: not JSON: {error}") from None


def _read_values(values: Mapping[str, Any]) -> FrontMatter:
    if unknown := values.keys() - KEYS:
        raise _refuse(f"unknown key {min(unknown)!r}")
    title = _read_text(values, "title")
    if title is None:
        raise _refuse("there is no title")
    return FrontMatter(
        title=title,
        description=_read_text(values, "description"),
        template=_read_text(values, "template"),
        trail=_read_references(values, "trail"),
        previous=_read_reference("previous", values["previous"]) if "previous" in values else None,
        next=_read_reference("next", values["next"]) if "next" in values else None,
        around=_read_references(values, "around"),
    )


def _read_text(values: Mapping[str, Any], key: str) -> str | None:
    value = values.get(key)
    if value is not None and not isinstance(value, str):
        raise _refuse(f"{key}: not a text")
    return value


def _read_references(values: Mapping[str, Any], key: str) -> tuple[Reference, ...]:
    listed = values.get(key, [])
    if not isinstance(listed, list):
        raise _refuse(f"{key}: not a list")
    return tuple(_read_reference(key, reference) for reference in listed)


def _read_reference(key: str, value: object) -> Reference:
    match value:
        case [str(title), str(src_uri)]:
            return Reference(title, src_uri)
        case _:
            raise _refuse(f"{key}: not a title and a page")


def _refuse(fact: str) -> SiteError:
    return SiteError(f"front matter: {fact}", "Write the pages again with `daybook update`.")
