"""The real reports, where the folder that DAYBOOK_CORPUS names is there: every row, every SHA, every analysis."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from generator.config import Config, TrackedRepository
from generator.hosts import find_name
from generator.imports import Trouble
from generator.pages.render import PageSettings, render_pages
from generator.records import Commit, Outcome
from generator.reports.exporting import export_report
from generator.reports.importing import Imported, import_reports, list_documents
from generator.site.guard import check_content
from generator.store.archive import Archive
from tests.archives import read_files
from tests.quiet import QuietReport

CORPUS = os.environ.get("DAYBOOK_CORPUS")
pytestmark = pytest.mark.skipif(CORPUS is None, reason="DAYBOOK_CORPUS names no folder with reports")
CONFIG = Config(
    repositories=(TrackedRepository(url="https://github.com/octo/none"),), timezone="Asia/Shanghai"
)
ADDRESS = re.compile(r"(https://github\.com/[^\s)]+?)/commit/([0-9a-f]{40})")
ROW = re.compile(r"^\| \d{4}-\d{2}-\d{2} ", re.MULTILINE)


def list_reports() -> dict[str, Path]:
    found = list_documents([Path(CORPUS or ".")])
    return {
        name: path for name, path in found if path.read_text(encoding="utf-8").startswith("# 每日更新报告")
    }


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Imported]:
    root = tmp_path_factory.mktemp("corpus")
    moment = datetime(2026, 12, 1, tzinfo=UTC)
    return root, import_reports(root, CONFIG, list(list_reports().items()), moment, QuietReport())


def read_commits(root: Path) -> Iterator[tuple[str, date, Commit]]:
    archive = Archive(root / "docs")
    for name in archive.names():
        for day in archive.days(name):
            for commit in archive.read_day(name, day).commits:
                yield name, day, commit


def test_every_row_and_every_sha_is_found(done: tuple[Path, Imported]) -> None:
    root, imported = done
    told = {
        (find_name(match[1]), sha)
        for path in list_reports().values()
        for match in ADDRESS.finditer(path.read_text(encoding="utf-8"))
        for sha in [match[2]]
    }
    assert {(name, commit.sha) for name, _, commit in read_commits(root)} == told
    for report in imported.told:
        text = list_reports()[report.file.file].read_text(encoding="utf-8")
        assert report.file.rows == report.file.commits == len(ROW.findall(text)), report.file.file
    troubles = {found.trouble for report in imported.told for found in report.findings}
    assert troubles <= {Trouble.FAILED, Trouble.SOME_FIELDS}


def test_every_analysis_is_in_fields_or_listed_with_its_reason(done: tuple[Path, Imported]) -> None:
    root, imported = done
    listed = {(report.file.file, found.line) for report in imported.told for found in report.findings}
    for _, _, commit in read_commits(root):
        analysis, reported = commit.analysis, commit.reported
        assert reported is not None
        assert analysis.original
        if (reported.file, reported.line) not in listed:
            assert analysis.outcome is Outcome.OK
            assert analysis.provenance.writer == "report"
            assert analysis.summary


def test_reports_of_the_first_format_come_back_letter_for_letter(done: tuple[Path, Imported]) -> None:
    root, imported = done
    tried = 0
    for report in imported.told:
        content = list_reports()[report.file.file].read_bytes()
        if b"**SHA**" not in content:
            (text,) = export_report(root, CONFIG, report.file.day or date.min, report.file.repositories)
            assert text.encode() == content, report.file.file
            tried += 1
    assert tried >= 2


def test_no_page_is_refused_by_the_guard(done: tuple[Path, Imported]) -> None:
    root, _ = done
    for page in render_pages(Archive(root / "docs"), PageSettings(site_name="x", language="zh")):
        content = page.text.partition("\n---\n")[2]
        assert check_content(content) == [], page.src_uri
        assert len(page.text) < 300_000, page.src_uri


def test_importing_again_changes_no_byte(done: tuple[Path, Imported]) -> None:
    root, _ = done
    before = read_files(root)
    import_reports(
        root, CONFIG, list(list_reports().items()), datetime(2026, 12, 1, tzinfo=UTC), QuietReport()
    )
    assert read_files(root) == before
