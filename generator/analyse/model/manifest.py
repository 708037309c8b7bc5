"""Name every file of a commit to a model, exactly once, the most telling ones each by itself.

This module must not look at a patch or know a prompt's words; it names files and weighs them by their part and size.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from generator.analyse.evidence import Evidence, Placed
from generator.analyse.model.tokens import estimate_tokens
from generator.analyse.paths import Place, is_sideline, name_folder

# By the part a file plays; what stands in none of them is named and not shown.
_WEIGHTS: tuple[frozenset[Place], ...] = (
    frozenset({Place.SOURCE, Place.SCHEMA, Place.MIGRATION}),
    frozenset({Place.CONFIG, Place.BUILD, Place.MANIFEST}),
    frozenset({Place.DOCS}),
    frozenset({Place.TEST, Place.CI}),
    frozenset({Place.BENCHMARK, Place.EXAMPLE, Place.HOUSEKEEPING, Place.ASSET}),
)
# Of what the files of a commit may take in the list, this much is kept for those that are listed by folder.
_GROUPED_SHARE = 3


def list_files(evidence: Evidence, room: int) -> str:
    """List every file of a commit exactly once, in at most about `room` tokens.

    A line a file: git's status letter, the part it plays, its path, the path it had, its lines. What there is no
    room for is summed up by folder.
    """
    lines = [describe_file(placed) for placed in evidence.files]
    if sum(estimate_tokens(f"{line}\n") for line in lines) <= room:
        listed = set(range(len(lines)))
    else:
        listed = _choose_listed(evidence.files, lines, room - room // _GROUPED_SHARE)
    rest = [placed for index, placed in enumerate(evidence.files) if index not in listed]
    grouped = _group(rest, room // _GROUPED_SHARE)
    unlisted = evidence.file_count - len(evidence.files)
    more = [f"… and {unlisted} more files that git names but Daybook does not keep"] if unlisted > 0 else []
    return "\n".join([*(lines[index] for index in sorted(listed)), *grouped, *more]) or "(no file)"


def _choose_listed(files: Sequence[Placed], lines: Sequence[str], room: int) -> set[int]:
    listed: set[int] = set()
    for index in sorted(range(len(files)), key=lambda index: weigh_file(files[index])):
        room -= estimate_tokens(f"{lines[index]}\n")
        if room < 0:
            break
        listed.add(index)
    return listed


def _group(files: Sequence[Placed], room: int) -> list[str]:
    """Sum files up by folder, as deep as there is room for; one line for all of them is always there."""
    grouped: list[str] = []
    for depth in (3, 2, 1, 0):
        folders: defaultdict[str, list[Placed]] = defaultdict(list)
        for placed in files:
            folders[name_folder(placed.file.path, depth)].append(placed)
        grouped = [_describe_folder(folder, folders[folder]) for folder in sorted(folders)]
        if sum(estimate_tokens(f"{line}\n") for line in grouped) <= room:
            break
    return grouped


def _describe_folder(folder: str, files: Sequence[Placed]) -> str:
    insertions = sum(placed.file.insertions or 0 for placed in files)
    deletions = sum(placed.file.deletions or 0 for placed in files)
    noun = "file" if len(files) == 1 else "files"
    where = f"under {_quote_path(folder)}/" if folder else "elsewhere"
    return f"… and {len(files)} more {noun} {where}: +{insertions} -{deletions}"


def describe_file(placed: Placed) -> str:
    """Describe one file in one line: git's status letter, the part it plays, its path, its lines."""
    file = placed.file
    moved = f" (was {_quote_path(file.old_path)})" if file.old_path and file.old_path != file.path else ""
    if file.submodule:
        size = "submodule"
    elif file.binary or file.insertions is None or file.deletions is None:
        size = "binary"
    else:
        size = f"+{file.insertions} -{file.deletions}"
    mode = f" mode {file.old_mode} to {file.mode}" if file.mode else ""
    return f"{file.status} {placed.place} {_quote_path(file.path)}{moved} {size}{mode}"


def _quote_path(path: str) -> str:
    r"""Write a path on one line: what cannot be printed in it stands as `\n`, `\x1b` and so on."""
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in path)


def weigh_file(placed: Placed) -> tuple[int, bool, bool, int, str]:
    """Give the key by which files are sorted, the most telling first: its part, then its size."""
    weight = next((rank for rank, places in enumerate(_WEIGHTS) if placed.place in places), len(_WEIGHTS))
    file = placed.file
    return weight, is_sideline(file.path), file.status == "D", -placed.lines, file.path


def is_shown(placed: Placed) -> bool:
    """Say whether a file's lines are worth showing: not those of lock files, vendored and generated ones."""
    return any(placed.place in places for places in _WEIGHTS)
