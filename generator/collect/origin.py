"""Say where a checkout was cloned from.

This module must not run anything but git, and must not believe that a folder is a checkout.
"""

from __future__ import annotations

from pathlib import Path

from generator.collect.process import Git, GitError


def find_origin(folder: Path) -> str | None:
    """Find the address of a checkout's remote `origin`; None where it has none, or is no checkout."""
    inside = folder / ".git"
    if not inside.is_dir():
        return None
    arguments = ("config", "--file", str(inside / "config"), "--no-includes", "--get", "remote.origin.url")
    try:
        with Git(inside).open(arguments) as output:
            found = output.read().decode("utf-8", "replace").strip()
    except GitError:
        # It ends with 1 where the key is not there, git-config(1).
        return None
    return found or None
