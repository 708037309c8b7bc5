"""Say which names, addresses, branches and time zones archive.yml may hold.

This module must not read a file or know a key's line: a value goes in, the value to use or a Refusal comes out.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from pathlib import Path
from urllib.parse import unquote
from zoneinfo import available_timezones

from generator.hosts import is_remote

# First segments of the site's own addresses, and folders that MkDocs or Material write into.
OUR_SEGMENTS = frozenset(
    "404 assets commit days feed handbook high imports index javascripts llms pagefind robots search "
    "sitemap status stylesheets templates".split()
)
# https://learn.microsoft.com/windows/win32/fileio/naming-a-file: with any ending, in any case.
# Paths below it must fit into what file systems and hosts take.
_LONGEST_NAME = 200
# Folders of pages below a repository's own; where a name has but two segments, no repository stands above it.
_PAGE_FOLDERS = frozenset({"releases", "watch"})
_DEVICES = frozenset(
    ["con", "prn", "aux", "nul", *(f"{port}{number}" for port in ("com", "lpt") for number in range(10))]
)
_SEGMENT = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}")
WEB = re.compile(
    r"(?P<scheme>[A-Za-z]+)://"
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:]+\])(?::[0-9]{1,5})?"
    r"(?P<path>(?:/[A-Za-z0-9._~!$&'()*+,;=:@%-]*)*)"
)
_SCHEME = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)(?P<mark>://|::)")
# scp's form: a host, a colon, a path.
_SCP = re.compile(r"(?:[^/@]*@)?(?P<host>[^/:@]+):(?!//)/?(?P<path>[^/:].*)")
_PASSWORD = re.compile(r"[^/:@]+:[^/]*@|[A-Za-z]+://[^/]*:[^/]*@")
# Not allowed in a git reference, see git-check-ref-format(1); HEAD and @ are no branch to git's commands.
_NOT_IN_BRANCH = re.compile(
    r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|/\.|\.lock(?:/|$)|^[./-]|[/.]$|^@$|^HEAD$|^refs/"
)

_REMOTE_STEP = "Write an https:// address, or the path of a repository on this machine."


class Refusal(ValueError):  # noqa: N818 - it refuses a value; nothing went wrong
    """Say why a value is not usable, as the rest of a sentence about it, and what to write instead."""

    def __init__(self, reason: str, next_step: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.next_step = next_step


def check_url(url: str) -> str:
    """Check where a repository is fetched from: an https address, or a local path with `file://` taken off."""
    if not url.isprintable() or url != url.strip() or not url:
        raise Refusal(
            "holds white space at an end, or a control character", "Remove what is not part of the address."
        )
    if url.startswith("-"):
        raise Refusal(
            "begins with a dash, which git would read as an option", f"Write ./{url} if it is a folder."
        )
    if is_remote(url):
        return check_web(url)
    if _PASSWORD.match(url):
        raise _refuse_secret()
    scheme = _SCHEME.match(url)
    if scheme and scheme["scheme"].lower() == "file" and scheme["mark"] == "://":
        return _check_file_url(url)
    if ":" in url.partition("/")[0]:
        raise _refuse_transport(url)
    return url


def check_web(url: str) -> str:
    """Check the https address of a repository; a `/` at its end is taken off."""
    check_no_secrets(url)
    match = WEB.fullmatch(url)
    if not match or match["scheme"].lower() != "https":
        raise Refusal(
            "is not an https:// address", "Write it as a browser shows it: https://host/owner/repository."
        )
    if not match["path"].strip("/"):
        raise Refusal(
            "names a host but no repository", "Add the repository's path: https://host/owner/repository."
        )
    return url.rstrip("/")


def check_site_url(url: str) -> str:
    """Check the address that the site is published under; it ends in `/`, which is added where it is missing."""
    check_no_secrets(url)
    match = WEB.fullmatch(url)
    if not match or match["scheme"].lower() not in ("http", "https"):
        raise Refusal("is not a web address", "Write it as a browser shows it: https://host/path/.")
    return url.rstrip("/") + "/"


def check_no_secrets(url: str) -> None:
    """Refuse a user name, a password, a query or a fragment: each may let somebody in."""
    if "@" in url.partition("://")[2].partition("/")[0]:
        raise _refuse_secret()
    if "?" in url or "#" in url:
        raise Refusal("holds a ? or #, which no address here needs", "Remove it and what comes after it.")


def _refuse_secret() -> Refusal:
    return Refusal(
        "holds a user name or password, and archive.yml is public",
        "Remove all that stands before the host, and change that password or token if it was ever committed.",
    )


def _check_file_url(url: str) -> str:
    path = url[len("file://") :]
    if path.startswith("localhost/"):
        path = path.removeprefix("localhost")
    if not path.startswith("/"):
        raise Refusal(
            "names a host, or no whole path", "Write file:/// and the absolute path, or the path alone."
        )
    return unquote(path)


def _refuse_transport(url: str) -> Refusal:
    scheme = _SCHEME.match(url)
    transport = scheme["scheme"].lower() if scheme else "ssh" if _SCP.fullmatch(url) else ""
    if scheme and scheme["mark"] == "::":
        reason = "runs a program of git's choosing to fetch"
    elif transport in ("http", "git"):
        reason = "is fetched without encryption, so that anyone on the way can change it"
    elif transport == "ssh":
        reason = "needs an SSH key, and Daybook fetches without any key"
    else:
        reason = "is neither an https:// address nor a local path"
    offer = _offer_https(url) if transport in ("http", "git", "ssh") else None
    return Refusal(reason, f"Write {offer} instead." if offer else _REMOTE_STEP)


def _offer_https(url: str) -> str | None:
    if scp := _SCP.fullmatch(url):
        return f"https://{scp['host']}/{scp['path']}"
    rest = re.sub(r"^[^:]*://(?:[^/]*@)?", "", url)
    known = WEB.fullmatch(f"https://{rest}")
    return known[0] if known and known["path"].strip("/") else None


def place_repository(path: str, folder: Path) -> str:
    """Make a local repository's path absolute, `path` being absolute or relative to `folder`.

    Whether it is there is not asked: one repository that is away must not stop the others.
    """
    return str((folder / path).resolve())


def check_name(name: str) -> str:
    """Check a repository's name, which becomes part of addresses and of paths on any kind of disk."""
    segments = name.split("/")
    if len(name) > _LONGEST_NAME:
        raise Refusal(f"has more than {_LONGEST_NAME} characters", _name_step("/".join(segments[-2:])))
    if len(segments) < 2:
        raise Refusal("needs an owner and a name, with a / between", _name_step(name))
    for segment in segments:
        _check_segment(segment, name)
    if segments[0].partition(".")[0].lower() in OUR_SEGMENTS:
        raise Refusal(f"begins with {segments[0]}, an address of Daybook's own pages", _name_step(name))
    for segment in segments[1:]:
        if segment.lower() == "commit" or re.fullmatch("[0-9]{4}", segment):
            raise _refuse_page_folder(segment, name)
    for segment in segments[2:]:
        if segment.lower() in _PAGE_FOLDERS:
            raise _refuse_page_folder(segment, name)
    return name


