"""Jobs begin in the order in which they were handed out."""

from __future__ import annotations

import asyncio
import random

from generator.analyse.model.turns import Turn, Turnstile
from tests.loops import run_alone


async def begin_all(turnstile: Turnstile, seed: int, *, unheard: frozenset[int] = frozenset()) -> list[int]:
    """Prepare fifty jobs in no foreseeable time; those `unheard` end without having begun."""
    chance = random.Random(seed)
    begun: list[int] = []

    async def prepare(number: int, turn: Turn) -> None:
        for _ in range(chance.randint(0, 20)):
            await asyncio.sleep(0)
        if number not in unheard:
            await turn.wait()
            begun.append(number)
        await turn.begin()
        await turn.begin()

    jobs = [(number, turnstile.take_turn()) for number in range(50)]
    await asyncio.wait_for(asyncio.gather(*(prepare(*job) for job in jobs)), 10)
    return begun


def test_jobs_begin_in_their_order_however_long_each_takes_to_prepare() -> None:
    for seed in range(20):
        assert run_alone(begin_all(Turnstile(), seed)) == list(range(50))


def test_a_job_that_ends_without_having_begun_holds_up_no_other() -> None:
    unheard = frozenset({0, 7, 8, 49})
    begun = run_alone(begin_all(Turnstile(), 1, unheard=unheard))
    assert begun == [number for number in range(50) if number not in unheard]
