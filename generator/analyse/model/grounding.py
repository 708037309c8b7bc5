"""Check what a model says against the commit: paths, code in backticks, pull requests, versions, SHAs, addresses.

This module must not judge prose, and not look further than the commit itself: "not found" says that it is not in
there, not that it is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final, Literal
from urllib.parse import urlsplit

from generator.analyse.model.forms import Finding
from generator.analyse.model.tidy import split_code, tidy
from generator.analyse.plain import clip
from generator.patches import Change
from generator.record_additions import Grounding
from generator.records import (
    Impact,
)

MOST_CLAIMS: Final = 30
CLAIM_ROOM: Final = 100
_COMPONENT_ROOM: Final = 100
# Twice as many as can be shown; a reply that is all backticks must not keep a large diff busy.
_MOST_LOOKED_UP: Final = 120
# A word as common as this in a large diff is met at its borders long before.
_MOST_TRIES: Final = 2000
_MOST_PLACES: Final = 4

Sort = Literal["path", "code", "number", "version", "sha", "address"]


@dataclass(frozen=True, slots=True)
class Claim:
    """Something a text names that can be looked up."""

    sort: Sort
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounded:
    """The impact entries that stay, and what was looked up."""

    impact: tuple[Impact, ...]
    grounding: Grounding


_ADDRESS = re.compile(
    r"(?<![A-Za-z0-9])(?:[A-Za-z][A-Za-z0-9+.-]{1,15}://|www\.)[^\s`<>\"'，。；、（）()\[\]{}]+"
    r"(?<![.,:;!?])"
)
_PATH = re.compile(r"(?<![\w./@-])[\w.@+-]+(?:/[\w.@+-]+)+(?<![.])", re.ASCII)
_FILE = re.compile(
    r"(?<![\w./@-])[\w-][\w.-]*\.(?:py|pyi|rs|go|md|rst|ya?ml|toml|json|cfg|ini|txt|cpp|cc|cxx|hpp|h|cuh?|java|kt|tsx?|"
    r"jsx|proto|sh|sql|lock|rb|php|swift|scala|lua|css|scss|html|vue|tf|cmake|ipynb|svg|png)\b(?![\w/(-])",
    re.ASCII,
)
_EXTENSION = re.compile(r"[^/]\.[A-Za-z][A-Za-z0-9]{0,7}$")
_NUMBER = re.compile(
    r"(?:(?<![\w&/#])#|\bPRs?\s*#?|\bpull requests?\s*#?|\bissues?\s*#|(?<!\w)GH-)(\d{1,7})(?![\w-]|\.\w)",
    re.ASCII | re.IGNORECASE,
)
_VERSION = re.compile(
    r"(?<![\w.-])(?:v\d{1,6}(?:\.\d{1,6}){1,4}|\d{1,6}(?:\.\d{1,6}){2,4})"
    r"(?:[-.]?(?:rc|a|b|alpha|beta|dev|post)[-.]?\d{0,6})?(?![\w]|\.\d)",
    re.ASCII | re.IGNORECASE,
)
_SHA = re.compile(r"(?<![\w/.-])(?=[0-9]*[a-f])(?=[a-f]*[0-9])[0-9a-f]{7,64}(?![\w/-])", re.ASCII)
_WORDS = re.compile(r"\w+")
_NAME = re.compile(r"[A-Za-z_][\w.:-]*(?:\(\))?", re.ASCII)
_MIXED = re.compile(r"[a-z0-9][A-Z]|_|::|\w\.\w|\(\)$")
_LINE_NUMBER = re.compile(r"(?::\d+(?:[-:]\d+)?|#L\d+(?:-L?\d+)?)$")
_REMARK = re.compile(r"\s*[（(][^()（）]*[)）]\s*$")
_PLACES = re.compile(r"\s*[,，、;；\n]\s*|\s+(?:/|and|和|与|及|&)\s+")


class Material:
    """What a commit holds, made ready for looking things up; each look-up is a search in plain strings."""

    def __init__(self, change: Change) -> None:
        facts = change.facts
        files = [(file.path, file.path) for file in facts.files]
        files += [(file.old_path, file.path) for file in facts.files if file.old_path is not None]
        files += [(patch.path, patch.path) for patch in change.patches]
        # The name that stands now, by every name that the commit shows.
        self._paths: dict[str, str] = {}
        for shown, path in files:
            self._paths.setdefault(shown, path)
        self._joined = "".join(f"/{path}/\n" for path in self._paths)
        trailers = (f"{trailer.key}: {trailer.value}" for trailer in facts.trailers)
        patches = (patch.text for patch in change.patches)
        self._text = "\n".join((facts.subject, facts.body, *trailers, *self._paths, *patches))
        numbers = (facts.pull_request, facts.reverts_pull_request, *facts.issues)
        self._numbers = {number for number in numbers if number is not None}
        self._shas = (facts.sha, *facts.parents, *facts.reverts)

    def holds(self, claim: Claim) -> bool:
        """Say whether the commit holds what is claimed."""
        text = claim.text
        if claim.sort == "path":
            return self.find_paths(text) != () or self.is_folder(text) or self.has_word(_bare_path(text))
        if claim.sort == "number":
            number = text.lstrip("#")
            return int(number) in self._numbers or any(
                self.has_word(mark + number) for mark in ("#", "!", "/", "GH-")
            )
        if claim.sort == "version":
            return (
                self.has_word(text)
                or self.has_word(text.lower().removeprefix("v"))
                or self.has_word(f"v{text}")
            )
        if claim.sort == "sha":
            return any(sha.startswith(text) for sha in self._shas) or text in self._text
        return text in self._text if claim.sort == "address" else self._holds_code(text)

    def find_paths(self, place: str) -> tuple[str, ...]:
        """Find the paths that a place names: whole, by their end or by a pattern; at most two, renamed ones' new."""
        for shown in (place, _bare_path(place)):
            if shown in self._paths:
                return (self._paths[shown],)
        bare = _bare_path(place)
        if not bare:
            return ()
        if "*" in bare:
            found = {path for shown, path in self._paths.items() if fnmatchcase(shown, bare)}
        elif f"/{bare}/\n" in self._joined:
            found = {path for shown, path in self._paths.items() if shown.endswith(f"/{bare}")}
        else:
            return ()
        return tuple(sorted(found)[:2])

    def is_folder(self, place: str) -> bool:
        """Say whether a place names a folder that something changed in, whole or by a part of its path."""
        bare = _bare_path(place).rstrip("/*")
        return bool(bare) and f"/{bare}/" in self._joined

    def has_word(self, word: str) -> bool:
        """Say whether a text stands somewhere with borders around it, so that `get` is not found in `widget`."""
        start = self._text.find(word) if word else -1
        for _ in range(_MOST_TRIES):
            if start < 0:
                return False
            if _has_borders(self._text, start, start + len(word)):
                return True
            start = self._text.find(word, start + 1)
        return False

    def _holds_code(self, code: str) -> bool:
        """Look up code as it stands, then by its words: `Router.pick()` may be a method in a class."""
        if self.has_word(code):
            return True
        words = [word for word in _WORDS.findall(code) if len(word) > 1]
        return bool(words) and all(self.has_word(word) for word in dict.fromkeys(words[:20]))


