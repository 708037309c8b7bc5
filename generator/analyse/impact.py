"""List the places that a commit touches, the most changed source first, with what happened there.

This module must not name a path that is not among the commit's files.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from generator.analyse.evidence import Evidence, Placed
from generator.analyse.manifests import Requirement
from generator.analyse.names import Name
from generator.analyse.paths import Place, name_folder
from generator.analyse.plain import clip, fold
from generator.analyse.wording import Wording
from generator.records import Impact

_MOST_ENTRIES = 8
_MOST_FILES = 5
_MOST_NAMES = 3
_NOTE_ROOM = 280
# git itself takes longer paths, but no file system does.
_PATH_ROOM = 4096

# What runs comes before what tests it, what tests it before what describes it, and what nobody wrote comes
# last.
_RANKS = {
    **dict.fromkeys((Place.SOURCE, Place.MIGRATION, Place.SCHEMA), 0),
    **dict.fromkeys((Place.MANIFEST, Place.CONFIG, Place.BUILD), 1),
    **dict.fromkeys((Place.TEST, Place.BENCHMARK, Place.EXAMPLE), 2),
    **dict.fromkeys((Place.CI, Place.DOCS), 3),
    **dict.fromkeys((Place.ASSET, Place.HOUSEKEEPING), 4),
    **dict.fromkeys((Place.LOCK, Place.GENERATED), 5),
}


def find_impact(evidence: Evidence, words: Wording) -> tuple[Impact, ...]:
    """List single files, and the rest of a long list by folder."""
    files = rank_files(evidence.files)
    single = files if len(files) <= _MOST_ENTRIES else files[:_MOST_FILES]
    noted = [_note_file(placed, evidence, words) for placed in single]
    for folder, members in _group(files[len(single) :], _MOST_ENTRIES - len(noted), words):
        noted.append(Impact(component=folder, note=_describe_group(members, words)))
    return tuple(noted)


def _note_file(placed: Placed, evidence: Evidence, words: Wording) -> Impact:
    path, note = placed.file.path, _describe_file(placed, evidence, words)
    if len(path) > _PATH_ROOM:
        return Impact(component=clip(fold(path), _PATH_ROOM), note=note)
    return Impact(path=path, note=note)


def describe_requirement(requirement: Requirement, words: Wording) -> str:
    """Describe one changed requirement: "torch 2.1 → 2.2"."""
    name, old, new = words.code(requirement.name), requirement.old, requirement.new
    if old is None:
        return words.say("requirement_added", name=name, new=new or "").rstrip()
    if new is None:
        return words.say("requirement_gone", name=name)
    anything = words.say("any_version")
    if requirement.sort == "own":
        return words.say("requirement_own", old=old or anything, new=new or anything)
    return words.say("requirement", name=name, old=old or anything, new=new or anything)


def rank_files(files: Iterable[Placed]) -> list[Placed]:
    """Sort files by the part they play, then by changed lines, then by path."""
    return sorted(files, key=lambda placed: (_RANKS[placed.place], -placed.lines, placed.file.path))


def list_folders(files: Iterable[Placed]) -> list[str]:
    """List the folders of files, the most changed first; empty stands for the repository's root."""
    weights: defaultdict[str, int] = defaultdict(int)
    for placed in files:
        weights[name_folder(placed.file.path)] += placed.lines + 1
    return sorted(weights, key=lambda folder: (-weights[folder], folder))


def _group(files: list[Placed], most: int, words: Wording) -> list[tuple[str, list[Placed]]]:
    """Gather files in at most `most` folders, as deep as that allows; what is left over comes last."""
    groups: defaultdict[str, list[Placed]] = defaultdict(list)
    for depth in (3, 2, 1):
        groups = defaultdict(list)
        for placed in files:
            folder = fold(name_folder(placed.file.path, depth))
            groups[folder or words.say("folder_root")].append(placed)
        if len(groups) <= most:
            break
    ordered = sorted(groups.items(), key=lambda group: (-sum(p.lines for p in group[1]), group[0]))
    if len(ordered) <= most:
        return ordered
    rest = [placed for _, members in ordered[most - 1 :] for placed in members]
    return [*ordered[: most - 1], (words.say("folder_elsewhere"), rest)]


def _describe_group(members: list[Placed], words: Wording) -> str:
    insertions = sum(placed.file.insertions or 0 for placed in members)
    deletions = sum(placed.file.deletions or 0 for placed in members)
    note = words.say(
        "note_group",
        files=words.count("file", len(members)),
        lines=words.lines(insertions, deletions),
        names=words.list_names((placed.file.path.rpartition("/")[2] for placed in members), _MOST_NAMES),
    )
    return clip(note, _NOTE_ROOM)


def _describe_file(placed: Placed, evidence: Evidence, words: Wording) -> str:
    parts = [*_describe_change(placed, words), *_describe_content(placed.file.path, evidence, words)]
    return clip(words.say("note_separator").join(parts), _NOTE_ROOM) or words.say(f"place_{placed.place}")


def _describe_change(placed: Placed, words: Wording) -> Iterator[str]:
    file = placed.file
    place = "" if placed.place is Place.SOURCE else words.say(f"place_{placed.place}")
    happened = {
        "A": "note_added",
        "D": "note_deleted",
        "R": "note_renamed",
        "C": "note_copied",
        "T": "note_type",
    }.get(file.status)
    counted = words.lines(file.insertions or 0, file.deletions or 0) if placed.lines else ""
    told = words.say(happened, old=words.code(file.old_path or "")) if happened else ""
    first = words.say("comma").join(part for part in (place, told, counted) if part)
    yield from [first] if first else []
    if file.submodule or file.binary:
        yield words.say("note_submodule" if file.submodule else "note_binary")
    if file.old_mode and file.mode:
        yield words.say("note_mode", old=file.old_mode, new=file.mode)


def _describe_content(path: str, evidence: Evidence, words: Wording) -> Iterator[str]:
    names, switches = evidence.names, evidence.switches
    yield from _list("note_names_removed", _at(path, names.removed), words)
    yield from _list("note_names_added", _at(path, names.added), words)
    yield from _list("note_names_changed", [c.name for c in names.changed if c.path == path], words)
    yield from _list("note_names_moved", [m.name for m in names.moved if m.path == path], words)
    yield from _list("note_switches_removed", [s.name for s in switches.removed if s.path == path], words)
    yield from _list("note_switches_added", [s.name for s in switches.added if s.path == path], words)
    defaults = [new.default for new in evidence.defaults if new.path == path]
    yield from _list("note_defaults", [f"{d.name}: {d.old} → {d.new}" for d in defaults], words)
    changed = [describe_requirement(r, words) for r in evidence.requirements if r.path == path]
    if changed:
        yield words.say("note_requirements", names=words.list_texts(changed, _MOST_NAMES))


def _at(path: str, names: Iterable[Name]) -> list[str]:
    return [name.name for name in names if name.path == path]


def _list(key: str, names: list[str], words: Wording) -> Iterator[str]:
    if names:
        yield words.say(key, names=words.list_names(names, _MOST_NAMES))
