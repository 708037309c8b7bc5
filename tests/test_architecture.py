"""Who may know whom: what the modules' docstrings promise, held by reading the code."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from generator.site import look

ROOT = Path(__file__).parent.parent
GENERATOR = ROOT / "generator"
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted(GENERATOR.rglob("*.py"))
}

SHARED = {
    "bills",
    "claims",
    "config",
    "config_values",
    "config_yaml",
    "database",
    "days",
    "errors",
    "feeds",
    "fingerprint",
    "globs",
    "headlines",
    "hosts",
    "imports",
    "manifest",
    "patches",
    "plain_text",
    "progress",
    "record_additions",
    "record_base",
    "record_bytes",
    "record_reports",
    "records",
    "release_records",
    "summaries",
    "tallies",
    "workers",
}
STAGES = {"collect", "analyse", "store", "pages", "site"}
# What each module or stage may import of Daybook, itself aside. Data runs one way, and nobody looks up.
MAY_IMPORT: dict[str, set[str]] = {
    "errors": set(),
    "days": set(),
    "hosts": set(),
    "progress": set(),
    "record_base": set(),
    "record_reports": {"record_base"},
    "record_additions": {"record_base"},
    "records": {"record_additions", "record_base", "record_reports"},
    "bills": {"records"},
    "imports": {"errors", "record_base", "records"},
    "patches": {"records"},
    "plain_text": set(),
    "database": set(),
    "feeds": {"records"},
    "fingerprint": set(),
    "globs": {"config_values"},
    "claims": {"records"},
    "headlines": {"records"},
    "small_diffs": {"patches", "record_additions", "records"},
    "manifest": {"database", "errors"},
    "workers": {"errors"},
    "summaries": {"bills", "records", "release_records"},
    "tallies": {"records"},
    "record_bytes": {"errors", "records", "release_records"},
    "config_yaml": {"errors"},
    "config_values": {"hosts"},
    "config_provider": {"config_values"},
    "config_errors": {"config_provider", "config_values", "config_yaml", "errors"},
    "config": {
        *("config_errors", "config_provider", "config_values", "config_yaml"),
        *("errors", "globs", "hosts", "records"),
    },
    **dict.fromkeys(STAGES, SHARED),
    "titles": {"collect", "analyse", *SHARED},
    # In a worker: it knows neither the archive nor a model.
    "gathering": {"collect", "analyse", "small_diffs", "titles", *SHARED},
    "landings": {"collect", "store", "gathering", *SHARED},
    "finding": {"collect", "landings", *SHARED},
    "joining": {"collect", "finding", "landings", "reports", *SHARED},
    "following": {"collect", "store", "finding", "joining", "landings", *SHARED},
    # It reads reports, has what they told joined with git and written, and gives days back; of `pages` it takes words.
    "reports": {
        *("collect", "analyse", "store", "pages"),
        *("config_values", "digesting", "following", "joining", "landings", "paging"),
        *SHARED,
    },
    "report_commands": {"console", "reports", *SHARED},
    "fetching": {"collect", "landings", *SHARED},
    "release_records": {"record_base", "records"},
    "releasing": {"collect", "store", "following", "landings", *SHARED},
    "digesting": {"analyse", "store", *SHARED},
    "analysing": {"collect", "analyse", "store", "landings", "titles", *SHARED},
    "estimating": {"collect", "analyse", "store", "analysing", "following", "landings", "titles", *SHARED},
    "paging": {"store", "pages", *SHARED},
    # It hands the site what programs are told, so that the site need not know the pages.
    "feeding": {"store", "pages", *SHARED},
    # It looks at what every stage made, and has what is lost made again.
    "checking": {
        *("collect", "analyse", "store", "pages", "site"),
        *("digesting", "landings", "paging"),
        *SHARED,
    },
    # It takes of `analyse` what leaves no secret in a line, of `pages` the words and the escaper.
    "changes": {"collect", "analyse", "store", "pages", *SHARED},
    "pipeline": {
        *("collect", "analyse", "store", "pages"),
        *("analysing", "digesting", "estimating", "fetching", "following", "landings", "paging", "releasing"),
        *SHARED,
    },
    # It asks what an archive is to follow, and whether a repository and a model answer.
    "starting": {"analyse", "collect", "config_provider", "config_values", "store", *SHARED},
    "console": {"progress"},
    "answers": {"pipeline"},
    # Of `store`, the archive that a build reads, and the lock: two builds at once would take each other's folder away.
    "cli": {
        "answers",
        "changes",
        "checking",
        "config",
        "config_provider",
        "console",
        "errors",
        "feeding",
        "pipeline",
        "progress",
        "report_commands",
        "site",
        "starting",
        "store",
        "workers",
    },
    "__main__": {"cli"},
}
# Who may use what lies outside; everything else is free for all.
ONLY: dict[str, set[str]] = {
    "git": {"generator.collect.process"},
    "openai": {"generator.analyse.model.client"},
    "dask": {"generator.workers.cluster"},
    "distributed": {"generator.workers.cluster"},
    "httpx2": {"generator.analyse.model.client"},
    "click": {"generator.cli", "generator.starting.asking", "generator.report_commands"},
    "markdown_it": {"generator.pages.rich_text"},
    "rich": {"generator.console"},
    "yaml": {"generator.config_yaml", "generator.starting.plan"},
    "mkdocs": {"generator.site.rendering"},
    "hooks": set(),
    "tests": set(),
    "benchmarks": set(),
}
LONGEST_MODULE = 400
LONGEST_FUNCTION = 50


def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def find_imports(tree: ast.Module) -> set[str]:
    """Find every module that is imported anywhere in a file, also inside functions and for types alone."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def find_attributes(tree: ast.Module) -> set[str]:
    """Find the dotted names of a file that end in an attribute, such as `datetime.now`."""
    return {ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}


