"""The exchange of a code for tokens, with an authorization server that answers anything."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from people_sync.desk.onboarding.consent import Server, exchange
from people_transforms.errors import ConfigError, RetryableError, SyncError

NOW = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)
HONEST = b'{"access_token": "a", "refresh_token": "r", "expires_in": 60}'


@dataclass
class Host:
    url: str = ""
    status: int = 200
    body: bytes = HONEST
    location: str | None = None
    asked: list[str] = field(default_factory=list)


def serve(host: Host) -> HTTPServer:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            host.asked.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
            self.answer()

        def do_GET(self) -> None:
            host.asked.append("")
            self.answer()

        def answer(self) -> None:
            self.send_response(host.status)
            if host.location:
                self.send_header("Location", host.location)
            self.end_headers()
            self.wfile.write(host.body)

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    host.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
    return server


@pytest.fixture
def hosts() -> Iterator[tuple[Host, Host]]:
    """The authorization server, and a host of somebody else."""
    ours, other = Host(), Host()
    servers = [serve(ours), serve(other)]
    yield ours, other
    for server in servers:
        server.shutdown()
        server.server_close()


def exchanged(host: Host) -> dict[str, str]:
    server = Server(host.url, f"{host.url}/token", "all", "client", "secret-4711")
    return exchange(server, "code-1", "verifier", "http://127.0.0.1/consent/back", NOW)


def test_an_honest_answer_gives_tokens_and_their_end(hosts: tuple[Host, Host]) -> None:
    assert exchanged(hosts[0]) == {
        "access_token": "a",
        "refresh_token": "r",
        "token_expiry_date": "2026-03-02T00:01:00Z",
    }
    assert "secret-4711" in hosts[0].asked[0]


@pytest.mark.parametrize("said", ['"nan"', '"inf"', "1e300", "1e999", "-5", "[]", "9" * 400])
def test_a_lifetime_that_is_none_is_not_believed(hosts: tuple[Host, Host], said: str) -> None:
    hosts[0].body = HONEST.replace(b"60", said.encode())
    assert exchanged(hosts[0])["token_expiry_date"] == "2026-03-02T00:59:59Z"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_another_host_gets_no_secret_and_its_tokens_are_not_taken(
    hosts: tuple[Host, Host], status: int
) -> None:
    ours, other = hosts
    ours.status, ours.location = status, f"{other.url}/token"
    with pytest.raises(ConfigError):
        exchanged(ours)
    assert not any("secret-4711" in asked for asked in other.asked)


@pytest.mark.parametrize("status", [200, 400, 500])
@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[" * 100_000, b"[]", b"\xff", b'{"error": "<b>"}']
)
def test_any_other_answer_is_a_named_error(
    hosts: tuple[Host, Host], status: int, body: bytes
) -> None:
    hosts[0].status, hosts[0].body = status, body
    with pytest.raises(SyncError) as failed:
        exchanged(hosts[0])
    assert isinstance(failed.value, ConfigError | RetryableError)
    assert "<" not in str(failed.value)
