"""Lighter pages: fewer bytes and less for Markdown to read, and for a browser the very same page."""

from __future__ import annotations

import io
import re
from functools import cache
from typing import Any

import markdown  # type: ignore[import-untyped]
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from justhtml import JustHTML
from mkdocs.config import load_config
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from generator.pages.markup import escape, render_list, render_message, render_table
from generator.pages.render import PageSettings, render_pages
from generator.site.guard import check_content
from generator.site.rendering import _Page as LeanPage
from generator.site.weight import Blocks, is_hidden, read_references
from tests.page_archive import make_archive
from tests.sites import HOSTILE, TABLES, ServedSite

# Of a commit's page around its article: the same for every commit but for its title and those of its neighbours.
_MOST_SHELL = 1800
# The commits of tests/sites.py have a short message and a few files, as most have.
_MOST_PAGE = 4000


@cache
def make_parser() -> markdown.Markdown:
    return markdown.Markdown(extensions=["tables", "toc"])


def convert(source: str) -> str:
    return str(make_parser().reset().convert(source))


def read_tree(source: str) -> list[tuple[str, dict[str, str], str]]:
    """Read HTML as a browser does: every node in order, white space between blocks aside."""
    nodes = []
    waiting: list[Any] = [JustHTML(f"<!doctype html><html><head></head><body>{source}", sanitize=False).root]
    while waiting:
        node = waiting.pop()
        waiting.extend(reversed(node.children or ()))
        text = str(node.data) if node.name == "#text" else ""
        inside = node
        while inside is not None and inside.name != "pre":
            inside = inside.parent
        if text and inside is None:
            text = re.sub(r"\s+", " ", text).rstrip()
        if node.name != "#text" or text:
            nodes.append((node.name, dict(getattr(node, "attrs", None) or {}), text))
    return nodes


def read_bodies(language: str) -> list[str]:
    spell = str if language == "en" else (lambda text: f"{text} {HOSTILE}")
    settings = PageSettings(site_name="Daybook", language="zh" if language == "zh" else "en")
    # MkDocs drops the empty line after the front matter as well.
    return [
        page.text.split("---\n", 2)[2].lstrip("\n") for page in render_pages(make_archive(spell), settings)
    ]


def convert_lighter(source: str) -> tuple[str, str]:
    """Convert a page whose HTML is kept from Markdown; return what Markdown saw, too."""
    blocks = Blocks()
    seen = blocks.hide(source)
    return read_references(blocks.show(convert(seen))), seen


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_lighter_page_is_the_same_page(language: str) -> None:
    lighter = heavier = 0
    for body in read_bodies(language):
        before, (after, seen) = convert(body), convert_lighter(body)
        assert read_tree(after) == read_tree(before)
        assert check_content(after) == []
        lighter, heavier = lighter + len(after), heavier + len(before)
        # Headings are all that there is for Markdown, but on a page by kind: others may lead to a place on it.
        assert " id=" in body or re.fullmatch(r"(?:(?:##[^\n]+|\ue080[0-9]+\ue080)(?:\n\n|\Z))+", seen)
    assert lighter < 0.97 * heavier


def test_page_of_a_commit_is_all_hidden() -> None:
    settings = PageSettings(site_name="Daybook", language="zh")
    pages = [page for page in render_pages(make_archive(), settings) if "/commit/" in page.src_uri]
    assert len(pages) > 5
    for page in pages:
        assert is_hidden(Blocks().hide(page.text.split("---\n", 2)[2]))
    assert not is_hidden("## A\n\n\ue0800\ue080")
    assert not is_hidden("\ue0800\ue080\n\n\ue0801\ue080")


def test_page_without_a_word_of_markdown_is_converted_as_mkdocs_does() -> None:
    config = load_config(
        config_file=io.StringIO("site_name: x"), plugins=[], markdown_extensions=["tables", "toc"]
    )
    hidden = Blocks().hide("<h1>a</h1>\n\n<p>b</p>")
    assert is_hidden(hidden)
    pages: list[Page] = []
    for number in range(2):
        file = File(f"{number}.md", "docs", "site", use_directory_urls=False)
        pages.append(LeanPage(file, config, make_parser()) if number else Page(None, file, config))
        pages[-1].markdown, pages[-1].meta = hidden, {"title": "a"}
        pages[-1].render(config, Files([]))
    converted = [
        (page.content, list(page.toc), page.present_anchor_ids, page.links_to_anchors) for page in pages
    ]
    assert converted[0] == converted[1]


marks = st.sampled_from("<>&\"'=!#*[](){}|`~_-+.:/\\ \n\tab1\ue080\ue0ff")


@given(st.text(marks | st.characters(), max_size=40))
@settings(max_examples=300)
def test_any_text_reads_the_same_when_markdown_does_not_see_it(text: str) -> None:
    source = (
        f"<h1>{escape(text)}</h1>\n\n{render_message(text)}\n\n{render_list([escape(text), 'b'])}\n\n## a\n\n"
        f"{render_table(['a'], [[escape(text)]])}\n\n<p>{escape(text)}</p>\n\n<p>{escape(text)}</p>"
    )
    after, seen = convert_lighter(source)
    assert read_tree(after) == read_tree(convert(source))
    assert seen == "\ue0800\ue080\n\n## a\n\n\ue0801\ue080"


