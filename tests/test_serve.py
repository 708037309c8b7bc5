"""Serving a site on this machine: whatever is asked for gets an answer."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.sites import ServedSite, serve

MISSING = b"<!doctype html><title>not here</title>"


@pytest.fixture
def served(tmp_path: Path) -> Iterator[ServedSite]:
    site = tmp_path / "site"
    (site / "commit").mkdir(parents=True)
    (site / "404.html").write_bytes(MISSING)
    (site / "index.html").write_bytes(b"home")
    (site / "commit" / "abc.html").write_bytes(b"a commit" * 100_000)
    with serve(tmp_path, "https://example.org/daybook/") as opened:
        yield opened


def ask(served: ServedSite, target: str) -> tuple[int, bytes]:
    """Ask for what no browser would, as it stands."""
    connection = HTTPConnection("127.0.0.1", find_port(served), timeout=20)
    connection.putrequest("GET", target, skip_host=True)
    connection.endheaders()
    answer = connection.getresponse()
    status, body = answer.status, answer.read()
    connection.close()
    return status, body


def find_port(served: ServedSite) -> int:
    """Find the port that a site is served on."""
    return int(served.url.split(":")[2].partition("/")[0])


@pytest.mark.parametrize(
    "address",
    [
        "nothing",
        "%00",
        "a%00b.html",
        "commit/abc%00.html",
        "x" * 300,
        "x" * 252,
        f"{'x' * 5000}/{'y' * 5000}",
        "%ff%fe",
        "%ed%a0%80",
        "%zz",
        "commit/abc.html/",
        "..%2f..%2farchive.yml",
        "commit",
    ],
)
def test_address_that_no_file_can_have_is_answered_by_the_page_for_missing_ones(
    served: ServedSite, address: str
) -> None:
    status, body = ask(served, f"/daybook/{address}")
    assert status in (404, 301)
    if status == 301:
        status, body = ask(served, f"/daybook/{address}/")
    assert (status, body) == (404, MISSING)


@pytest.mark.parametrize("target", ["/", "/elsewhere", "http://[x/daybook/", "//[x", "?", "*"])
def test_address_outside_of_the_site_leads_to_it_or_nowhere(served: ServedSite, target: str) -> None:
    assert ask(served, target) in ((302, b""), (404, MISSING))


def test_page_is_found_with_its_ending_and_without_it(served: ServedSite) -> None:
    for address in ("commit/abc.html", "commit/abc", "commit/abc?q=%00#%00"):
        status, body = ask(served, f"/daybook/{address}")
        assert (status, body[:8]) == (200, b"a commit"), address


def test_browser_that_leaves_before_it_has_all_of_a_page_is_not_complained_about(
    served: ServedSite, capfd: pytest.CaptureFixture[str]
) -> None:
    for _ in range(20):
        with socket.create_connection(("127.0.0.1", find_port(served))) as leaving:
            leaving.sendall(b"GET /daybook/commit/abc HTTP/1.1\r\n\r\n")
            leaving.recv(10)
    # The server notices when it writes on.
    time.sleep(0.2)
    assert ask(served, "/daybook/")[0] == 200
    assert capfd.readouterr().err == ""
