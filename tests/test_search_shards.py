"""Searching an archive of several shards in a browser: how far back it looks, and what it tells of it."""

from __future__ import annotations

import gzip
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page

from generator.records import ACROSS, Breaking, DayRecord, Importance, Kind, RepositoryRecord
from generator.site.search import FOLDER, write_search
from generator.site.shards import Limits
from generator.site.term_index import MARK
from generator.store.archive import Archive
from tests.browser import Visit, visit
from tests.page_archive import (
    MadeArchive,
    make_analysis,
    make_commit,
    make_day,
    make_digest,
    make_line,
    make_repository,
    name_sha,
)
from tests.sites import build, serve, write_archive

URL = "https://example.org/daybook/"
LIMITS = Limits(hot=4, sealed=8)
OLD, NEW = "ada/engine", "kernel/tables"
# Each month is a shard of its own: the newest is the hot one, and 2024 is another year.
DAYS = {
    date(2024, 12, 30): OLD,
    date(2025, 1, 7): OLD,
    date(2025, 2, 7): OLD,
    date(2025, 3, 7): OLD,
    date(2025, 4, 7): NEW,
    date(2025, 5, 7): NEW,
}
# One word of the newest day, two of the oldest, one of each day, and one of two days far apart.
NEWEST, OLDEST, CHINESE, EACH, FAR = "zeppelin", "quagga", "前缀缓存", "common", "marmalade"

# Which commits break something, by the number of their day and their place in it.
BREAKING: dict[tuple[int, int], Literal["yes", "unclear"]] = {(0, 2): "yes", (4, 1): "yes", (4, 3): "unclear"}


def make_days() -> tuple[DayRecord, ...]:
    """Make six days of five commits, whose words tell them apart."""
    return tuple(_make_day(number, day, name) for number, (day, name) in enumerate(DAYS.items()))


def _make_day(number: int, day: date, name: str) -> DayRecord:
    words = {0: f"{OLDEST} {FAR}", 5: NEWEST, 4: FAR}
    summaries = {0: f"修复{CHINESE}写满的问题。"}
    commits = [
        make_commit(
            number * 0x10000 + 0x1000 + place,
            f"{day}T09:00:00+08:00",
            subject=f"fix: {EACH} thing{number}x{place} {words.get(number, '') if place == 0 else ''}",
            co_authors=("Grace Hopper",) if number == 1 else (),
            analysis=make_analysis(
                str,
                kinds=(Kind.SECURITY,) if number in (0, 3) else (Kind.FIX,),
                importance=Importance.HIGH if place == 0 else Importance.LOW,
                summary=summaries.get(number, f"It mends thing {number}."),
                breaking=Breaking(answer=BREAKING.get((number, place), "no")),
            ),
        )
        for place in range(5)
    ]
    return make_day(name, day, commits)


def make_repositories(days: tuple[DayRecord, ...]) -> tuple[RepositoryRecord, ...]:
    """Make the records of both repositories."""
    return tuple(
        make_repository(
            name,
            tip=[day for day in days if day.repository == name][-1].commits[-1].sha,
            covered=({"first": min(DAYS), "last": max(DAYS)},),
        )
        for name in (OLD, NEW)
    )


