"""A desk over two small connections, and visitors with browsers that run no script."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import httpx
import pytest
import yaml
from people_sync.commands.store import Store, store_of
from people_sync.desk.app import build_app
from people_sync.desk.office import Office
from people_sync.desk.serve import open_office
from people_sync.desk.staff import Staff
from people_sync.desk.web.peers import PeerNoted
from people_transforms.publishing.publish import publish_staging
from people_transforms.store.warehouse import open_store

URL = "http://127.0.0.1:8711"
HR, OTHER_HR, SUPPORT = "joke@example.nl", "piet@example.nl", "support@example.com"
RUN, LATER_RUN = "20260302T003000Z-aaaaaa", "20260303T003000Z-bbbbbb"


def write_connection(folder: Path, destination: str = "alleo", **config: Any) -> Path:
    """Write a connection as an operator would."""
    folder.mkdir(parents=True)
    (folder / "source.json").write_text("{}")
    secret = {"access_key": "the-access-key", "secret_key": "a-very-secret-key"}
    (folder / "destination.json").write_text(json.dumps(secret | config))
    path = folder / "connection.yaml"
    path.write_text(
        "# Ours.\n"
        "source: {connector: source-loket, config: source.json}\n"
        f"destination: {{connector: destination-{destination}, config: destination.json}}\n"
        "state: .people-sync/state.json\n"
        "alarms:\n"
        "  email:\n"
        "    to:  # the morning mail\n"
        "      - joke@example.nl\n"
        "    from: sync@example.com\n"
        "    server: mail.example.com\n"
    )
    return path


class Night:
    """Writes rows into a store as a run would have, and publishes them."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, run_id: str) -> None:
        self.connection = connection
        self.run_id = run_id

    def insert(self, table: str, **row: Any) -> None:
        names, marks = ", ".join(row), ", ".join("?" * len(row))
        self.connection.execute(f"insert into {table} ({names}) values ({marks})", [*row.values()])

    def plans(self, number: int, operation: str, hold: str | None = "removals", **row: Any) -> None:
        values = {
            "row_hash": f"{operation}-{number}",
            "plan_hash": self.run_id[-6:] * 5,
            "person_id": f"loket:e1:{number}",
            "account_key": "501",
            "employer_id": "e1",
            "reason": "ended",
            "changes": "{}",
            "hold": hold,
            "hold_reason": "many",
            **row,
        }
        self.insert("sync.plan", run_id=self.run_id, operation=operation, **values)

    def finds(self, number: int, code: str = "email_missing", **row: Any) -> None:
        values = {
            "person_id": f"loket:e1:{number}",
            "employer_id": "e1",
            "code": code,
            "severity": "warning",
            "args": "{}",
            "valid_from_run": self.run_id,
            **row,
        }
        self.insert("sync.findings_history", **values)

    def has_account(self, number: int, vendor: str = "alleo", **row: Any) -> None:
        values = {
            "vendor": vendor,
            "person_id": f"loket:e1:{number}",
            "account_key": "501",
            "employer_id": "e1",
            "state": "active",
            "fields": json.dumps({"email": f"p{number}@example.nl"}),
            **row,
        }
        self.insert("sync.ledger", **values)


_PEOPLE = """
create or replace table people.people as
select
    'loket:e1:' || n as person_id, 'e1' as employer_id, n::varchar as employee_id,
    'P' || n as personal_number, ['Joke', 'Jan', 'Žofie', 'Ali'][n % 4 + 1] as first_name,
    null::varchar as prefix, 'Persoon' || n as last_name, 'p' || n || '@example.nl' as business_email,
    null::varchar as private_email, 'employed' as employment_status,
    date '2020-01-01' as starts_on, null::date as ends_on,
from range(1, $people + 1) as numbers (n)
"""


class Browser:
    """Talks to the app in this process, and keeps cookies."""

    def __init__(self, app: Any, base_url: str, client: tuple[str, int]) -> None:
        self._app, self._base_url, self._client = app, base_url, client
        self.cookies = httpx.Cookies()

    def request(self, method: str, address: str, **options: Any) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self._app, client=self._client)
            async with httpx.AsyncClient(
                transport=transport,
                base_url=self._base_url,
                cookies=self.cookies,
                follow_redirects=True,
            ) as client:
                answer = await client.request(method, address, **options)
                self.cookies = client.cookies
                return answer

        return asyncio.run(ask())


