"""`daybook init`: what it asks, what it checks, what it writes, and what it never shows."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from generator.config import Config, load_config
from generator.starting.guesses import guess_language, guess_site_url, guess_timezone
from generator.starting.plan import Plan, render_plan
from tests.histories import Upstream, run_git
from tests.model_server import Answer, ModelServer, complete

ROOT = Path(__file__).parent.parent
KEY = "sk-a-key-that-nobody-may-see-0123456789"


@pytest.fixture(name="upstream")
def make_upstream(tmp_path: Path) -> str:
    """Make a repository of one commit beside the archive's folder."""
    upstream = Upstream(tmp_path / "engine")
    upstream.commit("feat: begin", "2026-01-06T10:00+08:00", {"a.py": "A = 1\n"})
    (tmp_path / "archive").mkdir()
    return str(tmp_path / "engine")


def run(folder: Path, *arguments: str, answers: str = "", **more: str) -> subprocess.CompletedProcess[str]:
    """Run the command as its owner does; `answers` are what is typed."""
    return subprocess.run(
        [sys.executable, "-m", "generator", *arguments],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **more},
        input=answers,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def read(folder: Path) -> Config:
    return load_config(folder / "archive.yml")


def test_without_questions_an_empty_folder_becomes_an_archive_that_works(
    tmp_path: Path, upstream: str
) -> None:
    folder = tmp_path / "archive"
    done = run(folder, "init", "--yes", "--repository", upstream, TZ="Europe/Berlin", LANG="en_US.UTF-8")
    assert (done.returncode, done.stderr) == (0, "")
    assert "archive.yml follows local/engine; days end at midnight in Europe/Berlin." in done.stdout
    config = read(folder)
    assert (config.language, config.timezone, config.site.url) == ("en", "Europe/Berlin", None)
    assert config.analysis.models == ()
    updated = run(folder, "update")
    assert updated.returncode == 0, updated.stderr
    assert (folder / "docs/local/engine/2026/01/06.json").is_file()


def test_questions_are_asked_until_the_answers_hold(tmp_path: Path, upstream: str) -> None:
    folder = tmp_path / "archive"
    typed = [
        str(tmp_path / "nothing"),  # there is nothing
        "git@example.org:owner/name.git",  # needs a key
        upstream,
        "",
        "fr",  # no language of ours
        "en",
        "Europe/Berlim",
        "Europe/Berlin",
        "daybook.example",  # no address
        "https://daybook.example/archive",
        "-",
    ]
    done = run(folder, "init", answers="\n".join(typed) + "\n")
    assert done.returncode == 0, done.stderr
    config = read(folder)
    assert [repository.url for repository in config.repositories] == [upstream]
    assert (config.language, config.timezone) == ("en", "Europe/Berlin")
    assert config.site.url == "https://daybook.example/archive/"
    assert f"there is nothing at {tmp_path / 'nothing'}" in done.stderr
    assert "needs an SSH key" in done.stderr
    assert "Did you mean 'Europe/Berlin'?" in done.stderr
    assert "'daybook.example' is not a web address" in done.stderr


def test_every_answer_is_written_so_that_it_is_read_as_it_was(tmp_path: Path) -> None:
    plan = Plan(
        repositories=("https://github.com/ada/engine", "https://gitlab.com/lab/group/tools"),
        language="zh",
        timezone="Asia/Shanghai",
        site_name='Ada\'s "yes": # null',
        site_url="https://daybook.example/",
        model="gpt-5-mini",
        base_url="https://api.example.org/v1",
        key="EXAMPLE_API_KEY",
    )
    (tmp_path / "archive.yml").write_text(render_plan(plan), encoding="utf-8")
    config = read(tmp_path)
    (model,) = config.analysis.models
    assert tuple(repository.url for repository in config.repositories) == plan.repositories
    assert (config.site.name, config.site.url) == (plan.site_name, plan.site_url)
    assert (model.name, model.base_url, model.key) == (plan.model, plan.base_url, plan.key)


@pytest.mark.parametrize("name", ["yes", "null", "123", "2026-01-06", "a: b", "- a", "# a", "ada 的日报"])
def test_a_name_that_yaml_would_take_for_something_else_stays_a_name(tmp_path: Path, name: str) -> None:
    plan = Plan(
        repositories=("https://github.com/ada/engine",), language="en", timezone="UTC", site_name=name
    )
    (tmp_path / "archive.yml").write_text(render_plan(plan), encoding="utf-8")
    assert read(tmp_path).site.name == name


def test_a_file_that_is_there_is_kept_each_time(tmp_path: Path, upstream: str) -> None:
    folder = tmp_path / "archive"
    (folder / "archive.yml").write_text("mine\n")
    begun = [run(folder, "init", "--yes", "--repository", upstream) for _ in range(2)]
    assert [done.returncode for done in begun] == [0, 0]
    assert "What was there before is kept as archive.yml.old2." in begun[1].stdout
    assert (folder / "archive.yml.old1").read_text() == "mine\n"
    assert (folder / "archive.yml.old2").read_text() == (folder / "archive.yml").read_text()