def _refuse_page_folder(segment: str, name: str) -> Refusal:
    return Refusal(f"holds {segment}, the address of pages below a repository", _name_step(name))


def _check_segment(segment: str, name: str) -> None:
    lower = segment.lower()
    if not _SEGMENT.fullmatch(segment) or ".." in segment or segment.endswith("."):
        raise Refusal(
            "may hold letters, digits, dots, dashes and underscores, no dot or dash first, no dot last, no two dots",
            _name_step(name),
        )
    if lower.endswith((".git", ".md", ".json", ".html")):
        raise Refusal(
            f"ends in .{lower.rpartition('.')[2]} at {segment}, which files here do", _name_step(name)
        )
    if lower.partition(".")[0] in _DEVICES:
        raise Refusal(f"holds {segment}, which Windows keeps for a device", _name_step(name))


def _name_step(name: str) -> str:
    """Offer a name that would do, made of what was given."""
    segments = [mended for segment in name.split("/") if (mended := _mend(segment))]
    offer = "/".join(segments if len(segments) > 1 else ["local", *(segments or ["repository"])])
    return f"Write `name: {offer}`, or any other name of that form."


def _mend(segment: str) -> str:
    mended = re.sub(r"[^A-Za-z0-9_]+", "-", segment).strip("-")[:80].strip("-")
    taken = OUR_SEGMENTS | _DEVICES | _PAGE_FOLDERS
    return f"{mended}-x" if mended.lower() in taken or re.fullmatch("[0-9]{4}", mended) else mended


def check_branch(branch: str) -> str:
    """Check a branch's name by git-check-ref-format(1); whether the branch is there is not asked here."""
    if branch.startswith("refs/heads/"):
        raise Refusal("is a whole reference", f"Write `branch: {branch.removeprefix('refs/heads/')}`.")
    if not branch or _NOT_IN_BRANCH.search(branch) or not _is_utf8(branch):
        raise Refusal(
            "is not a name that git allows for a branch", "Write the name as `git branch` prints it."
        )
    return branch


def check_timezone(timezone: str) -> str:
    """Check a time zone by its name in the IANA list, in that list's spelling."""
    zones = available_timezones()
    if timezone in zones:
        return timezone
    offer = _find_zone(timezone, sorted(zones))
    raise Refusal(
        "is not a time zone of the IANA list",
        f"Did you mean {offer!r}?"
        if offer
        else "Write a name such as 'Asia/Shanghai', 'Europe/Berlin' or 'UTC'.",
    )


def _find_zone(timezone: str, zones: list[str]) -> str | None:
    by_key = {zone.rpartition("/")[2].lower(): zone for zone in zones} | {
        zone.lower(): zone for zone in zones
    }
    key = timezone.strip().replace(" ", "_").lower()
    return next((by_key[close] for close in get_close_matches(key, by_key, n=1, cutoff=0.75)), None)


def check_site_name(name: str) -> str:
    """Check the site's name: one line with something to see on it."""
    if not name.strip() or not name.isprintable():
        raise Refusal("is not one line of text", "Write a short name, such as Daybook.")
    return name.strip()


def show_value(value: str) -> str:
    """Show a value in a message, without what may be a password in it and not at any length."""
    value = re.sub(r"(?<=//).*@", "***@", value)
    if ":" in value:
        value = re.sub(r"^(?!git@)[^/]*@", "***@", value)
    if "://" in value:
        value = re.sub(r"(?<=[?#]).+", "***", value)
    return repr(value if len(value) <= _LONGEST_SHOWN else value[:_LONGEST_SHOWN] + "…")


_LONGEST_SHOWN = 80


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
