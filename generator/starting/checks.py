"""Check the answers of whoever begins an archive, against the world: does a repository answer, does a model.

This module must not ask its owner anything, and must not keep, print or send a key to anybody but the model's server.
"""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from pydantic import ValidationError

from generator.analyse.model.asks import Message
from generator.analyse.model.client import Client, Request
from generator.analyse.model.exchanges import Exchange
from generator.collect.mirror import Mirror
from generator.config import TrackedRepository
from generator.config_values import Refusal
from generator.errors import ConfigError, RemoteError

# Seconds: a question of one word is answered at once, or the server is not there.
_DEADLINE = 60.0
_ROOM = 16


def check_repository(url: str, root: Path) -> TrackedRepository:
    """Check that a repository can be followed: its address, and that it answers and has a branch.

    Raises ConfigError for an address that cannot be used, RemoteError where nothing answers.
    """
    try:
        repository = TrackedRepository.model_validate({"url": url}, context={"folder": root.resolve()})
    except ValidationError as error:
        raise _explain(url, error) from None
    with tempfile.TemporaryDirectory() as folder:
        branches = Mirror(Path(folder), repository.name, repository.url).list_remote("refs/heads/*")
    if not branches:
        raise RemoteError(f"{url}: the repository has no branch yet", "Push a commit, or follow another one.")
    return repository


def _explain(url: str, error: ValidationError) -> ConfigError:
    first = error.errors(include_url=False)[0]
    refusal = first.get("ctx", {}).get("error")
    if isinstance(refusal, Refusal):
        return ConfigError(f"{first['loc'][0]} {refusal.reason}", refusal.next_step)
    return ConfigError(f"{url!r} is no address of a repository", "Write an https:// address or a path.")


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCheck:
    """What came of asking a model one word. `problem` is None where it answers, else what is wrong in one line."""

    problem: str | None
    next_step: str = ""


def check_model(model: str, base_url: str, key: str | None) -> ModelCheck:
    """Ask a model for one word, which costs a fraction of a cent, and say whether it answers."""
    exchange = asyncio.run(_ask(model, base_url, key))
    status = exchange.status
    if status is None:
        return ModelCheck(
            problem=f"{base_url} does not answer",
            next_step="Check the address, and whether a proxy is needed.",
        )
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return ModelCheck(
            problem=f"{base_url} refuses the key (HTTP {status})",
            next_step="Make a new key at the provider, and check that it may use this model.",
        )
    if status == HTTPStatus.NOT_FOUND:
        return ModelCheck(
            problem=f"{base_url} knows no model {model} (HTTP 404)",
            next_step="Write the model's name and the address as the provider's manual has them.",
        )
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return ModelCheck(
            problem=f"{base_url} answers with an error (HTTP {status})",
            next_step="Wait and try again; a run asks again by itself.",
        )
    # A server that is busy or knows a setting by another name has accepted the key; runs handle both.
    return ModelCheck(problem=None)


async def _ask(model: str, base_url: str, key: str | None) -> Exchange:
    client = Client(base_url, key, _DEADLINE)
    try:
        return await client.complete(
            Request(
                model=model,
                messages=[Message(role="user", content="Answer with the word yes.")],
                response_format="text",
                schema={},
                room=_ROOM,
                room_name="max_completion_tokens",
            )
        )
    finally:
        await client.close()
