"""Digests on disk: written by the rules at once, by a model when its time has come, and paid for once."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from generator.analyse.model.asks import MOST_RUNS, is_waiting
from generator.analyse.model.digest_form import DigestForm
from generator.analyse.model.digest_job import DigestKey, DigestQuestion
from generator.digesting import write_digests
from generator.errors import ArchiveError
from generator.records import Commit, DayRecord, Language, Outcome, Reason, RepositoryRecord, Tokens, Trial
from generator.store.archive import Archive
from generator.store.index import INDEX
from tests.digests import ENGINE, TOOLS, ScriptedAsker
from tests.page_archive import make_analysis, make_commit, make_day, name_sha, plain
from tests.quiet import QuietReport

MONDAY, TUESDAY = date(2026, 1, 5), date(2026, 1, 6)
PENDING = make_analysis(str, outcome=Outcome.PENDING, reason=Reason.WAITING)


def commit(number: int, **fields: object) -> Commit:
    return make_commit(number, "2026-01-05T10:00:00+08:00", plain, **fields)


def keep(root: Path, days: Mapping[tuple[str, date], list[Commit]]) -> Archive:
    """Write day records."""
    archive = Archive(root / "docs")
    for (name, day), commits in days.items():
        archive.write_repository(RepositoryRecord(repository=name, timezone="Asia/Shanghai"))
        archive.write_day(make_day(name, day, commits))
    return archive


def write(
    archive: Archive,
    ask: ScriptedAsker | None = None,
    today: date = TUESDAY,
    retry: bool = False,
) -> int:
    return write_digests(archive, archive.names(), "en", today, ask, QuietReport(), retry=retry)


def name_all(question: DigestQuestion) -> DigestForm:
    """Fill in one line for each commit; a month has the same ones as its days."""
    shown = question.plan(32_000).ask.messages[1].content
    hashes = [name_sha(number)[:7] for number in range(1, 10) if name_sha(number)[:7] in shown]
    lines = [
        {"commits": [name], "text": f"{question.key[0]} has {'x' * place}."}
        for place, name in enumerate(hashes, 1)
    ]
    return DigestForm.model_validate({"lines": lines})


def fail(question: DigestQuestion) -> Reason:
    del question
    return Reason.INVALID


def read(archive: Archive, scope: str, period: str) -> tuple[Outcome, str, int]:
    """Read what became of a digest, who wrote it, and how many lines it has."""
    digest = archive.find_digest(scope, period)
    assert digest is not None
    return digest.outcome, digest.provenance.writer, len(digest.lines)


def read_files(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*.digest.json"))}


def test_the_rules_write_a_digest_beside_each_day_and_month_and_then_nothing(tmp_path: Path) -> None:
    archive = keep(
        tmp_path,
        {
            (ENGINE, MONDAY): [commit(1), commit(2)],
            (TOOLS, MONDAY): [commit(3)],
            (TOOLS, date(2026, 2, 1)): [commit(4)],
        },
    )
    assert write(archive) == 10
    files = read_files(tmp_path / "docs")
    assert list(files) == [
        "ada/engine/2026/01/05.digest.json",
        "ada/engine/2026/01/index.digest.json",
        "days/2026/01/05.digest.json",
        "days/2026/01/index.digest.json",
        "days/2026/02/01.digest.json",
        "days/2026/02/index.digest.json",
        "lab/tools/2026/01/05.digest.json",
        "lab/tools/2026/01/index.digest.json",
        "lab/tools/2026/02/01.digest.json",
        "lab/tools/2026/02/index.digest.json",
    ]
    across = archive.find_digest("days", "2026-01-05")
    assert across is not None
    assert {mention.repository for line in across.lines for mention in line.commits} == {ENGINE, TOOLS}
    assert (across.outcome, across.reason, across.provenance.writer) == (Outcome.OK, None, "rules")
    assert (write(archive), read_files(tmp_path / "docs")) == (0, files)


def test_digests_are_no_day_records(tmp_path: Path) -> None:
    archive = keep(tmp_path, {(ENGINE, MONDAY): [commit(1)]})
    write(archive)
    assert archive.days(ENGINE) == (MONDAY,)
    assert list(archive.digest_summaries(ENGINE)) == ["2026-01", "2026-01-05"]


def test_a_changed_day_is_told_anew_and_its_month_too(tmp_path: Path) -> None:
    archive = keep(tmp_path, {(ENGINE, MONDAY): [commit(1)]})
    write(archive)
    before = read_files(tmp_path / "docs")
    archive.write_day(make_day(ENGINE, MONDAY, [commit(1), commit(2)]))
    assert write(archive) == 4
    assert before.keys() == read_files(tmp_path / "docs").keys()
    digest = archive.find_digest("days", "2026-01")
    assert digest is not None
    assert len(digest.lines[0].commits) == 2


def test_a_run_that_was_cut_short_before_its_digests_is_finished_by_the_next(tmp_path: Path) -> None:
    archive = keep(tmp_path, {(ENGINE, MONDAY): [commit(1)]})
    write(archive)
    archive.write_day(make_day(ENGINE, MONDAY, [commit(1), commit(2)]))
    assert write(Archive(tmp_path / "docs")) == 4
    assert write(Archive(tmp_path / "docs")) == 0


class CountingArchive(Archive):
    """Counts the day records that are read."""

    def __init__(self, docs: Path) -> None:
        super().__init__(docs)
        self.read: list[tuple[str, date]] = []

    def read_day(self, name: str, day: date) -> DayRecord:
        self.read.append((name, day))
        return super().read_day(name, day)


def test_a_digest_is_looked_at_when_its_days_or_itself_changed_and_then_not_again(tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    days = [date(2025, 12, 31), MONDAY, TUESDAY]
    keep(tmp_path, {(ENGINE, day): [commit(number)] for number, day in enumerate(days, 1)})

    def look(language: Language = "en") -> list[date]:
        archive = CountingArchive(docs)
        write_digests(archive, [ENGINE], language, TUESDAY, None, QuietReport())
        return sorted({day for _, day in archive.read})

    assert [look(), look()] == [days, []]
    files = read_files(docs)
    # The times of a fresh checkout say nothing.
    for path in docs.rglob("*.json"):
        os.utime(path, (2_000_000_000, 2_000_000_000))
    assert look() == []
    Archive(docs).write_day(make_day(ENGINE, MONDAY, [commit(2), commit(9)]))
    # The month is made from all its days.
    assert [look(), look()] == [[MONDAY, TUESDAY], []]
    Archive(docs).write_day(make_day(ENGINE, MONDAY, [commit(2)]))
    look()
    assert read_files(docs) == files
    (docs / "days/2025/12/31.digest.json").unlink()
    assert [look(), look()] == [days[:1], []]
    former = (docs / ENGINE / "2025/12/31.digest.json").read_bytes()
    assert [look("zh"), look("zh")] == [days, []]
    (docs / ENGINE / "2025/12/31.digest.json").write_bytes(former)
    assert [look("zh"), look("zh")] == [days[:1], []]
    # A fresh checkout has no index: everything is looked at once, and nothing changes.
    files = read_files(docs)
    (tmp_path / INDEX).unlink()
    assert ([look("zh"), look("zh")], read_files(docs)) == ([days, []], files)


def test_a_digest_that_repeats_a_stale_one_is_looked_at_again_when_that_is_told_anew(tmp_path: Path) -> None:
    archive = keep(tmp_path, {(ENGINE, MONDAY): [commit(1)], (TOOLS, TUESDAY): [commit(2)]})
    write(archive)
    archive.write_day(make_day(TOOLS, TUESDAY, [commit(2), commit(3)]))
    # A run that was cut short before its digests, and one that is about another repository only.
    write_digests(archive, [ENGINE], "en", TUESDAY, None, QuietReport())
    assert write(archive) == 3
    own, across = archive.find_digest(TOOLS, "2026-01-06"), archive.find_digest("days", "2026-01-06")
    assert own is not None
    assert across == own.model_copy(update={"scope": "days"})


def test_the_digest_of_a_day_that_is_no_more_is_removed(tmp_path: Path) -> None:
    write(keep(tmp_path, {(ENGINE, MONDAY): [commit(1)], (TOOLS, MONDAY): [commit(2)]}))
    (tmp_path / "docs" / ENGINE / "2026" / "01" / "05.json").unlink()
    stranger = tmp_path / "docs" / ENGINE / "2026" / "01" / "notes.digest.json"
    stranger.write_text("mine")
    archive = Archive(tmp_path / "docs")
    assert write(archive) == 4
    assert list(read_files(tmp_path / "docs" / ENGINE)) == ["2026/01/notes.digest.json"]
    # Across repositories, the other one is left.
    assert read(archive, "days", "2026-01-05") == (Outcome.OK, "rules", 1)


def test_a_digest_in_the_wrong_place_is_named(tmp_path: Path) -> None:
    archive = keep(tmp_path, {(ENGINE, MONDAY): [commit(1)]})
    write(archive)
    folder = tmp_path / "docs" / ENGINE / "2026" / "01"
    (folder / "05.digest.json").replace(folder / "06.digest.json")
    with pytest.raises(
        ArchiveError, match=r"docs/ada/engine/2026/01/06.digest.json: holds ada/engine in 2026-01-05"
    ):
        archive.find_digest(ENGINE, "2026-01-06")
    assert archive.find_digest(ENGINE, "2026-01-05") is None


def test_a_models_digest_waits_for_the_end_of_the_day_and_of_the_month(tmp_path: Path) -> None:
    archive = keep(
        tmp_path, {(ENGINE, MONDAY): [commit(1), commit(2)], (TOOLS, MONDAY): [commit(3), commit(4)]}
    )
    ask = ScriptedAsker(name_all)
    write(archive, ask, today=MONDAY)
    assert ask.asked == []
    assert read(archive, ENGINE, "2026-01-05") == (Outcome.PENDING, "rules", 1)
    write(archive, ask, today=TUESDAY)
    days: list[DigestKey] = [(ENGINE, "2026-01-05"), (TOOLS, "2026-01-05"), ("days", "2026-01-05")]
    assert ask.asked == days
    assert read(archive, "days", "2026-01-05") == (Outcome.OK, "model", 4)
    assert read(archive, ENGINE, "2026-01") == (Outcome.PENDING, "rules", 1)
    write(archive, ask, today=date(2026, 2, 1))
    assert ask.asked == [*days, (ENGINE, "2026-01"), (TOOLS, "2026-01"), ("days", "2026-01")]
    # A month is made from what its days say.
    assert "2026-01-05 | days has xxx." in ask.prompts["days", "2026-01"]
    files = read_files(tmp_path)
    assert write(archive, ask, today=date(2026, 2, 2)) == 0
    assert (len(ask.asked), read_files(tmp_path)) == (6, files)


def test_nothing_is_asked_of_a_day_while_an_analysis_is_pending(tmp_path: Path) -> None:
    archive = keep(
        tmp_path,
        {(ENGINE, MONDAY): [commit(1), commit(2, analysis=PENDING)], (TOOLS, MONDAY): [commit(3), commit(4)]},
    )
    ask = ScriptedAsker(name_all)
    write(archive, ask, today=date(2026, 2, 1))
    assert ask.asked == [(TOOLS, "2026-01-05"), (TOOLS, "2026-01")]
    archive.write_day(make_day(ENGINE, MONDAY, [commit(1), commit(2)]))
    write(archive, ask, today=date(2026, 2, 1))
    assert ask.asked[2:] == [
        (ENGINE, "2026-01-05"),
        ("days", "2026-01-05"),
        (ENGINE, "2026-01"),
        ("days", "2026-01"),
    ]


def test_where_one_repository_has_the_day_for_itself_its_digest_is_repeated_and_not_paid_twice(
    tmp_path: Path,
) -> None:
    archive = keep(
        tmp_path, {(ENGINE, MONDAY): [commit(1), commit(2)], (TOOLS, TUESDAY): [commit(3), commit(4)]}
    )
    ask = ScriptedAsker(name_all)
    write(archive, ask, today=TUESDAY)
    assert ask.asked == [(ENGINE, "2026-01-05")]
    own, across = archive.find_digest(ENGINE, "2026-01-05"), archive.find_digest("days", "2026-01-05")
    assert own is not None
    assert across is not None
    free = {"calls": 0, "tokens": Tokens(prompt=0, completion=0), "cost": 0.0}
    assert across == own.model_copy(
        update={"scope": "days", "provenance": own.provenance.model_copy(update=free)}
    )
    assert read(archive, "days", "2026-01-06") == (Outcome.PENDING, "rules", 1)
    assert (write(archive, ask, today=TUESDAY), len(ask.asked)) == (0, 1)


def test_one_commit_needs_no_digest_by_a_model(tmp_path: Path) -> None:
    archive = keep(tmp_path, {(ENGINE, MONDAY): [commit(1)]})
    ask = ScriptedAsker(name_all)
    write(archive, ask, today=date(2026, 2, 1))
    assert (ask.asked, read(archive, ENGINE, "2026-01-05")) == ([], (Outcome.OK, "rules", 1))


def test_what_fails_is_asked_for_in_three_runs_and_then_only_when_the_owner_says_so(tmp_path: Path) -> None:
    archive = keep(tmp_path, {(ENGINE, MONDAY): [commit(1), commit(2)]})
    ask = ScriptedAsker(fail)
    for _ in range(5):
        write(archive, ask)
    assert ask.asked == [(ENGINE, "2026-01-05")] * 3
    digest = archive.find_digest(ENGINE, "2026-01-05")
    assert digest is not None
    assert (digest.outcome, digest.reason, digest.provenance.writer) == (
        Outcome.FAILED,
        Reason.INVALID,
        "rules",
    )
    assert digest.trial is not None
    assert (digest.trial.runs, digest.trial.calls) == (3, 3)
    working = ScriptedAsker(name_all)
    write(archive, working, retry=True)
    assert read(archive, ENGINE, "2026-01-05") == (Outcome.OK, "model", 2)
    mended = archive.find_digest(ENGINE, "2026-01-05")
    assert mended is not None
    # What was paid in vain is part of what it cost.
    assert (mended.reason, mended.trial, mended.provenance.calls) == (None, None, 4)


def test_what_waits_is_asked_about_and_what_was_given_up_only_when_the_owner_says_so() -> None:
    def find(outcome: Outcome, runs: int | None, version: str = "2") -> tuple[bool, bool]:
        tokens = Tokens(prompt=1, completion=1)
        trial = Trial(runs=runs, model="m", version=version, calls=1, tokens=tokens) if runs else None
        return is_waiting(outcome, trial, "2", retry=False), is_waiting(outcome, trial, "2", retry=True)

    assert [find(outcome, None) for outcome in Outcome] == [
        {
            Outcome.PENDING: (True, True),
            Outcome.FAILED: (True, True),
            Outcome.REFUSED: (False, True),
        }.get(outcome, (False, False))
        for outcome in Outcome
    ]
    assert find(Outcome.FAILED, MOST_RUNS - 1) == (True, True)
    assert find(Outcome.FAILED, MOST_RUNS) == (False, True)
    assert find(Outcome.FAILED, MOST_RUNS, "1") == (True, True)
    assert find(Outcome.PENDING, MOST_RUNS) == (True, True)


def test_a_run_of_the_rules_leaves_what_waits_for_a_model_waiting(tmp_path: Path) -> None:
    archive = keep(tmp_path, {(ENGINE, MONDAY): [commit(1), commit(2)]})
    write(archive, ScriptedAsker(name_all), today=MONDAY)
    archive.write_day(make_day(ENGINE, MONDAY, [commit(1), commit(2), commit(3)]))
    write(archive, None)
    assert read(archive, ENGINE, "2026-01-05") == (Outcome.PENDING, "rules", 1)


def test_what_a_stale_digest_had_cost_is_not_forgotten(tmp_path: Path) -> None:
    archive = keep(tmp_path, {(ENGINE, MONDAY): [commit(1), commit(2)]})
    write(archive, ScriptedAsker(name_all))
    archive.write_day(make_day(ENGINE, MONDAY, [commit(1), commit(2), commit(3)]))
    write(archive, None)
    digest = archive.find_digest(ENGINE, "2026-01-05")
    assert digest is not None
    assert (digest.provenance.writer, digest.trial) == (
        "rules",
        Trial(
            runs=0,
            model="m",
            version="digest-2",
            calls=1,
            tokens=Tokens(prompt=1000, completion=100),
            cost=0.02,
        ),
    )


def test_an_update_of_one_repository_leaves_the_others_in_the_digest_across_all(tmp_path: Path) -> None:
    archive = keep(tmp_path, {(ENGINE, MONDAY): [commit(1), commit(2)], (TOOLS, MONDAY): [commit(3)]})
    write(archive)
    archive.write_day(make_day(ENGINE, MONDAY, [commit(1), commit(2), commit(4)]))
    written = write_digests(archive, [ENGINE], "en", TUESDAY, None, QuietReport())
    digest = archive.find_digest("days", "2026-01-05")
    assert digest is not None
    told = {mention.sha for line in digest.lines for mention in line.commits}
    assert (written, told) == (4, {name_sha(number) for number in (1, 2, 3, 4)})


def test_leftovers_of_a_digest_that_was_cut_short_are_removed(tmp_path: Path) -> None:
    archive = keep(tmp_path, {(ENGINE, MONDAY): [commit(1)]})
    write(archive)
    torn = tmp_path / "docs" / "days" / "2026" / "01" / ".writing-abc"
    torn.write_text("{")
    archive.remove_leftovers()
    assert not torn.exists()