@dataclass(frozen=True)
class Sharded:
    """A served site whose search index is in several shards."""

    url: str
    folder: Path

    def find(self, day: str) -> Path:
        """Find the shard that begins with a day."""
        return next((self.folder / FOLDER).glob(f"{day}.*"))

    def locate(self, number: int, place: int = 0) -> str:
        """Tell the address of a commit of one of the days."""
        name = list(DAYS.values())[number]
        return f"{self.url}{name}/commit/{name_sha(number * 0x10000 + 0x1000 + place)}.html"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the site once."""
    root = tmp_path_factory.mktemp("shards")
    days = make_days()
    digests = (
        make_digest(OLD, "2025-03-07", make_line("The walrus sings.", (OLD, 0x31000))),
        make_digest(ACROSS, "2025-02-07", make_line("The walrus sleeps.", (OLD, 0x21000))),
    )
    write_archive(root, MadeArchive(make_repositories(days), days, digests))
    store = Archive(root / "docs")
    for digest in digests:
        store.write_digest(digest)
    build(root)
    index = root / "site" / FOLDER
    shutil.rmtree(index)
    write_search(store, index, index, limits=LIMITS)
    return root


@pytest.fixture(scope="module")
def sharded(whole: Path) -> Iterator[Sharded]:
    """Serve the site as it was built."""
    with serve(whole, URL) as served:
        yield Sharded(served.url, served.folder)


@pytest.fixture
def spoiled(whole: Path, tmp_path: Path) -> Iterator[Sharded]:
    """Serve a copy of the site, for tests that take something away."""
    shutil.copytree(whole / "site", tmp_path / "site")
    with serve(tmp_path, URL) as served:
        yield Sharded(served.url, served.folder)


def search(page: Page, query: str) -> list[str]:
    """Type into the header's box, wait for the end of the search, and read where the results lead."""
    page.keyboard.press("/")
    page.locator(".md-search__input").fill(query)
    page.wait_for_selector(".md-search-result__list[aria-busy=true]", state="attached")
    return read_results(page)


def read_results(page: Page) -> list[str]:
    page.wait_for_selector(".md-search-result__list[aria-busy=false]", state="attached")
    links = page.locator(".md-search-result__list a:not(.db-hit--every)").all()
    return [str(link.get_attribute("href")) for link in links]


def read_status(page: Page) -> str:
    return page.locator(".md-search-result__meta").inner_text()


def list_loaded(opened: Visit) -> list[str]:
    """Note the shards of which anything is asked, by their first day."""
    asked: list[str] = []

    def note(url: str) -> None:
        if f"/{FOLDER}/2" in url:
            day = url.split(f"/{FOLDER}/")[1][:10]
            if day not in asked:
                asked.append(day)

    opened.page.on("request", lambda request: note(request.url))
    return asked


def ask_page(page: Page, url: str) -> list[str]:
    """Open the search page with a question, and read where the results lead."""
    page.goto(url)
    page.wait_for_function(
        "() => { const s = document.querySelector('.db-search__status');"
        " return s && !/正在/.test(s.textContent) && document.querySelector('.db-search select option') }"
    )
    return [str(link.get_attribute("href")) for link in page.locator(".db-search__list a").all()]


def test_site_has_a_shard_for_each_month(sharded: Sharded) -> None:
    shards = {path.name[:10] for path in (sharded.folder / FOLDER).iterdir() if path.name[0] == "2"}
    assert shards == {str(day) for day in DAYS}


def test_word_of_each_shard_is_answered_from_the_newest_first_and_in_their_order(
    sharded: Sharded, browser: Browser
) -> None:
    with visit(browser, sharded.url) as opened:
        asked = list_loaded(opened)
        found = search(opened.page, EACH)
        assert set(found[:5]) == {sharded.locate(5, place) for place in range(5)}
        assert set(found[5:10]) == {sharded.locate(4, place) for place in range(5)}
        assert asked[0] == "2025-05-07"
        # Further shards come three at a time.
        assert set(asked[1:]) <= {"2025-04-07", "2025-03-07", "2025-02-07"}
        assert read_status(opened.page) == "2025-02-07 以来找到 20 条"
        assert opened.complaints == []


def test_older_results_are_loaded_when_they_are_asked_for(sharded: Sharded, browser: Browser) -> None:
    with visit(browser, sharded.url) as opened:
        search(opened.page, EACH)
        opened.page.get_by_text("搜索更早的提交").click()
        found = read_results(opened.page)
        assert len(found) == 20
        opened.page.get_by_text("搜索更早的提交").click()
        found = read_results(opened.page)
        assert len(found) == 30
        assert set(found[-5:]) == {sharded.locate(0, place) for place in range(5)}
        assert read_status(opened.page) == "找到 30 条"
        assert opened.page.get_by_text("搜索更早的提交").count() == 0


