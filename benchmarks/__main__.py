"""Run the benchmarks: `python -m benchmarks --day DATE [--sizes "1000 10000"] [--repository PATH]`.

Where no repository is named, collecting is measured on a generated one. BENCH_CACHE names a folder in which generated
archives are kept from one run to the next.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

from benchmarks.asking import measure_asking
from benchmarks.building import measure_building
from benchmarks.collecting import measure_collecting, measure_transfer
from benchmarks.results import FOLDER, Results
from benchmarks.upstream import make_upstream

_PARTS = ("collecting", "asking", "building")


def main() -> None:
    """Measure, and write the table, the picture and the numbers as results come."""
    options = _read_options()
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        cache = Path(os.environ["BENCH_CACHE"]) if os.environ.get("BENCH_CACHE") else scratch / "cache"
        cache.mkdir(parents=True, exist_ok=True)
        results = Results(folder=options.output, command=_name_command(options), day=options.day)
        if "collecting" in options.only:
            upstream = options.repository or make_upstream(scratch / "upstream")
            results.add(*measure_collecting(upstream, scratch), *measure_transfer(upstream, scratch))
        if "asking" in options.only:
            results.add(*measure_asking(scratch))
        if "building" in options.only:
            sizes = [int(size) for size in options.sizes.replace(",", " ").split()]
            measure_building(results, scratch, cache, sizes, options.rounds)


def _read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("--repository", type=lambda path: Path(path).resolve(), help="collect from this one")
    parser.add_argument("--sizes", default="1000 10000", help="archive sizes, in commits")
    parser.add_argument("--rounds", type=int, default=5, help="days that are added, and runs of each side")
    parser.add_argument("--day", required=True, help="today, for the table")
    parser.add_argument("--only", nargs="+", choices=_PARTS, default=_PARTS)
    parser.add_argument("--output", type=Path, default=FOLDER, help="where the table goes")
    return parser.parse_args(sys.argv[1:])


def _name_command(options: argparse.Namespace) -> str:
    if options.only != _PARTS:
        return f"python -m benchmarks --only {' '.join(options.only)} --sizes '{options.sizes}'"
    return f'make bench SIZES="{options.sizes}"' + (" REPOSITORY=…" if options.repository else "")


if __name__ == "__main__":
    main()
