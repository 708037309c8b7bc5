"""Find where a commit of an answer can be read: on the site, or on its host.

This module must not touch the network or the disk.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, urljoin

from generator.changes.between import Between, Entry
from generator.hosts import web_links
from generator.pages.addresses import commit_page

# The marks of an address that mean nothing to Markdown.
_MARKS = "/:?#@+,=%-._~"


@dataclass(frozen=True, slots=True)
class Places:
    """Addresses of one answer's commits; `site_url` ends in `/`, and is None while the site is nowhere."""

    between: Between
    site_url: str | None

    def find(self, entry: Entry) -> str | None:
        """Find a commit's page on the site; its page on the host where the site has none."""
        if entry.archived is not None and self.site_url is not None:
            page = commit_page(self.between.repository, entry.sha).removesuffix(".md")
            return _quote(urljoin(self.site_url, f"{page}.html"))
        return self.commit(entry.sha)

    def commit(self, sha: str) -> str | None:
        """Find a commit on the host."""
        return _quote(web_links(self.between.web).commit(sha))

    def pull_request(self, number: int) -> str | None:
        """Find a pull request on the host."""
        return _quote(web_links(self.between.web).pull_request(number))

    def compare(self) -> str | None:
        """Find the host's own comparison of the two ends."""
        return _quote(web_links(self.between.web).compare(self.between.old, self.between.new))


def _quote(url: str | None) -> str | None:
    return None if url is None else quote(url, safe=_MARKS)
