"""Define a unit of pages, and what pages are told beside the archive.

This module must not know what any page says or which units there are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from generator.config import Config
from generator.pages.page import Page
from generator.records import Language


@dataclass(frozen=True, slots=True, kw_only=True)
class PageSettings:
    """What pages need to know beside the archive.

    `today` is a day in the archive's time zone: days before it without a record are told as such; None tells
    days up to the last one the archive knows of. `watch` are the globs of watched paths, by a repository's name.
    """

    site_name: str
    language: Language
    today: date | None = None
    watch: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def find_page_settings(config: Config) -> PageSettings:
    """Find what archive.yml says of pages."""
    return PageSettings(site_name=config.site.name, language=config.language, watch=config.watched)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """Pages that are made from the same matter.

    `day` and `month` such as `2026-01-06` and `2026-01` are those the pages are about, empty where they are about
    more. `questions` holds, once it is rendered, which commits its pages asked after and what they were told.
    """

    name: str
    key: str
    make: Callable[[], Iterator[Page]] = field(repr=False)
    asked: dict[tuple[str, str], bool] = field(repr=False)
    questions: dict[tuple[str, str], bool] = field(default_factory=dict)
    day: str = ""
    month: str = ""

    def render(self) -> Iterator[Page]:
        """Render the pages, one after the other. Raises ArchiveError where a record is missing or damaged."""
        self.asked.clear()
        yield from self.make()
        self.questions.update(self.asked)


class PlanUnit(Protocol):
    """Makes a unit of its name, what renders it, and all that it is made from."""

    def __call__(
        self, name: str, make: Callable[[], Iterator[Page]], *matter: object, day: str = "", month: str = ""
    ) -> Unit:
        """Make the unit."""
