"""Make commits as a digest sees them, and an asker that answers from a script, for the tests of digests."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from generator.analyse.digest_source import DigestSource
from generator.analyse.model.asks import Asked
from generator.analyse.model.digest_form import DigestForm
from generator.analyse.model.digest_job import DigestKey, DigestQuestion
from generator.analyse.model.digest_plan import Lines
from generator.records import Breaking, Importance, Kind, Outcome, Provenance, Reason, Tokens, Trial

ENGINE, TOOLS = "ada/engine", "lab/tools"
WINDOW = 32_000


def name_sha(number: int) -> str:
    """Make up the SHA of a commit by its number; the first seven characters tell commits apart."""
    return f"{number:07x}" + "beef" * 8 + "a"


def make_source(number: int, content: str = "", **fields: object) -> DigestSource:
    """Make a commit as a digest sees it: by the rules, of middling importance, a fix."""
    content = content or f"mend thing {number}"
    values: dict[str, object] = {
        "repository": ENGINE,
        "sha": name_sha(number),
        "landing_sha": name_sha(number),
        "subject": f"fix: {content} (#{number})",
        "content": content,
        "areas": (),
        "pull_request": number,
        "kinds": (Kind.FIX,),
        "importance": Importance.MEDIUM,
        "importance_reason": "",
        "summary": f"Bug fix: “{content}”. It changes only `src/a.py` (+3 −1).",
        "breaking": Breaking(answer="no"),
        "risks": (),
        "lines": 4,
        "is_reverted": False,
        "by_model": False,
        "language": "en",
    }
    return DigestSource(**(values | fields))  # type: ignore[arg-type]


class ScriptedAsker:
    """Answers questions with forms that a script fills in, and keeps what it was asked.

    It stands where a run's asker stands: what it is handed is planned and checked by the real plan and check.
    """

    def __init__(self, fill: Callable[[DigestQuestion], DigestForm | Reason]) -> None:
        self._fill = fill
        self.asked: list[DigestKey] = []
        self.prompts: dict[DigestKey, str] = {}

    def __call__(self, questions: Sequence[DigestQuestion], /) -> Mapping[DigestKey, Asked[Lines]]:
        """Answer, in the order of the questions."""
        return {question.key: self._answer(question) for question in questions}

    def _answer(self, question: DigestQuestion) -> Asked[Lines]:
        plan = question.plan(WINDOW)
        self.asked.append(question.key)
        self.prompts[question.key] = plan.ask.messages[-1].content
        filled = self._fill(question)
        before = question.earlier.calls if question.earlier else 0
        tokens = Tokens(prompt=1000 * (before + 1), completion=100 * (before + 1))
        if isinstance(filled, Reason):
            runs = (question.earlier.runs if question.earlier else 0) + 1
            trial = Trial(
                runs=runs, model="m", version=question.version, calls=before + 1, tokens=tokens, cost=0.01
            )
            return Asked(outcome=Outcome.FAILED, reason=filled, trial=trial)
        lines = plan.check(filled)
        assert isinstance(lines, tuple), lines
        provenance = Provenance(
            writer="model",
            version=question.version,
            language=question.language,
            share_read=plan.share_read,
            model="m",
            calls=before + 1,
            tokens=tokens,
            cost=0.02,
            written=datetime(2026, 1, 8, tzinfo=UTC),
        )
        return Asked(outcome=Outcome.OK, value=lines, provenance=provenance)
