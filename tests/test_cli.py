"""The command line: what it prints where, its exit codes, and what it keeps from other programs."""

from __future__ import annotations

import fcntl
import io
import json
import os
import pty
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from rich.console import Console

from generator import __version__
from generator.analyse.model.lanes import UNUSABLE
from generator.analyse.model.money import Spent
from generator.answers import render_estimate, render_status, render_status_json, render_summary
from generator.cli import daybook, drop_git_settings, drop_openai_settings, take_secrets
from generator.config import Budget
from generator.console import BarReport, LineReport, clean_text
from generator.pipeline import (
    Bill,
    Estimate,
    Missing,
    RepositoryEstimate,
    RepositoryStatus,
    Result,
    Spending,
    Stop,
    Summary,
    Usage,
)
from generator.records import Account, Failure, Outcome, Reason, RepositoryRecord, Tokens
from tests.histories import Upstream
from tests.model_server import Answer, Heard, ModelServer, answer_well, say
from tests.signals import hear_ctrl_c

ROOT = Path(__file__).parent.parent
EMPTY = Account(found=0, analysed=0, pending=0, failed=0, refused=0, skipped=0, gone=0)


NO_MODEL = "and archive.yml names none. Write `analysis: {models: [gpt-5-mini]}` into it."


def make_archive(folder: Path, *names: str) -> Path:
    """Make an archive's folder that follows repositories of one commit each."""
    lines = ["language: en", "repositories:"]
    for name in names:
        upstream = Upstream(folder / "upstream" / name)
        upstream.commit(f"feat: begin {name}", "2026-01-06T10:00+08:00", {"a.py": "A = 1\n"})
        lines.append(f"- {{url: upstream/{name}, name: ada/{name}}}")
    (folder / "archive.yml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def environment(**more: str) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **more}


def run(folder: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "generator", *arguments],
        cwd=folder,
        env=environment(**more),
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def put_git_before(folder: Path, script: str) -> str:
    """Put a `git` that runs `script` and then the real one before all others; return the PATH."""
    folder.mkdir()
    git = folder / "git"
    git.write_text(f'#!/bin/sh\n{script}\nexec "{shutil.which("git")}" "$@"\n')
    git.chmod(0o755)
    return f"{folder}{os.pathsep}{os.environ['PATH']}"


def test_update_tells_steps_on_standard_error_and_the_result_on_standard_output(tmp_path: Path) -> None:
    archive = make_archive(tmp_path, "engine")
    done = run(archive, "update")
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, "ada/engine: 1 day (2026-01-06), 1 commit")
    assert done.stdout.splitlines()[1].endswith(" written or removed")
    assert "ada/engine: fetching" in done.stderr
    assert (archive / "docs/ada/engine/2026/01/06.json").exists()


def test_a_second_update_finds_nothing_new(tmp_path: Path) -> None:
    archive = make_archive(tmp_path, "engine")
    run(archive, "update")
    done = run(archive, "--quiet", "update")
    assert (done.returncode, done.stdout) == (0, "ada/engine: nothing new\n0 pages written or removed\n")


def test_update_of_one_repository_leaves_the_others_alone(tmp_path: Path) -> None:
    archive = make_archive(tmp_path, "engine", "loom")
    done = run(archive, "update", "--repository", "ada/loom", "--analyser", "rules")
    assert done.returncode == 0
    assert sorted(path.name for path in (archive / "docs/ada").iterdir()) == ["loom"]


def test_backfill_archives_the_days_asked_for(tmp_path: Path) -> None:
    archive = make_archive(tmp_path, "engine")
    upstream = Upstream(tmp_path / "upstream" / "mill")
    for day in (1, 2, 3, 4):
        upstream.commit(f"fix: day {day}", f"2026-02-0{day}T10:00+08:00", {"b.py": f"B = {day}\n"})
    settings = "first_days: 1\nrepositories:\n- {url: upstream/mill, name: ada/mill}\n"
    (archive / "archive.yml").write_text(settings)
    done = run(archive, "backfill", "--since", "2026-02-02", "--until", "2026-02-03")
    assert done.returncode == 0
    # The newest day is what any first run begins with.
    days = sorted(path.name for path in (archive / "docs/ada/mill/2026/02").glob("??.json"))
    assert days == ["02.json", "03.json", "04.json"]


def test_a_repository_that_cannot_be_looked_at_gives_exit_code_3_and_the_others_are_done(
    tmp_path: Path,
) -> None:
    archive = make_archive(tmp_path, "engine", "loom")
    shutil.rmtree(archive / "upstream/engine")
    (archive / "upstream/engine/.git").mkdir(parents=True)
    done = run(archive, "update")
    assert done.returncode == 3
    first, *rest = done.stdout.splitlines()
    assert first == "ada/engine: could not be looked at"
    assert "ada/loom: 1 day (2026-01-06), 1 commit" in rest
    status = run(archive, "status")
    assert status.returncode == 0
    assert "ada/engine: could not be looked at since " in status.stdout


def test_an_old_terminal_shows_what_it_can(tmp_path: Path) -> None:
    upstream = Upstream(tmp_path / "engine", branch="每日")
    upstream.commit("feat: begin", "2026-01-06T10:00+08:00", {"a.py": "A = 1\n"}, on="每日")
    (tmp_path / "archive.yml").write_text("repositories:\n- {url: engine, name: ada/engine}\n")
    assert run(tmp_path, "update").returncode == 0
    assert '"branch": "每日"' in run(tmp_path, "status", "--json", PYTHONIOENCODING="utf-8").stdout
    done = run(tmp_path, "status", "--json", PYTHONIOENCODING="latin-1")
    assert (done.returncode, '"branch": "\\u6bcf\\u65e5"' in done.stdout) == (0, True)


