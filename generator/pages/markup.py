"""Turn untrusted plain text into HTML that shows the text and does nothing else.

This is the only place where text from git, from a model or from archive.yml becomes markup; it must not know
where a text comes from, because there is no trusted text. The CSS classes it is handed are listed in classes.py.

Why every ASCII punctuation mark becomes a numeric reference, and not only `<`, `&` and quotes: a page passes
through Markdown, its extensions, a template and a browser, and each gives a meaning to other marks. A reference
means the same character to all of them and is special to none.

Pages consist of whole elements of HTML with an empty line between them, and of Markdown's headings. Markdown takes such
an element for a block of HTML and hands it on unread, which is where nearly all of its time would go; end tags and
quotes that HTML lets one leave out are left out, since there are as many pages as commits.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from urllib.parse import quote

from generator.pages import classes

# Invisible without being format characters: joiners, fillers and variation selectors, all of them
# Default_Ignorable_Code_Point in Unicode's DerivedCoreProperties.txt.
_INVISIBLE = frozenset(
    {
        *(0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180B, 0x180C, 0x180D, 0x180F, 0x3164, 0xFFA0),
        *range(0xFE00, 0xFE10),
        *range(0xE0100, 0xE01F0),
    }
)
_INVISIBLE_CATEGORIES = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})
# Code points reserved for emoji of later Unicode versions; the answer must not hang on Python's version.
_EMOJI_RESERVE = range(0x1F000, 0x1FB00)
# A hostile message can hold every code point there is; an ordinary archive uses some thousand.
_MOST_REMEMBERED = 20_000


class _Table(dict[int, str]):
    """What each character becomes, for str.translate; filled as characters turn up."""

    def __init__(self, layout: dict[str, str]) -> None:
        super().__init__({ord(character): rendered for character, rendered in layout.items()})

    def __missing__(self, code: int) -> str:
        rendered = _render_character(code)
        if len(self) < _MOST_REMEMBERED:
            self[code] = rendered
        return rendered


def _render_character(code: int) -> str:
    character = chr(code)
    if code < 0x7F and (character.isalnum() or character == " "):
        return character
    category = unicodedata.category(character)
    if code in _INVISIBLE or (category in _INVISIBLE_CATEGORIES and code not in _EMOJI_RESERVE):
        return f"&#91;U&#43;{code:04X}&#93;"
    # Spaces other than U+0020 are stripped at the ends of lines by str.strip, so they are written out too.
    return character if code > 0x7F and category != "Zs" else f"&#{code};"


_ONE_LINE = _Table({"\n": " ", "\r": " ", "\t": " "})
_MANY_LINES = _Table({"\n": "\n", "\t": "&#9;"})

# Characters that have an emoji form (emoji-variation-sequences.txt), as ranges that hold no letter but U+2139.
_EMOJI = (
    "\u00a9\u00ae\u203c\u2049\u2122\u2139\u2190-\u21ff\u2300-\u23ff\u24c2\u25a0-\u27bf\u2900-\u297f\u2b00-\u2bff"
    "\u3030\u303d\u3297\u3299\U0001f000-\U0001faff"
)
# The invisible parts of an emoji: a presentation selector right after its base, a joiner between two emoji.
_EMOJI_PARTS = re.compile(
    rf"(?<=[{_EMOJI}])[\ufe0e\ufe0f]|(?<=[0-9#*])\ufe0f(?=\u20e3)"
    rf"|(?:(?<=[{_EMOJI}])|(?<=[{_EMOJI}]\ufe0f))\u200d(?=[{_EMOJI}])"
)
_HAS_EMOJI_PART = re.compile("[\ufe0e\ufe0f\u200d]")
# Any space that Markdown could read as layout: at an end, or after another space.
_LAYOUT_SPACE = re.compile(r"^ | $|(?<= ) ")


def escape(text: str) -> str:
    """Render plain text on one line, for any place of a page: paragraph, heading, cell, attribute, title.

    Line breaks and tabs become spaces, invisible characters a visible `[U+XXXX]`; all else reads as it was.
    """
    return _write_out_spaces(_translate(text, _ONE_LINE))


def _translate(text: str, table: _Table) -> str:
    if not _HAS_EMOJI_PART.search(text):
        return text.translate(table)
    pieces: list[str] = []
    start = 0
    for part in _EMOJI_PARTS.finditer(text):
        pieces += text[start : part.start()].translate(table), f"&#{ord(part[0])};"
        start = part.end()
    return "".join(pieces) + text[start:].translate(table)


def _write_out_spaces(rendered: str) -> str:
    if "  " in rendered or rendered[:1] == " " or rendered[-1:] == " ":
        return _LAYOUT_SPACE.sub("&#32;", rendered)
    return rendered


def escape_path(text: str) -> str:
    """Render plain text that may go on in a new line after a slash."""
    return "&#47;<wbr>".join(escape(part) for part in text.split("/"))


_CODE_SPAN = re.compile(r"(?<!`)`([^`\n\r]+)`(?!`)")


def escape_prose(text: str, doubted: Collection[str] = ()) -> str:
    """Render a sentence whose `code` stands in single backticks; nothing else in it is markup.

    Code that is `doubted`, letter for letter, is marked as such.
    """
    pieces: list[str] = []
    start = 0
    for span in _CODE_SPAN.finditer(text):
        code = escape(span[1])
        marked = wrap("code", classes.WARN, code) if span[1] in doubted else f"<code>{code}</code>"
        pieces += _translate(text[start : span.start()], _ONE_LINE), marked
        start = span.end()
    return _write_out_spaces("".join(pieces) + _translate(text[start:], _ONE_LINE))


# A real line break is kept where it starts a line with something on it. All others are written out: Markdown
# ends a raw block at a blank line, and Python-Markdown empties lines of spaces.
_BREAK_BEFORE_SPACE = re.compile(r"\n(?=[ \n])")


def render_message(message: str) -> str:
    """Render a whole commit message as one `<pre>`, every line as it was; empty lines at its ends are left out."""
    # A browser drops a line break right after <pre>, also one that is written as a reference.
    return wrap("pre", classes.MESSAGE, escape_lines(message.replace("\r\n", "\n").strip("\n")))


def escape_lines(text: str) -> str:
    """Render plain text of many lines for a place inside a `<pre>`; the first line must not be empty."""
    return _BREAK_BEFORE_SPACE.sub("&#10;", _translate(text, _MANY_LINES))


def wrap(element: str, css_class: str, markup: str) -> str:
    """Put markup into an element of one of the classes in classes.py."""
    return f"<{element} class={css_class}>{markup}</{element}>"


def render_list(items: Iterable[str]) -> str:
    """Render a list; empty when there are no items."""
    lines = [f"<li>{item}" for item in items]
    return "\n".join(["<ul>", *lines, "</ul>"]) if lines else ""


def render_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Render a table; empty when there are no rows."""
    lines = [f"<tr><td>{'<td>'.join(cells)}" for cells in rows]
    head = f"<table><thead><tr><th>{'<th>'.join(columns)}<tbody>"
    return "\n".join([head, *lines, "</table>"]) if lines else ""


