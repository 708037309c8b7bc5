"""The one escaper: whatever a text holds, a reader sees the text, and neither Markdown nor a browser sees more."""

from __future__ import annotations

import html
import json
import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache

import markdown  # type: ignore[import-untyped]
import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st
from justhtml import JustHTML
from mkdocs.utils.meta import get_data

from generator.pages.markup import (
    cut,
    escape,
    escape_prose,
    link_out,
    link_page,
    render_list,
    render_message,
    render_table,
    render_time,
    wrap,
)
from generator.pages.page import FrontMatter, Stop, make_page

# The site enables `tables` and `toc` alone. The escaper must not need that: here is everything else there is.
MANY_EXTENSIONS = [
    *("abbr admonition attr_list def_list footnotes legacy_attrs legacy_em md_in_html meta nl2br").split(),
    *("sane_lists smarty tables toc wikilinks").split(),
    *(
        f"pymdownx.{name}"
        for name in (
            "arithmatex b64 betterem caret critic details emoji escapeall fancylists highlight inlinehilite keys "
            "magiclink mark progressbar quotes saneheaders smartsymbols snippets superfences tabbed tasklist tilde"
        ).split()
    ),
    *(f"pymdownx.blocks.{name}" for name in "admonition caption definition details html tab".split()),
]
# Two of them give a meaning to letters and digits alone, which no escaper can take away: `1st` becomes a
# superscript, and any 40 hexadecimal digits a link.
CONFIGS = {
    "pymdownx.smartsymbols": {"ordinal_numbers": False},
    "pymdownx.snippets": {"base_path": ["."], "check_paths": False},
    "pymdownx.magiclink": {
        "repo_url_shortener": True,
        "social_url_shortener": True,
        "social_url_shorthand": True,
        "repo_url_shorthand": True,
        "provider": "github",
        "user": "ada",
        "repo": "engine",
    },
}
PAYLOADS = [
    "<script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "fix: handle &#60;b&#62; and &amp;amp;",
    "[x](javascript:alert(1))",
    "![x](https://example.org/x.png)",
    "[x][1]\n\n[1]: https://example.org",
    "https://example.org/a?b=c&d=e",
    "<https://example.org>",
    "www.example.org",
    "mail ada@example.org now",
    ":smile: :+1: @ada #12 ada/engine#12 ada/engine@0000001",
    "{: onclick=alert(1) }",
    "text {: #__config .x onclick=alert(1) }",
    '--8<-- ".git/config"',
    "--8<--\n.git/config\n--8<--",
    "```\ncode\n```",
    "~~~\ncode\n~~~",
    "```mermaid\ngraph TD\n```",
    "`` ` `` `a` ``",
    "{{ config }} {% include 'x' %}",
    "a | b | c",
    "a || b \\| c",
    "|---|---|",
    "- item",
    "+ item",
    "* item",
    "1. item",
    "1) item",
    "a. item",
    "- [x] done",
    "# heading",
    "heading\n===",
    "heading\n---",
    "> quote",
    "    indented",
    "\tindented",
    "hard  \nbreak",
    "term\n: definition",
    "*[HTML]: Hyper",
    "[^1] and [^1]: note",
    "**strong** _em_ ~~del~~ ==mark== ^sup^ ~sub~ ++ctrl++ {++add++} {>>comment<<}",
    "(c) (tm) 1/2 --> =/= +/- ... -- --- 'quoted' \"quoted\"",
    "$x$ $$y$$ \\(z\\) \\[w\\]",
    "!!! note\n    text",
    "??? note\n    text",
    '=== "Tab"\n    text',
    "/// details\ntext\n///",
    '[=50% "50%"]',
    "[[Page]] [TOC]",
    "<!-- comment --> <?php ?> <![CDATA[x]]>",
    "\x02klzzwxh:0000\x03 \x02wzxhzdk:0\x03 \x02amp\x03",
    "title: x\nauthor: y",
    "---\ntitle: x\n---",
    "__config",
    "\u202eevil\u202c \u200b \u2066 \ufeff \x00 \x1b[31m \x7f \x85 \u2028 \u2029",
    "\U000e0041\U000e0042 \ufe01 \U000e0101 \u3164 \u115f \u00ad \u034f",
    "\ue000 \U000f0000 \uffff \ud800 \udfff",
    " a ",
    "   ",
    "",
    "a\u00a0b\u3000c\u2003d",
    "\u3000a\u3000",
    "\\",
    "\\*x\\*",
    "&",
    "a\r\nb\rc\td",
    "1986\\. A great year",
    "第一行\n第二行",
    "e\u0301 \u05d0\u05d1\u05d2 \u0627\u0644",
    "\u26a0\ufe0f \U0001f468\u200d\U0001f469\u200d\U0001f467 1\ufe0f\u20e3",
    "\U0001f44d\U0001f3fd \u2764\ufe0f\u200d\U0001f525",
]


