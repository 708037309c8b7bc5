"""Keep pages light, and their making quick: a hundred thousand of them must fit on a free host.

This hook must not change what a page says: a browser reads the lighter page as it would have read the heavier one.
"""

from __future__ import annotations

import re

from jinja2 import Environment
from jinja2.ext import Extension
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

from generator.site.weight import Blocks, drop_end_tags, hide_references, read_references, show_references

# As many as there are commits.
_COMMIT = "commit.html"
_blocks: dict[str, Blocks] = {}
_INDENTATION = re.compile(r"^\s+", re.MULTILINE)


class _Unindent(Extension):
    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:  # noqa: ARG002
        """Drop leading white space and blank lines; no template holds a <pre>, and pages are not touched."""
        return _INDENTATION.sub("", source)


def on_env(env: Environment, config: MkDocsConfig, files: Files) -> Environment:
    """Compile all templates without their indentation."""
    env.add_extension(_Unindent)
    env.trim_blocks = True
    return env


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Spare Markdown the references that the escaper writes, and on a commit's page the HTML that it leaves alone."""
    if page.meta.get("template") == _COMMIT:
        blocks = _blocks[page.file.src_uri] = Blocks()
        markdown = blocks.hide(markdown)
    return hide_references(markdown)


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Write what was hidden as what it is, before the guard looks at the page."""
    if blocks := _blocks.pop(page.file.src_uri, None):
        html = blocks.show(html)
    return drop_end_tags(show_references(html))


def on_post_page(output: str, page: Page, config: MkDocsConfig) -> str:
    """Do the same in what a template has added."""
    return read_references(output)
