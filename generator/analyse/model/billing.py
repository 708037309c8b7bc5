"""Count what completions cost, by the server's own tokens.

This module must not say what a completion is worth.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from generator.analyse.model.exchanges import Exchange, parse_kept
from generator.analyse.model.fates import Next, read_fate
from generator.analyse.model.money import NOTHING, Spent, find_cost
from generator.analyse.model.reply import read_answer
from generator.config import Price
from generator.records import Tokens


def count_spent(
    exchange: Exchange, price: Price | None, estimate: int = 0, *, is_batch: bool = False
) -> Spent:
    """Count the tokens of a completion and price them; `estimate` stands for the prompt where the server is silent."""
    reading = read_answer(exchange.body)
    tokens = (
        reading.tokens
        if reading.tokens.prompt
        else Tokens(prompt=estimate, completion=reading.tokens.completion)
    )
    return price_call(tokens, find_cost(tokens, reading.cached, price, is_batch=is_batch))


def count_kept(contents: Sequence[bytes], prices: Mapping[str, Price | None]) -> Spent:
    """Add up what the kept exchanges of one job cost, by the prices of each lane.

    Those that brought no answer cost nothing that is known.
    """
    total = NOTHING
    for saved in parse_kept(contents):
        if read_fate(saved.exchange).next is Next.READ:
            price = prices.get(f"{saved.sent.host} {saved.sent.model}")
            total += count_spent(saved.exchange, price, is_batch=saved.sent.batch is not None)
    return total


def price_call(tokens: Tokens, cost: float | None) -> Spent:
    """Count one call."""
    return Spent(calls=1, prompt=tokens.prompt, completion=tokens.completion, cost=cost)
