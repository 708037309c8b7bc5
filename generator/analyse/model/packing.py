"""Choose what of a commit's diff a model is shown when not all of it fits: the most telling files, hunks and lines.

This module must not know a prompt's words, a form or a model; it measures text and leaves out the least telling.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field
from itertools import pairwise

from generator.analyse.evidence import Evidence, Placed
from generator.analyse.model.manifest import describe_file, is_shown, weigh_file
from generator.analyse.model.tokens import GAP_COST, estimate_tokens, mark_gap
from generator.patches import Patch

# Lines that say little when there is room for only some.
_COMMENTS = ("#", "//", "*", "/*", "--", '"""', "import ", "from ", "use ", "using ")
# A file's heading beside its path; an upper estimate, in tokens.
_HEADING_COST = 24
# Below this a file's share of the room would show a heading and a line or two.
_LEAST_ROOM = 120
# A file that takes more of all the room than one part in so many.
_GIANT_SHARE = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Excerpt:
    """Some lines of one file's patch, in order: `indices` are their places in it."""

    placed: Placed
    lines: tuple[str, ...]
    indices: tuple[int, ...]
    is_whole_patch: bool

    @property
    def changed(self) -> int:
        """How many added and removed lines it shows."""
        return sum(self.lines[index][:1] in ("+", "-") for index in self.indices)

    def render(self) -> str:
        """Write the excerpt under the file's name, with a mark wherever lines are left out.

        No line of a patch can pass for a heading or a mark: each begins with a blank, `+`, `-`, `@` or a backslash.
        """
        parts = [f"file {describe_file(self.placed)}"]
        expected = 0
        for index in self.indices:
            if index > expected:
                parts.append(mark_gap(index - expected))
            parts.append(self.lines[index])
            expected = index + 1
        if expected < len(self.lines):
            parts.append(mark_gap(len(self.lines) - expected))
        if not self.is_whole_patch:
            parts.append("… the rest of this file left out")
        return "\n".join(parts)


@dataclass(slots=True)
class _Part:
    """One part under way: the excerpts it shows and the room that is left."""

    room: int
    excerpts: list[Excerpt] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    """A file's patch, line by line, with what each line costs."""

    placed: Placed
    lines: tuple[str, ...]
    costs: tuple[int, ...]
    is_whole_patch: bool

    @property
    def heading(self) -> int:
        return estimate_tokens(describe_file(self.placed)) + _HEADING_COST + 2 * GAP_COST

    def measure(self, indices: Iterable[int]) -> int:
        return sum(self.costs[index] for index in indices)

    def cut(self, indices: Iterable[int]) -> Excerpt:
        return Excerpt(
            placed=self.placed,
            lines=self.lines,
            indices=tuple(indices),
            is_whole_patch=self.is_whole_patch,
        )


def pack_diff(
    evidence: Evidence, patches: Iterable[Patch], room: int, most_parts: int
) -> tuple[tuple[Excerpt, ...], ...]:
    """Spread a commit's diff over as few parts of `room` tokens as it needs, and no more than `most_parts`.

    The most telling files are placed first: whole, or else in runs of whole hunks, or else of lines. A file that
    finds no room for all of it is shortened to its most telling hunks and lines, and at last left out. There is
    always one part, be it empty.
    """
    texts = {patch.path: patch for patch in patches if patch.text}
    sources = [
        _read_source(placed, texts[placed.file.path])
        for placed in evidence.files
        if is_shown(placed) and placed.file.path in texts
    ]
    parts = [_Part(room) for _ in range(most_parts)]
    giant = room * most_parts // _GIANT_SHARE
    # A file that would crowd the others of its kind out comes after them.
    for source in sorted(sources, key=lambda source: _rank(source, giant)):
        if not _place_whole(source, parts, room):
            _place_shortened(source, parts)
    order = {placed.file.path: index for index, placed in enumerate(evidence.files)}
    # Within a part as git orders the files: neighbours are read together.
    packed = [
        tuple(sorted(part.excerpts, key=lambda excerpt: (order[excerpt.placed.file.path], excerpt.indices)))
        for part in parts
    ]
    return tuple(filter(None, packed)) or ((),)


def measure_read(parts: Iterable[Iterable[Excerpt]], evidence: Evidence) -> float:
    """Measure what share of a commit's changed lines the parts show; 1 when it has none."""
    if not evidence.lines:
        return 1.0
    shown: dict[str, set[int]] = defaultdict(set)
    for excerpt in (excerpt for part in parts for excerpt in part):
        changed = (index for index in excerpt.indices if excerpt.lines[index][:1] in ("+", "-"))
        shown[excerpt.placed.file.path].update(changed)
    share = sum(map(len, shown.values())) / evidence.lines
    # Rounded down where something is missing: 1 means all.
    return 1.0 if share >= 1 else min(round(share, 4), 0.9999)


def _read_source(placed: Placed, patch: Patch) -> _Source:
    lines = tuple(patch.text.rstrip("\n").split("\n"))
    costs = tuple(estimate_tokens(f"{line}\n") for line in lines)
    return _Source(placed=placed, lines=lines, costs=costs, is_whole_patch=patch.complete)


