"""Make a small archive by hand for tests of pages: three repositories, three days, and one of everything odd."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from generator.days import find_window
from generator.headlines import Headline, list_paths, make_headline
from generator.imports import ImportRecord
from generator.record_additions import Contradiction, FileDiff, Grounding, Related
from generator.records import (
    ACROSS,
    Analysis,
    Breaking,
    Commit,
    Covered,
    DayRecord,
    DigestLine,
    DigestRecord,
    Failure,
    FileChange,
    Impact,
    Importance,
    Insight,
    Kind,
    Mention,
    Nature,
    Outcome,
    Provenance,
    Reason,
    Redaction,
    RepositoryRecord,
    Signature,
    Span,
    Tips,
    Tokens,
    Totals,
    Trailer,
    Trial,
    count_commits,
)
from generator.release_records import ReleaseDay, ReleaseRecord, TagRef
from generator.summaries import (
    DaySummary,
    DigestSummary,
    ReleaseSummary,
    summarise_day,
    summarise_digest,
    summarise_release,
)
from generator.tallies import Tallies, add_tallies, tally_day

ZONE = "Asia/Shanghai"
ENGINE, TOOLS, AWAY = "ada/engine", "lab/tools", "far/away"
MONDAY, TUESDAY, THURSDAY = date(2026, 1, 5), date(2026, 1, 6), date(2026, 1, 8)
WEB = "https://github.com/ada/engine"

# Turns a harmless text into the text that an archive holds.
Spell = Callable[[str], str]


def plain(text: str) -> str:
    """Leave a text as it is."""
    return text


def name_sha(number: int) -> str:
    """Make up the SHA of a commit by its number."""
    return f"{number:07x}" + "c0ffee" * 5 + "abc"


def hash_record(record: DayRecord | DigestRecord | ReleaseRecord) -> str:
    """Hash what a record says."""
    # Not its bytes: hostile texts hold what no record on disk can.
    return hashlib.sha256(repr(record).encode(errors="backslashreplace")).hexdigest()


@dataclass(frozen=True)
class MadeArchive:
    """An archive in memory."""

    records: tuple[RepositoryRecord, ...]
    day_records: tuple[DayRecord, ...]
    digests: tuple[DigestRecord, ...] = ()
    account: ImportRecord | None = None
    releases: tuple[ReleaseRecord, ...] = ()

    def repositories(self) -> tuple[RepositoryRecord, ...]:
        """Give out the repository records."""
        return self.records

    def summaries(self, name: str) -> tuple[DaySummary, ...]:
        """Summarise a repository's days."""
        own = (record for record in self.day_records if record.repository == name)
        found = (summarise_day(record, hash_record(record)) for record in own)
        return tuple(sorted(found, key=lambda summary: summary.day))

    def digest_summaries(self, scope: str) -> Mapping[str, DigestSummary]:
        """Summarise the digests of a scope."""
        own = (digest for digest in self.digests if digest.scope == scope)
        found = (summarise_digest(digest, hash_record(digest)) for digest in own)
        return {summary.period: summary for summary in sorted(found, key=lambda summary: summary.period)}

    def is_archived(self, name: str, sha: str) -> bool:
        """Say whether a commit is in a day record."""
        return any(
            commit.sha == sha
            for record in self.day_records
            if record.repository == name
            for commit in record.commits
        )

    def headlines(self, name: str, first: date, last: date) -> tuple[Headline, ...]:
        """Tell of the commits of days."""
        return self.headlines_touching(name, first, last, None)

    def headlines_touching(
        self, name: str, first: date, last: date, is_touched: Callable[[str], bool] | None
    ) -> tuple[Headline, ...]:
        """Tell of the commits of days that change such a path."""
        own = (record for record in self.day_records if record.repository == name)
        return tuple(
            make_headline(commit, record.day)
            for record in sorted(own, key=lambda record: record.day)
            for commit in record.commits
            if first <= record.day <= last
            and (is_touched is None or any(map(is_touched, list_paths(commit))))
        )

    def find_headlines(self, name: str, shas: Sequence[str]) -> dict[str, Headline]:
        """Tell of commits by SHA."""
        every = self.headlines(name, date.min, date.max)
        return {headline.sha: headline for headline in every if headline.sha in shas}

    def tallies(self, name: str, first: date, last: date) -> Tallies:
        """Add up days."""
        own = (r for r in self.day_records if r.repository == name and first <= r.day <= last)
        return add_tallies((record.day, tally_day(record)) for record in sorted(own, key=lambda r: r.day))

    def release_summaries(self, name: str) -> tuple[ReleaseSummary, ...]:
        """Summarise a repository's releases."""
        own = (release for release in self.releases if release.repository == name)
        found = (summarise_release(release, hash_record(release)) for release in own)
        return tuple(sorted(found, key=lambda summary: summary.file))

    def find_release(self, name: str, file: str) -> ReleaseRecord | None:
        """Give out a release."""
        own = (made for made in self.releases if (made.repository, made.file) == (name, file))
        return next(own, None)

    def find_import(self) -> ImportRecord | None:
        """Give out the account of what was imported."""
        return self.account

    def read_day(self, name: str, day: date) -> DayRecord:
        """Give out a day record."""
        return next(record for record in self.day_records if (record.repository, record.day) == (name, day))

    def find_digest(self, scope: str, period: str) -> DigestRecord | None:
        """Give out a digest."""
        return next((made for made in self.digests if (made.scope, made.period) == (scope, period)), None)


