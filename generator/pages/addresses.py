"""Know where every page and record of the archive stands under docs/.

This module must not know what a page says. Addresses are for ever: nothing that can change (a title, a day, a
time zone) is part of a commit's address, and it mirrors GitHub's.

A *scope* is a repository's name, or `days` for the pages that look across repositories.
"""

from __future__ import annotations

from datetime import date

from generator.feeds import WATCH

HOME = "index.md"
STATUS = "status.md"
IMPORTS = "imports.md"
IMPORTS_RECORD = "imports.json"
SEARCH = "search.md"


def commit_page(name: str, sha: str) -> str:
    """Say where a commit's page stands."""
    return f"{name}/commit/{sha}.md"


def repository_page(name: str) -> str:
    """Say where a repository's page stands."""
    return f"{name}/index.md"


def day_page(scope: str, day: date) -> str:
    """Say where a day's page stands."""
    return f"{scope}/{_path(day)}.md"


def day_part(name: str, day: date, part: int) -> str:
    """Say where a part of a day's page stands; the first is the page itself."""
    return day_page(name, day) if part == 1 else f"{name}/{_path(day)}-{part}.md"


def day_record(name: str, day: date) -> str:
    """Say where a day's record stands."""
    return f"{name}/{_path(day)}.json"


def month_page(scope: str, day: date) -> str:
    """Say where the page of the month that holds `day` stands."""
    return f"{scope}/{_path(day)[:-3]}/index.md"


def year_page(scope: str, day: date) -> str:
    """Say where the page of the year that holds `day` stands."""
    return f"{scope}/{_path(day)[:-6]}/index.md"


def watch_page(name: str) -> str:
    """Say where the page of a repository's watched paths stands."""
    return f"{name}/{WATCH}/index.md"


def watch_month(name: str, day: date, part: int = 1) -> str:
    """Say where a part of the page of what changed watched paths in the month that holds `day` stands."""
    return f"{name}/{WATCH}/{_path(day)[:-3]}{'' if part == 1 else f'-{part}'}.md"


def high_page(scope: str, day: date) -> str:
    """Say where the page of what is of high importance in the month that holds `day` stands."""
    return f"{scope}/{_path(day)[:-3]}/high.md"


def kinds_page(name: str, day: date) -> str:
    """Say where the page of the month that holds `day`, by kind, stands."""
    return f"{name}/{_path(day)[:-3]}/kinds.md"


def trends_page(name: str, day: date) -> str:
    """Say where the trends of the year that holds `day` stand."""
    return f"{name}/{_path(day)[:-6]}/trends.md"


def authors_page(name: str, day: date) -> str:
    """Say where the page of the authors of the year that holds `day` stands."""
    return f"{name}/{_path(day)[:-6]}/authors.md"


def releases_page(name: str) -> str:
    """Say where the page of a repository's releases stands."""
    return f"{name}/releases/index.md"


def release_page(name: str, file: str, part: int = 1) -> str:
    """Say where a part of a release's page stands; the first one's address is as that on its host."""
    # No file of a release holds a comma, as `generator.store.places.name_release` names them.
    return f"{name}/releases/tag/{file}{'' if part == 1 else f',{part}'}.md"


def release_record(name: str, file: str) -> str:
    """Say where a release's record stands."""
    return f"{name}/releases/tag/{file}.json"


def find_link(source: str, target: str) -> str:
    """Find the relative path from one source file to another."""
    here, there = source.split("/")[:-1], target.split("/")
    shared = 0
    while shared < min(len(here), len(there) - 1) and here[shared] == there[shared]:
        shared += 1
    return "/".join([".."] * (len(here) - shared) + there[shared:])


def _path(day: date) -> str:
    # isoformat, because strftime's %Y leaves out leading zeros of years before 1000.
    return day.isoformat().replace("-", "/")
