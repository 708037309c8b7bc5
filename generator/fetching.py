"""Fetch the repositories of a run side by side, because most of a fetch is waiting for somebody else's machine.

Only `pipeline` calls this module; it must not know what is done with a tip, or stop one fetch for another's failure.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace

from generator.collect.mirror import Tip
from generator.landings import Followed

# Few enough for a host that serves them all, and for the memory of git, which unpacks a first fetch in it.
_AT_ONCE = 4
# More are for `landings`, which fetches them in parts.
_MOST_COMMITS = 400


@contextmanager
def fetch_ahead(followed: Sequence[Followed]) -> Iterator[Sequence[Followed]]:
    """Begin to fetch repositories in their order, a few at a time; the `fetch` of each then waits for its own.

    What was not begun when the block is left is not begun any more.
    """
    if len(followed) < 2:
        yield followed
        return
    pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="fetch")
    try:
        yield [replace(one, fetching=pool.submit(_fetch, one).result) for one in followed]
    finally:
        pool.shutdown(cancel_futures=True)


def _fetch(followed: Followed) -> Tip:
    """Fetch the graph, and what the diffs of a day's few new commits need: that is waiting too. Raises RemoteError."""
    tip = followed.fetch()
    record = followed.archive.find_repository(followed.name)
    if record is None or record.tip is None or followed.workers.is_asked_for:
        return tip
    mirror = followed.mirror
    if mirror.find_existing([record.tip]):
        new = [node.sha for node in mirror.walk(tip.sha, [record.tip], f"--max-count={_MOST_COMMITS + 1}")]
        if len(new) <= _MOST_COMMITS:
            mirror.fetch_contents(new)
    return tip
