"""A thousand texts that would run a program, in every field of the records: no page does anything but show them.

Each page of a real build is read by an HTML parser and opened in a real browser; so are the search with what it finds,
and the page for addresses that are not there. In the short form several texts stand together in a field, in the long
one each stands alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from playwright.sync_api import Browser, Page

from generator.config_values import check_name
from generator.site.words import tidy
from tests.page_archive import name_sha
from tests.payload_archive import NAMES, Placed, place_texts, write_hostile_archive
from tests.payload_pages import ReadPage, fold, list_pages, read_page
from tests.payloads import PAYLOADS, disarm, join_payloads, read_classes, show
from tests.sites import build, serve
from tests.soak import count_cases, scale
from tests.test_search import search
from tests.watching import Seen, watch

SITE_URL = "https://example.org/daybook/"
TOGETHER = scale(10, 1)
# What a reader types, or follows, is longer than what anybody writes into a field.
ASKED, MISSED = join_payloads(scale(40, 1)), join_payloads(scale(20, 1))
# What shows that the search, and the page for missing addresses, have said all that they will.
SEARCHED = """({ contentDocument: page }) => {
    const status = page.querySelector("main [role=status]")?.textContent;
    return status && !status.startsWith("正在");
}"""
LOOKED = """({ contentWindow: { performance } }) => performance.getEntriesByName("daybook:looked").length"""
# What every commit of the archive is, how its results are found, and what shows more of them.
EVERYTHING, RESULTS, MORE = "search.html?kind=feature", ".db-search__list a", ".db-search button"
# So many fields of a record are shown on a commit's page in full.
FIELDS = 25


@dataclass(frozen=True)
class HostileSite:
    """A served site full of hostile texts, and one that says nothing in the same places."""

    url: str
    folder: Path
    harmless: Path
    placed: tuple[Placed, ...]

    def read(self, path: str) -> tuple[ReadPage, ReadPage]:
        """Read a page of both."""
        hostile, harmless = (
            (site / path).read_text(encoding="utf-8") for site in (self.folder, self.harmless)
        )
        return read_page(hostile), read_page(harmless)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HostileSite]:
    placed = place_texts(join_payloads(TOGETHER))
    roots = [tmp_path_factory.mktemp(name) for name in ("hostile", "harmless")]
    write_hostile_archive(roots[0], placed, str)
    write_hostile_archive(roots[1], placed, disarm)
    for root in roots:
        build(root)
    with serve(roots[0], SITE_URL) as served:
        yield HostileSite(served.url, served.folder, roots[1] / "site", placed)


def test_there_are_many_payloads_of_many_classes_and_no_two_are_alike() -> None:
    classes = read_classes()
    assert len(PAYLOADS) > 1000
    assert len(set(PAYLOADS)) == len(set(map(disarm, PAYLOADS))) == len(PAYLOADS)
    assert len(classes) == 20
    assert min(classes.values()) >= 8, classes


def test_names_of_repositories_are_as_hostile_as_the_rule_lets_them_be() -> None:
    assert [check_name(name) for name in NAMES] == list(NAMES)


def test_payloads_run_and_fetch_where_nothing_stops_them(hostile: HostileSite, browser: Browser) -> None:
    tried = PAYLOADS[:: scale(8, 1)]
    with watch(browser) as watching:
        watching.write(hostile.url, tried)
    # The others wait for a click, for an old browser, or for another place than a page's body.
    assert len({run for run in watching.runs if run.isdigit()}) > len(tried) / 5
    assert len(watching.requests) > len(tried) / 100


def find_layout(path: str, page: ReadPage) -> list[tuple[object, ...]]:
    """Say what a page is made of, without what is asked of the search: names that people and folders bear.

    By their names those who landed as much are put in order, so authors come in any; and folders, which are cut at
    their slashes, are of any number.
    """
    if path.endswith("/trends.html"):
        return [*sorted({(name, *sorted(found)) for name, found in page.elements if name != "wbr"})]
    elements: list[tuple[object, ...]] = [
        (name, *((key, forget_question(value)) for key, value in sorted(found.items())))
        for name, found in page.elements
    ]
    return sorted(elements, key=repr) if path.endswith("/authors.html") else elements


def forget_question(value: str) -> str:
    return re.sub("(?<==)[^&]*", "", value) if "search.html?" in value else value


def test_every_page_has_the_elements_of_a_harmless_one_and_shows_every_text_in_full(
    hostile: HostileSite,
) -> None:
    pages = list_pages(hostile.folder)
    assert pages == list_pages(hostile.harmless)
    texts = {one.page: one.text for one in hostile.placed}
    with count_cases("hostile pages read by a parser") as count:
        for path in pages:
            count.add()
            read, expected = hostile.read(path)
            assert find_layout(path, read) == find_layout(path, expected), path
            if path in texts:
                assert read.text.count(fold(show(texts[path]))) >= FIELDS, path


def test_no_page_runs_fetches_or_holds_anything_that_is_not_its_own(
    hostile: HostileSite, browser: Browser
) -> None:
    pages = list_pages(hostile.folder)
    assert len(pages) > len(hostile.placed)
    # Each holds payloads of many fields; a parser reads them all.
    pages = pages[:: scale(2, 1)]
    with watch(browser) as watching, count_cases("hostile pages opened in a browser") as count:
        texts = {one.page: quote(one.text, safe="") for one in hostile.placed}
        asked = [f"{path}?q={texts.get(path, '')}#{texts.get(path, '')}" for path in pages]
        for path, address, seen in zip(pages, asked, watching.open(hostile.url, asked), strict=True):
            count.add()
            read = read_page((hostile.folder / path).read_text(encoding="utf-8"))
            seen.check(hostile.url + address, path, read)
    assert watching.heard == []


def test_every_page_has_one_policy_that_lets_no_inline_script_run(hostile: HostileSite) -> None:
    for path in list_pages(hostile.folder):
        page = (hostile.folder / path).read_text(encoding="utf-8")
        (policy,) = re.findall(r"<meta http-equiv=\"?Content-Security-Policy\"? content=\"([^\"]*)\"", page)
        rules = dict(rule.split(" ", 1) for rule in policy.split(";"))
        assert rules["default-src"] == "'none'", path
        assert set(rules["script-src"].split()) == {"'self'", "'wasm-unsafe-eval'"}, path
        assert (rules["base-uri"], rules["form-action"]) == ("'none'", "'none'"), path
        # It holds for what comes after it, and nothing before it loads or runs.
        assert not re.search(r"<(script|link|style|img|base)\b", page[: page.index(policy)]), path


def test_search_shows_every_hostile_result_as_text(hostile: HostileSite, browser: Browser) -> None:
    with watch(browser) as watching:
        watching.page.goto(hostile.url + EVERYTHING)
        rows = read_all_results(watching.page)
        assert len(rows) == len(hostile.placed)
        told = {address: (title, set(elements)) for address, title, elements in rows}
        for one in hostile.placed:
            title, elements = told[hostile.url + one.page]
            assert title == (tidy(one.text) or name_sha(one.number)[:12])
            assert elements <= {"bdi", "span", "mark"}
    assert watching.heard == []


def read_all_results(page: Page) -> list[tuple[str, str, list[str]]]:
    """Have the search page show more until there is no more; read each result's address, title and elements."""
    page.wait_for_selector(RESULTS)
    while page.locator(MORE).is_visible():
        page.locator(MORE).click()
        # It may not be clicked while it looks for more.
        page.wait_for_function("more => !document.querySelector(more).disabled", arg=MORE)
    read = """links => links.map(link => [
        link.href, link.querySelector("bdi").textContent, [...link.querySelectorAll("*")].map(e => e.localName)])"""
    return [
        (address, title, elements) for address, title, elements in page.locator(RESULTS).evaluate_all(read)
    ]


