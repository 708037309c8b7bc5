"""Stop the build when a page holds something that no page may hold, and give every page its policy.

This hook must not mend anything: what it finds is a mistake in the pages or in a template.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal
from urllib.parse import urlsplit

from jinja2 import Environment
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import Files
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page
from mkdocs.structure.toc import AnchorLink
from mkdocs.utils import normalize_url
from mkdocs.utils.templates import TemplateContext

from generator.site.assets import PROGRAM, SCRIPT
from generator.site.front_matter import KEYS, TEMPLATES
from generator.site.guard import POLICY, check_content, check_scripts, check_text


class _Guard:
    """What was found in one build, and which scripts are the site's own."""

    def __init__(self) -> None:
        self._found: list[tuple[str, str]] = []
        self._scripts: list[str] = []
        self._elements: dict[str, frozenset[str]] = {}

    def note(self, place: str, findings: Iterable[str]) -> None:
        """Keep what was found in one place."""
        self._found += [(place, finding) for finding in findings]

    def report(self) -> None:
        """Stop the build if anything was found, and say all of it."""
        if self._found:
            lines = "\n".join(f"  {place}: {finding}" for place, finding in self._found)
            raise PluginError(f"The guard stopped the build. What no page may hold:\n{lines}")

    def read_scripts(self, environment: Environment, config: MkDocsConfig) -> None:
        """Learn which scripts are the site's own: ours, Material's program, and those of mkdocs.yml."""
        assert environment.loader is not None
        source = environment.loader.get_source(environment, "base.html")[0]
        own = f"{config.extra['assets']}/{SCRIPT}"
        self._scripts = [own, *PROGRAM.findall(source), *map(str, config.extra_javascript)]

    def check_scripts(self, output: str, page: Page | None, base_url: str) -> list[str]:
        """Find the scripts of a finished page that are not the site's own."""
        # What is relative to a page is relative to its folder.
        folder = page.url.rpartition("/")[0] if page else base_url
        if folder not in self._elements:
            urls = (normalize_url(script, page, base_url) for script in self._scripts)
            self._elements[folder] = frozenset(f'<script src="{url}"></script>' for url in urls)
        return check_scripts(output, self._elements[folder])


_guard: _Guard
_served = False


def on_startup(command: Literal["build", "gh-deploy", "serve"], dirty: bool) -> None:
    """Remember what MkDocs was called for."""
    global _served
    _served = command == "serve"


def on_pre_build(config: MkDocsConfig) -> None:
    """Begin with nothing found."""
    global _guard
    _guard = _Guard()


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Check what a page says, and every text that a template will print for it as it is."""
    _guard.note(page.file.src_uri, (*_check_meta(page), *check_content(html)))
    return html


def on_env(env: Environment, config: MkDocsConfig, files: Files) -> Environment:
    """Stop before anything is written."""
    _guard.report()
    _guard.read_scripts(env, config)
    return env


def on_page_context(
    context: TemplateContext, page: Page, config: MkDocsConfig, nav: Navigation
) -> TemplateContext:
    """Give a page its Content-Security-Policy."""
    return _add_policy(context)


def on_template_context(
    context: TemplateContext, template_name: str, config: MkDocsConfig
) -> TemplateContext:
    """Give a page without a source, such as 404.html, its Content-Security-Policy."""
    return _add_policy(context) if template_name.endswith(".html") else context


def on_post_page(output: str, page: Page, config: MkDocsConfig) -> str:
    """Check the scripts of a finished page."""
    _guard.note(page.file.src_uri, _guard.check_scripts(output, page, ""))
    return output


def on_post_template(output_content: str, template_name: str, config: MkDocsConfig) -> str:
    """Check the scripts of a finished page without a source."""
    if template_name.endswith(".html"):
        base_url = urlsplit(config.site_url or "/").path
        _guard.note(template_name, _guard.check_scripts(output_content, None, base_url))
    return output_content


def on_post_build(config: MkDocsConfig) -> None:
    """Stop before anything is published."""
    _guard.report()


def _add_policy(context: TemplateContext) -> TemplateContext:
    # `mkdocs serve` puts a script of its own into every page, a different one each time.
    if not _served:
        context["policy"] = POLICY  # type: ignore[typeddict-unknown-key]
    return context


def _check_meta(page: Page) -> Iterator[str]:
    if unknown := page.meta.keys() - KEYS - {"navigation"}:
        yield f"front matter: unknown key {min(unknown)!r}"
    if page.meta.get("template", "main.html") not in TEMPLATES:
        yield f"front matter: template {page.meta['template']!r}"
    if "title" not in page.meta:
        yield "front matter: there is no title"
    texts = [(name, str(text)) for name, text in _list_texts(page)]
    # All at once first: next to no page has anything to say of any of them.
    if check_text("", "\n".join(text for _, text in texts)):
        for name, text in texts:
            yield from check_text(name, text)


def _list_texts(page: Page) -> Iterator[tuple[str, object]]:
    yield from ((key, page.meta[key]) for key in ("title", "description") if key in page.meta)
    neighbours = (page.previous_page, page.next_page, *page.ancestors, *page.meta["navigation"].items)
    yield from (
        ("title of a link", item.title) for item in neighbours if item is not None and item is not page
    )
    yield from (("heading", anchor.title) for anchor in _list_anchors(page.toc))


def _list_anchors(anchors: Iterable[AnchorLink]) -> Iterator[AnchorLink]:
    for anchor in anchors:
        yield anchor
        yield from _list_anchors(anchor.children)
