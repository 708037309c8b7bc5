"""The whole line from real repositories to records and pages."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.config import load_config
from generator.errors import ConfigError, LockedError
from generator.pipeline import read_status
from generator.records import Covered, Failure
from generator.store.archive import Archive
from generator.store.lock import hold_lock
from tests.archives import NAME, follow, read_days, read_files, read_records, run_backfill, run_update
from tests.histories import Upstream, run_git


@pytest.fixture
def upstream(tmp_path: Path) -> Upstream:
    return Upstream(tmp_path / "up")


def day(number: int, time: str = "10:00") -> str:
    return f"2026-01-{number:02}T{time}+08:00"


def fill(upstream: Upstream, days: int = 3) -> None:
    for number in range(1, days + 1):
        upstream.commit(f"change {number}", day(number), {"a.txt": f"{number}\n"})


def test_three_days_become_three_records_and_their_pages(tmp_path: Path, upstream: Upstream) -> None:
    fill(upstream)
    summary = run_update(tmp_path, follow((NAME, upstream)), day(3, "23:00"))
    assert read_days(tmp_path) == {
        "2026-01-01": ["change 1"],
        "2026-01-02": ["change 2"],
        "2026-01-03": ["change 3"],
    }
    assert (summary.exit_code, summary.results[0].commits) == (0, 3)
    pages = {path for path in read_files(tmp_path) if path.endswith(".md")}
    commits = {f"{NAME}/commit/{sha}.md" for sha in upstream.rev_list("main")}
    assert pages >= commits | {"index.md", "status.md", f"{NAME}/2026/01/03.md", "days/2026/01/03.md"}


def test_a_second_run_writes_nothing_and_changes_no_byte(tmp_path: Path, upstream: Upstream) -> None:
    fill(upstream)
    config = follow((NAME, upstream))
    run_update(tmp_path, config, day(3, "22:00"))
    before = read_files(tmp_path)
    moments = {path: path.stat().st_mtime_ns for path in (tmp_path / "docs").rglob("*") if path.is_file()}
    summary = run_update(tmp_path, config, day(3, "23:00"))
    assert (summary.pages, summary.results[0].days) == (0, ())
    assert read_files(tmp_path) == before
    assert {path: path.stat().st_mtime_ns for path in moments} == moments


def test_pages_that_were_deleted_come_back_as_they_were(tmp_path: Path, upstream: Upstream) -> None:
    fill(upstream)
    config = follow((NAME, upstream))
    run_update(tmp_path, config, day(3, "22:00"))
    before = read_files(tmp_path)
    for path in (tmp_path / "docs").rglob("*.md"):
        path.unlink()
    run_update(tmp_path, config, day(3, "23:00"))
    assert read_files(tmp_path) == before


def test_the_first_run_takes_the_newest_landing_days_however_long_ago(
    tmp_path: Path, upstream: Upstream
) -> None:
    fill(upstream, 5)
    run_update(tmp_path, follow((NAME, upstream), first_days=2), "2027-06-01T00:00+08:00")
    assert list(read_days(tmp_path)) == ["2026-01-04", "2026-01-05"]


def test_backfill_adds_the_days_asked_for_and_says_what_is_covered(
    tmp_path: Path, upstream: Upstream
) -> None:
    fill(upstream, 9)
    config = follow((NAME, upstream), first_days=2)
    run_update(tmp_path, config, day(9, "23:00"))
    run_backfill(tmp_path, config, day(9, "23:00"), "2026-01-03", "2026-01-04")
    assert list(read_days(tmp_path)) == ["2026-01-03", "2026-01-04", "2026-01-08", "2026-01-09"]
    record = Archive(tmp_path / "docs").find_repository(NAME)
    assert record is not None
    spans = [(span.first.isoformat(), span.last.isoformat()) for span in record.covered]
    assert (spans, record.whole) == ([("2026-01-03", "2026-01-04"), ("2026-01-08", "2026-01-09")], False)
    run_backfill(tmp_path, config, day(9, "23:00"), "2000-01-01")
    record = Archive(tmp_path / "docs").find_repository(NAME)
    assert record is not None
    expected = Covered(
        first=read_records(tmp_path)["2026-01-01"].day, last=read_records(tmp_path)["2026-01-09"].day
    )
    assert (record.covered, record.whole) == ((expected,), True)


def test_a_late_push_amends_a_past_day(tmp_path: Path, upstream: Upstream) -> None:
    fill(upstream)
    config = follow((NAME, upstream))
    run_update(tmp_path, config, day(3, "12:00"))
    upstream.commit("late", day(2, "11:00"), {"b.txt": "b\n"})
    run_update(tmp_path, config, day(3, "23:00"))
    assert read_days(tmp_path)["2026-01-02"] == ["change 2", "late"]
    assert {day: record.amended for day, record in read_records(tmp_path).items()} == {
        "2026-01-01": False,
        "2026-01-02": True,
        "2026-01-03": False,
    }


def test_a_repository_that_cannot_be_fetched_hides_no_other(tmp_path: Path, upstream: Upstream) -> None:
    other = Upstream(tmp_path / "other")
    fill(upstream)
    fill(other)
    config = follow((NAME, upstream), ("ada/notes", other))
    run_update(tmp_path, config, day(1, "23:00"))
    upstream.commit("hidden for now", day(4), {"a.txt": "4\n"})
    other.commit("seen", day(4), {"a.txt": "4\n"})
    upstream.folder.rename(tmp_path / "away")
    summary = run_update(tmp_path, config, day(4, "23:00"))
    assert summary.exit_code == 3
    assert read_days(tmp_path, "ada/notes")["2026-01-04"] == ["seen"]
    assert "2026-01-04" not in read_days(tmp_path)
    reason = "there is nothing at …"
    failed = next(status.record for status in read_status(tmp_path, config) if status.name == NAME)
    assert failed is not None
    assert failed.failure == Failure(
        since=read_records(tmp_path, "ada/notes")["2026-01-04"].day, reason=reason
    )
    assert "there is nothing at" in (tmp_path / "docs" / "status.md").read_text()
    (tmp_path / "away").rename(upstream.folder)
    assert run_update(tmp_path, config, day(5, "23:00")).exit_code == 0
    assert read_days(tmp_path)["2026-01-04"] == ["hidden for now"]
    assert "there is nothing at" not in (tmp_path / "docs" / "status.md").read_text()


def test_a_revert_and_what_it_reverts_name_each_other(tmp_path: Path, upstream: Upstream) -> None:
    fill(upstream)
    config = follow((NAME, upstream))
    first = upstream.commit("feat: x (#7)", day(3, "11:00"), {"b.txt": "x\n"})
    run_update(tmp_path, config, day(3, "23:00"))
    one = upstream.commit(f'Revert "feat: x (#7)"\n\nThis reverts commit {first}.', day(4), {"b.txt": None})
    two = upstream.commit('Revert "feat: x (#7)" (#8)\n\nReverts ada/engine#7', day(4), {"c.txt": "x\n"})
    run_update(tmp_path, config, day(4, "23:00"))
    reverted = read_records(tmp_path)["2026-01-03"].commits[-1]
    assert (reverted.sha, reverted.reverted_by) == (first, tuple(sorted([one, two])))


def test_a_reverted_commit_that_is_archived_later_knows_it(tmp_path: Path, upstream: Upstream) -> None:
    first = upstream.commit("feat: x", day(1), {"b.txt": "x\n"})
    revert = upstream.commit(f'Revert "feat: x"\n\nThis reverts commit {first}.', day(2), {"b.txt": None})
    config = follow((NAME, upstream), first_days=1)
    run_update(tmp_path, config, day(2, "23:00"))
    assert list(read_days(tmp_path)) == ["2026-01-02"]
    run_backfill(tmp_path, config, day(2, "23:00"), "2026-01-01", "2026-01-01")
    assert read_records(tmp_path)["2026-01-01"].commits[0].reverted_by == (revert,)


def test_a_run_that_was_cut_short_is_finished_by_the_next(tmp_path: Path, upstream: Upstream) -> None:
    fill(upstream)
    config = follow((NAME, upstream))
    run_update(tmp_path, config, day(2, "23:00"))
    before = Archive(tmp_path / "docs").find_repository(NAME)
    assert before is not None
    cut = upstream.commit("written before the cut", day(4), {"a.txt": "4\n"})
    run_update(tmp_path, config, day(4, "12:00"))
    # What a kill between the last day record and the repository's record leaves behind.
    Archive(tmp_path / "docs").write_repository(before.model_copy(update={"writing": cut}))
    run_git(upstream.folder, "update-ref", "refs/heads/main", f"{cut}~1")
    upstream.commit("pushed over it", day(4, "13:00"), {"a.txt": "5\n"})
    run_update(tmp_path, config, day(4, "23:00"))
    assert [(commit.subject, commit.gone) for commit in read_records(tmp_path)["2026-01-04"].commits] == [
        ("written before the cut", True),
        ("pushed over it", False),
    ]


def test_commits_that_come_back_are_no_longer_gone(tmp_path: Path, upstream: Upstream) -> None:
    fill(upstream)
    config = follow((NAME, upstream))
    gone = upstream.commit("now here", day(3, "11:00"), {"b.txt": "x\n"})
    run_update(tmp_path, config, day(3, "12:00"))
    upstream.branch("main", upstream.rev_list("main")[1])
    run_update(tmp_path, config, day(3, "13:00"))
    assert [commit.gone for commit in read_records(tmp_path)["2026-01-03"].commits] == [False, True]
    upstream.branch("main", gone)
    upstream.commit("on top", day(4), {"c.txt": "x\n"})
    run_update(tmp_path, config, day(4, "13:00"))
    assert [commit.gone for commit in read_records(tmp_path)["2026-01-03"].commits] == [False, False]
    assert read_days(tmp_path)["2026-01-04"] == ["on top"]


def test_another_time_zone_than_the_archive_s_is_refused(tmp_path: Path, upstream: Upstream) -> None:
    fill(upstream)
    run_update(tmp_path, follow((NAME, upstream)), day(3, "23:00"))
    with pytest.raises(ConfigError) as caught:
        run_update(tmp_path, follow((NAME, upstream), timezone="UTC"), day(3, "23:00"))
    assert str(caught.value) == (
        "archive.yml: timezone is UTC, but the days of ada/engine are archived in Asia/Shanghai\n"
        "Write `timezone: Asia/Shanghai`, or begin a new archive in an empty folder."
    )


def test_a_run_beside_another_is_refused(tmp_path: Path, upstream: Upstream) -> None:
    fill(upstream)
    with hold_lock(tmp_path / ".daybook" / "lock"), pytest.raises(LockedError):
        run_update(tmp_path, follow((NAME, upstream)), day(3, "23:00"))


def test_only_the_named_repositories_are_looked_at(tmp_path: Path, upstream: Upstream) -> None:
    other = Upstream(tmp_path / "other")
    fill(upstream)
    fill(other)
    run_update(tmp_path, follow((NAME, upstream), ("ada/notes", other)), day(3, "23:00"), only=["ada/notes"])
    assert Archive(tmp_path / "docs").names() == ("ada/notes",)


def test_a_missing_branch_is_named_with_its_line(tmp_path: Path, upstream: Upstream) -> None:
    fill(upstream)
    (tmp_path / "archive.yml").write_text(
        f"repositories:\n  - url: {upstream.url}\n    name: {NAME}\n    branch: mian\n"
    )
    summary = run_update(tmp_path, load_config(tmp_path / "archive.yml"), day(3, "23:00"))
    assert (summary.exit_code, summary.results[0].failure) == (
        3,
        "archive.yml:4: ada/engine: there is no branch 'mian'\nDid you mean 'main'?",
    )


def test_a_path_that_is_away_is_named_with_its_line(tmp_path: Path, upstream: Upstream) -> None:
    fill(upstream)
    (tmp_path / "archive.yml").write_text(
        f"repositories:\n  - url: {upstream.url}\n    name: {NAME}\n  - url: away\n    name: ada/away\n"
    )
    summary = run_update(tmp_path, load_config(tmp_path / "archive.yml"), day(3, "23:00"))
    assert (summary.exit_code, summary.results[0].commits, summary.results[1].failure) == (
        3,
        3,
        f"archive.yml:4: ada/away: there is nothing at {tmp_path}/away\n"
        "Write the path of a git repository, absolute or from archive.yml's folder.",
    )
    assert not any(str(tmp_path).encode() in content for content in read_files(tmp_path).values())


def test_a_commit_from_the_future_is_not_doubled_after_a_cut_run(tmp_path: Path, upstream: Upstream) -> None:
    fill(upstream, 1)
    config = follow((NAME, upstream))
    run_update(tmp_path, config, day(1, "23:00"))
    before = Archive(tmp_path / "docs").find_repository(NAME)
    assert before is not None
    upstream.commit("on time", day(2), {"a.txt": "2\n"})
    tip = upstream.commit("by a fast clock", day(3, "01:00"), {"b.txt": "2\n"})
    run_update(tmp_path, config, day(2, "23:00"))
    Archive(tmp_path / "docs").write_repository(before.model_copy(update={"writing": tip}))
    run_update(tmp_path, config, day(3, "23:00"))
    assert read_days(tmp_path) == {"2026-01-01": ["change 1"], "2026-01-02": ["on time", "by a fast clock"]}


def test_a_push_into_a_day_not_archived_brings_the_whole_day(tmp_path: Path, upstream: Upstream) -> None:
    fill(upstream, 5)
    config = follow((NAME, upstream), first_days=2)
    run_update(tmp_path, config, day(5, "12:00"))
    upstream.commit("late", day(2, "11:00"), {"b.txt": "b\n"})
    run_update(tmp_path, config, day(5, "23:00"))
    assert read_days(tmp_path) == {
        "2026-01-02": ["change 2", "late"],
        "2026-01-04": ["change 4"],
        "2026-01-05": ["change 5"],
    }


def test_a_reset_branch_goes_on_from_where_it_now_is(tmp_path: Path, upstream: Upstream) -> None:
    fill(upstream, 5)
    config = follow((NAME, upstream))
    run_update(tmp_path, config, day(5, "23:00"))
    upstream.branch("main", "main~4")
    run_update(tmp_path, config, day(5, "23:30"))
    upstream.commit("on time", day(4, "11:00"), {"b.txt": "b\n"})
    run_update(tmp_path, config, day(6, "23:00"))
    assert read_records(tmp_path)["2026-01-04"].amended is False


def test_a_revert_that_a_force_push_removed_reverts_nothing(tmp_path: Path, upstream: Upstream) -> None:
    first = upstream.commit("feat: x", day(1), {"b.txt": "x\n"})
    upstream.commit(f'Revert "feat: x"\n\nThis reverts commit {first}.', day(2), {"b.txt": None})
    config = follow((NAME, upstream))
    run_update(tmp_path, config, day(2, "23:00"))
    upstream.branch("main", first)
    upstream.commit("go on", day(3), {"c.txt": "x\n"})
    run_update(tmp_path, config, day(3, "23:00"))
    assert read_records(tmp_path)["2026-01-01"].commits[0].reverted_by == ()


def test_what_landed_again_is_not_reverted_by_its_first_revert(tmp_path: Path, upstream: Upstream) -> None:
    upstream.commit("feat: x (#7)", day(1), {"b.txt": "x\n"})
    upstream.commit('Revert "feat: x (#7)" (#8)', day(2), {"b.txt": None})
    upstream.commit("feat: x (#7)", day(3), {"b.txt": "x\n"})
    run_update(tmp_path, follow((NAME, upstream)), day(3, "23:00"))
    assert [len(record.commits[0].reverted_by) for record in read_records(tmp_path).values()] == [1, 0, 0]
