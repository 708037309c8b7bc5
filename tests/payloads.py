"""Read the texts of payloads.txt, each of which would run a program on a page that let it, and show what they become.

One line is one text. A line that begins with `§` names what those below it try. `⟦0A⟧` is the character of that number,
which no line could hold, and CALL is where the text's own call stands: the page has a function for it (watching.py), so
that it is heard when a text runs.
"""

from __future__ import annotations

import html
import re
from pathlib import Path
from string import ascii_letters

from generator.pages.markup import escape

_FILE = Path(__file__).with_name("payloads.txt")
_CODE = re.compile("⟦([0-9A-F]{1,6})⟧")
# What a text leaves where it was meant to run; the letters stand in the payloads, also spelled out.
FUNCTION = "pwned"
# All but letters, digits, blanks, and what marks code and folders in a sentence or in a path.
_MARK = re.compile(r"[^A-Za-z0-9 /`\n\r]")


def read_classes() -> dict[str, int]:
    """Count the texts of every class."""
    classes: dict[str, int] = {}
    for line in _FILE.read_text(encoding="utf-8").split("\n"):
        if line.startswith("§"):
            classes[line.removeprefix("§ ")] = 0
        elif line:
            classes[list(classes)[-1]] += 1
    return classes


def read_payloads() -> tuple[str, ...]:
    """Read all texts, each with its own number in its call."""
    lines = _FILE.read_text(encoding="utf-8").split("\n")
    texts = [line for line in lines if line and not line.startswith("§")]
    return tuple(_spell_out(text, number) for number, text in enumerate(texts))


def _spell_out(text: str, number: int) -> str:
    armed = text.replace("CALL", f"{FUNCTION}({number})")
    return _CODE.sub(lambda match: chr(int(match[1], 16)), armed)


PAYLOADS = read_payloads()


def join_payloads(together: int) -> tuple[str, ...]:
    """Put all payloads into texts of so many each."""
    return tuple(" ".join(PAYLOADS[start : start + together]) for start in range(0, len(PAYLOADS), together))


def disarm(text: str) -> str:
    """Make a text that means nothing, and is cut, folded and taken apart where `text` is; of two texts two others."""
    return _MARK.sub(lambda match: ascii_letters[ord(match[0]) % len(ascii_letters)], text)


def show(text: str) -> str:
    """Say how a reader sees a text on one line: what cannot be seen is named."""
    return html.unescape(escape(text))
