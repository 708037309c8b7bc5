"""Put a command's result into words: what a run did, and how complete the archive is, as text or as JSON.

This module must not read the archive or print; it is handed values and answers with text.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # At run time GitPython would come with it, before anybody asked for git.
    from generator.pipeline import (
        Asked,
        Estimate,
        RepositoryEstimate,
        RepositoryStatus,
        Result,
        Stop,
        Summary,
    )


def render_summary(summary: Summary) -> str:
    """Say what an update or a backfill did, a line for each repository."""
    lines = [_render_result(result) for result in summary.results]
    lines += _render_asked(summary.asked) if summary.asked else []
    lines.append(f"{_count(summary.pages, 'page')} written or removed")
    if summary.unfinished:
        lines.append(
            f"{_count(summary.unfinished, 'analysis', 'analyses')} pending or failed; the next run goes on"
        )
    return "\n".join(lines)


def _render_result(result: Result) -> str:
    if result.failure:
        return "\n".join([f"{result.name}: could not be looked at", *_indent(result.failure.splitlines())])
    if not result.days:
        return f"{result.name}: nothing new"
    days = f"{_count(len(result.days), 'day')} ({_span(result.days[0], result.days[-1])})"
    return f"{result.name}: {days}, {_count(result.commits, 'commit')}"


def _render_asked(asked: Asked) -> Iterator[str]:
    if asked.calls:
        tokens = f"{asked.tokens.prompt:,} tokens sent, {asked.tokens.completion:,} written"
        done = f"{_count(asked.analysed, 'commit')} analysed by a model"
        yield f"{done}: {_count(asked.calls, 'call')}, {tokens}, {_show_money(asked.cost)}"
    for stop in asked.stopped:
        yield from _render_stop(stop)


def _render_stop(stop: Stop) -> Iterator[str]:
    yield f"{stop.model}: {stop.sentence}"
    yield from _indent(stop.next_step.splitlines())


def render_estimate(estimate: Estimate) -> str:
    """Say what an update would send to a model, as a table for people, and what bounds it."""
    rows: list[tuple[str, ...]] = [
        ("repository", "commits", "calls", "tokens sent", "tokens written", "US dollars")
    ]
    rows += [_render_estimate_row(repository) for repository in estimate.repositories]
    return "\n".join(
        [f"{estimate.model} would be asked:", *_render_table(rows), "", *_render_bounds(estimate)]
    )


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
    costs = [repository.cost for repository in estimate.repositories if repository.cost is not None]
    commits = sum(repository.commits for repository in estimate.repositories)
    digests = f", and {_count(estimate.digests, 'call')} for digests" if estimate.digests else ""
    money = f", about {_show_money(sum(costs))}" if estimate.is_priced else ""
    yield f"Together {_count(commits, 'commit')} in {_count(calls, 'call')}{digests}{money}."
    if not estimate.is_priced:
        yield f"Nobody knows the price of {estimate.model}: give it `price:` in archive.yml."
    limits = list(_list_limits(estimate))
    yield f"Today's budget still allows {', '.join(limits)}." if limits else "No budget limits it."
    if estimate.waiting:
        yield f"{_count(estimate.waiting, 'commit')} would wait for another day."


def _list_limits(estimate: Estimate) -> Iterator[str]:
    left = estimate.left
    if left.usd_per_day is not None:
        yield _show_money(left.usd_per_day)
    if left.tokens_per_day is not None:
        yield _count(left.tokens_per_day, "token")
    if left.calls_per_day is not None:
        yield _count(left.calls_per_day, "call")


def render_status(statuses: Sequence[RepositoryStatus]) -> str:
    """Show the archive's state as a table for people, its notes below it."""
    rows: list[tuple[str, ...]] = [
        ("repository", "days", "from", "to", "commits", "analysed", "pending", "failed", "other")
    ]
    rows += [_render_row(status) for status in statuses]
    notes = [note for status in statuses for note in _render_notes(status)]
    return "\n".join([*_render_table(rows), *([""] if notes else []), *notes])


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


def render_status_json(statuses: Iterable[RepositoryStatus]) -> str:
    """Show the archive's state for programs; dates as in ISO 8601, null where there is none."""
    repositories = [
        {
            "name": status.name,
            "is_followed": status.is_followed,
            "days": status.days,
            "first_day": status.first_day and status.first_day.isoformat(),
            "last_day": status.last_day and status.last_day.isoformat(),
            "account": status.account.model_dump(mode="json"),
            "record": status.record and status.record.model_dump(mode="json"),
        }
        for status in statuses
    ]
    return json.dumps({"repositories": repositories}, ensure_ascii=False, indent=1, sort_keys=True)


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
