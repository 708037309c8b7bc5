"""Render some pages of a site with MkDocs, from bytes to bytes.

This module must not know what other pages there are, or where the archive is: it runs on any machine that has Daybook
installed, in a process that renders one partition after the other. The bytes of a page follow from the look and from
the page's own Markdown alone, so that it does not matter which pages are rendered together, where, or how often.
"""

from __future__ import annotations

import logging
import os
import re
import shutil
import weakref
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp

import jinja2
from markdown import Markdown  # type: ignore[import-untyped]
from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import MkDocsException
from mkdocs.plugins import event_priority
from mkdocs.structure import pages as mkdocs_pages
from mkdocs.structure.files import File, Files, InclusionLevel, set_exclusions
from mkdocs.structure.toc import get_toc

from generator.site.weight import is_hidden

_FIRST, _LAST = 1000, -1000
# How an attribute begins that gives an element an id; the `=` may stand in the next line.
_ANCHOR = re.compile(r"\b(?:id|name)\s*(?:=|$)", re.IGNORECASE)
_SETTINGS = "mkdocs.yml"
# Where compiled templates are kept from one build to the next.
_COMPILED = "templates-"
# A page may hold a date of the build, and a program that is called may look for this variable.
_ENVIRONMENT = {"SOURCE_DATE_EPOCH": "0", "NO_MKDOCS_2_WARNING": "1"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """All that decides how pages look: the bytes of files, by their path in the archive's folder.

    Two looks with the same `key` make the same pages.
    """

    key: str
    files: Mapping[str, bytes] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Partition:
    """Pages to render together: their Markdown by their path under docs/.

    `known` are the other files under docs/ that their links may lead to. With `furniture`, what belongs to no page
    comes out as well: the theme's programs and styles, docs/assets, 404.html.
    """

    pages: Mapping[str, bytes] = field(repr=False)
    known: frozenset[str] = field(default=frozenset(), repr=False)
    furniture: bool = False

    def __str__(self) -> str:
        names = [*self.pages]
        return f"{len(names):,} pages from {names[0]} to {names[-1]}" if names else "the theme's own files"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fragment:
    """A link to a place on another page, which has to have an element with the id `anchor`; `link` as it is written."""

    target: str
    anchor: str
    link: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedPage:
    """A finished page: where it stands in the site, and its bytes.

    `targets` are the files under docs/ that it leads to, `fragments` its links to places on pages that were not
    rendered with it, which somebody who knows those has to check. `anchors` are the ids of its own places.
    """

    path: str
    content: bytes = field(repr=False)
    targets: tuple[str, ...]
    fragments: tuple[Fragment, ...]
    anchors: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """What came of a partition: its pages by their path under docs/, and other files by their path in the site.

    `refusals` say why nothing may be published, in the order they were found. `missed` are files under docs/ that
    were asked for and not known.
    """

    pages: Mapping[str, RenderedPage] = field(repr=False)
    files: Mapping[str, bytes] = field(repr=False)
    missed: frozenset[str]
    refusals: tuple[str, ...]


def render(look: Look, partition: Partition, scratch: Path | None = None) -> Rendered:
    """Render a partition strictly. What is wrong with it is told in the result.

    Files that are only for the time of rendering are in `scratch` where that is a folder on this machine, and else
    where the system keeps such files; see `clear_scratch`.
    """
    scratch = scratch if scratch and scratch.is_dir() else None
    workshop = _open_workshop(look, scratch)
    events = _Events(partition, workshop)
    with (
        TemporaryDirectory(prefix="daybook-site-", dir=scratch) as site,
        _listen() as refusals,
        _set_environment(),
    ):
        try:
            config = load_config(
                str(workshop.folder / _SETTINGS), docs_dir=str(workshop.docs), site_dir=site, strict=True
            )
            _refuse_settings(config)
            config.plugins["daybook"] = events  # type: ignore[assignment]
            config.extra["partition"] = True
            build(config)
        except MkDocsException as error:
            # MkDocs has said already what it counted.
            if not str(error).startswith("Aborted with"):
                refusals.append(str(error))
        except Exception as error:
            # Hooks and templates are the owner's own, and may raise anything; MkDocs has named the page.
            if not any(str(error) in refusal for refusal in refusals):
                refusals.append(f"{type(error).__name__}: {error}")
        # What pages load may be linked to as well, so it is in every build; it comes out of one.
        files = dict(_read_files(Path(site))) if partition.furniture and not refusals else {}
    return Rendered(
        pages={} if refusals else events.finish(),
        files=files,
        missed=frozenset(events.missed),
        refusals=tuple(refusals),
    )


def clear_scratch(scratch: Path) -> None:
    """Make a folder for `render`, without what processes left in it that were killed."""
    scratch.mkdir(parents=True, exist_ok=True)
    mine = {workshop.folder for workshop in _workshops.values()}
    for folder in scratch.iterdir():
        if folder.resolve() not in mine and not folder.name.startswith(_COMPILED):
            shutil.rmtree(folder, ignore_errors=True)


def _refuse_settings(config: MkDocsConfig) -> None:
    """Refuse settings by which MkDocs would leave out what Daybook publishes: all of docs/."""
    for name in ("exclude_docs", "draft_docs"):
        if config.get(name) is not None:
            raise MkDocsException(
                f"{_SETTINGS}: {name} is not for an archive, of which all of docs/ is published. Remove it, and take "
                "out of docs/ what should not be, or begin its name with a dot."
            )


class _Workshop:
    """A look as files on this machine, and what can be made of it once for many partitions."""

    def __init__(self, look: Look, scratch: Path | None) -> None:
        self.folder = Path(mkdtemp(prefix="daybook-look-", dir=scratch)).resolve()
        # When another look takes its place, or this process ends.
        weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)
        self.docs = self.folder / "docs"
        self.docs.mkdir()
        for name, content in look.files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        self._environment: jinja2.Environment | None = None
        self._compiled = _Compiled(scratch, look.key) if scratch else None

    def find_environment(self, config: MkDocsConfig, furniture: bool) -> jinja2.Environment:
        """Find the environment in which templates are compiled once, and not once a partition.

        Without `furniture` it hides the theme's own files: to look through them takes longer than a hundred pages.
        """
        if self._environment is None:
            self._environment = config.theme.get_env()
            self._environment.bytecode_cache = self._compiled
        environment = self._environment
        if furniture:
            environment.__dict__.pop("list_templates", None)
        else:
            environment.__dict__["list_templates"] = _list_nothing
        return environment


