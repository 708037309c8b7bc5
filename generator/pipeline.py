"""Run the whole line for an archive: every repository's records, then all pages.

This is the one module that knows all stages; it must not know how a page looks, how git is asked or how progress
is shown. One repository's failure never hides another's day.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import TypeAlias

from generator.analyse.model.asking import Asker
from generator.analyse.model.asks import Asked, is_asked_again
from generator.analyse.model.digest_job import DigestKey, DigestQuestion, ask_digests
from generator.analyse.model.digest_plan import DIGEST_VERSION, Lines
from generator.analyse.model.prompt import COMMIT_VERSION
from generator.analysing import (
    Asking,
    Stop,
    Usage,
    analyse_waiting,
    close_asker,
    leave_to_rules,
    let_go,
    open_asker,
    reopen,
    sum_up,
)
from generator.collect.mirror import Mirror, place_mirror
from generator.config import Config, find_place
from generator.digesting import write_digests
from generator.errors import MisnamedError, RemoteError
from generator.estimating import (
    Bill,
    Estimate,
    RepositoryEstimate,
    Spending,
    estimate_repositories,
    read_spending,
)
from generator.fetching import fetch_ahead
from generator.following import backfill_repository, update_repository, write_failure
from generator.landings import Followed, Written
from generator.pages.units import find_page_settings
from generator.paging import write_pages
from generator.progress import Report
from generator.records import ACROSS, Account, Outcome, Reason, RepositoryRecord
from generator.releasing import update_releases
from generator.store.archive import Archive
from generator.store.lock import LOCK, hold_lock
from generator.summaries import Counts, DigestSummary, MissingAnalyses, add_counts
from generator.workers import HERE, Workers

__all__ = [
    "Asking",
    "Bill",
    "Estimate",
    "Missing",
    "RepositoryEstimate",
    "RepositoryStatus",
    "Result",
    "Spending",
    "Stop",
    "Summary",
    "Usage",
    "backfill",
    "estimate",
    "read_missing_across",
    "read_spending",
    "read_status",
    "renew_pages",
    "update",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a run did for one repository. `failure` says why it could not be looked at, in two lines."""

    name: str
    days: tuple[date, ...] = ()
    commits: int = 0
    failure: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What a run did.

    `pages` counts the pages that were written or removed; `analyses` and `digests` are what is missing in the whole
    archive. `asked` is None where no model was to be asked.
    """

    results: tuple[Result, ...]
    pages: int
    analyses: tuple[Missing, ...] = ()
    digests: tuple[Missing, ...] = ()
    asked: Usage | None = None

    @property
    def exit_code(self) -> int:
        """0 when the archive is complete, 3 when something could not be looked at or analysed."""
        is_unfinished = any(missing.is_unfinished for missing in (*self.analyses, *self.digests))
        return 3 if is_unfinished or any(result.failure for result in self.results) else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """How many analyses or digests by a model are not there, and why.

    `is_given_up` says of failed ones that no run asks again by itself.
    """

    outcome: Outcome
    reason: Reason | None
    is_given_up: bool
    number: int

    @property
    def is_unfinished(self) -> bool:
        """Whether the archive is incomplete for it; what was refused was answered."""
        return self.outcome in (Outcome.PENDING, Outcome.FAILED)


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryStatus:
    """How complete one repository's archive is. `record` is None where it was never looked at.

    A digest whose day or month is not over is not missing.
    """

    name: str
    is_followed: bool
    record: RepositoryRecord | None
    days: int
    first_day: date | None
    last_day: date | None
    account: Account
    analyses: tuple[Missing, ...] = ()
    digests: tuple[Missing, ...] = ()


def update(
    root: Path,
    config: Config,
    now: datetime,
    report: Report,
    only: Sequence[str] = (),
    asking: Asking | None = None,
    workers: Workers = HERE,
    *,
    pages: bool = True,
) -> Summary:
    """Archive what landed since the last run, in every repository or in those named by `only`.

    With `asking`, the models of archive.yml are asked about what is new and what waited; without, the rules alone
    speak. `workers` collect and analyse by the rules; nothing else of a run is theirs. Without `pages`, records alone
    are written.
    Raises LockedError, ConfigError, ArchiveError; a repository that cannot be looked at is in the summary.
    """
    run = _Run(root, config, now, report, only, asking, workers, pages=pages)
    return run.work(lambda followed: update_repository(followed, config.first_days))


def backfill(
    root: Path,
    config: Config,
    now: datetime,
    report: Report,
    since: date,
    until: date | None = None,
    only: Sequence[str] = (),
    asking: Asking | None = None,
    workers: Workers = HERE,
) -> Summary:
    """Archive the landing days from `since` to `until`, both included; raises as `update` does.

    With `asking.again`, also what only the rules have said of these days is put before a model.
    """

    def work(followed: Followed) -> Written:
        written = backfill_repository(followed, since, until, config.first_days)
        if asking is not None and asking.again:
            written.days |= reopen(followed.archive, followed.name, since, until)
        return written

    return _Run(root, config, now, report, only, asking, workers).work(work)


def renew_pages(root: Path, config: Config, report: Report) -> int:
    """Bring the pages up to date with records that came from elsewhere; count those that were written or removed.

    Nothing is fetched. Raises LockedError and ArchiveError.
    """
    with hold_lock(root / LOCK):
        return write_pages(root, Archive(root / "docs"), find_page_settings(config), report)


def estimate(
    root: Path,
    config: Config,
    now: datetime,
    report: Report,
    only: Sequence[str] = (),
    since: date | None = None,
    until: date | None = None,
) -> Estimate:
    """Work out what an update would ask of the first model and what that would cost, without asking.

    With `since`, what a backfill would that puts also before the model what only the rules have said of these days.
    It fetches, and writes nothing but the mirrors. Raises as `update` does.
    """
    with hold_lock(root / LOCK):
        run = _Run(root, config, now, report, only, None)
        days = None if since is None else (since, until)
        with fetch_ahead(run.follow()) as followed:
            return estimate_repositories(root, config, followed, now, days)


def read_missing_across(root: Path) -> tuple[Missing, ...]:
    """Read which digests across repositories are missing."""
    return _find_missing_digests(Archive(root / "docs"), ACROSS)


def read_status(root: Path, config: Config) -> tuple[RepositoryStatus, ...]:
    """Read how complete the archive is: what archive.yml names in its order, then what was followed before.

    Raises ArchiveError for a damaged record.
    """
    return _read_statuses(Archive(root / "docs"), config)


def _read_statuses(archive: Archive, config: Config) -> tuple[RepositoryStatus, ...]:
    followed = [repository.name for repository in config.repositories]
    former = [name for name in archive.names() if name not in followed]
    return tuple(_read_repository_status(archive, name, name in followed) for name in (*followed, *former))


class _Run:
    """One run over the chosen repositories, from the lock to the pages."""

    def __init__(
        self,
        root: Path,
        config: Config,
        now: datetime,
        report: Report,
        only: Sequence[str],
        asking: Asking | None,
        workers: Workers = HERE,
        *,
        pages: bool = True,
    ) -> None:
        self._root = root
        self._config = config
        self._now = now
        self._report = report
        self._only = only
        self._asking = asking if config.analysis.models else None
        self._workers = workers
        self._archive = Archive(root / "docs")
        self._pages = pages
        self._digests = 0

    def work(self, work: Callable[[Followed], Written]) -> Summary:
        """Do the work for each repository, ask models, write digests and pages."""
        with hold_lock(self._root / LOCK):
            self._archive.remove_leftovers()
            if self._asking is None:
                return self._work(work, None)
            with open_asker(self._root, self._config, self._asking) as asker:
                try:
                    return self._work(work, asker)
                finally:
                    close_asker(self._root, asker)

    def _work(self, work: Callable[[Followed], Written], asker: Asker | None) -> Summary:
        followed = self.follow()
        with fetch_ahead(followed) as fetched:
            results = tuple(_run_repository(self._root, one, work) for one in fetched)
        if not self._config.analysis.models:
            for one in followed:
                leave_to_rules(self._archive, one.name)
        analysed = self._ask(followed, asker) if asker else 0
        write_digests(
            self._archive,
            [one.name for one in followed],
            self._config.language,
            self._now.astimezone(self._config.zone).date(),
            partial(self._ask_digests, asker) if asker else None,
            self._report,
            retry=self._asking is not None and self._asking.retry,
        )
        settings = find_page_settings(self._config)
        pages = write_pages(self._root, self._archive, settings, self._report) if self._pages else 0
        statuses = _read_statuses(self._archive, self._config)
        across = _find_missing_digests(self._archive, ACROSS)
        asked = sum_up(asker, analysed, self._digests) if asker else None
        return Summary(
            results=results,
            pages=pages,
            analyses=tuple(missing for status in statuses for missing in status.analyses),
            digests=(*across, *(missing for status in statuses for missing in status.digests)),
            asked=asked,
        )

    def _ask(self, followed: Sequence[Followed], asker: Asker) -> int:
        """Ask about all commits that wait, and count what was analysed."""
        assert self._asking is not None  # whoever has an asker was asked to ask
        for one in followed:
            let_go(self._archive, one.name)
        return analyse_waiting(followed, asker, self._asking, self._config.analysis, self._report)

    def _ask_digests(
        self, asker: Asker, questions: Sequence[DigestQuestion]
    ) -> Mapping[DigestKey, Asked[Lines]]:
        told = ask_digests(asker, questions)
        self._digests += sum(asked.outcome is Outcome.OK for asked in told.values())
        return told

    def follow(self) -> list[Followed]:
        """Open the chosen repositories."""
        return [
            Followed(
                name=repository.name,
                branch=repository.branch,
                web=repository.web,
                archive=self._archive,
                mirror=Mirror(place_mirror(self._root, repository.name), repository.name, repository.url),
                timezone=self._config.zone,
                language=self._config.language,
                now=self._now,
                report=self._report,
                asks_model=self._asking is not None,
                workers=self._workers,
            )
            for repository in self._config.repositories
            if not self._only or repository.name in self._only
        ]


def _run_repository(root: Path, followed: Followed, work: Callable[[Followed], Written]) -> Result:
    try:
        written = work(followed)
    except RemoteError as error:
        write_failure(followed, error)
        return Result(name=followed.name, failure=f"{_find_place(root, followed.name, error)}{error}")
    update_releases(followed, has_new_days=bool(written.days))
    return Result(name=followed.name, days=tuple(sorted(written.days)), commits=written.commits)


def _find_place(root: Path, name: str, error: RemoteError) -> str:
    """Find the line of archive.yml that an error is about; a configuration made without the file has no lines."""
    file = root / "archive.yml"
    if not isinstance(error, MisnamedError) or not file.is_file():
        return ""
    return f"{find_place(file, name, error.key)}: "


def _read_repository_status(archive: Archive, name: str, is_followed: bool) -> RepositoryStatus:
    days = archive.summaries(name)
    missing: Counter[_Why] = Counter()
    for day in days:
        for found in day.missing:
            missing[_explain_missing(found, COMMIT_VERSION)] += found.number
    return RepositoryStatus(
        name=name,
        is_followed=is_followed,
        record=archive.find_repository(name),
        days=len(days),
        first_day=days[0].day if days else None,
        last_day=days[-1].day if days else None,
        account=_make_account(add_counts(day.counts for day in days)),
        analyses=_list_missing(missing),
        digests=_find_missing_digests(archive, name),
    )


# An outcome, the reason for it, and whether no run asks again by itself.
_Why: TypeAlias = tuple[Outcome, Reason | None, bool]


def _explain_missing(found: MissingAnalyses | DigestSummary, version: str) -> _Why:
    is_waiting = is_asked_again(found.outcome, found.runs, found.version, version, retry=False)
    return found.outcome, found.reason, found.outcome is Outcome.FAILED and not is_waiting


def _find_missing_digests(archive: Archive, scope: str) -> tuple[Missing, ...]:
    """Find the digests that a run could not bring about; one whose day or month is not over only waits."""
    return _list_missing(
        Counter(
            _explain_missing(digest, DIGEST_VERSION)
            for digest in archive.find_open_digests(scope).values()
            if (digest.outcome, digest.reason) != (Outcome.PENDING, Reason.WAITING)
        )
    )


def _list_missing(numbers: Mapping[_Why, int]) -> tuple[Missing, ...]:
    """List what is not there, by outcome, the most frequent first."""
    order = list(Outcome)
    found = [
        Missing(outcome=outcome, reason=reason, is_given_up=is_given_up, number=number)
        for (outcome, reason, is_given_up), number in numbers.items()
        if outcome not in (Outcome.OK, Outcome.SKIPPED)
    ]
    found.sort(
        key=lambda each: (order.index(each.outcome), each.is_given_up, -each.number, each.reason or "")
    )
    return tuple(found)


def _make_account(counts: Counts) -> Account:
    return Account(
        found=counts.commits,
        analysed=counts.analysed,
        pending=counts.pending,
        failed=counts.failed,
        refused=counts.refused,
        skipped=counts.skipped,
        gone=counts.gone,
    )
