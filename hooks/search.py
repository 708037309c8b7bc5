"""Build the search index into the finished site, so that plain `mkdocs build` has a search too.

This hook must not read a page: the index is made from the day records. `daybook build`, which hands
MkDocs a partition, writes the index itself.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError

from generator.errors import DaybookError
from generator.site.search import FOLDER, write_search
from generator.store.archive import Archive


def on_post_build(config: MkDocsConfig) -> None:
    """Write the index of all archived days."""
    if "partition" in config.extra:
        return
    folder = Path(config.site_dir, FOLDER)
    try:
        searched = write_search(Archive(Path(config.docs_dir)), folder, folder)
    except DaybookError as error:
        raise PluginError(str(error)) from None
    for path in folder.iterdir():
        if path.name not in (*searched.kept, *searched.new):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
