"""Make drafts into the commits of a bare repository, through one git-fast-import(1) that runs as long as it is needed.

This module must not know what an archive is. Contents are as small as a file can be, but for the days that a run
will collect: there, files have hundreds of lines and each change is as large as its draft says.
"""

from __future__ import annotations

import random
import subprocess
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from benchmarks.drafting import Draft, Touch
from benchmarks.wording import make_words


class Importer:
    """Writes the commits of one repository; each draft has its SHA when the method that was given it returns."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self._folder = folder
        command = ["git", "init", "--quiet", "--bare", "--initial-branch=main", "--template=", str(folder)]
        subprocess.run(command, check=True)
        arguments = ["git", "-C", str(folder), "fast-import", "--quiet", "--done", "--force"]
        self._process = subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._into, self._answers = self._process.stdin, self._process.stdout
        self._mark = 0
        self._tip = 0
        self._texts: dict[str, list[str]] = {}
        self._is_large = False

    def write_day(self, drafts: Iterable[Draft], ref: str, extra: Iterable[str] = ()) -> None:
        """Write the commits of a day onto `ref`; the last one also gives the files `extra` hundreds of lines."""
        drafts = list(drafts)
        for draft in drafts:
            start = self._tip
            for side in draft.side:
                self._write(side, ref, [self._tip] if self._tip else [])
            tips = [start, self._tip] if draft.side else [start]
            self._write(draft, ref, [tip for tip in tips if tip], extra if draft is drafts[-1] else ())
        self._learn(side for draft in drafts for side in (*draft.side, draft))

    def grow(self) -> None:
        """From here on, contents are as large as drafts say."""
        self._is_large = True

    def close(self, ref: str, draft: Draft) -> None:
        """Point a branch at a commit, and end."""
        self._into.write(b"reset %s\nfrom :%d\n\ndone\n" % (ref.encode(), draft.mark))
        self._into.close()
        self._answers.close()
        if self._process.wait():
            raise subprocess.CalledProcessError(self._process.returncode, "git fast-import")
        # As git itself does since 2.41, and hosts do: what a server reads of a pack must not hang on the pack's size.
        for pack in self._folder.glob("objects/pack/*.pack"):
            subprocess.run(["git", "index-pack", "--rev-index", str(pack)], check=True, capture_output=True)

    def _write(self, draft: Draft, ref: str, parents: list[int], extra: Iterable[str] = ()) -> None:
        self._mark += 1
        draft.mark = self._tip = self._mark
        if draft.reverts is not None:
            self._learn([draft.reverts])
            words = f"This reverts commit {draft.reverts.sha}."
            draft.body = "\n\n".join(filter(None, (words, draft.body)))
        lines = [f"commit {ref}\nmark :{draft.mark}\n"]
        for role, name, moment in (
            ("author", draft.author, draft.written),
            ("committer", draft.committer, draft.committed),
        ):
            lines.append(f"{role} {name} <someone@example.org> {int(moment.timestamp())} {moment:%z}\n")
        message = f"{draft.subject}\n\n{draft.body}".strip() + "\n"
        stream = bytearray("".join(lines).encode() + _data(message))
        for position, parent in enumerate(parents):
            stream += b"%s :%d\n" % (b"merge" if position else b"from", parent)
        for touch in draft.touches:
            stream += self._change(touch, draft)
        for path in extra:
            stream += b"M 100644 inline %s\n" % path.encode() + _data("".join(self._find_text(path)))
        self._into.write(stream)

    def _change(self, touch: Touch, draft: Draft) -> bytes:
        path = touch.path.encode()
        if touch.status == "D":
            return b"D %s\n" % path
        gone = b"D %s\n" % touch.old_path.encode() if touch.old_path else b""
        return gone + b"M 100644 inline %s\n" % path + _data(self._make_content(touch, draft))

    def _make_content(self, touch: Touch, draft: Draft) -> str:
        if not self._is_large:
            # Of a merge, what its branch said last.
            writer = next((s for s in reversed(draft.side) if touch in s.touches), draft)
            return f"{writer.mark} {touch.path}\n"
        if not draft.side:
            self._edit(touch)
        return "".join(self._texts[touch.path])

    def _edit(self, touch: Touch) -> None:
        text = [] if touch.status == "A" else self._find_text(touch.old_path or touch.path)
        chance = random.Random(f"{touch.path} {touch.insertions}")
        hunks = min(8, 1 + touch.insertions // 20)
        for hunk in range(hunks):
            place = chance.randrange(len(text) + 1)
            share = [
                count * (hunk + 1) // hunks - count * hunk // hunks
                for count in (touch.deletions, touch.insertions)
            ]
            text[place : place + share[0]] = _draw_lines(chance, share[1])
        self._texts[touch.path] = text

    def _find_text(self, path: str) -> list[str]:
        if path not in self._texts:
            chance = random.Random(path)
            self._texts[path] = _draw_lines(chance, chance.randint(60, 700))
        return self._texts[path]

    def _learn(self, drafts: Iterable[Draft]) -> None:
        """Ask for the SHAs of commits that are written."""
        unknown = [draft for draft in drafts if not draft.sha]
        # A pipe holds some fifteen hundred answers.
        for start in range(0, len(unknown), 1000):
            part = unknown[start : start + 1000]
            self._into.write(b"".join(b"get-mark :%d\n" % draft.mark for draft in part))
            self._into.flush()
            for draft in part:
                draft.sha = self._answers.readline().decode().strip()


def find_touched(days: Iterable[Iterable[Draft]]) -> list[str]:
    """Find the files that these days change and did not make themselves, by the paths they have before."""
    made: set[str] = set()
    found: dict[str, None] = {}
    for draft in (each for day in days for landing in day for each in (*landing.side, landing)):
        for touch in draft.touches if not draft.side else ():
            before = touch.old_path or touch.path
            if touch.status != "A" and before not in made:
                found[before] = None
            made.add(touch.path)
    return list(found)


@cache
def _list_lines() -> list[str]:
    chance = random.Random(11)
    return [_make_line(chance) for _ in range(30_000)]


def _draw_lines(chance: random.Random, number: int) -> list[str]:
    """Draw lines that stand together: made once, because new days have a million of them."""
    lines = _list_lines()
    place = chance.randrange(len(lines))
    return (lines[place:] + lines * (1 + number // len(lines)))[:number] if number else []


def _make_line(chance: random.Random) -> str:
    first, *words = make_words(chance, chance.randint(2, 9))
    indent = "    " * chance.choice((0, 1, 1, 2, 2, 3))
    kind = chance.random()
    if kind < 0.04:
        return f"def {first}({', '.join(words[:4])}):\n"
    return f"{indent}{first} = {'.'.join(words)}\n" if kind < 0.5 else f"{indent}{first}({' '.join(words)})\n"


def _data(text: str) -> bytes:
    content = text.encode()
    return b"data %d\n%s\n" % (len(content), content)
