"""Read the meaningful sentences, and the note on a breaking change, out of a commit message's body.

This module must not judge the commit; it keeps what the author wrote and drops what a template did.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from generator.analyse.plain import clip, fold
from generator.analyse.prose import (
    find_heading,
    find_item,
    is_closing,
    is_fence,
    is_no_prose,
    is_rule,
    is_skipped_section,
    is_telling,
    is_trailer,
    says_something,
    strip_markup,
)
from generator.analyse.titles import find_verb
from generator.records import Trailer

# Sentences come first in a body; what stands behind this is appended logs, lists and release notes of others.
_MOST_CHARACTERS = 40_000
_MOST_LINES = 600
_MOST_SENTENCES = 24
_MOST_ITEMS = 5
_PARAGRAPH_ROOM = 8000
_SENTENCE_ROOM = 280
_CHOSEN_ROOM = 640
_EVIDENCE_ROOM = 240

_ITEM_MARK = "\x00"
# Below these lines stands what a bot says of itself.
_ENDINGS = ("updated-dependencies:", "[//]: #", "Dependabot will ")
_SQUASH_RULE = 9

_QUOTE = re.compile(r"^\s{0,3}(?:>\s?)+(?:\[![A-Z]{2,12}\])?")
_END = re.compile(r"[.!?][\"'”’)`]{0,2}(?=\s+[A-Z\"'“‘(`\[*]|\s*$)|[。！？]")
_ABBREVIATION = re.compile(
    r"(?:\b(?:e\.g|i\.e|vs|cf|approx|resp|incl|fig|eq|al|mr|dr|v)|(?<![\w.])[A-Za-z])\.$", re.IGNORECASE
)
# What a squashed branch lists of its own history.
_CHORE = re.compile(
    r"^(?:merge (?:branch|remote|pull)\b|update [\w./-]+\.\w+$|wip\b|nits?$|trigger \w+|rebase\b|apply suggestions|"
    r"address(?:ed|ing)? \w+ ?(?:comments?|feedback)|clean ?up\.?$|review\w*\.?$|"
    r"(?:fix(?:e[sd])?|run|apply)? ?(?:lint\w*|format\w*|typos?|ci|tests?|build|pre-?commit|comments?)\.?$)",
    re.IGNORECASE,
)

_BREAKING = re.compile(r"^\s*(?:\*\*|#{1,6}\s*)?BREAKING[ -]CHANGES?(?:\*\*)?\s*[:!]?\s*(.*)$")
_BREAKING_HEADING = re.compile(r"^(?:#{1,6}\s*|\*\*)breaking[ -]changes?\b[^?]{0,40}$", re.IGNORECASE)
_NOTHING = re.compile(
    r"^\W*(?:no|none|n/?a|nothing|not applicable)?\W*(?:breaking changes?)?\W*$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """A body's sentences, as plain text in order, and the words in which it declares a breaking change.

    `openings` are those that begin a paragraph.
    """

    sentences: tuple[str, ...] = ()
    openings: frozenset[str] = frozenset()
    breaking: str | None = None

    def choose(self, count: int, subject: str) -> tuple[str, ...]:
        """Choose up to `count` sentences to stand for the body: its first ones, and what it says it does.

        Long messages tell the problem first and begin a later paragraph with an imperative ("Teach …"); that
        sentence takes the last place. What only repeats the subject is left out.
        """
        told = [sentence for sentence in self.sentences if not _repeats(sentence, subject)]
        chosen = told[:count]
        if count > 1 and len(told) > count and not any(find_verb(sentence) for sentence in chosen):
            deed = next((s for s in told[count:] if s in self.openings and find_verb(s)), None)
            chosen = [*chosen[:-1], deed] if deed else chosen
        while len(chosen) > 1 and sum(map(len, chosen)) > _CHOSEN_ROOM:
            chosen.pop(-2)
        return tuple(chosen)


def parse_body(body: str, trailers: Iterable[Trailer] = ()) -> Body:
    """Read a body; any text gives a Body."""
    trailers = tuple(trailers)
    skipped = frozenset(f"{trailer.key}: {trailer.value}" for trailer in trailers)
    lines = _drop_comments(body[:_MOST_CHARACTERS]).split("\n", _MOST_LINES)[:_MOST_LINES]
    sentences: list[str] = []
    openings: set[str] = set()
    for block in _read_blocks(lines, skipped):
        told = [clip(text, _SENTENCE_ROOM) for text in _split_sentences(block) if is_telling(text)]
        sentences += told
        openings.update(told[:1])
        if len(sentences) >= _MOST_SENTENCES:
            break
    return Body(
        sentences=tuple(sentences[:_MOST_SENTENCES]),
        openings=frozenset(openings),
        breaking=_find_breaking(lines, trailers),
    )


def _drop_comments(text: str) -> str:
    """Drop `<!-- … -->`; one that is never closed hides the rest."""
    parts: list[str] = []
    place = 0
    while (begin := text.find("<!--", place)) >= 0:
        parts.append(text[place:begin])
        end = text.find("-->", begin)
        if end < 0:
            return "".join(parts)
        place = end + 3
    return "".join([*parts, text[place:]])


@dataclass(slots=True, kw_only=True)
class _Reader:
    """Where the walk over a body's lines stands, and which lines are trailers."""

    skipped: frozenset[str]
    fenced: bool = False
    folded: int = 0
    skip_level: int = 0

    def hides(self, line: str) -> bool:
        """Follow fences, folded parts and sections, and say whether the line lies in or makes one."""
        if is_fence(line):
            self.fenced = not self.fenced
            return True
        cased = line.casefold()
        self.folded = max(0, self.folded + cased.count("<details") - cased.count("</details"))
        if self.fenced or self.folded or "</details" in cased:
            return True
        if heading := find_heading(line):
            level, name = heading
            if self.skip_level == 0 or level <= self.skip_level:
                self.skip_level = level if is_skipped_section(name) else 0
            return True
        return self.skip_level > 0 or not line.strip() or line.strip() in self.skipped


