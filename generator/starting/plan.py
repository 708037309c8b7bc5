"""Hold what the owner of a new archive has answered, and write it down as archive.yml.

This module must not ask, look at a remote, or know a default that the configuration has too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from generator.config import Config, parse_config
from generator.records import Language
from generator.store.files import write_file

FILE = "archive.yml"
_HEAD = (
    "# The repositories this archive follows, and how it tells of them.\n"
    "# After a change: `daybook update`, then `daybook build`."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The answers. None, or nothing, leaves a key out of archive.yml, so that its default stands.

    `key` is the name of the environment variable that holds the model's key.
    """

    repositories: tuple[str, ...]
    language: Language
    timezone: str
    site_name: str | None = None
    site_url: str | None = None
    model: str | None = None
    base_url: str | None = None
    key: str | None = None


def render_plan(plan: Plan) -> str:
    """Write the answers as the text of archive.yml, with a word beside each key."""
    return "\n".join(_list_lines(plan)) + "\n"


def _list_lines(plan: Plan) -> Iterator[str]:
    yield _HEAD
    if plan.site_name or plan.site_url:
        yield "\nsite:"
        yield from (
            f"  {key}: {_write(value)}"
            for key, value in (("name", plan.site_name), ("url", plan.site_url))
            if value
        )
    yield f"\ntimezone: {_write(plan.timezone)}    # whose midnights are the borders of the days"
    yield f"language: {plan.language}    # zh or en: pages and analyses"
    yield "\nrepositories:"
    yield from (f"  - url: {_write(url)}" for url in plan.repositories)
    if plan.model:
        yield "\n# `daybook estimate` says what an update would cost before anything is sent."
        yield "analysis:\n  models:"
        yield f"    - name: {_write(plan.model)}"
        if plan.key:
            yield f"      key: {_write(plan.key)}    # the environment variable that holds the key, never the key"
        if plan.base_url:
            yield f"  base_url: {_write(plan.base_url)}"
        yield "  # budget: {usd_per_day: 2}    # what it leaves over waits for the next run; none: no limit"


def _write(value: str) -> str:
    """Write a text as YAML, in quotes where it would be read as something else."""
    # The end mark follows a plain scalar that stands alone.
    return yaml.safe_dump(value, allow_unicode=True, width=10_000).removesuffix("\n...\n").rstrip("\n")


def write_plan(root: Path, plan: Plan) -> tuple[Config, str | None]:
    """Write archive.yml into `root`; say how it is read, and under which name a file that was there is kept.

    Raises ConfigError where the answers do not make a configuration; then nothing was written.
    """
    content = render_plan(plan).encode()
    config = parse_config(content, FILE, root)
    kept = _keep(root / FILE)
    write_file(root / FILE, content)
    return config, kept


def _keep(path: Path) -> str | None:
    """Keep a file under a name that is free; None where there is none."""
    if not path.exists():
        return None
    number = 1
    while (kept := path.with_name(f"{path.name}.old{number}")).exists():
        number += 1
    write_file(kept, path.read_bytes())
    return kept.name