def test_newest_shard_is_loaded_on_focus_and_is_enough_for_its_own_words(
    sharded: Sharded, browser: Browser
) -> None:
    with visit(browser, sharded.url) as opened:
        asked = list_loaded(opened)
        opened.page.keyboard.press("/")
        opened.page.wait_for_function("() => performance.getEntriesByType('resource').length > 0")
        opened.page.wait_for_load_state("networkidle")
        assert asked == ["2025-05-07"]


@pytest.mark.parametrize("query", [OLDEST, CHINESE, "缀缓", "quag", "thing0x3", f'"{OLDEST} {FAR}"'])
def test_what_stands_in_the_oldest_shard_alone_is_found(
    sharded: Sharded, browser: Browser, query: str
) -> None:
    with visit(browser, sharded.url) as opened:
        found = search(opened.page, query)
        assert sharded.locate(0, 3 if "x3" in query else 0) in found
        assert all("/commit/00010" in address or "/commit/00" in address for address in found)
        assert read_status(opened.page).startswith("找到")
        assert opened.complaints == []


def test_results_of_two_shards_far_apart_stand_newest_first(sharded: Sharded, browser: Browser) -> None:
    with visit(browser, sharded.url) as opened:
        assert search(opened.page, FAR) == [sharded.locate(4), sharded.locate(0)]
        assert read_status(opened.page) == "找到 2 条"


def test_word_that_nobody_wrote_is_looked_for_everywhere(sharded: Sharded, browser: Browser) -> None:
    with visit(browser, sharded.url) as opened:
        asked = list_loaded(opened)
        assert search(opened.page, "xylophone") == []
        assert sorted(asked) == [str(day) for day in DAYS]
        assert read_status(opened.page) == "没有找到"


def test_short_sha_is_found_without_loading_what_cannot_have_it(sharded: Sharded, browser: Browser) -> None:
    with visit(browser, sharded.url) as opened:
        index_files: list[str] = []
        opened.page.on("request", lambda r: index_files.append(r.url) if ".pf_index" in r.url else None)
        assert search(opened.page, name_sha(0x31002)[:9]) == [sharded.locate(3, 2)]
        assert {url.split(f"/{FOLDER}/")[1][:10] for url in index_files} == {"2025-03-07"}
        assert read_status(opened.page) == "找到 1 条"


def test_missing_page_leads_from_a_short_sha_of_an_old_shard_to_its_commit(
    sharded: Sharded, browser: Browser
) -> None:
    with visit(browser, f"{sharded.url}{OLD}/commit/{name_sha(0x11003)[:8]}") as opened:
        opened.page.wait_for_url(sharded.locate(1, 3))


def test_digest_leads_to_the_page_of_its_day(sharded: Sharded, browser: Browser) -> None:
    with visit(browser, sharded.url) as opened:
        assert search(opened.page, "walrus") == [
            f"{sharded.url}{OLD}/2025/03/07.html",
            f"{sharded.url}days/2025/02/07.html",
        ]
        assert "The walrus sings." in opened.page.locator(".db-hit__excerpt").first.inner_text()


