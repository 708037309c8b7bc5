"""Look over a whole archive, and say of every place in it what is wrong: records, pages, site/, the commit graph.

This module must not change anything, and takes nothing for whole that it could not look at. While it looks it holds
the locks of a run and of a build, because what one of them has half written would pass for damage.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

from pydantic import ValidationError

from generator.checking.findings import Finding, Findings
from generator.checking.graph import Comparison, compare, tell_missing
from generator.checking.pages import check_hashes, check_pages
from generator.collect.mirror import Mirror, place_mirror
from generator.config import Config
from generator.database import is_out_of_reach, read_version
from generator.errors import RemoteError
from generator.manifest import MANIFEST
from generator.pages.units import find_page_settings
from generator.progress import Report
from generator.records import RepositoryRecord
from generator.site.checking import check_files, count_files, count_unfinished, count_waiting
from generator.store.checking import Reading
from generator.store.index import INDEX
from generator.store.lock import BUILD_LOCK, LOCK, hold_lock
from generator.store.tables import is_current, read_scopes

SITE = "site"


def verify(root: Path, config: Config, now: datetime, report: Report) -> Findings:
    """Read every record, page and file of site/ of an archive's folder, and compare its days with its mirrors.

    `now` is aware. Raises LockedError while a run or a build is at work, OSError where nothing at all can be read.
    """
    with hold_locks(root):
        findings = Findings()
        if nothing := find_nothing(root):
            findings.unseen.append(nothing)
            return findings
        reading = read_records(root, report, findings)
        for record in reading.repositories():
            _check_graph(root, reading, record, now, report, findings)
        _check_index(root, reading, findings)
        _check_derived(root, config, reading, report, findings)
    findings.problems.sort()
    return findings


def find_nothing(root: Path) -> Finding | None:
    """Say that nothing is archived yet in a folder, where no index tells of records that are lost."""
    if (root / "docs").exists() or _tells_of_records(root):
        return None
    fact = "nothing is archived yet: there is no such folder, and no run has come to its records"
    return Finding("docs", fact)


def _tells_of_records(root: Path) -> bool:
    doubts = Findings()
    connection = open_whole(root, INDEX, doubts)
    if connection is None:
        return doubts.exit_code != 0
    with closing(connection):
        # What another Daybook noted may be any number of records.
        return not is_current(connection) or bool(read_scopes(connection))


@contextmanager
def hold_locks(root: Path) -> Iterator[None]:
    """Keep every run and every build out of an archive."""
    with hold_lock(root / LOCK), hold_lock(root / BUILD_LOCK):
        yield


def read_records(root: Path, report: Report, findings: Findings) -> Reading:
    """Read all records, and add to `findings` what is wrong with them."""
    reading = Reading(root / "docs")
    places = reading.list_places()
    with report.progress("reading records", len(places)) as task:
        reading.read(places, task)
    findings.problems += [Finding(f"docs/{file}", fact) for file, fact in reading.problems]
    findings.checked["records"] += reading.records
    return reading


def find_mirror(root: Path, name: str, url: str | None = None) -> Mirror:
    """Open a repository's mirror; one that is only read needs no address."""
    return Mirror(place_mirror(root, name), name, url or name)


def compare_days(
    root: Path, reading: Reading, record: RepositoryRecord, now: datetime
) -> Comparison | str | RemoteError:
    """Compare a repository's days with its mirror: why not, where that cannot say it; the error where it is damaged."""
    name = record.repository
    try:
        return compare(find_mirror(root, name), record, reading.commits(name), int(now.timestamp()))
    except RemoteError as error:
        return error


