"""Render the year up to the newest day as a calendar of weeks, in which every day says how much happened.

This module must not count anything. What a cell shows by its size and colour it also says in words.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import groupby

from generator.pages import classes
from generator.pages.chronicle import UNSEEN, Chronicle, DayTotal
from generator.pages.fragments import link_day, render_date
from generator.pages.markup import wrap
from generator.pages.survey import Standing
from generator.pages.words import Words, count

_WEEKS = 53
_LEVELS = len(classes.HEATS) - 1
# A cell is a day as its number in the proleptic Gregorian calendar, of which the first days have no week before them.
_Week = tuple[int, ...]


def render_past_year(source: str, chronicle: Chronicle, words: Words) -> str:
    """Render the weeks up to the chronicle's end, one a column, and what the levels mean; empty without a commit."""
    weeks = _list_weeks(chronicle.end)
    first, last = date.fromordinal(max(weeks[0][0], 1)), chronicle.end
    totals = {total.day: total for total in chronicle.add_up(chronicle.find_days(first, last))}
    if not totals:
        return ""
    borders = _find_borders([total.counts.commits for total in totals.values()])
    rows = [
        f"<tr><th scope=row>{name}{''.join(_render_cells(source, chronicle, totals, borders, days, words))}"
        for name, days in zip(words.weekdays, zip(*weeks, strict=True), strict=True)
    ]
    head = f"<thead><tr><td>{''.join(_render_months(weeks, words))}<tbody>"
    table = f"<table class={classes.WEEKS}>{head}{''.join(rows)}</table>"
    legend = wrap("p", classes.QUIET, _render_legend(borders, words))
    return wrap("div", classes.YEAR, f"<figure>{table}</figure>{legend}")


def _list_weeks(end: date) -> list[_Week]:
    """List the weeks up to the one of a day, each from Monday to Sunday."""
    monday = end.toordinal() - end.weekday()
    return [tuple(range(monday - 7 * ago, monday - 7 * ago + 7)) for ago in range(_WEEKS - 1, -1, -1)]


def _find_borders(numbers: Sequence[int]) -> list[int]:
    """Find the largest number of commits of each level: a quarter of the days each, however busy one of them was."""
    ordered = sorted(numbers)
    ends = (ordered[-(-len(ordered) * level // _LEVELS) - 1] for level in range(1, _LEVELS + 1))
    return list(dict.fromkeys(ends))


def _find_level(commits: int, borders: Sequence[int]) -> int:
    """Find the level of a number of commits; the busiest days have the highest, however few levels there are."""
    return _LEVELS - len(borders) + 1 + bisect_left(borders, commits)


def _render_months(weeks: Sequence[_Week], words: Words) -> Iterator[str]:
    """Name the month of every column by the Monday of its week."""
    for (_, month), run in groupby(weeks, lambda week: _find_month(week[0])):
        width = len(list(run))
        # There is no room for a name over a single week.
        name = f"<th scope=colgroup colspan={width}>{words.months[month - 1]}"
        yield name if width > 1 else "<td>"


def _find_month(number: int) -> tuple[int, int]:
    day = date.fromordinal(max(number, 1))
    return day.year, day.month


def _render_cells(
    source: str,
    chronicle: Chronicle,
    totals: dict[date, DayTotal],
    borders: Sequence[int],
    days: Sequence[int],
    words: Words,
) -> Iterator[str]:
    for number in days:
        inside = 0 < number <= chronicle.end.toordinal()
        day = date.fromordinal(number) if inside else date.min
        if not inside:
            yield "<td>"
        elif day in totals:
            commits = totals[day].counts.commits
            told = f"{render_date(day)}{words.colon}{count(commits, words.commits)}"
            link = link_day(source, chronicle.scope, day, f"<span>{told}</span>")
            yield f"<td class={classes.HEATS[_find_level(commits, borders)]}>{link}"
        else:
            yield _render_empty(chronicle, day, words)


def _render_empty(chronicle: Chronicle, day: date, words: Words) -> str:
    """Say of a day without commits what is known of it; nothing where it is older than the archive."""
    standings = chronicle.find_standings(day)
    if set(standings) == {Standing.BEFORE_ARCHIVE}:
        return "<td>"
    unseen = next((standing for standing in UNSEEN if standing in standings), None)
    mark = classes.UNKNOWN if unseen else classes.HEATS[0]
    told = f"{render_date(day)}{words.colon}{words.standings[unseen or Standing.NO_COMMITS]}"
    return f"<td class={mark}><span>{told}</span>"


def _render_legend(borders: Sequence[int], words: Words) -> str:
    levels = []
    least = 1
    for most in borders:
        mark = wrap("span", classes.HEATS[_find_level(most, borders)], "")
        levels.append(f"{mark} {least:,}" if least == most else f"{mark} {least:,}\u2013{most:,}")
        least = most + 1
    return f"{words.year_legend}{words.colon}{' '.join(levels)}"
