"""What pages say of models: digests and who wrote them, what is missing and why, what was spent."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from generator.analyse.model.asks import MOST_RUNS
from generator.bills import Bill, add_bills, add_models, find_bills
from generator.pages.costs import render_spent
from generator.pages.languages import find_words
from generator.record_additions import Contradiction, Grounding
from generator.records import (
    ACROSS,
    Analysis,
    Breaking,
    DayRecord,
    DigestRecord,
    Impact,
    Importance,
    Insight,
    Kind,
    Language,
    Outcome,
    Provenance,
    Reason,
    Redaction,
    Tokens,
    Trial,
)
from tests.page_archive import (
    ENGINE,
    MONDAY,
    TOOLS,
    WEB,
    MadeArchive,
    make_analysis,
    make_archive,
    make_commit,
    make_day,
    make_digest,
    make_line,
    make_repository,
    name_sha,
)
from tests.test_pages import LANGUAGES, commit_uri, list_links, parse_page, render, render_made, show

NOON = "2026-01-05T12:00:00+08:00"
ENGLISH = find_words("en")
HIGH = make_analysis(str, importance=Importance.HIGH)
RULES_WROTE = "Put together by the rules (digest-1)."


def make_own_archive(*digests: DigestRecord, days: tuple[DayRecord, ...]) -> MadeArchive:
    names = sorted({day.repository for day in days})
    records = tuple(make_repository(name, web=WEB if name == ENGINE else None) for name in names)
    return MadeArchive(records, days, digests)


def make_monday(*analyses: Analysis, name: str = ENGINE, first: int = 1) -> DayRecord:
    return make_day(
        name, MONDAY, [make_commit(first + n, NOON, analysis=of) for n, of in enumerate(analyses)]
    )


def make_provenance(model: str, **fields: object) -> Provenance:
    tokens = Tokens(prompt=1000, completion=100)
    values = {
        "version": "p-1",
        "language": "en",
        "share_read": 1.0,
        "calls": 1,
        "tokens": tokens,
        "cost": 0.5,
    }
    return Provenance.model_validate({"writer": "model", "model": model} | values | fields)


def make_trial(model: str = "m", **fields: object) -> Trial:
    values = {
        "runs": 3,
        "version": "p-1",
        "calls": 3,
        "tokens": Tokens(prompt=30, completion=3),
        "cost": 0.25,
    }
    return Trial.model_validate({"model": model} | values | fields)


def test_a_day_begins_with_its_digest_each_line_with_its_commits_and_who_wrote_it() -> None:
    text = render_made()[f"{ENGINE}/2026/01/05.md"]
    assert (
        "What matters A scheduler. It is called Scheduler.run. 0000002 The rest. 0000001 0000003 "
        "Put together by the model gpt-5-mini (prompt digest-p-1), not checked by a person, 2026-01-06 01:02 UTC. "
        "🔴 High (1)"
    ) in show(text)
    lines = [line for line in text[: text.index("db-filters")].splitlines() if line.startswith("<li>")]
    assert [re.findall(r"commit/(\d{7})", line) for line in lines] == [["0000002"], ["0000001", "0000003"]]


def test_a_days_commits_follow_its_digest_and_a_repositorys_page_tells_what_it_leaves_out() -> None:
    digest = make_digest(ENGINE, "2026-01-05", make_line("One thing.", (ENGINE, 1), (ENGINE, 2)))
    archive = make_own_archive(digest, days=(make_monday(HIGH, HIGH, HIGH, make_analysis(str)),))
    pages = render(archive)
    shown = show(pages[f"{ENGINE}/2026/01/05.md"])
    assert shown[shown.index("What matters") : shown.index("🔴 High (3)")] == (
        f"What matters One thing. 0000001 0000002 {RULES_WROTE} "
    )
    assert (
        f"What matters One thing. 0000001 0000002 {RULES_WROTE} "
        "Also of high importance: Feature feat: subject 3 – touches one file Recent days"
    ).removeprefix("What matters ") in show(pages[f"{ENGINE}/index.md"])


def test_a_digest_as_long_as_the_room_for_what_matters_hides_no_commit() -> None:
    lines = (make_line(f"Line {number}.", (ENGINE, 1)) for number in range(12))
    archive = make_own_archive(
        make_digest(ENGINE, "2026-01-05", *lines), days=(make_monday(HIGH, HIGH, HIGH),)
    )
    shown = show(render(archive)[f"{ENGINE}/index.md"])
    assert f"Line 11. 0000001 {RULES_WROTE} Also of high importance: Feature feat: subject 2" in shown
    assert "touches one file and 1 more Recent days" in shown


def test_a_digest_without_lines_leaves_the_page_as_it_is_without_one() -> None:
    days = (make_monday(HIGH, make_analysis(str)),)
    empty = (make_digest(scope, "2026-01-05") for scope in (ENGINE, ACROSS))
    assert render(make_own_archive(*empty, days=days)) == render(make_own_archive(days=days))
    assert "Put together" not in show(render(make_own_archive(days=days))["index.md"])


def make_two_repositories(*digests: DigestRecord) -> MadeArchive:
    # A fork: both hold the commits of the same numbers.
    days = (make_monday(HIGH, HIGH, HIGH), make_monday(HIGH, HIGH, name=TOOLS))
    return make_own_archive(*digests, days=days)


OWN = make_digest(
    ENGINE,
    "2026-01-05",
    make_line("Told above.", (ENGINE, 1)),
    make_line("Half of it new.", (ENGINE, 1), (ENGINE, 2)),
)
TOGETHER = make_digest(ACROSS, "2026-01-05", make_line("Of both.", (ENGINE, 1), (TOOLS, 2)))


def test_a_day_across_repositories_tells_its_own_digest_then_every_commit_of_each() -> None:
    shown = show(render(make_two_repositories(OWN, TOGETHER))["days/2026/01/05.md"])
    commits = [
        f"{name} Feature feat: subject {number} Ada Lovelace · 12:00:00 · {number:07} touches one file"
        for name, number in [(ENGINE, 1), (ENGINE, 2), (ENGINE, 3), (TOOLS, 1), (TOOLS, 2)]
    ]
    assert shown == (
        "2026-01-05 Mon 2 repositories · 5 commits · 🔴 High 5 "
        f"What matters Of both. engine 0000001 tools 0000002 {RULES_WROTE} "
        "By repository ada/engine 3 commits: 3 analysed (rules) 🔴 High 3 "
        "lab/tools 2 commits: 2 analysed (rules) 🔴 High 2 "
        f"🔴 High (5) {' '.join(commits)}"
    )


def test_home_tells_the_latest_days_digest_and_leaves_those_of_repositories_to_their_pages() -> None:
    shown = show(render(make_two_repositories(OWN, TOGETHER))["index.md"])
    assert (
        f"2026-01-05 Mon 2 repositories · 5 commits · 🔴 High 5 Of both. engine 0000001 tools 0000002 {RULES_WROTE}"
        in shown
    )
    assert "Half of it new." not in shown
    assert "lab/tools 2 commits: 2 analysed (rules) 🔴 High 2 Commits of high importance ada/engine" in shown
    without = show(render(make_two_repositories(OWN))["index.md"])
    assert "🔴 High 5 ada/engine Told above. 0000001 Half of it new. 0000001 0000002" in without


def test_a_repositorys_page_tells_the_digest_of_its_newest_day() -> None:
    shown = show(render_made()[f"{TOOLS}/index.md"])
    assert f"🟢 Low 2 Many files. 0000066 {RULES_WROTE} Recent days" in shown


def test_a_month_tells_its_digest_before_its_calendar() -> None:
    digest = make_digest(ENGINE, "2026-01", make_line("A month of work.", (ENGINE, 2)))
    archive = make_archive()
    pages = render(replace(archive, digests=(*archive.digests, digest)))
    views = "Views: High importance · By kind"
    assert f"3 days with commits {views} What matters A month of work. 0000002 {RULES_WROTE} Mon Tue" in show(
        pages[f"{ENGINE}/2026/01/index.md"]
    )
    assert f"What matters A quiet month. engine 0000002 tools 0000067 {RULES_WROTE} Mon Tue" in show(
        pages["days/2026/01/index.md"]
    )
    assert "of work" not in pages[f"{TOOLS}/2026/01/index.md"] + pages[f"{ENGINE}/2026/index.md"]


@pytest.mark.parametrize(
    ("outcome", "reason", "detail", "note"),
    [
        (Outcome.OK, None, None, ""),
        (Outcome.PENDING, None, None, "; a model's is still to come"),
        (
            Outcome.PENDING,
            Reason.NO_KEY,
            "OPENAI_API_KEY",
            "; a model's is still to come (no key was set, OPENAI_API_KEY)",
        ),
        (Outcome.FAILED, Reason.CUT, None, "; a model was asked and wrote none (the reply was cut short)"),
        (Outcome.REFUSED, Reason.REFUSED, None, "; a model's was refused (the model declined)"),
    ],
)
def test_a_digest_says_what_became_of_a_models(
    outcome: Outcome, reason: Reason | None, detail: str | None, note: str
) -> None:
    line = make_line("A line.", (ENGINE, 1))
    digest = make_digest(ENGINE, "2026-01-05", line, outcome=outcome, reason=reason, detail=detail)
    shown = show(render(make_own_archive(digest, days=(make_monday(HIGH),)))[f"{ENGINE}/2026/01/05.md"])
    assert f"What matters A line. 0000001 Put together by the rules (digest-1){note}. 🔴 High (1)" in shown


def test_a_commit_of_a_digest_that_has_no_page_leads_to_the_host_or_nowhere() -> None:
    commits = ((ENGINE, 1), (ENGINE, 9), (TOOLS, 1), ("some/body", 2))
    digest = make_digest(ACROSS, "2026-01-05", make_line("All.", *commits))
    archive = make_own_archive(digest, days=(make_monday(HIGH), make_monday(HIGH, name="b/tools")))
    text = render(archive)["days/2026/01/05.md"]
    assert "All. engine 0000001 0000009 lab/tools 0000001 body 0000002" in show(text)
    line = next(line for line in text.splitlines() if line.startswith("<li>All"))
    assert list_links(f"---\n---\n{line}") == [
        f"../../../{ENGINE}/commit/{name_sha(1)}.md",
        f"{WEB}/commit/{name_sha(9)}",
    ]


def lack(outcome: Outcome, reason: Reason | None, **fields: object) -> Analysis:
    return make_analysis(str, outcome=outcome, reason=reason, **fields)


def test_an_account_says_why_and_how_often_where_the_reasons_differ() -> None:
    day = make_monday(
        *[lack(Outcome.PENDING, Reason.WAITING)] * 3,
        *[lack(Outcome.PENDING, Reason.BUDGET)] * 2,
        lack(Outcome.PENDING, None),
        lack(Outcome.FAILED, Reason.CUT),
        lack(Outcome.REFUSED, Reason.FILTERED),
    )
    pages = render(make_own_archive(days=(day,)))
    account = (
        "6 pending (not asked yet 3, the day's budget was spent 2), "
        "1 failed (the reply was cut short), 1 refused (the provider's filter stopped it)"
    )
    assert f"8 commits: 0 analysed, {account}, 0 skipped Asia" in show(pages[f"{ENGINE}/2026/01/05.md"])
    for src_uri in ("days/2026/01/05.md", "index.md", f"{ENGINE}/index.md"):
        assert f"8 commits: {account} 🟢" in show(pages[src_uri])


def test_an_account_stresses_what_is_missing_and_no_zero() -> None:
    text = render_made()[f"{ENGINE}/2026/01/05.md"]
    assert "<span class=db-warn>1 pending</span> (" in text
    assert ", 0 failed, 0 skipped<" in text


@pytest.mark.parametrize("reason", Reason)
def test_a_commit_says_why_it_has_no_analysis_by_a_model(reason: Reason) -> None:
    archive = make_own_archive(days=(make_monday(lack(Outcome.FAILED, reason)),))
    for language in LANGUAGES:
        words = find_words(language)
        shown = show(render(archive, language)[commit_uri(1)])
        note = words.outcome_notes[Outcome.FAILED] + words.brackets.format(inner=words.reasons[reason])
        assert f"{note}{words.stop}{words.space}{words.rules_follow} {words.kinds_title}" in shown


def test_a_days_page_says_what_models_cost_and_nothing_where_none_was_asked() -> None:
    day = make_monday(
        make_analysis(str, provenance=make_provenance("a")),
        lack(Outcome.FAILED, Reason.CUT, trial=make_trial("b", cost=None)),
    )
    digest = make_digest(
        ENGINE, "2026-01-05", make_line("A line.", (ENGINE, 1)), provenance=make_provenance("a", cost=1.25)
    )
    shown = show(render(make_own_archive(digest, days=(day,)))[f"{ENGINE}/2026/01/05.md"])
    assert "JSON record · Models: 5 calls, 2,030 + 203 tokens, $1.75 + price unknown What matters" in shown
    assert "Models" not in show(
        render(make_own_archive(days=(make_monday(HIGH),)))[f"{ENGINE}/2026/01/05.md"]
    )


@pytest.mark.parametrize(
    ("cost", "is_partial", "shown"),
    [
        (None, False, ""),
        (None, True, ", price unknown"),
        (0.0, False, ", $0.00"),
        (0.00001, False, ", <$0.0001"),
        (0.00125, False, ", $0.0013"),
        (1234.5, False, ", $1,234.50"),
        (0.5, True, ", $0.5000 + price unknown"),
    ],
)
def test_a_price_that_nobody_knows_is_never_shown_as_nothing(
    cost: float | None, is_partial: bool, shown: str
) -> None:
    bill = Bill(model="m", calls=1, prompt=1000, completion=5, cost=cost, is_partial=is_partial)
    assert show(f"---\n---\n{render_spent(bill, ENGLISH)}") == f"1 call, 1,000 + 5 tokens{shown}"


def test_bills_are_added_up_by_model_and_over_all_of_them() -> None:
    written = make_analysis(str, provenance=make_provenance("b", cost=None), trial=None)
    given_up = lack(Outcome.REFUSED, Reason.REFUSED, trial=make_trial("a"))
    still_tried = lack(Outcome.PENDING, Reason.BUDGET, trial=make_trial("a", runs=1))
    digest = make_digest(ENGINE, "2026-01", provenance=make_provenance("b"))
    bills = [bill for asked in (written, given_up, still_tried, digest, HIGH) for bill in find_bills(asked)]
    first = Bill(model="a", without_result=1, calls=6, prompt=60, completion=6, cost=0.5)
    second = Bill(
        model="b", analyses=1, digests=1, calls=2, prompt=2000, completion=200, cost=0.5, is_partial=True
    )
    assert add_bills(bills) == (first, second)
    assert add_models(bills) == replace(
        second, model="", without_result=1, calls=8, prompt=2060, completion=206, cost=1.0
    )
    assert add_models([]) is None


def test_what_was_never_sent_has_no_bill_and_no_unknown_price() -> None:
    nothing = Tokens(prompt=0, completion=0)
    repeated = make_digest(
        ACROSS, "2026-01-05", provenance=make_provenance("a", calls=0, tokens=nothing, cost=None)
    )
    never_sent = lack(Outcome.PENDING, Reason.BUDGET, trial=make_trial(runs=0, calls=0, cost=None))
    assert list(find_bills(repeated)) == []
    assert list(find_bills(never_sent)) == [Bill(model="m", prompt=30, completion=3)]


def make_days(number: int) -> tuple[DayRecord, ...]:
    """Make a day of one commit each, on which a model wrote it, and on every third day another model failed."""
    days = []
    for step in range(number):
        trial = make_trial("late") if step % 3 == 0 else None
        outcome, reason = (Outcome.FAILED, Reason.EMPTY) if trial else (Outcome.OK, None)
        provenance = HIGH.provenance if trial else make_provenance("early")
        analysis = lack(outcome, reason, trial=trial, provenance=provenance)
        day = MONDAY + timedelta(days=step)
        days.append(
            make_day(ENGINE, day, [make_commit(step + 1, f"{day}T12:00:00+08:00", analysis=analysis)])
        )
    return tuple(days)


def test_status_adds_up_every_model_then_the_newest_days_and_all_months() -> None:
    month = make_digest(ENGINE, "2026-01", provenance=make_provenance("early", cost=None))
    text = render(make_own_archive(month, days=make_days(30)))["status.md"]
    shown = show(text)
    assert shown[shown.index("Models") : shown.index("Day Calls")] == (
        "Models Model Analyses Digests Without result Calls Tokens sent Tokens written Cost "
        "early 20 1 21 21,000 2,100 $10.00 + price unknown "
        "late 10 30 300 30 $2.50 "
        "Cost "
    )
    days = [str(MONDAY + timedelta(days=step)) for step in range(29, 15, -1)]
    assert re.findall(r"2026-\d\d-\d\d (?=[13] )", shown) == [f"{day} " for day in days]
    assert "2026-02-03 1 1,000 100 $0.5000 2026-02-02 1 1,000 100 $0.5000 2026-02-01 3 30 3 $0.2500" in shown
    assert (
        "Month Calls Tokens sent Tokens written Cost 2026-02 5 2,030 203 $1.25 "
        "2026-01 46 19,270 1,927 $11.25 + price unknown "
        "In US dollars, counted on the day the commits landed; a month also counts its own digests." in shown
    )
    assert {"days/2026/02/03.md", "days/2026/02/index.md"} <= set(list_links(text))


def test_the_digest_of_a_month_costs_the_month_and_no_day() -> None:
    month = make_digest(ENGINE, "2026-01", provenance=make_provenance("local", cost=None))
    shown = show(render(make_own_archive(month, days=(make_monday(HIGH),)))["status.md"])
    assert (
        "Without result Calls Tokens sent Tokens written Cost local 1 1 1,000 100 price unknown "
        "Cost Month Calls Tokens sent Tokens written Cost 2026-01 1 1,000 100 price unknown In US dollars"
    ) in shown


def test_status_of_an_archive_by_rules_says_that_no_model_was_asked() -> None:
    shown = show(render(make_own_archive(days=(make_monday(HIGH),)))["status.md"])
    assert shown.endswith("Models No model was asked.")
    assert "All is well" in shown
    assert "Cost" not in shown


def test_status_says_what_to_do_for_every_reason() -> None:
    analyses = [lack(Outcome.FAILED, reason) for reason in Reason for _ in range(2)]
    digests = [
        make_digest(ENGINE, str(MONDAY), outcome=Outcome.PENDING, reason=Reason.BATCH),
        make_digest(ACROSS, str(MONDAY), outcome=Outcome.PENDING, reason=Reason.BATCH),
        make_digest(ENGINE, "2026-01", outcome=Outcome.PENDING, reason=Reason.WAITING),
    ]
    archive = make_own_archive(*digests, days=(make_monday(*analyses),))
    for language in LANGUAGES:
        words = find_words(language)
        shown = show(render(archive, language)["status.md"])
        for reason in Reason:
            digests_missing = "2 " if reason is Reason.BATCH else ""
            advice = re.sub("</?code>", "", words.advice[reason])
            assert f"{words.reasons[reason]} 2 {digests_missing}{advice}" in shown


def test_a_refused_analysis_is_told_and_asks_for_nothing() -> None:
    refused = make_monday(HIGH, lack(Outcome.REFUSED, Reason.REFUSED))
    pages = render(make_own_archive(days=(refused,)))
    status = show(pages["status.md"])
    assert status.startswith("Archive status Missing analyses and digests Why")
    assert "the model declined 1 Nothing needs to be done" in status
    assert "Needs attention" not in status
    assert "All is well" not in status
    assert "State ada/engine 2026-01-05 2 complete Recent days" in show(pages["index.md"])
    assert "2 commits: 1 analysed (rules), 1 refused (the model declined)" in show(pages["index.md"])
    failed = make_monday(lack(Outcome.REFUSED, Reason.REFUSED), lack(Outcome.FAILED, Reason.EMPTY))
    pages = render(make_own_archive(days=(failed,)))
    assert "ada/engine: 1 analysis incomplete – see the reasons below" in show(pages["status.md"])
    assert "2026-01-05 2 1 analysis incomplete Recent days" in show(pages["index.md"])


def test_commits_of_a_line_stand_together_by_repository_as_they_come() -> None:
    mentions = ((TOOLS, 2), (ENGINE, 3), (TOOLS, 1), (ENGINE, 1))
    digest = make_digest(ACROSS, "2026-01-05", make_line("All.", *mentions))
    text = render(make_two_repositories(digest))["days/2026/01/05.md"]
    assert "All. tools 0000002 0000001 engine 0000003 0000001 Put" in show(text)


def test_a_repositorys_own_digest_gives_way_to_the_one_across_repositories() -> None:
    own = make_digest(
        ENGINE,
        "2026-01-05",
        make_line("Mostly told.", (ENGINE, 1), (ENGINE, 2), (ENGINE, 3)),
    )
    together = make_digest(ACROSS, "2026-01-05", make_line("Of both.", (ENGINE, 1), (ENGINE, 2), (TOOLS, 2)))
    pages = render(make_two_repositories(own, together))
    shown = show(pages["days/2026/01/05.md"])
    assert shown.count("Put together") == 1
    assert "Mostly told." not in shown
    assert "Mostly told. 0000001 0000002 0000003" in show(pages[f"{ENGINE}/2026/01/05.md"])


def test_a_name_that_the_commit_does_not_hold_is_marked_wherever_it_stands_as_code() -> None:
    name = "no<such>(*name*)|"
    analysis = make_analysis(
        str,
        importance=Importance.HIGH,
        importance_reason=f"0 `{name}`",
        summary=f"1 `{name}`, `there` and {name}, {name}.",
        impact=(Impact(component=name, note=f"2 `{name}`"),),
        insight=Insight(security=f"3 `{name}`"),
        risks=(f"4 `{name}`",),
        advice=(f"5 `{name}` ``{name}``",),
        breaking=Breaking(answer="yes", evidence=f"6 `{name}`"),
        provenance=make_provenance("m"),
        grounding=Grounding(confirmed=("there",), not_found=(name, "0")),
    )
    pages = render(make_own_archive(days=(make_monday(analysis),)))
    marked = [read_text(node) for node in parse_page(pages[commit_uri(1)]).query("code.db-warn")]
    assert marked == [name] * 7
    code = [read_text(node) for node in parse_page(pages[commit_uri(1)]).query("li code, p code")]
    assert code.count(name) == 8  # once more where it says what was not found
    assert "1 no<such>(*name*)|, there and no<such>(*name*)|, no<such>(*name*)|." in show(
        pages[commit_uri(1)]
    )
    for src_uri in (f"{ENGINE}/2026/01/05.md", "index.md"):
        # What it does, its risk and its advice.
        assert [read_text(node) for node in parse_page(pages[src_uri]).query("code.db-warn")] == [name] * 3


def read_text(node: Any) -> str:
    return "".join(child.data for child in node.children)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_asked_again_by_itself_is_so_as_often_as_the_advice_says(language: Language) -> None:
    words = find_words(language)
    number = {3: {"en": "three times in all", "zh": "最多三次"}}[MOST_RUNS][language]
    asked_again = {reason for reason in Reason if number in words.advice[reason]}
    assert asked_again == {
        *(Reason.NO_ANSWER, Reason.CUT, Reason.EMPTY, Reason.INVALID),
        *(Reason.WRONG_LANGUAGE, Reason.TOO_LARGE, Reason.INCOMPLETE),
    }
    assert {reason for reason in Reason if "--retry" in words.advice[reason]} == asked_again


def test_a_digest_that_failed_leaves_not_all_well_and_one_that_waits_does() -> None:
    line = make_line("A line.", (ENGINE, 1))
    for reason, is_well in ((Reason.WAITING, True), (Reason.INVALID, False)):
        digest = make_digest(ENGINE, "2026-01-05", line, outcome=Outcome.PENDING, reason=reason)
        shown = show(render(make_own_archive(digest, days=(make_monday(HIGH),)))["status.md"])
        assert ("All is well" in shown, "Missing analyses" in shown) == (is_well, not is_well)


def test_a_contradiction_is_told_beside_the_field_and_marked_in_lists() -> None:
    pages = render_made()
    shown = show(pages[commit_uri(2)])
    assert (
        "🎯 Kind: Feature, Performance The rules say Refactor, the model Feature, Performance. "
        "⚡ Importance: 🔴 High – touches one file The rules say 🟢 Low, the model 🔴 High. "
        "💥 Breaking: yes – the old entry point is gone The rules say no, the model yes. 📋 Summary"
    ) in shown
    assert shown.startswith(
        "feat(core): add a scheduler (#12) 🔴 High Feature Performance 💥 breaking disputed ·"
    )
    assert "Feature Performance 💥 breaking disputed feat(core): add a scheduler #12" in show(
        pages[f"{ENGINE}/2026/01/05.md"]
    )
    assert "disputed" not in show(pages[commit_uri(1)])


def test_a_model_that_sees_no_break_where_the_rules_do_is_contradicted_in_the_open() -> None:
    contradiction = Contradiction(field="breaking", rules=("yes",), model=("no",))
    analysis = make_analysis(str, breaking=Breaking(answer="no"), contradictions=(contradiction,))
    shown = show(render(make_own_archive(days=(make_monday(analysis),)))[commit_uri(1)])
    assert "💥 Breaking: no The rules say yes, the model no. 📋 Summary" in shown


def test_a_page_says_where_a_secret_was_replaced_and_never_what() -> None:
    shown = show(render_made()[commit_uri(2)])
    assert (
        "Redacted: what looks like a secret was replaced in src/scheduler.py, line 12; the message, line 3 Links"
        in shown
    )
    assert "AWS" not in shown
    assert "Private" not in shown
    assert "Redacted" not in show(render_made()[commit_uri(1)])


def test_places_of_secrets_are_named_once_and_no_more_than_ten() -> None:
    redactions = tuple(Redaction(path="a", line=line // 2 + 1, sort=str(line)) for line in range(24))
    day = make_day(ENGINE, MONDAY, [make_commit(1, NOON, redactions=redactions)])
    shown = show(render(make_own_archive(days=(day,)))[commit_uri(1)])
    assert "replaced in a, line 1; a, line 2;" in shown
    assert "; a, line 10; and 2 more Links" in shown


def test_a_commit_of_a_model_without_a_price_says_so() -> None:
    analysis = make_analysis(str, provenance=make_provenance("local", cost=None), kinds=(Kind.FIX,))
    shown = show(render(make_own_archive(days=(make_monday(analysis),)))[commit_uri(1)])
    assert "it read 100 % of the diff. 1 call, 1,000 + 100 tokens, price unknown Facts" in shown
