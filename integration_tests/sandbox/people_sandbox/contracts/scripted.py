"""A vendor on loopback that answers exactly what a test scripted, well or badly; a plugin of pytest."""

from __future__ import annotations

import contextlib
import json
import socket
import struct
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest


@dataclass
class Reply:
    """One answer; `fault` is None, `half` (half a body), `reset` or `silence` (no answer)."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    fault: str | None = None

    def payload(self) -> tuple[bytes, str]:
        if isinstance(self.body, bytes):
            return self.body, "application/json"
        if isinstance(self.body, str):
            return self.body.encode(), "text/html"
        return json.dumps(self.body).encode(), "application/json"


@dataclass
class Request:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any


class ScriptedServer(ThreadingHTTPServer):
    """Answers each `METHOD /path` with its scripted replies; the last one is repeated."""

    daemon_threads = False
    block_on_close = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.replies: dict[str, list[Reply]] = {}
        self.seen: list[Request] = []
        self.released = threading.Event()
        self.connections: list[socket.socket] = []

    def script(self, route: str, *replies: Reply) -> None:
        self.replies[route] = list(replies)

    def writes(self) -> list[Request]:
        return [one for one in self.seen if one.method != "GET" and not one.path.endswith("/token")]

    def hang_up(self) -> None:
        # A client keeps its connection as long as a caught error refers to the answer.
        self.released.set()
        for connection in self.connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is part of the script."""


class _Handler(BaseHTTPRequestHandler):
    server: ScriptedServer
    protocol_version = "HTTP/1.1"

    def setup(self) -> None:
        super().setup()
        self.server.connections.append(self.connection)

    def answer(self) -> None:
        parts = urlsplit(self.path)
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        is_json = "json" in self.headers.get("Content-Type", "")
        self.server.seen.append(
            Request(
                self.command,
                parts.path,
                dict(parse_qsl(parts.query)),
                dict(self.headers.items()),
                json.loads(raw) if is_json else dict(parse_qsl(raw)) or None,
            )
        )
        replies = self.server.replies.get(f"{self.command} {parts.path}", [Reply(599)])
        self._send(replies.pop(0) if len(replies) > 1 else replies[0])

    do_GET = do_POST = do_PATCH = answer

    def _send(self, reply: Reply) -> None:
        self.close_connection = reply.fault is not None
        if reply.fault == "silence":
            self.server.released.wait(30)
            return
        if reply.fault == "reset":
            linger = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            return
        payload, content_type = reply.payload()
        self.send_response(reply.status)
        headers = {"Content-Type": content_type, **reply.headers}
        for name, value in headers.items():
            self.send_header(name, value)
        if reply.status != 204:
            self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        if reply.status != 204:
            self.wfile.write(payload[: len(payload) // 2] if reply.fault == "half" else payload)

    def log_message(self, format: str, *args: Any) -> None:
        """Keep the tests quiet."""


@pytest.fixture
def reply() -> type[Reply]:
    return Reply


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    scripted = ScriptedServer()
    thread = threading.Thread(target=scripted.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield scripted
    scripted.shutdown()
    thread.join()
    scripted.hang_up()
    scripted.server_close()
