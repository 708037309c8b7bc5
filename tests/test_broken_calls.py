"""A model's server that hangs up at every step of a call, once or for good, at every call of a run."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count as count_up
from pathlib import Path

import pytest

from generator.config import load_config
from tests.histories import Upstream
from tests.killing import (
    begin_history,
    go_on,
    list_torn,
    look_over,
    name_request,
    read_acknowledged,
    write_settings,
)
from tests.model_archives import run_asking
from tests.model_server import (
    Answer,
    Heard,
    ModelServer,
    Send,
    answer_well,
    send_cut,
    send_nothing,
    send_reset,
)
from tests.soak import count_cases, scale

NOW = "2026-03-01T12:00:00+00:00"
COMMITS = 6
# How many calls are left out between two that break, in the short form.
STRIDE = 9
# Where the server hangs up, by the length of the body; the last has said all before.
PLACES: dict[str, Callable[[int], Send]] = {
    "in the place of a response, with a reset": lambda _: send_reset,
    "in the place of a response": lambda _: send_nothing(0),
    "after the head": lambda _: send_cut(0),
    "in the middle of the body": lambda length: send_cut(length // 2),
    "before the last byte": lambda length: send_cut(length - 1),
    "after the last byte": send_cut,
}


@dataclass(slots=True)
class Breaking:
    """A script for a server that breaks the call `at`, the first being 1; for good, if so, those after it too."""

    place: str
    at: int
    for_good: bool
    heard: int = 0

    def __call__(self, heard: Heard) -> Answer:
        self.heard += 1
        good = answer_well(heard)
        breaks = self.heard == self.at or (self.for_good and self.heard > self.at)
        return Answer(body=good.body, send=PLACES[self.place](len(good.body))) if breaks else good


@pytest.fixture(scope="module")
def upstream(tmp_path_factory: pytest.TempPathFactory) -> Upstream:
    upstream = Upstream(tmp_path_factory.mktemp("upstream") / "upstream")
    begin_history(upstream)
    go_on(upstream)
    return upstream


@pytest.mark.parametrize("for_good", [False, True], ids=["once", "for good"])
@pytest.mark.parametrize("place", PLACES)
def test_call_that_breaks_anywhere_is_made_good_and_nothing_that_was_kept_is_asked_again(
    upstream: Upstream, tmp_path: Path, place: str, for_good: bool
) -> None:
    first = scale(1 + list(PLACES).index(place), 1)
    with count_cases("calls at which a model's server hangs up, and what it had said is kept") as count:
        for at in count_up(first, scale(STRIDE, 1)):
            root = tmp_path / "archive"
            script = Breaking(place, at, for_good)
            with ModelServer(script) as server:
                write_settings(root, upstream, server.url)
                code = run_asking(root, load_config(root / "archive.yml"), NOW).exit_code
                broke = script.heard >= at
                # What was said to the end is an answer, however the connection ends; one more is asked for another.
                is_whole = place == "after the last byte" or not broke
                assert (place, at, code) == (place, at, 0 if is_whole or not for_good else 3)
                assert look_over(root).problems == []
                kept, heard = read_acknowledged(root), len(server.heard)
                server.script = answer_well
                assert run_asking(root, load_config(root / "archive.yml"), NOW).exit_code == 0
                again = {name_request(one) for one in server.heard[heard:]}
            assert kept.replies & again == set()
            assert bool(again) == (code == 3)
            made_good = read_acknowledged(root)
            assert (kept.find_lost(made_good), len(made_good.analyses)) == (frozenset(), COMMITS)
            assert (look_over(root).problems, list_torn(root)) == ([], [])
            shutil.rmtree(root)
            if not broke:
                break
            count.add()
