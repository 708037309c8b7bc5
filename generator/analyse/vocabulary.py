"""List the words that titles are made of, and the kind of change each speaks of.

This module must not look at a commit: it holds words only.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from generator.records import Kind


def _table(**words: str) -> Mapping[str, Kind]:
    return MappingProxyType({word: Kind[kind] for kind, line in words.items() for word in line.split()})


# Tags without case, spaces, "-" and "_": `[Bug Fix]`, `[BugFix]` and `bugfix:` are one word here.
TAGS = _table(
    FEATURE="feat feats feature features newfeature newmodel newmodels enhancement enh enhance improvement improve",
    FIX="fix fixes fixed fixing fixup bug bugs bugfix bugfixes bugfixing hotfix hotfixes fixbug quickfix regression",
    PERFORMANCE="perf performance optimization optimisation optimize optimise optim speedup",
    REFACTOR="refac refactor refactors refactoring refact cleanup cleanups cleaning style styles nfc lint format "
    "formatting typing types simplify deadcode rename deprecation",
    DOCS="doc docs documentation readme docstring docstrings changelog tutorial tutorials cookbook",
    TEST="test tests testing ut unittest unittests e2etest e2etests st tests/ci",
    CONFIG="config configs configuration conf build docker dockerfile packaging",
    DEPENDENCY="dep deps depsdev dependency dependencies bump upgrade requirements",
    CI="ci cicd workflow workflows actions githubactions cibuild buildkite jenkins precommit",
    SECURITY="security sec cve vuln vulnerability",
    REVERT="revert reverts",
)

# Words that name a component as often as a kind; in a repository whose prefixes are components they are no
# tags.
AMBIGUOUS_TAGS = frozenset(
    "config configs configuration conf build docker dockerfile packaging revert reverts style styles format "
    "formatting "
    "types typing security sec actions workflow workflows rename bump upgrade optimize optimise optim "
    "improve enhance "
    "requirements simplify st dep regression changelog lint typo fixup".split()
)

# Parts of a compound tag that still speak of a kind: `[CI Failure]`, `[MoE Refactor]`, `[CI/Build]`,
# `test-infra:`.
TAG_PARTS = frozenset(
    "fix fixes bugfix hotfix bug refactor refactoring cleanup perf performance ci docs doc documentation "
    "test tests "
    "testing feature feat revert security deps".split()
)

SCOPES = _table(DEPENDENCY="deps depsdev dep dependency dependencies", SECURITY="security")

VERBS = _table(
    FIX="fix bugfix hotfix correct repair resolve prevent avoid unbreak plug guard handle ensure respect honor honour "
    "preserve tolerate reject restore workaround mitigate silence remember",
    FEATURE="add support implement introduce enable allow expose teach accept extend provide create integrate "
    "improve enhance offer learn advertise resupport permit",
    PERFORMANCE="optimize optimise accelerate speedup speed vectorize parallelize",
    REFACTOR="refactor rename move extract split unify consolidate centralize simplify clean cleanup tidy remove "
    "delete drop eliminate rework restructure reorganize deduplicate dedupe inline hoist factor reuse "
    "modernize "
    "rewrite convert replace migrate reindent reformat format lint deprecate decouple detangle generalize "
    "lift switch "
    "declare group use rearrange reorder prune purge port streamline encapsulate",
    DEPENDENCY="bump upgrade pin unpin",
    DOCS="document describe explain mention clarify",
    TEST="test cover exercise",
    REVERT="revert rollback",
)

# Verbs that say nothing of the kind, listed so that `Update foo: bar` is not read as component `Update foo`.
PLAIN_VERBS = frozenset(
    "update change make set let skip disable increase decrease reduce raise lower return report print show "
    "log mark "
    "pass propagate store load check validate verify merge sync start stop install uninstall prepare apply "
    "call run "
    "keep adjust tune tweak turn treat do don't initial initialize register align normalize normalise".split()
)

ADVERBS = frozenset(
    "tiny minor small quick simple properly correctly also just temporarily temp better further partially "
    "fully "
    "finally actually now always never hot super trivial safely lazily automatically auto silently initial".split()
)
