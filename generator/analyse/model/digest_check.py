"""Check a model's digest against the commits it was shown, and drop the lines that say more than these.

This module must not ask again or mend a line: a line is kept as it is, or not at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from generator.analyse.model.asks import Flaw
from generator.analyse.model.digest_form import DigestForm, LineForm
from generator.analyse.model.tidy import split_code
from generator.analyse.model.tongue import is_in
from generator.records import DigestLine, Language, Mention, Reason

MOST_LINES = 7
LEAST_LINES = 3
MOST_COMMITS = 6
# Git itself shows no shorter hash.
_LEAST_HASH = 6
# With so many commits of this sort, no digest has room for all of them.
_MOST_BREAKING = 12

# Words with a digit, and what a path or a name of code looks like outside of backticks.
_FIGURE = re.compile(r"[A-Za-z0-9_./+#-]*\d[A-Za-z0-9_.+-]*", re.ASCII)
_PATH = re.compile(r"(?<![\w/])(?:[\w.-]+/){2,}[\w.-]+|(?<![\w/])[\w.-]+/[\w-]+\.\w{1,5}\b", re.ASCII)
_NAME = re.compile(r"\b[A-Za-z]\w*_\w+|\B--[a-z][\w-]+|\b[\w.]+\(\)", re.ASCII)
_UNIT = re.compile(r"\d+(?:\.\d+)*", re.ASCII)
_LANGUAGES: Mapping[Language, str] = {"zh": "Chinese", "en": "English"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One commit that the model was shown, with all that it was told of it."""

    commit: Mention
    hash: str
    is_breaking: bool
    text: str


def check_digest(
    form: DigestForm, shown: Sequence[Shown], context: str, language: Language
) -> tuple[DigestLine, ...] | Flaw:
    """Keep the lines that stand on commits that were shown and say nothing that these do not.

    `context` is what every line may name: the scope and the period.
    """
    if not is_in(language, (line.text for line in form.lines)):
        told = f"The lines are not in {_LANGUAGES[language]}; write each text in {_LANGUAGES[language]}."
        return Flaw(reason=Reason.WRONG_LANGUAGE, told=told)
    by_hash = {commit.hash: commit for commit in shown}
    kept = list(_keep(form.lines, by_hash, context))[:MOST_LINES]
    if len(kept) < min(LEAST_LINES, len(shown)):
        return Flaw(reason=Reason.INVALID if form.lines else Reason.EMPTY, told=_TOO_FEW)
    mentioned = {mention.sha for line in kept for mention in line.commits}
    breaking = [commit.commit.sha for commit in shown if commit.is_breaking]
    if len(breaking) <= _MOST_BREAKING and not mentioned.issuperset(breaking):
        return Flaw(reason=Reason.INVALID, told=_BREAKING_MISSED)
    return tuple(kept)


_TOO_FEW = (
    "Too few lines stand on the material. There must be three to seven; each names in commits one to six hashes "
    "exactly as given, and its text holds no number, path or name of code that these commits do not hold."
)
_BREAKING_MISSED = "Every commit with breaking: yes must stand in the commits of a line."


def _keep(lines: Iterable[LineForm], by_hash: Mapping[str, Shown], context: str) -> Iterable[DigestLine]:
    texts: set[str] = set()
    for line in lines:
        commits = _find_commits(line.commits, by_hash)
        if not commits or not line.text or line.text in texts:
            continue
        texts.add(line.text)
        if _is_grounded(line.text, "\n".join((context, *(commit.text for commit in commits)))):
            mentions = [commit.commit for commit in commits][:MOST_COMMITS]
            yield DigestLine(text=line.text, commits=tuple(mentions))


def _find_commits(hashes: Iterable[str], by_hash: Mapping[str, Shown]) -> list[Shown]:
    """Find the commits that hashes name, each once; longer and shorter forms of one are as good."""
    found: dict[str, Shown] = {}
    for name in hashes:
        matches = [
            commit
            for shown, commit in by_hash.items()
            if shown == name
            or (len(name) >= _LEAST_HASH and (shown.startswith(name) or commit.commit.sha.startswith(name)))
        ]
        if len(matches) == 1:
            found[matches[0].hash] = matches[0]
    return list(found.values())


def _is_grounded(text: str, material: str) -> bool:
    """Say whether all that can be looked up in a line is in the material of its commits."""
    if "://" in text:
        return False
    prose, pieces = split_code(text)
    looked_up = material.casefold().replace(",", "")
    claims = [*pieces, *_PATH.findall(prose), *_NAME.findall(prose)]
    if not all(claim.casefold().replace(",", "") in looked_up for claim in claims):
        return False
    return all(_holds_figure(looked_up, figure) for figure in _FIGURE.findall(prose.replace(",", "")))


def _holds_figure(material: str, figure: str) -> bool:
    """Look a figure up whole, or, where it begins with its number as `8x` and `5%` do, by the number alone."""
    word = figure.casefold().strip("./+#-_")
    if _stands_alone(material, word):
        return True
    number = _UNIT.match(word)
    return number is not None and _stands_alone(material, number[0])


def _stands_alone(material: str, word: str) -> bool:
    before = r"(?<![\d.])" if word[:1].isdigit() else r"(?<![a-z0-9])"
    return re.search(rf"{before}{re.escape(word)}(?!\d|\.\d)", material) is not None
