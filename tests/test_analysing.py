"""What a run does with the commits that wait for a model when something is in the way."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from generator.config import Budget, Price
from generator.records import Outcome, Reason
from tests.archives import NAME
from tests.histories import Upstream
from tests.model_archives import (
    KEY,
    KEY_VALUE,
    NEXT_MORNING,
    add_item,
    make_config,
    make_model,
    name_item,
    read_analyses,
    run_asking,
    spend_nothing,
)
from tests.model_server import Answer, Heard, ModelServer, answer_well, complete, fail
from tests.signals import hear_ctrl_c

PRICE = Price(input=2.0, output=8.0)


@pytest.fixture
def upstream(tmp_path: Path) -> Upstream:
    return Upstream(tmp_path / "upstream")


def find_states(root: Path, name: str = NAME) -> dict[str, tuple[Outcome, Reason | None]]:
    return {item: (one.outcome, one.reason) for item, one in read_analyses(root, name).items()}


def test_a_repository_that_is_gone_leaves_its_commits_waiting_and_stops_no_other(tmp_path: Path) -> None:
    gone, there = Upstream(tmp_path / "gone"), Upstream(tmp_path / "there")
    add_item(gone, 1)
    add_item(there, 2)
    root = tmp_path / "archive"
    with ModelServer() as server:
        config = make_config([(NAME, gone), ("bob/tool", there)], [make_model(server.url)])
        run_asking(root, spend_nothing(config))
        shutil.rmtree(root / ".daybook" / "mirrors" / f"{NAME}.git")
        gone.folder.rename(tmp_path / "away")
        assert run_asking(root, config).exit_code == 3
        assert find_states(root) == {name_item(1): (Outcome.PENDING, Reason.UNREADABLE)}
        assert find_states(root, "bob/tool") == {name_item(2): (Outcome.OK, None)}
        (tmp_path / "away").rename(gone.folder)
        assert run_asking(root, config).exit_code == 0


def test_one_damaged_commit_hides_no_other_of_its_day(tmp_path: Path, upstream: Upstream) -> None:
    shas = [add_item(upstream, number) for number in range(1, 5)]
    root = tmp_path / "archive"
    with ModelServer() as server:
        config = make_config([(NAME, upstream)], [make_model(server.url)])
        run_asking(root, spend_nothing(config))
        blob = subprocess.run(
            ["git", "-C", upstream.url, "rev-parse", f"{shas[1]}:src/engine/part_2.py"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        mirror = root / ".daybook" / "mirrors" / f"{NAME}.git"
        for pack in [*(mirror / "objects" / "pack").glob("*.pack")]:
            content = pack.read_bytes()
            pack.rename(tmp_path / pack.name)
            for rest in mirror.glob(f"objects/pack/{pack.stem}.*"):
                rest.unlink()
            command = ["git", "-C", str(mirror), "unpack-objects", "-q"]
            subprocess.run(command, input=content, check=True)
        damaged = mirror / "objects" / blob[:2] / blob[2:]
        damaged.chmod(0o644)
        damaged.write_bytes(b"no object")
        upstream.folder.rename(tmp_path / "away")
        run_asking(root, config)
    states = find_states(root)
    assert states.pop(name_item(2)) == (Outcome.PENDING, Reason.UNREADABLE)
    assert states == {name_item(number): (Outcome.OK, None) for number in (1, 3, 4)}


def test_half_a_character_in_a_useless_reply_can_be_quoted_back(tmp_path: Path, upstream: Upstream) -> None:
    add_item(upstream, 1)
    body = complete("so HALF it is").replace(b"HALF", b"\\ud800")
    with ModelServer(lambda _: Answer(body=body)) as server:
        run_asking(tmp_path, make_config([(NAME, upstream)], [make_model(server.url)]))
        assert server.count() == 2
    assert find_states(tmp_path) == {name_item(1): (Outcome.FAILED, Reason.INVALID)}


def test_a_commit_that_draws_a_refusal_stands_in_no_others_way(tmp_path: Path, upstream: Upstream) -> None:
    for number in range(1, 6):
        add_item(upstream, number, f"2026-01-06T10:0{number}+08:00")
    refuse = fail(403)

    def script(heard: Heard) -> Answer:
        return refuse(heard) if heard.item == name_item(1) else answer_well(heard)

    with ModelServer(script) as server:
        config = make_config([(NAME, upstream)], [make_model(server.url)], concurrency=1)
        run_asking(tmp_path, config)
        assert set(find_states(tmp_path).values()) == {(Outcome.PENDING, Reason.KEY_REFUSED)}
        run_asking(tmp_path, config)
    states = find_states(tmp_path)
    # After four that were answered, it is the commit that the server does not want, and not the key.
    assert states.pop(name_item(1)) == (Outcome.FAILED, Reason.KEY_REFUSED)
    assert set(states.values()) == {(Outcome.OK, None)}


def test_a_commit_that_no_budget_allows_leaves_the_budget_to_the_others(
    tmp_path: Path, upstream: Upstream
) -> None:
    files = {f"src/engine/large_{number}.py": "limit = queue.take(settings)\n" * 900 for number in range(4)}
    add_item(upstream, 1, subject="feat(engine)!: drop the old limit", files=files)
    for number in range(2, 6):
        add_item(upstream, number)
    with ModelServer() as server:
        budget = Budget(tokens_per_day=26_000)
        models = [make_model(server.url, context=64_000)]
        run_asking(tmp_path, make_config([(NAME, upstream)], models, budget=budget, concurrency=1))
        bills = dict(server.bills)
    states = find_states(tmp_path)
    assert states.pop(name_item(1)) == (Outcome.PENDING, Reason.BUDGET)
    assert set(states.values()) == {(Outcome.OK, None)}
    assert name_item(1) not in bills


def test_what_one_model_has_answered_is_not_asked_of_another(tmp_path: Path, upstream: Upstream) -> None:
    add_item(upstream, 1)
    with ModelServer() as server:
        first, second = (make_model(server.url, name) for name in ("first", "second"))
        run_asking(tmp_path / "a", make_config([(NAME, upstream)], [first]))
        # As after a run that was killed: the reply is kept, the record does not know of it.
        shutil.copytree(tmp_path / "a" / ".daybook" / "replies", tmp_path / "b" / ".daybook" / "replies")
        run_asking(tmp_path / "b", make_config([(NAME, upstream)], [second, first]))
        assert server.count() == 1
    provenance = read_analyses(tmp_path / "b")[name_item(1)].provenance
    assert (provenance.model, provenance.calls) == ("first", 1)


def test_nothing_waits_for_a_model_when_archive_yml_names_none_any_more(
    tmp_path: Path, upstream: Upstream
) -> None:
    add_item(upstream, 1)
    with ModelServer(fail(403)) as server:
        config = make_config([(NAME, upstream)], [make_model(server.url)])
        assert run_asking(tmp_path, config).exit_code == 3
        assert run_asking(tmp_path, make_config([(NAME, upstream)], [])).exit_code == 0
    assert find_states(tmp_path) == {name_item(1): (Outcome.OK, None)}


def test_damaged_working_files_stop_no_run(tmp_path: Path, upstream: Upstream) -> None:
    add_item(upstream, 1)
    with ModelServer() as server:
        config = make_config([(NAME, upstream)], [make_model(server.url)])
        run_asking(tmp_path, config)
        add_item(upstream, 2)
        working = tmp_path / ".daybook"
        (working / "models.json").write_text('{"127.0.0.1": 7')
        (working / "batches").mkdir()
        (working / "batches" / "broken.json").write_text("{")
        for reply in working.glob("replies/**/*.reply"):
            reply.write_bytes(b"")
        assert run_asking(tmp_path, config, NEXT_MORNING).exit_code == 0


def test_ctrl_c_leaves_whole_records_and_the_next_run_goes_on(tmp_path: Path, upstream: Upstream) -> None:
    for number in range(1, 13):
        add_item(upstream, number)
    slow = lambda heard: Answer(body=answer_well(heard).body, delay=0.2)  # noqa: E731
    root = tmp_path / "archive"
    root.mkdir()
    with ModelServer(slow) as server:
        (root / "archive.yml").write_text(
            f"language: en\nrepositories:\n- url: {upstream.url}\n  name: {NAME}\n"
            f"analysis:\n  models: [test-model]\n  base_url: {server.url}\n  concurrency: 2\n"
        )
        environment = {**os.environ, KEY: KEY_VALUE, "PYTHONPATH": str(Path.cwd())}
        command = [sys.executable, "-m", "generator", "--quiet", "update"]
        # In a session of its own, with the signal as a shell leaves it.
        run = subprocess.Popen(
            command,
            cwd=root,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
            preexec_fn=hear_ctrl_c,
        )
        while server.count() < 4:
            time.sleep(0.02)
        run.send_signal(signal.SIGINT)
        _, said = run.communicate(timeout=30)
        assert (run.returncode, said.decode().splitlines()[-1]) == (
            130,
            "Stopped. Run the same command again, and it goes on.",
        )
        states = find_states(root)
        assert set(states.values()) <= {(Outcome.OK, None), (Outcome.PENDING, Reason.WAITING)}
        subprocess.run(command, cwd=root, env=environment, check=True, capture_output=True)
        assert set(find_states(root).values()) == {(Outcome.OK, None)}
        # What was in flight is the most that is paid for twice.
        assert sum(server.bills[name_item(number)] for number in range(1, 13)) <= 12 + 2


def test_a_large_commit_keeps_its_place_before_a_small_one(tmp_path: Path, upstream: Upstream) -> None:
    lines = "".join(f"    limit_{number} = settings.get('limit', {number})\n" for number in range(6_000))
    files = {"src/engine/large.py": f"def start(settings):\n{lines}"}
    subject = "feat(engine)!: drop the old limit"
    add_item(upstream, 1, subject=subject, files=files)
    for number in range(2, 5):
        add_item(upstream, number, subject=subject)
    with ModelServer() as server:
        models = [make_model(server.url, context=128_000)]
        run_asking(tmp_path, make_config([(NAME, upstream)], models, concurrency=4, parts=1))
        asked = [heard.item for heard in server.heard]
    # The first goes alone, so that there is no doubt which one it was.
    assert asked[0] == name_item(1)
