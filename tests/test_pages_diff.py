"""The diff of a small commit on its page: folded, every line as it was, and marked by more than colour."""

from __future__ import annotations

import html
import re

import markdown  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st
from justhtml import JustHTML

from generator.pages.diff import render_diff
from generator.pages.languages import find_words
from generator.pages.markup import escape
from generator.record_additions import FileDiff
from generator.records import FileChange
from generator.site.weight import Blocks, read_references
from tests.page_archive import WEB, make_commit, plain
from tests.test_pages_files import NOON, make_shelf

WORDS = find_words("en")


def render(*diffs: FileDiff, **fields: object) -> str:
    return render_diff(make_shelf(), make_commit(1, NOON, plain, diff=diffs, **fields), WORDS)


def read_lines(markup: str) -> list[tuple[str, str]]:
    """Read the lines of the `<pre>` as a browser has them, each with the element it stands in."""
    (pre,) = JustHTML(f"<!doctype html><body>{markup}", sanitize=False).root.query("pre")
    found = []
    for node in pre.children or ():
        text = node.data if node.name == "#text" else node.to_text(strip=False)
        assert text.endswith("\n")
        found += [("" if node.name == "#text" else node.name, line) for line in text[:-1].split("\n")]
    return found


def diff(*lines: str, path: str = "a.py", cut: int | None = None) -> FileDiff:
    return FileDiff(path=path, text="\n".join(lines), cut=cut)


def test_every_line_stands_in_the_element_of_its_sort_with_its_mark() -> None:
    lines = ["@@ -1,4 +1,4 @@ def a():", " one", " ", "-two", "-", "+\tTwo", "+", " three", "\\ No newline"]
    sorts = ["i", "", "", "del", "del", "ins", "ins", "", ""]
    markup = render(diff(*lines))
    assert read_lines(markup) == list(zip(sorts, lines, strict=True))
    assert markup.startswith("<div class=db-diff><details><summary>Diff (4 changed lines)</summary><pre>")


def test_several_files_are_told_apart_by_their_paths() -> None:
    markup = render(diff("@@ -1 +1 @@", "+a", path="a<b>.py"), diff("@@ -1 +1 @@", "-b", path="c.py"))
    assert [line for sort, line in read_lines(markup) if sort == "b"] == ["a<b>.py", "c.py"]


def test_a_commit_without_a_diff_has_none() -> None:
    assert render_diff(make_shelf(), make_commit(1, NOON), WORDS) == ""


def test_returns_that_end_every_line_are_left_out_and_others_are_seen() -> None:
    windows = read_lines(render(diff("@@ -1,2 +1,2 @@", " a\r", "-b\r", "+c\r")))
    assert [line for _, line in windows] == ["@@ -1,2 +1,2 @@", " a", "-b", "+c"]
    changed = read_lines(render(diff("@@ -1 +1 @@", "-a\r", "+a")))
    assert [line for _, line in changed] == ["@@ -1 +1 @@", "-a[U+000D]", "+a"]


def test_what_is_not_shown_is_counted_with_a_link_to_all_of_it() -> None:
    files = (
        FileChange(status="M", path="a.py", insertions=1, deletions=0),
        FileChange(status="M", path="b.png", binary=True),
    )
    markup = render(diff("@@ -1 +1 @@", "+a", cut=2), files=files)
    shown = JustHTML(f"<body>{markup}").to_text()
    assert "2 long lines are cut; 1 binary file is not shown; the whole diff" in shown
    assert f"<a href={WEB}/commit/" in markup
    assert "whole diff" not in render(diff("@@ -1 +1 @@", "+a"))


def test_directions_and_controls_are_made_visible() -> None:
    shown = read_lines(render(diff("@@ -1 +1 @@", "+if x: \u202e} \u2066\u200b\x1b[31m\x0c", "+\u2028")))
    assert shown[1:] == [
        ("ins", "+if x: [U+202E]} [U+2066][U+200B][U+001B][31m[U+000C]"),
        ("ins", "+[U+2028]"),
    ]


texts = st.text(
    st.sampled_from("<>&\"'`*_[]#\\ \t-+@ab\u202e\x00é") | st.characters(codec="utf-8"), max_size=12
)
diffs = st.lists(
    st.tuples(st.sampled_from("+- @\\"), texts.filter(lambda text: not {*text} & {*"\n\r"})),
    min_size=1,
    max_size=6,
)


@given(diffs)
def test_any_lines_read_as_they_were_through_markdown_and_without_it(lines: list[tuple[str, str]]) -> None:
    expected = [f"{mark}{text}" for mark, text in lines]
    markup = render(diff(*expected))
    hidden = Blocks()
    finished = hidden.show(markdown.markdown(hidden.hide(markup), extensions=["tables", "toc"]))
    by_markdown = markdown.markdown(markup, extensions=["tables", "toc"])
    for page in (markup, read_references(finished), by_markdown):
        assert [line for _, line in read_lines(page)] == [
            "".join(map(show_character, line)) for line in expected
        ]


def show_character(character: str) -> str:
    return character if character in "\t " else html.unescape(escape(character))


@pytest.mark.parametrize(
    "payload", ["</pre><script>alert(1)</script>", "</ins></details><b>x", "\n\n# x\n\n<p>"]
)
def test_a_payload_is_a_text(payload: str) -> None:
    lines = [f"+{line}" for line in payload.split("\n")]
    markup = render(diff("@@ -1 +1 @@", *lines, path=payload), diff("@@ -1 +1 @@", "+a"))
    tags = set(re.findall(r"</?[a-z]+", markup))
    assert {tag.strip("</") for tag in tags} == {"div", "details", "summary", "pre", "b", "i", "ins"}
