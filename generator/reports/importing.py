"""Bring reports into the archive: read each document, write its days, join them with git, and give an account.

This module must not know how a document is read or a page looks. Everything is planned before anything of a document
is written; a document that cannot be read hides no other, and importing one again changes nothing.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from generator.collect.mirror import Mirror, place_mirror
from generator.config import Config
from generator.config_values import Refusal, check_name
from generator.digesting import write_digests
from generator.errors import ArchiveError, ConfigError, RemoteError
from generator.following import join_repository
from generator.imports import Trouble
from generator.landings import Followed, Written
from generator.pages.units import find_page_settings
from generator.paging import write_pages
from generator.progress import Report
from generator.records import RepositoryRecord
from generator.reports.matching import Day, Known, match_section
from generator.reports.reading.document import Document, Finding, Section
from generator.reports.reading.reader import read_document
from generator.reports.telling import Told, tell_document
from generator.store.account import write_account
from generator.store.archive import Archive
from generator.store.lock import LOCK, hold_lock
from generator.workers import HERE

# A report of a day is no larger than this; what is, is none.
LARGEST = 16 * 1024 * 1024


@dataclass(slots=True, kw_only=True)
class Imported:
    """What an import did, or would do: a line each of its documents, and how many pages it wrote.

    `unread` says of documents why they could not be read, `unjoined` of repositories why git was not asked.
    """

    told: list[Told] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    unjoined: list[str] = field(default_factory=list)
    pages: int = 0

    @property
    def exit_code(self) -> int:
        """1 where a document could not be read or none is a report, 3 where something was not understood, else 0."""
        if self.unread or not any(told.file.repositories for told in self.told):
            return 1
        return 3 if self.unjoined or any(told.is_unfinished for told in self.told) else 0


def list_documents(paths: Sequence[Path]) -> list[tuple[str, Path]]:
    """List the documents that are meant: each file by its name, and in a folder every `.md`, by its path below it.

    Raises ArchiveError where there is none.
    """
    found: dict[str, Path] = {}
    for path in paths:
        if path.is_dir():
            found |= {
                each.relative_to(path).as_posix(): each
                for each in sorted(path.rglob("*.md"))
                if each.is_file()
            }
        elif path.is_file():
            found[path.name] = path
        else:
            raise ArchiveError(
                f"{path}: there is no such file or folder", "Name reports, or a folder with them."
            )
    if not found:
        raise ArchiveError(
            f"{paths[0]}: there is no document (*.md) in it", "Name reports, or a folder with them."
        )
    return sorted(found.items())


def import_reports(
    root: Path,
    config: Config,
    documents: Sequence[tuple[str, Path]],
    now: datetime,
    report: Report,
    *,
    replace: bool = False,
    dry_run: bool = False,
) -> Imported:
    """Import documents; with `replace`, what a newer one says of a commit replaces what the archive holds of it.

    With `dry_run` nothing is written. Raises LockedError, ConfigError, ArchiveError.
    """
    with hold_lock(root / LOCK):
        return _Import(root, config, now, report, replace=replace, dry_run=dry_run).work(documents)


class _Import:
    """One import, from the lock to the pages."""

    def __init__(
        self, root: Path, config: Config, now: datetime, report: Report, *, replace: bool, dry_run: bool
    ) -> None:
        self._root, self._config, self._now, self._report = root, config, now, report
        self._replace, self._dry_run = replace, dry_run
        self._archive = Archive(root / "docs")
        self._known: dict[str, Known] = {}
        self._names = {name.casefold(): name for name in self._archive.names()}
        self._names |= {one.name.casefold(): one.name for one in config.repositories}
        self._webs = {one.web.casefold(): one.name for one in config.repositories if one.web}
        self._done = Imported()

    def work(self, documents: Sequence[tuple[str, Path]]) -> Imported:
        """Read and write every document; then, unless nothing is to be written, all that is made of them."""
        if not self._dry_run:
            self._archive.remove_leftovers()
        with self._report.progress("importing reports", len(documents)) as task:
            for name, path in documents:
                self._take(name, path)
                task.advance(1)
        if not self._dry_run:
            self._finish()
        return self._done

    def _take(self, name: str, path: Path) -> None:
        try:
            size = path.stat().st_size
            content = path.read_bytes() if size <= LARGEST else None
        except OSError as error:
            self._done.unread.append(f"{name}: cannot be read: {error.strerror}")
            return
        if content is None:
            self._done.unread.append(f"{name}: is no report: it has {size:,} bytes")
            return
        document = read_document(content, name)
        days, unnamed = self._plan(document)
        told = tell_document(document, days, unnamed, hashlib.sha256(content).hexdigest())
        self._done.told.append(told)
        if not self._dry_run:
            for day in days:
                self._write(day)

    def _plan(self, document: Document) -> tuple[list[Day], list[Finding]]:
        """Plan what a document comes to, and find the repositories that no archive can name so."""
        days: list[Day] = []
        unnamed: list[Finding] = []
        for place, section in enumerate(document.sections if document.day else ()):
            known = self._open(section.name, _find_web(section))
            if known is None:
                unnamed.append(Finding(line=section.line, trouble=Trouble.NO_NAME, detail=section.name))
            else:
                days.append(match_section(document, section, place, known, replace=self._replace))
        return days, unnamed

    def _open(self, name: str, web: str | None) -> Known | None:
        """Open a repository by the name the archive has for it: that of its address, or that of the report.

        None where it has a name that no archive may have.
        """
        own = self._webs.get((web or "").casefold()) or self._names.get(name.casefold()) or name
        try:
            check_name(own)
        except Refusal:
            return None
        if own not in self._known:
            self._names[own.casefold()] = own
            tracked = next((one for one in self._config.repositories if one.name == own), None)
            record = self._archive.find_repository(own) or RepositoryRecord(
                repository=own, timezone=self._config.zone.key, web=tracked.web if tracked else web
            )
            if record.timezone != self._config.zone.key:
                raise ConfigError(
                    f"archive.yml: timezone is {self._config.zone.key}, but the days of {own} are archived in "
                    f"{record.timezone}",
                    f"Write `timezone: {record.timezone}`, or begin a new archive in an empty folder.",
                )
            self._known[own] = Known(
                archive=self._archive,
                record=record,
                days=dict(self._archive.commit_days(own)),
                followed=self._follow(own, record.web),
                is_tracked=tracked is not None,
            )
        return self._known[own]

    def _follow(self, name: str, web: str | None) -> Followed:
        tracked = next((one for one in self._config.repositories if one.name == name), None)
        return Followed(
            name=name,
            branch=tracked.branch if tracked else None,
            web=web,
            archive=self._archive,
            mirror=Mirror(place_mirror(self._root, name), name, tracked.url if tracked else name),
            timezone=self._config.zone,
            language=self._config.language,
            now=self._now,
            report=self._report,
            asks_model=bool(self._config.analysis.models),
            workers=HERE,
        )

    def _write(self, day: Day) -> None:
        """Write a repository's record first: it says which days are to be joined, should the run end here."""
        known = day.known
        if day.record_update:
            known.record = known.record.model_copy(update=day.record_update)
        self._archive.write_repository(known.record)
        for record in day.records:
            self._archive.write_day(record)

    def _finish(self) -> None:
        landed: dict[tuple[str, str], date | None] = {}
        for name, known in sorted(self._known.items()):
            if known.is_tracked and known.record.imported:
                landed |= {(name, sha): day for sha, day in self._join(name, known).items()}
        self._note_landed(landed)
        write_account(self._root / "docs", [told.file for told in self._done.told])
        write_digests(
            self._archive,
            sorted(self._known),
            self._config.language,
            self._now.astimezone(self._config.zone).date(),
            None,
            self._report,
        )
        settings = find_page_settings(self._config)
        self._done.pages = write_pages(self._root, self._archive, settings, self._report)

    def _join(self, name: str, known: Known) -> Mapping[str, date | None]:
        try:
            return join_repository(known.followed, Written()).landed
        except RemoteError as error:
            self._done.unjoined.append(f"{name}: {error.fact}")
            return {}

    def _note_landed(self, landed: Mapping[tuple[str, str], date | None]) -> None:
        """Say in the account which commits landed on another day than their report's, or are not on the branch."""
        for told in self._done.told:
            told.note_landed(landed)


def _find_web(section: Section) -> str | None:
    webs = Counter(entry.web for entry in section.entries if entry.web)
    return webs.most_common(1)[0][0] if webs else None
