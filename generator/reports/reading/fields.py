"""Read an analysis into fields, where its words allow: kinds, importance, summary, impact, insight, risks, advice.

This module must not know the commit. Nothing is made up: a part that is not there is missing, and what stands below a
heading that is not known belongs to no field.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from generator.plain_text import is_table_rule, reduce_line
from generator.records import Importance, Kind
from generator.reports.reading.labels import CONCERNS, Label, Part, find_label, is_failure

_LONGEST_TEXT = 2000
_LONGEST_ITEM = 1000
_MOST_ITEMS = 40
_FENCE = re.compile(r"^\s*(`{3,}|~{3,})")
_ITEM = re.compile(r"^(\s*)(?:[-*+•]|\d{1,3}[.)、])\s+(.*)$")
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
# Among the insights, a row on a concern that has no field.
_OTHER_ROW = re.compile(r"^\s*\|\s*\*\*[^|*]+\*\*\s*\|")
_NONE = re.compile(r"^(?:无|没有|none|n/?a|-|—)[。.]?$", re.IGNORECASE)
_CODE = re.compile(r"^`([^`]+)`\s*(?:[：:—–-]+\s*)?(.*)$")
_BRACKETS = re.compile(r"[（(](.*)[）)]\s*$")
_STATUS = re.compile(r"\b([45]\d\d)\b(?= (?:Client|Server) Error| )|HTTP (?:status )?([45]\d\d)")
_KINDS: Sequence[tuple[str, Kind]] = (
    ("功能重构", Kind.REFACTOR),
    ("bug", Kind.FIX),
    ("修复", Kind.FIX),
    ("缺陷", Kind.FIX),
    ("fix", Kind.FIX),
    ("性能", Kind.PERFORMANCE),
    ("performance", Kind.PERFORMANCE),
    ("重构", Kind.REFACTOR),
    ("清理", Kind.REFACTOR),
    ("refactor", Kind.REFACTOR),
    ("功能", Kind.FEATURE),
    ("特性", Kind.FEATURE),
    ("feat", Kind.FEATURE),
    ("文档", Kind.DOCS),
    ("docs", Kind.DOCS),
    ("documentation", Kind.DOCS),
    ("测试", Kind.TEST),
    ("test", Kind.TEST),
    ("依赖", Kind.DEPENDENCY),
    ("dependenc", Kind.DEPENDENCY),
    ("安全", Kind.SECURITY),
    ("security", Kind.SECURITY),
    ("回滚", Kind.REVERT),
    ("撤销", Kind.REVERT),
    ("revert", Kind.REVERT),
    ("配置", Kind.CONFIG),
    ("config", Kind.CONFIG),
    ("ci", Kind.CI),
    ("持续集成", Kind.CI),
    ("其他", Kind.OTHER),
    ("其它", Kind.OTHER),
    ("other", Kind.OTHER),
)
_LEVELS = (
    (("🔴", "高", "high"), Importance.HIGH),
    (("🟡", "🔵", "中", "medium"), Importance.MEDIUM),
    (("🟢", "⚪", "低", "low"), Importance.LOW),
)


@dataclass(frozen=True, slots=True)
class Place:
    """One thing that an analysis says is touched: code, which may be a path, or words; and what is said of it."""

    code: str | None
    text: str


@dataclass(slots=True, kw_only=True)
class Fields:
    """An analysis in fields; plain text. What is empty or None is not there, or says that there is nothing.

    `parts` are those that have a heading. `failure` is None where there is an analysis, else what a program said, such
    as `HTTP 403`; empty where it did not say.
    """

    kinds: tuple[Kind, ...] = ()
    importance: Importance | None = None
    importance_reason: str = ""
    summary: str = ""
    impact: tuple[Place, ...] = ()
    architecture: str | None = None
    performance: str | None = None
    security: str | None = None
    risks: tuple[str, ...] = ()
    advice: tuple[str, ...] = ()
    parts: frozenset[Part] = frozenset()
    failure: str | None = None


@dataclass(slots=True)
class _Piece:
    part: Part
    lines: list[str] = field(default_factory=list)


def read_fields(text: str) -> Fields:
    """Read an analysis; where it only says that there is none, `failure` says why."""
    lines = text.replace("\r", "").split("\n")
    pieces = list(_cut(lines))
    found = Fields(parts=frozenset(piece.part for piece in pieces) - {Part.OTHER})
    if not found.parts and (not text.strip() or any(map(is_failure, lines))):
        found.failure = _find_failure(text)
        return found
    by_part: dict[Part, list[str]] = {}
    for piece in pieces:
        by_part.setdefault(piece.part, []).extend(piece.lines)
    found.kinds = _find_kinds(by_part.get(Part.KINDS, []))
    found.importance, found.importance_reason = _find_importance(by_part.get(Part.IMPORTANCE, []))
    found.summary = _join_text(by_part.get(Part.SUMMARY, []))
    found.impact = tuple(_find_place(item) for item in _list_items(by_part.get(Part.IMPACT, [])))
    found.risks = tuple(_list_items(by_part.get(Part.RISKS, [])))
    found.advice = tuple(_list_items(by_part.get(Part.ADVICE, [])))
    found.architecture, found.performance, found.security = (
        _join_text(by_part.get(concern, [])) or None for concern in CONCERNS
    )
    return found


def _cut(lines: Sequence[str]) -> Iterator[_Piece]:
    """Cut an analysis at its headings; the insight's three concerns are pieces of their own."""
    piece: _Piece | None = None
    is_insight = False
    quoted = _find_quoted(lines)
    for number, line in enumerate(lines):
        label = None if number in quoted else find_label(line)
        if label is not None and not _is_item_of(label, piece, is_insight=is_insight):
            if piece is not None:
                yield piece
            is_insight = label.part is Part.INSIGHT or (is_insight and _goes_on(label))
            piece = _Piece(label.part, [_strip_row(label)] if label.value else [])
        elif piece is not None:
            is_over = is_insight and piece.part in CONCERNS and bool(_OTHER_ROW.match(line))
            if is_over or _ends(line, piece, is_quoted=number in quoted):
                yield piece
                piece = _Piece(Part.OTHER)
            piece.lines.append(line)
    if piece is not None:
        yield piece


