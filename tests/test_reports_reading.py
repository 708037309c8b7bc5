"""What is read out of a report: repositories, rows, SHAs, messages, analyses, whatever state it is in."""

from __future__ import annotations

from datetime import date

import pytest

from generator.imports import Trouble
from generator.records import Importance
from generator.reports.matching import join_section
from generator.reports.reading.document import Document, Entry, Row
from generator.reports.reading.reader import read_document
from tests.reports import (
    ANALYSIS,
    DAY,
    FAILURE,
    NAME,
    OPEN_FENCE,
    TOOLS,
    make_told,
    write_first,
    write_second,
)


def read(text: str, file: str = "a.md") -> Document:
    return read_document(text.encode(), file)


def list_entries(document: Document) -> list[Entry]:
    return [entry for section in document.sections for entry in section.entries]


def list_troubles(document: Document) -> list[Trouble]:
    return [found.trouble for found in document.findings]


def test_first_format_is_read_into_every_commit_with_its_row_and_full_message() -> None:
    told = make_told(8)
    document = read(write_first(DAY, (NAME, told)))
    assert (document.day, document.findings) == (date(2026, 1, 6), ())
    (section,) = document.sections
    assert (section.name, section.is_first) == (NAME, True)
    found = [(entry.sha, entry.row and entry.row.text, entry.analysis) for entry in section.entries]
    assert found == [(one.sha, one.row, one.analysis) for one in told]
    assert section.entries[0].message == f"{told[0].subject}\n\n{told[0].body}"


def test_second_format_is_read_with_the_importance_of_its_groups() -> None:
    told = make_told(9)
    document = read(write_second(DAY, (NAME, told)))
    entries = {entry.sha: entry for entry in list_entries(document)}
    assert entries.keys() == {one.sha for one in told}
    assert all(entries[one.sha].analysis == one.analysis for one in told)
    order = [Importance.HIGH, Importance.MEDIUM, Importance.LOW]
    assert [entries[one.sha].importance for one in told] == [order[place % 3] for place in range(9)]
    assert all(entries[one.sha].row is not None for one in told)


@pytest.mark.parametrize("write", [write_first, write_second])
def test_several_repositories_of_one_document_are_told_apart(write: object) -> None:
    parts = ((NAME, make_told(3)), (TOOLS, make_told(4, name=TOOLS)))
    document = read(write(DAY, *parts))  # type: ignore[operator]
    assert [(section.name, len(section.entries)) for section in document.sections] == [(NAME, 3), (TOOLS, 4)]
    assert document.findings == ()


def test_pieces_of_a_first_format_document_are_the_document_letter_for_letter() -> None:
    text = write_first(DAY, (NAME, make_told(5)), (TOOLS, make_told(2, name=TOOLS)))
    assert "".join(map(join_section, read(text).sections)) == text


def test_fence_that_never_closes_takes_no_commit_after_it_away() -> None:
    told = make_told(6, analyses=(OPEN_FENCE,))
    assert [entry.sha for entry in list_entries(read(write_second(DAY, (NAME, told))))] == [
        told[place].sha for place in (0, 3, 1, 4, 2, 5)
    ]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("### {sha}\n", "### {cut}\n"),
        ("### {sha}\n", "{sha}\n"),
        ("### {sha}\n", ""),
        ("{address}\n", ""),
        ("{address}\n", "https://github.com/ada/engine/commit/\n"),
        ("### {sha}\n", "### {sha}\n### {sha}\n"),
    ],
)
def test_damaged_head_takes_neither_its_commit_nor_its_neighbours_away(old: str, new: str) -> None:
    told = make_told(3)
    gaps = {"sha": told[1].sha, "cut": told[1].sha[:11], "address": told[1].address}
    text = write_first(DAY, (NAME, told))
    assert old.format_map(gaps) in text
    entries = {
        entry.sha: entry
        for entry in list_entries(read(text.replace(old.format_map(gaps), new.format_map(gaps))))
    }
    assert entries.keys() == {one.sha for one in told}
    assert [entries[told[place].sha].analysis for place in (0, 2)] == [told[0].analysis, told[2].analysis]


