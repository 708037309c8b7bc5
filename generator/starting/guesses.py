"""Guess what the owner of a new archive would answer, from where it is begun.

This module must not ask anybody, and must not guess what it has no sign of.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from generator.records import Language

_LOCALTIME = Path("/etc/localtime")
_GITHUB = re.compile(
    r"(?:https://github\.com/|(?:ssh://)?git@github\.com[:/])([A-Za-z0-9-]+)/([A-Za-z0-9._-]+?)(?:\.git)?/?"
)


def guess_language(environment: Mapping[str, str]) -> Language:
    """Guess the language by the locale: Chinese where it is one of Chinese, else English."""
    locale = next(
        (environment[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environment.get(name)), ""
    )
    return "zh" if locale.lower().startswith("zh") else "en"


def guess_timezone(environment: Mapping[str, str], localtime: Path = _LOCALTIME) -> str:
    """Guess the time zone: what TZ names, or what the machine's clock is set to; UTC where neither is known."""
    # Where /etc/localtime is a link, tzset(3), it leads to zoneinfo/Area/City.
    linked = os.path.realpath(localtime).rpartition("zoneinfo/")[2]
    zones = available_timezones()
    return next((zone for zone in (environment.get("TZ", "").lstrip(":"), linked) if zone in zones), "UTC")


def guess_site_url(remote: str | None) -> str | None:
    """Guess the address of the site by that of the repository it is kept in; None where that is not on GitHub.

    https://docs.github.com/pages/getting-started-with-github-pages: a repository `OWNER.github.io` is the owner's own
    site, every other stands below it.
    """
    match = _GITHUB.fullmatch(remote or "")
    if match is None:
        return None
    owner, name = match[1].lower(), match[2]
    root = f"https://{owner}.github.io/"
    return root if name.lower() == urlsplit(root).hostname else f"{root}{name}/"
