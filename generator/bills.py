"""Add up what models were asked for and what it cost.

This module must not render anything, and must not take a price that nobody knows for none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from generator.records import Analysis, DigestRecord, Outcome, Provenance, Trial


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """What one model was asked for, and what came of it.

    `analyses` and `digests` are those it wrote, `without_result` those that failed or that it refused so far.
    `cost` is in US dollars and adds up what has a price, None where nothing has; `is_partial` says that there
    were calls without one.
    """

    model: str
    analyses: int = 0
    digests: int = 0
    without_result: int = 0
    calls: int = 0
    prompt: int = 0
    completion: int = 0
    cost: float | None = None
    is_partial: bool = False


def find_bills(asked: Analysis | DigestRecord) -> Iterator[Bill]:
    """Find what was spent on an analysis or a digest; nothing where no model was asked.

    A digest without a call repeats another's lines, as that of a day across repositories does where only one of
    them has commits.
    """
    wrote = asked.provenance
    if wrote.writer == "model" and isinstance(asked, Analysis):
        yield bill_writer(wrote, analyses=1)
    elif wrote.writer == "model" and wrote.calls:
        yield bill_writer(wrote, digests=1)
    if asked.trial:
        yield bill_trial(asked.trial, without_result=int(asked.outcome in (Outcome.FAILED, Outcome.REFUSED)))


def bill_writer(provenance: Provenance, *, analyses: int = 0, digests: int = 0) -> Bill:
    """Bill what a model has written."""
    tokens = provenance.tokens
    return Bill(
        model=provenance.model or "",
        analyses=analyses,
        digests=digests,
        calls=provenance.calls or 0,
        prompt=tokens.prompt if tokens else 0,
        completion=tokens.completion if tokens else 0,
        cost=provenance.cost,
        is_partial=provenance.cost is None and bool(provenance.calls or tokens),
    )


def bill_trial(trial: Trial, *, without_result: int = 0) -> Bill:
    """Bill what a model was asked for without result."""
    return Bill(
        model=trial.model,
        without_result=without_result,
        calls=trial.calls,
        prompt=trial.tokens.prompt,
        completion=trial.tokens.completion,
        cost=trial.cost,
        is_partial=trial.cost is None and trial.calls > 0,
    )


def add_bills(bills: Iterable[Bill]) -> tuple[Bill, ...]:
    """Add bills up to one for each model, in the order of their names."""
    by_model: defaultdict[str, list[Bill]] = defaultdict(list)
    for bill in bills:
        by_model[bill.model].append(bill)
    return tuple(_add(model, by_model[model]) for model in sorted(by_model))


def add_models(bills: Iterable[Bill]) -> Bill | None:
    """Add up bills over all models; None where there are none."""
    bills = tuple(bills)
    return _add("", bills) if bills else None


def _add(model: str, bills: Iterable[Bill]) -> Bill:
    bills = tuple(bills)
    costs = [bill.cost for bill in bills if bill.cost is not None]
    return Bill(
        model=model,
        analyses=sum(bill.analyses for bill in bills),
        digests=sum(bill.digests for bill in bills),
        without_result=sum(bill.without_result for bill in bills),
        calls=sum(bill.calls for bill in bills),
        prompt=sum(bill.prompt for bill in bills),
        completion=sum(bill.completion for bill in bills),
        cost=sum(costs) if costs else None,
        is_partial=any(bill.is_partial for bill in bills),
    )
