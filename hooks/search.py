"""Build the search index and the feeds into the finished site, so that plain `mkdocs build` has them too.

This hook must not read a page: both are made from the records. `daybook build`, which hands
MkDocs a partition, writes the index itself.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError

from generator.config import load_config
from generator.errors import DaybookError
from generator.feeding import Feeding
from generator.site.machines import render_all
from generator.site.search import FOLDER, write_search
from generator.store.archive import Archive


def on_post_build(config: MkDocsConfig) -> None:
    """Write the index of all archived days, and what programs are told."""
    if "partition" in config.extra:
        return
    folder, archive = Path(config.site_dir, FOLDER), Archive(Path(config.docs_dir))
    try:
        searched = write_search(archive, folder, folder)
        _write_machines(config, archive)
    except DaybookError as error:
        raise PluginError(str(error)) from None
    for path in folder.iterdir():
        if path.name not in (*searched.kept, *searched.new):
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def _write_machines(config: MkDocsConfig, archive: Archive) -> None:
    root = Path(config.config_file_path).parent
    settings = load_config(root / "archive.yml")
    site = settings.site.model_copy(update={"url": config.site_url or None})
    for path, content in render_all(Feeding(root, archive), settings.model_copy(update={"site": site})):
        target = Path(config.site_dir, path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
