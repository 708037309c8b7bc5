"""Say what sorts of change a commit is: by its title's conventions first, then by its paths and words.

This module must not weigh the commit's importance.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from generator.analyse.conventions import Conventions
from generator.analyse.evidence import Evidence
from generator.analyse.paths import Place
from generator.analyse.titles import Title, find_verb
from generator.analyse.vocabulary import VERBS
from generator.records import Kind

_MOST_KINDS = 4

ADVISORY = re.compile(
    r"\b(?:CVE-\d{4}-\d{4,7}|GHSA(?:-[23456789cfghjmpqrvwx]{4}){3}|RUSTSEC-\d{4}-\d{4}|PYSEC-\d{4}-\d+)\b",
    re.IGNORECASE,
)
SECURITY_TITLE = re.compile(
    r"\bvulnerab|\bsecurity (?:fix|issue|patch|update|advisory|hole|bug|flaw|hardening|vuln)|\[security\]|"
    r"\bXSS\b|\bCSRF\b|\bSSRF\b|\bRCE\b|"
    r"(?:path|directory) traversal|use[- ]after[- ]free|double[- ]free|(?:buffer|heap)[- ]overflow|"
    r"out[- ]of[- ]bounds|\b(?:sql|command|code|shell|header|argument) injection",
    re.IGNORECASE,
)
_FIX = re.compile(r"\b(?:bug ?)?fix(?:es)?\b(?![-_/:])|\bhot ?fix\b|\bbug ?fix(?:es)?\b", re.IGNORECASE)
_FIX_VERBS = ("fix", "bugfix", "hotfix")
_FAULT = re.compile(
    r"\b(?:leaks?|crash(?:es|ing)?|segfaults?|deadlocks?|hangs?|panics?|regressions?|race conditions?|"
    r"broken|incorrect(?:ly)?|"
    r"wrong(?:ly)?|NaNs?|OOM|off-by-one|typo|bugs?|corruption|infinite (?:loop|recursion)|null pointer|"
    r"undefined behavior)\b",
    re.IGNORECASE,
)
_FAILURE = re.compile(
    r"\b(?:crash(?:es|ed)?|segfault\w*|leak(?:s|ed|ing)?|deadlock\w*|regress\w*|bug|broken|incorrectly|"
    r"wrongly|fails? to|"
    r"misbehave\w*|undefined behaviou?r|null (?:pointer )?dereference)\b",
    re.IGNORECASE,
)
PERFORMANCE = re.compile(
    r"\bperf\b|\bperformance\b|\bthroughput\b|\blatency\b|\bspeed(?:s|ing)?[- ]?up\b|\bfaster\b|"
    r"\boptimi[sz](?:es?|ing)\b",
    re.IGNORECASE,
)
_SUPPORT = re.compile(
    r"\bsupport(?:ed|ing)?\b(?! for (?:old|legacy))|\bnew (?:model|feature|option|api|backend|kernel)\b",
    re.IGNORECASE,
)
_DEPENDENCIES = re.compile(r"\bdep(?:s|endenc(?:y|ies))\b", re.IGNORECASE)
_TIDY = re.compile(
    r"\brefactor\w*|\bclean[- ]?ups?\b|\bdead code\b|\bunused\b|\brenam\w+|\bsimplif\w+|\bstyle\b|"
    r"\blint\w*\b",
    re.IGNORECASE,
)
_REVERTS = re.compile(
    r"^\s*(?:this reverts commit|this (?:pr|change|patch) reverts|reverts? (?:#\d|commit [0-9a-f]))",
    re.IGNORECASE,
)

_RELEASE = re.compile(
    r"^(?:release|start|prepare|cut|tag)\b.{0,60}\bv?\d+\.\d+|"
    r"^(?:bump|change|update|set|increment|increase)\b.{0,30}\bversions?\b.{0,40}\d|"
    r"^prepare (?:for )?(?:next )?(?:release|development)|^(?:bump|release) v?\d+\.\d+\S*$",
    re.IGNORECASE,
)
# "axum-extra 0.12.6" names a release only if a version of the repository's own changes with it.
_VERSION = re.compile(
    r"^(?:[\w@/.-]{1,40} )?v?\d+\.\d+(?:\.\d+)?(?:[.-]?(?:rc|a|b|alpha|beta|dev|post)[.-]?\d*)?$",
    re.IGNORECASE,
)
_RELEASE_TAG = re.compile(r"^(?:release|version)$", re.IGNORECASE)
_MOST_RELEASE_LINES = 20

_DOCS = (Place.DOCS, Place.EXAMPLE, Place.HOUSEKEEPING)
_TESTS = (Place.TEST, Place.BENCHMARK)
_SETTINGS = (Place.CONFIG, Place.BUILD, Place.MANIFEST, Place.LOCK)


def find_kinds(evidence: Evidence) -> tuple[Kind, ...]:
    """Find the kinds of a commit, the primary one first."""
    home = find_home(evidence)
    tagged = _find_tagged(evidence.title, evidence.conventions)
    if is_plain_revert(evidence):
        return _order([Kind.REVERT, *(kind for kind in tagged if kind is not Kind.FEATURE), home])
    if evidence.is_merge and evidence.title.verb == "merge":
        return _order([home or Kind.OTHER])
    tagged = [kind for kind in tagged if kind is not Kind.REVERT]
    kinds = [*tagged, *_find_worded(evidence, home, tagged)]
    if home in (Kind.DOCS, Kind.TEST) or (home and not kinds):
        kinds = [home, *kinds]
    extra = list(_find_extra(evidence))
    if not kinds:
        guess = _guess(evidence)
        kinds = [] if guess is Kind.OTHER and extra else [guess]
    return _order([*kinds, *extra])


def find_title_kinds(title: Title, conventions: Conventions) -> tuple[Kind, ...]:
    """Find the kinds that a title's tags alone name; `other` when there are none."""
    return _order(_find_tagged(title, conventions)) or (Kind.OTHER,)


