"""Hash what something is made from: its matter, and the code of this package, which may make otherwise of the same.

This module must not import what it hashes.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path


def hash_matter(*matter: object) -> str:
    """Hash values by how Python writes them; 64 hexadecimal digits. None of them may be written with its address."""
    return hashlib.sha256(repr(matter).encode(errors="backslashreplace")).hexdigest()


@cache
def hash_code(*patterns: str) -> str:
    """Hash the modules of the package that match any of these patterns, such as `pages/*.py`; 16 hexadecimal digits."""
    home = Path(__file__).parent
    digest = hashlib.sha256()
    for path in sorted({path for pattern in patterns for path in home.glob(pattern)}):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(home).as_posix()} {len(content)}\n".encode() + content)
    return digest.hexdigest()[:16]
