"""Say the same in fewer bytes, and spare Markdown what it need not read.

This module must not know MkDocs, and must not change what a browser makes of a page.

Pages are made of whole elements of HTML with an empty line between them, and of headings. Markdown would take such
elements apart only to leave them as they are, so it sees a mark in their place, one for all that stand together.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

# A private character, which the escaper lets no text put on a page.
_MARK = "\ue080"
_KEPT = re.compile(f"(?:<p>)?{_MARK}([0-9]+){_MARK}(?:</p>)?")
# How an element begins that Markdown takes for a block of HTML until its end tag.
_ELEMENT = re.compile("<(h[1-6]|p|ul|table|pre|div)[ >]")
# Attributes that generated pages do not have: one that gives an element an id, for others to lead to, and one with a
# reference in its value. The escaper writes no `=` in a text.
_FOREIGN = re.compile(r"""=(?:(?<=[\s"'/]id=)|(?<=[\s"'/]name=)|(?<=\s=)|[^<>]*&#)""", re.IGNORECASE)
# Line breaks that HTML has no use for.
_BREAKS = ("\n<li>", "\n</ul>", "\n<tr>", "\n</table>")

_REFERENCE = re.compile("&#([1-9][0-9]?|1[01][0-9]|12[0-6]);")
_REFERENCES = {str(code): f"&#{code};" for code in range(1, 127)}
_MARKS = {code: chr(int(code)) for code in _REFERENCES if chr(int(code)) in "!#$%()*+,-./:;=?@[\\]^_`{|}~"}
# Marks that mean nothing in HTML, wherever they stand.
_ANYWHERE = _REFERENCES | _MARKS
# White space, quotes and a bracket that closes a tag mean something inside of tags alone.
_BETWEEN_TAGS = _ANYWHERE | {str(ord(mark)): mark for mark in "\t\n \"'>"} | {"38": "&amp;", "60": "&lt;"}


def read_references(html: str) -> str:
    """Write references to marks that mean nothing in HTML as the marks."""
    return _read(html, _ANYWHERE)


def _read(html: str, characters: Mapping[str, str]) -> str:
    pieces = _REFERENCE.split(html)
    # Between each two of them is what a reference refers to.
    pieces[1::2] = [characters[code] for code in pieces[1::2]]
    return "".join(pieces)


class Blocks:
    """The elements of one page that are kept away from Markdown."""

    def __init__(self) -> None:
        self._runs: list[str] = []

    def hide(self, markdown: str) -> str:
        """Put a mark in the place of elements that stand together.

        None is hidden on a page whose HTML is somebody's own: MkDocs looks there for ids.
        """
        if _MARK in markdown or _FOREIGN.search(markdown):
            return markdown
        pieces: list[str] = []
        run: list[str] = []
        for block in markdown.strip("\n").split("\n\n"):
            if _is_element(block):
                run.append(block)
                continue
            pieces += self._keep(run)
            pieces.append(block)
            run = []
        return "\n\n".join([*pieces, *self._keep(run)])

    def show(self, html: str) -> str:
        """Put the elements back."""
        return _KEPT.sub(self._find, html) if self._runs else html

    def _keep(self, run: list[str]) -> Iterable[str]:
        if not run:
            return ()
        self._runs.append(_lighten(run))
        return (f"{_MARK}{len(self._runs) - 1}{_MARK}",)

    def _find(self, kept: re.Match[str]) -> str:
        return self._runs[int(kept[1])]


def is_hidden(markdown: str) -> bool:
    """Say whether all of a page is hidden, so that there is nothing for Markdown to do."""
    return _KEPT.fullmatch(markdown) is not None


def _is_element(block: str) -> bool:
    """Say whether Markdown ends a block of HTML where this one ends, and not before or after."""
    element = _ELEMENT.match(block)
    if element is None:
        return False
    name = element[1]
    return block.endswith(f"</{name}>") and block.count(f"</{name}>") == block.count(f"<{name}") == 1


def _lighten(run: list[str]) -> str:
    # The next element says that a paragraph is over.
    html = "".join([*(block.removesuffix("</p>") for block in run[:-1]), run[-1]])
    for line_break in _BREAKS:
        html = html.replace(line_break, line_break[1:])
    return _read(html, _BETWEEN_TAGS)
