"""Read a report, of either format and of one repository or several, into its repositories, commits and findings.

This module must not know the archive. It never fails: what it does not understand is a finding.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from generator.imports import Trouble
from generator.records import Importance
from generator.reports.reading import shapes
from generator.reports.reading.document import Document, Entry, Finding, Row, Section
from generator.reports.reading.labels import begins_analysis
from generator.reports.reading.rows import match_rows, normalise
from generator.reports.reading.scanning import Sort, Start, find_starts
from generator.reports.reading.shapes import Address

_CONTENTS_TITLE = re.compile(r"^\s*- \[(.*)\]\(#([0-9a-f]{7,40})\)\s*$")
_CJK = re.compile("[一-龥]{2}")


def read_document(content: bytes, file: str) -> Document:
    """Read a report from its bytes; `file` is its name, which may say its day and stands in every finding."""
    findings: list[Finding] = []
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        text = content.decode(errors="replace")
        line = 1 + content[: error.start].count(b"\n")
        findings.append(Finding(line=line, trouble=Trouble.NOT_UTF8))
    return _Reader(text, file, findings).read()


def _find_day(lines: Sequence[str], file: str) -> date | None:
    """Find a report's day: by its title, by its file's name, or by most of its rows."""
    rows = Counter(row[0][:10] for line in lines if (row := shapes.parse_row(line)))
    titles = (match[1] for line in lines[:20] if (match := shapes.TITLE.match(line)))
    for text in (*titles, *shapes.DAY.findall(file)[-1:], *(day for day, _ in rows.most_common(1))):
        try:
            return date.fromisoformat(text)
        except ValueError:
            continue
    return None


class _Reader:
    """Reads one document, from above to below."""

    def __init__(self, text: str, file: str, findings: list[Finding]) -> None:
        # By line feeds alone: other ends of lines are part of a line, and are given back with it.
        self._lines = text.split("\n")
        self._text, self._file, self._findings = text, file, findings
        self._rows = [
            Row(line=number + 1, text=line, time=row[0], author=row[1], message=row[2])
            for number, line in enumerate(self._lines)
            if (row := shapes.parse_row(line.rstrip("\r")))
        ]
        self._starts = find_starts([line.rstrip("\r") for line in self._lines], dict(self._list_titles()))
        found = (address for line in self._lines if (address := shapes.find_address(line)))
        # A commit's address may have been torn from it.
        self._addresses = {address.sha: address for address in found}
        self._sections: list[Section] = []

    def read(self) -> Document:
        day = _find_day(self._lines, self._file)
        self._read_sections()
        sections = list(self._name_sections())
        if not sections:
            self._note(0, Trouble.NOTHING)
        elif day is None:
            self._note(0, Trouble.NO_DAY)
        match_rows(sections, self._rows, self._findings)
        return Document(
            file=self._file,
            day=day,
            sections=tuple(sections),
            findings=tuple(sorted(self._findings, key=lambda found: (found.line, found.trouble))),
            text=self._text,
        )

    def _note(self, line: int, trouble: Trouble, detail: str = "") -> None:
        self._findings.append(Finding(line=line + 1, trouble=trouble, detail=detail))

    def _list_titles(self) -> Iterator[tuple[str, str | None]]:
        """List the titles that the table knows, then those of the contents with their short SHAs."""
        for row in self._rows:
            yield normalise(row.message), None
            yield row.message.split("<br>")[0].strip(), None
        for line in self._lines:
            if "](#" in line and (match := _CONTENTS_TITLE.match(line)):
                yield match[1], match[2]

    def _read_sections(self) -> None:
        """Cut the document where a repository begins, and each part where its commits do."""
        begins = [start for start in self._starts if start.sort is Sort.SECTION]
        if not begins or begins[0].line > self._find_first_commit():
            # The first heading is damaged: its commits are there all the same.
            begins.insert(0, Start(line=0, body=0, sort=Sort.SECTION, name=""))
        ends = [start.line for start in begins[1:]] + [len(self._lines)]
        for place, (begin, end) in enumerate(zip(begins, ends, strict=True)):
            first = 0 if place == 0 else begin.line
            section = Section(name=begin.name or "", line=begin.line + 1)
            self._read_section(section, first, end, is_last=place == len(begins) - 1)
            self._sections.append(section)

    def _find_first_commit(self) -> int:
        commits = (start.line for start in self._starts if start.sort in _COMMITS)
        return min((*commits, *(row.line - 1 for row in self._rows)), default=len(self._lines))

    def _read_section(self, section: Section, first: int, end: int, *, is_last: bool) -> None:
        starts = [start for start in self._starts if first <= start.line < end]
        commits = [start for start in starts if start.sort in _COMMITS]
        until = commits[0].line if commits else end
        self._read_table(section, first, until, is_last=is_last and not commits)
        others = {start.line: start for start in starts}
        importance: Importance | None = None
        section.is_first = not any(start.sort in (Sort.SECOND, Sort.BARE) for start in commits)
        for number, start in enumerate(starts):
            if start.sort is Sort.GROUP:
                importance = start.importance
            if start.sort not in _COMMITS:
                continue
            # What is no commit's ends its part in the second format alone: the first has nothing of the kind.
            following = starts[number + 1 :]
            bounds = (one.line for one in following if not section.is_first or one.sort in _COMMITS)
            stop = min(bounds, default=end)
            is_end = is_last and stop == end
            section.entries.append(self._read_entry(start, stop, importance, is_end=is_end))
        if not section.name:
            section.name = next((start.name for start in others.values() if start.name), "")

    def _join(self, first: int, end: int, *, is_end: bool = False) -> str:
        """Give back lines letter for letter; only the document's last one has no line feed of its own."""
        text = "\n".join(self._lines[first:end])
        return text if is_end or first >= end else text + "\n"

    def _read_table(self, section: Section, first: int, until: int, *, is_last: bool) -> None:
        rows = [row for row in self._rows if first < row.line <= until]
        if not rows:
            table = [number for number in range(first, until) if shapes.is_table_line(self._lines[number])]
            below = table[-1] + 1 if table else until
            section.head = self._join(first, below, is_end=is_last and below == until)
            section.middle = self._join(below, until, is_end=is_last)
            return
        section.head = self._join(first, rows[0].line - 1)
        last = rows[0].line - 1
        for row in rows:
            if row.line - 1 > last:
                section.rows.append(self._join(last, row.line - 1))
            section.rows.append(row)
            last = row.line
        section.middle = self._join(last, until, is_end=is_last)

    def _read_entry(self, start: Start, stop: int, importance: Importance | None, *, is_end: bool) -> Entry:
        body, end = start.body, stop
        if start.sort is Sort.FIRST:
            begin = self._find_analysis(body, stop)
            message = "\n".join(self._lines[body:begin]).strip("\n")
        else:
            begin, message = body, start.title or ""
            end = self._find_end(body, stop)
        while begin < end and not self._lines[begin].strip():
            begin += 1
        text = self._join(begin, end, is_end=is_end and end == stop)
        analysis = text.rstrip("\n")
        return Entry(
            line=start.line + 1,
            head=self._join(start.line, begin, is_end=is_end and begin == stop),
            analysis=analysis,
            tail=text[len(analysis) :] + self._join(end, stop, is_end=is_end),
            message=message,
            sha=start.sha,
            short=start.short,
            name=_find_name(start.address) or _find_name(self._addresses.get(start.sha or "")),
            web=start.address.web if start.address else None,
            importance=importance,
        )

    def _find_analysis(self, body: int, stop: int) -> int:
        """Find where a message ends and the analysis begins: at a heading of one, or where the language changes."""
        for number in range(body, stop):
            if begins_analysis(self._lines[number].rstrip("\r")):
                return number
        subject = self._lines[body] if body < stop else ""
        for number in range(body + 1, stop):
            if _CJK.search(self._lines[number]) and not _CJK.search(subject):
                return number
        return stop

    def _house_nameless(self) -> None:
        """Put commits of which no repository is named into the nearest one that is, rather than lose them."""
        for place, section in enumerate(self._sections):
            near = (*self._sections[place + 1 :], *reversed(self._sections[:place]))
            home = next((one for one in near if one.name), None)
            if not section.name and home is not None:
                home.entries += section.entries
                section.entries = []

    def _find_end(self, body: int, stop: int) -> int:
        """Find the rule that ends a commit's part in the second format; there may be several."""
        end = stop
        while end > body and (not self._lines[end - 1].strip() or shapes.is_rule(self._lines[end - 1])):
            end -= 1
        return end

    def _name_sections(self) -> Iterator[Section]:
        """Name what has no heading after its commits' addresses, and put commits where their addresses say."""
        named = {section.name: section for section in self._sections if section.name}
        for section in self._sections:
            own = Counter(entry.name for entry in section.entries if entry.name)
            if not section.name and own:
                section.name = own.most_common(1)[0][0]
                named.setdefault(section.name, section)
        for section in self._sections:
            strangers = [
                entry
                for entry in section.entries
                if entry.name in named and entry.name is not None and entry.name != section.name
            ]
            for entry in strangers:
                section.entries.remove(entry)
                named[entry.name or ""].entries.append(entry)
        self._house_nameless()
        for section in self._sections:
            if section.name:
                yield section
            elif section.entries or any(isinstance(row, Row) for row in section.rows):
                self._note(section.line - 1, Trouble.NO_NAME)


_COMMITS = (Sort.FIRST, Sort.SECOND, Sort.BARE)


def _find_name(address: Address | None) -> str | None:
    """Find the repository's name in an address: all of its path on the host."""
    if address is None:
        return None
    path = address.web.split("://", 1)[1].partition("/")[2]
    return path.strip("/") or None


def list_rows(rows: Iterable[Row | str]) -> list[Row]:
    """List the rows of a table without what stands between them."""
    return [row for row in rows if isinstance(row, Row)]
