"""Tell programs of an archive: gather the feeds and the guide from the records, reading only what changed.

Only the command line calls this module; it must not know a feed's format or the address of the site. What was made of
a day is kept under `.daybook/feeds/` by a hash of all that it was made from, and may be deleted at any time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Generic, TypeVar
from urllib.parse import quote
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter, ValidationError

from generator.feeds import DAYS, HIGH, MOST_COMMITS, MOST_DAYS, MOST_WATCHED, WATCH, Entry, Feed, name_entry
from generator.fingerprint import hash_code, hash_matter
from generator.hosts import web_links
from generator.pages.addresses import HOME, repository_page, watch_page
from generator.pages.badge import render_badge
from generator.pages.feeds import DayPart, make_across, make_part, make_watched, title_feed
from generator.pages.guide import render_guide
from generator.pages.languages import find_words
from generator.pages.survey import Shelf
from generator.pages.watched import LOOK_BACK, find_newest
from generator.pages.words import Words
from generator.records import ACROSS, Importance, Language, RepositoryRecord
from generator.store.archive import Archive
from generator.store.files import read_existing, write_derived
from generator.summaries import DaySummary

T = TypeVar("T")

FOLDER = Path(".daybook", "feeds")
# What entries are made by: another version of it may make others of the same records.
_CODE = ("*.py", "pages/*.py")
_PARTS: TypeAdapter[dict[str, DayPart]] = TypeAdapter(dict[str, DayPart])
_ENTRIES: TypeAdapter[dict[str, Entry]] = TypeAdapter(dict[str, Entry])


class Feeding:
    """The feeds of the archive in `root`, and the guide to it."""

    def __init__(self, root: Path, archive: Archive) -> None:
        self._folder, self._archive = root / FOLDER, archive

    def list_feeds(
        self, site_name: str, language: Language, watch: Mapping[str, Sequence[str]]
    ) -> Sequence[Feed]:
        """List the feeds: of days and of commits of high importance, of all repositories and of each; of watched paths.

        `watch` are the globs of those, by a repository's name.
        """
        words, maker = find_words(language), hash_matter(hash_code(*_CODE), language)
        shelves = [
            _Newest(self._archive, self._folder, record, words, maker)
            for record in self._archive.repositories()
        ]
        across = _Across(self._archive, self._folder, site_name, shelves, words, maker)
        scopes: tuple[_Newest | _Across, ...] = (across, *shelves)
        feeds = [
            _make_feed(scope, site_name, language, maker, is_high=is_high)
            for scope in scopes
            for is_high in (False, True)
        ]
        watched = [shelf for shelf in shelves if shelf.name in watch]
        return feeds + [
            shelf.make_watch_feed(site_name, language, tuple(watch[shelf.name])) for shelf in watched
        ]

    def describe(self, site_name: str, site_url: str | None, language: Language) -> str:
        """Describe the archive in Markdown, with whole addresses where the site has one."""
        return render_guide(site_name, site_url, language, self._archive.repositories())

    def summarise(self, language: Language) -> str:
        """Say how the archive stands, as the JSON that a badge is drawn from."""
        return render_badge(language, self._archive.repositories())


def _make_feed(
    scope: _Newest | _Across, site_name: str, language: Language, maker: str, *, is_high: bool
) -> Feed:
    sort = HIGH if is_high else DAYS
    name = scope.name
    matter = scope.high_matter if is_high else scope.day_matter
    return Feed(
        path=f"{name}/{sort}" if name else sort,
        key=hash_matter(maker, site_name, matter),
        id=name_entry("feed", sort, name or site_name),
        title=title_feed(site_name, name, scope.words.importance[Importance.HIGH] if is_high else ""),
        page=repository_page(name) if name else HOME,
        author=site_name,
        language=language,
        make=scope.list_high if is_high else scope.list_days,
    )


class _Kept(Generic[T]):
    """What was made before, by its key, in a file that is read when it is first asked for."""

    def __init__(self, path: Path, shape: TypeAdapter[dict[str, T]]) -> None:
        self._path, self._shape = path, shape
        self._before: Mapping[str, T] | None = None
        self._now: dict[str, T] = {}
        self._is_new = False

    def find(self, key: str, make: Callable[[], T]) -> T:
        """Find what was made, or make it."""
        if key not in self._now:
            if self._before is None:
                self._before = self._read()
            self._is_new |= key not in self._before
            self._now[key] = self._before[key] if key in self._before else make()
        return self._now[key]

    def save(self, wanted: Sequence[str]) -> None:
        """Keep of what was made now or before that of which the keys are still `wanted`."""
        if self._is_new and self._before is not None:
            kept = {key: made for key in wanted if (made := self._now.get(key) or self._before.get(key))}
            write_derived(self._path, self._shape.dump_json(kept))
            self._is_new = False

    def _read(self) -> Mapping[str, T]:
        content = read_existing(self._path)
        try:
            return self._shape.validate_json(content) if content else {}
        except ValidationError:
            # It is derived, and made anew where it is damaged or of another version.
            return {}


@dataclass(frozen=True, slots=True)
class _Day:
    """A repository's day in brief, and the hash of all that its part is made from."""

    summary: DaySummary
    key: str


