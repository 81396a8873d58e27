"""The onboarding's server in this process, a browser without JavaScript, and a real sandbox."""

from __future__ import annotations

import datetime as dt
import json
import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from people_sandbox import start_sandbox
from people_sandbox.client import Sandbox
from people_sync.desk.links import onboarding_of
from people_sync.desk.office import Office
from people_sync.desk.onboarding.connection import Onboarding
from people_sync.desk.onboarding.journey import STEPS
from people_sync.desk.records import Records
from people_sync.desk.serve import build_server, link_for_customer, open_office
from people_sync.desk.staff import Staff
from people_sync.desk.web.serving import listen

WEEK = dt.timedelta(days=7)
WHO = "Joke de Vries"


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

    office: Office
    name: str
    client: httpx.Client
    now: list[dt.datetime]
    page: httpx.Response

    @property
    def onboarding(self) -> Onboarding:
        served = self.office.connections.find(self.name)
        found = self.office.onboarding(served) if served else None
        assert found is not None
        return found

    @property
    def records(self) -> Records:
        return self.office.records

    @property
    def step(self) -> str:
        """The step that the browser is at."""
        return self.page.url.path.removeprefix(onboarding_of(self.name)).strip("/")

    def at(self, step: str) -> str:
        """Give the address of a step, such as `/reads`; any other address is left as it is."""
        is_step = step.strip("/").partition("/")[0].partition("?")[0] in ("", "report", *STEPS)
        return f"{onboarding_of(self.name)}{step}".removesuffix("/") if is_step else step

    def open(self, address: str, **options: Any) -> httpx.Response:
        self.page = self.client.get(self.at(address), **options)
        return self.page

    def send(self, action: str | None = None, **fields: Any) -> httpx.Response:
        """Press the button of the page's first form, with its hidden fields."""
        hidden = dict(
            re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', self.page.text)
        )
        self.page = self.client.post(
            self.at(action) if action else str(self.page.url),
            data={**hidden, **fields},
            follow_redirects=True,
        )
        return self.page

    def new_link(self, lasts: dt.timedelta = WEEK, who: str = WHO) -> str:
        return link_for_customer(self.office, self.name, who, lasts)

    def begin(self, language: str = "en") -> None:
        self.open(f"{self.new_link()}?lang={language}")
        assert self.send().status_code == 200


@contextmanager
def open_customer(connection: Path, proxies: Sequence[str] = ()) -> Iterator[Customer]:
    """Serve a connection as `people-sync onboard` does, with a clock that the test sets."""
    now = [dt.datetime.now(dt.UTC)]
    with listen("127.0.0.1", 0) as taken:
        base_url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        office = open_office(
            [connection],
            Staff(None),
            connection.parent / "records",
            base_url,
            lambda text: None,
            clock=lambda: now[0],
            proxies=proxies,
        )
        (name,) = office.connections.names()
        server = build_server(office)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [taken]})
        thread.start()
        try:
            with httpx.Client(base_url=base_url, timeout=300, follow_redirects=True) as client:
                yield Customer(office, name, client, now, client.get("/style.css"))
        finally:
            server.should_exit = True
            thread.join()


def answer_consent(customer: Customer, answer: str) -> httpx.Response:
    """Press a button on the authorization server's own page, and come back."""
    hidden = dict(
        re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', customer.page.text)
    )
    leaving = customer.client.post(customer.at("/source"), data=hidden, follow_redirects=False)
    assert leaving.status_code == 303
    theirs = httpx.post(leaving.headers["location"], data={"answer": answer})
    return customer.open(theirs.headers["location"])
