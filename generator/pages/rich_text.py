"""Render Markdown of unknown writers, such as an old report's analysis, from the tokens of a CommonMark parser.

This module must not hand on any markup of the text: what a token holds passes the one escaper, and no element comes
out that is not named here. HTML in the text is text, but for `<br>`. Inside a block no line is empty: MkDocs takes each
for a piece of HTML, and hands it on unread.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.token import Token

from generator.pages import classes
from generator.pages.markup import escape, escape_lines, link_out, wrap

# Longer than any analysis that a model was allowed to write; the record holds the whole.
LONGEST = 24_000
# As deep as a page can show; what is deeper reads as text.
_DEEPEST = 12
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
# What each of the parser's own elements becomes. A heading stands below the page's own second one.
_ELEMENTS = {
    **{
        name: name
        for name in ("p", "ul", "li", "blockquote", "strong", "em", "table", "thead", "tbody", "tr")
    },
    **{"th": "th", "td": "td", "s": "del"},
    **{"h1": "h3", "h2": "h3", "h3": "h4", "h4": "h5", "h5": "h6", "h6": "h6"},
}
_ORDERED = "ol"


@cache
def _open_parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "maxNesting": _DEEPEST})
    return parser.enable(["table", "strikethrough"])


def render_rich_text(text: str) -> str:
    """Render Markdown as elements of HTML; at most `LONGEST` characters of it."""
    return "".join(_render(_open_parser().parse(text[:LONGEST]))).strip("\n")


def _render(tokens: Sequence[Token]) -> Iterator[str]:
    for token in tokens:
        yield from _render_block(token)
        if token.level == 0 and token.nesting <= 0:
            yield "\n\n"


def _render_block(token: Token) -> Iterator[str]:
    """Render a token that is not inside a line."""
    if token.type == "inline":
        yield _render_span(iter(token.children or ()), until=None)
    elif token.type in ("fence", "code_block"):
        code = token.content.replace("\r", "").strip("\n")
        yield wrap("pre", classes.MESSAGE, escape_lines(code)) if code.strip() else ""
    elif token.type == "hr":
        yield "<hr>"
    elif not token.hidden:
        yield _render_tag(token)


def _render_tag(token: Token) -> str:
    if token.tag == _ORDERED:
        start = token.attrGet("start") if token.nesting == 1 else None
        number = f" start={start}" if isinstance(start, int) and start >= 0 else ""
        return f"<ol{number}>" if token.nesting == 1 else "</ol>"
    name = _ELEMENTS.get(token.tag)
    if name is None:
        return escape(token.content)
    return f"<{name}>" if token.nesting == 1 else f"</{name}>"


def _render_span(waiting: Iterator[Token], until: str | None) -> str:
    """Render up to the token that closes a link; links do not nest."""
    pieces: list[str] = []
    for token in waiting:
        if token.type == until:
            break
        if token.type == "link_open":
            pieces.append(
                link_out(_render_span(waiting, until="link_close"), str(token.attrGet("href") or ""))
            )
        else:
            pieces.append(_SPANS.get(token.type, _render_tag)(token))
    return "".join(pieces)


def _render_words(token: Token) -> str:
    return "<br>".join(escape(piece) for piece in _BREAK.split(token.content))


def _render_code(token: Token) -> str:
    return f"<code>{escape(token.content)}</code>"


def _render_picture(token: Token) -> str:
    """Render a picture as its words, with a link to it: nothing of another host is shown."""
    words = escape(token.content or str(token.attrGet("src") or ""))
    return link_out(words, str(token.attrGet("src") or ""))


_SPANS: dict[str, Callable[[Token], str]] = {
    "text": _render_words,
    "text_special": _render_words,
    "code_inline": _render_code,
    "softbreak": lambda _: "\n",
    "hardbreak": lambda _: "<br>",
    "image": _render_picture,
    "html_inline": _render_words,
}
