"""The workflows: what their scripts do to the archive branch, whatever goes wrong, and what they may not do."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from generator.config import load_config
from generator.pipeline import renew_pages
from tests.histories import Upstream, run_git
from tests.quiet import QuietReport

ROOT = Path(__file__).parent.parent
SCRIPTS = ROOT / ".github" / "scripts"
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
NAME = "ada/engine"
TOKEN = "ghs_a_token_that_nobody_may_see"


@dataclass(frozen=True)
class World:
    """A repository that is followed, and the bare remote of an archive's own repository."""

    folder: Path
    upstream: Upstream

    @property
    def remote(self) -> Path:
        """The archive's own repository, as a host has it."""
        return self.folder / "origin.git"

    def commit(self, number: int) -> str:
        """Let one more commit land, each a day later."""
        return self.upstream.commit(
            f"feat: number {number}", f"2026-01-{number:02}T10:00+00:00", {f"{number}.py": f"A = {number}\n"}
        )

    def clone(self, name: str) -> Path:
        """Check the code out as a workflow's job does: fresh, without any record."""
        run_git(self.folder, "clone", "--quiet", str(self.remote), name)
        return self.folder / name

    def head(self) -> str:
        """Find where the archive branch stands; nothing where it is not there."""
        return run_git(self.remote, "for-each-ref", "--format=%(objectname)", "refs/heads/archive").strip()

    def read_branch(self) -> dict[str, str]:
        """Read every file of the archive branch."""
        names = run_git(self.remote, "ls-tree", "-r", "--name-only", "archive").split()
        return {name: run_git(self.remote, "show", f"archive:{name}") for name in names}

    def make_at_once(self, name: str) -> dict[str, str]:
        """Make the archive in one run elsewhere, and read its records."""
        folder = self.clone(name)
        run(folder, "collect", ARCHIVE_BRANCH=name)
        files = (path for path in (folder / "docs").rglob("*.json"))
        return {
            path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8").rstrip("\n")
            for path in files
        }


@pytest.fixture(name="world")
def make_world(tmp_path: Path) -> World:
    """Make a repository from the template, with one commit to archive."""
    world = World(tmp_path, Upstream(tmp_path / "engine"))
    world.commit(1)
    code = tmp_path / "code"
    shutil.copytree(SCRIPTS, code / ".github" / "scripts")
    shutil.copy(ROOT / ".gitignore", code)
    (code / "docs" / "assets").mkdir(parents=True)
    (code / "docs" / "assets" / "daybook.css").write_text("one {}\n")
    repository = {"url": str(tmp_path / "engine"), "name": NAME}
    settings = {"repositories": [repository], "timezone": "UTC", "language": "en", "first_days": 300}
    (code / "archive.yml").write_text(json.dumps(settings))
    run_git(code, "init", "--quiet", "--initial-branch=main")
    commit_code(code, "begin")
    run_git(tmp_path, "clone", "--quiet", "--bare", "code", "origin.git")
    return world


def commit_code(folder: Path, message: str) -> None:
    run_git(folder, "add", "--all")
    run_git(folder, "-c", "user.name=Ada", "-c", "user.email=a@b", "commit", "--quiet", "-m", message)


