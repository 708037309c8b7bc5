"""Write what models were asked for and what it cost, as markup.

This module must not add anything up, and must not show a price that nobody knows as nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from generator.bills import Bill
from generator.pages.markup import escape
from generator.pages.words import Words, count


def render_spent(bill: Bill, words: Words) -> str:
    """Write what was spent in one line: calls, tokens, cost."""
    return words.comma.join(_find_parts(bill, words))


def _find_parts(bill: Bill, words: Words) -> Iterator[str]:
    if bill.calls:
        yield count(bill.calls, words.calls)
    if bill.prompt or bill.completion:
        yield words.tokens.format(tokens=f"{bill.prompt:,} + {bill.completion:,}")
    if cost := render_cost(bill, words):
        yield cost


def render_cost(bill: Bill, words: Words) -> str:
    """Write a cost, and where a part of it has no price, say so; empty where nothing was spent."""
    known = [] if bill.cost is None else [_format_cost(bill.cost)]
    unknown = [words.price_unknown] if bill.is_partial else []
    return " + ".join(known + unknown)


def _format_cost(cost: float) -> str:
    if 0 < cost < 0.0001:
        return escape("<$0.0001")  # one call of a small model; rounded it would read as free
    return escape(f"${cost:,.4f}" if 0 < cost < 1 else f"${cost:,.2f}")
