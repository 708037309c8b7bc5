"""The built site, opened in a real browser: it works, asks nobody else for anything, and runs nobody else's words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from generator.site.guard import ELEMENTS
from tests.browser import visit
from tests.page_archive import ENGINE, name_sha
from tests.sites import HOSTILE, TABLES, ServedSite

COMMIT = f"{TABLES}/commit/{name_sha(0xA11CE)}"
PAGES = {
    "home": "",
    "day": f"{TABLES}/2026/03/10.html",
    "commit": f"{COMMIT}.html",
    "search": "search.html?q=scheduler",
    "status": "status.html",
    "missing": "no/such/page",
}
# What a template puts around a page's content, and what Material's program and the search add when they run.
FRAME = {"html", "head", "body", "meta", "title", "link", "script", "header", "nav", "label", "input", "form"}
FRAME |= {"main", "article", "footer", "button", "select", "option", "aside", "noscript"}


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES.keys())
def test_page_opens_without_a_complaint_and_fits_a_phone(
    site: ServedSite, browser: Browser, page: str
) -> None:
    with visit(browser, site.url + page, scheme="dark") as opened:
        opened.page.wait_for_load_state("networkidle")
        opened.page.set_viewport_size({"width": 360, "height": 700})
        fits = opened.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert (opened.complaints, fits) == ([], True)


def test_page_has_its_breadcrumbs_neighbours_and_title(site: ServedSite, browser: Browser) -> None:
    with visit(browser, f"{site.url}{TABLES}/commit/{name_sha(0xB0B)}.html") as opened:
        page = opened.page
        assert page.title() == "docs: explain wheel tags - Daybook"
        assert page.locator(".md-path a").all_inner_texts() == ["首页", TABLES, "2026-03", "2026-03-10"]
        assert [page.locator(f"footer a[rel={side}]").get_attribute("href") for side in ("prev", "next")] == [
            f"{name_sha(number)}.html" for number in (0xA11CE, 0xCAFE)
        ]
        page.locator(".md-path a", has_text="2026-03-10").click()
        assert page.locator("h1").inner_text().startswith(f"{TABLES} 2026-03-10")
        assert (
            page.locator(".md-nav--primary a.md-nav__link--active[href='10.html']").inner_text()
            == "2026-03-10"
        )


def test_colours_chosen_once_stay_chosen_on_the_next_page(site: ServedSite, browser: Browser) -> None:
    with visit(browser, site.url) as opened:
        page = opened.page
        assert page.locator("body").get_attribute("data-md-color-scheme") == "default"
        page.locator(".db-colours").click()
        page.goto(site.url + PAGES["commit"])
        assert page.locator("body").get_attribute("data-md-color-scheme") == "slate"
        assert opened.complaints == []


@pytest.mark.parametrize("page", ["day", "commit"])
def test_first_visit_has_the_colours_of_the_system_before_anything_is_painted(
    site: ServedSite, browser: Browser, page: str
) -> None:
    with visit(browser, site.url + PAGES[page], scheme="dark") as opened:
        # The body was given its colours before it had anything in it.
        assert opened.page.locator("body").get_attribute("data-md-color-scheme") == "slate"
        opened.page.emulate_media(color_scheme="light")
        opened.page.wait_for_selector("body[data-md-color-scheme=default]")


def test_chosen_colours_outlive_those_of_the_system_and_a_storage_that_cannot_be_read(
    site: ServedSite, browser: Browser
) -> None:
    with visit(browser, site.url + PAGES["commit"], scheme="dark") as opened:
        page = opened.page
        page.get_by_role("button", name="切换深色、浅色").click()
        for _ in range(2):
            assert page.locator("body").get_attribute("data-md-color-scheme") == "default"
            page.reload()
        page.evaluate("localStorage.setItem('/daybook/.__palette', '{')")
        page.reload()
        assert page.locator("body").get_attribute("data-md-color-scheme") == "slate"
        assert opened.complaints == []


def test_keys_lead_to_the_neighbours_and_to_the_search_but_not_while_one_types(
    site: ServedSite, browser: Browser
) -> None:
    with visit(browser, f"{site.url}{TABLES}/commit/{name_sha(0xB0B)}.html") as opened:
        page = opened.page
        page.keyboard.press("n")
        page.wait_for_url(f"**/{name_sha(0xCAFE)}.html")
        page.keyboard.press("p")
        page.wait_for_url(f"**/{name_sha(0xB0B)}.html")
        page.keyboard.press("/")
        page.keyboard.type("npn")
        box = page.get_by_role("combobox", name="搜索")
        assert (box.input_value(), page.url.rpartition("/")[2]) == ("npn", f"{name_sha(0xB0B)}.html")
        page.keyboard.press("Escape")
        assert not box.evaluate("element => element === document.activeElement")
        page.keyboard.press("Control+p")
        assert page.url.endswith(f"{name_sha(0xB0B)}.html")


def test_page_of_a_commit_has_its_landmarks_and_a_way_past_them(site: ServedSite, browser: Browser) -> None:
    with visit(browser, site.url + PAGES["commit"]) as opened:
        page = opened.page
        landmarks = (
            page.get_by_role("banner"),
            page.get_by_role("main"),
            page.get_by_role("contentinfo"),
            page.get_by_role("article"),
            page.get_by_role("search"),
        )
        assert [landmark.count() for landmark in landmarks] == [1] * 5
        assert page.get_by_role("navigation").evaluate_all("all => all.map(e => e.ariaLabel)") == [
            "所在位置",
            "前后页面",
        ]
        page.keyboard.press("Tab")
        skip = page.locator(":focus")
        if skip.get_attribute("id") == "__search":
            page.keyboard.press("Tab")
        assert skip.inner_text() == "跳到正文"
        page.keyboard.press("Enter")
        assert page.url.endswith("#page")
        assert page.locator("#page h1").count() == 1


def test_hostile_texts_leave_no_element_attribute_or_script(site: ServedSite, browser: Browser) -> None:
    pages = sorted(path.relative_to(site.folder).as_posix() for path in site.folder.rglob("*.html"))
    assert len(pages) > 30
    with visit(browser, site.url) as opened:
        page = opened.page
        for path in pages:
            page.goto(site.url + path)
            elements = set(page.evaluate("[...document.querySelectorAll('*')].map(e => e.localName)"))
            attributes = set(
                page.evaluate("[...document.querySelectorAll('*')].flatMap(e => e.getAttributeNames())")
            )
            handlers = {name for name in attributes if name.startswith("on")}
            assert (path, elements - ELEMENTS - FRAME, handlers) == (path, set(), set())
            assert page.locator("article [style]").count() == 0
            assert page.evaluate("window.__pwned") is None
    assert opened.complaints == []


def test_hostile_subject_reads_as_it_was_written(site: ServedSite, browser: Browser) -> None:
    with visit(browser, f"{site.url}{ENGINE}/commit/{name_sha(6)}.html") as opened:
        heading = opened.page.locator("h1").inner_text()
        assert "Revert scheduler </title><script>window.__pwned = 1</script>" in heading
        assert opened.page.title().startswith("Revert scheduler </title><script>window.__pwned = 1</script>")
        message = opened.page.locator("pre").inner_text()
        assert '{: onclick="window.__pwned = 5" }' in message
        assert '--8<-- "archive.yml"\n```' in message
        assert "[U+202E]bidi[U+2066][U+200B][U+0000]" in message


def test_no_file_content_gets_onto_a_page(site: ServedSite) -> None:
    # HOSTILE asks for archive.yml in the way of a snippet.
    secret = "repositories:"
    assert "--8<--" in HOSTILE
    assert secret in (site.root / "archive.yml").read_text()
    assert [path for path in site.folder.rglob("*.html") if secret in path.read_text()] == []


def test_page_of_a_commit_carries_no_navigation_of_the_archive(site: ServedSite) -> None:
    page = (site.folder / PAGES["commit"]).read_text()
    article = page[page.index("<article") : page.index("</article>")]
    frame = page.replace(article, "")
    assert frame.count("<li>") == len(["首页", TABLES, "2026-03", "2026-03-10"])
    assert frame.count("<a ") == len(["skip", "Daybook", *["trail"] * 4, "next"])


def test_every_page_has_the_policy_and_no_inline_script(site: ServedSite) -> None:
    for path in site.folder.rglob("*.html"):
        page = path.read_text()
        assert page.count("script-src 'self' 'wasm-unsafe-eval';style-src 'self';") == 1
        # The settings of Material's program, which a commit's page does without.
        settings = [] if "commit" in path.parts else ['<script id="__config" type="application/json">']
        assert re.findall(r"<script(?! src=)[^>]*>", page) == settings


def test_records_are_published_as_they_are(site: ServedSite) -> None:
    for name in (f"{TABLES}/archive.json", f"{TABLES}/2026/03/10.json"):
        assert (site.folder / name).read_bytes() == (site.root / "docs" / name).read_bytes()


def test_sitemap_names_every_page_at_its_published_address(site: ServedSite) -> None:
    sitemaps = sorted((site.folder / "sitemaps").iterdir())
    index = (site.folder / "sitemap.xml").read_text()
    assert all(f"<loc>https://example.org/daybook/sitemaps/{path.name}<" in index for path in sitemaps)
    sitemap = "".join(path.read_text() for path in sitemaps)
    sources = list((site.root / "docs").rglob("*.md"))
    assert sitemap.count("<loc>https://example.org/daybook/") == len(sources)
    assert "lastmod" not in sitemap


def test_page_opened_from_disk_says_that_searching_needs_a_server(site: ServedSite, browser: Browser) -> None:
    with visit(browser, (site.folder / PAGES["commit"]).as_uri()) as opened:
        page = opened.page
        assert page.locator("h1").inner_text().startswith("[Core] Grow block_table_size")
        page.keyboard.press("/")
        assert "daybook serve" in page.locator(".md-search .db-search__disk").inner_text()
        page.goto(Path(site.folder, "search.html").as_uri())
        assert "daybook serve" in page.locator(".md-content .db-search__disk").inner_text()


@pytest.mark.parametrize(
    "address", [COMMIT, COMMIT[:-28], f"{COMMIT[:-33].upper().replace('KERNEL', 'kernel')}"]
)
def test_address_without_html_or_with_a_short_sha_leads_to_its_commit(
    site: ServedSite, browser: Browser, address: str
) -> None:
    address = address.replace("TABLES/COMMIT", "tables/commit")
    with visit(browser, site.url + address) as opened:
        opened.page.wait_for_selector("h1:has-text('Grow block_table_size')")
        assert opened.complaints == []


def test_short_sha_that_nobody_archived_stays_on_the_page_for_missing_addresses(
    site: ServedSite, browser: Browser
) -> None:
    with visit(browser, f"{site.url}{TABLES}/commit/deadbeef") as opened:
        opened.page.wait_for_selector("p:has-text('还没有归档')")
        assert opened.page.locator("h1").inner_text() == "没有这个页面"