def _check_graph(
    root: Path,
    reading: Reading,
    record: RepositoryRecord,
    now: datetime,
    report: Report,
    findings: Findings,
) -> None:
    name = record.repository
    if record.writing is not None:
        fact = "the last run was cut short, and may have left days out; the next one goes on"
        findings.unseen.append(Finding(name, fact))
    with report.progress(f"{name}: comparing days with the mirror", None):
        found = compare_days(root, reading, record, now)
    if isinstance(found, RemoteError):
        findings.problems.append(Finding(f".daybook/mirrors/{name}.git", found.fact))
    elif isinstance(found, str):
        findings.unseen.append(Finding(name, f"days not compared with git: {found}"))
    else:
        days = frozenset(summary.day for summary in reading.summaries(name))
        findings.problems += found.problems
        told = tell_missing(name, found.missing, days)
        # That a damaged record lacks its commits is said already.
        findings.problems += [
            each for each in told if each.place.removeprefix("docs/") not in reading.damaged
        ]
        findings.checked["commits"] += len(found.landings)


def _check_index(root: Path, reading: Reading, findings: Findings) -> None:
    """Compare the records index, which nobody misses, with the records; one of another Daybook is made anew."""
    connection = open_whole(root, INDEX, findings)
    if connection is None:
        return
    with closing(connection):
        try:
            if is_current(connection):
                findings.problems += [Finding(*told) for told in reading.check_index(connection)]
        except (sqlite3.Error, ValidationError) as error:
            _note_database(INDEX, error, findings)


def _check_derived(root: Path, config: Config, reading: Reading, report: Report, findings: Findings) -> None:
    """Check what was made of the records: pages, and what site/ shows of them."""
    manifest = open_whole(root, MANIFEST, findings)
    try:
        _check_pages(root, config, reading, manifest, report, findings)
        _check_site(root, manifest, report, findings)
    except sqlite3.Error as error:
        _note_database(MANIFEST, error, findings)
    finally:
        if manifest is not None:
            manifest.close()


def _check_pages(
    root: Path,
    config: Config,
    reading: Reading,
    manifest: sqlite3.Connection | None,
    report: Report,
    findings: Findings,
) -> None:
    docs = root / "docs"
    if not (reading.damaged or reading.orphans):
        settings = find_page_settings(config)
        check_pages(docs, reading, settings, manifest, report, findings)
        return
    fact = "pages compared with what was last written, and not with their records, of which some are damaged"
    if manifest is None:
        fact = "pages not compared: there is neither a manifest nor a record of each of them"
    else:
        check_hashes(docs, manifest, report, findings)
    findings.unseen.append(Finding("docs", fact))


def _check_site(root: Path, manifest: sqlite3.Connection | None, report: Report, findings: Findings) -> None:
    site = root / SITE
    if not site.is_dir():
        findings.unseen.append(Finding(SITE, "files not compared: there is no such folder"))
        return
    if manifest is None:
        fact = f"files not compared: {MANIFEST}, which says what they should be, is not there yet or damaged"
        findings.unseen.append(Finding(SITE, fact))
        return
    number = count_files(manifest)
    with report.progress("comparing files of site/", number) as task:
        findings.problems += [
            Finding(f"{SITE}/{path}", fact) for path, fact in check_files(site, manifest, task)
        ]
    findings.checked["files"] += number
    if unfinished := count_unfinished(manifest):
        fact = f"{unfinished:,} files not compared: a build was cut short; the next one goes on"
        findings.unseen.append(Finding(SITE, fact))
    if waiting := count_waiting(manifest):
        findings.waiting.append(Finding(SITE, f"{waiting:,} pages wait for the next build"))


def open_whole(root: Path, file: Path, findings: Findings) -> sqlite3.Connection | None:
    """Open a database for nothing but reading; None where there is none, or where it is damaged, which is noted.

    A run that was killed while it made one leaves a file without tables, which the next run makes: it is not there yet.
    """
    path = root / file
    if not path.is_file():
        return None
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
    try:
        (answer,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        if answer != "ok":
            findings.problems.append(Finding(str(file), f"is damaged: {answer}"))
        elif read_version(connection):
            return connection
    except sqlite3.Error as error:
        _note_database(file, error, findings)
    connection.close()
    return None


def _note_database(file: Path, error: Exception, findings: Findings) -> None:
    fact = "holds what cannot be read" if isinstance(error, ValidationError) else str(error)
    where = findings.unseen if is_out_of_reach(error) else findings.problems
    where.append(Finding(str(file), f"is damaged: {fact}" if where is findings.problems else fact))
