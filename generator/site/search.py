"""Build the search index from day records.

This module must not read the archive or a page: records are handed in, and they hold the text that the pages show.
The index is a function of the records alone, and no text in it is markup.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

from generator.records import Analysis, Commit, DayRecord
from generator.site.pagefind import Entry, Indexer
from generator.site.words import cut

# What the pages load; the rest of Pagefind's output is its own user interface.
_PROGRAMS = frozenset({"pagefind.js", "pagefind-worker.js", "pagefind-entry.json", "wasm.unknown.pagefind"})
_INDEX_SUFFIXES = frozenset({".pf_meta", ".pf_index", ".pf_fragment", ".pf_filter"})
# A result is fetched whole to be shown, so one commit that moved a vendored tree must not weigh a megabyte.
_MOST_PATHS = 200
_LONGEST_TEXT = 20_000
# No word to the index, and to the reader of a result the end of one text.
_SEPARATOR = " · "
# Pagefind finds a word by its beginning; nobody types more of a SHA, and the address holds all of it.
_SHA_LENGTH = 12


def write_search(records: Iterable[DayRecord], directory: Path) -> int:
    """Write the index of some days into `directory`, in place of what is there, and count its entries.

    Raises SiteError when Pagefind fails; `directory` is then as it was.
    """
    count = 0
    with Indexer() as indexer:
        for record in records:
            for entry in make_entries(record):
                indexer.add(entry)
                count += 1
        files = [(path, content) for path, content in indexer.read_files() if _is_needed(path)]
    if directory.exists():
        shutil.rmtree(directory)
    for path, content in files:
        target = directory / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return count


def make_entries(record: DayRecord) -> Iterator[Entry]:
    """Make the entries of one day: its page, then each of its commits."""
    yield _make_day_entry(record)
    for commit in record.commits:
        yield _make_commit_entry(record, commit)


def _is_needed(path: str) -> bool:
    return path in _PROGRAMS or Path(path).suffix in _INDEX_SUFFIXES


def _make_day_entry(record: DayRecord) -> Entry:
    return Entry(
        url=f"/{record.repository}/{record.day.isoformat().replace('-', '/')}.html",
        content=cut(record.repository),
        meta={"title": cut(f"{record.repository} {record.day}"), "day": str(record.day)},
        filters={"repository": [record.repository], "year": [record.day.isoformat()[:4]]},
    )


def _make_commit_entry(record: DayRecord, commit: Commit) -> Entry:
    return Entry(
        url=f"/{record.repository}/commit/{commit.sha}.html",
        content=_SEPARATOR.join(cut(text[:_LONGEST_TEXT]) for text in _list_texts(commit) if text),
        meta={"title": cut(commit.subject) or commit.sha[:_SHA_LENGTH], "day": str(record.day)},
        filters={
            "repository": [record.repository],
            "kind": [str(kind) for kind in commit.analysis.kinds],
            "importance": [str(commit.analysis.importance)],
            "author": _list_people(commit),
            "year": [record.day.isoformat()[:4]],
        },
    )


def _list_texts(commit: Commit) -> Iterator[str]:
    """List what a commit is found by, the readable first: a result shows the beginning where no word stands out."""
    analysis = commit.analysis
    yield from (text for text in _list_sentences(analysis) if text != commit.subject)
    yield commit.body
    yield from _list_paths(commit)
    yield from _list_people(commit)
    yield commit.sha[:_SHA_LENGTH]
    if commit.pull_request is not None:
        yield f"PR#{commit.pull_request}"


def _list_sentences(analysis: Analysis) -> Iterator[str]:
    yield analysis.summary
    yield from (f"{impact.path or impact.component} {impact.note}" for impact in analysis.impact)
    insight = analysis.insight
    yield from filter(None, (insight.architecture, insight.performance, insight.security))
    yield from (*analysis.risks, *analysis.advice)
    yield from filter(None, (analysis.breaking.evidence,))


def _list_paths(commit: Commit) -> list[str]:
    told = {impact.path for impact in commit.analysis.impact}
    paths = (path for file in commit.files[:_MOST_PATHS] for path in (file.path, file.old_path) if path)
    return [path for path in dict.fromkeys(paths) if path not in told]


def _list_people(commit: Commit) -> list[str]:
    return list(dict.fromkeys((commit.author.name, *commit.co_authors)))
