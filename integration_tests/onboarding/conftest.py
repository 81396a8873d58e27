"""The onboarding's server in this process, a browser without JavaScript, and a real sandbox."""

from __future__ import annotations

import datetime as dt
import json
import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from people_sandbox import start_sandbox
from people_sandbox.client import Sandbox
from people_sync.connection.connection_file import read_connection_file
from people_sync.desk.onboarding.connection import Onboarding, open_onboarding
from people_sync.desk.onboarding.serve import build_server, make_link_of
from people_sync.desk.web.serving import listen

WEEK = dt.timedelta(days=7)
WHO = "Joke de Vries"


@dataclass
class Hook:
    """A webhook on this machine: what it was told, and the status it answers with."""

    url: str = ""
    status: int = 204
    events: list[dict[str, Any]] = field(default_factory=list)


@pytest.fixture
def hook() -> Iterator[Hook]:
    told = Hook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
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
        yield told
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def box() -> Iterator[Sandbox]:
    with start_sandbox(size=20, seed=7) as running:
        yield running


def write_connection(
    folder: Path, source: str, destination: str, configs: tuple[dict[str, Any], dict[str, Any]]
) -> Path:
    """Write a connection as an operator would before the customer comes."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, config in zip(("source", "destination"), configs, strict=True):
        (folder / f"{name}.json").write_text(json.dumps(config))
    path = folder / "connection.yaml"
    path.write_text(
        f"source: {{connector: {source}, config: source.json}}\n"
        f"destination: {{connector: {destination}, config: destination.json}}\n"
        "state: .people-sync/state.json\n"
    )
    return path


def loket_before_consent(box: Sandbox) -> dict[str, Any]:
    config = box.config("source-loket")
    del config["credentials"]["refresh_token"]
    return config


@dataclass
class Customer:
    """A person with a browser: follows forms and links as they are on the page."""

    onboarding: Onboarding
    client: httpx.Client
    now: list[dt.datetime]
    page: httpx.Response

    def open(self, address: str, **options: Any) -> httpx.Response:
        self.page = self.client.get(address, **options)
        return self.page

    def send(self, action: str | None = None, **fields: Any) -> httpx.Response:
        """Press the button of the page's first form, with its hidden fields."""
        hidden = dict(
            re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', self.page.text)
        )
        self.page = self.client.post(
            action or str(self.page.url), data={**hidden, **fields}, follow_redirects=True
        )
        return self.page

    def new_link(self, lasts: dt.timedelta = WEEK, who: str = WHO) -> str:
        return make_link_of(self.onboarding, who, lasts)

    def begin(self, language: str = "en") -> None:
        self.open(f"{self.new_link()}?lang={language}")
        assert self.send().status_code == 200


@contextmanager
def open_customer(connection: Path, proxies: Sequence[str] = ()) -> Iterator[Customer]:
    """Serve a connection's onboarding on a free port, with a clock that the test sets."""
    now = [dt.datetime.now(dt.UTC)]
    with listen("127.0.0.1", 0) as taken:
        base_url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        onboarding = open_onboarding(read_connection_file(connection), base_url, lambda: now[0])
        server = build_server(onboarding, proxies)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [taken]})
        thread.start()
        try:
            with httpx.Client(base_url=base_url, timeout=300, follow_redirects=True) as client:
                yield Customer(onboarding, client, now, client.get("/style.css"))
        finally:
            server.should_exit = True
            thread.join()


def answer_consent(customer: Customer, answer: str) -> httpx.Response:
    """Press a button on the authorization server's own page, and come back."""
    hidden = dict(
        re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', customer.page.text)
    )
    leaving = customer.client.post("/source", data=hidden, follow_redirects=False)
    assert leaving.status_code == 303
    theirs = httpx.post(leaving.headers["location"], data={"answer": answer})
    return customer.open(theirs.headers["location"])
