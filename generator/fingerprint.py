"""Hash the code of this package, so that what it made of the same matter can be made again when it changes.

This module must not import what it hashes.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path


@cache
def hash_code(*patterns: str) -> str:
    """Hash the modules of the package that match any of these patterns, such as `pages/*.py`; 16 hexadecimal digits."""
    home = Path(__file__).parent
    digest = hashlib.sha256()
    for path in sorted({path for pattern in patterns for path in home.glob(pattern)}):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(home).as_posix()} {len(content)}\n".encode() + content)
    return digest.hexdigest()[:16]
