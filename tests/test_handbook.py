"""The handbook: both languages say the same, and what it says of commands, keys, files and messages is so."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import click
import pytest
import yaml
from pydantic import BaseModel

from generator.analyse.model.prices import _KNOWN
from generator.cli import daybook
from generator.config import (
    AnalysisSettings,
    Budget,
    Config,
    ModelSettings,
    Price,
    Site,
    TrackedRepository,
    list_keys,
    parse_config,
)
from generator.config_values import Refusal, check_name
from generator.pages import addresses
from generator.records import Kind
from generator.site.front_matter import Reference, parse_front_matter
from generator.site.guard import check_text
from generator.site.machines import list_taken
from generator.site.schemas import MODELS, place_schema
from generator.site.sources import find_output
from tests.sites import ROOT, TABLES, build, join, make_tables, write_archive

FOLDER = ROOT / "docs/handbook"
LANGUAGES = {"en": "zh", "zh": "en"}
NAMES = sorted(path.stem for path in (FOLDER / "en").iterdir())
# What is written as code: a block that is indented, or within a line.
BLOCK, SPAN = re.compile(r"(?:^ {4}.*\n)+", re.MULTILINE), re.compile(r"`([^`\n]+)`")
CALL = re.compile(r"(?:^|[ $/])(?:daybook|python -m generator) (?P<rest>(?:--quiet )?[a-z].*)")
PARTS: dict[str, type[BaseModel]] = {
    "archive.yml": Config,
    "site": Site,
    "repositories": TrackedRepository,
    "analysis": AnalysisSettings,
    "models": ModelSettings,
    "price": Price,
    "budget": Budget,
}
# What belongs to git and to hosts, and a variable that stands for one of the reader's own.
OTHERS = {"FETCH_HEAD", "GIT_DEPTH", "CI_PROJECT_URL", "CI_SERVER_URL", "LOCAL_API_KEY"}
DAY = date(2026, 1, 6)
A_NAME, A_SHA, A_TAG = "ada/engine", "5" * 40, "v1"

each_language = pytest.mark.parametrize("language", LANGUAGES)
each_page = pytest.mark.parametrize("name", NAMES)


def read(language: str, name: str) -> str:
    """Read what follows a page's front matter."""
    parsed = parse_front_matter((FOLDER / language / f"{name}.md").read_text(encoding="utf-8"))
    assert parsed, f"{name}: its front matter is written as that of a generated page"
    return parsed[1]


def read_all(language: str) -> str:
    return "\n".join(read(language, name) for name in NAMES)


def list_blocks(text: str) -> list[str]:
    return [re.sub("^ {4}", "", block, flags=re.MULTILINE) for block in BLOCK.findall(text)]


def list_spans(text: str) -> list[str]:
    return SPAN.findall(BLOCK.sub("", text))


def list_code(text: str) -> list[str]:
    """List every line of code, lines that go on joined."""
    blocks = "\n".join(list_blocks(text)).replace("\\\n", "")
    return [*blocks.splitlines(), *list_spans(text)]


def list_calls(text: str) -> list[list[str]]:
    """List the words behind every `daybook`."""
    calls = (CALL.search(line) for line in list_code(text))
    return [shlex.split(call["rest"], comments=True) for call in calls if call]


def read_table(text: str, heading: str) -> list[list[str]]:
    """Read the cells of the first table below the heading that holds a text, without its head."""
    _, _, below = re.split(rf"^#+ (.*{re.escape(heading)}.*)$", text, maxsplit=1, flags=re.MULTILINE)
    found = re.search(r"((?:^\|.*\n)+)", below, re.MULTILINE)
    assert found, heading
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in found[1].splitlines()[2:]]


@cache
def list_sources() -> str:
    """Read all that a name or a message may come from."""
    scripts = [*(ROOT / ".github/scripts").iterdir(), *(ROOT / ".github/workflows").iterdir()]
    texts = [path.read_text(encoding="utf-8") for path in (*(ROOT / "generator").rglob("*.py"), *scripts)]
    return "\n".join(texts)


