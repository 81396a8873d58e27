"""An HR system and a canteen in one tiny local server: lists in, guests out."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY = "k_1"


class Canteen:
    """What HR says, the guests that the canteen has, and how often it was written to."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.hr: dict[str, list[dict[str, Any]]] = {"companies": [], "people": [], "contracts": []}
        self.guests: list[dict[str, Any]] = []
        self.writes = 0

    def answer(self, method: str, path: list[str], body: dict[str, Any]) -> Any:
        match method, path:
            case "GET", ["hr", name]:
                return {"items": self.hr[name]}
            case "GET", ["canteen", "houses"]:
                return {"items": [{"id": "7", "name": "House Seven"}]}
            case "GET", ["canteen", "houses", "7", "guests"]:
                return {"items": self.guests}
            case "POST", ["canteen", "houses", "7", "guests"]:
                self.writes += 1
                guest = {"id": str(self.writes), **body}
                self.guests.append(guest)
                return guest
            case "PATCH", ["canteen", "houses", "7", "guests", number]:
                self.writes += 1
                guest = next(one for one in self.guests if one["id"] == number)
                guest.update(body)
                return guest
        return None


@contextlib.contextmanager
def running() -> Iterator[Canteen]:
    """Serve until the body ends."""
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else {}
            allowed = self.headers.get("X-Key") == KEY
            path = self.path.partition("?")[0].strip("/").split("/")
            with lock:
                said = canteen.answer(self.command, path, body) if allowed else {}
            text = json.dumps(said).encode()
            self.send_response(401 if not allowed else 404 if said is None else 200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = do_PATCH = _answer

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        canteen = Canteen(f"http://127.0.0.1:{server.server_port}")
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield canteen
        server.shutdown()