@cache
def make_parser() -> markdown.Markdown:
    return markdown.Markdown(extensions=MANY_EXTENSIONS, extension_configs=CONFIGS)


@cache
def make_site_parser() -> markdown.Markdown:
    return markdown.Markdown(extensions=["tables", "toc"])


def convert(source: str, parser: Callable[[], markdown.Markdown]) -> str:
    md = parser()
    md.reset()
    return str(md.convert(source))


CONTEXTS: dict[str, Callable[[str], str]] = {
    "paragraph": lambda text: text,
    "second line": lambda text: f"before\n{text}\n\nafter",
    "html heading": lambda text: f"<h1>{text}</h1>\n\nafter",
    "heading": lambda text: f"## {text}\n\nafter",
    "table cell": lambda text: f"| a | b |\n|---|---|\n| {text} | {text} |",
    "list item": lambda text: f"- {text}\n- {text}",
    "html list": lambda text: render_list([text, f"x {text}"]),
    "html table": lambda text: render_table([text, "b"], [[text, "x"], ["", text]]),
    "link": lambda text: f"see {link_page(text, 'x.md')} there",
    "link in a heading": lambda text: f"## {link_page(text, 'x.md')}\n\nafter",
    "span": lambda text: f'x <span class="db-quiet">{text}</span> **{text}** <code>{text}</code> y',
    "html cell": lambda text: f"<div>\n<table><tr><td>{text}</td></tr></table>\n</div>",
}
# Stands for any text, and occurs nowhere else in a context.
HARMLESS = "zz"
PARSERS = {"many extensions": make_parser, "the site's extensions": make_site_parser}

texts = st.lists(
    st.one_of(
        st.sampled_from(PAYLOADS),
        st.text(max_size=12),
        st.text(st.sampled_from("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~ \n\tab1"), max_size=12),
    ),
    max_size=5,
).map("".join)


def read_tree(source: str) -> tuple[list[tuple[str, dict[str, str]]], str]:
    """Read HTML as a browser does: all elements with their attributes, and all text."""
    elements: list[tuple[str, dict[str, str]]] = []
    found: list[str] = []
    waiting = [JustHTML(f"<!doctype html><html><head></head><body>{source}", sanitize=False).root]
    while waiting:
        node = waiting.pop()
        waiting.extend(reversed(node.children or ()))
        if node.name == "#text":
            found.append(str(node.data))
        elif not node.name.startswith(("#document", "!")):
            # The id of a Markdown heading follows its text, which is why git's text stands in HTML headings.
            attributes = {key: value or "" for key, value in (node.attrs or {}).items() if key != "id"}
            elements.append((node.name, attributes))
    return elements, "".join(found)


def restore(text: str) -> str:
    """Turn visible marks back into what they stand for; on both sides, because a text may hold one itself."""
    return re.sub(r"\[U\+([0-9A-F]{4,6})\]", lambda mark: chr(int(mark[1], 16)), text)


def as_one_line(text: str) -> str:
    return re.sub(r"[\n\r\t]", " ", text)


def check_one_line(escaper: Callable[[str], str], text: str, context: str, parser: str) -> None:
    """Check that a text adds nothing to a context but itself."""
    place = CONTEXTS[context]
    elements, found = read_tree(convert(place(escaper(text)), PARSERS[parser]))
    expected_elements, expected = read_tree(convert(place(HARMLESS), PARSERS[parser]))
    assert elements == expected_elements
    assert restore(found) == restore(expected.replace(HARMLESS, as_one_line(text)))


@pytest.mark.parametrize("parser", PARSERS)
@pytest.mark.parametrize("context", CONTEXTS)
@given(text=texts.filter(bool))
@settings(max_examples=100)
def test_any_text_is_shown_and_does_nothing_else(parser: str, context: str, text: str) -> None:
    check_one_line(escape, text, context, parser)


@pytest.mark.parametrize("text", [text for text in PAYLOADS if text])
def test_a_payload_is_shown_in_every_context_and_does_nothing_else(text: str) -> None:
    for context in CONTEXTS:
        for parser in PARSERS:
            check_one_line(escape, text, context, parser)


def count_failures(escaper: Callable[[str], str], enough: int | None = None) -> int:
    failures = 0
    for text in filter(None, PAYLOADS):
        for context in CONTEXTS:
            try:
                check_one_line(escaper, text, context, "many extensions")
            except AssertionError:
                failures += 1
                if failures == enough:
                    return failures
    return failures


