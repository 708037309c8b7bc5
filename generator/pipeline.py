"""Run the whole line for an archive: every repository's records, then all pages.

This is the one module that knows all stages; it must not know how a page looks, how git is asked or how progress
is shown. One repository's failure never hides another's day.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from generator.collect.mirror import Mirror
from generator.config import Config, TrackedRepository, find_place
from generator.errors import MisnamedError, RemoteError
from generator.following import backfill_repository, update_repository, write_failure
from generator.landings import Followed, Written
from generator.pages.render import PageSettings, render_pages
from generator.progress import Report
from generator.records import Account, RepositoryRecord
from generator.store.archive import Archive
from generator.store.lock import hold_lock


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a run did for one repository. `failure` says why it could not be looked at, in two lines."""

    name: str
    days: tuple[date, ...] = ()
    commits: int = 0
    failure: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What a run did. `pages` counts the pages that were written or removed."""

    results: tuple[Result, ...]
    pages: int
    unfinished: int

    @property
    def exit_code(self) -> int:
        """0 when the archive is complete, 3 when something could not be looked at or analysed."""
        return 3 if self.unfinished or any(result.failure for result in self.results) else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryStatus:
    """How complete one repository's archive is. `record` is None where it was never looked at."""

    name: str
    is_followed: bool
    record: RepositoryRecord | None
    days: int
    first_day: date | None
    last_day: date | None
    account: Account


def update(root: Path, config: Config, now: datetime, report: Report, only: Sequence[str] = ()) -> Summary:
    """Archive what landed since the last run, in every repository or in those named by `only`.

    Raises LockedError, ConfigError, ArchiveError; a repository that cannot be looked at is in the summary.
    """
    return _run(
        root, config, now, report, only, lambda followed: update_repository(followed, config.first_days)
    )


def backfill(
    root: Path,
    config: Config,
    now: datetime,
    report: Report,
    since: date,
    until: date | None = None,
    only: Sequence[str] = (),
) -> Summary:
    """Archive the landing days from `since` to `until`, both included; raises as `update` does."""

    def work(followed: Followed) -> Written:
        return backfill_repository(followed, since, until, config.first_days)

    return _run(root, config, now, report, only, work)


def read_status(root: Path, config: Config) -> tuple[RepositoryStatus, ...]:
    """Read how complete the archive is: what archive.yml names in its order, then what was followed before.

    Raises ArchiveError for a damaged record.
    """
    archive = Archive(root / "docs")
    followed = [repository.name for repository in config.repositories]
    former = [name for name in archive.names() if name not in followed]
    return tuple(_read_repository_status(archive, name, name in followed) for name in (*followed, *former))


def _run(
    root: Path,
    config: Config,
    now: datetime,
    report: Report,
    only: Sequence[str],
    work: Callable[[Followed], Written],
) -> Summary:
    with hold_lock(root / ".daybook" / "lock"):
        archive = Archive(root / "docs")
        archive.remove_leftovers()
        chosen = [repository for repository in config.repositories if not only or repository.name in only]
        results = tuple(
            _run_repository(root, _follow(root, config, now, report, archive, repository), work)
            for repository in chosen
        )
        pages = write_pages(archive, config, report)
        unfinished = sum(
            status.account.pending + status.account.failed for status in read_status(root, config)
        )
    return Summary(results=results, pages=pages, unfinished=unfinished)


def write_pages(archive: Archive, config: Config, report: Report) -> int:
    """Write every page of the archive that is not as it should be, remove stale ones, and count both."""
    settings = PageSettings(site_name=config.site.name, language=config.language)
    with report.progress("writing pages", None) as task:

        def counted() -> Iterator[tuple[str, str]]:
            for page in render_pages(archive, settings):
                task.advance(1)
                yield page.src_uri, page.text

        return archive.write_pages(counted())


def _follow(
    root: Path, config: Config, now: datetime, report: Report, archive: Archive, repository: TrackedRepository
) -> Followed:
    return Followed(
        name=repository.name,
        branch=repository.branch,
        web=repository.web,
        archive=archive,
        mirror=Mirror(
            root / ".daybook" / "mirrors" / f"{repository.name}.git", repository.name, repository.url
        ),
        timezone=config.zone,
        language=config.language,
        now=now,
        report=report,
    )


def _run_repository(root: Path, followed: Followed, work: Callable[[Followed], Written]) -> Result:
    try:
        written = work(followed)
    except RemoteError as error:
        write_failure(followed, error)
        return Result(name=followed.name, failure=f"{_find_place(root, followed.name, error)}{error}")
    return Result(name=followed.name, days=tuple(sorted(written.days)), commits=written.commits)


def _find_place(root: Path, name: str, error: RemoteError) -> str:
    """Find the line of archive.yml that an error is about; a configuration made without the file has no lines."""
    file = root / "archive.yml"
    if not isinstance(error, MisnamedError) or not file.is_file():
        return ""
    return f"{find_place(file, name, error.key)}: "


def _read_repository_status(archive: Archive, name: str, is_followed: bool) -> RepositoryStatus:
    days = archive.days(name)
    accounts = [archive.read_day(name, day).account for day in days]
    return RepositoryStatus(
        name=name,
        is_followed=is_followed,
        record=archive.find_repository(name),
        days=len(days),
        first_day=days[0] if days else None,
        last_day=days[-1] if days else None,
        account=_sum_accounts(accounts),
    )


def _sum_accounts(accounts: Sequence[Account]) -> Account:
    return Account(
        **{field: sum(getattr(account, field) for account in accounts) for field in Account.model_fields}
    )
