"""The escaper, in every place of a page and under any text: the reader sees the text, and nothing else is there.

test_markup.py holds the same of Markdown's own places with few texts; here are the places that pages are made of, and
as many texts as there is time for.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mkdocs.utils.meta import get_data

from generator.pages import markup, page
from generator.pages.markup import cut, escape, render_list, render_message
from generator.pages.page import FrontMatter, make_page
from tests.mutants import find_failure
from tests.soak import IS_LONG, count_cases, try_examples
from tests.test_markup import PARSERS, PAYLOADS, as_one_line, convert, read_tree, restore

# Renders a plain text into the source of a page.
Place = Callable[[str], str]

PLACES: dict[str, Place] = {
    "paragraph": lambda text: f"<p>{markup.escape(text)}</p>\n\n<p>after</p>",
    "list item": lambda text: render_list([markup.escape(text), markup.escape(text)]),
    "table cell": lambda text: (
        f"<table>\n<tr><td>{markup.escape(text)}<td>x\n</table>\n\n<p>{markup.escape(text)}</p>"
    ),
    "heading": lambda text: f"<p>before</p>\n\n## {markup.escape(text)}\n\n<p>after</p>",
    "attribute": lambda text: f'<p title="{markup.escape(text)}">x</p>\n\n<p>after</p>',
    "pre": lambda text: f"<p>before</p>\n\n{render_message(text)}\n\n<p>after</p>",
    "Markdown cell": lambda text: f"| a | b |\n|---|---|\n| {markup.escape(text)} | x |",
    "Markdown item": lambda text: f"- {markup.escape(text)}\n- x",
}
# Stands for any text, and occurs nowhere else in a place.
HARMLESS = "zz"

_MARKS = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~ \n\r\tab1"
texts = st.lists(
    st.one_of(
        st.sampled_from(PAYLOADS),
        st.text(max_size=12),
        st.text(st.sampled_from(_MARKS), max_size=12),
        st.text(st.characters(categories=["Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs", "Mn"]), max_size=4),
    ),
    max_size=5,
).map("".join)


def check_place(place: str, text: str, parser: str) -> None:
    """Check that a text adds nothing to a place but itself."""
    elements, found = read_tree(convert(PLACES[place](text), PARSERS[parser]))
    expected_elements, expected = read_tree(convert(PLACES[place](HARMLESS), PARSERS[parser]))
    shown = read_shown(place, text)
    values = [value for _, attributes in elements for value in attributes.values()]
    expected_values = [value for _, attributes in expected_elements for value in attributes.values()]
    assert [restore(value) for value in values] == [
        restore(value.replace(HARMLESS, shown)) for value in expected_values
    ]
    assert name_attributes(elements) == name_attributes(expected_elements)
    assert restore(found) == restore(expected.replace(HARMLESS, shown))


def read_shown(place: str, text: str) -> str:
    """Say what a reader sees of a text."""
    return text.replace("\r\n", "\n").strip("\n") if place == "pre" else as_one_line(text)


def name_attributes(elements: list[tuple[str, dict[str, str]]]) -> list[tuple[str, list[str]]]:
    """Name all elements and their attributes, whatever is in these."""
    return [(name, list(attributes)) for name, attributes in elements]


def check_title(text: str) -> None:
    """Check that a text in front matter is the title as it stands, printed as the templates print it."""
    made = make_page("x.md", FrontMatter(title=text), "<p>body</p>")
    body, meta = get_data(made.text)
    title = meta.get("title", "")
    assert set(meta) <= {"title"}
    assert body == "<p>body</p>\n"
    elements, found = read_tree(
        f'<title>{title} - site</title><header><span>{title}</span></header><meta content="{title}">'
    )
    shown = restore(as_one_line(cut(text, page.LONGEST_TITLE)))
    kept = [(name, {key: restore(value) for key, value in values.items()}) for name, values in elements]
    assert [element for element in kept if element[0] not in ("html", "head", "body")] == [
        ("title", {}),
        ("header", {}),
        ("span", {}),
        ("meta", {"content": shown}),
    ]
    assert restore(found) == f"{shown} - site{shown}"


@pytest.mark.parametrize("place", PLACES)
def test_text_in_a_place_of_a_page_is_only_text(place: str) -> None:
    with count_cases(f"escaper: {place}") as count:

        @given(text=texts.filter(bool), parser=st.sampled_from(sorted(PARSERS)))
        @try_examples(200, 100_000)
        def check(text: str, parser: str) -> None:
            count.add()
            check_place(place, text, parser)

        check()


def test_text_in_a_title_is_only_text() -> None:
    with count_cases("escaper: title") as count:

        @given(text=texts.filter(bool))
        @try_examples(300, 100_000)
        def check(text: str) -> None:
            count.add()
            check_title(text)

        check()


def test_every_character_there_is_stays_one_character_or_becomes_a_mark() -> None:
    # The planes between hold Chinese characters alone, or nothing yet.
    planes = range(17) if IS_LONG else (0, 1, 14)
    for start in (0x10000 * plane + 0x1000 * part for plane in planes for part in range(16)):
        text = "".join(map(chr, range(start, start + 0x1000)))
        shown = html.unescape(escape(text.replace("&", "")))
        assert restore(shown) == as_one_line(text.replace("&", ""))
        assert not re.search(
            r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", shown
        )


def _without(mark: str) -> Callable[[str], str]:
    return lambda text: escape(text).replace(f"&#{ord(mark)};", mark)


def _unmarked(text: str) -> str:
    return re.sub(
        r"&#91;U&#43;([0-9A-F]+)&#93;", lambda mark: f"&#{int(mark[1], 16)};", escape(text), flags=re.ASCII
    )


# Each forgets one thing, and the places where that can be seen.
MUTANTS: dict[str, tuple[Callable[[str], str], frozenset[str]]] = {
    "html.escape": (html.escape, frozenset(PLACES) - {"pre"}),
    "nothing at all": (lambda text: text, frozenset(PLACES) - {"pre"}),
    "invisible characters stay": (_unmarked, frozenset(PLACES) - {"pre"}),
    "less-than stays": (_without("<"), frozenset(PLACES) - {"pre", "attribute"}),
    "quote stays": (_without('"'), frozenset({"attribute"})),
    "brackets stay": (_without("["), frozenset({"heading", "Markdown cell", "Markdown item"})),
    "asterisks stay": (_without("*"), frozenset({"heading", "Markdown cell", "Markdown item"})),
    "backticks stay": (_without("`"), frozenset({"heading", "Markdown cell", "Markdown item"})),
    "columns end": (_without("|"), frozenset({"Markdown cell"})),
    "ampersands stay": (_without("&"), frozenset(PLACES) - {"pre"}),
}


@pytest.mark.parametrize("mutant", MUTANTS)
def test_an_escaper_that_forgets_something_is_caught(mutant: str, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong, places = MUTANTS[mutant]
    monkeypatch.setattr(markup, "escape", wrong)
    survived = {
        place
        for place in sorted(places)
        if not find_failure(
            partial(check_place, place), texts.filter(bool), st.just("many extensions"), examples=1500
        )
    }
    assert survived == set()


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("_translate", lambda text, _: html.escape(text)),
        ("_BREAK_BEFORE_SPACE", re.compile("(?!)")),
        ("_MANY_LINES", markup._ONE_LINE),
    ],
)
def test_a_message_whose_block_ends_early_is_caught(
    name: str, wrong: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(markup, name, wrong)
    assert find_failure(
        partial(check_place, "pre"), texts.filter(bool), st.sampled_from(sorted(PARSERS)), examples=1500
    )


@pytest.mark.parametrize("wrong", [html.escape, html.unescape, str, _unmarked, _without("<")])
def test_a_title_that_is_more_than_text_is_caught(
    wrong: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "escape", wrong)
    assert find_failure(check_title, texts.filter(bool), examples=1500)