def part_of(module: str) -> str:
    """Name the stage, or the module beside the stages, that `generator.…` belongs to."""
    return module.split(".")[1] if "." in module else module


def find_clocks(tree: ast.Module) -> set[str]:
    clocks = {
        "datetime.now",
        "datetime.utcnow",
        "datetime.today",
        "date.today",
        "time.time",
        "time.localtime",
    }
    return {name for name in find_attributes(tree) if ".".join(name.split(".")[-2:]) in clocks}


def find_environment(tree: ast.Module) -> set[str]:
    return {name for name in find_attributes(tree) if name in {"os.environ", "os.getenv", "os.environb"}}


def find_functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def count_lines(tree: ast.Module) -> int:
    """Count the lines of what a module defines; a table of words may be as long as it needs."""
    code = [node for node in tree.body if not isinstance(node, ast.Assign | ast.AnnAssign)]
    return sum((node.end_lineno or 0) - node.lineno + 1 for node in code)


def test_every_module_has_a_place_in_the_map() -> None:
    parts = {part_of(module) for module in MODULES if module != "generator"}
    assert parts == set(MAY_IMPORT)


@pytest.mark.parametrize("module", [module for module in MODULES if module != "generator"])
def test_data_runs_one_way_and_stages_do_not_know_each_other(module: str) -> None:
    part = part_of(module)
    imported = {
        part_of(name) for name in find_imports(parse(MODULES[module])) if name.startswith("generator.")
    }
    assert imported - {part, "__version__"} <= MAY_IMPORT[part]


@pytest.mark.parametrize("package", sorted(ONLY))
def test_only_one_module_talks_to(package: str) -> None:
    users = {
        module
        for module, path in MODULES.items()
        if any(name.split(".")[0] == package for name in find_imports(parse(path)))
    }
    assert users <= ONLY[package]


def test_programs_are_started_by_git_and_by_the_site_alone() -> None:
    users = {module for module, path in MODULES.items() if "subprocess" in find_imports(parse(path))}
    assert {part_of(module) for module in users} <= {"collect", "site"}
    assert {module for module in users if part_of(module) == "collect"} <= {"generator.collect.process"}


