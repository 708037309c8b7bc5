"""List the addresses of all pages for search engines: one sitemap a month, and an index of them.

This module must not read a page: the manifest knows them. A month that did not change is not written again.
https://www.sitemaps.org/protocol.html
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from urllib.parse import quote, urljoin
from xml.sax.saxutils import escape

from generator.site.ledger import find_changed_months, find_files, find_months, list_files_below, list_month
from generator.site.sources import find_output

FOLDER = "sitemaps/"
INDEX = "sitemap.xml"
# Pages of no month: home, status, search, and what somebody wrote by hand.
_NO_MONTH = "pages"
MOST_ADDRESSES = 50_000

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_SPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


def render_sitemaps(
    connection: sqlite3.Connection, site_url: str | None, *, full: bool
) -> tuple[dict[str, bytes], set[str]]:
    """Render the sitemaps that change, by path in the site, and name those that are no more.

    Only those of months with pages that came or went, or all where `full`. Without a `site_url` there are none: an
    address in a sitemap is a whole one.
    """
    there = list_files_below(connection, FOLDER)
    if site_url is None:
        return {}, {*there, INDEX}
    index = find_files(connection, [INDEX])
    is_whole = bool(there and index) and all(file.sha256 for file in [*there.values(), *index.values()])
    months = find_changed_months(connection) if is_whole and not full else find_months(connection)
    if not months:
        return {}, set()
    rendered: dict[str, bytes] = {}
    for month in sorted(months):
        addresses = [urljoin(site_url, quote(find_output(page))) for page in list_month(connection, month)]
        rendered |= _render_month(month or _NO_MONTH, addresses)
    old = there.keys() if full or not is_whole else {path for path in there if _find_month(path) in months}
    names = sorted({*(there.keys() - old), *rendered})
    content = _render_index(urljoin(site_url, name) for name in names)
    return rendered | {INDEX: content}, old - rendered.keys()


def _find_month(path: str) -> str:
    month = path.removeprefix(FOLDER).partition(".")[0]
    return "" if month == _NO_MONTH else month


def _render_month(name: str, addresses: Sequence[str]) -> dict[str, bytes]:
    parts = [addresses[at : at + MOST_ADDRESSES] for at in range(0, len(addresses), MOST_ADDRESSES)]
    names = [f"{FOLDER}{name}{f'.{number}' if number else ''}.xml" for number in range(len(parts))]
    return {path: _render_part(part) for path, part in zip(names, parts, strict=True)}


def _render_part(addresses: Sequence[str]) -> bytes:
    lines = "".join(f"<url><loc>{escape(address)}</loc></url>\n" for address in addresses)
    return f"{_HEAD}<urlset {_SPACE}>\n{lines}</urlset>\n".encode()


def _render_index(addresses: Iterator[str]) -> bytes:
    lines = "".join(f"<sitemap><loc>{escape(address)}</loc></sitemap>\n" for address in addresses)
    return f"{_HEAD}<sitemapindex {_SPACE}>\n{lines}</sitemapindex>\n".encode()
