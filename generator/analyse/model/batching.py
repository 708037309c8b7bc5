"""Hand questions in as batches, which cost half and are answered within a day, and fetch the answers in a later run.

This module must not know what a question is about or read an answer: what a batch brings is kept like any other
reply, and read by the run that asks the same question again. What is told here of batches is OpenAI's Batch API;
other servers speak it too.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Protocol

from generator.analyse.model.client import Client
from generator.analyse.model.exchanges import Exchange, ReplyStore, Saved, Sent, render_exchange
from generator.analyse.model.fates import Fate, Next, read_fate
from generator.analyse.model.lanes import Lane
from generator.records import Reason

# The API's own limits are 50,000 requests and 200 MB a batch.
_MOST_REQUESTS = 50_000
_MOST_BYTES = 150_000_000
# What a batch's status says when nothing more will come of it; an expired one brings what was done in time.
_OVER = frozenset({"completed", "expired", "cancelled", "failed"})
_MARK = "daybook"


class BatchStore(Protocol):
    """Where a run keeps for later ones which batches are under way: durable when `write` returns."""

    def read_all(self) -> dict[str, bytes]:
        """Read what is kept, by name, in the order of the names."""

    def write(self, name: str, content: bytes) -> None:
        """Keep something, in the place of what had the name."""

    def remove(self, name: str) -> None:
        """Forget something."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One question of a batch, and where its reply is to be kept; `sent` is as in `Sent`."""

    custom_id: str
    folder: str
    key: str
    topic: str
    version: str
    response_format: str
    room: int
    request_sha256: str
    request_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Batch:
    """One batch as it is kept; `batch_id` is None between the decision to create it and the server's answer."""

    name: str
    model: str
    host: str
    sent: str
    batch_id: str | None
    entries: tuple[Entry, ...]


class Tray:
    """The questions of one model that a run hands in, and those that earlier runs have handed in."""

    def __init__(self, lane: Lane, client: Client, store: BatchStore) -> None:
        self._lane = lane
        self._client = client
        self._store = store
        self._under_way: set[str] = set()
        self._bodies: list[tuple[Entry, dict[str, Any]]] = []

    def is_under_way(self, key: str) -> bool:
        """Say whether a question lies in a batch that is not over."""
        return key in self._under_way

    def lay_in(self, entry: Entry, body: dict[str, Any]) -> None:
        """Lay a question in; it goes when the run has gathered all of them."""
        self._under_way.add(entry.key)
        self._bodies.append((entry, body))

    async def collect(self, replies: ReplyStore, now: datetime) -> int:
        """Fetch what finished batches brought, and count the replies."""
        number = 0
        for batch in self._read_batches():
            known = batch if batch.batch_id else await self._find_created(batch)
            if known is None:
                # The run was cut short before the server had it: nothing was asked, nothing is paid.
                self._store.remove(batch.name)
                continue
            answer = _read_object(await self._client.read_batch(known.batch_id)) if known.batch_id else None
            if answer is None or answer.get("status") not in _OVER:
                self._under_way |= {entry.key for entry in known.entries}
            elif (found := await self._fetch(known, answer, replies, now)) is not None:
                number += found
                self._store.remove(batch.name)
            else:
                self._under_way |= {entry.key for entry in known.entries}
        return number

    async def _fetch(
        self, batch: _Batch, answer: dict[str, Any], replies: ReplyStore, now: datetime
    ) -> int | None:
        """Keep a finished batch's replies; entries without one are simply asked again."""
        contents = []
        for field in ("output_file_id", "error_file_id"):
            if isinstance(file_id := answer.get(field), str):
                exchange = await self._client.read_file(file_id)
                if read_fate(exchange).next is not Next.READ:
                    return None
                # As it came, before anything is read from it; no repository is called `days`.
                replies.save(f"days/batches/{batch.name}", field.encode().hex(), exchange.body)
                contents.append(exchange.body)
        entries = {entry.custom_id: entry for entry in batch.entries}
        results = [result for content in contents for result in _read_lines(content)]
        for custom_id, exchange in results:
            if entry := entries.pop(custom_id, None):
                saved = Saved(sent=_describe(entry, batch, now), exchange=exchange)
                replies.save(entry.folder, entry.key, render_exchange(saved))
        return len(batch.entries) - len(entries)

    async def submit(self, now: datetime) -> None:
        """Hand in what was laid in; what the server does not take stops the lane, and waits."""
        for part in _divide(self._bodies):
            content = b"".join(_render_line(entry, body) for entry, body in part)
            name = hashlib.sha256(content).hexdigest()
            batch = _Batch(
                name=name,
                model=self._lane.model.name,
                host=self._lane.host,
                sent=now.isoformat(),
                batch_id=None,
                entries=tuple(entry for entry, _ in part),
            )
            # Before anything is created: a run that is cut short now finds it by its name among the server's.
            self._store.write(name, _render_batch(batch))
            created = await self._create(content, name)
            if batch_id := _read_id(created):
                self._store.write(name, _render_batch(replace(batch, batch_id=batch_id)))
            elif read_fate(created).next not in (Next.UNKNOWN, Next.READ):
                self._store.remove(name)
                self._stop(read_fate(created))
                return
        self._bodies = []

    async def _create(self, content: bytes, name: str) -> Exchange:
        uploaded = await self._client.upload(content)
        file_id = _read_id(uploaded)
        if file_id is None:
            # Of an upload whose answer is lost nothing comes: only a batch is worked on.
            return replace(uploaded, status=uploaded.status or 503, fault=None)
        return await self._client.create_batch(file_id, {_MARK: name})

    def _stop(self, fate: Fate) -> None:
        reason = Reason.KEY_REFUSED if fate.reason is Reason.KEY_REFUSED else Reason.STOPPED
        self._lane.stop(reason, f"batch {fate.detail}")

    async def _find_created(self, batch: _Batch) -> _Batch | None:
        """Find a batch that the server may have although we never heard so; None where it has not.

        Where the server does not say, the batch stays without a name, and is looked for again.
        """
        listed = _read_object(await self._client.list_batches())
        if listed is None:
            return batch
        for found in listed.get("data") or ():
            metadata = found.get("metadata") if isinstance(found, dict) else None
            if isinstance(metadata, dict) and metadata.get(_MARK) == batch.name:
                return replace(batch, batch_id=str(found.get("id")))
        return None

    def _read_batches(self) -> Iterator[_Batch]:
        for name, content in self._store.read_all().items():
            batch = _parse_batch(name, content)
            if (batch.model, batch.host) == (self._lane.model.name, self._lane.host):
                yield batch