@pytest.mark.parametrize(
    ("arguments", "fact"),
    [
        ((), "no repository was given"),
        (("--repository", "/nowhere/at/all"), "there is nothing at /nowhere/at/all"),
        (("--repository", "https://ada:secret@example.org/a/b"), "url holds a user name or password"),
        (("--timezone", "Mars/Olympus"), "'Mars/Olympus' is not a time zone of the IANA list"),
        (("--site-name", " "), "name ' ' is not one line of text"),
        (("--model", "gpt-5-mini", "--key", KEY), "the answer holds what looks like a key itself"),
    ],
)
def test_what_does_not_hold_is_refused_and_nothing_is_written(
    tmp_path: Path, upstream: str, arguments: tuple[str, ...], fact: str
) -> None:
    folder = tmp_path / "archive"
    (folder / "archive.yml").write_text("mine\n")
    own = () if not arguments or "--repository" in arguments else ("--repository", upstream)
    done = run(folder, "init", "--yes", *own, *arguments)
    assert done.returncode == 1
    assert fact in done.stderr
    assert len(done.stderr.splitlines()) == 2
    assert "secret" not in done.stderr
    assert KEY not in done.stderr
    assert [path.name for path in folder.iterdir()] == ["archive.yml"]
    assert (folder / "archive.yml").read_text() == "mine\n"


def ask_model(tmp_path: Path, upstream: str, answer: Answer) -> tuple[str, str]:
    """Begin an archive with a model that gives this answer; return what is said of it and what is written."""
    folder = tmp_path / "archive"
    with ModelServer() as server:
        server.routes["POST", "/v1/chat/completions"] = lambda _: answer
        done = run(
            folder, "init", "--yes", "--repository", upstream, "--model", "test-model", "--base-url", server.url,
            OPENAI_API_KEY=KEY,
        )  # fmt: skip
        (asked,) = server.arrived
    assert done.returncode == 0, done.stderr
    assert asked.headers["authorization"] == f"Bearer {KEY}"
    written = (folder / "archive.yml").read_text(encoding="utf-8")
    assert KEY not in done.stdout + done.stderr + written
    assert "name: test-model" in written
    return done.stderr, written


@pytest.mark.parametrize("status", [200, 400, 429])
def test_a_model_that_takes_the_key_is_written_down(tmp_path: Path, upstream: str, status: int) -> None:
    told, written = ask_model(tmp_path, upstream, Answer(status=status, body=complete("yes")))
    assert told == ""
    assert "base_url: http://127.0.0.1:" in written


@pytest.mark.parametrize(
    ("status", "fact"),
    [
        (401, "refuses the key (HTTP 401)"),
        (403, "refuses the key (HTTP 403)"),
        (404, "knows no model test-model (HTTP 404)"),
        (500, "answers with an error (HTTP 500)"),
    ],
)
def test_a_model_that_does_not_answer_is_told_of_and_stops_nothing(
    tmp_path: Path, upstream: str, status: int, fact: str
) -> None:
    told, _ = ask_model(tmp_path, upstream, Answer(status=status, body=KEY.encode()))
    assert fact in told
    assert "Until then, the rules analyse alone." in told


def test_a_key_that_is_not_set_is_told_of_and_nobody_is_asked(tmp_path: Path, upstream: str) -> None:
    done = run(tmp_path / "archive", "init", "--yes", "--repository", upstream, "--model", "gpt-5-mini")
    assert done.returncode == 0
    assert "OPENAI_API_KEY is not set here" in done.stderr
    assert "1. Set OPENAI_API_KEY in the environment" in done.stdout


@pytest.mark.parametrize(
    ("remote", "url"),
    [
        ("https://github.com/Ada/days.git", "https://ada.github.io/days/"),
        ("git@github.com:ada/days.git", "https://ada.github.io/days/"),
        ("ssh://git@github.com/ada/Ada.github.io", "https://ada.github.io/"),
        ("https://gitlab.com/ada/days", None),
        ("https://github.com/ada/days/tree/main", None),
        (None, None),
    ],
)
def test_site_is_guessed_where_the_host_says_it(remote: str | None, url: str | None) -> None:
    assert guess_site_url(remote) == url


def test_the_remote_of_the_checkout_is_known_and_the_next_step_says_so(tmp_path: Path, upstream: str) -> None:
    folder = tmp_path / "archive"
    run_git(folder, "init", "--quiet")
    run_git(folder, "remote", "add", "origin", "https://github.com/ada/days")
    done = run(folder, "init", "--yes", "--repository", upstream)
    assert read(folder).site.url == "https://ada.github.io/days/"
    assert done.stdout.splitlines()[-1] == "3. Commit archive.yml and push it."


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LC_ALL": "C", "LANG": "zh_CN.UTF-8"}, "en"),
        ({"LC_ALL": "", "LANG": "zh_TW"}, "zh"),
        ({}, "en"),
    ],
)
def test_language_is_that_of_the_locale(environment: dict[str, str], language: str) -> None:
    assert guess_language(environment) == language


def test_time_zone_is_that_of_the_environment_or_else_of_the_machine(tmp_path: Path) -> None:
    linked = tmp_path / "localtime"
    linked.symlink_to("/usr/share/zoneinfo/Asia/Tokyo")
    assert guess_timezone({"TZ": ":Europe/Paris"}, linked) == "Europe/Paris"
    assert guess_timezone({"TZ": "CET-1CEST"}, linked) == "Asia/Tokyo"
    assert guess_timezone({}, tmp_path / "none") == "UTC"
