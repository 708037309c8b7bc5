"""Put a command's result into words: what a run did, and how complete the archive is, as text or as JSON.

This module must not read the archive or print; it is handed values and answers with text.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    # At run time GitPython would come with it, before anybody asked for git.
    from generator.pipeline import (
        Bill,
        Estimate,
        Missing,
        RepositoryEstimate,
        RepositoryStatus,
        Result,
        Spending,
        Stop,
        Summary,
        Usage,
    )

_ANALYSES = "analysis", "analyses"
_DIGESTS = "digest", "digests"
# By the values of records.Reason, which a record shows to programs.
_REASONS = {
    "waiting": "not asked yet",
    "budget": "the day's budget was spent",
    "stopped": "no model was left to ask",
    "no-key": "the key is not set",
    "key-refused": "the key was refused",
    "batch": "handed in as a batch, not answered yet",
    "unreadable": "the commit could not be fetched again",
    "no-answer": "no answer came",
    "cut": "the answer was cut short",
    "empty": "the answer was empty",
    "invalid": "the answer was not of the form asked for",
    "wrong-language": "the answer was in another language",
    "too-large": "too large for the model",
    "incomplete": "the answer left out a breaking change",
    "refused": "by the model",
    "filtered": "by the provider's filter",
}


def render_summary(summary: Summary) -> str:
    """Say what an update or a backfill did, a line for each repository."""
    lines = [_render_result(result) for result in summary.results]
    lines += _render_usage(summary.asked) if summary.asked else []
    lines.append(f"{_count(summary.pages, 'page')} written or removed")
    lines += _render_unfinished(summary.analyses, summary.digests)
    return "\n".join(lines)


def _render_unfinished(analyses: Sequence[Missing], digests: Sequence[Missing]) -> Iterator[str]:
    """Say what is still to come, and what only comes when somebody says so."""
    everything = [(missing, _ANALYSES) for missing in analyses]
    everything += [(missing, _DIGESTS) for missing in digests]
    for state, words in (
        ("pending", "pending; the next run goes on"),
        ("failed", "failed; the next run asks again"),
        ("given up", "given up after three runs; `daybook update --retry` asks again"),
    ):
        found = [(missing.number, nouns) for missing, nouns in everything if _name_state(missing) == state]
        numbers = [
            (sum(number for number, own in found if own is nouns), nouns) for nouns in (_ANALYSES, _DIGESTS)
        ]
        counts = [_count(number, *nouns) for number, nouns in numbers if number]
        if counts:
            yield f"{' and '.join(counts)} {words}"


def _name_state(missing: Missing) -> str:
    return "given up" if missing.is_given_up else str(missing.outcome)


def _render_result(result: Result) -> str:
    if result.failure:
        return "\n".join([f"{result.name}: could not be looked at", *_indent(result.failure.splitlines())])
    if not result.days:
        return f"{result.name}: nothing new"
    days = f"{_count(len(result.days), 'day')} ({_span(result.days[0], result.days[-1])})"
    return f"{result.name}: {days}, {_count(result.commits, 'commit')}"


def _render_usage(usage: Usage) -> Iterator[str]:
    counts = [_count(usage.analysed, "commit") + " analysed"] if usage.analysed else []
    counts += [_count(usage.digests, *_DIGESTS) + " written"] if usage.digests else []
    done = f"{' and '.join(counts) or 'nothing written'} by a model"
    if usage.calls:
        tokens = f"{usage.tokens.prompt:,} tokens sent, {usage.tokens.completion:,} written"
        yield f"{done}: {_count(usage.calls, 'call')}, {tokens}, {_show_money(usage.cost)}"
    elif counts:
        yield f"{done}, from answers that were paid for before"
    if usage.handed_in:
        questions = f"{_count(usage.handed_in, 'question')} handed in as a batch"
        yield f"{questions}, at most {_show_money(usage.most_cost)}; a later run fetches the answers"
    for stop in usage.stopped:
        yield from _render_stop(stop)


def _render_stop(stop: Stop) -> Iterator[str]:
    sentence, next_step = _explain(stop)
    yield f"{stop.model}: {sentence}"
    yield f"  {next_step}"


def _explain(stop: Stop) -> tuple[str, str]:
    """Say why a model was not asked, or not to the end, and what its owner can do."""
    reason = stop.reason.value
    if reason == "no-key":
        return (
            f"not asked: {stop.key} is not set, or its value cannot be a key",
            f"Set {stop.key} in the environment.",
        )
    if reason == "key-refused":
        return (
            f"not asked further: the key was refused ({stop.detail})",
            f"Check {stop.key}, what it may do, and the account's credit.",
        )
    if stop.status is not None and (300 <= stop.status < 400 or stop.status == 404):
        return (
            f"not asked further: there is no such model or address ({stop.detail})",
            "Check the model's name and base_url in archive.yml.",
        )
    if "unusable" in stop.detail:
        return f"not asked further: {stop.detail}", "Name another model before it in archive.yml."
    return f"not asked further: it did not answer ({stop.detail})", "The next run tries again."


def render_estimate(estimate: Estimate) -> str:
    """Say what a run would send to a model, as a table for people, and what bounds it."""
    digests, repositories = estimate.digests, estimate.repositories
    rows: list[tuple[str, ...]] = [
        ("repository", "commits", "calls", "tokens sent", "tokens written", "US dollars")
    ]
    rows += [_render_estimate_row(repository) for repository in repositories]
    if digests.calls:
        numbers = (f"{count:,}" for count in (digests.calls, digests.prompt, digests.completion))
        rows.append(("digests", "-", *numbers, _show_sum(digests.cost)))
    return "\n".join([f"{_render_command(estimate)}:", *_render_table(rows), "", *_render_bounds(estimate)])


def _render_command(estimate: Estimate) -> str:
    asked = f"{estimate.model} would be asked"
    if estimate.days is None:
        return asked
    since, until = estimate.days
    days = f"--since {since}" + (f" --until {until}" if until else "")
    return f"{asked} by `daybook backfill {days} --analyser model`"


def _render_estimate_row(repository: RepositoryEstimate) -> tuple[str, ...]:
    counts = (
        repository.commits,
        repository.calls,
        repository.prompt_tokens,
        repository.completion_tokens,
    )
    return (repository.name, *(f"{count:,}" for count in counts), _show_sum(repository.cost))


def _render_bounds(estimate: Estimate) -> Iterator[str]:
    calls = sum(repository.calls for repository in estimate.repositories)
    costs = [repository.cost for repository in estimate.repositories] + [estimate.digests.cost]
    commits = sum(repository.commits for repository in estimate.repositories)
    digests = f", and {_count(estimate.digests.calls, 'call')} for digests" if estimate.digests.calls else ""
    money = f", about {_show_money(sum(cost or 0 for cost in costs))}" if estimate.is_priced else ""
    yield f"Together {_count(commits, 'commit')} in {_count(calls, 'call')}{digests}{money}."
    if estimate.unseen:
        yield f"Not counted, because it could not be looked at: {', '.join(estimate.unseen)}."
    if estimate.days:
        new = sum(repository.new for repository in estimate.repositories)
        yield f"Not archived yet: {new:,} of them; of the others the rules alone have spoken."
    if not estimate.is_priced:
        yield f"Nobody knows the price of {estimate.model}: give it `price:` in archive.yml."
    yield _render_left(estimate)
    if estimate.waiting:
        yield f"{_count(estimate.waiting, 'commit')} would wait for another day."


def _render_left(counted: Estimate | Spending) -> str:
    left = counted.left
    limits = []
    if left.usd_per_day is not None:
        limits.append(_show_money(left.usd_per_day))
    if left.tokens_per_day is not None:
        limits.append(_count(left.tokens_per_day, "token"))
    if left.calls_per_day is not None:
        limits.append(_count(left.calls_per_day, "call"))
    return f"Today's budget still allows {', '.join(limits)}." if limits else "No budget limits it."


def render_status(
    statuses: Sequence[RepositoryStatus], across: Sequence[Missing], spending: Spending | None
) -> str:
    """Show the archive's state as a table for people, its notes below it.

    `across` are the digests across repositories that are missing; `spending` is None where no model is named.
    """
    rows: list[tuple[str, ...]] = [
        ("repository", "days", "from", "to", "commits", "analysed", "pending", "failed", "other")
    ]
    rows += [_render_row(status) for status in statuses]
    analyses = [missing for status in statuses for missing in status.analyses]
    digests = [*across, *(missing for status in statuses for missing in status.digests)]
    parts = [
        [note for status in statuses for note in _render_notes(status)],
        [*_render_missing("analyses", analyses), *_render_missing("digests", digests)],
        list(_render_spending(spending)) if spending else [],
    ]
    return "\n".join([*_render_table(rows), *(line for part in parts if part for line in ["", *part])])


def _render_missing(noun: str, found: Sequence[Missing]) -> Iterator[str]:
    """Say how many are missing and why, the archive over."""
    numbers: dict[tuple[str, str | None], int] = {}
    for missing in found:
        why = _name_state(missing), missing.reason and missing.reason.value
        numbers[why] = numbers.get(why, 0) + missing.number
    if numbers:
        yield f"missing {noun}:"
    for (state, reason), number in sorted(numbers.items(), key=lambda item: (-item[1], item[0][0])):
        yield f"  {number:,} {state}" + (f": {_REASONS[reason]}" if reason else "")


def _render_spending(spending: Spending) -> Iterator[str]:
    yield f"Spent today: {_render_bill(spending.today)}."
    yield f"Spent this month: {_render_bill(spending.month)}."
    yield _render_left(spending)


def _render_bill(bill: Bill) -> str:
    if not bill.calls:
        return "nothing"
    tokens = f"{bill.tokens.prompt:,} tokens sent, {bill.tokens.completion:,} written"
    money = _show_money(None if bill.unpriced == bill.calls else bill.cost)
    rest = f", and {_count(bill.unpriced, 'call')} of unknown price" if 0 < bill.unpriced < bill.calls else ""
    return f"{_count(bill.calls, 'call')}, {tokens}, {money}{rest}"


def _render_row(status: RepositoryStatus) -> tuple[str, ...]:
    account = status.account
    days = [str(day) if day else "-" for day in (status.first_day, status.last_day)]
    # Refused, skipped: an answer that is not an analysis.
    counts = (
        account.found,
        account.analysed,
        account.pending,
        account.failed,
        account.refused + account.skipped,
    )
    return (status.name, str(status.days), *days, *(str(count) for count in counts))


def _render_notes(status: RepositoryStatus) -> Iterator[str]:
    if not status.is_followed:
        yield f"{status.name}: no longer in archive.yml"
    if status.record is None:
        yield f"{status.name}: not looked at yet"
        return
    if status.record.failure:
        yield f"{status.name}: could not be looked at since {status.record.failure.since}"
        yield from _indent(status.record.failure.reason.splitlines())
    if status.record.writing:
        yield f"{status.name}: the last run was cut short; the next one goes on"


def render_status_json(
    statuses: Iterable[RepositoryStatus], across: Sequence[Missing], spending: Spending | None
) -> str:
    """Show the archive's state for programs; dates as in ISO 8601, null where there is none."""
    repositories = [
        {
            "name": status.name,
            "is_followed": status.is_followed,
            "days": status.days,
            "first_day": status.first_day and status.first_day.isoformat(),
            "last_day": status.last_day and status.last_day.isoformat(),
            "account": status.account.model_dump(mode="json"),
            "missing_analyses": _list_missing(status.analyses),
            "missing_digests": _list_missing(status.digests),
            "record": status.record and status.record.model_dump(mode="json"),
        }
        for status in statuses
    ]
    everything = {
        "repositories": repositories,
        "missing_digests_across": _list_missing(across),
        "spending": spending and _list_spending(spending),
    }
    return json.dumps(everything, ensure_ascii=False, indent=1, sort_keys=True)


def _list_missing(found: Iterable[Missing]) -> list[dict[str, Any]]:
    return [asdict(missing) for missing in found]


def _list_spending(spending: Spending) -> dict[str, Any]:
    bills = {"today": spending.today, "month": spending.month}
    listed: dict[str, Any] = {
        name: {
            "calls": bill.calls,
            "tokens": bill.tokens.model_dump(),
            "cost": bill.cost,
            "unpriced_calls": bill.unpriced,
        }
        for name, bill in bills.items()
    }
    return listed | {"left_today": spending.left.model_dump()}


def _count(number: int, one: str, many: str | None = None) -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _render_table(rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]


def _show_money(cost: float | None) -> str:
    return "price unknown" if cost is None else f"{_show_sum(cost)} US dollars"


def _show_sum(cost: float | None) -> str:
    """Show dollars to the cent, and less than one to a hundredth of it: a commit costs no more than that."""
    if cost is None:
        return "-"
    return f"{cost:,.2f}" if cost >= 0.995 or cost == 0 else f"{max(cost, 0.0001):.4f}"


def _span(first: date, last: date) -> str:
    return str(first) if first == last else f"{first} to {last}"


def _indent(lines: Iterable[str]) -> Iterator[str]:
    return (f"  {line}" for line in lines)