def test_status_is_a_table_or_json(tmp_path: Path) -> None:
    archive = make_archive(tmp_path, "engine", "loom")
    run(archive, "update", "--repository", "ada/engine")
    assert run(archive, "status").stdout.splitlines() == [
        "repository  days  from        to          commits  analysed  pending  failed  other",
        "ada/engine  1     2026-01-06  2026-01-06  1        1         0        0       0",
        "ada/loom    0     -           -           0        0         0        0       0",
        "",
        "ada/loom: not looked at yet",
    ]
    repositories = json.loads(run(archive, "status", "--json").stdout)["repositories"]
    assert [(one["name"], one["days"], one["account"]["found"]) for one in repositories] == [
        ("ada/engine", 1, 1),
        ("ada/loom", 0, 0),
    ]


def make_site_archive(folder: Path) -> Path:
    """Make an archive with everything a site is built from, up to date."""
    archive = make_archive(folder, "engine")
    for name in ("hooks", "overrides", "mkdocs.yml"):
        (archive / name).symlink_to(ROOT / name)
    shutil.copytree(ROOT / "docs/assets", archive / "docs/assets")
    shutil.copy(ROOT / "docs/search.md", archive / "docs/search.md")
    assert run(archive, "update").returncode == 0
    return archive


def test_build_makes_a_site_once_and_in_full_when_asked(tmp_path: Path) -> None:
    archive = make_site_archive(tmp_path)
    first = run(archive, "build")
    assert first.returncode == 0, first.stderr
    count = len(list((archive / "docs").rglob("*.md")))
    assert (first.stdout, first.stderr) == (
        f"{count} pages built into site/\n",
        "rendering pages\nwriting the search index\npublishing\n",
    )
    assert (archive / "site/ada/engine/2026/01/06.html").exists()
    assert run(archive, "build").stdout == "site/ is as new as its pages\n"
    assert run(archive, "build", "--full").stdout == f"{count} pages built into site/\n"


def test_two_builds_at_the_same_time_do_not_meet(tmp_path: Path) -> None:
    archive = make_archive(tmp_path, "engine")
    (archive / ".daybook").mkdir()
    with (archive / ".daybook/build.lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert run(archive, "build").returncode == 4


def test_a_site_that_cannot_be_built_gives_exit_code_1(tmp_path: Path) -> None:
    archive = make_archive(tmp_path, "engine")
    done = run(archive, "build")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines()[-1].endswith("The old site stays as it was.")


def test_serve_shows_the_site_until_ctrl_c(tmp_path: Path) -> None:
    archive = make_site_archive(tmp_path)
    port = find_free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "generator", "serve", "--port", str(port)],
        cwd=archive,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        preexec_fn=hear_ctrl_c,
    )
    try:
        assert "ada/engine" in read_when_served(
            process, f"http://127.0.0.1:{port}/ada/engine/2026/01/06.html"
        )
        taken = run(archive, "serve", "--port", str(port))
        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate(timeout=30)
    finally:
        process.kill()
    assert (process.returncode, stdout.splitlines()[-1]) == (
        0,
        f"Serving at http://127.0.0.1:{port}/ until Ctrl-C.",
    )
    assert "Traceback" not in stderr
    assert taken.returncode == 1
    assert taken.stderr.splitlines()[-2:] == [
        f"127.0.0.1:{port} cannot be served: Address already in use",
        "Choose another --port.",
    ]


def find_free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def read_when_served(process: subprocess.Popen[str], address: str) -> str:
    deadline = time.monotonic() + 60
    while True:
        assert process.poll() is None
        assert time.monotonic() < deadline
        try:
            with urllib.request.urlopen(address) as answer:
                return str(answer.read().decode())
        except urllib.error.URLError:
            time.sleep(0.05)


def test_a_folder_without_archive_yml_is_an_error_with_a_next_step(tmp_path: Path) -> None:
    done = run(tmp_path, "update")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"archive.yml: there is no such file in {tmp_path.resolve()}\n"
        "Run Daybook in the archive's folder, or write the file: `repositories:` and under it `- url: https://…`.\n"
    )


