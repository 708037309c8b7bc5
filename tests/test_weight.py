"""Lighter pages: fewer bytes and less for Markdown to read, and for a browser the very same page."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import markdown  # type: ignore[import-untyped]
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from justhtml import JustHTML

from generator.pages.markup import escape, render_message
from generator.pages.render import PageSettings, render_pages
from generator.site.guard import check_content
from generator.site.weight import Blocks, drop_end_tags, hide_references, read_references, show_references
from tests.page_archive import make_archive
from tests.sites import HOSTILE, TABLES, ServedSite

# Of a commit's page around its article: the same for every commit but for its title and those of its neighbours.
_MOST_SHELL = 2500
# The commits of tests/sites.py have a short message and a few files, as most have.
_MOST_PAGE = 5000


@cache
def make_parser() -> markdown.Markdown:
    return markdown.Markdown(extensions=["tables", "toc"])


def convert(source: str) -> str:
    return str(make_parser().reset().convert(source))


def convert_lighter(source: str) -> str:
    return drop_end_tags(show_references(convert(hide_references(source))))


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
    return [page.text.split("---\n", 2)[2] for page in render_pages(make_archive(spell), settings)]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_lighter_page_is_the_same_page(language: str) -> None:
    lighter = heavier = 0
    for body in read_bodies(language):
        before, after = convert(body), convert_lighter(body)
        assert read_tree(after) == read_tree(before)
        assert check_content(after) == []
        lighter, heavier = lighter + len(after), heavier + len(before)
    assert lighter < 0.93 * heavier


@given(st.text(st.sampled_from("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~ \n\tab1") | st.characters(), max_size=40))
@settings(max_examples=300)
def test_any_text_reads_the_same_whether_its_references_were_hidden_or_not(text: str) -> None:
    for source in (
        f"before {escape(text)} after\n\n- {escape(text)}\n- b\n\n| a |\n|---|\n| {escape(text)} |",
        f"# {escape(text)}\n\nafter",
        render_message(text),
    ):
        assert read_tree(convert_lighter(source)) == read_tree(convert(source))


def convert_without_blocks(source: str) -> tuple[str, str]:
    """Convert a page whose HTML is kept from Markdown; return what Markdown saw, too."""
    blocks = Blocks()
    seen = hide_references(blocks.hide(source))
    return drop_end_tags(show_references(blocks.show(convert(seen)))), seen


@pytest.mark.parametrize("language", ["zh", "en"])
def test_page_of_a_commit_is_the_same_when_markdown_does_not_see_its_html(language: str) -> None:
    spell = str if language == "en" else (lambda text: f"{text} {HOSTILE}")
    settings = PageSettings(site_name="Daybook", language="zh" if language == "zh" else "en")
    pages = [page for page in render_pages(make_archive(spell), settings) if "/commit/" in page.src_uri]
    assert len(pages) > 5
    for page in pages:
        # MkDocs drops the empty line as well.
        body = page.text.split("---\n", 2)[2].lstrip("\n")
        after, seen = convert_without_blocks(body)
        assert read_tree(after) == read_tree(convert(body))
        assert check_content(after) == []
        assert not re.search("^<", seen, re.MULTILINE)
        assert len(seen) < 0.6 * len(body)


@given(st.text(st.sampled_from("<>&\"' \n\tab1\ue080\ue0ff") | st.characters(), max_size=40))
@settings(max_examples=300)
def test_any_message_reads_the_same_when_markdown_does_not_see_it(text: str) -> None:
    source = f"<h1>{escape(text)}</h1>\n\n{render_message(text)}\n\n- {escape(text)}\n\n<p>{escape(text)}</p>"
    assert read_tree(convert_without_blocks(source)[0]) == read_tree(convert(source))


def test_markdown_is_spared_every_reference_that_the_escaper_writes_outside_headings() -> None:
    marks = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
    hidden = hide_references(f"## a&#45;b\n\n{escape(marks)}\n\n{render_message(marks)}")
    assert re.findall("&#[0-9]+;", hidden) == ["&#45;"]


@pytest.mark.parametrize(
    "source",
    ["`&#45;`", "    &#45;", "\t&#45;", "~~~\n&#45;\n~~~", "\ue02d and &#45;", "a\n\n   \tcode &#45;"],
)
def test_what_somebody_wrote_by_hand_is_left_as_it_is(source: str) -> None:
    assert hide_references(source) == source


def test_marks_that_mean_something_stay_references() -> None:
    assert show_references(hide_references(escape("<a href=\"x\" id='y'>&amp;"))) == (
        "&lt;a href=&#34;x&#34; id=&#39;y&#39;&gt;&amp;amp;"
    )
    assert read_references("&#60;&#34;&#46;&#39;&#62;&#38;") == "&#60;&#34;.&#39;&#62;&#38;"


@pytest.mark.parametrize(
    ("html", "lighter"),
    [
        ("<ul>\n<li>a</li>\n<li>b</li>\n</ul>", "<ul>\n<li>a\n<li>b\n</ul>"),
        ("<p>a</p>\n<p>b</p>\n<ul>", "<p>a\n<p>b\n<ul>"),
        ("<a><p>b</p></a>", "<a><p>b</p></a>"),
        ("<p>b</p>\nbare", "<p>b</p>\nbare"),
        ("<p>b</p>\n<span>x</span>", "<p>b</p>\n<span>x</span>"),
        ("<td>a</td>\n<td>b</td>\n</tr>\n</tbody>\n</table>", "<td>a\n<td>b\n\n\n</table>"),
    ],
)
def test_an_end_tag_is_left_out_only_where_the_next_tag_says_the_same(html: str, lighter: str) -> None:
    assert drop_end_tags(html) == lighter


def test_the_page_of_a_commit_is_small_and_its_frame_smaller(site: ServedSite) -> None:
    pages = [path.read_text(encoding="utf-8") for path in (site.folder / TABLES / "commit").glob("*.html")]
    assert len(pages) == 3
    for page in pages:
        article = page[page.index("<article") : page.index("</article>")]
        assert len(page.encode()) - len(article.encode()) < _MOST_SHELL
        assert len(page.encode()) < _MOST_PAGE
        # Two of its own making and no more: the style and the script.
        assert len(re.findall(r"<(?:script|link rel=\"stylesheet\")", page)) == 2
