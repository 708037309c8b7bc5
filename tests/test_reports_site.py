"""An archive of imported reports as a whole: its site, its search, its pages written anew, what verify says of it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from generator.checking.repairing import repair
from generator.checking.verifying import verify
from generator.config import load_config
from generator.pages.render import PageSettings
from generator.paging import write_pages
from generator.reports.importing import import_reports
from generator.site.entries import make_entries
from generator.store.archive import Archive
from tests.archives import read_files
from tests.browser import visit
from tests.page_archive import MadeArchive
from tests.quiet import QuietReport
from tests.reports import ANALYSIS, DAY, NAME, TOOLS, make_told, write_first, write_second
from tests.sites import HOSTILE, build, serve, write_archive

NOW = datetime(2026, 6, 1, tzinfo=UTC)
WORD, CHINESE = "walrusocket", "紫色海象"
MIDDLE = f"{'前文很长。' * 300}\n\n| a | b |\n|---|---|\n| x | 在**{CHINESE}**旁边的 `{WORD}` |\n\n{'后文也长。' * 100}"


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Import reports into an archive, one of them hostile in every text."""
    root = tmp_path_factory.mktemp("reports")
    write_archive(root, MadeArchive((), ()))
    (root / "archive.yml").write_text(
        "timezone: Asia/Shanghai\nrepositories:\n  - url: https://github.com/octo/none\n"
    )
    told = make_told(6)
    hostile = HOSTILE.replace("\n", " ")
    spoilt = [
        one.__class__(
            subject=f"{hostile} {place}",
            author=hostile,
            time=one.time,
            analysis=f"{ANALYSIS}\n\n{HOSTILE}",
            name=TOOLS,
        )
        for place, one in enumerate(make_told(3, name=TOOLS))
    ]
    texts = {
        "a.md": write_first(DAY, (NAME, told)).replace(told[1].analysis, f"{ANALYSIS}\n\n{MIDDLE}", 1),
        "b.md": write_second("2026-01-07", (NAME, make_told(6, day="2026-01-07"))),
        "c.md": write_first(DAY, (TOOLS, spoilt)),
    }
    documents = []
    for name, text in texts.items():
        (root / name).write_text(text, encoding="utf-8", newline="")
        documents.append((name, root / name))
    import_reports(root, load_config(root / "archive.yml"), documents, NOW, QuietReport())
    return root


@pytest.fixture(scope="module")
def site(archive: Path) -> Iterator[str]:
    """Build and serve it; the guard looks at every page."""
    build(archive)
    with serve(archive, None) as served:
        yield served.url


def test_search_finds_a_word_from_the_middle_of_an_old_analysis(browser: Browser, site: str) -> None:
    for query in (WORD, CHINESE):
        with visit(browser, site) as opened:
            page = opened.page
            page.keyboard.press("/")
            page.locator(".md-search__input").fill(query)
            page.wait_for_selector(".md-search-result__list[aria-busy=true]", state="attached")
            page.wait_for_selector(".md-search-result__list[aria-busy=false]", state="attached")
            links = page.locator(".md-search-result__list a:not(.db-hit--every)").all()
            assert [str(link.get_attribute("href")) for link in links] == [
                f"{site}{NAME}/commit/{make_told(2)[1].sha}.html"
            ]


def test_entry_of_an_old_analysis_holds_its_words_and_no_marks(archive: Path) -> None:
    record = Archive(archive / "docs").read_day(NAME, datetime.fromisoformat(DAY).date())
    entries = {entry.url: entry.text for entry in make_entries(record)}
    text = entries[f"/{NAME}/commit/{make_told(2)[1].sha}.html"]
    assert f"在{CHINESE}旁边的 {WORD}" in text
    assert not {"**", "`", "|---"} & set(text.split())


def test_pages_are_those_of_an_archive_written_anew(archive: Path, tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    for path in (archive / "docs").rglob("*.json"):
        target = tmp_path / path.relative_to(archive)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    write_pages(
        tmp_path, Archive(tmp_path / "docs"), PageSettings(site_name="Daybook", language="zh"), QuietReport()
    )
    made = {path: content for path, content in read_files(tmp_path).items() if path.endswith(".md")}
    held = {path: content for path, content in read_files(archive).items() if path in made}
    assert f"{NAME}/commit/{make_told(1)[0].sha}.md" in made
    assert made == held


def test_verify_takes_nothing_that_was_imported_for_damage(archive: Path, site: str) -> None:
    assert site
    findings = verify(archive, load_config(archive / "archive.yml"), NOW, QuietReport())
    assert findings.problems == []


def test_account_that_was_changed_is_found_and_put_aside(archive: Path, tmp_path: Path) -> None:
    shutil.copytree(archive, tmp_path / "copy")
    path = tmp_path / "copy" / "docs" / "imports.json"
    path.write_bytes(path.read_bytes().replace(b'"commits": 6', b'"commits": 7', 1))
    findings = verify(tmp_path / "copy", load_config(archive / "archive.yml"), NOW, QuietReport())
    assert any("imports.json" in problem.place for problem in findings.problems)
    repairs = repair(tmp_path / "copy", load_config(archive / "archive.yml"), NOW, QuietReport())
    assert "docs/imports.json" in [file for file, _ in repairs.aside]
    assert not path.exists()