def test_a_second_run_at_the_same_time_gives_exit_code_4(tmp_path: Path) -> None:
    archive = make_archive(tmp_path, "engine")
    (archive / ".daybook").mkdir()
    with (archive / ".daybook/lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = run(archive, "update")
    assert (done.returncode, done.stdout) == (4, "")
    assert done.stderr.splitlines()[-1] == "Wait until it has ended, then run the command again."
    assert run(archive, "update").returncode == 0


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (
            ["update", "--repository", "ada/engin"],
            "Error: Invalid value for '--repository': archive.yml has no repository 'ada/engin'. "
            "Did you mean 'ada/engine'?",
        ),
        (
            ["update", "--repository", "x"],
            "Error: Invalid value for '--repository': archive.yml has no repository 'x'. It has ada/engine.",
        ),
        (["backfill"], "Error: Missing option '--since'."),
        (
            ["backfill", "--since", "yesterday"],
            "Error: Invalid value for '--since': 'yesterday' does not match the format '%Y-%m-%d'.",
        ),
        (
            ["backfill", "--since", "2026-01-06", "--until", "2026-01-05"],
            "Error: --until 2026-01-05 lies before --since 2026-01-06.",
        ),
        (
            ["update", "--analyser", "oracle"],
            "Error: Invalid value for '--analyser': 'oracle' is not one of 'rules', 'model'.",
        ),
        (["update", "--analyser", "model"], f"Error: A model is to be asked, {NO_MODEL}"),
        (["update", "--retry"], f"Error: A model is to be asked, {NO_MODEL}"),
        (
            ["backfill", "--since", "2026-01-06", "--analyser", "model"],
            f"Error: A model is to be asked, {NO_MODEL}",
        ),
        (
            ["estimate", "--until", "2026-01-05"],
            "Error: --until is the last day of what --since begins; give both.",
        ),
        (
            ["estimate", "--since", "2026-01-06", "--until", "2026-01-05"],
            "Error: --until 2026-01-05 lies before --since 2026-01-06.",
        ),
        (["estimate"], f"Error: daybook estimate says what a model would cost, {NO_MODEL}"),
        (
            ["update", "--retry", "--analyser", "rules"],
            "Error: --retry asks a model again, and --analyser rules asks none.",
        ),
    ],
)
def test_wrong_usage_gives_exit_code_2_and_says_what(
    tmp_path: Path, arguments: list[str], error: str
) -> None:
    archive = make_archive(tmp_path, "engine")
    done = run(archive, *arguments)
    assert (done.returncode, done.stdout, done.stderr.splitlines()[-1]) == (2, "", error)


@pytest.mark.parametrize("command", [[], *[[name] for name in sorted(daybook.commands)]], ids=" ".join)
@pytest.mark.parametrize("option", ["--help", "-h"])
def test_help_is_everywhere(command: list[str], option: str) -> None:
    done = CliRunner().invoke(daybook, [*command, option], prog_name="daybook")
    assert (done.exit_code, done.output.splitlines()[0].split(" [")[0]) == (
        0,
        " ".join(["Usage: daybook", *command]),
    )


def test_version_is_the_packages(tmp_path: Path) -> None:
    done = run(tmp_path, "--version")
    assert (done.returncode, done.stdout) == (0, f"daybook {__version__}\n")


def test_help_does_not_start_git(tmp_path: Path) -> None:
    path = put_git_before(tmp_path / "bin", f"echo ran >> {tmp_path}/ran")
    assert run(tmp_path, "update", "--help", PATH=path).returncode == 0
    assert not (tmp_path / "ran").exists()


def test_no_secret_and_no_setting_of_git_reaches_git(tmp_path: Path) -> None:
    archive = make_archive(tmp_path, "engine")
    path = put_git_before(tmp_path / "bin", f'env >> "{tmp_path}/seen"; echo "ran $1" >> "{tmp_path}/seen"')
    secrets = {
        "OPENAI_API_KEY": "hunter2-openai",
        "GITHUB_TOKEN": "hunter2-github",
        "AWS_SECRET_ACCESS_KEY": "hunter2-aws",
        "db_password": "hunter2-db",
        "GIT_ASKPASS": "hunter2-askpass",
        "GIT_TRACE": "hunter2-trace",
        "GIT_DIR": "hunter2-dir",
        "GIT_CONFIG_COUNT": "hunter2-count",
    }
    done = run(archive, "update", PATH=path, **secrets)
    assert done.returncode == 0, done.stderr
    seen = (tmp_path / "seen").read_text()
    # GitPython's own `git version` at its import is the call that a key would escape by.
    assert "ran version" in seen
    assert "hunter2" not in seen


def test_take_secrets_takes_what_is_named_like_one_and_nothing_else() -> None:
    environ = {
        "OPENAI_API_KEY": "1",
        "openai_api_key": "2",
        "ACTIONS_RUNTIME_TOKEN": "3",
        "AWS_SECRET_ACCESS_KEY": "4",
        "AWS_ACCESS_KEY_ID": "5",
        "PGPASSWORD": "6",
        "GITHUB_PAT": "7",
        "GOOGLE_APPLICATION_CREDENTIALS": "8",
        "PATH": "/bin",
        "HOME": "/home/ada",
        "LANG": "C",
        "KEYBOARD": "us",
        "PATIENCE": "yes",
        "HTTPS_PROXY": "http://proxy:8080",
    }
    taken = take_secrets(environ)
    assert sorted(taken.values()) == ["1", "2", "3", "4", "5", "6", "7", "8"]
    assert sorted(environ) == ["HOME", "HTTPS_PROXY", "KEYBOARD", "LANG", "PATH", "PATIENCE"]


def test_git_keeps_its_places_and_loses_its_settings() -> None:
    environ = {
        "GIT_DIR": "x",
        "git_trace": "1",
        "GIT_EXEC_PATH": "/opt/git",
        "GIT_SSL_CAINFO": "/ca",
        "PATH": "/bin",
    }
    drop_git_settings(environ)
    assert environ == {"GIT_EXEC_PATH": "/opt/git", "GIT_SSL_CAINFO": "/ca", "PATH": "/bin"}


def test_no_setting_of_the_openai_package_is_left() -> None:
    environ = {
        "OPENAI_BASE_URL": "https://elsewhere.example.org/v1",
        "OPENAI_LOG": "debug",
        "openai_custom_headers": "x",
        "PATH": "/bin",
    }
    drop_openai_settings(environ)
    assert environ == {"PATH": "/bin"}


