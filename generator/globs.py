"""Match paths by the rules of .gitignore, as git itself documents them.

This module must not know what a commit is, or who wrote a glob.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence

from pathspec import GitIgnoreSpec

from generator.config_values import Refusal

_LONGEST = 1_000
_SUCH = "Write one such as lib/kv-router/** or *.proto, from the repository's top."


class Globs:
    """Path globs; a path matches that matches one of them, or lies in a folder that does."""

    def __init__(self, globs: Sequence[str]) -> None:
        self._spec = GitIgnoreSpec.from_lines(globs)

    def match(self, path: str) -> bool:
        """Say whether a file's path, from the repository's top, matches."""
        return self._spec.match_file(path)


def check_glob(glob: str) -> str:
    """Check one glob. Raises Refusal."""
    if not glob.isprintable() or len(glob) > _LONGEST:
        raise Refusal("is too long, or holds what cannot be printed", _SUCH)
    if glob.startswith(("!", "#", ":")):
        raise Refusal(f"begins with {glob[0]}, a mark of git's own", "Write a backslash before it.")
    if "//" in glob or {".", ".."} & set(glob.split("/")):
        raise Refusal("holds a step that no path in a repository has", _SUCH)
    if "[:" in glob or not _is_whole(glob):
        raise Refusal("is no glob, or one that could be read in two ways", _SUCH)
    return glob


def _is_whole(glob: str) -> bool:
    with warnings.catch_warnings():
        # What may mean something else in a later Python.
        warnings.simplefilter("error")
        try:
            patterns = list(GitIgnoreSpec.from_lines([glob]).patterns)
        except (ValueError, re.error, Warning):
            return False
    return any(pattern.include for pattern in patterns)
