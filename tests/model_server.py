"""A model's server on loopback for tests: real HTTP, an answer by script for each request, and a count of bills."""

from __future__ import annotations

import json
import re
import socket
import struct
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal, Self

Sort = Literal["commit", "part", "digest"]

_ITEM = re.compile(r"item-\d{4}")
_PATH = re.compile(r"\bsrc/[a-z0-9_/]+\.py\b")
_HASH = re.compile(r"\b[0-9a-f]{7,12}\b")
_HAN = re.compile("[\u4e00-\u9fff]")
_MODEL = "test-model-2026-01-01"


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """One HTTP request as it came; the names of headers are in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    raw: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One request for a completion. `turn` counts those about the same item, from 1; `at` is a monotonic clock's.

    `item` is the marker in the subject of the commit that it is about, such as `item-0042`; a digest has none.
    """

    request: Arrived
    body: Mapping[str, Any]
    sort: Sort
    item: str
    turn: int
    at: float

    @property
    def messages(self) -> list[str]:
        """The texts of all messages."""
        return [message["content"] for message in self.body["messages"]]

    @property
    def response_format(self) -> str:
        """The form of answer that is asked for; `text` where the request says nothing."""
        return str(self.body.get("response_format", {"type": "text"})["type"])

    @property
    def language(self) -> Literal["zh", "en"]:
        """The language that the prompt is written in."""
        return "zh" if len(_HAN.findall(self.messages[0])) > 200 else "en"


Send = Callable[["_Connection", "Answer"], None]


def send_whole(connection: _Connection, answer: Answer) -> None:
    """Send the head and the whole body."""
    connection.begin(answer, {"Content-Length": str(len(answer.body))})
    connection.write(answer.body)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the server does about one request.

    `is_billed` says that the provider has worked for it, whether or not the client sees the work: what begins with
    status 200, if nothing else is said.
    """

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0
    send: Send = send_whole
    is_billed: bool | None = None

    @property
    def costs(self) -> bool:
        """Whether this is a bill."""
        return self.status == 200 if self.is_billed is None else self.is_billed


Script = Callable[[Heard], Answer]
Route = Callable[[Arrived], Answer]


def send_reset(connection: _Connection, _: Answer) -> None:
    """Send a TCP reset in the place of a response."""
    linger = struct.pack("ii", 1, 0)
    connection.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    connection.hang_up()


def send_nothing(seconds: float) -> Send:
    """Hold the connection for so long, and then hang up without a word."""

    def send(connection: _Connection, _: Answer) -> None:
        time.sleep(seconds)
        connection.hang_up()

    return send


def send_babble(connection: _Connection, answer: Answer) -> None:
    """Send the body in the place of a response: what speaks here is no HTTP."""
    connection.write(answer.body)
    connection.hang_up()


def send_cut(after: int, promised: int | None = None) -> Send:
    """Send so many bytes of the body, whatever length was promised; the whole length, if none is given."""

    def send(connection: _Connection, answer: Answer) -> None:
        length = len(answer.body) if promised is None else promised
        connection.begin(answer, {"Content-Length": str(length)})
        connection.write(answer.body[:after])
        connection.hang_up()

    return send


def send_unending(connection: _Connection, answer: Answer) -> None:
    """Send one chunk and hang up without the last one, which says that the body is whole."""
    connection.begin(answer, {"Transfer-Encoding": "chunked"})
    connection.write(b"%x\r\n%s\r\n" % (len(answer.body), answer.body))
    connection.hang_up()


def send_chunked(connection: _Connection, answer: Answer) -> None:
    """Send the body in chunks of no length that anybody could foresee."""
    connection.begin(answer, {"Transfer-Encoding": "chunked"})
    for place in range(0, len(answer.body), 97):
        piece = answer.body[place : place + 97]
        connection.write(b"%x\r\n%s\r\n" % (len(piece), piece))
    connection.write(b"0\r\n\r\n")


def send_dripping(interval: float) -> Send:
    """Send the head, and then one byte after the other."""

    def send(connection: _Connection, answer: Answer) -> None:
        connection.begin(answer, {"Content-Length": str(len(answer.body))})
        for byte in answer.body:
            connection.write(bytes([byte]))
            time.sleep(interval)

    return send


def send_after_blanks(blanks: int, interval: float) -> Send:
    """Send blank lines while the request is in the queue, as some providers do, and then the body."""

    def send(connection: _Connection, answer: Answer) -> None:
        connection.begin(answer, {"Content-Length": str(len(answer.body) + blanks)})
        for _ in range(blanks):
            connection.write(b"\n")
            time.sleep(interval)
        connection.write(answer.body)

    return send


def complete(
    content: object, *, finish_reason: object = "stop", usage: object = None, **message: object
) -> bytes:
    """Write the body of a chat completion; `message` adds to the message or takes the place of its parts."""
    said = {"role": "assistant", "content": content} | message
    return write_completion([{"index": 0, "finish_reason": finish_reason, "message": said}], usage=usage)


def write_completion(choices: object, *, usage: object = None, **fields: object) -> bytes:
    """Write the body of a chat completion with these choices."""
    body = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": _MODEL}
    counted = {"prompt_tokens": 20_000, "completion_tokens": 300} if usage is None else usage
    return json.dumps(body | {"choices": choices, "usage": counted} | fields, ensure_ascii=False).encode()


def say(content: object, **more: Any) -> Script:
    """Answer always with this content."""
    return lambda _: Answer(body=complete(content, **more))


def fail(status: int, code: str | None = None, message: str = "no", **headers: str) -> Script:
    """Answer always with an error as the API writes it; a header's `_` stands for `-`."""
    body = json.dumps({"error": {"message": message, "type": None, "code": code}}).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _: Answer(status=status, body=body, headers={"Content-Type": "application/json"} | named)


