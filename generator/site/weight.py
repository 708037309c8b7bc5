"""Say the same in fewer bytes, and spare Markdown what it need not read.

This module must not know MkDocs, and must not change what a browser makes of a page.

The escaper of the pages writes every ASCII mark as a numeric reference, for Markdown's sake. Python-Markdown takes most
of its time over them. So each is a private character while Markdown works, a letter like any other, and is written as
itself afterwards: the five that mean something in HTML as references again. The escaper lets no private character of a
text through, so whatever stands on a page in one was a reference before.
"""

from __future__ import annotations

import re

_FIRST = 0xE000
_LAST = _FIRST + 0x7F
_PRIVATE = re.compile(f"[{chr(_FIRST)}-{chr(_LAST)}]")
_REFERENCE = re.compile("&#([0-9]{1,3});")
# What no escaper writes: code, which shows a reference as it is written.
_BY_HAND = ("`", "~~~", "\n    ", "\n\t", "\n \t", "\n  \t", "\n   \t")
# References to marks that mean nothing in HTML. The quotes do, inside attributes.
_IN_HTML = re.compile(r"&#(3[3567]|4[0-7]|58|59|61|63|64|9[1-6]|12[3-6]);")
_MEANING = {mark: f"&#{ord(mark)};" for mark in "\"'"} | {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_SHOWN = {chr(_FIRST + code): _MEANING.get(chr(code), chr(code)) for code in range(0x80)}
# Beyond the private characters that stand for references.
_MARK = chr(_LAST + 1)
_KEPT = re.compile(f"(?:<p>)?{_MARK}([0-9]+){_MARK}(?:</p>)?")
# A block of HTML as Markdown knows it: from a tag at the beginning of a line after an empty one to the next empty line.
_BLOCK = re.compile(r"(?:(?<=\n\n)|\A)<[a-z][^\n]*(?:\n[^\n]+)*")
# HTML lets these be left out where the next tag says that their element is over.
_END_TAG = re.compile(
    r"</p>(?=\n(?:<(?:[uo]l|h[1-6]|p|pre|div|table|blockquote|hr)\b|</(?:li|div|blockquote)>))"
    r"|</li>(?=\n(?:<li\b|</[uo]l>))|</t[dh]>(?=\n(?:<t[dh]\b|</tr>))"
    r"|</tr>(?=\n(?:<tr\b|</(?:tbody|thead|table)>))|</thead>(?=\n<tbody\b)|</tbody>(?=\n</table>)"
)


def hide_references(markdown: str) -> str:
    """Write references to ASCII characters as private characters; text that no escaper wrote is left as it is.

    So are headings: their ids are made from their text.
    """
    text = f"\n{markdown}"
    if _PRIVATE.search(text) or any(mark in text for mark in _BY_HAND):
        return markdown
    pieces: list[str] = []
    start = 0
    while (heading := text.find("\n#", start)) >= 0:
        end = text.find("\n", heading + 1)
        end = len(text) if end < 0 else end
        pieces += _REFERENCE.sub(_hide, text[start:heading]), text[heading:end]
        start = end
    return ("".join(pieces) + _REFERENCE.sub(_hide, text[start:]))[1:]


def _hide(found: re.Match[str]) -> str:
    code = int(found[1])
    return chr(_FIRST + code) if code < 0x80 else found[0]


def show_references(html: str) -> str:
    """Write private characters as the marks they stand for, or as references where those would mean something."""
    return _PRIVATE.sub(_show, html)


def _show(found: re.Match[str]) -> str:
    return _SHOWN[found[0]]


def read_references(html: str) -> str:
    """Write references to marks that mean nothing in HTML as the marks."""
    return _IN_HTML.sub(_read, html)


def _read(found: re.Match[str]) -> str:
    return chr(int(found[1]))


class Blocks:
    """The HTML blocks of one generated page, kept away from Markdown, which parses them only to leave them as they are.

    Only for pages whose every block of HTML ends at the next empty line, as those of commits do.
    """

    def __init__(self) -> None:
        self._blocks: list[str] = []

    def hide(self, markdown: str) -> str:
        """Put a paragraph of private characters in the place of each block."""
        if _PRIVATE.search(markdown) or _MARK in markdown:
            return markdown
        return _BLOCK.sub(self._keep, markdown)

    def show(self, html: str) -> str:
        """Put the blocks back."""
        return _KEPT.sub(self._find, html) if self._blocks else html

    def _keep(self, block: re.Match[str]) -> str:
        self._blocks.append(_REFERENCE.sub(_hide, block[0]))
        return f"{_MARK}{len(self._blocks) - 1}{_MARK}"

    def _find(self, kept: re.Match[str]) -> str:
        return self._blocks[int(kept[1])]


def drop_end_tags(html: str) -> str:
    """Leave out the end tags that a browser does not need."""
    return _END_TAG.sub("", html)
