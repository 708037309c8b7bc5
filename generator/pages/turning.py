"""Lead from one part of a list that goes on over several pages to the others.

This module must not know what is listed.
"""

from __future__ import annotations

from collections.abc import Callable

from generator.pages.addresses import find_link
from generator.pages.markup import link_page
from generator.pages.words import Words


def render_turning(source: str, part: int, parts: int, find_page: Callable[[int], str], words: Words) -> str:
    """Lead to the parts beside this one, the first and the last: no more links, however many parts there are."""
    if parts == 1:
        return ""
    near = {1, part - 1, part, part + 1, parts} & set(range(1, parts + 1))
    links = [
        f"<b>{number:,}</b>"
        if number == part
        else link_page(f"{number:,}", find_link(source, find_page(number)))
        for number in sorted(near)
    ]
    listed = " \u00b7 ".join(links)
    return f"<p>{words.parts}{words.colon}{listed}</p>"