def outline(text: str) -> list[tuple[str, int]]:
    """Say how a page is made up: its headings by level, tables by columns, items and blocks by lines."""
    found: list[tuple[str, int]] = []
    for block in re.split(r"\n{2,}", text.strip()):
        lines = block.splitlines()
        first = lines[0]
        if heading := re.match("#+", first):
            found.append(("heading", len(heading[0])))
        elif first.startswith("|"):
            found += [("row", line.count("|")) for line in lines]
        elif first.startswith("    "):
            found.append(("code", len(lines)))
        elif items := re.findall(r"^(?:\*|[0-9]\.) ", block, re.MULTILINE):
            found.append(("list", len(items)))
        else:
            found.append(("paragraph", 1))
    return found


def strip_remarks(block: str) -> str:
    """Leave out what a line of a block says to people, unless it names a file."""
    return re.sub(r" +# .*$", "", block, flags=re.MULTILINE)


def test_both_languages_have_the_same_pages() -> None:
    assert sorted(path.stem for path in (FOLDER / "zh").iterdir()) == NAMES
    assert {path.suffix for path in FOLDER.rglob("*") if path.is_file()} == {".md"}


@each_page
def test_both_languages_say_a_page_in_the_same_steps_with_the_same_code(name: str) -> None:
    english, chinese = read("en", name), read("zh", name)
    assert outline(english) == outline(chinese)
    assert sorted(list_spans(english)) == sorted(list_spans(chinese))
    assert [*map(strip_remarks, list_blocks(english))] == [*map(strip_remarks, list_blocks(chinese))]


@each_page
def test_a_chinese_page_is_in_chinese_and_an_english_one_is_not(name: str) -> None:
    prose = {
        language: re.sub(r"\[[^\]]*\]\(\.\./[^)]*\)", "", SPAN.sub("", BLOCK.sub("", read(language, name))))
        for language in LANGUAGES
    }
    assert not re.search("[\u4e00-\u9fff]", prose["en"])
    lines = [line for line in prose["zh"].splitlines() if re.search("[a-z]{3,}.* [a-z]{3,}", line)]
    assert [line for line in lines if not re.search("[\u4e00-\u9fff]", line)] == []
    assert re.findall(r"(?:[A-Za-z]+[ ,.]+){4}[A-Za-z]+", prose["zh"]) == []


@each_language
def test_pages_lead_through_the_handbook_and_to_their_translation(language: str) -> None:
    other = LANGUAGES[language]
    linked = re.findall(r"\]\(([a-z]+)\.md\)", read(language, "index"))
    assert sorted(["index", *linked]) == NAMES
    pages = {name: parse(language, name) for name in NAMES}
    titles = {name: re.findall("^# (.*)$", read(language, name), re.MULTILINE)[0] for name in NAMES}
    order = [place(name) for name in walk(language)]
    assert sorted(order) == NAMES
    stops = [Reference(titles[name], f"handbook/{language}/{name}.md") for name in order]
    for position, name in enumerate(order):
        page = pages[name]
        assert (page.title, check_text("title", page.title)) == (titles[name], [])
        assert page.trail == (() if name == "index" else (stops[0],))
        assert page.previous == (stops[position - 1] if position else None)
        assert list(page.around[:-1]) == stops
        assert page.around[-1].src_uri == f"handbook/{other}/{name}.md"
        assert f"[{page.around[-1].title}](../{other}/{name}.md)" in read(language, name)


def parse(language: str, name: str) -> Any:
    parsed = parse_front_matter((FOLDER / language / f"{name}.md").read_text(encoding="utf-8"))
    assert parsed
    return parsed[0]


def place(src_uri: str) -> str:
    return Path(src_uri).stem


def walk(language: str) -> list[str]:
    """Go from the index by each page's next one, to the end."""
    order, name = ["index"], "index"
    while following := parse(language, name).next:
        name = place(following.src_uri)
        assert name not in order
        order.append(name)
    return order