class _Compiled(jinja2.FileSystemBytecodeCache):
    """Templates as they were compiled by an earlier build: to compile Material's takes longer than a hundred pages.

    What they are compiled to hangs on hooks and versions as well, so each look has its own; one is kept.
    """

    def __init__(self, scratch: Path, key: str) -> None:
        folder = scratch / f"{_COMPILED}{key}"
        folder.mkdir(exist_ok=True)
        for old in set(scratch.glob(f"{_COMPILED}*")) - {folder}:
            shutil.rmtree(old, ignore_errors=True)
        super().__init__(str(folder))

    def get_cache_key(self, name: str, filename: str | None = None) -> str:  # noqa: ARG002 - Jinja's signature
        """Know a template by its name alone: a look is in another folder each time."""
        return super().get_cache_key(name)


# One look at a time: a process that renders for hours would otherwise keep every look that it has seen.
_workshops: dict[str, _Workshop] = {}


def _open_workshop(look: Look, scratch: Path | None) -> _Workshop:
    known = _workshops.get(look.key)
    # A later build may have taken the folder of a worker that lives on.
    if known is None or not known.docs.is_dir():
        _workshops.clear()
        _workshops[look.key] = _Workshop(look, scratch)
    return _workshops[look.key]


def _list_nothing(*_: object, **__: object) -> list[str]:
    return []


class _KnownFiles(Files):
    """MkDocs' collection of files, which also finds those that exist and are not in this build."""

    def __init__(self, files: Files, partition: Partition, config: MkDocsConfig) -> None:
        super().__init__(files)
        self._known = partition.known
        self._config = config
        self._unbuilt: dict[str, File] = {}
        self.missed: set[str] = set()
        self.targets: defaultdict[str, set[str]] = defaultdict(set)

    def get_file_from_path(self, path: str) -> File | None:
        """Find a file by its path under docs/, and note which page asked for it."""
        # Most paths are as they should be; to make them so takes longer than to look them up.
        found = self._src_uris.get(path) or self._find_unbuilt(path) or super().get_file_from_path(path)
        page = self._config._current_page
        if found is None:
            self.missed.add(path)
        elif page is not None and found is not page.file:
            self.targets[page.file.src_uri].add(found.src_uri)
        return found

    def _find_unbuilt(self, path: str) -> File | None:
        if path not in self._known:
            return None
        if path not in self._unbuilt:
            config = self._config
            self._unbuilt[path] = File(
                path, None, config.site_dir, config.use_directory_urls, inclusion=InclusionLevel.NOT_IN_NAV
            )
        return self._unbuilt[path]


