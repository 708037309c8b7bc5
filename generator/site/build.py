"""Build the pages into a finished site, and put it in the old one's place only when it is whole.

This module must not know what a page says, and must not touch docs/: MkDocs reads it, in a process of its own.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from generator.errors import SiteError

SITE = "site"
_WORKSHOP = Path(".daybook")
# Everything a site is made from, beside the programs.
SOURCES = ("archive.yml", "mkdocs.yml", "docs", "hooks", "overrides")
_PROGRAMS = ("mkdocs", "mkdocs-material", "Markdown", "pagefind")
# Written last of all by hooks/search.py, and what a page asks for first.
_SEARCH_ENTRY = "assets/search/pagefind-entry.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """What a build came to. `pages` is 0 when nothing had changed since the last one."""

    site: Path
    pages: int
    log: str = ""


def build_site(root: Path, *, full: bool = False) -> Built:
    """Build root/docs into root/site, unless nothing has changed; `full` builds in any case.

    Raises SiteError with what MkDocs said when a page is refused; root/site is then as it was.
    """
    site, fresh, old = root / SITE, root / _WORKSHOP / "site.new", root / _WORKSHOP / "site.old"
    mark = root / _WORKSHOP / "site.sha256"
    _finish_swap(site, old)
    fingerprint = find_fingerprint(root)
    if not full and site.is_dir() and mark.is_file() and mark.read_text() == fingerprint:
        return Built(site=site, pages=0)
    mark.parent.mkdir(parents=True, exist_ok=True)
    mark.unlink(missing_ok=True)
    shutil.rmtree(fresh, ignore_errors=True)
    log = _run_mkdocs(root, fresh)
    pages = _check_site(root / "docs", fresh)
    _swap(site, fresh, old)
    mark.write_text(fingerprint)
    return Built(site=site, pages=pages, log=log)


def find_fingerprint(root: Path) -> str:
    """Say in one line what a site would be built from: it changes when any file or program does."""
    digest = hashlib.sha256()
    for program in _PROGRAMS:
        digest.update(f"{program} {metadata.version(program)}\n".encode())
    generator = Path(__file__).parent.parent
    for source in (*(root / name for name in SOURCES), generator):
        for path in sorted(_list_files(source)):
            try:
                status = path.stat()
            except FileNotFoundError:
                # A page that a run beside this one has just replaced; the fingerprint then changes anyway.
                continue
            digest.update(f"{path} {status.st_size} {status.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def _list_files(source: Path) -> Iterator[Path]:
    if source.is_file():
        yield source
        return
    for folder, folders, files in os.walk(source):
        folders[:] = [name for name in folders if name != "__pycache__"]
        # A name with a dot first is a file half written, and no part of a site.
        yield from (Path(folder, name) for name in files if not name.startswith("."))


def _run_mkdocs(root: Path, fresh: Path) -> str:
    # mkdocs.yml and the hooks are looked for in root, and `generator` where this very module is.
    environment = {
        **os.environ,
        "NO_MKDOCS_2_WARNING": "1",
        "PYTHONPATH": os.pathsep.join(filter(None, (str(_find_home()), os.environ.get("PYTHONPATH")))),
        # The only date in a site is in the gzip header of its sitemap; the same pages must give the same bytes.
        "SOURCE_DATE_EPOCH": os.environ.get("SOURCE_DATE_EPOCH", "0"),
    }
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(fresh.resolve())]
    run = subprocess.run(
        command, cwd=root, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    log = run.stdout.decode(errors="replace")
    if run.returncode:
        raise SiteError(f"the site could not be built:\n{log.strip()}", "The old site stays as it was.")
    return log


def _find_home() -> Path:
    return Path(__file__).parent.parent.parent


def _check_site(docs: Path, fresh: Path) -> int:
    sources = [path.relative_to(docs) for path in _list_files(docs) if path.suffix == ".md"]
    wanted = [source.with_suffix(".html") for source in sources] + [Path(_SEARCH_ENTRY)]
    missing = [path for path in wanted if not (fresh / path).is_file()]
    if missing:
        raise SiteError(
            f"{missing[0]}: not in the new site, nor are {len(missing) - 1} others", "Build again."
        )
    return len(sources)


def _swap(site: Path, fresh: Path, old: Path) -> None:
    if site.exists():
        site.rename(old)
    fresh.rename(site)
    shutil.rmtree(old, ignore_errors=True)


def _finish_swap(site: Path, old: Path) -> None:
    """Bring the old site back if a run was cut short between the two renames."""
    if old.is_dir() and not site.exists():
        old.rename(site)
    shutil.rmtree(old, ignore_errors=True)