def _divide(
    bodies: Sequence[tuple[Entry, dict[str, Any]]],
) -> Iterator[list[tuple[Entry, dict[str, Any]]]]:
    part: list[tuple[Entry, dict[str, Any]]] = []
    size = 0
    for entry, body in bodies:
        if part and (len(part) == _MOST_REQUESTS or size + entry.request_bytes > _MOST_BYTES):
            yield part
            part, size = [], 0
        part.append((entry, body))
        size += entry.request_bytes
    if part:
        yield part


def _render_line(entry: Entry, body: dict[str, Any]) -> bytes:
    line = {"custom_id": entry.custom_id, "method": "POST", "url": "/v1/chat/completions", "body": body}
    return json.dumps(line, ensure_ascii=False, sort_keys=True).encode("utf-8", "replace") + b"\n"


def _read_lines(content: bytes) -> Iterator[tuple[str, Exchange]]:
    """Read the lines of an output or error file; what is none of ours is left out."""
    for line in content.split(b"\n"):
        try:
            fields = json.loads(line)
            response = fields["response"] or {}
            status = int(response.get("status_code") or 500)
            body = response.get("body") or {"error": fields.get("error")}
            custom_id = str(fields["custom_id"])
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            continue
        raw = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
        yield custom_id, Exchange(status=status, body=raw, request_id=response.get("request_id"))


def _read_object(exchange: Exchange) -> dict[str, Any] | None:
    if read_fate(exchange).next is not Next.READ:
        return None
    try:
        fields = json.loads(exchange.body)
    except (ValueError, RecursionError):
        return None
    return fields if isinstance(fields, dict) else None


def _read_id(exchange: Exchange) -> str | None:
    name = (_read_object(exchange) or {}).get("id")
    return name if isinstance(name, str) else None


def _describe(entry: Entry, batch: _Batch, now: datetime) -> Sent:
    return Sent(
        topic=entry.topic,
        version=entry.version,
        model=batch.model,
        host=batch.host,
        response_format=entry.response_format,
        room=entry.room,
        request_sha256=entry.request_sha256,
        request_bytes=entry.request_bytes,
        sent=datetime.fromisoformat(batch.sent),
        arrived=now,
        batch=True,
    )


def _render_batch(batch: _Batch) -> bytes:
    return json.dumps(asdict(batch), ensure_ascii=False, sort_keys=True).encode() + b"\n"


def _parse_batch(name: str, content: bytes) -> _Batch:
    fields = json.loads(content)
    entries = tuple(Entry(**entry) for entry in fields.pop("entries"))
    return _Batch(entries=entries, **fields | {"name": name})
