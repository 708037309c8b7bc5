"""Render the trends of a repository's year: what landed week by week, where work was done, and by whom.

This module must not count commits or read a record. Every kind has a row of its own, because nobody tells twelve
colours in a stack apart, and a row also says by its name what it shows; beneath the pictures stand all the numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from generator.pages import classes
from generator.pages.addresses import authors_page, find_link, trends_page
from generator.pages.charts import render_bars
from generator.pages.chronicle import Chronicle
from generator.pages.markup import escape, link_page, wrap
from generator.pages.page import Page, make_page
from generator.pages.ranks import link_author, link_folder, render_ranks
from generator.pages.view_links import make_year_front_matter, render_year_views
from generator.pages.weeks import Known, Weeks
from generator.pages.words import Words, count
from generator.records import Importance, Kind
from generator.tallies import Tallies

_MOST_AUTHORS = 15
_SHARES = (Kind.FIX, Kind.REVERT)
_PER_CENT = "{:,}%"


def render_trends(chronicle: Chronicle, weeks: Weeks, tallies: Tallies, words: Words) -> Page:
    """Render the trends of the year that `weeks` cut up."""
    source = trends_page(chronicle.scope, weeks.first)
    front_matter = make_year_front_matter(chronicle, weeks.first, trends_page, words.trends, words)
    year = _Year(weeks, tallies, words)
    return make_page(
        source,
        front_matter,
        f"<h1>{escape(front_matter.title)}</h1>",
        wrap("p", classes.LEAD, year.render_lead()),
        render_year_views(source, chronicle.scope, weeks.first, words),
        f"## {words.commits_by_week}\n\n{year.render_commits()}",
        f"## {words.shares_by_week}\n\n{year.render_shares()}",
        wrap("p", classes.QUIET, words.weeks_note),
        year.render_numbers(),
        *_render_folders(source, chronicle.scope, weeks, tallies, words),
        *_render_authors(source, chronicle.scope, weeks, tallies, words),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """A row of bars: its name as markup without references, its numbers by week, and how one is written."""

    name: str
    numbers: Sequence[int]
    total: str
    css_class: str = classes.BARS
    form: str = "{:,}"

    @property
    def most(self) -> int:
        """The largest number."""
        return max(self.numbers)


class _Year:
    """A year's numbers by week."""

    def __init__(self, weeks: Weeks, tallies: Tallies, words: Words) -> None:
        self._weeks, self._words, self._authors = weeks, words, tallies.all_authors
        importance, kinds = weeks.count(tallies.importance), weeks.count(tallies.kinds)
        self._none = [0] * len(weeks.known)
        self._all = [sum(numbers) for numbers in zip(self._none, *importance.values(), strict=True)]
        self._high = importance.get(Importance.HIGH, self._none)
        order = list(Kind)
        found = sorted(map(Kind, kinds), key=lambda kind: (-sum(kinds[kind]), order.index(kind)))
        self._kinds = {kind: kinds[kind] for kind in found}

    def render_lead(self) -> str:
        """Say how many commits and authors there are."""
        words = self._words
        parts = [
            f"<b>{count(sum(self._all), words.commits)}</b>",
            f"{words.importance[Importance.HIGH]} {sum(self._high):,}",
            count(self._authors, words.authors_counted),
        ]
        return " \u00b7 ".join(parts)

    def render_commits(self) -> str:
        """Draw all commits, those that matter, and each kind; all but the first row have one scale."""
        words = self._words
        every = _make_row(words.all_commits, self._all, classes.BARS_TALL)
        high = _make_row(words.importance[Importance.HIGH], self._high, classes.BARS_HIGH)
        rows = [high, *(_make_row(words.kinds[kind], numbers) for kind, numbers in self._kinds.items())]
        scale = max(row.most for row in rows)
        return self._render_table([(every, every.most), *((row, scale) for row in rows)])

    def render_shares(self) -> str:
        """Draw the share of fixes and of reverts, each row with a scale of its own."""
        rows = []
        for kind in _SHARES:
            numbers = self._kinds.get(kind, self._none)
            shares = list(map(_find_share, numbers, self._all))
            total = _PER_CENT.format(_find_share(sum(numbers), sum(self._all)))
            rows.append(_Row(name=self._words.kinds[kind], numbers=shares, total=total, form=_PER_CENT))
        return self._render_table([(row, row.most) for row in rows])

    def render_numbers(self) -> str:
        """Fold all the numbers away in a table."""
        words = self._words
        kinds = [words.kinds[kind] for kind in self._kinds]
        columns = [words.week, words.commits_column, words.importance[Importance.HIGH], *kinds]
        head = f"<table><thead><tr><th>{'<th>'.join(columns)}<tbody>"
        table = "\n".join([head, *self._list_rows(), "</table>"])
        note = f"<p>{words.legend_unknown}</p>" if Known.NOT_SEEN in self._weeks.known else ""
        folded = f"<details><summary>{words.numbers_by_week}</summary>{table}{note}</details>"
        return wrap("div", classes.NUMBERS, folded)

    def _list_rows(self) -> Iterator[str]:
        for place, known in enumerate(self._weeks.known):
            if known is Known.OUTSIDE:
                continue
            monday = self._words.brackets.format(inner=self._weeks.find_monday(place).isoformat()[5:])
            numbers = (by_week[place] for by_week in (self._high, *self._kinds.values()))
            every = f"{self._all[place]:,}" if known is Known.SEEN else "?"
            cells = "<td>".join([every, *(f"{number:,}" if number else "" for number in numbers)])
            yield f"<tr><td>{self._weeks.name(place)}{monday}<td>{cells}"

    def _render_table(self, rows: Sequence[tuple[_Row, int]]) -> str:
        """Render rows, each with its scale, over the months of the year."""
        words = self._words
        columns = "<th scope=col>".join(["<td>", words.by_week, words.whole_year, words.most_in_a_week])
        months = "".join(f"<span>{month}</span>" for month in words.months)
        lines = [
            f"<table class={classes.TRENDS}><thead><tr>{columns}<tbody>",
            *(self._render_row(row, scale) for row, scale in rows),
            f"<tr><td><td><div class={classes.MONTHS} aria-hidden=true>{months}</div><td><td>",
            "</table>",
        ]
        return "\n".join(lines)

    def _render_row(self, row: _Row, scale: int) -> str:
        most = row.form.format(row.most)
        told = self._words.bars_told.format(name=row.name, total=row.total, most=most)
        if row.most:
            week = self._weeks.name(row.numbers.index(row.most))
            told += self._words.brackets.format(inner=week)
        bars = render_bars(row.numbers, scale, self._weeks.seen, told, row.css_class)
        return f"<tr><th scope=row>{row.name}<td>{bars}<td>{row.total}<td>{most}"


