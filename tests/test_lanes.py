"""What a run knows of a model: how many calls it bears, how it is asked, when it is left alone."""

from __future__ import annotations

import asyncio

import pytest

from generator.analyse.model.fates import Fate, Next
from generator.analyse.model.lanes import AskedAs, Lane, Stopped
from generator.config import ModelSettings
from generator.records import Reason
from tests.loops import run_alone


def ask_as(
    response_format: str = "json_schema", room_name: str = "max_completion_tokens", room: int = 8000
) -> AskedAs:
    return AskedAs(response_format=response_format, room_name=room_name, room=room)


ANY = ask_as()


def make_lane(concurrency: int = 8) -> Lane:
    return Lane(ModelSettings(name="m", base_url="http://localhost/v1"), "localhost", concurrency)


def fate(step: Next, detail: str = "HTTP 500") -> Fate:
    return Fate(next=step, reason=Reason.NO_ANSWER, detail=detail)


async def count_flying(lane: Lane, tasks: int = 30) -> int:
    """Count how many of many calls fly at once."""
    now = most = 0
    done = asyncio.Event()

    async def call() -> None:
        nonlocal now, most
        async with lane.fly():
            now += 1
            most = max(most, now)
            await done.wait()
            now -= 1

    started = [asyncio.create_task(call()) for _ in range(tasks)]
    for _ in range(200):
        await asyncio.sleep(0)
    done.set()
    await asyncio.gather(*started)
    return most


def test_first_call_goes_alone_and_the_others_once_it_was_answered() -> None:
    async def run() -> list[int]:
        lane = make_lane()
        flying: list[int] = []
        now = 0

        async def call() -> None:
            nonlocal now
            async with lane.fly():
                now += 1
                flying.append(now)
                await asyncio.sleep(0.01)
                now -= 1
            lane.note_answer()

        await asyncio.gather(*(call() for _ in range(12)))
        return flying

    flying = run_alone(run())
    assert (flying[:9], max(flying)) == ([1, *range(1, 9)], 8)


def test_server_that_is_asked_too_much_is_asked_half_as_much_and_then_a_little_more() -> None:
    async def run() -> list[int]:
        lane = make_lane(16)
        flying = [await count_flying(lane)]
        lane.note_answer()
        flying.append(await count_flying(lane))
        for _ in range(2):
            lane.slow_down(0)
            flying.append(await count_flying(lane))
        for answers in (2, 50):
            for _ in range(answers):
                lane.note_answer()
            flying.append(await count_flying(lane))
        return flying

    assert run_alone(run()) == [1, 16, 8, 4, 6, 16]


def test_all_calls_wait_as_long_as_the_server_says() -> None:
    async def run() -> float:
        lane = make_lane()
        lane.learn(fate(Next.RETRY, "HTTP 429"), 0.2, ANY)
        loop = asyncio.get_running_loop()
        start = loop.time()
        async with lane.fly() as is_open:
            assert is_open
            return loop.time() - start

    assert 0.2 <= run_alone(run()) < 0.9


@pytest.mark.parametrize(
    ("seconds", "stopped"),
    [
        (600.0, None),
        (601.0, Stopped(reason=Reason.STOPPED, detail="HTTP 429 wait 601 s")),
    ],
)
def test_server_that_asks_for_a_long_wait_is_left_alone(seconds: float, stopped: Stopped | None) -> None:
    async def run() -> Stopped | None:
        lane = make_lane()
        lane.learn(fate(Next.RETRY, "HTTP 429"), seconds, ANY)
        return lane.stopped

    assert run_alone(run()) == stopped


def test_calls_that_wait_are_let_go_when_the_model_is_stopped() -> None:
    async def run() -> list[bool]:
        lane = make_lane()
        opened: list[bool] = []

        async def call() -> None:
            async with lane.fly() as is_open:
                opened.append(is_open)
                if is_open:
                    await asyncio.sleep(0)
                    lane.stop(Reason.KEY_REFUSED, "HTTP 401")

        await asyncio.gather(*(call() for _ in range(5)))
        return opened

    assert run_alone(run()) == [True, False, False, False, False]