class _Events:
    """The events of one build: a partition goes in, finished pages come out."""

    def __init__(self, partition: Partition, workshop: _Workshop) -> None:
        self._partition = partition
        self._workshop = workshop
        self._files: _KnownFiles | None = None
        self._contents: dict[str, bytes] = {}
        self._pages: list[_Page] = []
        self._checks_anchors = True

    @property
    def missed(self) -> set[str]:
        """Which files were asked for in vain."""
        return self._files.missed if self._files else set()

    @event_priority(_LAST)
    def on_config(self, config: MkDocsConfig) -> MkDocsConfig:
        """Take the templates that are compiled already, and leave sitemaps to those who know all pages."""
        environment = self._workshop.find_environment(config, self._partition.furniture)
        config.theme.get_env = lambda: environment  # type: ignore[method-assign]
        config.theme.static_templates.discard("sitemap.xml")
        if not self._partition.furniture:
            config.theme.static_templates.clear()
        self._checks_anchors = config.validation.links.anchors >= logging.WARNING
        return config

    @event_priority(_FIRST)
    def on_files(self, files: Files, config: MkDocsConfig) -> Files:
        """Give MkDocs the pages of the partition, and let it find those that are not in it."""
        own = [
            File.generated(config, src_uri, content=content)
            for src_uri, content in self._partition.pages.items()
        ]
        set_exclusions(own, config)
        if (raw := files.get_file_from_path("sitemap.xml")) is not None:
            # No static template any more, it would be copied as it is.
            files.remove(raw)
        markdown = Markdown(extensions=config.markdown_extensions, extension_configs=config.mdx_configs or {})
        for file in own:
            self._pages.append(_Page(file, config, markdown))
        self._files = _KnownFiles(Files([*files, *own]), self._partition, config)
        return self._files

    @event_priority(_LAST)
    def on_post_page(
        self,
        output: str,
        page: mkdocs_pages.Page,
        config: MkDocsConfig,  # noqa: ARG002 - MkDocs hands it to every event
    ) -> str:
        """Keep the finished page; MkDocs writes no file for an empty one."""
        self._contents[page.file.src_uri] = output.encode(errors="xmlcharrefreplace")
        return ""

    def finish(self) -> dict[str, RenderedPage]:
        """Hand over what came out, by path under docs/."""
        return {page.file.src_uri: self._finish(page) for page in self._pages if self._is_finished(page)}

    def _is_finished(self, page: _Page) -> bool:
        return bool(self._contents.get(page.file.src_uri, b"").strip())

    def _finish(self, page: _Page) -> RenderedPage:
        assert self._files is not None
        src_uri = page.file.src_uri
        return RenderedPage(
            path=page.file.dest_uri,
            content=self._contents[src_uri],
            targets=tuple(sorted(self._files.targets[src_uri])),
            fragments=tuple(self._list_fragments(page)) if self._checks_anchors else (),
            anchors=tuple(sorted(filter(None, page.present_anchor_ids or ()))),
        )

    def _list_fragments(self, page: _Page) -> Iterator[Fragment]:
        for file, links in (page.links_to_anchors or {}).items():
            if file is not page.file and file.is_documentation_page():
                for anchor, link in links.items():
                    yield Fragment(target=file.src_uri, anchor=anchor, link=link)


class _RawAnchors(mkdocs_pages._RawHTMLPreprocessor):
    """MkDocs' search for ids in HTML, which parses all of a page, only where there can be one."""

    def run(self, lines: list[str]) -> list[str]:
        return super().run(lines) if any(map(_ANCHOR.search, lines)) else lines


class _Page(mkdocs_pages.Page):
    """A page that is converted by one instance of Markdown for all: making one takes longer than short pages do."""

    def __init__(self, file: File, config: MkDocsConfig, markdown: Markdown) -> None:
        super().__init__(None, file, config)
        self._converter = markdown

    def render(self, config: MkDocsConfig, files: Files) -> None:
        """Convert the Markdown as MkDocs' own pages do; each processor takes the place of the last page's."""
        assert self.markdown is not None
        if is_hidden(self.markdown):
            self._take_hidden(self.markdown)
            return
        converter = self._converter
        raw_html = _RawAnchors()
        anchors = mkdocs_pages._ExtractAnchorsTreeprocessor(self.file, files, config)
        links = mkdocs_pages._RelativePathTreeprocessor(self.file, files, config)
        title = mkdocs_pages._ExtractTitleTreeprocessor()
        for processor in (raw_html, anchors, links, title):
            processor._register(converter)
        converter.reset()
        self.content = converter.convert(self.markdown)
        self.toc = get_toc(getattr(converter, "toc_tokens", []))
        self._title_from_render = title.title
        self.present_anchor_ids = anchors.present_anchor_ids | raw_html.present_anchor_ids
        self.links_to_anchors = links.links_to_anchors

    def _take_hidden(self, markdown: str) -> None:
        """Do the same for a page without a word of Markdown."""
        self.content = f"<p>{markdown}</p>"
        self.toc = get_toc([])
        self.present_anchor_ids = set()
        self.links_to_anchors = {}


def _read_files(site: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(site.rglob("*")):
        if path.is_file():
            yield path.relative_to(site).as_posix(), path.read_bytes()


class _Messages(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a warning or an error."""
        self.messages.append(record.getMessage())


@contextmanager
def _listen() -> Iterator[list[str]]:
    """Keep what MkDocs warns of, and let nobody else hear it."""
    logger = logging.getLogger("mkdocs")
    heard = _Messages()
    before = logger.propagate, logger.level
    logger.addHandler(heard)
    logger.propagate = False
    # Below it, MkDocs would give up what it remembers for its check of anchors.
    logger.setLevel(logging.WARNING)
    try:
        yield heard.messages
    finally:
        logger.propagate, level = before
        logger.setLevel(level)
        logger.removeHandler(heard)


@contextmanager
def _set_environment() -> Iterator[None]:
    before = {name: os.environ.get(name) for name in _ENVIRONMENT}
    os.environ.update(_ENVIRONMENT)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
