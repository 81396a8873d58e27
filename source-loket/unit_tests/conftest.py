"""A sandbox of Loket per module, and a read of it that says everything a test wants to know."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from airbyte_cdk.entrypoint import AirbyteEntrypoint
from airbyte_cdk.models import ConfiguredAirbyteCatalogSerializer
from airbyte_cdk.models.airbyte_protocol_serializers import AirbyteMessageSerializer
from airbyte_cdk.utils.airbyte_secrets_utils import update_secrets
from airbyte_cdk.utils.traced_exception import AirbyteTracedException
from people_sandbox import start_sandbox
from people_sandbox.client import Sandbox
from source_loket.components import Answers
from source_loket.source import SourceLoket

BODIES = Path(__file__).with_name("bodies")


@dataclass
class Outcome:
    """What one read said."""

    records: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    statuses: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    states: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    errors: list[dict[str, Any]] = field(default_factory=list)
    raised: AirbyteTracedException | None = None
    order: list[tuple[str, str]] = field(default_factory=list)

    def status(self, stream: str) -> str:
        return self.statuses[stream][-1]

    def ids(self, stream: str) -> list[str]:
        return [record["id"] for record in self.records[stream]]


Read = Callable[..., Outcome]


def catalog_of(streams: list[str]) -> Any:
    return ConfiguredAirbyteCatalogSerializer.load(
        {
            "streams": [
                {
                    "stream": {
                        "name": name,
                        "json_schema": {},
                        "supported_sync_modes": ["full_refresh"],
                    },
                    "sync_mode": "full_refresh",
                    "destination_sync_mode": "append",
                }
                for name in streams
            ]
        }
    )


def read_streams(
    config: dict[str, Any], streams: list[str], *, read_timeout: float | None = None
) -> Outcome:
    """Read in this process."""
    outcome = Outcome()
    catalog = catalog_of(streams)
    source = SourceLoket(catalog, config, [])
    if read_timeout:
        set_read_timeouts(source.resolved_manifest, read_timeout)
    try:
        for message in source.read(source.logger, config, catalog, []):
            if message.record:
                line = json.loads(AirbyteEntrypoint.airbyte_message_to_string(message))
                outcome.records[message.record.stream].append(line["record"]["data"])
            else:
                _note(AirbyteMessageSerializer.dump(message), outcome)
    except AirbyteTracedException as error:
        outcome.raised = error
    return outcome


def set_read_timeouts(node: Any, seconds: float) -> None:
    if isinstance(node, dict):
        if "read_timeout_in_seconds" in node:
            node["read_timeout_in_seconds"] = seconds
        for below in node.values():
            set_read_timeouts(below, seconds)
    elif isinstance(node, list):
        for below in node:
            set_read_timeouts(below, seconds)


def _note(message: dict[str, Any], outcome: Outcome) -> None:
    kind = message["type"]
    if kind == "STATE":
        told = message["state"]["stream"]
        stream = told["stream_descriptor"]["name"]
        outcome.states.append((stream, json.loads(json.dumps(told["stream_state"]))))
        outcome.order.append(("state", stream))
    elif kind == "TRACE" and message["trace"]["type"] == "STREAM_STATUS":
        status = message["trace"]["stream_status"]
        stream = status["stream_descriptor"]["name"]
        outcome.statuses[stream].append(status["status"])
        outcome.order.append((status["status"], stream))
    elif kind == "TRACE":
        outcome.errors.append(message["trace"]["error"])


@pytest.fixture(scope="module")
def shared_box() -> Iterator[Sandbox]:
    with start_sandbox(size=60, seed=7) as box:
        yield box


@pytest.fixture
def box(shared_box: Sandbox) -> Iterator[Sandbox]:
    """A sandbox without faults, whose world a test must leave as it was."""
    shared_box.clear_faults()
    shared_box.clear_requests()
    yield shared_box
    shared_box.clear_faults()


@pytest.fixture
def config(box: Sandbox) -> dict[str, Any]:
    return box.config("source-loket") | {"flex_salary": True}


@pytest.fixture
def read() -> Read:
    return read_streams


@pytest.fixture
def big_box() -> Iterator[Sandbox]:
    """One employer with several pages of people."""
    with start_sandbox(size=900, seed=7, employers=1) as box:
        yield box


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Waiting before a repetition takes no time and is noted here, with the CDK's extra second."""
    noted: list[float] = []
    clock = SimpleNamespace(sleep=noted.append)
    monkeypatch.setattr("airbyte_cdk.sources.streams.http.rate_limiting.time", clock)
    return noted


@pytest.fixture(autouse=True)
def manifest_held_against_the_schema_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the command does; test_spec.py holds it."""
    module = "airbyte_cdk.sources.declarative.concurrent_declarative_source"
    monkeypatch.setattr(f"{module}.get_declarative_component_schema", dict)


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    yield
    update_secrets([])
    Answers.down.clear()


@pytest.fixture
def bodies() -> Callable[[str], bytes]:
    return lambda name: (BODIES / f"{name}.json").read_bytes()