def test_three_commits_in_vain_stop_a_model_and_an_answer_between_them_does_not() -> None:
    lane = make_lane()
    for _ in range(2):
        lane.note_vain("HTTP 500")
        lane.note_vain("HTTP 500")
        assert lane.stopped is None
        lane.note_answer()
    for _ in range(3):
        lane.note_vain("HTTP 502")
    assert lane.stopped == Stopped(reason=Reason.STOPPED, detail="HTTP 502")


def test_ten_useless_answers_in_a_row_stop_a_model_and_a_good_one_between_them_does_not() -> None:
    lane = make_lane()
    for is_usable in [False] * 5 + [True] + [False] * 9:
        lane.note_use(is_usable=is_usable)
    assert lane.stopped is None
    lane.note_use(is_usable=False)
    assert lane.stopped == Stopped(reason=Reason.STOPPED, detail="10 unusable replies in a row")


def test_a_model_that_was_never_of_use_is_stopped_sooner() -> None:
    lane = make_lane()
    for _ in range(6):
        assert lane.stopped is None
        lane.note_use(is_usable=False)
    assert lane.stopped == Stopped(reason=Reason.STOPPED, detail="6 unusable replies in a row")


def test_first_reason_to_stop_is_the_one_that_is_told() -> None:
    lane = make_lane()
    lane.learn(Fate(next=Next.STOP, reason=Reason.KEY_REFUSED, detail="HTTP 401"), None, ANY)
    lane.stop(Reason.STOPPED, "HTTP 500")
    assert lane.stopped == Stopped(reason=Reason.KEY_REFUSED, detail="HTTP 401")


def test_form_of_answer_becomes_less_strict_step_by_step_and_then_the_request_is_rejected() -> None:
    lane = make_lane()
    steps = []
    for _ in range(3):
        asked_as = ask_as(lane.response_format, lane.room_name)
        steps.append((lane.learn(fate(Next.DOWNGRADE), None, asked_as).next, lane.response_format))
    assert steps == [
        (Next.DOWNGRADE, "json_object"),
        (Next.DOWNGRADE, "text"),
        # It was not the form: other commits are asked as strictly as before.
        (Next.REJECTED, "json_schema"),
    ]


def test_calls_that_were_under_way_together_make_one_step() -> None:
    lane = make_lane()
    assert lane.learn(fate(Next.DOWNGRADE), None, ANY).next is Next.DOWNGRADE
    assert lane.learn(fate(Next.DOWNGRADE), None, ANY).next is Next.DOWNGRADE
    assert lane.response_format == "json_object"


def test_bare_rejection_is_about_the_form_only_while_nothing_was_answered() -> None:
    lane = make_lane()
    assert lane.learn(fate(Next.REJECTED), None, ANY).next is Next.DOWNGRADE
    lane.note_answer()
    assert lane.learn(fate(Next.REJECTED), None, ask_as("json_object", "max_tokens")).next is Next.REJECTED
    assert lane.response_format == "json_object"


def test_room_is_renamed_once() -> None:
    lane = make_lane()
    assert lane.learn(fate(Next.RENAME_ROOM), None, ANY).next is Next.RENAME_ROOM
    assert lane.room_name == "max_tokens"
    assert lane.learn(fate(Next.RENAME_ROOM), None, ask_as("text", "max_tokens")).next is Next.REJECTED


def test_room_shrinks_to_what_the_model_allows_and_not_to_nothing() -> None:
    lane = make_lane()
    steps = []
    room = 16_000
    for _ in range(5):
        steps.append((lane.learn(fate(Next.LESS_ROOM), None, ask_as(room=room)).next, lane.fit_room(16_000)))
        room = lane.fit_room(16_000)
    assert steps[:4] == [(Next.LESS_ROOM, size) for size in (8000, 4000, 2000, 1000)]
    assert steps[4] == (Next.REJECTED, 500)


@pytest.mark.parametrize(
    ("remembered", "known"),
    [
        (("json_object", "max_tokens"), ("json_object", "max_tokens")),
        ((None, None), ("json_schema", "max_completion_tokens")),
        (("yaml", "room"), ("json_schema", "max_completion_tokens")),
    ],
)
def test_model_is_asked_as_in_the_last_run(
    remembered: tuple[str | None, str | None], known: tuple[str, str]
) -> None:
    lane = make_lane()
    lane.remember(*remembered)
    assert (lane.response_format, lane.room_name) == known