def test_the_check_has_teeth() -> None:
    assert count_failures(escape) == 0
    assert count_failures(html.escape, enough=201) > 200
    # Each of these forgets one thing that the escaper does.
    assert (
        count_failures(
            lambda text: html.escape(text).translate({ord(mark): f"&#{ord(mark)};" for mark in "[]`*_"}),
            enough=1,
        )
        > 0
    )
    assert count_failures(lambda text: escape(text).replace("&#45;", "-"), enough=1) > 0
    assert count_failures(lambda text: escape(text).replace("&#32;", " "), enough=1) > 0
    assert count_failures(lambda text: escape(text).replace("&#64;", "@"), enough=1) > 0
    assert count_failures(lambda text: escape(text).replace("&#12288;", "\u3000"), enough=1) > 0


@given(text=texts)
def test_escaped_text_is_made_of_letters_and_references(text: str) -> None:
    rendered = escape(text)
    assert re.fullmatch(r"(?:[0-9A-Za-z]|(?<! ) |&#[0-9]+;|[^\x00-\x7f])*", rendered)
    assert rendered == rendered.strip(" ")


@given(text=texts)
def test_nothing_invisible_is_left_but_inside_emoji(text: str) -> None:
    rendered = html.unescape(escape(text))
    rendered = re.sub("(?<=[\u2190-\u2bff\U0001f000-\U0001faff1])[\ufe0f\u200d]+", "", rendered)
    invisible = {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"}
    assert [f"U+{ord(mark):04X}" for mark in rendered if unicodedata.category(mark) in invisible] == []
    assert not re.search("[\u034f\u115f\u1160\u3164\uffa0\ufe00-\ufe0f\U000e0100-\U000e01ef]", rendered)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\u202eb", "a[U+202E]b"),
        ("\x00\x7f\x85", "[U+0000][U+007F][U+0085]"),
        ("\ud800", "[U+D800]"),
        ("\U000e0041", "[U+E0041]"),
        ("\u3164", "[U+3164]"),
        ("x\ufe0f", "x[U+FE0F]"),
        ("x\u200dy", "x[U+200D]y"),
        ("\u26a0\ufe0f\ufe0f", "\u26a0\ufe0f[U+FE0F]"),
        ("\u26a0\ufe01", "\u26a0[U+FE01]"),
        ("\u26a0\ufe0f \u2764\ufe0f\u200d\U0001f525 1\ufe0f\u20e3 \u00a9\ufe0f", None),
        ("\U0001f468\U0001f3fd\u200d\U0001f4bb \U0001f1e8\U0001f1f3 \u25b6\ufe0e", None),
        ("\U0001fae9", None),  # of Unicode 16, which older Pythons do not know
        ("一行\n两行\t三", "一行 两行 三"),
        ("e\u0301 \u05d0\u0627", None),
    ],
)
def test_invisible_characters_become_visible_and_emoji_stay(text: str, shown: str | None) -> None:
    assert html.unescape(escape(text)) == (text if shown is None else shown)


def read_message(source: str, parser: str) -> tuple[list[tuple[str, dict[str, str]]], str]:
    return read_tree(convert(f"before\n\n{source}\n\nafter", PARSERS[parser]))


def check_message(text: str, parser: str) -> None:
    elements, found = read_message(render_message(text), parser)
    assert elements == read_message(render_message("x"), parser)[0]
    lines = text.replace("\r\n", "\n").strip("\n")
    assert restore(found) == restore(f"before\n{lines}\n\nafter")


@pytest.mark.parametrize("parser", PARSERS)
@given(text=texts)
@settings(max_examples=200)
@example(text="subject\n\n\n    code\n\t\ttabs\n   \n\n</pre>\n<script>\n\n--8<-- 'x'\n```\n")
@example(text="\n\n  indented first\nlast  ")
@example(text="a\r\n\r\nb\rc\r\r\nd")
def test_a_message_keeps_every_line_in_one_block(parser: str, text: str) -> None:
    check_message(text, parser)


@given(text=texts)
def test_a_message_has_no_blank_line_that_would_end_its_block(text: str) -> None:
    rendered = render_message(text)
    assert not re.search(r"\n\s*(?:\n|\Z)", rendered)
    assert not re.search(r"[<>]", rendered[len("<pre class=db-message>") : -len("</pre>")])


@given(text=texts)
@settings(max_examples=200)
def test_front_matter_gives_the_title_back_and_the_title_is_only_text(text: str) -> None:
    stop = Stop(text, "a/b.md")
    front_matter = FrontMatter(
        title=text, description=text, trail=(stop,), previous=stop, next=stop, around=(stop,)
    )
    page = make_page("x.md", front_matter, "body")
    body, meta = get_data(page.text)
    lines = page.text.split("---\n")[1].splitlines()
    read = {key: json.loads(value) for key, value in (line.split(": ", 1) for line in lines)}
    assert read == yaml.safe_load("\n".join(lines)) == meta
    assert body == "body\n"
    assert set(read) <= {"title", "description", "trail", "previous", "next", "around"}
    title = read.get("title", "")
    elements, found = read_tree(f'<title>{title}</title><p title="{title}">{title}</p>')
    expected = html.unescape(title)
    assert elements[-2:] == [("title", {}), ("p", {"title": expected})]
    assert found == expected * 2
    assert restore(expected) == restore(as_one_line(cut(text, 100)))


