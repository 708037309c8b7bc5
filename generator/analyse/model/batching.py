"""Hand questions in as batches, which cost half and are answered within a day, and fetch the answers in a later run.

This module must not know what a question is about or read an answer: what a batch brings is kept like any other
reply, and read by the run that asks the same question again. What is told here of batches is OpenAI's Batch API;
other servers speak it too.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Protocol

from generator.analyse.model.client import Client
from generator.analyse.model.exchanges import Exchange, ReplyStore, Saved, Sent, parse_kept, render_exchange
from generator.analyse.model.fates import Fate, Next, read_fate
from generator.analyse.model.lanes import Lane
from generator.records import Reason

# The API's own limits are 50,000 requests and 200 MB a batch; so many fit into memory, with their answers.
_MOST_REQUESTS = 5_000
_MOST_BYTES = 40_000_000
# What a batch's status says when nothing more will come of it; an expired one brings what was done in time.
_OVER = frozenset({"completed", "expired", "cancelled", "failed"})
_MARK = "daybook"
_GONE = (404, 410)


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
class Laid:
    """One question in the tray: its request's body, and whom to tell whether the server has taken it."""

    entry: Entry
    body: dict[str, Any]
    settle: Callable[[bool], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """One batch as it is kept; `batch_id` is None between the decision to create it and the server's answer."""

    name: str
    model: str
    host: str
    sent: str
    batch_id: str | None
    entries: tuple[Entry, ...]


class UnderWay:
    """The batches that earlier runs and this one have handed in, whatever their model."""

    def __init__(self, store: BatchStore) -> None:
        self._store = store
        self._folders: set[str] = set()

    def holds(self, folder: str) -> bool:
        """Say whether a question of this job lies in a batch that is not over."""
        return folder in self._folders

    def keep(self, batch: Batch) -> None:
        """Keep a batch for later runs."""
        self._store.write(batch.name, _render_batch(batch))

    def note(self, batch: Batch) -> None:
        """Note whose questions lie in a batch."""
        self._folders |= {entry.folder for entry in batch.entries}

    def forget(self, batch: Batch) -> None:
        """Forget a batch that is over, or that the server does not have."""
        self._store.remove(batch.name)

    async def collect(self, clients: Mapping[str, Client], replies: ReplyStore, now: datetime) -> None:
        """Fetch what finished batches brought; `clients` are those of each host."""
        for name, content in self._store.read_all().items():
            batch = _parse_batch(name, content)
            if batch is None:
                continue
            client = clients.get(batch.host)
            if client is None:
                # Without its server's key nobody can look; asking anew would pay twice.
                self.note(batch)
            else:
                await self._collect(batch, client, replies, now)

    async def _collect(self, batch: Batch, client: Client, replies: ReplyStore, now: datetime) -> None:
        known = batch if batch.batch_id else await _find_created(batch, client)
        if known is None:
            # The run was cut short before the server had it: nothing was asked, nothing is paid.
            self.forget(batch)
            return
        exchange = await client.read_batch(known.batch_id) if known.batch_id else None
        answer = None if exchange is None else _read_object(exchange)
        if exchange is not None and exchange.status in _GONE:
            # The provider keeps batches for a month or so.
            self.forget(batch)
        elif answer is None or answer.get("status") not in _OVER:
            self.note(known)
        elif await _fetch(known, answer, client, replies, now):
            self.forget(batch)
        else:
            self.note(known)


class Tray:
    """The questions that a run lays in for one model, until they go as a batch."""

    def __init__(self, lane: Lane, client: Client, under_way: UnderWay) -> None:
        self._lane = lane
        self._client = client
        self._under_way = under_way
        self._laid: list[Laid] = []
        self._size = 0

    async def lay_in(self, laid: Laid, now: datetime) -> None:
        """Lay a question in; it goes when the tray is full, or when the run has gathered all of them."""
        if self._laid and (
            len(self._laid) == _MOST_REQUESTS or self._size + laid.entry.request_bytes > _MOST_BYTES
        ):
            await self.submit(now)
        self._laid.append(laid)
        self._size += laid.entry.request_bytes

    async def submit(self, now: datetime) -> None:
        """Hand in what was laid in; where the server does not take it, it stops the lane, and waits."""
        laid, self._laid, self._size = self._laid, [], 0
        if not laid:
            return
        content = b"".join(_render_line(each.entry, each.body) for each in laid)
        name = hashlib.sha256(content).hexdigest()
        batch = Batch(
            name=name,
            model=self._lane.model.name,
            host=self._lane.host,
            sent=now.isoformat(),
            batch_id=None,
            entries=tuple(each.entry for each in laid),
        )
        is_taken = self._lane.stopped is None and await self._hand_in(batch, content)
        if is_taken:
            self._under_way.note(batch)
        for each in laid:
            await each.settle(is_taken)

    async def _hand_in(self, batch: Batch, content: bytes) -> bool:
        """Say whether the server has taken a batch, or may have."""
        # Before anything is created: a run that is cut short now finds it by its name among the server's.
        self._under_way.keep(batch)
        created = await self._create(content, batch.name)
        if batch_id := _read_id(created):
            self._under_way.keep(replace(batch, batch_id=batch_id))
        elif (fate := read_fate(created)).next not in (Next.UNKNOWN, Next.READ):
            self._under_way.forget(batch)
            self._stop(fate)
            return False
        return True

    async def _create(self, content: bytes, name: str) -> Exchange:
        uploaded = await self._client.upload(content)
        file_id = _read_id(uploaded)
        if file_id is None:
            # Of an upload whose answer is lost nothing comes: only a batch is worked on.
            return replace(uploaded, status=uploaded.status or 503, fault=None)
        return await self._client.create_batch(file_id, {_MARK: name})

    def _stop(self, fate: Fate) -> None:
        reason = Reason.KEY_REFUSED if fate.reason is Reason.KEY_REFUSED else Reason.STOPPED
        self._lane.stop(reason, f"batch {fate.detail}", fate.status)


async def _find_created(batch: Batch, client: Client) -> Batch | None:
    """Find a batch that the server may have although we never heard so; None where it has not.

    Where the server does not say, the batch stays without a name, and is looked for again.
    """
    listed = _read_object(await client.list_batches())
    if listed is None:
        return batch
    for found in listed.get("data") or ():
        metadata = found.get("metadata") if isinstance(found, dict) else None
        if isinstance(metadata, dict) and metadata.get(_MARK) == batch.name:
            return replace(batch, batch_id=str(found.get("id")))
    return None


async def _fetch(
    batch: Batch, answer: dict[str, Any], client: Client, replies: ReplyStore, now: datetime
) -> bool:
    """Keep a finished batch's replies; entries without one are simply asked again.

    False where a file could not be had, so that a later run fetches it.
    """
    contents = []
    for field in ("output_file_id", "error_file_id"):
        if isinstance(file_id := answer.get(field), str):
            exchange = await client.read_file(file_id)
            if exchange.status in _GONE:
                continue
            if read_fate(exchange).next is not Next.READ:
                return False
            # As it came, before anything is read from it; no repository is called `days`.
            replies.save(f"days/batches/{batch.name}", field.encode().hex(), exchange.body)
            contents.append(exchange.body)
    entries = {entry.custom_id: entry for entry in batch.entries}
    results = [result for content in contents for result in _read_lines(content)]
    for custom_id, exchange in results:
        if entry := entries.pop(custom_id, None):
            _keep(entry, batch, exchange, replies, now)
    return True


def _keep(entry: Entry, batch: Batch, exchange: Exchange, replies: ReplyStore, now: datetime) -> None:
    """Keep one reply, unless a run that was cut short here has kept it before."""
    kept = parse_kept(replies.read(entry.folder, entry.key))
    if not any(saved.sent.batch == batch.name for saved in kept):
        saved = Saved(sent=_describe(entry, batch, now), exchange=exchange)
        replies.save(entry.folder, entry.key, render_exchange(saved))


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


def _describe(entry: Entry, batch: Batch, now: datetime) -> Sent:
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
        batch=batch.name,
    )


def _render_batch(batch: Batch) -> bytes:
    return json.dumps(asdict(batch), ensure_ascii=False, sort_keys=True).encode() + b"\n"


def _parse_batch(name: str, content: bytes) -> Batch | None:
    """Read what was kept of a batch; None where it is damaged: its questions are asked again."""
    try:
        fields = json.loads(content)
        entries = tuple(Entry(**entry) for entry in fields.pop("entries"))
        return Batch(entries=entries, **fields | {"name": name})
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
