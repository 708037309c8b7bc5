"""Read archive.yml, the one file that the owner of an archive edits.

This module must not talk to git or to the network: whether a remote or a branch is there shows when it is fetched.
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from itertools import combinations
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
)

from generator.config_errors import explain_errors
from generator.config_provider import check_base_url, check_key, check_model
from generator.config_values import (
    check_branch,
    check_name,
    check_site_name,
    check_site_url,
    check_timezone,
    check_url,
    check_web,
    place_repository,
)
from generator.config_yaml import Document, Location, parse_yaml
from generator.errors import ConfigError
from generator.globs import check_glob
from generator.hosts import find_name, find_web, is_remote
from generator.records import Language

# What TrackedRepository knows beside what one writes.
_NOT_WRITTEN = frozenset({"local"})
OPENAI_URL = "https://api.openai.com/v1"
Host = Literal["github", "cloudflare", "gitlab", "none"]


def _place_url(url: str, given: ValidationInfo) -> str:
    url = check_url(url)
    folder = (given.context or {}).get("folder")
    return place_repository(url, folder) if folder is not None and not is_remote(url) else url


class _Keys(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)


class Site(_Keys):
    """What the site is called, and where it will be published; None while it is nowhere.

    `url` ends in `/`. `host` is whose limits the site must keep; None: as its address says.
    """

    name: Annotated[str, AfterValidator(check_site_name)] = "Daybook"
    url: Annotated[str, AfterValidator(check_site_url)] | None = None
    host: Host | None = None


_Glob = Annotated[str, AfterValidator(check_glob)]


def _leave_out_doubled(globs: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(globs))


class TrackedRepository(_Keys):
    """One repository that the archive follows.

    `url` is an https address, or, where `local`, a path: absolute once it was read from archive.yml.
    `name` follows from the address where it is not given: its path on a host, `local/<folder>` on this machine.
    `branch` is None for the branch that the repository itself names as its own. `web` is the https address of its
    pages on a hosting service, None where it has none. `watch` are the paths whose commits get pages and a feed of
    their own, as globs by the rules of .gitignore, each of them once.
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
    watch: Annotated[tuple[_Glob, ...], Field(max_length=50), AfterValidator(_leave_out_doubled)] = ()


_Money = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Price(_Keys):
    """What a model costs, in US dollars per million tokens; `cached` is for those that a provider still knew."""

    input: _Money
    output: _Money
    cached: _Money | None = None


class Budget(_Keys):
    """What may be spent on models in a day, or is left of that; None is no limit, 0 is nothing."""

    usd_per_day: _Money | None = None
    tokens_per_day: Annotated[int, Field(ge=0)] | None = None
    calls_per_day: Annotated[int, Field(ge=0)] | None = None


class ModelSettings(_Keys):
    """One model that may be asked.

    `base_url` does not end in `/`. `key` is the name of the environment variable that holds the key. `context` is how
    many tokens the model takes, question and answer together, and None is what is known of the model by its name.
    `price` is None likewise.
    """

    name: Annotated[str, AfterValidator(check_model)]
    base_url: Annotated[str, AfterValidator(check_base_url)] = OPENAI_URL
    key: Annotated[str, AfterValidator(check_key)] = "OPENAI_API_KEY"
    context: Annotated[int, Field(ge=8_000, le=10_000_000)] | None = None
    price: Price | None = None


def _fill_models(models: object, given: ValidationInfo) -> object:
    """Let a name alone be a model, and let each be at the common address that names none of its own."""
    if not isinstance(models, tuple):
        return models
    # Where the common address was refused, that is what is told.
    base_url = given.data.get("base_url", OPENAI_URL)
    return tuple(_fill_model(model, base_url) for model in models)


def _fill_model(model: object, base_url: str) -> object:
    if isinstance(model, ModelSettings) and "base_url" not in model.model_fields_set:
        return model.model_copy(update={"base_url": base_url})
    if isinstance(model, str):
        return {"name": model, "base_url": base_url}
    return {"base_url": base_url} | model if isinstance(model, dict) else model


class AnalysisSettings(_Keys):
    """Who is asked what a commit means, and how much that may take.

    Of `models` the first that answers is taken; none of them: rules alone. `deadline` is how many seconds one call
    may take, `parts` how many calls may read one large commit. No two models have one name at one address, and no
    key goes to two servers.
    """

    base_url: Annotated[str, AfterValidator(check_base_url)] = OPENAI_URL
    models: Annotated[tuple[ModelSettings, ...], BeforeValidator(_fill_models)] = ()
    budget: Budget = Budget()
    concurrency: Annotated[int, Field(ge=1, le=64)] = 8
    deadline: Annotated[int, Field(ge=10, le=3600)] = 300
    parts: Annotated[int, Field(ge=1, le=32)] = 4
    batch: bool = False


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
    analysis: AnalysisSettings = AnalysisSettings()

    @property
    def watched(self) -> dict[str, tuple[str, ...]]:
        """The globs of each repository that has any, by its name."""
        return {repository.name: repository.watch for repository in self.repositories if repository.watch}

    @property
    def zone(self) -> ZoneInfo:
        """The time zone, ready for arithmetic."""
        return ZoneInfo(self.timezone)


