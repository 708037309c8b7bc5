"""Sum a commit up in one to five sentences: its title, what its message says, and the measured facts.

This module must not rephrase what the author wrote: titles and messages stand as quotes in their own
language.
"""

from __future__ import annotations

from generator.analyse.evidence import Evidence
from generator.analyse.impact import list_folders, rank_files
from generator.analyse.kinds import is_plain_revert
from generator.analyse.plain import clip, fold
from generator.analyse.wording import Wording
from generator.records import Kind

_MOST_SENTENCES = 3
_TITLE_ROOM = 300
_AREA_ROOM = 40
_MOST_AREAS = 3
_MOST_FOLDERS = 3


def sum_up(evidence: Evidence, kinds: tuple[Kind, ...], words: Wording) -> str:
    """Write the summary as one line."""
    merge = words.say("lead_merge") if evidence.is_merge else ""
    return words.join(
        (_lead(evidence, kinds, words), merge, _quote_body(evidence, words), _measure(evidence, words))
    )


def quote(text: str, room: int = _TITLE_ROOM) -> str:
    """Bring a quote to one line without the full stop that the sentence around it has."""
    return clip(fold(text), room).rstrip(".。 ")


def _lead(evidence: Evidence, kinds: tuple[Kind, ...], words: Wording) -> str:
    title = evidence.title
    kind = words.say("lead_kind_other" if kinds[0] is Kind.OTHER else f"kind_{kinds[0]}")
    if not title.content:
        return words.say("lead_untitled", kind=kind)
    if is_plain_revert(evidence) and title.reverted:
        return words.say("lead_revert", content=quote(title.reverted))
    areas = [clip(area, _AREA_ROOM) for area in evidence.conventions.find_components(title)[:_MOST_AREAS]]
    if not areas:
        return words.say("lead", kind=kind, content=quote(title.content))
    return words.say("lead_areas", kind=kind, areas=words.list_texts(areas), content=quote(title.content))


def _quote_body(evidence: Evidence, words: Wording) -> str:
    most = _MOST_SENTENCES - evidence.is_merge
    chosen = evidence.body.choose(most, evidence.title.content)
    return words.say("quote", text=" ".join(chosen).rstrip(".。 ")) if chosen else ""


def _measure(evidence: Evidence, words: Wording) -> str:
    totals = evidence.facts.totals
    if not evidence.files:
        return ""
    lines = words.lines(totals.insertions, totals.deletions)
    if evidence.file_count == 1:
        key = "measured_binary" if evidence.files[0].file.binary else "measured_one"
        return words.say(key, path=words.code(evidence.files[0].file.path), lines=lines)
    ranked = rank_files(evidence.files)
    main = [placed for placed in ranked if placed.place is ranked[0].place] if ranked[0].lines else ranked
    folders = [words.code(folder) if folder else words.say("folder_root") for folder in list_folders(main)]
    left = evidence.file_count - len(evidence.files)
    return words.say(
        "measured_unlisted" if left > 0 else "measured_many",
        files=words.count("file", evidence.file_count),
        lines=lines,
        folders=words.list_texts(folders[:_MOST_FOLDERS]),
        number=f"{left:,}",
    )
