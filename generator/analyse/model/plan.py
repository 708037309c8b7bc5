"""Plan the questions about one commit: one where all fits, or one for each part and one that merges the answers.

This module must not send anything, know a model's name or a price; a window is all it knows of a model.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from generator.analyse.evidence import Evidence
from generator.analyse.model.asks import Ask, find_room
from generator.analyse.model.clues import describe_clues
from generator.analyse.model.forms import CommitForm, PartForm
from generator.analyse.model.framing import measure_fixed
from generator.analyse.model.manifest import list_files
from generator.analyse.model.packing import Excerpt, measure_read, pack_diff
from generator.analyse.model.prompt import make_ask
from generator.analyse.model.tokens import cut_text, estimate_tokens
from generator.patches import Change
from generator.records import Analysis, Facts, Language

# Marks of what was left out, where there is hardly room for anything.
_SLACK = 300
# What a piece of the material takes at most: tokens, and one in so many of what there is room for.
_CLUES = (2000, 8)
_MESSAGE = (6000, 5)
_MANIFEST = (8000, 5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What all questions about a commit have in common, each piece cut to its room."""

    clues: str
    message: str
    manifest: str

    @property
    def cost(self) -> int:
        """The estimate of all of it, in tokens."""
        return sum(map(estimate_tokens, (self.clues, self.message, self.manifest)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The questions about one commit, and the share of its changed lines that they show, 0 to 1.

    Lines of lock files, vendored and generated files count, and are not shown.
    """

    asks: tuple[Ask, ...]
    share_read: float
    sha: str
    language: Language
    material: Material
    window: int

    def merge(self, replies: Sequence[PartForm]) -> Ask:
        """Make the question that follows the answers to several, in their order; its answer is the analysis."""
        room = _find_room(self.window, "merge", self.language) - self.material.cost
        share = room // max(len(replies), 1)
        notes = (
            cut_text(f"part {number} of {len(replies)}\n{_write_notes(reply)}", share)
            for number, reply in enumerate(replies, 1)
        )
        return make_ask(
            "merge",
            self.language,
            f"commit {self.sha} merge",
            CommitForm,
            {**_name_pieces(self.material), "FINDINGS": "\n\n".join(notes)},
            {"READ": _write_share(self.share_read)},
        )


def plan_commit(
    change: Change,
    evidence: Evidence,
    rules: Analysis,
    language: Language,
    window: int,
    most_parts: int,
) -> Plan:
    """Plan the questions about a commit for a model whose prompt and answer have `window` tokens together.

    `change` must be redacted. Where its diff does not fit into `most_parts` questions, the least telling lines are
    left out.
    """
    usable = min(_find_room(window, sort, language) for sort in ("commit", "part"))
    material = Material(
        clues=cut_text(describe_clues(evidence, rules), _limit(_CLUES, usable)),
        message=cut_text(_write_message(change.facts), _limit(_MESSAGE, usable)),
        manifest=list_files(evidence, _limit(_MANIFEST, usable)),
    )
    parts = pack_diff(evidence, change.patches, usable - material.cost, most_parts)
    share = measure_read(parts, evidence)
    ask = _ask_whole if len(parts) == 1 else _ask_parts
    return Plan(
        asks=tuple(ask(change.facts.sha, language, material, parts, share)),
        share_read=share,
        sha=change.facts.sha,
        language=language,
        material=material,
        window=window,
    )


def _ask_whole(
    sha: str, language: Language, material: Material, parts: Sequence[Sequence[Excerpt]], share: float
) -> Iterable[Ask]:
    yield make_ask(
        "commit",
        language,
        f"commit {sha}",
        CommitForm,
        {**_name_pieces(material), "DIFF": _write_diff(parts[0])},
        {"READ": _write_share(share)},
    )


def _ask_parts(
    sha: str, language: Language, material: Material, parts: Sequence[Sequence[Excerpt]], _: float
) -> Iterable[Ask]:
    # The prompt of a part has no place for the clues: a verdict on the whole would colour what is noted.
    for number, part in enumerate(parts, 1):
        yield make_ask(
            "part",
            language,
            f"commit {sha} {number}/{len(parts)}",
            PartForm,
            {**_name_pieces(material), "DIFF": _write_diff(part)},
            {"PART": str(number), "PARTS": str(len(parts))},
        )


def _find_room(window: int, sort: Literal["commit", "part", "merge"], language: Language) -> int:
    return max(window - find_room(window) - _SLACK - measure_fixed(sort, language), 0)


def _limit(bounds: tuple[int, int], usable: int) -> int:
    most, share = bounds
    return min(most, usable // share)


def _name_pieces(material: Material) -> dict[str, str]:
    return {"EVIDENCE": material.clues, "MESSAGE": material.message, "MANIFEST": material.manifest}


def _write_message(facts: Facts) -> str:
    return f"{facts.subject}\n\n{facts.body}" if facts.body else facts.subject or "(no message)"


def _write_diff(part: Iterable[Excerpt]) -> str:
    return "\n\n".join(excerpt.render() for excerpt in part) or "(no lines to show)"


def _write_share(share: float) -> str:
    # Rounded down: 100% means every line.
    return f"{int(share * 100)}%"


def _write_notes(reply: PartForm) -> str:
    """Write down what was noted of a part; what there is least room for stands last."""
    insight = (
        f"{concern}: {text}" for concern, text in reply.insight.model_dump().items() if text is not None
    )
    evidence = f": {reply.breaking.evidence}" if reply.breaking.evidence else ""
    return "\n".join(
        (
            f"summary: {reply.summary}",
            f"breaking: {reply.breaking.answer}{evidence}",
            *insight,
            *(f"risk: {risk}" for risk in reply.risks),
            *(f"{finding.place}: {finding.note}" for finding in reply.findings),
        )
    )
