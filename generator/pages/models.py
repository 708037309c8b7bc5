"""Render what models did for the whole archive: what is missing and why, totals, what days and months cost.

This module must not read a record; it is handed what was kept of them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from generator.bills import Bill, add_bills, add_models
from generator.pages import classes
from generator.pages.addresses import STATUS, find_link, month_page
from generator.pages.costs import render_cost
from generator.pages.fragments import LONGEST_NAME, link_day
from generator.pages.markup import cut, escape, link_page, render_table, wrap
from generator.pages.survey import Shelf
from generator.pages.words import Words
from generator.records import ACROSS, Reason
from generator.summaries import DigestSummary

# Days are for a look back over two weeks; the months hold all of it.
_MOST_DAYS = 14

Bills = Mapping[str, Sequence[Bill]]


def render_missing(shelves: Sequence[Shelf], digests: Sequence[DigestSummary], words: Words) -> str:
    """Say why analyses and digests are missing, how many, and what to do; empty when none is."""
    analyses, waited_for = _count_analyses(shelves), _count_digests(digests)
    rows = (
        (words.reasons[reason], *map(_show, (analyses[reason], waited_for[reason])), words.advice[reason])
        for reason in Reason
        if analyses[reason] or waited_for[reason]
    )
    table = render_table(words.missing_columns, rows)
    return f"## {words.missing_title}\n\n{table}" if table else ""


def _count_analyses(shelves: Iterable[Shelf]) -> Counter[Reason]:
    reasons: Counter[Reason] = Counter()
    for shelf in shelves:
        for summary in shelf.days:
            for found in summary.missing:
                reasons[found.reason] += found.number
    return reasons


def _count_digests(digests: Iterable[DigestSummary]) -> Counter[Reason]:
    # One that waits is not missing: a day that is not over has none yet.
    return Counter(found.reason for found in digests if found.reason and found.reason is not Reason.WAITING)


def render_models(shelves: Sequence[Shelf], digests: Sequence[DigestSummary], words: Words) -> str:
    """Render what each model was asked for, then what days and months cost, by the day the commits landed."""
    by_period = _list_bills(shelves, digests)
    if not by_period:
        return f"## {words.models}\n\n<p>{words.no_model}</p>"
    totals = add_bills(bill for bills in by_period.values() for bill in bills)
    days = {period: bills for period, bills in by_period.items() if len(period) > len("2026-01")}
    newest = {period: days[period] for period in sorted(days)[-_MOST_DAYS:]}
    blocks = (
        f"## {words.models}",
        render_table(
            (*words.model_columns, *words.cost_columns), (_render_model(bill, words) for bill in totals)
        ),
        f"## {words.cost}",
        _render_periods(newest, words.day, words),
        _render_periods(_join_months(by_period), words.month, words),
        wrap("p", classes.QUIET, words.cost_note),
    )
    return "\n\n".join(block for block in blocks if block)


def _list_bills(shelves: Iterable[Shelf], digests: Iterable[DigestSummary]) -> Bills:
    """List what was spent by the day, or the month, that it was spent on."""
    bills: defaultdict[str, list[Bill]] = defaultdict(list)
    for shelf in shelves:
        for summary in shelf.days:
            if summary.bills:
                bills[summary.day.isoformat()] += summary.bills
    for digest in digests:
        if digest.bills:
            bills[digest.period] += digest.bills
    return bills


def _join_months(by_period: Bills) -> Bills:
    months: defaultdict[str, list[Bill]] = defaultdict(list)
    for period in sorted(by_period):
        months[period[: len("2026-01")]] += by_period[period]
    return months


def _render_model(bill: Bill, words: Words) -> list[str]:
    numbers = (bill.analyses, bill.digests, bill.without_result)
    return [escape(cut(bill.model, LONGEST_NAME)), *map(_show, numbers), *_render_spent(bill, words)]


def _render_spent(bill: Bill, words: Words) -> list[str]:
    numbers = (bill.calls, bill.prompt, bill.completion)
    return [*map(_show, numbers), render_cost(bill, words)]


def _render_periods(by_period: Bills, title: str, words: Words) -> str:
    """Render a table of what periods cost, the newest first; empty when there are none."""
    rows = (
        (_link_period(period), *_render_spent(total, words))
        for period in sorted(by_period, reverse=True)
        if (total := add_models(by_period[period]))
    )
    return render_table((title, *words.cost_columns), rows)


def _link_period(period: str) -> str:
    if len(period) > len("2026-01"):
        return link_day(STATUS, ACROSS, date.fromisoformat(period))
    page = month_page(ACROSS, date.fromisoformat(f"{period}-01"))
    return link_page(f"<time>{escape(period)}</time>", find_link(STATUS, page))


def _show(number: int) -> str:
    return f"{number:,}" if number else ""
