"""Learn from a repository's own subjects how its titles are built and what their prefixes mean.

This module must not look at the commit that is analysed: conventions are what stood before it.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from generator.analyse.titles import Title, normalise_tag, parse_title
from generator.analyse.vocabulary import AMBIGUOUS_TAGS, SCOPES, TAG_PARTS, TAGS, VERBS
from generator.records import Kind

Style = Literal["tags", "areas", "plain"]

# A prefix leans towards a kind when so many titles with a telling verb carry it, and so large a share agrees.
_LEAST_TITLES = 5
_LEAST_SHARE = 0.75
# Below this share of prefixed titles a repository has no prefix convention worth the name.
_LEAST_PREFIXED = 0.15
# `fix:`, `feat:`, `[Bugfix]` … name a kind beyond doubt; a repository that uses them tags its titles.
_LEAST_TAGGED = 0.2

_TELLING = (Kind.FEATURE, Kind.FIX, Kind.REFACTOR)

_PART = re.compile(r"[^\s/&+,|;_-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Conventions:
    """How a repository writes its titles.

    `style` is "tags" when prefixes mostly name kinds (`fix:`, `[Bugfix]`), "areas" when they name components
    (`builtin/clone:`), "plain" without prefixes. `leanings` are component prefixes, normalised, whose titles
    are nearly always of one kind.
    """

    style: Style = "tags"
    leanings: Mapping[str, Kind] = field(default_factory=lambda: MappingProxyType({}))

    def find_tag_kinds(self, prefix: str) -> tuple[Kind, ...]:
        """Find the kinds that a prefix names by itself; none for a component."""
        tag = normalise_tag(prefix)
        if self.style != "tags" and tag in AMBIGUOUS_TAGS:
            return ()
        if tag in TAGS:
            return (TAGS[tag],)
        parts = [part.casefold() for part in _PART.findall(prefix)]
        if len(parts) < 2 or (self.style != "tags" and len(prefix.split()) == 1):
            return ()
        return tuple(dict.fromkeys(TAGS[part] for part in parts if part in TAG_PARTS))

    def find_scope_kinds(self, scope: str) -> tuple[Kind, ...]:
        """Find the kind that a scope in parentheses names: `chore(deps)`."""
        kind = SCOPES.get(normalise_tag(scope))
        return (kind,) if kind else ()

    def find_components(self, title: Title) -> tuple[str, ...]:
        """Find the prefixes and scopes of a title that name a part of the repository."""
        areas = [prefix for prefix in title.prefixes if not self._is_tag_like(prefix)]
        scopes = [scope for scope in title.scopes if not self.find_scope_kinds(scope)]
        return tuple(dict.fromkeys(areas + scopes))

    def find_leaning(self, title: Title) -> Kind | None:
        """Find the kind that earlier titles with the same component prefix nearly always had."""
        for prefix in title.prefixes:
            if kind := self.leanings.get(normalise_tag(prefix)):
                return kind
        return None

    def _is_tag_like(self, prefix: str) -> bool:
        return bool(self.find_tag_kinds(prefix)) or normalise_tag(prefix) in _KINDLESS_TAGS


# Prefixes that name neither a kind nor a component.
_KINDLESS_TAGS = frozenset(
    "chore misc wip other others minor trivial release task breaking rfc draft".split()
)


def learn_conventions(subjects: Iterable[str]) -> Conventions:
    """Learn from earlier mainline subjects; with none, what most repositories do is assumed."""
    titles = [parse_title(subject) for subject in subjects]
    titles = [title for title in titles if title.content and not title.content.startswith("Merge ")]
    if not titles:
        return Conventions()
    style = _find_style(titles)
    return Conventions(
        style=style, leanings=MappingProxyType(_find_leanings(titles, Conventions(style=style)))
    )


def _find_style(titles: list[Title]) -> Style:
    prefixed = [title for title in titles if title.prefixes]
    if len(prefixed) < _LEAST_PREFIXED * len(titles):
        return "plain"
    tagged = sum(1 for title in prefixed if _names_a_kind(title))
    return "tags" if tagged >= _LEAST_TAGGED * len(prefixed) else "areas"


def _names_a_kind(title: Title) -> bool:
    # `doc:`, `ci:` and `test:` stand in both sorts of repository and tell nothing.
    for tag in map(normalise_tag, title.prefixes):
        if tag in ("chore", "fix", "bug") or (TAGS.get(tag) in _TELLING and tag not in AMBIGUOUS_TAGS):
            return True
    return False


def _find_leanings(titles: list[Title], conventions: Conventions) -> dict[str, Kind]:
    votes: defaultdict[str, Counter[Kind]] = defaultdict(Counter)
    for title in titles:
        kind = VERBS.get(title.verb or "")
        if kind is None or title.reverted is not None:
            continue
        for area in conventions.find_components(title):
            if area in title.prefixes:
                votes[normalise_tag(area)][kind] += 1
    leanings = {}
    for prefix, counted in sorted(votes.items()):
        kind, count = counted.most_common(1)[0]
        if count >= _LEAST_TITLES and count >= _LEAST_SHARE * counted.total():
            leanings[prefix] = kind
    return leanings
