"""Searching: what is put into the index, and what the browser finds in it."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Page

from generator.analyse.conventions import learn_conventions
from generator.analyse.rules import analyse
from generator.pages.languages import find_words
from generator.patches import Change
from generator.records import Commit, Covered, FileChange, Signature
from generator.site.entries import make_entries
from generator.site.terms import find_terms
from generator.site.words import cut, tidy
from tests.browser import visit
from tests.page_archive import (
    ENGINE,
    ZONE,
    MadeArchive,
    make_commit,
    make_day,
    make_repository,
    name_sha,
)
from tests.sites import TABLES, ServedSite, build, make_tables, serve, write_archive

GROW, EXPLAIN, PIN = (f"{TABLES}/commit/{name_sha(number)}.html" for number in (0xA11CE, 0xB0B, 0xCAFE))
DAY = f"{TABLES}/2026/03/10.html"


def test_text_is_cut_into_words_and_into_pairs_of_characters() -> None:
    text = "修复前缀缓存bug，见vllm/core/parser_index.py（#12）\u200b e\u0301té\n— a / b"
    words = (
        "修复 复前 前缀 缀缓 缓存 存 bug ， 见 vllm/ core/ parser_index.py （ #12 ） \u00e9t\u00e9 — a / b"
    )
    assert cut(tidy(text)) == words


@pytest.mark.parametrize(
    ("word", "whole", "parts"),
    [
        ("crash", "crash", ()),
        ("Crash.", "crash", ()),
        ("block_table_size", "block_table_size", ("block", "table", "size")),
        ("_private", "_private", ("private",)),
        ("FooBarParser", "foobarparser", ("foo", "bar", "parser")),
        ("HTTPServer2", "httpserver2", ("http", "server")),
        ("h200d", "h200d", ("200",)),
        ("v0.7.4", "v074", ()),
        ("parser_index.py", "parser_indexpy", ("parser", "index", "py")),
        ("\u00c9tudeCaf\u00e9", "etudecafe", ("etude", "cafe")),
        ("缀缓", "缀缓", ()),
        ("#1234", "1234", ()),
        ("——", "", ()),
    ],
)
def test_word_is_known_by_itself_and_by_its_parts(word: str, whole: str, parts: tuple[str, ...]) -> None:
    assert find_terms(word) == (whole, parts)


def test_commit_is_entered_with_its_facts_and_its_facets() -> None:
    day, grow, *_ = make_entries(make_tables()[1])
    assert (day.url, day.title, day.text) == (f"/{DAY}", f"{TABLES} 2026-03-10", TABLES)
    assert (grow.url, grow.day) == (f"/{GROW}", "2026-03-10")
    assert grow.title == "[Core] Grow block_table_size in FooBarParser (#1234)"
    assert grow.facets == {
        "repository": (TABLES,),
        "kind": ("fix",),
        "importance": ("high",),
        "author": ("Ada Lovelace",),
    }
    assert grow.text.startswith("修复调度器在")
    assert grow.text.endswith(
        " · The scheduler crashes when the prefix cache is full. · vllm/core/parser_index.py · Ada Lovelace"
        f" · {name_sha(0xA11CE)[:12]} · PR#1234"
    )


def test_text_of_a_result_is_one_line_without_what_nobody_can_see() -> None:
    assert tidy(" a\u202eb\n\n c\u200b\te\u0301 ") == "ab c \u00e9"


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
    "parts of a path with others between": ("vllm/parser_index", GROW),
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


def test_every_piece_of_a_text_is_asked_for_by_words_that_were_cut_from_it(zh_page: tuple[Page, str]) -> None:
    page, _ = zh_page
    starts = [0] + [place for place in range(1, len(TEXT)) if not (TEXT[place - 1] + TEXT[place]).isascii()]
    pieces = [TEXT[start:end] for start in starts for end in range(start + 1, len(TEXT) + 1)]
    ask = """async ([url, pieces]) => {
        const t = await import(url);
        return pieces.map(p => t.normalise(t.makeQueries(p)[0] ?? "").term);
    }"""
    asked = page.evaluate(ask, [find_module(page, "search-terms.js"), pieces])
    words = cut(tidy(TEXT)).split(" ")
    archived = [term for word in words for whole, parts in (find_terms(word),) for term in (whole, *parts)]
    lost = [
        (piece, term)
        for piece, terms in zip(pieces, asked, strict=True)
        for term in terms.split()
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
        "async url => { const { words: w } = await import(url);"
        " return [w.kind, w.importance, w.breaking, w.breakingMark] }",
        find_module(page, "search-words.js"),
    )
    words = find_words(language)
    assert shown == [
        {str(kind): word for kind, word in words.kinds.items()},
        {str(i): word for i, word in words.importance.items()},
        {answer: word for answer, word in words.breaking_answers.items() if answer != "no"},
        words.breaking_mark,
    ]


WORDS = (
    "HTTPServer2 getURLs h2d v0.7.4 kv_cache__v2_ --max-num-seqs= FooBar2Baz3 a1b2c3 XMLHttpRequest libfoo.so.1 "
    "\u00c9tudeCaf\u00e9 \u00dcberGr\u00f6\u00dfe \u0416\u0443\u043a2 na\u00efve-\u0130stanbul x86_64 C++ C# "
    "\u03a3\u03af\u03c3\u03c5\u03c6\u03bf\u03c2 #1234 100% don't e\u0301a"
).split(" ")


def test_query_is_cut_into_the_very_terms_of_what_is_archived(zh_page: tuple[Page, str]) -> None:
    page, _ = zh_page
    ask = """async ([url, words]) => {
        const t = await import(url);
        return words.map(w => t.makeQueries(w).map(q => t.normalise(q).term.split(" ")));
    }"""
    # A number is asked for otherwise.
    words = [word for word in WORDS if word != "#1234"]
    asked = page.evaluate(ask, [find_module(page, "search-terms.js"), words])
    for word, queries in zip(words, asked, strict=True):
        whole, parts = find_terms(tidy(word))
        assert queries in ([[whole]], [[whole], list(parts)]), word
        assert (len(queries) == 2) == bool(parts), word


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        ('"prefix cache is full"', True),
        ('"Prefix  CACHE"', True),
        ('"cache prefix"', False),
        ('"crashes when the cache"', False),
        ('"前缀缓存写满"', True),
        ('"写满前缀缓存"', False),
    ],
)
def test_phrase_is_found_only_where_its_words_stand_together(
    zh_page: tuple[Page, str], query: str, is_found: bool
) -> None:
    page, url = zh_page
    search(page, query)
    status = page.locator(".md-search-result__meta").inner_text()
    assert status.startswith("找到") == is_found
    if is_found:
        assert search(page, query)[0] == url + GROW


def test_more_results_are_offered_only_where_there_are_more(site: ServedSite, browser: Browser) -> None:
    with visit(browser, f"{site.url}search.html?q=2026-03-10&kind=docs") as opened:
        opened.page.wait_for_selector(".db-search__list a")
        assert opened.page.locator(".db-search .md-button").count() == 1
        assert not opened.page.locator(".db-search .md-button").is_visible()


def test_arrow_keys_go_through_the_results_of_the_search_page_and_escape_back(
    site: ServedSite, browser: Browser
) -> None:
    with visit(browser, f"{site.url}search.html") as opened:
        page = opened.page
        query = page.locator(".db-search__query")
        page.wait_for_selector(".db-search option[value=ci]", state="attached")
        assert query.evaluate("q => q === document.activeElement")
        page.keyboard.type("2026-03-10")
        page.keyboard.press("Enter")
        page.wait_for_selector(".db-search__list[aria-busy=false] a")
        hits = [hit.get_attribute("href") for hit in page.locator(".db-search__list a").all()]
        focused = "document.activeElement.href"
        page.keyboard.press("ArrowDown")
        assert page.evaluate(focused) == hits[0]
        page.keyboard.press("ArrowDown")
        assert page.evaluate(focused) == hits[1]
        page.keyboard.press("ArrowUp")
        page.keyboard.press("ArrowUp")
        assert query.evaluate("q => q === document.activeElement")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Escape")
        assert query.evaluate("q => q === document.activeElement")
        assert query.input_value() == "2026-03-10"
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        page.wait_for_url(str(hits[0]))
        assert opened.complaints == []


def read_hits(page: Page) -> list[str]:
    """Wait for the search page's answer, and read where it leads."""
    page.wait_for_selector(".db-search__list[aria-busy=false]", state="attached")
    return [str(hit.get_attribute("href")) for hit in page.locator(".db-search__list a").all()]


