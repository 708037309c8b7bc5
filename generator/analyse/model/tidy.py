"""Bring text that a model wrote into one line of plain text with inline code and nothing else.

This module must not judge what the text says, and not escape: that is the pages' work.
"""

from __future__ import annotations

import re
import unicodedata

_FENCE = re.compile(r"(?:```|~~~)[\w+#.-]*[ \t]*(?=\n|$)", re.MULTILINE)
_LIST_MARK = re.compile(
    r"^[ \t]*(?:(?:#{1,6}|[-*+•·●▪>]|\(?\d{1,2}[.)、）]|[①-⑳])(?:[ \t]+|(?=[①-⑳\u4e00-\u9fff])))+",
    re.MULTILINE,
)
_TICKS = re.compile(r"`{2,}")
# Code first: what stands in it is nobody's mark. Bold may hold code.
_MARKS = re.compile(
    r"`(?P<code>[^`]*)`"
    r"|\*{2,3}(?=[^\s*])(?P<bold>(?:`[^`]*`|[^*`])+?)(?<=[^\s*])\*{2,3}"
    r"|!?\[(?P<label>[^\[\]]{0,300})\]\([^()\s]{0,2000}(?:\s[^()]{0,300})?\)"
)
_CODE = re.compile(r"(`[^`]*`)")
# Marks of the archive's own headings, which models repeat inside the fields.
_ORNAMENT = re.compile(r"^[\s📋🎯🔍⚠💡🔴🟡🟢✅❌🚀]+")
_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_UNSEEN = ("Cc", "Cf", "Cs", "Co", "Cn")


def tidy(text: str) -> str:
    """Fold text into one line: no list marks, headings, bold, links, control or invisible characters."""
    text = _FENCE.sub("`", _drop_unseen(text))
    lines = _LIST_MARK.sub("", text)
    folded = _ORNAMENT.sub("", " ".join(_TICKS.sub("`", lines).split()))
    # A link may stand in bold text.
    bare = _MARKS.sub(_unmark, _MARKS.sub(_unmark, folded))
    return " ".join(_close_code(bare).split())


def split_code(text: str) -> tuple[str, tuple[str, ...]]:
    """Part tidy text into its prose, with a blank for each piece of code, and the pieces."""
    parts = _CODE.split(text)
    return " ".join(parts[::2]), tuple(inner for part in parts[1::2] if (inner := part.strip("` ")))


def _drop_unseen(text: str) -> str:
    """Drop what no reader sees: a reader must see all that a search, or a later model, is told."""
    seen = (
        character if character.isspace() or unicodedata.category(character) not in _UNSEEN else ""
        for character in text.replace("\r\n", "\n").replace("\r", "\n")
    )
    return _SELECTORS.sub("", "".join(seen))


def _unmark(mark: re.Match[str]) -> str:
    if mark["code"] is not None:
        code = mark["code"].strip()
        return f"`{code}`" if code else ""
    return mark["label"] if mark["bold"] is None else mark["bold"]


def _close_code(text: str) -> str:
    """Drop a backtick that has no partner; a code span that opens would swallow the rest."""
    if text.count("`") % 2 == 0:
        return text
    head, _, tail = text.rpartition("`")
    return head + tail