# Where commands are read: what they do is handed the moment.
EDGES = {"generator.cli", "generator.report_commands"}


@pytest.mark.parametrize("module", [module for module in MODULES if module not in EDGES])
def test_the_clock_is_read_at_the_edge_only(module: str) -> None:
    assert find_clocks(parse(MODULES[module])) == set()


# Each starts a program, and hands it what it needs of an environment that the edge has taken the secrets from.
HANDS_ENVIRONMENT_ON = {"generator.collect.process", "generator.site.pagefind", "generator.site.rendering"}


@pytest.mark.parametrize("module", [module for module in MODULES if module != "generator.cli"])
def test_the_environment_is_read_at_the_edge_only(module: str) -> None:
    allowed = {"os.environ"} if module in HANDS_ENVIRONMENT_ON else set()
    assert find_environment(parse(MODULES[module])) <= allowed


def test_the_finders_find_what_they_look_for() -> None:
    tree = ast.parse(
        "import os, git\ndef f():\n from generator.site import build\n datetime.datetime.now(); os.environ"
    )
    assert find_clocks(tree) == {"datetime.datetime.now"}
    assert find_environment(tree) == {"os.environ"}
    assert find_imports(tree) == {"os", "git", "generator.site.build"}


@pytest.mark.parametrize("module", sorted(MODULES))
def test_a_module_says_its_job_and_stays_short(module: str) -> None:
    tree = parse(MODULES[module])
    paragraphs = (ast.get_docstring(tree) or "").split("\n\n")
    assert paragraphs[0].endswith("."), "the first sentence says the job"
    if MODULES[module].name not in {"__init__.py", "__main__.py"}:
        assert len(paragraphs) > 1, "the second paragraph says what the module must not know or do"
    assert count_lines(tree) <= LONGEST_MODULE


@pytest.mark.parametrize(
    "path", [*MODULES.values(), *sorted((ROOT / "hooks").glob("*.py"))], ids=lambda path: path.name
)
def test_no_function_is_longer_than_a_screen(path: Path) -> None:
    lengths = {node.name: (node.end_lineno or 0) - node.lineno + 1 for node in find_functions(parse(path))}
    assert {name: length for name, length in lengths.items() if length > LONGEST_FUNCTION} == {}


@pytest.mark.parametrize("path", sorted((ROOT / "hooks").glob("*.py")), ids=lambda path: path.name)
def test_a_hook_says_its_job_and_runs_nothing_of_its_own(path: Path) -> None:
    tree = parse(path)
    assert len((ast.get_docstring(tree) or "").split("\n\n")) > 1
    roots = {name.split(".")[0] for name in find_imports(tree)}
    assert not roots & {"subprocess", "git", "openai", "tests", "benchmarks"}


def test_whatever_a_hook_takes_of_the_site_decides_how_pages_look() -> None:
    # Search comes out beside the pages, and has marks of its own.
    hooks = [path for path in (ROOT / "hooks").glob("*.py") if path.name != "search.py"]
    used = {
        f"{name.split('.')[2]}.py"
        for path in hooks
        for name in find_imports(parse(path))
        if name.startswith("generator.site.")
    }
    assert used
    assert used <= set(look._MODULES)


def test_no_module_is_a_drawer() -> None:
    drawers = {"utils", "util", "common", "helpers", "misc", "base", "manager", "handler", "data", "info"}
    assert {module for module in MODULES if module.split(".")[-1] in drawers} == set()


def test_importing_daybook_starts_nothing_but_git_version_and_writes_nothing() -> None:
    script = f"""
import importlib, sys
sys.dont_write_bytecode = True
seen = []
def watch(event, arguments):
    if event == "subprocess.Popen":
        seen.append(arguments[1][1:])
    elif event.startswith("socket.connect"):
        seen.append([event])
    elif event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+"):
        seen.append(["write", str(arguments[0])])
sys.addaudithook(watch)
for module in {sorted(set(MODULES) - {"generator.__main__"})!r}:
    importlib.import_module(module)
print(set(map(tuple, seen)))
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "{('version',)}\n"
