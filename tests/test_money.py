"""What calls cost, and that no budget is passed while others are under way."""

from __future__ import annotations

import asyncio
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.analyse.model.money import NOTHING, Purse, Spent, find_cost, find_left, find_spent, fits
from generator.analyse.model.prices import find_known
from generator.config import Budget, Price
from generator.records import Tokens, Trial
from tests.loops import run_alone

PRICE = Price(input=1.0, cached=0.1, output=10.0)
OPENAI, OWN = "https://api.openai.com/v1", "http://localhost:8000/v1"


def spend(calls: int = 1, prompt: int = 1000, completion: int = 100, cost: float | None = 0.002) -> Spent:
    return Spent(calls=calls, prompt=prompt, completion=completion, cost=cost)


@pytest.mark.parametrize(
    ("cached", "price", "is_batch", "cost"),
    [
        (0, PRICE, False, 0.002),
        (500, PRICE, False, 0.00155),
        # More cached tokens than there were at all: a server's mistake costs nobody less than nothing.
        (5000, PRICE, False, 0.0011),
        (500, Price(input=1.0, output=10.0), False, 0.002),
        (0, PRICE, True, 0.001),
        (0, None, False, None),
    ],
)
def test_call_costs_what_its_tokens_do(
    cached: int, price: Price | None, is_batch: bool, cost: float | None
) -> None:
    assert find_cost(Tokens(prompt=1000, completion=100), cached, price, is_batch=is_batch) == cost


@pytest.mark.parametrize(
    ("name", "url", "output"),
    [
        ("gpt-5-mini", OPENAI, 2.0),
        ("gpt-5-mini-2025-08-07", OPENAI, 2.0),
        ("gpt-5-mini-experimental", OPENAI, None),
        ("gpt-5-mini", OWN, None),
        ("gpt-5-mini", "https://api.openai.com.evil.example/v1", None),
        ("deepseek-chat", "https://api.deepseek.com", 0.42),
        ("llama", OPENAI, None),
    ],
)
def test_price_is_known_of_a_model_at_its_own_provider_alone(
    name: str, url: str, output: float | None
) -> None:
    known = find_known(name, url)
    assert (known and known.price.output) == output


def test_sums_and_differences_know_when_a_price_is_missing() -> None:
    assert spend() + spend() == spend(2, 2000, 200, 0.004)
    assert spend() + spend(cost=None) == spend(2, 2000, 200, None)
    assert (spend() + spend()) - spend() == spend()
    assert NOTHING + NOTHING == NOTHING


def test_what_a_trial_spent_is_what_was_spent() -> None:
    trial = Trial(runs=2, model="m", version="v", calls=3, tokens=Tokens(prompt=9, completion=4), cost=0.5)
    assert find_spent(trial) == Spent(calls=3, prompt=9, completion=4, cost=0.5)
    assert find_spent(None) == NOTHING


@pytest.mark.parametrize(
    ("budget", "fitting"),
    [
        (Budget(), True),
        (Budget(calls_per_day=1), True),
        (Budget(calls_per_day=0), False),
        (Budget(tokens_per_day=1100), True),
        (Budget(tokens_per_day=1099), False),
        (Budget(usd_per_day=0.002), True),
        (Budget(usd_per_day=0.0019), False),
        (Budget(usd_per_day=1.0, tokens_per_day=10), False),
    ],
)
def test_each_limit_holds_for_itself(budget: Budget, fitting: bool) -> None:
    assert fits(budget, spend()) is fitting


def test_what_is_left_is_never_less_than_nothing() -> None:
    budget = Budget(usd_per_day=0.001, tokens_per_day=2000)
    assert find_left(budget, spend()) == Budget(usd_per_day=0.0, tokens_per_day=900)


def test_call_waits_for_those_in_flight_where_it_may_still_fit() -> None:
    async def run() -> list[bool]:
        purse = Purse(Budget(calls_per_day=1), NOTHING)
        most = spend()
        first = await purse.take(most)
        second = asyncio.create_task(purse.take(most))
        await asyncio.sleep(0)
        waited = not second.done()
        # The first was not billed after all.
        await purse.settle(most, NOTHING)
        third = await second
        await purse.settle(most, most)
        return [first, waited, third, await purse.take(most)]

    assert run_alone(run()) == [True, True, True, False]


@given(
    sizes=st.lists(st.tuples(st.integers(1, 60), st.integers(0, 100)), min_size=1, max_size=40),
    limit=st.integers(0, 900),
    seed=st.integers(0, 9),
)
def test_no_order_of_calls_passes_a_budget(sizes: list[tuple[int, int]], limit: int, seed: int) -> None:
    chance = random.Random(seed)

    async def run() -> tuple[Spent, int]:
        purse = Purse(Budget(tokens_per_day=limit), NOTHING)
        refused = 0

        async def call(most: int, share: int) -> None:
            nonlocal refused
            asked = Spent(calls=1, prompt=most)
            if not await purse.take(asked):
                refused += 1
                return
            for _ in range(chance.randint(0, 3)):
                await asyncio.sleep(0)
            await purse.settle(asked, Spent(calls=1, prompt=most * share // 100))

        await asyncio.gather(*(call(*size) for size in sizes))
        return purse.spent, refused

    spent, refused = run_alone(run())
    assert spent.prompt <= limit
    assert spent.calls + refused == len(sizes)
    # Nobody is sent away while there is room for all that could still come.
    assert refused == 0 or sum(most for most, _ in sizes) > limit
