"""Render the small pieces that several pages share: badges, commits on one line, accounts, counts.

This module must not know which page a piece ends up on beyond the path it links from.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date

from generator.pages import classes
from generator.pages.addresses import SEARCH, commit_page, day_page, find_link
from generator.pages.markup import (
    cut,
    escape,
    escape_prose,
    link_out,
    link_page,
    link_query,
    render_time,
    wrap,
)
from generator.pages.survey import Shelf
from generator.pages.words import Words
from generator.records import (
    Analysis,
    Commit,
    DayRecord,
    DigestRecord,
    Importance,
    Kind,
    Outcome,
    Reason,
    Signature,
)
from generator.summaries import Counts, DaySummary

# A subject of this many characters fills five lines of a phone; the whole message is on the commit's page.
_LONGEST_SUBJECT = 200
_LONGEST_NOTE = 240
# No name or branch that means one is longer; the record holds it whole.
LONGEST_NAME = 100

_PULL_REQUEST = re.compile(r"\s*\((?:#|!|GH-|PR ?#)\d+\)$")

_IMPORTANCE_CLASSES = {
    Importance.HIGH: classes.HIGH,
    Importance.MEDIUM: classes.MEDIUM,
    Importance.LOW: classes.LOW,
}


def badge(css_class: str, markup: str) -> str:
    """Render a small label."""
    return wrap("span", css_class, markup)


def importance_badge(importance: Importance, words: Words) -> str:
    """Render an importance as a label."""
    return badge(_IMPORTANCE_CLASSES[importance], words.importance[importance])


def importance_heading(importance: Importance, number: int, words: Words) -> str:
    """Name a group of commits: its importance and how many they are."""
    return words.importance[importance] + words.brackets.format(inner=f"{number:,}")


def kind_badges(kinds: Iterable[Kind], words: Words) -> str:
    """Render kinds as labels."""
    return " ".join(badge(classes.KIND, words.kinds[kind]) for kind in kinds)


def kind_badge(kind: Kind, words: Words) -> str:
    """Render a kind as a label that a script can tell from others."""
    return badge(classes.KINDS[kind], words.kinds[kind])


def state_badges(commit: Commit, words: Words) -> str:
    """Render what is out of the ordinary with a commit: breaking, gone, without an analysis, disputed."""
    marks = []
    if commit.analysis.breaking.answer == "yes":
        marks.append(badge(classes.BREAKING, words.breaking_mark))
    if commit.gone:
        marks.append(badge(classes.MARK, words.gone_mark))
    if commit.analysis.outcome in words.outcome_marks:
        marks.append(badge(classes.MARK, words.outcome_marks[commit.analysis.outcome]))
    if commit.analysis.contradictions:
        marks.append(badge(classes.MARK, words.disputed_mark))
    return " ".join(marks)


def short_sha(sha: str) -> str:
    """Render a SHA as git shows it, where it leads nowhere."""
    return wrap("code", classes.SHA, sha[:7])


def link_sha(source: str, shelf: Shelf, sha: str) -> str:
    """Link to a commit by its SHA: here where the archive has a page of it, else on the hosting service."""
    if shelf.is_archived(sha):
        return link_commit(source, shelf.name, sha, f"<code>{sha[:7]}</code>")
    return link_host(shelf, sha)


def link_host(shelf: Shelf, sha: str) -> str:
    """Link to a commit on the hosting service by its SHA, which looks the same where there is no such service."""
    url = shelf.links.commit(sha)
    return link_out(f"<code>{sha[:7]}</code>", url) if url else short_sha(sha)


def render_branch(branch: str | None) -> str:
    """Render the name of the tracked branch; empty until the repository was looked at once."""
    return escape(cut(branch or "", LONGEST_NAME))


def link_commit(source: str, name: str, sha: str, markup: str) -> str:
    """Link to a commit's page."""
    return link_page(markup, find_link(source, commit_page(name, sha)))