def _rank(source: _Source, giant: int) -> tuple[int, bool, tuple[int, bool, bool, int, str]]:
    key = weigh_file(source.placed)
    return key[0], sum(source.costs) > giant, key


def _place_whole(source: _Source, parts: Sequence[_Part], room: int) -> bool:
    """Place all of a file, each run in the first part that has room for it; or nothing."""
    rooms = [part.room for part in parts]
    chosen: list[tuple[int, tuple[int, ...]]] = []
    for run in _split(source, room - source.heading):
        cost = source.heading + source.measure(run)
        place = next((place for place, left in enumerate(rooms) if cost <= left), None)
        if place is None:
            return False
        rooms[place] -= cost
        chosen.append((place, run))
    for place, run in chosen:
        parts[place].excerpts.append(source.cut(run))
    for part, left in zip(parts, rooms, strict=True):
        part.room = left
    return bool(chosen)


def _place_shortened(source: _Source, parts: Sequence[_Part]) -> None:
    """Place the most telling lines of a file, wherever there is room."""
    remaining = set(range(len(source.lines)))
    for part in sorted(parts, key=lambda part: -part.room):
        left = part.room - source.heading
        if left >= _LEAST_ROOM and (kept := _shorten(source, remaining, left)):
            part.excerpts.append(source.cut(kept))
            part.room -= source.heading + source.measure(kept) + GAP_COST * _count_gaps(kept)
            remaining -= set(kept)


def _split(source: _Source, room: int) -> Iterator[tuple[int, ...]]:
    """Cut a patch into runs that fit: all of it, or whole hunks, or lines below their hunk's head."""
    run: list[int] = []
    left = room
    for hunk in _find_hunks(source.lines):
        cost = source.measure(hunk)
        if run and cost > left:
            yield tuple(run)
            run, left = [], room
        if cost <= left:
            run += hunk
            left -= cost
        else:
            yield from _split_hunk(hunk, source.costs, room)
    if run:
        yield tuple(run)


def _split_hunk(hunk: range, costs: Sequence[int], room: int) -> Iterator[tuple[int, ...]]:
    head, *body = hunk
    fresh = room - costs[head] - GAP_COST
    run, left = [head], fresh
    for index in body:
        cost = costs[index] + (GAP_COST if run[-1] != index - 1 else 0)
        if cost > left and len(run) > 1:
            yield tuple(run)
            run, left = [head], fresh
            cost = costs[index] + GAP_COST
        # A line that is too long for a part of its own is left out.
        if cost <= left:
            left -= cost
            run.append(index)
    if len(run) > 1:
        yield tuple(run)


def _find_hunks(lines: Sequence[str]) -> list[range]:
    starts = [index for index, line in enumerate(lines) if line.startswith("@@") or index == 0]
    return [range(start, end) for start, end in zip(starts, [*starts[1:], len(lines)], strict=True)]


def _shorten(source: _Source, remaining: Set[int], room: int) -> tuple[int, ...]:
    """Keep the most telling hunks that fit; of one that does not, the changed lines that say most."""
    hunks = [
        [hunk[0], *(index for index in hunk[1:] if index in remaining)] for hunk in _find_hunks(source.lines)
    ]
    weighed = [(-_weigh_hunk(source.lines, hunk), hunk) for hunk in hunks if len(hunk) > 1]
    kept: list[int] = []
    for _, hunk in sorted(weighed):
        chosen = _fit_hunk(source, hunk, room)
        room -= source.measure(chosen) + (GAP_COST * _count_gaps(chosen) if chosen else 0)
        kept += chosen
        if room < _LEAST_ROOM:
            break
    return tuple(sorted(kept))


def _fit_hunk(source: _Source, hunk: Sequence[int], room: int) -> list[int]:
    if source.measure(hunk) + GAP_COST * _count_gaps(hunk) <= room:
        return list(hunk)
    head, *body = hunk
    chosen = {head}
    room -= source.costs[head] + 2 * GAP_COST
    for index in sorted(body, key=lambda index: (_weigh_line(source.lines[index]), index)):
        gaps = 1 - (index - 1 in chosen) - (index + 1 in chosen)
        room -= source.costs[index] + gaps * GAP_COST
        if room < 0 or _weigh_line(source.lines[index]) > 1:
            break
        chosen.add(index)
    return sorted(chosen) if len(chosen) > 1 else []


def _weigh_hunk(lines: Sequence[str], hunk: Iterable[int]) -> int:
    return sum(_weigh_line(lines[index]) == 0 for index in hunk)


def _weigh_line(line: str) -> int:
    """Weigh one line: 0 a change of substance, 1 a changed comment, import or blank, 2 a line that stays."""
    if line[:1] not in ("+", "-"):
        return 2
    code = line[1:].strip()
    return 1 if not code or code.startswith(_COMMENTS) else 0


def _count_gaps(indices: Sequence[int]) -> int:
    return 2 + sum(after != before + 1 for before, after in pairwise(indices))
