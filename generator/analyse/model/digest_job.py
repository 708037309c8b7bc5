"""Put digests before models, in the way commits are.

This module must not plan a question, send it or know which model is asked, nor what a digest's lines say.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from generator.analyse.model.asking import Asker, Held
from generator.analyse.model.asks import Asked, Flaw
from generator.analyse.model.digest_plan import DigestPlan, Lines
from generator.analyse.model.talk import Talk
from generator.records import Language, Outcome, Trial

# What a digest is of: its scope and its period, such as ("ada/engine", "2026-01-06").
DigestKey: TypeAlias = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestQuestion:
    """One digest that is wanted from a model, as a job among others.

    `plan` is handed a window in tokens, of question and answer together, and may be called again with a smaller one.
    `version` is the prompt's. `earlier` is what former runs spent on it in vain; what is spent now is added to it.
    """

    key: DigestKey
    version: str
    language: Language
    plan: Callable[[int], DigestPlan]
    earlier: Trial | None = None

    @property
    def folder(self) -> str:
        """Where its replies are kept: no repository's owner is called `days`."""
        scope, period = self.key
        return f"days/{scope}/{period}"

    async def hold(self, talk: Talk) -> Held[Lines] | Flaw:
        """Ask the one question."""
        plan = await asyncio.to_thread(self.plan, talk.window)
        lines = await talk.ask(plan.ask, plan.check)
        return lines if isinstance(lines, Flaw) else Held(value=lines, share_read=plan.share_read)


class AskDigest(Protocol):
    """Ask models for digests, within the day's budget and at once where they are several.

    A key that is missing in what comes back was not asked for: it stays as it is.
    """

    def __call__(self, questions: Sequence[DigestQuestion], /) -> Mapping[DigestKey, Asked[Lines]]:
        """Ask each question once, with what repetitions and other models that takes."""


def ask_digests(asker: Asker, questions: Sequence[DigestQuestion]) -> Mapping[DigestKey, Asked[Lines]]:
    """Ask for each digest; what the run did not come to is told as pending, with the reason."""
    told: dict[DigestKey, Asked[Lines]] = {}

    def tell(question: DigestQuestion, asked: Asked[Lines]) -> None:
        told[question.key] = asked

    if asker.ending is None:
        asker.ask_all(iter(questions), tell)
    if asker.ending is not None:
        reason, detail = asker.ending
        for question in questions:
            pending: Asked[Lines] = Asked(
                outcome=Outcome.PENDING, reason=reason, detail=detail, trial=question.earlier
            )
            told.setdefault(question.key, pending)
    return told
