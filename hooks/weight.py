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

from generator.site.weight import Blocks, read_references

_blocks: dict[str, Blocks] = {}
_INDENTATION = re.compile(r"^\s+", re.MULTILINE)
# Between elements of the head, of a list, or that are laid out as blocks.
_BREAK = re.compile(r"(?<=[>}])\n(?=[<{])")
_OWN = re.compile(r"commit\.html|partials/(?:head|path|footer)\.html")


class _Unindent(Extension):
    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:  # noqa: ARG002
        """Drop leading white space and blank lines; no template holds a <pre>, and pages are not touched.

        In our own templates no line break between two elements means anything.
        """
        source = _INDENTATION.sub("", source)
        return _BREAK.sub("", source) if _OWN.fullmatch(name or "") else source


def on_env(env: Environment, config: MkDocsConfig, files: Files) -> Environment:
    """Compile all templates without their indentation, and look up once what they say."""
    env.add_extension(_Unindent)
    env.trim_blocks = True
    words = vars(env.get_template("partials/words.html").make_module())["words"]
    env.globals["words"] = words[config.theme["language"]]
    return env


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Spare Markdown the elements of HTML that it would leave as they are."""
    blocks = _blocks[page.file.src_uri] = Blocks()
    return blocks.hide(markdown)


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Put them back, before others look at the page."""
    return _blocks.pop(page.file.src_uri).show(html)


def on_post_page(output: str, page: Page, config: MkDocsConfig) -> str:
    """Do without references that nobody needs also in headings and in what a template has added."""
    return read_references(output)
