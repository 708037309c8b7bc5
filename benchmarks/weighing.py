"""Weigh a built site: its pages, what the search keeps of them, and what all of it is for a host.

This module must not know how the site was built; it only looks at the files.
"""

from __future__ import annotations

import gzip
import json
import statistics
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_MARK = b"pagefind_dcd"


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    """Bytes of a site. `pages` are those of the commit pages with their entries in the search index, one a commit.

    `search` is all of the search index, its entries included; `fixed` is what every site has, however large.
    """

    pages: tuple[float, ...]
    search: int
    fixed: int
    total: int
    files: int

    @property
    def mean(self) -> float:
        """Bytes of a commit page with its fragment."""
        return statistics.fmean(self.pages)

    def project(self, commits: int) -> float:
        """Say how many bytes a site of so many commits would have."""
        return self.fixed + (self.total - self.fixed) / len(self.pages) * commits

    @property
    def upper(self) -> float:
        """The 95th percentile of the same."""
        return sorted(self.pages)[int(len(self.pages) * 0.95)]


def weigh_site(site: Path) -> Weight:
    """Weigh a site."""
    sizes = {path: path.stat().st_size for path in site.rglob("*") if path.is_file()}
    search = site / "assets" / "search"
    # A page's address in the index is that of its file; an entry without a page is nobody's.
    fragments = dict(
        fragment
        for path, size in sizes.items()
        if path.is_relative_to(search) and path.parent.name == "entries"
        for fragment in _read_entries(path, size)
    )
    pages = {
        path.relative_to(site).as_posix(): size
        for path, size in sizes.items()
        if path.suffix == ".html" and path.parent.name == "commit"
    }
    missing = pages.keys() - fragments.keys()
    if missing:
        raise ValueError(f"{len(missing)} commit pages are not in the search index, such as {min(missing)}")
    return Weight(
        pages=tuple(size + fragments[page] for page, size in pages.items()),
        search=sum(size for path, size in sizes.items() if path.is_relative_to(search)),
        fixed=sum(
            size
            for path, size in sizes.items()
            if path.is_relative_to(site / "assets") and not path.is_relative_to(search)
        ),
        total=sum(sizes.values()),
        files=len(sizes),
    )


def _read_entries(path: Path, size: int) -> Iterator[tuple[str, float]]:
    """Read the addresses of the entries in a file, and what each takes of it."""
    entries = json.loads(gzip.decompress(path.read_bytes()).removeprefix(_MARK))
    for entry in entries:
        yield str(entry["url"]).lstrip("/"), size / len(entries)
