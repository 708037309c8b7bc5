"""Say how a digest is asked for: what is handed to the one that asks models, and what comes back.

This module must not know how a question is sent, or what a digest's lines say.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from generator.analyse.model.asks import Ask, Asked, Flaw
from generator.records import DigestLine, Language, Trial

# What a digest is of: its scope and its period, such as ("ada/engine", "2026-01-06").
DigestKey: TypeAlias = tuple[str, str]
Lines: TypeAlias = tuple[DigestLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestPlan:
    """One question about a digest as it fits into a model's window.

    `check` reads the form that a model has filled in; a Flaw says why it is of no use. `share_read` is the share of
    the commits that the model is shown, 0 to 1.
    """

    ask: Ask
    check: Callable[[Any], Lines | Flaw]
    share_read: float


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestQuestion:
    """One digest that is wanted from a model.

    `plan` is handed a window in tokens, of question and answer together, and may be called again with a smaller one.
    `version` is the prompt's. `earlier` is what former runs spent on it in vain; what is spent now is added to it.
    """

    key: DigestKey
    version: str
    language: Language
    plan: Callable[[int], DigestPlan]
    earlier: Trial | None = None


class AskDigest(Protocol):
    """Ask models for digests, within the day's budget and at once where they are several.

    A key that is missing in what comes back was not asked for: it stays as it is.
    """

    def __call__(self, questions: Sequence[DigestQuestion], /) -> Mapping[DigestKey, Asked[Lines]]:
        """Ask each question once, with what repetitions and other models that takes."""
