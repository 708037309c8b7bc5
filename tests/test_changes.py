"""Git's raw lines and patches are read line by line, whatever stands in the files."""

from __future__ import annotations

import pytest

from generator.collect.changes import LARGEST_COMMIT, LARGEST_PATCH, Diff, decode_path, read_diffs
from generator.patches import Patch
from generator.records import FileChange, Totals

A, B, C = "a" * 40, "b" * 40, "c" * 40
OLD, NEW = "1" * 40, "2" * 40


def lines(text: str) -> list[bytes]:
    return text.encode().splitlines(keepends=True)


def test_commits_files_and_lines_are_told_apart() -> None:
    stream = f"""{A}
:100644 100644 {OLD} {NEW} M\tgenerator/x.py
:100644 100644 {OLD} {NEW} R086\told name.py\tnew name.py

diff --git a/generator/x.py b/generator/x.py
index 1111111..2222222 100644
--- a/generator/x.py
+++ b/generator/x.py
@@ -1,3 +1,3 @@ def f():
 kept
-{B}
+diff --git a/evil b/evil
+:100644 100644
@@ -9 +9,2 @@
--- a/not/a/header
+++ b/not/a/header
+x
\\ No newline at end of file
diff --git a/old name.py b/new name.py
similarity index 86%
rename from old name.py
rename to new name.py
--- a/old name.py
+++ b/new name.py
@@ -1 +1 @@
-a
+b
{B}
{C}
:100644 100644 {OLD} {NEW} M\tx.bin

diff --git a/x.bin b/x.bin
index 1111111..2222222 100644
Binary files a/x.bin and b/x.bin differ
"""
    first, empty, binary = read_diffs(lines(stream))
    assert first.files == (
        FileChange(status="M", path="generator/x.py", insertions=4, deletions=2),
        FileChange(status="R", path="new name.py", old_path="old name.py", insertions=1, deletions=1),
    )
    assert first.totals == Totals(files=2, insertions=5, deletions=3)
    assert first.patches[1] == Patch(path="new name.py", text="@@ -1 +1 @@\n-a\n+b\n")
    assert "+++ b/not/a/header\n" in first.patches[0].text
    assert empty == Diff(sha=B, files=(), totals=Totals(files=0, insertions=0, deletions=0), patches=())
    assert binary.files == (FileChange(status="M", path="x.bin", binary=True),)


def test_a_change_of_type_has_two_patches() -> None:
    stream = f"""{A}
:100644 120000 {OLD} {NEW} T\tlink
:000000 100644 {"0" * 40} {NEW} A\tz

diff --git a/link b/link
deleted file mode 100644
--- a/link
+++ /dev/null
@@ -1,2 +0,0 @@
-one
-two
diff --git a/link b/link
new file mode 120000
--- /dev/null
+++ b/link
@@ -0,0 +1 @@
+target
\\ No newline at end of file
diff --git a/z b/z
new file mode 100644
--- /dev/null
+++ b/z
@@ -0,0 +1 @@
+z
"""
    (diff,) = read_diffs(lines(stream))
    assert diff.files == (
        FileChange(status="T", path="link", insertions=1, deletions=2, old_mode="100644", mode="120000"),
        FileChange(status="A", path="z", insertions=1, deletions=0),
    )


def test_a_submodule_has_no_lines() -> None:
    stream = f"""{A}
:160000 160000 {OLD} {NEW} M\tvendor/lib

diff --git a/vendor/lib b/vendor/lib
--- a/vendor/lib
+++ b/vendor/lib
@@ -1 +1 @@
-Subproject commit {OLD}
+Subproject commit {NEW}
"""
    (diff,) = read_diffs(lines(stream))
    assert diff.files == (FileChange(status="M", path="vendor/lib", submodule=True),)


def test_without_patches_no_line_has_changed() -> None:
    (diff,) = read_diffs(lines(f"{A}\n:100644 100644 {OLD} {NEW} M\tx\n"))
    assert diff.files == (FileChange(status="M", path="x", insertions=0, deletions=0),)


def test_a_long_patch_is_counted_whole_and_kept_in_part() -> None:
    count = LARGEST_PATCH // 5
    body = "+abcdef\n" * count
    stream = f"{A}\n:100644 100644 {OLD} {NEW} M\tx\n\ndiff --git a/x b/x\n@@ -0,0 +1,{count} @@\n{body}"
    (diff,) = read_diffs(lines(stream))
    assert diff.files[0].insertions == count
    assert not diff.patches[0].complete
    assert LARGEST_PATCH - 10 < len(diff.patches[0].text) <= LARGEST_PATCH
    assert diff.patches[0].text.endswith("+abcdef\n")


def test_a_block_border_changes_no_count() -> None:
    body = "+abcdef\n-x\n" * 300_000
    stream = f"{A}\n:100644 100644 {OLD} {NEW} M\tx\n\ndiff --git a/x b/x\n@@ -1 +1 @@\n{body}"
    (diff,) = read_diffs(lines(stream))
    assert (diff.files[0].insertions, diff.files[0].deletions) == (300_000, 300_000)


def test_many_large_files_share_one_limit() -> None:
    count = LARGEST_COMMIT // LARGEST_PATCH + 3
    raw = "".join(f":000000 100644 {OLD} {NEW} A\tx{number:03}\n" for number in range(count))
    patch = "@@ -0,0 +1 @@\n" + "+abcdef\n" * (LARGEST_PATCH // 8 - 10)
    stream = f"{A}\n{raw}\n" + "".join(
        f"diff --git a/x{number:03} b/x{number:03}\n{patch}" for number in range(count)
    )
    (diff,) = read_diffs(lines(stream))
    assert sum(len(patch.text) for patch in diff.patches) <= LARGEST_COMMIT
    assert [patch.complete for patch in diff.patches][-2:] == [False, False]


@pytest.mark.parametrize(
    ("quoted", "path"),
    [
        (b"plain name.py", "plain name.py"),
        (b'"tab\\there"', "tab\there"),
        (b'"\\344\\277\\256\\345\\244\\215.md"', "修复.md"),
        (b'"bad\\377"', "bad\\xff"),
        (b'"quote\\"back\\\\slash\\n"', 'quote"back\\slash\n'),
        (b'"', '"'),
    ],
)
def test_quoted_paths_are_read(quoted: bytes, path: str) -> None:
    assert decode_path(quoted) == path
