"""Names: what a patch proves about public names and their signatures, and what it does not."""

from __future__ import annotations

import pytest

from generator.analyse.names import Changed, Moved, Name, NameChanges, find_names
from generator.analyse.signatures import Default, compare_signatures, find_default_changes
from generator.patches import Patch
from tests.changes import Edit, edit


def read(*edits: Edit) -> NameChanges:
    return find_names([one.patch for one in edits if one.patch])


def removed(path: str, *names: str) -> NameChanges:
    return NameChanges(removed=tuple(Name(name=name, path=path) for name in names))


def added(path: str, *names: str) -> NameChanges:
    return NameChanges(added=tuple(Name(name=name, path=path) for name in names))


@pytest.mark.parametrize(
    ("path", "line", "name"),
    [
        ("src/a.py", "def load(path):", "load"),
        ("src/a.py", "async def load(path):", "load"),
        ("src/a.py", "class Loader(Base):", "Loader"),
        ("src/a.rs", "pub fn load(path: &str) -> Self {", "load"),
        ("src/a.rs", "pub async unsafe fn load() {", "load"),
        ("src/a.rs", "pub struct Loader<'a> {", "Loader"),
        ("src/a.go", "func Load(path string) error {", "Load"),
        ("src/a.go", "func (l *Loader[T]) Load() error {", "Loader.Load"),
        ("src/a.go", "type Loader struct {", "Loader"),
        ("src/a.ts", "export async function load(path: string) {", "load"),
        ("src/a.ts", "export default class Loader {", "Loader"),
        ("src/a.ts", "export const loader = 1", "loader"),
        ("src/Loader.java", "public final class Loader<T> {", "Loader"),
        ("src/Loader.java", "    public static List<String> load(Path path) {", "Loader.load"),
        ("include/a.h", "int load(const char *path);", "load"),
        ("include/a.cuh", "static inline void load(float* x) {", "load"),
        ("include/a.h", "struct loader {", "loader"),
        ("include/a.h", "#define LOADER_MAX 12", "LOADER_MAX"),
        ("api/a.proto", "message Loader {", "Loader"),
    ],
)
def test_definition_of_every_language_is_seen(path: str, line: str, name: str) -> None:
    assert read(edit(path, f"+{line}")) == added(path, name)
    assert read(edit(path, f"-{line}")) == removed(path, name)


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("src/a.py", "def _load(path):"),
        ("src/a.py", "        def inner(path):"),
        ("src/a.rs", "pub(crate) fn load() {"),
        ("src/a.rs", "fn load() {"),
        ("src/a.go", "func load() {"),
        ("src/a.go", "func (l *loader) Load() {"),
        ("src/a.ts", "function load() {"),
        ("src/Loader.java", "    private void load() {"),
        ("builtin.h", "int load(void);"),
        ("include/a.h", "return load(x);"),
        ("include/a.h", "struct loader;"),
        ("tests/a.py", "def load(path):"),
        ("scripts/a.py", "def load(path):"),
        ("internal/a.go", "func Load() {"),
        ("docs/a.md", "def load(path):"),
    ],
)
def test_inner_name_is_nobodys_business(path: str, line: str) -> None:
    assert read(edit(path, f"-{line}")) == NameChanges()


def test_method_is_named_with_the_class_that_the_patch_shows() -> None:
    changes = read(
        edit(
            "src/a.py",
            """
            @@ -10,7 +10,3 @@ class Loader(Base):
                 x = 1
            -    def load(self):
            -        pass
             class Saver:
            -    def save(self):
            """,
        )
    )
    assert changes == removed("src/a.py", "Loader.load", "Saver.save")


def test_method_without_a_class_in_sight_is_not_named() -> None:
    assert read(edit("src/a.py", "-    def load(self):")) == NameChanges()


def test_class_that_goes_as_a_whole_is_one_event() -> None:
    changes = read(edit("src/a.py", "-class Loader:\n-    def load(self):\n-        pass"))
    assert changes == removed("src/a.py", "Loader")


