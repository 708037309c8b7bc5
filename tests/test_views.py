"""The views of a month and a year: what matters, kinds, trends, authors; what they say, show, and lead to."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from urllib.parse import parse_qs, urlsplit

import markdown  # type: ignore[import-untyped]
import pytest
from playwright.sync_api import Browser, Page

from generator.pages import high, kinds
from generator.pages.charts import render_bars, render_share
from generator.pages.render import PageSettings, plan_pages
from generator.records import Covered, DayRecord, Importance, Kind
from generator.site.guard import check_content
from tests.browser import visit
from tests.page_archive import ENGINE, TOOLS, MadeArchive, make_archive, make_day, make_repository, name_sha
from tests.sites import HOSTILE, ServedSite, build, serve, write_archive
from tests.test_pages import list_links, parse_page, read_body, read_front_matter, render, show
from tests.test_tallies import make_change

HIGH, MEDIUM, LOW = Importance
WEEKS = 53
TRENDS, AUTHORS = f"{ENGINE}/2026/trends.md", f"{ENGINE}/2026/authors.md"
HIGH_PAGE, KINDS_PAGE = f"{ENGINE}/2026/03/high.md", f"{ENGINE}/2026/03/kinds.md"
ACROSS_HIGH = "days/2026/03/high.md"
MARCH = date(2026, 3, 1)


def make_view_archive(spell: str = "") -> MadeArchive:
    """Make a year of two repositories: weeks of one to five commits, with a gap in March, and of all kinds."""
    days = []
    number = 0
    for name, step in ((ENGINE, 3), (TOOLS, 7)):
        day = date(2025, 12, 22)
        while day < date(2026, 5, 20):
            commits = []
            for place in range(1 + day.toordinal() % 5):
                number += 1
                commits.append(
                    make_change(
                        number,
                        day,
                        f"{('Ada', 'Grace', 'Barbara')[number % 3]} {number % 7}{spell}",
                        (list(Kind)[number % 12], *([Kind.FIX] if number % 12 > 6 else [])),
                        (f"lib/part{number % 20}{spell}/a.rs", "README.md"),
                        importance=(HIGH, MEDIUM, LOW, LOW)[number % 4],
                        gone=place == 3,
                    )
                )
            days.append(make_day(name, day, commits))
            day += timedelta(days=step)
    covered = (Covered(first=date(2025, 12, 22), last=date(2026, 5, 20)),)
    records = tuple(make_repository(name, covered=covered) for name in (ENGINE, TOOLS))
    return MadeArchive(records, tuple(days))


def list_commits(archive: MadeArchive, name: str, first: date, last: date) -> Iterator[tuple[DayRecord, int]]:
    for record in archive.day_records:
        if record.repository == name and first <= record.day <= last:
            yield from ((record, place) for place, commit in enumerate(record.commits) if not commit.gone)


def read_rows(text: str) -> dict[str, tuple[str, str, str]]:
    """Read of each row of bars what is drawn, and the two numbers beside it."""
    rows = re.findall(r"<th scope=row>([^<]+)<td><svg[^>]*>(.*?)</svg><td>([^<]+)<td>([^<\n]+)", text)
    return {name: (drawn, total, most) for name, drawn, total, most in rows}


def test_bars_stand_in_their_weeks_as_high_as_their_share_of_the_largest() -> None:
    drawn = render_bars([0, 10, 1, 5], 50, [0, 1, 3], "told")
    assert drawn == (
        '<svg class=db-bars viewbox="-.5 -100 4 100" preserveaspectratio=none role=img aria-label="told">'
        '<path class=db-ground d="M-0.5 0h2M2.5 0h1"/><path d="M1 0v-20M2 0v-5M3 0v-10"/></svg>'
    )
    assert 'd=""' in render_bars([0], 1, [], "told")
    assert [
        re.findall("[0-9]+(?=%><)", render_share(*share))[0] for share in ((5, 5), (1, 3), (1, 900), (0, 4))
    ] == [
        "100",
        "33",
        "1",
        "0",
    ]


def test_trends_say_what_landed_week_by_week_in_words_bars_and_numbers() -> None:
    archive = make_view_archive()
    text = render(archive)[TRENDS]
    found = [
        record.commits[place]
        for record, place in list_commits(archive, ENGINE, date(2026, 1, 1), date(2026, 12, 31))
    ]
    rows = read_rows(text)
    every = len(found)
    of_kinds = Counter(kind for commit in found for kind in commit.analysis.kinds)
    high_ones = sum(commit.analysis.importance is HIGH for commit in found)
    authors = {commit.author.name for commit in found}
    assert f"{every} commits · 🔴 High {high_ones} · {len(authors)} authors" in show(text)
    assert rows["All"][1] == str(every)
    assert rows["🔴 High"][1] == str(high_ones)
    # The share of fixes comes after their number, and replaces it here.
    assert rows["Fix"][1] == f"{round(100 * of_kinds[Kind.FIX] / every)}%"
    assert rows["Revert"][1] == f"{round(100 * of_kinds[Kind.REVERT] / every)}%"
    assert rows["Docs"][1] == str(of_kinds[Kind.DOCS])
    by_week = Counter(
        record.day.isocalendar().week
        for record, _ in list_commits(archive, ENGINE, date(2026, 1, 1), date(2026, 12, 31))
    )
    most = max(by_week.values())
    bars = re.findall(r"M(\d+) 0v-(\d+)", rows["All"][0])
    assert {int(place) + 1: int(height) for place, height in bars} == {
        week: round(100 * number / most) for week, number in by_week.items()
    }
    busiest = min(week for week, number in by_week.items() if number == most)
    assert f'aria-label="All: {every}, at most {most} in a week (2026-W{busiest:02})"' in text
    numbers = re.findall(r"<tr><td>2026-W(\d\d) \(\d\d-\d\d\)<td>(\d+)", text)
    assert {int(week): int(number) for week, number in numbers} == dict(by_week)


def test_folders_and_authors_are_ranked_and_lead_to_the_search_with_their_names_whole() -> None:
    pages = render(make_view_archive(f" &%+{HOSTILE}"))
    for src_uri in (TRENDS, AUTHORS):
        text = pages[src_uri]
        asked = [parse_qs(urlsplit(link).query) for link in list_links(text) if "search.md?" in link]
        assert all(question["repository"] == [ENGINE] and question["year"] == ["2026"] for question in asked)
        names = [question["author"][0] for question in asked if "author" in question]
        shown = [
            commit.author.name[:80]
            for record in make_view_archive(f" &%+{HOSTILE}").day_records
            for commit in record.commits
        ]
        assert names
        assert set(names) <= {name.replace("\n", "\n") for name in shown}
    folders = [parse_qs(urlsplit(link).query) for link in list_links(pages[TRENDS]) if "search.md?q=" in link]
    assert len(folders) == 14
    assert all(question["q"][0].startswith("lib/part") for question in folders)
    assert "and 6 more" in show(pages[TRENDS])


@pytest.mark.parametrize("src_uri", [TRENDS, AUTHORS, HIGH_PAGE, KINDS_PAGE, ACROSS_HIGH])
def test_the_guard_passes_every_view_and_hostile_names_leave_nothing_on_it(src_uri: str) -> None:
    for spell in ("", HOSTILE):
        body = read_body(render(make_view_archive(spell))[src_uri])
        assert check_content(markdown.markdown(body, extensions=["tables", "toc"])) == []
        assert (
            check_content(markdown.markdown(body.replace("<svg ", "<svg onload=x ", 1))) != []
            or "<svg" not in body
        )


def test_pages_that_tell_of_a_busy_year_stay_small() -> None:
    days = []
    number = 0
    for step in range(365):
        day = date(2026, 1, 1) + timedelta(days=step)
        commits = []
        for _ in range(12):
            number += 1
            commits.append(
                make_change(
                    number,
                    day,
                    f"Author Number {number % 300:03}",
                    (list(Kind)[number % 12], Kind.FIX) if number % 12 != 1 else (Kind.FIX,),
                    tuple(f"component{number % 40:02}/backend{place}/a.rs" for place in range(3)),
                    importance=(HIGH, MEDIUM, LOW)[number % 3],
                )
            )
        days.append(make_day(ENGINE, day, commits))
    pages = render_views(MadeArchive((make_repository(ENGINE),), tuple(days)))
    assert len(pages[TRENDS].encode()) < 30_000
    assert len(re.findall("<th scope=row>", pages[TRENDS])) == 2 + 12 + 2
    assert show(pages[AUTHORS]).count("commits ") >= 200
    assert "and 100 more" in show(pages[AUTHORS])
    assert len(pages[AUTHORS].encode()) < 100_000
    # A month of 372 commits, 124 of high importance, and 12 kinds.
    assert len(pages[KINDS_PAGE].encode()) < 150_000
    for page in (HIGH_PAGE, ACROSS_HIGH):
        assert len(list_shas(pages[page])) == 124


def render_views(archive: MadeArchive) -> dict[str, str]:
    units = plan_pages(archive, PageSettings(site_name="x", language="en"))
    return {
        page.src_uri: page.text for unit in units if unit.name.startswith("views ") for page in unit.render()
    }


def list_shas(text: str) -> list[str]:
    return re.findall(r"commit/([0-9a-f]{40})\.md", text)


def test_what_matters_of_a_month_is_all_of_high_importance_that_is_still_there_newest_first() -> None:
    archive = make_view_archive()
    pages = render(archive)
    shas: dict[str, list[str]] = {}
    for name in (ENGINE, TOOLS):
        found = [
            (record.day, record.commits[place])
            for record, place in list_commits(archive, name, MARCH, date(2026, 3, 31))
        ]
        shas[name] = [commit.sha for _, commit in found if commit.analysis.importance is HIGH]
        text = pages[f"{name}/2026/03/high.md"]
        assert sorted(list_shas(text)) == sorted(shas[name])
        days = re.findall(r"^## <a href=(\d\d)\.md>", text, re.MULTILINE)
        assert days == sorted(days, reverse=True)
        assert len(days) == len(set(days)) > 1
    assert sorted(list_shas(pages[ACROSS_HIGH])) == sorted([*shas[ENGINE], *shas[TOOLS]])
    assert "ada/engine" in show(pages[ACROSS_HIGH])
    front_matter = read_front_matter(pages[HIGH_PAGE])
    assert front_matter["previous"] == ["2026&#45;02", f"{ENGINE}/2026/02/high.md"]
    assert front_matter["next"] == ["2026&#45;04", f"{ENGINE}/2026/04/high.md"]


def test_a_month_in_which_nothing_matters_any_more_says_so() -> None:
    commits = [make_change(1, MARCH), make_change(2, MARCH, importance=HIGH, gone=True)]
    day = make_day(ENGINE, MARCH, commits)
    pages = render(MadeArchive((make_repository(ENGINE),), (day,)))
    for page in (HIGH_PAGE, ACROSS_HIGH):
        assert "No commits of high importance." in show(pages[page])
        assert list_shas(pages[page]) == []


def test_what_a_page_has_no_room_for_is_counted_and_leads_to_the_search() -> None:
    commits = [make_change(number, MARCH, importance=HIGH) for number in range(1, high.MOST_COMMITS + 31)]
    pages = render_views(MadeArchive((make_repository(ENGINE),), (make_day(ENGINE, MARCH, commits),)))
    for page, scope in ((HIGH_PAGE, {"repository": [ENGINE]}), (ACROSS_HIGH, {})):
        assert len(list_shas(pages[page])) == high.MOST_COMMITS
        assert "and 30 more" in show(pages[page])
        (link,) = (link for link in list_links(pages[page]) if "search.md?" in link)
        assert parse_qs(urlsplit(link).query) == scope | {
            "q": ["2026-03"],
            "importance": ["high"],
            "order": ["newest"],
        }
    (link,) = (link for link in list_links(pages[KINDS_PAGE]) if "search.md?" in link)
    assert parse_qs(urlsplit(link).query) == {
        "q": ["2026-03"],
        "kind": ["fix"],
        "repository": [ENGINE],
        "order": ["newest"],
    }
    assert len(list_shas(pages[KINDS_PAGE])) == kinds.MOST_COMMITS
    assert f"and {high.MOST_COMMITS + 30 - kinds.MOST_COMMITS} more" in show(pages[KINDS_PAGE])


def test_a_month_by_kind_lists_every_commit_with_each_of_its_kinds_those_that_matter_first() -> None:
    commits = [
        make_change(1, MARCH, kinds=(Kind.FIX, Kind.DOCS), importance=LOW),
        make_change(2, MARCH, kinds=(Kind.FIX,), importance=HIGH),
        make_change(3, MARCH, kinds=(Kind.FIX,), importance=LOW),
        make_change(4, MARCH, kinds=(Kind.CI,), gone=True),
    ]
    pages = render(MadeArchive((make_repository(ENGINE),), (make_day(ENGINE, MARCH, commits),)))
    text = pages[KINDS_PAGE]
    found = {
        kind: list_shas(part) for kind, part in re.findall(r"<h2 id=([a-z]+)>(.*?)(?=<h2|$)", text, re.DOTALL)
    }
    assert found == {"fix": [name_sha(2), name_sha(3), name_sha(1)], "docs": [name_sha(1)]}
    assert show(text).startswith(
        "ada/engine 2026-03 By kind 3 commits Views: High importance · By kind "
        "Kind Commits 🔴 High Fix 3 1 Docs 1 Fix (3) "
    )


def test_views_lead_to_each_other_and_every_page_beside_them_leads_to_them() -> None:
    pages = render(make_archive())
    assert {f"2026/01/{view}.md" for view in ("high", "kinds")} <= set(
        list_links(pages[f"{ENGINE}/index.md"])
    )
    assert {"2026/trends.md", "2026/authors.md"} <= set(list_links(pages[f"{ENGINE}/index.md"]))
    assert {"high.md", "kinds.md"} <= set(list_links(pages[f"{ENGINE}/2026/01/index.md"]))
    assert {"trends.md", "authors.md"} <= set(list_links(pages[f"{ENGINE}/2026/index.md"]))
    assert "high.md" in list_links(pages["days/2026/01/index.md"])
    assert "days/2026/01/high.md" in list_links(pages["index.md"])
    assert "kinds.md" in list_links(pages[f"{ENGINE}/2026/01/high.md"])
    assert "authors.md" in list_links(pages[f"{ENGINE}/2026/trends.md"])


def test_a_day_renews_the_views_of_its_month_and_year_and_no_others() -> None:
    archive = make_view_archive()
    day = date(2026, 5, 20)
    later = MadeArchive(
        archive.records, (*archive.day_records, make_day(ENGINE, day, [make_change(99_999, day)]))
    )

    def plan(made: MadeArchive) -> dict[str, str]:
        units = plan_pages(made, PageSettings(site_name="x", language="en"))
        return {unit.name: unit.key for unit in units if unit.name.startswith("views ")}

    before, after = plan(archive), plan(later)
    assert {name for name in after if before.get(name) != after[name]} == {
        f"views {ENGINE} 2026-05",
        f"views {ENGINE} 2026",
        "views days 2026-05",
    }


@pytest.fixture(scope="module")
def viewed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedSite]:
    root = tmp_path_factory.mktemp("views")
    write_archive(root, make_view_archive(), language="en", url=None)
    build(root)
    with serve(root, None) as served:
        yield served


def open_page(page: Page, site: ServedSite, src_uri: str) -> None:
    page.goto(site.url + src_uri.removesuffix(".md") + ".html")


def test_whoever_cannot_see_the_bars_is_told_what_they_show(viewed: ServedSite, browser: Browser) -> None:
    with visit(browser, viewed.url + TRENDS.replace(".md", ".html")) as opened:
        page = opened.page
        pictures = page.locator(".db-trends").get_by_role("img")
        assert pictures.count() == 2 + 12 + 2
        assert page.get_by_role("img", name=re.compile("^All: [0-9]+, at most [0-9]+ in a week")).count() == 1
        numbers = page.get_by_role("table").filter(has_text="2026-W02")
        assert not numbers.is_visible()
        page.get_by_text("The numbers by week").click()
        assert numbers.is_visible()
        assert page.locator("svg text, svg [style], svg [fill]").count() == 0
        assert opened.complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_bars_are_seen_in_both_palettes_on_paper_and_with_forced_colours(
    viewed: ServedSite, browser: Browser, scheme: str
) -> None:
    with visit(browser, viewed.url + TRENDS.replace(".md", ".html")) as opened:
        page = opened.page
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        page.reload()
        look = """() => [".db-bars-tall path:last-child", ".db-bars-high path:last-child", ".db-bars path:last-child",
            ".db-share rect"].map((name) => {
            const style = getComputedStyle(document.querySelector(name));
            return name.endsWith("rect") ? style.fill : style.stroke;
        })"""
        for media in ({}, {"media": "print"}, {"forced_colors": "active"}):
            page.emulate_media(**media)  # type: ignore[arg-type]
            colours = page.evaluate(look)
            background = page.evaluate("getComputedStyle(document.body).backgroundColor")
            for colour in colours:
                assert measure_contrast(colour, background) >= 3, (media, colour, background)
        assert page.evaluate("document.querySelector('.db-bars').getBoundingClientRect().height") > 10


def measure_contrast(one: str, other: str) -> float:
    """Measure the contrast of two colours as WCAG 2.2 does; what no colour was given is white paper."""

    def measure(colour: str) -> float:
        numbers = [float(number) for number in re.findall(r"[0-9.]+", colour)]
        if len(numbers) == 4 and numbers[3] == 0:
            numbers = [255.0] * 3
        parts = [number / 255 for number in numbers[:3]]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    darker, lighter = sorted((measure(one), measure(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("src_uri", [TRENDS, AUTHORS, HIGH_PAGE, KINDS_PAGE, ACROSS_HIGH])
def test_no_view_is_wider_than_a_phone(viewed: ServedSite, browser: Browser, src_uri: str) -> None:
    with visit(browser, viewed.url + src_uri.replace(".md", ".html")) as opened:
        opened.page.set_viewport_size({"width": 360, "height": 780})
        assert opened.page.evaluate("document.documentElement.scrollWidth") <= 360
        assert opened.complaints == []


def test_a_kind_of_the_table_leads_down_to_its_commits(viewed: ServedSite, browser: Browser) -> None:
    with visit(browser, viewed.url + KINDS_PAGE.replace(".md", ".html")) as opened:
        page = opened.page
        page.set_viewport_size({"width": 800, "height": 500})
        page.locator(".db-ranks").get_by_text("Revert", exact=True).click()
        assert page.url.endswith("#revert")
        assert 0 <= page.evaluate("document.querySelector('#revert').getBoundingClientRect().top") < 500


def read_count(page: Page) -> int:
    status = page.locator(".db-search__status", has_text=re.compile("^[0-9]+ result"))
    return int(status.inner_text().split()[0])


def test_an_author_a_folder_and_a_kind_lead_to_as_many_results_as_were_counted(
    viewed: ServedSite, browser: Browser
) -> None:
    gone = sum(commit.gone for record in make_view_archive().day_records for commit in record.commits)
    assert gone
    with visit(browser, viewed.url + TRENDS.replace(".md", ".html")) as opened:
        page = opened.page
        for heading in ("Author", "Folder"):
            open_page(page, viewed, TRENDS)
            row = page.locator(f".db-ranks:has(th:text-is('{heading}')) tbody tr:has(a)").first
            link = row.get_by_role("link")
            text = link.inner_text()
            link.click()
            # The search also finds commits that left the branch.
            assert read_count(page) >= int(row_number(page, viewed, heading, text))
            assert page.locator(".db-search__list a").first.is_visible()
        assert opened.complaints == []


def row_number(page: Page, site: ServedSite, heading: str, text: str) -> str:
    other = page.context.new_page()
    open_page(other, site, TRENDS)
    number = other.locator(f".db-ranks:has(th:text-is('{heading}')) tbody tr", has_text=text).first
    told = number.locator("td").last.inner_text()
    other.close()
    return told


def test_the_rest_of_a_month_is_found_by_the_link_that_counts_it(
    tmp_path_factory: pytest.TempPathFactory, browser: Browser
) -> None:
    root = tmp_path_factory.mktemp("rest")
    february = date(2026, 2, 27)
    days = [
        make_day(ENGINE, february, [make_change(1, february, kinds=(Kind.FIX,))]),
        make_day(ENGINE, MARCH, [make_change(number, MARCH, kinds=(Kind.FIX,)) for number in range(2, 28)]),
    ]
    write_archive(root, MadeArchive((make_repository(ENGINE),), tuple(days)), language="en", url=None)
    build(root)
    with (
        serve(root, None) as served,
        visit(browser, served.url + KINDS_PAGE.replace(".md", ".html")) as opened,
    ):
        opened.page.get_by_role("link", name="and 6 more").click()
        assert read_count(opened.page) == 26
        assert opened.complaints == []


def test_a_view_holds_no_id_but_those_of_its_kinds_and_headings() -> None:
    tree = parse_page(render(make_archive())[f"{ENGINE}/2026/01/kinds.md"])
    ids = [str((node.attrs or {})["id"]) for node in tree.query("[id]")]
    assert ids == ["feature", "performance", "revert", "other"]
