"""Turn what a report tells of a commit into what a record holds: facts, an analysis in fields, its original text.

This module must not touch the disk or git. Nothing of a report enters a record before its secrets are taken out.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from generator.analyse.conventions import learn_conventions
from generator.analyse.redact import redact, redact_text
from generator.analyse.rules import analyse
from generator.collect.message import parse_message
from generator.days import find_window
from generator.patches import Change
from generator.record_reports import Reported
from generator.records import (
    Analysis,
    Commit,
    Facts,
    Impact,
    Importance,
    Insight,
    Language,
    Nature,
    Outcome,
    Provenance,
    Reason,
    Signature,
    Totals,
)
from generator.reports.reading.document import Entry
from generator.reports.reading.fields import Fields, Place, read_fields
from generator.reports.reading.labels import Part

# Raise it with any change to how an analysis is read into fields.
REPORT_VERSION = "report-1"
_CJK = re.compile("[一-龥]")
_CONTROLS = re.compile(r"[^A-Za-z0-9 ._-]")
_EXPECTED = {
    Part.KINDS: "kinds",
    Part.IMPORTANCE: "importance",
    Part.SUMMARY: "summary",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What all commits of a report have in common: its repository, day, file, and how the archive reads times."""

    name: str
    day: date
    file: str
    timezone: ZoneInfo
    language: Language


def make_commit(
    entry: Entry, sha: str, place: int, row_place: int | None, setting: Setting, *, form: Literal[1, 2] = 1
) -> Commit:
    """Make the commit that a report tells of, by the report's own facts."""
    change = redact(Change(facts=_make_facts(entry, sha, setting)))
    rules = analyse(change, learn_conventions(()), setting.language)
    analysis = apply_report(rules, redact_text(entry.analysis), entry.importance, ())
    moment = _find_moment(entry, setting)
    return Commit(
        **dict(change.facts),
        landing_sha=sha,
        landed=_place_on(setting, moment.astimezone(UTC)),
        analysis=analysis,
        reported=Reported(
            form=form,
            file=setting.file,
            line=entry.line,
            day=setting.day,
            place=place,
            row_place=None if row_place == place else row_place,
            row=redact_text(entry.row.text) if entry.row else "" if form == 1 else None,
            head=redact_text(entry.head) if form == 1 else None,
            tail=entry.tail if form == 1 else None,
        ),
    )


def _make_facts(entry: Entry, sha: str, setting: Setting) -> Facts:
    text = entry.message
    if entry.row is not None and "\n" not in text:
        # A heading is one line; the row may hold the first paragraph.
        told = re.sub(r"<br\s*/?>", "\n", entry.row.message)
        text = told if told.split("\n")[0].strip() == text.strip() else text
    message = parse_message(text, setting.name)
    moment = _find_moment(entry, setting)
    signed = Signature(name=entry.row.author if entry.row else "", date=moment.isoformat())
    return Facts(
        sha=sha,
        parents=(),
        subject=message.subject,
        body=message.body,
        trailers=message.trailers,
        author=signed,
        committer=signed,
        co_authors=message.co_authors,
        nature=Nature.CHANGE,
        files=(),
        totals=Totals(files=0, insertions=0, deletions=0),
        pull_request=message.pull_request,
        issues=message.issues,
        reverts=tuple(found for found in message.reverted if len(found) >= 40),
        reverts_pull_request=message.reverted_pull_request,
    )


def _find_moment(entry: Entry, setting: Setting) -> datetime:
    """Find when a commit landed by its row, in the archive's time zone; without one, the beginning of the day."""
    text = entry.row.time if entry.row else ""
    try:
        moment = datetime.fromisoformat(text)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=setting.timezone)
        moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return datetime.combine(setting.day, time(), setting.timezone)
    return moment


def _place_on(setting: Setting, moment: datetime) -> datetime:
    """Put a moment into the report's day, whatever the row says: what the report has of a day landed on it."""
    window = find_window(setting.day, setting.timezone)
    return min(max(moment, window.start), window.end - timedelta(seconds=1))


def apply_report(
    rules: Analysis, original: str, importance: Importance | None, paths: Collection[str]
) -> Analysis:
    """Put what a report says in the place of what the rules say; `paths` are those that the commit is known to touch.

    Where the report says nothing of the kinds, the importance, what the commit does or whether users must act, the
    rules' word stands.
    `importance` is that of the group the report puts the commit into.
    """
    fields = read_fields(original)
    if fields.failure is not None:
        return _fail(rules, fields.failure, original)
    language: Language = "zh" if _CJK.search(original) else "en"
    return Analysis(
        outcome=Outcome.OK,
        kinds=fields.kinds or rules.kinds,
        importance=fields.importance or importance or rules.importance,
        importance_reason=fields.importance_reason,
        summary=fields.summary or rules.summary,
        impact=tuple(_make_impact(place, paths) for place in fields.impact if place.code or place.text),
        insight=Insight(
            architecture=fields.architecture, performance=fields.performance, security=fields.security
        ),
        risks=fields.risks,
        advice=fields.advice,
        breaking=rules.breaking,
        provenance=Provenance(writer="report", version=REPORT_VERSION, language=language, share_read=0.0),
        original=original,
    )


def _fail(rules: Analysis, failure: str, original: str) -> Analysis:
    if rules.outcome is Outcome.SKIPPED:
        return rules.model_copy(update={"original": original})
    detail = _CONTROLS.sub("", failure)[:80] or None
    told = {"outcome": Outcome.FAILED, "reason": Reason.NO_ANSWER, "detail": detail, "original": original}
    return rules.model_copy(update=told)


def _make_impact(place: Place, paths: Collection[str]) -> Impact:
    if place.code is None:
        return Impact(component=place.text, note="")
    if place.code in paths:
        return Impact(path=place.code, note=place.text)
    return Impact(component=place.code, note=place.text)


def find_missing(fields: Fields, importance: Importance | None) -> list[str]:
    """Name what a report should say of a commit and does not; empty where it says that there is no analysis."""
    if fields.failure is not None:
        return []
    told = {
        Part.KINDS: bool(fields.kinds),
        Part.IMPORTANCE: bool(fields.importance or importance),
        Part.SUMMARY: bool(fields.summary),
    }
    return [_EXPECTED[part] for part, is_told in told.items() if not is_told]
