"""Name every word that a page says of its own accord; each language has its table of them.

This module must not know where a word stands. Words are markup as they are, and hold no element but `<code>` and no
mark that Markdown reads; what goes between their braces is already markup.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from generator.imports import Trouble
from generator.pages.survey import Standing
from generator.records import Importance, Kind, Outcome, Reason

# What is said of one thing, and of any other number of them.
Counted = tuple[str, str]


def count(number: int, forms: Counted) -> str:
    """Say how many there are."""
    return forms[number != 1].format(n=f"{number:,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The words of one language."""

    # Marks between words.
    colon: str
    comma: str
    listing: str
    semicolon: str
    stop: str
    space: str
    dash: str
    brackets: str
    none: str

    # Vocabularies.
    weekdays: tuple[str, str, str, str, str, str, str]
    kinds: Mapping[Kind, str]
    importance: Mapping[Importance, str]
    breaking_answers: Mapping[str, str]
    statuses: Mapping[str, str]
    standings: Mapping[Standing, str]
    outcome_marks: Mapping[Outcome, str]
    outcome_notes: Mapping[Outcome, str]
    digest_notes: Mapping[Outcome, str]
    reasons: Mapping[Reason, str]
    advice: Mapping[Reason, str]

    # Places.
    home: str
    status: str
    repository: str
    repositories: str
    recent_days: str
    years: str
    by_repository: str
    quiet_repositories: str
    record: str
    on_host: str

    # How complete a day is.
    commits: Counted
    repositories_counted: Counted
    days_counted: Counted
    outcome_counts: Mapping[Outcome, str]
    gone: str
    rules: str
    day_rule: str
    amended: str
    amended_note: str
    could_not_look: str

    # Commits in lists.
    what_matters: str
    nothing_high: str
    also_high: str
    high_commits: str
    digest_by_rules: str
    digest_by_model: str
    and_more: Counted
    parts: str
    more_commits: Counted
    no_subject: str
    unnamed: str
    gone_mark: str
    reverted_mark: str
    disputed_mark: str
    breaking_mark: str

    # Lists of many commits.
    notes_by_rules: Counted
    notes_by_models: Counted
    watched: str
    watched_globs: str
    watch_newest: str
    watch_since: str
    watch_month: Counted
    watch_none: str
    unseen_days: Counted
    feed: str

    # Views of months and years.
    views: str
    high_view: str
    high_of_month: str
    kinds_view: str
    kind: str
    trends: str
    authors: str
    author: str
    authors_counted: Counted
    all_authors: str
    authors_note: str
    commits_by_week: str
    shares_by_week: str
    all_commits: str
    by_week: str
    whole_year: str
    most_in_a_week: str
    bars_told: str
    weeks_note: str
    numbers_by_week: str
    week: str
    busiest_folders: str
    folder: str
    top_folder: str
    folders_note: str
    busiest_authors: str

    # Releases.
    releases: str
    release: str
    prerelease: str
    release_previous: str
    release_gone: str
    release_former: str
    release_total: Counted
    release_whole: Counted
    release_none: str
    release_listed: Counted
    release_elsewhere: Counted
    release_compare: str
    release_breaking: str
    release_columns: tuple[str, str, str, str]

    # Calendars and tables.
    day: str
    month: str
    days_column: str
    commits_column: str
    outcome_columns: tuple[str, str, str, str, str]
    notes: str
    incomplete: Counted
    unseen: Counted
    legend_none: str
    legend_unknown: str
    past_year: str
    months: tuple[str, str, str, str, str, str, str, str, str, str, str, str]
    year_legend: str

    # An analysis.
    kinds_title: str
    importance_title: str
    breaking_title: str
    summary_title: str
    impact_title: str
    insight_title: str
    architecture: str
    performance: str
    security: str
    risks_title: str
    advice_title: str
    disputed: str
    rules_follow: str
    written_by_rules: str
    written_by_model: str
    written_by_report: str
    asked_without_result: str
    confirmed: Counted
    not_found: str

    # What imported reports told.
    report: str
    original_title: str
    original_cut: str
    told_at: str
    told_of_day: str
    told_alone: str
    imports: str
    imports_told: str
    imports_counts: str
    imports_documents: str
    imports_columns: tuple[str, str, str, str, str]
    troubles_title: str
    troubles_columns: tuple[str, str]
    notes_title: str
    notes_columns: tuple[str, str]
    no_troubles: str
    troubles: Mapping[Trouble, str]

    # What models were asked for.
    models: str
    no_model: str
    runs: Counted
    calls: Counted
    tokens: str
    cost: str
    cost_note: str
    price_unknown: str
    missing_title: str
    missing_columns: tuple[str, str, str, str]
    model_columns: tuple[str, str, str, str]
    cost_columns: tuple[str, str, str, str]

    # What git says of a commit.
    in_files: str
    gone_note: str
    message_title: str
    message_cut: str
    encoding: str
    facts_title: str
    parents: str
    root: str
    landing: str
    landed_itself: str
    landed_through: str
    at_moment: str
    on_day: str
    committer: str
    original_date: str
    co_authors: str
    trailers: str
    reverts: str
    reverted_by: str
    pull_request: str
    same_pull_request: str
    landed_together: str
    follows: str
    followed_by: str
    perhaps_more: str
    issues: str
    redacted_title: str
    redacted: str
    redacted_line: str
    redacted_message: str
    links: str
    files_title: str
    brought_title: str
    files: Counted
    binary: str
    submodule: str
    mode: str
    more_files: Counted
    diff_title: str
    changed_lines: Counted
    cut_lines: Counted
    not_compared: Counted
    whole_diff: str

    # How repositories stand.
    branch: str
    tip: str
    timezone: str
    covered: str
    newest: str
    state: str
    state_good: str
    state_empty: str
    state_failed: str
    state_writing: str
    nothing_archived: str
    needs_attention: str
    all_well: str
    failure_advice: str
    writing_advice: str
    pending_advice: str
    outcomes_title: str
    amended_days: str
    gone_commits: str
