"""Build the search index into the finished site, so that plain `mkdocs build` has a search too.

This hook must not read a page: the index is made from the day records.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError

from generator.errors import DaybookError
from generator.records import DayRecord
from generator.site.search import write_search
from generator.store.archive import Archive

# Where docs/assets/search-engine.js looks for it.
_FOLDER = "assets/search"


def on_post_build(config: MkDocsConfig) -> None:
    """Write the index of all archived days."""
    try:
        write_search(_read_days(Archive(Path(config.docs_dir))), Path(config.site_dir, _FOLDER))
    except DaybookError as error:
        raise PluginError(str(error)) from None


def _read_days(archive: Archive) -> Iterator[DayRecord]:
    for repository in archive.repositories():
        for day in archive.days(repository.repository):
            yield archive.read_day(repository.repository, day)
