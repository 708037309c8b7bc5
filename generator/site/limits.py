"""Hold the size of a site against what its host takes, before anything is published.

This module must not measure anything: it is told bytes and numbers of files. The figures are those the hosts name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from generator.config import Host, Site
from generator.errors import SiteError

_MB, _MIB, _GB = 10**6, 2**20, 10**9
_WARN_FROM = 0.8
_NEXT_STEP = (
    "Archive fewer days (a smaller first_days, or a second archive for old years), or publish to a host without this "
    "limit: an object store, or your own server by rsync. `site: {host: none}` in archive.yml switches the check off."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How large a site is: bytes and files altogether, and the largest file with its bytes."""

    total: int
    files: int
    largest: int
    largest_path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Limit:
    name: str
    total: int | None = None
    files: int | None = None
    largest: int | None = None


_LIMITS = {
    # https://docs.github.com/pages/getting-started-with-github-pages/github-pages-limits
    "github": _Limit(name="GitHub Pages", total=_GB),
    # https://developers.cloudflare.com/pages/platform/limits/, with a free account
    "cloudflare": _Limit(name="Cloudflare", files=20_000, largest=25 * _MIB),
    # https://docs.gitlab.com/administration/pages/, as on gitlab.com
    "gitlab": _Limit(name="GitLab Pages", total=_GB, files=200_000),
}
_HOSTS: tuple[tuple[str, Host], ...] = (
    (r"[^.]+\.github\.io", "github"),
    (r".+\.(pages|workers)\.dev", "cloudflare"),
    (r".+\.gitlab\.io", "gitlab"),
)


def find_host(site: Site) -> Host:
    """Find who publishes the site: as archive.yml says, or else by its address."""
    if site.host is not None:
        return site.host
    name = urlsplit(site.url or "").hostname or ""
    return next((host for pattern, host in _HOSTS if re.fullmatch(pattern, name)), "none")


def check_size(host: Host, size: Size) -> list[str]:
    """Say what is near a limit of the host; empty when nothing is.

    Raises SiteError when something is beyond one.
    """
    limit = _LIMITS.get(host)
    if limit is None:
        return []
    told = [
        _measure(limit, size.total, limit.total, "the site has", _MB, "MB"),
        _measure(limit, size.files, limit.files, "the site has", 1, "files"),
        _measure(limit, size.largest, limit.largest, f"{size.largest_path} has", _MB, "MB"),
    ]
    if beyond := [text for share, text in told if share > 1]:
        raise SiteError("\n".join(beyond), f"{_NEXT_STEP} The old site stays as it was.")
    return [text for share, text in told if share > _WARN_FROM]


def _measure(
    limit: _Limit, value: int, most: int | None, subject: str, unit: int, name: str
) -> tuple[float, str]:
    if most is None:
        return 0, ""
    figures = f"{value / unit:,.0f} of at most {most / unit:,.0f} {name}"
    return value / most, f"{subject} {figures} ({value / most:.0%}) on {limit.name}"
