"""Render the newest days of a repository or of all, those without commits included.

This module must not let an empty line stand for two things: no commits, and nobody looked, are told apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import groupby

from generator.pages import classes
from generator.pages.chronicle import UNSEEN, Chronicle
from generator.pages.fragments import render_run
from generator.pages.markup import wrap
from generator.pages.survey import Standing
from generator.pages.tables import render_day_row, render_day_table
from generator.pages.words import Words, count

_MOST_DAYS = 14


def render_recent(source: str, chronicle: Chronicle, words: Words) -> str:
    """Render the newest days with commits, newest first, and runs of days without in between."""
    totals = chronicle.add_up(chronicle.days[-_MOST_DAYS:])
    if not totals:
        return ""
    rows: list[list[str]] = []
    upper = chronicle.end + timedelta(days=1) if chronicle.end < date.max else date.max
    for total in reversed(totals):
        rows += _render_gaps(chronicle, total.day, upper, words)
        rows.append(render_day_row(source, chronicle.scope, total, words))
        upper = total.day
    return render_day_table(rows, words)


def _render_gaps(chronicle: Chronicle, lower: date, upper: date, words: Words) -> Iterator[list[str]]:
    """Render the days between two others, newest first, one row for each run of which the same is known."""
    days = [lower + timedelta(days=step) for step in range((upper - lower).days - 1, 0, -1)]
    for standings, run in groupby(days, chronicle.find_standings):
        newest, *_, oldest = [*run] * 2
        number = "0" if Standing.NO_COMMITS in standings else "?"
        yield [render_run(oldest, newest), number, "", "", "", _render_standings(standings, words)]


def _render_standings(standings: dict[Standing, int], words: Words) -> str:
    """Say what is known of a day without commits; over several repositories, how many nobody has looked at."""
    if Standing.NO_COMMITS not in standings:
        return wrap("span", classes.WARN, words.standings[next(iter(standings))])
    text = wrap("span", classes.QUIET, words.standings[Standing.NO_COMMITS])
    unseen = sum(standings.get(standing, 0) for standing in UNSEEN)
    return f"{text} {wrap('span', classes.WARN, count(unseen, words.unseen))}" if unseen else text
