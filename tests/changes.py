"""Make commits as the collector hands them on, from a few lines of text, for the tests of the analyser."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import dedent
from typing import Literal

from generator.patches import Change, Patch
from generator.records import Facts, FileChange, Nature, Signature, Totals, Trailer

SHA = "a" * 40
ADA = Signature(name="Ada Lovelace", date="2026-01-06T10:00:00+08:00")

Status = Literal["A", "C", "D", "M", "R", "T"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One changed file and its patch; None where git prints none."""

    file: FileChange
    patch: Patch | None = None


def edit(
    path: str, text: str = "", *, status: Status = "M", old_path: str | None = None, complete: bool = True
) -> Edit:
    """Change a file by the lines of `text`, which begin with +, - or a blank; a hunk's heading may stand first."""
    lines = dedent(text).strip("\n")
    patch = lines if lines.startswith("@@") else f"@@ -1 +1 @@\n{lines}"
    counted = lines.split("\n")
    return Edit(
        file=FileChange(
            status=status,
            path=path,
            old_path=old_path,
            insertions=sum(line.startswith("+") for line in counted),
            deletions=sum(line.startswith("-") for line in counted),
        ),
        patch=Patch(path=path, text=patch, complete=complete) if lines else None,
    )


def grow(path: str, insertions: int, deletions: int = 0, *, status: Status = "M") -> Edit:
    """Change a file by so many lines that say nothing."""
    return edit(path, "-    old()\n" * deletions + "+    new()\n" * insertions, status=status)


def touch_binary(path: str) -> Edit:
    """Change a binary file."""
    return Edit(file=FileChange(status="M", path=path, binary=True))


def make_change(
    subject: str = "",
    *edits: Edit,
    body: str = "",
    trailers: tuple[tuple[str, str], ...] = (),
    parents: int = 1,
    nature: Nature = Nature.CHANGE,
    pull_request: int | None = None,
    reverts: tuple[str, ...] = (),
) -> Change:
    """Put a commit together; its totals are the sums over the edits."""
    files = tuple(one.file for one in edits)
    facts = Facts(
        sha=SHA,
        parents=tuple(f"{number + 1:040x}" for number in range(parents)),
        subject=subject,
        body=body,
        trailers=tuple(Trailer(key=key, value=value) for key, value in trailers),
        author=ADA,
        committer=ADA,
        co_authors=(),
        nature=nature,
        files=files,
        totals=Totals(
            files=len(files),
            insertions=sum(file.insertions or 0 for file in files),
            deletions=sum(file.deletions or 0 for file in files),
        ),
        pull_request=pull_request,
        reverts=reverts,
    )
    return Change(facts=facts, patches=tuple(one.patch for one in edits if one.patch is not None))