BY_HAND = [
    "text\n\n<p>*a*</p>\n\n**b**",
    "<p>a</p>\ntext\n\n<p>b</p> text",
    "<em>a</em> *b*",
    "<em>*a*</em>\n\n<span>*b*</span>",
    "<p>a</p> *b* <p>c</p>",
    "<p>a</p>\n*b*\n<p>c</p>",
    "<div>\n\n<p>*a*</p>\n\n*b*\n\n</div>\n\n*c*",
    "<div><div>a</div></div>\n\n<div>a</div>\n\n*b*</div>",
    "<ul>\n<li>a <ul><li>b</ul>\n</ul>\n\n*c*",
    "- a\n\n<p>b</p>\n\n- c",
    "- a\n\n    <p>b</p>\n\n- c",
    "    <p>code</p>\n\n<p>a</p>",
    "> <p>a</p>\n\n<p>b</p>",
    "<pre>a\n\n<p>b</p>\n\nc</pre>\n\n*d*",
    "<p>a\n<b>b</b> <i>c</i></p>\n\n<p>d</p>\n\n*e*",
    "<div><p>a</p><b>c</b></div>\n\n<p>b</p>",
    '<p title="&#34; id=&#39;x">a</p>\n\n<p>b</p>',
    "<p title=a&#32;b>a</p>\n\n<p>b</p>",
    "<p title=&#34;>a</p>",
    "a = b\n\n<p>c &#38; d</p>",
    "\ue0800\ue080\n\n<p>a</p>",
    "<p>a</p>\n\n\n\n<p>b</p>\n \n<p>c</p>\n",
    "<h2>a</h2>\n\n# b #\n\n<h3>c</h3>\n\nd\n===",
]


@pytest.mark.parametrize("source", BY_HAND)
def test_what_somebody_wrote_by_hand_reads_as_markdown_has_it(source: str) -> None:
    assert read_tree(convert_lighter(source)[0]) == read_tree(convert(source))


@given(st.lists(st.sampled_from([*BY_HAND, "<p>", "</p>", "<div>", "</div>", "a", "*b*", "\n"]), max_size=4))
@settings(max_examples=200)
def test_so_does_any_mixture_of_it(pieces: list[str]) -> None:
    source = "\n\n".join(pieces)
    assert read_tree(convert_lighter(source)[0]) == read_tree(convert(source))


@pytest.mark.parametrize(
    "source",
    [
        "<p id=a>b</p>",
        '<p class="x" ID="a">b</p>',
        "<p\nname=a>b</p>",
        "<a\tid = 'a'>b</a>",
        '<p class="x"id=a>b</p>',
    ],
)
def test_places_that_others_may_lead_to_are_left_where_mkdocs_looks_for_them(source: str) -> None:
    assert Blocks().hide(f"<p>a</p>\n\n{source}") == f"<p>a</p>\n\n{source}"


def test_marks_that_mean_something_stay_references() -> None:
    marked = "<p>&#60;a href=&#34;x&#34; id=&#39;y&#39;&#62;&#38;amp;&#45;</p>"
    assert convert_lighter(marked.replace("=", "&#61;"))[0] == "<p>&lt;a href=\"x\" id='y'>&amp;amp;-</p>"
    assert read_references("&#60;&#34;&#46;&#39;&#62;&#38;") == "&#60;&#34;.&#39;&#62;&#38;"
    assert (
        read_references("&#9;&#10;&#32;&#96;&#127;&#160;&#8205;&#046;")
        == "&#9;&#10;&#32;`&#127;&#160;&#8205;&#046;"
    )


@pytest.mark.parametrize(
    ("blocks", "lighter"),
    [
        (["<p>a</p>", "<p>b</p>", "<h2>c</h2>", "<p>d</p>"], "<p>a<p>b<h2>c</h2><p>d</p>"),
        ([render_list("ab")], "<ul><li>a<li>b</ul>"),
        ([render_table("ab", ["cd"])], "<table><thead><tr><th>a<th>b<tbody><tr><td>c<td>d</table>"),
        (
            ["<pre>a\n\tb</pre>", "<div><p>a</p>\n<b>c</b></div>"],
            "<pre>a\n\tb</pre><div><p>a</p>\n<b>c</b></div>",
        ),
    ],
)
def test_elements_lose_what_the_next_tag_says_as_well(blocks: list[str], lighter: str) -> None:
    assert convert_lighter("\n\n".join(blocks))[0] == lighter


def test_the_page_of_a_commit_is_small_and_its_frame_smaller(site: ServedSite) -> None:
    pages = [path.read_text(encoding="utf-8") for path in (site.folder / TABLES / "commit").glob("*.html")]
    assert len(pages) == 3
    for page in pages:
        article = page[page.index("<article") : page.index("</article>")]
        assert len(page.encode()) - len(article.encode()) < _MOST_SHELL
        assert len(page.encode()) < _MOST_PAGE
        # Two of its own making and no more: the style and the script.
        assert len(re.findall("<(?:script|link rel=stylesheet)", page)) == 2
