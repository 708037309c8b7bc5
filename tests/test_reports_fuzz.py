"""Reports that were damaged at random: no crash, and no commit is lost whose own line is whole."""

from __future__ import annotations

from random import Random

import pytest

from generator.pages.rich_text import render_rich_text
from generator.plain_text import reduce_text
from generator.reports.reading.document import Document
from generator.reports.reading.fields import read_fields
from generator.reports.reading.reader import read_document
from tests.reports import DAY, NAME, TOOLS, damage, find_intact, make_told, write_first, write_second
from tests.soak import count_cases, scale

_TOLD = (make_told(7), make_told(5, name=TOOLS))
_ALL = [*_TOLD[0], *_TOLD[1]]
_TEXTS = (
    write_first(DAY, (NAME, _TOLD[0]), (TOOLS, _TOLD[1])),
    write_second(DAY, (NAME, _TOLD[0]), (TOOLS, _TOLD[1])),
)


def find_shas(document: Document) -> set[str]:
    """Find the commits that were read."""
    return {entry.sha for section in document.sections for entry in section.entries if entry.sha}


def count_text(document: Document) -> int:
    """Count the characters that are kept of the parts of commits."""
    entries = (entry for section in document.sections for entry in section.entries)
    return sum(len(entry.head) + len(entry.analysis) + len(entry.tail) for entry in entries)


def test_no_damage_crashes_the_reader_or_takes_a_commit_of_another_line_away() -> None:
    with count_cases("damaged reports") as count:
        for seed in range(scale(200, 10_000)):
            random = Random(seed)
            text = damage(_TEXTS[seed % 2], random)
            document = read_document(text.encode(), f"{DAY}.md")
            found = find_shas(document)
            lost = find_intact(text, _ALL) - found
            assert not lost, f"seed {seed}: {lost}"
            for section in document.sections:
                for entry in section.entries:
                    read_fields(entry.analysis)
                    reduce_text(entry.analysis)
            assert count_text(document) <= len(text), f"seed {seed}: a piece of the text is there twice"
            count.add()


@pytest.mark.parametrize(
    "piece", [" ", "|", "-", "*", "(", "[", "`", "<br", "> ", "#", "**a** ", "🎯 ", "| a ", "- ", "_ "]
)
def test_long_lines_of_one_thing_are_read_without_trying_all_their_cuts(piece: str) -> None:
    line = piece * (90_000 // len(piece))
    head = "| 2026-01-06 10:00:00 | a |"
    for text in (
        f"{line}x",
        f"{head}{line}x",
        f"**🎯 变更类型**：{line}x",
        f"**📋 变更摘要**：\n{line}x\n{line}",
    ):
        told = make_told(1, analyses=(text,))
        document = read_document(write_first(DAY, (NAME, told)).encode(), "a.md")
        assert find_shas(document) == {told[0].sha}
        for section in document.sections:
            for entry in section.entries:
                read_fields(entry.analysis)
                reduce_text(entry.analysis[:20_000])
                render_rich_text(entry.analysis)


def test_bytes_that_are_no_text_crash_nothing() -> None:
    content = bytearray(_TEXTS[0].encode())
    for seed in range(scale(40, 2_000)):
        random = Random(seed)
        spoilt = bytearray(content)
        for _ in range(20):
            spoilt[random.randrange(len(spoilt))] = random.randrange(256)
        read_document(bytes(spoilt), "a.md")
