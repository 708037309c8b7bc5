"""Render a repository's month by kind: how many commits of each, those that matter first, and the way to all others.

This module must not read a record. A commit of several kinds stands with each of them, and one that left the branch
with none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

from generator.headlines import IMPORTANCE_ORDER, Headline
from generator.pages import classes
from generator.pages.addresses import kinds_page
from generator.pages.charts import render_share
from generator.pages.chronicle import Chronicle
from generator.pages.fragments import link_search
from generator.pages.headline_lines import render_headlines, render_writers
from generator.pages.markup import escape, wrap
from generator.pages.page import Page, make_page
from generator.pages.survey import Shelf
from generator.pages.view_links import make_month_front_matter, render_month_views
from generator.pages.words import Words, count
from generator.records import Importance, Kind

# Twelve kinds of so many are as much as a page should hold; the search has the others.
MOST_COMMITS = 20


def render_kinds(chronicle: Chronicle, first: date, headlines: Sequence[Headline], words: Words) -> Page:
    """Render the month that begins on `first` by kind."""
    (shelf,) = chronicle.shelves
    source = kinds_page(shelf.name, first)
    front_matter = make_month_front_matter(chronicle, first, kinds_page, words.kinds_view, words)
    still_there = [headline for headline in headlines if not headline.is_gone]
    kinds = _group(still_there)
    shown = {kind: _shorten(_put_first(found)[:MOST_COMMITS]) for kind, found in kinds.items()}
    listed = {headline.sha: headline for found in shown.values() for headline in found}
    return make_page(
        source,
        front_matter,
        f"<h1>{escape(front_matter.title)}</h1>",
        wrap("p", classes.LEAD, f"<b>{count(len(still_there), words.commits)}</b>"),
        render_month_views(source, shelf.name, first, words),
        _render_table(kinds, words),
        *_render_lists(source, shelf, kinds, shown, words),
        render_writers(list(listed.values()), words),
    )


def _group(headlines: Sequence[Headline]) -> Mapping[Kind, list[Headline]]:
    """Group commits by kind, the kind with most commits first."""
    found: dict[Kind, list[Headline]] = {kind: [] for kind in Kind}
    for headline in headlines:
        for kind in headline.kinds:
            found[kind].append(headline)
    ordered = sorted(found.items(), key=lambda group: -len(group[1]))
    return {kind: group for kind, group in ordered if group}


def _put_first(headlines: Sequence[Headline]) -> list[Headline]:
    """Put the important commits first, and of those of one importance the newest."""
    newest = headlines[::-1]
    return sorted(newest, key=lambda headline: IMPORTANCE_ORDER[headline.importance])


def _shorten(headlines: Sequence[Headline]) -> list[Headline]:
    """Leave out the notes of what matters less: a list by kind is to be looked over."""
    return [
        headline if headline.importance is Importance.HIGH else replace(headline, note="")
        for headline in headlines
    ]


def _render_table(kinds: Mapping[Kind, Sequence[Headline]], words: Words) -> str:
    """Say how many commits there are of each kind, and lead to them."""
    most = max((len(found) for found in kinds.values()), default=0)
    head = f"<thead><tr><th scope=col>{words.kind}<td><th scope=col>{words.commits_column}"
    rows = [
        f"<tr><td><a href=#{kind}>{words.kinds[kind]}</a><td>{render_share(len(found), most)}"
        f"<td>{len(found):,}<td>{sum(headline.importance is Importance.HIGH for headline in found) or ''}"
        for kind, found in kinds.items()
    ]
    head += f"<th scope=col>{words.importance[Importance.HIGH]}<tbody>"
    return "\n".join([f"<table class={classes.RANKS}>{head}", *rows, "</table>"]) if rows else ""


def _render_lists(
    source: str,
    shelf: Shelf,
    kinds: Mapping[Kind, Sequence[Headline]],
    shown: Mapping[Kind, Sequence[Headline]],
    words: Words,
) -> Iterator[str]:
    for kind, found in shown.items():
        number = len(kinds[kind])
        yield f"<h2 id={kind}>{words.kinds[kind]}{words.brackets.format(inner=f'{number:,}')}</h2>"
        yield render_headlines(source, shelf, found, words)
        if number > len(found):
            query = {
                "q": found[0].day.isoformat()[:7],
                "kind": str(kind),
                "repository": shelf.name,
                "order": "newest",
            }
            yield f"<p>{link_search(source, count(number - len(found), words.and_more), query)}</p>"