def make_analysis(spell: Spell, **fields: object) -> Analysis:
    """Make an analysis of the rules."""
    values: dict[str, object] = {
        "outcome": Outcome.OK,
        "kinds": (Kind.FEATURE,),
        "importance": Importance.LOW,
        "importance_reason": spell("touches one file"),
        "summary": spell("Adds a thing that was not there before."),
        "breaking": Breaking(answer="no"),
        "provenance": Provenance(writer="rules", version="rules-1", language="zh", share_read=1.0),
    }
    return Analysis.model_validate(values | fields)


def make_commit(number: int, moment: str, spell: Spell = plain, **fields: object) -> Commit:
    """Make a commit; `moment` is its date in ISO 8601."""
    changed = FileChange(status="M", path=spell("src/a_file.py"), insertions=3, deletions=1)
    files = fields.get("files", (changed,))
    assert isinstance(files, tuple)
    signature = Signature(name=spell("Ada Lovelace"), date=moment)
    values: dict[str, object] = {
        "sha": name_sha(number),
        "parents": (name_sha(number - 1),) if number > 1 else (),
        "subject": spell(f"feat: subject {number}"),
        "body": "",
        "trailers": (),
        "author": signature,
        "committer": signature,
        "co_authors": (),
        "nature": Nature.CHANGE,
        "files": files,
        "totals": _add_up(files),
        "landing_sha": name_sha(number),
        "landed": datetime.fromisoformat(moment).astimezone(UTC),
        "analysis": make_analysis(spell),
    }
    return Commit.model_validate(values | fields)


def _add_up(files: tuple[FileChange, ...]) -> Totals:
    return Totals(
        files=len(files),
        insertions=sum(change.insertions or 0 for change in files),
        deletions=sum(change.deletions or 0 for change in files),
    )


def make_day(
    name: str, day: date, commits: Iterable[Commit], spell: Spell = plain, amended: bool = False
) -> DayRecord:
    """Make a day record of some commits."""
    commits = tuple(commits)
    window = find_window(day, ZoneInfo(ZONE))
    return DayRecord(
        repository=name,
        branch=spell("main"),
        day=day,
        timezone=ZONE,
        window=Span(start=window.start, end=window.end),
        tips=Tips(before=commits[0].parents[0] if commits[0].parents else None, after=commits[-1].sha),
        amended=amended,
        account=count_commits(commits),
        commits=commits,
    )


def make_digest(scope: str, period: str, *lines: DigestLine, **fields: object) -> DigestRecord:
    """Make a digest of the rules."""
    values: dict[str, object] = {
        "scope": scope,
        "period": period,
        "basis": "0" * 64,
        "outcome": Outcome.OK,
        "lines": lines,
        "provenance": Provenance(writer="rules", version="digest-1", language="zh", share_read=1.0),
    }
    return DigestRecord.model_validate(values | fields)


def make_line(text: str, *commits: tuple[str, int]) -> DigestLine:
    """Make a line of a digest; each commit is a repository's name and the commit's number."""
    mentions = tuple(Mention(repository=name, sha=name_sha(number)) for name, number in commits)
    return DigestLine(text=text, commits=mentions)


