"""Ask Pagefind's indexing service for an index over its own pipe.

This module must not know what a commit is, or where an index is put: named files come out.
The `pagefind` package's own client waits a tenth of a second before every answer; only its search for the program is
used here.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
from importlib import metadata
from types import TracebackType
from typing import Any, Self

from pagefind.service import get_executable

from generator.errors import SiteError

# Neither stemmed nor segmented by Pagefind: words.py has cut the text, for the index and for the query alike.
LANGUAGE = "unknown"


def find_version() -> str:
    """Say which Pagefind the programs are from: they read no other's index."""
    return metadata.version("pagefind")


class Indexer:
    """One run of Pagefind. Raises SiteError when it is not there, refuses what it is asked, or stops."""

    def __init__(self) -> None:
        program = get_executable()
        if program is None:
            raise SiteError("search index: Pagefind is not installed", "Install `pagefind[extended]`.")
        self._process = subprocess.Popen(
            [program, "--service"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            # No variable: Pagefind takes any setting from one that begins with PAGEFIND_.
            env={},
        )
        self._number = 0
        self._unread = b""

    def __enter__(self) -> Self:
        self.ask(type="NewIndex", config={"force_language": LANGUAGE})
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.communicate()

    def read_files(self) -> dict[str, bytes]:
        """Build the index and read its files: the path of each inside the index, and its bytes.

        They come through the pipe, because Pagefind 1.5.2 says that it wrote a file before it has.
        """
        files = self.ask(type="GetFiles", index_id=0)["files"]
        return {file["path"]: base64.b64decode(file["content"]) for file in files}

    def ask(self, **payload: Any) -> dict[str, Any]:
        """Ask for one thing and wait for the answer."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._number += 1
        message = json.dumps({"message_id": self._number, "payload": payload}).encode()
        try:
            self._process.stdin.write(base64.b64encode(message) + b",")
            self._process.stdin.flush()
            while b"," not in self._unread:
                part = os.read(self._process.stdout.fileno(), 1 << 20)
                if not part:
                    raise EOFError("it closed its pipe")
                self._unread += part
        except (OSError, EOFError) as error:
            raise SiteError(f"search index: Pagefind stopped: {error}", "Build again.") from error
        first, _, self._unread = self._unread.partition(b",")
        answer: dict[str, Any] = json.loads(base64.b64decode(first))["payload"]
        if answer["type"] == "Error":
            raise SiteError(f"search index: Pagefind refused: {answer['message']}", "Build again.")
        return answer
