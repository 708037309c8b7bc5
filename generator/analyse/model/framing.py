"""Read the prompts and fill their places, so that no text of others passes for one of ours.

This module must not know what a question is about, nor hold a word of a prompt: those are in `prompts/`. Text of
others stands between marks that it cannot hold, and can fill no place but its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final

from generator.analyse.model.asks import Message
from generator.analyse.model.tokens import estimate_tokens
from generator.records import Language

_PROMPTS = Path(__file__).parent / "prompts"
_PLACE = re.compile(r"\{\{([A-Z]+)\}\}")
# Texts that several prompts share, by the place where they stand.
_SHARED: Mapping[str, str] = {
    "COMMON": "common",
    "FIELDS": "fields",
    "CONCERNS": "concerns",
    "RULES": "digest.rules",
    "REQUEST": "digest.request",
}
_SYSTEM, _USER = "# system\n", "\n# user\n"
# The schema of the answer, and what the API puts around messages; an upper estimate, in tokens.
_OVERHEAD: Final = 1000
_MARK_LENGTH = 24
_CANARY_LENGTH = 16
# What a model reads and a person does not see: tags, marks that turn the direction of text, zero-width characters and
# variation selectors, save the one that makes an emoji. Each becomes one visible character, so that estimates stay
# true.
_HIDDEN = dict.fromkeys(
    (
        *range(0xE0000, 0xE0080),
        *range(0xE0100, 0xE01F0),
        *range(0x202A, 0x202F),
        *range(0x2066, 0x206A),
        *range(0x200B, 0x2010),
        *range(0x2060, 0x2065),
        *range(0xFE00, 0xFE0F),
        *(0x00AD, 0x061C, 0x180E, 0xFEFF),
    ),
    "\ufffd",
)


def write_messages(
    prompt: str, language: Language, canary: str, material: Mapping[str, str], told: Mapping[str, str]
) -> tuple[Message, Message]:
    """Fill in a prompt such as `commit`: `material` is text of others and is framed, `told` stands as it is.

    The system message is the same for all questions up to the canary that ends it, so that providers cache it.
    """
    system, user = _read_prompt(prompt, language)
    return (
        Message(role="system", content=_fill(system, {"CANARY": canary})),
        Message(role="user", content=_fill(user, {**_frame(material), **told})),
    )


def measure_fixed(prompt: str, language: Language) -> int:
    """Measure in tokens what a question takes before any material stands in it, the frames included."""
    system, user = _read_prompt(prompt, language)
    frames = _frame(dict.fromkeys(_PLACE.findall(user), ""))
    return estimate_tokens(system) + estimate_tokens(_fill(user, frames)) + _OVERHEAD


def make_canary(*subject: str) -> str:
    """Make the word that stands in the system message alone.

    `subject` must name commits by their SHA: nobody can write a commit that holds what its own SHA gives.
    """
    return f"daybook-{_digest(*subject)[:_CANARY_LENGTH]}"


def reveal(text: str) -> str:
    """Make visible what only a model would see."""
    return text.translate(_HIDDEN)


def _frame(material: Mapping[str, str]) -> dict[str, str]:
    """Put each piece between two lines that end in a word that no piece holds.

    The word follows from all pieces together: whoever writes one cannot know it, and the same material has the same.
    """
    material = {name: reveal(text) for name, text in material.items()}
    mark = _digest(*(part for name in sorted(material) for part in (name, material[name])))[:_MARK_LENGTH]
    return {name: f"BEGIN {name} {mark}\n{text}\nEND {name} {mark}" for name, text in material.items()}


def _fill(template: str, places: Mapping[str, str]) -> str:
    """Fill the places of a template in one pass: what is filled in is not looked at again."""
    return _PLACE.sub(lambda match: places[match[1]], template)


@cache
def _read_prompt(prompt: str, language: Language) -> tuple[str, str]:
    """Read the system and the user message of a prompt, with the texts that several prompts share put in."""
    text = _read_whole(prompt, language)
    system, _, user = text.removeprefix(_SYSTEM).partition(_USER)
    return system.strip(), user.strip()


def _read_whole(name: str, language: Language) -> str:
    text = (_PROMPTS / f"{name}.{language}.md").read_text(encoding="utf-8").strip()
    return _PLACE.sub(
        lambda match: _read_whole(_SHARED[match[1]], language) if match[1] in _SHARED else match[0], text
    )


def _digest(*texts: str) -> str:
    # A lone surrogate, which JSON can bring, has no UTF-8.
    return sha256("\0".join(texts).encode("utf-8", "surrogatepass")).hexdigest()
