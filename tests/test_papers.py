"""Papers and code agree: commands, keys, targets, tests and links that are named are there, and the other way round."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import click
import pytest

import generator
from generator.analyse.model.prices import find_known, find_window
from generator.cli import daybook
from generator.config import (
    OPENAI_URL,
    Config,
    ModelSettings,
    TrackedRepository,
    list_keys,
    load_config,
)
from generator.config_yaml import parse_yaml

ROOT = Path(__file__).parent.parent
PAPERS = ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md")
# `daybook --quiet update --repository NAME`, up to the end of the line or of the inline code.
CALL = re.compile(r"(?:^|[`$ ])daybook (?:--quiet )?(?P<command>[a-z]+)(?P<rest>[^`#\n|]*)", re.MULTILINE)
# What is written as code: fenced, or inline.
CODE = re.compile(r"^```[a-z]*\n(.*?)^```$|`([^`\n]+)`", re.MULTILINE | re.DOTALL)


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def read_code(name: str) -> str:
    return "\n".join(fenced or inline for fenced, inline in CODE.findall(read(name)))


def list_options(command: click.Command) -> set[str]:
    return {option for parameter in command.params for option in parameter.opts} | {"--help", "-h"}


def list_targets() -> set[str]:
    phony = re.search(r"^\.PHONY: (.*)$", read("Makefile"), re.MULTILINE)
    assert phony
    return set(phony[1].split())


def test_readme_names_every_command_and_no_other() -> None:
    named = {call["command"] for call in CALL.finditer(read_code("README.md"))}
    assert named == set(daybook.commands)


@pytest.mark.parametrize("paper", PAPERS)
def test_an_option_that_a_paper_names_is_one_of_the_command(paper: str) -> None:
    for call in CALL.finditer(read_code(paper)):
        command = daybook.commands.get(call["command"])
        assert command, call[0]
        assert set(re.findall(r"--[a-z-]+", call["rest"])) <= list_options(command), call[0]


def test_every_command_and_option_explains_itself() -> None:
    for name, command in daybook.commands.items():
        assert command.help, name
        assert [
            option.name for option in command.params if isinstance(option, click.Option) and not option.help
        ] == []


@pytest.mark.parametrize("paper", PAPERS)
def test_a_make_target_that_a_paper_names_is_there(paper: str) -> None:
    assert set(re.findall(r"(?:^|[ $])make ([a-z]+)", read_code(paper), re.MULTILINE)) <= list_targets()


def test_every_make_target_describes_itself() -> None:
    described = set(re.findall(r"^([a-z]+):.*## .+$", read("Makefile"), re.MULTILINE))
    assert described == list_targets()


def test_archive_yml_shows_every_key_and_its_examples_can_be_uncommented(tmp_path: Path) -> None:
    lines = read("archive.yml").splitlines()
    # An example is a comment that holds a key or an item of a list; everything else is prose.
    examples = [re.sub(r"^( *)# (?= *(?:- [a-z]|[a-z_]+:(?: |$)))", r"\1", line) for line in lines]
    (tmp_path / ".git").mkdir()
    (tmp_path / "archive.yml").write_text("\n".join(examples), encoding="utf-8")
    config = load_config(tmp_path / "archive.yml")
    assert config.site.url == "https://example.org/daybook/"
    assert [repository.name for repository in config.repositories] == [
        "daybook/daybook",
        "ai-dynamo/dynamo",
        "group/repository",
    ]
    assert [(model.name, model.key) for model in config.analysis.models] == [
        ("gpt-5-mini", "OPENAI_API_KEY"),
        ("kimi-k2-0905-preview", "MOONSHOT_API_KEY"),
    ]
    # What is known of a model need not be written; what is shown with a price is one that needs it.
    assert [(find_known(m.name, m.base_url) is None, bool(m.price)) for m in config.analysis.models] == [
        (False, False),
        (True, True),
    ]
    document = parse_yaml((tmp_path / "archive.yml").read_bytes(), "archive.yml")
    # Whose key it is: the part is the last step before it that is no position, such as `models`.
    written: dict[str, set[str]] = {}
    for *steps, key in (location for location in document.places if location):
        if isinstance(key, str):
            part = next((str(step) for step in reversed(steps) if isinstance(step, str)), "")
            written.setdefault(part, set()).add(key)
    assert written == {part: set(keys) for part, keys in list_keys().items()}


def test_defaults_that_archive_yml_shows_are_the_defaults() -> None:
    shown = dict(re.findall(r"^# +([a-z_]+): +([^# ]+)", read("archive.yml"), re.MULTILINE))
    config = Config(repositories=(TrackedRepository(url="https://github.com/pallets/flask"),))
    for settings, names in (
        (config, ("timezone", "language", "first_days")),
        (config.analysis, ("base_url", "concurrency", "deadline", "parts", "batch")),
    ):
        for name in names:
            assert shown[name].lower() == str(getattr(settings, name)).lower(), name


def test_archive_files_in_the_readme_can_be_read(tmp_path: Path) -> None:
    examples = re.findall(r"^```ya?ml\n(.*?)^```$", read("README.md"), re.MULTILINE | re.DOTALL)
    assert examples, "the README shows an archive.yml"
    for example in examples:
        (tmp_path / ".git").mkdir(exist_ok=True)
        (tmp_path / "archive.yml").write_text(example, encoding="utf-8")
        assert load_config(tmp_path / "archive.yml").repositories


def test_readme_tells_every_exit_code_that_the_help_tells() -> None:
    codes = re.findall(r"(\d+) [a-z]", read("README.md").partition("Exit codes: ")[2].partition("\n")[0])
    assert daybook.help
    told = re.findall(r"(\d+) [a-z]", daybook.help.partition("Exit codes: ")[2])
    assert (codes, codes) == (told, ["0", "1", "2", "3", "4", "130"])


def test_papers_say_how_much_of_a_context_is_used() -> None:
    name = "gpt-4.1"
    assert find_known(name, OPENAI_URL).context > 500_000  # type: ignore[union-attr]
    most = find_window(ModelSettings(name=name))
    assert f"used up to {most}\n" in read("archive.yml")
    assert f"at most {most:,} tokens" in read("README.md")


def test_every_test_that_architecture_names_is_there() -> None:
    named = re.findall(r"(tests/[a-z_]+\.py)(?:::(\w+))?", read("ARCHITECTURE.md"))
    assert named, "the invariants name their tests"
    for file, test in named:
        tree = ast.parse(read(file))
        functions = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
        assert not test or test in functions, f"{file}::{test}"


@pytest.mark.parametrize("paper", PAPERS)
def test_links_within_the_repository_lead_somewhere(paper: str) -> None:
    targets = re.findall(r"\]\((?!https?:|#)([^)#\s]+)", read(paper))
    assert [target for target in targets if not (ROOT / target).exists()] == []


@pytest.mark.parametrize("paper", PAPERS)
def test_files_that_a_paper_names_are_there(paper: str) -> None:
    named = re.findall(
        r"(?<![\w/.])(?:generator|hooks|tests|overrides|benchmarks)/[\w/]+(?:\.\w+)+", read(paper)
    )
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_one_sentence_opens_the_package_the_project_and_the_readme() -> None:
    sentence = generator.__doc__
    assert sentence == tomllib.loads(read("pyproject.toml"))["project"]["description"]
    assert sentence is not None
    assert sentence in read("README.md").split("\n## ")[0]


def test_the_changelog_begins_with_what_is_not_released() -> None:
    headings = re.findall(r"^## (.*)$", read("CHANGELOG.md"), re.MULTILINE)
    assert headings[0] == "[Unreleased]"
    kinds = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
    assert set(re.findall(r"^### (.*)$", read("CHANGELOG.md"), re.MULTILINE)) <= kinds


def read_lock(name: str) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9-]+)==(\S+) \\$", read(name), re.MULTILINE))


def test_locks_pin_every_dependency_with_hashes_and_name_no_index() -> None:
    project = tomllib.loads(read("pyproject.toml"))["project"]
    runtime, development = read_lock("requirements.lock"), read_lock("requirements-dev.lock")
    assert runtime.items() <= development.items()
    extras = project["optional-dependencies"]
    for wanted, lock in (
        (project["dependencies"], runtime),
        (extras["dev"], development),
        (extras["cluster"], development),
    ):
        # What is developed has all extras of its own.
        assert {re.split(r"[\[<>=~!]", one)[0].lower() for one in wanted} - {"daybook"} <= set(lock)
    for name in ("requirements.lock", "requirements-dev.lock"):
        lines = [line for line in read(name).splitlines() if line and not line.lstrip().startswith("#")]
        assert all(re.match(r"[a-z0-9-]+==\S+ \\$|    --hash=sha256:[0-9a-f]{64}", line) for line in lines)