@each_language
def test_every_command_line_can_be_run(language: str) -> None:
    # A command keeps the option for help that it was first asked with.
    parent = click.Context(daybook, **daybook.context_settings)
    for words in list_calls(read_all(language)):
        rest = words[1:] if words[0] == "--quiet" else words
        command = daybook.commands.get(rest[0])
        assert command, words
        if "--help" not in rest:
            # Raises for an option that is not there, a value that is none, an argument that is missing.
            command.make_context(rest[0], rest[1:], parent=parent)


@each_language
def test_every_command_is_told_of_and_every_option_that_is_named_is_one(language: str) -> None:
    text = read_all(language)
    named = {word for words in list_calls(text) for word in words[:2] if word in daybook.commands}
    assert named == set(daybook.commands)
    options = {
        option
        for command in (daybook, *daybook.commands.values())
        for parameter in command.params
        if isinstance(parameter, click.Option)
        for option in parameter.opts
    }
    assert {span.split()[0] for span in list_spans(text) if span.startswith("--")} <= options


@each_language
def test_every_key_is_told_of_with_its_default(language: str) -> None:
    text = read(language, "configuration")
    told: dict[str, list[str]] = {}
    said: dict[tuple[str, str], str] = {}
    for part in PARTS:
        rows = read_table(text, f"`{part}`")
        told[part] = [row[0].strip("`") for row in rows]
        said |= {(part, row[0].strip("`")): row[1].strip("`") for row in rows}
    keys = {part or "archive.yml": list(keys) for part, keys in list_keys().items()}
    assert {part: sorted(listed) for part, listed in told.items()} == {
        part: sorted(keys[part]) for part in keys
    }
    defaults = {
        (part, key): model.model_fields[key].default for part, model in PARTS.items() for key in keys[part]
    }
    assert said == {key: show(default) for key, default in defaults.items()}


def show(default: object) -> str:
    """Show a default as YAML has it; a dash for none, and for one that is worked out."""
    if isinstance(default, bool):
        return str(default).lower()
    return str(default) if isinstance(default, str | int) else "–"


@each_language
def test_bounds_of_keys_are_those_of_the_code(language: str) -> None:
    text = read(language, "configuration")
    for part, key in (
        ("archive.yml", "first_days"),
        ("analysis", "concurrency"),
        ("analysis", "deadline"),
        ("analysis", "parts"),
        ("repositories", "watch"),
    ):
        (row,) = (row for row in read_table(text, f"`{part}`") if row[0] == f"`{key}`")
        metadata = PARTS[part].model_fields[key].metadata
        named = [getattr(rule, bound, None) for rule in metadata for bound in ("ge", "le", "max_length")]
        bounds = {str(value) for value in named if value}
        assert bounds
        assert bounds <= set(re.findall("[0-9]+", row[2])), key


@each_language
def test_examples_of_yaml_can_be_read(language: str, tmp_path: Path) -> None:
    blocks = list_blocks(read_all(language))
    archives = [block for block in blocks if block.startswith("# archive.yml\n")]
    assert len(archives) == 2
    for block in archives:
        whole = (
            block
            if "repositories:" in block
            else f"{block}repositories: [{{url: https://example.org/a/b}}]\n"
        )
        assert parse_config(whole.encode(), "archive.yml", tmp_path).analysis.models
    (pipeline,) = (block for block in blocks if block.startswith("# .gitlab-ci.yml\n"))
    assert yaml.safe_load(pipeline)["pages"]["script"]


class Known(NamedTuple):
    """A row of the table of prices."""

    sent: float
    cached: float | None
    written: float
    context: int


@each_language
def test_prices_are_those_that_the_code_knows(language: str) -> None:
    rows = read_table(read(language, "models"), "Daybook")
    told = {
        name.strip("`"): Known(float(sent), float(cached), float(written), int(context.replace(",", "")))
        for name, sent, cached, written, context in rows
    }
    assert told == {
        name: Known(known.price.input, known.price.cached, known.price.output, known.context)
        for name, known in _KNOWN.items()
    }


@each_language
def test_exit_codes_are_those_of_the_help(language: str) -> None:
    assert daybook.help
    codes = re.findall(r"(\d+) [a-z]", daybook.help.partition("Exit codes: ")[2])
    assert [
        row[0]
        for row in read_table(read(language, "troubleshooting"), {"en": "Exit", "zh": "退出码"}[language])
    ] == codes


