"""Make an archive in which hostile texts stand in every field of a record, and write it by the real store and pages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from generator.pages.render import PageSettings
from generator.paging import write_pages
from generator.record_additions import FileDiff, Grounding
from generator.records import (
    ACROSS,
    Analysis,
    Breaking,
    Commit,
    Covered,
    DayRecord,
    DigestRecord,
    Failure,
    FileChange,
    Impact,
    Importance,
    Insight,
    Kind,
    Outcome,
    Provenance,
    Reason,
    Redaction,
    RepositoryRecord,
    Signature,
    Tokens,
    Trailer,
    Trial,
)
from generator.store.archive import Archive
from tests.page_archive import (
    MONDAY,
    MadeArchive,
    make_analysis,
    make_commit,
    make_day,
    make_digest,
    make_line,
    make_repository,
    name_sha,
)
from tests.quiet import QuietReport
from tests.sites import write_archive

# What the rule for names lets through, and a script or a style might take for something of its own.
NAMES = (
    "__proto__/constructor",
    "javascript/pwned-1",
    "onerror/pwned.1",
    "__config/__search",
    "toString/valueOf",
    "null/undefined",
    "data/text_html.js",
    "script/src.x/onload",
)
_A_DAY = 10
# Every such commit was asked about in vain.
_FAILED = 7
# Every such commit changes many files.
_IN_FOLDERS = 4

Spell = Callable[[str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A hostile text and where it is: in every field of one commit, and in some of its day and its repository."""

    text: str
    number: int
    repository: str
    day: date

    @property
    def page(self) -> str:
        """The path of the commit's page in the site."""
        return f"{self.repository}/commit/{name_sha(self.number)}.html"


def place_texts(texts: Sequence[str]) -> tuple[Placed, ...]:
    """Give every text a commit, ten to a day, the days in turn to the repositories."""
    return tuple(_place(number, text) for number, text in enumerate(texts, 1))


def _place(number: int, text: str) -> Placed:
    place = (number - 1) // _A_DAY
    day = MONDAY + timedelta(days=place // len(NAMES))
    return Placed(text=text, number=number, repository=NAMES[place % len(NAMES)], day=day)


def write_hostile_archive(root: Path, placed: Sequence[Placed], spell: Spell) -> None:
    """Write the look, the records and the pages of an archive whose every text has been through `spell`."""
    write_archive(root, MadeArchive((), ()))
    store = Archive(root / "docs")
    for name in NAMES:
        own = [one for one in placed if one.repository == name]
        store.write_repository(_make_repository(name, own, spell))
        for day in dict.fromkeys(one.day for one in own):
            of_day = [one for one in own if one.day == day]
            store.write_day(_make_day(of_day, spell))
            store.write_digest(_make_digest(name, of_day, spell))
    for day in dict.fromkeys(one.day for one in placed):
        store.write_digest(_make_digest(ACROSS, [one for one in placed if one.day == day], spell))
    write_pages(root, store, PageSettings(site_name="Daybook", language="zh"), QuietReport())


def _join(placed: Sequence[Placed], spell: Spell) -> str:
    return " ".join(spell(one.text) for one in placed)


def _make_repository(name: str, placed: Sequence[Placed], spell: Spell) -> RepositoryRecord:
    return make_repository(
        name,
        lambda _: _join(placed[:40], spell),
        web=f"https://github.com/{name}",
        tip=name_sha(placed[-1].number),
        covered=(Covered(first=placed[0].day, last=placed[-1].day),),
        failure=Failure(since=placed[-1].day, reason=_join(placed, spell)),
    )


def _make_day(placed: Sequence[Placed], spell: Spell) -> DayRecord:
    commits = [_make_commit(one, spell(one.text)) for one in placed]
    return make_day(placed[0].repository, placed[0].day, commits, lambda _: _join(placed, spell))


def _make_digest(scope: str, placed: Sequence[Placed], spell: Spell) -> DigestRecord:
    lines = [make_line(spell(one.text), (one.repository, one.number)) for one in placed]
    writer = _make_writer(_join(placed, spell))
    return make_digest(scope, str(placed[0].day), *lines, provenance=writer)


def _make_writer(text: str) -> Provenance:
    tokens = Tokens(prompt=1200, completion=340)
    return Provenance(
        writer="model",
        version=text,
        language="zh",
        share_read=0.9,
        model=text,
        calls=2,
        tokens=tokens,
        cost=0.001,
    )


def _make_commit(placed: Placed, text: str) -> Commit:
    moment = f"{placed.day}T12:00:00+08:00"
    return make_commit(
        placed.number,
        moment,
        subject=text,
        body=f"{text}\n\n{text}",
        trailers=(Trailer(key=text, value=text),),
        author=Signature(name=text, date=moment if placed.number % 2 else text),
        committer=Signature(name=text, date=text),
        co_authors=(text,),
        encoding_note=text,
        redactions=(Redaction(path=text, line=12, sort=text),),
        files=_make_files(placed, text),
        diff=_make_diff(text),
        analysis=_make_analysis(placed, text),
    )


def _make_files(placed: Placed, text: str) -> tuple[FileChange, ...]:
    # Enough of them for a tree of folders.
    more = range(9) if placed.number % _IN_FOLDERS == 0 else ()
    return (
        *(FileChange(status="A", path=f"deep/{text}/{n}", insertions=n, deletions=0) for n in more),
        FileChange(status="A", path=text, insertions=3, deletions=0),
        FileChange(status="R", path=f"new/{text}", old_path=f"{text}/old", insertions=1, deletions=1),
        FileChange(status="M", path=f"vendor/{text}.py", submodule=True, old_mode=text, mode=text),
    )


def _make_diff(text: str) -> tuple[FileDiff, ...]:
    """Make a diff with the text in every sort of line; a break within it begins no line of another sort."""
    lines = [mark + text.replace("\n", f"\n{mark}") for mark in "+- "]
    head = "@@ -1,2 +1,2 @@ " + text.replace("\n", " ")
    return tuple(FileDiff(path=path, text="\n".join((head, *lines))) for path in (text, f"b/{text}"))


def _make_analysis(placed: Placed, text: str) -> Analysis:
    fields: dict[str, object] = {
        "kinds": (Kind.FEATURE,),
        "importance": (Importance.HIGH, Importance.MEDIUM, Importance.LOW)[placed.number % 3],
        "importance_reason": text,
        "summary": text,
        "impact": (Impact(path=text, note=text), Impact(component=text, note=text)),
        "insight": Insight(architecture=text, performance=text, security=text),
        "risks": (text,),
        "advice": (text,),
        "breaking": Breaking(answer="yes", evidence=text),
        "provenance": _make_writer(text),
        "grounding": Grounding(confirmed=(text,), not_found=(text,)),
    }
    if placed.number % _FAILED == 0:
        tokens = Tokens(prompt=800, completion=40)
        trial = Trial(runs=1, model=text, version=text, calls=2, tokens=tokens)
        fields |= {
            "outcome": Outcome.FAILED,
            "reason": Reason.NO_ANSWER,
            "detail": "HTTP 504",
            "trial": trial,
        }
    return make_analysis(str, **fields)
