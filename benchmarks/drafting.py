"""Draft commits as the people of one repository would make them: who, when, which files, how much, in which words.

This module must not touch the disk or know git; what a draft is made into is for `archives` to say.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone
from typing import Literal
from zoneinfo import ZoneInfo

from benchmarks.distributions import (
    DISCOUNT,
    FILES_A_PATH,
    HOURS,
    MOST_FILES,
    REVERTS,
    STATUSES,
    STRENGTH,
    Habits,
)
from benchmarks.wording import make_line, make_name, make_person, make_text

ZONE = ZoneInfo("Asia/Shanghai")
_OFFSETS = (timezone(timedelta(hours=8)), timezone(timedelta(hours=-7)), timezone(timedelta(hours=2)))
_AREAS = 40


@dataclass(frozen=True, slots=True)
class Touch:
    """One changed file: git's letter, its path and old path, and how many lines come and go."""

    status: Literal["A", "D", "M", "R"]
    path: str
    old_path: str | None
    insertions: int
    deletions: int


@dataclass(slots=True, kw_only=True)
class Draft:
    """One commit to be. `side` are the commits that it merges, oldest first; `reverts` is a draft of the same day."""

    author: str
    written: datetime
    committer: str
    committed: datetime
    subject: str
    body: str
    kind: str
    touches: tuple[Touch, ...]
    side: tuple[Draft, ...] = ()
    reverts: Draft | None = None
    mark: int = 0
    sha: str = ""


class _Familiar:
    """Draws numbers of which some come again and again and new ones never end: a Pitman-Yor process."""

    def __init__(self) -> None:
        self._drawn: list[int] = []
        self._times: Counter[int] = Counter()

    def draw(self, chance: random.Random) -> int:
        known = len(self._times)
        if chance.random() * (STRENGTH + len(self._drawn)) < STRENGTH + DISCOUNT * known:
            number = known
        else:
            number = chance.choice(self._drawn)
            while chance.random() * self._times[number] < DISCOUNT:
                number = chance.choice(self._drawn)
        self._drawn.append(number)
        self._times[number] += 1
        return number


@dataclass(slots=True)
class _Area:
    """A part of a repository: its folders, its living files, and all touches of files so far."""

    folders: list[str]
    living: dict[str, None] = field(default_factory=dict)
    touched: list[str] = field(default_factory=list)


