"""Gather all that decides how every page looks, and say in one line whether it is another look than before.

This module must not read a page. What is not in a look cannot be on a page, because a page is rendered from the look
and its own Markdown alone; so archive.yml is in it as little as the site's hooks need of it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from importlib import metadata
from pathlib import Path

from generator.config import Config
from generator.errors import SiteError
from generator.site.assets import ENDINGS, FOLDER
from generator.site.rendering import Look

# Programs that have a say in a finished page, or in whether one is refused. Search has its own marks.
_PROGRAMS = (
    "mkdocs",
    "mkdocs-material",
    "Markdown",
    "pymdown-extensions",
    "Jinja2",
    "markupsafe",
    "justhtml",
)
# Modules that do: the rest of generator/site carries pages about.
_MODULES = ("rendering.py", "assets.py", "guard.py", "front_matter.py", "weight.py")
_SETTINGS = "mkdocs.yml"
_FOLDERS = ("hooks", "overrides", f"docs/{FOLDER}")
# Pages that every other page leads to where they exist.
OWN_PAGES = ("index.md", "search.md", "status.md", "handbook/en/index.md", "handbook/zh/index.md")


def read_look(root: Path, config: Config, own_pages: frozenset[str]) -> Look:
    """Read the look of an archive; `own_pages` are those of OWN_PAGES that exist.

    Raises SiteError where there is no mkdocs.yml.
    """
    if not (root / _SETTINGS).is_file():
        raise SiteError(
            f"{_SETTINGS}: there is no such file in {root.resolve()}",
            "Run Daybook in the archive's folder. The old site stays as it was.",
        )
    files = {path.relative_to(root).as_posix(): path.read_bytes() for path in _list_files(root)}
    files["archive.yml"] = _render_settings(config)
    return Look(key=_find_key(files, own_pages), files=files)


def belongs_to_look(path: str) -> bool:
    """Say whether a file under docs/ is part of the look, and comes out with the theme's own files."""
    return path.startswith(f"{FOLDER}/") and path.endswith(ENDINGS)


def _list_files(root: Path) -> Iterator[Path]:
    yield root / _SETTINGS
    for folder in _FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts and _is_wanted(root, path):
                yield path


def _is_wanted(root: Path, path: Path) -> bool:
    under_docs = path.is_relative_to(root / "docs")
    return not under_docs or belongs_to_look(path.relative_to(root / "docs").as_posix())


def _render_settings(config: Config) -> bytes:
    site = {"name": config.site.name} | ({"url": config.site.url} if config.site.url else {})
    # An archive.yml has to name a repository; the look does not depend on which.
    settings = {
        "site": site,
        "language": config.language,
        "repositories": [{"url": "https://example.org/any/repository"}],
    }
    return json.dumps(settings, ensure_ascii=False).encode()


def _find_key(files: Mapping[str, bytes], own_pages: frozenset[str]) -> str:
    digest = hashlib.sha256()
    for program in _PROGRAMS:
        digest.update(f"{program} {metadata.version(program)}\n".encode())
    here = Path(__file__).parent
    contents = {f"generator/site/{name}": (here / name).read_bytes() for name in _MODULES} | dict(files)
    for name, content in sorted(contents.items()):
        digest.update(f"{name} {len(content)}\n".encode() + content)
    digest.update(" ".join(sorted(own_pages)).encode())
    return digest.hexdigest()
