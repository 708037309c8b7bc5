"""The diff of a small commit is kept whole and without secrets, or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.analyse.redact import MARK, redact
from generator.record_additions import FileDiff
from generator.record_bytes import parse_record, render_record
from generator.records import DayRecord
from generator.small_diffs import LARGEST_DIFF, LONGEST_LINE, MOST_LINES, keep_diff
from tests.archives import NAME, follow, read_files, read_records, run_update
from tests.changes import edit, make_change, touch_binary
from tests.histories import Upstream
from tests.page_archive import MONDAY, make_commit, make_day

NOON = "2026-01-05T12:00:00+08:00"


def test_changed_lines_are_kept_with_those_around_them() -> None:
    one = edit("a.py", "@@ -1,2 +1,2 @@ def a():\n around\n-old\n+new")
    two = edit("b.py", "+only")
    assert keep_diff(make_change("x", one, two)) == (
        FileDiff(path="a.py", text="@@ -1,2 +1,2 @@ def a():\n around\n-old\n+new"),
        FileDiff(path="b.py", text="@@ -1 +1 @@\n+only"),
    )


def weigh(diffs: tuple[FileDiff, ...]) -> int:
    return sum(len(diff.path.encode()) + len(diff.text.encode()) + 2 for diff in diffs)


def test_a_diff_is_kept_up_to_so_many_bytes_of_utf_8() -> None:
    def make(letters: int) -> tuple[FileDiff, ...] | None:
        lines = [f"+{'é' * 110}"] * 8 + [f"+{'x' * letters}"]
        return keep_diff(make_change("x", edit("a.py", "\n".join(lines))))

    fits = next(letters for letters in range(299, 0, -1) if make(letters))
    kept = make(fits)
    assert kept is not None
    assert weigh(kept) == LARGEST_DIFF
    assert make(fits + 1) is None


def test_a_diff_is_kept_up_to_so_many_lines() -> None:
    # The head of the hunk is a line as well.
    kept, lost = (keep_diff(make_change("x", edit("a", "+\n" * n))) for n in (MOST_LINES, MOST_LINES + 1))
    assert kept is not None
    assert lost is None
    halves = [edit(name, "+\n" * (MOST_LINES // 2 + 1)) for name in "ab"]
    assert keep_diff(make_change("x", *halves)) is None


def test_a_long_line_is_cut_and_counted() -> None:
    long = "+" + "x" * LONGEST_LINE
    kept = keep_diff(make_change("x", edit("a.js", f"+{'y' * (LONGEST_LINE - 1)}\n{long}\n{long}")))
    assert kept is not None
    assert kept[0].cut == 2
    assert kept[0].text.split("\n")[1:] == [
        f"+{'y' * (LONGEST_LINE - 1)}",
        *[f"{long[:LONGEST_LINE]}\u2026"] * 2,
    ]


def test_none_is_kept_where_lines_are_missing() -> None:
    assert keep_diff(make_change("x", edit("a", "+a", complete=False))) is None
    assert keep_diff(make_change("x", edit("a", "+a"), edit("b", "+b", complete=False))) is None
    some = make_change("x", edit("a", "+a"), edit("b", "+b"))
    unlisted = some.facts.model_copy(update={"files": some.facts.files[:1]})
    assert keep_diff(type(some)(facts=unlisted, patches=some.patches[:1])) is None


def test_files_without_lines_do_not_stand_in_the_way_and_alone_have_no_diff() -> None:
    kept = keep_diff(make_change("x", edit("a", "+a"), touch_binary("b.png")))
    assert kept == (FileDiff(path="a", text="@@ -1 +1 @@\n+a"),)
    assert keep_diff(make_change("x", touch_binary("b.png"))) is None
    assert keep_diff(make_change("x")) is None


def test_records_hold_no_secret_no_other_bytes_than_git_s_and_nothing_where_there_is_no_diff(
    tmp_path: Path,
) -> None:
    upstream = Upstream(tmp_path / "up")
    secret = "AKIA" + "QWERTYUIOPASDFGH"
    # A secret that is cut in two is one no detector finds: it has to go before the line is cut.
    long = "x" * (LONGEST_LINE - 10) + f' "{secret}"'
    upstream.commit("small", "2026-01-05T10:00+08:00", {"a.py": f'key = "{secret}"\n{long}\nb\n'})
    upstream.commit("large", "2026-01-05T11:00+08:00", {"b.py": "line\n" * 100})
    upstream.commit("binary", "2026-01-05T12:00+08:00", {"c.bin": b"\0\1"})
    upstream.commit("latin", "2026-01-05T13:00+08:00", {"d.txt": "caf\u00e9\r\n".encode("latin-1")})
    run_update(tmp_path, follow((NAME, upstream)), "2026-01-05T23:00+08:00")
    (record,) = read_records(tmp_path).values()
    small, large, binary, latin = (commit.diff for commit in record.commits)
    assert small is not None
    assert small[0].text.startswith(f'@@ -0,0 +1,3 @@\n+key = "{MARK}"\n+xxx')
    assert (large, binary) == (None, None)
    assert latin == (FileDiff(path="d.txt", text="@@ -0,0 +1 @@\n+caf\ufffd\r"),)
    for path, content in read_files(tmp_path).items():
        assert secret[:8].encode() not in content, path
    (stored,) = (c for path, c in read_files(tmp_path).items() if path.endswith("05.json"))
    assert stored.count(b'"diff"') == 2


def test_a_record_without_diffs_reads_and_is_written_as_ever() -> None:
    day = make_day(NAME, MONDAY, [make_commit(1, NOON)])
    content = render_record(day)
    assert b'"diff"' not in content
    assert b'"related"' not in content
    assert parse_record(DayRecord, content, "x") == day


def test_a_later_run_leaves_a_commit_that_was_archived_without_a_diff_as_it_is(tmp_path: Path) -> None:
    upstream = Upstream(tmp_path / "up")
    upstream.commit("one", "2026-01-05T10:00+08:00", {"a.py": "1\n"})
    config = follow((NAME, upstream))
    run_update(tmp_path, config, "2026-01-05T12:00+08:00")
    (record,) = read_records(tmp_path).values()
    older = [commit.model_copy(update={"diff": None}) for commit in record.commits]
    path = tmp_path / "docs" / NAME / "2026/01/05.json"
    path.write_bytes(render_record(record.model_copy(update={"commits": tuple(older)})))
    upstream.commit("two", "2026-01-05T13:00+08:00", {"a.py": "2\n"})
    run_update(tmp_path, config, "2026-01-05T23:00+08:00")
    (record,) = read_records(tmp_path).values()
    assert [commit.diff is None for commit in record.commits] == [True, False]
    page = (tmp_path / "docs" / NAME / "commit" / f"{record.commits[0].sha}.md").read_text(encoding="utf-8")
    assert "db-diff" not in page


def test_what_a_merge_changes_itself_is_its_diff(tmp_path: Path) -> None:
    upstream = Upstream(tmp_path / "up")
    base = upstream.commit("base", "2026-01-05T09:00+08:00", {"a": "1\n2\n3\n"})
    side = upstream.commit("side", "2026-01-05T10:00+08:00", {"a": "1\nside\n3\n"}, on="s", parents=[base])
    main = upstream.commit("main", "2026-01-05T11:00+08:00", {"a": "1\nmain\n3\n"})
    own = {"a": "1\nboth\n3\n"}
    upstream.commit("merge", "2026-01-05T12:00+08:00", own, parents=[main, side])
    run_update(tmp_path, follow((NAME, upstream)), "2026-01-05T23:00+08:00")
    merge = next(iter(read_records(tmp_path).values())).commits[-1]
    assert merge.diff == (FileDiff(path="a", text="@@ merge @@\n+both"),)


@pytest.mark.parametrize("text", ["+a\n-b\n c", "+a"])
def test_the_break_that_ends_a_patch_is_no_empty_line(text: str) -> None:
    one = edit("a", text)
    assert one.patch is not None
    change = make_change("x", one)
    ended = type(one.patch)(path="a", text=f"{one.patch.text}\n")
    assert keep_diff(type(change)(facts=change.facts, patches=(ended,))) == keep_diff(change)


def test_redaction_comes_before_and_leaves_lines_as_they_are() -> None:
    change = redact(make_change("x", edit("a", '+key = "AKIAQWERTYUIOPASDFGH"\n+b')))
    kept = keep_diff(change)
    assert kept is not None
    assert kept[0].text == f'@@ -1 +1 @@\n+key = "{MARK}"\n+b'
