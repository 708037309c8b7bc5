"""Talk to Pagefind's indexing service over its own pipe.

This module must not know what a commit is, or where an index is put: entries go in, named files come out.
The `pagefind` package's own client waits a tenth of a second before every answer, so that ten thousand entries
would take it a quarter of an hour; only its search for the program is used here.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from pagefind.service import get_executable

from generator.errors import SiteError

# Neither stemmed nor segmented by Pagefind: words.py has cut the text, for the index and for the query alike.
LANGUAGE = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that can be found. `content` and the values of `meta` are words separated by spaces."""

    url: str
    content: str
    meta: Mapping[str, str]
    filters: Mapping[str, Sequence[str]] = field(default_factory=dict)


class Indexer:
    """One run of Pagefind, which holds the index in memory until it is read or left.

    Raises SiteError when Pagefind is not there, refuses an entry or stops.
    """

    def __init__(self) -> None:
        program = get_executable()
        if program is None:
            raise SiteError("search index: Pagefind is not installed", "Install `pagefind[extended]`.")
        self._process = subprocess.Popen(
            [program, "--service"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self._number = 0

    def __enter__(self) -> Self:
        self._ask(type="NewIndex", config={"force_language": LANGUAGE})
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        self._process.terminate()
        self._process.wait()

    def add(self, entry: Entry) -> None:
        """Add one entry; a later entry with the same address takes its place."""
        self._ask(
            type="AddRecord",
            index_id=0,
            language=LANGUAGE,
            url=entry.url,
            content=entry.content,
            meta=dict(entry.meta),
            filters={name: list(values) for name, values in entry.filters.items()},
        )

    def read_files(self) -> Iterator[tuple[str, bytes]]:
        """Build the index and yield its files, each as its path inside the index and its bytes."""
        for file in self._ask(type="GetFiles", index_id=0)["files"]:
            yield file["path"], base64.b64decode(file["content"])

    def _ask(self, **payload: Any) -> dict[str, Any]:
        self._number += 1
        message = json.dumps({"message_id": self._number, "payload": payload}).encode()
        try:
            self._write(message)
            answer = json.loads(self._read())["payload"]
        except (OSError, ValueError) as error:
            raise SiteError(f"search index: Pagefind stopped: {error}", "Build again.") from error
        if answer["type"] == "Error":
            raise SiteError(f"search index: Pagefind refused: {answer['message']}", "Build again.")
        return dict(answer)

    def _write(self, message: bytes) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(base64.b64encode(message) + b",")
        self._process.stdin.flush()

    def _read(self) -> bytes:
        # Nothing is asked before the last answer is in, so a message always ends where the pipe runs dry.
        assert self._process.stdout is not None
        parts = []
        while part := os.read(self._process.stdout.fileno(), 1 << 20):
            parts.append(part)
            if part.endswith(b","):
                return base64.b64decode(b"".join(parts)[:-1])
        raise ValueError("it closed its pipe")
