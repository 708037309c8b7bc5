"""Estimate how many tokens a text has, and cut one to so many.

This module must not know any model's tokenizer, nor what a text is about.
"""

from __future__ import annotations

from itertools import accumulate
from typing import Final

# The mark of a gap; an upper estimate, in tokens.
GAP_COST: Final = 12


def estimate_tokens(text: str) -> int:
    """Estimate from above how many tokens a text has, without any model's tokenizer.

    Three bytes of ASCII to a token, and one for every other character: code and English prose have nearer four
    bytes to a token, Chinese less than one token a character. Only hexadecimal or encoded data may have more.
    """
    ascii_length = len(text.encode("ascii", "ignore"))
    return -(-ascii_length // 3) + len(text) - ascii_length


def cut_text(text: str, room: int) -> str:
    """Keep the whole lines, or of a first line that is too long its beginning, that fit into `room` tokens."""
    if estimate_tokens(text) <= room:
        return text
    lines = text.split("\n")
    room -= GAP_COST
    costs = list(accumulate(estimate_tokens(f"{line}\n") for line in lines))
    kept = sum(cost <= room for cost in costs)
    if kept:
        return "\n".join([*lines[:kept], mark_gap(len(lines) - kept)])
    # Never more characters than tokens: no estimate of theirs can be too low.
    return f"{text[: max(room, 0)]}\n… {len(text) - max(room, 0)} characters left out"


def mark_gap(count: int) -> str:
    """Say in a line of its own how many lines are left out."""
    return f"… {count} {'line' if count == 1 else 'lines'} left out"
