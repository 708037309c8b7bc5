"""The rules: whole analyses of small commits, in both languages, and what holds for any commit at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.analyse.conventions import Conventions, learn_conventions
from generator.analyse.rules import RULES_VERSION, analyse
from generator.patches import Change, Patch
from generator.records import (
    Analysis,
    Breaking,
    Facts,
    FileChange,
    Impact,
    Importance,
    Insight,
    Kind,
    Language,
    Nature,
    Outcome,
    Provenance,
    Totals,
)
from tests.changes import ADA, SHA, Edit, edit, grow, make_change, touch_binary

TAGS = Conventions()
AREAS = Conventions(style="areas")


def english(change: Change, conventions: Conventions = TAGS) -> Analysis:
    return analyse(change, conventions, "en")


def kinds(subject: str, *edits: Edit, conventions: Conventions = TAGS, body: str = "") -> tuple[Kind, ...]:
    return english(make_change(subject, *edits, body=body), conventions).kinds


SOURCE = edit("src/cache.py", "-    x = read()\n+    x = load()")
REMOVAL = make_change(
    "[Refactor][Cache] Drop the old loader (#12)",
    edit("src/cache.py", "-def load_old(path):\n-    return open(path)\n+    pass"),
    edit("tests/test_cache.py", "-def test_load_old():\n-    load_old('x')"),
    body="Nobody used it since 2.0.\n\nSigned-off-by: Ada <ada@example.org>",
)


def test_removal_of_a_public_name_is_told_whole_in_english() -> None:
    assert analyse(REMOVAL, TAGS, "en") == Analysis(
        outcome=Outcome.OK,
        kinds=(Kind.REFACTOR,),
        importance=Importance.HIGH,
        importance_reason="removes definitions of public names: `load_old`",
        summary="Refactoring in Cache: “Drop the old loader”. The message says: “Nobody used it since 2.0”. "
        "It changes 2 files (+1 −4), mainly in `src`.",
        impact=(
            Impact(path="src/cache.py", note="+1 −2; removes `load_old`"),
            Impact(path="tests/test_cache.py", note="tests, +0 −2"),
        ),
        insight=Insight(architecture="Definitions of public names removed: `load_old`."),
        risks=(
            "Definitions of public names are removed: `load_old`; code that still uses these may fail.",
            "Tests are removed: `test_load_old`.",
        ),
        advice=("Before updating past this commit, look for uses of `load_old` in your code.",),
        breaking=Breaking(
            answer="unclear",
            evidence="no mark of a breaking change, but public names are removed: `load_old`",
        ),
        provenance=Provenance(writer="rules", version=RULES_VERSION, language="en", share_read=1.0),
    )


def test_removal_of_a_public_name_is_told_whole_in_chinese() -> None:
    assert analyse(REMOVAL, TAGS, "zh") == Analysis(
        outcome=Outcome.OK,
        kinds=(Kind.REFACTOR,),
        importance=Importance.HIGH,
        importance_reason="移除了公开名称的定义：`load_old`",
        summary="重构（Cache）：“Drop the old loader”。提交说明写道：“Nobody used it since 2.0”。"
        "共改动 2 个文件（+1 −4），主要在 `src`。",
        impact=(
            Impact(path="src/cache.py", note="+1 −2；移除 `load_old`"),
            Impact(path="tests/test_cache.py", note="测试、+0 −2"),
        ),
        insight=Insight(architecture="移除公开名称的定义 `load_old`。"),
        risks=(
            "公开名称的定义被移除：`load_old`；仍直接使用它们的代码可能失效。",
            "删除了测试：`test_load_old`。",
        ),
        advice=("升级到包含此提交的版本前，检查代码中对 `load_old` 的使用。",),
        breaking=Breaking(answer="unclear", evidence="没有破坏性标记，但移除了公开名称 `load_old`"),
        provenance=Provenance(writer="rules", version=RULES_VERSION, language="zh", share_read=1.0),
    )


def test_small_fix_is_told_without_a_word_too_many() -> None:
    change = make_change("fix: read the cache once", SOURCE)
    assert english(change) == Analysis(
        outcome=Outcome.OK,
        kinds=(Kind.FIX,),
        importance=Importance.MEDIUM,
        importance_reason="Bug fix, 2 lines of source in 1 file",
        summary="Bug fix: “read the cache once”. It changes only `src/cache.py` (+1 −1).",
        impact=(Impact(path="src/cache.py", note="+1 −1"),),
        breaking=Breaking(answer="no"),
        provenance=Provenance(writer="rules", version=RULES_VERSION, language="en", share_read=1.0),
    )


@pytest.mark.parametrize(
    ("subject", "first"),
    [
        ("fix: x", Kind.FIX),
        ("[Bugfix][Core] x", Kind.FIX),
        ("[BUGFIX]Resolve x", Kind.FIX),
        ("[Misc] Fix x", Kind.FIX),
        ("FunASR model bugfix", Kind.FIX),
        ("Handle NaN values", Kind.FIX),
        ("Crash on an empty cache", Kind.FIX),
        ("feat(x): y", Kind.FEATURE),
        ("[Feature][EPLB] y", Kind.FEATURE),
        ("Add a cache", Kind.FEATURE),
        ("Nemotron Parse 1.1 Support", Kind.FEATURE),
        ("[Perf] fuse two kernels", Kind.PERFORMANCE),
        ("Optimize the cache", Kind.PERFORMANCE),
        ("[MoE Refactor] Clean up", Kind.REFACTOR),
        ("Remove the unused cache", Kind.REFACTOR),
        ("docs: x", Kind.DOCS),
        ("ci: x", Kind.CI),
        ("The cache", Kind.OTHER),
    ],
)
def test_title_says_what_kind_of_change_it_is(subject: str, first: Kind) -> None:
    assert kinds(subject, SOURCE)[0] is first


def test_fix_stays_a_fix_whatever_else_its_title_says() -> None:
    for subject in ("[CI] Fix x", "docs: fix y", "Support a and fix b", "[Test]Fixed z", "fix(deps): bump q"):
        for file in (
            SOURCE,
            grow("tests/test_x.py", 1),
            grow("docs/x.md", 1),
            grow(".github/workflows/x.yml", 1),
        ):
            assert Kind.FIX in kinds(subject, file), (subject, file.file.path)


def test_word_that_only_looks_like_a_fix_is_none() -> None:
    for subject in ("Add fixtures", "Add a fixed-size cache", "rebase: count fixups", "Add prefixes"):
        assert Kind.FIX not in kinds(subject, SOURCE), subject


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("docs/guide.md", Kind.DOCS),
        ("tests/x.py", Kind.TEST),
        (".github/workflows/ci.yml", Kind.CI),
        ("uv.lock", Kind.DEPENDENCY),
        ("deploy/values.yaml", Kind.CONFIG),
    ],
)
def test_files_say_what_kind_it_is_where_the_title_does_not(path: str, kind: Kind) -> None:
    assert kinds("The 16th batch", grow(path, 3)) == (kind,)


def test_strengthened_regression_test_is_a_test_and_low() -> None:
    analysis = english(make_change("test: strengthen regression test signal", grow("tests/x.py", 40)))
    assert (analysis.kinds, analysis.importance) == ((Kind.TEST,), Importance.LOW)
    assert analysis.importance_reason == "tests only (1 file)"


def test_documentation_of_a_feature_is_no_feature() -> None:
    assert kinds("Add a tutorial", grow("docs/tutorial.md", 9)) == (Kind.DOCS,)
    assert kinds("Add tests of the cache", grow("tests/test_cache.py", 9)) == (Kind.TEST,)


def test_fix_of_a_test_is_a_test_first() -> None:
    assert kinds("[Bugfix] Fix a flaky test", grow("tests/test_cache.py", 9)) == (Kind.TEST, Kind.FIX)


def test_update_of_dependencies_beside_code_is_one() -> None:
    change = edit("requirements.txt", "-torch==2.1\n+torch==2.2")
    assert kinds("The 16th batch", SOURCE, change) == (Kind.DEPENDENCY,)
    assert kinds("update dev dependencies", change, grow(".pre-commit-config.yaml", 2)) == (Kind.DEPENDENCY,)


def test_component_that_is_called_config_is_no_kind() -> None:
    assert kinds("config: introduce a parser", SOURCE, conventions=AREAS) == (Kind.FEATURE,)
    assert kinds("config: introduce a parser", SOURCE) == (Kind.CONFIG,)


def test_prefix_leans_on_the_repositorys_own_history() -> None:
    learned = learn_conventions(["[Model] Add A"] * 6 + ["[Bugfix] B"] * 6)
    assert kinds("[Model] Nemotron 1.1", SOURCE, conventions=learned) == (Kind.FEATURE,)
    assert kinds("[Model] Nemotron 1.1", SOURCE) == (Kind.OTHER,)


def test_message_that_opens_a_paragraph_with_an_imperative_says_the_kind() -> None:
    assert kinds("setup: the discovery", SOURCE, body="It was hard.\n\nRefactor it.") == (Kind.REFACTOR,)
    assert kinds("setup: the discovery", SOURCE, body="The old code crashes.") == (Kind.FIX,)


def test_plain_revert_is_a_revert_and_never_a_feature() -> None:
    for subject in (
        'Revert "feat: add x"',
        "revert: feat: add x",
        "Revert the new cache",
        '[Feature] Revert "x"',
    ):
        assert kinds(subject, SOURCE) == (Kind.REVERT,), subject
    assert kinds('[Bugfix] Revert "Add x"', SOURCE) == (Kind.REVERT, Kind.FIX)
    assert kinds('Revert "[CI] skip tests"', grow(".github/workflows/x.yml", 1)) == (Kind.REVERT, Kind.CI)


def test_command_that_is_called_revert_reverts_nothing() -> None:
    assert kinds("revert: add --edit", SOURCE, conventions=AREAS) == (Kind.FEATURE,)


def test_revert_of_a_revert_is_no_revert() -> None:
    assert Kind.REVERT not in kinds('Revert "Revert "Add x""', SOURCE)
    assert Kind.REVERT not in kinds('Reland "Add x"', SOURCE)


def test_security_advisory_is_high_and_named() -> None:
    analysis = english(make_change("Bump x to fix cve-2026-12345", grow("uv.lock", 2)))
    assert Kind.SECURITY in analysis.kinds
    assert analysis.importance is Importance.HIGH
    assert analysis.importance_reason == "concerns security advisory `CVE-2026-12345`"
    assert analysis.insight.security == "Concerns security advisory `CVE-2026-12345`."
    assert analysis.advice == (
        "Find out whether your version is affected by `CVE-2026-12345`, and take this commit over soon.",
    )


def test_release_note_that_names_an_advisory_is_still_documentation() -> None:
    analysis = english(make_change("Note CVE-2026-12345 in the changelog", grow("CHANGES.md", 2)))
    assert (analysis.kinds[0], analysis.importance) == (Kind.DOCS, Importance.LOW)


def test_dependency_injection_is_no_security_matter() -> None:
    for subject in ("Add dependency injection", "Avoid a stack overflow", "Tokenizer: add a token"):
        assert Kind.SECURITY not in kinds(subject, edit("src/tokenizer.py", "+x")), subject


@pytest.mark.parametrize(
    ("subject", "edits", "importance", "reason"),
    [
        (
            "feat!: drop v1",
            (SOURCE,),
            Importance.HIGH,
            "declares a breaking change: the title “feat!: drop v1” carries the mark for a breaking change, !",
        ),
        ('Revert "Add x" (#3)', (SOURCE,), Importance.HIGH, "takes back source changes that had landed: “Add x”"),
        (
            'Revert "Add x"',
            (grow(".github/workflows/a.yml", 2),),
            Importance.MEDIUM,
            "takes back an earlier change, but in CI only",
        ),
        (
            "Add a column",
            (grow("app/migrations/0002.py", 9, status="A"),),
            Importance.HIGH,
            "changes migration files `app/migrations/0002.py`",
        ),
        (
            "Change the protocol",
            (edit("api/a.proto", "-  string a = 1;\n+  string b = 1;"),),
            Importance.HIGH,
            "edits protocol or schema definitions `api/a.proto` (+1 −1)",
        ),
        (
            "Extend the protocol",
            (edit("api/a.proto", "+  string b = 2;"),),
            Importance.MEDIUM,
            "extends protocol or schema definitions `api/a.proto`",
        ),
        (
            "Drop an option",
            (edit("src/a.py", '-    p.add_argument("--old")'),),
            Importance.HIGH,
            "removes options or environment variables: `--old`",
        ),
        (
            "Require 3.10",
            (edit("pyproject.toml", '-requires-python = ">=3.9"\n+requires-python = ">=3.10"'),),
            Importance.HIGH,
            "raises a platform requirement: `requires-python` >=3.9 → >=3.10",
        ),
        (
            "Rewrite the core",
            (grow("src/core.py", 400, 200),),
            Importance.HIGH,
            "large source change: 600 lines of source in 1 file",
        ),
        (
            "Add --fast",
            (edit("src/a.py", '+    p.add_argument("--fast")'), grow("docs/a.md", 3)),
            Importance.HIGH,
            "a documented feature: adds `--fast`, documented in `docs/a.md`",
        ),
        (
            "Retry more often",
            (edit("src/a.py", "-RETRIES = 3\n+RETRIES = 5"),),
            Importance.MEDIUM,
            "a default changes: `RETRIES` from `3` to `5`",
        ),
        (
            "Redirect with 303",
            (edit("src/a.py", "-def redirect(to, code=302):\n+def redirect(to, code=303):"),),
            Importance.MEDIUM,
            "a default changes: `redirect(code)` from `302` to `303`",
        ),
        (
            "Update torch",
            (edit("requirements.txt", "-torch==1.13\n+torch==2.0"),),
            Importance.MEDIUM,
            "major upgrade of a dependency: `torch` ==1.13 → ==2.0",
        ),
        (
            "Update torch",
            (edit("requirements.txt", "-torch==2.1\n+torch==2.2"),),
            Importance.LOW,
            "minor dependency updates: `torch`",
        ),
        (
            "Update ruff",
            (edit("requirements-dev.txt", "-ruff==1.1\n+ruff==2.2"),),
            Importance.LOW,
            "only dependencies of examples, tests or development: `ruff`",
        ),
        ("Update", (grow("uv.lock", 900, 900),), Importance.LOW, "only lock files change: `uv.lock`"),
        ("Say it", (grow("docs/a.md", 900),), Importance.LOW, "documentation only (1 file)"),
        (
            "Run it",
            (grow(".github/workflows/a.yml", 900), grow("docs/a.md", 2)),
            Importance.LOW,
            "only documentation and CI (2 files)",
        ),
        ("release version 3.1.3", (grow("CHANGES.rst", 2), grow("setup.py", 1)), Importance.MEDIUM,
         "release commit: “release version 3.1.3”"),
        ("start version 3.1.4", (grow("setup.py", 1),), Importance.LOW, "only a version number changes"),
        ("Fix a typo", (edit("src/a.py", "-    x = 'teh'\n+    x = 'the'"),), Importance.LOW,
         "the title speaks of “typo” only, 2 lines"),
        ("Say more", (edit("src/a.rs", "+// one\n+/// two"),), Importance.LOW,
         "in source, only comments change (2 lines)"),
        ("Nudge", (edit("src/a.py", "+    pass"),), Importance.LOW, "only 1 line changed"),
        ("Tidy up", (grow("src/a.py", 6, 6),), Importance.LOW,
         "small clean-up, 12 lines of source, no change of a public interface seen"),
        ("Nudge more", (grow("src/a.py", 9),), Importance.MEDIUM, "Other, 9 lines of source in 1 file"),
        ("Help ourselves", (grow("scripts/release.py", 90),), Importance.LOW,
         "only the repository's own scripts or tools (1 file)"),
        ("Mark it", (edit("src/a.go", "+// Deprecated: use Load."),), Importance.MEDIUM,
         "adds a deprecation mark in `src/a.go`"),
        ("[CI] Install more", (grow("Dockerfile", 90),), Importance.LOW, "only build files (1 file)"),
        ("Draw it", (touch_binary("media/logo.png"),), Importance.LOW, "assets only (1 file)"),
    ],
)  # fmt: skip
def test_importance_follows_from_evidence_that_its_reason_names(
    subject: str, edits: tuple[Edit, ...], importance: Importance, reason: str
) -> None:
    analysis = english(make_change(subject, *edits))
    assert (analysis.importance, analysis.importance_reason) == (importance, reason)


@pytest.mark.parametrize(
    ("change", "breaking"),
    [
        (make_change("feat: x", SOURCE), Breaking(answer="no")),
        (
            make_change("feat: x", SOURCE, body="BREAKING CHANGE: y is gone"),
            Breaking(answer="yes", evidence="the message says: “y is gone”"),
        ),
        (
            make_change("[Breaking] Drop x", SOURCE),
            Breaking(
                answer="yes", evidence="the title “[Breaking] Drop x” says that it is a breaking change"
            ),
        ),
        (make_change("Avoid a breaking change", SOURCE), Breaking(answer="no")),
        (make_change("docs: list the breaking changes", grow("docs/a.md", 1)), Breaking(answer="no")),
        (
            make_change("x", edit("src/a.go", "-func Load(a int) {\n+func Load(a string) {")),
            Breaking(
                answer="unclear",
                evidence="no mark of a breaking change, but signatures of public functions change: `Load`",
            ),
        ),
        (
            make_change("x", edit("src/a.py", '-    p.add_argument("--old")')),
            Breaking(answer="unclear", evidence="no mark of a breaking change, but gone are `--old`"),
        ),
        (make_change("x", edit("src/a.py", "-def load(a):\n+def load(a, b=1):")), Breaking(answer="no")),
    ],
)
def test_breaking_is_the_authors_word_or_else_the_diffs(change: Change, breaking: Breaking) -> None:
    assert english(change).breaking == breaking


@pytest.mark.parametrize(
    ("edits", "risk"),
    [
        ((grow("src/a.py", 12),), "12 lines of source change (1 file) and no test does."),
        ((edit("tests/a.py", "-x", status="D"),), "Test files are deleted: `tests/a.py`."),
        (
            (edit("tests/a.py", "+@pytest.mark.skip\n def test_a():"),),
            "Tests are newly marked as skipped or expected to fail: `tests/a.py`.",
        ),
        (
            (edit("src/a.py", "+    run(x, shell=True)"),),
            "New calls that need a careful look: `shell=True` (`src/a.py`).",
        ),
        (
            (edit("src/a.py", "-RETRIES = 3\n+RETRIES = 5"),),
            "Defaults change: `RETRIES` from `3` to `5` (`src/a.py`).",
        ),
        (
            (edit("Cargo.toml", '-sqlx = "0.8"\n+sqlx = "0.9"'),),
            "Dependencies go to another major version: `sqlx` 0.8 → 0.9.",
        ),
        ((edit("requirements.txt", "-torch==2.1"),), "Dependencies are dropped: `torch`."),
        ((grow("app/migrations/1.py", 1),), "Holds migration files: `app/migrations/1.py`."),
        (
            (grow("src/a.py", 2000), grow("tests/a.py", 1)),
            "Large change: 2 files, +2,001 −0; hard to review line by line.",
        ),
        (
            (edit("src/a.py", "+    new()", complete=False), grow("tests/a.py", 1)),
            "Only about 99% of the diff was read; not in full: `src/a.py`.",
        ),
    ],
)
def test_risk_is_told_with_its_evidence(edits: tuple[Edit, ...], risk: str) -> None:
    assert risk in english(make_change("x", *edits)).risks


@pytest.mark.parametrize(
    "edits",
    [
        (grow("src/a.py", 9),),
        (grow("src/a.py", 90), grow("tests/a.py", 1)),
        (edit("src/a.rs", "+    new();\n" * 90 + "+#[test]\n"),),
        (edit("src/a.py", "+    model.eval()"),),
        (edit("src/a.py", "-    run(a, shell=True)\n+    run(b, shell=True)"),),
        (edit("tests/a.py", "+@pytest.mark.skip\n+def test_new():"),),
        (edit("tests/a.py", "-def test_a():"), edit("tests/b.py", "+def test_a():")),
        (edit("src/a.py", "-    run(a, shell=True)"),),
        (grow("docs/a.md", 90),),
        (edit("src/a.py", "+# only words\n" * 90),),
    ],
)
def test_where_there_is_no_evidence_there_is_neither_risk_nor_advice(edits: tuple[Edit, ...]) -> None:
    analysis = english(make_change("x", *edits))
    assert (analysis.risks, analysis.advice) == ((), ())


def test_tests_of_a_deleted_file_are_not_told_twice() -> None:
    change = make_change("x", edit("tests/a.py", "-def test_a():", status="D"))
    assert english(change).risks == ("Test files are deleted: `tests/a.py`.",)


def test_revert_advises_those_who_count_on_what_is_gone() -> None:
    analysis = english(make_change('Revert "Add the cache" (#3)', SOURCE, reverts=("c" * 40,)))
    assert analysis.risks == ("This is a revert: what “Add the cache” brought is gone.",)
    assert analysis.advice == (
        "Code and deployments that count on “Add the cache” must go back to what was before.",
    )


def test_performance_is_what_the_author_says_of_it_a_figure_first() -> None:
    body = "Decode gets faster. It is now 2.9% faster end to end.\n\n## Test Result\n9x faster"
    insight = english(make_change("[Perf] Fill once", SOURCE, body=body)).insight
    assert insight == Insight(
        performance="The title is about performance: “Fill once”. "
        "The message speaks of performance: “It is now 2.9% faster end to end”."
    )


def test_performance_in_passing_is_not_worth_a_quote() -> None:
    body = "It stores the latency of each call."
    assert english(make_change("Add a store", SOURCE, body=body)).insight.performance is None


def test_nobody_speaks_of_performance_or_security_where_the_author_did_not() -> None:
    analysis = english(make_change("Add a loader", grow("src/loader.py", 9)))
    assert analysis.insight == Insight()


def test_files_of_authentication_are_named() -> None:
    insight = english(make_change("x", grow("src/auth/session.py", 1), grow("src/tokenizer.py", 1))).insight
    assert insight.security == (
        "Touches files of authentication, permissions, secrets or encryption: `src/auth/session.py`."
    )


def test_new_module_and_moved_definition_are_architecture() -> None:
    change = make_change(
        "Split the loader",
        edit("src/io/__init__.py", "+from .load import load", status="A"),
        edit("src/io/load.py", "+def load(path):", status="A"),
        edit("src/app.py", "-def load(path):"),
    )
    assert english(change).insight.architecture == (
        "New module or package: `src/io`. New source files: `src/io/__init__.py` and `src/io/load.py`. "
        "Definitions moved: `load` (`src/app.py` → `src/io/load.py`)."
    )


def test_long_list_of_files_is_grouped_by_folder_source_first() -> None:
    edits = [grow(f"src/m{number}.py", number) for number in range(1, 8)]
    edits += [grow(f"tests/deep/t{number}.py", 100) for number in range(3)] + [grow("uv.lock", 999)]
    impact = english(make_change("x", *edits)).impact
    assert impact == (
        Impact(path="src/m7.py", note="+7 −0"),
        Impact(path="src/m6.py", note="+6 −0"),
        Impact(path="src/m5.py", note="+5 −0"),
        Impact(path="src/m4.py", note="+4 −0"),
        Impact(path="src/m3.py", note="+3 −0"),
        Impact(component="the repository's root", note="1 file more, +999 −0, among them `uv.lock`"),
        Impact(component="tests/deep", note="3 files more, +300 −0, among them `t0.py`, `t1.py` and `t2.py`"),
        Impact(component="src", note="2 files more, +3 −0, among them `m2.py` and `m1.py`"),
    )


def test_folders_that_find_no_room_are_put_together() -> None:
    edits = [grow(f"d{number}/x.py", 20 - number) for number in range(12)]
    impact = english(make_change("x", *edits)).impact
    assert [one.path or one.component for one in impact] == [
        "d0/x.py", "d1/x.py", "d2/x.py", "d3/x.py", "d4/x.py", "d5", "d6", "other folders",
    ]  # fmt: skip
    assert impact[-1].note == "5 files more, +55 −0, among them `x.py`"


def test_impact_says_what_happened_to_a_file() -> None:
    change = make_change(
        "x",
        edit("src/new.py", "+def load(path):", status="A"),
        edit("src/b.py", "-x\n+y", status="R", old_path="src/a.py"),
        edit("requirements.txt", "-torch==2.1\n+torch==2.2"),
        touch_binary("media/logo.png"),
    )
    assert english(change).impact == (
        Impact(path="src/b.py", note="renamed from `src/a.py`, +1 −1"),
        Impact(path="src/new.py", note="added, +1 −0; adds `load`"),
        Impact(path="requirements.txt", note="manifests, +1 −1; `torch` ==2.1 → ==2.2"),
        Impact(path="media/logo.png", note="assets; binary"),
    )


def test_share_read_is_the_share_of_lines_in_the_patches() -> None:
    seen = edit("src/a.py", "+a\n+b")
    unseen = Edit(file=FileChange(status="M", path="data.py", insertions=4, deletions=2))
    assert english(make_change("x", seen, unseen)).provenance.share_read == 0.25
    assert english(make_change("x", touch_binary("a.png"))).provenance.share_read == 1.0


@pytest.mark.parametrize(
    ("subject", "language", "summary"),
    [
        (
            "Merge branch 'ps/odb-source'",
            "zh",
            "合并提交：并入分支 `ps/odb-source`，自身没有改动文件。",
        ),
        (
            "Merge pull request #12 from ada/cache",
            "en",
            "Merge commit: brings in pull request #12 (branch `ada/cache`) and changes no file itself.",
        ),
        (
            "Merge branch 'v0.8.x' into main",
            "en",
            "Merge commit: brings branch `v0.8.x` into `main` and changes no file itself.",
        ),
        ("Merge tag 'v1.2'", "en", "Merge commit: brings in tag `v1.2` and changes no file itself."),
        ("remove the cache", "en", "Merge commit, “remove the cache”, that changes no file itself."),
        ("", "en", "Merge commit of 2 parents that changes no file itself."),
    ],
)
def test_merge_says_what_it_merged(subject: str, language: Language, summary: str) -> None:
    analysis = analyse(make_change(subject, parents=2, nature=Nature.MERGE), TAGS, language)
    assert (analysis.outcome, analysis.summary) == (Outcome.SKIPPED, summary)
    assert (analysis.kinds, analysis.importance) == ((Kind.OTHER,), Importance.LOW)


def test_merge_is_never_breaking_by_what_the_side_commits_say() -> None:
    body = "Say hello.\n\n* hello:\n  feat!: drop everything\n\nBREAKING CHANGE: all of it"
    analysis = english(make_change("Merge branch 'hello'", body=body, parents=2, nature=Nature.MERGE))
    assert analysis.breaking == Breaking(answer="no")
    assert analysis.summary.endswith("The message says: “Say hello”.")
    own = english(make_change("Merge branch 'hello'", SOURCE, body=body, parents=2))
    assert (own.breaking, own.outcome) == (Breaking(answer="no"), Outcome.OK)


def test_merge_with_lines_of_its_own_is_told_by_these_alone() -> None:
    brought = Edit(file=FileChange(status="M", path="src/other.py"))
    analysis = english(make_change("Merge branch 'x'", SOURCE, brought, parents=2))
    assert analysis.summary == (
        "Change: “Merge branch 'x'”. It is a merge; what follows is about its own changes only. "
        "It changes only `src/cache.py` (+1 −1)."
    )
    assert analysis.impact == (Impact(path="src/cache.py", note="+1 −1"),)


def test_merge_that_only_took_sides_is_skipped() -> None:
    brought = Edit(file=FileChange(status="M", path="src/other.py"))
    assert english(make_change("Merge branch 'x'", brought, parents=2)).outcome is Outcome.SKIPPED


@pytest.mark.parametrize(
    ("change", "summary", "reason"),
    [
        (
            make_change("Trigger CI", nature=Nature.EMPTY),
            "Empty commit: its files are the same as its parent's.",
            "no file is changed",
        ),
        (
            make_change(
                "Make it run",
                Edit(file=FileChange(status="M", path="run.sh", old_mode="100644", mode="100755")),
                nature=Nature.MODE,
            ),
            "Changes file modes only: `run.sh` (100644 → 100755).",
            "only the modes of 1 file change, no content",
        ),
        (
            make_change(
                "Update it",
                Edit(file=FileChange(status="M", path="3rdparty/x", submodule=True)),
                nature=Nature.SUBMODULE,
            ),
            "Moves submodule pointers only: `3rdparty/x`.",
            "only submodule pointers move: `3rdparty/x`",
        ),
    ],
)
def test_commit_without_lines_gets_a_fixed_sentence(change: Change, summary: str, reason: str) -> None:
    analysis = english(change)
    assert (analysis.outcome, analysis.summary, analysis.importance_reason) == (
        Outcome.SKIPPED,
        summary,
        reason,
    )


def test_tag_still_names_the_kind_of_a_commit_without_lines() -> None:
    assert english(make_change("ci: trigger", nature=Nature.EMPTY)).kinds == (Kind.CI,)


def test_commit_without_a_title_is_analysed() -> None:
    assert english(make_change("", SOURCE)).summary == (
        "Change; the commit has no title. It changes only `src/cache.py` (+1 −1)."
    )


WORDS = st.sampled_from(
    ["fix", ":", " ", "[Bugfix]", "(#1)", "Revert ", '"', "!", "\n", "\r\n", "- ", "```", "<!--", "-->", "**", "`",
     "BREAKING CHANGE: ", "@@ -1 +1 @@", "+", "-", "def load(", ")", "class A:", "pub fn a(", "https://a.b/",
     "CVE-2026-1234", "\x00", "\u202e", "\u2028", "|", "# ", "Merge branch ", "{x}", "%s", "。", "修复"]
)  # fmt: skip
TEXT = st.one_of(st.text(max_size=80), st.lists(WORDS, max_size=25).map("".join))
PATHS = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        ["src/a.py", "src/a.rs", "a.go", "include/a.h", "a.proto", "src/A.java", "a.ts", "package.json", "go.mod",
         "requirements.txt", "tests/a.py", "docs/a.md", "pom.xml", "vllm/envs.py", "a\nb/c\td.yaml", "/", "//", "a/"]
    ),
)  # fmt: skip


@st.composite
def changes(draw: st.DrawFn) -> Change:
    paths = draw(st.lists(PATHS, max_size=12, unique=True))
    counts = st.one_of(st.none(), st.integers(0, 10**7))
    files = tuple(
        FileChange(
            status=draw(st.sampled_from(["A", "C", "D", "M", "R", "T"])),
            path=path,
            old_path=draw(st.one_of(st.none(), TEXT)),
            insertions=draw(counts),
            deletions=draw(counts),
            binary=draw(st.booleans()),
            submodule=draw(st.booleans()),
        )
        for path in paths
    )
    patches = tuple(Patch(path=path, text=draw(TEXT), complete=draw(st.booleans())) for path in paths)
    facts = Facts(
        sha=SHA,
        parents=("b" * 40,) * draw(st.integers(0, 3)),
        subject=draw(TEXT),
        body=draw(TEXT),
        trailers=(),
        author=ADA,
        committer=ADA,
        co_authors=(),
        nature=draw(st.sampled_from(list(Nature))),
        files=files,
        totals=Totals(files=draw(st.integers(0, 10**6)), insertions=draw(st.integers(0, 10**6)), deletions=3),
        pull_request=draw(st.one_of(st.none(), st.integers(0, 10**9))),
        reverts=draw(st.sampled_from([(), ("c" * 40,)])),
    )
    return Change(facts=facts, patches=patches)


@given(changes(), st.lists(TEXT, max_size=9), st.sampled_from(["zh", "en"]))
def test_any_commit_gets_an_analysis_of_one_line_a_field_and_of_its_own_paths(
    change: Change, subjects: list[str], language: Language
) -> None:
    conventions = learn_conventions(subjects)
    analysis = analyse(change, conventions, language)
    assert analysis == analyse(change, learn_conventions(subjects), language)
    assert {one.path for one in analysis.impact if one.path} <= {file.path for file in change.facts.files}
    texts = [
        analysis.importance_reason, analysis.summary, *analysis.risks, *analysis.advice,
        *(one.note for one in analysis.impact), *(one.component or "-" for one in analysis.impact),
        analysis.breaking.evidence or "-", *(text or "-" for text in analysis.insight.model_dump().values()),
    ]  # fmt: skip
    for text in texts:
        assert len(text.splitlines()) == 1, text
        assert len(text) < 2500
    assert len(analysis.impact) <= 8
    assert len(analysis.risks) <= 8
    assert 0 <= analysis.provenance.share_read <= 1
    assert (analysis.breaking.answer == "no") == (analysis.breaking.evidence is None)


@given(changes())
def test_both_languages_judge_alike(change: Change) -> None:
    chinese, english = analyse(change, TAGS, "zh"), analyse(change, TAGS, "en")
    for name in ("outcome", "kinds", "importance"):
        assert getattr(chinese, name) == getattr(english, name)
    assert chinese.breaking.answer == english.breaking.answer
    assert [one.path for one in chinese.impact] == [one.path for one in english.impact]
    assert (len(chinese.risks), len(chinese.advice)) == (len(english.risks), len(english.advice))


@pytest.mark.parametrize(
    "unit", ["a", "[", "(#1)", "🎉", "a: ", 'Revert "', "- a\n", "<!-- ", "**", "[a](", "#1 "]
)
def test_huge_texts_give_a_small_analysis(unit: str) -> None:
    subject, body = unit * (1_000_000 // len(unit)), unit * (20_000_000 // len(unit))
    analysis = english(make_change(subject, SOURCE, body=body))
    assert len(analysis.model_dump_json()) < 5000


@pytest.mark.parametrize(
    ("path", "unit"),
    [
        ("src/a.py", "-def load(\n+def load(\n"),
        ("src/a.py", "+" + "x" * 5000 + "\n"),
        ("src/a.rs", "-impl<" + "a" * 150 + "\n"),
        ("include/a.h", "-" + "a " * 400 + "\n"),
        ("src/a.py", '-    "--a-b",\n+os.environ["A_B_C"]\n'),
        ("values.yaml", "-a: 1\n+a: 2\n"),
    ],
)
def test_huge_patch_gives_a_small_analysis(path: str, unit: str) -> None:
    patch = Patch(path=path, text="@@ -1 +1 @@\n" + unit * (3_000_000 // len(unit)))
    file = FileChange(status="M", path=path, insertions=10**6, deletions=10**6)
    assert len(english(make_change("x", Edit(file=file, patch=patch))).model_dump_json()) < 5000


def test_commit_of_three_thousand_files_gives_a_small_analysis() -> None:
    edits = [edit(f"src/d{number % 70}/f{number}.py", f"-def a{number}():") for number in range(3000)]
    analysis = english(make_change("Drop it all", *edits))
    assert len(analysis.model_dump_json()) < 5000
    assert analysis.breaking.answer == "unclear"