def in_turn(*scripts: Script) -> Script:
    """Answer the first request about an item by the first script, and so on; the last goes on."""
    return lambda heard: scripts[min(heard.turn, len(scripts)) - 1](heard)


def answer_well(heard: Heard) -> Answer:
    """Answer as a good model does, in the language of the prompt."""
    content = json.dumps(fill_form(heard), ensure_ascii=False)
    size = sum(len(text.encode()) for text in heard.messages)
    usage = {"prompt_tokens": size // 4, "completion_tokens": len(content) // 3}
    return Answer(body=complete(content, usage=usage))


def fill_form(heard: Heard) -> dict[str, Any]:
    """Fill in the form that is asked for, with what stands in the request."""
    if heard.sort == "digest":
        return _fill_digest(heard)
    texts = _TEXTS[heard.language]
    place = _PATH.search(heard.messages[1])
    places = [{"place": place[0] if place else "engine", "note": texts["note"]}]
    insight = {"architecture": None, "performance": texts["insight"], "security": None}
    filled = {
        "summary": texts["summary"].format(item=heard.item),
        "insight": insight,
        "risks": [texts["risk"]],
        "breaking": {"evidence": None, "answer": "no"},
    }
    if heard.sort == "part":
        return filled | {"findings": places}
    return filled | {
        "kinds": ["fix"],
        "impact": places,
        "advice": [],
        "importance_reason": texts["reason"],
        "importance": "medium",
    }


def _fill_digest(heard: Heard) -> dict[str, Any]:
    hashes = list(dict.fromkeys(_HASH.findall(heard.messages[1])))
    texts = _LINES[heard.language][: len(hashes)]
    return {
        "lines": [
            {"commits": hashes[place :: len(texts)][:6], "text": text} for place, text in enumerate(texts)
        ]
    }


_LINES: Mapping[str, tuple[str, ...]] = {
    "zh": (
        "引擎现在按照配置里写的上限运行，不再退回旧的默认值。",
        "没有改过上限的部署不会看到任何不同的行为。",
        "其余的提交让各处读取设置的方式变得一致。",
    ),
    "en": (
        "The engine keeps to the limit in the settings and no longer falls back to the old one.",
        "Deployments that have never set a limit see no other behaviour.",
        "The other commits make every place read the settings in the same way.",
    ),
}
_TEXTS: Mapping[str, Mapping[str, str]] = {
    "zh": {
        "summary": "修正引擎读取设置时的取值，让 {item} 的上限与配置里写的一致，不再退回旧的默认值。",
        "note": "读取上限的地方改为先看配置。",
        "insight": "每次启动少读一遍设置文件。",
        "risk": "依赖旧默认值的部署会看到不同的上限。",
        "reason": "只有改过上限的人才会看到不同的行为。",
    },
    "en": {
        "summary": "Reads the limit of {item} from the settings, so that the engine no longer falls back to another.",
        "note": "Looks at the settings first.",
        "insight": "The settings file is read once less at each start.",
        "risk": "Deployments that rely on the old limit see another one.",
        "reason": "Only those who have set the limit see another behaviour.",
    },
}


class ModelServer:
    """A server under way, from `with` to the end of the block.

    `script` may be changed at any time. `heard` holds every request for a completion in the order in which they came,
    `answers` what was done about each, `bills` how often each item was paid for.
    """

    def __init__(self, script: Script = answer_well) -> None:
        self.script = script
        self.routes: dict[tuple[str, str], Route] = {("POST", "/v1/chat/completions"): self._complete}
        self.arrived: list[Arrived] = []
        self.heard: list[Heard] = []
        self.answers: list[Answer] = []
        self.bills: Counter[str] = Counter()
        self.most_in_flight = 0
        self.last_answered = 0.0
        self._in_flight = 0
        self._turns: Counter[str] = Counter()
        self._changing = threading.Lock()
        self._http = _Http(self)

    def __enter__(self) -> Self:
        threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()

    @property
    def url(self) -> str:
        """What archive.yml names as `base_url`."""
        return f"http://127.0.0.1:{self._http.server_port}/v1"

    def find(self, item: str) -> list[tuple[Heard, Answer]]:
        """Find the requests about an item, and what was done about each."""
        with self._changing:
            pairs = list(zip(self.heard, self.answers, strict=True))
        return [(heard, answer) for heard, answer in pairs if heard.item == item]

    def count(self, sort: Sort | None = None) -> int:
        """Count the requests of a sort, or all of them."""
        return sum(sort in (None, heard.sort) for heard in list(self.heard))

    def serve(self, arrived: Arrived, connection: _Connection) -> None:
        """Take one request, and answer it."""
        with self._changing:
            self.arrived.append(arrived)
            self._in_flight += 1
            self.most_in_flight = max(self.most_in_flight, self._in_flight)
        route = self.routes.get((arrived.method, arrived.path.partition("?")[0]))
        try:
            answer = route(arrived) if route else Answer(status=404, body=b"<html>Not Found</html>")
            time.sleep(answer.delay)
            answer.send(connection, answer)
        finally:
            with self._changing:
                self._in_flight -= 1
                self.last_answered = time.monotonic()

    def _complete(self, arrived: Arrived) -> Answer:
        with self._changing:
            heard = self._hear(arrived)
            answer = self.script(heard)
            self.heard.append(heard)
            self.answers.append(answer)
            # Whether it arrives or not: the work is done when the client is long gone.
            self.bills[heard.item] += answer.costs
        return answer

    def _hear(self, arrived: Arrived) -> Heard:
        body = json.loads(arrived.raw)
        system, asked = (message["content"] for message in body["messages"][:2])
        sort: Sort = (
            "digest" if '{"lines":' in system else "part" if '"findings": [{"place"' in system else "commit"
        )
        item = "digest" if sort == "digest" else _ITEM.search(asked)[0]  # type: ignore[index]
        self._turns[item] += 1
        return Heard(
            request=arrived, body=body, sort=sort, item=item, turn=self._turns[item], at=time.monotonic()
        )


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 256

    def __init__(self, server: ModelServer) -> None:
        self.model_server = server
        super().__init__(("127.0.0.1", 0), _Connection)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a client that is gone: some of them get killed."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Connection(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Without it a head and a body in two writes wait for each other's acknowledgement, 40 ms each.
    disable_nagle_algorithm = True
    server: _Http

    def do_POST(self) -> None:
        self._serve()

    def do_GET(self) -> None:
        self._serve()

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        raw = self.rfile.read(length)
        if len(raw) < length:
            # The client was killed in the middle of its request: nobody works for half a question.
            self.close_connection = True
            return
        arrived = Arrived(
            method=self.command,
            path=self.path,
            headers={k.lower(): v for k, v in self.headers.items()},
            raw=raw,
        )
        try:
            self.server.model_server.serve(arrived, self)
        except OSError:
            # The client had enough, or was killed.
            self.close_connection = True

    def begin(self, answer: Answer, framing: Mapping[str, str]) -> None:
        """Write the status and the headers; the script's own go before those that frame the body."""
        self.send_response(answer.status)
        named = {name.lower() for name in answer.headers}
        for name, value in ({"Content-Type": "application/json", **framing}).items():
            if name.lower() not in named:
                self.send_header(name, value)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()

    def write(self, content: bytes) -> None:
        """Write bytes of the body."""
        self.wfile.write(content)

    def hang_up(self) -> None:
        """Close the connection now."""
        self.close_connection = True
        self.connection.close()
        self.rfile.close()

    def log_message(self, *_: object) -> None:
        """Say nothing: what was heard is kept."""
