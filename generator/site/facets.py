"""Count by what the entries of a search index can be filtered, and say which entries have which value.

This module must not know what a facet means.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

FacetCounts = Mapping[str, Mapping[str, int]]

# Whoever looks for another author types the name; so many fit into the bytes of a picture, whatever the archive.
_MOST_VALUES = 400


class Postings:
    """Which entries of a shard have which value of which facet."""

    def __init__(self) -> None:
        self._places: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))

    def note(self, place: int, facets: Mapping[str, Iterable[str]]) -> None:
        """Note the values of the entry in a place; places come in ascending order."""
        for facet, values in facets.items():
            for value in dict.fromkeys(values):
                self._places[facet][value].append(place)

    def count(self) -> FacetCounts:
        """Count the entries of each value."""
        return {
            facet: {value: len(places) for value, places in values.items()}
            for facet, values in self._places.items()
        }

    def render(self, facet: str) -> bytes:
        """Write a facet's values with their entries, each as its distance to the one before: JSON."""
        values = self._places[facet]
        return render_json({value: _find_steps(places) for value, places in values.items()})


def sum_facets(counts: Iterable[FacetCounts]) -> dict[str, list[tuple[str, int]]]:
    """Add up the counts of all shards: each facet's values, the most frequent first, and not all of very many."""
    sums: dict[str, Counter[str]] = defaultdict(Counter)
    for shard in counts:
        for facet, values in shard.items():
            sums[facet].update(values)
    return {
        facet: sorted(values.items(), key=lambda value: (-value[1], value[0]))[:_MOST_VALUES]
        for facet, values in sums.items()
    }


def render_json(value: Any) -> bytes:
    """Write JSON as small as it goes, the same value as the same bytes."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def _find_steps(places: Sequence[int]) -> list[int]:
    return [place - before for place, before in zip(places, (0, *places), strict=False)]
