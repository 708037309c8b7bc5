"""Publish what a record may hold, as JSON Schema, made from the models that every record is read with.

This module must not know a record. What a schema cannot say (that the account agrees with the commits, that the digest
agrees with the bytes) is checked by `daybook verify` alone.
https://json-schema.org/draft/2020-12
"""

from __future__ import annotations

import json
from typing import Any, Final

from pydantic import BaseModel

from generator.records import DayRecord, DigestRecord, RepositoryRecord
from generator.release_records import ReleaseRecord

FOLDER = "assets/schema/"
_DIALECT = "https://json-schema.org/draft/2020-12/schema"
MODELS: Final[dict[str, type[BaseModel]]] = {
    "day": DayRecord,
    "digest": DigestRecord,
    "release": ReleaseRecord,
    "repository": RepositoryRecord,
}
_SHA256 = {
    "description": "The SHA-256 of all other fields, as JSON with sorted keys and Python's default separators.",
    "pattern": "^[0-9a-f]{64}$",
    "type": "string",
}


def render_schemas(site_url: str | None) -> dict[str, bytes]:
    """Render the schemas, by path in the site; each has an address as its `$id` where the site has one."""
    return {place_schema(name): _render_schema(name, site_url) for name in MODELS}


def place_schema(name: str) -> str:
    """Say where in the site a schema stands."""
    return f"{FOLDER}{name}.json"


def _render_schema(name: str, site_url: str | None) -> bytes:
    # As records are read: a field that has a default may be left out, and one that is None always is.
    schema: dict[str, Any] = MODELS[name].model_json_schema(mode="validation")
    schema["properties"]["sha256"] = _SHA256
    schema["required"] = sorted([*schema["required"], "version", "sha256"])
    address = {"$id": site_url + place_schema(name)} if site_url else {}
    content = {"$schema": _DIALECT, **address, **schema}
    return json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True).encode() + b"\n"
