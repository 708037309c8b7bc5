"""What is counted of days: by whom, of which kind, where; the index adds it up as the records alone would."""

from __future__ import annotations

import random
from datetime import date, timedelta
from pathlib import Path

import pytest

from generator.pages.survey import survey_archive
from generator.pages.weeks import Known, Weeks, find_weeks
from generator.records import Commit, Covered, DayRecord, Failure, FileChange, Importance, Kind, Signature
from generator.store.archive import Archive
from generator.store.index import INDEX
from generator.tallies import (
    MOST_AUTHORS,
    MOST_FOLDERS,
    AuthorTally,
    DayNumber,
    add_tallies,
    find_folder,
    tally_day,
)
from tests.page_archive import (
    ENGINE,
    TOOLS,
    MadeArchive,
    make_analysis,
    make_commit,
    make_day,
    make_repository,
)

MONDAY = date(2026, 1, 5)
HIGH, MEDIUM, LOW = Importance


def make_change(
    number: int,
    day: date,
    author: str = "Ada",
    kinds: tuple[Kind, ...] = (Kind.FIX,),
    paths: tuple[str, ...] = ("src/a.py",),
    *,
    importance: Importance = LOW,
    gone: bool = False,
) -> Commit:
    moment = f"{day}T12:00:00+08:00"
    return make_commit(
        number,
        moment,
        parents=(),
        author=Signature(name=author, date=moment),
        files=tuple(FileChange(status="M", path=path, insertions=1, deletions=0) for path in paths),
        analysis=make_analysis(str, kinds=kinds, importance=importance),
        gone=gone,
    )


@pytest.mark.parametrize(
    ("path", "folder"),
    [
        ("README.md", ""),
        ("src/a.py", "src"),
        ("lib/llm/a.rs", "lib/llm"),
        ("lib/llm/src/deep/er/a.rs", "lib/llm"),
        ("/odd/a", "/odd"),
        (f"{'x' * 300}/a", "x" * 120),
    ],
)
def test_a_path_counts_for_its_folder_down_to_the_second_level(path: str, folder: str) -> None:
    assert find_folder(path) == folder


def test_a_commit_counts_once_for_each_of_its_kinds_and_folders_and_one_that_is_gone_for_none() -> None:
    day = make_day(
        ENGINE,
        MONDAY,
        [
            make_change(1, MONDAY, "Ada", (Kind.FIX, Kind.DOCS), ("src/a.py", "src/b.py", "README.md")),
            make_change(2, MONDAY, "Ada", (Kind.FIX,), importance=HIGH),
            make_change(3, MONDAY, "", (Kind.CI,)),
            make_change(4, MONDAY, "Ada", gone=True),
        ],
    )
    found = add_tallies([(MONDAY, tally_day(day))])
    assert found.importance == (DayNumber(MONDAY, "high", 1), DayNumber(MONDAY, "low", 2))
    assert found.kinds == tuple(DayNumber(MONDAY, *kind) for kind in (("ci", 1), ("docs", 1), ("fix", 2)))
    assert found.folders == (("src", 3), ("", 1))
    ada = AuthorTally(name="Ada", commits=2, kinds=((Kind.FIX, 2), (Kind.DOCS, 1)), first=MONDAY, last=MONDAY)
    nobody = AuthorTally(name="", commits=1, kinds=((Kind.CI, 1),), first=MONDAY, last=MONDAY)
    assert found.authors == (ada, nobody)
    assert (found.all_folders, found.all_authors) == (2, 2)


def test_a_commit_that_moves_a_whole_tree_says_of_no_folder_that_work_is_done_there() -> None:
    def count(folders: int) -> int:
        paths = tuple(f"f{number}/a" for number in range(folders))
        return add_tallies(
            [(MONDAY, tally_day(make_day(ENGINE, MONDAY, [make_change(1, MONDAY, paths=paths)])))]
        ).all_folders

    assert (count(100), count(101)) == (100, 0)


def make_days(seed: int) -> list[DayRecord]:
    """Make days of two repositories with many authors and folders, names that sort oddly among them."""
    chance = random.Random(seed)
    names = [f"author {number}" for number in range(260)] + [
        "",
        "王小明",
        "\U0001f600",
        "zoë",
        "Zoë",
        "a\x00b",
    ]
    folders = [f"d{number}/x/y.c" for number in range(30)] + ["a", "名/a", "\U0001f600/a", "d1/a"]
    days = []
    for name in (ENGINE, TOOLS):
        for step in sorted(chance.sample(range(400), 40)):
            day = date(2025, 6, 1) + timedelta(days=step)
            commits = [
                make_change(
                    1000 * step + number + 1,
                    day,
                    chance.choice(names),
                    tuple(chance.sample(list(Kind), chance.randint(1, 3))),
                    tuple(chance.sample(folders, chance.randint(0, 4))),
                    importance=chance.choice([HIGH, MEDIUM, LOW]),
                    gone=chance.random() < 0.1,
                )
                for number in range(chance.randint(1, 12))
            ]
            days.append(make_day(name, day, commits))
    return days


