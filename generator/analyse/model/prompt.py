"""Put the prompts' words and a commit's material together into messages.

This module must not decide what of a commit is shown, nor hold a word of a prompt: those are in `prompts/`. Text
from a commit stands between marks that it cannot hold, and can fill no place but its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Literal

from generator.analyse.model.asks import Ask, Form, Message
from generator.analyse.model.packing import estimate_tokens
from generator.records import Language

# Goes up with every change of a word in the prompts of a commit, or of what fills their places.
COMMIT_VERSION = "commit-1"

Sort = Literal["commit", "part", "merge"]

_PROMPTS = Path(__file__).parent / "prompts"
_PLACE = re.compile(r"\{\{([A-Z]+)\}\}")
_SYSTEM, _USER = "# system\n", "\n# user\n"
# The schema of the answer, and what the API puts around messages; an upper estimate, in tokens.
_OVERHEAD = 1000
_MARK_LENGTH = 24
# What a model reads and a person does not see: tags, zero-width spaces, marks that turn the direction of text. Each
# becomes one visible character, so that estimates stay true.
_HIDDEN = dict.fromkeys(
    (*range(0xE0000, 0xE0080), *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200B, 0x2060, 0xFEFF),
    "\ufffd",
)
_CANARY_LENGTH = 16


def make_ask(
    sort: Sort,
    language: Language,
    topic: str,
    form: type[Form],
    material: Mapping[str, str],
    told: Mapping[str, str],
) -> Ask:
    """Write one question: `material` is text of others and is framed, `told` is ours and stands as it is.

    The system message is the same for all commits up to the canary that ends it, so that providers cache it.
    """
    system, user = _read_prompt(sort, language)
    canary = make_canary(topic)
    places = {**_frame(material), **told}
    return Ask(
        topic=topic,
        version=COMMIT_VERSION,
        messages=(
            Message(role="system", content=_fill(system, {"CANARY": canary})),
            Message(role="user", content=_fill(user, places)),
        ),
        form=form,
        canary=canary,
    )


def measure_fixed(sort: Sort, language: Language) -> int:
    """Measure in tokens what a question takes before any material stands in it, the frames included."""
    system, user = _read_prompt(sort, language)
    frames = _frame(dict.fromkeys(_PLACE.findall(user), ""))
    return estimate_tokens(system) + estimate_tokens(_fill(user, frames)) + _OVERHEAD


def make_canary(topic: str) -> str:
    """Make the word that stands in the system message alone.

    It follows from the topic, which names the commit: nobody can write a commit that holds what its own SHA gives.
    """
    return f"daybook-{_digest(COMMIT_VERSION, topic)[:_CANARY_LENGTH]}"


def _frame(material: Mapping[str, str]) -> dict[str, str]:
    """Put each piece between two lines that end in a word that no piece holds.

    The word follows from all pieces together: whoever writes one cannot know it, and the same commit has the same.
    """
    material = {name: text.translate(_HIDDEN) for name, text in material.items()}
    mark = _digest(*(part for name in sorted(material) for part in (name, material[name])))[:_MARK_LENGTH]
    return {name: f"BEGIN {name} {mark}\n{text}\nEND {name} {mark}" for name, text in material.items()}


def _fill(template: str, places: Mapping[str, str]) -> str:
    """Fill the places of a template in one pass: what is filled in is not looked at again."""
    return _PLACE.sub(lambda match: places[match[1]], template)


@cache
def _read_prompt(sort: Sort, language: Language) -> tuple[str, str]:
    """Read the system and the user message of a prompt, with the texts that several prompts share put in."""
    text = _read_file(f"{sort}.{language}.md")
    for name in ("common", "fields"):
        text = text.replace(f"{{{{{name.upper()}}}}}", _read_file(f"{name}.{language}.md").strip())
    system, _, user = text.removeprefix(_SYSTEM).partition(_USER)
    return system.strip(), user.strip()


def _read_file(name: str) -> str:
    return (_PROMPTS / name).read_text(encoding="utf-8")


def _digest(*texts: str) -> str:
    # A lone surrogate, which JSON can bring, has no UTF-8.
    return sha256("\0".join(texts).encode("utf-8", "surrogatepass")).hexdigest()
