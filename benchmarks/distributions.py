"""Hold what real repositories and real analyses look like in numbers: quantiles, shares and weights, nobody's text.

This module must not draw a text. Three repositories were measured for three habits: one that squashes pull requests
with machine-written messages (vllm-project/vllm-ascend, 4,101 commits), one with long messages
(flashinfer-ai/flashinfer, 1,979), one that merges small commits with short ones (pallets/flask, 5,531). The rules'
texts were measured on 2,555 records of the first two in each language, a model's on 283 published analyses in Chinese.

Not measured but chosen: how many commits a working day has (the three repositories have 13, 4 and 1), how much that
varies (half as much, as numbers so much larger do), lengths of bodies (those of whole messages less the usual
trailers), the largest values of `files`, the hours (smoothed), the kind that a title's beginning stands for, and of a
model's analysis all but the summary and the numbers of entries: the length of each entry is that of its whole section
by the number of entries, and how many have an insight is a guess.
"""

from __future__ import annotations

import random
from bisect import bisect_right
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

# Where the quantiles of every table lie.
PLACES = (0.0, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 1.0)


@dataclass(frozen=True, slots=True)
class Quantiles:
    """A distribution by its quantiles at `PLACES`."""

    values: tuple[float, ...]

    def draw(self, chance: random.Random) -> float:
        """Draw a value: between two quantiles they are spread as on a logarithmic scale, as tails are."""
        place = chance.random()
        index = min(bisect_right(PLACES, place), len(PLACES) - 1) - 1
        share = (place - PLACES[index]) / (PLACES[index + 1] - PLACES[index])
        low, high = self.values[index] + 1, self.values[index + 1] + 1
        return float(low * (high / low) ** share - 1)

    def draw_whole(self, chance: random.Random) -> int:
        """Draw a whole number."""
        return round(self.draw(chance))

    @property
    def is_ascending(self) -> bool:
        """Whether these can be quantiles at all."""
        return len(self.values) == len(PLACES) and all(one <= other for one, other in pairwise(self.values))


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """How one repository's people work.

    `commits` are those of a mean working day and `weekdays` each day's share of that, Monday first; `spread` is how
    one Tuesday differs from the next. `subject` and `body` are lengths in characters, trailers not counted; `signed`
    and `shared` are the shares of commits with `Signed-off-by` and `Co-authored-by`. `prefixes` are how titles begin,
    with the kind that means and its share. `depth` counts the folders above a file.
    """

    name: str
    commits: float
    weekdays: tuple[float, ...]
    spread: Quantiles
    merges: float
    files: Quantiles
    subject: Quantiles
    body: Quantiles
    insertions: Quantiles
    deletions: Quantiles
    depth: Quantiles
    numbered: float
    signed: float
    shared: float
    prefixes: tuple[tuple[str, str, float], ...]
    endings: tuple[tuple[str, float], ...]


ENGINE = Habits(
    name="aurora/engine",
    commits=85,
    weekdays=(1.02, 1.01, 1.02, 1.08, 0.93, 0.53, 0.18),
    spread=Quantiles((0.3, 0.4, 0.5, 0.75, 1.0, 1.2, 1.45, 1.6, 1.8, 1.9)),
    merges=0.0,
    files=Quantiles((0, 1, 1, 1, 3, 6, 14, 22, 54, 300)),
    subject=Quantiles((14, 32, 36, 46, 60, 74, 87, 97, 120, 178)),
    body=Quantiles((0, 170, 210, 320, 510, 980, 1850, 2730, 6000, 31000)),
    insertions=Quantiles((0, 0, 0, 1, 5, 43, 162, 306, 719, 10652)),
    deletions=Quantiles((0, 0, 0, 0, 1, 10, 70, 164, 559, 11651)),
    depth=Quantiles((0, 1, 2, 2, 3, 4, 6, 7, 7, 8)),
    numbered=1.0,
    signed=0.985,
    shared=0.27,
    prefixes=(
        ("[CI] ", "ci", 0.17),
        ("[BugFix] ", "fix", 0.21),
        ("[Doc] ", "docs", 0.12),
        ("", "fix", 0.09),
        ("[Feature] ", "feature", 0.11),
        ("[Refactor] ", "refactor", 0.05),
        ("[Test] ", "test", 0.05),
        ("[Misc] ", "other", 0.06),
        ("[Performance] ", "performance", 0.05),
        ("[Core] ", "feature", 0.09),
    ),
    endings=(
        (".py", 0.51),
        (".yaml", 0.11),
        (".md", 0.11),
        (".h", 0.08),
        (".cpp", 0.1),
        (".txt", 0.05),
        (".cfg", 0.04),
    ),
)

