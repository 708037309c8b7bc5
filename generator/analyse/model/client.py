"""Send one request to an OpenAI-compatible server, and bring back whatever arrives before the deadline.

This is the only module that uses `openai` and the HTTP library below it. It must not decide what an answer means or
whether to ask again, and it never raises for anything that a server or the network does.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Literal

from generator.analyse.model.asks import Message
from generator.analyse.model.exchanges import Exchange, Fault

if TYPE_CHECKING:
    # At run time only when a model is asked: together they take longer to import than all of Daybook.
    import httpx2

ResponseFormat = Literal["json_schema", "json_object", "text"]
RoomName = Literal["max_completion_tokens", "max_tokens"]

# The longest reply that anybody has a use for; a server that goes on is not answering.
_LONGEST_BODY = 8_000_000
# Fifty thousand answers of a few kilobytes.
_LONGEST_FILE = 500_000_000
_CONNECT_SECONDS = 15.0
# Anything shorter is a word that a server on one's own machine makes do with.
_LEAST_KEY = 8
# In seconds; whoever says more says no.
_LONGEST_PAUSE = 10_000_000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """The body of one chat completion. `schema` is what `json_schema` holds the answer to."""

    model: str
    messages: Sequence[Message]
    response_format: ResponseFormat
    schema: dict[str, Any]
    room: int
    room_name: RoomName

    def render(self) -> dict[str, Any]:
        """Put it as the API has it; what is left to the server (temperature, …) is not there."""
        # Half a character, which a reply may hold that is quoted back, is none that can be sent.
        messages = [
            {"role": message.role, "content": message.content.encode("utf-8", "replace").decode()}
            for message in self.messages
        ]
        body = {"model": self.model, "messages": messages, self.room_name: self.room}
        if self.response_format == "json_schema":
            schema = {"name": "answer", "strict": True, "schema": self.schema}
            body["response_format"] = {"type": "json_schema", "json_schema": schema}
        elif self.response_format == "json_object":
            body["response_format"] = {"type": "json_object"}
        return body


class Client:
    """One server, with one key. `deadline` is in seconds of wall-clock time for a whole call."""

    def __init__(self, base_url: str, key: str | None, deadline: float) -> None:
        import openai

        self._deadline = deadline
        self._key = key or ""
        # A redirect would carry the diff to a host that archive.yml does not name.
        http = openai.DefaultAsyncHttpxClient(follow_redirects=False)
        self._openai = openai.AsyncOpenAI(
            base_url=base_url,
            api_key=key or "none",  # servers on one's own machine ask for no key, the package does
            max_retries=0,
            timeout=openai.Timeout(deadline, connect=min(_CONNECT_SECONDS, deadline)),
            http_client=http,
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._openai.close()

    async def complete(self, request: Request) -> Exchange:
        """Ask for one chat completion."""
        create = self._openai.chat.completions.with_streaming_response.create
        body = request.render()
        model, messages = body.pop("model"), body.pop("messages")
        # What the package does not know it need not look through: the schema alone costs it 2 ms a call.
        return await self._exchange(lambda: create(model=model, messages=messages, extra_body=body))

    async def upload(self, content: bytes) -> Exchange:
        """Upload a batch's questions."""
        create = self._openai.files.with_streaming_response.create
        return await self._exchange(lambda: create(file=("daybook.jsonl", content), purpose="batch"))

    async def create_batch(self, file_id: str, metadata: dict[str, str]) -> Exchange:
        """Hand an uploaded file in."""
        create = self._openai.batches.with_streaming_response.create
        return await self._exchange(
            lambda: create(
                input_file_id=file_id,
                endpoint="/v1/chat/completions",
                completion_window="24h",
                metadata=metadata,
            )
        )

    async def read_batch(self, batch_id: str) -> Exchange:
        """Look how far a batch has come."""
        retrieve = self._openai.batches.with_streaming_response.retrieve
        return await self._exchange(lambda: retrieve(batch_id))

    async def list_batches(self) -> Exchange:
        """List the newest batches."""
        list_them = self._openai.batches.with_streaming_response.list
        return await self._exchange(lambda: list_them(limit=100))

    async def read_file(self, file_id: str) -> Exchange:
        """Download what a batch brought."""
        content = self._openai.files.with_streaming_response.content
        return await self._exchange(lambda: content(file_id), _LONGEST_FILE)

    async def _exchange(self, call: Callable[[], Any], longest: int = _LONGEST_BODY) -> Exchange:
        """Read one response to its end, its limit or the deadline, whatever its status.

        `call` makes the package's coroutine, which nothing must come between and its being awaited.
        """
        import httpx2
        import openai

        arrived = _Arrived(longest, self._key)
        try:
            # The package's timeout starts anew with every byte; a server that drips would hold it for ever.
            async with asyncio.timeout(self._deadline), _open(call) as response:
                arrived.begin(response)
                async for piece in response.aiter_bytes():
                    arrived.body += piece
                    if len(arrived.body) > longest:
                        return arrived.end("unknown")
        except (TimeoutError, httpx2.HTTPError, httpx2.StreamError):
            return arrived.end("unknown")
        except openai.APIConnectionError as error:
            never_sent = isinstance(error.__cause__, httpx2.ConnectError | httpx2.ConnectTimeout)
            return arrived.end("connect" if never_sent else "unknown")
        return arrived.end(None)


@asynccontextmanager
async def _open(call: Callable[[], Any]) -> AsyncIterator[httpx2.Response]:
    import openai

    try:
        async with call() as response:
            yield response.http_response
    except openai.APIStatusError as error:
        yield error.response


class _Arrived:
    def __init__(self, longest: int, key: str) -> None:
        self.body = bytearray()
        self._longest = longest
        self._key = key.encode()
        self._response: httpx2.Response | None = None

    def begin(self, response: httpx2.Response) -> None:
        self._response = response

    def end(self, fault: Fault | None) -> Exchange:
        response = self._response
        if response is None:
            return Exchange(status=None, body=b"", fault=fault or "unknown")
        body = bytes(self.body[: self._longest])
        return Exchange(
            status=response.status_code,
            # What is kept, and may be published, must not say the key where a server repeats it.
            body=self._hide_key(body),
            fault=fault,
            retry_after=_read_retry_after(response),
            request_id=self._hide_key(response.headers.get("x-request-id", "").encode()).decode() or None,
        )

    def _hide_key(self, content: bytes) -> bytes:
        if len(self._key) < _LEAST_KEY:
            return content
        # JSON may have a slash both ways.
        return content.replace(self._key, b"[key]").replace(self._key.replace(b"/", b"\\/"), b"[key]")


def _read_retry_after(response: httpx2.Response) -> float | None:
    """Read how many seconds to wait, RFC 9110 10.2.3: a number, or a date, counted from the response's own."""
    value = response.headers.get("retry-after", "").strip()
    if value.isdecimal():
        return min(float(value), _LONGEST_PAUSE)
    try:
        wanted = parsedate_to_datetime(value)
        now = parsedate_to_datetime(response.headers.get("date", ""))
        return max((_make_aware(wanted) - _make_aware(now)).total_seconds(), 0.0)
    except (ValueError, OverflowError):
        return None


def _make_aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