def _read_blocks(lines: list[str], skipped: frozenset[str]) -> Iterator[list[str]]:
    """Yield paragraphs as lists of lines; the items of a list join the line that leads into it."""
    reader = _Reader(skipped=skipped)
    block: list[str] = []
    in_list = parted = False
    for raw in lines:
        line = _QUOTE.sub("", raw.rstrip())
        if line.startswith(_ENDINGS) or (len(line) >= _SQUASH_RULE and is_rule(line)):
            break
        if not _is_kept(line, reader, running=bool(block) and not parted, in_list=in_list):
            parted = True
            continue
        item = find_item(line)
        # A list stays with its lead over a blank line; a line right behind an item belongs to the item.
        leads = in_list or (bool(block) and block[-1].endswith(":"))
        if not (leads if item is not None else not parted):
            yield block
            block, in_list = [], False
        parted = False
        in_list = in_list or item is not None
        block.append(line.strip() if item is None else _ITEM_MARK + item)
    yield block


def _is_kept(line: str, reader: _Reader, running: bool, in_list: bool) -> bool:
    if reader.hides(line) or is_no_prose(line, running and in_list):
        return False
    # A wrapped sentence may end in a line that says nothing by itself: "it.", "PR](https://…)".
    return (running and not is_closing(line)) or says_something(strip_markup(line))


def _split_sentences(block: list[str]) -> Iterator[str]:
    lead, items = _part_items(block)
    text = fold(strip_markup(" ".join(lead)[:_PARAGRAPH_ROOM]), _PARAGRAPH_ROOM)
    begin = 0
    for match in _END.finditer(text):
        if not _ABBREVIATION.search(text[max(begin, match.start() - 8) : match.start() + 1]):
            yield text[begin : match.end()].strip()
            begin = match.end()
    rest = text[begin:].strip()
    listed = _list_items(items)
    if rest or listed:
        yield f"{rest} {listed}".strip() if listed else rest + (" …" if rest.endswith(":") else "")


def _list_items(items: list[str]) -> str:
    """Write list items as one sentence, without the chores of a branch's own history."""
    told = [item for item in dict.fromkeys(items) if not _CHORE.match(item)]
    if not told:
        return ""
    plain = (fold(strip_markup(item[:_PARAGRAPH_ROOM])).rstrip(" .;,") for item in told[:_MOST_ITEMS])
    return "; ".join(plain) + ("; …" if len(told) > _MOST_ITEMS else ".")


def _part_items(block: list[str]) -> tuple[list[str], list[str]]:
    """Part a block into the lines before its first list item, and the items with the lines that go on."""
    lead: list[str] = []
    items: list[str] = []
    for line in block:
        if line.startswith(_ITEM_MARK):
            items.append(line[1:].strip())
        elif items:
            items[-1] += " " + line
        else:
            lead.append(line)
    return lead, items


def _repeats(sentence: str, subject: str) -> bool:
    first, second = (re.sub(r"\W+", "", text.casefold()) for text in (sentence, subject))
    longer = first.startswith(second) and len(first) < len(second) + 12
    return bool(first) and (first in second or (len(second) > 12 and longer))


def _find_breaking(lines: list[str], trailers: Iterable[Trailer]) -> str | None:
    for trailer in trailers:
        named = trailer.key.upper().replace("-", " ") == "BREAKING CHANGE"
        if named and not _NOTHING.match(trailer.value[:200]):
            return clip(fold(trailer.value), _EVIDENCE_ROOM)
    fenced = False
    for place, line in enumerate(lines):
        if line.startswith(_ENDINGS) or "<details" in line.casefold():
            return None
        fenced = fenced != is_fence(line)
        match = None if fenced else _BREAKING.match(line[:2000])
        if match or (not fenced and _BREAKING_HEADING.match(line[:200])):
            told = fold(" ".join([match[1] if match else "", *_following(lines, place)])).strip(" *")
            if not _NOTHING.match(told[:200]):
                return clip(told, _EVIDENCE_ROOM)
    return None


def _following(lines: list[str], place: int) -> Iterator[str]:
    """Yield the rest of the paragraph that a note begins, or the one below it."""
    started = False
    for line in lines[place + 1 : place + 12]:
        if not line.strip():
            if started:
                return
            continue
        if line.startswith("#") or is_trailer(line):
            return
        started = True
        yield strip_markup(line[:2000])