def test_what_the_search_page_is_asked_is_text(hostile: HostileSite, browser: Browser) -> None:
    with watch(browser) as watching, count_cases("hostile questions in the address of the search") as count:
        harmless = [EVERYTHING, "search.html?q=pwned", "search.html?q=zzyzx&author=zzyzx"]
        known = find_shapes(watching.open(hostile.url, harmless, ready=SEARCHED))
        fields = cycle(("q", "author", "year", "repository", "kind"))
        asked = [f"search.html?{urlencode({next(fields): text})}#{quote(text)}" for text in ASKED]
        for address, seen in zip(
            asked, watching.open(hostile.url, asked, ready=SEARCHED, at_once=8), strict=True
        ):
            count.add()
            assert (seen.handlers, seen.is_safe) == ([], True)
            assert find_shapes([seen]) <= known, address
            assert [href for href in list_links(seen) if not href.startswith(hostile.url)] == [], address
    assert watching.heard == []


def find_shapes(pages: Iterable[Seen]) -> set[tuple[str, frozenset[str]]]:
    """Find which elements there are, and with which attributes."""
    return {(name, frozenset(attributes)) for seen in pages for name, attributes in seen.elements}


def list_links(seen: Seen) -> list[str]:
    """List where the results of a page lead."""
    links = (attributes["href"] for name, attributes in seen.elements if name == "a")
    return [href for href in links if not re.fullmatch(r"[a-z]+\.html", href)]


