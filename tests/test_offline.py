"""Searching without the network, after a first search with it; and nothing stale once there is a network again."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser import visit
from tests.page_archive import name_sha
from tests.sites import ROOT, TABLES, ServedSite

GROW, PIN = (f"{TABLES}/commit/{name_sha(number)}.html" for number in (0xA11CE, 0xCAFE))
# All that is kept, by its URL.
KEPT = """async () => {
    const names = await caches.keys();
    const lists = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
    return lists.flat().map(({ url }) => url);
}"""


SERVE = """
import sys
from pathlib import Path
from generator.site.serve import open_server

with open_server(Path(sys.argv[1]), "127.0.0.1", 0, "https://example.org/daybook/") as server:
    print(server.server_port, flush=True)
    server.serve_forever()
"""


@dataclass(frozen=True)
class Host:
    """A host that can be switched off, with every connection that is open."""

    url: str
    site: Path
    program: subprocess.Popen[str]

    def switch_off(self) -> None:
        """Be gone."""
        self.program.kill()
        self.program.wait()


@pytest.fixture
def host(site: ServedSite, tmp_path: Path) -> Iterator[Host]:
    shutil.copytree(site.folder, tmp_path / "site")
    arguments = [sys.executable, "-c", SERVE, str(tmp_path / "site")]
    with subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        yield Host(f"http://127.0.0.1:{int(program.stdout.readline())}/daybook/", tmp_path / "site", program)
        program.kill()


def search_here(page: Page, query: str) -> list[str]:
    """Ask the search page that is open, and read where the results lead."""
    page.locator(".db-search__query").fill(query)
    page.keyboard.press("Enter")
    page.wait_for_selector(".db-search__list[aria-busy=false]", state="attached")
    return [str(link.get_attribute("href")) for link in page.locator(".db-search__list a").all()]


def search_box(page: Page, query: str) -> None:
    """Type into the header's box."""
    page.keyboard.press("/")
    page.locator(".md-search__input").fill(query)


def list_kept(page: Page) -> list[str]:
    """List what is kept."""
    return [str(url) for url in page.evaluate(KEPT)]


def wait_for(page: Page, holds: Callable[[list[str]], bool]) -> None:
    """Wait until what is kept is as it should be; a page's own condition must not wait for anything itself."""
    for _ in range(600):
        if holds(list_kept(page)):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"it never came to be: {list_kept(page)}")


def wait_until_kept(page: Page) -> list[str]:
    """Wait until the search page is kept, which is the last to be, and list all that is."""
    wait_for(page, lambda urls: any(url.endswith("/search.html") for url in urls))
    page.wait_for_function("() => navigator.serviceWorker.controller !== null")
    return list_kept(page)


@pytest.mark.parametrize("start", ["search.html?q=scheduler", PIN])
def test_after_a_first_search_one_searches_without_the_network(
    host: Host, browser: Browser, start: str
) -> None:
    with visit(browser, host.url + start) as opened:
        page = opened.page
        if start == PIN:
            search_box(page, "scheduler")
        page.wait_for_selector(".db-hit")
        wait_until_kept(page)
        host.switch_off()
        page.goto(f"{host.url}search.html?q=scheduler")
        page.wait_for_selector(".db-search__list a")
        assert host.url + GROW in search_here(page, "scheduler")
        assert "仓库" in page.locator(".db-search__facets").inner_text()
        # Its style is there too.
        assert (
            page.locator(".db-search__query").evaluate("q => getComputedStyle(q).borderTopStyle") == "solid"
        )


def test_what_is_loaded_later_on_is_kept_as_well(host: Host, browser: Browser) -> None:
    with visit(browser, f"{host.url}search.html?q=wheel") as opened:
        page = opened.page
        page.wait_for_selector(".db-hit")
        wait_until_kept(page)
        found = search_here(page, "前缀缓存")
        assert host.url + GROW in found
        host.switch_off()
        page.reload()
        page.wait_for_selector(".db-hit")
        assert search_here(page, "前缀缓存") == found


def test_pages_that_were_opened_are_shown_and_others_are_told_of(host: Host, browser: Browser) -> None:
    with visit(browser, f"{host.url}search.html?q=scheduler") as opened:
        page, url = opened.page, host.url
        page.wait_for_selector(".db-hit")
        wait_until_kept(page)
        page.goto(url + GROW)
        wait_for(page, lambda urls: url + GROW in urls)
        host.switch_off()
        page.goto(url + GROW.removesuffix(".html"))
        assert "block_table_size" in page.locator("h1").inner_text()
        answer = page.goto(url + PIN)
        assert answer is not None
        assert answer.status == 503
        page.get_by_text("仍然可以搜索").click()
        page.wait_for_selector(".db-search__query")