def make_repository(name: str, spell: Spell = plain, **fields: object) -> RepositoryRecord:
    """Make a repository record."""
    return RepositoryRecord.model_validate(
        {"repository": name, "branch": spell("main"), "timezone": ZONE} | fields
    )


def make_archive(spell: Spell = plain) -> MadeArchive:
    """Make an archive whose every text has been through `spell`."""
    days = (
        make_day(ENGINE, MONDAY, _make_monday(spell), spell),
        make_day(ENGINE, TUESDAY, _make_tuesday(spell), spell),
        make_day(ENGINE, THURSDAY, _make_thursday(spell), spell, amended=True),
        make_day(TOOLS, MONDAY, [make_commit(101, "2026-01-05T09:00:00+00:00", spell)], spell),
        make_day(TOOLS, TUESDAY, _make_tools(spell), spell),
    )
    failure = Failure(since=date(2026, 1, 7), reason=spell("403 Forbidden"))
    repositories = (
        make_repository(
            ENGINE,
            spell,
            web=WEB,
            tip=name_sha(9),
            covered=(Covered(first=MONDAY, last=THURSDAY),),
        ),
        make_repository(AWAY, branch=None, failure=failure),
        make_repository(
            TOOLS, spell, tip=name_sha(103), covered=(Covered(first=MONDAY, last=TUESDAY),), failure=failure
        ),
    )
    records = tuple(sorted(repositories, key=lambda record: record.repository))
    return MadeArchive(records, days, _make_digests(spell), releases=_make_releases(spell))


def _make_releases(spell: Spell) -> tuple[ReleaseRecord, ...]:
    """Make a release whose name may be hostile, and one that was moved and is gone."""
    tag = spell("v1.0")
    first = ReleaseRecord(
        repository=ENGINE,
        file="v1.0",
        tag=tag,
        sha=name_sha(3),
        committed=datetime(2026, 1, 5, 3, tzinfo=UTC),
        is_prerelease=True,
        total=4,
        archived=3,
        days=(ReleaseDay(day=MONDAY, commits=(name_sha(3), name_sha(2), name_sha(1))),),
        unarchived=(name_sha(77),),
    )
    second = ReleaseRecord(
        repository=ENGINE,
        file="tools/v1.1",
        tag="tools/v1.1",
        sha=name_sha(9),
        is_prerelease=False,
        previous=TagRef(tag=tag, sha=name_sha(3)),
        total=8,
        archived=5,
        days=(
            ReleaseDay(day=TUESDAY, commits=(name_sha(6), name_sha(5))),
            ReleaseDay(day=THURSDAY, commits=(name_sha(9), name_sha(8), name_sha(7))),
        ),
        former=(name_sha(6), name_sha(55)),
        gone=True,
    )
    return first, second


def _make_digests(spell: Spell) -> tuple[DigestRecord, ...]:
    """Make a digest of the rules and of a model, one that waits for a model and one that a model refused."""
    failed = _make_trial(spell, runs=3, calls=4, cost=None)
    return (
        make_digest(
            ENGINE,
            "2026-01-05",
            make_line(spell("A scheduler.") + " It is called `Scheduler.run`.", (ENGINE, 2)),
            make_line(spell("The rest."), (ENGINE, 1), (ENGINE, 3)),
            provenance=_make_writer(spell, version="digest-p-1"),
        ),
        make_digest(
            ACROSS,
            "2026-01-06",
            make_line(spell("The scheduler is gone again."), (ENGINE, 6), (TOOLS, 102), (TOOLS, 103)),
            outcome=Outcome.PENDING,
            reason=Reason.BUDGET,
        ),
        make_digest(TOOLS, "2026-01-06", make_line(spell("Many files."), (TOOLS, 102))),
        make_digest(
            ACROSS,
            "2026-01-08",
            make_line(spell("Little."), (ENGINE, 8), (ENGINE, 77)),
            outcome=Outcome.REFUSED,
            reason=Reason.FILTERED,
            detail="HTTP 400",
            trial=failed,
        ),
        make_digest(ACROSS, "2026-01", make_line(spell("A quiet month."), (ENGINE, 2), (TOOLS, 103))),
    )


