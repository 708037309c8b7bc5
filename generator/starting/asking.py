"""Ask the owner of a new archive five questions, each with an answer that works, until the answers hold.

This module must not decide what a good answer is, or write a file. What was given on the command line is not asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import click

from generator.config import OPENAI_URL
from generator.config_provider import SecretRefusal, check_base_url, check_key
from generator.config_provider import check_model as check_model_name
from generator.config_values import Refusal, check_site_url, check_timezone, show_value
from generator.errors import ConfigError, RemoteError
from generator.records import Language
from generator.starting.checks import check_model, check_repository
from generator.starting.plan import Plan

T = TypeVar("T")

OPENAI_KEY = "OPENAI_API_KEY"


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What the command line says; None is for what is to be asked. `model` and `site_url` may be empty: none."""

    repositories: tuple[str, ...] = ()
    language: Language | None = None
    timezone: str | None = None
    site_name: str | None = None
    site_url: str | None = None
    model: str | None = None
    base_url: str | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Guesses:
    """What is taken where nobody says anything else."""

    language: Language
    timezone: str
    site_url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """Asks, or where `is_silent` takes the guesses and refuses what does not hold.

    `secrets` are the variables of the environment that may hold a model's key. `note` is told of what is amiss and
    does not stand in the way.
    """

    root: Path
    given: Given
    guesses: Guesses
    secrets: Mapping[str, str] = field(repr=False)
    is_silent: bool
    note: Callable[[str], None]

    def ask(self) -> Plan:
        """Ask for all that was not given. Raises ConfigError and RemoteError for what was given and does not hold."""
        given, guesses = self.given, self.guesses
        repositories = self._ask_repositories()
        language = given.language or self._choose_language()
        timezone = self._ask("Time zone, whose midnights are the borders of the days", given.timezone,
                             guesses.timezone, check_timezone)  # fmt: skip
        site_url = self._ask("Address of the published site; - for none yet", given.site_url,
                             guesses.site_url or "-", _check_site)  # fmt: skip
        model = self._ask("Model that analyses the commits, such as gpt-5-mini; - for rules alone", given.model,
                          "-", _check_model)  # fmt: skip
        base_url, key = self._ask_provider() if model else (None, None)
        if model:
            self._try_model(model, base_url or OPENAI_URL, key or OPENAI_KEY)
        return Plan(
            repositories=repositories,
            language=language,
            timezone=timezone or guesses.timezone,
            site_name=given.site_name,
            site_url=site_url,
            model=model,
            base_url=base_url,
            key=key,
        )

    def _ask_repositories(self) -> tuple[str, ...]:
        if self.given.repositories or self.is_silent:
            if not self.given.repositories:
                raise ConfigError(
                    "no repository was given",
                    "Add --repository https://github.com/owner/name, once for each.",
                )
            return tuple(dict.fromkeys(self._check_repositories(self.given.repositories)))
        found: dict[str, None] = {}
        while True:
            ask = (
                "Another repository; an empty line ends"
                if found
                else "Repository to follow, https://… or a path"
            )
            answer = click.prompt(ask, default="" if found else None, show_default=False, err=True).strip()
            if not answer:
                return tuple(found)
            try:
                found.update(dict.fromkeys(self._check_repositories([answer])))
            except (ConfigError, RemoteError) as error:
                self.note(str(error))

    def _check_repositories(self, urls: Sequence[str]) -> list[str]:
        for url in urls:
            check_repository(url, self.root)
        return list(urls)

    def _choose_language(self) -> Language:
        if self.is_silent:
            return self.guesses.language
        choice = click.Choice(["zh", "en"])
        found = click.prompt("Language of the pages", default=self.guesses.language, type=choice, err=True)
        return "zh" if found == "zh" else "en"

    def _ask_provider(self) -> tuple[str | None, str | None]:
        """Ask where the model is, and in which variable its key; None is OpenAI, and its own variable."""
        base_url = self._ask(
            "Address of its OpenAI-compatible server", self.given.base_url, OPENAI_URL, check_base_url
        )
        key = self._ask("Environment variable that holds its key", self.given.key, OPENAI_KEY, check_key)
        return (None if base_url == OPENAI_URL else base_url), (None if key == OPENAI_KEY else key)

    def _try_model(self, model: str, base_url: str, key: str) -> None:
        """Say what is amiss with the model; the archive works without it, and the next run asks again."""
        if key not in self.secrets and base_url == OPENAI_URL:
            self.note(
                f"{key} is not set here: set it where the archive runs. Until then, the rules analyse alone."
            )
            return
        found = check_model(model, base_url, self.secrets.get(key))
        if found.problem:
            self.note(f"{found.problem}\n{found.next_step} Until then, the rules analyse alone.")

    def _ask(self, text: str, given: str | None, default: str, check: Callable[[str], T]) -> T:
        """Take what was given, or ask until the answer holds."""
        if given is not None or self.is_silent:
            return _check(default if given is None else given, check)
        while True:
            answer = click.prompt(text, default=default, err=True).strip()
            try:
                return _check(answer, check)
            except ConfigError as error:
                self.note(str(error))


def _check(value: str, check: Callable[[str], T]) -> T:
    try:
        return check(value)
    except Refusal as refusal:
        # What may be a key is not shown.
        shown = "the answer" if isinstance(refusal, SecretRefusal) else show_value(value)
        raise ConfigError(f"{shown} {refusal.reason}", refusal.next_step) from None


def _check_site(url: str) -> str | None:
    return None if url in ("", "-") else check_site_url(url)


def _check_model(name: str) -> str | None:
    return None if name in ("", "-", "none") else check_model_name(name)
