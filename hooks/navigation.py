"""Give every page its own short navigation, from its front matter.

This hook must not build a navigation of the whole archive: the cost of a page must not grow with the archive.
"""

from __future__ import annotations

import logging
import re

from markupsafe import Markup
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure import StructureItem
from mkdocs.structure.files import Files, InclusionLevel
from mkdocs.structure.nav import Link, Navigation
from mkdocs.structure.pages import Page
from mkdocs.utils.templates import TemplateContext

from generator.errors import SiteError
from generator.feeds import WATCH
from generator.site.front_matter import FrontMatter, Reference, parse_front_matter

log = logging.getLogger("mkdocs.hooks.navigation")

_HOME = "index.md"
# Below a repository's name, or `days` for all of them, a day's page and its further parts.
_DAY = re.compile(r"(.+/)[0-9]{4}/[0-9]{2}/[0-9]{2}(?:-[0-9]+)?\.md")
_ACROSS = "days/"
_SEARCH = "search.md"
_STATUS = "status.md"
# By its language; each leads to the other.
_HANDBOOKS = {"zh": "handbook/zh/index.md", "en": "handbook/en/index.md"}
_TITLES = {
    "zh": {_HOME: "首页", _SEARCH: "搜索", _STATUS: "状态", _HANDBOOKS["zh"]: "手册"},
    "en": {_HOME: "Home", _SEARCH: "Search", _STATUS: "Status", _HANDBOOKS["en"]: "Handbook"},
}
# MkDocs would take the first line of a page without front matter for a setting, unless it is empty.
_NO_FRONT_MATTER = "\n"


class _Site:
    """What the hook must remember from one event of a build to the next."""

    def __init__(self, files: Files, language: str) -> None:
        self.files = files
        self.titles = _TITLES[language]
        handbook = files.get_file_from_path(_HANDBOOKS[language])
        self.handbook = handbook.url if handbook else None
        self.front_matters: dict[str, FrontMatter] = {}
        self.feeds: dict[str, str | None] = {}

    def find_link(self, reference: Reference) -> Link | None:
        """Find the page that a reference leads to; None where there is none."""
        file = self.files.get_file_from_path(reference.src_uri)
        return Link(Markup(reference.title), file.url) if file else None

    def list_own(self) -> list[Link]:
        """List the pages that every archive has."""
        links = (self.find_link(Reference(title, src_uri)) for src_uri, title in self.titles.items())
        return [link for link in links if link]


_site: _Site


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Keep all pages out of MkDocs' own navigation, and remember the files that can be linked to."""
    # MkDocs hands the files to some events only.
    global _site
    config.nav = []
    for file in files.documentation_pages():
        file.inclusion = InclusionLevel.NOT_IN_NAV
    _site = _Site(files, config.theme["language"])
    return files


def on_page_read_source(page: Page, config: MkDocsConfig) -> str | None:
    """Read a page and keep its front matter, so that MkDocs reads the Markdown alone."""
    try:
        parsed = parse_front_matter(page.file.content_string)
    except SiteError as error:
        raise PluginError(f"{page.file.src_uri}: {error}") from None
    if parsed is None:
        return None
    _site.front_matters[page.file.src_uri], markdown = parsed
    return _NO_FRONT_MATTER + markdown


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Set a page's title, its ancestors, its neighbours and its own navigation."""
    front_matter = _site.front_matters.pop(page.file.src_uri, None)
    if front_matter is not None:
        page.meta = front_matter.meta
        _place(page, front_matter)
        _site.feeds[page.file.src_uri] = _find_feeds(page.file.src_uri, front_matter)
    if page.file.src_uri == _SEARCH:
        page.meta["title"] = _site.titles[_SEARCH]
    page.meta["navigation"] = _make_navigation(_list_around(page, front_matter))
    return markdown


def on_page_context(
    context: TemplateContext, page: Page, config: MkDocsConfig, nav: Navigation
) -> TemplateContext:
    """Give the template the page's own navigation, and where the feeds are that tell of what it tells."""
    context["nav"] = page.meta["navigation"]
    feeds = _site.feeds.pop(page.file.src_uri, None)
    context["feeds"] = feeds  # type: ignore[typeddict-unknown-key]
    context["has_high"] = not _is_watch(feeds or "")  # type: ignore[typeddict-unknown-key]
    return _add_handbook(context)


def on_template_context(
    context: TemplateContext, template_name: str, config: MkDocsConfig
) -> TemplateContext:
    """Give a page without a source, such as 404.html, a way back."""
    context["nav"] = _make_navigation(_site.list_own())
    return _add_handbook(context)


def _add_handbook(context: TemplateContext) -> TemplateContext:
    context["handbook"] = _site.handbook  # type: ignore[typeddict-unknown-key]
    return context


def _find_feeds(src_uri: str, front_matter: FrontMatter) -> str | None:
    """Find the folder of the feeds that tell of what a page tells; None where none do."""
    if src_uri == _HOME:
        return ""
    # What has no trail was written by somebody.
    if day := _DAY.fullmatch(src_uri) if front_matter.trail else None:
        return "" if day[1] == _ACROSS else day[1]
    folder, _, name = src_uri.rpartition("/")
    is_repository = name == _HOME and len(front_matter.trail) == 1 and not folder.startswith(_ACROSS)
    is_watch = name == _HOME and len(front_matter.trail) == 2 and _is_watch(f"{folder}/")
    return f"{folder}/" if is_repository or is_watch else None


def _is_watch(folder: str) -> bool:
    """Say whether a folder is that of watched paths; a repository below its owner may be called so too."""
    return folder.endswith(f"/{WATCH}/") and folder.count("/") > 2


def _place(page: Page, front_matter: FrontMatter) -> None:
    # Links, where MkDocs expects pages and sections: the theme asks for a title and an address only.
    item: StructureItem = page
    for reference in reversed(front_matter.trail):
        # The theme shows the home page before all ancestors by itself.
        if reference.src_uri != _HOME and (link := _find(page, reference)):
            item.parent = link  # type: ignore[assignment]
            item = link
    page.previous_page = _find(page, front_matter.previous)  # type: ignore[assignment]
    page.next_page = _find(page, front_matter.next)  # type: ignore[assignment]


def _list_around(page: Page, front_matter: FrontMatter | None) -> list[Link | Page]:
    if front_matter is None or not front_matter.around:
        return list(_site.list_own())
    links = (_find_around(page, reference) for reference in front_matter.around)
    return [link for link in links if link]


def _find_around(page: Page, reference: Reference) -> Link | Page | None:
    if reference.src_uri != page.file.src_uri:
        return _find(page, reference)
    # Among its neighbours a page goes by its short name; the theme takes the long one from the front matter.
    page.title = Markup(reference.title)
    return page


def _find(page: Page, reference: Reference | None) -> Link | None:
    link = _site.find_link(reference) if reference else None
    if reference and not link:
        log.warning(
            "%s: its front matter leads to '%s', which is no page", page.file.src_uri, reference.src_uri
        )
    return link


def _make_navigation(items: list[Link | Page] | list[Link]) -> Navigation:
    navigation = Navigation(items, [])
    home = _site.find_link(Reference(_site.titles[_HOME], _HOME))
    navigation.homepage = home  # type: ignore[assignment]
    return navigation
