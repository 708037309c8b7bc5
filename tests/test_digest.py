"""What the rules say of a day: what matters first, in words that stand on commits."""

from __future__ import annotations

from dataclasses import replace

import hypothesis.strategies as st
import pytest
from hypothesis import Phase, given, settings

from generator.analyse.digest import write_breaking, write_by_rules
from generator.analyse.digest_groups import MOST_COMMITS, MOST_LINES, Head, find_head
from generator.analyse.digest_source import DigestSource, find_basis, find_sources
from generator.analyse.digest_words import TABLES
from generator.analyse.wording import Wording
from generator.records import Breaking, Importance, Kind, Language, Outcome
from tests.digests import ENGINE, TOOLS, make_source, name_sha
from tests.page_archive import MONDAY, make_analysis, make_commit, make_day

HIGH, LOW = Importance.HIGH, Importance.LOW


def read(sources: list[DigestSource], language: Language = "en") -> list[tuple[str, list[int]]]:
    """Read the lines, each with the numbers of its commits."""
    lines = write_by_rules(sources, language)
    return [(line.text, [int(mention.sha[:7], 16) for mention in line.commits]) for line in lines]


def test_what_users_must_act_on_comes_first_and_what_is_small_last() -> None:
    sources = [
        make_source(1, "tidy the tests", kinds=(Kind.TEST,), importance=LOW),
        make_source(2, "stop the leak", importance_reason="Bug fix, 3 lines of source in 1 file"),
        make_source(
            3,
            "add a scheduler",
            kinds=(Kind.FEATURE,),
            importance=HIGH,
            importance_reason="a documented feature: adds `--plan`, documented in `docs/plan.md`",
        ),
        make_source(
            4, "drop the queue", importance=HIGH, breaking=Breaking(answer="yes", evidence="see the guide")
        ),
        make_source(
            5, "check the token", kinds=(Kind.FIX, Kind.SECURITY), importance=HIGH, importance_reason="x"
        ),
        make_source(
            6,
            "remove `pick`",
            kinds=(Kind.REFACTOR,),
            importance=HIGH,
            importance_reason="removes definitions of public names: `pick`",
            breaking=Breaking(answer="unclear", evidence="`pick`"),
        ),
    ]
    assert read(sources) == [
        ("Breaking change: “drop the queue” (see the guide).", [4]),
        ("Security: “check the token” (x).", [5]),
        ("Interface change: “remove `pick`” (removes definitions of public names: `pick`).", [6]),
        (
            "Feature: “add a scheduler” (a documented feature: adds `--plan`, documented in `docs/plan.md`).",
            [3],
        ),
        ("Bug fix: “stop the leak”.", [2]),
        ("Besides: “tidy the tests”.", [1]),
    ]


def test_the_same_in_chinese() -> None:
    sources = [
        make_source(1, "stop the leak", areas=("core",)),
        make_source(
            2,
            "drop the queue",
            importance=HIGH,
            breaking=Breaking(answer="yes", evidence="见指南"),
            language="zh",
        ),
        *(make_source(number, kinds=(Kind.DOCS,), importance=LOW) for number in range(3, 9)),
    ]
    assert read(sources, "zh") == [
        ("破坏性变更：“drop the queue”（见指南）。", [2]),
        ("Bug修复（core）：“stop the leak”。", [1]),
        (
            "文档：“mend thing 3”、“mend thing 4”、“mend thing 5”、“mend thing 6”；另有 2 项。",
            [3, 4, 5, 6, 7, 8],
        ),
    ]


def test_a_change_and_what_took_it_back_are_one_line_with_one_title() -> None:
    sources = [
        make_source(1, "add a cache", kinds=(Kind.FEATURE,), is_reverted=True, importance=HIGH, lines=90),
        make_source(2, "add a cache", kinds=(Kind.REVERT,), importance=HIGH),
        make_source(3, "mend it"),
    ]
    assert read(sources) == [("Taken back: “add a cache”.", [1, 2]), ("Bug fix: “mend it”.", [3])]


def test_the_words_of_the_message_are_quoted_to_the_end_of_a_sentence() -> None:
    said = "Streams leaked a worker when clients closed them early, e.g. on a timeout. It was found by hand"
    summary = f"Bug fix: “stop the leak”. The message says: “{said}”. It changes only `src/a.py` (+3 −1)."
    assert read([make_source(1, "stop the leak", summary=summary)]) == [
        (
            "Bug fix: “stop the leak”. The author: “Streams leaked a worker when clients closed them early, "
            "e.g. on a timeout”.",
            [1],
        )
    ]


def test_a_models_summary_is_worth_more_than_a_title() -> None:
    source = make_source(
        1, "stop the leak", summary="客户端提前关闭的流不再泄漏工作线程。", by_model=True, language="zh"
    )
    assert read([source], "zh") == [("Bug修复：客户端提前关闭的流不再泄漏工作线程。", [1])]