def make_asking_archive(folder: Path, server: ModelServer) -> Path:
    """Make an archive's folder that follows a repository of one commit and names a model."""
    upstream = Upstream(folder / "upstream" / "engine")
    upstream.commit("feat: begin item-0001", "2026-01-06T10:00+08:00", {"src/a.py": "A = 1\n"})
    (folder / "archive.yml").write_text(f"""\
language: en
repositories:
- {{url: upstream/engine, name: ada/engine}}
analysis:
  base_url: {server.url}
  models: [{{name: tiny, key: TINY_API_KEY, price: {{input: 1, output: 2}}, context: 100000}}]
""")
    return folder


def refuse_key(heard: Heard) -> Answer:
    """Refuse every key, and quote it, as servers do."""
    return Answer(status=401, body=heard.request.headers["authorization"].encode())


def read_files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_model_that_archive_yml_names_is_asked_and_once_only(tmp_path: Path) -> None:
    with ModelServer() as server:
        archive = make_asking_archive(tmp_path, server)
        done = run(archive, "update", TINY_API_KEY="hunter2")
        calls = server.count()
        again = run(archive, "update", TINY_API_KEY="hunter2")
        assert server.count() == calls
    first, told, *_ = done.stdout.splitlines()
    assert (done.returncode, first) == (0, "ada/engine: 1 day (2026-01-06), 1 commit")
    many = "1 call" if calls == 1 else f"{calls} calls"
    assert re.fullmatch(
        rf"1 commit analysed by a model: {many}, [0-9,]+ tokens sent, [0-9,]+ written, 0\.[0-9]+ US dollars",
        told,
    )
    assert (again.returncode, again.stdout) == (0, "ada/engine: nothing new\n0 pages written or removed\n")


def test_a_key_goes_to_its_server_and_nowhere_else(tmp_path: Path) -> None:
    path = put_git_before(tmp_path / "bin", f'env >> "{tmp_path}/seen"')
    secrets = {"TINY_API_KEY": " hunter2-tiny\n", "OPENAI_API_KEY": "hunter2-openai"}
    settings = {
        "OPENAI_LOG": "debug",
        "OPENAI_BASE_URL": "http://127.0.0.1:9/v1",
        "OPENAI_ORG_ID": "hunter2-org",
    }
    with ModelServer(refuse_key) as server:
        archive = make_asking_archive(tmp_path / "archive", server)
        done = run(archive, "update", PATH=path, **secrets, **settings)
    assert done.returncode == 3, done.stderr
    (sent,) = server.arrived
    assert (sent.path, sent.headers["authorization"]) == ("/v1/chat/completions", "Bearer hunter2-tiny")
    assert "hunter2" not in f"{sent.headers}{sent.raw!r}".replace("Bearer hunter2-tiny", "")
    assert "hunter2" not in f"{done.stdout}{done.stderr}{(tmp_path / 'seen').read_text()}"
    written = read_files(archive / "docs")
    assert written
    assert [name for name, content in written.items() if b"hunter2" in content] == []


def test_a_refused_key_is_told_with_a_next_step_and_the_rules_have_spoken(tmp_path: Path) -> None:
    with ModelServer(refuse_key) as server:
        done = run(make_asking_archive(tmp_path, server), "update", TINY_API_KEY="hunter2")
    assert done.returncode == 3
    lines = done.stdout.splitlines()
    assert lines[0] == "ada/engine: 1 day (2026-01-06), 1 commit"
    (told,) = [number for number, line in enumerate(lines) if line.startswith("tiny: ")]
    assert lines[told + 1].startswith("  Check TINY_API_KEY")
    assert lines[-1] == "1 analysis pending; the next run goes on"


def test_rules_alone_ask_nobody_though_archive_yml_names_a_model(tmp_path: Path) -> None:
    since = ["backfill", "--since", "2026-01-01", "--until", "2026-01-31"]
    with ModelServer() as server:
        archive = make_asking_archive(tmp_path, server)
        for command in (["update"], since):
            done = run(archive, *command, "--analyser", "rules", TINY_API_KEY="hunter2")
            assert (done.returncode, "model" in done.stdout) == (0, False)
        # What the rules alone have spoken of is not asked about without being told so.
        assert run(archive, *since, TINY_API_KEY="hunter2").returncode == 0
        assert server.count("commit") == 0
        done = run(archive, *since, "--analyser", "model", TINY_API_KEY="hunter2")
        assert (done.returncode, server.count("commit")) == (0, 1)
    assert "1 commit analysed by a model: " in done.stdout


def test_what_a_model_refused_is_asked_again_by_retry_alone(tmp_path: Path) -> None:
    with ModelServer(say(None, refusal="no")) as server:
        archive = make_asking_archive(tmp_path, server)
        run(archive, "update", TINY_API_KEY="hunter2")
        run(archive, "update", TINY_API_KEY="hunter2")
        assert server.count("commit") == 1
        server.script = answer_well
        done = run(archive, "update", "--retry", TINY_API_KEY="hunter2")
        assert server.count("commit") == 2
    assert "1 commit analysed by a model: " in done.stdout


def test_estimate_sends_nothing_and_writes_nothing_into_the_archive(tmp_path: Path) -> None:
    with ModelServer() as server:
        archive = make_asking_archive(tmp_path, server)
        done = run(archive, "estimate", TINY_API_KEY="hunter2")
    assert (done.returncode, server.arrived) == (0, [])
    assert done.stdout.startswith("tiny would be asked:\nrepository ")
    assert "\nTogether 1 commit in 1 call, about 0.0" in done.stdout
    assert done.stdout.endswith("\nNo budget limits it.\n")
    assert not (archive / "docs").exists()


