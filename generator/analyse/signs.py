"""Find telling lines in patches: tests dropped or skipped, deprecations, calls that need a careful look.

This module must not weigh what it finds; it counts lines that came against lines that went.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from generator.analyse.lines import Line, find_lines
from generator.analyse.paths import Place, place_path
from generator.patches import Patch


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """What was found, and in which file."""

    what: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """Telling lines of a commit, each group in the order of the patches.

    `calls` are risky calls that came, `deprecated` files with new deprecation marks (`what` quotes one),
    `skipped` test files with new skip marks, `dropped` tests that went and did not come elsewhere.
    `inner_tests` says that tests inside source files changed, as in Rust; `comments_only` that the changed
    lines of all source files are comments.
    """

    calls: tuple[Sign, ...] = ()
    deprecated: tuple[Sign, ...] = ()
    skipped: tuple[Sign, ...] = ()
    dropped: tuple[Sign, ...] = ()
    inner_tests: bool = False
    comments_only: bool = False


# What is told, the plain string that hints at it, and the pattern that decides.
_CALLS = tuple(
    (what, hint, re.compile(pattern))
    for what, hint, pattern in (
        ("eval()", "eval(", r"(?<![\w.])eval\("),
        ("exec()", "exec(", r"(?<![\w.])exec\("),
        ("os.system()", "os.system(", r"\bos\.system\("),
        ("shell=True", "shell", r"\bshell ?= ?True\b"),
        ("pickle.load", "pickle.load", r"\b(?:cloud)?pickle\.loads?\("),
        ("yaml.load()", "yaml.", r"\byaml\.(?:unsafe_)?load\((?!.*Safe)"),
        ("weights_only=False", "weights_only", r"\bweights_only ?= ?False\b"),
        ("trust_remote_code=True", "trust_remote_code", r"\btrust_remote_code ?= ?True\b"),
        ("verify=False", "verify", r"\bverify ?= ?False\b"),
        ("InsecureSkipVerify", "InsecureSkipVerify", r"\bInsecureSkipVerify: ?true\b"),
        ("innerHTML", "nnerHTML", r"\.innerHTML ?=|\bdangerouslySetInnerHTML\b"),
        ("v-html", "v-html=", r"\bv-html="),
        ("unsafe", "unsafe ", r"\bunsafe (?:\{|fn\b|impl\b)"),
        ("strcpy()", "strcpy(", r"(?<!\w)strcpy\("),
        ("sprintf()", "sprintf(", r"(?<!\w)sprintf\("),
    )
)
_CALL_HINTS = tuple(hint for _, hint, _ in _CALLS)

_DEPRECATION = re.compile(
    r"\bDeprecationWarning\b|\bFutureWarning\b|\.\. deprecated::|#\[deprecated|@deprecated\b|@Deprecated\b|"
    r"[/*] Deprecated:|"
    r"\[\[deprecated|\bDEPRECATED\b|\bdeprecate[sd]? in\b|\bis deprecated\b|deprecated ?= ?[Tt]rue"
)
_DEPRECATION_HINTS = ("eprecat", "FutureWarning", "DEPRECATED")
_SKIP = re.compile(
    r"@pytest\.mark\.(?:skip|xfail)|pytest\.skip\(|@unittest\.skip|\.skipTest\(|\bt\.Skip(?:Now|f)?\(|"
    r"#\[ignore|"
    r"\b(?:it|test|describe)\.skip\(|\bx(?:it|describe)\(|@(?:Disabled|Ignore)\b|GTEST_SKIP\(|"
    r"\btest_expect_failure\b"
)
_SKIP_HINTS = (
    "skip",
    "Skip",
    "SKIP(",
    "xfail",
    "#[ignore",
    "@Disabled",
    "@Ignore",
    "xit(",
    "xdescribe(",
    "expect_failure",
)
_TEST_HINTS = ("def test_", "func Test", "fn test_", "void test", " it(", "test(", "test_expect_")
_TEST = re.compile(
    r"(?:^|\s)(?:async )?def (?P<python>test_\w+)|\bfunc (?P<go>Test[A-Z]\w*)\(|\bfn (?P<rust>test_\w+)|"
    r"\bvoid (?P<java>test\w+)\(|"
    r"\b(?:it|test)\((?P<script>[\"'`][^\"'`\n]{3,80}[\"'`])|\btest_expect_(?:success|"
    r"failure) (?:[\w,!]+ )?(?P<shell>'[^'\n]{3,80}')"
)
_INNER_TEST = re.compile(r"[ \t]*(?:#\[(?:\w+::)*test\b|#\[cfg\(test\)\]|>>> )")
_INNER_TEST_HINTS = ("test]", "(test)]", "test(", ">>> ")


def find_signs(patches: Iterable[Patch]) -> Signs:
    """Read all patches of source and test files; where a test's is cut, none is said to be dropped."""
    calls: list[Sign] = []
    deprecated: list[Sign] = []
    skipped: list[Sign] = []
    tests: dict[str, dict[str, str]] = {"+": {}, "-": {}, " ": {}}
    inner_tests = False
    commented: list[bool] = []
    whole = True
    for patch in patches:
        place = place_path(patch.path)
        if place is Place.SOURCE:
            calls += _find_calls(patch)
            commented.append(_is_commentary(patch))
            deprecated += _find_more(patch, _DEPRECATION, _DEPRECATION_HINTS)
            inner_tests = inner_tests or any(
                line.sign != " " and _INNER_TEST.match(line.code)
                for line in find_lines(patch.text, _INNER_TEST_HINTS)
            )
        elif place is Place.TEST:
            whole = whole and patch.complete
            grown = len(tests["+"])
            _collect_tests(patch, tests)
            # A mark on a test that is new itself takes nothing away.
            skipped += _find_more(patch, _SKIP, _SKIP_HINTS) if len(tests["+"]) == grown else []
    stay = {**tests["+"], **tests[" "]}
    gone = tests["-"].items() if whole else ()
    dropped = tuple(Sign(what=name, path=path) for name, path in gone if name not in stay)
    return Signs(
        calls=tuple(calls),
        deprecated=tuple(deprecated),
        skipped=tuple(skipped),
        dropped=dropped,
        inner_tests=inner_tests,
        comments_only=bool(commented) and all(commented),
    )


