"""Draw bars as small SVG: those of many weeks beside each other, and a single one that shows a share.

This module must not know what a bar stands for. It draws bars alone, each row of them in one path: names, numbers and
months are text of the table around it, which a narrow screen, a screen reader and a printer show as they show all text.

No library does this for us. What Matplotlib writes holds ids and inline styles, which the policy of every page refuses;
Pygal's charts bring a style sheet and a script of their own; Leather's have fixed colours that no palette can change.
All of them draw text that shrinks with the picture, and weigh more than a whole page here. What is left to do is a line
of numbers.

The accessible name is an `aria-label`, not a `<title>`: outside of an SVG that element swallows what follows it, so the
guard could not let it pass by its name. Colours come from the stylesheet, by class; there are neither ids nor styles.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from generator.pages import classes

# Of a row of bars, which are strokes: each stands on its place, and the picture stretches them.
_HEIGHT = 100
# What is there is seen, however small beside the largest.
_LEAST = 5


def render_bars(
    numbers: Sequence[int], most: int, seen: Collection[int], told: str, css_class: str = classes.BARS
) -> str:
    """Draw numbers as bars from left to right; `most` fills the height, and a number of 0 has no bar.

    Under the places that are `seen` there is a line: no bar on it means 0, and where there is none, nobody knows.
    `told` says the same in words, as markup without references.
    """
    bars = "".join(_render_bar(place, number, most) for place, number in enumerate(numbers) if number)
    drawn = f'<path d="{bars}"/>' if bars else ""
    # HTML's own spelling of the names of SVG's attributes has no capitals.
    frame = f'class={css_class} viewbox="-.5 -{_HEIGHT} {len(numbers)} {_HEIGHT}" preserveaspectratio=none role=img'
    return f'<svg {frame} aria-label="{told}"><path class={classes.GROUND} d="{_render_ground(seen)}"/>{drawn}</svg>'


def render_share(number: int, most: int) -> str:
    """Draw one lying bar, beside which the number stands as text."""
    share = max(100 * number // most, 1) if number else 0
    return f"<svg class={classes.SHARE} aria-hidden=true><rect height=100% width={share}%></rect></svg>"


def _render_bar(place: int, number: int, most: int) -> str:
    return f"M{place} 0v-{max(round(number * _HEIGHT / most), _LEAST)}"


def _render_ground(seen: Collection[int]) -> str:
    """Draw a line under each run of places."""
    runs: list[tuple[int, int]] = []
    for place in sorted(seen):
        start, end = runs.pop() if runs and runs[-1][1] == place else (place, place)
        runs.append((start, end + 1))
    return "".join(f"M{start - 0.5:g} 0h{end - start}" for start, end in runs)
