"""Reports of a repository that is followed: joined with git, on the day it says, never twice and never lost."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from pathlib import Path
from typing import ClassVar

import pytest

from generator.checking.verifying import verify
from generator.config import Config
from generator.imports import Trouble
from generator.records import Commit, Outcome, Reason
from generator.reports.importing import Imported, import_reports
from generator.store.archive import Archive
from tests.archives import (
    NAME,
    count_shas,
    follow,
    read_days,
    read_files,
    read_records,
    run_backfill,
    run_update,
)
from tests.histories import Upstream, run_git
from tests.model_archives import add_item, make_config, make_model, name_item, read_analyses, run_asking
from tests.model_server import ModelServer
from tests.quiet import QuietReport
from tests.reports import ANALYSIS, FAILURE, Told, make_told, write_first, write_second

NOW = "2026-01-09T12:00+08:00"


class Own(Told):
    """A commit of a report that git knows."""

    shas: ClassVar[dict[str, str]] = {}

    @property
    def sha(self) -> str:
        """Its SHA in git."""
        return self.shas[self.subject]


@pytest.fixture
def upstream(tmp_path: Path) -> Upstream:
    """Make a history: three commits on the 5th, two on the 6th, the first of which is of the 5th by its report."""
    upstream = Upstream(tmp_path / "up")
    Own.shas = {}
    for subject, when in (
        ("one", "2026-01-05T09:00+08:00"),
        ("two", "2026-01-05T10:00+08:00"),
        ("three", "2026-01-05T11:00+08:00"),
        ("four", "2026-01-06T00:30+08:00"),
        ("five", "2026-01-06T10:00+08:00"),
    ):
        body = {f"src/{subject}.py": f"{subject} = 1\n"}
        Own.shas[subject] = upstream.commit(f"{subject}\n\nMore on {subject}.", when, body)
    return upstream


def tell(*subjects: str, day: str = "2026-01-05", analysis: str = ANALYSIS) -> list[Told]:
    return [
        Own(subject=subject, time=f"{day} {20 - place}:00:00", body=f"More on {subject}.", analysis=analysis)
        for place, subject in enumerate(subjects)
    ]


def bring_in(
    root: Path, config: Config, *texts: str, replace: bool = False, dry_run: bool = False
) -> Imported:
    (root / "reports").mkdir(exist_ok=True)
    documents = []
    for number, text in enumerate(texts):
        path = root / "reports" / f"{number}.md"
        path.write_text(text, encoding="utf-8", newline="")
        documents.append((path.name, path))
    moment = datetime.fromisoformat(NOW)
    return import_reports(root, config, documents, moment, QuietReport(), replace=replace, dry_run=dry_run)


def find_commits(root: Path) -> dict[str, Commit]:
    return {commit.subject: commit for record in read_records(root).values() for commit in record.commits}


def find_problems(root: Path, config: Config) -> list[str]:
    """Find what verify takes for damage; the site is not built here."""
    return [str(found) for found in verify(root, config, datetime.fromisoformat(NOW), QuietReport()).problems]


def list_troubles(done: Imported) -> Counter[Trouble]:
    return Counter(found.trouble for told in done.told for found in told.findings)


DAYS = {"2026-01-05": ["one", "two", "three"], "2026-01-06": ["four", "five"]}


def test_commits_that_are_archived_get_the_reports_analysis_and_keep_gits_facts(
    tmp_path: Path, upstream: Upstream
) -> None:
    config = follow((NAME, upstream))
    run_update(tmp_path, config, NOW)
    before = find_commits(tmp_path)
    report = write_first("2026-01-05", (NAME, tell("four", "three", "two", "one")))
    done = bring_in(tmp_path, config, report)
    assert read_days(tmp_path) == DAYS
    after = find_commits(tmp_path)
    for subject in ("one", "two", "three", "four"):
        commit = after[subject]
        assert (commit.files, commit.landed, commit.body) == (
            before[subject].files,
            before[subject].landed,
            before[subject].body,
        )
        assert (commit.analysis.provenance.writer, commit.analysis.original) == ("report", ANALYSIS)
        assert commit.reported is not None
        assert (commit.reported.day, commit.reported.by_git) == (date(2026, 1, 5), True)
    assert after["five"] == before["five"]
    (found,) = [found for told in done.told for found in told.findings]
    assert (found.trouble, found.detail) == (Trouble.OTHER_DAY, f"{Own.shas['four']} 2026-01-06")
    page = (tmp_path / "docs" / NAME / "commit" / f"{Own.shas['four']}.md").read_text(encoding="utf-8")
    assert "<time>2026-01-05</time> 的报告" in page


@pytest.mark.parametrize("write", [write_first, write_second])
def test_reports_that_came_before_git_are_joined_by_the_first_update(
    tmp_path: Path, upstream: Upstream, write: object
) -> None:
    config = follow((NAME, upstream), first_days=1)
    report = write("2026-01-05", (NAME, tell("four", "three", "two", "one")))  # type: ignore[operator]
    bring_in(tmp_path, config, report)
    assert read_days(tmp_path) == {"2026-01-05": ["one", "two", "three", "four"]}
    assert all(not commit.parents for commit in find_commits(tmp_path).values())
    run_update(tmp_path, config, NOW)
    assert read_days(tmp_path) == DAYS
    commits = find_commits(tmp_path)
    assert [commit.totals.files for commit in commits.values()] == [1] * 5
    assert all(commits[subject].analysis.original == ANALYSIS for subject in ("one", "two", "three", "four"))
    record = Archive(tmp_path / "docs").find_repository(NAME)
    assert record is not None
    assert record.imported is None


def test_import_before_and_after_git_come_to_the_same_commits(tmp_path: Path, upstream: Upstream) -> None:
    config = follow((NAME, upstream))
    report = write_first("2026-01-05", (NAME, tell("four", "three", "two", "one")))
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    bring_in(first, config, report)
    run_update(first, config, NOW)
    run_update(second, config, NOW)
    bring_in(second, config, report)
    assert find_commits(first) == find_commits(second)


def test_day_that_was_not_archived_comes_in_whole_and_joined_at_once(
    tmp_path: Path, upstream: Upstream
) -> None:
    config = follow((NAME, upstream), first_days=1)
    run_update(tmp_path, config, NOW)
    assert list(read_days(tmp_path)) == ["2026-01-06"]
    done = bring_in(tmp_path, config, write_first("2026-01-05", (NAME, tell("three", "one"))))
    assert read_days(tmp_path) == DAYS
    commits = find_commits(tmp_path)
    assert [commits[subject].analysis.provenance.writer for subject in DAYS["2026-01-05"]] == [
        "report",
        "rules",
        "report",
    ]
    assert done.exit_code == 0
    record = Archive(tmp_path / "docs").find_repository(NAME)
    assert record is not None
    assert any(span.first <= date(2026, 1, 5) <= span.last for span in record.covered)
    assert find_problems(tmp_path, config) == []
    run_backfill(tmp_path, config, NOW, "2026-01-01")
    assert read_days(tmp_path) == DAYS
    assert set(count_shas(tmp_path).values()) == {1}


def test_commit_that_git_does_not_know_stays_as_it_was_told_and_is_marked(
    tmp_path: Path, upstream: Upstream
) -> None:
    config = follow((NAME, upstream))
    run_update(tmp_path, config, NOW)
    strange = make_told(1, day="2026-01-05", analyses=(ANALYSIS,))
    done = bring_in(tmp_path, config, write_first("2026-01-05", (NAME, strange)))
    assert list_troubles(done) == {Trouble.NOT_ON_BRANCH: 1}
    assert [one for one, commit in find_commits(tmp_path).items() if commit.gone] == [strange[0].subject]
    upstream.commit("six", "2026-01-09T10:00+08:00", {"six.txt": "6\n"})
    run_update(tmp_path, config, NOW)
    assert count_shas(tmp_path)[strange[0].sha] == 1
    assert find_problems(tmp_path, config) == []
    assert sum(count_shas(tmp_path).values()) == 7


def test_commit_of_another_branch_is_joined_when_it_is_merged_and_never_doubled(
    tmp_path: Path, upstream: Upstream
) -> None:
    config = follow((NAME, upstream))
    Own.shas["side"] = upstream.commit(
        "side\n\nMore on side.",
        "2026-01-05T12:00+08:00",
        {"side.txt": "s\n"},
        on="side",
        parents=[Own.shas["two"]],
    )
    run_update(tmp_path, config, NOW)
    bring_in(tmp_path, config, write_first("2026-01-05", (NAME, tell("side", "two"))))
    assert find_commits(tmp_path)["side"].is_only_told
    upstream.merge("side", when="2026-01-08T10:00+08:00")
    run_update(tmp_path, config, NOW)
    side = find_commits(tmp_path)["side"]
    assert (side.is_only_told, side.gone, side.totals.files) == (False, False, 1)
    assert side.analysis.original == ANALYSIS
    assert set(count_shas(tmp_path).values()) == {1}
    assert "side" in read_days(tmp_path)["2026-01-08"]


def test_importing_again_changes_no_byte_and_a_newer_analysis_comes_only_when_asked(
    tmp_path: Path, upstream: Upstream
) -> None:
    config = follow((NAME, upstream))
    run_update(tmp_path, config, NOW)
    report = write_first("2026-01-05", (NAME, tell("four", "three", "two", "one")))
    bring_in(tmp_path, config, report)
    before = read_files(tmp_path)
    bring_in(tmp_path, config, report)
    run_update(tmp_path, config, NOW)
    assert read_files(tmp_path) == before
    newer = report.replace("出错时回滚", "出错时重试")
    done = bring_in(tmp_path, config, newer)
    assert list_troubles(done)[Trouble.KEPT] == 4
    assert find_commits(tmp_path)["two"].analysis.original == ANALYSIS
    bring_in(tmp_path, config, newer, replace=True)
    assert "出错时重试" in find_commits(tmp_path)["two"].analysis.summary


def test_failed_analyses_are_failed_and_first_in_line_for_the_next_run(tmp_path: Path) -> None:
    upstream = Upstream(tmp_path / "up")
    for number, when in ((1, "2026-01-04T10:00+08:00"), (2, "2026-01-05T10:00+08:00")):
        add_item(upstream, number, when)
    subject = f"fix(engine): read the limit from the settings ({name_item(2)})"
    Own.shas = {subject: upstream.tip("main")}
    with ModelServer() as server:
        config = make_config([(NAME, upstream)], [make_model(server.url)], concurrency=1)
        bring_in(
            tmp_path,
            config,
            write_first(
                "2026-01-05",
                (NAME, [Own(subject=subject, time="2026-01-05 10:00:00", analysis=FAILURE)]),
            ),
        )
        told = read_analyses(tmp_path)[name_item(2)]
        assert (told.outcome, told.reason, told.detail) == (Outcome.FAILED, Reason.NO_ANSWER, "HTTP 403")
        run_asking(tmp_path, config)
        assert [heard.item for heard in server.heard] == [name_item(2), name_item(1)]
    assert {analysis.provenance.writer for analysis in read_analyses(tmp_path).values()} == {"model"}


def test_dry_run_says_what_would_come_in_and_writes_nothing(tmp_path: Path, upstream: Upstream) -> None:
    config = follow((NAME, upstream))
    run_update(tmp_path, config, NOW)
    before = read_files(tmp_path)
    report = write_first("2026-01-05", (NAME, [*tell("one"), *make_told(2, day="2026-01-05")]))
    done = bring_in(tmp_path, config, report, dry_run=True)
    assert [(told.new, told.changed) for told in done.told] == [(2, 1)]
    assert read_files(tmp_path) == before


def test_short_sha_is_made_whole_by_the_mirror(tmp_path: Path, upstream: Upstream) -> None:
    config = follow((NAME, upstream))
    run_update(tmp_path, config, NOW)
    told = tell("three", "two")
    report = write_second("2026-01-05", (NAME, told)).replace(told[0].address, "https://example.org/lost")
    done = bring_in(tmp_path, config, report)
    assert list_troubles(done) == {}
    assert find_commits(tmp_path)["three"].analysis.original == ANALYSIS


def test_import_that_was_cut_short_while_joining_is_finished_by_the_next_run(
    tmp_path: Path, upstream: Upstream
) -> None:
    config = follow((NAME, upstream))
    report = write_first("2026-01-05", (NAME, tell("four", "three", "two", "one")))
    bring_in(tmp_path, config, report)
    told = (tmp_path / "docs" / NAME / "2026/01/05.json").read_bytes()
    archive = (tmp_path / "docs" / NAME / "archive.json").read_bytes()
    run_update(tmp_path, config, NOW)
    whole = read_files(tmp_path)
    # As it stands when a run is killed after it wrote where a commit landed, and before it took it away elsewhere.
    (tmp_path / "docs" / NAME / "2026/01/05.json").write_bytes(told)
    (tmp_path / "docs" / NAME / "archive.json").write_bytes(archive)
    assert count_shas(tmp_path)[Own.shas["four"]] == 2
    run_update(tmp_path, config, NOW)
    assert read_files(tmp_path) == whole


def test_rewritten_branch_marks_what_reports_told_like_everything_else(
    tmp_path: Path, upstream: Upstream
) -> None:
    config = follow((NAME, upstream))
    run_update(tmp_path, config, NOW)
    bring_in(tmp_path, config, write_first("2026-01-05", (NAME, tell("three", "two"))))
    run_git(upstream.folder, "update-ref", "refs/heads/main", Own.shas["two"])
    upstream.commit("other", "2026-01-07T10:00+08:00", {"o.txt": "o\n"})
    run_update(tmp_path, config, NOW)
    commits = find_commits(tmp_path)
    assert [subject for subject, commit in commits.items() if commit.gone] == ["three", "four", "five"]
    assert set(count_shas(tmp_path).values()) == {1}