def test_going_back_leads_from_each_question_to_the_one_before(site: ServedSite, browser: Browser) -> None:
    with visit(browser, f"{site.url}search.html?kind=docs&q=2026-03-10") as opened:
        page = opened.page
        assert read_hits(page) == [site.url + EXPLAIN]
        # The address of a link is left as it is.
        assert page.url.endswith("?kind=docs&q=2026-03-10")
        page.get_by_label("变更类型").select_option("ci")
        page.wait_for_selector(f".db-search__list a[href='{site.url}{PIN}']")
        page.locator(".db-search__query").fill("")
        page.locator(".db-search__query").press_sequentially("HTTPServer2")
        page.wait_for_url("**q=HTTPServer2**")
        page.locator(f".db-search__list a[href='{site.url}{PIN}']").click()
        page.wait_for_url(site.url + PIN)
        page.go_back()
        page.wait_for_url("**q=HTTPServer2**")
        assert read_hits(page) == [site.url + PIN]
        page.go_back()
        page.wait_for_url("**?q=2026-03-10&kind=ci")
        page.wait_for_function("() => document.querySelector('.db-search__query').value === '2026-03-10'")
        page.go_back()
        page.wait_for_url("**?kind=docs&q=2026-03-10")
        page.wait_for_selector(f".db-search__list a[href='{site.url}{EXPLAIN}']")
        assert page.get_by_label("变更类型").input_value() == "docs"
        page.go_forward()
        page.wait_for_selector(f".db-search__list a[href='{site.url}{PIN}']")
        assert opened.complaints == []