def test_estimate_of_past_days_is_what_the_backfill_then_asks(tmp_path: Path) -> None:
    days = ["--since", "2026-01-01", "--until", "2026-01-31"]
    with ModelServer() as server:
        archive = make_asking_archive(tmp_path, server)
        run(archive, "update", "--analyser", "rules")
        assert "\nTogether 0 commits in 0 calls" in run(archive, "estimate").stdout
        done = run(archive, "estimate", *days)
        assert (done.returncode, server.arrived) == (0, [])
        run(archive, "backfill", *days, "--analyser", "model", TINY_API_KEY="hunter2")
        assert server.count("commit") == 1
    assert done.stdout.startswith(
        f"tiny would be asked by `daybook backfill {' '.join(days)} --analyser model`:"
    )
    assert "\nTogether 1 commit in 1 call, about 0.0" in done.stdout
    assert "\nNot archived yet: 0 of them; of the others the rules alone have spoken.\n" in done.stdout


def test_status_tells_what_was_given_up_and_what_was_spent(tmp_path: Path) -> None:
    with ModelServer(say("")) as server:
        archive = make_asking_archive(tmp_path, server)
        told = [run(archive, "update", TINY_API_KEY="hunter2").stdout.splitlines()[-1] for _ in range(4)]
        calls = server.count()
    assert told == [
        *["1 analysis failed; the next run asks again"] * 2,
        *["1 analysis given up after three runs; `daybook update --retry` asks again"] * 2,
    ]
    shown = run(archive, "status").stdout.splitlines()
    assert shown[shown.index("missing analyses:") + 1] == "  1 given up: the answer was empty"
    assert re.fullmatch(rf"Spent today: {calls} calls, [0-9,]+ tokens sent, .*[1-9] US dollars\.", shown[-3])
    assert shown[-1] == "No budget limits it."
    status = json.loads(run(archive, "status", "--json").stdout)
    assert status["repositories"][0]["missing_analyses"] == [
        {"outcome": "failed", "reason": "empty", "is_given_up": True, "number": 1}
    ]
    assert status["spending"]["today"]["calls"] == calls


@pytest.mark.parametrize("secrets", [{}, {"TINY_API_KEY": "hunter2\x07"}, {"TINY_API_KEY": "hunter2é"}])
def test_without_a_key_that_can_be_sent_the_rules_go_on_and_the_key_is_not_shown(
    tmp_path: Path, secrets: dict[str, str]
) -> None:
    with ModelServer() as server:
        archive = make_asking_archive(tmp_path, server)
        settings = (archive / "archive.yml").read_text()
        (archive / "archive.yml").write_text(settings.replace("base_url: http:", "base_url: https:"))
        done = run(archive, "update", **secrets)
    assert (done.returncode, server.arrived) == (3, [])
    lines = done.stdout.splitlines()
    assert lines[0] == "ada/engine: 1 day (2026-01-06), 1 commit"
    assert "tiny: not asked: TINY_API_KEY is not set, or its value cannot be a key" in lines
    assert "  Set TINY_API_KEY in the environment." in lines
    assert "hunter2" not in f"{done.stdout}{done.stderr}"


def test_ctrl_c_gives_exit_code_130_and_one_line_and_the_next_run_goes_on(tmp_path: Path) -> None:
    archive = make_archive(tmp_path, "engine")
    wait = f'case "$*" in *fetch*) touch "{tmp_path}/reached"; sleep 60;; esac'
    process = subprocess.Popen(
        [sys.executable, "-m", "generator", "update"],
        cwd=archive,
        env=environment(PATH=put_git_before(tmp_path / "bin", wait)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        start_new_session=True,
        preexec_fn=hear_ctrl_c,
    )
    try:
        deadline = time.monotonic() + 60
        while not (tmp_path / "reached").exists():
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.02)
        # A terminal sends it to everything it started.
        os.killpg(process.pid, signal.SIGINT)
        _, stderr = process.communicate(timeout=30)
    finally:
        process.kill()
    assert process.returncode == 130
    assert stderr.splitlines()[-1] == "Stopped. Run the same command again, and it goes on."
    assert "Traceback" not in stderr
    assert run(archive, "update").stdout.splitlines()[0] == "ada/engine: 1 day (2026-01-06), 1 commit"


def test_a_terminal_gets_bars_that_are_gone_at_the_end(tmp_path: Path) -> None:
    archive = make_archive(tmp_path, "engine")
    leader, follower = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "generator", "update"],
        cwd=archive,
        env=environment(TERM="xterm", COLUMNS="100"),
        stdout=subprocess.PIPE,
        stderr=follower,
    ) as process:
        os.close(follower)
        shown = read_to_end(leader)
    assert process.returncode == 0
    assert b"ada/engine: fetching" in shown
    assert b"\x1b[" in shown


def read_to_end(terminal: int) -> bytes:
    pieces: list[bytes] = []
    while True:
        try:
            piece = os.read(terminal, 65536)
        except OSError:  # Linux says so when the last writer is gone.
            piece = b""
        if not piece:
            os.close(terminal)
            return b"".join(pieces)
        pieces.append(piece)


