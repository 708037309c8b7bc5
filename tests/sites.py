"""Build small sites for tests: the look of this checkout, records made by hand, pages and search made of them."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from generator.feeding import Feeding
from generator.imports import render_account
from generator.pages.render import PageSettings
from generator.paging import write_pages
from generator.records import DayRecord, FileChange, Importance, Kind, RepositoryRecord
from generator.site.build import Built, build_site
from generator.site.serve import open_server
from generator.store.archive import Archive
from generator.workers import HERE, Workers
from tests.page_archive import (
    MadeArchive,
    make_analysis,
    make_archive,
    make_commit,
    make_day,
    make_repository,
)
from tests.quiet import QuietReport

ROOT = Path(__file__).parent.parent
TABLES = "kernel/tables"
DAY = date(2026, 3, 10)

# One of everything that Markdown, its extensions, a template, a browser or a terminal could take for something else.
HOSTILE = (
    "</title><script>window.__pwned = 1</script>"
    '"><img src=x onerror="window.__pwned = 2">'
    "<svg onload=window.__pwned=3><style>*{color:red}</style>"
    "<body onload=window.__pwned=4><base href=//evil.example/>"
    '{: onclick="window.__pwned = 5" }'
    "[link](javascript:window.__pwned=6) ![image](https://evil.example/x.png)"
    '--8<-- "archive.yml"\n--8<-- "archive.yml"\n```\n<script>window.__pwned = 7</script>\n````'
    "| a | b |\n|---|---|\n{{ config.site_name }}{% include 'main.html' %} :smile: &lt;b&gt; &#60;b&#62; "
    "\u202ebidi\u2066\u200b\x00\x1b[31m\U000e0041 <!-- --> ]]> ~~~"
)


@dataclass(frozen=True)
class ServedSite:
    """A built archive and where it is served."""

    root: Path
    url: str

    @property
    def folder(self) -> Path:
        """Where the built site is."""
        return self.root / "site"


def make_tables() -> tuple[RepositoryRecord, DayRecord]:
    """Make a day of commits that are easy to tell apart by what one searches for."""
    commits = [
        make_commit(
            0xA11CE,
            f"{DAY}T09:00:00+08:00",
            subject="[Core] Grow block_table_size in FooBarParser (#1234)",
            body="The scheduler crashes when the prefix cache is full.",
            pull_request=1234,
            files=(FileChange(status="M", path="vllm/core/parser_index.py", insertions=9, deletions=2),),
            analysis=make_analysis(
                str,
                kinds=(Kind.FIX,),
                importance=Importance.HIGH,
                summary="修复调度器在前缀缓存写满时重复分配块表的问题。",
            ),
        ),
        make_commit(
            0xB0B,
            f"{DAY}T10:00:00+08:00",
            subject="docs: explain wheel tags",
            body="A block of tables. A table for each block.",
            co_authors=("王小明",),
            files=(FileChange(status="A", path="docs/source/wheels.md", insertions=40, deletions=0),),
            analysis=make_analysis(str, kinds=(Kind.DOCS,), summary="新增安装包标签的说明。"),
        ),
        make_commit(
            0xCAFE,
            f"{DAY}T11:00:00+08:00",
            subject="ci: pin HTTPServer2 to v0.7.4",
            analysis=make_analysis(
                str, kinds=(Kind.CI, Kind.DEPENDENCY), summary="固定依赖版本，点缀日志，放缓重试。"
            ),
        ),
    ]
    covered = ({"first": DAY, "last": DAY},)
    web = "https://github.com/kernel/tables"
    return make_repository(TABLES, web=web, covered=covered, tip=commits[-1].sha), make_day(
        TABLES, DAY, commits
    )


def add_hostility(text: str) -> str:
    """Turn a harmless text into a hostile one."""
    return f"{text} {HOSTILE}"


def write_archive(
    root: Path,
    archive: MadeArchive,
    *,
    language: str = "zh",
    url: str | None = "https://example.org/daybook/",
    watch: Mapping[str, tuple[str, ...]] | None = None,
) -> Path:
    """Write the look of this checkout, and an archive with its records and pages, into `root`.

    `watch` are the globs of watched paths, by a repository's name.
    """
    for name in ("mkdocs.yml", "docs/search.md"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, root / name)
    for name in ("hooks", "overrides", "docs/assets"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    address = f"site: {{url: {url}}}\n" if url else ""
    settings = f"{address}language: {language}\nrepositories:\n  - url: https://github.com/kernel/tables\n"
    (root / "archive.yml").write_text(settings, encoding="utf-8")
    write_records(root / "docs", archive)
    of_pages = PageSettings(
        site_name="Daybook", language="en" if language == "en" else "zh", watch=watch or {}
    )
    write_pages(root, archive, of_pages, QuietReport())
    return root


def build(root: Path, *, full: bool = False, workers: Workers = HERE) -> Built:
    """Build an archive's site."""
    archive = Archive(root / "docs")
    return build_site(root, archive, Feeding(root, archive), QuietReport(), full=full, workers=workers)


def write_records(docs: Path, archive: MadeArchive) -> None:
    """Write the records of an archive."""
    store = Archive(docs)
    for repository in archive.records:
        store.write_repository(repository)
    for day in archive.day_records:
        store.write_day(day)
    for release in archive.releases:
        store.write_release(release)
    if archive.account:
        (docs / "imports.json").write_bytes(render_account(archive.account))


def join(records: Iterable[tuple[RepositoryRecord, DayRecord]], *archives: MadeArchive) -> MadeArchive:
    """Put archives together."""
    pairs = tuple(records)
    repositories = [repository for repository, _ in pairs] + [
        r for archive in archives for r in archive.records
    ]
    days = [day for _, day in pairs] + [day for archive in archives for day in archive.day_records]
    digests = tuple(digest for archive in archives for digest in archive.digests)
    releases = tuple(release for archive in archives for release in archive.releases)
    return MadeArchive(
        tuple(sorted(repositories, key=lambda record: record.repository)),
        tuple(days),
        digests,
        next((archive.account for archive in archives if archive.account), None),
        releases,
    )


@contextmanager
def serve(root: Path, site_url: str | None) -> Iterator[ServedSite]:
    """Serve a built site on a free port."""
    with open_server(root / "site", "127.0.0.1", 0, site_url) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        prefix = "/daybook/" if site_url else "/"
        yield ServedSite(root, f"http://127.0.0.1:{server.server_port}{prefix}")
        server.shutdown()
        thread.join()


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedSite]:
    """Build a Chinese site under a path of its own: one repository to search in, and three full of hostile texts."""
    root = tmp_path_factory.mktemp("site")
    write_archive(root, join([make_tables()], make_archive(add_hostility)))
    build(root)
    with serve(root, "https://example.org/daybook/") as served:
        yield served


@pytest.fixture(scope="session")
def english_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedSite]:
    """Build an English site at the top of its host."""
    root = tmp_path_factory.mktemp("english")
    write_archive(root, join([make_tables()]), language="en", url=None)
    build(root)
    with serve(root, None) as served:
        yield served
