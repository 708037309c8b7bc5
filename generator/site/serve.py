"""Serve the built site on this machine as a host would, and build it again when something it is made from changes.

This module must not know how a site is built: it is handed what to call.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from os import PathLike
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from watchdog.events import (
    EVENT_TYPE_CLOSED_NO_WRITE,
    EVENT_TYPE_OPENED,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer

from generator.errors import SiteError
from generator.site.build import SITE, SOURCES

_READING = frozenset({EVENT_TYPE_OPENED, EVENT_TYPE_CLOSED_NO_WRITE})
# An editor writes a file in several steps, and an update many files.
_PAUSE = 0.5


def serve_site(
    root: Path, host: str, port: int, rebuild: Callable[[], None], site_url: str | None = None
) -> None:
    """Serve root/site until interrupted, under the path that `site_url` has; `rebuild` is called after changes.

    `rebuild` must not raise: a page that cannot be built leaves the site as it is.
    """
    with open_server(root / SITE, host, port, site_url) as server, watch_sources(root, rebuild):
        server.serve_forever()


@contextmanager
def open_server(
    site: Path, host: str, port: int, site_url: str | None = None
) -> Iterator[ThreadingHTTPServer]:
    """Open a server of a built site; port 0 takes any that is free.

    Raises SiteError where the address cannot be had.
    """
    prefix = urlsplit(site_url or "/").path
    try:
        opened = _Server((host, port), partial(_Handler, directory=str(site), prefix=prefix))
    except OSError as error:
        raise SiteError(
            f"{host}:{port} cannot be served: {error.strerror}", "Choose another --port."
        ) from None
    with opened as server:
        yield server


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a browser that left before it had all of a page."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, *arguments: Any, prefix: str, **options: Any) -> None:
        self._prefix = prefix
        super().__init__(*arguments, **options)

    def do_GET(self) -> None:
        """Answer as a host does that serves the site under a path of its own."""
        if _find_path(self.path) == "/" != self._prefix:
            self.send_response(HTTPStatus.FOUND)
            self.send_header("Location", self._prefix)
            self.send_header("Content-Length", "0")
            self.end_headers()
        else:
            super().do_GET()

    def translate_path(self, path: str) -> str:
        """Find the file of an address; `commit/<sha>` is `commit/<sha>.html`."""
        plain = _find_path(path)
        nowhere = str(Path(self.directory, "404", "outside"))
        if not plain.startswith(self._prefix):
            return nowhere
        found = super().translate_path("/" + plain.removeprefix(self._prefix))
        # Not by Path, which has errors for a name that no file can have: too long, or with a NUL.
        if os.path.exists(found):  # noqa: PTH110
            return found
        page = f"{found}.html"
        return page if not plain.endswith("/") and os.path.isfile(page) else nowhere  # noqa: PTH113

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer with the site's own page where nothing is found."""
        page = Path(self.directory, "404.html")
        if code != HTTPStatus.NOT_FOUND or not page.is_file():
            super().send_error(code, message, explain)
            return
        content = page.read_bytes()
        self.send_response(code)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def list_directory(self, path: str | PathLike[str]) -> None:  # noqa: ARG002
        """Show no folder: a host does not either."""
        self.send_error(HTTPStatus.NOT_FOUND)

    def end_headers(self) -> None:
        """Let the browser keep nothing: the next build may be a second away."""
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()

    def log_message(self, format: str, *arguments: Any) -> None:
        """Say nothing of every request."""


def _find_path(address: str) -> str:
    """Take the query off an address; not by urlsplit, which has errors for what anybody may ask."""
    return address.partition("?")[0].partition("#")[0]


@contextmanager
def watch_sources(root: Path, rebuild: Callable[[], None]) -> Iterator[None]:
    """Call `rebuild`, in a thread of its own, after each run of changes to what a site is made from.

    Raises SiteError where the system lets no more files be watched.
    """
    root = root.resolve()
    changes = _Changes(root)
    observer = Observer()
    observer.schedule(changes, str(root))
    for folder in (root / source for source in SOURCES):
        if folder.is_dir():
            observer.schedule(changes, str(folder), recursive=True)
    try:
        observer.start()
    except OSError as error:
        raise SiteError(
            f"changes cannot be watched: {error.strerror or error}",
            "Raise the system's limit (on Linux fs.inotify.max_user_watches), or run `daybook build` by hand.",
        ) from None
    follower = threading.Thread(target=changes.follow, args=(rebuild,), daemon=True)
    follower.start()
    try:
        yield
    finally:
        observer.stop()
        observer.join()
        changes.stop()
        follower.join()


class _Changes(FileSystemEventHandler):
    """Turns many small changes into one build."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._changed = threading.Event()
        self._stopped = False

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Note a change to something that a site is made from."""
        parts = Path(str(event.src_path)).relative_to(self._root).parts
        if (
            event.event_type not in _READING
            and parts[:1]
            and parts[0] in SOURCES
            and "__pycache__" not in parts
        ):
            self._changed.set()

    def follow(self, rebuild: Callable[[], None]) -> None:
        """Build after each run of changes, once it has ended, until stopped."""
        while self._changed.wait() and not self._stopped:
            while self._changed.is_set():
                self._changed.clear()
                self._changed.wait(_PAUSE)
            rebuild()

    def stop(self) -> None:
        """Let `follow` return."""
        self._stopped = True
        self._changed.set()
