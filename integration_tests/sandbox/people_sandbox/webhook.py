"""A webhook on this machine, for whoever is told of something: what it was told, and how it answers."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any


@dataclass
class Webhook:
    """Takes events while its status is below 300; `calls` counts the others too."""

    url: str = ""
    status: int = 204
    events: list[dict[str, Any]] = field(default_factory=list)
    calls: int = 0


@contextlib.contextmanager
def start_webhook() -> Iterator[Webhook]:
    """Listen on a free port of the loopback until the end of the body."""
    told = Webhook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            told.calls += 1
            if told.status < 300:
                told.events.append(json.loads(body))
            self.send_response(told.status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        told.url = f"http://127.0.0.1:{server.server_port}/people-sync"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield told
        finally:
            server.shutdown()
            thread.join()