def _make_trial(spell: Spell, **fields: object) -> Trial:
    values: dict[str, object] = {
        "runs": 1,
        "model": spell("gpt-5-mini"),
        "version": "p-3",
        "calls": 2,
        "tokens": Tokens(prompt=800, completion=40),
        "cost": 0.0004,
    }
    return Trial.model_validate(values | fields)


def _make_writer(spell: Spell, **fields: object) -> Provenance:
    values: dict[str, object] = {
        "writer": "model",
        "version": "p-3",
        "language": "zh",
        "share_read": 0.999,
        "model": spell("gpt-5-mini"),
        "calls": 2,
        "tokens": Tokens(prompt=1200, completion=340),
        "cost": 0.00125,
        "written": datetime(2026, 1, 6, 1, 2, tzinfo=UTC),
    }
    return Provenance.model_validate(values | fields)


def _make_monday(spell: Spell) -> list[Commit]:
    """Make a root commit, one of which a model said everything there is to say, and one that was never analysed."""
    files = tuple(
        FileChange(status="A", path=spell(f"app/{number}.py"), insertions=4, deletions=0)
        for number in range(9)
    )
    return [
        make_commit(1, "2026-01-05T08:00:00+08:00", spell, subject=spell("Initial commit"), files=files),
        make_commit(
            2,
            "2026-01-05T10:30:00+08:00",
            spell,
            subject=spell("feat(core): add a scheduler") + " (#12)",
            pull_request=12,
            issues=(3, 4),
            body=f"{spell('Why it is needed.')}\n\n    {spell('indented code')}\n\n{spell('Reviewed-by: Bob')}",
            trailers=(Trailer(key="Reviewed-by", value=spell("Bob")),),
            co_authors=(spell("Grace Hopper"),),
            reverted_by=(name_sha(6),),
            related=Related(same_pull_request=(name_sha(4),), followed_by=(name_sha(6), name_sha(9))),
            redactions=(
                Redaction(path=spell("src/scheduler.py"), line=12, sort="AWS Access Key"),
                Redaction(line=3, sort="Private Key"),
            ),
            files=_make_files(spell),
            analysis=_make_model_analysis(spell),
        ),
        make_commit(
            3,
            "2026-01-05T11:00:00+08:00",
            spell,
            analysis=make_analysis(
                spell, outcome=Outcome.PENDING, reason=Reason.BUDGET, importance=Importance.MEDIUM
            ),
        ),
    ]


def _make_files(spell: Spell) -> tuple[FileChange, ...]:
    return (
        FileChange(status="A", path=spell("src/scheduler.py"), insertions=120, deletions=0),
        FileChange(
            status="R",
            path=spell("docs/new name.md"),
            old_path=spell("docs/old.md"),
            insertions=1,
            deletions=1,
        ),
        FileChange(status="M", path=spell("logo.png"), binary=True),
        FileChange(status="M", path=spell("vendor/lib"), submodule=True),
        FileChange(
            status="M", path=spell("run.sh"), insertions=0, deletions=0, old_mode="100644", mode="100755"
        ),
    )


def _make_model_analysis(spell: Spell) -> Analysis:
    return make_analysis(
        spell,
        kinds=(Kind.FEATURE, Kind.PERFORMANCE),
        importance=Importance.HIGH,
        summary=spell("Adds a scheduler.") + " It is called `Scheduler.run`.",
        impact=(
            Impact(path=spell("src/scheduler.py"), note=spell("new module")),
            Impact(component=spell("core"), note=spell("starts it")),
        ),
        insight=Insight(architecture=spell("One more thread.")),
        risks=(spell("It may starve others."),),
        advice=(spell("Watch the queue."),),
        breaking=Breaking(answer="yes", evidence=spell("the old entry point is gone")),
        provenance=_make_writer(spell),
        grounding=Grounding(confirmed=(spell("Scheduler"),), not_found=(spell("Queue.put"),)),
        contradictions=(
            Contradiction(field="kinds", rules=("refactor",), model=("feature", "performance")),
            Contradiction(field="importance", rules=("low",), model=("high",)),
            Contradiction(field="breaking", rules=("no",), model=("yes",)),
        ),
    )


