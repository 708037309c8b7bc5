"""Start the real command in an archive, kill it at a moment that chance chooses, and read what it had acknowledged.

An archive here follows one small repository; a server answers for its model, where it asks one.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

from generator.analyse.model.exchanges import parse_exchange
from generator.checking.findings import Findings
from generator.checking.verifying import verify
from generator.config import load_config
from generator.store.files import TEMPORARY_PREFIX
from tests.archives import NAME
from tests.histories import Upstream
from tests.model_archives import KEY, KEY_VALUE, add_item
from tests.model_server import Heard
from tests.quiet import QuietReport
from tests.sites import ROOT

# As many calls are in flight at most.
CONCURRENCY = 2
# After how many steps that it tells a run is killed: more often while models are asked, where most is at stake.
_STEPS = (0, 1, 2, 3, 3, 3, 4, 5)
# Seconds after which a command that does not end is taken for one that never will.
_PATIENCE = 120.0
# Seconds: longer than any step of so small an archive takes.
_LONGEST_STEP = 0.15
# What differs from run to run: when a model wrote, and up to which day somebody has looked; with what is made of it.
_PASSING = {"written", "covered", "sha256"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str


def begin_history(upstream: Upstream) -> None:
    """Commit two days of work."""
    for number, day in enumerate(("04", "05", "05", "05"), 1):
        add_item(upstream, number, f"2026-01-{day}T10:{number:02}+00:00")


def go_on(upstream: Upstream) -> None:
    """Take the last commit back by a force-push, and commit one day more."""
    upstream.branch("main", upstream.rev_list("main")[1])
    for number, day in enumerate(("06", "06", "06"), 5):
        add_item(upstream, number, f"2026-01-{day}T12:{number:02}+00:00")


def write_settings(
    root: Path, upstream: Upstream, server_url: str | None = None, concurrency: int = CONCURRENCY
) -> None:
    """Make the folder of an archive; with a server's address, its model is asked."""
    asked = (
        f"analysis: {{models: [test-model], base_url: '{server_url}', concurrency: {concurrency}}}\n"
        if server_url
        else ""
    )
    root.mkdir(parents=True, exist_ok=True)
    (root / "archive.yml").write_text(
        "site: {url: https://example.org/daybook/}\ntimezone: UTC\nlanguage: en\nfirst_days: 366\n"
        f"repositories:\n- {{url: {upstream.url}, name: {NAME}}}\n{asked}",
        encoding="utf-8",
    )


def make_with_look(root: Path, upstream: Upstream) -> Path:
    """Make the folder of an archive whose site can be built."""
    write_settings(root, upstream)
    for name in ("mkdocs.yml", "docs/search.md"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, root / name)
    for name in ("hooks", "overrides", "docs/assets"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    return root


def start(root: Path, *arguments: str, program: Sequence[str] = ("-m", "generator")) -> subprocess.Popen[str]:
    """Start the command in an archive, in a process group of its own; `program` is what Python is to run."""
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8", KEY: KEY_VALUE}
    return subprocess.Popen(
        [sys.executable, *program, "--quiet", *arguments],
        cwd=root,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        start_new_session=True,
    )


def finish(process: subprocess.Popen[str]) -> Ended:
    """Wait for the end of a command."""
    try:
        out, err = process.communicate(timeout=_PATIENCE)
    except subprocess.TimeoutExpired:
        kill(process, with_children=True)
        raise
    return Ended(code=process.returncode, out=out, err=err)


def run(root: Path, *arguments: str, program: Sequence[str] = ("-m", "generator")) -> Ended:
    """Run the command in an archive, as `start` does."""
    return finish(start(root, *arguments, program=program))


def kill(process: subprocess.Popen[str], *, with_children: bool) -> None:
    """Kill a process at once, alone or with git that works for it, and wait until it is gone."""
    if process.poll() is None:
        if with_children:
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    process.communicate()


def kill_at_random(process: subprocess.Popen[str], chance: Random) -> str | None:
    """Kill a run in a step that chance chooses, or before the first, and say in which; None where it had ended."""
    assert process.stderr is not None  # it was asked for
    step = "starting"
    for _ in range(chance.choice(_STEPS)):
        line = process.stderr.readline()
        if not line:
            break
        step = line.strip().removeprefix(f"{NAME}: ")
    time.sleep(chance.uniform(0, _LONGEST_STEP))
    lived = process.poll() is None
    kill(process, with_children=chance.random() < 0.5)
    return step if lived and process.returncode == -signal.SIGKILL else None


def look_over(root: Path) -> Findings:
    """Verify an archive, without the time that a process takes to begin."""
    return verify(root, load_config(root / "archive.yml"), datetime.now(UTC), QuietReport())


def read_told(root: Path) -> dict[str, Any]:
    """Read what all records tell, but what differs from run to run."""
    docs = root / "docs"
    return {
        path.relative_to(docs).as_posix(): _leave_out(json.loads(path.read_bytes()))
        for path in _list_records(root)
    }


def read_bytes(root: Path) -> dict[str, bytes]:
    """Read the bytes of days and digests, which no run by the rules may write otherwise than another."""
    docs = root / "docs"
    return {
        path.relative_to(docs).as_posix(): path.read_bytes()
        for path in _list_records(root)
        if path.name != "archive.json"
    }


def list_torn(root: Path) -> list[Path]:
    """List what a run that was cut short has left half written."""
    return list(root.rglob(f"{TEMPORARY_PREFIX}*"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledged:
    """What a run may not lose any more: commits and analyses that are in records, requests whose replies are kept."""

    commits: frozenset[str] = frozenset()
    analyses: frozenset[str] = frozenset()
    replies: frozenset[str] = frozenset()

    def find_lost(self, later: Acknowledged) -> frozenset[str]:
        """Find what is there no longer."""
        return (
            (self.commits - later.commits) | (self.analyses - later.analyses) | (self.replies - later.replies)
        )


def read_acknowledged(root: Path) -> Acknowledged:
    """Read what is acknowledged in an archive."""
    commits = [
        commit
        for path in _list_records(root)
        for commit in json.loads(path.read_bytes()).get("commits", [])
        if isinstance(commit, dict)
    ]
    replies = [parse_exchange(path.read_bytes()) for path in root.glob(".daybook/replies/**/*.reply")]
    return Acknowledged(
        commits=frozenset(commit["sha"] for commit in commits),
        analyses=frozenset(
            commit["sha"] for commit in commits if commit["analysis"]["provenance"]["writer"] == "model"
        ),
        replies=frozenset(
            one.sent.request_sha256
            for one in replies
            if (one.exchange.status, one.exchange.fault) == (200, None)
        ),
    )


def name_request(heard: Heard) -> str:
    """Name a request as the replies that are kept name it."""
    content = json.dumps(heard.body, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()


def _list_records(root: Path) -> Iterator[Path]:
    return (path for path in sorted((root / "docs").rglob("*.json")) if "assets" not in path.parts)


def _leave_out(told: Any) -> Any:
    if isinstance(told, Mapping):
        return {name: _leave_out(value) for name, value in told.items() if name not in _PASSING}
    return [_leave_out(value) for value in told] if isinstance(told, list) else told
