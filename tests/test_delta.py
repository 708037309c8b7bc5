"""Delta builds: what changed is rendered and nothing else, and the site is the one that a full build makes."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from contextlib import closing
from copy import deepcopy
from dataclasses import replace
from datetime import timedelta
from html import unescape
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from urllib.parse import unquote, urlsplit

import pytest

from generator.config import load_config
from generator.errors import SiteError
from generator.manifest import open_manifest
from generator.site.ledger import read_sources
from generator.site.limits import Size, check_size, find_host
from generator.site.mending import check_site
from generator.site.partition import find_known
from generator.workers import open_workers
from tests.growing import CHANGES, ENGINE, FIRST, TABLES, GrowingArchive, start_archive
from tests.page_archive import name_sha
from tests.sites import ROOT, build

DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> GrowingArchive:
    archive = start_archive(tmp_path_factory.mktemp("started"))
    archive.build()
    return archive


@pytest.fixture
def archive(started: GrowingArchive, tmp_path: Path) -> GrowingArchive:
    """Copy a small archive with its built site."""
    root = Path(shutil.copytree(started.root, tmp_path / "archive"))
    return replace(started, root=root, days=deepcopy(started.days), digests=dict(started.digests))


def read_site(root: Path) -> dict[str, bytes]:
    site = root / "site"
    return {
        path.relative_to(site).as_posix(): path.read_bytes() for path in site.rglob("*") if path.is_file()
    }


def read_anew(archive: GrowingArchive, folder: Path) -> dict[str, bytes]:
    """Build the same archive where nothing was built before."""
    made = shutil.ignore_patterns("site", ".daybook")
    shutil.copytree(archive.root, folder, ignore=made)
    replace(archive, root=folder).build()
    return read_site(folder)


def find_differences(one: dict[str, bytes], other: dict[str, bytes]) -> list[str]:
    return sorted(path for path in one.keys() | other.keys() if one.get(path) != other.get(path))


@pytest.mark.parametrize("seed", range(4))
def test_delta_build_and_full_build_give_the_same_bytes(
    archive: GrowingArchive, tmp_path: Path, seed: int
) -> None:
    random = Random(seed)
    kinds = list(CHANGES)
    random.shuffle(kinds)
    for number in range(len(kinds) // 2):
        for change in kinds[2 * number : 2 * number + 2]:
            change(archive, random)
        archive.build()
        told = [change.__name__ for change in kinds[: 2 * number + 2]]
        fresh = read_anew(archive, tmp_path / f"fresh{number}")
        assert find_differences(read_site(archive.root), fresh) == [], told


def test_full_build_changes_no_byte_and_no_file(archive: GrowingArchive) -> None:
    before = {path: path.stat().st_mtime_ns for path in (archive.root / "site").rglob("*")}
    built = archive.build(full=True)
    assert built.pages == len(list((archive.root / "docs").rglob("*.md")))
    assert built.files == 0
    assert {path: path.stat().st_mtime_ns for path in (archive.root / "site").rglob("*")} == before


def test_second_build_renders_nothing(archive: GrowingArchive) -> None:
    built = archive.build()
    assert (built.pages, built.files) == (0, 0)


def test_pages_rendered_for_a_new_day_do_not_grow_with_the_archive(tmp_path: Path) -> None:
    rendered = []
    for days in (12, 36):
        # The same months of one year, so that what differs is the number of their days alone.
        grown = GrowingArchive(tmp_path / str(days))
        for number in range(days):
            grown.land(ENGINE, FIRST.replace(month=1, day=1) + number * timedelta(days=36 // days))
        grown.land(ENGINE, FIRST.replace(month=2, day=20))
        grown.build()
        grown.land(ENGINE, FIRST.replace(month=2, day=21), 3)
        rendered.append(grown.build().pages)
    assert rendered[0] == rendered[1]
    assert rendered[0] < 25


def test_file_that_did_not_change_is_not_touched(archive: GrowingArchive) -> None:
    site = archive.root / "site"
    before = {path: path.stat().st_ino for path in site.rglob("*.html")}
    archive.write_by_hand("about.md", "# About\n\n## Why\n\nChanged.")
    built = archive.build()
    assert [path.name for path, inode in before.items() if path.stat().st_ino != inode] == ["about.html"]
    # The page that leads to it is not rendered: its place is still there.
    assert (built.pages, built.files) == (1, 1)


def refuse(archive: GrowingArchive) -> str:
    before = read_site(archive.root)
    with pytest.raises(SiteError) as caught:
        build(archive.root)
    assert read_site(archive.root) == before
    return caught.value.fact


def test_link_to_a_page_that_is_not_in_the_build_is_followed_and_one_to_no_page_is_refused(
    archive: GrowingArchive,
) -> None:
    commit = f"{ENGINE}/commit/{name_sha(1)}.md"
    archive.write_by_hand(
        "notes/new.md", f"# New\n\n[one](../{commit}) [two][2]\n\n[2]: ../{ENGINE}/index.md"
    )
    assert build(archive.root).pages == 1
    page = (archive.root / "site/notes/new.html").read_text(encoding="utf-8")
    assert f'href="../{commit.removesuffix(".md")}.html"' in page
    assert f'href="../{ENGINE}/index.html"' in page
    archive.write_by_hand("notes/new.md", f"# New\n\n[one](../{ENGINE}/commit/{'0' * 40}.md)")
    assert "'notes/new.md' contains a link" in refuse(archive)


SPELLINGS = {
    "[x](a%20%28b%29.md)": "a (b).md",
    "[x](<a (b).md>)": "a (b).md",
    '[x]( <a%20(b).md> "t(i)tle" )': "a (b).md",
    "[x][y]\n\n[y]:\n  a%20(b).md": "a (b).md",
    "[x](folder/../a%26b.md?q#)": "a&b.md",
    "[x](docs/a&b.md)": None,
}


@pytest.mark.parametrize("link", SPELLINGS)
def test_target_is_found_however_a_link_spells_it(archive: GrowingArchive, link: str) -> None:
    for name in filter(None, SPELLINGS.values()):
        archive.write_by_hand(name, "# A")
    build(archive.root)
    archive.write_by_hand("linking.md", f"# L\n\n{link}")
    content = (archive.root / "docs/linking.md").read_bytes()
    with closing(open_manifest(archive.root)) as manifest:
        found = find_known(manifest, {"linking.md": content})
    target = SPELLINGS[link]
    assert found - {"index.md", "search.md", "status.md"} == ({target} if target else set())
    if target is None:
        assert "'linking.md' contains a link" in refuse(archive)
    else:
        assert build(archive.root).pages == 1
        assert find_dead_links(read_site(archive.root), {"linking.html"}) == []


def test_target_that_was_overlooked_is_found_when_mkdocs_misses_it(archive: GrowingArchive) -> None:
    archive.write_by_hand("it's.md", "# A")
    build(archive.root)
    archive.write_by_hand("linking.md", "# L\n\n[x](it's.md)")
    with closing(open_manifest(archive.root)) as manifest:
        assert "it's.md" not in find_known(manifest, {"linking.md": b"[x](it's.md)"})
    assert build(archive.root).pages == 1


def test_page_that_leads_to_a_removed_page_is_named(archive: GrowingArchive) -> None:
    (archive.root / "docs/notes/more.md").unlink()
    assert (
        "Doc file 'about.md' contains a link 'notes/more.md#more', but the target 'notes/more.md' is not found"
        in refuse(archive)
    )
    # It is named again by the next build, until somebody mends it.
    assert "'about.md'" in refuse(archive)
    archive.write_by_hand("about.md", "# About")
    build(archive.root)
    assert not (archive.root / "site/notes/more.html").exists()


def test_commit_page_that_was_deleted_is_missed_by_those_that_lead_to_it(archive: GrowingArchive) -> None:
    commit = f"{ENGINE}/commit/{name_sha(1)}.md"
    (archive.root / "docs" / commit).unlink()
    assert f"'{commit}'" in refuse(archive)
    # The next update writes it again.
    archive.build()
    assert (archive.root / "site" / commit).with_suffix(".html").is_file()


def test_page_that_shows_a_removed_file_is_named(archive: GrowingArchive) -> None:
    (archive.root / "docs/notes/pic one.png").unlink()
    assert "Doc file 'notes/more.md' contains a link 'pic%20one.png'" in refuse(archive)


def test_link_to_a_place_that_is_not_there_is_refused_whichever_of_the_two_pages_changed(
    archive: GrowingArchive,
) -> None:
    told = (
        "Doc file 'about.md' contains a link 'notes/more.md#{0}', "
        "but the doc 'notes/more.md' does not contain an anchor '#{0}'."
    )
    more = (archive.root / "docs/notes/more.md").read_text(encoding="utf-8")
    archive.write_by_hand("notes/more.md", "# Notes\n\n## Less")
    assert told.format("more") in refuse(archive)
    (archive.root / "docs/notes/more.md").write_text(more, encoding="utf-8")
    assert build(archive.root).files == 0
    archive.write_by_hand("about.md", "# About\n\n## Why\n\n[x](notes/more.md#other)")
    assert told.format("other") in refuse(archive)
    archive.write_by_hand("about.md", "# About\n\n## Why\n\n[x](notes/more.md#more)")
    build(archive.root)


def test_two_files_that_would_be_one_are_refused(archive: GrowingArchive) -> None:
    archive.write_by_hand("README.md", "# Read me")
    assert "conflicts with 'README.md'" in refuse(archive)
    (archive.root / "docs/README.md").unlink()
    (archive.root / "docs/about.html").write_text("<p>mine</p>")
    assert "conflicts with 'about.html'" in refuse(archive)


def test_generated_page_that_was_edited_is_shown_as_it_is(archive: GrowingArchive) -> None:
    page = archive.root / f"docs/{ENGINE}/index.md"
    page.write_text(page.read_text(encoding="utf-8") + "\nEdited.\n", encoding="utf-8")
    assert build(archive.root).pages == 1
    assert "Edited." in page_of(archive, f"{ENGINE}/index")
    assert build(archive.root).pages == 0


def page_of(archive: GrowingArchive, name: str) -> str:
    return (archive.root / "site" / f"{name}.html").read_text(encoding="utf-8")


def test_what_is_missing_from_the_site_or_does_not_belong_there_is_mended(archive: GrowingArchive) -> None:
    site = archive.root / "site"
    whole = read_site(archive.root)
    (site / "status.html").unlink()
    (site / f"{ENGINE}/commit/{name_sha(1)}.html").unlink()
    shutil.rmtree(site / TABLES / "commit")
    next((site / "assets/search").rglob("*.pf_meta")).unlink()
    next(site.glob("assets/*/daybook.css")).unlink()
    (site / "sitemaps/pages.xml").unlink()
    (site / "notes/pic one.png").unlink()
    (site / "stray.html").write_text("x")
    (site / "some/folder").mkdir(parents=True)
    (site / "some/folder/stray.txt").write_text("x")
    built = build(archive.root)
    assert find_differences(read_site(archive.root), whole) == []
    assert not (site / "some").exists()
    assert built.pages < 12
    shutil.rmtree(site)
    build(archive.root)
    assert find_differences(read_site(archive.root), whole) == []
    shutil.rmtree(archive.root / ".daybook")
    before = {path: path.stat().st_mtime_ns for path in site.rglob("*.html")}
    archive.build()
    assert find_differences(read_site(archive.root), whole) == []
    assert {path: path.stat().st_mtime_ns for path in site.rglob("*.html")} == before


def test_asset_of_the_look_renews_it_and_an_unused_one_goes(archive: GrowingArchive) -> None:
    whole = read_site(archive.root)
    (archive.root / "docs/assets/more.css").write_text("p { color: red }")
    everything = build(archive.root).pages
    assert everything == len(list((archive.root / "docs").rglob("*.md")))
    assert list((archive.root / "site/assets").rglob("more.css"))
    (archive.root / "docs/assets/more.css").unlink()
    assert build(archive.root).pages == everything
    assert find_differences(read_site(archive.root), whole) == []


def test_link_to_what_pages_load_leads_to_where_it_is(archive: GrowingArchive) -> None:
    archive.write_by_hand("about.md", "# About\n\n## Why\n\n![logo](assets/icon.svg)")
    build(archive.root)
    assert find_dead_links(read_site(archive.root), {"about.html"}) == []


def test_sitemaps_name_every_page_once_and_only_those_that_changed_are_written(
    archive: GrowingArchive,
) -> None:
    site = archive.root / "site"
    old = (site / "sitemaps/2026-01.xml").stat().st_ino
    archive.land(ENGINE, FIRST.replace(month=3))
    archive.build()
    index = re.findall("<loc>(.*)</loc>", (site / "sitemap.xml").read_text())
    names = [address.removeprefix("https://example.org/daybook/") for address in index]
    assert names == sorted(path.relative_to(site).as_posix() for path in site.glob("sitemaps/*.xml"))
    addresses = [a for name in names for a in re.findall("<loc>(.*)</loc>", (site / name).read_text())]
    pages = {path.relative_to(site).as_posix() for path in site.rglob("*.html")} - {"404.html"}
    assert sorted(addresses) == sorted(f"https://example.org/daybook/{page}" for page in pages)
    assert (site / "sitemaps/2026-01.xml").stat().st_ino == old
    assert not (site / "sitemap.xml.gz").exists()


def test_processes_give_the_same_bytes_as_one(archive: GrowingArchive) -> None:
    before = read_site(archive.root)
    shutil.rmtree(archive.root / "site")
    with open_workers(2) as workers:
        build(archive.root, full=True, workers=workers)
    assert find_differences(read_site(archive.root), before) == []


# What others did to docs/ and site/


def test_page_that_was_built_before_an_update_said_whose_it_is_is_not_lost(archive: GrowingArchive) -> None:
    shutil.rmtree(archive.root / ".daybook")
    build(archive.root)
    archive.build()
    last = max(archive.days[ENGINE])
    for number in (1, 2):
        archive.land(ENGINE, last + number * DAY)
        archive.build()
    commits = {path.stem for path in (archive.root / "docs" / ENGINE / "commit").iterdir()}
    assert {path.stem for path in (archive.root / "site" / ENGINE / "commit").iterdir()} == commits
    with closing(open_manifest(archive.root)) as manifest:
        assert not [path for path in read_sources(manifest) if path.startswith(f"{ENGINE}/commit/")]


def test_commit_page_that_was_renamed_is_missed_though_there_are_as_many(archive: GrowingArchive) -> None:
    page = archive.root / f"docs/{ENGINE}/commit/{name_sha(1)}.md"
    page.rename(page.with_name(f"{'f' * 40}.md"))
    assert f"'{ENGINE}/commit/{name_sha(1)}.md'" in refuse(archive)


def test_site_is_mended_also_when_it_was_taken_over_as_it_stood(archive: GrowingArchive) -> None:
    whole = read_site(archive.root)
    shutil.rmtree(archive.root / ".daybook")
    assert archive.build().files == 0
    built = build(archive.root)
    assert (built.pages, built.files) == (0, 0)
    for path in (f"{ENGINE}/commit/{name_sha(1)}.html", f"{ENGINE}/2026/01/20.json", "notes/more.html"):
        (archive.root / "site" / path).unlink()
        built = build(archive.root)
        assert (built.pages, built.files) == (int(path.endswith("html")), 1)
    assert find_differences(read_site(archive.root), whole) == []


def test_older_site_is_brought_up_to_date(archive: GrowingArchive, tmp_path: Path) -> None:
    older = Path(shutil.copytree(archive.root / "site", tmp_path / "older"))
    archive.land(ENGINE, max(archive.days[ENGINE]), 1)
    archive.build()
    whole = read_site(archive.root)
    shutil.rmtree(archive.root / "site")
    shutil.copytree(older, archive.root / "site")
    built = build(archive.root)
    assert find_differences(read_site(archive.root), whole) == []
    assert 0 < built.pages < len(list((archive.root / "docs").rglob("*.md")))


def test_site_that_was_copied_without_its_times_is_read_once_and_not_built(archive: GrowingArchive) -> None:
    for folder in [archive.root / "site", *(archive.root / "site").rglob("*")]:
        os.utime(folder, ns=(1, 1))
    built = build(archive.root)
    assert (built.pages, built.files) == (0, 0)
    with closing(open_manifest(archive.root)) as manifest:
        assert check_site(archive.root / "site", manifest) == {}


def change_by_one_letter(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.unlink()
    path.write_bytes(content)


@pytest.mark.parametrize(
    "pattern",
    [
        "index.html",
        "404.html",
        "notes/pic one.png",
        "sitemap.xml",
        "sitemaps/pages.xml",
        "assets/*/daybook.css",
        "assets/search/shards.json",
        "assets/search/facets.*.json",
        "assets/search/*/seal.json",
        "assets/search/*/**/*.pf_meta",
        f"{ENGINE}/commit/{name_sha(1)}.html",
    ],
)
def test_file_that_took_the_place_of_a_published_one_gives_way(archive: GrowingArchive, pattern: str) -> None:
    site = archive.root / "site"
    whole = read_site(archive.root)
    change_by_one_letter(next(site.glob(pattern)))
    build(archive.root)
    assert find_differences(read_site(archive.root), whole) == []
    next(site.glob(pattern)).unlink()
    build(archive.root)
    assert find_differences(read_site(archive.root), whole) == []


def test_what_was_written_into_a_published_file_is_found_by_a_full_build(archive: GrowingArchive) -> None:
    whole = read_site(archive.root)
    with (archive.root / "site/index.html").open("ab") as file:
        file.write(b"<p>mine")
    assert build(archive.root, full=True).files == 1
    assert find_differences(read_site(archive.root), whole) == []


def test_file_may_become_a_folder_and_a_folder_a_file(archive: GrowingArchive) -> None:
    docs, site = archive.root / "docs", archive.root / "site"
    (docs / "thing").write_text("x")
    build(archive.root)
    (docs / "thing").unlink()
    (docs / "thing").mkdir()
    (docs / "thing/a.txt").write_text("y")
    build(archive.root)
    assert (site / "thing/a.txt").read_text() == "y"
    shutil.rmtree(docs / "thing")
    (docs / "thing").write_text("z")
    build(archive.root)
    assert (site / "thing").read_text() == "z"
    assert build(archive.root).files == 0


@pytest.mark.parametrize("key", ["exclude_docs", "draft_docs"])
def test_setting_that_would_leave_pages_out_is_refused_by_name(archive: GrowingArchive, key: str) -> None:
    with (archive.root / "mkdocs.yml").open("a") as settings:
        settings.write(f"\n{key}: |\n  *.secret.txt\n")
    (archive.root / "docs/x.secret.txt").write_text("x")
    assert f"mkdocs.yml: {key} is not for an archive" in refuse(archive)


@pytest.mark.parametrize("folder", ["docs", "docs/notes", f"docs/{ENGINE}/commit", "site", "site/notes"])
def test_name_that_is_no_text_is_told(archive: GrowingArchive, folder: str) -> None:
    path = os.fsencode(archive.root / folder) + b"/caf\xe9.txt"
    try:
        Path(os.fsdecode(path)).write_text("x")
    except OSError:
        pytest.skip("this file system takes text alone")
    with pytest.raises(SiteError) as caught:
        build(archive.root)
    assert (
        caught.value.fact
        == f"{os.fsencode(folder) + b'/caf' + bytes([0xE9]) + b'.txt'!r}: this name is not UTF-8"
    )


def test_what_is_neither_a_file_nor_a_folder_is_told(archive: GrowingArchive) -> None:
    os.mkfifo(archive.root / "docs/notes/pipe.txt")
    assert refuse(archive) == "docs/notes/pipe.txt: neither a file nor a folder"


@pytest.mark.parametrize(
    "path",
    [
        *("sitemap.xml", "sitemaps/pages.xml", "404.html", "404.md", "assets/search/shards.json"),
        *("feed.xml", "high.json", "llms.txt", "assets/schema/day.json", f"{ENGINE}/feed.json"),
    ],
)
def test_name_that_daybook_gives_to_its_own_files_is_refused(archive: GrowingArchive, path: str) -> None:
    archive.write_by_hand(path, "x")
    assert f"docs/{path}: site/{path.replace('.md', '.html')} is made by Daybook" in refuse(archive)


@pytest.mark.parametrize("full", [False, True])
def test_name_of_a_file_of_the_theme_is_refused(archive: GrowingArchive, full: bool) -> None:
    (archive.root / "overrides/robots.txt").write_text("the look's")
    build(archive.root)
    (archive.root / "docs/robots.txt").write_text("mine")
    for _ in range(2):
        with pytest.raises(SiteError, match=r"docs/robots\.txt: the theme has a file of this name"):
            build(archive.root, full=full)
    assert (archive.root / "site/robots.txt").read_text() == "the look's"


def test_site_that_is_a_link_to_nowhere_is_told_before_a_page_is_rendered(archive: GrowingArchive) -> None:
    shutil.rmtree(archive.root / "site")
    (archive.root / "site").symlink_to(archive.root / "nowhere")
    with pytest.raises(SiteError, match="site: neither a folder nor a link to one"):
        build(archive.root)


def test_site_on_another_file_system_is_told_before_a_page_is_rendered(archive: GrowingArchive) -> None:
    other = Path("/dev/shm")
    if not other.is_dir() or other.stat().st_dev == archive.root.stat().st_dev:
        pytest.skip("there is no other file system here")
    shutil.rmtree(archive.root / "site")
    with TemporaryDirectory(dir=other) as folder:
        (archive.root / "site").symlink_to(folder)
        with pytest.raises(SiteError, match="site: on another file system"):
            build(archive.root)


# It renders with two processes and is killed as soon as one of them has begun.
KILLED_WITH_WORKERS = """
import os, signal, sys, threading, time
from pathlib import Path
from generator.feeding import Feeding
from generator.store.archive import Archive
from generator.site.build import build_site
from generator.workers import open_workers
from tests.quiet import QuietReport
if __name__ == "__main__":
    root = Path(sys.argv[1])
    def watch():
        while not list((root / ".daybook").glob("rendering/*")):
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGKILL)
    threading.Thread(target=watch, daemon=True).start()
    archive = Archive(root / "docs")
    with open_workers(2) as workers:
        build_site(root, archive, Feeding(root, archive), QuietReport(), full=True, workers=workers)
