"""Hold every page under docs/ against what its records give, by rendering all of them once more.

This module must not write anything. Rendering proves more than the hashes in the manifest: a build takes what it finds
in a page for what belongs there, and its hash with it. The hashes serve where a damaged record makes rendering
impossible.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from generator.checking.findings import Finding, Findings
from generator.manifest import read_units
from generator.pages.render import PageSettings, Unit, plan_pages
from generator.paging import find_key
from generator.progress import Report
from generator.records import ACROSS
from generator.store.checking import Reading
from generator.store.files import read_existing
from generator.store.places import list_folders

_MISSING = "is not there"
_DUE = "pages that the next update writes again; what else may be amiss in them does not show before"


def check_pages(
    docs: Path,
    reading: Reading,
    settings: PageSettings,
    manifest: sqlite3.Connection | None,
    report: Report,
    findings: Findings,
) -> None:
    """Render all pages, compare them with those that are there, and add what was found to `findings`.

    A page whose unit is due is written again by the next update, whatever it holds: where it is another than its
    records give, that cannot be told from damage. So are all of them where there is neither a page nor a manifest: a
    first run that was cut short has not come to them.
    """
    known = None if manifest is None else read_units(manifest)
    expected: set[str] = set()
    problems: list[Finding] = []
    due = 0
    with report.progress("comparing pages with their records", None) as task:
        for unit in plan_pages(reading, settings):
            wrong = []
            for finding in _check_unit(docs, unit, expected):
                wrong += [finding] if finding else []
                task.advance(1)
            if known is None or known.get(unit.name) == find_key(unit):
                problems += wrong
            else:
                due += len(wrong)
    if known is None and [problem.fact for problem in problems] == [_MISSING] * len(expected):
        problems, due = [], len(problems)
    findings.problems += problems
    findings.checked["pages"] += len(expected)
    findings.unseen += [Finding("docs", f"{due:,} {_DUE}")] if due else []
    scopes = (ACROSS, *reading.names())
    findings.problems += [
        Finding(f"docs/{src_uri}", "belongs to no record")
        for scope in scopes
        for folder in list_folders(docs, scope)
        for src_uri in _list_pages(docs, folder)
        if src_uri not in expected
    ]


def check_hashes(docs: Path, manifest: sqlite3.Connection, report: Report, findings: Findings) -> None:
    """Compare the pages that are there with what the manifest says was written; add what was found to `findings`."""
    query = "FROM pages WHERE unit <> '' AND content IS NOT NULL"
    (number,) = manifest.execute(f"SELECT count(*) {query}").fetchone()
    with report.progress("comparing pages with the manifest", number) as task:
        for src_uri, digest in manifest.execute(f"SELECT src_uri, content {query} ORDER BY src_uri"):
            content = read_existing(docs / src_uri)
            if content is None:
                findings.problems.append(Finding(f"docs/{src_uri}", _MISSING))
            elif hashlib.sha256(content).digest() != digest:
                findings.problems.append(Finding(f"docs/{src_uri}", "is not as it was written"))
            task.advance(1)
    findings.checked["pages"] += number


def _check_unit(docs: Path, unit: Unit, expected: set[str]) -> Iterator[Finding | None]:
    """Yield what is amiss with each page of a unit, None where nothing is; note that the page is to be expected."""
    for page in unit.render():
        expected.add(page.src_uri)
        content = read_existing(docs / page.src_uri)
        if content == page.text.encode():
            yield None
        else:
            fact = _MISSING if content is None else "is not as its records have it"
            yield Finding(f"docs/{page.src_uri}", fact)


def _list_pages(docs: Path, folder: Path) -> Iterator[str]:
    """List the pages in a folder; what a run that was cut short has left there is none."""
    if folder.is_dir():
        with os.scandir(folder) as entries:
            yield from (
                Path(entry.path).relative_to(docs).as_posix()
                for entry in entries
                if entry.name.endswith(".md") and not entry.name.startswith(".")
            )
