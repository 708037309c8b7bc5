"""Bring site/ up to date with docs/: render what changed, check it, and publish it.

This module must not know what a page says, and must not touch docs/. It leads the others through a build: what is
there, what is due, what came out, whether it may be published. A build that is refused publishes nothing.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from generator.config import Config, load_config
from generator.database import write
from generator.errors import SiteError
from generator.feeds import Telling
from generator.manifest import read_fact, use_manifest
from generator.progress import Report, Task
from generator.site.ledger import (
    PublishedPage,
    count_month,
    find_files,
    find_fragments,
    find_linking,
    find_linking_files,
    find_pages,
    find_sources,
    list_due,
    list_files_of,
    list_gone,
    list_removed,
    list_uncertain,
    measure_files,
    name_pages,
    note_lost,
    read_sources,
)
from generator.site.limits import Size, check_size, find_host
from generator.site.look import OWN_PAGES, belongs_to_look, read_look
from generator.site.machines import FACT as MACHINES_FACT
from generator.site.machines import FOLDERS as MACHINES_FOLDERS
from generator.site.machines import list_taken, render_machines
from generator.site.mending import check_site
from generator.site.partition import cut_partitions, find_existing, find_size, read_partition
from generator.site.publish import FILE, LOOK, MACHINE, PAGE, SITEMAP, Changes, Stage, publish
from generator.site.rendering import Partition, Rendered, clear_scratch, render
from generator.site.search import FOLDER as SEARCH_FOLDER
from generator.site.search import Records
from generator.site.searching import adopt_index, write_index
from generator.site.sitemaps import FOLDER as SITEMAPS_FOLDER
from generator.site.sitemaps import INDEX as SITEMAP_INDEX
from generator.site.sitemaps import render_sitemaps
from generator.site.sources import find_output, is_page, list_origins, read_docs
from generator.workers import HERE, Workers

SITE = "site"
_STAGE = Path(".daybook", "site.new")
# Where workers of this machine have their files while they render.
_SCRATCH = Path(".daybook", "rendering")
# Everything a site is made from, beside the programs.
SOURCES = ("archive.yml", "mkdocs.yml", "docs", "hooks", "overrides")
# What belongs to no file under docs/.
_OWN_FOLDERS = (f"{SEARCH_FOLDER}/", SITEMAPS_FOLDER, *MACHINES_FOLDERS)
_OWN_FILES = (SITEMAP_INDEX, "404.html", "offline.js")
# Up to so many pages are rendered sooner than other processes are started.
_FEW = 1_000
# One page that leads nowhere is enough to refuse a build; some more show whether it is a single mistake.
_MOST_WITNESSES = 100
_MOST_REFUSALS = 1_000
# What is remembered of the last build: its look, and how many pages were of no month.
_LOOK_FACT, _LOOSE_FACT = "look", "pages of no month"


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """What a build came to.

    `pages` were rendered, `files` are all that were published: 0 when nothing had changed since the last build.
    """

    site: Path
    pages: int
    files: int


def build_site(
    root: Path,
    records: Records,
    telling: Telling,
    report: Report,
    *,
    full: bool = False,
    workers: Workers = HERE,
) -> Built:
    """Build what changed of root/docs into root/site; `full` renders all pages.

    `records` are those that can be searched, `telling` is what programs are told. A few pages are rendered in this
    process, unless somebody chose the `workers`. Raises SiteError with all that MkDocs and the guard said when a page
    is refused; root/site is then as it was.
    """
    config = load_config(root / "archive.yml")

    def work(manifest: sqlite3.Connection) -> Built:
        build = _Build(root=root, config=config, manifest=manifest, report=report)
        try:
            build.survey(full)
            chosen = build.choose(workers)
            build.render(chosen)
            # Of the records workers far away know nothing.
            build.write_index(records, chosen if chosen.is_near else HERE)
            build.write_machines(telling, full=full)
            build.check()
            return build.publish()
        finally:
            build.stage.remove()

    return use_manifest(root, work)


class _Build:
    """One build, from what is due to what was published."""

    def __init__(self, *, root: Path, config: Config, manifest: sqlite3.Connection, report: Report) -> None:
        self._root, self._docs, self._site = root, root / "docs", root / SITE
        self._config, self._manifest, self._report = config, manifest, report
        self.stage = Stage(root / _STAGE)
        self._scratch = root.resolve() / _SCRATCH
        self._changes = Changes()
        self._names: dict[int, str] = {}
        self._refusals: list[str] = []
        self._due: list[str] = []

    def survey(self, full: bool) -> None:
        """Find out what is there and what is due."""
        clear_scratch(self._scratch)
        self._check_disk()
        read_docs(self._docs, self._manifest)
        self._changes.compared = check_site(self._site, self._manifest, full=full)
        self._refuse_conflicts()
        self._look = read_look(self._root, self._config, frozenset(find_pages(self._manifest, OWN_PAGES)))
        is_new_look = read_fact(self._manifest, _LOOK_FACT) != self._look.key
        self._is_full = full or is_new_look
        self._uncertain = list_uncertain(self._manifest)
        self._needs_furniture = self._is_full or LOOK in self._uncertain.values()
        self._removed = list_removed(self._manifest)
        self._gone = list_gone(self._manifest)
        self._due = [src_uri for _, src_uri in list_due(self._manifest, full=self._is_full)]
        if not self._is_full:
            # What leads to something that is no more is rendered again, so that MkDocs says which page it is.
            witnesses = [
                *find_linking(self._manifest, self._removed.values(), _MOST_WITNESSES),
                *find_linking_files(self._manifest, self._gone.values(), _MOST_WITNESSES),
            ]
            self._due = list(dict.fromkeys([*self._due, *witnesses]))

    def choose(self, workers: Workers) -> Workers:
        """Choose who works: what is little is done sooner here than others are started."""
        return HERE if len(self._due) <= _FEW and not workers.is_asked_for else workers

    def render(self, workers: Workers) -> None:
        """Render what is due, here or shared between workers, and refuse the build if anything of it is."""
        with self._report.progress("rendering pages", len(self._due)) as task:
            work = partial(render, self._look, scratch=self._scratch if workers.is_near else None)
            for piece, rendered in workers.run(work, self._cut(workers.number)):
                self._take(piece, self._complete(piece, rendered), task)
                if len(self._refusals) >= _MOST_REFUSALS:
                    break
        self._refusals += self._check_fragments() if not self._refusals else []
        if self._refusals:
            told = "\n".join(dict.fromkeys(self._refusals))
            raise SiteError(f"the site could not be built:\n{told}", "The old site stays as it was.")

    def write_index(self, records: Records, workers: Workers) -> None:
        """Write what the search index needs beside what of it stays."""
        site, stage, uncertain = self._site, self.stage, self._uncertain
        with self._report.progress("writing the search index", None) as task:
            searched = write_index(records, site, stage, uncertain, workers, task.advance)
        self._changes.gone |= adopt_index(self._manifest, searched, site, stage, uncertain)

    def write_machines(self, telling: Telling, *, full: bool) -> None:
        """Write what programs read, where it changed: feeds, schemas, llms.txt."""
        machines = render_machines(self._manifest, telling, self._config, full=full)
        for path, content in machines.files.items():
            self.stage.add(path, content, MACHINE)
        self._changes.gone |= machines.gone
        self._changes.facts = {MACHINES_FACT: machines.fact}

    def check(self) -> None:
        """Add what is made of all pages together, and check that everything is there and not too much."""
        self._copy_files()
        # A page's month becomes known, and it changes sitemaps, when an update finds out whose page it is.
        self._loose = str(count_month(self._manifest, ""))
        is_new = self._is_full or read_fact(self._manifest, _LOOSE_FACT) != self._loose
        sitemaps, old = render_sitemaps(self._manifest, self._config.site.url, full=is_new)
        for path, content in sitemaps.items():
            self.stage.add(path, content, SITEMAP)
        self._changes.gone |= old
        self._find_gone()
        missing = [find_output(page) for page in self._due if find_output(page) not in self._changes.pages]
        if missing:
            raise SiteError(
                f"{missing[0]}: not in the new site, nor are {len(missing) - 1} others", "Build again."
            )
        for warning in check_size(find_host(self._config.site), self._measure()):
            self._report.step(warning)

    def publish(self) -> Built:
        """Put all of it into site/."""
        changes = self._changes
        changes.gone_pages = list(self._removed.values())
        changes.gone_sources = list(self._gone)
        changes.facts = {**changes.facts, _LOOK_FACT: self._look.key, _LOOSE_FACT: self._loose}
        with self._report.progress("publishing", len(self.stage.files)) as task:
            moved = publish(self._site, self._manifest, self.stage, changes, task.advance)
        return Built(site=self._site, pages=len(changes.pages), files=moved)

    def _check_disk(self) -> None:
        """Refuse a site/ into which files could not be moved whole."""
        site = self._site
        if not site.is_dir() and (site.is_symlink() or site.exists()):
            raise SiteError(f"{SITE}: neither a folder nor a link to one", "Remove it, and build again.")
        if site.is_dir() and site.stat().st_dev != self.stage.folder.stat().st_dev:
            raise SiteError(
                f"{SITE}: on another file system than {_STAGE.parent}/, so that no file could be put there whole",
                f"Make {SITE} a folder beside docs/, and copy it to where it should be when it is built.",
            )

    def _refuse_conflicts(self) -> None:
        """Refuse two files under docs/ that would be one in site/; MkDocs would leave one of them out."""
        sources = read_sources(self._manifest)
        names = (path.removesuffix("/archive.json") for path in sources if path.endswith("/archive.json"))
        taken = {*_OWN_FILES, *list_taken(names)}
        for path in sources:
            stem = path.rpartition("/")[2].rpartition(".")[0]
            output = find_output(path) if is_page(path) else path
            if output.startswith(_OWN_FOLDERS) or output in taken:
                self._refusals.append(
                    f"docs/{path}: {SITE}/{output} is made by Daybook; give it another name"
                )
            if (is_page(path) and stem != "README") or not output.endswith(".html"):
                continue
            pages = find_pages(self._manifest, set(list_origins(output)) - {path})
            for other in sorted({*pages, *find_sources(self._manifest, {output} - {path})}):
                self._refusals.append(
                    f"Excluding '{other}' from the site because it conflicts with '{path}'."
                )

    def _cut(self, workers: int) -> Iterator[Partition]:
        if self._needs_furniture:
            yield Partition(pages={}, known=find_existing(self._manifest, set(OWN_PAGES)), furniture=True)
        size = find_size(len(self._due), workers)
        for some in cut_partitions(iter(self._due), size):
            partition = read_partition(self._docs, self._manifest, some)
            if lost := [src_uri for src_uri in some if src_uri not in partition.pages]:
                with write(self._manifest):
                    note_lost(self._manifest, lost)
                raise SiteError(f"docs/{lost[0]}: the page was there a moment ago", "Build again.")
            yield partition

    def _complete(self, piece: Partition, rendered: Rendered) -> Rendered:
        """Render a partition once more where something that its pages lead to had been overlooked."""
        overlooked = find_existing(self._manifest, set(rendered.missed) - piece.pages.keys())
        if not overlooked:
            return rendered
        return render(
            self._look,
            Partition(pages=piece.pages, known=piece.known | overlooked, furniture=piece.furniture),
            scratch=self._scratch,
        )

    def _take(self, piece: Partition, rendered: Rendered, task: Task) -> None:
        self._refusals += rendered.refusals
        task.advance(len(piece.pages))
        if self._refusals:
            return
        for path, content in rendered.files.items():
            self.stage.add(path, content, LOOK)
        mine = find_pages(self._manifest, piece.pages)
        targets = {target for page in rendered.pages.values() for target in page.targets}
        pages = find_pages(self._manifest, targets)
        sources = find_sources(self._manifest, targets - pages.keys())
        for src_uri, page in rendered.pages.items():
            if src_uri not in mine:
                continue
            self.stage.add(page.path, page.content, PAGE)
            self._names[mine[src_uri].id] = src_uri
            self._changes.pages[page.path] = PublishedPage(
                id=mine[src_uri].id,
                rendered=hashlib.sha256(piece.pages[src_uri]).digest(),
                seen=mine[src_uri].content,
                anchors=" ".join(page.anchors),
                links=tuple(sorted(pages[target].id for target in page.targets if target in pages)),
                file_links=tuple(sorted(sources[target] for target in page.targets if target in sources)),
                fragments=tuple(
                    (pages[fragment.target].id, fragment.anchor, fragment.link)
                    for fragment in page.fragments
                    if fragment.target in pages
                ),
            )

    def _check_fragments(self) -> Iterator[str]:
        """Check links to places on pages, as MkDocs does for those that it renders together."""
        fresh = {page.id: frozenset(page.anchors.split()) for page in self._changes.pages.values()}
        wanted = {target for page in self._changes.pages.values() for target, _, _ in page.fragments}
        others = name_pages(self._manifest, wanted - fresh.keys())
        known = {page.id: page.anchors for page in find_pages(self._manifest, others.values()).values()}
        names = self._names | others
        for page in self._changes.pages.values():
            for target, anchor, link in page.fragments:
                if anchor not in fresh.get(target, known.get(target, "").split()):
                    yield _tell_fragment(names[page.id], link, names[target], anchor)
        for target, anchors in fresh.items():
            for source, src_uri, anchor, link in find_fragments(self._manifest, target):
                if source not in fresh and anchor not in anchors:
                    yield _tell_fragment(src_uri, link, names[target], anchor)

    def _copy_files(self) -> None:
        """Copy the files under docs/ that are no pages and that site/ does not have as they are."""
        sources = {
            path: source
            for path, source in read_sources(self._manifest).items()
            if not is_page(path) and not belongs_to_look(path)
        }
        known = find_files(self._manifest, sources)
        for path, source in sources.items():
            kinds = {file.kind for file in (self.stage.files.get(path), known.get(path)) if file}
            if LOOK in kinds and (path in self.stage.files or not self._needs_furniture):
                raise SiteError(
                    f"docs/{path}: the theme has a file of this name",
                    "Give it another name. The old site stays as it was.",
                )
            if path not in known or known[path].sha256 != source.sha256:
                self.stage.copy(path, self._docs / path, FILE)

    def _find_gone(self) -> None:
        """Find what has to go: pages and files that are no more, and what a build that was cut short left."""
        gone = self._changes.gone
        gone.update(find_output(page) for page in self._removed)
        gone.update(self._gone, self._uncertain)
        if self._needs_furniture:
            gone.update(list_files_of(self._manifest, LOOK))
        gone.difference_update(self.stage.files)

    def _measure(self) -> Size:
        total, number = measure_files(self._manifest)
        new = self.stage.files
        replaced = find_files(self._manifest, {*new, *self._changes.gone})
        largest = max(((file.size, path) for path, file in new.items()), default=(0, ""))
        return Size(
            total=total - sum(file.size for file in replaced.values()) + sum(f.size for f in new.values()),
            files=number - len(replaced) + len(new),
            largest=largest[0],
            largest_path=largest[1],
        )


def _tell_fragment(source: str, link: str, target: str, anchor: str) -> str:
    return (
        f"Doc file '{source}' contains a link '{link}', but the doc '{target}' does not contain an anchor "
        f"'#{anchor}'."
    )
