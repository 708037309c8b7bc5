"""Lay the archive's own Markdown pages before plain MkDocs with Material, and before Hugo with a theme of three files.

This module must not use Daybook's hooks, templates or search: it is what ours is compared with.
"""

from __future__ import annotations

import html
import json
import re
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from benchmarks.processes import Run, run_program
from generator.site.front_matter import parse_front_matter

Navigation = Literal["none", "pruned", "stock"]
# In the HTML of our pages; MkDocs leaves such links as they are, and so does not spend time on them.
_LINK = re.compile(r"(<a href=[^>\s]*)\.md(#[^>\s]*)?>")
_MKDOCS = """\
site_name: Plain
use_directory_urls: false
theme:
  name: material
  language: zh
  font: false
  features: [navigation.path, navigation.footer, navigation.top, toc.follow{pruned}]
markdown_extensions:
  - tables:
      use_align_attribute: true
  - toc
"""
_HUGO = """\
baseURL = "https://example.org/"
title = "Plain"
uglyURLs = true
disableKinds = ["taxonomy", "term", "RSS"]
[markup.goldmark.renderer]
unsafe = true
"""
_BASE = """\
<!doctype html><html lang="zh"><head><meta charset="utf-8"><title>{{ .Title }} - {{ .Site.Title }}</title>
<meta name="viewport" content="width=device-width"></head><body>
<nav>{{ range .Ancestors.Reverse }}<a href="{{ .RelPermalink }}">{{ .Title }}</a> / {{ end }}</nav>
<main>{{ block "main" . }}{{ end }}</main></body></html>
"""
_SINGLE = """\
{{ define "main" }}<h1>{{ .Title }}</h1>{{ .Content }}
<footer>{{ with .PrevInSection }}<a rel="prev" href="{{ .RelPermalink }}">{{ .Title }}</a>{{ end }}
{{ with .NextInSection }}<a rel="next" href="{{ .RelPermalink }}">{{ .Title }}</a>{{ end }}</footer>{{ end }}
"""


class PlainSite:
    """MkDocs and Material with the pages of an archive, in one of three navigations."""

    def __init__(self, root: Path, docs: Path, pages: Iterable[Path], navigation: Navigation) -> None:
        self._root = root
        self.pages = _copy_pages(docs, pages, root / "docs")
        settings = _MKDOCS.format(pruned=", navigation.prune" if navigation == "pruned" else "")
        # What is not in the navigation MkDocs leaves out of the tree that Material walks for every page.
        settings += 'not_in_nav: "*"\n' if navigation == "none" else ""
        (root / "mkdocs.yml").write_text(settings)

    def build(self) -> Run:
        """Build the site anew."""
        shutil.rmtree(self._root / "site", ignore_errors=True)
        return run_program([sys.executable, "-m", "mkdocs", "build", "--quiet"], self._root)


class HugoSite:
    """Hugo with the same pages, breadcrumbs, neighbours and a sitemap."""

    def __init__(self, root: Path, docs: Path, pages: Iterable[Path]) -> None:
        self._root = root
        self.pages = _copy_pages(docs, pages, root / "content", for_hugo=True)
        layouts = root / "layouts" / "_default"
        layouts.mkdir(parents=True)
        (root / "config.toml").write_text(_HUGO)
        (layouts / "baseof.html").write_text(_BASE)
        for name in ("single.html", "list.html"):
            (layouts / name).write_text(_SINGLE)

    def build(self) -> Run:
        """Build the site anew."""
        shutil.rmtree(self._root / "public", ignore_errors=True)
        # Its own cache folder: nothing is left from one run to the next.
        cache = str(self._root / "cache")
        return run_program(["hugo", "--quiet", "--ignoreCache", "--cacheDir", cache], self._root)

    def index(self) -> Run:
        """Let Pagefind read the pages that were built, as it does for a Hugo site that can be searched."""
        return run_program([sys.executable, "-m", "pagefind", "--silent", "--site", "public"], self._root)


def list_pages(docs: Path) -> list[Path]:
    """List the generated pages of an archive, as paths under its docs/."""
    found = (path.relative_to(docs) for path in docs.rglob("*.md"))
    return sorted(path for path in found if path.name != "search.md")


def _copy_pages(docs: Path, pages: Iterable[Path], target: Path, *, for_hugo: bool = False) -> int:
    shutil.rmtree(target, ignore_errors=True)
    count = 0
    for page in pages:
        parsed = parse_front_matter((docs / page).read_text(encoding="utf-8"))
        if parsed is None:
            continue
        front_matter, markdown = parsed
        # In a file of its own kind a section is told from a page by its name.
        path = target / (page.with_name("_index.md") if for_hugo and page.name == "index.md" else page)
        path.parent.mkdir(parents=True, exist_ok=True)
        title = json.dumps(html.unescape(front_matter.title), ensure_ascii=False)
        text = _LINK.sub(r"\1.html\2>", markdown) if for_hugo else markdown
        path.write_text(f"---\ntitle: {title}\n---\n{text}", encoding="utf-8")
        count += 1
    return count