def test_lines_tell_each_step_and_each_beginning() -> None:
    stream = io.StringIO()
    report = LineReport(stream)
    report.step("ada/engine: 3 new commits")
    with report.progress("ada/engine: analysing", 3) as task:
        task.advance(1)
        task.reach("half", 2)
    with report.progress("writing pages", None):
        pass
    assert stream.getvalue() == "ada/engine: 3 new commits\nada/engine: analysing\nwriting pages\n"


def test_bars_may_stand_below_each_other_and_steps_stay() -> None:
    stream = io.StringIO()
    report = BarReport(Console(file=stream, force_terminal=True, width=100))
    with report.progress("outer", 2) as outer, report.progress("inner [bold]", 10) as inner:
        report.step("a [red]step[/red]")
        inner.reach("receiving", 5)
        outer.advance(1)
    with report.progress("later", None) as later:
        later.advance(1)
    assert "a [red]step[/red]" in stream.getvalue()
    assert "inner [bold]" in stream.getvalue()


def test_a_terminal_is_not_handed_what_it_would_obey() -> None:
    assert clean_text("a\x1b]0;title\x07\u202eb\n  c\t") == "a\ufffd]0;title\ufffd\ufffdb\n  c\ufffd"


def test_a_summary_has_a_line_for_each_repository() -> None:
    summary = Summary(
        results=(
            Result(name="ada/engine", days=(date(2026, 1, 6), date(2026, 1, 8)), commits=1234),
            Result(name="ada/loom"),
            Result(name="ada/mill", failure="ada/mill: no answer\nThe next run tries again."),
        ),
        pages=1,
        analyses=(
            make_missing(Outcome.PENDING, Reason.BUDGET, 1200),
            make_missing(Outcome.PENDING, Reason.STOPPED, 34),
            make_missing(Outcome.FAILED, Reason.CUT, 2),
            make_missing(Outcome.FAILED, Reason.CUT, 1, is_given_up=True),
            make_missing(Outcome.REFUSED, Reason.REFUSED, 5),
        ),
        digests=(make_missing(Outcome.FAILED, Reason.EMPTY, 1),),
    )
    assert render_summary(summary) == (
        "ada/engine: 2 days (2026-01-06 to 2026-01-08), 1,234 commits\n"
        "ada/loom: nothing new\n"
        "ada/mill: could not be looked at\n"
        "  ada/mill: no answer\n"
        "  The next run tries again.\n"
        "1 page written or removed\n"
        "1,234 analyses pending; the next run goes on\n"
        "2 analyses and 1 digest failed; the next run asks again\n"
        "1 analysis given up after three runs; `daybook update --retry` asks again"
    )


def make_missing(outcome: Outcome, reason: Reason, number: int, *, is_given_up: bool = False) -> Missing:
    return Missing(outcome=outcome, reason=reason, is_given_up=is_given_up, number=number)


@pytest.mark.parametrize(
    ("analyses", "digests", "code"),
    [
        ((), (), 0),
        ((make_missing(Outcome.PENDING, Reason.BUDGET, 1),), (), 3),
        ((make_missing(Outcome.FAILED, Reason.CUT, 1, is_given_up=True),), (), 3),
        ((make_missing(Outcome.REFUSED, Reason.FILTERED, 1),), (), 0),
        ((), (make_missing(Outcome.FAILED, Reason.INVALID, 1),), 3),
    ],
)
def test_a_run_is_complete_when_nothing_is_pending_or_failed(
    analyses: tuple[Missing, ...], digests: tuple[Missing, ...], code: int
) -> None:
    assert Summary(results=(), pages=0, analyses=analyses, digests=digests).exit_code == code


def make_usage(**more: object) -> Usage:
    given = {
        "calls": 15,
        "tokens": Tokens(prompt=1234567, completion=890),
        "cost": 0.3125,
        "analysed": 12,
        "digests": 0,
        "handed_in": 0,
        "most_cost": 0.0,
        "stopped": (),
    }
    return Usage(**(given | more))  # type: ignore[arg-type]


def render_usage(**more: object) -> list[str]:
    *told, pages = render_summary(Summary(results=(), pages=0, asked=make_usage(**more))).splitlines()
    assert pages == "0 pages written or removed"
    return told


@pytest.mark.parametrize(
    ("cost", "shown"),
    [
        (None, "price unknown"),
        (0.0, "0.00 US dollars"),
        (0.00001, "0.0001 US dollars"),
        (0.3125, "0.3125 US dollars"),
        (0.999, "1.00 US dollars"),
        (1234.567, "1,234.57 US dollars"),
    ],
)
def test_a_summary_says_what_was_asked_and_what_that_cost(cost: float | None, shown: str) -> None:
    assert render_usage(cost=cost) == [
        f"12 commits analysed by a model: 15 calls, 1,234,567 tokens sent, 890 written, {shown}"
    ]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"digests": 3}, "12 commits analysed and 3 digests written by a model: 15 calls, "),
        ({"analysed": 0, "digests": 1}, "1 digest written by a model: 15 calls, "),
        ({"analysed": 0}, "nothing written by a model: 15 calls, "),
        ({"calls": 0}, "12 commits analysed by a model, from answers that were paid for before"),
    ],
)
def test_a_summary_counts_what_was_written_and_no_zeros(given: dict[str, object], told: str) -> None:
    (line,) = render_usage(**given)
    assert line.startswith(told)