def ground(material: Material, places: Sequence[Finding], texts: Iterable[str]) -> Grounded:
    """Look up every place and every claim of the texts; places that only look like paths of the commit are dropped."""
    impact: dict[Impact, None] = {}
    checked: dict[str, bool] = {}
    for finding in places:
        for place in _part_places(material, finding.place):
            found = _resolve(material, place, finding.note)
            if found is None or found.path is not None or _looks_like_code(place):
                checked.setdefault(found.path if found and found.path else tidy(place), found is not None)
            if found is not None and found.note:
                impact.setdefault(found)
    for claim in find_claims((*texts, *(finding.note for finding in places)))[:_MOST_LOOKED_UP]:
        if claim.text not in checked:
            checked[claim.text] = material.holds(claim)
    return Grounded(impact=_merge(impact), grounding=_list_claims(checked))


def find_claims(texts: Iterable[str]) -> tuple[Claim, ...]:
    """Find what texts name that can be looked up, each once, in the order of the texts."""
    return tuple(dict.fromkeys(claim for text in texts for claim in _find_claims(text)))


def drop_addresses(text: str, material: Material) -> str:
    """Take out web addresses that the commit does not hold: nobody can say where they lead."""
    return _ADDRESS.sub(lambda match: match[0] if material.holds(Claim("address", match[0])) else "…", text)


