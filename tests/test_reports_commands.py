"""The two commands: what they print, what they end with, and what they refuse."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from generator.cli import daybook
from generator.imports import Trouble
from generator.pages.languages import find_words
from generator.report_commands import TROUBLES
from tests.reports import DAY, NAME, make_told, write_first

SETTINGS = "timezone: Asia/Shanghai\nrepositories:\n  - url: https://github.com/octo/none\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in an archive's folder with one report beside it."""
    (tmp_path / "archive.yml").write_text(SETTINGS)
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / f"{DAY}.md").write_text(write_first(DAY, (NAME, make_told(3))), newline="")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(daybook, ["--quiet", *arguments], obj={})


def test_every_trouble_has_words_on_pages_and_on_the_command_line() -> None:
    assert set(TROUBLES) == {trouble.value for trouble in Trouble}
    assert set(find_words("zh").troubles) == set(find_words("en").troubles) == set(Trouble)


def test_report_that_was_understood_comes_in_and_is_given_back(folder: Path) -> None:
    done = run("import", "old")
    assert (done.exit_code, done.stdout.splitlines()[0]) == (
        0,
        "1 report with 3 rows and 3 commits: 3 came in, 0 changed; 3 analyses in fields, 0 failed; "
        + done.stdout.rpartition("; ")[2].strip(),
    )
    exported = run("export", DAY)
    assert exported.exit_code == 0
    assert exported.stdout_bytes == (folder / "old" / f"{DAY}.md").read_bytes()
    records = json.loads(run("export", DAY, "--format", "json").stdout)
    assert [(record["repository"], len(record["commits"])) for record in records] == [(NAME, 3)]


def test_what_was_not_understood_is_listed_by_file_and_line_and_ends_with_three(folder: Path) -> None:
    told = make_told(4)
    text = write_first(DAY, (NAME, told)).replace(told[1].row, told[1].row.replace("fix: part 1", "gone"), 1)
    (folder / "old" / f"{DAY}.md").write_text(text, newline="")
    (folder / "old" / "README.md").write_text("# About these\n")
    done = run("import", "old")
    line = text.split("\n").index(f"### {told[3].sha}") + 1
    assert done.exit_code == 3
    assert f"{DAY}.md:{line}: the report has no analysis of the commit (HTTP 403)" in done.stdout
    assert "README.md:1: there is no repository in it" in done.stdout
    account = json.loads((folder / "docs" / "imports.json").read_bytes())
    assert [(file["file"], file.get("commits")) for file in account["files"]] == [
        (f"{DAY}.md", 4),
        ("README.md", 0),
    ]


def test_dry_run_tells_of_each_document_and_writes_nothing(folder: Path) -> None:
    done = run("import", "--dry-run", "old")
    assert done.exit_code == 0
    assert done.stdout.splitlines() == [
        f"{DAY}.md: {DAY}, {NAME}: 3 commits, 3 new, 0 changed, 3 analysed, 0 failed",
        "1 report with 3 rows and 3 commits: 3 would come in, 0 changed; 3 analyses in fields, 0 failed",
    ]
    assert not (folder / "docs").exists()


def test_path_that_is_not_there_and_a_folder_without_documents_are_errors(folder: Path) -> None:
    (folder / "empty").mkdir()
    for path in ("nowhere", "empty"):
        done = run("import", path)
        assert (done.exit_code, len(done.stderr.splitlines())) == (1, 2)
        assert done.stderr.startswith(f"{path}: ")
    (folder / "empty" / "notes.md").write_text("# Notes\n")
    assert run("import", "empty").exit_code == 1


def test_day_of_which_nothing_is_archived_is_an_error(folder: Path) -> None:
    assert folder
    done = run("export", "2020-02-02")
    assert (done.exit_code, done.stderr.splitlines()[0]) == (1, "2020-02-02: nothing is archived of this day")
    assert run("export", "yesterday").exit_code == 2
    assert run("export", DAY, "--most", "5000").exit_code == 2


def test_pieces_are_written_into_a_folder(folder: Path) -> None:
    (folder / "old" / f"{DAY}.md").write_text(write_first(DAY, (NAME, make_told(30))), newline="")
    run("import", "old")
    done = run("export", DAY, "--most", "6000", "--into", "out")
    files = sorted((folder / "out").iterdir(), key=lambda path: int(path.stem.rpartition("-")[2]))
    assert done.exit_code == 0
    assert done.stdout.splitlines() == [f"out/{path.name}" for path in files]
    assert len(files) > 2
    assert all(len(path.read_text(encoding="utf-8")) <= 6000 for path in files)


def test_other_time_zone_than_the_archives_is_an_error(folder: Path) -> None:
    run("import", "old")
    (folder / "archive.yml").write_text(SETTINGS.replace("Asia/Shanghai", "UTC"))
    done = run("import", "old")
    assert done.exit_code == 1
    assert "timezone is UTC" in done.stderr
