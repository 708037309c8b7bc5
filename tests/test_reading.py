"""The reader's five minutes: what the home page and a day's page say, and how one gets through them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Browser, Page

from generator.pages.render import PageSettings, plan_pages, render_pages
from generator.pages.sentences import split_first
from generator.records import Covered, Importance, Kind
from tests.browser import visit
from tests.page_archive import (
    ENGINE,
    MONDAY,
    TOOLS,
    MadeArchive,
    make_analysis,
    make_commit,
    make_day,
    make_long_archive,
    make_repository,
)
from tests.sites import ServedSite, build, serve, write_archive
from tests.test_pages import render, show

NOON = "T12:00:00+08:00"
DAY = date(2026, 1, 5)
HIGH, MEDIUM, LOW = Importance


@pytest.mark.parametrize(
    ("text", "first", "rest"),
    [
        ("One. Two.", "One.", "Two."),
        ("修复了问题。共改动 3 个文件。", "修复了问题。", "共改动 3 个文件。"),
        (
            "Moves to v1.2 of a.b, e.g. the parser. It is `A. B`.",
            "Moves to v1.2 of a.b, e.g. the parser.",
            "It is `A. B`.",
        ),
        ("Reads `a. B` whole. Then stops.", "Reads `a. B` whole.", "Then stops."),
        ("Feature: “One. Two”. The end.", "Feature: “One. Two”.", "The end."),
        ("Really? Yes!", "Really?", "Yes!"),
        ("no stop at all", "no stop at all", ""),
        ("", "", ""),
    ],
)
def test_the_first_sentence_ends_where_a_reader_would_stop(text: str, first: str, rest: str) -> None:
    assert split_first(text) == (first, rest)


@given(st.text(st.sampled_from("aB1 .。!?`“”\n"), max_size=40))
def test_no_text_loses_a_character_between_its_first_sentence_and_the_rest(text: str) -> None:
    assert re.sub(r"\s", "", "".join(split_first(text))) == re.sub(r"\s", "", text)


def make_sizes(sizes: dict[date, int], covered: tuple[Covered, ...] = ()) -> MadeArchive:
    numbers = iter(range(1, 10_000))
    days = tuple(
        make_day(ENGINE, day, [make_commit(next(numbers), f"{day}{NOON}") for _ in range(size)])
        for day, size in sizes.items()
    )
    return MadeArchive((make_repository(ENGINE, covered=covered),), days)


def read_year(home: str) -> dict[str, tuple[str, str]]:
    """Read of each day of the year what its cell looks like and what it says."""
    table = home[home.index("<table class=db-weeks>") : home.index("</table></figure>")]
    cells = re.findall(
        r"<td(?: class=([^ >]+))?>(?:<a href=[^>]+>)?(?:<span><time>(\S+)</time>: (.*?)</span>)?", table
    )
    return {day: (mark, told) for mark, day, told in cells if day}


def test_every_day_of_the_past_year_says_how_much_happened_in_words_and_by_its_size() -> None:
    end = date(2026, 6, 10)
    sizes = {
        end - timedelta(days=ago): size
        for ago, size in {300: 900, 40: 4, 30: 3, 20: 2, 10: 1, 400: 7}.items()
    }
    covered = (Covered(first=end - timedelta(days=400), last=end - timedelta(days=1)),)
    home = render(make_sizes(dict(sorted(sizes.items())), covered), today=end + timedelta(days=1))["index.md"]
    year = read_year(home)
    # Quarters of the days with commits, so that one huge day leaves the others apart.
    assert {day: found for day, found in year.items() if found[1][0].isdigit()} == {
        "2025-08-14": ("db-heat-4", "900 commits"),
        "2026-05-01": ("db-heat-3", "4 commits"),
        "2026-05-11": ("db-heat-2", "3 commits"),
        "2026-05-21": ("db-heat-1", "2 commits"),
        "2026-05-31": ("db-heat-1", "1 commit"),
    }
    assert "Commits a day: <span class=db-heat-1></span> 1–2 <span class=db-heat-2></span> 3 " in home
    assert year["2026-06-09"] == ("db-heat-0", "no commits")
    assert year["2026-06-10"] == ("db-unknown", "not looked at yet")
    assert "2026-06-11" not in year
    assert home.count("<tr><th scope=row>") == 7
    assert all(
        row.count("<td") == 53
        for row in home[home.index("<tbody>", home.index("db-weeks")) :].split("<tr>")[1:8]
    )
    assert home.count("<a href=days/2026/05/01.md>") >= 1


def test_a_day_that_is_over_is_told_on_the_home_page_although_no_record_changed() -> None:
    archive = make_sizes({MONDAY: 1})

    def plan(today: date) -> dict[str, str]:
        settings = PageSettings(site_name="x", language="en", today=today)
        return {unit.name: unit.key for unit in plan_pages(archive, settings)}

    before, after = plan(date(2026, 1, 6)), plan(date(2026, 1, 7))
    assert {name for name in before if before[name] != after[name]} >= {"home", f"repository {ENGINE}"}
    assert plan(date(2026, 1, 7)) == after


def test_home_begins_with_the_latest_day_then_the_year_then_the_repositories() -> None:
    archive = make_reading()
    shown = show(render(archive)["index.md"])
    order = [
        "2026-01-06 Tue",
        "Commits of high importance",
        "The past year",
        "Repositories",
        "Recent days",
        "Years",
    ]
    places = [shown.index(text) for text in order]
    assert places == sorted(places)


def test_a_day_of_more_commits_than_a_page_lists_says_how_many_are_elsewhere() -> None:
    days = tuple(
        make_day(name, DAY, [make_commit(first + n, f"{DAY}{NOON}") for n in range(150)])
        for name, first in ((ENGINE, 1), (TOOLS, 1001))
    )
    archive = MadeArchive((make_repository(ENGINE), make_repository(TOOLS)), days)
    shown = show(render(archive)["days/2026/01/05.md"])
    assert shown.count("touches one file") == 200
    assert "100 more commits on the repositories' pages" in shown


def make_reading() -> MadeArchive:
    """Make two days of two repositories; on the second day, commits of several kinds and of every importance."""
    told = {
        "summary": "Does a thing. It does it well.",
        "risks": ("It may break.",),
        "advice": ("Watch it.",),
    }
    writer = {"writer": "model", "model": "m", "version": "p-1", "language": "en", "share_read": 1.0}
    tuesday = DAY + timedelta(days=1)
    made = [
        make_commit(
            number,
            f"{tuesday}{NOON}",
            subject=f"subject {number}",
            analysis=make_analysis(str, kinds=kinds, importance=of, provenance=writer, **told),
        )
        for number, (kinds, of) in enumerate(
            [
                ((Kind.FIX,), HIGH),
                ((Kind.FIX, Kind.TEST), LOW),
                ((Kind.DOCS,), LOW),
                ((Kind.FEATURE,), MEDIUM),
            ],
            2,
        )
    ]
    days = (
        make_day(ENGINE, DAY, [make_commit(1, f"{DAY}{NOON}")]),
        make_day(ENGINE, tuesday, made),
        make_day(TOOLS, tuesday, [make_commit(101, f"{tuesday}{NOON}", subject="subject 101")]),
    )
    return MadeArchive((make_repository(ENGINE), make_repository(TOOLS)), days)


ACROSS_DAY = "days/2026/01/06.html"


@pytest.fixture(scope="module")
def reading(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedSite]:
    """Build an English site of two days, and serve it."""
    root = tmp_path_factory.mktemp("reading")
    write_archive(root, make_reading(), language="en", url=None)
    build(root)
    with serve(root, None) as served:
        yield served


def list_shown(page: Page) -> list[str]:
    lines = page.locator('[class^="db-commits-"] > li:visible > a:first-of-type')
    return [text.removeprefix("subject ") for text in lines.all_inner_texts()]


def test_what_the_address_asks_for_is_shown_and_what_is_chosen_stands_in_the_address(
    reading: ServedSite, browser: Browser
) -> None:
    with visit(browser, f"{reading.url}{ACROSS_DAY}?kind=fix&importance=high") as opened:
        page = opened.page
        page.wait_for_selector("text=1 of 5 commits shown")
        assert list_shown(page) == ["2"]
        assert page.locator("h2:visible", has_text="Low").count() == 0
        page.select_option("select[name=importance]", "")
        assert list_shown(page) == ["2", "3"]
        assert page.locator("[role=status]").inner_text() == "2 of 5 commits shown"
        assert page.url.endswith("06.html?kind=fix")
        page.reload()
        page.wait_for_selector("text=2 of 5 commits shown")
        page.select_option("select[name=kind]", "")
        page.select_option("select[name=repository]", TOOLS)
        assert list_shown(page) == ["101"]
        # It goes along to the day before, where there is no such commit to choose.
        page.keyboard.press("Tab")
        page.locator("h1").click()
        page.keyboard.press("ArrowLeft")
        page.wait_for_url("**/05.html?repository=lab%2Ftools")
        page.wait_for_selector("text=0 of 1 commits shown")
        assert opened.complaints == []


def test_without_a_script_every_commit_is_there_and_no_empty_room(
    reading: ServedSite, browser: Browser
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{reading.url}{ACROSS_DAY}?kind=fix")
    assert list_shown(page) == ["2", "5", "3", "4", "101"]
    assert not page.locator(".db-filters").is_visible()
    page.locator("summary").first.click()
    assert page.locator("details").first.inner_text().split("\n")[:2] == ["Does a thing.", "It does it well."]
    context.close()


def read_focus(page: Page) -> str:
    return str(page.evaluate("document.activeElement.textContent.trim()"))


def test_keys_walk_through_the_commits_that_are_shown(reading: ServedSite, browser: Browser) -> None:
    with visit(browser, f"{reading.url}{ACROSS_DAY}?importance=low") as opened:
        page = opened.page
        page.wait_for_selector("text=3 of 5 commits shown")
        for key, text in [
            ("j", "3"),
            ("j", "4"),
            ("j", "101"),
            ("j", "101"),
            ("k", "4"),
            ("k", "3"),
            ("k", "3"),
        ]:
            page.keyboard.press(key)
            page.wait_for_function(
                "text => document.activeElement.textContent === text", arg=f"subject {text}"
            )
        page.keyboard.press("o")
        page.wait_for_selector("li:not([hidden]) details[open]")
        page.keyboard.press("Control+j")
        page.keyboard.press("/")
        page.keyboard.type("jk?")
        assert page.locator(".md-search__input").input_value() == "jk?"
        assert page.locator("dialog").count() == 0
        assert opened.complaints == []


def test_help_opens_by_a_key_and_a_button_and_closes_by_escape(reading: ServedSite, browser: Browser) -> None:
    with visit(browser, reading.url + ACROSS_DAY) as opened:
        page = opened.page
        page.keyboard.press("?")
        dialog = page.get_by_role("dialog", name="Keys")
        dialog.wait_for()
        page.keyboard.press("j")
        page.keyboard.press("Escape")
        dialog.wait_for(state="detached")
        assert read_focus(page) != "subject 2"
        page.get_by_role("button", name="Keys").click()
        dialog.wait_for()
        page.get_by_role("checkbox").uncheck()
        page.keyboard.press("Escape")
        dialog.wait_for(state="detached")
        # Single letters are off, here and on the next page; keys that are no letters still work.
        page.keyboard.press("?")
        page.locator("h1").click()
        page.keyboard.press("ArrowLeft")
        page.wait_for_url("**/05.html")
        page.keyboard.press("?")
        page.keyboard.press("j")
        page.get_by_role("button", name="Keys").click()
        dialog.wait_for()
        assert not page.get_by_role("checkbox").is_checked()
        assert opened.complaints == []


def test_first_visit_says_nothing_and_a_later_one_marks_what_is_new(
    reading: ServedSite, browser: Browser
) -> None:
    with visit(browser, reading.url) as opened:
        page = opened.page
        page.wait_for_function("() => localStorage.getItem('/.__visit')")
        assert page.locator(".db-visit").inner_text() == ""
        assert page.locator(".db-new").count() == 0
        kept = json.loads(page.evaluate("localStorage.getItem('/.__visit')"))
        assert kept["counts"] == {"2026-01-06": 5, "2026-01-05": 1, ENGINE: 5, TOOLS: 1}
        # As a visit of the day before would have left it.
        kept |= {"at": 0, "counts": {"2026-01-05": 1, ENGINE: 1}}
        page.evaluate("kept => localStorage.setItem('/.__visit', kept)", json.dumps(kept))
        for _ in range(2):
            # A page that is opened again belongs to the same visit.
            page.reload()
            page.wait_for_selector("text=Since your last visit: 5 new commits on 1 day")
            assert page.locator(".db-new").count() == 3
            assert page.locator(".db-new > td:first-child").all_text_contents() == [
                f"{ENGINE}, 4 new",
                f"{TOOLS}, 1 new",
                "2026-01-06 Tue, 5 new",
            ]
        assert opened.complaints == []


def test_print_shows_what_is_folded_and_no_navigation(reading: ServedSite, browser: Browser) -> None:
    with visit(browser, reading.url + ACROSS_DAY) as opened:
        page = opened.page
        page.wait_for_selector("text=5 of 5 commits shown")
        count = "document.querySelectorAll('details:not([open])').length"
        page.evaluate(f"addEventListener('beforeprint', () => {{ window.folded = {count} }})")
        page.pdf()
        assert page.evaluate("window.folded") == 0
        assert page.locator("details[open]").count() == 0
        page.emulate_media(media="print")
        for hidden in (".md-header", ".md-sidebar", ".db-filters", "footer", ".md-path"):
            assert not page.locator(hidden).first.is_visible(), hidden


def test_pages_of_a_long_archive_stay_as_large_as_those_of_a_short_one() -> None:
    settings = PageSettings(site_name="x", language="en")
    sizes = [
        max(
            len(page.text)
            for page in render_pages(make_long_archive(days, 1), settings)
            if page.src_uri == "index.md"
        )
        for days in (380, 760)
    ]
    assert sizes[1] < sizes[0] * 1.05