@pytest.mark.parametrize(("cost", "shown"), [(1.5, "1.50 US dollars"), (None, "price unknown")])
def test_a_summary_tells_what_was_handed_in_from_what_was_answered(cost: float | None, shown: str) -> None:
    assert render_usage(calls=0, analysed=0, handed_in=40, most_cost=cost) == [
        f"40 questions handed in as a batch, at most {shown}; a later run fetches the answers"
    ]


@pytest.mark.parametrize(
    ("reason", "detail", "status", "told", "step"),
    [
        (
            Reason.NO_KEY,
            "TINY_API_KEY",
            None,
            "not asked: TINY_API_KEY is not set, or its value cannot be a key",
            "Set TINY_API_KEY in the environment.",
        ),
        (
            Reason.KEY_REFUSED,
            "HTTP 401",
            401,
            "not asked further: the key was refused (HTTP 401)",
            "Check TINY_API_KEY, what it may do, and the account's credit.",
        ),
        (
            Reason.STOPPED,
            "HTTP 404 model_not_found",
            404,
            "not asked further: there is no such model or address (HTTP 404 model_not_found)",
            "Check the model's name and base_url in archive.yml.",
        ),
        (
            Reason.STOPPED,
            "HTTP 307",
            307,
            "not asked further: there is no such model or address (HTTP 307)",
            "Check the model's name and base_url in archive.yml.",
        ),
        (
            Reason.STOPPED,
            f"10 {UNUSABLE}",
            None,
            f"not asked further: 10 {UNUSABLE}",
            "Name another model before it in archive.yml.",
        ),
        (
            Reason.STOPPED,
            "HTTP 503",
            503,
            "not asked further: it did not answer (HTTP 503)",
            "The next run tries again.",
        ),
    ],
)
def test_a_summary_says_why_a_model_was_asked_no_more_and_what_to_do(
    reason: Reason, detail: str, status: int | None, told: str, step: str
) -> None:
    stop = Stop(model="tiny", key="TINY_API_KEY", reason=reason, detail=detail, status=status)
    assert render_usage(calls=0, analysed=0, stopped=(stop,)) == [f"tiny: {told}", f"  {step}"]


def make_estimate(**more: object) -> Estimate:
    engine = {
        "commits": 1200,
        "new": 1000,
        "calls": 1240,
        "prompt_tokens": 9_000_000,
        "completion_tokens": 1_800_000,
    }
    loom = {"commits": 0, "new": 0, "calls": 0, "prompt_tokens": 0, "completion_tokens": 0}
    given = {
        "model": "tiny",
        "is_priced": True,
        "repositories": (
            RepositoryEstimate(name="ada/engine", **engine, cost=5.85),
            RepositoryEstimate(name="ada/loom", **loom, cost=0.0),
        ),
        "digests": Spent(calls=8, prompt=90_000, completion=7_200, cost=0.25),
        "left": Budget(usd_per_day=2, tokens_per_day=5_000_000, calls_per_day=1),
        "waiting": 790,
    }
    return Estimate(**(given | more))  # type: ignore[arg-type]


def test_an_estimate_is_a_table_and_what_bounds_it() -> None:
    assert render_estimate(make_estimate()).splitlines() == [
        "tiny would be asked:",
        "repository  commits  calls  tokens sent  tokens written  US dollars",
        "ada/engine  1,200    1,240  9,000,000    1,800,000       5.85",
        "ada/loom    0        0      0            0               0.00",
        "digests     -        8      90,000       7,200           0.2500",
        "",
        "Together 1,200 commits in 1,240 calls, and 8 calls for digests, about 6.10 US dollars.",
        "Today's budget still allows 2.00 US dollars, 5,000,000 tokens, 1 call.",
        "790 commits would wait for another day.",
    ]


def test_an_estimate_without_a_price_or_a_budget_says_so() -> None:
    (loom,) = make_estimate().repositories[1:]
    unpriced = replace(loom, cost=None)
    estimate = make_estimate(
        is_priced=False, repositories=(unpriced,), digests=Spent(), left=Budget(), waiting=0
    )
    assert render_estimate(estimate).splitlines() == [
        "tiny would be asked:",
        "repository  commits  calls  tokens sent  tokens written  US dollars",
        "ada/loom    0        0      0            0               -",
        "",
        "Together 0 commits in 0 calls.",
        "Nobody knows the price of tiny: give it `price:` in archive.yml.",
        "No budget limits it.",
    ]


@pytest.mark.parametrize(
    ("until", "options"),
    [(None, "--since 2026-01-01"), (date(2026, 1, 31), "--since 2026-01-01 --until 2026-01-31")],
)
def test_an_estimate_of_past_days_names_the_backfill_and_what_it_is_made_of(
    until: date | None, options: str
) -> None:
    lines = render_estimate(make_estimate(days=(date(2026, 1, 1), until))).splitlines()
    assert lines[0] == f"tiny would be asked by `daybook backfill {options} --analyser model`:"
    assert "Not archived yet: 1,000 of them; of the others the rules alone have spoken." in lines


