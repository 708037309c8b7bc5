"""Building and serving a site: all of it or none, and again when something changes."""

from __future__ import annotations

import http.client
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from generator.errors import SiteError
from generator.site.serve import watch_sources
from tests.page_archive import name_sha
from tests.sites import ROOT, TABLES, ServedSite, build, join, make_tables, serve, write_archive

COMMIT = f"{TABLES}/commit/{name_sha(0xA11CE)}"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build a small archive, of which each test gets a copy."""
    root = write_archive(tmp_path_factory.mktemp("built"), join([make_tables()]))
    build(root)
    return root


@pytest.fixture
def root(built: Path, tmp_path: Path) -> Path:
    """Copy the built archive."""
    return Path(shutil.copytree(built, tmp_path / "archive"))


def read_files(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def read_site(root: Path) -> dict[str, bytes]:
    return read_files(root / "site")


def write_page(root: Path, name: str, content: str, title: str = "x") -> None:
    (root / "docs" / name).write_text(f'---\ntitle: "{title}"\n---\n{content}\n', encoding="utf-8")


def test_site_is_built_once_and_then_only_after_a_change(root: Path) -> None:
    before = (root / "site" / "index.html").stat().st_mtime_ns
    assert build(root).files == 0
    write_page(root, "new.md", "# New")
    assert build(root).pages == 1
    assert (root / "site" / "new.html").is_file()
    assert (root / "site" / "index.html").stat().st_mtime_ns == before


def test_same_pages_give_the_same_bytes(root: Path) -> None:
    first = read_site(root)
    shutil.rmtree(root / "site")
    pages = build(root, full=True).pages
    assert pages == len(list((root / "docs").rglob("*.md")))
    assert read_site(root) == first
    assert len(first) > 20


def test_failed_build_names_the_page_and_leaves_the_old_site_as_it_was(root: Path) -> None:
    before = read_site(root)
    write_page(root, "bad.md", "# Bad\n\n[nowhere](nowhere.md)")
    with pytest.raises(SiteError) as caught:
        build(root)
    assert "'bad.md' contains a link 'nowhere.md'" in caught.value.fact
    assert read_site(root) == before
    (root / "docs" / "bad.md").unlink()
    assert build(root).files == 0


def test_guard_refuses_planted_things_with_page_and_reason_all_in_one_run(root: Path) -> None:
    before = read_site(root)
    write_page(root, "a.md", "# A\n\n<script>alert(1)</script>\n\n[x](javascript:alert(1))")
    write_page(root, "b.md", '# B\n\n<p onclick="alert(1)" style="color: red">x</p>')
    write_page(root, "c.md", "# C\n\n![x](https://evil.example/x.png)", title="x</title><script>1</script>")
    (root / "docs" / "d.md").write_text("# D\n")
    with pytest.raises(SiteError) as caught:
        build(root)
    told = [line.strip() for line in caught.value.fact.splitlines()]
    assert [line for line in told if line.startswith(("a.md", "b.md", "c.md", "d.md"))] == [
        "a.md: element <script> is not on the list",
        "a.md: link to 'javascript:alert(1)'",
        "b.md: attribute onclick of <p> is not on the list",
        "b.md: attribute style of <p> is not on the list",
        "c.md: title holds markup: 'x</title><script>1</script>'",
        "c.md: <img> from 'https://evil.example/x.png'",
        "d.md: front matter: there is no title",
    ]
    assert read_site(root) == before


def test_script_in_a_template_is_refused_on_every_page(root: Path) -> None:
    template = root / "overrides" / "commit.html"
    template.write_text(template.read_text() + "{% block hero %}<script>alert(1)</script>{% endblock %}")
    with pytest.raises(SiteError) as caught:
        build(root)
    assert (
        f"{COMMIT}.md: script '<script>alert(1)</script>' is not one of the site's own" in caught.value.fact
    )


def test_front_matter_that_leads_nowhere_is_refused(root: Path) -> None:
    day = f"{TABLES}/2026/03/10.md"
    page = root / "docs" / day
    page.write_text(page.read_text().replace(f'"{TABLES}/2026/03/index.md"', f'"{TABLES}/2026/04/index.md"'))
    with pytest.raises(SiteError) as caught:
        build(root)
    assert (
        f"{day}: its front matter leads to '{TABLES}/2026/04/index.md', which is no page" in caught.value.fact
    )


def test_markdown_extension_that_gives_meaning_to_text_is_refused(root: Path) -> None:
    settings = root / "mkdocs.yml"
    settings.write_text(settings.read_text().replace("  - tables:\n", "  - attr_list\n  - tables:\n"))
    with pytest.raises(SiteError) as caught:
        build(root)
    assert "'attr_list' is not safe on generated pages" in caught.value.fact


def test_plain_mkdocs_builds_the_same_site_with_its_search(root: Path) -> None:
    build(root)
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "NO_MKDOCS_2_WARNING": "1"}
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", "plain"]
    subprocess.run(command, cwd=root, env=environment, check=True, capture_output=True)
    plain, site = read_files(root / "plain"), read_site(root)
    # Sitemaps are split by month by those who know all pages from one day to the next.
    months = {name for name in site if name.startswith("sitemaps/")}
    assert plain.keys() - {"sitemap.xml.gz"} == site.keys() - months
    assert [name for name in site if name in plain and plain[name] != site[name]] == ["sitemap.xml"]


def ask(site: ServedSite, path: str) -> tuple[int, str, bytes]:
    host = site.url.removeprefix("http://").split("/")[0]
    connection = http.client.HTTPConnection(host, timeout=10)
    connection.request("GET", path)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, answer.getheader("Location") or answer.getheader("Content-Type") or "", content


def test_server_answers_as_a_host_does(root: Path) -> None:
    page = (root / "site" / f"{COMMIT}.html").read_bytes()
    missing = (root / "site" / "404.html").read_bytes()
    html = "text/html; charset=utf-8"
    with serve(root, "https://example.org/daybook/") as site:
        assert ask(site, "/") == (302, "/daybook/", b"")
        assert ask(site, f"/daybook/{COMMIT}.html")[::2] == (200, page)
        assert ask(site, f"/daybook/{COMMIT}")[::2] == (200, page)
        assert ask(site, "/daybook/nowhere?q=%00") == (404, html, missing)
        assert ask(site, "/elsewhere.html") == (404, html, missing)
        assert ask(site, f"/daybook/{TABLES}/commit/") == (404, html, missing)
        assert ask(site, "/daybook/../archive.yml") == (404, html, missing)
        assert ask(site, "/daybook/%2e%2e/archive.yml") == (404, html, missing)


def test_change_of_a_page_asks_for_a_build_and_a_change_of_the_site_does_not(root: Path) -> None:
    rebuilt = threading.Event()
    with watch_sources(root, rebuilt.set):
        (root / "site" / "index.html").touch()
        (root / ".daybook" / "lock").touch()
        assert not rebuilt.wait(1.5)
        (root / "docs" / "index.md").touch()
        assert rebuilt.wait(10)
