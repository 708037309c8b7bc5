"""Weigh a built site: its pages, what the search keeps of them, and what all of it is for a host.

This module must not know how the site was built; it only looks at the files.
"""

from __future__ import annotations

import gzip
import json
import statistics
from dataclasses import dataclass
from pathlib import Path

_MARK = b"pagefind_dcd"


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    """Bytes of a site. `pages` are those of the commit pages with their search fragments, one entry a commit.

    `search` is all of the search index, its fragments included; `fixed` is what every site has, however large.
    """

    pages: tuple[int, ...]
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
    def upper(self) -> int:
        """The 95th percentile of the same."""
        return sorted(self.pages)[int(len(self.pages) * 0.95)]


def weigh_site(site: Path) -> Weight:
    """Weigh a site."""
    sizes = {path: path.stat().st_size for path in site.rglob("*") if path.is_file()}
    search = site / "assets" / "search"
    # A page's address in the index is that of its file; a fragment without a page is nobody's.
    fragments = dict(
        _read_fragment(path, size) for path, size in sizes.items() if path.suffix == ".pf_fragment"
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


def _read_fragment(path: Path, size: int) -> tuple[str, int]:
    content = gzip.decompress(path.read_bytes()).removeprefix(_MARK)
    # What stands behind the # tells the page that lists results how to show this one.
    return str(json.loads(content)["url"]).lstrip("/").partition("#")[0], size
