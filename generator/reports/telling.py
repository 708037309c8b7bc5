"""Tell what came of each document: counts, and by line what was not understood.

This module must not touch the disk or print.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from generator.imports import MOST_NOTES, ImportedFile, Trouble, make_note
from generator.records import Outcome
from generator.reports.matching import Day
from generator.reports.reading.document import Document, Entry, Finding, Row
from generator.reports.reading.fields import read_fields
from generator.reports.reported import find_missing

# What is no fault of the document, and asks nothing of anybody.
_FINE = frozenset({Trouble.KEPT, Trouble.OTHER_DAY, Trouble.NOT_ON_BRANCH, Trouble.SOME_FIELDS})


@dataclass(slots=True, kw_only=True)
class Told:
    """What came of one document; `shas` are its commits by repository, with their line and the report's day."""

    file: ImportedFile
    findings: list[Finding]
    new: int = 0
    changed: int = 0
    shas: dict[tuple[str, str], int] = field(default_factory=dict)

    @property
    def is_unfinished(self) -> bool:
        """Whether something was not understood, or an analysis is still to come."""
        return any(trouble not in _FINE for trouble in self.file.troubles)

    def note_landed(self, landed: Mapping[tuple[str, str], date | None]) -> None:
        """Add which commits, by repository and SHA, landed on another day, or are not on the branch."""
        found = [
            (line, key[1], landed[key])
            for key, line in self.shas.items()
            if key in landed and landed[key] != self.file.day
        ]
        for line, sha, day in found:
            trouble = Trouble.NOT_ON_BRANCH if day is None else Trouble.OTHER_DAY
            detail = sha if day is None else f"{sha} {day}"
            finding = Finding(line=line, trouble=trouble, detail=detail)
            if finding not in self.findings:
                self.findings.append(finding)
        self.file = _put_findings(self.file, self.findings)


def tell_document(document: Document, days: Sequence[Day], unnamed: Sequence[Finding], sha256: str) -> Told:
    """Tell what was planned of a document; `unnamed` are its repositories that no archive can name so."""
    commits = [commit for day in days for commit in day.told.values()]
    findings = [
        *document.findings,
        *unnamed,
        *(found for day in days for found in day.findings),
        *(found for day in days for entry in day.section.entries for found in _judge(entry)),
    ]
    file = ImportedFile(
        file=document.file,
        sha256=sha256,
        day=document.day,
        repositories=tuple(day.known.record.repository for day in days),
        rows=sum(isinstance(row, Row) for section in document.sections for row in section.rows),
        commits=len(commits),
        in_fields=sum(commit.analysis.outcome is Outcome.OK for commit in commits),
        failed=sum(commit.analysis.outcome is Outcome.FAILED for commit in commits),
    )
    told = Told(
        file=_put_findings(file, findings),
        findings=findings,
        new=sum(day.new for day in days),
        changed=sum(day.changed for day in days),
    )
    for day in days:
        for line, commit in day.told.items():
            told.shas[day.known.record.repository, commit.sha] = line
    return told


def _judge(entry: Entry) -> Iterator[Finding]:
    """Say how far an analysis could be read into fields."""
    fields = read_fields(entry.analysis)
    if fields.failure is not None:
        trouble = Trouble.FAILED if entry.analysis.strip() else Trouble.NO_ANALYSIS
        yield Finding(line=entry.line, trouble=trouble, detail=fields.failure)
    elif not fields.parts:
        yield Finding(line=entry.line, trouble=Trouble.NO_FIELDS)
    elif missing := find_missing(fields, entry.importance):
        yield Finding(line=entry.line, trouble=Trouble.SOME_FIELDS, detail=", ".join(missing))


def _put_findings(file: ImportedFile, findings: Sequence[Finding]) -> ImportedFile:
    ordered = sorted(set(findings), key=lambda found: (found.line, found.trouble, found.detail))
    return file.model_copy(
        update={
            "troubles": dict(sorted(Counter(found.trouble for found in ordered).items())),
            "notes": tuple(make_note(one.line, one.trouble, one.detail) for one in ordered[:MOST_NOTES]),
        }
    )
