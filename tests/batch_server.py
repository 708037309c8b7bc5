"""The Batch API of a model's server on loopback: files that are uploaded, batches that end when a test says so."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email import message_from_bytes
from typing import Any

from tests.model_server import Answer, Arrived, ModelServer, send_reset

# What a finished line looks like: a status and a body.
Done = tuple[int, bytes]


@dataclass(slots=True, kw_only=True)
class Batch:
    """One batch that was handed in; `lines` are its requests by `custom_id`."""

    batch_id: str
    metadata: Mapping[str, str]
    lines: dict[str, dict[str, Any]]
    fields: dict[str, Any] = field(default_factory=lambda: {"status": "in_progress"})


class BatchDesk:
    """Adds the Batch API to a server.

    `script_create` may answer the creation in the place of the desk; `loses_answer` lets a batch come into being
    without the client hearing of it.
    """

    def __init__(self, server: ModelServer) -> None:
        self._server = server
        self._files: dict[str, bytes] = {}
        self.batches: list[Batch] = []
        self.script_create: Callable[[], Answer] | None = None
        self.loses_answer = False
        server.routes[("POST", "/v1/files")] = self._upload
        server.routes[("POST", "/v1/batches")] = self._create
        server.routes[("GET", "/v1/batches")] = self._list

    def finish(
        self,
        batch: Batch,
        status: str = "completed",
        do: Callable[[str, Callable[[], Done]], Done | None] = lambda _, work: work(),
    ) -> None:
        """End a batch: each line is worked on, replaced or left undone (None) as `do` says of its request's text."""
        good: list[bytes] = []
        bad: list[bytes] = []
        for custom_id, body in batch.lines.items():
            done = do(json.dumps(body), lambda body=body: self._work(body))  # type: ignore[misc]
            if done is not None:
                code, content = done
                response = {"status_code": code, "request_id": "req-1", "body": json.loads(content)}
                line = {"id": "line", "custom_id": custom_id, "response": response, "error": None}
                (good if code == 200 else bad).append(json.dumps(line).encode() + b"\n")
        # The order is not the one in which they were handed in.
        batch.fields = {"status": status}
        if good:
            batch.fields["output_file_id"] = self._keep(b"".join(reversed(good)))
        if bad:
            batch.fields["error_file_id"] = self._keep(b"".join(bad))

    def _work(self, body: Mapping[str, Any]) -> Done:
        raw = json.dumps(body).encode()
        route = self._server.routes["POST", "/v1/chat/completions"]
        answer = route(Arrived(method="POST", path="/v1/chat/completions", headers={}, raw=raw))
        return answer.status, answer.body

    def _keep(self, content: bytes) -> str:
        file_id = f"file-{len(self._files)}"
        self._files[file_id] = content
        self._server.routes["GET", f"/v1/files/{file_id}/content"] = lambda _: Answer(
            body=content, is_billed=False
        )
        return file_id

    def _upload(self, arrived: Arrived) -> Answer:
        headers = {name.lower(): value for name, value in arrived.headers.items()}
        head = f"Content-Type: {headers['content-type']}\r\n\r\n".encode()
        parts = message_from_bytes(head + arrived.raw).walk()
        contents = [part.get_payload(decode=True) for part in parts if part.get_filename()]
        assert isinstance(contents[0], bytes)
        return _answer({"id": self._keep(contents[0]), "object": "file", "purpose": "batch"})

    def _create(self, arrived: Arrived) -> Answer:
        if self.script_create is not None:
            return self.script_create()
        wanted = json.loads(arrived.raw)
        requests = [json.loads(line) for line in self._files[wanted["input_file_id"]].splitlines()]
        batch = Batch(
            batch_id=f"batch-{len(self.batches)}",
            metadata=wanted["metadata"],
            lines={request["custom_id"]: request["body"] for request in requests},
        )
        assert len(batch.lines) == len(requests)
        self.batches.append(batch)
        self._server.routes["GET", f"/v1/batches/{batch.batch_id}"] = lambda _: _answer(_show(batch))
        return Answer(send=send_reset, is_billed=False) if self.loses_answer else _answer(_show(batch))

    def _list(self, arrived: Arrived) -> Answer:
        del arrived
        return _answer({"object": "list", "data": [_show(batch) for batch in reversed(self.batches)]})


def _show(batch: Batch) -> dict[str, Any]:
    return {"id": batch.batch_id, "object": "batch", "metadata": dict(batch.metadata)} | batch.fields


def _answer(fields: Mapping[str, Any]) -> Answer:
    return Answer(body=json.dumps(fields).encode(), is_billed=False)
