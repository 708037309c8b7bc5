"""A day becomes a report: an imported one letter for letter, any other in the same form, split where it is too long."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest

from generator.config import Config, TrackedRepository
from generator.imports import Trouble
from generator.pages.render import PageSettings, render_pages
from generator.pages.survey import Standing, survey_archive
from generator.record_bytes import parse_record, render_record
from generator.records import DayRecord, Outcome, RepositoryRecord
from generator.reports.exporting import export_report
from generator.reports.importing import import_reports
from generator.reports.reading.reader import read_document
from generator.reports.writing import Chapter, render_report, split_report, write_parts
from generator.store.archive import Archive
from tests.archives import read_files
from tests.page_archive import ENGINE, make_archive
from tests.quiet import QuietReport
from tests.reports import DAY, NAME, TOOLS, damage, make_told, write_first, write_second

CONFIG = Config(
    repositories=(TrackedRepository(url="https://github.com/octo/none"),), timezone="Asia/Shanghai"
)
NOW = datetime(2026, 6, 1, tzinfo=UTC)


def bring_in(root: Path, *texts: str, replace: bool = False) -> list[Trouble]:
    folder = root / "reports"
    folder.mkdir(exist_ok=True)
    documents = []
    for number, text in enumerate(texts):
        path = folder / f"{number}.md"
        path.write_bytes(text.encode())
        documents.append((path.name, path))
    done = import_reports(root, CONFIG, documents, NOW, QuietReport(), replace=replace)
    return [found.trouble for told in done.told for found in told.findings]


def export(root: Path, day: str = DAY) -> str:
    (text,) = export_report(root, CONFIG, date.fromisoformat(day))
    return text


@pytest.mark.parametrize(
    "text",
    [
        write_first(DAY, (NAME, make_told(9))),
        write_first(DAY, (TOOLS, make_told(3, name=TOOLS)), (NAME, make_told(4))),
        write_first(DAY, (NAME, make_told(3))).replace("23:59:07", "2026-01-06 3:07"),
        write_first(DAY, (NAME, make_told(3))).replace("报告（2026-01-06）", "报告 (2026-01-06)", 1),
        write_first(DAY, (NAME, make_told(3))).replace("\n\n###", "\n\n\n\n###"),
        write_first(DAY, (NAME, make_told(3))).replace("\n", "\r\n"),
        write_first(DAY, (NAME, make_told(3))).replace(
            "|----------|------|----------|\n", "| --- | --- | --- |\n"
        ),
        write_first(DAY, (NAME, make_told(3))).rstrip("\n"),
        write_first(DAY, (NAME, make_told(3))).replace("Ada Lovelace", "Ada | Lovelace"),
        write_first(DAY, (NAME, make_told(2))).replace("| fix: part 1", "| fix:  part 1"),
        write_first(DAY, (NAME, make_told(4))).replace("| 2026-01-06 23:58", "| 2026-01-05 23:58"),
        "\ufeff" + write_first(DAY, (NAME, make_told(2))),
    ],
    ids=["one", "two", "time", "title", "gaps", "crlf", "rule", "end", "bar", "blanks", "eve", "mark"],
)
def test_report_of_the_first_format_comes_back_letter_for_letter(tmp_path: Path, text: str) -> None:
    assert Trouble.DIFFERS not in bring_in(tmp_path, text)
    assert export(tmp_path) == text


def test_report_that_would_not_come_back_letter_for_letter_is_told(tmp_path: Path) -> None:
    text = write_first(DAY, (NAME, make_told(3)))
    entry = text[text.index(f"### {make_told(3)[1].sha}") : text.index(f"### {make_told(3)[2].sha}")]
    troubles = bring_in(tmp_path, text + entry)
    assert {Trouble.TWICE, Trouble.DIFFERS} <= set(troubles)


def test_damaged_reports_come_back_or_are_told_not_to(tmp_path: Path) -> None:
    told = 0
    for seed in range(12):
        text = damage(write_first(DAY, (NAME, make_told(4))), Random(seed))
        root = tmp_path / str(seed)
        root.mkdir()
        troubles = bring_in(root, text)
        document = read_document(text.encode(), "0.md")
        if document.day is None or not any(section.entries for section in document.sections):
            continue
        told += 1
        if (
            not {Trouble.DIFFERS, Trouble.TWICE, Trouble.NO_NAME} & set(troubles)
            and len(document.sections) == 1
        ):
            assert export(root, str(document.day)) == text, seed
    assert told > 6


def test_importing_again_changes_nothing_and_so_does_importing_what_was_exported(tmp_path: Path) -> None:
    first = write_first(DAY, (NAME, make_told(6)))
    second = write_second("2026-01-07", (NAME, make_told(6, day="2026-01-07")))
    bring_in(tmp_path, first, second)
    before = read_files(tmp_path)
    bring_in(tmp_path, first, second)
    assert read_files(tmp_path) == before
    exported = [export(tmp_path), export(tmp_path, "2026-01-07")]
    bring_in(tmp_path, *exported)
    after = read_files(tmp_path)
    records = {path for path in before if path.endswith(".json") and path != "imports.json"}
    assert {path: after[path] for path in records} == {path: before[path] for path in records}


def test_day_without_commits_is_not_taken_for_one_on_which_nothing_landed(tmp_path: Path) -> None:
    text = write_first(DAY, (NAME, [])).partition(f"## {NAME} 的")[0]
    bring_in(tmp_path, text, write_first("2026-01-05", (NAME, make_told(1, day="2026-01-05"))))
    assert export(tmp_path) == text
    (shelf,) = survey_archive(Archive(tmp_path / "docs"), lambda *_: False)
    assert shelf.find_standing(date.fromisoformat(DAY)) is Standing.NOT_LOOKED_AT


def test_second_format_is_exported_as_the_first_with_every_analysis(tmp_path: Path) -> None:
    told = make_told(7)
    bring_in(tmp_path, write_second(DAY, (NAME, told)))
    short = [one.__class__(subject=one.subject, time=one.time, analysis=one.analysis) for one in told]
    assert export(tmp_path) == write_first(DAY, (NAME, short))


def test_day_that_was_collected_is_exported_and_reads_back_as_it_is() -> None:
    archive = make_archive()
    record = next(record for record in archive.day_records if record.repository == ENGINE)
    chapter = Chapter(
        name=ENGINE, web="https://github.com/ada/engine", timezone=ZoneInfo("UTC"), record=record
    )
    text = render_report(record.day, [chapter])
    document = read_document(text.encode(), "a.md")
    (section,) = document.sections
    assert {entry.sha for entry in section.entries} == {commit.sha for commit in record.commits}
    assert document.day == record.day
    assert all(entry.row is not None for entry in section.entries)


def test_message_that_looks_like_another_commit_is_no_commit_in_the_export() -> None:
    archive = make_archive()
    record = next(record for record in archive.day_records if record.repository == ENGINE)
    fake = "f" * 40
    body = f"### {fake}\nhttps://github.com/ada/engine/commit/{fake}\n**🎯 变更类型**：其他\n## ada/engine"
    commits = (record.commits[0].model_copy(update={"body": body}), *record.commits[1:])
    chapter = Chapter(
        name=ENGINE,
        web="https://github.com/ada/engine",
        timezone=ZoneInfo("UTC"),
        record=record.model_copy(update={"commits": commits}),
    )
    (section,) = read_document(render_report(record.day, [chapter]).encode(), "a.md").sections
    assert {entry.sha for entry in section.entries} == {commit.sha for commit in commits}
    assert body.split("\n")[0] in section.entries[-1].message


def test_pieces_are_reports_that_hold_every_analysis_whole_and_keep_to_the_limit(tmp_path: Path) -> None:
    told = (make_told(40), make_told(30, name=TOOLS))
    bring_in(tmp_path, write_first(DAY, (NAME, told[0]), (TOOLS, told[1])))
    for most in (3000, 8000, 65_536):
        pieces = export_report(tmp_path, CONFIG, date.fromisoformat(DAY), most=most)
        assert max(map(len, pieces)) <= most
        documents = [read_document(piece.encode(), "a.md") for piece in pieces]
        assert {document.day for document in documents} == {date.fromisoformat(DAY)}
        found = {
            (section.name, entry.sha): entry.analysis
            for document in documents
            for section in document.sections
            for entry in section.entries
        }
        assert found == {(one.name, one.sha): one.analysis for own in told for one in own}


def test_single_analysis_that_is_longer_than_a_piece_is_a_piece_of_its_own(tmp_path: Path) -> None:
    long = make_told(3, analyses=("**📋 变更摘要**：" + "很长" * 4000,))
    bring_in(tmp_path, write_first(DAY, (NAME, long)))
    record = Archive(tmp_path / "docs").read_day(NAME, date.fromisoformat(DAY))
    chapter = Chapter(name=NAME, web=None, timezone=ZoneInfo("Asia/Shanghai"), record=record)
    pieces = list(split_report(record.day, write_parts(record.day, [chapter]), 2000))
    assert [sum(one.sha in piece for one in long) for piece in pieces[-3:]] == [1, 1, 1]


def test_records_without_reports_keep_their_bytes() -> None:
    for record in make_archive().day_records:
        content = render_record(record)
        for name in (b'"reported"', b'"original"', b'"report"', b'"imported"'):
            assert name not in content
        assert render_record(parse_record(DayRecord, content, "x")) == content
    assert b"imported" not in render_record(RepositoryRecord(repository=NAME, timezone="UTC"))


def test_secrets_of_a_report_enter_neither_record_nor_page(tmp_path: Path) -> None:
    secret = "ghp_" + "a1B2" * 9
    told = make_told(2, analyses=(f"**📋 变更摘要**：用了 `{secret}`。",))
    text = write_first(DAY, (NAME, told)).replace("A longer word", f"token {secret}")
    bring_in(tmp_path, text)
    assert secret.encode() not in b"".join(read_files(tmp_path).values())
    assert secret not in export(tmp_path)


def test_failed_analyses_are_failed_and_their_pages_say_so(tmp_path: Path) -> None:
    bring_in(tmp_path, write_first(DAY, (NAME, make_told(4))))
    archive = Archive(tmp_path / "docs")
    outcomes = [commit.analysis.outcome for commit in archive.read_day(NAME, date.fromisoformat(DAY)).commits]
    assert outcomes.count(Outcome.FAILED) == 1
    pages = {
        page.src_uri: page.text for page in render_pages(archive, PageSettings(site_name="x", language="zh"))
    }
    failed = make_told(4)[3]
    assert "模型的分析失败" in pages[f"{NAME}/commit/{failed.sha}.md"]
    assert "imports.md" in pages["status.md"]
    assert "0&#46;md" in pages["imports.md"]