@each_language
def test_messages_are_those_that_the_code_gives(language: str) -> None:
    heading = {"en": "Common messages", "zh": "常见消息"}[language]
    messages = [row[0].strip("`") for row in read_table(read(language, "troubleshooting"), heading)]
    sources = list_sources()
    assert len(messages) > 10
    assert [message for message in messages if message not in sources] == []


@each_language
def test_targets_of_make_are_there(language: str) -> None:
    phony = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert phony
    named = {
        found
        for line in list_code(read_all(language))
        for found in re.findall(r"(?:^|[ /])make ([a-z]+)", line)
    }
    assert {"site", "serve", "setup"} <= named <= set(phony[1].split())


@each_language
def test_variables_of_the_environment_are_read_by_the_code(language: str) -> None:
    named = {
        found
        for line in list_code(read_all(language))
        for found in re.findall(r"\b[A-Z]+(?:_[A-Z]+)+\b", line)
    }
    sources = list_sources()
    assert {"ARCHIVE_TOKEN", "OPENAI_API_KEY"} <= named
    assert {name for name in named - OTHERS if not re.search(rf"\b{name}\b", sources)} == set()


@each_language
def test_files_that_are_named_are_there(language: str) -> None:
    spans = set(list_spans(read_all(language))) | {
        word for block in list_blocks(read_all(language)) for word in block.split()
    }
    ours = {
        span
        for span in spans
        if re.fullmatch(r"(?:\.github|tests|docs/handbook|generator)/[\w./-]*|[A-Z]+\.md", span)
    }
    assert {"CONTRIBUTING.md", ".github/workflows/daily.yml"} <= ours
    assert [name for name in ours if not (ROOT / name).exists()] == []
    sources = list_sources()
    kept = {span.split("/")[1] for span in spans if re.fullmatch(r"\.daybook/\w+/", span)}
    assert kept == {"broken", "replies", "spending"}
    assert all(re.search(rf'"\.daybook"(?: /|,) "{name}"', sources) for name in kept)


@each_language
def test_scripts_and_jobs_are_those_of_the_workflow(language: str) -> None:
    text = read(language, "setup")
    jobs = [row[0].strip("`") for row in read_table(text, "GitHub")]
    workflow = (ROOT / ".github/workflows/daily.yml").read_text(encoding="utf-8")
    assert jobs == list(yaml.safe_load(workflow)["jobs"])
    scripts = {row[0].strip("`") for row in read_table(text, "archive")}
    there = [path for path in (ROOT / ".github/scripts").iterdir() if os.access(path, os.X_OK)]
    assert scripts == {path.relative_to(ROOT).as_posix() for path in there}


@each_language
def test_addresses_are_those_that_pages_get(language: str) -> None:
    tables = re.findall(r"^\| `(<name>/[^`]*\.html)`", read(language, "search"), re.MULTILINE)
    made = {
        addresses.repository_page(A_NAME),
        addresses.commit_page(A_NAME, A_SHA),
        addresses.day_page(A_NAME, DAY),
        addresses.month_page(A_NAME, DAY),
        addresses.year_page(A_NAME, DAY),
        addresses.high_page(A_NAME, DAY),
        addresses.kinds_page(A_NAME, DAY),
        addresses.trends_page(A_NAME, DAY),
        addresses.authors_page(A_NAME, DAY),
        addresses.releases_page(A_NAME),
        addresses.release_page(A_NAME, A_TAG),
        addresses.watch_page(A_NAME),
    }
    assert {fill(address) for address in tables} == {find_output(page) for page in made}


def fill(address: str) -> str:
    for name, value in (
        ("name", A_NAME), ("sha", A_SHA), ("tag", A_TAG), ("YYYY", "2026"), ("MM", "01"), ("DD", "06")
    ):  # fmt: skip
        address = address.replace(f"<{name}>", value)
    return address


