"""Packing: every file is named once, nothing exceeds its room, and what is shown stands in the patch, in order."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.analyse.conventions import Conventions
from generator.analyse.evidence import Evidence, gather_evidence
from generator.analyse.model.manifest import list_files
from generator.analyse.model.packing import Excerpt, measure_read, pack_diff
from generator.analyse.model.tokens import cut_text, estimate_tokens
from generator.analyse.paths import Place, place_path
from generator.patches import Change
from generator.records import FileChange, Totals
from tests.changes import Edit, edit, grow, make_change, touch_binary

AMPLE = 1_000_000


def gather(change: Change) -> Evidence:
    return gather_evidence(change, Conventions())


def pack(change: Change, room: int, most_parts: int = 1) -> tuple[tuple[Excerpt, ...], ...]:
    return pack_diff(gather(change), change.patches, room, most_parts)


def render(part: tuple[Excerpt, ...]) -> str:
    return "\n".join(excerpt.render() for excerpt in part)


FOLDERS = (
    "",
    "src/",
    "src/core/kv/cache/",
    "lib/中文/",
    "tests/",
    "docs/",
    "vendor/x/",
    ".github/workflows/",
)
NAMES = (
    "a.py",
    "b.rs",
    "c.md",
    "d.lock",
    "uv.lock",
    "x.min.js",
    "y.proto",
    "z.yaml",
    "t_test.go",
    "Makefile",
)
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\n"), max_size=60)


@st.composite
def make_patches(draw: st.DrawFn) -> str:
    lines: list[str] = []
    for _ in range(draw(st.integers(1, 4))):
        lines.append(f"@@ -1,3 +1,4 @@ {draw(TEXT)}")
        signs = draw(st.lists(st.sampled_from("+- "), min_size=1, max_size=12))
        lines += [sign + draw(TEXT) for sign in signs]
    return "\n".join(lines)


@st.composite
def make_edits(draw: st.DrawFn) -> list[Edit]:
    paths = draw(
        st.lists(
            st.builds("{}{}".format, st.sampled_from(FOLDERS), st.sampled_from(NAMES)),
            unique=True,
            max_size=14,
        )
    )
    edits = []
    for path in paths:
        text = draw(make_patches())
        made = edit(path, "+x", complete=draw(st.integers(0, 9)) > 0)
        assert made.patch is not None
        counts = {"insertions": count(text, "+"), "deletions": count(text, "-")}
        patch = type(made.patch)(path=path, text=text, complete=made.patch.complete)
        edits.append(Edit(file=made.file.model_copy(update=counts), patch=patch))
    return edits


def count(text: str, sign: str) -> int:
    return sum(line.startswith(sign) for line in text.split("\n"))


def read_manifest(text: str) -> tuple[list[str], list[tuple[int, int, int]]]:
    """Read a manifest back: the lines of single files, and of each group its files, insertions and deletions."""
    grouped = re.findall(
        r"^… and (\d+) more files? (?:under .*/|elsewhere): \+(\d+) -(\d+)$", text, re.MULTILINE
    )
    single = [line for line in text.split("\n") if not line.startswith("… and ")]
    return single, [(int(files), int(plus), int(minus)) for files, plus, minus in grouped]


@given(edits=make_edits(), room=st.integers(60, 800))
def test_every_file_is_in_the_manifest_exactly_once(edits: list[Edit], room: int) -> None:
    evidence = gather(make_change("Change", *edits))
    text = list_files(evidence, room)
    single, groups = read_manifest(text)
    sizes = {
        f"M {place_path(one.file.path)} {one.file.path} +{one.file.insertions} -{one.file.deletions}": one.file
        for one in edits
    }
    single = [line for line in single if line != "(no file)"]
    assert len(set(single)) == len(single)
    assert set(single) <= set(sizes)
    rest = [file for line, file in sizes.items() if line not in single]
    summed = [sum(numbers) for numbers in zip(*groups, strict=True)] or [0, 0, 0]
    assert summed == [
        len(rest), sum(file.insertions or 0 for file in rest), sum(file.deletions or 0 for file in rest)
    ]  # fmt: skip
    assert estimate_tokens(text) <= room
    if estimate_tokens("\n".join(sizes)) + len(sizes) <= room:
        assert single == list(sizes)


def test_thousands_of_files_are_summed_up_by_folder_the_telling_ones_listed() -> None:
    edits = [
        *(grow(f"gen/part{number % 7}/deep/er/f{number}.json", 3, 1) for number in range(2000)),
        grow("src/engine.py", 40),
    ]
    text = list_files(gather(make_change("Regenerate", *edits)), 1000)
    single, groups = read_manifest(text)
    assert "M source src/engine.py +40 -0" in single
    assert (sum(files for files, *_ in groups) + len(single), sum(plus for _, plus, _ in groups)) == (
        2001,
        3 * (2001 - len(single)),
    )
    assert "under gen/part3/deep/: " in text
    assert estimate_tokens(text) <= 1000


def test_the_manifest_says_what_git_says_of_each_file() -> None:
    moved = edit("src/new name.py", "+a\n-b", status="R", old_path="src/old.py")
    mode = FileChange(
        status="M", path="run\n.sh", insertions=0, deletions=0, old_mode="100644", mode="100755"
    )
    module = FileChange(status="M", path="deps/x", submodule=True)
    change = make_change("All", moved, touch_binary("logo.png"), Edit(file=mode), Edit(file=module))
    facts = change.facts.model_copy(update={"totals": Totals(files=9, insertions=1, deletions=1)})
    assert list_files(gather(Change(facts=facts, patches=change.patches)), AMPLE).split("\n") == [
        "R source src/new name.py (was src/old.py) +1 -1",
        "M asset logo.png binary",
        "M source run\\n.sh +0 -0 mode 100644 to 100755",
        "M source deps/x submodule",
        "… and 5 more files that git names but Daybook does not keep",
    ]


@settings(max_examples=300)
@given(edits=make_edits(), room=st.integers(0, 1500), most_parts=st.integers(1, 4))
def test_no_part_exceeds_its_room_and_what_it_shows_stands_in_the_patch_in_order(
    edits: list[Edit], room: int, most_parts: int
) -> None:
    change = make_change("Change", *edits)
    evidence = gather(change)
    parts = pack_diff(evidence, change.patches, room, most_parts)
    patches = {patch.path: patch.text.split("\n") for patch in change.patches}
    shown: list[tuple[str, str, int]] = []
    assert 1 <= len(parts) <= most_parts
    for part in parts:
        assert estimate_tokens(render(part)) <= room or part == ()
        for excerpt in part:
            path = excerpt.placed.file.path
            head, *lines = excerpt.render().split("\n")
            assert head.startswith(f"file M {place_path(path)} {path} ")
            shown += [(path, *line) for line in read_excerpt(lines, patches[path])]
    assert len(set(shown)) == len(shown), "no changed line is shown twice"
    total = sum(count(patch.text, "+") + count(patch.text, "-") for patch in change.patches)
    assert measure_read(parts, evidence) == pytest.approx(len(shown) / total if total else 1, abs=0.0002)
    assert (measure_read(parts, evidence) == 1) == (len(shown) == total)


def read_excerpt(lines: list[str], patch: list[str]) -> list[tuple[str, int]]:
    """Walk an excerpt along its patch, by the numbers that its marks tell; return the changed lines it shows."""
    position = 0
    shown = []
    for line in lines:
        if line == "… the rest of this file left out":
            continue
        if mark := re.fullmatch(r"… (\d+) lines? left out", line):
            position += int(mark[1])
            continue
        assert patch[position] == line
        shown += [(line, position)] if line[:1] in ("+", "-") else []
        position += 1
    assert position == len(patch), "the marks account for every line"
    return shown


@given(edits=make_edits())
def test_with_room_for_all_every_file_worth_it_is_shown_whole_in_gits_order(edits: list[Edit]) -> None:
    (part,) = pack(make_change("Change", *edits), AMPLE, 4)
    unshown = (Place.LOCK, Place.GENERATED)
    assert [excerpt.placed.file.path for excerpt in part] == [
        one.file.path for one in edits if place_path(one.file.path) not in unshown
    ]
    assert all(len(excerpt.indices) == len(excerpt.lines) for excerpt in part)


def test_lock_vendored_generated_and_minified_files_count_as_not_read() -> None:
    change = make_change(
        "Update",
        grow("src/a.py", 10),
        grow("uv.lock", 60),
        grow("vendor/x/y.go", 10),
        grow("api/service.pb.go", 10),
        grow("static/app.min.js", 10),
    )
    parts = pack(change, AMPLE)
    assert [excerpt.placed.file.path for excerpt in parts[0]] == ["src/a.py"]
    assert measure_read(parts, gather(change)) == 0.1


def test_a_commit_without_counted_lines_is_read_whole() -> None:
    change = make_change("Add a picture", touch_binary("logo.png"))
    assert (pack(change, AMPLE), measure_read(((),), gather(change))) == (((),), 1.0)


def test_source_goes_before_settings_docs_and_tests_when_there_is_room_for_one() -> None:
    files = ["tests/test_a.py", "docs/a.md", "config/a.yaml", "src/a.py"]
    for kept in (4, 3, 2, 1):
        change = make_change("Change", *(grow(path, 30) for path in files[:kept]))
        ((only, *rest),) = pack(change, 250)
        assert (only.placed.file.path, len(only.indices), rest) == (files[kept - 1], 31, [])


def test_a_file_that_would_fill_all_the_room_does_not_crowd_out_its_neighbours() -> None:
    change = make_change("Change", grow("src/giant.py", 5000), *(grow(f"src/n{n}.py", 50) for n in range(5)))
    (part,) = pack(change, 2500)
    whole = [e.placed.file.path for e in part if len(e.indices) == len(e.lines)]
    assert whole == [f"src/n{number}.py" for number in range(5)]
    (giant,) = [e for e in part if e.placed.file.path == "src/giant.py"]
    assert 100 < giant.changed < 5000


def test_a_file_that_is_cut_shows_its_telling_hunks_first() -> None:
    small = "\n".join([f"@@ -{n},2 +{n},2 @@\n-# note {n}\n+# note {n} again" for n in range(1, 60)])
    telling = "@@ -900,2 +900,4 @@ def run():\n-    start()\n+    start(now=True)\n+    wait(timeout=3)\n+    stop()"
    change = make_change("Change", edit("src/a.py", f"{small}\n{telling}\n{small}"))
    ((excerpt,),) = pack(change, 300)
    assert telling in excerpt.render()


def test_of_a_hunk_that_is_too_large_changed_code_stays_before_comments_and_context() -> None:
    lines = [f" kept_{n}()\n+# remark {n}\n+call_{n}()" for n in range(100)]
    ((excerpt,),) = pack(make_change("Change", edit("src/a.py", "@@ -1,9 +1,9 @@\n" + "\n".join(lines))), 700)
    body = [line for line in excerpt.render().split("\n")[1:] if not line.startswith(("…", "@@"))]
    assert body == [f"+call_{number}()" for number in range(len(body))]
    assert len(body) > 10


def test_a_new_file_that_is_cut_fills_the_room_there_is() -> None:
    ((excerpt,),) = pack(make_change("Add", grow("src/new.py", 5000, status="A")), 2000)
    assert 1700 < estimate_tokens(excerpt.render()) <= 2000


def test_a_large_diff_is_spread_over_parts_and_nothing_is_lost_while_they_last() -> None:
    change = make_change("Change", *(grow(f"src/n{number}.py", 100) for number in range(12)))
    parts = pack(change, 2000, 8)
    assert len(parts) == 3
    assert measure_read(parts, gather(change)) == 1.0
    fewer = pack(change, 2000, 2)
    assert len(fewer) == 2
    assert 0.6 < measure_read(fewer, gather(change)) < 0.7


@given(text=st.text(), room=st.integers(12, 200))
def test_a_cut_text_fits_and_begins_as_the_whole_does(text: str, room: int) -> None:
    cut = cut_text(text, room)
    assert estimate_tokens(cut) <= room
    head = re.sub(r"\n?… \d+ (?:characters|lines?) left out\Z", "", cut)
    assert cut == text if estimate_tokens(text) <= room else text.startswith(head)


@pytest.mark.parametrize(
    ("text", "tokens"),
    [("", 0), ("a", 1), ("abc", 1), ("abcd", 2), ("合并", 2), ("合并 PR", 3), ("\n" * 6, 2)],
)
def test_tokens_are_estimated_from_above(text: str, tokens: int) -> None:
    assert estimate_tokens(text) == tokens
