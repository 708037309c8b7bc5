"""Resolve and check the links in a page's HTML, which Markdown leaves alone, as MkDocs does with those in Markdown.

This hook must not decide where a link leads: MkDocs' own rules do, with its warnings and the strictness of mkdocs.yml.
It looks at links to pages and to records alone; all else has the same name in the site as under docs/.
"""

from __future__ import annotations

import re
from html import escape, unescape

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import event_priority
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page, _RelativePathTreeprocessor

_LINK = re.compile(
    r"""(<a\b[^<>]*?\shref\s*=\s*)(?:"([^"<>]*)"|'([^'<>]*)'|([^\s"'<>]+))""", re.IGNORECASE | re.ASCII
)
_SOURCE = re.compile(r"[^?#]+\.(?:md|json)(?:[?#]|$)")
# What may stand in an attribute without quotes.
_PLAIN = re.compile(r"[\w./~%#?:@+,-]+", re.ASCII)

_sources: dict[str, str] = {}


# Before another hook takes any of it away.
@event_priority(100)
def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> None:
    """Keep a page's source, to tell the HTML that stands there from what Markdown makes."""
    _sources[page.file.src_uri] = markdown


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Resolve a page's links, and have MkDocs check later those to a place on a page."""
    resolver = _Resolver(
        _sources.pop(page.file.src_uri), _RelativePathTreeprocessor(page.file, files, config)
    )
    html = _LINK.sub(resolver.resolve, html)
    if page.links_to_anchors is not None:
        for file, links in resolver.rules.links_to_anchors.items():
            page.links_to_anchors[file] = links | page.links_to_anchors.get(file, {})
    return html


class _Resolver:
    """Resolves the links of one page by MkDocs' rules."""

    def __init__(self, source: str, rules: _RelativePathTreeprocessor) -> None:
        self._source = source
        self.rules = rules

    def resolve(self, found: re.Match[str]) -> str:
        """Write a link to a source file as one to what it becomes in the site."""
        target = unescape(found[found.lastindex or 0])
        # MkDocs has told of a link already that it could not resolve in Markdown.
        if not _SOURCE.match(target) or found[0] not in self._source:
            return found[0]
        url = self.rules.path_to_url(target)
        if url == target:
            return found[0]
        return found[1] + (url if _PLAIN.fullmatch(url) else f'"{escape(url)}"')