class _Newest:
    """The newest days of one repository."""

    def __init__(
        self, archive: Archive, folder: Path, record: RepositoryRecord, words: Words, maker: str
    ) -> None:
        self._archive, self.words, self._maker = archive, words, maker
        self.name = record.repository
        # No moment is written out in a feed's texts, so that the zone does not matter.
        self.shelf = Shelf(
            record=record, days=(), links=web_links(record.web), zone=ZoneInfo("UTC"), ask=archive.is_archived
        )
        newest = archive.newest_days(self.name, MOST_DAYS)
        high = archive.newest_days(self.name, MOST_COMMITS, is_high=True)
        first = min((summary.day for summary in (*newest, *high)), default=date.max)
        self._digests = archive.digest_hashes(self.name, first)
        self.days = {summary.day: self._describe(summary) for summary in newest}
        self.high = {summary.day: self._describe(summary) for summary in high}
        self._kept = _Kept(folder / f"{quote(self.name, safe='')}.json", _PARTS)

    @property
    def day_matter(self) -> list[str]:
        """All that the feed of days is made from."""
        return [day.key for day in self.days.values()]

    @property
    def high_matter(self) -> list[str]:
        """All that the feed of commits is made from."""
        return [day.key for day in self.high.values()]

    def list_days(self) -> list[Entry]:
        """List the entries of the newest days, newest first."""
        return self._save([self.find_part(day).entry for day in self.days.values()])

    def list_high(self) -> list[Entry]:
        """List the entries of the newest commits of high importance, newest first."""
        return self._save(_list_high([self]))

    def make_watch_feed(self, site_name: str, language: Language, globs: Sequence[str]) -> Feed:
        """Make the feed of the newest commits that change watched paths."""
        newest = self._archive.newest_days(self.name, LOOK_BACK)
        days = [summary.day for summary in reversed(newest)]
        matter = globs, self.shelf.record.web, [summary.record for summary in newest]
        return Feed(
            path=f"{self.name}/{WATCH}/{DAYS}",
            key=hash_matter(self._maker, site_name, self.name, *matter),
            id=name_entry("feed", WATCH, self.name),
            title=title_feed(site_name, self.name, self.words.watched),
            page=watch_page(self.name),
            author=site_name,
            language=language,
            make=partial(self._list_watched, days, globs),
        )

    def _list_watched(self, days: Sequence[date], globs: Sequence[str]) -> list[Entry]:
        found = find_newest(self._archive, self.name, days, globs, MOST_WATCHED)
        return [make_watched(self.shelf, headline, self.words) for headline in found]

    def find_part(self, day: _Day) -> DayPart:
        """Find what the feeds keep of a day."""
        return self._kept.find(day.key, partial(self._make_part, day.summary))

    def save(self) -> None:
        """Keep what was made for the next time."""
        self._kept.save(list(dict.fromkeys([*self.day_matter, *self.high_matter])))

    def _save(self, entries: list[Entry]) -> list[Entry]:
        self.save()
        return entries

    def _describe(self, summary: DaySummary) -> _Day:
        record = self.shelf.record
        matter = summary.record, self._digests.get(str(summary.day)), record.web
        return _Day(summary, hash_matter(self._maker, self.name, *matter))

    def _make_part(self, summary: DaySummary) -> DayPart:
        record = self._archive.read_day(self.name, summary.day)
        digest = self._archive.find_digest(self.name, str(summary.day))
        return make_part(self.shelf, summary, record, digest, self.words)


class _Across:
    """The newest days across repositories."""

    name = ""

    def __init__(
        self,
        archive: Archive,
        folder: Path,
        site_name: str,
        shelves: Sequence[_Newest],
        words: Words,
        maker: str,
    ) -> None:
        self._archive, self._shelves, self.words = archive, shelves, words
        self._site_name, self._maker = site_name, maker
        newest = sorted({day for shelf in shelves for day in shelf.days}, reverse=True)[:MOST_DAYS]
        digests = archive.digest_hashes(ACROSS, min(newest, default=date.max))
        self._days = {day: self._describe(day, digests.get(str(day))) for day in newest}
        self._kept = _Kept(folder / f"{ACROSS}.json", _ENTRIES)

    @property
    def day_matter(self) -> list[str]:
        """All that the feed of days is made from."""
        return list(self._days.values())

    @property
    def high_matter(self) -> list[list[str]]:
        """All that the feed of commits is made from."""
        return [shelf.high_matter for shelf in self._shelves]

    def list_days(self) -> list[Entry]:
        """List the entries of the newest days, newest first."""
        entries = [self._kept.find(key, partial(self._make, day)) for day, key in self._days.items()]
        self._kept.save(self.day_matter)
        for shelf in self._shelves:
            shelf.save()
        return entries

    def list_high(self) -> list[Entry]:
        """List the entries of the newest commits of high importance, newest first."""
        entries = _list_high(self._shelves)
        for shelf in self._shelves:
            shelf.save()
        return entries

    def _describe(self, day: date, digest: str | None) -> str:
        parts = [shelf.days[day].key for shelf in self._shelves if day in shelf.days]
        return hash_matter(self._maker, self._site_name, str(day), digest, parts)

    def _make(self, day: date) -> Entry:
        parts = [
            (shelf.shelf, shelf.find_part(shelf.days[day])) for shelf in self._shelves if day in shelf.days
        ]
        digest = self._archive.find_digest(ACROSS, str(day))
        return make_across(self._site_name, day, parts, digest, self.words)


def _list_high(shelves: Sequence[_Newest]) -> list[Entry]:
    """List the newest commits of high importance, newest first, opening no more days than that takes."""
    found: list[Entry] = []
    for day in sorted({day for shelf in shelves for day in shelf.high}, reverse=True):
        if len(found) >= MOST_COMMITS:
            break
        parts = (shelf.find_part(shelf.high[day]) for shelf in shelves if day in shelf.high)
        found += [highlight.entry for part in parts for highlight in part.highlights]
    # Of two that landed together, always the same one first.
    return sorted(found, key=lambda entry: (entry.published, entry.id), reverse=True)[:MOST_COMMITS]
