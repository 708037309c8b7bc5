"""Render who landed how much of what in a repository's year, each with a link to the search.

This module must not count anything. People go by the names in their commits, as they stand there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from generator.pages import classes
from generator.pages.addresses import authors_page
from generator.pages.chronicle import Chronicle
from generator.pages.fragments import link_day
from generator.pages.markup import escape, render_table, render_time, wrap
from generator.pages.page import Page, make_page
from generator.pages.ranks import link_author
from generator.pages.view_links import make_year_front_matter, render_year_views
from generator.pages.words import Words, count
from generator.tallies import AuthorTally, Tallies

_MOST_KINDS = 3


def render_authors(chronicle: Chronicle, first: date, tallies: Tallies, words: Words) -> Page:
    """Render the authors of the year that begins on `first`."""
    name, source = chronicle.scope, authors_page(chronicle.scope, first)
    front_matter = make_year_front_matter(chronicle, first, authors_page, words.authors, words)
    columns = (words.author, words.commits_column, words.day, words.kind)
    rest = tallies.all_authors - len(tallies.authors)
    return make_page(
        source,
        front_matter,
        f"<h1>{escape(front_matter.title)}</h1>",
        wrap("p", classes.LEAD, f"<b>{count(tallies.all_authors, words.authors_counted)}</b>"),
        render_year_views(source, name, first, words),
        render_table(columns, _list_rows(source, name, first, tallies.authors, words)),
        f"<p>{count(rest, words.and_more)}</p>" if rest else "",
        wrap("p", classes.QUIET, words.authors_note),
    )


def _list_rows(
    source: str, name: str, first: date, authors: Sequence[AuthorTally], words: Words
) -> Iterator[tuple[str, ...]]:
    year = first.isoformat()[:4]
    for author in authors:
        yield (
            f"<bdi>{link_author(source, name, year, author.name, words)}</bdi>",
            count(author.commits, words.commits),
            _render_days(source, name, author),
            _render_kinds(author, words),
        )


def _render_days(source: str, name: str, author: AuthorTally) -> str:
    """Lead to the first and the last day on which somebody landed something."""
    days = dict.fromkeys((author.first, author.last))
    shown = (link_day(source, name, day, render_time(day, day.isoformat()[5:])) for day in days)
    return "\u00a0\u2013 ".join(shown)


def _render_kinds(author: AuthorTally, words: Words) -> str:
    """Say which kinds somebody's commits mostly are."""
    shown = (f"{words.kinds[kind]}\u00a0{number:,}" for kind, number in author.kinds[:_MOST_KINDS])
    return " \u00b7 ".join(shown)
