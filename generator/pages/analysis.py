"""Render what is said of one commit, in the layout of the report format.

This module must not add a claim: it shows the record's fields, names who wrote them, and says where they are
empty.
"""

from __future__ import annotations

from collections.abc import Iterable

from generator.pages import classes
from generator.pages.bills import bill_trial, bill_writer
from generator.pages.costs import render_spent
from generator.pages.fragments import LONGEST_NAME, badge, render_why
from generator.pages.markup import cut, escape, escape_prose, wrap
from generator.pages.words import Words, count
from generator.records import (
    Analysis,
    Contradiction,
    Impact,
    Importance,
    Insight,
    Kind,
    Outcome,
    Provenance,
    Trial,
)


def render_analysis(analysis: Analysis, words: Words) -> str:
    """Render an analysis: what it is in a few lines, then its sections, then who wrote it."""
    sections = _render_sections(analysis, words)
    blocks = [_render_state(analysis, words), _render_judgement(analysis, words)]
    blocks += [f"## {title}\n\n{text}" for title, text in sections if text]
    empty = [title for title, text in sections if not text]
    blocks.append(_render_notes(analysis, empty, words))
    return "\n\n".join(block for block in blocks if block)


def _render_state(analysis: Analysis, words: Words) -> str:
    """Say why there is no analysis by a model, where one was wanted."""
    if analysis.outcome not in words.outcome_notes:
        return ""
    note = wrap("span", classes.WARN, words.outcome_notes[analysis.outcome])
    return f"{note}{render_why(analysis, words)}{words.stop}{words.space}{words.rules_follow}"


def _render_judgement(analysis: Analysis, words: Words) -> str:
    kinds = words.listing.join(words.kinds[kind] for kind in analysis.kinds)
    reason = escape_prose(analysis.importance_reason)
    importance = f"{words.importance[analysis.importance]}{words.dash}{reason}"
    judged = [
        (words.kinds_title, kinds, _render_dispute(analysis, "kinds", words)),
        (words.importance_title, importance, _render_dispute(analysis, "importance", words)),
        (words.breaking_title, *_render_breaking(analysis, words)),
    ]
    return render_items(((title, text + dispute) for title, text, dispute in judged if text), words)


def _render_breaking(analysis: Analysis, words: Words) -> tuple[str, str]:
    breaking, dispute = analysis.breaking, _render_dispute(analysis, "breaking", words)
    if breaking.answer == "no" and not breaking.evidence and not dispute:
        return "", ""
    answer = words.breaking_answers[breaking.answer]
    if breaking.answer == "yes":
        answer = badge(classes.BREAKING, answer)
    return f"{answer}{words.dash}{escape_prose(breaking.evidence)}" if breaking.evidence else answer, dispute


def _render_dispute(analysis: Analysis, field: str, words: Words) -> str:
    """Say where the rules and the model stand against each other; empty where they do not."""
    found = next((found for found in analysis.contradictions if found.field == field), None)
    if found is None:
        return ""
    rules, model = (_name_values(found, values, words) for values in (found.rules, found.model))
    return f"<br>{wrap('span', classes.QUIET, words.disputed.format(rules=rules, model=model))}"


def _name_values(found: Contradiction, values: Iterable[str], words: Words) -> str:
    if found.field == "kinds":
        return words.listing.join(words.kinds[Kind(value)] for value in values)
    if found.field == "importance":
        return words.listing.join(words.importance[Importance(value)] for value in values)
    return words.listing.join(words.breaking_answers[value] for value in values)


def _render_sections(analysis: Analysis, words: Words) -> list[tuple[str, str]]:
    if analysis.outcome is Outcome.SKIPPED:
        return [(words.summary_title, escape_prose(analysis.summary))]
    return [
        (words.summary_title, escape_prose(analysis.summary)),
        (words.impact_title, _render_list(_render_impact(impact, words) for impact in analysis.impact)),
        (words.insight_title, _render_insight(analysis.insight, words)),
        (words.risks_title, _render_list(map(escape_prose, analysis.risks))),
        (words.advice_title, _render_list(map(escape_prose, analysis.advice))),
    ]


def _render_impact(impact: Impact, words: Words) -> str:
    if impact.path is not None:
        place = f"<code>{escape(impact.path)}</code>"
    else:
        place = f"<strong>{escape(impact.component or '')}</strong>"
    return f"{place}{words.colon}{escape_prose(impact.note)}" if impact.note else place


def _render_insight(insight: Insight, words: Words) -> str:
    concerns = [
        (words.architecture, insight.architecture),
        (words.performance, insight.performance),
        (words.security, insight.security),
    ]
    if not any(text for _, text in concerns):
        return ""
    items = ((title, escape_prose(text) if text else words.none) for title, text in concerns)
    return render_items(items, words)


def _render_notes(analysis: Analysis, empty: list[str], words: Words) -> str:
    """Say in one small paragraph which sections are empty, who wrote the rest, and how far it was checked."""
    notes = [f"{words.listing.join(empty)}{words.colon}{words.none}{words.stop}"] if empty else []
    notes.append(_render_writer(analysis.provenance, words))
    if analysis.trial:
        notes.append(_render_trial(analysis.trial, words))
    if analysis.grounding.confirmed:
        notes.append(count(len(analysis.grounding.confirmed), words.confirmed))
    quiet = wrap("span", classes.QUIET, words.space.join(notes))
    if not analysis.grounding.not_found:
        return quiet
    claims = (f"<code>{escape(claim)}</code>" for claim in analysis.grounding.not_found)
    return f"{quiet}\n\n{wrap('span', classes.WARN, words.not_found)} {words.listing.join(claims)}"


def _render_writer(provenance: Provenance, words: Words) -> str:
    version, share = escape(provenance.version), _format_share(provenance.share_read)
    if provenance.writer == "rules":
        return words.written_by_rules.format(version=version, share=share)
    model = escape(cut(provenance.model or "", LONGEST_NAME))
    details = [words.written_by_model.format(model=model, version=version, share=share)]
    if provenance.written:
        details.append(escape(f"{provenance.written:%Y-%m-%d %H:%M} UTC"))
    details.append(render_spent(bill_writer(provenance), words))
    return words.comma.join(filter(None, details)) + words.stop


def _render_trial(trial: Trial, words: Words) -> str:
    model, version = escape(cut(trial.model, LONGEST_NAME)), escape(trial.version)
    asked = words.asked_in_vain.format(model=model, version=version)
    details = [asked, count(trial.runs, words.runs), render_spent(bill_trial(trial), words)]
    return words.comma.join(filter(None, details)) + words.stop


def _format_share(share: float) -> str:
    # Rounded down: only a diff that was read to its last line is "100 %".
    return escape(f"{int(share * 100)} %")


def render_items(items: Iterable[tuple[str, str]], words: Words) -> str:
    """Render titles and what belongs to them as a list."""
    return _render_list(f"**{title}**{words.colon}{text}" for title, text in items)


def _render_list(items: Iterable[str]) -> str:
    return "\n".join(f"- {item}" for item in items)