def _goes_on(label: Label) -> bool:
    return label.part in CONCERNS or label.part is Part.OTHER


def _is_item_of(label: Label, piece: _Piece | None, *, is_insight: bool) -> bool:
    """Say whether what looks like a heading is an item of a list or a row of a table below another heading."""
    if piece is None:
        return False
    if label.part in CONCERNS or label.part is Part.OTHER:
        # Risks and advice have items on performance and security, too.
        return not is_insight and (label.is_item or label.is_row)
    return label.is_item or (label.is_row and not label.is_signed)


def _ends(line: str, piece: _Piece, *, is_quoted: bool) -> bool:
    """Say whether a part ends although no known heading begins: at another heading or at a rule, once it has text."""
    if is_quoted or piece.part is Part.OTHER:
        return False
    has_text = any(line.strip() for line in piece.lines)
    if re.match(r"^#{1,6}\s+\S", line) and has_text:
        return True
    return has_text and bool(re.match(r"^\s*(?:-{3,}|\*{3,}|_{3,})\s*$", line))


def _find_quoted(lines: Sequence[str]) -> set[int]:
    """Find the lines inside fences; one that never closes is none, or it would take all the rest with it."""
    quoted: set[int] = set()
    opened: tuple[int, str] | None = None
    for number, line in enumerate(lines):
        match = _FENCE.match(line)
        if match is None:
            continue
        if opened is None:
            opened = number, match[1]
        elif match[1][0] == opened[1][0] and len(match[1]) >= len(opened[1]):
            quoted.update(range(opened[0], number + 1))
            opened = None
    return quoted


def _strip_row(label: Label) -> str:
    return label.value.rstrip().removesuffix("|").strip() if label.is_row else label.value