class Drafter:
    """Drafts the commits of one repository, day after day.

    What a commit says and how large it is, is drawn from the generator handed in; who and where, from this one's own,
    so that the same new day can be put upon archives of any size.
    """

    def __init__(self, habits: Habits, seed: str) -> None:
        self.habits = habits
        self._picks = random.Random(f"picks {habits.name} {seed}")
        self._people = _Familiar()
        self._pull_request = 1000
        self._areas = [_Area([make_name(self._picks).lower()]) for _ in range(_AREAS)]
        self._weights = [1 / (number + 3) for number in range(_AREAS)]

    def count(self, day: date, chance: random.Random) -> int:
        """Say how many commits a day has."""
        mean = self.habits.commits * self.habits.weekdays[day.weekday()]
        return max(1, round(mean * self.habits.spread.draw(chance)))

    def draft_day(self, day: date, number: int, chance: random.Random) -> list[Draft]:
        """Draft so many commits of a day, those on the mainline in the order they land; others are in their `side`."""
        drafts: list[Draft] = []
        left = number
        moments = iter(sorted(self._draw_moments(day, number, chance)))
        while left:
            moment = next(moments)
            is_merge = left > 1 and chance.random() < self.habits.merges
            side = min(left - 1, chance.choice((1, 1, 2, 3))) if is_merge else 0
            branch = tuple(self._draft(moment - timedelta(hours=3 * (side - i)), chance) for i in range(side))
            draft = self._draft_merge(moment, branch, chance) if branch else self._draft(moment, chance)
            if len(drafts) > 3 and not branch and chance.random() < REVERTS:
                self._turn_back(draft, chance.choice([d for d in drafts if not d.side] or drafts))
            drafts.append(draft)
            left -= 1 + side
        return drafts

    def _draw_moments(self, day: date, number: int, chance: random.Random) -> Iterator[datetime]:
        for hour in chance.choices(range(24), HOURS, k=number):
            yield datetime.combine(day, time(hour, chance.randrange(60), chance.randrange(60)), ZONE)

    def _draft(self, moment: datetime, chance: random.Random) -> Draft:
        habits = self.habits
        author = make_person(self._people.draw(self._picks))
        mark, kind, _ = chance.choices(habits.prefixes, [share for *_, share in habits.prefixes])[0]
        subject = mark + make_line(chance, max(4, habits.subject.draw_whole(chance) - len(mark) - 8))
        is_numbered = chance.random() < habits.numbered
        if is_numbered:
            self._pull_request += chance.randint(1, 4)
            subject += f" (#{self._pull_request})"
        offset = chance.choice(_OFFSETS)
        return Draft(
            author=author,
            written=(moment - timedelta(minutes=chance.choice((0, 0, 5, 90, 3000)))).astimezone(offset),
            committer="GitHub" if is_numbered else author,
            committed=moment.astimezone(offset),
            subject=subject,
            body=self._write_body(author, chance),
            kind=kind,
            touches=self._touch(chance),
        )

    def _draft_merge(self, moment: datetime, branch: tuple[Draft, ...], chance: random.Random) -> Draft:
        self._pull_request += chance.randint(1, 4)
        author = make_person(self._people.draw(self._picks))
        touches = {touch.path: touch for draft in branch for touch in draft.touches}
        return Draft(
            author=author,
            written=moment,
            committer="GitHub",
            committed=moment,
            subject=f"Merge pull request #{self._pull_request} from {author.split()[0]}/{make_name(chance)}",
            body=branch[-1].subject,
            kind="other",
            touches=tuple(touches.values()),
            side=branch,
        )

    def _turn_back(self, draft: Draft, target: Draft) -> None:
        draft.reverts = target
        draft.kind = "revert"
        draft.subject = f'Revert "{target.subject}"'

    def _write_body(self, author: str, chance: random.Random) -> str:
        body = make_text(chance, self.habits.body.draw_whole(chance))
        trailers = [f"Signed-off-by: {author} <someone@example.org>"] * (chance.random() < self.habits.signed)
        if chance.random() < self.habits.shared:
            others = (make_person(self._people.draw(self._picks)) for _ in range(chance.choice((1, 1, 1, 2))))
            trailers += [f"Co-authored-by: {other} <someone@example.org>" for other in others]
        return "\n\n".join(filter(None, (body, "\n".join(trailers))))

    def _touch(self, chance: random.Random) -> tuple[Touch, ...]:
        letters, weights = list(STATUSES), list(STATUSES.values())
        home = self._pick_area()
        found: dict[str, Touch] = {}
        for _ in range(self.habits.files.draw_whole(chance)):
            status = chance.choices(letters, weights)[0]
            size = self.habits.insertions.draw_whole(chance), self.habits.deletions.draw_whole(chance)
            area = home if self._picks.random() < 0.8 else self._pick_area()
            touch = self._touch_file(area, status, *size)
            taken = {touch.path, touch.old_path} - {None}
            if not taken & found.keys() and not any(other.old_path in taken for other in found.values()):
                self._note(area, touch)
                found[touch.path] = touch
        return tuple(sorted(found.values(), key=lambda touch: touch.path))

    def _touch_file(self, area: _Area, status: str, insertions: int, deletions: int) -> Touch:
        old = self._pick_living(area)
        # Who adds to a repository that is grown takes as much out of it.
        if status == "A" and self._is_grown() and self._picks.random() >= STATUSES["D"] / STATUSES["A"]:
            status = "M"
        if status == "A" or old is None:
            return Touch("A", self._make_path(area), None, max(insertions, 1), 0)
        if status == "D":
            return Touch("D", old, None, 0, deletions)
        if status == "R":
            return Touch("R", self._make_path(area), old, min(insertions, 9), min(deletions, 9))
        return Touch("M", old, None, max(insertions, 1), deletions)

    def _note(self, area: _Area, touch: Touch) -> None:
        if touch.status == "D":
            del area.living[touch.path]
            return
        if touch.old_path is not None:
            del area.living[touch.old_path]
        area.living[touch.path] = None
        area.touched.append(touch.path)

    def _is_grown(self) -> bool:
        return sum(len(area.living) for area in self._areas) >= MOST_FILES

    def _pick_area(self) -> _Area:
        return self._picks.choices(self._areas, self._weights)[0]

    def _pick_living(self, area: _Area) -> str | None:
        """Pick a file that still is there, one that was touched often sooner than others."""
        for _ in range(6 if area.touched else 0):
            path = self._picks.choice(area.touched)
            if path in area.living:
                return path
        return next(iter(area.living), None)

    def _make_path(self, area: _Area) -> str:
        is_room = len(area.folders) * FILES_A_PATH <= len(area.living)
        if is_room and self._picks.random() < 0.5:
            depth = self.habits.depth.draw_whole(self._picks)
            parts = [make_name(self._picks).lower() for _ in range(max(0, depth - 1))]
            area.folders.append("/".join((area.folders[0], *parts)))
        endings: Sequence[tuple[str, float]] = self.habits.endings
        ending = self._picks.choices([end for end, _ in endings], [share for _, share in endings])[0]
        path = f"{self._picks.choice(area.folders)}/{make_name(self._picks).lower()}{ending}"
        return f"{path}{len(area.touched)}" if path in area.living else path
