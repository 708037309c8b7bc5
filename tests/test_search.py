"""Searching: what is put into the index, and what the browser finds in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page

from generator.pages.languages import find_words
from generator.site.entries import make_entries
from generator.site.words import cut
from tests.browser import visit
from tests.page_archive import ENGINE, name_sha
from tests.sites import TABLES, ServedSite, make_tables

GROW, EXPLAIN, PIN = (f"{TABLES}/commit/{name_sha(number)}.html" for number in (0xA11CE, 0xB0B, 0xCAFE))
DAY = f"{TABLES}/2026/03/10.html"


def test_text_is_cut_into_words_and_into_pairs_of_characters() -> None:
    text = "修复前缀缓存bug，见vllm/core/parser_index.py（#12）\u200b e\u0301té\n— a / b"
    words = (
        "修复 复前 前缀 缀缓 缓存 存 bug ， 见 vllm/ core/ parser_index.py （ #12 ） \u00e9t\u00e9 — a / b"
    )
    assert cut(text) == words


def test_commit_is_entered_with_its_facts_and_its_facets() -> None:
    day, grow, *_ = make_entries(make_tables()[1])
    assert (day.entry.url, day.entry.meta["title"]) == (f"/{DAY}", f"{cut(TABLES)} 2026-03-10")
    assert grow.entry.url == f"/{GROW}#kind=fix&importance=high"
    assert grow.entry.meta == {
        "title": "[Core] Grow block_table_size in FooBarParser (#1234)",
        "day": "2026-03-10",
    }
    assert grow.facets == {
        "repository": (TABLES,),
        "kind": ("fix",),
        "importance": ("high",),
        "author": ("Ada Lovelace",),
    }
    assert grow.entry.content.startswith("修复 复调 调度 度器 器在")
    assert grow.entry.content.endswith(
        " · The scheduler crashes when the prefix cache is full. · vllm/ core/ parser_index.py · Ada Lovelace"
        f" · {name_sha(0xA11CE)[:12]} · PR#1234"
    )


QUERIES = {
    "a Chinese word from the middle": ("前缀缓存", GROW),
    "a piece that no dictionary knows": ("缀缓", GROW),
    "a single character": ("满", GROW),
    "a whole identifier": ("block_table_size", GROW),
    "the beginning of a long identifier": ("block_ta", GROW),
    "the end of an identifier": ("table_size", GROW),
    "the beginning of an identifier": ("FooBar", GROW),
    "the middle of an identifier": ("BarParser", GROW),
    "a file": ("parser_index.py", GROW),
    "a piece of a path": ("core/parser_index", GROW),
    "a number": ("#1234", GROW),
    "a short SHA": (name_sha(0xA11CE)[:7], GROW),
    "twelve digits of a SHA": (name_sha(0xA11CE)[:12], GROW),
    "a whole SHA": (name_sha(0xA11CE), GROW),
    "an address on a host": (f"https://github.com/kernel/tables/commit/{name_sha(0xA11CE)}", GROW),
    "another form of a word": ("crash", GROW),
    "words of two languages": ("scheduler 块表", GROW),
    "a phrase": ('"prefix cache"', GROW),
    "an author": ("王小明", EXPLAIN),
    "a word of a subject": ("wheel tags", EXPLAIN),
    "an acronym in an identifier": ("HTTPServer2", PIN),
    "a version": ("v0.7.4", PIN),
    "a date": ("2026-03-10", DAY),
}


def search(page: Page, query: str) -> list[str]:
    """Type into the header's box, and read where the results lead."""
    page.keyboard.press("/")
    page.locator(".md-search__input").fill(query)
    page.wait_for_selector(".md-search-result__list[aria-busy=false]", state="attached")
    return [str(link.get_attribute("href")) for link in page.locator(".md-search-result__list a").all()]


@pytest.fixture(scope="module")
def zh_page(site: ServedSite, browser: Browser) -> Iterator[tuple[Page, str]]:
    with visit(browser, site.url + PIN) as opened:
        yield opened.page, site.url


@pytest.fixture(scope="module")
def en_page(english_site: ServedSite, browser: Browser) -> Iterator[tuple[Page, str]]:
    with visit(browser, english_site.url) as opened:
        yield opened.page, english_site.url


@pytest.mark.parametrize(("query", "target"), QUERIES.values(), ids=QUERIES.keys())
def test_what_one_types_is_found_first(zh_page: tuple[Page, str], query: str, target: str) -> None:
    page, url = zh_page
    assert search(page, query)[0] == url + target


@pytest.mark.parametrize(("query", "target"), QUERIES.values(), ids=QUERIES.keys())
def test_it_is_found_on_english_pages_too(en_page: tuple[Page, str], query: str, target: str) -> None:
    page, url = en_page
    assert search(page, query)[0] == url + target


def test_characters_that_stand_apart_are_not_taken_for_a_word(zh_page: tuple[Page, str]) -> None:
    page, url = zh_page
    # Another commit speaks of 点缀 and of 放缓.
    assert search(page, "缀缓") == [url + GROW]


def test_arrow_keys_and_enter_lead_to_a_result_and_escape_away(site: ServedSite, browser: Browser) -> None:
    with visit(browser, site.url) as opened:
        page = opened.page
        found = search(page, "2026-03-10")
        assert len(found) > 2
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowUp")
        page.keyboard.press("Escape")
        assert not page.locator(".md-search__output").is_visible()
        page.keyboard.press("/")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        page.wait_for_url(found[1])
        assert opened.complaints == []


