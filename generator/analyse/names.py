"""Find the public names that a commit adds, removes, moves or gives another signature, from its patches.

This module must not guess: a name counts when its definition stands on a changed line, and a method only when
the class around it is visible in the patch.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from generator.analyse.languages import Language, Role, find_language
from generator.analyse.paths import Place, is_public, place_path
from generator.analyse.signatures import Difference, compare_signatures, read_signature
from generator.patches import Patch

# A commit with more definitions is generated; reading on would only make it slow.
_MOST_DEFINITIONS = 5000
_MOST_COLUMNS = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """A public name where it is defined: `function`, `Class`, `Class.method`, `message.field`."""

    name: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """A name that stays with another signature; `difference` says what that means for a caller."""

    name: str
    path: str
    old: str
    new: str
    difference: Difference


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A name whose definition went from one file to another."""

    name: str
    old_path: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NameChanges:
    """What happened to public names, in the order of the patches."""

    added: tuple[Name, ...] = ()
    removed: tuple[Name, ...] = ()
    changed: tuple[Changed, ...] = ()
    moved: tuple[Moved, ...] = ()


def find_names(patches: Iterable[Patch]) -> NameChanges:
    """Compare the definitions on removed and on added lines of all patches of source files that look public.

    Where a patch is cut, or there are too many definitions to read, no name is said to be removed: it may
    stand in the part that was not read.
    """
    sides: list[_Sides] = []
    room = _MOST_DEFINITIONS
    whole = True
    for patch in patches:
        whole = whole and (patch.complete or place_path(patch.path) is not Place.SOURCE)
        language = find_language(patch.path)
        if language is not None and room > 0 and _may_be_public(patch.path):
            sides.append(_read_sides(patch, language, room))
            room -= sides[-1].count
    gone = {name: side.patch.path for side in sides for name in side.gone()}
    come = {name: side.patch.path for side in sides for name in side.come()}
    moved = tuple(Moved(name=name, old_path=gone[name], path=come[name]) for name in gone if name in come)
    lost = {name: path for name, path in gone.items() if name not in come} if whole and room > 0 else {}
    return NameChanges(
        added=_outermost(Name(name=name, path=path) for name, path in come.items() if name not in gone),
        removed=_outermost(Name(name=name, path=path) for name, path in lost.items()),
        changed=tuple(changed for side in sides for changed in side.changed()),
        moved=moved,
    )


def _may_be_public(path: str) -> bool:
    return place_path(path) in (Place.SOURCE, Place.SCHEMA) and is_public(path)


def _outermost(names: Iterable[Name]) -> tuple[Name, ...]:
    # A class that comes or goes as a whole is one event, not one for each of its methods.
    listed = tuple(names)
    whole = {(name.path, name.name) for name in listed}
    return tuple(
        name
        for name in listed
        if (name.path, name.name.partition(".")[0]) not in whole or "." not in name.name
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Definition:
    """Where a name is defined: `start` is behind it, -1 without parameters; `value` is its text, if short."""

    name: str
    start: int = -1
    value: str | None = None

    def signature(self, text: str, side: str) -> str | None:
        if self.value is not None:
            return self.value
        return read_signature(text, self.start, side) if self.start >= 0 else None


@dataclass(slots=True, kw_only=True)
class _Sides:
    """The definitions of one patch by name: on removed lines, on added lines, on lines that stay."""

    patch: Patch
    old: dict[str, _Definition] = field(default_factory=dict)
    new: dict[str, _Definition] = field(default_factory=dict)
    kept: dict[str, _Definition] = field(default_factory=dict)
    # Words of added import and export lines and assignments: a name among them can still be had from this
    # file.
    offered: frozenset[str] = frozenset()
    count: int = 0

    def gone(self) -> Iterator[str]:
        for name in self.old:
            if name not in self.new and name not in self.kept and name.rpartition(".")[2] not in self.offered:
                yield name

    def come(self) -> Iterator[str]:
        return (name for name in self.new if name not in self.old and name not in self.kept)

    def changed(self) -> Iterator[Changed]:
        """Yield names whose signatures differ, also where only later lines of a signature changed."""
        text, path = self.patch.text, self.patch.path
        pairs = [(old, self.new[name]) for name, old in self.old.items() if name in self.new]
        for before, after in [*pairs, *((kept, kept) for kept in self.kept.values())]:
            old, new = before.signature(text, "-"), after.signature(text, "+")
            if old and new and (difference := compare_signatures(old, new, path)) != "same":
                yield Changed(name=before.name, path=path, old=old, new=new, difference=difference)


def _read_sides(patch: Patch, language: Language, room: int) -> _Sides:
    sides = _Sides(patch=patch)
    by_sign = {"-": sides.old, "+": sides.new, " ": sides.kept}
    for sign, definition in islice(_read_definitions(patch, language), room):
        by_sign[sign].setdefault(definition.name, definition)
        sides.count += 1
    if sides.old:
        sides.offered = _find_offered(patch.text)
    return sides


def _read_definitions(patch: Patch, language: Language) -> Iterator[tuple[str, _Definition]]:
    """Walk the definitions of a patch, each with the sign of its line."""
    owner: str | None = None
    stem = patch.path.rpartition("/")[2].partition(".")[0] if patch.path.endswith(".java") else None
    for line in language.candidate.finditer(patch.text):
        code = line.group()[:_MOST_COLUMNS]
        if code.startswith("@@"):
            owner = _read_owner(code, language)
            continue
        role, match = _read_line(code[1:], language)
        if match is None:
            continue
        groups = match.groupdict()
        name = groups.get("name")
        if role in ("end", "scope", "block"):
            owner = name
        if role in ("method", "value"):
            name = _qualify(name, groups.get("owner") or owner or stem)
        if name and role not in ("end", "scope"):
            start = line.start() + 1 + match.end() if role in ("function", "method") else -1
            yield code[0], _Definition(name=name, start=start, value=groups.get("value"))


def _read_line(code: str, language: Language) -> tuple[Role, re.Match[str] | None]:
    for role, rule in language.rules:
        if match := rule.match(code):
            return role, match
    return "end", None


def _qualify(name: str | None, owner: str | None) -> str | None:
    if name is None or owner is None:
        return None
    return name if name == owner else f"{owner}.{name}"


def _read_owner(hunk: str, language: Language) -> str | None:
    code = hunk.rpartition("@@")[2].removeprefix(" ")
    for role, rule in language.rules:
        if role in ("scope", "block") and (match := rule.match(code)):
            return match["name"]
    return None


_OFFER = re.compile(
    r"^\+(?:[ \t]*(?:from|import|use|pub use|export|using)\b[^\n]{0,500}|[ \t]+\w+,?$|"
    r"[ \t]*\w+ ?(?::[^=\n]{0,100})?=)",
    re.MULTILINE,
)


def _find_offered(text: str) -> frozenset[str]:
    return frozenset(word for match in _OFFER.finditer(text) for word in re.findall(r"\w+", match.group()))
