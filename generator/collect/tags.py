"""Read what a remote says of its tags, and which of them name releases.

This module must not run git. A name tells all: when a tag was made is not asked, because anybody can write any date.

A tag names a release when its name ends in a version: at least two numbers with dots or underscores between, such as
`v1.2.0`, `curl-8_5_0`, `storage/v1.40.0` or `pkg@2.0.1`, and behind them perhaps a word. So `v5`, which some move with
every release, and `b4567`, of which there are several a day, are none. What stands before the version is the *line* of
the release: packages of one repository have lines of their own. A word such as `rc1`, `-beta.2` or `.dev0` behind it
makes a pre-release; others (`.post1`, `+build.5`, `-hotfix`) do not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

ALL_TAGS = "refs/tags/*"
_TAG_REF = "refs/tags/"
_PEELED = "^{}"
_LONGEST = 250
_SHA = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_VERSION = re.compile(r"(?<![0-9])[0-9]{1,18}(?:[._][0-9]{1,18})+")
_WORDS = (
    "alpha|beta|rc|cr|pre|preview|dev|develop|nightly|canary|snapshot|milestone|next|test|insiders?|ea|"
    "experimental"
)
# A letter alone needs a number behind it: OpenSSL's 1_1_1a is no alpha.
_PRERELEASE = re.compile(rf"[-._+]?(?:(?:{_WORDS})(?![a-z])|[abcm](?=[.-]?[0-9]))", re.IGNORECASE)
_PRERELEASE_LINE = re.compile(rf"(?<![a-z])(?:{_WORDS})(?![a-z])")
# What git allows in no name, see git-check-ref-format(1), and what stands for bytes that are no text.
_NEVER = re.compile(r"[\x00-\x20\x7f~^:?*\[\\\ufffd]|\.\.|@\{|//|/\.|\.lock(?:/|$)|^[./-]|[/.]$|^@$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """A tag that names a release; `numbers` are those of its version."""

    tag: str
    sha: str
    line: str
    numbers: tuple[int, ...]
    is_prerelease: bool

    @property
    def rank(self) -> tuple[tuple[int, ...], bool, str]:
        """What releases of a line are put in order by: a pre-release comes before its release."""
        return self.numbers, not self.is_prerelease, self.tag


def parse_tags(answer: str) -> dict[str, str]:
    """Read the answer of git-ls-remote(1): what each tag points at, by its name; an annotated one at its commit."""
    found: dict[str, str] = {}
    peeled: dict[str, str] = {}
    for line in answer.split("\n"):
        sha, _, ref = line.partition("\t")
        if ref.startswith(_TAG_REF) and _SHA.fullmatch(sha):
            name = ref.removeprefix(_TAG_REF)
            where = peeled if name.endswith(_PEELED) else found
            where[name.removesuffix(_PEELED)] = sha
    return {name: peeled.get(name, sha) for name, sha in found.items()}


def find_release(tag: str, sha: str) -> Release | None:
    """Find out whether a tag names a release."""
    match = _VERSION.search(tag)
    if match is None or len(tag) > _LONGEST or _NEVER.search(tag):
        return None
    line, rest = tag[: match.start()].casefold(), tag[match.end() :]
    numbers = [int(number) for number in re.split("[._]", match[0])]
    while len(numbers) > 2 and numbers[-1] == 0:
        # 1.2.0 is 1.2.
        numbers.pop()
    return Release(
        tag=tag,
        sha=sha,
        line=re.sub(r"(?<![a-z])v$", "", line),
        numbers=tuple(numbers),
        is_prerelease=bool(_PRERELEASE.match(rest) or _PRERELEASE_LINE.search(line)),
    )
