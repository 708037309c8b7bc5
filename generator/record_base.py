"""Define what all records are made of: how strictly they are read, and the two sorts of values that each has.

This module must not know a record.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Sha = Annotated[str, StringConstraints(pattern=r"^(?:[0-9a-f]{40}|[0-9a-f]{64})$")]
Count = Annotated[int, Field(ge=0)]


class RecordModel(BaseModel):
    """A part of a record: never changed, without a field that is not known, and quiet about what it refuses."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