def test_of_several_commits_each_is_named_by_its_title_whoever_wrote_the_summary() -> None:
    summary = "Reads the limit of the queue from the settings " + "and from the environment " * 9
    sources = [
        make_source(1, "stop the leak", areas=("api",), summary=summary, by_model=True),
        make_source(2, "mend b", areas=("kv",), summary="No longer waits.", by_model=True),
    ]
    assert read(sources) == [("Bug fix: api: “stop the leak”; kv: “mend b”.", [1, 2])]
    assert [text for text, _ in read([replace(source, language="zh") for source in sources], "zh")] == [
        "Bug修复：api：“stop the leak”；kv：“mend b”。"
    ]


def test_what_is_cut_has_no_full_stop_after_its_ellipsis() -> None:
    summary = "Reads the limit of the queue from the settings " + "and from the environment " * 20
    ((text, _),) = read([make_source(1, summary=summary, by_model=True)])
    assert text.endswith("environment and from…")
    ((text, _),) = read([make_source(1, summary=summary, by_model=True, language="zh")], "zh")
    assert text.endswith("…")


@pytest.mark.parametrize("by_model", [False, True])
def test_what_was_written_in_a_language_that_is_no_longer_wanted_is_not_repeated(by_model: bool) -> None:
    said = "Streams leaked a worker when clients closed them early, and so on and on"
    breaking = Breaking(answer="yes", evidence="提交说明这样写")
    values = {"by_model": by_model, "language": "zh", "importance": HIGH}
    sources = [
        make_source(1, "drop the queue", breaking=breaking, summary="移除旧队列。", **values),
        make_source(
            2,
            "stop the leak",
            importance_reason="源码改动较大：900 行",
            summary=f"Bug修复：“stop the leak”。提交说明写道：“{said}”。",
            **values,
        ),
    ]
    author = "" if by_model else f" The author: “{said}”."
    assert read(sources) == [
        ("Breaking change: “drop the queue”.", [1]),
        (f"Bug fix: “stop the leak”.{author}", [2]),
    ]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_reason_that_only_says_how_large_a_change_is_stays_out_in_both_languages(
    language: Language,
) -> None:
    size = Wording(language).say("high_size", lines="900", files="3 files")
    other = Wording(language).say("high_migration", names="`1.sql`")
    values = {"importance": HIGH, "language": language}
    for reason, is_told in ((size, False), (other, True)):
        ((text, _),) = read([make_source(1, importance_reason=reason, **values)], language)
        assert (reason in text) == is_told


def test_breaking_changes_that_a_model_left_out_are_each_named_and_linked() -> None:
    breaking = Breaking(answer="yes", evidence="see the guide")
    sources = [make_source(number, f"drop {number}", breaking=breaking) for number in range(1, 6)]
    lines = [(line.text, len(line.commits)) for line in write_breaking(sources, "en")]
    assert lines == [
        ("Breaking change: “drop 1”, “drop 2”, “drop 3”, “drop 4”.", 4),
        ("Breaking change: “drop 5” (see the guide).", 1),
    ]
    assert write_breaking([], "en") == ()


def test_commits_of_one_thing_stand_side_by_side() -> None:
    feature = {"kinds": (Kind.FEATURE,), "importance": HIGH, "importance_reason": "large source change: 1"}
    sources = [
        make_source(1, "add router", areas=("moe",), **feature),
        make_source(2, "add cache", areas=("kv",), **feature),
        make_source(3, "quantise router", areas=("moe",), **feature),
        make_source(4, "teach MiniMax-M2 to wait", **feature),
        make_source(5, "load MiniMax-M2", **feature),
        make_source(6, "first half", landing_sha=name_sha(99), **feature),
        make_source(7, "second half", landing_sha=name_sha(99), **feature),
    ]
    assert read(sources) == [
        ("Feature in moe: “add router”, “quantise router”.", [1, 3]),
        ("Feature: “teach MiniMax-M2 to wait”, “load MiniMax-M2”.", [4, 5]),
        ("Feature: “first half”, “second half”.", [6, 7]),
        ("Feature in kv: “add cache”.", [2]),
    ]


def test_every_title_that_is_named_is_linked() -> None:
    areas = {1: "api", 8: "api"}
    sources = [
        make_source(n, f"mend {n}", areas=(areas.get(n, f"x{n}"),), lines=90 - n) for n in range(1, 10)
    ]
    sources = [make_source(20, kinds=(Kind.FEATURE,), importance=HIGH), *sources]
    for text, numbers in read(sources)[1:]:
        named = [number for number in range(1, 10) if f"“mend {number}”" in text]
        assert named
        assert set(named) <= set(numbers)


