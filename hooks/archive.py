"""Give MkDocs the site's name, address and language from archive.yml.

This hook must not read a page; what is about the look alone stays in mkdocs.yml.
"""

from __future__ import annotations

from pathlib import Path

from markupsafe import Markup, escape
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import ConfigurationError

from generator.config import load_config
from generator.errors import ConfigError

# MkDocs always adds a third one, for fenced code; no page of an archive needs it.
_EXTENSIONS = ["tables", "toc"]


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Set what archive.yml decides, and refuse Markdown extensions that give a meaning to somebody's text."""
    if foreign := set(config.markdown_extensions) - {*_EXTENSIONS, "fenced_code"}:
        raise ConfigurationError(
            f"mkdocs.yml: markdown_extensions: {min(foreign)!r} is not safe on generated pages"
        )
    config.markdown_extensions = _EXTENSIONS
    try:
        archive = load_config(Path(config.config_file_path).parent / "archive.yml")
    except ConfigError as error:
        raise ConfigurationError(str(error)) from None
    # Material prints the name as it is in some places and escapes it in others; Markup is right in both.
    config.site_name = Markup(escape(archive.site.name))
    if not _is_served(config):
        config.site_url = archive.site.url
    config.theme["language"] = archive.language
    return config


def _is_served(config: MkDocsConfig) -> bool:
    # `mkdocs serve` has put its own address in before the hooks are asked.
    return bool(config.site_url)
