"""Count what calls cost, and say whether today's budget allows another one.

This module must not send anything or keep anything on disk; it is told what was spent before.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TypeVar

from generator.config import Budget, Price
from generator.records import Tokens, Trial

_MILLION = 1_000_000
# What providers take off for a batch.
BATCH_SHARE = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """Calls that were answered or may have been, their tokens, and US dollars; None where no price is known."""

    calls: int = 0
    prompt: int = 0
    completion: int = 0
    cost: float | None = 0.0

    def __add__(self, other: Spent) -> Spent:
        known = self.cost is not None and other.cost is not None
        return Spent(
            calls=self.calls + other.calls,
            prompt=self.prompt + other.prompt,
            completion=self.completion + other.completion,
            cost=round((self.cost or 0) + (other.cost or 0), 8) if known else None,
        )

    def __sub__(self, other: Spent) -> Spent:
        known = self.cost is not None and other.cost is not None
        return Spent(
            calls=self.calls - other.calls,
            prompt=self.prompt - other.prompt,
            completion=self.completion - other.completion,
            cost=round((self.cost or 0) - (other.cost or 0), 8) if known else None,
        )

    @property
    def tokens(self) -> Tokens:
        """Both kinds of tokens, as a record has them."""
        return Tokens(prompt=self.prompt, completion=self.completion)


NOTHING = Spent()


def find_spent(trial: Trial | None) -> Spent:
    """Read what earlier runs spent in vain."""
    if trial is None:
        return NOTHING
    tokens = trial.tokens
    return Spent(calls=trial.calls, prompt=tokens.prompt, completion=tokens.completion, cost=trial.cost)


def find_cost(tokens: Tokens, cached: int, price: Price | None, *, is_batch: bool = False) -> float | None:
    """Price one call in US dollars; `cached` of the prompt's tokens cost what cached ones do."""
    if price is None:
        return None
    cached = min(cached, tokens.prompt)
    cached_price = price.input if price.cached is None else price.cached
    cost = (tokens.prompt - cached) * price.input + cached * cached_price + tokens.completion * price.output
    return round(cost * (BATCH_SHARE if is_batch else 1) / _MILLION, 8)


class Purse:
    """Holds today's budget while calls are under way.

    A call is allowed when the most it can cost still fits beside what was spent and what the calls in flight can
    cost at most; so no budget is ever passed, whatever the concurrency.
    """

    def __init__(self, budget: Budget, spent: Spent) -> None:
        self._budget = budget
        self._held: list[Spent] = []
        self._changed = asyncio.Condition()
        self.spent = spent

    async def take(self, most: Spent) -> bool:
        """Set `most` aside for one call, waiting for others in flight; False when it can never fit today."""
        async with self._changed:
            while not self._fits(most):
                if not self._held or not self._fits(most, held=[]):
                    return False
                await self._changed.wait()
            self._held.append(most)
            return True

    def could_take(self, most: Spent) -> bool:
        """Say whether a whole day's budget allows so much; one that allows no call at all is simply empty."""
        return self._budget.calls_per_day == 0 or fits(self._budget, most)

    def take_now(self, most: Spent) -> bool:
        """Set `most` aside if it fits beside all that is set aside already."""
        fitting = self._fits(most)
        if fitting:
            self._held.append(most)
        return fitting

    async def settle(self, most: Spent, actual: Spent) -> None:
        """Put what a call really cost in the place of what was set aside for it."""
        async with self._changed:
            self._held.remove(most)
            self.spent += actual
            self._changed.notify_all()

    def _fits(self, most: Spent, held: list[Spent] | None = None) -> bool:
        return fits(self._budget, sum(self._held if held is None else held, self.spent + most))


def fits(budget: Budget, spent: Spent) -> bool:
    """Say whether a budget allows that so much is spent."""
    limits = (
        (budget.usd_per_day, spent.cost or 0.0),
        (budget.tokens_per_day, spent.prompt + spent.completion),
        (budget.calls_per_day, spent.calls),
    )
    return all(limit is None or amount <= limit for limit, amount in limits)


def find_left(budget: Budget, spent: Spent) -> Budget:
    """Say what a budget still allows; None where there is no limit."""
    return Budget(
        usd_per_day=_leave(budget.usd_per_day, spent.cost or 0.0),
        tokens_per_day=_leave(budget.tokens_per_day, spent.prompt + spent.completion),
        calls_per_day=_leave(budget.calls_per_day, spent.calls),
    )


Number = TypeVar("Number", int, float)


def _leave(limit: Number | None, spent: Number) -> Number | None:
    return None if limit is None else max(limit - spent, type(spent)(0))
