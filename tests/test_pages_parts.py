"""A day of many commits: its list goes on over parts, and each part is a page of bounded size."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from generator.pages.page import Page
from generator.pages.render import PageSettings, render_pages
from generator.records import Importance
from tests.page_archive import (
    ENGINE,
    MadeArchive,
    make_analysis,
    make_commit,
    make_day,
    make_repository,
    name_sha,
)

DAY = date(2026, 1, 6)
FIRST = f"{ENGINE}/2026/01/06.md"
_ROW = re.compile(r"^<li>.*?<a href=(?:\.\./)+commit/([0-9a-f]{40})\.md>", re.MULTILINE)


def render_day(importance: list[Importance]) -> dict[str, Page]:
    commits = [
        make_commit(number + 1, f"{DAY}T10:00:00+08:00", analysis=make_analysis(str, importance=level))
        for number, level in enumerate(importance)
    ]
    covered = ({"first": DAY, "last": DAY},)
    repository = make_repository(ENGINE, covered=covered, tip=commits[-1].sha)
    archive = MadeArchive((repository,), (make_day(ENGINE, DAY, commits),), ())
    pages = render_pages(archive, PageSettings(site_name="Daybook", language="en"))
    return {page.src_uri: page for page in pages if page.src_uri.startswith(FIRST.removesuffix(".md"))}


def list_parts(number: int) -> list[str]:
    return [FIRST, *(f"{ENGINE}/2026/01/06-{part}.md" for part in range(2, number + 1))]


def read_stop(page: Page, key: str) -> str | None:
    found = re.search(rf'^{key}: \["[^"]*", "([^"]*)"\]$', page.text, re.MULTILINE)
    return found[1] if found else None


@given(size=st.integers(1, 700), seed=st.integers())
@example(size=600, seed=1)
@example(size=601, seed=2)
@settings(max_examples=8, deadline=None)
def test_every_commit_stands_on_one_part_once_the_important_first(size: int, seed: int) -> None:
    importance = Random(seed).choices(list(Importance), k=size)
    pages = render_day(importance)
    assert list(pages) == list_parts(-(-len(importance) // 200))
    rows = [_ROW.findall(page.text) for page in pages.values()]
    shown = [sha for part in rows for sha in part]
    order = list(Importance)
    numbers = sorted(range(len(importance)), key=lambda number: order.index(importance[number]))
    assert shown == [name_sha(number + 1) for number in numbers]
    assert Counter(shown).most_common(1)[0][1] == 1
    assert [len(part) for part in rows[:-1]] == [200] * (len(rows) - 1)


@pytest.mark.parametrize("number", [1, 200])
def test_a_day_that_fits_one_page_says_nothing_of_parts(number: int) -> None:
    pages = render_day([Importance.LOW] * number)
    assert list(pages) == [FIRST]
    assert "Parts" not in pages[FIRST].text


def test_parts_lead_to_each_other_and_only_the_first_tells_of_the_day() -> None:
    pages = render_day([Importance.LOW] * 950)
    parts = list_parts(5)
    assert list(pages) == parts
    assert [(read_stop(page, "previous"), read_stop(page, "next")) for page in pages.values()] == [
        (None, None),
        (parts[0], parts[2]),
        (parts[1], parts[3]),
        (parts[2], parts[4]),
        (parts[3], None),
    ]
    turning = [re.findall(r"^<p>Parts: .*</p>$", page.text, re.MULTILINE) for page in pages.values()]
    assert all(first == last for first, last in turning)
    assert [re.sub("</?(?:a|p)(?: [^>]*)?>", "", lines[0]) for lines in turning] == [
        "Parts: <b>1</b> · 2 · 5",
        "Parts: 1 · <b>2</b> · 3 · 5",
        "Parts: 1 · 2 · <b>3</b> · 4 · 5",
        "Parts: 1 · 3 · <b>4</b> · 5",
        "Parts: 1 · 4 · <b>5</b>",
    ]
    assert [("950 commits" in page.text) for page in pages.values()] == [True, *[False] * 4]
    assert all("Low (950)" in page.text for page in pages.values())


def test_a_part_stays_small_however_many_commits_a_day_has() -> None:
    sizes = [
        max(len(page.text) for page in render_day([Importance.LOW] * number).values())
        for number in (400, 4000)
    ]
    assert sizes[1] < sizes[0] * 1.02