def _find_claims(text: str) -> Iterator[Claim]:
    for address in _ADDRESS.findall(text):
        yield Claim("address", address)
    prose, pieces = split_code(_ADDRESS.sub(" ", text))
    for piece in pieces:
        if len(piece) > 1:
            yield _sort_code(piece)
    for match in _NUMBER.finditer(prose):
        yield Claim("number", f"#{match[1]}")
    for match in _VERSION.finditer(prose):
        yield Claim("version", match[0])
    for match in _SHA.finditer(prose):
        yield Claim("sha", match[0])
    for match in (*_PATH.finditer(prose), *_FILE.finditer(prose)):
        if _EXTENSION.search(match[0]):
            yield Claim("path", match[0])


def _sort_code(piece: str) -> Claim:
    for rule, sort in _SORTS:
        if match := rule.fullmatch(piece):
            return Claim(sort, f"#{match[1]}" if sort == "number" else piece)
    return Claim("path", piece) if _looks_like_path(piece) else Claim("code", piece)


_SORTS: Final[tuple[tuple[re.Pattern[str], Sort], ...]] = (
    (_NUMBER, "number"),
    (_VERSION, "version"),
    # In prose, "defaced" is a word.
    (re.compile(r"[0-9a-f]{7,64}"), "sha"),
)


def _looks_like_path(place: str) -> bool:
    """Say whether a text can only be meant as a path: `CI/CD`, `I/O` and `read/write path` are none."""
    if not place.isascii() or any(character.isspace() for character in place):
        return False
    if "/" in place:
        return not all(part.isupper() for part in place.split("/") if part)
    return _FILE.fullmatch(_LINE_NUMBER.sub("", place)) is not None


def _looks_like_code(place: str) -> bool:
    """Say whether a component is a name of code, which a commit that touches it shows."""
    return _NAME.fullmatch(place) is not None and _MIXED.search(place) is not None


def _part_places(material: Material, place: str) -> list[str]:
    """Part a place that lists several; a path of the commit is one whatever it holds."""
    if material.find_paths(place):
        return [place]
    parts = [part.strip().strip("`").strip() for part in _PLACES.split(place)]
    named = [part for part in parts if part]
    # Words that happen to hold a comma are one component.
    return named[:_MOST_PLACES] if any(map(_looks_like_path, named)) else [place]


def _resolve(material: Material, place: str, note: str) -> Impact | None:
    bare = tidy(_REMARK.sub("", place)).strip("` ")
    paths = material.find_paths(place) or material.find_paths(bare)
    if len(paths) == 1:
        return Impact(path=paths[0], note=note)
    component = clip(tidy(place), _COMPONENT_ROOM).strip("` ")
    if not component:
        return None
    if not paths and not material.is_folder(bare):
        if _looks_like_path(bare):
            return None
        if _looks_like_code(bare) and not material.holds(Claim("code", bare)):
            return None
    return Impact(component=component, note=note)


def _merge(impact: Iterable[Impact]) -> tuple[Impact, ...]:
    """Keep the first note of each place."""
    kept: dict[tuple[str | None, str | None], Impact] = {}
    for entry in impact:
        kept.setdefault((entry.path, entry.component), entry)
    return tuple(kept.values())


def _list_claims(checked: dict[str, bool]) -> Grounding:
    return Grounding(
        confirmed=_cut([text for text, found in checked.items() if found]),
        not_found=_cut([_shorten(text) for text, found in checked.items() if not found]),
    )


def _cut(texts: Iterable[str]) -> tuple[str, ...]:
    shown = (clip(tidy(text).replace("`", ""), CLAIM_ROOM) for text in texts)
    return tuple(dict.fromkeys(text for text in shown if text))[:MOST_CLAIMS]


def _shorten(text: str) -> str:
    """Show of an address that was not found its host only: the page must not hand it on."""
    if not _ADDRESS.fullmatch(text):
        return text
    try:
        return urlsplit(text if "://" in text else f"//{text}").hostname or "…"
    except ValueError:
        return "…"


def _bare_path(place: str) -> str:
    """Strip what models put around a path: backticks, `./`, a slash at either end, a line's number."""
    return _LINE_NUMBER.sub("", place.strip("` ")).removeprefix("./").strip("/")


def _has_borders(text: str, start: int, end: int) -> bool:
    before = text[start - 1 : start] if _is_word(text[start]) else ""
    after = text[end : end + 1] if _is_word(text[end - 1]) else ""
    return not _is_word(before) and not _is_word(after)


def _is_word(character: str) -> bool:
    # Chinese stands beside a name without a blank.
    return character.isascii() and (character.isalnum() or character == "_")
