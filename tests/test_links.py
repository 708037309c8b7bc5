"""Links in a page's HTML: resolved and checked as those in Markdown are, in a plain build and in a delta build."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from mkdocs.commands.build import build as build_plainly
from mkdocs.config import load_config

from generator.errors import SiteError
from tests.growing import ENGINE, GrowingArchive, start_archive
from tests.page_archive import name_sha
from tests.sites import ROOT, build

COMMIT = f"{ENGINE}/commit/{name_sha(1)}"


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> GrowingArchive:
    archive = start_archive(tmp_path_factory.mktemp("started"))
    archive.build()
    return archive


@pytest.fixture
def archive(started: GrowingArchive, tmp_path: Path) -> GrowingArchive:
    """Copy a small archive with its built site."""
    return replace(started, root=Path(shutil.copytree(started.root, tmp_path / "archive")))


def read_page(folder: Path, name: str) -> str:
    return (folder / f"{name}.html").read_text(encoding="utf-8")


def build_links(folder: Path, pages: dict[str, str]) -> str:
    """Build pages with MkDocs and the one hook, strictly, and return the content of a.md."""
    others = {"b/c.md": "## Place", "b/d e.md": "", "b/é.md": "", "b/r.json": "{}"}
    for name, content in (others | pages).items():
        (folder / "docs" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "docs" / name).write_text(content)
    (folder / "theme").mkdir(exist_ok=True)
    (folder / "theme" / "main.html").write_text("{{ page.content }}")
    (folder / "mkdocs.yml").write_text("site_name: x\n")
    build_plainly(
        load_config(
            str(folder / "mkdocs.yml"),
            strict=True,
            use_directory_urls=False,
            plugins=[],
            theme={"name": None, "custom_dir": str(folder / "theme")},
            hooks=[str(ROOT / "hooks" / "links.py")],
        )
    )
    return read_page(folder / "site", "a")


@pytest.mark.parametrize(
    ("written", "resolved"),
    [
        ("<a href=b/c.md>", "<a href=b/c.html>"),
        ('<a href="b/c.md">', "<a href=b/c.html>"),
        ("<a class=x href='./b/../b/c.md' rel=y>", "<a class=x href=b/c.html rel=y>"),
        ('<A HREF = "b/c.md">', "<A HREF = b/c.html>"),
        ("<a\nhref=b/c.md>", "<a\nhref=b/c.html>"),
        ("<a href=b/c.md?q=1#place>", '<a href="b/c.html?q=1#place">'),
        ('<a href="b/c.md?q=1&amp;r=%22#place">', '<a href="b/c.html?q=1&amp;r=%22#place">'),
        ("<a href=b/c.md?q&#32;onclick=x>", '<a href="b/c.html?q onclick=x">'),
        ("<a href=b/c.md?&quot;&gt;>", '<a href="b/c.html?&quot;&gt;">'),
        ("<a href=b/c&#46;md>", "<a href=b/c.html>"),
        ("<a href=b/d%20e.md>", "<a href=b/d%20e.html>"),
        ('<a href="b/d e.md">', "<a href=b/d%20e.html>"),
        ("<a href=b/%C3%A9.md>", "<a href=b/%C3%A9.html>"),
        ("<a href=b/é.md>", "<a href=b/%C3%A9.html>"),
        ("<a href=b/r.json>", "<a href=b/r.json>"),
        # What leads elsewhere, is resolved already, or is no link, stays as it is.
        ("<a href=https://example.org/x.md>", None),
        ("<a href=b/c.html>", None),
        ("<a href=b/picture.png>", None),
        ("<a href=#x.md>", None),
        ("<a href>", None),
        ("<a data-href=b/none.md>", None),
        ("<area href=b/none.md>", None),
        ("<p title='&lt;a href=b/none.md&gt;'>", None),
    ],
)
def test_link_is_resolved_however_it_is_written(tmp_path: Path, written: str, resolved: str | None) -> None:
    assert (resolved or written) in build_links(tmp_path, {"a.md": f"<p>{written}x</a></p>"})


def test_link_amid_markdown_is_resolved(tmp_path: Path) -> None:
    page = build_links(
        tmp_path, {"a.md": '*text* <a href=b/c.md>x</a> <a class="y" href="b/c.md#place">*z*</a>'}
    )
    assert (
        page == '<p><em>text</em> <a href=b/c.html>x</a> <a class="y" href=b/c.html#place><em>z</em></a></p>'
    )


def test_link_in_a_heading_is_resolved_and_leaves_the_headings_id_as_it_was(tmp_path: Path) -> None:
    page = build_links(tmp_path, {"a.md": "## <a href=b/c.md>One &#45; two</a>\n\n## [One](b/c.md)"})
    assert page == (
        '<h2 id="one-two"><a href=b/c.html>One &#45; two</a></h2>\n<h2 id="one"><a href="b/c.html">One</a></h2>'
    )


def test_code_that_shows_a_link_shows_it_as_it_is_written(tmp_path: Path) -> None:
    assert "&lt;a href=b/none.md&gt;" in build_links(tmp_path, {"a.md": "`<a href=b/none.md>`"})


def test_links_of_a_page_in_a_folder_begin_there(tmp_path: Path) -> None:
    pages = {
        "a.md": "A",
        "b/x/y.md": "<p><a href=../c.md>c</a> <a href=../../a.md>a</a> <a href=y.md>y</a></p>",
    }
    build_links(tmp_path, pages)
    assert read_page(tmp_path / "site", "b/x/y") == (
        "<p><a href=../c.html>c</a> <a href=../../a.html>a</a> <a href=y.html>y</a></p>"
    )


def run_plainly(root: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "NO_MKDOCS_2_WARNING": "1"}
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", "plain"]
    return subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)


DEAD = {
    "page": (f"<p><a href=commit/{'0' * 40}.md>x</a></p>", f"commit/{'0' * 40}.md"),
    "record": ("<ul>\n<li><a href=2000/01/01.json>x</a>\n</ul>", "2000/01/01.json"),
    "heading": ("## <a href=none.md>x</a>", "none.md"),
}


@pytest.mark.parametrize("kind", DEAD)
def test_link_to_what_is_not_there_refuses_both_builds_and_names_page_and_link(
    archive: GrowingArchive, kind: str
) -> None:
    written, link = DEAD[kind]
    page = archive.root / "docs" / ENGINE / "index.md"
    before = read_page(archive.root / "site", f"{ENGINE}/index")
    page.write_text(f"{page.read_text(encoding='utf-8')}\n{written}\n", encoding="utf-8")
    told = f"Doc file '{ENGINE}/index.md' contains a link '{link}', but the target '{ENGINE}/{link}' is not found"
    with pytest.raises(SiteError) as caught:
        build(archive.root)
    assert told in caught.value.fact
    assert read_page(archive.root / "site", f"{ENGINE}/index") == before
    plain = run_plainly(archive.root)
    assert plain.returncode != 0
    assert told in plain.stderr
    assert plain.stderr.count("contains a link") == 1


def test_dead_link_in_markdown_is_told_once(archive: GrowingArchive) -> None:
    archive.write_by_hand("notes/new.md", "# New\n\n[x](none.md)")
    plain = run_plainly(archive.root)
    assert plain.stderr.count("'notes/new.md' contains a link 'none.md'") == 1


def test_link_to_a_place_that_is_not_there_refuses_both_builds(archive: GrowingArchive) -> None:
    archive.write_by_hand("notes/new.md", "<p><a href=../about.md#why>x</a> <a href=more.md#none>x</a></p>")
    told = (
        "Doc file 'notes/new.md' contains a link 'more.md#none', but the doc 'notes/more.md' does not contain"
    )
    with pytest.raises(SiteError) as caught:
        build(archive.root)
    assert told in caught.value.fact
    assert "about.md" not in caught.value.fact
    plain = run_plainly(archive.root)
    assert (plain.returncode != 0, told in plain.stderr) == (True, True)


def test_place_on_a_page_that_changed_is_missed_by_a_link_in_the_html_of_another(
    archive: GrowingArchive,
) -> None:
    archive.write_by_hand("notes/new.md", '<p id="here">x</p>\n\n<p>y</p>')
    archive.write_by_hand("notes/other.md", "<p><a href=new.md#here>x</a></p>")
    assert build(archive.root).pages == 2
    archive.write_by_hand("notes/new.md", "<p>x</p>")
    with pytest.raises(SiteError) as caught:
        build(archive.root)
    assert "'notes/other.md' contains a link 'new.md#here'" in caught.value.fact


def test_page_that_was_removed_is_missed_by_those_whose_html_leads_to_it(archive: GrowingArchive) -> None:
    (archive.root / "docs" / f"{COMMIT}.md").unlink()
    with pytest.raises(SiteError) as caught:
        build(archive.root)
    day = re.search(
        rf"Doc file '({ENGINE}/2026/[0-9/]+.md)' contains a link '\S+{name_sha(1)}.md'", caught.value.fact
    )
    assert day is not None


def list_links(folder: Path) -> Iterator[tuple[str, str]]:
    for page in sorted(folder.rglob("*.html")):
        for link in re.findall(r'<a\b[^>]*\bhref=["\']?([^\s"\'>]+)', page.read_text(encoding="utf-8")):
            yield page.relative_to(folder).as_posix(), link


def test_no_link_of_a_site_leads_to_a_source(archive: GrowingArchive) -> None:
    links = list(list_links(archive.root / "site"))
    assert len(links) > 300
    assert [(page, link) for page, link in links if link.partition("#")[0].endswith(".md")] == []
