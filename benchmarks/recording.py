"""Write the day records, digests and repository records of drafted commits, as an update would have left them.

This module must not read a record back or run git: it is told the SHAs.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TypeVar

from benchmarks.distributions import (
    BREAKING,
    ENGLISH,
    IMPORTANCE,
    MODEL,
    RULES,
    SECOND_KIND,
    Lengths,
    Quantiles,
)
from benchmarks.drafting import ZONE, Draft
from benchmarks.patching import make_patches
from benchmarks.wording import make_name, make_sentence
from generator.analyse.digest import RULES_DIGEST_VERSION, write_by_rules
from generator.analyse.digest_source import DigestSource, find_basis, find_sources
from generator.analyse.model.prompt import COMMIT_VERSION
from generator.analyse.rules import RULES_VERSION
from generator.collect.message import parse_message
from generator.days import find_window
from generator.patches import Change
from generator.record_additions import Grounding
from generator.records import (
    ACROSS,
    Analysis,
    Breaking,
    Commit,
    Covered,
    DayRecord,
    DigestRecord,
    FileChange,
    Impact,
    Importance,
    Insight,
    Kind,
    Language,
    Nature,
    Outcome,
    Provenance,
    RepositoryRecord,
    Signature,
    Span,
    Tips,
    Tokens,
    Totals,
    count_commits,
)
from generator.small_diffs import keep_diff
from generator.store.archive import Archive

_Word = TypeVar("_Word", bound=str)
# Of the commits, those that a model has spoken of.
_BY_MODEL = 0.5
_KINDS = [kind for kind in Kind if kind is not Kind.OTHER]


class Recorder:
    """Writes the records of one archive, day by day, the oldest first."""

    def __init__(self, docs: Path, language: Language, seed: int) -> None:
        self._archive = Archive(docs)
        self._language = language
        self._chance = random.Random(f"records {seed}")
        self._before: dict[str, str] = {}
        self._first: dict[str, date] = {}
        self._month: dict[str, list[DigestSource]] = {}
        self._current = ""

    def write_day(self, day: date, drafts: Mapping[str, Sequence[Draft]]) -> None:
        """Write the records of a day, by repository, and its digests; and those of the month before when it is over."""
        if self._current and self._current != str(day)[:7]:
            self.write_month()
        self._current = str(day)[:7]
        every: dict[str, list[DigestSource]] = {}
        for name, landed in drafts.items():
            record = self._make_record(name, day, landed)
            self._archive.write_day(record)
            every[name] = list(find_sources(record))
            self._month.setdefault(name, []).extend(every[name])
            self._before[name] = landed[-1].sha
            self._first.setdefault(name, day)
        self._write_digests(str(day), every)

    def write_month(self) -> None:
        """Write the digests of the month that the last day was in."""
        self._write_digests(self._current, self._month)
        self._month = {}

    def write_repository(self, name: str, day: date, tip: Draft) -> None:
        """Write where a repository stands: archived from its first commit to this one, on this day."""
        self._archive.write_repository(
            RepositoryRecord(
                repository=name,
                branch="main",
                timezone=ZONE.key,
                web=find_web(name),
                tip=tip.sha,
                tip_landed=tip.committed.astimezone(UTC),
                newest_day=day,
                covered=(Covered(first=self._first[name], last=day),),
                whole=True,
            )
        )

    def _write_digests(self, period: str, sources: Mapping[str, list[DigestSource]]) -> None:
        # In the order of the names, as a digest across repositories reads them.
        every = [source for name in sorted(sources) for source in sources[name]]
        for scope, found in (*sources.items(), (ACROSS, every)):
            self._archive.write_digest(
                DigestRecord(
                    scope=scope,
                    period=period,
                    basis=find_basis(found, self._language, RULES_DIGEST_VERSION),
                    outcome=Outcome.OK,
                    lines=write_by_rules(found, self._language),
                    provenance=self._by_rules(RULES_DIGEST_VERSION),
                )
            )

    def _make_record(self, name: str, day: date, landed: Sequence[Draft]) -> DayRecord:
        commits = []
        reverted = {draft.reverts.sha: draft.sha for draft in landed if draft.reverts}
        before = self._before.get(name)
        tip = before
        for landing in landed:
            start = tip
            for draft in (*landing.side, landing):
                parents = [start, tip] if draft is landing and landing.side else [tip]
                commits.append(self._make_commit(name, draft, landing, parents, reverted.get(draft.sha)))
                tip = draft.sha
        window = find_window(day, ZONE)
        return DayRecord(
            repository=name,
            branch="main",
            day=day,
            timezone=ZONE.key,
            window=Span(start=window.start, end=window.end),
            tips=Tips(before=before, after=landed[-1].sha),
            account=count_commits(commits),
            commits=tuple(commits),
        )

    def _make_commit(
        self, name: str, draft: Draft, landing: Draft, parents: Iterable[str | None], reverted_by: str | None
    ) -> Commit:
        message = parse_message(f"{draft.subject}\n\n{draft.body}", name)
        files = tuple(_list_files(draft))
        nature = Nature.MERGE if draft.side else Nature.CHANGE if files else Nature.EMPTY
        commit = Commit(
            sha=draft.sha,
            parents=tuple(parent for parent in parents if parent),
            subject=message.subject,
            body=message.body,
            trailers=message.trailers,
            author=_sign(draft.author, draft.written),
            committer=_sign(draft.committer, draft.committed),
            co_authors=message.co_authors,
            nature=nature,
            files=files,
            totals=Totals(
                files=len(files),
                insertions=sum(file.insertions or 0 for file in files),
                deletions=sum(file.deletions or 0 for file in files),
            ),
            pull_request=message.pull_request,
            issues=message.issues,
            reverts=message.reverted,
            reverts_pull_request=message.reverted_pull_request,
            landing_sha=landing.sha,
            landed=landing.committed.astimezone(UTC),
            reverted_by=(reverted_by,) if reverted_by else (),
            analysis=self._analyse(draft, files, nature),
        )
        diff = keep_diff(Change(facts=commit, patches=make_patches(draft)))
        return commit.model_copy(update={"diff": diff}) if diff else commit

    def _analyse(self, draft: Draft, files: Sequence[FileChange], nature: Nature) -> Analysis:
        if nature is not Nature.CHANGE:
            return Analysis(
                outcome=Outcome.SKIPPED,
                kinds=(Kind.OTHER,),
                importance=Importance.LOW,
                importance_reason=self._say(RULES[self._language].reason),
                summary=self._say(RULES[self._language].reason),
                breaking=Breaking(answer="no"),
                provenance=self._by_rules(RULES_VERSION),
            )
        chance = self._chance
        by_model = chance.random() < _BY_MODEL
        lengths = MODEL if by_model else RULES[self._language]
        kinds = [Kind(draft.kind), *([chance.choice(_KINDS)] if chance.random() < SECOND_KIND else [])]
        answer = self._choose(BREAKING)
        return Analysis(
            outcome=Outcome.OK,
            kinds=tuple(dict.fromkeys(kinds)),
            importance=Importance(self._choose(IMPORTANCE)),
            importance_reason=self._say(lengths.reason, by_model),
            summary=self._say(lengths.summary, by_model),
            impact=self._list_places(lengths, files, by_model),
            insight=Insight(
                **{
                    name: self._say(lengths.insight, by_model)
                    for name, share in zip(Insight.model_fields, lengths.insights, strict=True)
                    if chance.random() < share
                }
            ),
            risks=self._list(lengths.risks, lengths.risk, by_model),
            advice=self._list(lengths.advice, lengths.hint, by_model),
            breaking=Breaking(
                answer=answer, evidence=None if answer == "no" else self._say(lengths.hint, by_model)
            ),
            provenance=self._by_model(draft) if by_model else self._by_rules(RULES_VERSION),
            grounding=Grounding(confirmed=tuple(file.path for file in files[:3]) if by_model else ()),
        )

    def _list_places(
        self, lengths: Lengths, files: Sequence[FileChange], by_model: bool
    ) -> tuple[Impact, ...]:
        paths: list[str | None] = [file.path for file in files[: lengths.places.draw_whole(self._chance)]]
        if paths and self._chance.random() < 0.5:
            paths[-1] = None
        return tuple(
            Impact(
                path=path,
                component=None if path else make_name(self._chance),
                note=self._say(lengths.note, by_model),
            )
            for path in paths
        )

    def _list(self, number: Quantiles, length: Quantiles, by_model: bool) -> tuple[str, ...]:
        return tuple(self._say(length, by_model) for _ in range(number.draw_whole(self._chance)))

    def _say(self, length: Quantiles, by_model: bool = False) -> str:
        # The model's lengths are those of Chinese; the rules' were measured in both languages.
        factor = ENGLISH if by_model and self._language == "en" else 1.0
        return make_sentence(self._chance, self._language, max(4, round(factor * length.draw(self._chance))))

    def _choose(self, shares: Mapping[_Word, float]) -> _Word:
        return self._chance.choices(list(shares), list(shares.values()))[0]

    def _by_rules(self, version: str) -> Provenance:
        return Provenance(writer="rules", version=version, language=self._language, share_read=1.0)

    def _by_model(self, draft: Draft) -> Provenance:
        tokens = Tokens(
            prompt=self._chance.randint(2_000, 30_000), completion=self._chance.randint(400, 1_500)
        )
        return Provenance(
            writer="model",
            version=COMMIT_VERSION,
            language=self._language,
            share_read=1.0,
            model="bench-model",
            calls=1,
            tokens=tokens,
            cost=round(tokens.prompt * 1e-6 + tokens.completion * 4e-6, 6),
            written=draft.committed.astimezone(UTC),
        )


def find_web(name: str) -> str:
    """Name the address that pages link to, as long as a real one."""
    return f"https://github.com/{name}"


def _list_files(draft: Draft) -> Iterator[FileChange]:
    for touch in draft.touches:
        yield FileChange(
            status=touch.status,
            path=touch.path,
            old_path=touch.old_path,
            # What a clean merge adds is in the commits that it brought in.
            insertions=0 if draft.side else touch.insertions,
            deletions=0 if draft.side else touch.deletions,
        )


def _sign(name: str, moment: datetime) -> Signature:
    return Signature(name=name, date=moment.isoformat(timespec="seconds"))
