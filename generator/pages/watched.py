"""Find the newest commits that change watched paths, without looking through a whole archive.

This module must not render anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from generator.globs import Globs
from generator.headlines import Headline
from generator.pages.survey import ArchiveView

# Days with commits that are looked through, whatever is found: what is older stands on the pages of its month.
LOOK_BACK = 90
# Few enough to stop soon after enough were found.
_AT_ONCE = 10


def find_newest(
    archive: ArchiveView, name: str, days: Sequence[date], globs: Sequence[str], most: int
) -> list[Headline]:
    """Find the commits of the newest `LOOK_BACK` of a repository's days, ascending, that change such a path.

    At most so many of them, newest first.
    """
    is_touched = Globs(globs).match
    newest = days[-LOOK_BACK:]
    found: list[Headline] = []
    for end in range(len(newest), 0, -_AT_ONCE):
        some = newest[max(end - _AT_ONCE, 0) : end]
        found += reversed(archive.headlines_touching(name, some[0], some[-1], is_touched))
        if len(found) >= most:
            break
    return found[:most]