def render_time(moment: date | datetime, markup: str) -> str:
    """Render a day or a moment as `<time>`, which never breaks over two lines."""
    written = moment.isoformat()
    attribute = "" if written == markup else f" datetime={written}"
    return f"<time{attribute}>{markup}</time>"


def link_page(markup: str, target: str) -> str:
    """Link to a source file of this archive by its relative path, which hooks/links.py resolves and checks."""
    return _link(markup, quote(target))


def link_query(markup: str, target: str, query: Mapping[str, str]) -> str:
    """Link to a source file of this archive with a question in its address; what is asked may be any plain text."""
    # What no encoding can hold was not to be searched for.
    asked = (f"{name}={quote(value, safe='/', errors='replace')}" for name, value in query.items())
    return _link(markup, f"{quote(target)}?{'&amp;'.join(asked)}")


def link_out(markup: str, url: str | None) -> str:
    """Link to an address outside the archive; the markup alone where there is none or it is not a web address."""
    if url is None or not _WEB_ADDRESS.match(url):
        return markup
    return _link(markup, quote(url, safe=_URL_MARKS))


def _link(markup: str, href: str) -> str:
    # The one mark of an address that may not stand there without quotes.
    return f'<a href="{href}">{markup}</a>' if "=" in href else f"<a href={href}>{markup}</a>"


_WEB_ADDRESS = re.compile(r"https?://[^/]")
# The marks that keep a URL's meaning, without those that Markdown or HTML would read.
_URL_MARKS = "/:?#@+,=%~-._"


def cut(text: str, length: int) -> str:
    """Cut plain text to at most `length` characters, with an ellipsis for what is missing."""
    return text if len(text) <= length else f"{text[: length - 1].rstrip()}\u2026"
