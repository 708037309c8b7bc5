"""Run the benchmarks: `python -m benchmarks [REPOSITORY]`, on a generated repository where none is named."""

from __future__ import annotations

import os
import platform
import sys
import tempfile
from pathlib import Path

from benchmarks.asking import measure_asking
from benchmarks.collecting import measure_collecting, measure_transfer
from benchmarks.upstream import make_upstream


def main() -> None:
    """Print one line a figure."""
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        named = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else None
        upstream = named or make_upstream(scratch / "upstream")
        print(
            f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, {upstream.name}"
        )
        for line in (
            *measure_collecting(upstream, scratch),
            *measure_transfer(upstream, scratch),
            *measure_asking(scratch),
        ):
            print(line, flush=True)


if __name__ == "__main__":
    main()