def test_search_page_narrows_by_facets_and_keeps_the_question_in_its_address(
    site: ServedSite, browser: Browser
) -> None:
    with visit(browser, f"{site.url}search.html?q=2026-03-10&kind=docs") as opened:
        page = opened.page
        page.wait_for_selector(".db-search__list a")
        hits = page.locator(".db-search__list a")
        assert [hit.get_attribute("href") for hit in hits.all()] == [site.url + EXPLAIN]
        page.get_by_label("变更类型").select_option("ci")
        page.wait_for_url("**kind=ci**")
        page.wait_for_selector(f".db-search__list a[href='{site.url}{PIN}']")
        page.reload()
        page.wait_for_selector(".db-search__list a")
        assert [hit.get_attribute("href") for hit in hits.all()] == [site.url + PIN]
        assert opened.complaints == []


def test_hostile_result_is_shown_as_text(site: ServedSite, browser: Browser) -> None:
    with visit(browser, site.url) as opened:
        page = opened.page
        found = search(page, "Revert scheduler")
        assert found[0] == f"{site.url}{ENGINE}/commit/{name_sha(6)}.html"
        assert (
            "</title><script>window.__pwned = 1</script>" in page.locator(".db-hit__title").first.inner_text()
        )
        page.goto(f"{site.url}search.html?q=Revert+scheduler")
        page.wait_for_selector(".db-search__list a")
        inside = page.evaluate("[...document.querySelectorAll('.db-hit *')].map(e => e.localName)")
        assert set(inside) <= {"bdi", "span", "mark"}
        assert page.evaluate("window.__pwned") is None
        assert opened.complaints == []


def test_word_that_nobody_wrote_finds_nothing_that_is_called_a_match(
    site: ServedSite, browser: Browser
) -> None:
    with visit(browser, site.url) as opened:
        search(opened.page, "zzyzx")
        status = opened.page.locator(".md-search-result__meta").inner_text()
        assert status in ("没有找到", "没有完全匹配的结果，以下是相近的结果")


TEXT = "修复前缀缓存：`block_table_size`为0时，见 vllm/core/parser_index.py（感谢 王小明）。 Don't crash — é."


def find_module(page: Page, name: str) -> str:
    """Find the address of a module beside the script that the page has loaded."""
    return str(page.evaluate("name => new URL(name, document.querySelector('script').src).href", name))


def test_shown_text_is_the_text_that_was_cut(zh_page: tuple[Page, str]) -> None:
    page, _ = zh_page
    read = "async ([url, words]) => (await import(url)).readText(words)"
    shown = page.evaluate(read, [find_module(page, "search-terms.js"), cut(TEXT)])
    assert shown.replace(" ", "") == TEXT.replace(" ", "")
    assert (
        "修复前缀缓存：`block_table_size` 为 0 时，见 vllm/core/parser_index.py（感谢王小明）。Don't crash"
        in shown
    )


def test_every_piece_of_a_text_is_asked_for_by_words_that_were_cut_from_it(zh_page: tuple[Page, str]) -> None:
    page, _ = zh_page
    starts = [0] + [place for place in range(1, len(TEXT)) if not (TEXT[place - 1] + TEXT[place]).isascii()]
    pieces = [TEXT[start:end] for start in starts for end in range(start + 1, len(TEXT) + 1)]
    ask = "async ([url, pieces]) => { const t = await import(url); return pieces.map(p => t.makeQueries(p)[0] ?? '') }"
    asked = page.evaluate(ask, [find_module(page, "search-terms.js"), pieces])
    archived = [re.sub(r"\W", "", word).lower() for word in cut(TEXT).split(" ")]
    lost = [
        (piece, term)
        for piece, terms in zip(pieces, asked, strict=True)
        for term in terms.lower().split()
        if not any(word.startswith(term) for word in archived)
    ]
    assert lost == []
    assert len(pieces) > 500


@pytest.mark.parametrize("language", ["zh", "en"])
def test_kinds_and_importance_read_as_on_the_pages(
    zh_page: tuple[Page, str], en_page: tuple[Page, str], language: Literal["zh", "en"]
) -> None:
    page, _ = zh_page if language == "zh" else en_page
    shown = page.evaluate(
        "async url => { const { words } = await import(url); return [words.kind, words.importance] }",
        find_module(page, "search-words.js"),
    )
    words = find_words(language)
    assert shown == [
        {str(kind): word for kind, word in words.kinds.items()},
        {str(i): word for i, word in words.importance.items()},
    ]


def test_quotes_keep_their_distance_in_english_and_none_in_chinese(zh_page: tuple[Page, str]) -> None:
    page, _ = zh_page
    read = "async ([url, words]) => (await import(url)).readText(words)"
    texts = ["Feature: “Add x”. It says “don’t” twice.", "修复：“修复缓存”。说明“如下”等。"]
    assert [page.evaluate(read, [find_module(page, "search-terms.js"), cut(text)]) for text in texts] == texts


def test_more_results_are_offered_only_where_there_are_more(site: ServedSite, browser: Browser) -> None:
    with visit(browser, f"{site.url}search.html?q=2026-03-10&kind=docs") as opened:
        opened.page.wait_for_selector(".db-search__list a")
        assert opened.page.locator(".db-search .md-button").count() == 1
        assert not opened.page.locator(".db-search .md-button").is_visible()
