"""Learn a repository's habits from the titles that its commits had before a day.

This module must not know the archive: what it learns follows from the mirror's graph alone.
"""

from __future__ import annotations

from generator.analyse.conventions import Conventions, learn_conventions
from generator.collect.commits import read_subjects
from generator.collect.mirror import Mirror

# How many titles teach the analyser a repository's habits.
_TITLES = 500


class Titles:
    """The titles that a repository's commits had before a day, from which the analyser learns its habits.

    What is learnt for a day depends on the graph before that day alone, so every run learns the same.
    """

    def __init__(self, mirror: Mirror) -> None:
        self._mirror = mirror
        self._subjects: dict[str, str] = {}

    def learn(self, before: str | None) -> Conventions:
        """Learn from the newest titles up to the mainline commit `before`, those of merges left out."""
        shas = [] if before is None else self._mirror.find_newest(before, _TITLES)[::-1]
        unread = [sha for sha in shas if sha not in self._subjects]
        if unread:
            self._subjects.update(zip(unread, read_subjects(self._mirror, unread), strict=True))
        return learn_conventions(self._subjects[sha] for sha in shas)