def render_date(day: date) -> str:
    """Render a day so that it never breaks over two lines."""
    return render_time(day, str(day))


def render_weekday(day: date, words: Words) -> str:
    """Render a day with its weekday."""
    return render_time(day, f"{day} {words.weekdays[day.weekday()]}")


def render_run(first: date, last: date) -> str:
    """Render the days from one to another."""
    # A dash never begins a line, nor stands on one alone.
    return render_date(first) if first == last else f"{render_date(first)}\u00a0\u2013 {render_date(last)}"


def link_day(source: str, scope: str, day: date, markup: str | None = None) -> str:
    """Link to a day's page."""
    return link_page(markup or render_date(day), find_link(source, day_page(scope, day)))


def link_subject(source: str, shelf: Shelf, commit: Commit, words: Words) -> str:
    """Link to a commit's page by its subject, without the pull request's number that hosts put at the end."""
    shown = show_subject(trim_subject(commit.subject, commit.pull_request), words)
    text = wrap("bdi", classes.GONE, shown) if commit.gone else f"<bdi>{shown}</bdi>"
    return link_commit(source, shelf.name, commit.sha, text)


def trim_subject(subject: str, pull_request: int | None) -> str:
    """Cut a subject, and take off the pull request's number that hosts put at its end."""
    subject = cut(subject, _LONGEST_SUBJECT)
    return subject if pull_request is None else _PULL_REQUEST.sub("", subject)


def show_subject(subject: str, words: Words) -> str:
    """Render a subject; a commit without one still has something to click on."""
    return escape(subject) if subject.strip() else words.no_subject


def show_name(signature: Signature, words: Words) -> str:
    """Render a name; somebody without one is still somebody."""
    return escape(cut(signature.name, LONGEST_NAME)) if signature.name.strip() else words.unnamed


def render_author(signature: Signature, words: Words) -> str:
    """Render who signed."""
    return f"<bdi>{show_name(signature, words)}</bdi>"


def link_pull_request(shelf: Shelf, number: int) -> str:
    """Link to a pull request on the hosting service."""
    return link_out(escape(f"#{number}"), shelf.links.pull_request(number))


def link_search(source: str, markup: str, asked: Mapping[str, str]) -> str:
    """Link to the search page with what is asked there: `q`, or a facet such as `author`, or the `order`."""
    return link_query(markup, find_link(source, SEARCH), asked)


def render_highlight(source: str, shelf: Shelf, commit: Commit, words: Words) -> str:
    """Render a commit that matters as an item of a list: kinds, subject, and why it matters or what it does."""
    parts = [kind_badges(commit.analysis.kinds, words), state_badges(commit, words)]
    parts.append(link_subject(source, shelf, commit, words))
    if commit.pull_request is not None:
        parts.append(link_pull_request(shelf, commit.pull_request))
    line = " ".join(part for part in parts if part)
    note = render_prose(cut(_find_note(commit.analysis), _LONGEST_NOTE), commit.analysis)
    return f"{line}{words.dash}{note}"


def render_prose(text: str, analysis: Analysis) -> str:
    """Render a text of an analysis; a name in it that its commit does not hold is marked where it stands."""
    return escape_prose(text, analysis.grounding.not_found)


def _find_note(analysis: Analysis) -> str:
    # The rules can only summarise by quoting the subject, which stands right before; what they add is the reason.
    return analysis.importance_reason if analysis.provenance.writer == "rules" else analysis.summary


def find_highlights(record: DayRecord) -> list[Commit]:
    """Find the commits of a day that matter: of high importance and still on the branch."""
    return [
        commit
        for commit in record.commits
        if commit.analysis.importance is Importance.HIGH and not commit.gone
    ]


# Told of a day even where there are none.
_ALWAYS_TOLD = (Outcome.OK, Outcome.PENDING, Outcome.FAILED, Outcome.SKIPPED)


