"""Search a built site in a real browser that has never seen it, and count what comes over the wire.

This module must not know how the index is made. It serves the files itself, because a browser does not tell a page
what its workers load.
"""

from __future__ import annotations

import gzip
import os
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from tests.browser import find_browser

# What every host compresses on its way; Pagefind's files are compressed already.
_COMPRESSED = (".html", ".js", ".css", ".json", ".svg", ".xml", ".wasm")
_ROUNDS = 5


@dataclass(slots=True)
class Transfer:
    """What was sent: bodies in bytes, as a host sends them, and as they lie on the disk; and how many of them."""

    sent: int = 0
    plain: int = 0
    requests: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, path: Path, content: bytes) -> None:
        """Count one answer."""
        sent = len(gzip.compress(content)) if path.suffix in _COMPRESSED else len(content)
        with self.lock:
            self.sent, self.plain, self.requests = (
                self.sent + sent,
                self.plain + len(content),
                self.requests + 1,
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Searched:
    """One search from the home page: bytes of the page, bytes from the first letter to the first result, seconds."""

    query: str
    page: int
    sent: int
    plain: int
    requests: int
    seconds: float


def measure_searches(site: Path, queries: tuple[str, ...]) -> list[Searched]:
    """Search for each of the queries in a browser without a cache; several times, and give the median's numbers."""
    program = find_browser()
    if program is None:
        return []
    arguments = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with sync_playwright() as playwright, _serve(site) as (url, transfer):
        browser = playwright.chromium.launch(executable_path=program, args=arguments)
        found = []
        for query in queries:
            runs = [_search(browser, url, transfer, query) for _ in range(_ROUNDS)]
            middle = statistics.median_low(run.seconds for run in runs)
            # The bytes of the run that took most: how much a browser loads ahead is a matter of chance.
            most = max(runs, key=lambda run: run.sent)
            found.append(
                Searched(
                    query=query,
                    page=most.page,
                    sent=most.sent,
                    plain=most.plain,
                    requests=most.requests,
                    seconds=middle,
                )
            )
        browser.close()
    return found


def _search(browser: Browser, url: str, transfer: Transfer, query: str) -> Searched:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    before = transfer.sent
    page.goto(url, wait_until="networkidle")
    own = transfer.sent - before
    sent, plain, requests, start = transfer.sent, transfer.plain, transfer.requests, time.perf_counter()
    page.locator(".md-search__input").fill(query)
    page.wait_for_selector(".md-search-result__list a", state="attached")
    seconds = time.perf_counter() - start
    searched = Searched(
        query=query,
        page=own,
        sent=transfer.sent - sent,
        plain=transfer.plain - plain,
        requests=transfer.requests - requests,
        seconds=seconds,
    )
    context.close()
    return searched


@contextmanager
def _serve(site: Path) -> Iterator[tuple[str, Transfer]]:
    transfer = Transfer()
    handler = partial(_Handler, transfer=transfer, directory=str(site))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/", transfer
        server.shutdown()
        thread.join()


class _Handler(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, *arguments: Any, transfer: Transfer, **options: Any) -> None:
        self._transfer = transfer
        super().__init__(*arguments, **options)

    def do_GET(self) -> None:
        """Answer with a file, and count it before it is sent."""
        path = Path(self.translate_path(self.path))
        path = path / "index.html" if path.is_dir() else path
        content = path.read_bytes() if path.is_file() else b""
        if content:
            self._transfer.note(path, content)
        self.send_response(HTTPStatus.OK if content else HTTPStatus.NOT_FOUND)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Say nothing."""
