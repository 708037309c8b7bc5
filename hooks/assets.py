"""Give what every page loads an address that changes with its content, and leave out of the site what no page loads.

This hook must not depend on which pages are built: the addresses follow from docs/assets and the theme alone.
"""

from __future__ import annotations

from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import ConfigurationError
from mkdocs.structure.files import File, Files

from generator.errors import SiteError
from generator.site.assets import FOLDER, PROGRAM, Assets, gather_assets

_assets: Assets


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Find the addresses, and tell them to the templates as `config.extra.assets`."""
    global _assets
    theme = config.theme
    try:
        _assets = gather_assets(Path(config.docs_dir), map(Path, theme.dirs), theme["logo"])
    except SiteError as error:
        raise ConfigurationError(str(error)) from None
    config.extra["assets"] = _assets.folder
    for key in ("logo", "favicon"):
        theme[key] = _assets.find(theme[key]) or theme[key]
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Move the site's own files to their addresses, and drop those of the theme that no page loads."""
    for file in [*files]:
        if not file.src_uri.startswith(f"{FOLDER}/"):
            continue
        if (address := _assets.find(file.src_uri)) is not None:
            files.remove(file)
            files.append(_move(file, address, config))
        # Of Material's own files its program is left: its styles are joined to ours, its search is not used.
        elif _is_themes(file, config) and not PROGRAM.fullmatch(file.src_uri):
            files.remove(file)
    return files


def _move(file: File, address: str, config: MkDocsConfig) -> File:
    moved = File.generated(
        config, file.src_uri, content=_assets.files[file.src_uri.removeprefix(f"{FOLDER}/")]
    )
    moved.dest_uri = address
    return moved


def _is_themes(file: File, config: MkDocsConfig) -> bool:
    return file.src_dir is not None and Path(file.src_dir) != Path(config.docs_dir)
