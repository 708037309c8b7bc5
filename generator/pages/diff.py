"""Render the diff of a small commit, line by line as git prints it.

This module must not judge or cut anything: what a record holds of a diff is small, and is shown whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from generator.pages import classes
from generator.pages.markup import escape, escape_lines, link_out, wrap
from generator.pages.survey import Shelf
from generator.pages.words import Words, count
from generator.record_additions import FileDiff
from generator.records import Commit

# How a line begins, and the element it stands in; all others are as they were before.
_ELEMENTS = {"+": "ins", "-": "del", "@": "i"}


def render_diff(shelf: Shelf, commit: Commit, words: Words) -> str:
    """Render a commit's diff, folded; empty where the record holds none."""
    if not commit.diff:
        return ""
    number = sum(line[:1] in ("+", "-") for diff in commit.diff for line in diff.text.split("\n"))
    summary = words.diff_title + words.brackets.format(inner=count(number, words.changed_lines))
    lines = "".join(_render_file(diff, is_only=len(commit.diff) == 1) for diff in commit.diff)
    shown = f"<details><summary>{summary}</summary><pre>{lines}</pre>{_render_rest(shelf, commit, words)}</details>"
    return wrap("div", classes.DIFF, shown)


def _render_file(diff: FileDiff, *, is_only: bool) -> str:
    """Render the lines of one file behind its path; that of an only file stands in the list above."""
    head = "" if is_only else f"<b>{escape(diff.path)}\n</b>"
    return head + "".join(_render_lines(_split(diff.text)))


def _split(text: str) -> Sequence[str]:
    """Take lines apart; where a carriage return ends every one, as on Windows, it is no part of what changed."""
    lines = text.split("\n")
    written = [line for line in lines if line[:1] in ("+", "-", " ")]
    if all(line.endswith("\r") for line in written):
        return [line.removesuffix("\r") for line in lines]
    return lines


def _render_lines(lines: Sequence[str]) -> Iterator[str]:
    for element, run in groupby(lines, lambda line: _ELEMENTS.get(line[:1], "")):
        # The break is the element's own: behind one that is laid out as a block there would be an empty line.
        text = escape_lines("".join(f"{line}\n" for line in run))
        yield f"<{element}>{text}</{element}>" if element else text


def _render_rest(shelf: Shelf, commit: Commit, words: Words) -> str:
    """Say what is not shown of the changed files, and where it is."""
    assert commit.diff is not None
    cut = sum(diff.cut or 0 for diff in commit.diff)
    shown = {diff.path for diff in commit.diff}
    missing = sum(file.path not in shown and file.binary for file in commit.files)
    notes = [count(cut, words.cut_lines)] if cut else []
    notes += [count(missing, words.not_compared)] if missing else []
    if not notes:
        return ""
    link = link_out(words.whole_diff, shelf.links.commit(commit.sha))
    return wrap("p", classes.QUIET, words.semicolon.join((*notes, link)))