def _make_diff(spell: Spell) -> tuple[FileDiff, ...]:
    """Make the diff of a file with a heading, lines around, old ones, new ones and a long one, and of another."""
    # A break within a text would begin a line of another sort.
    removed, added, around = (
        mark + spell(text).replace("\n", f"\n{mark}")
        for mark, text in (("-", "    old = 1"), ("+", "\tnew = 2"), (" ", "around it"))
    )
    head = spell("def run():").replace("\n", " ")
    lines = (f"@@ -7,3 +7,4 @@ {head}", around, " ", removed, removed, added, "+", f"{added}x\u2026")
    return (
        FileDiff(path=spell("src/a_file.py"), text="\n".join(lines), cut=1),
        FileDiff(path=spell("src/b_file.py"), text=f"@@ -0,0 +1 @@\n{added}\n\\{around}"),
    )


def _make_tuesday(spell: Spell) -> list[Commit]:
    """Make a pull request of two commits with their merge, and a revert of Monday's feature."""
    merged: dict[str, object] = {
        "landing_sha": name_sha(5),
        "landed": datetime(2026, 1, 6, 4, tzinfo=UTC),
        "parents": (name_sha(2), name_sha(77)),
    }
    return [
        make_commit(4, "2026-01-04T23:59:59-05:00", spell, diff=_make_diff(spell), **merged),
        make_commit(
            5,
            "2026-01-06T12:00:00+08:00",
            spell,
            subject=spell("Merge branch topic"),
            parents=(name_sha(3), name_sha(4)),
            nature=Nature.MERGE,
            files=(FileChange(status="M", path=spell("src/a_file.py"), insertions=0, deletions=0),),
            analysis=make_analysis(spell, outcome=Outcome.SKIPPED, kinds=(Kind.OTHER,)),
        ),
        make_commit(
            6,
            "2026-01-06T23:59:59+08:00",
            spell,
            subject=spell("Revert scheduler"),
            body=spell("This reverts commit"),
            reverts=(name_sha(2),),
            reverts_pull_request=12,
            encoding_note=spell("declared latin-1"),
            analysis=make_analysis(
                spell,
                kinds=(Kind.REVERT,),
                importance=Importance.HIGH,
                breaking=Breaking(answer="unclear", evidence=spell("public names removed")),
            ),
        ),
    ]


def _make_thursday(spell: Spell) -> list[Commit]:
    """Make a commit that a force-push removed, one without a subject or a usable date, and one that failed."""
    lost = Signature(name="", date=spell("99999999999999 -51800"))
    return [
        make_commit(7, "2026-01-08T09:00:00+08:00", spell, gone=True),
        make_commit(8, "2026-01-08T09:30:00+08:00", spell, subject="", author=lost, committer=lost),
        make_commit(
            9,
            "2026-01-08T10:00:00+08:00",
            spell,
            related=Related(follows=(name_sha(2),)),
            analysis=make_analysis(
                spell,
                outcome=Outcome.FAILED,
                reason=Reason.NO_ANSWER,
                detail="HTTP 504",
                trial=_make_trial(spell),
            ),
        ),
    ]


def _make_tools(spell: Spell) -> list[Commit]:
    files = [
        FileChange(status="A", path=spell(f"gen/{number}.c"), insertions=1, deletions=0)
        for number in range(203)
    ]
    return [
        make_commit(102, "2026-01-06T09:00:00+00:00", spell, files=tuple(files)),
        make_commit(
            103, "2026-01-06T09:00:01+00:00", spell, subject=spell("fix: last one"), body=spell("end")
        ),
    ]


def make_long_archive(days: int, commits: int, spell: Spell = plain) -> MadeArchive:
    """Make an archive of one repository with so many days of so many commits each."""
    numbers = iter(range(1, days * commits + 1))
    records = []
    for step in range(days):
        day = MONDAY + timedelta(days=step)
        moment = f"{day}T12:00:00+08:00"
        records.append(
            make_day(ENGINE, day, [make_commit(next(numbers), moment, spell) for _ in range(commits)])
        )
    covered = (Covered(first=MONDAY, last=records[-1].day),)
    repository = make_repository(ENGINE, web=WEB, tip=name_sha(days * commits), covered=covered)
    return MadeArchive((repository,), tuple(records))
