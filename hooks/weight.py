"""Keep pages light: a hundred thousand of them must fit on a free host.

This hook must not change what a page says: a browser reads the lighter page as it would have read the heavier one.
"""

from __future__ import annotations

import re

from jinja2 import Environment
from jinja2.ext import Extension
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

_INDENTATION = re.compile(r"^\s+", re.MULTILINE)
# The escaper writes every ASCII mark as a reference, for Markdown's sake. In finished HTML only five of them
# mean anything: & < > and the quotes, which stay as they are.
_REFERENCE = re.compile(r"&#(3[3567]|4[0-7]|58|59|61|63|64|9[1-6]|12[3-6]);")


class _Unindent(Extension):
    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:  # noqa: ARG002
        """Drop leading white space and blank lines; no template holds a <pre>, and pages are not touched."""
        return _INDENTATION.sub("", source)


def on_env(env: Environment, config: MkDocsConfig, files: Files) -> Environment:
    """Compile all templates without their indentation."""
    env.add_extension(_Unindent)
    env.trim_blocks = True
    return env


def on_post_page(output: str, page: Page, config: MkDocsConfig) -> str:
    """Write the marks that mean nothing in HTML as themselves."""
    return _REFERENCE.sub(_read_reference, output)


def _read_reference(reference: re.Match[str]) -> str:
    return chr(int(reference[1]))
