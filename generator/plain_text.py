"""Reduce a piece of Markdown to the plain text that a reader sees, on one line; code stays in its backticks.

This module must not know what the text is about. It is for the short texts of fields and of the search; what is shown
as it was written goes through a parser.
"""

from __future__ import annotations

import re

_LINK = re.compile(r"!?\[([^\[\]]{0,500})\]\([^()\s]{0,500}\)")
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_STRONG = re.compile(r"\*\*|__(?=\S)|(?<=\S)__|~~")
_EMPHASIS = re.compile(r"(?<![\w*])\*(?=[^\s*])([^*\n]{1,300})(?<=[^\s*])\*(?![\w*])")
_FENCE = re.compile(r"^\s*(?:```|~~~)\s*[\w+-]*\s*$")
_BLOCK = re.compile(r"^[\s>]*(?:#{1,6}\s+|[-*+•]\s+|\d{1,3}[.)、]\s+)?")
_CODE = re.compile(r"(`[^`]*`)")


def is_table_rule(line: str) -> bool:
    """Say whether a line is the one below a table's head, or another rule of dashes."""
    # By its letters: a pattern would try every cut of a line of dashes.
    return "-" in line and not line.strip("|:- \t\r")


def reduce_line(line: str) -> str:
    """Reduce one line; marks inside code are not marks."""
    pieces = _CODE.split(_BREAK.sub(" ", line))
    pieces[::2] = [_EMPHASIS.sub(r"\1", _STRONG.sub("", _LINK.sub(r"\1", piece))) for piece in pieces[::2]]
    return " ".join("".join(pieces).split())


def reduce_text(text: str) -> str:
    """Reduce a whole text: what stands before a line, such as a heading's marks, goes as well."""
    lines = (
        _BLOCK.sub("", line, count=1).strip().strip("|").replace("|", " ")
        for line in text.split("\n")
        if not _FENCE.match(line) and not is_table_rule(line)
    )
    return " ".join(filter(None, (reduce_line(line).replace("`", "") for line in lines)))
