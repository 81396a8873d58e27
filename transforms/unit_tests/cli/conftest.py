"""Connectors of other people, as small programs that speak the Airbyte protocol."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from people_sync.cli import main

SOURCE = """
import json, os, signal, sys, time
command, config = sys.argv[1], json.load(open(sys.argv[sys.argv.index("--config") + 1]))
if command == "discover":
    for line in config.get("before_catalog", []):
        print(json.dumps(line))
    if "streams" in config:
        print(json.dumps({"type": "CATALOG", "catalog": {"streams": config["streams"]}}))
    sys.exit(config.get("discover_exit", 0))
if "--state" in sys.argv:
    state = json.load(open(sys.argv[sys.argv.index("--state") + 1]))
    json.dump(state, open("seen_state.json", "w"))
catalog = json.load(open(sys.argv[sys.argv.index("--catalog") + 1]))
json.dump(catalog, open("seen_catalog.json", "w"))
time.sleep(config.get("takes", 0))
for line in config.get("lines", []):
    print(line if isinstance(line, str) else json.dumps(line), flush=True)
if config.get("leaves"):
    import tempfile
    with open(os.path.join(tempfile.mkdtemp(), "config.json"), "w") as copy:
        json.dump(config, copy)
if config.get("waits"):
    with open("source_started", "w") as started:
        started.write(str(os.getpid()))
    signal.pause()
if config.get("killed"):
    os.kill(os.getpid(), signal.SIGKILL)
sys.exit(config.get("exit", 0))
"""

DESTINATION = """
import json, os, sys
config = json.load(open(sys.argv[sys.argv.index("--config") + 1]))
received = open("received.jsonl", "wb")
def tell():
    if "tells" in config:
        json.dump(config["tells"], open(os.environ["PEOPLE_SYNC_END"], "w"))
if config.get("dies_at_once"):
    tell()
    sys.exit(config.get("exit", 1))
for line in sys.stdin.buffer:
    received.write(line)
    received.flush()
    if json.loads(line)["type"] == "STATE":
        sys.stdout.buffer.write(line)
        sys.stdout.buffer.flush()
open("input_ended", "w").close()
for line in config.get("lines", []):
    print(line if isinstance(line, str) else json.dumps(line))
tell()
sys.exit(config.get("exit", 0))
"""


def record(stream: str, **data: object) -> dict[str, Any]:
    return {"type": "RECORD", "record": {"stream": stream, "data": data, "emitted_at": 1}}


def state(stream: str, **value: object) -> dict[str, Any]:
    descriptor = {"name": stream}
    return {
        "type": "STATE",
        "state": {
            "type": "STREAM",
            "stream": {"stream_descriptor": descriptor, "stream_state": value},
            "sourceStats": {"recordCount": 1.0},
        },
    }


def status(stream: str, word: str) -> dict[str, Any]:
    about = {"stream_descriptor": {"name": stream}, "status": word}
    return {
        "type": "TRACE",
        "trace": {"type": "STREAM_STATUS", "emitted_at": 1.0, "stream_status": about},
    }


def error(message: str, failure_type: str = "system_error") -> dict[str, Any]:
    return {
        "type": "TRACE",
        "trace": {
            "type": "ERROR",
            "emitted_at": 1.0,
            "error": {"message": message, "failure_type": failure_type, "stack_trace": "secret"},
        },
    }


def control(config: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "CONTROL",
        "control": {
            "type": "CONNECTOR_CONFIG",
            "emitted_at": 1.0,
            "connectorConfig": {"config": config},
        },
    }


PEOPLE = {
    "name": "people",
    "json_schema": {},
    "supported_sync_modes": ["full_refresh", "incremental"],
    "source_defined_primary_key": [["id"]],
    "default_cursor_field": ["version"],
}
JOBS = {"name": "jobs", "json_schema": {}, "supported_sync_modes": ["full_refresh"]}


@dataclass
class Connection:
    """A connection file with its two programs in one folder."""

    folder: Path
    source: dict[str, Any] = field(default_factory=lambda: {"streams": [PEOPLE, JOBS]})
    destination: dict[str, Any] = field(default_factory=dict)

    @property
    def file(self) -> Path:
        return self.folder / "connection.yaml"

    @property
    def state(self) -> Path:
        return self.folder / ".people-sync" / "state.json"

    def write(self) -> None:
        (self.folder / "source.json").write_text(json.dumps(self.source))
        (self.folder / "destination.json").write_text(json.dumps(self.destination))

    def command(self, *options: str) -> list[str]:
        return [sys.executable, "-m", "people_sync.cli", "run", str(self.file), *options]

    def run(self, *options: str) -> subprocess.CompletedProcess[str]:
        self.write()
        return subprocess.run(
            self.command(*options), capture_output=True, text=True, timeout=60, check=False
        )

    def received(self) -> list[dict[str, Any]]:
        lines = (self.folder / "received.jsonl").read_text().splitlines()
        return [json.loads(line) for line in lines]


@pytest.fixture
def connection(tmp_path: Path) -> Connection:
    return make_connection(tmp_path)


def make_connection(folder: Path) -> Connection:
    """Put a connection file and its two programs into a folder."""
    _program(folder / "fake-source", SOURCE)
    _program(folder / "destination-fake", DESTINATION)
    made = Connection(folder)
    made.file.write_text(
        "source: {connector: ./fake-source, config: source.json}\n"
        "destination: {connector: ./destination-fake, config: destination.json}\n"
        "state: .people-sync/state.json\n"
    )
    made.write()
    return made


def _program(path: Path, text: str) -> None:
    path.write_text(f"#!{sys.executable}\n{text}")
    path.chmod(0o755)


@dataclass(frozen=True)
class Said:
    """What a command said and how it ended."""

    returncode: int
    stdout: str
    stderr: str


PeopleSync = Callable[..., Said]


@pytest.fixture
def people_sync(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> PeopleSync:
    """Call `people-sync` in an empty folder, within this process."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")

    def call(*arguments: str) -> Said:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        said = capsys.readouterr()
        return Said(int(ended.value.code or 0), said.out, said.err)

    return call