@dataclass
class Visitor:
    """Somebody with a browser."""

    client: Browser
    page: httpx.Response = field(init=False)
    csrf: str = ""

    def open(self, address: str, **options: Any) -> httpx.Response:
        self.page = self.client.request("GET", address, **options)
        return self.page

    def send(self, to: str, /, form: str = "", **fields: Any) -> httpx.Response:
        """Press a button of the page's form that leads there, or of the one that holds a text."""
        text = next((one for one in self.forms(to) if form in one), "")
        pattern = r'<input type="hidden" name="([^"]+)" value="([^"]*)">'
        hidden = dict(re.findall(pattern, text))
        found = re.search(r'name="csrf" value="(\w+)"', self.page.text)
        self.csrf = found[1] if found else self.csrf
        self.page = self.client.request("POST", to, data={"csrf": self.csrf, **hidden, **fields})
        return self.page

    def forms(self, to: str) -> list[str]:
        found = re.findall(r"<form method=.post.[^>]*>.*?</form>", self.page.text, re.DOTALL)
        others = [one for one in found if "action=" not in one.partition(">")[0]]
        return [one for one in found if f'action="{to}"' in one] or others


@dataclass
class Desk:
    """A desk in this process, with a clock that the test sets."""

    office: Office
    folder: Path
    now: list[dt.datetime]
    said: list[str]
    app: Any

    def visitor(
        self, base_url: str = URL, client: tuple[str, int] = ("127.0.0.1", 5000)
    ) -> Visitor:
        return Visitor(Browser(self.app, base_url, client))

    def link_for(self, visitor: Visitor, address: str, then: str = "/") -> str:
        """Ask for a link on the page, and take it from where links are printed."""
        visitor.open(f"/sign-in?then={then}&lang=en")
        visitor.send("/sign-in", address=address)
        return self.said[-1].split()[-1].removeprefix(URL)

    def signed_in(self, address: str = HR, language: str = "en") -> Visitor:
        visitor = self.visitor()
        link = self.link_for(visitor, address)
        visitor.open(f"{link}?lang={language}")
        visitor.send(link)
        assert visitor.page.status_code == 200, visitor.page.text
        return visitor

    def store(self, name: str = "bakkerij") -> Store:
        return store_of(self.folder / name / "connection.yaml")

    def night(
        self, name: str = "bakkerij", run_id: str = RUN, people: int = 12, **run: Any
    ) -> Callable[[Callable[[Night], None]], None]:
        """Let a run have been: `desk.night()(lambda night: night.plans(1, "deactivate"))`."""

        def play(writes: Callable[[Night], None]) -> None:
            store = self.store(name)
            with open_store(store.paths) as connection:
                night = Night(connection, run_id)
                moment = dt.datetime.strptime(run_id[:15], "%Y%m%dT%H%M%S").replace(tzinfo=dt.UTC)
                values = {
                    "started_at": moment,
                    "finished_at": moment,
                    "as_of": moment.date(),
                    "source_system": "loket",
                    "vendor": store.paths.staging.parent.name,
                    "outcome": "held",
                    "plan_hash": run_id[-6:] * 5,
                    "counts": "{}",
                    "steps": json.dumps([{"step": "model", "people": people}]),
                    **run,
                }
                night.insert("sync.runs", run_id=run_id, **values)
                connection.execute(_PEOPLE.replace("$people", str(people)))
                connection.execute(
                    "create or replace table people.employers as "
                    "select 'e1' as employer_id, 'Bakkerij Jansen' as employer_name"
                )
                writes(night)
                publish_staging(connection, store.paths.staging)

        return play

    def approvals(self, name: str = "bakkerij") -> list[tuple[Any, ...]]:
        with open_store(self.store(name).paths) as connection:
            return connection.execute("select * from sync.approvals").fetchall()

    def actions(self) -> list[str]:
        return [one.action for one in self.office.records.actions(None, 1000)]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    write_connection(tmp_path / "bakkerij")
    write_connection(tmp_path / "menza", "lunchdrive", api_url="http://127.0.0.1:9", mode="single")
    with open_desk(tmp_path) as opened:
        yield opened


@contextmanager
def open_desk(
    folder: Path, base_url: str = URL, staff: Staff | None = None, **options: Any
) -> Iterator[Desk]:
    """Open a desk over the connections of a folder; `options` are those of the command."""
    people = [
        {"address": HR, "role": "hr", "connection": "bakkerij"},
        {"address": OTHER_HR, "role": "hr", "connection": "menza"},
        {"address": SUPPORT, "role": "support"},
    ]
    path = folder / "people.yaml"
    path.write_text(yaml.safe_dump({"people": people}))
    now, said = [dt.datetime(2026, 3, 2, 6, tzinfo=dt.UTC)], list[str]()
    office = open_office(
        [folder],
        staff or Staff(path),
        folder / "records",
        base_url,
        said.append,
        clock=lambda: now[0],
        **options,
    )
    yield Desk(office, folder, now, said, PeerNoted(build_app(office)))