"""


def test_what_killed_workers_leave_is_cleared_by_the_next_build(
    archive: GrowingArchive, tmp_path: Path
) -> None:
    script = tmp_path / "killed.py"
    script.write_text(KILLED_WITH_WORKERS)
    scratch, elsewhere = archive.root / ".daybook/rendering", tmp_path / "elsewhere"
    elsewhere.mkdir()
    environment = os.environ | {"PYTHONPATH": str(ROOT), "TMPDIR": str(elsewhere)}
    ended = subprocess.run([sys.executable, script, archive.root], cwd=ROOT, env=environment, check=False)
    assert ended.returncode == -signal.SIGKILL
    # Beside them, compiled templates stay for the next build.
    left = set(scratch.glob("daybook-*"))
    assert left
    assert not list(elsewhere.glob("daybook-*"))
    build(archive.root)
    assert not left & set(scratch.iterdir())


# Killed


# It kills itself when it is about to change site/ for the n-th time; with 0 it says how often it did. A file of site/
# that is opened for writing would not be whole for a moment.
KILLED = """
import os, signal, sys
from pathlib import Path
from generator.feeding import Feeding
from generator.store.archive import Archive
from generator.site.build import build_site
import generator.site.rendering
from tests.quiet import QuietReport
root, last = Path(sys.argv[1]), int(sys.argv[2])
site, changes = str(root / "site"), 0
def watch(event, arguments):
    global changes
    if event == "open" and str(arguments[0]).startswith(site) and set(str(arguments[1])) & set("wax+"):
        os._exit(3)
    if event in ("os.rename", "os.remove") and str(arguments[-2 if event == "os.remove" else 1]).startswith(site):
        changes += 1
        if changes == last:
            os.kill(os.getpid(), signal.SIGKILL)
