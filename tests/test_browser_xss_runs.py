"""A thousand texts that would run a program, by the way they come: from git and from a model, through Daybook itself.

What test_browser_xss.py holds of records, this holds of `daybook update` and `daybook build`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from generator.pages.classes import WARN
from generator.records import Importance, Kind
from generator.store.archive import Archive
from tests.payload_pages import ReadPage, list_pages, read_page
from tests.payload_run import Item, run_daybook
from tests.payloads import PAYLOADS, disarm
from tests.sites import serve
from tests.soak import count_cases, scale
from tests.watching import watch

TOGETHER = scale(12, 1)


@dataclass(frozen=True)
class RunSite:
    """A served site that Daybook made of hostile repositories, and one that it made of harmless ones."""

    url: str
    root: Path
    harmless: Path
    items: dict[str, Item]

    @property
    def folder(self) -> Path:
        """Where the built site is."""
        return self.root / "site"


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunSite]:
    texts = [PAYLOADS[start : start + TOGETHER] for start in range(0, len(PAYLOADS), TOGETHER)]
    root, harmless = (tmp_path_factory.mktemp(name) for name in ("run", "harmless"))
    items = run_daybook(root, texts, str)
    run_daybook(harmless, texts[:: scale(6, 40)], disarm)
    with serve(root, "https://example.org/daybook/") as served:
        yield RunSite(served.url, root, harmless / "site", items)


# What a class says of a commit in a word of a closed list, or by a figure.
ANY = re.compile(f"(?<=db-kind-)(?:{'|'.join(Kind)})|(?<=db-commits-)(?:{'|'.join(Importance)})|[0-9]")


def test_no_text_of_git_or_of_a_model_does_anything_but_stand_on_its_page(
    ran: RunSite, browser: Browser
) -> None:
    check_records(ran)
    known = {shape for path in list_pages(ran.harmless) for shape in find_shapes(read(ran.harmless, path))}
    # Code that a model speaks of and its commit does not hold.
    known.add(("code", frozenset({"class"}), WARN))
    pages = list_pages(ran.folder)
    assert len(pages) > len(ran.items)
    with watch(browser) as watching, count_cases("pages of hostile repositories") as count:
        for path, seen in zip(pages, watching.open(ran.url, pages), strict=True):
            count.add()
            page = read(ran.folder, path)
            assert find_shapes(page) <= known, path
            seen.check(ran.url + path, path, page)
    assert watching.heard == []


def check_records(ran: RunSite) -> None:
    """Check that every commit is archived, most of them as the model wrote them, and digests too."""
    archive = Archive(ran.root / "docs")
    names = sorted({item.repository for item in ran.items.values()})
    days = [archive.read_day(name, day) for name in names for day in archive.days(name)]
    commits = {commit.sha: commit for day in days for commit in day.commits}
    assert set(commits) == {item.sha for item in ran.items.values()}
    assert len([commit for commit in commits.values() if commit.diff]) > 0.4 * len(commits)
    writers = [commit.analysis.provenance.writer for commit in commits.values()]
    assert writers.count("model") > 0.7 * len(writers)
    digests = [archive.find_digest(day.repository, str(day.day)) for day in days]
    assert len([digest for digest in digests if digest and digest.provenance.writer == "model"]) > 2


def read(site: Path, path: str) -> ReadPage:
    """Read a page of a site."""
    return read_page((site / path).read_text(encoding="utf-8"))


def find_shapes(page: ReadPage) -> set[tuple[str, frozenset[str], str]]:
    """Find the elements of a page, each with the names of its attributes and with its class but for `ANY`."""
    return {
        (name, frozenset(attributes), ANY.sub("", attributes.get("class", "")))
        for name, attributes in page.elements
    }
