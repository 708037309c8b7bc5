"""Commits that belong together name each other, in whatever order and however often they are archived."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from generator.record_additions import MOST_RELATED, Related
from generator.records import Commit, RepositoryRecord
from generator.store.archive import Archive
from generator.store.marks import link_commits, mark_gone
from tests.archives import NAME, follow, read_files, read_records, run_backfill, run_update
from tests.histories import Upstream
from tests.page_archive import ENGINE, make_commit, make_day, name_sha, plain

FIRST = date(2026, 1, 5)
ALL = 9_999


def commit(number: int, message: str = "x", pull_request: int | None = None, **fields: object) -> Commit:
    """Make a commit that landed on the day of its number."""
    subject, _, body = message.partition("\n\n")
    moment = f"{FIRST + timedelta(days=number)}T12:00:00+08:00"
    return make_commit(
        number + 1,
        moment,
        plain,
        **{"subject": subject, "body": body, "pull_request": pull_request, **fields},
    )


def write(archive: Archive, commits: Iterable[Commit]) -> None:
    if archive.find_repository(ENGINE) is None:
        archive.write_repository(RepositoryRecord(repository=ENGINE, timezone="Asia/Shanghai"))
    by_day: dict[date, list[Commit]] = {}
    for one in commits:
        by_day.setdefault((one.landed + timedelta(hours=8)).date(), []).append(one)
    for day, own in by_day.items():
        archive.write_day(make_day(ENGINE, day, own))


def read(archive: Archive) -> dict[int, Related]:
    """Read what is related, by the number of each commit."""
    days = (archive.read_day(ENGINE, day) for day in archive.days(ENGINE))
    return {
        int(one.sha[:7], 16) - 1: one.related
        for day in days
        for one in day.commits
        if one.related is not None
    }


def link(root: Path, *commits: Commit) -> dict[int, Related]:
    archive = Archive(root / "docs")
    write(archive, commits)
    link_commits(archive, ENGINE)
    assert link_commits(Archive(root / "docs"), ENGINE) == set()
    return read(archive)


def shas(*numbers: int) -> tuple[str, ...]:
    return tuple(name_sha(number + 1) for number in numbers)


def test_a_follow_up_and_what_it_follows_name_each_other(tmp_path: Path) -> None:
    by_number, by_sha = "x\n\nFollow-up to #7", f"x\n\nFixes: {name_sha(1)[:12]}"
    assert link(tmp_path, commit(0, "x (#7)", 7), commit(1, by_number, 8), commit(2, by_sha)) == {
        0: Related(followed_by=shas(1, 2)),
        1: Related(follows=shas(0)),
        2: Related(follows=shas(0)),
    }


def test_nothing_follows_what_landed_later_or_itself(tmp_path: Path) -> None:
    later = commit(0, f"x\n\nFixes: {name_sha(2)}\n\nFollow-up to #9 and #7", 7)
    assert link(tmp_path, later, commit(1, f"x (#9)\n\nFixes: {name_sha(2)}", 9)) == {}


def test_a_short_sha_that_two_commits_begin_with_names_neither(tmp_path: Path) -> None:
    twins = [
        commit(0, sha="abc1234" + "0" * 33, landing_sha="abc1234" + "0" * 33),
        commit(1, sha="abc1234" + "1" * 33, landing_sha="abc1234" + "1" * 33),
    ]
    assert link(tmp_path / "two", *twins, commit(2, "x\n\nFixes: abc1234")) == {}
    archive = Archive(tmp_path / "one/docs")
    write(archive, [twins[0], commit(2, "x\n\nFixes: abc1234")])
    assert link_commits(archive, ENGINE) == {FIRST, FIRST + timedelta(days=2)}
    assert archive.read_day(ENGINE, FIRST).commits[0].related == Related(followed_by=shas(2))


def test_commits_of_one_pull_request_name_each_other(tmp_path: Path) -> None:
    assert link(
        tmp_path, commit(0, pull_request=7), commit(1, pull_request=8), commit(2, pull_request=7)
    ) == {
        0: Related(same_pull_request=shas(2)),
        2: Related(same_pull_request=shas(0)),
    }


def test_what_a_force_push_removed_is_named_by_none_and_names_what_took_its_place(tmp_path: Path) -> None:
    archive = Archive(tmp_path / "docs")
    gone = commit(1, "x\n\nFollow-up to #6", 7)
    write(archive, [commit(0, "x", 6), gone, commit(2, "x", 7)])
    assert len(link_commits(archive, ENGINE)) == 3
    mark_gone(archive, ENGINE, {*shas(0, 2)})
    assert len(link_commits(archive, ENGINE)) == 3
    assert read(archive) == {1: Related(same_pull_request=shas(2))}
    mark_gone(archive, ENGINE, {*shas(0, 1, 2)})
    link_commits(archive, ENGINE)
    assert read(archive)[0] == Related(followed_by=shas(1))


def test_of_very_many_only_the_first_are_named_and_one_more_changes_nothing(tmp_path: Path) -> None:
    target = commit(0, "x", 1)
    many = [commit(number, "x\n\nFollow-up to #1", 2) for number in range(1, MOST_RELATED + 4)]
    related = link(tmp_path, target, *many)
    assert related[0].followed_by == shas(*range(1, MOST_RELATED + 1))
    assert related[1].same_pull_request == shas(*range(2, MOST_RELATED + 2))
    assert related[MOST_RELATED + 3].same_pull_request == shas(*range(1, MOST_RELATED + 1))
    archive = Archive(tmp_path / "docs")
    write(archive, [commit(100, "x\n\nFollow-up to #1", 2)])
    assert link_commits(archive, ENGINE) == {FIRST + timedelta(days=100)}


def test_a_mark_whose_reason_is_gone_goes(tmp_path: Path) -> None:
    archive = Archive(tmp_path / "docs")
    wrong = Related(follows=shas(5), same_pull_request=shas(6))
    write(archive, [commit(0, related=wrong), commit(1, "x\n\nFollow-up to #1", related=wrong)])
    assert len(link_commits(archive, ENGINE)) == 2
    assert read(archive) == {}


def test_a_record_that_says_something_else_than_before_claims_nothing_of_it(tmp_path: Path) -> None:
    archive = Archive(tmp_path / "docs")
    write(archive, [commit(0, "x", 7), commit(1, "x\n\nFollow-up to #7")])
    assert archive.find_relations(ENGINE)
    write(archive, [commit(1, "x")])
    assert archive.find_relations(ENGINE) == {}


STORY = (
    ("core: add a scheduler (#7)", 1),
    ("docs (#8)", 1),
    ("fix: a regression introduced in #7 (#9)", 2),
    ("core: again (#7)", 3),
    ("fix\n\nFixes: {0:.12}", 4),
    ("fix\n\nFollow-up to #9, and broken since {2}", 4),
)


@pytest.mark.parametrize("steps", [(1, 2, 3, 4, 5, 6), (3, 6), (2, 5, 6)])
def test_archived_step_by_step_or_at_once_they_are_the_same_bytes(
    tmp_path: Path, steps: tuple[int, ...]
) -> None:
    upstream = Upstream(tmp_path / "up")
    config = follow((NAME, upstream), timezone="UTC")
    made: list[str] = []
    for number, (message, day) in enumerate(STORY, 1):
        when = datetime(2026, 1, day, number, tzinfo=UTC).isoformat()
        made.append(upstream.commit(message.format(*made), when, {f"{number}.txt": f"{number}\n"}))
        if number in steps:
            run_update(tmp_path / "steps", config, when)
    end = "2026-01-04T12:00:00+00:00"
    run_update(tmp_path / "steps", config, end)
    run_backfill(tmp_path / "once", config, end, "1970-01-01")
    assert read_files(tmp_path / "steps") == read_files(tmp_path / "once")
    found = {
        made.index(one.sha): one.related
        for record in read_records(tmp_path / "once").values()
        for one in record.commits
    }
    assert found == {
        0: Related(same_pull_request=(made[3],), followed_by=(made[2], made[4])),
        1: None,
        2: Related(follows=(made[0],), followed_by=(made[5],)),
        3: Related(same_pull_request=(made[0],)),
        4: Related(follows=(made[0],)),
        5: Related(follows=(made[2],)),
    }


def test_what_is_archived_later_is_named_by_what_followed_it(tmp_path: Path) -> None:
    upstream = Upstream(tmp_path / "up")
    first = upstream.commit("x", "2026-01-01T10:00+00:00", {"a": "1\n"})
    second = upstream.commit(f"y\n\nFixes: {first[:9]}", "2026-01-02T10:00+00:00", {"a": "2\n"})
    config = follow((NAME, upstream), timezone="UTC", first_days=1)
    run_update(tmp_path, config, "2026-01-02T23:00+00:00")
    (record,) = read_records(tmp_path).values()
    assert record.commits[0].related is None
    run_backfill(tmp_path, config, "2026-01-02T23:00+00:00", "2026-01-01", "2026-01-01")
    records = read_records(tmp_path)
    assert records["2026-01-01"].commits[0].related == Related(followed_by=(second,))
    assert records["2026-01-02"].commits[0].related == Related(follows=(first,))
