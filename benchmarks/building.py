"""Building against plain MkDocs and against Hugo: what a day costs, what the whole costs, what it weighs.

Whole processes are run in turn, ours and theirs in every round, so that a machine that slows down slows both down.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from pathlib import Path

from benchmarks.archives import Order
from benchmarks.browsing import measure_searches
from benchmarks.plain_sites import HugoSite, Navigation, PlainSite, list_pages
from benchmarks.processes import Run
from benchmarks.results import Figure, Results, dump_runs
from benchmarks.stands import Stand, set_up
from benchmarks.weighing import weigh_site

_MOST_COMPARED = 1_000
_FRESH = 100
_GIGABYTE = 10**9
_TARGET = 100_000
# A word of many commits, words of some, and a name that few have.
_QUERIES = ("scheduler", "缓存 调度", "token queue", "expert_zenmar")


def measure_building(results: Results, scratch: Path, cache: Path, sizes: Sequence[int], rounds: int) -> None:
    """Measure everything about pages and sites, at each of the sizes; results come as they are known."""
    stands = [set_up(scratch, cache, Order(commits=size)) for size in sorted(sizes)]
    for stand in stands:
        first = stand.write_first_pages()
        results.add(
            Figure(
                what=f"first sight of {stand.size:,} commits: index, mirrors, all pages",
                ours=f"{first.seconds:.1f} s, {_render_bytes(first.memory)}",
                raw={"runs": dump_runs([first])},
            )
        )
    compare_whole(results, scratch, stands[0], min(rounds, 3))
    for stand in stands:
        _measure_whole(results, scratch, stand, is_compared=stand is not stands[0])
    compare_days(results, scratch, stands, rounds)
    for stand in stands:
        _weigh(results, stand)
    for stand in stands:
        _measure_search(results, stand)


def compare_whole(results: Results, scratch: Path, stand: Stand, rounds: int) -> None:
    """Build the whole site in turn with the others, which get the same pages."""
    docs = stand.root / "docs"
    pages = list_pages(docs)
    sides: dict[Navigation, PlainSite] = {
        navigation: PlainSite(scratch / f"plain-{navigation}", docs, pages, navigation)
        for navigation in ("none", "pruned", "stock")
    }
    hugo = HugoSite(scratch / "hugo", docs, pages)
    # Once each for the file system's cache, all but the one that takes a minute.
    stand.build_whole()
    hugo.build()
    runs: dict[str, list[Run]] = {name: [] for name in ("Daybook", "hugo", "searched", *sides)}
    for number in range(rounds):
        runs["Daybook"].append(stand.build_whole())
        runs["hugo"].append(hugo.build())
        runs["searched"].append(runs["hugo"][-1] + hugo.index())
        for navigation, side in sides.items():
            # The slow ones are a bar of another order; one run of them says enough.
            if navigation == "none" or number == 0:
                runs[navigation].append(side.build())
    of = f"{len(pages):,} pages, with search"
    for what, name, bar in (
        (f"full build, {of}, against MkDocs without navigation", "none", 0.5),
        ("  against MkDocs with pruned navigation", "pruned", None),
        ("  against Hugo and Pagefind", "searched", 4.0),
        ("  against Hugo alone, without a search", "hugo", None),
    ):
        results.add(_compare(what, runs["Daybook"], runs[name], len(pages), bar))
    stock = runs["stock"][0].seconds / statistics.median(run.seconds for run in runs["Daybook"])
    results.add(
        Figure(
            what="  times as fast as MkDocs with stock navigation",
            ours=f"{_find_seconds(runs['Daybook']):.1f} s",
            theirs=f"{runs['stock'][0].seconds:.1f} s, {_render_bytes(runs['stock'][0].memory)}",
            ratio=f"{stock:.1f} ×",
            bar="≥ 15 ×",
            is_met=stock >= 15 if len(pages) >= _MOST_COMPARED else None,
            raw={"ours": dump_runs(runs["Daybook"]), "theirs": dump_runs(runs["stock"])},
        )
    )
    names = {
        "Daybook": "Daybook",
        "none": "MkDocs, no navigation",
        "pruned": "MkDocs, pruned",
        "stock": "MkDocs, stock",
    }
    results.pages = {title: _find_seconds(runs[name]) / len(pages) for name, title in names.items()}
    results.pages["Hugo and Pagefind"] = _find_seconds(runs["searched"]) / len(pages)
    results.pages["Hugo, no search"] = _find_seconds(runs["hugo"]) / len(pages)


def _measure_whole(results: Results, scratch: Path, stand: Stand, *, is_compared: bool) -> None:
    """Build a larger site whole, and let Hugo and plain MkDocs build the same where that takes minutes only."""
    run = stand.build_whole()
    pages = list_pages(stand.root / "docs")
    results.add(
        Figure(
            what=f"full build of {stand.size:,} commits, memory of all processes",
            ours=f"{_render_bytes(run.memory)} ({run.seconds:.0f} s, {1000 * run.seconds / len(pages):.1f} ms a page)",
            bar="≤ 1.5 GB" if stand.size >= _TARGET else "≤ 1.5 GB at 100,000",
            is_met=run.memory <= 1.5 * _GIGABYTE if stand.size >= _TARGET else None,
            raw={"runs": dump_runs([run]), "pages": len(pages)},
        )
    )
    if not is_compared:
        return
    docs = stand.root / "docs"
    hugo = HugoSite(scratch / f"hugo-{stand.size}", docs, pages)
    alone = hugo.build()
    of = f"full build, {len(pages):,} pages"
    results.add(_compare(f"{of}, against Hugo alone, without a search", [run], [alone], len(pages), None))
    if stand.size < _TARGET:
        # Of a hundred thousand pages Pagefind would need some forty gigabytes of memory.
        searched = alone + hugo.index()
        results.add(_compare(f"{of}, against Hugo and Pagefind", [run], [searched], len(pages), 4.0))
        plain = PlainSite(scratch / f"plain-{stand.size}", docs, pages, "none").build()
        what = f"{of}, against MkDocs without navigation"
        results.add(_compare(what, [run], [plain], len(pages), 0.5))


def compare_days(results: Results, scratch: Path, stands: Sequence[Stand], rounds: int) -> None:
    """Add a day to each archive in turn, and build a fresh plain site of a hundred pages beside them."""
    docs = stands[0].root / "docs"
    commits = [page for page in list_pages(docs) if page.parent.name == "commit"]
    fresh = PlainSite(scratch / "fresh", docs, [Path("index.md"), *commits[:_FRESH]], "stock")
    # The first of them makes the caches warm.
    runs: dict[int, list[Run]] = {stand.size: [] for stand in stands}
    plain: list[Run] = []
    for number in range(min(rounds + 1, *(stand.days_left for stand in stands))):
        for stand in stands:
            run = stand.add_day()
            runs[stand.size] += [run] if number else []
        built = fresh.build()
        plain += [built] if number else []
    smallest, largest = stands[0], stands[-1]
    for stand in stands:
        parts = (
            f"update {_find_seconds(stand.updates[1:]):.1f} s, build {_find_seconds(stand.builds[1:]):.1f} s"
        )
        memory = max(run.memory for run in runs[stand.size])
        results.daily[stand.size] = _find_seconds(runs[stand.size])
        results.add(
            _compare(
                f"a day of 100 commits upon {stand.size:,} ({parts}), against a fresh MkDocs site of 100 pages",
                runs[stand.size],
                plain,
                None,
                3.0 if stand is largest else None,
            ),
            Figure(
                what=f"  its memory, all processes, upon {stand.size:,}",
                ours=_render_bytes(memory),
                bar="≤ 400 MB",
                is_met=memory <= 400e6,
            ),
        )
    results.fresh = _find_seconds(plain)
    if largest is not smallest:
        what = f"a day of 100 commits upon {largest.size:,}, against the same upon {smallest.size:,}"
        results.add(_compare(what, runs[largest.size], runs[smallest.size], None, 1.3))


def _weigh(results: Results, stand: Stand) -> None:
    weight = weigh_site(stand.root / "site")
    number = len(weight.pages)
    projected = weight.project(_TARGET)
    results.add(
        Figure(
            what=f"a commit page with its search fragment, {number:,} commits",
            ours=f"mean {weight.mean / 1000:.1f} KB, 95th percentile {weight.upper / 1000:.1f} KB",
            bar="≤ 10 KB",
            is_met=weight.mean <= 10_000,
            raw={"mean": round(weight.mean), "upper": weight.upper},
        ),
        Figure(
            what=f"  the whole site of {number:,} commits",
            ours=f"{_render_bytes(weight.total)} in {weight.files:,} files, "
            f"{_render_bytes(weight.search)} of it search",
            ratio=f"{_render_bytes(projected)} at 100,000",
            bar="≤ 1 GB",
            is_met=projected <= _GIGABYTE,
            raw={
                "bytes": weight.total,
                "projected": round(projected),
                "files": weight.files,
                "search": weight.search,
            },
        ),
    )


def _measure_search(results: Results, stand: Stand) -> None:
    for searched in measure_searches(stand.root / "site", _QUERIES):
        results.add(
            Figure(
                what=f"first search in {stand.size:,} commits, “{searched.query}”",
                ours=f"{searched.sent / 1000:.0f} KB in {searched.requests} files, {searched.seconds:.2f} s",
                ratio=f"{searched.plain / 1000:.0f} KB uncompressed, {searched.page / 1000:.0f} KB for the page before",
                bar="≤ 400 KB",
                is_met=searched.sent <= 400_000,
                raw={"sent": searched.sent, "seconds": searched.seconds, "page": searched.page},
            )
        )


def _compare(
    what: str, ours: Sequence[Run], theirs: Sequence[Run], pages: int | None, bar: float | None
) -> Figure:
    """Compare runs that took turns; one run of theirs stands beside all of ours."""
    beside = theirs if len(theirs) == len(ours) else [theirs[0]] * len(ours)
    ratios = sorted(mine.seconds / yours.seconds for mine, yours in zip(ours, beside, strict=True))
    ratio = statistics.median(ratios)
    work = statistics.median(mine.cpu / yours.cpu for mine, yours in zip(ours, beside, strict=True))
    return Figure(
        what=what,
        ours=_render_seconds(ours, pages),
        theirs=_render_seconds(theirs, pages),
        ratio=f"{ratio:.2f} × ({ratios[0]:.2f} to {ratios[-1]:.2f}); processors {work:.2f} ×",
        bar="" if bar is None else f"≤ {bar:g} ×",
        is_met=None if bar is None else ratio <= bar,
        raw={"ours": dump_runs(ours), "theirs": dump_runs(theirs), "ratio": ratio, "cpu_ratio": work},
    )


def _render_seconds(runs: Sequence[Run], pages: int | None) -> str:
    seconds = _find_seconds(runs)
    each = f", {1000 * seconds / pages:.2f} ms a page" if pages else ""
    return f"{seconds:.2f} s{each}"


def _find_seconds(runs: Iterable[Run]) -> float:
    return statistics.median(run.seconds for run in runs)


def _render_bytes(number: float) -> str:
    return f"{number / 1e9:.2f} GB" if number >= _GIGABYTE else f"{number / 1e6:.1f} MB"
