"""Ended while its token is renewed: the old one is no longer good then, and the new one is nowhere else."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

MAIN = Path(__file__).parents[1] / "main.py"


class SlowToken(ThreadingHTTPServer):
    """Loket's token endpoint: `asked` is set when a token has become useless, `answer` lets it answer."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked, self.answer = threading.Event(), threading.Event()


class _Handler(BaseHTTPRequestHandler):
    server: SlowToken

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked.set()
        self.server.answer.wait(60)
        token = {"access_token": "a", "token_type": "Bearer", "expires_in": 3600}
        body = json.dumps(token | {"refresh_token": "renewed"}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def loket() -> Iterator[SlowToken]:
    with SlowToken() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.answer.set()
        server.shutdown()


@pytest.fixture
def check(loket: SlowToken, config: dict[str, Any], tmp_path: Path) -> Iterator[Any]:
    """A check that waits for its token, and the file of its configuration."""
    path = tmp_path / "config.json"
    address = f"http://127.0.0.1:{loket.server_port}"
    path.write_text(json.dumps(config | {"oauth_url": address}))
    command = [sys.executable, str(MAIN), "check", "--config", str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert loket.asked.wait(60)
        yield process, path
        process.kill()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_waits_until_the_new_token_is_kept(
    loket: SlowToken, check: tuple[subprocess.Popen[bytes], Path], number: int
) -> None:
    process, path = check
    process.send_signal(number)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(1)
    loket.answer.set()
    said, _ = process.communicate(timeout=60)
    assert process.returncode == (1 if number == signal.SIGINT else -number)
    assert json.loads(path.read_text())["credentials"]["refresh_token"] == "renewed"
    assert b"CONNECTION_STATUS" not in said, "it went no further"


def test_who_sends_a_second_signal_is_not_kept_waiting(
    check: tuple[subprocess.Popen[bytes], Path],
) -> None:
    process, _ = check
    process.send_signal(signal.SIGTERM)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(1)
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == -signal.SIGTERM