def _make_row(name: str, numbers: Sequence[int], css_class: str = classes.BARS) -> _Row:
    return _Row(name=name, numbers=numbers, total=f"{sum(numbers):,}", css_class=css_class)


def _find_share(number: int, every: int) -> int:
    return round(100 * number / every) if every else 0


def _render_folders(source: str, name: str, weeks: Weeks, tallies: Tallies, words: Words) -> tuple[str, ...]:
    year = weeks.first.isoformat()[:4]
    ranked = [(link_folder(source, name, year, folder, words), number) for folder, number in tallies.folders]
    rest = tallies.all_folders - len(ranked)
    note = f"{count(rest, words.and_more)}{words.dash}{words.folders_note}" if rest else words.folders_note
    return (
        (
            f"## {words.busiest_folders}\n\n{render_ranks(words.folder, ranked, words)}",
            wrap("p", classes.QUIET, note),
        )
        if ranked
        else ()
    )


def _render_authors(source: str, name: str, weeks: Weeks, tallies: Tallies, words: Words) -> tuple[str, ...]:
    year = weeks.first.isoformat()[:4]
    shown = tallies.authors[:_MOST_AUTHORS]
    ranked = [(link_author(source, name, year, author.name, words), author.commits) for author in shown]
    every = link_page(words.all_authors, find_link(source, authors_page(name, weeks.first)))
    return (
        (
            f"## {words.busiest_authors}\n\n{render_ranks(words.author, ranked, words)}",
            f"<p>{every}</p>",
        )
        if ranked
        else ()
    )