@pytest.mark.parametrize(
    ("asked", "loaded", "numbers"),
    [
        ("year=2024", {"2024-12-30"}, [0]),
        (f"q={EACH}&year=2024", {"2024-12-30"}, [0]),
        ("repository=kernel/tables&importance=high", {"2025-05-07", "2025-04-07"}, [5, 4]),
        ("kind=security&importance=high", None, [3, 0]),
        ("author=Grace+Hopper&importance=high", None, [1]),
        ("author=hopp&importance=high", None, [1]),
        (f"q={EACH}&kind=security&importance=high", None, [3, 0]),
        (f"q={EACH}&importance=high&order=newest", None, [5, 4, 3, 2, 1, 0]),
    ],
)
def test_filters_work_across_shards_and_go_straight_to_those_that_can_have_results(
    sharded: Sharded, browser: Browser, asked: str, loaded: set[str] | None, numbers: list[int]
) -> None:
    with visit(browser, sharded.url) as opened:
        touched = list_loaded(opened)
        found = ask_page(opened.page, f"{sharded.url}search.html?{asked}")
        commits = [address for address in found if "/commit/" in address]
        if "importance" in asked:
            assert found == [sharded.locate(number) for number in numbers]
        else:
            assert set(commits) == {sharded.locate(n, place) for n in numbers for place in range(5)}
        if loaded:
            # The newest one is loaded in any case.
            assert set(touched) - {"2025-05-07"} == loaded - {"2025-05-07"}
        assert opened.complaints == []


def test_facets_count_all_shards_and_are_one_small_file(sharded: Sharded, browser: Browser) -> None:
    with visit(browser, sharded.url) as opened:
        ask_page(opened.page, f"{sharded.url}search.html")
        shown = opened.page.locator(".db-search__facets").inner_text()
        for words in ("ada/engine (24)", "安全 (10)", "2024 (6)", "2025 (31)", "🔴高 (6)"):
            assert words in shown
        names = opened.page.locator("datalist option").all()
        assert [name.get_attribute("value") for name in names] == ["Ada Lovelace", "Grace Hopper"]


def test_filtered_commits_stand_newest_first_and_more_are_shown_on_demand(
    sharded: Sharded, browser: Browser
) -> None:
    with visit(browser, sharded.url) as opened:
        found = ask_page(opened.page, f"{sharded.url}search.html?kind=fix")
        assert found[0] == sharded.locate(5, 4)
        more = opened.page.locator(".db-search button")
        seen = len(found)
        while more.is_visible():
            more.click()
            opened.page.wait_for_function(
                "seen => document.querySelectorAll('.db-search__list a').length > seen", arg=seen
            )
            seen = opened.page.locator(".db-search__list a").count()
        assert seen == 20


def test_shard_that_cannot_be_read_is_told_and_not_taken_for_nothing_found(
    spoiled: Sharded, browser: Browser
) -> None:
    shutil.rmtree(spoiled.find("2024-12-30"))
    with visit(browser, spoiled.url) as opened:
        assert search(opened.page, OLDEST) == []
        status = read_status(opened.page)
        assert "2024-12-30 至 2024-12-30 的索引无法读取" in status
        assert status.startswith("在能读取的部分中，没有找到")
        assert search(opened.page, FAR) == [spoiled.locate(4)]
        assert "2024-12-30 至 2024-12-30 的索引无法读取" in read_status(opened.page)


@pytest.mark.parametrize("damage", ["cut", "another file", "no index"])
@pytest.mark.parametrize("name", ["pagefind.pf_meta", "index/0.pf_index"])
def test_damaged_file_of_a_shard_is_told_too(
    spoiled: Sharded, browser: Browser, name: str, damage: str
) -> None:
    file = spoiled.find("2024-12-30") / name
    match damage:
        case "cut":
            file.write_bytes(file.read_bytes()[:-9])
        case "another file":
            file.write_bytes(gzip.compress(gzip.decompress(file.read_bytes()).removeprefix(MARK)))
        case _:
            file.write_bytes(gzip.compress(MARK + b"<!doctype html>"))
    with visit(browser, spoiled.url) as opened:
        assert search(opened.page, OLDEST) == []
        assert "2024-12-30 至 2024-12-30 的索引无法读取" in read_status(opened.page)