KERNELS = Habits(
    name="aurora/kernels",
    commits=50,
    weekdays=(0.5, 1.06, 1.22, 1.08, 1.14, 0.93, 0.33),
    spread=Quantiles((0.2, 0.3, 0.45, 0.7, 0.95, 1.25, 1.6, 1.8, 2.1, 2.4)),
    merges=0.0,
    files=Quantiles((0, 1, 1, 1, 2, 6, 14, 23, 78, 239)),
    subject=Quantiles((15, 32, 36, 46, 59, 73, 87, 94, 116, 157)),
    body=Quantiles((0, 0, 90, 930, 1520, 2480, 4600, 7000, 17500, 73000)),
    insertions=Quantiles((0, 0, 1, 3, 16, 95, 331, 630, 2149, 18909)),
    deletions=Quantiles((0, 0, 0, 0, 1, 9, 46, 145, 830, 34727)),
    depth=Quantiles((0, 1, 1, 1, 2, 3, 5, 6, 7, 9)),
    numbered=1.0,
    signed=0.14,
    shared=0.32,
    prefixes=(
        ("", "feature", 0.27),
        ("feat: ", "feature", 0.18),
        ("fix: ", "fix", 0.13),
        ("bugfix: ", "fix", 0.08),
        ("fix(api): ", "fix", 0.06),
        ("ci: ", "ci", 0.06),
        ("misc: ", "other", 0.05),
        ("perf: ", "performance", 0.06),
        ("test: ", "test", 0.04),
        ("refactor: ", "refactor", 0.04),
        ("docs: ", "docs", 0.03),
    ),
    endings=(
        (".py", 0.58),
        (".cu", 0.14),
        (".cuh", 0.07),
        (".h", 0.08),
        (".sh", 0.03),
        (".json", 0.05),
        (".md", 0.05),
    ),
)

FRAMEWORK = Habits(
    name="lantern/framework",
    commits=25,
    weekdays=(0.95, 1.18, 0.95, 0.95, 1.1, 0.87, 0.89),
    spread=Quantiles((0.1, 0.2, 0.3, 0.5, 0.8, 1.3, 2.0, 2.5, 3.3, 3.6)),
    merges=0.3,
    files=Quantiles((0, 1, 1, 1, 1, 2, 5, 7, 19, 107)),
    subject=Quantiles((3, 14, 18, 24, 35, 47, 62, 75, 124, 311)),
    body=Quantiles((0, 0, 0, 0, 0, 0, 121, 293, 561, 3481)),
    insertions=Quantiles((0, 0, 1, 1, 3, 9, 28, 55, 201, 2418)),
    deletions=Quantiles((0, 0, 0, 0, 1, 4, 17, 37, 196, 2418)),
    depth=Quantiles((0, 0, 0, 1, 1, 2, 2, 3, 5, 8)),
    numbered=0.05,
    signed=0.04,
    shared=0.01,
    prefixes=(("", "fix", 0.55), ("", "docs", 0.25), ("", "feature", 0.17), ("docs: ", "docs", 0.03)),
    endings=((".py", 0.5), (".rst", 0.32), (".txt", 0.06), (".yaml", 0.04), (".html", 0.03), (".toml", 0.05)),
)

HABITS = (ENGINE, KERNELS, FRAMEWORK)

# How often somebody is new: the parameters of a Pitman-Yor process that lies between the first two repositories. It
# has some 590 authors in 4,101 commits, the first 7 % and the ten first 28 % of them (measured: 545, 7 % and 24 %), and
# 415, 7 % and 28 % in 1,979 (measured: 332, 13 % and 38 %).
DISCOUNT = 0.4
STRENGTH = 50.0
# Git's letters, of 19,838 changed files.
STATUSES = {"M": 0.70, "A": 0.20, "R": 0.06, "D": 0.04}
# What a repository does not outgrow, and how many files share a path of folders: git/git has 4,847 files after 81,966
# commits, the first repository 3,315 in 686 folders after 4,734.
MOST_FILES, FILES_A_PATH = 5_000, 10
REVERTS = 0.008
# Commits by the hour of the landing, in the time zone of the archive, of the first repository.
HOURS = (
    *(0.02, 0.015, 0.01, 0.01, 0.01, 0.01, 0.01, 0.015, 0.03, 0.09, 0.07, 0.07),
    *(0.02, 0.02, 0.09, 0.07, 0.1, 0.09, 0.05, 0.045, 0.05, 0.045, 0.035, 0.025),
)
IMPORTANCE = {"high": 0.18, "medium": 0.44, "low": 0.38}
SECOND_KIND = 0.18
# No commit of those measured was certain to be breaking; one in a hundred is a guess.
BREAKING: dict[Literal["no", "unclear", "yes"], float] = {"no": 0.907, "unclear": 0.083, "yes": 0.01}

