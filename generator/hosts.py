"""Know the web addresses that hosting services give a repository, its commits, requests and issues.

This module must not touch the network or the disk: every answer follows from the address alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import quote, unquote, urlsplit


class _Paths(NamedTuple):
    """What one kind of hosting service puts behind a repository's address."""

    commit: str
    pull_request: str
    issue: str
    compare: str
    tree: str


_GITHUB = _Paths(
    commit="/commit/{sha}",
    pull_request="/pull/{number}",
    issue="/issues/{number}",
    compare="/compare/{old}...{new}",
    tree="/tree/{sha}",
)
_GITEA = _Paths(
    commit="/commit/{sha}",
    pull_request="/pulls/{number}",
    issue="/issues/{number}",
    compare="/compare/{old}...{new}",
    tree="/src/commit/{sha}",
)
_GITLAB = _Paths(
    commit="/-/commit/{sha}",
    pull_request="/-/merge_requests/{number}",
    issue="/-/issues/{number}",
    compare="/-/compare/{old}...{new}",
    tree="/-/tree/{sha}",
)
_BITBUCKET = _Paths(
    commit="/commits/{sha}",
    pull_request="/pull-requests/{number}",
    issue="/issues/{number}",
    # Bitbucket names the newer side first.
    compare="/branches/compare/{new}..{old}",
    tree="/src/{sha}",
)

_HOSTS = {
    "github.com": _GITHUB,
    "gitlab.com": _GITLAB,
    "codeberg.org": _GITEA,
    "gitea.com": _GITEA,
    "bitbucket.org": _BITBUCKET,
}
# Self-hosted services are known by the first label of their name, such as gitlab.gnome.org.
_LABELS = {"github": _GITHUB, "gitlab": _GITLAB, "gitea": _GITEA, "forgejo": _GITEA}


@dataclass(frozen=True, slots=True)
class WebLinks:
    """Make links into one repository's pages on its hosting service.

    Every method answers None where the repository has no web address or the kind of its host is not known:
    a link that is missing costs a reader one search, a link that leads nowhere costs trust in all the others.
    """

    web: str | None

    def commit(self, sha: str) -> str | None:
        """Link to one commit."""
        return self._link("commit", sha=sha)

    def pull_request(self, number: int) -> str | None:
        """Link to one pull request, or merge request where that is its name."""
        return self._link("pull_request", number=str(number))

    def issue(self, number: int) -> str | None:
        """Link to one issue."""
        return self._link("issue", number=str(number))

    def compare(self, old: str, new: str) -> str | None:
        """Link to the difference between two commits, branches or tags."""
        return self._link("compare", old=old, new=new)

    def tree(self, sha: str) -> str | None:
        """Link to the files as they stood at one commit."""
        return self._link("tree", sha=sha)

    def _link(self, page: str, **values: str) -> str | None:
        paths = _find_paths(self.web)
        if paths is None:
            return None
        path: str = getattr(paths, page)
        # A tag may hold a slash, and it must not end the address it stands in.
        return f"{self.web}{path.format_map({key: quote(value, safe='') for key, value in values.items()})}"


def web_links(web: str | None) -> WebLinks:
    """Make the links of the repository at `web`, its https address on a hosting service or None."""
    return WebLinks(web and web.rstrip("/"))


def _find_paths(web: str | None) -> _Paths | None:
    if web is None or not is_remote(web):
        return None
    host = (urlsplit(web).hostname or "").removeprefix("www.")
    return _HOSTS.get(host) or _LABELS.get(host.partition(".")[0])


def is_remote(url: str) -> bool:
    """Say whether a repository's address is on the network; anything else is a path on this machine."""
    return url.lower().startswith("https://")


def find_web(url: str) -> str | None:
    """Find the web address of an https remote: its own, without `.git`; None for a local repository."""
    if not is_remote(url):
        return None
    return url.rstrip("/").removesuffix(".git")


def find_name(url: str) -> str:
    """Find the name a repository goes by: all of its path on a host, `local/<folder>` on this machine.

    Whether that is a name the archive can use is not asked here: `https://example.org/tool` has but one segment.
    """
    remote = is_remote(url)
    path = unquote(urlsplit(url).path) if remote else url.removeprefix("file://")
    segments = [segment for segment in path.split("/") if segment not in ("", ".", ".git")]
    if not segments:
        return ""
    segments[-1] = segments[-1].removesuffix(".git")
    return "/".join(segments) if remote else f"local/{segments[-1]}"
