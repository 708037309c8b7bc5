"""Render a release: what it has that the release before has not, breaking changes first, then by importance and kind.

This module must not decide which commits those are: the release's record says it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from generator.headlines import IMPORTANCE_ORDER, Headline
from generator.pages import classes
from generator.pages.addresses import find_link, release_page, release_record, releases_page
from generator.pages.fragments import badge, importance_heading, link_host, render_date
from generator.pages.headline_lines import render_headlines, render_writers
from generator.pages.markup import cut, escape, link_out, link_page, wrap
from generator.pages.page import FrontMatter, Page, Stop, make_page
from generator.pages.survey import Shelf
from generator.pages.trails import scope_trail
from generator.pages.turning import render_turning
from generator.pages.words import Words, count
from generator.records import Importance, Kind
from generator.release_records import ReleaseRecord
from generator.summaries import ReleaseSummary

MOST_COMMITS = 200
_LONGEST_TAG, _LONGEST_WHOLE = 100, 16
_MOST_FORMER = 5
_KINDS = {kind: place for place, kind in enumerate(Kind)}


def name_tag(tag: str) -> str:
    """Name a tag as plain text."""
    return cut(tag, _LONGEST_TAG)


def show_tag(tag: str) -> str:
    """Render a tag; a short one never breaks over two lines."""
    shown = escape(name_tag(tag))
    return f"<bdi>{shown}</bdi>" if len(tag) > _LONGEST_WHOLE else shown


def link_release(source: str, name: str, summary: ReleaseSummary) -> str:
    """Link to a release's page by its tag."""
    return link_page(show_tag(summary.tag), find_link(source, release_page(name, summary.file)))


