"""Render the files that a commit changes: a few as a list, more as a tree of folders that can be folded.

This module must not look into a file; what is left out for room is counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import takewhile
from typing import NamedTuple

from generator.pages import classes
from generator.pages.markup import escape, link_out, wrap
from generator.pages.survey import Shelf
from generator.pages.words import Words, count
from generator.records import Commit, FileChange, Nature

_MOST_FILES = 200
# So many are read at a glance.
_MOST_FLAT = 8
# Up to so many, folders begin unfolded.
_MOST_OPEN = 40
# Folders in folders; below, paths are written out.
_DEEPEST = 5
# From so many changed lines on, a bar has one piece more.
_STEPS = (1, 5, 20, 100, 400)


# What of a file's path is not written yet, and the file.
_Entry = tuple[list[str], FileChange]


class _Lines(NamedTuple):
    """How many lines come and go."""

    insertions: int
    deletions: int


def render_files(shelf: Shelf, commit: Commit, words: Words) -> str:
    """Render the changed files; empty for a merge, of which the commits that it brings in tell."""
    if commit.nature is Nature.MERGE or not commit.files:
        return ""
    shown = commit.files[:_MOST_FILES]
    if len(shown) <= _MOST_FLAT:
        items = [_render_file(change.path, change, words) for change in shown]
    else:
        entries = [(change.path.split("/"), change) for change in shown]
        items = list(_render_tree(entries, words, is_open=len(shown) <= _MOST_OPEN))
    blocks = [
        f"<h2>{words.files_title}{words.brackets.format(inner=f'{commit.totals.files:,}')}</h2>",
        wrap("p", classes.QUIET, _render_legend(shown, words)),
        wrap("div", classes.FILES, f"<ul>{''.join(items)}</ul>"),
    ]
    rest = commit.totals.files - len(shown)
    if rest > 0:
        more = count(rest, words.more_files)
        blocks.append(f"<p>{link_out(more, shelf.links.commit(commit.sha))}</p>")
    return "\n\n".join(blocks)


def _render_legend(files: Iterable[FileChange], words: Words) -> str:
    """Say what the letters mean that these files have."""
    letters = {change.status for change in files}
    return words.comma.join(f"{letter} {words.statuses[letter]}" for letter in sorted(letters))


def _render_tree(entries: Iterable[_Entry], words: Words, *, is_open: bool, depth: int = 0) -> Iterator[str]:
    """Render files by their folders, in git's order; a folder with a single file is a part of that one's path."""
    groups: dict[str | int, list[_Entry]] = {}
    for number, (parts, change) in enumerate(entries):
        # A name can be that of a file that went and of a folder that came.
        is_below = len(parts) > 1 and depth < _DEEPEST
        groups.setdefault(parts[0] if is_below else number, []).append((parts, change))
    for group in groups.values():
        if len(group) == 1:
            ((parts, change),) = group
            yield _render_file("/".join(parts), change, words)
            continue
        columns = zip(*(parts[:-1] for parts, _ in group), strict=False)
        shared = sum(1 for _ in takewhile(lambda column: len({*column}) == 1, columns))
        path = "/".join(group[0][0][:shared])
        inner = [(parts[shared:], change) for parts, change in group]
        items = "".join(_render_tree(inner, words, is_open=is_open, depth=depth + 1))
        yield _render_fold(path, [change for _, change in group], items, words, is_open=is_open)


def _render_fold(path: str, files: Sequence[FileChange], items: str, words: Words, *, is_open: bool) -> str:
    lines = _add_up(files)
    number = words.brackets.format(inner=count(len(files), words.files))
    attributes = " open=open" if is_open else ""
    summary = (
        f"<summary{_choose_bar(lines)}><bdi>{escape(path)}/</bdi>{number}{_render_lines(lines)}</summary>"
    )
    return f"<li><details{attributes}>{summary}<ul>{items}</ul></details>"


def _render_file(name: str, change: FileChange, words: Words) -> str:
    old = "" if change.old_path is None else f"{escape(change.old_path)} \u2192 "
    notes = [words.binary] if change.binary else []
    notes += [words.submodule] if change.submodule else []
    if change.old_mode and change.mode:
        notes.append(words.mode.format(old=escape(change.old_mode), new=escape(change.mode)))
    note = f" {wrap('span', classes.QUIET, words.comma.join(notes))}" if notes else ""
    lines = _add_up([change])
    path = f"<bdi>{old}{escape(name)}</bdi>"
    return f"<li{_choose_bar(lines)}>{change.status} {path}{note}{_render_lines(lines)}"


def _add_up(files: Sequence[FileChange]) -> _Lines:
    return _Lines(
        sum(change.insertions or 0 for change in files), sum(change.deletions or 0 for change in files)
    )


def _render_lines(lines: _Lines) -> str:
    plus = f" <ins>+{lines.insertions:,}</ins>" if lines.insertions else ""
    minus = f" <del>\u2212{lines.deletions:,}</del>" if lines.deletions else ""
    return plus + minus


def _choose_bar(lines: _Lines) -> str:
    """Choose the class that draws how many lines come and go: the more of them the longer, and none of both hidden."""
    total = sum(lines)
    if not total:
        return ""
    both = bool(lines.insertions and lines.deletions)
    pieces = max(sum(total >= step for step in _STEPS), 1 + both)
    plus = round(pieces * lines.insertions / total)
    plus = min(max(plus, 1), pieces - 1) if both else plus
    return f" class={classes.LINES[plus, pieces - plus]}"
