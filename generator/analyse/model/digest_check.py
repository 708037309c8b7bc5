"""Check a model's digest against the commits it was shown: drop what says more than these, add what it left out.

This module must not ask again or mend a line: a line is kept as it is, or not at all. What is added the rules write.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from generator.analyse.digest import write_breaking
from generator.analyse.digest_groups import LEAST_LINES, MOST_COMMITS, MOST_LINES
from generator.analyse.digest_source import DigestSource
from generator.analyse.model.asks import Flaw
from generator.analyse.model.digest_form import DigestForm, LineForm
from generator.analyse.model.tidy import split_code
from generator.analyse.model.tongue import ENGLISH_NAMES, is_in
from generator.records import DigestLine, Language, Mention, Reason

# What is shorter than a model is shown may be a slip; what is shorter than this, it has not read anywhere.
_LEAST_HASH = 6
# With so many breaking changes, no digest has room for all of them; the prompts say so.
_MOST_BREAKING = 12

# Words with a digit, and what a path or a name of code looks like outside of backticks.
_FIGURE = re.compile(r"[A-Za-z0-9_./+#-]*\d[A-Za-z0-9_.+-]*", re.ASCII)
_PATH = re.compile(r"(?<![\w/])(?:[\w.-]+/){2,}[\w.-]+|(?<![\w/])[\w.-]+/[\w-]+\.\w{1,5}\b", re.ASCII)
_NAME = re.compile(r"\b[A-Za-z]\w*_\w+|\B--[a-z][\w-]+|\b[\w.]+\(\)", re.ASCII)
_UNIT = re.compile(r"\d+(?:\.\d+)*", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One commit that the model was shown, by which hash, with all that it was told of it."""

    source: DigestSource
    hash: str
    text: str

    @property
    def is_demanded(self) -> bool:
        """Whether a digest may not leave it out: users must act, and nothing has taken it back."""
        return self.source.breaking.answer == "yes" and not self.source.is_reverted


def check_digest(
    form: DigestForm, shown: Sequence[Shown], context: str, language: Language
) -> tuple[DigestLine, ...] | Flaw:
    """Keep the lines that stand on commits that were shown and say nothing that these do not.

    Breaking changes that they leave out get lines by the rules, in the place of the last ones where there is no room.
    `context` is what every line may name: the scope and the period.
    """
    if not is_in(language, (line.text for line in form.lines)):
        told = (
            f"The lines are not in {ENGLISH_NAMES[language]}; write each text in {ENGLISH_NAMES[language]}."
        )
        return Flaw(reason=Reason.WRONG_LANGUAGE, told=told)
    by_hash = {commit.hash: commit for commit in shown}
    kept = list(_keep(form.lines, by_hash, context))
    if len(kept) < min(LEAST_LINES, len(shown)):
        return Flaw(reason=Reason.INVALID if form.lines else Reason.EMPTY, told=_TOO_FEW)
    demanded = [commit.source for commit in shown if commit.is_demanded]
    if len(demanded) > _MOST_BREAKING:
        return tuple(kept[:MOST_LINES])
    return _complete(kept, demanded, language)


def _complete(
    kept: Sequence[DigestLine], demanded: Sequence[DigestSource], language: Language
) -> tuple[DigestLine, ...] | Flaw:
    """Bring the lines to seven at most, with every commit that is demanded."""
    wanted = {source.sha for source in demanded}
    told = {mention.sha for line in kept for mention in line.commits}
    added = write_breaking([source for source in demanded if source.sha not in told], language)
    lines = list(kept)
    for line in reversed(kept):
        if len(lines) + len(added) <= MOST_LINES:
            break
        if wanted.isdisjoint(mention.sha for mention in line.commits):
            lines.remove(line)
    if len(lines) + len(added) > MOST_LINES:
        return Flaw(reason=Reason.INCOMPLETE, told=_BREAKING_MISSED)
    return (*lines, *added)


_TOO_FEW = (
    "Too few lines stand on the material. There must be three to seven; each names in commits one to six hashes "
    "exactly as given, and its text holds no number, path or name of code that these commits do not hold."
)
_BREAKING_MISSED = (
    "Every commit with breaking: yes must stand in the commits of a line, unless it has taken back: yes. There are at "
    "most seven lines of one to six commits."
)


def _keep(lines: Iterable[LineForm], by_hash: Mapping[str, Shown], context: str) -> Iterator[DigestLine]:
    texts: set[str] = set()
    for line in lines:
        commits = _find_commits(line.commits, by_hash)
        if not commits or not line.text or line.text in texts:
            continue
        texts.add(line.text)
        if _is_grounded(line.text, "\n".join((context, *(commit.text for commit in commits)))):
            yield DigestLine(text=line.text, commits=tuple(_mention(commits)))


def _mention(commits: Sequence[Shown]) -> Iterator[Mention]:
    """Link as many commits as a line may, those first that may not be left out where there are more."""
    linked = sorted(commits, key=lambda commit: not commit.is_demanded)[:MOST_COMMITS]
    for commit in commits:
        if commit in linked:
            yield Mention(repository=commit.source.repository, sha=commit.source.sha)


def _find_commits(hashes: Iterable[str], by_hash: Mapping[str, Shown]) -> list[Shown]:
    """Find the commits that hashes name, each once; longer and shorter forms of one are as good."""
    found: dict[str, Shown] = {}
    for name in hashes:
        matches = [
            commit
            for shown, commit in by_hash.items()
            if shown == name
            or (len(name) >= _LEAST_HASH and (shown.startswith(name) or commit.source.sha.startswith(name)))
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
