"""The files of a commit: a few as a list, more as folders that fold, each with its letter, its lines and their bar."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pytest
from justhtml import JustHTML

from generator.pages import classes
from generator.pages.files import render_files
from generator.pages.languages import find_words
from generator.pages.survey import Shelf, survey_archive
from generator.records import Commit, FileChange, Nature, Totals
from tests.page_archive import ENGINE, WEB, MadeArchive, make_commit, make_repository, plain

WORDS = find_words("en")
NOON = "2026-01-05T12:00:00+08:00"


def make_shelf() -> Shelf:
    (shelf,) = survey_archive(MadeArchive((make_repository(ENGINE, web=WEB),), ()), lambda *_: True)
    return shelf


def change(path: str, insertions: int | None = 1, deletions: int | None = 0, **fields: object) -> FileChange:
    values: dict[str, object] = {
        "status": "M",
        "path": path,
        "insertions": insertions,
        "deletions": deletions,
    }
    return FileChange.model_validate(values | fields)


def render(files: Iterable[FileChange], **fields: object) -> str:
    return render_files(make_shelf(), make_commit(1, NOON, plain, files=tuple(files), **fields), WORDS)


def read_tree(markup: str) -> list[Any]:
    """Read the tree: a file is its text, a folder a pair of its text and what is in it."""
    root = JustHTML(f"<!doctype html><body>{markup}", sanitize=False).root
    (box,) = root.query("div")
    assert (box.attrs or {})["class"] == classes.FILES
    assert box.children
    return read_items(box.children[0])


def read_items(node: Any) -> list[Any]:
    assert node.name == "ul"
    return [read_item(item) for item in node.children if item.name == "li"]


def read_item(item: Any) -> Any:
    first = item.children[0]
    if first.name != "details":
        return item.to_text(separator=" ")
    summary, inner = first.children
    return summary.to_text(separator=" "), read_items(inner)


def test_a_few_files_stand_in_a_flat_list_with_the_meaning_of_their_letters() -> None:
    markup = render([change("a/b.py", 3, 1), change("a/c.py", 0, 2, status="D"), change("d", status="A")])
    assert read_tree(markup) == ["M a/b.py +3 −1", "D a/c.py −2", "A d +1"]
    assert "<p class=db-quiet>A added, D deleted, M modified</p>" in markup


def test_more_files_stand_in_their_folders_and_a_folder_of_one_folder_is_a_part_of_its_path() -> None:
    deep = [change(f"src/core/io/{name}.py") for name in "abc"]
    near = [change("src/core/mem/heap.py", 5, 5), change("src/core/mem/stack.py")]
    files = [
        change("README.md"),
        *deep,
        *near,
        change("src/core/x.py"),
        change("tests/unit/test_x.py"),
        change("z"),
    ]
    assert read_tree(render(files)) == [
        "M README.md +1",
        (
            "src/core/ (6 files) +10 −5",
            [
                ("io/ (3 files) +3", ["M a.py +1", "M b.py +1", "M c.py +1"]),
                ("mem/ (2 files) +6 −5", ["M heap.py +5 −5", "M stack.py +1"]),
                "M x.py +1",
            ],
        ),
        "M tests/unit/test_x.py +1",
        "M z +1",
    ]


@pytest.mark.parametrize(("number", "opened"), [(8, 0), (9, 1), (40, 1), (41, 0)])
def test_folders_begin_unfolded_where_a_reader_can_take_in_all_of_them(number: int, opened: int) -> None:
    markup = render(change(f"a/{place}.py") for place in range(number))
    assert markup.count("<details open=open>") == opened
    assert markup.count("<details") == (number > 8)


def test_a_file_that_became_a_folder_is_told_beside_it() -> None:
    files = [change("a", 0, 1, status="D"), *(change(f"a/{n}", status="A") for n in range(9))]
    tree = read_tree(render(files))
    assert (tree[0], tree[1][0], len(tree[1][1]), len(tree)) == ("D a −1", "a/ (9 files) +9", 9, 2)


def test_folders_beyond_the_deepest_are_written_out_in_the_paths() -> None:
    # Each folder has a file and the next folder, so that none is joined with another.
    files = [change("/".join([*"abcdefgh"[:depth], f"{depth}.py"])) for depth in range(9)]
    depth, items = 0, read_tree(render(files))
    while folders := [item for item in items if isinstance(item, tuple)]:
        depth, items = depth + 1, folders[0][1]
    assert depth == 5
    assert items == ["M 5.py +1", "M f/6.py +1", "M f/g/7.py +1", "M f/g/h/8.py +1"]


def test_paths_of_thousands_of_folders_are_rendered() -> None:
    folder = "a/" * 2000
    tree = read_tree(render(change(f"{folder}{number}") for number in range(12)))
    assert tree == [(f"{folder} (12 files) +12", [f"M {number} +1" for number in range(12)])]


def test_no_file_is_lost_or_doubled_whatever_the_paths() -> None:
    paths = [
        "a/b/c",
        "a/b",
        "a",
        "a//b",
        "/a",
        "a/b/d/e",
        "b",
        "b/c",
        "a/b/c/x",
        "c/d/e/f",
        "c/d/e/g",
        "",
        "a",
    ]

    def count(items: Sequence[Any]) -> int:
        return sum(count(item[1]) if isinstance(item, tuple) else 1 for item in items)

    assert count(read_tree(render(map(change, paths)))) == len(paths)


@pytest.mark.parametrize(
    ("insertions", "deletions", "bar"),
    [
        (1, 0, "10"),
        (0, 4, "01"),
        (1, 1, "11"),
        (5, 0, "20"),
        (3, 2, "11"),
        (20, 0, "30"),
        (10, 10, "21"),
        (99, 1, "31"),
        (1, 99, "13"),
        (0, 400, "05"),
        (9000, 1, "41"),
        (1, 9000, "14"),
        (200, 200, "23"),
    ],
)
def test_a_bar_grows_with_the_lines_and_hides_neither_sort(insertions: int, deletions: int, bar: str) -> None:
    markup = render([change("a", insertions, deletions)])
    assert f"<li class=db-lines-{bar}>" in markup


def test_every_bar_is_a_class_of_the_list_and_every_class_is_a_bar() -> None:
    numbers = [0, 1, 2, 3, 5, 8, 13, 20, 40, 99, 100, 250, 400, 1000]
    drawn = {
        render([change("a", plus, minus)]).partition("<li class=")[2].partition(">")[0]
        for plus in numbers
        for minus in numbers
        if plus or minus
    }
    assert drawn == {*classes.LINES.values()}


def test_what_has_no_lines_says_why_and_has_no_bar() -> None:
    files = [
        change("a.png", binary=True, insertions=None, deletions=None),
        change("lib", submodule=True, insertions=None, deletions=None),
        change("run.sh", 0, old_mode="100644", mode="100755"),
        change("new", 0, old_path="old/name", status="R"),
    ]
    markup = render(files)
    assert read_tree(markup) == [
        "M a.png binary",
        "M lib submodule",
        "M run.sh mode 100644 → 100755",
        "R old/name → new",
    ]
    assert "db-lines" not in markup


def test_files_that_are_left_out_are_counted_with_a_link() -> None:
    files = tuple(change(f"a/{number}") for number in range(300))
    totals = Totals(files=5000, insertions=1, deletions=1)
    markup = render(files, totals=totals)
    assert markup.count("<li") == 201
    assert f"<p><a href={WEB}/commit/" in markup
    assert markup.endswith(">and 4,800 more files</a></p>")


def test_a_merge_and_an_empty_commit_have_no_files() -> None:
    merge: Commit = make_commit(1, NOON, nature=Nature.MERGE)
    assert render_files(make_shelf(), merge, WORDS) == render([]) == ""
