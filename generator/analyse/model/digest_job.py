"""Put one digest before a model.

This module must not plan the question, send it or know which model is asked.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from generator.analyse.model.asking import Held
from generator.analyse.model.asks import Flaw
from generator.analyse.model.digest_ask import DigestQuestion, Lines
from generator.analyse.model.talk import Talk
from generator.records import Language, Trial


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestJob:
    """One digest that is wanted, as a job among others."""

    question: DigestQuestion

    @property
    def folder(self) -> str:
        """Where its replies are kept: no repository's owner is called `days`."""
        scope, period = self.question.key
        return f"days/{scope}/{period}"

    @property
    def version(self) -> str:
        """The prompt's version."""
        return self.question.version

    @property
    def language(self) -> Language:
        """The language of the lines."""
        return self.question.language

    @property
    def earlier(self) -> Trial | None:
        """What former runs spent on it in vain."""
        return self.question.earlier

    async def hold(self, talk: Talk) -> Held[Lines] | Flaw:
        """Ask the one question."""
        plan = await asyncio.to_thread(self.question.plan, talk.window)
        lines = await talk.ask(plan.ask, plan.check)
        return lines if isinstance(lines, Flaw) else Held(value=lines, share_read=plan.share_read)