def load_config(path: Path) -> Config:
    """Read archive.yml.

    Raises ConfigError for the first thing that is wrong, naming file, line, key and value.
    """
    return parse_config(_read_file(path), path.name, path.parent)


def parse_config(content: bytes, file: str, folder: Path) -> Config:
    """Read what archive.yml holds, or would hold in `folder`; `file` is its name in errors. Raises ConfigError."""
    document = parse_yaml(content, file)
    _check_keys(document, file)
    try:
        config = Config.model_validate(document.values, context={"folder": folder.resolve()})
    except ValidationError as error:
        raise explain_errors(error.errors(include_url=False), document, file) from None
    _check_names(config.repositories, document, file)
    _check_models(config.analysis.models, document, file)
    return config


def find_place(path: Path, name: str, key: str) -> str:
    """Find where archive.yml writes a repository's key, as `archive.yml:7`; its entry where the key is not written.

    For what shows only later that a value was wrong. Raises ConfigError as `load_config` does.
    """
    names = [repository.name for repository in load_config(path).repositories]
    return find_setting(path, "repositories", names.index(name), key)


def find_setting(path: Path, *location: str | int) -> str:
    """Find where archive.yml writes a value, as `archive.yml:7`, by its keys and positions: `analysis`, `models`, 0.

    What would hold it, where it is not written. Raises ConfigError for what is no YAML.
    """
    return f"{path.name}:{parse_yaml(_read_file(path), path.name).find_line(location)}"


# The mappings of the file, each by its key.
_PARTS: dict[str, type[BaseModel]] = {
    "": Config,
    "site": Site,
    "repositories": TrackedRepository,
    "analysis": AnalysisSettings,
    "models": ModelSettings,
    "price": Price,
    "budget": Budget,
}


def list_keys() -> dict[str, tuple[str, ...]]:
    """List the keys that one may write: those of the file, and those of each mapping in it, by the mapping's key."""
    return {
        part: tuple(key for key in model.model_fields if key not in _NOT_WRITTEN)
        for part, model in _PARTS.items()
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
        for key in mapping:
            if key in known[part]:
                continue
            close = get_close_matches(key.lower(), known[part], n=1) or _complete(key.lower(), known[part])
            raise ConfigError(
                f"{file}:{document.find_line((*location, key))}: unknown key {key!r}",
                f"Did you mean {close[0]!r}?" if close else f"The keys here are {', '.join(known[part])}.",
            )


def _complete(key: str, known: tuple[str, ...]) -> list[str]:
    return [one for one in known if key and one.startswith(key)]


def _list_mappings(
    value: object, location: Location = (), part: str = ""
) -> Iterator[tuple[Location, str, dict[str, object]]]:
    """List the mappings of the file, each with its part: the key that it, or the list it is in, stands behind."""
    if isinstance(value, tuple):
        for position, member in enumerate(value):
            yield from _list_mappings(member, (*location, position), part)
    elif isinstance(value, dict):
        yield location, part, value
        for key, member in value.items():
            if key in _PARTS and key in _PARTS[part].model_fields:
                yield from _list_mappings(member, (*location, key), key)


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


def _check_models(models: tuple[ModelSettings, ...], document: Document, file: str) -> None:
    """Refuse a model that would be asked again for what it has just not answered, and a key that two servers get."""
    lines = [document.find_line(("analysis", "models", position)) for position in range(len(models))]
    for (above, first), (below, second) in combinations(zip(lines, models, strict=True), 2):
        if (first.name, first.base_url) == (second.name, second.base_url):
            raise ConfigError(
                f"{file}:{below}: model {second.name!r} stands in line {above} too, at the same address",
                "Remove one of the two, or give one another `base_url:`.",
            )
        one, other = (urlsplit(model.base_url).netloc.lower() for model in (first, second))
        if first.key == second.key and one != other:
            raise ConfigError(
                f"{file}:{below}: model {second.name!r} would have {other} see {second.key}, "
                f"which is the key to {one} in line {above}",
                "Give each server a `key:` of its own, the name of another environment variable.",
            )
