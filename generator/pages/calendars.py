"""Render a month as a calendar whose cells count commits.

This module must not count anything. A day without commits, a day that somebody should have looked at, and a day
outside the archive never look the same.
"""

from __future__ import annotations

from calendar import Calendar
from collections.abc import Sequence
from datetime import date

from generator.pages import classes
from generator.pages.chronicle import UNSEEN, Chronicle, DayTotal
from generator.pages.fragments import link_day
from generator.pages.markup import render_table, wrap
from generator.pages.survey import Standing
from generator.pages.words import Words


def render_calendar(source: str, chronicle: Chronicle, totals: Sequence[DayTotal], words: Words) -> str:
    """Render the month of `totals`, Monday to Sunday, and what its marks mean."""
    first = totals[0].day
    by_day = {total.day: total for total in totals}
    most = max(total.counts.commits for total in totals)
    cells = {0: ""}
    for number in range(1, 32):
        try:
            day = first.replace(day=number)
        except ValueError:
            break
        cells[number] = _render_cell(source, chronicle, day, by_day.get(day), most)
    weeks = Calendar().monthdayscalendar(first.year, first.month)
    table = render_table(words.weekdays, ([cells[number] for number in week] for week in weeks))
    legend = words.legend_none
    if any(classes.UNKNOWN in cell for cell in cells.values()):
        legend += f" {words.legend_unknown}"
    return f"{table}\n\n{wrap('p', classes.QUIET, legend)}"


def _render_cell(source: str, chronicle: Chronicle, day: date, total: DayTotal | None, most: int) -> str:
    if total:
        commits = total.counts.commits
        heat = classes.HEATS[-(-4 * commits // most)]
        link = link_day(source, chronicle.scope, day, str(day.day))
        return f"{link}<br>{wrap('span', heat, f'{commits:,}')}"
    standings = chronicle.find_standings(day)
    if day > chronicle.end or set(standings) == {Standing.BEFORE_ARCHIVE}:
        return str(day.day)
    if standings.keys() & UNSEEN:
        return f"{day.day}<br>{wrap('span', classes.UNKNOWN, '?')}"
    return f"{day.day}<br>{wrap('span', classes.HEATS[0], '0')}"
