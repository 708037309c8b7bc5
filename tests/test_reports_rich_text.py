"""Markdown of unknown writers on a page: it looks as it was meant, and nothing of it does anything."""

from __future__ import annotations

import re
from random import Random

import pytest

from generator.pages import classes
from generator.pages.rich_text import LONGEST, render_rich_text
from generator.site.guard import check_content
from tests.reports import ANALYSIS, IN_TABLE, OPEN_FENCE, damage
from tests.sites import HOSTILE
from tests.soak import scale

TAG = re.compile(r"<(/?)([a-z0-9]+)([^>]*)>")


def list_elements(html: str) -> set[str]:
    return {name for _, name, _ in TAG.findall(html)}


def test_lists_tables_code_and_headings_become_elements() -> None:
    html = render_rich_text(
        f"{IN_TABLE}\n\n1. one\n   - two\n\n```py\nx = 1\n\n\ny = '<b>'\n```\n\n> said\n\n~~old~~ *new*"
    )
    assert list_elements(html) == set(
        "blockquote br del em h4 hr li ol p pre strong table tbody td th thead tr ul".split()
    )
    assert "x &#61; 1&#10;&#10;\ny &#61; &#39;&#60;b&#62;&#39;" in html


def test_break_in_a_cell_is_one_and_other_html_is_text() -> None:
    html = render_rich_text("a<br>b<br/>c <i>d</i>\n\n<div onclick='x'>\n**e**\n</div>")
    assert html.startswith("<p>a<br>b<br>c &#60;i&#62;d&#60;&#47;i&#62;</p>")
    assert list_elements(html) == {"p", "br", "strong"}


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("[a](https://example.org/x)", "<p><a href=https://example.org/x>a</a></p>"),
        ("[a](javascript:alert(1))", None),
        ("[a](//example.org)", "<p>a</p>"),
        ("[a](../../status.md)", "<p>a</p>"),
        ("[a](data:text/html,x)", None),
        ("<javascript:alert(1)>", None),
        ("![a](https://example.org/x.png)", "<p><a href=https://example.org/x.png>a</a></p>"),
    ],
)
def test_links_lead_to_web_addresses_alone_and_no_picture_is_shown(text: str, html: str | None) -> None:
    found = render_rich_text(text)
    assert list_elements(found) <= {"p", "a"}
    assert "script:" not in re.sub(
        r"&#\d+;", ":", "".join(attributes for _, _, attributes in TAG.findall(found))
    )
    assert html in (None, found)


@pytest.mark.parametrize("form", ["{}", "- {}\n- b", "| {} |\n|---|\n| x |", "```\n{}", "# {}"])
def test_hostile_text_passes_the_guard_and_has_no_element_that_is_not_listed(form: str) -> None:
    html = render_rich_text(form.replace("{}", HOSTILE))
    assert check_content(html) == []
    assert list_elements(html) <= classes.RICH_TEXT
    assert "__pwned =" not in html


def test_damaged_analyses_pass_the_guard_with_their_tags_closed() -> None:
    for seed in range(scale(60, 3000)):
        random = Random(seed)
        text = damage(random.choice([ANALYSIS, IN_TABLE, OPEN_FENCE, HOSTILE]) * 3, random)
        html = render_rich_text(text)
        assert check_content(html) == [], seed
        waiting: list[str] = []
        for closes, name, _ in TAG.findall(html):
            if closes:
                assert waiting.pop() == name, seed
            elif name not in ("br", "hr"):
                waiting.append(name)
        assert waiting == [], seed
        # MkDocs hands a block on unread only as long as no line in it is empty.
        for block in html.split("\n\n"):
            first = TAG.match(block)
            assert first is not None, seed
            assert block == "<hr>" or block.rstrip().endswith(f"</{first[2]}>"), seed


def test_depth_and_length_are_bounded() -> None:
    assert render_rich_text("> " * 500 + "deep").count("<blockquote>") < 40
    assert render_rich_text("- " * 2000 + "deep").count("<ul>") < 40
    assert len(render_rich_text("x" * (3 * LONGEST))) == LONGEST + len("<p></p>")
