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
from generator.answers import render_estimate, render_status, render_status_json, render_summary
from generator.cli import daybook, drop_git_settings, drop_openai_settings, take_secrets
from generator.config import Budget
from generator.console import BarReport, LineReport, clean_text
from generator.pipeline import Asked, Estimate, RepositoryEstimate, RepositoryStatus, Result, Stop, Summary
from generator.records import Account, Failure, RepositoryRecord, Tokens
from tests.histories import Upstream
from tests.model_server import Answer, Heard, ModelServer, answer_well, say

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
    assert (first.stdout, first.stderr) == (f"{count} pages built into site/\n", "building the site\n")
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
    assert done.stderr.splitlines()[-1] == "The old site stays as it was."


def hear_ctrl_c() -> None:
    """Listen to Ctrl-C again: a shell's background job ignores it, and so do the programs it starts."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


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
    assert lines[-1] == "1 analysis pending or failed; the next run goes on"


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
    assert "tiny: not asked, TINY_API_KEY is not set or holds what no key does" in lines
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
        unfinished=2,
    )
    assert render_summary(summary) == (
        "ada/engine: 2 days (2026-01-06 to 2026-01-08), 1,234 commits\n"
        "ada/loom: nothing new\n"
        "ada/mill: could not be looked at\n"
        "  ada/mill: no answer\n"
        "  The next run tries again.\n"
        "1 page written or removed\n"
        "2 analyses pending or failed; the next run goes on"
    )


def make_asked(**more: object) -> Asked:
    tokens = Tokens(prompt=1234567, completion=890)
    given = {"calls": 13, "tokens": tokens, "cost": 0.3125, "analysed": 12, "stopped": ()}
    return Asked(**(given | more))  # type: ignore[arg-type]


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
    summary = Summary(results=(), pages=0, unfinished=0, asked=make_asked(cost=cost))
    assert render_summary(summary).splitlines() == [
        f"12 commits analysed by a model: 13 calls, 1,234,567 tokens sent, 890 written, {shown}",
        "0 pages written or removed",
    ]


def test_a_summary_says_why_a_model_was_asked_no_more_and_nothing_of_calls_that_were_not_made() -> None:
    stop = Stop(
        model="tiny", sentence="the key was refused", next_step="Check TINY_API_KEY.\nThen run again."
    )
    asked = make_asked(calls=0, analysed=0, stopped=(stop,))
    assert render_summary(Summary(results=(), pages=1, unfinished=3, asked=asked)).splitlines() == [
        "tiny: the key was refused",
        "  Check TINY_API_KEY.",
        "  Then run again.",
        "1 page written or removed",
        "3 analyses pending or failed; the next run goes on",
    ]


def make_estimate(**more: object) -> Estimate:
    engine = {"commits": 1200, "calls": 1240, "prompt_tokens": 9_000_000, "completion_tokens": 1_800_000}
    loom = {"commits": 0, "calls": 0, "prompt_tokens": 0, "completion_tokens": 0}
    given = {
        "model": "tiny",
        "is_priced": True,
        "repositories": (
            RepositoryEstimate(name="ada/engine", **engine, cost=5.85),
            RepositoryEstimate(name="ada/loom", **loom, cost=0.0),
        ),
        "digests": 8,
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
        "",
        "Together 1,200 commits in 1,240 calls, and 8 calls for digests, about 5.85 US dollars.",
        "Today's budget still allows 2.00 US dollars, 5,000,000 tokens, 1 call.",
        "790 commits would wait for another day.",
    ]


def test_an_estimate_without_a_price_or_a_budget_says_so() -> None:
    (loom,) = make_estimate().repositories[1:]
    unpriced = replace(loom, cost=None)
    estimate = make_estimate(is_priced=False, repositories=(unpriced,), digests=0, left=Budget(), waiting=0)
    assert render_estimate(estimate).splitlines() == [
        "tiny would be asked:",
        "repository  commits  calls  tokens sent  tokens written  US dollars",
        "ada/loom    0        0      0            0               -",
        "",
        "Together 0 commits in 0 calls.",
        "Nobody knows the price of tiny: give it `price:` in archive.yml.",
        "No budget limits it.",
    ]


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
    assert render_status(make_statuses()).splitlines() == [
        "repository       days  from        to          commits  analysed  pending  failed  other",
        "ada/engine       2     2026-01-06  2026-01-08  9        3         1        2       3",
        "ada/a-long-name  0     -           -           0        0         0        0       0",
        "",
        "ada/engine: could not be looked at since 2026-01-09",
        "  no answer",
        "  Try again.",
        "ada/a-long-name: no longer in archive.yml",
        "ada/a-long-name: the last run was cut short; the next one goes on",
    ]


def test_status_as_json_holds_the_account_and_the_record() -> None:
    first = json.loads(render_status_json(make_statuses()))["repositories"][0]
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