def test_filters_are_cleared_together_and_the_question_stays(site: ServedSite, browser: Browser) -> None:
    with visit(browser, f"{site.url}search.html?q=2026-03-10&kind=docs&author=ada&order=newest") as opened:
        page = opened.page
        read_hits(page)
        page.get_by_text("清除筛选").or_(page.locator("[value=清除筛选]")).click()
        page.wait_for_url("**?q=2026-03-10&order=newest")
        assert not page.locator("[value=清除筛选]").is_visible()


def test_what_is_read_out_is_named_and_told_of(site: ServedSite, browser: Browser) -> None:
    with visit(browser, f"{site.url}search.html?q=scheduler") as opened:
        page = opened.page
        read_hits(page)
        assert (
            page.get_by_role("main").get_by_role("search").get_by_role("searchbox", name="搜索内容").count()
            == 1
        )
        names = ["仓库", "变更类型", "重要程度", "破坏性变更", "年份", "作者", "排序"]
        assert [page.get_by_role("combobox", name=name, exact=True).count() for name in names] == [1] * 7
        assert page.get_by_role("list", name="搜索结果").get_by_role("link").count() > 0
        assert page.get_by_role("main").get_by_role("status").inner_text().startswith("找到")


# Commits of a real repository: of those with Chinese words in them all, of the others some.
HISTORY = Path(__file__).with_name("commits.json")
REAL = "vllm-project/vllm-ascend"
TWELVE = {
    "用例修改": "cba211e9dc",
    "熵校验": "77ff28652b",
    "单机分别部署": "753d7ba875",
    "麒麟操作系统": "eed1957f03",
    "中国联通": "8326f15ecf",
    "版本说明": "8f5962baf9",
    "split_qkv_tp_rmsnorm_rope": "9d1452c74d",
    "apply_mlp w1_scale": "a336543977",
    "ab676413e": "ab676413e6",
    "#8629": "17459d9f30",
    "落笔苍穹": "11e0040727",
    "fused_moe/prepare_finalize": "6e52ce3e79",
}


def read_history() -> MadeArchive:
    """Read a real history, as it is archived by the rules."""
    told = json.loads(HISTORY.read_text(encoding="utf-8"))["commits"]
    conventions = learn_conventions(one["subject"] for one in told)
    days: dict[date, list[Commit]] = defaultdict(list)
    for one in told:
        commit = read_commit(one)
        analysis = analyse(Change(facts=commit), conventions, "zh")
        day = commit.landed.astimezone(ZoneInfo(ZONE)).date()
        days[day].insert(0, commit.model_copy(update={"analysis": analysis}))
    covered = Covered(first=min(days), last=max(days))
    repository = make_repository(
        REAL, web=f"https://github.com/{REAL}", tip=told[0]["sha"], covered=(covered,)
    )
    return MadeArchive((repository,), tuple(make_day(REAL, day, days[day]) for day in sorted(days)))


def read_commit(told: dict[str, Any]) -> Commit:
    number = re.search(r"\(#([0-9]+)\)$", told["subject"])
    return make_commit(
        1,
        told["landed"],
        sha=told["sha"],
        landing_sha=told["sha"],
        landed=datetime.fromisoformat(told["landed"]),
        parents=(),
        subject=told["subject"],
        body=told["body"],
        author=Signature(name=told["author"], date=told["authored"]),
        files=tuple(
            FileChange(status="M", path=path, insertions=insertions, deletions=deletions)
            for path, insertions, deletions in told["files"]
        ),
        pull_request=int(number[1]) if number else None,
    )


@pytest.fixture(scope="module")
def real_page(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[tuple[Page, str]]:
    root = tmp_path_factory.mktemp("real")
    write_archive(root, read_history())
    build(root)
    with serve(root, "https://example.org/daybook/") as served, visit(browser, served.url) as opened:
        yield opened.page, served.url


@pytest.mark.parametrize(("query", "sha"), TWELVE.items(), ids=str)
def test_in_a_real_history_what_one_asks_for_is_found_first(
    real_page: tuple[Page, str], query: str, sha: str
) -> None:
    page, url = real_page
    assert search(page, query)[0].startswith(f"{url}{REAL}/commit/{sha}")
