"""Say in few bytes which SHAs a shard of the search index may have, so that a short SHA is not looked for in vain.

This module must not know where commits come from; docs/assets/search-worker.js reads what it writes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

# Four digits of each SHA: with 1,500 commits one shard in 44 is looked into in vain.
_DIGITS = 4
_COMMIT = re.compile(r"/commit/([0-9a-f]{40,64})\.html(?:#|$)")
# A step that is this large or larger goes on in the next byte.
_GO_ON = 255


def render_shas(addresses: Iterable[str]) -> bytes:
    """Write the numbers that the SHAs of these addresses begin with, ascending, each as its distance to the last."""
    commits = filter(None, map(_COMMIT.search, addresses))
    content = bytearray()
    before = 0
    for number in sorted({int(commit[1][:_DIGITS], 16) for commit in commits}):
        whole, rest = divmod(number - before, _GO_ON)
        content += bytes([_GO_ON] * whole + [rest])
        before = number
    return bytes(content)