def test_name_that_goes_to_another_file_is_moved_not_removed() -> None:
    changes = read(edit("src/a.py", "-def load(path):"), edit("src/b.py", "+def load(path):"))
    assert changes == NameChanges(moved=(Moved(name="load", old_path="src/a.py", path="src/b.py"),))


@pytest.mark.parametrize(
    "text",
    [
        "-def load(path):\n+from .b import load",
        "-def load(path):\n+from .b import (\n+    load,\n+)",
        "-def load(path):\n+load = read",
        "-def load(path):\n+def load(path):",
        "-def load(path):\n def load(path):",
    ],
)
def test_name_that_can_still_be_had_from_its_file_is_not_removed(text: str) -> None:
    assert read(edit("src/a.py", text)).removed == ()


def test_nothing_is_said_to_be_removed_when_a_part_was_not_read() -> None:
    assert read(edit("src/a.py", "-def load(path):", complete=False)).removed == ()
    cut = edit("src/b.py", "+x = 1", complete=False)
    assert read(edit("src/a.py", "-def load(path):"), cut).removed == ()


def test_new_signature_is_told_with_both_texts() -> None:
    changes = read(edit("src/a.py", "-def load(path, mode):\n+def load(path):"))
    assert changes.changed == (
        Changed(name="load", path="src/a.py", old="(path, mode)", new="(path)", difference="other"),
    )


def test_signature_over_several_lines_is_read_where_only_later_lines_change() -> None:
    changes = read(
        edit(
            "src/a.py",
            """
             def load(
                 path: str,
            -    mode: str,
            +    mode: str = "r",
            +    *,
            +    retries: int = 3,
             ) -> Loader:
            """,
        )
    )
    assert changes.changed == (
        Changed(
            name="load",
            path="src/a.py",
            old="(path: str, mode: str) -> Loader",
            new='(path: str, mode: str = "r", *, retries: int = 3) -> Loader',
            difference="extended",
        ),
    )


@pytest.mark.parametrize(
    ("old", "new", "difference"),
    [
        ("(a, b)", "(a, b,)", "same"),
        ("(a: int)", "(a: int | None)", "same"),
        ("(a)", "(a, b=1)", "extended"),
        ("(a, *, c=1)", "(a, *, b=2, c=1)", "extended"),
        ("(a, **kw)", "(a, *, b=2, **kw)", "extended"),
        ("(a=1)", "(a=2)", "default"),
        ("(a, b=1)", "(b=1, a=2)", "other"),
        ("(a, c=1)", "(a, b=2, c=1)", "other"),
        ("(a=1)", "(a)", "other"),
        ("(a, b)", "(a)", "other"),
        ("(a)", "(a, b)", "other"),
        ("(a)", "(c)", "other"),
        ("()", "(a=1)", "extended"),
    ],
)
def test_python_signatures_differ_as_a_caller_feels_it(old: str, new: str, difference: str) -> None:
    assert compare_signatures(old, new, "src/a.py") == difference


def test_any_change_of_another_languages_signature_counts() -> None:
    assert compare_signatures("(a: u8)", "(a: u16)", "src/a.rs") == "other"
    assert compare_signatures("(a: u8 )", "(a: u8)", "src/a.rs") == "same"


def test_default_that_changes_is_found_between_brackets_and_commas() -> None:
    old = 'def(a, b: dict[str, int] = {"x": 1}, code: int = 302)'
    new = 'def(a, b: dict[str, int] = {"x": 1}, code: int = 303)'
    assert find_default_changes(old, new) == (Default(name="code", old="302", new="303"),)


def test_removed_field_of_a_message_is_named_with_it() -> None:
    changes = read(
        edit("api/a.proto", "@@ -1 +1 @@ message Loader {\n-  string path = 1;\n+  bytes content = 2;")
    )
    assert changes == NameChanges(
        removed=(Name(name="Loader.path", path="api/a.proto"),),
        added=(Name(name="Loader.content", path="api/a.proto"),),
    )


def test_pathological_patch_is_read_to_the_end() -> None:
    opened = Patch(path="src/a.py", text="@@ -1 +1 @@\n" + "-def load(\n+def load(\n" * 5000)
    assert find_names([opened]) == NameChanges()