def test_nothing_stale_is_shown_once_there_is_a_network(host: Host, browser: Browser) -> None:
    site = host.site
    with visit(browser, f"{host.url}search.html?q=scheduler") as opened:
        url = host.url
        page = opened.page
        page.wait_for_selector(".db-hit")
        before = wait_until_kept(page)
        old = json.loads((site / "assets/search/shards.json").read_bytes())
        assert any(old["shards"][0]["name"] in kept for kept in before)
        rename_shards(site, old)
        commit = site / GROW
        commit.write_text(
            commit.read_text(encoding="utf-8").replace("<h1", "<h1 lang=xx", 1), encoding="utf-8"
        )
        page.goto(url + GROW)
        assert page.locator("h1").get_attribute("lang") == "xx"
        page.goto(f"{url}search.html?q=scheduler")
        page.wait_for_selector(".db-hit")
        newest = old["shards"][0]["name"]
        wait_for(page, lambda urls: not any(f"/{newest}/" in kept for kept in urls))
        wait_for(page, lambda urls: any(".new/" in kept for kept in urls))


def rename_shards(site: Path, listing: dict[str, Any]) -> None:
    """Give every shard another name, as a build does where it has other entries."""
    folder = site / "assets/search"
    for shard in listing["shards"]:
        (folder / shard["name"]).rename(folder / f"{shard['name']}.new")
    renamed = [{**shard, "name": f"{shard['name']}.new"} for shard in listing["shards"]]
    (folder / "shards.json").write_text(json.dumps({**listing, "shards": renamed}), encoding="utf-8")


def test_with_another_look_the_styles_scripts_and_pages_of_the_old_one_are_dropped(
    host: Host, browser: Browser
) -> None:
    site = host.site
    with visit(browser, f"{host.url}search.html?q=scheduler") as opened:
        url = host.url
        page = opened.page
        page.wait_for_selector(".db-hit")
        wait_until_kept(page)
        page.goto(url + GROW)
        wait_for(page, lambda urls: url + GROW in urls)
        (look,) = (
            path.name for path in (site / "assets").iterdir() if re.fullmatch("[0-9a-f]{10}", path.name)
        )
        (site / "assets" / look).rename(site / "assets" / "0123456789")
        for path in (site / "search.html", site / GROW):
            path.write_text(path.read_text(encoding="utf-8").replace(look, "0123456789"), encoding="utf-8")
        page.goto(f"{url}search.html?q=scheduler")
        page.wait_for_selector(".db-hit")
        wait_for(page, lambda urls: not any(look in kept for kept in urls) and url + GROW not in urls)
        assert f"{url}assets/0123456789/search-page.js" in list_kept(page)


def test_file_that_was_damaged_on_its_way_does_not_stay_in_the_browser(host: Host, browser: Browser) -> None:
    metas = {path: path.read_bytes() for path in (host.site / "assets/search").glob("2*/pagefind.pf_meta")}
    for path, whole in metas.items():
        path.write_bytes(whole[:-9])
    with visit(browser, f"{host.url}search.html?q=scheduler") as opened:
        page = opened.page
        page.get_by_text("无法读取").wait_for()
        wait_until_kept(page)
        for path, whole in metas.items():
            path.write_bytes(whole)
        page.reload()
        page.wait_for_selector(".db-hit")


def test_service_worker_is_the_same_file_whatever_is_built(
    site: ServedSite, english_site: ServedSite
) -> None:
    source = (ROOT / "docs/assets/offline.js").read_bytes()
    assert (site.folder / "offline.js").read_bytes() == source
    assert (english_site.folder / "offline.js").read_bytes() == source


def test_what_is_kept_is_of_this_site_alone_and_not_without_end(host: Host, browser: Browser) -> None:
    with visit(browser, f"{host.url}search.html?q=scheduler") as opened:
        url = host.url
        page = opened.page
        page.wait_for_selector(".db-hit")
        wait_until_kept(page)
        for number in range(60):
            page.evaluate(
                "url => new Promise(r => { const f = document.createElement('iframe'); f.onload = r; f.src = url;"
                " document.body.append(f) })",
                f"{url}{GROW}?{number}" if number % 2 else f"{url}index.html",
            )
        kept = wait_until_kept(page)
        assert all(address.startswith(url) for address in kept)
        assert len(kept) == len(set(kept))
        assert not any("?" in address for address in kept)