def make_statuses() -> list[RepositoryStatus]:
    failure = Failure(since=date(2026, 1, 9), reason="no answer\nTry again.")
    return [
        RepositoryStatus(
            name="ada/engine",
            is_followed=True,
            record=RepositoryRecord(repository="ada/engine", branch="main", timezone="UTC", failure=failure),
            days=2,
            first_day=date(2026, 1, 6),
            last_day=date(2026, 1, 8),
            account=Account(found=9, analysed=3, pending=1, failed=2, refused=1, skipped=2, gone=1),
            analyses=(
                make_missing(Outcome.PENDING, Reason.BUDGET, 1),
                make_missing(Outcome.FAILED, Reason.CUT, 2, is_given_up=True),
                make_missing(Outcome.REFUSED, Reason.REFUSED, 1),
            ),
            digests=(make_missing(Outcome.FAILED, Reason.INCOMPLETE, 1),),
        ),
        RepositoryStatus(
            name="ada/a-long-name",
            is_followed=False,
            record=RepositoryRecord(repository="ada/a-long-name", timezone="UTC", writing="0" * 40),
            days=0,
            first_day=None,
            last_day=None,
            account=EMPTY,
        ),
    ]


def test_a_status_table_names_what_is_not_in_order_below_it() -> None:
    assert render_status(make_statuses(), (), None).splitlines() == [
        "repository       days  from        to          commits  analysed  pending  failed  other",
        "ada/engine       2     2026-01-06  2026-01-08  9        3         1        2       3",
        "ada/a-long-name  0     -           -           0        0         0        0       0",
        "",
        "ada/engine: could not be looked at since 2026-01-09",
        "  no answer",
        "  Try again.",
        "ada/a-long-name: no longer in archive.yml",
        "ada/a-long-name: the last run was cut short; the next one goes on",
        "",
        "missing analyses:",
        "  2 given up: the answer was cut short",
        "  1 pending: the day's budget was spent",
        "  1 refused: by the model",
        "missing digests:",
        "  1 failed: the answer left out a breaking change",
    ]


def make_spending(unpriced: int = 0) -> Spending:
    return Spending(
        today=Bill(calls=0, tokens=Tokens(prompt=0, completion=0), cost=0.0, unpriced=0),
        month=Bill(calls=12, tokens=Tokens(prompt=34_000, completion=5_600), cost=1.5, unpriced=unpriced),
        left=Budget(usd_per_day=2),
    )


@pytest.mark.parametrize(
    ("unpriced", "shown"),
    [
        (0, "1.50 US dollars"),
        (1, "1.50 US dollars, and 1 call of unknown price"),
        (12, "price unknown"),
    ],
)
def test_status_tells_what_was_spent_and_what_is_left(unpriced: int, shown: str) -> None:
    across = [make_missing(Outcome.FAILED, Reason.INCOMPLETE, 2)]
    lines = render_status(make_statuses(), across, make_spending(unpriced)).splitlines()
    assert lines[-6:] == [
        "missing digests:",
        "  3 failed: the answer left out a breaking change",
        "",
        "Spent today: nothing.",
        f"Spent this month: 12 calls, 34,000 tokens sent, 5,600 written, {shown}.",
        "Today's budget still allows 2.00 US dollars.",
    ]


@pytest.mark.parametrize("reason", Reason)
def test_status_has_words_for_every_reason(reason: Reason) -> None:
    text = render_status([], [make_missing(Outcome.FAILED, reason, 1)], None)
    assert re.fullmatch(r"  1 failed: [a-z' ,]{8,}", text.splitlines()[-1])


def test_status_as_json_holds_the_account_and_the_record() -> None:
    across = [make_missing(Outcome.PENDING, Reason.BUDGET, 2)]
    shown = json.loads(render_status_json(make_statuses(), across, make_spending(3)))
    first = shown["repositories"][0]
    assert {
        key: first[key] for key in ("name", "is_followed", "days", "first_day", "last_day", "account")
    } == {
        "name": "ada/engine",
        "is_followed": True,
        "days": 2,
        "first_day": "2026-01-06",
        "last_day": "2026-01-08",
        "account": {
            "found": 9,
            "analysed": 3,
            "pending": 1,
            "failed": 2,
            "refused": 1,
            "skipped": 2,
            "gone": 1,
        },
    }
    assert first["record"]["failure"] == {"since": "2026-01-09", "reason": "no answer\nTry again."}
    assert first["missing_analyses"][1] == {
        "outcome": "failed",
        "reason": "cut",
        "is_given_up": True,
        "number": 2,
    }
    assert [one["reason"] for one in first["missing_digests"]] == ["incomplete"]
    assert [(one["reason"], one["number"]) for one in shown["missing_digests_across"]] == [("budget", 2)]
    assert shown["spending"] == {
        "today": {"calls": 0, "tokens": {"prompt": 0, "completion": 0}, "cost": 0.0, "unpriced_calls": 0},
        "month": {
            "calls": 12,
            "tokens": {"prompt": 34_000, "completion": 5_600},
            "cost": 1.5,
            "unpriced_calls": 3,
        },
        "left_today": {"usd_per_day": 2.0, "tokens_per_day": None, "calls_per_day": None},
    }
    assert json.loads(render_status_json([], (), None))["spending"] is None


def test_a_path_that_cannot_be_written_is_an_error_with_a_next_step(tmp_path: Path) -> None:
    archive = make_archive(tmp_path, "engine")
    (archive / "docs").mkdir(exist_ok=True)
    (archive / "docs" / "ada").write_text("a file where a folder should be")
    done = run(archive, "update")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert done.stderr.splitlines()[-1].startswith("Check the path, its permissions")


def test_a_machine_without_git_is_told_so(tmp_path: Path) -> None:
    archive = make_archive(tmp_path, "engine")
    done = run(archive, "update", PATH=str(tmp_path))
    assert (done.returncode, done.stderr) == (
        1,
        "git is not to be found\nInstall git 2.31 or newer, and put it on the PATH.\n",
    )
