"""Find the requirements that a commit adds, drops or changes, from the patches of manifests.

This module must not read lock files: what they pin follows from the manifests or from nobody's decision.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from generator.analyse.paths import Place, is_sideline, place_path
from generator.patches import Patch

# "package": what the repository needs; "sideline": what only its tests, docs, examples or developers need;
# "platform": the language or runtime; "own": the repository's own version.
Sort = Literal["package", "sideline", "platform", "own"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """One requirement before and after, versions as written; a side without one is None."""

    name: str
    old: str | None
    new: str | None
    path: str
    sort: Sort = "package"

    @property
    def is_major(self) -> bool:
        """Whether the leading number went up; for Cargo and npm also 0.7 to 0.8, which they hold apart."""
        old, new = _read_numbers(self.old), _read_numbers(self.new)
        if not old or not new or self.sort == "own":
            return False
        if old[0] != new[0]:
            return new[0] > old[0] and old[0] < _FIRST_YEAR
        caret = self.path.casefold().endswith(("cargo.toml", "package.json"))
        return caret and old[0] == 0 and len(old) > 1 and len(new) > 1 and new[1] > old[1]

    @property
    def is_raised(self) -> bool:
        """Whether both sides have a version and the new one is the higher."""
        return bool(self.old and self.new) and _read_numbers(self.new) > _read_numbers(self.old)


# Calendar versions such as 2024.7 say nothing by their first number.
_FIRST_YEAR = 1990
_MOST_LINES = 3000

_VERSION = r"[~^=!<>v]{0,2}\s?\d[\w.*+!-]{0,40}(?:\s?,\s?[<>=!~]{1,2}\s?[\w.*]{1,20}){0,3}"
_PINNED = rf"(?P<version>(?:===?|~=|>=|<=|!=|<|>)\s?{_VERSION})"
_PACKAGE = r"(?P<name>[A-Za-z][\w.-]{0,80})(?:\[[^\]]{0,80}\])?\s?"
_PIP = re.compile(rf"{_PACKAGE}{_PINNED}?(?:\s*;.*|\s*#.*|\s*\\)?$")
_QUOTED = re.compile(rf"\s*[\"']{_PACKAGE}{_PINNED}(?:\s*;[^\"']*)?[\"'],?\s*(?:#.*)?$")
_ASSIGNED = re.compile(
    r"\s*[\"']?(?P<name>@?[A-Za-z][\w./@-]{0,100})[\"']?\s*[:=]\s*(?:\{[^\n]{0,80}?\bversion\s?=\s?)?"
    rf"[\"'](?:npm:|workspace:)?(?P<version>{_VERSION})[\"']"
)
_YAML = re.compile(
    rf"\s*(?:-\s*)?[\"']?(?P<name>@?[A-Za-z][\w./@-]{{0,100}})[\"']?(?:\s*:\s*|={{1,2}})[\"']?(?P<version>{_VERSION})[\"']?\s*$"
)
_INLINE = re.compile(r"\s*(?:requires|dependencies|install_requires)\s*=\s*\[(.+)\],?\s*$")
_LISTED = re.compile(rf"[\"']{_PACKAGE}{_PINNED}[^\"']{{0,80}}[\"']")
_GO = re.compile(
    r"(?:require )?\s*(?P<name>[\w.-]+\.[a-z]+/[\w./-]{1,120}) (?P<version>v\d[\w.+-]{0,60})(?: // indirect)?$"
)
_GO_PLATFORM = re.compile(r"(?P<name>go|toolchain) (?P<version>(?:go)?\d[\w.]{0,20})$")
_MAVEN = re.compile(rf"\s*<(?P<name>[A-Za-z][\w.-]{{0,80}})[.-]version>(?P<version>{_VERSION})</")

_PLATFORMS = frozenset(
    "python requires-python python_requires rust-version edition go toolchain node npm java.version "
    "maven.compiler.release maven.compiler.source jdk ruby php".split()
)
_OWN = frozenset("version __version__ name".split())
# Settings of tools that look like requirements.
_SETTINGS = frozenset(
    "python-version pythonversion target-version minversion line-length indent-width".split()
)
_SIDELINE = re.compile(
    r"(?:^|[._/-])(?:dev|devel|devdependencies|lint|tests?|docs?|typing|bench|ci|pre-commit)(?:[._-]|$)"
)
# `[dev-dependencies]`, `docs = [`, `"devDependencies": {`: the lines below belong to it.
_SECTION = re.compile(r"\s*(?:\[\[?([\w.\"'-]{1,80})\]\]?\s*$|[\"']?([\w-]{1,60})[\"']?\s*[:=]\s*[\[{]\s*$)")


def find_requirements(patches: Iterable[Patch]) -> tuple[Requirement, ...]:
    """Compare the requirements on removed and on added lines of each manifest, telling a change once."""
    found: dict[tuple[str, str | None, str | None], Requirement] = {}
    for patch in patches:
        if place_path(patch.path) is Place.MANIFEST:
            for requirement in _compare(patch):
                found.setdefault((requirement.name, requirement.old, requirement.new), requirement)
    return tuple(found.values())


def _compare(patch: Patch) -> Iterator[Requirement]:
    old: dict[str, tuple[str, str]] = {}
    new: dict[str, tuple[str, str]] = {}
    aside: set[str] = set()
    section = ""
    for line in patch.text.split("\n", _MOST_LINES)[:_MOST_LINES]:
        if opened := _SECTION.match(line.rpartition("@@ ")[2] if line.startswith("@@") else line[1:]):
            section = (opened[1] or opened[2]).casefold()
        if line[:1] not in ("+", "-"):
            continue
        for found in _read_line(line[1:300].rstrip(), patch.path):
            # Package names are compared as PyPI does:
            # https://packaging.python.org/specifications/name-normalization
            key = found[0].casefold().replace("_", "-")
            if key not in _SETTINGS:
                (old if line[0] == "-" else new)[key] = found
                aside.update([key] if _SIDELINE.search(section) else [])
    for key in dict.fromkeys([*old, *new]):
        before, after = old.get(key), new.get(key)
        if before is None or after is None or _plain(before[1]) != _plain(after[1]):
            name = (after or before or ("", ""))[0]
            yield Requirement(
                name=name,
                old=before[1] if before else None,
                new=after[1] if after else None,
                path=patch.path,
                sort="sideline" if key in aside else _sort(name, patch.path),
            )


def _read_line(code: str, path: str) -> list[tuple[str, str]]:
    if (inline := _INLINE.match(code)) is not None:
        return [(match["name"], match["version"]) for match in _LISTED.finditer(inline[1])]
    for pattern in _patterns(path):
        if match := pattern.match(code):
            return [(match["name"], (match["version"] or "").strip())]
    return []


def _patterns(path: str) -> tuple[re.Pattern[str], ...]:
    name = path.rpartition("/")[2].casefold()
    if name.endswith((".txt", ".in", ".pip")):
        return (_PIP,)
    if name in ("go.mod", "go.work"):
        return (_GO, _GO_PLATFORM)
    if name == "pom.xml":
        return (_MAVEN,)
    return (_YAML,) if name.endswith((".yml", ".yaml")) else (_QUOTED, _ASSIGNED)


def _sort(name: str, path: str) -> Sort:
    folded = name.casefold()
    if folded in _OWN:
        return "own"
    if is_sideline(path) or _SIDELINE.search(path.rpartition("/")[2].casefold()):
        return "sideline"
    return "platform" if folded in _PLATFORMS else "package"


def _plain(version: str) -> str:
    return re.sub(r"\s+|^[v=]+", "", version)


def _read_numbers(version: str | None) -> tuple[int, ...]:
    match = re.search(r"\d{1,9}(?:\.\d{1,9}){0,3}", version or "")
    return tuple(int(part) for part in match.group().split(".")) if match else ()
