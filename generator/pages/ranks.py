"""Render ranked lists as tables with a bar beside every number, and whom or what they rank as links to the search.

This module must not rank anything.
"""

from __future__ import annotations

from collections.abc import Sequence

from generator.pages import classes
from generator.pages.charts import render_share
from generator.pages.fragments import link_search
from generator.pages.markup import escape, escape_path
from generator.pages.words import Words


def render_ranks(title: str, ranked: Sequence[tuple[str, int]], words: Words) -> str:
    """Render names, which are markup, with their numbers of commits; the first one has the longest bar."""
    most = max((number for _, number in ranked), default=0)
    head = f"<thead><tr><th scope=col>{title}<td><th scope=col>{words.commits_column}<tbody>"
    rows = [f"<tr><td>{name}<td>{render_share(number, most)}<td>{number:,}" for name, number in ranked]
    return "\n".join([f"<table class={classes.RANKS}>{head}", *rows, "</table>"]) if ranked else ""


def link_author(source: str, repository: str, year: str, author: str, words: Words) -> str:
    """Lead to what somebody landed in a year; somebody without a name cannot be searched for."""
    if not author.strip():
        return words.unnamed
    query = {"author": author, "repository": repository, "year": year}
    return link_search(source, f"<bdi>{escape(author)}</bdi>", query)


def link_folder(source: str, repository: str, year: str, folder: str, words: Words) -> str:
    """Lead to what touched a folder in a year; the top one holds everything."""
    if not folder:
        return words.top_folder
    query = {"q": folder, "repository": repository, "year": year}
    return link_search(source, f"<bdi>{escape_path(folder)}</bdi>", query)
