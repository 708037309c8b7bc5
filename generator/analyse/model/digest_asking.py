"""Ask for digests in the way commits are asked about.

This module must not know what a digest says: each question brings its own check.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from generator.analyse.model.asking import Asker
from generator.analyse.model.asks import Asked
from generator.analyse.model.digest_ask import DigestKey, DigestQuestion, Lines
from generator.analyse.model.digest_job import DigestJob
from generator.records import Outcome


def ask_digests(asker: Asker, questions: Sequence[DigestQuestion]) -> Mapping[DigestKey, Asked[Lines]]:
    """Ask for each digest; what the run did not come to is told as pending, with the reason."""
    told: dict[DigestKey, Asked[Lines]] = {}

    def tell(job: DigestJob, asked: Asked[Lines]) -> None:
        told[job.question.key] = asked

    if asker.ending is None:
        asker.ask_all(iter([DigestJob(question=question) for question in questions]), tell)
    if asker.ending is not None:
        reason, detail = asker.ending
        for question in questions:
            pending: Asked[Lines] = Asked(
                outcome=Outcome.PENDING, reason=reason, detail=detail, trial=question.earlier
            )
            told.setdefault(question.key, pending)
    return told
