"""Titles: how a subject is taken apart, and what a repository's own history says of its prefixes."""

from __future__ import annotations

import pytest

from generator.analyse.conventions import Conventions, learn_conventions
from generator.analyse.titles import Title, find_verb, parse_title
from generator.records import Kind


@pytest.mark.parametrize(
    ("subject", "title"),
    [
        (
            "fix(kv-router): align index types (#8137)",
            Title(prefixes=("fix",), scopes=("kv-router",), content="align index types", verb="align"),
        ),
        (
            "feat(api)!: drop the v1 endpoints",
            Title(
                prefixes=("feat",),
                scopes=("api",),
                marked_breaking=True,
                content="drop the v1 endpoints",
                verb="drop",
            ),
        ),
        (
            "[Bugfix][Core] Fix scheduler hang (#31644)",
            Title(prefixes=("Bugfix", "Core"), content="Fix scheduler hang", verb="fix"),
        ),
        (
            "[Bugfix]: avoid overriding kwargs",
            Title(prefixes=("Bugfix",), content="avoid overriding kwargs", verb="avoid"),
        ),
        (
            "[smg][ci]: migrate benchmarks",
            Title(prefixes=("smg", "ci"), content="migrate benchmarks", verb="migrate"),
        ),
        (
            "[diffusion] fix: fix ZImage sharding",
            Title(prefixes=("diffusion", "fix"), content="fix ZImage sharding", verb="fix"),
        ),
        (
            "[MoE Refactor][14/N] Clean Up Config",
            Title(prefixes=("MoE Refactor",), content="Clean Up Config", verb="clean"),
        ),
        (
            "doc: interpret-trailers: explain key format",
            Title(prefixes=("doc", "interpret-trailers"), content="explain key format", verb="explain"),
        ),
        ("t5510: fix flaky test", Title(prefixes=("t5510",), content="fix flaky test", verb="fix")),
        (
            "rebase -i: fix counting",
            Title(prefixes=("rebase -i",), content="fix counting", verb="fix"),
        ),
        (
            ":memo: docs(diffusion): add notes",
            Title(prefixes=("docs",), scopes=("diffusion",), content="add notes", verb="add"),
        ),
        ("🎉 feat: say hello", Title(prefixes=("feat",), content="say hello")),
        ("Update foo: the new way", Title(content="Update foo: the new way", verb="update")),
        ("See http://example.org for more", Title(content="See http://example.org for more")),
        ("Tiny fix readme", Title(content="Tiny fix readme", verb="fix")),
        ("[only a tag]", Title(content="[only a tag]")),
        ("", Title()),
        ("  ", Title()),
    ],
)
def test_subject_is_taken_apart(subject: str, title: Title) -> None:
    assert parse_title(subject) == title


@pytest.mark.parametrize(
    ("subject", "reverted", "form", "reland"),
    [
        ('Revert "Add shutdown timeout" (#36628)', "Add shutdown timeout", "quoted", False),
        ('[Frontend][Core] Revert "Add timeout" (#34730 and #36270)', "Add timeout", "quoted", False),
        ("Revert “[CI] Disable tests (#31732)”", "[CI] Disable tests", "quoted", False),
        ("revert: feat(api): add v2", "feat(api): add v2", "label", False),
        ("revert cli test change", "cli test change", "verb", False),
        ('Revert "Revert "Add cache""', 'Revert "Add cache"', "quoted", True),
        ('Reland "Add cache"', "Add cache", "quoted", True),
        ("Reapply the cache", "the cache", "verb", True),
        ("Reverse the order", None, None, False),
    ],
)
def test_revert_names_what_it_takes_back(subject: str, reverted: str, form: str, reland: bool) -> None:
    title = parse_title(subject)
    assert (title.reverted, title.form, title.reland) == (reverted, form, reland)


@pytest.mark.parametrize(
    ("content", "verb"),
    [
        ("Fixes the build", "fix"),
        ("fixed", "fix"),
        ("Adding a test", "add"),
        ("Optimizing attention", "optimize"),
        ("Properly handle errors", "handle"),
        ("re-enable the check", "enable"),
        ("FunASR model bugfix", None),
        ("", None),
    ],
)
def test_verb_is_found_in_its_base_form(content: str, verb: str | None) -> None:
    assert find_verb(content) == verb


def test_repository_whose_prefixes_are_kinds_tags_its_titles() -> None:
    learned = learn_conventions(["fix: a", "feat(x): b", "chore: c", "docs: d", "Update e"] * 4)
    assert learned.style == "tags"
    assert learned.find_tag_kinds("config") == (Kind.CONFIG,)


def test_repository_whose_prefixes_are_components_has_no_config_tag() -> None:
    learned = learn_conventions(["builtin/clone: fix a", "config: add b", "doc: say c", "t5510: d"] * 5)
    assert learned.style == "areas"
    assert learned.find_tag_kinds("config") == ()
    assert learned.find_tag_kinds("revert") == ()
    assert learned.find_tag_kinds("doc") == (Kind.DOCS,)


def test_repository_without_prefixes_is_plain() -> None:
    assert learn_conventions(["Fix a", "Add b", "Merge branch 'x'", "update c"]).style == "plain"


def test_without_a_history_the_usual_tags_hold() -> None:
    assert learn_conventions([]) == Conventions()
    assert Conventions().find_tag_kinds("Bugfix") == (Kind.FIX,)


def test_merges_teach_nothing() -> None:
    assert learn_conventions(["Merge pull request #1 from a/fix: b"] * 9) == Conventions()


@pytest.mark.parametrize(
    ("prefix", "kinds"),
    [
        ("Bug Fix", (Kind.FIX,)),
        ("BUGFIX", (Kind.FIX,)),
        ("CI/Build", (Kind.CI,)),
        ("CI Failure", (Kind.CI,)),
        ("MoE Refactor", (Kind.REFACTOR,)),
        ("Doc/Test", (Kind.DOCS, Kind.TEST)),
        ("Model Runner V2", ()),
        ("Misc", ()),
    ],
)
def test_tag_is_known_in_many_spellings(prefix: str, kinds: tuple[Kind, ...]) -> None:
    assert Conventions().find_tag_kinds(prefix) == kinds


def test_component_prefix_leans_to_the_kind_its_titles_nearly_always_had() -> None:
    subjects = [
        "[Model] Add A",
        "[Model] Support B",
        "[Model] Add C",
        "[Model] Add D",
        "[Model] Add E",
        "fix: f",
    ]
    learned = learn_conventions(subjects)
    assert dict(learned.leanings) == {"model": Kind.FEATURE}
    assert learned.find_leaning(parse_title("[Model] Nemotron Parse")) == Kind.FEATURE
    assert learned.find_leaning(parse_title("[Core] Nemotron Parse")) is None


def test_four_titles_are_too_few_to_lean_on() -> None:
    assert not learn_conventions(["[Model] Add A"] * 4 + ["fix: b"]).leanings


def test_components_are_prefixes_and_scopes_that_name_no_kind() -> None:
    components = Conventions().find_components(parse_title("[Bugfix][Core] fix(kv-router,deps): x"))
    assert components == ("Core", "kv-router")
