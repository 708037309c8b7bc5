"""Read archive.yml, the one file that the owner of an archive edits.

This module must not talk to git or to the network: whether a remote or a branch is there shows when it is fetched.
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from itertools import combinations
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, ValidationInfo
from pydantic_core import ErrorDetails

from generator.config_values import (
    Refusal,
    check_branch,
    check_name,
    check_site_name,
    check_site_url,
    check_timezone,
    check_url,
    check_web,
    place_repository,
    show_value,
)
from generator.config_yaml import Document, Location, Place, parse_yaml
from generator.errors import ConfigError
from generator.hosts import find_name, find_web, is_remote
from generator.records import Language

# What TrackedRepository knows beside what one writes.
_NOT_WRITTEN = frozenset({"local"})


def _place_url(url: str, given: ValidationInfo) -> str:
    url = check_url(url)
    folder = (given.context or {}).get("folder")
    return place_repository(url, folder) if folder is not None and not is_remote(url) else url


class _Keys(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)


class Site(_Keys):
    """What the site is called, and where it will be published; None while it is nowhere.

    `url` ends in `/`.
    """

    name: Annotated[str, AfterValidator(check_site_name)] = "Daybook"
    url: Annotated[str, AfterValidator(check_site_url)] | None = None


class TrackedRepository(_Keys):
    """One repository that the archive follows.

    `url` is an https address, or, where `local`, a path: absolute once it was read from archive.yml.
    `name` follows from the address where it is not given: its path on a host, `local/<folder>` on this machine.
    `branch` is None for the branch that the repository itself names as its own. `web` is the https address of its
    pages on a hosting service, None where it has none.
    """

    url: Annotated[str, AfterValidator(_place_url)]
    name: Annotated[str, AfterValidator(check_name)] = Field(
        default_factory=lambda given: find_name(given["url"]), validate_default=True
    )
    local: bool = Field(default_factory=lambda given: not is_remote(given["url"]))
    branch: Annotated[str, AfterValidator(check_branch)] | None = None
    web: Annotated[str, AfterValidator(check_web)] | None = Field(
        default_factory=lambda given: find_web(given["url"])
    )


class Config(_Keys):
    """An archive's settings.

    `timezone` is the IANA name of the zone whose midnights are the borders of the days. `first_days` says how many
    landing days, counted back from the newest, are archived when a repository is looked at for the first time.
    No two repositories have one name, and no name is the beginning of another's path.
    """

    site: Site = Site()
    timezone: Annotated[str, AfterValidator(check_timezone)] = "Asia/Shanghai"
    language: Language = "zh"
    first_days: Annotated[int, Field(ge=1, le=366)] = 7
    repositories: Annotated[tuple[TrackedRepository, ...], Field(min_length=1)]

    @property
    def zone(self) -> ZoneInfo:
        """The time zone, ready for arithmetic."""
        return ZoneInfo(self.timezone)


def load_config(path: Path) -> Config:
    """Read archive.yml.

    Raises ConfigError for the first thing that is wrong, naming file, line, key and value.
    """
    document = parse_yaml(_read_file(path), path.name)
    _check_keys(document, path.name)
    try:
        config = Config.model_validate(document.values, context={"folder": path.parent.resolve()})
    except ValidationError as error:
        raise _translate(error.errors(include_url=False), document, path.name) from None
    _check_names(config.repositories, document, path.name)
    return config


def find_place(path: Path, name: str, key: str) -> str:
    """Find where archive.yml writes a repository's key, as `archive.yml:7`; its entry where the key is not written.

    For what shows only later that a value was wrong. Raises ConfigError as `load_config` does.
    """
    names = [repository.name for repository in load_config(path).repositories]
    line = parse_yaml(_read_file(path), path.name).find_line(("repositories", names.index(name), key))
    return f"{path.name}:{line}"


def list_keys() -> dict[str, tuple[str, ...]]:
    """List the keys that one may write: those of the file, of `site` and of each of `repositories`."""
    models: dict[str, type[BaseModel]] = {"": Config, "site": Site, "repositories": TrackedRepository}
    return {
        part: tuple(key for key in model.model_fields if key not in _NOT_WRITTEN)
        for part, model in models.items()
    }


def _read_file(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise ConfigError(
            f"{path.name}: there is no such file in {path.parent.resolve()}",
            "Run Daybook in the archive's folder, or write the file: `repositories:` and under it `- url: https://…`.",
        ) from None
    except OSError as error:
        raise ConfigError(
            f"{path.name}: the file cannot be read: {error.strerror}",
            "Check that it is a file and its permissions.",
        ) from None


def _check_keys(document: Document, file: str) -> None:
    known = list_keys()
    for location, part, mapping in _list_mappings(document.values):
        for key in mapping if isinstance(mapping, dict) else ():
            if key in known[part]:
                continue
            close = get_close_matches(key.lower(), known[part], n=1)
            raise ConfigError(
                f"{file}:{document.find_line((*location, key))}: unknown key {key!r}",
                f"Did you mean {close[0]!r}?" if close else f"The keys here are {', '.join(known[part])}.",
            )


def _list_mappings(values: dict[str, object]) -> Iterator[tuple[Location, str, object]]:
    yield (), "", values
    yield ("site",), "site", values.get("site")
    repositories = values.get("repositories")
    for position, repository in enumerate(repositories if isinstance(repositories, tuple) else ()):
        yield ("repositories", position), "repositories", repository


def _check_names(repositories: tuple[TrackedRepository, ...], document: Document, file: str) -> None:
    """Refuse two names that would share a folder, on a disk that ignores letter case too."""
    lines = [document.find_line(("repositories", position, "name")) for position in range(len(repositories))]
    for (above, first), (below, second) in combinations(zip(lines, repositories, strict=True), 2):
        one, other = f"{first.name.casefold()}/", f"{second.name.casefold()}/"
        if one == other:
            reason = f"is the name in line {above} too"
        elif one.startswith(other) or other.startswith(one):
            reason = f"and {first.name!r} in line {above} would have one's pages among the other's"
        else:
            continue
        raise ConfigError(
            f"{file}:{below}: name {second.name!r} {reason}", "Give one of the two another `name:`."
        )


def _translate(errors: list[ErrorDetails], document: Document, file: str) -> ConfigError:
    """Turn what Pydantic found into the message about what stands first in the file."""
    # A default that needs the address is not made where the address is refused already.
    found = [error for error in errors if error["type"] != "default_factory_not_called"]
    # A list with a wrong member is reported as too short beside it.
    found = [error for error in found if error["type"] != "too_short" or len(found) == 1]
    first = min(found, key=lambda error: document.find_line(error["loc"]))
    fact, next_step = _explain(first, document)
    return ConfigError(f"{file}:{document.find_line(first['loc'])}: {fact}", next_step)


_LIST_STEP = "Write `repositories:` and under it, for each one, `- url: https://…`."
# What a value should have been, and what to do; all other keys hold text.
_FORMS: dict[str | int, tuple[str, str]] = {
    "site": ("a mapping", "Write `site:` and under it, indented, `name: …` and `url: …`."),
    "language": ("zh or en", "Write zh for Chinese or en for English."),
    "first_days": (
        "a whole number from 1 to 366",
        "Write for how many landing days to look back at first, such as 7.",
    ),
    "repositories": ("a list of repositories", _LIST_STEP),
}


def _explain(error: ErrorDetails, document: Document) -> tuple[str, str]:
    key = error["loc"][-1]
    place = document.places.get(error["loc"])
    refusal = error.get("ctx", {}).get("error")
    if isinstance(refusal, Refusal):
        shown = show_value(error["input"])
        subject = f"{key} {shown}" if place else f"the {key} that follows from the address is {shown}, which"
        return f"{subject} {refusal.reason}", refusal.next_step
    if not place:
        return f"{key} is missing", _LIST_STEP
    if place.kind == "":
        return f"{key} has no value", "Write one behind the colon, or remove the line."
    return _explain_form(key, place)


def _explain_form(key: str | int, place: Place) -> tuple[str, str]:
    if isinstance(key, int):
        return "a repository is a mapping of keys, not a value alone", _LIST_STEP
    if key not in _FORMS and place.kind:
        return (
            f"{key} {place.text} is read as {place.kind}, not as text",
            f'Put it in quotes: {key}: "{place.text}"',
        )
    written = "" if place.text is None else f" {show_value(place.text)}"
    form, next_step = _FORMS.get(key, ("text", "Write one value behind the colon."))
    return f"{key}{written} is not {form}", next_step
