"""Say what a commit means for architecture, performance and security, or nothing.

This module must not say more than the diff proves or the author wrote.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from generator.analyse.evidence import Evidence
from generator.analyse.kinds import PERFORMANCE, SECURITY_TITLE, find_advisories
from generator.analyse.paths import Place
from generator.analyse.plain import clip
from generator.analyse.summary import quote
from generator.analyse.wording import Wording
from generator.records import Insight, Kind

_ROOM = 700
_QUOTE_ROOM = 260
_MOST_NAMES = 5

_PACKAGE_FILES = re.compile(
    r"(?:^|/)(?:__init__\.py|mod\.rs|lib\.rs|Cargo\.toml|go\.mod|package\.json|pom\.xml)$"
)
_PERFORMANCE_SENTENCE = re.compile(
    r"\b(?:throughput|latency|speed-?ups?|speeds? up|faster|slower|slowdown|performance|overhead|TTFT|TPOT|"
    r"ITL|"
    r"memory (?:usage|footprint|consumption|use)|(?:fewer|extra|memory|heap) allocations|zero-copy|tokens/s|"
    r"GB/s|MB/s|"
    r"(?:\d+(?:\.\d+)?)x (?:faster|speed))\b",
    re.IGNORECASE,
)
# Without a figure, only a comparison is worth quoting from a commit that is about something else.
_COMPARISON = re.compile(
    r"\b(?:faster|slower|speed(?:s|ing)?[- ]?up|slowdown|(?:improv|reduc|lower|increas|doubl|halv|regress|"
    r"degrad)\w* "
    r"(?:\w+ ){0,3}(?:performance|throughput|latency|overhead|memory|TTFT|TPOT|ITL))\b",
    re.IGNORECASE,
)
_FIGURE = re.compile(r"\d\s?(?:%|×|x\b|ms\b|µs\b|us\b|GB|MB|tok)", re.IGNORECASE)
_SECURITY_SENTENCE = re.compile(
    r"\bvulnerab|\bsecurity (?:issue|hole|fix|risk|advisory|impact|implication|concern)|\battack(?:er|s)?\b|"
    r"\bexploit|"
    r"\b(?:auth\w*|security|permission|sandbox|access[- ]control) bypass|\bmalicious|\buntrusted\b|"
    r"\bdenial[- ]of[- ]service\b|(?:path|directory) traversal|\bprivilege escalation\b|"
    r"\bout[- ]of[- ]bounds (?:read|write|access)|\b(?:reads?|writes?) (?:past|beyond) the end\b|"
    r"use[- ]after[- ]free|\binjection attack|\bleak(?:s|ed|ing)? (?:the )?"
    r"(?:token|secret|password|credential)",
    re.IGNORECASE,
)
_SECURITY_WORDS = frozenset(
    "auth authn authz authentication authorization oauth oauth2 oidc saml jwt crypto cryptography secret "
    "secrets "
    "permission permissions credential credentials password passwords tls ssl acl rbac csrf cors "
    "certificates sandbox "
    "sandboxing keystore security login".split()
)


def find_insight(evidence: Evidence, kinds: tuple[Kind, ...], words: Wording) -> Insight:
    """Find the three insights; each is one line of sentences, or None."""
    return Insight(
        architecture=_put_together(_find_architecture(evidence, words), words),
        performance=_put_together(_find_performance(evidence, kinds, words), words),
        security=_put_together(_find_security(evidence, words), words),
    )


def find_sensitive(evidence: Evidence) -> tuple[str, ...]:
    """Find the changed source and configuration files whose paths speak of security."""
    return tuple(
        placed.file.path
        for placed in evidence.at(Place.SOURCE, Place.CONFIG, Place.SCHEMA, Place.MIGRATION)
        if not _SECURITY_WORDS.isdisjoint(re.split(r"[/._-]", placed.file.path.casefold()))
    )


def _put_together(sentences: Iterable[str], words: Wording) -> str | None:
    return clip(words.join(sentences), _ROOM) or None


def _find_architecture(evidence: Evidence, words: Wording) -> Iterator[str]:
    names, source = evidence.names, evidence.at(Place.SOURCE)
    created = [placed.file.path for placed in source if placed.file.status == "A"]
    deleted = [placed.file.path for placed in source if placed.file.status == "D"]
    manifests = evidence.at(Place.SOURCE, Place.MANIFEST)
    yield from _tell(
        "insight_package_added", _packages(p.file.path for p in manifests if p.file.status == "A"), words
    )
    yield from _tell(
        "insight_package_removed", _packages(p.file.path for p in manifests if p.file.status == "D"), words
    )
    yield from _tell("insight_files_added", created, words)
    yield from _tell("insight_files_removed", deleted, words)
    moved = [p.file for p in source if p.file.status == "R" and p.file.old_path]
    texts = [words.say("rename", old=words.code(f.old_path or ""), new=words.code(f.path)) for f in moved]
    yield from _tell_texts("insight_moved_files", texts, words)
    texts = [
        words.say("move", name=words.code(m.name), old=words.code(m.old_path), new=words.code(m.path))
        for m in names.moved
    ]
    yield from _tell_texts("insight_moved_names", texts, words)
    yield from _tell("insight_removed", [name.name for name in names.removed], words)
    yield from _tell("insight_changed", [c.name for c in names.changed if c.difference == "other"], words)
    yield from _tell("insight_extended", [c.name for c in names.changed if c.difference == "extended"], words)
    yield from _tell("insight_added", [name.name for name in names.added], words)
    yield from _tell("insight_deprecated", [sign.path for sign in evidence.signs.deprecated], words)
    packages = [r for r in evidence.requirements if r.sort == "package"]
    yield from _tell("insight_packages", [r.name for r in packages if r.old is None], words)
    yield from _tell("insight_packages_gone", [r.name for r in packages if r.new is None], words)


def _packages(paths: Iterable[str]) -> list[str]:
    return [path.rpartition("/")[0] for path in paths if _PACKAGE_FILES.search(path) and "/" in path]


def _find_performance(evidence: Evidence, kinds: tuple[Kind, ...], words: Wording) -> Iterator[str]:
    title = evidence.title.content
    told = [sentence for sentence in evidence.body.sentences if _PERFORMANCE_SENTENCE.search(sentence)]
    # A figure says more than an intention.
    told = [s for s in told if _FIGURE.search(s)] or [s for s in told if _COMPARISON.search(s)] or told
    about = Kind.PERFORMANCE in kinds or PERFORMANCE.search(title) is not None
    if about:
        yield words.say("insight_performance_title", text=quote(title, _QUOTE_ROOM))
    if told and (about or _FIGURE.search(told[0]) or _COMPARISON.search(told[0])):
        yield words.say("insight_performance_quote", text=quote(told[0], _QUOTE_ROOM))
    yield from _tell(
        "insight_benchmarks", [placed.file.path for placed in evidence.at(Place.BENCHMARK)], words
    )


def _find_security(evidence: Evidence, words: Wording) -> Iterator[str]:
    if advisories := find_advisories(evidence):
        yield words.say("insight_advisory", names=words.list_names(advisories))
    if SECURITY_TITLE.search(evidence.title.content):
        yield words.say("insight_security_title", text=quote(evidence.title.content, _QUOTE_ROOM))
    if told := next((s for s in evidence.body.sentences if _SECURITY_SENTENCE.search(s)), None):
        yield words.say("insight_security_quote", text=quote(told, _QUOTE_ROOM))
    yield from _tell("insight_security_paths", find_sensitive(evidence), words)
    calls = [
        words.say("call", what=words.code(s.what), path=words.code(s.path)) for s in evidence.signs.calls
    ]
    yield from _tell_texts("insight_calls", calls, words)


def _tell(key: str, names: Iterable[str], words: Wording) -> Iterator[str]:
    listed = list(names)
    if listed:
        yield words.say(key, names=words.list_names(listed, _MOST_NAMES))


def _tell_texts(key: str, texts: list[str], words: Wording) -> Iterator[str]:
    if texts:
        yield words.say(key, names=words.list_texts(texts, _MOST_NAMES))
