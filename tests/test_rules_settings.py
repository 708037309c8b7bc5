"""Settings: options, environment variables, defaults and requirements, before and after a commit."""

from __future__ import annotations

import pytest

from generator.analyse.manifests import Requirement, find_requirements
from generator.analyse.signatures import Default
from generator.analyse.switches import NewDefault, Switch, SwitchChanges, find_switches
from tests.changes import Edit, edit


def read_switches(*edits: Edit) -> SwitchChanges:
    return find_switches([one.patch for one in edits if one.patch])


def read_requirements(*edits: Edit) -> tuple[Requirement, ...]:
    return find_requirements([one.patch for one in edits if one.patch])


@pytest.mark.parametrize(
    ("path", "text", "name"),
    [
        ("src/a.py", '-    parser.add_argument("--max-len", type=int)', "--max-len"),
        ("src/a.py", '     parser.add_argument(\n-        "--max-len",', "--max-len"),
        ("src/a.py", "-@click.option('-m', '--max-len')", "--max-len"),
        ("builtin/a.c", '-\tOPT_BOOL(0, "max-len", &max_len,', "--max-len"),
        ("src/a.go", '-\tn := flag.Int("max-len", 3, "")', "--max-len"),
        ("src/a.rs", '-    #[arg(long = "max-len")]', "--max-len"),
        ("src/a.py", '-    limit = os.environ.get("MAX_LEN", "3")', "MAX_LEN"),
        ("src/a.py", '-    limit = os.environ["MAX_LEN"]', "MAX_LEN"),
        ("src/a.go", '-\tlimit := os.Getenv("MAX_LEN")', "MAX_LEN"),
        ("src/a.rs", '-    let limit = std::env::var("MAX_LEN");', "MAX_LEN"),
        ("src/a.ts", "-  const limit = process.env.MAX_LEN", "MAX_LEN"),
        ("vllm/envs.py", '-    "MAX_LEN": lambda: int(os.getenv("MAX_LEN", "3")),', "MAX_LEN"),
    ],
)
def test_setting_that_goes_is_named(path: str, text: str, name: str) -> None:
    assert read_switches(edit(path, text)).removed == (Switch(name=name, path=path),)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("src/a.py", '-    command = ["serve",\n-        "--max-len",'),
        ("src/a.py", '-    "MAX_LEN": lambda x: x,'),
        ("tests/a.py", '-    parser.add_argument("--max-len")'),
        ("scripts/a.py", '-    parser.add_argument("--max-len")'),
        (
            "src/a.py",
            '-    parser.add_argument("--max-len")\n+    parser.add_argument("--max-len", type=int)',
        ),
        ("src/a.py", '-    x = os.environ["MAX_LEN"]\n     y = os.environ["MAX_LEN"]'),
    ],
)
def test_what_is_no_setting_or_stays_is_not_said_to_go(path: str, text: str) -> None:
    assert read_switches(edit(path, text)).removed == ()


def test_nothing_goes_from_a_patch_that_was_cut() -> None:
    assert read_switches(edit("src/a.py", '-    x.add_argument("--max-len")', complete=False)).removed == ()


def test_option_that_goes_to_another_file_stays() -> None:
    line = '    parser.add_argument("--max-len")'
    assert read_switches(edit("src/a.py", f"-{line}"), edit("src/b.py", f"+{line}")) == SwitchChanges()


@pytest.mark.parametrize(
    ("path", "text", "default"),
    [
        ("src/a.py", "-    retries: int = 3\n+    retries: int = 5", ("retries", "3", "5")),
        ("src/a.py", "-RETRIES = 3\n+RETRIES = 5", ("RETRIES", "3", "5")),
        ("src/a.rs", "-pub const RETRIES: usize = 3;\n+pub const RETRIES: usize = 5;", ("RETRIES", "3", "5")),
        ("deploy/values.yaml", "-  replicas: 1\n+  replicas: 2", ("replicas", "1", "2")),
        ("app.toml", '-mode = "slow"\n+mode = "fast"', ("mode", '"slow"', '"fast"')),
    ],
)
def test_default_that_changes_is_told_with_both_values(
    path: str, text: str, default: tuple[str, str, str]
) -> None:
    name, old, new = default
    assert read_switches(edit(path, text)).defaults == (
        NewDefault(default=Default(name=name, old=old, new=new), path=path),
    )


