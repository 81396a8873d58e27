"""A local server that says exactly what a test wants, and a read of it."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson
import pytest
from airbyte_cdk.entrypoint import AirbyteEntrypoint
from airbyte_cdk.models import (
    AirbyteMessage,
    AirbyteStream,
    ConfiguredAirbyteCatalog,
    ConfiguredAirbyteStream,
    DestinationSyncMode,
    FailureType,
    SyncMode,
)
from airbyte_cdk.sources.declarative import concurrent_declarative_source
from airbyte_cdk.utils import AirbyteTracedException
from airbyte_cdk.utils.airbyte_secrets_utils import update_secrets
from source_alveno.source import SourceAlveno

TOKEN = "token-of-a-test-4711"
STREAMS = ("employers", "operations", "employees", "employments")

EMPLOYEES = [
    {
        "EmployeeID": 101,
        "PersonalID": "0012",
        "Firstname": "Jiří",
        "Lastname": "Dvořák",
        "Email": None,
        "Note": "LDID: 32567",
        "ChipNumber": "00A1B2C3",
    },
    {
        "EmployeeID": 102,
        "PersonalID": "12",
        "Firstname": "Ľubica",
        "Lastname": "Kováčová",
        "Email": " lubica@example.sk ",
        "Note": "",
        "ChipNumber": None,
    },
]
WORKLOADS = [
    {
        "WorkloadID": 9001,
        "EmployeeID": 101,
        "OperationID": 7,
        "JobTitle": "",
        "ContractType": "HPP",
        "DateFrom": "/Date(1735686000000+0100)/",
        "DateTo": None,
    },
    {
        "WorkloadID": 9002,
        "EmployeeID": 102,
        "OperationID": "7",
        "JobTitle": "Účetní",
        "ContractType": "DPP",
        "DateFrom": "/Date(1751320800000+0200)/",
        "DateTo": "/Date(253402300799999)/",
    },
]
OPERATIONS = [{"OperationID": 7, "Name": "Praha"}]


@dataclass
class Request:
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]


@dataclass
class Reply:
    body: bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    # Promise more bytes than are sent, then hang up.
    cut: bool = False


Answer = Reply | Callable[[Request], Reply]


class Alveno:
    """Serves what `answers` holds per path: a reply, or the replies one after the other."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.answers: dict[str, list[Answer]] = {}
        self.lists(employees=EMPLOYEES, workloads=WORKLOADS, operations=OPERATIONS)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def lists(self, **lists: Any) -> None:
        for path, rows in lists.items():
            self.answer(f"/{path}", Reply(escaped(rows)))

    def answer(self, path: str, *answers: Answer) -> None:
        """The last one is repeated."""
        self.answers[path] = list(answers)

    def count(self, path: str) -> int:
        return sum(request.path == path for request in self.requests)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _reply(self, request: Request) -> Reply:
        self.requests.append(request)
        answers = self.answers.get(request.path)
        if not answers:
            return Reply(b"<html><title>Endpoint not found.</title></html>", 404)
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        return answer(request) if callable(answer) else answer

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        alveno = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                url = urlsplit(self.path)
                headers = {name.lower(): value for name, value in self.headers.items()}
                reply = alveno._reply(Request(url.path, parse_qs(url.query), headers))
                self.send_response(reply.status)
                for name, value in {
                    "Content-Type": "application/json",
                    "Content-Length": str(len(reply.body) * (2 if reply.cut else 1)),
                    **reply.headers,
                }.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(reply.body)
                self.close_connection = reply.cut

            def log_message(self, format: str, *args: object) -> None:
                pass

        return Handler


def escaped(rows: Any) -> bytes:
    """JSON as .NET writes it, every slash escaped."""
    return json.dumps(rows, ensure_ascii=False).replace("/", "\\/").encode()


@dataclass
class Outcome:
    """What a read let out."""

    records: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    statuses: dict[str, list[str]] = field(default_factory=dict)
    states: list[str] = field(default_factory=list)
    # Per failed stream, as the CDK traces them; its last error is always one of configuration.
    failures: dict[str, FailureType] = field(default_factory=dict)
    messages: list[str] = field(default_factory=list)
    error: AirbyteTracedException | None = None

    @property
    def failure(self) -> FailureType | None:
        """The worst of the failures."""
        order = (FailureType.config_error, FailureType.system_error, FailureType.transient_error)
        kinds = [*self.failures.values()]
        if self.error and not kinds:  # before any stream was read
            kinds = [self.error.failure_type]
        return next((kind for kind in order if kind in kinds), None)

    @property
    def text(self) -> str:
        return " ".join([*self.messages, str(self.error)])

    @property
    def count(self) -> int:
        return sum(len(records) for records in self.records.values())

    def last(self, stream: str) -> str:
        return self.statuses[stream][-1]


def catalog_of(*streams: str) -> ConfiguredAirbyteCatalog:
    return ConfiguredAirbyteCatalog(
        streams=[
            ConfiguredAirbyteStream(
                stream=AirbyteStream(
                    name=name, json_schema={}, supported_sync_modes=[SyncMode.full_refresh]
                ),
                sync_mode=SyncMode.full_refresh,
                destination_sync_mode=DestinationSyncMode.overwrite,
            )
            for name in streams
        ]
    )


def read(config: dict[str, Any], *streams: str) -> Outcome:
    """Read as the command does, in this process."""
    outcome = Outcome()
    catalog = catalog_of(*(streams or STREAMS))
    try:
        source = SourceAlveno(catalog, config)
        with tempfile.TemporaryDirectory() as folder:
            configured = source.configure(config, folder)
        for message in source.read(source.logger, configured, catalog, []):
            _note(message, outcome)
    except AirbyteTracedException as error:
        outcome.error = error
    return outcome


def _note(message: AirbyteMessage, outcome: Outcome) -> None:
    if message.record:
        data = orjson.loads(AirbyteEntrypoint.airbyte_message_to_string(message))["record"]["data"]
        outcome.records.setdefault(message.record.stream, []).append(data)
    elif message.state and message.state.stream:
        outcome.states.append(message.state.stream.stream_descriptor.name)
    elif message.trace and message.trace.stream_status:
        status = message.trace.stream_status
        name = status.stream_descriptor.name
        outcome.statuses.setdefault(name, []).append(status.status.value)
    elif message.trace and message.trace.error:
        error = message.trace.error
        outcome.failures[error.stream_descriptor.name] = error.failure_type
        outcome.messages.append(error.message)


@pytest.fixture(autouse=True, scope="session")
def _one_component_schema() -> Iterator[None]:
    """The CDK parses 6,000 lines of YAML for every source made; for these tests once is enough."""
    with pytest.MonkeyPatch.context() as patch:
        schema = concurrent_declarative_source.get_declarative_component_schema()
        name = "get_declarative_component_schema"
        patch.setattr(concurrent_declarative_source, name, lambda: schema)
        yield


@pytest.fixture
def alveno() -> Iterator[Alveno]:
    server = Alveno()
    yield server
    server.close()


@pytest.fixture
def config(alveno: Alveno) -> dict[str, Any]:
    return {"token": TOKEN, "api_url": alveno.url}


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that were waited, instead of waiting them."""
    seconds: list[float] = []
    monkeypatch.setattr(time, "sleep", seconds.append)
    return seconds


@pytest.fixture(autouse=True)
def _forget_secrets() -> Iterator[None]:
    yield
    update_secrets([])
