"""Render the account of what was imported: how many reports, what came of them, and what was not understood.

This module must not read a report or a record; it is handed the account. What is too much for a page is counted, and
the account beside it holds all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from generator.imports import ImportedFile, ImportRecord
from generator.pages.addresses import IMPORTS, IMPORTS_RECORD, STATUS, find_link
from generator.pages.markup import cut, escape, link_page, render_list, render_table, render_time
from generator.pages.page import FrontMatter, Page, Stop, make_page
from generator.pages.trails import home_stop
from generator.pages.words import Words, count

_MOST_FILES = 500
_MOST_NOTES = 500
_LONGEST_FILE = 120


def render_imports(account: ImportRecord, words: Words) -> Page:
    """Render the page of the account."""
    files = account.files
    front_matter = FrontMatter(title=words.imports, trail=(home_stop(words), Stop(words.status, STATUS)))
    counts = words.imports_counts.format(
        files=f"{len(files):,}",
        rows=f"{sum(file.rows for file in files):,}",
        commits=f"{sum(file.commits for file in files):,}",
        fields=f"{sum(file.in_fields for file in files):,}",
        failed=f"{sum(file.failed for file in files):,}",
    )
    record = link_page(words.record, find_link(IMPORTS, IMPORTS_RECORD))
    return make_page(
        IMPORTS,
        front_matter,
        f"<h1>{words.imports}</h1>",
        f"<p>{words.imports_told}</p>",
        f"<p>{counts} {record}</p>",
        _render_troubles(files, words),
        _render_notes(files, words),
        f"## {words.imports_documents}\n\n{_render_files(files, words)}" if files else "",
    )


def _render_troubles(files: Sequence[ImportedFile], words: Words) -> str:
    troubles = Counter[str]()
    for file in files:
        troubles.update(file.troubles)
    if not troubles:
        return f"<p>{words.no_troubles}</p>"
    names = {trouble.value: text for trouble, text in words.troubles.items()}
    rows = [[names[trouble], f"{number:,}"] for trouble, number in sorted(troubles.items(), key=_find_rank)]
    return f"## {words.troubles_title}\n\n{render_table(words.troubles_columns, rows)}"


def _find_rank(found: tuple[str, int]) -> tuple[int, str]:
    return -found[1], found[0]


def _render_notes(files: Sequence[ImportedFile], words: Words) -> str:
    total = sum(sum(file.troubles.values()) for file in files)
    rows = [
        [
            f"<bdi>{escape(cut(file.file, _LONGEST_FILE))}</bdi>:{note.line}",
            words.troubles[note.trouble]
            + (words.brackets.format(inner=f"<bdi>{escape(note.detail)}</bdi>") if note.detail else ""),
        ]
        for file in files
        for note in file.notes
    ][:_MOST_NOTES]
    if not rows:
        return ""
    more = render_list([count(total - len(rows), words.and_more)]) if total > len(rows) else ""
    parts = [f"## {words.notes_title}", render_table(words.notes_columns, rows), more]
    return "\n\n".join(filter(None, parts))


def _render_files(files: Sequence[ImportedFile], words: Words) -> str:
    newest = sorted(files, key=lambda file: (str(file.day or ""), file.file), reverse=True)
    rows = [
        [
            f"<bdi>{escape(cut(file.file, _LONGEST_FILE))}</bdi>",
            render_time(file.day, file.day.isoformat()) if file.day else "",
            words.listing.join(escape(name) for name in file.repositories),
            f"{file.commits:,}",
            f"{sum(file.troubles.values()):,}",
        ]
        for file in newest[:_MOST_FILES]
    ]
    more = render_list([count(len(files) - len(rows), words.and_more)]) if len(files) > len(rows) else ""
    return "\n\n".join(filter(None, (render_table(words.imports_columns, rows), more)))
