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
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib import metadata
from types import TracebackType
from typing import Any, Self

from pagefind.service import get_executable

from generator.errors import SiteError

# Neither stemmed nor segmented by Pagefind: words.py has cut the text, for the index and for the query alike.
LANGUAGE = "unknown"
# So many places of words to a file of the index; a word's own are never split. A reader loads one file a word and
# shard, and Pagefind's own 20,000 make it 27 KB of which a rare word is a few bytes.
_CHUNK = 5_000
# So many answers may be outstanding: Pagefind reads an entry while the next one is being made.
_MOST_UNREAD = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that can be found. `content` and the values of `meta` are words separated by spaces."""

    url: str
    content: str
    meta: Mapping[str, str]


def find_version() -> str:
    """Say which Pagefind writes the index: its programs read no other's."""
    return metadata.version("pagefind")


class Indexer:
    """One run of Pagefind, which holds the index in memory until it is read or left: 0.1 MB an entry.

    Raises SiteError when Pagefind is not there, refuses an entry or stops.
    """

    def __init__(self) -> None:
        program = get_executable()
        if program is None:
            raise SiteError("search index: Pagefind is not installed", "Install `pagefind[extended]`.")
        # No other variable: Pagefind takes any setting from one that begins with PAGEFIND_.
        self._process = subprocess.Popen(
            [program, "--service"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"PAGEFIND_UNSTABLE_INDEX_CHUNK_SIZE": str(_CHUNK)},
        )
        self._answers = self._read_answers()
        self._number = 0
        self._unread = 0

    def __enter__(self) -> Self:
        self._ask(type="NewIndex", config={"force_language": LANGUAGE})
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                _close(pipe)

    def add(self, entry: Entry) -> None:
        """Add one entry; a later entry with the same address takes its place.

        That Pagefind refused it may be raised by a later call.
        """
        self._send(
            type="AddRecord",
            index_id=0,
            language=LANGUAGE,
            url=entry.url,
            content=entry.content,
            meta=dict(entry.meta),
        )
        while self._unread > _MOST_UNREAD:
            self._receive()

    def read_files(self) -> Iterator[tuple[str, bytes]]:
        """Build the index and yield its files, each as its path inside the index and its bytes.

        They come through the pipe, because Pagefind 1.5.2 says that it wrote a file before it has.
        """
        for file in self._ask(type="GetFiles", index_id=0)["files"]:
            yield file["path"], base64.b64decode(file["content"])

    def _ask(self, **payload: Any) -> dict[str, Any]:
        self._send(**payload)
        while self._unread > 1:
            self._receive()
        return self._receive()

    def _send(self, **payload: Any) -> None:
        assert self._process.stdin is not None
        self._number += 1
        message = json.dumps({"message_id": self._number, "payload": payload}).encode()
        try:
            self._process.stdin.write(base64.b64encode(message) + b",")
        except OSError as error:
            raise _stopped(error) from error
        self._unread += 1

    def _receive(self) -> dict[str, Any]:
        assert self._process.stdin is not None
        try:
            self._process.stdin.flush()
            answer = next(self._answers)
        except (OSError, ValueError) as error:
            raise _stopped(error) from error
        self._unread -= 1
        if answer["type"] == "Error":
            raise SiteError(f"search index: Pagefind refused: {answer['message']}", "Build again.")
        return answer

    def _read_answers(self) -> Iterator[dict[str, Any]]:
        assert self._process.stdout is not None
        unfinished: list[bytes] = []
        while part := os.read(self._process.stdout.fileno(), 1 << 20):
            *finished, rest = part.split(b",")
            for piece in finished:
                unfinished.append(piece)
                yield json.loads(base64.b64decode(b"".join(unfinished)))["payload"]
                unfinished.clear()
            unfinished.append(rest)
        raise ValueError("it closed its pipe")


def _stopped(error: Exception) -> SiteError:
    return SiteError(f"search index: Pagefind stopped: {error}", "Build again.")


def _close(pipe: Any) -> None:
    # What was still to be sent to a Pagefind that has gone is no loss.
    with suppress(OSError):
        pipe.close()
