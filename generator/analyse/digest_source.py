"""Take from day records what a digest is made from, and say when two digests are made from the same.

This module must not decide what matters. A digest sees of a commit what stands here, fields that were checked
before, so that text which slipped into one analysis gets no second chance in the sum of all.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, fields

from generator.analyse.conventions import Conventions, learn_conventions
from generator.analyse.titles import parse_title
from generator.records import Breaking, Commit, DayRecord, Importance, Kind, Language, Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestSource:
    """One commit as both writers of a digest see it.

    `content` is the subject without its prefixes and numbers, for a revert that of what it takes back; `areas` are
    the components its title names. `landing_sha` tells what landed together, `lines` how many changed lines it has.
    `by_model` says who wrote the summary; the rules' one only quotes the title and the message. `language` is that of
    the summary and all reasons: archive.yml may name another by now.
    """

    repository: str
    sha: str
    landing_sha: str
    subject: str
    content: str
    areas: tuple[str, ...]
    pull_request: int | None
    kinds: tuple[Kind, ...]
    importance: Importance
    importance_reason: str
    summary: str
    breaking: Breaking
    risks: tuple[str, ...]
    lines: int
    is_reverted: bool
    by_model: bool
    language: Language


_FIELDS = tuple(field.name for field in fields(DigestSource))


def find_sources(record: DayRecord) -> tuple[DigestSource, ...]:
    """Take what a day's digest is made from, in landing order; what is gone or had nothing to say is left out."""
    chosen = [
        commit
        for commit in record.commits
        if not commit.gone and commit.analysis.outcome is not Outcome.SKIPPED
    ]
    conventions = learn_conventions(commit.subject for commit in record.commits)
    return tuple(_make_source(record.repository, commit, conventions) for commit in chosen)


def find_basis(sources: Iterable[DigestSource], language: Language, version: str) -> str:
    """Hash all that a digest is made from: where it differs, the digest is stale."""
    seen = [_describe(source) for source in sources]
    basis = json.dumps([version, language, seen], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(basis.encode()).hexdigest()


def _describe(source: DigestSource) -> dict[str, object]:
    # Not asdict, which copies deeply and takes longer than all the rest of a digest.
    return {name: getattr(source, name) for name in _FIELDS} | {"breaking": source.breaking.model_dump()}


def _make_source(repository: str, commit: Commit, conventions: Conventions) -> DigestSource:
    title = parse_title(commit.subject)
    # Of a revert, its own title: so it says the same as what it takes back.
    content = parse_title(title.reverted).content if title.reverted else title.content
    analysis = commit.analysis
    return DigestSource(
        repository=repository,
        sha=commit.sha,
        landing_sha=commit.landing_sha,
        subject=commit.subject,
        content=content,
        areas=conventions.find_components(title),
        pull_request=commit.pull_request,
        kinds=analysis.kinds,
        importance=analysis.importance,
        importance_reason=analysis.importance_reason,
        summary=analysis.summary,
        breaking=analysis.breaking,
        risks=analysis.risks,
        lines=commit.totals.insertions + commit.totals.deletions,
        is_reverted=bool(commit.reverted_by),
        by_model=analysis.provenance.writer != "rules",
        language=analysis.provenance.language,
    )