def test_what_one_types_into_the_box_is_text(hostile: HostileSite, browser: Browser) -> None:
    with watch(browser) as watching, count_cases("hostile questions typed into the box") as count:
        page = watching.page
        page.goto(hostile.url + hostile.placed[0].page)
        search(page, "pwned")
        known = list_box(page)
        for text in join_payloads(scale(80, 1)):
            count.add()
            search(page, text)
            assert list_box(page) <= known, text
    assert watching.heard == []


def list_box(page: Page) -> set[str]:
    """List what elements the box shows its results with."""
    elements = "[...document.querySelectorAll('[role=search] *')].map(e => e.localName)"
    handlers = (
        "[...document.querySelectorAll('*')].flatMap(e => e.getAttributeNames()).filter(n => /^on/.test(n))"
    )
    return {*page.evaluate(elements), *page.evaluate(handlers)}


def test_address_that_is_not_there_is_text(hostile: HostileSite, browser: Browser) -> None:
    with watch(browser) as watching, count_cases("hostile addresses that are not there") as count:
        harmless = ["no/such/page", f"{NAMES[0]}/commit/deadbeef", "pwned"]
        known = find_shapes(watching.open(hostile.url, harmless, ready=LOOKED))
        forms = cycle(("{text}", "no/such/{text}.html", "{text}/commit/deadbeef"))
        asked = [f"{next(forms).format(text=quote(text, safe=''))}?q={quote(text)}" for text in MISSED]
        for address, seen in zip(
            asked, watching.open(hostile.url, asked, ready=LOOKED, at_once=20), strict=True
        ):
            count.add()
            assert (seen.handlers, seen.is_safe) == ([], True), address
            assert find_shapes([seen]) <= known, address
            own = (hostile.url, "/daybook/")
            assert [href for href in list_links(seen) if not href.startswith(own)] == [], address
    assert watching.heard == []


@pytest.mark.parametrize("address", ["%E0%A4%A", "%", "%zz/commit/deadbeef", "%c0%bc/commit/abcd1234.html"])
def test_address_that_nobody_can_decode_has_the_page_of_every_missing_one(
    hostile: HostileSite, browser: Browser, address: str
) -> None:
    with watch(browser) as watching:
        (seen,) = watching.open(hostile.url, [address], ready=LOOKED)
        page = read_page((hostile.folder / "404.html").read_text(encoding="utf-8"))
        assert seen.written == page.content
    assert watching.heard == []
