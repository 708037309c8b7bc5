"""Open pages in a real browser, and keep what it complains about."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, sync_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge")
_PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
)


@dataclass
class Visit:
    """One open page, and all that went wrong on it since it was opened."""

    page: Page
    complaints: list[str] = field(default_factory=list)

    def note_message(self, message: ConsoleMessage) -> None:
        """Keep errors and warnings; a violated Content-Security-Policy is an error too."""
        # The address of a missing page answers with 404, as it should.
        if message.type in ("error", "warning") and "status of 404" not in message.text:
            self.complaints.append(message.text)

    def note_request(self, request: Request) -> None:
        """Keep what is asked of another host."""
        if not request.url.startswith(("http://127.0.0.1:", "data:", "blob:", "file:")):
            self.complaints.append(f"asked {request.url}")


def find_browser() -> str | None:
    """Find an installed Chrome or Chromium."""
    found = (shutil.which(name) for name in _NAMES)
    return next(filter(None, found), None) or next(
        (place for place in _PLACES if Path(place).is_file()), None
    )


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start the browser; without one the test is skipped, but not in CI.

    For one file of tests: as long as it is open an event loop runs in this thread, and other tests need their own.
    """
    program = find_browser()
    if program is None and "CI" in os.environ:
        pytest.fail("no Chrome or Chromium is installed, and CI must not skip the browser tests")
    if program is None:
        pytest.skip("no Chrome or Chromium is installed")
    # Chromium's sandbox refuses to run as root, as in most containers.
    arguments = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=arguments)
        yield started
        started.close()


def attend(page: Page) -> Visit:
    """Keep what goes wrong on a page from now on."""
    opened = Visit(page)
    page.on("console", opened.note_message)
    page.on("pageerror", lambda error: opened.complaints.append(str(error)))
    page.on("request", opened.note_request)
    page.on("dialog", lambda dialog: opened.complaints.append(f"dialog {dialog.message}"))
    return opened


@contextmanager
def visit(browser: Browser, url: str, *, width: int = 1280, scheme: str = "light") -> Iterator[Visit]:
    """Open a page in a browser profile of its own."""
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme="dark" if scheme == "dark" else "light"
    )
    opened = attend(context.new_page())
    opened.page.goto(url)
    yield opened
    context.close()
