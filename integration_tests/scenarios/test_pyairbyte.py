"""Every connector driven by PyAirbyte: read into its cache, and one end's records into the other.

PyAirbyte pins another DuckDB than ours, so it lives in an environment of its own under `build/`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .connections import BIN, Connection
from .names import personal_values, told
from .points import Draw

pytestmark = pytest.mark.long
DRIVER = Path(__file__).with_name("drive_pyairbyte.py")
PYAIRBYTE = "airbyte==0.71.3"
ENVIRONMENT = Path(__file__).parents[2] / "build" / "pyairbyte"


@pytest.fixture(scope="module")
def python() -> Path:
    """PyAirbyte's interpreter; its environment is made once and kept."""
    ready, found = ENVIRONMENT / ".ready", ENVIRONMENT / "bin" / "python"
    if not ready.is_file() or ready.read_text().strip() != PYAIRBYTE:
        made = subprocess.run([sys.executable, "-m", "venv", "--clear", ENVIRONMENT], check=False)
        install = [found, "-m", "pip", "install", "--quiet", PYAIRBYTE]
        if made.returncode or subprocess.run(install, check=False).returncode:
            pytest.skip(f"pip could not install {PYAIRBYTE}: give it a package index to end this")
        ready.write_text(PYAIRBYTE)
    return found


def as_in_a_form(config: dict[str, Any]) -> dict[str, Any]:
    """What belongs to a choice is inside of it: PyAirbyte holds settings against the spec that is printed."""
    if "mode" not in config:
        return config
    inside = ("mode", "client_id", "allowed_client_ids", "default_client_id")
    chosen = {name: config[name] for name in inside if name in config}
    return {name: one for name, one in config.items() if name not in inside} | {"mode": chosen}


def drive(python: Path, connection: Connection) -> dict[str, Any]:
    """Let PyAirbyte run both connectors, as a program in its own environment would."""
    folder = connection.folder
    order: dict[str, Any] = {
        kind: {
            "name": name,
            "config": as_in_a_form(json.loads((folder / f"{kind}.json").read_text())),
            "executable": str(BIN / name),
        }
        for kind, name in (("source", connection.source), ("destination", connection.destination))
    }
    own = {
        "AIRBYTE_OFFLINE_MODE": "1",
        "DO_NOT_TRACK": "1",
        "AIRBYTE_LOGGING_ROOT": str(folder / "logs"),
        "HOME": str(folder),
    }
    ended = subprocess.run(
        [python, DRIVER],
        cwd=folder,
        env={**os.environ, **own},
        input=json.dumps(order | {"cache": str(folder / "cache.duckdb")}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout[-2000:] + ended.stderr[-4000:]
    answer: dict[str, Any] = json.loads(ended.stdout.splitlines()[-1])
    return answer


@pytest.mark.drawn(1)
@pytest.mark.parametrize(
    ("source", "destination"),
    [("source-loket", "destination-alleo"), ("source-alveno", "destination-lunchdrive")],
)
def test_pyairbyte_reads_and_writes_a_pair(
    python: Path, connect: Callable[..., Connection], source: str, destination: str, draw: Draw
) -> None:
    connection = connect(source, destination)
    people = connection.box.world(source.removeprefix("source-"))["employees"]
    # Its cache has every stream, and a first night is held as anywhere else.
    preview = drive(python, connection)
    assert set(preview["read"]) == set(preview["streams"])
    assert preview["read"]["employees"] == len(people) > 10
    assert "Exit Code: 3" in preview["failed"]
    assert connection.accounts() == []
    approved = connection.ask("select plan_hash from sync.runs")[0][0]
    connection.configure(approved_plan=approved)
    # The approved night, and by `make matrix` the same once more.
    for is_first in (True, False) if draw.takes_all else (True,):
        connection.box.clear_requests()
        night = drive(python, connection)
        assert night["failed"] is None
        assert bool(connection.writes()) == is_first
        assert connection.active() == connection.desired() != set()
        assert connection.duplicates() == []
    logs = [file.read_text("utf-8", "replace") for file in (connection.folder / "logs").rglob("*")
            if file.is_file()]  # fmt: skip
    assert logs
    assert told(logs, personal_values(connection.box)) == []