def test_a_long_title_is_cut_where_it_is_read() -> None:
    page = make_page("x.md", FrontMatter(title="很" * 10_000, previous=Stop("b" * 10_000, "b.md")), "")
    assert get_data(page.text)[1] == {"title": "很" * 99 + "…", "previous": ["b" * 99 + "…", "b.md"]}


@given(text=texts)
def test_prose_without_code_is_plain_text(text: str) -> None:
    text = text.replace("`", "'")
    assert escape_prose(text) == escape(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("use `a_b` now", "use <code>a&#95;b</code> now"),
        ("`a` and `<b>`", "<code>a</code> and <code>&#60;b&#62;</code>"),
        ("` a `", "<code>&#32;a&#32;</code>"),
        ("``a`` and ```b```", escape("``a`` and ```b```")),
        ("one ` alone", escape("one ` alone")),
        ("`two\nlines`", escape("`two lines`")),
        ("``", escape("``")),
        ("  `a`  b", "&#32;&#32;<code>a</code> &#32;b"),
        ("*a* [b](c) <d>", escape("*a* [b](c) <d>")),
    ],
)
def test_prose_may_hold_code_and_nothing_else(text: str, shown: str) -> None:
    assert escape_prose(text) == shown


@given(text=texts.filter(bool))
@settings(max_examples=200)
def test_prose_adds_no_element_but_code(text: str) -> None:
    elements, _ = read_tree(convert(f"- x{escape_prose(text)}\n- y", make_parser))
    expected, _ = read_tree(convert("- x\n- y", make_parser))
    assert [element for element in elements if element != ("code", {})] == expected


@pytest.mark.parametrize(
    ("url", "markup"),
    [
        ("https://example.org/a/commit/1", "<a href=https://example.org/a/commit/1>x</a>"),
        ("https://example.org:8443/a...b?c=d#e", '<a href="https://example.org:8443/a...b?c=d#e">x</a>'),
        ("https://example.org/a%2Fb", "<a href=https://example.org/a%2Fb>x</a>"),
        ("https://example.org/a/", "<a href=https://example.org/a/>x</a>"),
        (None, "x"),
        ("javascript:alert(1)", "x"),
        ("JavaScript:alert(1)//https://example.org", "x"),
        ("data:text/html,x", "x"),
        ("//example.org", "x"),
        ("ftp://example.org", "x"),
        ("https:///x", "x"),
        ("", "x"),
        ("https://example.org/) <script> \"'`[]{}|\\^", None),
    ],
)
def test_a_link_leads_to_a_web_address_or_nowhere(url: str | None, markup: str | None) -> None:
    rendered = link_out("x", url)
    elements, found = read_tree(convert(f"{rendered} y", make_parser))
    links = [attributes for name, attributes in elements if name == "a"]
    if markup is None:
        assert re.fullmatch(r"<a href=https://example\.org/[0-9A-Za-z%]+>x</a>", rendered)
    else:
        assert rendered == markup
    assert found == "x y"
    href = re.search('href="?([^">]*)', rendered)
    assert links == ([{"href": href[1]}] if href else [])


@given(path=texts.filter(bool))
def test_a_link_to_a_page_is_one_link_whatever_its_path(path: str) -> None:
    path = path.encode(errors="replace").decode()
    elements, found = read_tree(convert(f"{link_page('x', path)} y", make_parser))
    assert [name for name, _ in elements if name == "a"] == ["a"]
    assert found == "x y"


def test_elements_carry_one_class_and_no_other_text() -> None:
    moment = datetime(2026, 1, 6, 13, 53, 56, tzinfo=UTC)
    assert wrap("span", "db-quiet", "x") == "<span class=db-quiet>x</span>"
    assert render_time(moment, "13:53") == "<time datetime=2026-01-06T13:53:56+00:00>13:53</time>"
    assert render_time(moment.date(), "2026-01-06") == "<time>2026-01-06</time>"


@pytest.mark.parametrize(
    ("text", "length", "expected"),
    [("abc", 3, "abc"), ("abcd", 3, "ab…"), ("a bcd", 3, "a…"), ("", 3, ""), ("变更摘要", 3, "变更…")],
)
def test_a_cut_text_ends_in_an_ellipsis(text: str, length: int, expected: str) -> None:
    assert cut(text, length) == expected