# Characters of the lines of small diffs, marks included, of 1,500 commits of the third repository and 1,000 of the
# first, between the two; and from how many changed lines of a file on, which share of them has another hunk.
CHANGED = Quantiles((1, 1, 1, 22, 42, 70, 90, 118, 200, 301))
AROUND = Quantiles((1, 1, 1, 11, 26, 50, 78, 92, 156, 301))
HEADS = Quantiles((11, 16, 19, 26, 42, 64, 90, 95, 100, 104))
MORE_HUNKS = ((2, 0.38), (5, 0.42))


@dataclass(frozen=True, slots=True, kw_only=True)
class Lengths:
    """How long an analysis is: numbers of entries, and of characters of each text; the shares of commits with one."""

    reason: Quantiles
    summary: Quantiles
    places: Quantiles
    note: Quantiles
    insights: tuple[float, float, float]
    insight: Quantiles
    risks: Quantiles
    risk: Quantiles
    advice: Quantiles
    hint: Quantiles


RULES = {
    "en": Lengths(
        reason=Quantiles((18, 20, 27, 30, 38, 51, 72, 113, 189, 239)),
        summary=Quantiles((53, 138, 180, 311, 462, 599, 695, 740, 809, 872)),
        places=Quantiles((0, 1, 1, 1, 3, 6, 8, 8, 8, 8)),
        note=Quantiles((5, 5, 5, 7, 14, 40, 99, 122, 174, 278)),
        insights=(0.275, 0.135, 0.012),
        insight=Quantiles((29, 46, 56, 83, 160, 320, 500, 580, 670, 693)),
        risks=Quantiles((0, 0, 0, 0, 0, 1, 1, 2, 3, 5)),
        risk=Quantiles((31, 52, 52, 53, 67, 127, 211, 244, 286, 319)),
        advice=Quantiles((0, 0, 0, 0, 0, 0, 1, 1, 2, 4)),
        hint=Quantiles((51, 63, 71, 85, 114, 155, 208, 238, 292, 317)),
    ),
    "zh": Lengths(
        reason=Quantiles((7, 12, 12, 16, 20, 22, 50, 86, 162, 240)),
        summary=Quantiles((16, 113, 146, 274, 425, 563, 659, 700, 769, 833)),
        places=Quantiles((0, 1, 1, 1, 3, 6, 8, 8, 8, 8)),
        note=Quantiles((2, 5, 5, 7, 9, 31, 82, 103, 150, 280)),
        insights=(0.275, 0.135, 0.012),
        insight=Quantiles((18, 30, 38, 65, 125, 270, 440, 530, 660, 700)),
        risks=Quantiles((0, 0, 0, 0, 0, 1, 1, 2, 3, 5)),
        risk=Quantiles((18, 27, 27, 28, 42, 90, 171, 208, 263, 320)),
        advice=Quantiles((0, 0, 0, 0, 0, 0, 1, 1, 2, 4)),
        hint=Quantiles((24, 35, 39, 50, 75, 113, 164, 192, 282, 320)),
    ),
}
MODEL = Lengths(
    reason=Quantiles((10, 12, 14, 18, 25, 35, 45, 60, 80, 120)),
    summary=Quantiles((60, 100, 130, 170, 218, 331, 449, 521, 786, 920)),
    places=Quantiles((1, 2, 2, 3, 3, 4, 5, 5, 6, 8)),
    note=Quantiles((15, 25, 30, 45, 62, 80, 95, 110, 140, 200)),
    insights=(0.9, 0.8, 0.6),
    insight=Quantiles((30, 60, 70, 110, 190, 340, 430, 500, 600, 680)),
    risks=Quantiles((0, 1, 2, 3, 3, 4, 5, 6, 7, 8)),
    risk=Quantiles((30, 45, 55, 70, 100, 130, 160, 190, 250, 300)),
    advice=Quantiles((0, 2, 3, 4, 4, 5, 6, 7, 8, 8)),
    hint=Quantiles((30, 60, 70, 85, 110, 140, 170, 190, 240, 300)),
)
# English says the same in twice as many letters, as the rules' own sentences do.
ENGLISH = 2.0