@pytest.mark.parametrize("seed", range(3))
def test_the_index_adds_up_what_the_records_alone_would(tmp_path: Path, seed: int) -> None:
    days = make_days(seed)
    store, made = Archive(tmp_path / "docs"), MadeArchive((), tuple(days))
    for day in days:
        store.write_day(day)
    spans = [(date.min, date.max), (date(2026, 1, 1), date(2026, 12, 31)), (days[3].day, days[3].day)]
    for name in (ENGINE, TOOLS, "no/body"):
        for first, last in spans:
            assert store.tallies(name, first, last) == made.tallies(name, first, last)
    whole = store.tallies(ENGINE, date.min, date.max)
    assert len(whole.folders) == MOST_FOLDERS < whole.all_folders
    assert len(whole.authors) <= MOST_AUTHORS


def test_no_more_authors_are_told_of_than_a_page_lists(tmp_path: Path) -> None:
    commits = [make_change(number, MONDAY, f"author {number}") for number in range(1, MOST_AUTHORS + 31)]
    store = Archive(tmp_path / "docs")
    store.write_day(make_day(ENGINE, MONDAY, commits))
    found = store.tallies(ENGINE, MONDAY, MONDAY)
    assert (len(found.authors), found.all_authors) == (MOST_AUTHORS, MOST_AUTHORS + 30)


def test_a_day_that_is_written_again_counts_as_it_is_now(tmp_path: Path) -> None:
    store = Archive(tmp_path / "docs")
    store.write_day(make_day(ENGINE, MONDAY, [make_change(1, MONDAY, "Ada"), make_change(2, MONDAY, "Bob")]))
    index = (tmp_path / INDEX).stat().st_ino
    store.write_day(make_day(ENGINE, MONDAY, [make_change(2, MONDAY, "Bob", (Kind.CI,), ("x/a",))]))
    found = store.tallies(ENGINE, MONDAY, MONDAY)
    assert [author.name for author in found.authors] == ["Bob"]
    assert found.folders == (("x", 1),)
    assert found.kinds == (DayNumber(MONDAY, "ci", 1),)
    # What was counted twice would be refused, and all of the index made anew.
    assert (tmp_path / INDEX).stat().st_ino == index


def find_year(
    days: list[date], first: date, covered: tuple[Covered, ...] = (), failure: Failure | None = None
) -> Weeks:
    records = tuple(make_day(ENGINE, day, [make_change(day.toordinal(), day)]) for day in days)
    archive = MadeArchive((make_repository(ENGINE, covered=covered, failure=failure),), records)
    (shelf,) = survey_archive(archive, lambda *_: True)
    return find_weeks(shelf, first)


def test_weeks_are_those_of_the_calendar_and_those_at_the_ends_hold_their_years_days_alone() -> None:
    year, next_year = find_year([], date(2026, 1, 1)), find_year([], date(2027, 1, 1))
    assert [year.name(place) for place in (0, 1, 52)] == ["2026-W01", "2026-W02", "2026-W53"]
    assert (len(year.known), len(next_year.known)) == (53, 53)
    assert (year.find_monday(0), next_year.name(0)) == (date(2025, 12, 29), "2026-W53")
    numbers = [DayNumber(date(2026, 1, 1), "fix", 2), DayNumber(date(2026, 1, 4), "fix", 3)]
    numbers += [DayNumber(date(2026, 1, 5), "fix", 5), DayNumber(date(2026, 12, 31), "docs", 7)]
    assert year.count(numbers) == {"fix": [5, 5, *[0] * 51], "docs": [*[0] * 52, 7]}
    assert len(find_year([], date(2012, 1, 1)).known) == 54
    assert [find_year([], first).name(0) for first in (date.min, date(9999, 1, 1))] == [
        "0001-W01",
        "9998-W53",
    ]


def test_a_week_without_commits_is_not_taken_for_one_that_nobody_looked_at() -> None:
    weeks = find_year(
        # In the third, the eighth and the tenth week.
        [date(2026, 1, 14), date(2026, 2, 18), date(2026, 3, 4)],
        date(2026, 1, 1),
        (
            Covered(first=date(2026, 1, 14), last=date(2026, 1, 31)),
            Covered(first=date(2026, 2, 9), last=date(2026, 3, 10)),
        ),
    )
    names = [known.name for known in weeks.known]
    assert names[:11] == [
        *["OUTSIDE"] * 2,
        *["SEEN"] * 2,
        # Of one week a day was not looked at, of the next all of it.
        *["NOT_SEEN"] * 2,
        *["SEEN"] * 4,
        "OUTSIDE",
    ]
    assert weeks.seen == [2, 3, 6, 7, 8, 9]
    failed = Failure(since=date(2026, 1, 20), reason="away")
    lost = find_year([date(2026, 1, 14), date(2026, 2, 18)], date(2026, 1, 1), failure=failed)
    assert Known.NOT_SEEN in lost.known
