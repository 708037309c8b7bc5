"""Render what is said of one commit, in the layout of the report format.

This module must not add a claim: it shows the record's fields, names who wrote them, and says where they are
empty.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from generator.bills import bill_trial, bill_writer
from generator.pages import classes
from generator.pages.costs import render_spent
from generator.pages.fragments import LONGEST_NAME, badge, render_prose, render_why
from generator.pages.markup import cut, escape, render_list, wrap
from generator.pages.rich_text import LONGEST, render_rich_text
from generator.pages.words import Words, count
from generator.record_additions import Contradiction
from generator.records import Analysis, Impact, Importance, Kind, Outcome, Provenance, Trial


def render_analysis(analysis: Analysis, words: Words) -> str:
    """Render an analysis: what it is in a few lines, then its sections, then who wrote it."""
    if analysis.provenance.writer == "report" and analysis.original is not None:
        return "\n\n".join(_render_reported(analysis, analysis.original, words))
    blocks = [_render_state(analysis, words), _render_judgement(analysis, words)]
    sections = _render_sections(analysis, words)
    blocks += [f"<h2>{title}</h2>\n\n{text}" for title, text in sections if text]
    empty = [title for title, text in sections if not text]
    blocks.append(_render_notes(analysis, empty, words))
    return "\n\n".join(block for block in blocks if block)


def _render_reported(analysis: Analysis, original: str, words: Words) -> Iterator[str]:
    """Render what a report said as it was written: its fields are made of the same words, and hold fewer."""
    answer, dispute = _render_breaking(analysis, words)
    if answer:
        yield _render_items([(words.breaking_title, answer + dispute)], words)
    yield f"<h2>{words.original_title}</h2>\n\n{render_rich_text(original)}"
    note = words.original_cut.format(n=f"{LONGEST:,}") if len(original) > LONGEST else ""
    yield wrap("p", classes.QUIET, "<br>".join(filter(None, (note, words.written_by_report))))


def _render_state(analysis: Analysis, words: Words) -> str:
    """Say why there is no analysis by a model, where one was wanted."""
    if analysis.outcome not in words.outcome_notes:
        return ""
    note = wrap("span", classes.WARN, words.outcome_notes[analysis.outcome])
    return f"<p>{note}{render_why(analysis, words)}{words.stop}{words.space}{words.rules_follow}</p>"


def _render_judgement(analysis: Analysis, words: Words) -> str:
    kinds = words.listing.join(words.kinds[kind] for kind in analysis.kinds)
    reason = render_prose(analysis.importance_reason, analysis)
    importance = f"{words.importance[analysis.importance]}{words.dash}{reason}" if reason else ""
    importance = importance or words.importance[analysis.importance]
    judged = [
        (words.kinds_title, kinds, _render_dispute(analysis, "kinds", words)),
        (words.importance_title, importance, _render_dispute(analysis, "importance", words)),
        (words.breaking_title, *_render_breaking(analysis, words)),
    ]
    return _render_items(((title, text + dispute) for title, text, dispute in judged if text), words)


def _render_breaking(analysis: Analysis, words: Words) -> tuple[str, str]:
    breaking, dispute = analysis.breaking, _render_dispute(analysis, "breaking", words)
    if breaking.answer == "no" and not breaking.evidence and not dispute:
        return "", ""
    answer = words.breaking_answers[breaking.answer]
    if breaking.answer == "yes":
        answer = badge(classes.BREAKING, answer)
    evidence = f"{words.dash}{render_prose(breaking.evidence, analysis)}" if breaking.evidence else ""
    return answer + evidence, dispute


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
    told = render_prose(analysis.summary, analysis)
    summary = (words.summary_title, f"<p>{told}</p>" if told else "")
    if analysis.outcome is Outcome.SKIPPED:
        return [summary]
    impact = [_render_impact(impact, analysis, words) for impact in analysis.impact]
    risks, advice = (
        [render_prose(text, analysis) for text in texts] for texts in (analysis.risks, analysis.advice)
    )
    return [
        summary,
        (words.impact_title, render_list(impact)),
        (words.insight_title, _render_insight(analysis, words)),
        (words.risks_title, render_list(risks)),
        (words.advice_title, render_list(advice)),
    ]


def _render_impact(impact: Impact, analysis: Analysis, words: Words) -> str:
    if impact.path is not None:
        place = f"<code>{escape(impact.path)}</code>"
    else:
        place = f"<b>{escape(impact.component or '')}</b>"
    return f"{place}{words.colon}{render_prose(impact.note, analysis)}" if impact.note else place


def _render_insight(analysis: Analysis, words: Words) -> str:
    insight = analysis.insight
    concerns = [
        (words.architecture, insight.architecture),
        (words.performance, insight.performance),
        (words.security, insight.security),
    ]
    if not any(text for _, text in concerns):
        return ""
    items = ((title, render_prose(text, analysis) if text else words.none) for title, text in concerns)
    return _render_items(items, words)


def _render_notes(analysis: Analysis, empty: list[str], words: Words) -> str:
    """Say in small lines which sections are empty, who wrote the rest and how far it was checked, what it took."""
    lines = [f"{words.listing.join(empty)}{words.colon}{words.none}{words.stop}"] if empty else []
    lines += [_render_writer(analysis, words), _render_effort(analysis.provenance, words)]
    lines += [_render_trial(analysis.trial, words)] if analysis.trial else []
    quiet = wrap("p", classes.QUIET, "<br>".join(filter(None, lines)))
    if not analysis.grounding.not_found:
        return quiet
    claims = (f"<code>{escape(claim)}</code>" for claim in analysis.grounding.not_found)
    return f"{quiet}\n\n<p>{wrap('span', classes.WARN, words.not_found)} {words.listing.join(claims)}</p>"


def _render_writer(analysis: Analysis, words: Words) -> str:
    """Say who wrote it, how much of the diff was read, and how much of what it names the commit holds."""
    wrote = analysis.provenance
    if wrote.writer == "report":
        return words.written_by_report
    form = words.written_by_rules if wrote.writer == "rules" else words.written_by_model
    model = escape(cut(wrote.model or "", LONGEST_NAME))
    text = form.format(model=model, version=escape(wrote.version), share=_format_share(wrote.share_read))
    confirmed = len(analysis.grounding.confirmed)
    return text + words.space + count(confirmed, words.confirmed) if confirmed else text


def _render_effort(wrote: Provenance, words: Words) -> str:
    """Say when a model wrote it and what was spent; empty for the rules."""
    if wrote.writer != "model":
        return ""
    written = escape(f"{wrote.written:%Y-%m-%d %H:%M} UTC") if wrote.written else ""
    return words.comma.join(filter(None, [written, render_spent(bill_writer(wrote), words)]))


def _render_trial(trial: Trial, words: Words) -> str:
    model, version = escape(cut(trial.model, LONGEST_NAME)), escape(trial.version)
    asked = words.asked_without_result.format(model=model, version=version)
    details = [asked, count(trial.runs, words.runs), render_spent(bill_trial(trial), words)]
    return words.comma.join(filter(None, details))


def _format_share(share: float) -> str:
    # Rounded down: only a diff that was read to its last line is "100 %".
    return escape(f"{int(share * 100)} %")


def _render_items(items: Iterable[tuple[str, str]], words: Words) -> str:
    """Render titles and what belongs to them as a list."""
    return render_list(f"<b>{title}</b>{words.colon}{text}" for title, text in items)