def test_commit_above_the_first_repository_is_not_lost() -> None:
    told = make_told(3)
    lines = write_first(DAY, (NAME, told)).split("\n")
    place = lines.index(f"### {told[1].sha}")
    lines[0], lines[place] = lines[place], lines[0]
    found = {
        (section.name, entry.sha) for section in read("\n".join(lines)).sections for entry in section.entries
    }
    assert found == {(NAME, one.sha) for one in told}
    lone = [line for line in lines if told[1].address != line]
    assert told[1].sha in {entry.sha for entry in list_entries(read("\n".join(lone)))}


def test_line_with_the_sha_that_is_lost_leaves_the_neighbours_and_is_told_with_its_short_sha() -> None:
    told = make_told(3)
    text = write_second(DAY, (NAME, told)).replace(
        f"**SHA**: `{told[0].sha[:7]}` | 🔗 [查看提交]({told[0].address})\n", ""
    )
    entries = list_entries(read(text))
    assert [(entry.sha, entry.short) for entry in entries] == [
        (None, told[0].sha[:7]),
        (told[1].sha, told[1].sha[:7]),
        (told[2].sha, told[2].sha[:7]),
    ]
    assert [entry.analysis for entry in entries] == [one.analysis for one in told]


def test_headings_and_rules_inside_an_analysis_end_nothing() -> None:
    analysis = f"{ANALYSIS}\n\n---\n\n### 更多\n\n## 再多\n\n## src/a/b\n\ntext\n\n#### 结论\nthe end"
    told = make_told(3, analyses=(analysis,))
    for write in (write_first, write_second):
        assert {entry.analysis for entry in list_entries(read(write(DAY, (NAME, told))))} == {analysis}


def test_row_without_an_analysis_and_commit_without_a_row_are_told_by_their_lines() -> None:
    told = make_told(3)
    lines = write_first(DAY, (NAME, told)).split("\n")
    lines[lines.index(told[1].row)] = "| 2026-01-06 10:00:00 | Grace | feat: nobody told of me |"
    document = read("\n".join(lines))
    found = [(found.line, found.trouble) for found in document.findings]
    assert found == [(8, Trouble.ROW_ALONE), (lines.index(f"### {told[1].sha}") + 1, Trouble.NO_ROW)]


def test_rows_of_equal_subjects_go_to_their_commits_in_order() -> None:
    told = make_told(3)
    same = [one.__class__(subject="fix: again", time=one.time) for one in told]
    document = read(write_first(DAY, (NAME, same)))
    assert [entry.row and entry.row.time for entry in list_entries(document)] == [one.time for one in same]


def test_day_is_read_from_the_title_or_the_name_or_the_rows() -> None:
    text = write_first(DAY, (NAME, make_told(2)))
    title, _, rest = text.partition("\n")
    assert read(text, "2020-02-02.md").day == date(2026, 1, 6)
    assert read(f"# {rest}", "2026-01-05.md").day == date(2026, 1, 5)
    assert read(rest).day == date(2026, 1, 6)
    assert title
    assert read(rest.replace(DAY, "2026-99-99")).day is None


def test_document_that_is_no_report_is_told_as_such() -> None:
    for text in ("", "# Notes\n\n## About a/b\n\n- text\n", "| a | b |\n|---|---|\n| 1 | 2 |\n"):
        assert list_troubles(read(text)) == [Trouble.NOTHING]


def test_bytes_that_are_no_text_are_told_with_their_line() -> None:
    text = write_first(DAY, (NAME, make_told(2))).encode()
    document = read_document(text.replace("回滚".encode(), b"\xff\xfe"), "a.md")
    assert [found.trouble for found in document.findings] == [Trouble.NOT_UTF8]
    assert len(list_entries(document)) == 2


def test_failure_is_no_part_of_the_message() -> None:
    told = make_told(1, analyses=(FAILURE,))
    (entry,) = list_entries(read(write_first(DAY, (NAME, told))))
    assert (entry.message, entry.analysis) == (f"{told[0].subject}\n\n{told[0].body}", FAILURE)


def test_table_of_a_day_without_commits_is_a_repository_without_any() -> None:
    document = read(write_first(DAY, (NAME, [])).partition(f"## {NAME} 的")[0])
    (section,) = document.sections
    assert (section.entries, [row for row in section.rows if isinstance(row, Row)]) == ([], [])