print("ready", flush=True)
sys.addaudithook(watch)
archive = Archive(root / "docs")
build_site(root, archive, Feeding(root, archive), QuietReport())
print(changes, flush=True)
"""


class BuildProcess:
    """A build in a process of its own, which has imported all it needs."""

    def __init__(self, root: Path, last: int = 0) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", KILLED, str(root), str(last)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "ready\n"
        self.started = time.monotonic()

    def kill(self, after: float) -> None:
        """Kill it so many seconds after it began."""
        time.sleep(max(0.0, self.started + after - time.monotonic()))
        self.process.send_signal(signal.SIGKILL)
        self.process.communicate()

    def finish(self) -> tuple[float, int]:
        """Let it end, and say how long it took and how often it changed site/."""
        told, _ = self.process.communicate()
        assert self.process.returncode == 0
        return time.monotonic() - self.started, int(told)

    def die(self) -> None:
        """Let it kill itself."""
        self.process.communicate()
        assert self.process.returncode == -signal.SIGKILL


def list_links(path: str, content: bytes) -> set[str]:
    found = set()
    for link in re.findall(r'<(?:a|link|img|script)\b[^>]* (?:href|src)="([^"]*)"', content.decode()):
        parts = urlsplit(unescape(link))
        if not parts.scheme and not parts.netloc and parts.path and not parts.path.startswith("/"):
            found.add((Path("/", path).parent / unquote(parts.path)).resolve().relative_to("/").as_posix())
    return found


def find_dead_links(site: dict[str, bytes], starts: set[str]) -> list[str]:
    """Follow all links from some pages, and find those that lead nowhere."""
    waiting, seen, dead = sorted(starts & site.keys()), set(starts), []
    while waiting:
        path = waiting.pop()
        for target in list_links(path, site[path]) if path.endswith(".html") else ():
            if target not in site:
                dead.append(f"{path} -> {target}")
            elif target not in seen:
                seen.add(target)
                waiting.append(target)
    return dead


def check_killed(site: dict[str, bytes], old: dict[str, bytes], new: dict[str, bytes]) -> list[str]:
    """Find what a reader of a site must not meet while it changes from an old one to a new one."""
    missing = [f"{path} is missing" for path in old.keys() & new.keys() if path not in site]
    torn = [f"{path} is neither" for path in site if site[path] not in (old.get(path), new.get(path))]
    # Pages that are going lead to others that went before them, but nothing leads to these pages any more; 404.html
    # leads to the site's own address.
    return missing + torn + find_dead_links(site, (old.keys() & new.keys()) - {"404.html"})


def change_everything(archive: GrowingArchive, random: Random) -> None:
    """Change the look, and add, change and remove pages and files."""
    # Backwards, so that what one round adds is there until the next.
    for change in reversed(CHANGES):
        if change.__name__ not in ("_change_site", "_change_language", "_change_template"):
            change(archive, random)
    if random.random() < 0.5:
        archive.language = "zh" if archive.language == "en" else "en"
    archive.write()


def kill_often(archive: GrowingArchive, folder: Path, times: int, seed: int) -> list[str]:
    """Kill builds while they publish, and at any other moment, several times; then let the next one finish."""
    random = Random(seed)
    problems: list[str] = []
    for number in range(times):
        old = read_site(archive.root)
        change_everything(archive, random)
        whole = Path(shutil.copytree(archive.root, folder / str(number)))
        seconds, changes = BuildProcess(whole).finish()
        new = read_site(whole)
        for _ in range(random.choice([1, 2])):
            # A build that goes on where another one was killed has less to do.
            if random.random() < 0.75 and changes > 1:
                last = random.randint(1, changes)
                BuildProcess(archive.root, last).die()
                changes -= last
            else:
                BuildProcess(archive.root).kill(random.uniform(0.0, seconds))
                changes = 0
            problems += [f"{number}: {p}" for p in check_killed(read_site(archive.root), old, new)]
        build(archive.root)
        problems += [f"{number}: differs: {p}" for p in find_differences(read_site(archive.root), new)]
        shutil.rmtree(whole)
    return problems


def test_killed_build_leaves_whole_files_and_no_dead_link_and_the_next_one_finishes(
    archive: GrowingArchive, tmp_path: Path
) -> None:
    assert kill_often(archive, tmp_path / "whole", 5, 3) == []


def test_what_a_killed_build_published_is_taken_back_with_what_it_was_made_from(
    archive: GrowingArchive,
) -> None:
    before = read_site(archive.root)
    about = (archive.root / "docs/about.md").read_bytes()
    archive.write_by_hand("about.md", "# About\n\n## Why\n\n[new](new.md)")
    archive.write_by_hand("new.md", "# New")
    # The new page, the one that leads to it, and not the sitemaps.
    BuildProcess(archive.root, 3).die()
    assert "new.html" in page_of(archive, "about")
    (archive.root / "docs/about.md").write_bytes(about)
    (archive.root / "docs/new.md").unlink()
    build(archive.root)
    assert find_differences(read_site(archive.root), before) == []


def test_checks_of_killed_builds_find_what_they_look_for() -> None:
    old = {"index.html": b'<a href="a.html">', "a.html": b"a"}
    new = {"index.html": b'<a href="b.html">', "a.html": b"A", "b.html": b"b"}
    assert check_killed(old, old, new) == []
    assert check_killed(old | {"b.html": b"b"}, old, new) == []
    assert check_killed({"index.html": new["index.html"], "a.html": b""}, old, new) == [
        "a.html is neither",
        "index.html -> b.html",
    ]
    assert check_killed({"index.html": b""}, old, new)[0] == "a.html is missing"


# Sizes


@pytest.mark.parametrize(
    ("settings", "host"),
    [
        ("url: https://someone.github.io/archive/", "github"),
        ("url: https://archive.pages.dev/", "cloudflare"),
        ("url: https://a.someone.workers.dev/", "cloudflare"),
        ("url: https://group.gitlab.io/archive/", "gitlab"),
        ("url: https://example.org/", "none"),
        ("url: https://example.org/, host: github", "github"),
        ("url: https://someone.github.io/, host: none", "none"),
        ("name: Daybook", "none"),
    ],
)
def test_host_follows_from_the_address_unless_archive_yml_names_it(
    tmp_path: Path, settings: str, host: str
) -> None:
    (tmp_path / "archive.yml").write_text(
        f"site: {{{settings}}}\nrepositories: [{{url: 'https://github.com/a/b'}}]\n"
    )
    assert find_host(load_config(tmp_path / "archive.yml").site) == host


def make_size(total: int = 0, files: int = 0, largest: int = 0) -> Size:
    return Size(total=total, files=files, largest=largest, largest_path="a/big.bin")


def test_size_near_a_limit_is_told_with_its_figures() -> None:
    assert check_size("github", make_size(total=799_000_000, files=10**6)) == []
    assert check_size("github", make_size(total=810_000_000)) == [
        "the site has 810 of at most 1,000 MB (81%) on GitHub Pages"
    ]
    assert check_size("cloudflare", make_size(files=16_500, largest=22 * 2**20)) == [
        "the site has 16,500 of at most 20,000 files (82%) on Cloudflare",
        "a/big.bin has 23 of at most 26 MB (88%) on Cloudflare",
    ]
    assert check_size("none", make_size(total=10**12, files=10**9)) == []


def test_site_beyond_a_limit_is_refused_before_anything_is_published(archive: GrowingArchive) -> None:
    with pytest.raises(SiteError) as caught:
        check_size("gitlab", make_size(files=200_001))
    assert "200,001 of at most 200,000 files (100%) on GitLab Pages" in caught.value.fact
    archive.url = "https://someone.pages.dev/"
    (archive.root / "docs/notes/big.bin").write_bytes(bytes(26 * 2**20))
    archive.write()
    assert "notes/big.bin has 27 of at most 26 MB" in refuse(archive)