def start(folder: Path, script: str, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a script as a workflow's step does."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "PYTHONPATH": str(ROOT),
        "DAYBOOK": shlex.join([sys.executable, "-m", "generator"]),
        "GITHUB_OUTPUT": str(folder.with_suffix(".output")),
        **more,
    }
    return subprocess.run(
        [folder / ".github" / "scripts" / script, *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def run(folder: Path, script: str, *arguments: str, **more: str) -> dict[str, str]:
    """Run a script that must end well, and read what it says to later steps."""
    done = start(folder, script, *arguments, **more)
    assert done.returncode == 0, done.stderr
    output = folder.with_suffix(".output")
    lines = output.read_text().splitlines() if output.exists() else []
    return dict(line.split("=", 1) for line in lines)


def wrap(folder: Path, *lines: str) -> str:
    """Make a program that stands in for Daybook: these lines of shell, in which `$DAYBOOK` is the real one."""
    program = folder / "stand-in"
    real = shlex.join([sys.executable, "-m", "generator"])
    program.write_text("\n".join(["#!/bin/bash", f'daybook() {{ {real} "$@"; }}', *lines]) + "\n")
    program.chmod(0o755)
    return str(program)


def test_first_run_begins_a_branch_of_records_alone_and_an_idle_one_leaves_it(world: World) -> None:
    first = run(world.clone("one"), "collect")
    assert first == {"archive": world.head(), "code": "0"}
    names = world.read_branch()
    assert f"docs/{NAME}/2026/01/01.json" in names
    assert {Path(name).suffix for name in names} == {".json"}
    assert run(world.clone("two"), "collect")["archive"] == first["archive"]
    assert run_git(world.remote, "rev-list", "--count", "archive").strip() == "1"


def test_days_that_come_one_by_one_into_fresh_clones_are_those_of_one_run(world: World) -> None:
    for number in range(2, 5):
        run(world.clone(f"run{number}"), "collect")
        world.commit(number)
    run(world.clone("last"), "collect")
    assert world.read_branch() == world.make_at_once("once")
    assert run_git(world.remote, "rev-list", "--count", "archive").strip() == "4"


def test_lost_cache_changes_nothing(world: World) -> None:
    folder = world.clone("one")
    run(folder, "collect")
    world.commit(2)
    kept, lost = world.clone("kept"), world.clone("lost")
    shutil.copytree(folder / ".daybook", kept / ".daybook")
    assert run(kept, "collect", ARCHIVE_BRANCH="archive")["archive"] == world.head()
    assert run(lost, "collect")["archive"] == world.head()
    assert world.read_branch() == world.make_at_once("once")


def test_of_two_racing_runs_neither_loses_what_the_other_pushed(world: World) -> None:
    run(world.clone("before"), "collect")
    world.commit(2)
    slow, quick = world.clone("slow"), world.clone("quick")
    # The slow one has done its work when the quick one, which saw one commit more, pushes.
    program = wrap(
        world.folder,
        'daybook "$@"; code=$?',
        f"if [ ! -e {world.folder}/raced ]; then touch {world.folder}/raced; {world.folder}/race; fi",
        "exit $code",
    )
    race = world.folder / "race"
    environment = f"env -i PATH='{os.environ['PATH']}' HOME={world.folder} PYTHONPATH={ROOT}"
    daybook = shlex.join([sys.executable, "-m", "generator"])
    race.write_text(
        "#!/bin/bash\nset -e\n"
        f"git -C {world.upstream.folder} fetch --quiet {world.folder}/more +main:main\n"
        f"{environment} DAYBOOK='{daybook}' {quick}/.github/scripts/collect > /dev/null\n"
    )
    race.chmod(0o755)
    # The same repository with one commit more, which the quick run brings.
    more = Upstream(world.folder / "more")
    run_git(more.folder, "fetch", "--quiet", str(world.upstream.folder), "main:main")
    more.commit("feat: number 3", "2026-01-03T10:00+00:00", {"3.py": "A = 3\n"})
    done = start(slow, "collect", DAYBOOK=program)
    assert done.returncode == 0, done.stderr
    assert "Another run has pushed to archive in between." in done.stderr
    assert f"docs/{NAME}/2026/01/03.json" in world.read_branch()
    assert world.read_branch() == world.make_at_once("once")


def test_push_that_is_refused_is_no_race_and_the_next_run_saves_it(world: World) -> None:
    hook = world.remote / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho no >&2\nexit 1\n")
    hook.chmod(0o755)
    refused = start(world.clone("one"), "collect")
    assert refused.returncode == 1
    assert "Another run" not in refused.stderr
    assert world.head() == ""
    hook.unlink()
    assert run(world.clone("two"), "collect")["archive"] == world.head()


def test_remote_that_does_not_answer_is_no_empty_archive(world: World) -> None:
    run(world.clone("one"), "collect")
    folder = world.clone("two")
    world.remote.rename(world.folder / "away")
    done = start(folder, "collect")
    assert done.returncode not in (0, 3)
    assert not (folder / "docs" / "ada").exists()


def test_what_a_stopped_run_has_written_is_saved_and_the_next_one_finishes(world: World) -> None:
    for number in range(2, 6):
        world.commit(number)
    folder = world.clone("one")
    # Killed when it has written something, as a runner is that takes too long.
    kill = wrap(
        world.folder,
        'daybook "$@" & pid=$!',
        f"until [ -e docs/{NAME}/2026/01/02.json ] || ! kill -0 $pid; do sleep 0.01; done",
        "kill -KILL $pid; wait $pid",
    )
    assert start(folder, "collect", DAYBOOK=kill).returncode not in (0, 3)
    run(folder, "save-archive")
    assert f"docs/{NAME}/2026/01/02.json" in world.read_branch()
    run(world.clone("two"), "collect")
    assert world.read_branch() == world.make_at_once("once")


def test_records_are_pushed_while_a_long_run_goes_on(world: World) -> None:
    program = wrap(
        world.folder,
        'daybook "$@" || exit 9',
        "for _ in $(seq 200); do",
        f"  git --git-dir={world.remote} rev-parse --quiet --verify archive && exit 0",
        "  sleep 0.1",
        "done",
        "exit 8",
    )
    output = run(world.clone("one"), "collect", DAYBOOK=program, CHECKPOINT_SECONDS="1")
    assert output == {"archive": world.head(), "code": "0"}


@pytest.mark.parametrize(("code", "ends"), [(0, 0), (3, 0), (1, 1), (4, 4)])
def test_an_incomplete_archive_is_saved_and_told_and_an_error_stops(
    world: World, code: int, ends: int
) -> None:
    program = wrap(world.folder, 'daybook "$@"', f"exit {code}")
    folder = world.clone("one")
    done = start(folder, "collect", DAYBOOK=program)
    assert done.returncode == ends, done.stderr
    # Whatever it ends with: what was written is kept.
    assert world.head() != ""
    output = folder.with_suffix(".output")
    assert output.exists() == (ends == 0)
    if ends == 0:
        assert f"code={code}\n" in output.read_text()


def test_day_that_was_archived_is_never_given_up(world: World) -> None:
    folder = world.clone("one")
    run(folder, "collect")
    before = world.head()
    (folder / "docs" / NAME / "2026" / "01" / "01.json").unlink()
    done = start(folder, "save-archive")
    assert done.returncode == 1
    assert f"docs/{NAME}/2026/01/01.json" in done.stderr
    assert world.head() == before


def test_newer_code_meets_no_record_and_no_record_changes(world: World) -> None:
    folder = world.clone("one")
    run(folder, "collect")
    assert run_git(folder, "status", "--porcelain") == ""
    records = world.read_branch()
    code = world.folder / "code"
    (code / "docs" / "assets" / "daybook.css").write_text("two {}\n")
    (code / "new.py").write_text("NEW = 1\n")
    commit_code(code, "a newer Daybook")
    run_git(code, "push", "--quiet", str(world.remote), "main")
    run_git(folder, "pull", "--quiet", "--ff-only")
    assert (folder / "new.py").exists()
    assert (folder / "docs" / NAME / "2026" / "01" / "01.json").exists()
    assert run(folder, "collect")["archive"] == world.head()
    assert world.read_branch() == records
    assert (
        run_git(world.remote, "ls-tree", "-r", "--name-only", "main").split()
        == run_git(code, "ls-files").split()
    )


def test_older_site_in_the_cache_brings_no_older_code(world: World) -> None:
    folder = world.clone("one")
    run(folder, "collect")
    (folder / "docs" / "assets" / "daybook.css").write_text("older {}\n")
    (folder / "docs" / "assets" / "gone.js").write_text("older\n")
    run(folder, "restore-code")
    assert (folder / "docs" / "assets" / "daybook.css").read_text() == "one {}\n"
    assert not (folder / "docs" / "assets" / "gone.js").exists()
    assert (folder / "docs" / NAME / "2026" / "01" / "01.json").exists()


def test_pages_are_written_where_the_records_come_to_and_say_the_same_there(world: World) -> None:
    world.commit(2)
    wrote = world.clone("wrote")
    run(wrote, "collect")
    builds = world.clone("builds")
    run(builds, "restore-archive")
    assert renew_pages(builds, load_config(builds / "archive.yml"), QuietReport()) > 0
    assert read_pages(wrote) == {}
    assert renew_pages(wrote, load_config(wrote / "archive.yml"), QuietReport()) > 0
    assert read_pages(builds) == read_pages(wrote)
    assert renew_pages(builds, load_config(builds / "archive.yml"), QuietReport()) == 0


def read_pages(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in (folder / "docs").rglob("*.md")}


def test_site_is_published_only_while_its_records_are_the_newest(world: World) -> None:
    folder = world.clone("one")
    assert run(folder, "may-deploy", "")["deploy"] == "no"
    archive = run(folder, "collect")["archive"]
    assert run(folder, "may-deploy", archive)["deploy"] == "yes"
    world.commit(2)
    newer = run(world.clone("two"), "collect")["archive"]
    assert run(folder, "may-deploy", archive)["deploy"] == "no"
    assert run(folder, "may-deploy", newer)["deploy"] == "yes"


def test_token_reaches_neither_daybook_nor_a_file(world: World) -> None:
    folder = world.clone("one")
    program = wrap(world.folder, f"env > {world.folder}/seen", 'daybook "$@"')
    done = start(folder, "collect", DAYBOOK=program, ARCHIVE_TOKEN=TOKEN)
    assert done.returncode == 0, done.stderr
    seen = (world.folder / "seen").read_text()
    assert "TOKEN" not in seen
    assert "GIT_CONFIG" not in seen
    assert TOKEN not in done.stdout + done.stderr
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert not any(TOKEN.encode() in path.read_bytes() for path in files)


# The workflows themselves.


def read_workflow(path: Path) -> dict[str, Any]:
    workflow: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    return workflow


def list_steps(workflow: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    return (step for job in workflow["jobs"].values() for step in job["steps"])


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_workflow_may_nothing_by_default_and_pins_what_it_uses(path: Path) -> None:
    workflow = read_workflow(path)
    assert workflow["permissions"] == {}
    assert all("timeout-minutes" in job for job in workflow["jobs"].values())
    used = [line for line in path.read_text(encoding="utf-8").splitlines() if "uses:" in line]
    assert used
    assert all(re.search(r"uses: [\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line) for line in used)
    checkouts = [step for step in list_steps(workflow) if "actions/checkout@" in step.get("uses", "")]
    assert all(step["with"]["persist-credentials"] == "false" for step in checkouts)


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_steps_are_scripts_of_the_repository_and_hold_no_expression(path: Path) -> None:
    commands = [step["run"] for step in list_steps(read_workflow(path)) if "run" in step]
    assert commands
    for command in commands:
        assert "${{" not in command
        assert len(command.splitlines()) == 1
        program = command.split()[0]
        assert program in ("make", "exit", ".venv/bin/python") or os.access(ROOT / program, os.X_OK), command


def test_key_is_given_to_the_job_that_builds_nothing_and_only_pages_may_be_written_by_the_one_that_deploys() -> (
    None
):
    jobs = read_workflow(ROOT / ".github" / "workflows" / "daily.yml")["jobs"]
    holders = {name for name, job in jobs.items() if "secrets." in json.dumps(job)}
    assert holders == {"collect"}
    writers = {
        name: sorted(what for what, may in job["permissions"].items() if may == "write")
        for name, job in jobs.items()
    }
    assert writers == {"collect": ["contents"], "build": [], "deploy": ["id-token", "pages"], "complete": []}
