"""Know where every page and record of the archive stands under docs/.

This module must not know what a page says. Addresses are for ever: nothing that can change (a title, a day, a
time zone) is part of a commit's address, and it mirrors GitHub's.

A *scope* is a repository's name, or `days` for the pages that look across repositories.
"""

from __future__ import annotations

from datetime import date

HOME = "index.md"
STATUS = "status.md"


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
