"""Addresses as code hosts have them, with this site's host in front: each leads to the page of the same thing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser import visit
from tests.page_archive import name_sha
from tests.sites import TABLES, ServedSite

SHA = name_sha(0xA11CE)
COMMIT = f"{TABLES}/commit/{SHA}.html"
DAY = f"{TABLES}/2026/03/10.html"
REPOSITORY = f"{TABLES}/index.html"


@pytest.fixture(scope="module")
def page(site: ServedSite, browser: Browser) -> Iterator[Page]:
    with visit(browser, site.url) as opened:
        yield opened.page
        assert opened.complaints == []


@pytest.mark.parametrize(
    ("address", "target"),
    [
        (f"{TABLES}/commit/{SHA}", COMMIT),
        (f"{TABLES}/commit/{SHA[:7]}", COMMIT),
        (f"{TABLES}/commit/{SHA[:7]}.html", COMMIT),
        (f"{TABLES}/commit/{SHA[:12].upper()}", COMMIT),
        (f"Kernel/Tables/commit/{SHA}", COMMIT),
        (f"{TABLES}/commit/{SHA}.patch", COMMIT),
        (f"{TABLES}/commit/{SHA}?diff=split#diff-0", COMMIT),
        (f"{TABLES}/commits/{SHA}", COMMIT),
        (f"{TABLES}/-/commit/{SHA[:8]}", COMMIT),
        (f"{TABLES}/pull/1234/commits/{SHA}", COMMIT),
        (f"{TABLES}/pull/1234", COMMIT),
        (f"{TABLES}/pull/1234/files", COMMIT),
        (f"{TABLES}/-/merge_requests/1234", COMMIT),
        (f"{TABLES}/pull/77", f"search.html?q=%2377&repository={TABLES.replace('/', '%2F')}"),
        (f"{TABLES}/commits/2026-03-10", DAY),
        (f"{TABLES}/commits/2026-03-10/", DAY),
        (f"{TABLES}/2026-03-10", DAY),
        (f"{TABLES}/2026/03/10", DAY),
        ("2026-03-10", "days/2026/03/10.html"),
        ("days/2026-03-10", "days/2026/03/10.html"),
        ("kernel/TABLES", REPOSITORY),
        (f"{TABLES}.git", REPOSITORY),
        (f"{TABLES}/commits/main", REPOSITORY),
        (f"{TABLES}/tree/main", REPOSITORY),
    ],
)
def test_address_of_a_code_host_leads_to_the_page_of_the_same_thing(
    site: ServedSite, page: Page, address: str, target: str
) -> None:
    page.goto(site.url + address)
    # A host shows a page under its address without the ending, too.
    page.wait_for_function(
        "target => document.querySelector('link[rel=canonical]')?.href.endsWith(target)"
        " || document.querySelector('.db-missing')",
        arg=f"/daybook/{target.partition('?')[0]}",
    )
    assert page.locator(".db-missing").count() == 0
    assert target.partition("?")[2] in page.url


def test_address_of_a_repository_alone_leads_to_its_page(site: ServedSite, page: Page) -> None:
    page.goto(site.url + TABLES)
    assert page.url == f"{site.url}{TABLES}/"
    assert TABLES in page.title()


@pytest.mark.parametrize(
    ("address", "shown", "query"),
    [
        ("no/such/page", "no/such/page", "no/such/page"),
        (f"{TABLES}/commit/deadbeef", f"{TABLES}/commit/deadbeef", "deadbeef"),
        (f"{TABLES}/blob/main/vllm/core/a.py", f"{TABLES}/blob/main/vllm/core/a.py", "vllm/core/a.py"),
        (f"{TABLES}/commits/2026-03-11", f"{TABLES}/commits/2026-03-11", "2026-03-11"),
        (f"{TABLES}/没有%20的", f"{TABLES}/没有 的", "没有 的"),
        ("x%3Cimg%20src=x%3E", "x<img src=x>", "x<img src=x>"),
    ],
)
def test_page_for_missing_addresses_says_what_was_looked_for_and_offers_to_search_for_it(
    site: ServedSite, browser: Browser, address: str, shown: str, query: str
) -> None:
    with visit(browser, site.url + address) as opened:
        page = opened.page
        page.wait_for_selector(".db-missing")
        assert page.locator(".db-missing bdi").inner_text() == shown
        page.get_by_text(f"搜索“{query}”").click()
        page.wait_for_url("**/search.html?**")
        assert page.locator(".db-search__query").input_value() == query
        assert opened.complaints == []


def test_short_sha_of_a_repository_by_another_name_is_shown_and_not_gone_to(
    site: ServedSite, browser: Browser
) -> None:
    with visit(browser, f"{site.url}somebody/fork/commit/{SHA[:9]}") as opened:
        opened.page.wait_for_selector(".db-missing")
        links = opened.page.locator(".db-search__list a").all()
        assert [link.get_attribute("href") for link in links] == [site.url + COMMIT]


def test_commit_that_is_in_the_index_and_not_on_the_site_is_looked_for_once(
    site: ServedSite, browser: Browser
) -> None:
    folder = site.folder / TABLES / "commit"
    page = folder / f"{SHA}.html"
    page.rename(folder / "away")
    try:
        with visit(browser, site.url + COMMIT) as opened:
            opened.page.wait_for_selector(".db-missing")
            assert opened.page.url == site.url + COMMIT
    finally:
        (folder / "away").rename(page)