@each_language
def test_filters_are_those_of_the_search_page(language: str) -> None:
    heading = {"en": "Filters", "zh": "筛选"}[language]
    rows = {
        row[0].strip("`"): set(SPAN.findall(row[1])) for row in read_table(read(language, "search"), heading)
    }
    script = (ROOT / "docs/assets/search-page.js").read_text(encoding="utf-8")
    chosen = re.search(r"^const CHOSEN = \[(.*)\];$", script, re.MULTILINE)
    single = re.findall(r'^const (?:TYPED|ORDER|QUERY) = "(.*)";$', script, re.MULTILINE)
    assert chosen
    assert set(rows) == {*re.findall('"(.*?)"', chosen[1]), *single}
    assert rows["kind"] == {str(kind) for kind in Kind}


@each_language
def test_what_programs_are_told_stands_where_the_handbook_says(language: str) -> None:
    text = read(language, "data")
    schemas = {row[2].strip("`") for row in read_table(text, {"en": "Records", "zh": "记录"}[language])}
    assert schemas == {place_schema(name) for name in MODELS}
    rows = [
        *read_table(text, {"en": "Feeds", "zh": "订阅"}[language]),
        *read_table(text, {"en": "For programs", "zh": "供程序使用"}[language]),
    ]
    named = {fill(address) for row in rows for address in SPAN.findall(row[0])}
    assert named - {"sitemap.xml"} <= list_taken([A_NAME])
    assert {"llms.txt", "status.json", "feed.xml", "high.json"} <= named


def test_no_owner_can_take_the_handbooks_address() -> None:
    with pytest.raises(Refusal, match="address of Daybook's own pages"):
        check_name("Handbook/en")


def test_git_keeps_the_handbook() -> None:
    ignored = subprocess.run(
        ["git", "check-ignore", "--no-index", "docs/handbook/en/index.md", "docs/ada/engine/index.md"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ignored.stdout.splitlines() == ["docs/ada/engine/index.md"]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build a Chinese archive with the handbook, by Daybook and by plain MkDocs."""
    root = write_archive(tmp_path_factory.mktemp("handbook"), join([make_tables()]))
    build(root)
    # It comes later, with a newer Daybook.
    shutil.copytree(FOLDER, root / "docs/handbook")
    build(root)
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", "plain"]
    subprocess.run(command, cwd=root, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=True)
    return root


def test_both_builds_take_the_handbook_and_give_the_same_bytes(root: Path) -> None:
    pages = {f"handbook/{language}/{name}.html" for language in LANGUAGES for name in NAMES}
    sitemap = (root / "site/sitemaps/pages.xml").read_text(encoding="utf-8")
    for page in pages:
        assert (root / "site" / page).read_bytes() == (root / "plain" / page).read_bytes()
        assert f"<loc>https://example.org/daybook/{page}</loc>" in sitemap


def test_a_page_of_the_handbook_is_in_its_own_language_with_its_place(root: Path) -> None:
    page = (root / "site/handbook/en/setup.html").read_text(encoding="utf-8")
    assert '<html lang="zh"' in page
    assert '<div class="db-handbook" lang="en">' in page
    places = re.search(r"<nav class=md-path.*?</nav>", page, re.DOTALL)
    assert places
    assert re.findall(r"<a href=([^\s>]+)>", places[0]) == ["../../index.html", "index.html"]
    assert [re.findall(rf"<a rel={side} href=(\S+?)>", page) for side in ("prev", "next")] == [
        ["index.html"],
        ["configuration.html"],
    ]


@pytest.mark.parametrize(
    ("page", "link"),
    [
        ("index.html", "handbook/zh/index.html"),
        ("status.html", "handbook/zh/index.html"),
        ("404.html", "/daybook/handbook/zh/index.html"),
        (f"{TABLES}/2026/03/10.html", "../../../../handbook/zh/index.html"),
    ],
)
def test_pages_lead_to_the_handbook_in_the_archives_language(root: Path, page: str, link: str) -> None:
    footer = (root / "site" / page).read_text(encoding="utf-8").rpartition("<footer")[2]
    assert f"<a href={link}>手册</a>" in footer


def test_an_archive_without_the_handbook_does_not_lead_there(site: Any) -> None:
    assert "handbook" not in (site.folder / "index.html").read_text(encoding="utf-8")
