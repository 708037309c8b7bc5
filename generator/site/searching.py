"""Bring the search index of a site up to date, and tell which of its files stay, come and go.

This module must not know what an index is made of: that is `generator.site.search`'s business.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from generator.site.ledger import list_files_below
from generator.site.mending import SPOILT
from generator.site.publish import SEARCH, Stage
from generator.site.search import FOLDER, Records, Searched, write_search
from generator.workers import HERE, Workers


def write_index(
    records: Records,
    site: Path,
    stage: Stage,
    uncertain: Mapping[str, str],
    workers: Workers = HERE,
    advance: Callable[[int], None] = lambda _: None,
) -> Searched:
    """Write into the stage's folder what the index needs beside what is whole in site/.

    What a file belongs to that is spoilt, by the kinds of what is `uncertain`, is written anew; what one belongs to
    that a build which was cut short left, or that nobody knows, is looked at.
    Nothing else of the stage is touched.
    """
    tops = {path: _find_top(path) for path in uncertain if path.startswith(f"{FOLDER}/")}
    spoilt = {top for path, top in tops.items() if uncertain[path] == SPOILT}
    doubtful = set(tops.values())
    return write_search(
        records,
        site / FOLDER,
        stage.folder / FOLDER,
        spoilt=spoilt,
        doubtful=doubtful,
        workers=workers,
        advance=advance,
    )


def adopt_index(
    connection: sqlite3.Connection,
    searched: Searched,
    site: Path,
    stage: Stage,
    uncertain: Collection[str],
) -> set[str]:
    """Add to a stage what was written for the index, and name the files of site/ that it no longer needs."""
    for folder, _, names in os.walk(stage.folder / FOLDER):
        for name in names:
            stage.adopt(Path(folder, name).relative_to(stage.folder).as_posix(), SEARCH)
    for path in uncertain:
        if path.startswith(f"{FOLDER}/") and _find_top(path) in searched.kept:
            stage.keep(path, site / path, SEARCH)
    there = {entry.name for entry in os.scandir(site / FOLDER)} if (site / FOLDER).is_dir() else set()
    old = there - {*searched.kept, *searched.new}
    gone = {path for name in old for path in list_files_below(connection, f"{FOLDER}/{name}/")}
    return gone | {f"{FOLDER}/{name}" for name in old if (site / FOLDER / name).is_file()}


def _find_top(path: str) -> str:
    """Find of a file of the index the folder that it is whole in, or its own name."""
    return path.removeprefix(f"{FOLDER}/").partition("/")[0]
