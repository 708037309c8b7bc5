"""Make the entries of the search index from records.

This module must not read the archive or a page: records are handed in, and they hold the text that the pages show.
No text in an entry is markup.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from generator.plain_text import reduce_text
from generator.records import ACROSS, Analysis, Commit, DayRecord, DigestRecord
from generator.site.words import tidy

# Raise it with any change to what is entered: a shard that was built by another version is built anew.
VERSION = 4

# A result is fetched whole to be shown, so one commit that moved a vendored tree must not weigh a megabyte.
_MOST_PATHS = 200
_LONGEST_TEXT = 20_000
# No term to the index, and to the reader of a result the end of one text.
_SEPARATOR = " · "
# A word is found by its beginning; nobody types more of a SHA, and the address holds all of it.
_SHA_LENGTH = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that can be found, as a result shows it: plain text on one line each.

    `facets` are by what it can be filtered: each facet's values. The year is its shard's.
    """

    url: str
    title: str
    day: str
    text: str
    facets: Mapping[str, tuple[str, ...]]


def make_entries(record: DayRecord, digest: DigestRecord | None = None) -> Iterator[Entry]:
    """Make the entries of one repository's day: its page with the day's digest, then each of its commits."""
    yield _make_day(record.repository, str(record.day), record.repository, digest)
    for commit in record.commits:
        yield _make_commit(record, commit)


def make_across(digest: DigestRecord) -> Entry:
    """Make the entry of a day across repositories, which is found by its digest."""
    return _make_day(digest.scope, digest.period, "", digest)


def _make_day(scope: str, day: str, name: str, digest: DigestRecord | None) -> Entry:
    lines = (tidy(line.text) for line in digest.lines) if digest else ()
    return Entry(
        url=f"/{scope}/{day.replace('-', '/')}.html",
        title=f"{name} {day}".strip(),
        day=day,
        text=_SEPARATOR.join(filter(None, (name, *lines))),
        facets={} if scope == ACROSS else {"repository": (scope,)},
    )


def _make_commit(record: DayRecord, commit: Commit) -> Entry:
    return Entry(
        url=f"/{record.repository}/commit/{commit.sha}.html",
        title=tidy(commit.subject) or commit.sha[:_SHA_LENGTH],
        day=str(record.day),
        text=_SEPARATOR.join(filter(None, (tidy(text[:_LONGEST_TEXT]) for text in _list_texts(commit)))),
        facets={
            "repository": (record.repository,),
            "kind": tuple(str(kind) for kind in commit.analysis.kinds),
            "importance": (str(commit.analysis.importance),),
            "author": _list_people(commit),
            **_find_breaking(commit.analysis),
        },
    )


def _find_breaking(analysis: Analysis) -> dict[str, tuple[str, ...]]:
    """Find the answer that somebody may look for: nobody looks for what breaks nothing, and most commits do not."""
    answer = analysis.breaking.answer
    return {} if answer == "no" else {"breaking": (answer,)}


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
    if analysis.original is not None and analysis.provenance.writer == "report":
        # Its fields are made of the same words, and hold fewer.
        yield reduce_text(analysis.original[:_LONGEST_TEXT])
        return
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


def _list_people(commit: Commit) -> tuple[str, ...]:
    return tuple(dict.fromkeys((commit.author.name, *commit.co_authors)))
