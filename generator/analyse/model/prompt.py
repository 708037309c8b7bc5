"""Put a commit's material and the prompt for it together into one question.

This module must not decide what of a commit is shown, nor hold a word of a prompt: those are in `prompts/`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from generator.analyse.model.asks import Ask, Form
from generator.analyse.model.framing import make_canary, write_messages
from generator.records import Language

# Goes up with every change of a word in the prompts of a commit, or of what fills their places.
COMMIT_VERSION: Final = "commit-2"

Sort = Literal["commit", "part", "merge"]


def make_ask(
    sort: Sort,
    language: Language,
    topic: str,
    form: type[Form],
    material: Mapping[str, str],
    told: Mapping[str, str],
) -> Ask:
    """Write one question: `material` is text of others and is framed, `told` is ours and stands as it is.

    `topic` names the commit by its SHA.
    """
    canary = make_canary(COMMIT_VERSION, topic)
    return Ask(
        topic=topic,
        version=COMMIT_VERSION,
        messages=write_messages(sort, language, canary, material, told),
        form=form,
        canary=canary,
    )