def test_commit_that_is_missing_is_not_called_unknown_where_a_shard_cannot_be_read(
    spoiled: Sharded, browser: Browser
) -> None:
    shutil.rmtree(spoiled.find("2025-01-07"))
    with visit(browser, f"{spoiled.url}{OLD}/commit/{name_sha(0x11003)[:8]}") as opened:
        opened.page.get_by_text("搜索索引无法读取").wait_for()


def test_hot_shard_that_was_replaced_while_the_page_was_open_is_searched_anew(
    whole: Path, spoiled: Sharded, browser: Browser, tmp_path: Path
) -> None:
    shutil.copytree(whole / "docs", tmp_path / "docs")
    store = Archive(tmp_path / "docs")
    index = spoiled.folder / FOLDER

    def land(day: date, number: int, *subjects: str) -> list[str]:
        """Let commits land on a new day, make the index anew and take the old hot shard away; name their pages."""
        commits = [
            make_commit(number + place, f"{day}T09:00:00+08:00", subject=subject)
            for place, subject in enumerate(subjects)
        ]
        store.write_day(make_day(NEW, day, commits))
        old = spoiled.find("2025-05-07")
        searched = write_search(store, index, index, limits=Limits(hot=40, sealed=40))
        assert old.name not in searched.kept
        shutil.rmtree(old)
        return [f"{spoiled.url}{NEW}/commit/{commit.sha}.html" for commit in commits]

    # So many that a search for one thing does not load all of them.
    *_, last = land(date(2025, 5, 8), 0x61000, *(f"feat: {EACH} tapir{number}" for number in range(12)))
    with visit(browser, spoiled.url) as opened:
        assert search(opened.page, NEWEST) == [spoiled.locate(5)]
        (added,) = land(date(2025, 5, 9), 0x71000, f"feat: {EACH} pangolin")
        # What was loaded of the old one is not enough for this.
        assert search(opened.page, "tapir11") == [last]
        assert search(opened.page, "pangolin") == [added]
        assert search(opened.page, NEWEST) == [spoiled.locate(5)]
        assert read_status(opened.page).startswith("找到 1 条") or "以来找到 1 条" in read_status(opened.page)


def test_english_pages_say_how_far_back_they_looked(sharded: Sharded, browser: Browser) -> None:
    with visit(browser, sharded.url) as opened:
        opened.page.evaluate("document.documentElement.lang = 'en'")
        search(opened.page, EACH)
        assert read_status(opened.page) == "20 results since 2025-02-07"
        assert opened.page.get_by_text("Search older commits").count() == 1


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("breaking=yes", [(4, 1), (0, 2)]),
        ("breaking=unclear", [(4, 3)]),
        (f"breaking=yes&q={EACH}&year=2024", [(0, 2)]),
    ],
)
def test_breaking_commits_are_found_in_all_shards_and_marked(
    sharded: Sharded, browser: Browser, asked: str, found: list[tuple[int, int]]
) -> None:
    with visit(browser, sharded.url) as opened:
        addresses = ask_page(opened.page, f"{sharded.url}search.html?{asked}")
        assert addresses == [sharded.locate(number, place) for number, place in found]
        assert "是 (2)" in opened.page.get_by_label("破坏性变更").inner_text()
        marked = opened.page.locator(".db-search__list .db-breaking").count()
        assert marked == (len(found) if "yes" in asked else 0)


def test_newest_come_first_where_that_is_asked(sharded: Sharded, browser: Browser) -> None:
    # The best of the newest day is the one whose words are fewest.
    with visit(browser, sharded.url) as opened:
        found = ask_page(opened.page, f"{sharded.url}search.html?q={EACH}&order=newest")
        expected = [sharded.locate(number, place) for number in (5, 4, 3, 2) for place in range(4, -1, -1)]
        assert found == expected
        assert ask_page(opened.page, f"{sharded.url}search.html?q={EACH}") != expected
        opened.page.get_by_label("排序").select_option("newest")
        opened.page.wait_for_url(f"**q={EACH}&order=newest")
