"""Draw the two figures that matter most as one SVG: what a day costs by archive size, what a page costs by builder.

This module must not know how they were measured.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape

_WIDTH, _LABEL, _BAR, _ROW = 760, 250, 400, 30
# Colours that stand out from white and from black paper alike; the text takes the reader's choice.
_STYLE = """<style>
text { font: 14px system-ui, sans-serif; fill: #1f2328 }
.head { font-weight: 600; font-size: 16px }
.ours { fill: #0f766e } .theirs { fill: #8b929c }
@media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .ours { fill: #2dd4bf } }
</style>"""


def draw_picture(daily: Mapping[int, float], fresh: float, pages: Mapping[str, float]) -> str:
    """Draw the seconds of a day by archive size, `fresh` being those of a fresh site, and the seconds a page.

    Of `pages`, `Daybook` is ours.
    """
    days = [(f"{size:,} commits archived", seconds, True) for size, seconds in sorted(daily.items())]
    days += [("MkDocs, fresh site, 100 pages", fresh, False)] if fresh else []
    builds = [(name, 1000 * seconds, name == "Daybook") for name, seconds in pages.items()]
    parts = list(_draw_bars("Adding a day of 100 commits, seconds", days, 10))
    start = 10 + 40 + _ROW * len(days) + 20
    parts += _draw_bars("Building the whole site, milliseconds a page", builds, start)
    height = start + 40 + _ROW * len(builds) + 10
    said = "; ".join(f"{name}: {value:.3g}" for name, value, _ in (*days, *builds))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" '
        f'height="{height}" role="img" aria-labelledby="title said">\n'
        f'<title id="title">What a day and a page cost</title>\n<desc id="said">{escape(said)}</desc>\n'
        f"{_STYLE}\n" + "\n".join(parts) + "\n</svg>\n"
    )


def _draw_bars(title: str, bars: list[tuple[str, float, bool]], top: int) -> Iterator[str]:
    yield f'<text class="head" x="10" y="{top + 18}">{escape(title)}</text>'
    longest = max((value for _, value, _ in bars), default=1) or 1
    for number, (name, value, is_ours) in enumerate(bars):
        middle = top + 40 + _ROW * number
        length = max(1, round(_BAR * value / longest))
        yield f'<text x="{_LABEL - 8}" y="{middle + 15}" text-anchor="end">{escape(name)}</text>'
        yield (
            f'<rect class="{"ours" if is_ours else "theirs"}" x="{_LABEL}" y="{middle}" width="{length}" '
            f'height="20" rx="3"/>'
        )
        yield f'<text x="{_LABEL + length + 8}" y="{middle + 15}">{value:.3g}</text>'
