"""Mend an archive: put broken records aside, bring their days back, and have all that is derived made again.

This module must not delete what cannot be made again, and asks no model: an analysis that is lost waits for the next
update, which finds the reply among those that are kept. Every step finds out for itself what there is to do, so a
repair that was cut short is finished by the next one.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from generator.analyse.model.asks import Asked
from generator.analyse.model.digest_job import DigestKey, DigestQuestion
from generator.analyse.model.digest_plan import Lines
from generator.checking.findings import Findings, Repairs
from generator.checking.mending import Mender
from generator.checking.restoring import find_digest_copy, find_release_copy
from generator.checking.verifying import SITE, find_mirror, find_nothing, hold_locks, open_whole, read_records
from generator.config import Config
from generator.database import remove_database, write
from generator.digesting import write_digests
from generator.landings import Followed
from generator.manifest import MANIFEST, use_manifest
from generator.pages.units import find_page_settings
from generator.paging import write_pages
from generator.progress import Report
from generator.records import ACROSS
from generator.site.checking import doubt_site
from generator.store.account import ACCOUNT
from generator.store.archive import Archive
from generator.store.broken import list_aside, list_aside_repositories, set_aside
from generator.store.checking import Reading
from generator.store.index import INDEX
from generator.store.places import Place, Sort
from generator.store.replies import remove_leftovers


def repair(root: Path, config: Config, now: datetime, report: Report) -> Repairs:
    """Mend the archive in a folder; site/ is mended by the build that follows.

    `now` is aware. Raises LockedError while a run or a build is at work, OSError where something cannot be moved or
    written.
    """
    with hold_locks(root):
        repairs = Repairs()
        if nothing := find_nothing(root):
            repairs.unseen.append(nothing)
            return repairs
        reading = read_records(root, report, Findings())
        # Before anybody asks it: it may be damaged, and must not be asked about damaged records.
        remove_database(root / INDEX)
        Archive(root / "docs").remove_leftovers()
        remove_leftovers(root / ".daybook")
        # Pages tell of all repositories, and are left alone while one of them has no record.
        if _mend_records(root, config, now, reading, report, repairs):
            _mend_digests(root, config, now, report, repairs)
            _mend_derived(root, config, report, repairs)
    return repairs


def _mend_records(
    root: Path, config: Config, now: datetime, reading: Reading, report: Report, repairs: Repairs
) -> bool:
    """Mend the records of repositories and days; say whether every repository has its own."""
    menders = {
        name: Mender(root, _follow(root, config, now, reading, name, report), reading, repairs)
        for name in _find_names(root, reading)
    }
    whole = [mender.mend_repository() for mender in menders.values()]
    # The account of imports is made again by importing the reports once more.
    damaged = [place.path for place in sorted(reading.damaged_places)]
    for path in (*damaged, *({ACCOUNT} & reading.damaged.keys())):
        file = Path("docs", path)
        repairs.aside.append((file.as_posix(), set_aside(root, file).as_posix()))
    for mender in menders.values():
        mender.mend_days()
    return all(whole)


def _find_names(root: Path, reading: Reading) -> list[str]:
    """Find all repositories of which anything is archived, or was before it was put aside."""
    damaged = {place.scope for place in reading.damaged_places} - {ACROSS}
    aside = set(list_aside_repositories(root))
    return sorted({*reading.names(), *reading.orphans, *reading.damaged_repositories, *damaged, *aside})


def _follow(
    root: Path, config: Config, now: datetime, reading: Reading, name: str, report: Report
) -> Followed:
    """Open a repository that is, or was, followed."""
    tracked = {repository.name: repository for repository in config.repositories}.get(name)
    record, days = reading.find_repository(name), reading.summaries(name)
    timezone = record.timezone if record else None
    if record is None and days:
        timezone = reading.read_day(name, days[-1].day).timezone
    return Followed(
        name=name,
        branch=tracked.branch if tracked else None,
        web=tracked.web if tracked else None,
        archive=Archive(root / "docs"),
        mirror=find_mirror(root, name, tracked.url if tracked else None),
        timezone=ZoneInfo(timezone) if timezone else config.zone,
        language=config.language,
        now=now,
        report=report,
        asks_model=tracked is not None and bool(config.analysis.models),
    )


def _mend_digests(root: Path, config: Config, now: datetime, report: Report, repairs: Repairs) -> None:
    """Bring digests and releases back from their copies; where there is none, have the rules write a digest.

    A model's is then asked for again, and the next update writes a release.
    """
    archive = Archive(root / "docs")
    for scope in (ACROSS, *archive.names()):
        for place in list_aside(root, scope):
            if place.sort is not Sort.DAY and not (root / "docs" / place.path).exists():
                _restore(root, archive, place, repairs)
    write_digests(
        archive,
        [repository.name for repository in config.repositories],
        config.language,
        now.astimezone(config.zone).date(),
        _ask_nobody if config.analysis.models else None,
        report,
    )


def _restore(root: Path, archive: Archive, place: Place, repairs: Repairs) -> None:
    """Bring the record of a digest or a release back, where a whole copy of it was published."""
    if place.sort is Sort.RELEASE:
        release = find_release_copy(root / SITE, place)
        is_there = release is not None and archive.write_release(release)
    else:
        digest = find_digest_copy(root / SITE, place)
        is_there = digest is not None and archive.write_digest(digest)
    if is_there:
        repairs.restored.append(f"docs/{place.path}")


def _ask_nobody(questions: Sequence[DigestQuestion]) -> Mapping[DigestKey, Asked[Lines]]:
    del questions
    return {}


def _mend_derived(root: Path, config: Config, report: Report, repairs: Repairs) -> None:
    """Write all pages again that are not as their records have them, and have the next build look after site/."""
    findings = Findings()
    if connection := open_whole(root, MANIFEST, findings):
        connection.close()
    if findings.problems:
        remove_database(root / MANIFEST)
    use_manifest(root, _doubt_units)
    settings = find_page_settings(config)
    # Twice: while a page is lost, another that belongs to nothing may have its place in the number of pages.
    for _ in range(2):
        repairs.pages += write_pages(root, Archive(root / "docs"), settings, report)
    if (root / SITE).is_dir():
        with report.progress("comparing files of site/", None):
            repairs.files = use_manifest(root, lambda manifest: doubt_site(root / SITE, manifest))


def _doubt_units(manifest: sqlite3.Connection) -> None:
    with write(manifest):
        manifest.execute("UPDATE units SET key = ''")
        # No folder is believed to be as it was left.
        manifest.execute("DELETE FROM folders")