def test_several_repositories_are_told_apart_and_by_their_whole_names_where_they_must() -> None:
    sources = [
        make_source(1, "mend a", areas=("api",)),
        make_source(2, "mend b", repository=TOOLS),
        *(make_source(number, kinds=(Kind.CI,), importance=LOW) for number in range(3, 6)),
        *(make_source(number, kinds=(Kind.DOCS,), importance=LOW, repository=TOOLS) for number in (6, 7)),
    ]
    assert read(sources)[0] == ("Bug fix: engine api: “mend a”; tools: “mend b”.", [1, 2])
    assert read([sources[0], make_source(2, "mend b", repository="bob/engine")]) == [
        ("Bug fix: ada/engine api: “mend a”; bob/engine: “mend b”.", [1, 2])
    ]
    kinds = (Kind.FEATURE, Kind.FIX, Kind.PERFORMANCE)
    busy = [*sources, *(make_source(10 + number, kinds=(kind,)) for number, kind in enumerate(kinds))]
    assert read(busy)[-1] == (
        "Besides: engine 3 CI changes; tools 2 documentation changes.",
        [3, 4, 5, 6, 7],
    )


def test_a_quiet_day_says_what_little_there_was() -> None:
    assert read([make_source(1, "mend a typo", kinds=(Kind.DOCS,), importance=LOW)]) == [
        ("Documentation: “mend a typo”.", [1])
    ]
    assert read([]) == []


def test_what_is_gone_or_skipped_is_not_told() -> None:
    record = make_day(
        ENGINE,
        MONDAY,
        [
            make_commit(1, "2026-01-05T10:00:00+08:00"),
            make_commit(2, "2026-01-05T11:00:00+08:00", gone=True),
            make_commit(3, "2026-01-05T12:00:00+08:00", analysis=make_analysis(str, outcome=Outcome.SKIPPED)),
            make_commit(4, "2026-01-05T13:00:00+08:00", analysis=make_analysis(str, outcome=Outcome.FAILED)),
        ],
    )
    assert [(source.subject, source.language) for source in find_sources(record)] == [
        ("feat: subject 1", "zh"),
        ("feat: subject 4", "zh"),
    ]


def test_a_basis_follows_from_what_is_said_and_from_nothing_else() -> None:
    one, other = make_source(1), make_source(2)
    basis = find_basis([one, other], "en", "1")
    assert basis == find_basis([make_source(1), make_source(2)], "en", "1")
    others = [
        find_basis([one], "en", "1"),
        find_basis([one, other], "zh", "1"),
        find_basis([one, other], "en", "2"),
        find_basis([one, make_source(2, is_reverted=True)], "en", "1"),
        find_basis([one, make_source(2, breaking=Breaking(answer="yes"))], "en", "1"),
        find_basis([one, make_source(2, language="zh")], "en", "1"),
    ]
    assert len({basis, *others}) == 7


def test_both_languages_have_the_same_sentences() -> None:
    assert TABLES["zh"].keys() == TABLES["en"].keys()
    assert {f"{kind}_one" for kind in Kind} <= TABLES["en"].keys()


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_has_a_head(kind: Kind) -> None:
    assert find_head(make_source(1, kinds=(kind,), importance=LOW)) in Head


_TEXT = st.text(st.characters(codec="utf-8"), max_size=300)
_SOURCE = st.builds(
    lambda number, content, areas, repository, kinds, importance, answer, reason, is_reverted: make_source(
        number,
        content,
        areas=tuple(areas),
        repository=repository,
        kinds=tuple(kinds),
        importance=importance,
        breaking=Breaking(answer=answer, evidence=reason),
        importance_reason=reason,
        is_reverted=is_reverted,
    ),
    st.integers(1, 10_000),
    _TEXT,
    st.lists(_TEXT, max_size=2),
    st.sampled_from([ENGINE, TOOLS]),
    st.lists(st.sampled_from(Kind), min_size=1, max_size=3),
    st.sampled_from(Importance),
    st.sampled_from(["yes", "no", "unclear"]),
    _TEXT,
    st.booleans(),
)


@settings(max_examples=150, phases=[Phase.explicit, Phase.generate], deadline=None)
@given(st.lists(_SOURCE, max_size=40, unique_by=lambda source: source.sha), st.sampled_from(["zh", "en"]))
def test_any_day_gives_few_lines_that_stand_on_its_commits(
    sources: list[DigestSource], language: Language
) -> None:
    lines = write_by_rules(sources, language)
    assert (len(lines) > 0) == (len(sources) > 0)
    assert len(lines) <= MOST_LINES
    assert {mention.sha for line in lines for mention in line.commits} <= {s.sha for s in sources}
    assert all(1 <= len(line.commits) <= MOST_COMMITS for line in lines)
    assert all(line.text.strip() and len(line.text) < 1500 and "\n" not in line.text for line in lines)
    told = {mention.sha for line in lines for mention in line.commits}
    breaking = [source.sha for source in sources if source.breaking.answer == "yes"]
    assert told.issuperset(breaking) or len(breaking) > MOST_COMMITS
