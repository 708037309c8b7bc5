"""Render tables of counts.

This module must not count anything.
"""

from __future__ import annotations

from collections.abc import Sequence

from generator.pages import classes
from generator.pages.chronicle import DayTotal
from generator.pages.fragments import badge, link_day, render_weekday
from generator.pages.markup import render_table, wrap
from generator.pages.words import Words, count
from generator.records import Importance
from generator.summaries import Counts


def count_columns(words: Words) -> tuple[str, ...]:
    """Name the columns of a table of counts."""
    return (words.commits_column, *(words.importance[importance] for importance in Importance))


def count_cells(counts: Counts) -> tuple[str, ...]:
    """Render counts as cells, an empty one for none."""
    numbers = (counts.commits, counts.high, counts.medium, counts.low)
    return tuple(f"{number:,}" if number else "" for number in numbers)


def render_day_row(source: str, scope: str, total: DayTotal, words: Words) -> list[str]:
    """Render a day as a row of a table: day, counts, what is out of the ordinary."""
    notes = [badge(classes.MARK, words.amended)] if total.amended else []
    if total.counts.incomplete:
        notes.append(wrap("span", classes.WARN, count(total.counts.incomplete, words.incomplete)))
    if total.unseen:
        notes.append(wrap("span", classes.WARN, count(total.unseen, words.unseen)))
    day = link_day(source, scope, total.day, render_weekday(total.day, words))
    return [day, *count_cells(total.counts), " ".join(notes)]


def render_day_table(rows: Sequence[Sequence[str]], words: Words) -> str:
    """Render days as a table, without the column of notes where there are none."""
    columns = (words.day, *count_columns(words), words.notes)
    if not any(row[-1] for row in rows):
        return render_table(columns[:-1], [row[:-1] for row in rows])
    return render_table(columns, rows)