def mark_release(summary: ReleaseSummary, words: Words) -> str:
    """Say what is out of the ordinary with a release."""
    marks = [badge(classes.MARK, words.prerelease)] if summary.is_prerelease else []
    marks += [badge(classes.MARK, words.gone_mark)] if summary.gone else []
    return " ".join(marks)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownRelease:
    """A release to be shown, with the commits of it that the archive has, by their SHA.

    `previous` is the release before, None where that has no page; `beside` are those older and newer in the list.
    """

    shelf: Shelf
    summary: ReleaseSummary
    record: ReleaseRecord
    headlines: Mapping[str, Headline]
    previous: ReleaseSummary | None
    beside: tuple[ReleaseSummary | None, ReleaseSummary | None]

    def render(self, words: Words) -> Iterator[Page]:
        """Render the page, then further parts of its list, if there are that many commits."""
        ordered = sorted(self._list_commits(), key=_place)
        starts = range(0, max(len(ordered), 1), MOST_COMMITS)
        numbers = {group: len(list(found)) for group, found in groupby(ordered, _find_group)}
        for part, start in enumerate(starts, 1):
            some = ordered[start : start + MOST_COMMITS]
            yield self._render_part(some, numbers, part, len(starts), words)

    def _list_commits(self) -> list[Headline]:
        """List the commits of the days that the record names: of others the page is not made from."""
        found = (
            (day.day, self.headlines.get(sha)) for day in reversed(self.record.days) for sha in day.commits
        )
        return [headline for day, headline in found if headline and headline.day == day]

    def _render_part(
        self,
        headlines: Sequence[Headline],
        numbers: Mapping[tuple[bool, Importance], int],
        part: int,
        parts: int,
        words: Words,
    ) -> Page:
        source, name = self._find_page(part), self.shelf.name
        numbered = "" if part == 1 else words.brackets.format(inner=f"{part:,} / {parts:,}")
        tag = name_tag(self.record.tag)
        turning = render_turning(source, part, parts, self._find_page, words)
        return make_page(
            source,
            self._make_front_matter(f"{name} {tag}{numbered}", part, parts, words),
            f"<h1>{escape(name)} <bdi>{escape(tag)}</bdi>{numbered}</h1>",
            *self._render_account(source, sum(numbers.values()), words),
            turning,
            *_render_groups(source, self.shelf, headlines, numbers, words),
            turning,
            render_writers(headlines, words),
        )

    def _find_page(self, part: int) -> str:
        return release_page(self.shelf.name, self.record.file, part)

    def _make_front_matter(self, title: str, part: int, parts: int, words: Words) -> FrontMatter:
        name = self.shelf.name
        trail = (*scope_trail(name, words), Stop(words.releases, releases_page(name)))
        previous, following = (
            Stop(name_tag(other.tag), release_page(name, other.file)) if other else None
            for other in self.beside
        )
        if part > 1:
            trail = (*trail, Stop(name_tag(self.record.tag), self._find_page(1)))
            previous = Stop(f"{part - 1:,} / {parts:,}", self._find_page(part - 1))
            following = Stop(f"{part + 1:,} / {parts:,}", self._find_page(part + 1)) if part < parts else None
        around = (Stop(words.releases, releases_page(name)),)
        return FrontMatter(title=title, trail=trail, previous=previous, next=following, around=around)

    def _render_account(self, source: str, shown: int, words: Words) -> Iterator[str]:
        record, links = self.record, self.shelf.links
        facts = [mark_release(self.summary, words), link_host(self.shelf, record.sha)]
        facts += (
            [render_date(record.committed.astimezone(self.shelf.zone).date())] if record.committed else []
        )
        facts += [words.release_previous.format(tag=self._link_previous(source))] if record.previous else []
        old = record.previous.sha if record.previous else None
        url = links.compare(old, record.sha) if old else links.tree(record.sha)
        facts += [link_out(words.release_compare, url)] if url else []
        facts.append(link_page(words.record, find_link(source, release_record(self.shelf.name, record.file))))
        yield wrap("p", classes.LEAD, " \u00b7 ".join(filter(None, facts)))
        if record.gone:
            yield f"<p>{wrap('span', classes.WARN, words.release_gone)}</p>"
        if record.former:
            former = words.listing.join(link_host(self.shelf, sha) for sha in record.former[-_MOST_FORMER:])
            yield f"<p>{words.release_former.format(commits=former)}</p>"
        yield f"<p>{self._count(shown, words)}</p>"

    def _link_previous(self, source: str) -> str:
        assert self.record.previous is not None  # it is asked for where there is one
        if self.previous is None:
            return show_tag(self.record.previous.tag)
        return link_release(source, self.shelf.name, self.previous)

    def _count(self, shown: int, words: Words) -> str:
        record = self.record
        total = count(record.total, words.release_total if record.previous else words.release_whole)
        if not shown:
            return f"{total}{words.space}{words.release_none}"
        parts = [total, count(shown, words.release_listed)]
        if missing := record.total - record.archived:
            parts.append(count(missing, words.release_elsewhere))
        return words.space.join(parts)


def _is_breaking(headline: Headline) -> bool:
    return headline.breaking == "yes" and not headline.is_gone


def _find_group(headline: Headline) -> tuple[bool, Importance]:
    # Breaking changes are one group, whatever their importance.
    is_breaking = _is_breaking(headline)
    return is_breaking, Importance.HIGH if is_breaking else headline.importance


def _place(headline: Headline) -> tuple[bool, int, int]:
    is_breaking, importance = _find_group(headline)
    return not is_breaking, IMPORTANCE_ORDER[importance], _KINDS[headline.kinds[0]]


def _render_groups(
    source: str,
    shelf: Shelf,
    headlines: Sequence[Headline],
    numbers: Mapping[tuple[bool, Importance], int],
    words: Words,
) -> Iterator[str]:
    for (is_breaking, importance), group in groupby(headlines, _find_group):
        number = numbers[is_breaking, importance]
        if is_breaking:
            yield f"## {words.release_breaking}{words.brackets.format(inner=f'{number:,}')}"
            yield render_headlines(source, shelf, group, words)
            continue
        yield f"## {importance_heading(importance, number, words)}"
        for kind, found in groupby(group, lambda headline: headline.kinds[0]):
            yield f"### {words.kinds[kind]}"
            yield render_headlines(source, shelf, found, words, is_grouped=True)