def render_account(found: str, summary: DaySummary, writers: Sequence[str], words: Words) -> str:
    """Say how complete a day is: found (as markup), analysed and by whom, pending and failed and why, skipped."""
    return _render_account(found, summary, writers, _ALWAYS_TOLD, words)


def render_short_account(found: str, summary: DaySummary, writers: Sequence[str], words: Words) -> str:
    """Say the same as `render_account` without the outcomes that there are none of."""
    return _render_account(found, summary, writers, (), words)


def _render_account(
    found: str, summary: DaySummary, writers: Sequence[str], always: Collection[Outcome], words: Words
) -> str:
    counts = summary.counts
    numbers = {
        Outcome.OK: counts.analysed,
        Outcome.PENDING: counts.pending,
        Outcome.FAILED: counts.failed,
        Outcome.REFUSED: counts.refused,
        Outcome.SKIPPED: counts.skipped,
    }
    shown = {outcome: number for outcome, number in numbers.items() if number or outcome in always}
    parts = [_render_outcome(outcome, number, words) for outcome, number in shown.items()]
    details = [_render_details(outcome, summary, writers, words) for outcome in shown]
    texts = [part + detail for part, detail in zip(parts, details, strict=True)]
    if counts.gone:
        texts.append(wrap("span", classes.WARN, words.gone.format(n=f"{counts.gone:,}")))
    return f"<b>{found}</b>{words.colon}{words.comma.join(texts)}"


def _render_outcome(outcome: Outcome, number: int, words: Words) -> str:
    text = words.outcome_counts[outcome].format(n=f"{number:,}")
    return wrap("span", classes.WARN, text) if number and outcome in words.outcome_notes else text


def _render_details(outcome: Outcome, summary: DaySummary, writers: Sequence[str], words: Words) -> str:
    """Say who wrote what was analysed, and why the rest was not."""
    if outcome is not Outcome.OK:
        return _render_reasons(summary, outcome, words)
    if not writers or not summary.counts.analysed:
        return ""
    return words.brackets.format(inner=words.listing.join(writers))


def _render_reasons(summary: DaySummary, outcome: Outcome, words: Words) -> str:
    """Say in brief why analyses of an outcome are not there; each with its number where reasons differ."""
    missing: Counter[Reason] = Counter()
    for found in summary.missing:
        if found.outcome is outcome:
            missing[found.reason] += found.number
    if len(missing) < 2:
        return words.brackets.format(inner=words.reasons[next(iter(missing))]) if missing else ""
    ordered = sorted(missing.items(), key=lambda found: (-found[1], found[0]))
    reasons = (f"{words.reasons[reason]} {number:,}" for reason, number in ordered)
    return words.brackets.format(inner=words.listing.join(reasons))


def render_why(asked: Analysis | DigestRecord, words: Words) -> str:
    """Say why a model has not written something, in brackets; empty where the record does not know."""
    if asked.reason is None:
        return ""
    details = [words.reasons[asked.reason], *([escape(asked.detail)] if asked.detail else [])]
    return words.brackets.format(inner=words.comma.join(details))


def render_importance_counts(counts: Counts, words: Words) -> str:
    """Say how many commits are of which importance."""
    numbers = {Importance.HIGH: counts.high, Importance.MEDIUM: counts.medium, Importance.LOW: counts.low}
    shown = (f"{words.importance[importance]} {number:,}" for importance, number in numbers.items() if number)
    return " \u00b7 ".join(shown)


def find_writers(record: DayRecord, words: Words) -> tuple[str, ...]:
    """Name who wrote a day's finished analyses, as markup: the rules, or models by name."""
    finished = [commit.analysis for commit in record.commits if commit.analysis.outcome is Outcome.OK]
    names = sorted(
        {escape(cut(analysis.provenance.model or "", LONGEST_NAME)) for analysis in finished} - {""}
    )
    writers = {analysis.provenance.writer for analysis in finished}
    others = [
        word for writer, word in (("rules", words.rules), ("report", words.report)) if writer in writers
    ]
    return (*others, *names)