@pytest.mark.parametrize(
    "text",
    [
        "-    retries: int = 3\n+    retries: int = 3  # enough",
        "-    retries: int = 3\n     x = 1\n+    retries: int = 5",
        "-    retries: int = read()\n+    retries: int = 5",
        "+    retries: int = 5",
    ],
)
def test_value_is_compared_only_where_a_line_stands_for_a_line(text: str) -> None:
    assert read_switches(edit("src/a.py", text)).defaults == ()


@pytest.mark.parametrize(
    ("path", "text", "requirement"),
    [
        ("requirements.txt", "-torch==2.1\n+torch==2.2", ("torch", "==2.1", "==2.2", "package")),
        ("requirements.txt", "-torch==2.1", ("torch", "==2.1", None, "package")),
        ("requirements.txt", "-torch\n+torch>=2", ("torch", "", ">=2", "package")),
        ("requirements-dev.txt", "-ruff==1\n+ruff==2", ("ruff", "==1", "==2", "sideline")),
        ("docs/requirements.txt", "+sphinx>=7", ("sphinx", None, ">=7", "sideline")),
        (
            "pyproject.toml",
            '-    "Werkzeug>=2.3",\n+    "werkzeug>=3.1",',
            ("werkzeug", ">=2.3", ">=3.1", "package"),
        ),
        (
            "pyproject.toml",
            '-requires-python = ">=3.9"\n+requires-python = ">=3.10"',
            ("requires-python", ">=3.9", ">=3.10", "platform"),
        ),
        ("pyproject.toml", '-version = "3.1.2"\n+version = "3.1.3"', ("version", "3.1.2", "3.1.3", "own")),
        (
            "pyproject.toml",
            '-requires = ["flit_core<4"]\n+requires = ["flit_core>=3.11,<4"]',
            ("flit_core", "<4", ">=3.11,<4", "package"),
        ),
        ("pyproject.toml", ' dev = [\n-    "ruff>=1",\n+    "ruff>=2",', ("ruff", ">=1", ">=2", "sideline")),
        (
            "Cargo.toml",
            '-sqlx = { version = "0.8", features = ["x"] }\n+sqlx = { version = "0.9" }',
            ("sqlx", "0.8", "0.9", "package"),
        ),
        (
            "package.json",
            '-    "jsdom": "^29.1.1",\n+    "jsdom": "^30.0.1",',
            ("jsdom", "^29.1.1", "^30.0.1", "package"),
        ),
        (
            "package.json",
            '   "devDependencies": {\n-    "jsdom": "^29",\n+    "jsdom": "^30",',
            ("jsdom", "^29", "^30", "sideline"),
        ),
        (
            "go.mod",
            "-\tgolang.org/x/net v0.55.0\n+\tgolang.org/x/net v0.56.0",
            ("golang.org/x/net", "v0.55.0", "v0.56.0", "package"),
        ),
        ("go.mod", "-go 1.24.0\n+go 1.25.0", ("go", "1.24.0", "1.25.0", "platform")),
    ],
)
def test_requirement_is_told_before_and_after(
    path: str, text: str, requirement: tuple[str, str | None, str | None, str]
) -> None:
    name, old, new, sort = requirement
    assert read_requirements(edit(path, text)) == (
        Requirement(name=name, old=old, new=new, path=path, sort=sort),  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    ("path", "old", "new", "major"),
    [
        ("requirements.txt", "==1.9", "==2.0", True),
        ("requirements.txt", "==1.9", "==1.10", False),
        ("requirements.txt", "==2.0", "==1.9", False),
        ("requirements.txt", "==0.7", "==0.8", False),
        ("Cargo.toml", "0.7", "0.8", True),
        ("Cargo.toml", "0.7.1", "0.7.2", False),
        ("requirements.txt", "==2024.8", "==2025.1", False),
        ("requirements.txt", None, "==2", False),
        ("requirements.txt", "", "==2", False),
    ],
)
def test_major_is_what_the_ecosystem_holds_apart(path: str, old: str | None, new: str, major: bool) -> None:
    assert Requirement(name="x", old=old, new=new, path=path).is_major is major


def test_lock_files_and_settings_of_tools_are_no_requirements() -> None:
    assert read_requirements(edit("uv.lock", '-version = "1"\n+version = "2"')) == ()
    assert (
        read_requirements(edit("pyproject.toml", '-python_version = "3.9"\n+python_version = "3.10"')) == ()
    )


def test_the_same_update_in_many_manifests_is_told_once() -> None:
    text = "-torch==2.1\n+torch==2.2"
    assert len(read_requirements(edit("requirements.txt", text), edit("sub/requirements.txt", text))) == 1