# The first changed line that is no comment, by how the language writes comments.
_NO_COMMENT = {
    **dict.fromkeys(
        ("py", "pyi", "sh", "pl", "pm", "rb"), re.compile(r"^[-+](?![ \t]*(?:#|$))", re.MULTILINE)
    ),
    **dict.fromkeys(
        ("rs", "go", "c", "h", "cc", "cpp", "hpp", "cu", "cuh", "java", "kt", "js", "ts", "tsx", "swift"),
        re.compile(r"^[-+](?![ \t]*(?://|/\*|\*(?:[ \t/]|$)|$))", re.MULTILINE),
    ),
}


def _is_commentary(patch: Patch) -> bool:
    pattern = _NO_COMMENT.get(patch.path.rpartition(".")[2].casefold())
    return pattern is not None and patch.complete and pattern.search(patch.text) is None


def _find_calls(patch: Patch) -> list[Sign]:
    balance: Counter[str] = Counter()
    for line in find_lines(patch.text, _CALL_HINTS):
        if line.sign != " " and not line.code.lstrip().startswith(("#", "//", "*")):
            for what, hint, rule in _CALLS:
                if hint in line.code and rule.search(line.code):
                    balance[what] += 1 if line.sign == "+" else -1
    return [Sign(what=what, path=patch.path) for what, count in balance.items() if count > 0]


def _find_more(patch: Patch, pattern: re.Pattern[str], hints: tuple[str, ...]) -> list[Sign]:
    """Tell the first added line with the mark if more such lines came than went."""
    came: list[Line] = []
    went = 0
    for line in find_lines(patch.text, hints):
        if line.sign != " " and pattern.search(line.code):
            went += line.sign == "-"
            came += [line] if line.sign == "+" else []
    return [Sign(what=came[0].code.strip(), path=patch.path)] if len(came) > went else []


def _collect_tests(patch: Patch, tests: dict[str, dict[str, str]]) -> None:
    for line in find_lines(patch.text, _TEST_HINTS):
        match = _TEST.search(line.code)
        name = next((group for group in match.groups() if group), None) if match else None
        if name:
            tests[line.sign].setdefault(name, patch.path)