def is_plain_revert(evidence: Evidence) -> bool:
    """Say whether the commit does nothing but take back an earlier one, by its title or its first line."""
    title = evidence.title
    if title.reland:
        return False
    if title.reverted is not None and title.form == "label":
        # In a repository whose prefixes are components, `revert:` is the command of that name.
        return evidence.conventions.style == "tags" or bool(evidence.facts.reverts)
    if title.reverted is not None:
        return True
    tags = [kind for prefix in title.prefixes for kind in evidence.conventions.find_tag_kinds(prefix)]
    if Kind.REVERT in tags:
        return True
    return bool(evidence.facts.reverts) and not tags and bool(_REVERTS.match(evidence.facts.body[:500]))


def is_release(evidence: Evidence) -> bool:
    """Say whether the commit only marks a version: it names one and touches next to nothing else."""
    content, sorts = evidence.title.content, {requirement.sort for requirement in evidence.requirements}
    tagged = any(_RELEASE_TAG.match(prefix) for prefix in evidence.title.prefixes)
    numbered = "own" in sorts and _VERSION.match(content) is not None
    if not (tagged or numbered or _RELEASE.search(content)):
        return False
    return evidence.source_lines <= _MOST_RELEASE_LINES and sorts <= {"own", "sideline"}


def find_advisories(evidence: Evidence) -> tuple[str, ...]:
    """Find the security advisories that the message names, in order."""
    text = " ".join((evidence.facts.subject[:1000], *evidence.body.sentences))
    return tuple(dict.fromkeys(match.upper() for match in ADVISORY.findall(text)))


def find_home(evidence: Evidence) -> Kind | None:
    """Find the kind that a commit has because it touches nothing but docs, tests, CI or settings."""
    if not evidence.files:
        return None
    if evidence.only(*_DOCS):
        return Kind.DOCS if evidence.at(Place.DOCS, Place.EXAMPLE) else None
    if evidence.only(*_TESTS, *_DOCS, Place.ASSET) and evidence.at(*_TESTS):
        return Kind.TEST
    if evidence.only(Place.CI, *_DOCS) and evidence.at(Place.CI):
        return Kind.CI
    if evidence.only(*_SETTINGS, *_DOCS) and evidence.at(*_SETTINGS):
        return _find_settings_kind(evidence)
    return None


def _find_settings_kind(evidence: Evidence) -> Kind | None:
    others = any(requirement.sort != "own" for requirement in evidence.requirements)
    updated = VERBS.get(evidence.title.verb or "") is Kind.DEPENDENCY and not is_release(evidence)
    if others or updated or evidence.only(Place.LOCK, *_DOCS):
        return Kind.DEPENDENCY
    return None if is_release(evidence) else Kind.CONFIG


def _find_tagged(title: Title, conventions: Conventions) -> list[Kind]:
    kinds = [kind for prefix in title.prefixes for kind in conventions.find_tag_kinds(prefix)]
    scoped = [kind for scope in title.scopes for kind in conventions.find_scope_kinds(scope)]
    # `chore(deps)` and `build(deps)` are updates first; `fix(deps)` stays a fix.
    return [*kinds, *scoped] if Kind.FIX in kinds else [*scoped, *kinds] if scoped else kinds


