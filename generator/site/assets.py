"""Gather what every page loads into one folder that is named after what is in it.

This module must not know MkDocs, or any page. The folder's name changes with any byte in it, so that a browser may keep
its files for ever, and a page never meets a script or a style of another version.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from generator.errors import SiteError

FOLDER = "assets"
# Of docs/assets, what pages load; pictures that somebody put there are files like others.
ENDINGS = (".css", ".js", ".svg")
STYLE, SCRIPT = "daybook.css", "daybook.js"
# A service worker answers only for what is beside or below it, and is known by its address.
_AT_TOP = frozenset({"offline.js"})
# Material's, in the order in which they must come.
_THEME_STYLES = ("main", "palette")
_HASH_LENGTH = 10
# Nobody reads a style in a browser: our comments begin a line, and what begins a line means nothing.
_COMMENT, _INDENT = re.compile(rb"^\s*/\*.*?\*/", re.MULTILINE | re.DOTALL), re.compile(rb"\n\s*")
# Material's program, which pages load as well.
PROGRAM = re.compile(r"assets/javascripts/bundle\.[0-9a-f]+\.min\.js")


@dataclass(frozen=True, slots=True, kw_only=True)
class Assets:
    """The files that pages load, by their name in `folder`, which is a path under the site's top."""

    folder: str
    files: Mapping[str, bytes] = field(repr=False)

    def find(self, src_uri: str) -> str | None:
        """Find where a file of docs/assets stands in the site; None for any other file."""
        name = src_uri.removeprefix(f"{FOLDER}/")
        if name == src_uri or name not in self.files:
            return None
        return name if name in _AT_TOP else f"{self.folder}/{name}"


def gather_assets(docs: Path, theme_folders: Iterable[Path], logo: str) -> Assets:
    """Gather the files of docs/assets, the theme's styles joined to ours: a page loads one style and one script.

    `theme_folders` are where the theme's files are looked for, in this order; `logo` is a path under the site's top.
    Raises SiteError where the theme has no such styles, or docs/assets no style or script.
    """
    folder = docs / FOLDER
    paths = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    files = {name: path.read_bytes() for name, path in sorted(paths.items()) if _is_loaded(name)}
    if missing := {STYLE, SCRIPT} - files.keys():
        raise SiteError(f"docs/{FOLDER}/{min(missing)}: not there", "Take it from a checkout of Daybook.")
    theme_folders = tuple(theme_folders)
    styles = [_read_style(theme_folders, name) for name in _THEME_STYLES]
    styles.append(f':root{{--db-logo:url("{_find_logo(logo, files)}")}}\n')
    files[STYLE] = "\n".join(styles).encode() + _INDENT.sub(b"\n", _COMMENT.sub(b"", files[STYLE]))
    return Assets(folder=f"{FOLDER}/{_hash(files)}", files=files)


def _is_loaded(name: str) -> bool:
    # A name with a dot first is a file half written.
    return name.endswith(ENDINGS) and not any(part.startswith(".") for part in name.split("/"))


def _find_logo(logo: str, files: Mapping[str, bytes]) -> str:
    # In a style, addresses begin at its own folder.
    name = logo.removeprefix(f"{FOLDER}/")
    return name if name != logo and name in files else f"../../{logo}"


def _read_style(folders: tuple[Path, ...], name: str) -> str:
    found = next((path for f in folders for path in sorted(f.glob(f"assets/stylesheets/{name}.*.css"))), None)
    if found is None:
        raise SiteError(
            f"the theme has no style '{name}'", "Install the version that requirements.lock names."
        )
    return found.read_text(encoding="utf-8")


def _hash(files: Mapping[str, bytes]) -> str:
    digest = hashlib.sha256()
    for name, content in sorted(files.items()):
        digest.update(f"{name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()[:_HASH_LENGTH]
