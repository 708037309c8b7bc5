"""Run Daybook itself on repositories whose commits, paths and branches are hostile, and on a model that is so too."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from tests.loose import LooseRepository
from tests.model_archives import KEY, KEY_VALUE, name_item
from tests.model_server import Answer, Heard, ModelServer, complete, fill_form
from tests.page_archive import MadeArchive
from tests.sites import ROOT, write_archive

# Git allows each as the name of a branch.
BRANCHES = ('"><svg/onload=pwned(0)>', "<img/src=x/onerror=pwned(0)>", "';pwned(0);'{{7+7}}<!--</title>")
# git-check-ref-format(1).
_NO_REF = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|/\.|^[./-]|[./]$|\.lock(/|$)")
_START = 1_767_600_000
_A_DAY = 10
# Of every so many commits the model says nothing that could be used, so that the rules have the word.
_SILENT = 5
# The rest of a reply is in no language at all, and would be asked for again.
_ENGLISH = "Whoever follows this repository should read the whole of what it says before going on with anything else."
_IMPORTANCE = ("high", "medium", "low")
_HASH = re.compile(r"\b[0-9a-f]{7,12}\b")

Spell = Callable[[str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One commit that was made, and the hostile texts that are in all of it."""

    sha: str
    repository: str
    texts: tuple[str, ...]


def run_daybook(root: Path, texts: Sequence[tuple[str, ...]], spell: Spell) -> dict[str, Item]:
    """Make repositories whose commits hold these texts, update an archive from them by a model, and build its site.

    Every text has been through `spell`. Returns the commits by their markers.
    """
    write_archive(root, MadeArchive((), ()))
    items = dict(_write_commits(root / "upstream", [tuple(map(spell, one)) for one in texts]))
    names = sorted({item.repository for item in items.values()})
    with ModelServer(_answer_with(items)) as server:
        listed = "".join(f"- {{url: upstream/{name}, name: {name}}}\n" for name in names)
        (root / "archive.yml").write_text(
            "site: {url: https://example.org/daybook/}\nlanguage: en\nfirst_days: 366\n"
            f"repositories:\n{listed}analysis:\n  base_url: {server.url}\n  concurrency: 8\n"
            f"  models: [{{name: tiny, key: {KEY}, context: 100000}}]\n",
            encoding="utf-8",
        )
        _run(root, "update")
    _run(root, "build")
    return items


def _run(root: Path, *arguments: str) -> None:
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), KEY: KEY_VALUE}
    command = [sys.executable, "-m", "generator", "--quiet", *arguments]
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, check=False)
    assert done.returncode in (0, 3), done.stderr.decode("utf-8", "replace")


def _write_commits(folder: Path, texts: Sequence[tuple[str, ...]]) -> Iterator[tuple[str, Item]]:
    numbered = list(enumerate(texts, 1))
    for place, branch in enumerate(BRANCHES):
        name = f"ada/engine{place}"
        repository = LooseRepository(folder / name, branch)
        parents: list[str] = []
        for number, own in numbered[place :: len(BRANCHES)]:
            seconds = _START + number // _A_DAY * 86_400 + number
            parents = [_write_commit(repository, name_item(number), own, parents, seconds)]
            yield name_item(number), Item(sha=parents[0], repository=name, texts=own)
        repository.point(branch, *parents)
        tags = {text for _, own in numbered for text in own if not _NO_REF.search(text)}
        rows = sorted(f"{parents[0]} refs/tags/v{text}\n" for text in tags)
        (repository.folder / "packed-refs").write_text("".join(rows), encoding="utf-8")


def _write_commit(
    repository: LooseRepository, marker: str, texts: tuple[str, ...], parents: list[str], seconds: int
) -> str:
    first = " ".join(texts[0].split())
    whole = " ".join(" ".join(texts).split()).replace("\x00", "")
    body = "\n\n".join(texts)
    message = (
        f"{first} ({marker})\n\n{body}\n\nReviewed-by: {whole}\nCo-authored-by: {whole} <a@example.org>\n"
    )
    who = f"{whole} <a@example.org> {seconds} +0000"
    lines = [f"tree {_write_path(repository, whole, body)}", *(f"parent {parent}" for parent in parents)]
    return repository.write(
        "commit", "\n".join([*lines, f"author {who}", f"committer {who}", "", message]).encode()
    )


def _write_path(repository: LooseRepository, path: str, content: str) -> str:
    """Write a file at a path that may hold anything but what parts it, and return the tree."""
    sha, mode = repository.write("blob", f"{content}\n".encode()), "100644"
    names = [name for name in path.split("/") if name not in ("", ".", "..")]
    for name in reversed(names):
        sha, mode = repository.write_tree({name.encode(): (mode, sha)}), "40000"
    return sha


def _answer_with(items: dict[str, Item]) -> Callable[[Heard], Answer]:
    """Answer in the form that is asked for, with a commit's texts in each of its fields."""

    def answer(heard: Heard) -> Answer:
        if heard.sort == "digest":
            return Answer(body=complete(json.dumps({"lines": list(_write_lines(items, heard))})))
        if int(heard.item[-4:]) % _SILENT == 0:
            return Answer(body=complete("{}"))
        texts = items[heard.item].texts
        numbers = count()

        def turn() -> str:
            place = next(numbers) % len(texts)
            return " ".join((*texts[place:], *texts[:place]))

        form = fill_form(heard) | {"importance": _IMPORTANCE[int(heard.item[-4:]) % len(_IMPORTANCE)]}
        return Answer(body=complete(json.dumps(_fill(form, turn))))

    return answer


def _fill(form: dict[str, Any], turn: Callable[[], str]) -> dict[str, Any]:
    return form | {
        "summary": turn(),
        "importance_reason": turn(),
        "impact": [*form["impact"], *({"place": turn(), "note": turn()} for _ in range(3))],
        "insight": {"architecture": turn(), "performance": turn(), "security": turn()},
        "risks": [turn(), turn()],
        "advice": [turn(), _ENGLISH, _ENGLISH.replace("Whoever", "Anybody who")],
        "breaking": {"evidence": turn(), "answer": "yes"},
    }


def _write_lines(items: dict[str, Item], heard: Heard) -> Iterator[dict[str, Any]]:
    for name in dict.fromkeys(_HASH.findall(heard.messages[1])):
        for item in items.values():
            if item.sha.startswith(name):
                yield {"commits": [name], "text": item.texts[0]}