def _find_failure(text: str) -> str:
    match = _STATUS.search(text[:5000])
    if match:
        return f"HTTP {match[1] or match[2]}"
    return "timed out" if "timed out" in text[:5000].lower() else ""


def _find_kinds(lines: Sequence[str]) -> tuple[Kind, ...]:
    """Find the kinds that are named, in their order; what stands in brackets explains them."""
    text = re.sub(r"[（(][^（()）]*[）)]", "", " ".join(lines[:3])[:_LONGEST_TEXT]).lower()
    kinds: list[Kind] = []
    for word in re.split(r"[/、,，;；+&|]|\s和\s|\s与\s", text):
        for sign, kind in _KINDS:
            is_there = re.search(rf"\b{sign}\b", word) if sign == "ci" else sign in word
            if is_there:
                kinds.append(kind)
                break
    return tuple(dict.fromkeys(kinds))


def _find_importance(lines: Sequence[str]) -> tuple[Importance | None, str]:
    text = next((line.strip() for line in lines if line.strip()), "")[:_LONGEST_TEXT]
    bare = _BRACKETS.sub("", text).lower()
    for signs, importance in _LEVELS:
        if any(sign in bare for sign in signs):
            reason = _BRACKETS.search(text)
            return importance, _shorten(reduce_line(reason[1]), _LONGEST_ITEM) if reason else ""
    return None, ""


def _join_text(lines: Sequence[str]) -> str:
    """Join what stands below a heading into one text."""
    items = [_drop_marks(line) for line in _split_cells(lines)]
    text = " ".join(filter(None, items))
    return "" if _NONE.match(text) else _shorten(text, _LONGEST_TEXT)


def _list_items(lines: Sequence[str]) -> list[str]:
    """List what stands below a heading: each item of the outermost list, row or paragraph with all below it."""
    items: list[list[str]] = []
    depth: int | None = None
    is_apart = is_beside = False
    for line in _split_cells(lines):
        match = _ITEM.match(line)
        text = _drop_marks(line)
        if not text:
            is_apart = True
            continue
        # A paragraph after a list is no item of it.
        is_beside = match is None and (
            is_beside or (is_apart and depth is not None and line[0] not in " \t|")
        )
        is_apart = False
        if is_beside:
            continue
        if match is not None:
            depth = len(match[1]) if depth is None else min(depth, len(match[1]))
        is_new = not items or (match is not None and depth is not None and len(match[1]) <= depth)
        is_row = line.lstrip().startswith("|")
        if is_new or is_row or (match is None and depth is None):
            items.append([text])
        else:
            items[-1].append(text)
    texts = (_shorten(" ".join(item), _LONGEST_ITEM) for item in items)
    return [text for text in texts if not _NONE.match(text)][:_MOST_ITEMS]


def _split_cells(lines: Sequence[str]) -> Iterator[str]:
    """Leave fences and the heads and rules of tables out; rows stay rows."""
    for number, line in enumerate(lines):
        if _FENCE.match(line) or is_table_rule(line):
            continue
        below = lines[number + 1] if number + 1 < len(lines) else ""
        if line.lstrip().startswith("|") and is_table_rule(below) and below.lstrip().startswith("|"):
            continue
        yield line


def _drop_marks(line: str) -> str:
    """Reduce a line to its text; the cells of a row are set apart by dashes."""
    if line.lstrip().startswith("|"):
        cells = [reduce_line(cell) for cell in line.strip().strip("|").split("|")]
        return " – ".join(filter(None, cells))
    match = _ITEM.match(line)
    text = match[2] if match else line
    return reduce_line(_BREAK.sub(" ", re.sub(r"^[\s>]*#{0,6}\s*", "", text)))


def _find_place(item: str) -> Place:
    match = _CODE.match(item)
    if match is None:
        return Place(None, item)
    text = match[2]
    note = _BRACKETS.fullmatch(text)
    return Place(match[1], note[1] if note else text)


def _shorten(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 1]}…"
