"""Watched paths: which commits their pages and their feed tell of, what is written again, how a reader gets there."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from html import unescape
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from generator.checking.repairing import repair
from generator.checking.verifying import verify
from generator.config import Config, load_config
from generator.feeding import Feeding
from generator.feeds import MOST_WATCHED
from generator.pages.render import PageSettings, plan_pages, render_pages
from generator.pages.units import find_page_settings
from generator.pages.watch import MOST_COMMITS, MOST_NEWEST
from generator.pages.watched import LOOK_BACK
from generator.paging import write_pages
from generator.records import Covered, FileChange
from generator.store.archive import Archive
from tests.archives import NAME, run_update
from tests.browser import visit
from tests.feed_rules import check_atom, check_json
from tests.histories import Upstream
from tests.page_archive import (
    ENGINE,
    TOOLS,
    MadeArchive,
    make_archive,
    make_commit,
    make_day,
    make_repository,
    name_sha,
)
from tests.quiet import QuietReport
from tests.sites import ServedSite, add_hostility, build, serve, write_archive

NOON = "T12:00:00+08:00"
NOW = datetime(2026, 2, 7, 10, tzinfo=UTC)
GLOBS = ("lib/kv-router/**", "*.proto")
FIRST = date(2026, 1, 30)


def find_settings(watch: Mapping[str, tuple[str, ...]], language: str = "en") -> PageSettings:
    return PageSettings(site_name="Daybook", language="zh" if language == "zh" else "en", watch=watch)


def render(archive: MadeArchive, *globs: str, language: str = "en") -> dict[str, str]:
    settings = find_settings({ENGINE: globs}, language)
    return {page.src_uri: page.text for page in render_pages(archive, settings)}


def change(path: str, old_path: str | None = None) -> tuple[FileChange, ...]:
    return (
        FileChange(status="R" if old_path else "M", path=path, old_path=old_path, insertions=1, deletions=0),
    )


def make_watched(days: Mapping[date, tuple[str, ...]], covered: tuple[Covered, ...] = ()) -> MadeArchive:
    """Make an archive of a repository whose commits, by their day, change one path each."""
    numbers = iter(range(1, 100_000))
    records = tuple(
        make_day(
            ENGINE, day, [make_commit(next(numbers), f"{day}{NOON}", files=change(path)) for path in paths]
        )
        for day, paths in days.items()
    )
    return MadeArchive((make_repository(ENGINE, covered=covered),), records)


def read_numbers(page: str) -> list[int]:
    """Read the numbers of the commits that a page links to, in its order."""
    return [int(number, 16) for number in re.findall(r"commit/([0-9a-f]{7})c0ffee", page)]


ARCHIVE = make_watched(
    {
        FIRST: ("lib/kv-router/a.rs", "docs/kv-router.md", "api/x.proto"),
        FIRST + timedelta(days=1): ("docs/a.md",),
        FIRST + timedelta(days=2): ("lib/kv-router.rs", "lib/kv-router/b/c.rs"),
        date(2026, 3, 1): ("docs/b.md",),
    }
)


def test_pages_of_watched_paths_tell_of_the_commits_that_change_one_and_of_no_other_newest_first() -> None:
    pages = render(ARCHIVE, *GLOBS)
    own = {name: read_numbers(text) for name, text in pages.items() if "/watch/" in name}
    assert own == {
        f"{ENGINE}/watch/index.md": [6, 3, 1],
        f"{ENGINE}/watch/2026/01.md": [3, 1],
        f"{ENGINE}/watch/2026/02.md": [6],
        f"{ENGINE}/watch/2026/03.md": [],
    }
    january = pages[f"{ENGINE}/watch/2026/01.md"]
    assert "<code>lib&#47;kv&#45;router&#47;&#42;&#42;</code>, <code>&#42;&#46;proto</code>" in january
    assert "2 commits change a watched path." in january
    assert january.count("## ") == 1


def test_a_commit_that_moves_a_file_out_of_a_watched_folder_changes_it() -> None:
    archive = make_watched({FIRST: ("a",)})
    moved = make_commit(7, f"{FIRST}{NOON}", files=change("away/x.rs", "lib/kv-router/x.rs"))
    archive = replace(archive, day_records=(make_day(ENGINE, FIRST, [moved]),))
    assert read_numbers(render(archive, *GLOBS)[f"{ENGINE}/watch/index.md"]) == [7]


def test_a_repository_without_watched_paths_has_no_such_page_and_no_link_to_one() -> None:
    watched, plain = render(ARCHIVE, *GLOBS), render(ARCHIVE)
    assert not any("watch" in name or "watch/" in text for name, text in plain.items())
    assert f"{ENGINE}/watch/index.md" in watched
    assert "href=watch/index.md>" in watched[f"{ENGINE}/index.md"]
    assert "href=../../watch/2026/01.md>" in watched[f"{ENGINE}/2026/01/index.md"]
    assert "watch" not in watched["days/2026/01/index.md"]


def test_a_month_without_a_change_says_so_and_otherwise_than_one_with_days_nobody_looked_at() -> None:
    looked = Covered(first=FIRST, last=date(2026, 3, 1))
    none = "No archived commit of this month changes a watched path."
    whole = render(replace(ARCHIVE, records=(make_repository(ENGINE, covered=(looked,)),)), *GLOBS)
    march = whole[f"{ENGINE}/watch/2026/03.md"]
    assert none in march
    assert "looked at" not in march
    february = render(ARCHIVE, *GLOBS)[f"{ENGINE}/watch/2026/02.md"]
    assert none not in february
    # February has 28 days, of which one has commits.
    assert "27 days have not been looked at." in february


def test_a_busy_month_goes_on_in_parts_that_hold_every_commit_once() -> None:
    most = 2 * MOST_COMMITS + 1
    archive = make_watched(
        {FIRST: ("lib/kv-router/a",) * (most - 1), FIRST + timedelta(days=1): ("a.proto", "b")}
    )
    pages = render(archive, *GLOBS)
    parts = [pages[f"{ENGINE}/watch/2026/01{end}.md"] for end in ("", "-2", "-3")]
    assert f"{ENGINE}/watch/2026/01-4.md" not in pages
    assert [len(read_numbers(part)) for part in parts] == [MOST_COMMITS, MOST_COMMITS, 1]
    assert [number for part in parts for number in read_numbers(part)] == list(range(most, 0, -1))
    assert f'next: ["2 &#47; 3", "{ENGINE}/watch/2026/01-2.md"]' not in parts[0]
    assert "Parts: <b>1</b>" in parts[0]
    assert max(map(len, parts)) < 120_000


def test_the_newest_page_looks_through_so_many_days_and_shows_so_many_commits() -> None:
    days = {FIRST + timedelta(days=number): ("a.proto",) for number in range(LOOK_BACK + 1)}
    rare = {day: ("a.proto",) if day in (FIRST, FIRST + timedelta(days=1)) else ("b",) for day in days}
    page = render(make_watched(rare), *GLOBS)[f"{ENGINE}/watch/index.md"]
    assert read_numbers(page) == [2]
    assert "1 commit changes a watched path. Searched back to <time>2026-01-31</time>." in page
    busy = dict.fromkeys(days, ("a.proto", "c.proto"))
    page = render(make_watched(busy), *GLOBS)[f"{ENGINE}/watch/index.md"]
    newest = 2 * (LOOK_BACK + 1)
    assert read_numbers(page) == list(range(newest, newest - MOST_NEWEST, -1))
    assert "The newest 100 commits that change a watched path." in page


def count_units(archive: MadeArchive, before: PageSettings, after: PageSettings) -> list[str]:
    """Name the units that have another key, or are new or gone."""
    keys = [{unit.name: unit.key for unit in plan_pages(archive, settings)} for settings in (before, after)]
    names = keys[0].keys() | keys[1].keys()
    return sorted(name for name in names if keys[0].get(name) != keys[1].get(name))


def test_other_globs_renew_the_pages_of_watched_paths_and_no_others() -> None:
    archive = make_archive()
    watched = find_settings({ENGINE: GLOBS, TOOLS: GLOBS})
    own = [f"watch {ENGINE}", f"watch {ENGINE} 2026-01"]
    assert count_units(archive, watched, find_settings({ENGINE: GLOBS[:1], TOOLS: GLOBS})) == own
    around = [f"month {ENGINE} 2026-01", f"repository {ENGINE}"]
    assert count_units(archive, watched, find_settings({TOOLS: GLOBS})) == sorted(own + around)
    # Somebody who follows nothing of the kind any more.
    assert (
        count_units(archive, watched, find_settings({ENGINE: GLOBS, TOOLS: GLOBS, "not/there": GLOBS})) == []
    )


@pytest.mark.parametrize("months", [2, 24])
def test_a_new_day_renews_its_month_and_the_newest_page_however_long_the_archive_is(months: int) -> None:
    days = {date(2024 + number // 12, number % 12 + 1, 5): ("a.proto",) for number in range(months)}
    newest = max(days)
    settings = find_settings({ENGINE: GLOBS})
    before = {unit.name: unit.key for unit in plan_pages(make_watched(days), settings)}
    later = make_watched({**days, newest + timedelta(days=1): ("b",)})
    after = {unit.name: unit.key for unit in plan_pages(later, settings)}
    renewed = {name for name, key in after.items() if name.startswith("watch") and before.get(name) != key}
    assert renewed == {f"watch {ENGINE}", f"watch {ENGINE} {newest.isoformat()[:7]}"}


def test_pages_follow_the_globs_of_archive_yml_from_run_to_run_and_both_checks_know_them(
    tmp_path: Path,
) -> None:
    upstream = Upstream(tmp_path / "upstream")
    upstream.commit("feat: one", "2026-01-05T10:00+00:00", {"src/a.py": "1\n"})
    upstream.commit("feat: two", "2026-02-06T10:00+00:00", {"docs/b.md": "1\n"})
    root = tmp_path / "archive"
    root.mkdir()

    def run(watch: str) -> Config:
        (root / "archive.yml").write_text(
            f"first_days: 366\nlanguage: en\nrepositories:\n  - url: {upstream.url}\n    name: {NAME}\n{watch}"
        )
        config = load_config(root / "archive.yml")
        run_update(root, config, "2026-02-07T10:00+00:00")
        findings = verify(root, config, NOW, QuietReport())
        assert findings.problems == []
        return config

    def read() -> dict[str, list[str]]:
        watched = root / "docs" / NAME / "watch"
        return {
            path.relative_to(watched).as_posix(): re.findall(r"<bdi>feat&#58; (\w+)", path.read_text())
            for path in watched.rglob("*.md")
        }

    run('    watch: ["src/**"]\n')
    assert read() == {"index.md": ["one"], "2026/01.md": ["one"], "2026/02.md": []}
    config = run('    watch: ["docs/**"]\n')
    assert read() == {"index.md": ["two"], "2026/01.md": [], "2026/02.md": ["two"]}
    page = root / "docs" / NAME / "watch/2026/01.md"
    whole = page.read_bytes()
    page.write_bytes(whole + b"x")
    stray = page.with_name("09.md")
    stray.write_text("x")
    problems = verify(root, config, NOW, QuietReport()).problems
    assert {problem.place for problem in problems} == {
        f"docs/{NAME}/watch/2026/{end}.md" for end in ("01", "09")
    }
    repair(root, config, NOW, QuietReport())
    assert page.read_bytes() == whole
    assert not stray.exists()
    page.unlink()
    run_update(root, config, "2026-02-07T10:00+00:00")
    assert page.read_bytes() == whole
    run("")
    assert read() == {}


def write_watched(
    root: Path, archive: MadeArchive, *globs: str, language: str = "en", url: str | None = None
) -> None:
    """Write an archive with its records, pages and settings into a folder."""
    write_archive(root, archive, language=language, url=url)
    watch(root, *globs, language=language, url=url)


def watch(root: Path, *globs: str, language: str = "en", url: str | None = None) -> None:
    """Write the settings of an archive, and the pages that follow from them."""
    site = f"site: {{url: {url}}}\n" if url else ""
    repositories = f"  - url: https://github.com/{ENGINE}\n    watch: {json.dumps(globs)}\n"
    (root / "archive.yml").write_text(f"{site}language: {language}\nrepositories:\n{repositories}")
    settings = find_page_settings(load_config(root / "archive.yml"))
    write_pages(root, Archive(root / "docs"), settings, QuietReport())


def read_feed(root: Path) -> list[dict[str, str]]:
    items: list[dict[str, str]] = json.loads((root / f"site/{ENGINE}/watch/feed.json").read_bytes())["items"]
    return items


@pytest.mark.parametrize("url", ["https://example.org/daybook/", None])
def test_watched_paths_have_a_feed_that_keeps_to_its_formats_and_its_ids(
    tmp_path: Path, url: str | None
) -> None:
    archive = make_archive(add_hostility)
    write_watched(tmp_path, archive, "*", url=url)
    build(tmp_path)
    site = tmp_path / "site"
    feed = site / ENGINE / "watch/feed.xml"
    assert check_atom(feed.read_bytes()) == []
    assert check_json(feed.with_suffix(".json").read_bytes()) == []
    items = read_feed(tmp_path)
    assert [read_numbers(item["url"])[0] for item in items] == [9, 8, 7, 6, 5, 4, 3, 2, 1]
    shown = unescape(re.sub("<[^>]*>", "", items[0]["content_html"]))
    assert "<script" not in items[0]["content_html"]
    assert "touches one file </title><script>" in shown
    before = {item["url"].rpartition("/")[2]: item["id"] for item in items}
    watch(tmp_path, "src", url="https://elsewhere.example.org/")
    build(tmp_path)
    after = {item["url"].rpartition("/")[2]: item["id"] for item in read_feed(tmp_path)}
    assert after
    assert after.items() <= before.items()
    watch(tmp_path, url=url)
    build(tmp_path)
    assert not feed.exists()


def test_the_feed_holds_no_more_than_the_newest_and_is_made_again_only_when_it_changes(
    tmp_path: Path,
) -> None:
    archive = make_watched({FIRST: ("a.proto",) * MOST_WATCHED, FIRST + timedelta(days=1): ("b.proto", "c")})
    write_watched(tmp_path, archive, *GLOBS)
    feeding = Feeding(tmp_path, Archive(tmp_path / "docs"))

    def find(*globs: str) -> tuple[str, list[str]]:
        feeds = feeding.list_feeds("Daybook", "en", {ENGINE: globs})
        (feed,) = [feed for feed in feeds if feed.path == f"{ENGINE}/watch/feed"]
        return feed.key, [entry.page for entry in feed.make()]

    key, pages = find(*GLOBS)
    assert len(pages) == MOST_WATCHED
    assert [read_numbers(page)[0] for page in pages[:2]] == [MOST_WATCHED + 1, MOST_WATCHED]
    assert find(*GLOBS)[0] == key
    assert find(GLOBS[0]) == (find(GLOBS[0])[0], [])
    assert find(GLOBS[0])[0] != key


def test_hostile_texts_and_globs_do_nothing_on_these_pages() -> None:
    pages = render(make_archive(add_hostility), "<script>alert(1)</script>", "*", "[a]|b|`x`")
    for name, text in pages.items():
        if "/watch/" in name:
            assert "<script" not in text
            assert "&#60;script&#62;alert" in text


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedSite]:
    root = tmp_path_factory.mktemp("watched")
    write_watched(root, ARCHIVE, *GLOBS)
    build(root)
    with serve(root, None) as site:
        yield site


@pytest.mark.parametrize("width", [360, 1280])
def test_a_reader_comes_from_the_repository_to_the_newest_the_months_and_the_feed(
    served: ServedSite, browser: Browser, width: int
) -> None:
    with visit(browser, f"{served.url}{ENGINE}/index.html", width=width) as opened:
        page = opened.page
        page.get_by_role("link", name="Watched paths").click()
        page.wait_for_url(f"**/{ENGINE}/watch/index.html")
        assert page.locator("article li bdi").count() >= 3
        feed = page.get_by_role("link", name="Feed", exact=True).get_attribute("href")
        assert page.request.get(f"{served.url}{ENGINE}/watch/{feed}").ok
        heads = page.locator("link[rel='alternate feed']")
        addresses = [heads.nth(number).get_attribute("href") for number in range(heads.count())]
        assert addresses == ["feed.xml", "feed.json"]
        page.get_by_role("link", name="02", exact=True).click()
        page.wait_for_url(f"**/{ENGINE}/watch/2026/02.html")
        assert page.locator("article").get_by_text("1 commit changes a watched path.").is_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.locator("article li a").first.click()
        page.wait_for_url(f"**/{ENGINE}/commit/{name_sha(6)}*")
        assert opened.complaints == []
