"""Put one commit before a model: one question where its diff fits, else a question a part and one that joins them.

This module must not send anything or know which model is asked.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import Any, Self

from generator.analyse.conventions import Conventions
from generator.analyse.evidence import Evidence, gather_evidence
from generator.analyse.model.asking import Held
from generator.analyse.model.asks import Flaw
from generator.analyse.model.forms import CommitForm, PartForm
from generator.analyse.model.plan import Plan, plan_commit
from generator.analyse.model.prompt import COMMIT_VERSION
from generator.analyse.model.talk import Talk
from generator.analyse.model.verdict import make_analysis
from generator.patches import Change
from generator.records import Analysis, Language, Provenance, Trial


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitJob:
    """One commit as it is put before a model: redacted, with what the rules say of it."""

    repository: str
    change: Change
    conventions: Conventions
    rules: Analysis
    language: Language
    parts: int

    @property
    def sha(self) -> str:
        """The commit's SHA."""
        return self.change.facts.sha

    @property
    def folder(self) -> str:
        """Where its replies are kept."""
        return f"{self.repository}/{self.sha}"

    @property
    def version(self) -> str:
        """The prompt's version."""
        return COMMIT_VERSION

    @property
    def earlier(self) -> Trial | None:
        """What former runs spent on it in vain."""
        return self.rules.trial

    def shed(self) -> Self:
        """Drop the patches."""
        return replace(self, change=Change(facts=self.change.facts))

    async def hold(self, talk: Talk) -> Held[Analysis] | Flaw:
        """Ask all questions, and join what the parts say."""
        evidence, plan = await asyncio.to_thread(self._plan, talk.window)

        def check(form: CommitForm) -> Analysis | Flaw:
            return make_analysis(form, self.change, evidence, self.rules, self._sign(plan))

        if len(plan.asks) == 1:
            result = await talk.ask(plan.asks[0], check)
        else:
            parts: list[PartForm | Flaw] = await asyncio.gather(*(talk.ask(ask, _keep) for ask in plan.asks))
            if flaws := [part for part in parts if isinstance(part, Flaw)]:
                return flaws[0]
            result = await talk.ask(plan.merge([part for part in parts if isinstance(part, PartForm)]), check)
        return result if isinstance(result, Flaw) else Held(value=result, share_read=plan.share_read)

    def _plan(self, window: int) -> tuple[Evidence, Plan]:
        evidence = gather_evidence(self.change, self.conventions)
        return evidence, plan_commit(self.change, evidence, self.rules, self.language, window, self.parts)

    def _sign(self, plan: Plan) -> Provenance:
        """Sign for the time being; who asks knows the model and what it cost."""
        return Provenance(
            writer="model", version=COMMIT_VERSION, language=self.language, share_read=plan.share_read
        )


def _keep(form: Any) -> PartForm:
    assert isinstance(form, PartForm)  # what its question asked for
    return form
