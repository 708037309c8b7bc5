"""Write the digests of days and months: by the rules at once, by a model when a day or a month is over.

Only `pipeline` calls this module; it must not know how a model is asked, what a line says or what a page looks like.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date
from functools import partial

from generator.analyse.digest import RULES_DIGEST_VERSION, write_by_rules
from generator.analyse.digest_source import DigestSource, find_basis, find_sources
from generator.analyse.model.asks import Asked, is_asked_again, is_waiting
from generator.analyse.model.digest_job import AskDigest, DigestKey, DigestQuestion
from generator.analyse.model.digest_plan import (
    DIGEST_VERSION,
    DayLines,
    DigestPlan,
    DigestSubject,
    Lines,
    plan_day,
    plan_month,
)
from generator.progress import Report
from generator.records import ACROSS, DigestRecord, Language, Outcome, Provenance, Reason, Tokens, Trial
from generator.store.archive import Archive

# Of a day with less, a digest could only repeat the commit's own summary.
_LEAST_SOURCES = 2
# So many questions are put at once: enough to keep all calls in flight, few enough to hold in memory.
_AT_ONCE = 64


def write_digests(
    archive: Archive,
    names: Sequence[str],
    language: Language,
    today: date,
    ask: AskDigest | None,
    report: Report,
    *,
    retry: bool = False,
) -> int:
    """Bring the digests of these repositories, and those across all of the archive, up to date; count changed files.

    Looked at are days and months whose records, or whose digest, are not those that it was looked at with before, and,
    where a model can be asked, those whose digest still waits for it; `retry` asks again for what was given up or
    refused. `ask` is None where the rules are all that is wanted.
    """
    writer = _Writer(archive, tuple(names), language, today, ask, retry)
    removed = writer.remove_stale()
    days = writer.find_periods(len("2026-01-06"))
    months = writer.find_periods(len("2026-01"))
    with report.progress("writing digests", len(days) + len(months)) as task:
        written = 0
        # Months after days, because a month's is made from its days'.
        for periods in (days, months):
            for done, count in writer.write(periods):
                task.advance(done)
                written += count
    return removed + written


@dataclass(frozen=True, slots=True, kw_only=True)
class _Matter:
    """What one digest is made from; `is_settled` says that neither the time nor an analysis is still to come."""

    key: DigestKey
    sources: tuple[DigestSource, ...]
    is_settled: bool

    @property
    def repositories(self) -> set[str]:
        return {source.repository for source in self.sources}


class _Writer:
    """Writes the digests of one run."""

    def __init__(
        self,
        archive: Archive,
        names: tuple[str, ...],
        language: Language,
        today: date,
        ask: AskDigest | None,
        retry: bool,
    ) -> None:
        self._archive, self._names, self._language = archive, names, language
        self._today, self._ask, self._retry = today, ask, retry
        self._every = archive.names()
        # By day, such as `2026-01-06`, the hash of its record.
        self._days = {
            name: {str(day): digest for day, digest in archive.day_hashes(name).items()}
            for name in {*names, *self._every}
        }
        self._scopes = (*names, ACROSS)
        self._matters: dict[DigestKey, str] = {}

    def remove_stale(self) -> int:
        """Remove digests of days and months in which nothing is archived, and count them."""
        removed = 0
        for scope in self._scopes:
            days = {day for name in self._names_of(scope) for day in self._days[name]}
            stale = self._archive.digest_summaries(scope).keys() - days - {day[:7] for day in days}
            for period in stale:
                self._archive.remove_digest(scope, period)
            removed += len(stale)
        return removed

    def find_periods(self, length: int) -> dict[str, set[str]]:
        """Find the scopes to look at in each day or month, the oldest first; `length` is that of a period's name."""
        found: dict[str, set[str]] = {}
        for scope in self._scopes:
            confirmed = self._archive.confirmed_digests(scope)
            waiting = self._find_waiting(scope)
            for period, records in self._find_records(scope, length).items():
                matter = self._matters[scope, period] = self._hash_matter(records)
                # What repeats the digest of the only one that has anything is looked at with it.
                repeats = scope == ACROSS and len(records) == 1 and period in found
                if confirmed.get(period) != matter or period in waiting or repeats:
                    found.setdefault(period, set()).add(scope)
        return dict(sorted(found.items()))

    def _find_records(self, scope: str, length: int) -> dict[str, dict[str, list[str]]]:
        """Find the records that digests are made from: by period and repository, their days and hashes."""
        found: dict[str, dict[str, list[str]]] = {}
        for name in self._names_of(scope):
            for day, digest in self._days[name].items():
                found.setdefault(day[:length], {}).setdefault(name, []).append(f"{day} {digest}")
        return found

    def _hash_matter(self, records: Mapping[str, Sequence[str]]) -> str:
        """Hash what a digest is looked at with; where that is the same, it needs no second look."""
        matter = json.dumps([RULES_DIGEST_VERSION, self._language, records])
        return hashlib.sha256(matter.encode()).hexdigest()

    def _find_waiting(self, scope: str) -> set[str]:
        """Find the periods whose digest a model is to be asked for."""
        if self._ask is None:
            return set()
        digests = self._archive.find_open_digests(scope)
        return {
            period
            for period, digest in digests.items()
            if is_asked_again(digest.outcome, digest.runs, digest.version, DIGEST_VERSION, retry=self._retry)
        }

    def write(self, periods: Mapping[str, Set[str]]) -> Iterator[tuple[int, int]]:
        """Write the digests of these periods; tell after each batch how many were looked at and files written."""
        questions: list[DigestQuestion] = []
        repeated: list[tuple[DigestKey, str]] = []
        looked: list[DigestKey] = []
        done = written = 0
        for place, (period, scopes) in enumerate(periods.items(), 1):
            # Repositories first: where only one has anything, the digest across repeats its.
            for matter in self._gather(period, scopes):
                only = matter.repositories.pop() if len(matter.repositories) == 1 else None
                if matter.key[0] == ACROSS and only and self._archive.find_digest(only, period):
                    repeated.append((matter.key, only))
                    continue
                written += self._write_rules(matter)
                questions += self._find_questions(matter)
            looked += ((scope, period) for scope in scopes)
            done += 1
            if len(questions) >= _AT_ONCE or place == len(periods):
                written += self._put(questions) + sum(self._repeat(*repeat) for repeat in repeated)
                self._confirm(looked)
                yield done, written
                questions, repeated, looked = [], [], []
                done = written = 0

    def _confirm(self, looked: Iterable[DigestKey]) -> None:
        """Note with what these digests were looked at."""
        matters: dict[str, dict[str, str]] = {}
        for scope, period in looked:
            matters.setdefault(scope, {})[period] = self._matters[scope, period]
        for scope, found in matters.items():
            self._archive.confirm_digests(scope, found)

    def _names_of(self, scope: str) -> tuple[str, ...]:
        return self._every if scope == ACROSS else (scope,)

    def _gather(self, period: str, scopes: Set[str]) -> Iterator[_Matter]:
        """Read what the digests of one period are made from, each record once, the one across repositories last."""
        wanted = self._every if ACROSS in scopes else [name for name in self._names if name in scopes]
        is_over = period < str(self._today)[: len(period)]
        every: list[DigestSource] = []
        is_whole = True
        for name in wanted:
            sources, is_done = self._read_sources(name, period)
            every += sources
            is_whole = is_whole and is_done
            if name in scopes:
                is_settled = is_over and is_done and not self._has_waiting_days(name, period)
                yield _Matter(key=(name, period), sources=tuple(sources), is_settled=is_settled)
        if ACROSS in scopes:
            is_settled = is_over and is_whole and not self._has_waiting_days(ACROSS, period)
            yield _Matter(key=(ACROSS, period), sources=tuple(every), is_settled=is_settled)

    def _has_waiting_days(self, scope: str, period: str) -> bool:
        """Say whether a month has days whose digest a model will be asked for; a day has none."""
        if len(period) > len("2026-01"):
            return False
        return any(waiting.startswith(f"{period}-") for waiting in self._find_waiting(scope))

    def _read_sources(self, name: str, period: str) -> tuple[list[DigestSource], bool]:
        """Read a repository's share of a period, and whether all its analyses are there or given up."""
        records = [
            self._archive.read_day(name, date.fromisoformat(day))
            for day in sorted(self._days[name])
            if day.startswith(period)
        ]
        sources = [source for record in records for source in find_sources(record)]
        return sources, not any(record.account.pending for record in records)

    def _write_rules(self, matter: _Matter) -> int:
        """Write what the rules say where the digest is missing or stale, and count the file."""
        basis = find_basis(matter.sources, self._language, RULES_DIGEST_VERSION)
        existing = self._archive.find_digest(*matter.key)
        if existing is not None and existing.basis == basis:
            return 0
        was_wanted = existing is not None and existing.outcome is not Outcome.OK
        is_wanted = len(matter.sources) >= _LEAST_SOURCES and (self._ask is not None or was_wanted)
        record = DigestRecord(
            scope=matter.key[0],
            period=matter.key[1],
            basis=basis,
            outcome=Outcome.PENDING if is_wanted else Outcome.OK,
            reason=Reason.WAITING if is_wanted else None,
            trial=_carry(existing),
            lines=write_by_rules(matter.sources, self._language),
            provenance=Provenance(
                writer="rules", version=RULES_DIGEST_VERSION, language=self._language, share_read=1.0
            ),
        )
        return self._archive.write_digest(record)

    def _find_questions(self, matter: _Matter) -> Iterator[DigestQuestion]:
        """Find what a model is to be asked: nothing before all is there that the digest is made from."""
        if self._ask is None or not matter.is_settled:
            return
        record = self._archive.find_digest(*matter.key)
        assert record is not None  # the rules have just written it
        if self._is_waiting(record):
            yield DigestQuestion(
                key=matter.key,
                version=DIGEST_VERSION,
                language=self._language,
                plan=self._plan(matter),
                earlier=record.trial,
            )

    def _is_waiting(self, record: DigestRecord) -> bool:
        return is_waiting(record.outcome, record.trial, DIGEST_VERSION, retry=self._retry)

    def _plan(self, matter: _Matter) -> Callable[[int], DigestPlan]:
        scope, period = matter.key
        subject = DigestSubject(scope=scope, period=period, language=self._language, sources=matter.sources)
        if len(period) > len("2026-01"):
            return partial(plan_day, subject)
        return partial(plan_month, subject, tuple(self._read_lines(scope, period)))

    def _read_lines(self, scope: str, month: str) -> Iterator[DayLines]:
        """Read what the digests of a month's days say."""
        for day in sorted({day for name in self._names_of(scope) for day in self._days[name]}):
            record = self._archive.find_digest(scope, day) if day.startswith(month) else None
            if record is not None:
                yield DayLines(day=day, lines=record.lines)

    def _put(self, questions: Sequence[DigestQuestion]) -> int:
        """Ask the questions, write what comes back, and count the files."""
        if self._ask is None or not questions:
            return 0
        return sum(self._write_asked(key, asked) for key, asked in self._ask(questions).items())

    def _write_asked(self, key: DigestKey, asked: Asked[Lines]) -> int:
        record = self._archive.find_digest(*key)
        assert record is not None  # it was asked about
        update: dict[str, object] = {
            "outcome": asked.outcome,
            "reason": asked.reason,
            "detail": asked.detail,
            "trial": asked.trial,
        }
        if asked.outcome is Outcome.OK:
            update |= {"lines": asked.value, "provenance": asked.provenance}
        return self._archive.write_digest(DigestRecord.model_validate(dict(record) | update))

    def _repeat(self, key: DigestKey, name: str) -> int:
        """Let the digest across repositories say what that of the only one says, without asking or paying again.

        Counts the file.
        """
        scope, period = key
        record = self._archive.find_digest(name, period)
        assert record is not None  # repositories come first
        provenance = record.provenance
        if provenance.writer == "model":
            free = {"calls": 0, "tokens": Tokens(prompt=0, completion=0), "cost": 0.0}
            provenance = provenance.model_copy(update=free)
        trial = _carry(self._archive.find_digest(scope, period))
        update = {"scope": scope, "provenance": provenance, "trial": trial}
        return self._archive.write_digest(record.model_copy(update=update))


def _carry(existing: DigestRecord | None) -> Trial | None:
    """Keep what was spent on a digest that is stale now; runs that asked for it in vain no longer count."""
    if existing is None:
        return None
    provenance, trial = existing.provenance, existing.trial
    if not provenance.calls:
        return trial.model_copy(update={"runs": 0}) if trial else None
    tokens = [provenance.tokens or Tokens(prompt=0, completion=0), *([trial.tokens] if trial else [])]
    costs = [cost for cost in (provenance.cost, trial.cost if trial else None) if cost is not None]
    return Trial(
        runs=0,
        model=provenance.model or "",
        version=provenance.version,
        calls=provenance.calls + (trial.calls if trial else 0),
        tokens=Tokens(prompt=sum(t.prompt for t in tokens), completion=sum(t.completion for t in tokens)),
        cost=sum(costs) if costs else None,
    )