def _find_worded(evidence: Evidence, home: Kind | None, tagged: list[Kind]) -> list[Kind]:
    """Find the kinds that the title's own words name, next to its tags."""
    content = evidence.title.content
    verb = _find_verb_kind(evidence)
    if is_release(evidence):
        return []
    kinds: list[Kind] = []
    fixes = evidence.title.verb in _FIX_VERBS or _FIX.search(content) is not None
    if fixes or (verb is Kind.FIX and not tagged):
        kinds.append(Kind.FIX)
    if home in (Kind.DOCS, Kind.TEST, Kind.CI):
        updates = home is Kind.CI and verb is Kind.DEPENDENCY and not tagged
        return [*kinds, Kind.DEPENDENCY, Kind.CI] if updates else kinds
    if verb and verb is not Kind.FIX and not tagged:
        kinds.append(verb)
    if not kinds and not tagged:
        kinds += _find_hinted(evidence)
    if PERFORMANCE.search(content) and not evidence.only(*_SETTINGS, Place.CI):
        kinds.append(Kind.PERFORMANCE)
    return kinds


def _find_verb_kind(evidence: Evidence) -> Kind | None:
    kind = VERBS.get(evidence.title.verb or "")
    if kind is Kind.DEPENDENCY and _RELEASE.search(evidence.title.content):
        return None
    if kind is Kind.DEPENDENCY and not evidence.at(Place.MANIFEST, Place.LOCK, Place.BUILD, Place.CI):
        return None
    return None if kind in (Kind.REVERT, Kind.TEST, Kind.DOCS) else kind


def _find_hinted(evidence: Evidence) -> list[Kind]:
    leaning = evidence.conventions.find_leaning(evidence.title)
    content = evidence.title.content
    if _DEPENDENCIES.search(content) and (evidence.requirements or evidence.at(Place.LOCK, Place.CI)):
        return [Kind.DEPENDENCY]
    for pattern, kind in ((_FAULT, Kind.FIX), (_TIDY, Kind.REFACTOR), (_SUPPORT, Kind.FEATURE)):
        if pattern.search(content):
            return [kind]
    return [leaning] if leaning else []


def _guess(evidence: Evidence) -> Kind:
    """Fall back on what the body and the files show; `other` rather than a guess without evidence."""
    if evidence.only(Place.GENERATED, Place.ASSET, *_DOCS):
        return Kind.OTHER
    told = [sentence for sentence in evidence.body.sentences[:12] if not sentence.startswith("This ")]
    for sentence in told:
        # "Teach …", "Refactor …" at a paragraph's start is how a message says what it does.
        kind = VERBS.get(find_verb(sentence) or "") if sentence in evidence.body.openings else None
        if kind in (Kind.FIX, Kind.FEATURE, Kind.REFACTOR, Kind.PERFORMANCE):
            return kind
    if any(_FAILURE.search(sentence) for sentence in told[:4]):
        return Kind.FIX
    return _guess_from_files(evidence)


def _guess_from_files(evidence: Evidence) -> Kind:
    totals = evidence.facts.totals
    fresh = any(placed.file.status == "A" for placed in evidence.at(Place.SOURCE))
    grown = evidence.names.added and not evidence.names.removed and totals.insertions > 3 * totals.deletions
    if fresh or grown or evidence.switches.added:
        return Kind.FEATURE
    gone = evidence.names.moved or (evidence.names.removed and not evidence.names.added)
    if evidence.files and (gone or all(placed.file.status in "RD" for placed in evidence.files)):
        return Kind.REFACTOR
    return Kind.OTHER


def _find_extra(evidence: Evidence) -> Iterable[Kind]:
    text = evidence.facts.subject[:1000]
    if (
        ADVISORY.search(text)
        or SECURITY_TITLE.search(text)
        or ADVISORY.search(" ".join(evidence.body.sentences))
    ):
        yield Kind.SECURITY
    if any(requirement.sort in ("package", "platform") for requirement in evidence.requirements):
        yield Kind.DEPENDENCY
    if evidence.facts.reverts and not evidence.title.reland:
        yield Kind.REVERT


def _order(kinds: Iterable[Kind | None]) -> tuple[Kind, ...]:
    return tuple(dict.fromkeys(kind for kind in kinds if kind is not None))[:_MOST_KINDS]
