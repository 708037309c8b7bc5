"""Find what landed between the archived tip of a repository and a new one.

Only `following` calls this module; it must not write anything.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from generator.collect.landing import Before, Landing, find_landings
from generator.collect.mirror import Node
from generator.days import find_moment
from generator.landings import Followed
from generator.records import RepositoryRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a new tip brings.

    `landings` are to be archived. `tip_landed` and `newest_day` are those of the mainline up to the new tip, None
    where they stay as they were. `is_doubtful` says that marks on earlier records have to be made anew: a
    force-push removed or brought back commits, or the last run was cut short.
    """

    landings: tuple[Landing, ...] = ()
    tip_landed: datetime | None = None
    newest_day: date | None = None
    gone_tips: tuple[str, ...] = ()
    is_whole: bool = False
    is_doubtful: bool = False

    @property
    def days(self) -> frozenset[date]:
        """The days that something lands on."""
        return frozenset(landing.day for landing in self.landings)


def find_new(followed: Followed, record: RepositoryRecord, tip: str, first_days: int) -> Found:
    """Find what is reachable from `tip` and from no archived tip, and where it landed."""
    if record.tip is None:
        return _find_first(followed, record, tip, first_days)
    gone_tips = tuple(sha for sha in (record.tip, record.writing) if sha and not _is_kept(followed, sha, tip))
    new = _walk_new(followed, record.tip, tip)
    # After a force-push the mainline is another one, so what lies before the new commits is asked of the graph.
    is_rewritten = record.tip in gone_tips
    before = Before() if is_rewritten else Before(seconds=_read_seconds(record), newest_day=record.newest_day)
    mainline = place(followed, walk_all(followed, tip) if is_rewritten else new, tip, before)
    landings = [landing for landing in mainline if landing.sha in new]
    is_doubtful = bool(gone_tips or record.gone_tips or record.writing)
    uncovered = {landing.day for landing in landings if not _is_covered(record, landing.day)}
    if uncovered:
        landings = _complete(followed, record, tip, new, landings, uncovered)
    if uncovered or is_doubtful:
        landings = keep_days(landings, read_days(followed))
    return Found(
        landings=tuple(landings),
        tip_landed=_find_landed(mainline, tip),
        newest_day=_find_newest(mainline, before),
        gone_tips=tuple(dict.fromkeys((*record.gone_tips, *gone_tips))),
        is_doubtful=is_doubtful,
    )


def keep_days(landings: Iterable[Landing], day_of: Mapping[str, date]) -> list[Landing]:
    """Leave out what is archived on another day, when the mainline or the clock was another: it stays there."""
    return [landing for landing in landings if day_of.get(landing.sha, landing.day) == landing.day]


def read_days(followed: Followed) -> dict[str, date]:
    """Map every archived commit of the repository to its day."""
    return followed.archive.commit_days(followed.name)


def walk_all(followed: Followed, tip: str) -> dict[str, Node]:
    """Read the whole graph that is reachable from a tip."""
    return {node.sha: node for node in followed.mirror.walk(tip)}


def place(followed: Followed, graph: Mapping[str, Node], tip: str, before: Before) -> list[Landing]:
    """Place the commits of a graph as this run sees it: in the archive's time zone, fetched now."""
    return list(find_landings(graph, tip, before, followed.seconds, followed.timezone))


def _find_first(followed: Followed, record: RepositoryRecord, tip: str, first_days: int) -> Found:
    landings = place(followed, walk_all(followed, tip), tip, Before())
    days = sorted({landing.day for landing in landings})
    chosen = [landing for landing in landings if landing.day >= days[-first_days:][0]]
    is_doubtful = record.writing is not None
    return Found(
        landings=tuple(keep_days(chosen, read_days(followed)) if is_doubtful else chosen),
        tip_landed=_find_landed(landings, tip),
        newest_day=days[-1],
        is_whole=len(days) <= first_days,
        is_doubtful=is_doubtful,
    )


def _complete(
    followed: Followed,
    record: RepositoryRecord,
    tip: str,
    new: Mapping[str, Node],
    landings: list[Landing],
    uncovered: Collection[date],
) -> list[Landing]:
    """Decide about new commits that land on days the archive has not looked at."""
    if any(not node.parents for node in new.values()):
        # A history rewritten from its first commit on: like a first look, it begins where the archive does.
        return [landing for landing in landings if landing.day >= record.covered[0].first]
    # A push that late brings its whole day with it: a day is archived whole or not at all.
    everything = place(followed, walk_all(followed, tip), tip, Before())
    return [landing for landing in everything if landing.sha in new or landing.day in uncovered]


def _is_covered(record: RepositoryRecord, day: date) -> bool:
    """Say whether a day is looked at, or lies behind all that was: then it is archived whole now."""
    return (
        record.whole
        or day >= record.covered[-1].last
        or any(span.first <= day <= span.last for span in record.covered)
    )


def _is_kept(followed: Followed, sha: str, tip: str) -> bool:
    return bool(followed.mirror.find_existing([sha])) and followed.mirror.is_ancestor(sha, tip)


def _walk_new(followed: Followed, archived: str, tip: str) -> dict[str, Node]:
    # A mirror made anew after a force-push lacks the archived tip; then every archived commit bounds the walk.
    excluded = followed.mirror.find_existing([archived]) or followed.mirror.find_existing(read_days(followed))
    return {node.sha: node for node in followed.mirror.walk(tip, excluded)}


def _find_landed(landings: Iterable[Landing], tip: str) -> datetime | None:
    return next((find_moment(landing.seconds) for landing in landings if landing.sha == tip), None)


def _find_newest(landings: Iterable[Landing], before: Before) -> date | None:
    known = () if before.newest_day is None else (before.newest_day,)
    return max((*known, *(landing.day for landing in landings)), default=None)


def _read_seconds(record: RepositoryRecord) -> int | None:
    return None if record.tip_landed is None else int(record.tip_landed.timestamp())
