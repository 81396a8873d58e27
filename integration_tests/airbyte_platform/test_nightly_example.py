"""The example that makes a nightly connection through Airbyte's API, as a process, against a local API."""

from __future__ import annotations

import datetime as dt
import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import requests
import yaml

from .public_api import CLIENT, SECRET, TOKEN, WORKSPACE, PublicApi, serve

REPOSITORY = Path(__file__).parents[2]
EXAMPLE = REPOSITORY / "examples" / "airbyte_api" / "nightly.py"
PAIRS = [
    ("source-loket", "destination-alleo", "Europe/Amsterdam"),
    ("source-alveno", "destination-lunchdrive", "Europe/Prague"),
]
CONFIGS: dict[str, dict[str, Any]] = {
    "source-loket": {"credentials": {"client_id": "a", "refresh_token": "kept-out-of-sight"}},
    "source-alveno": {"token": "kept-out-of-sight", "field_names": {"employee": {"note": "Pozn"}}},
    "destination-alleo": {"access_key": "a", "secret_key": "kept-out-of-sight", "companies": []},
    "destination-lunchdrive": {"api_url": "https://lunch.example.cz", "brakes": {"updates": None}},
}


@pytest.fixture
def airbyte() -> Iterator[tuple[PublicApi, str]]:
    known = PublicApi()
    with serve(known) as url:
        yield known, url


def nightly(
    url: str, folder: Path, pair: tuple[str, str, str], *more: str, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run the example as a person would."""
    source, destination, zone = pair
    for connector in (source, destination):
        (folder / f"{connector}.json").write_text(json.dumps(CONFIGS[connector]))
    command = [sys.executable, "-W", "error", str(EXAMPLE), "--url", url, "--name", "Pekárna"]
    command += ["--zone", zone, "--source", source, "--source-config", f"{source}.json"]
    command += ["--destination", destination, "--destination-config", f"{destination}.json", *more]
    access = {
        "AIRBYTE_CLIENT_ID": CLIENT,
        "AIRBYTE_CLIENT_SECRET": SECRET,
        "AIRBYTE_WORKSPACE_ID": WORKSPACE,
    }
    return subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **access, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.long
def test_a_nightly_connection_is_made_once(
    airbyte: tuple[PublicApi, str], tmp_path: Path, pair: tuple[str, str, str]
) -> None:
    known, url = airbyte
    source, destination, _ = pair
    for number in range(130):
        known.add_actor("sources", f"somebody else's {number}", "none", {"sourceType": "other"})
    ended = nightly(url, tmp_path, pair)
    assert ended.returncode == 0, ended.stderr
    assert known.writes == [
        "definition of sources", "sources", "definition of destinations", "destinations",
        "connections",
    ]  # fmt: skip
    for connector, kind in ((source, "sources"), (destination, "destinations")):
        metadata = yaml.safe_load((REPOSITORY / connector / "metadata.yaml").read_text())["data"]
        (definition,) = known.definitions[kind]
        assert definition["dockerRepository"] == metadata["dockerRepository"]
        assert definition["dockerImageTag"] == metadata["dockerImageTag"]
        # The whole configuration arrives: a client that knows it for another product's would cut it.
        assert known.actors[kind][-1]["configuration"] == CONFIGS[connector]
    (connection,) = known.connections
    assert connection["schedule"] == {"scheduleType": "cron", "cronExpression": "0 30 23 * * ?"}
    assert connection["status"] == "active"
    assert ended.stdout.count("created") == 5
    known.writes.clear()
    again = nightly(url, tmp_path, pair)
    assert again.returncode == 0, again.stderr
    assert known.writes == []
    assert again.stdout.count("kept ") == 5
    assert "created" not in again.stdout
    assert "kept-out-of-sight" not in ended.stdout + ended.stderr + again.stdout + again.stderr


@pytest.mark.long
def test_what_airbyte_refuses_is_said_and_nothing_is_made(
    airbyte: tuple[PublicApi, str], tmp_path: Path
) -> None:
    known, url = airbyte
    ended = nightly(url, tmp_path, PAIRS[0], AIRBYTE_WORKSPACE_ID="another")
    assert ended.returncode == 1
    assert "Workspace not found" in ended.stderr
    ended = nightly(url, tmp_path, PAIRS[0], AIRBYTE_CLIENT_SECRET="wrong")
    assert ended.returncode == 1
    assert "401" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert known.writes == []
    assert nightly(url, tmp_path, PAIRS[0]).returncode == 0
    assert known.writes != []


def example() -> ModuleType:
    spec = importlib.util.spec_from_file_location("nightly_example", EXAMPLE)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("zone", "at", "cron"),
    [
        ("Europe/Amsterdam", "00:30", "0 30 23 * * ? UTC"),
        ("Europe/Prague", "03:05", "0 5 2 * * ? UTC"),
        ("UTC", "00:30", "0 30 0 * * ? UTC"),
    ],
)
@pytest.mark.long
def test_the_time_is_never_before_the_one_asked_for_there(zone: str, at: str, cron: str) -> None:
    assert example().nightly_cron(dt.time.fromisoformat(at), zone, 2026) == cron


@pytest.mark.parametrize(
    ("cron", "status"),
    [
        ("0 30 23 * * ? UTC", 200),
        ("0 30 23 * * ?", 200),
        ("30 0 * * *", 400),  # five fields
        ("0 * * * * ?", 400),  # every minute
        ("0 30 23 * * *", 400),  # both days
        ("0 30 23 * * ? Europe/Prague", 400),  # a zone
    ],
)
def test_the_local_api_refuses_what_airbyte_refuses(
    airbyte: tuple[PublicApi, str], cron: str, status: int
) -> None:
    """The control of the tests above."""
    known, url = airbyte
    body = {
        "name": "Pekárna",
        "sourceId": known.add_actor("sources", "one", "none", {})["sourceId"],
        "destinationId": known.add_actor("destinations", "one", "none", {})["destinationId"],
        "schedule": {"scheduleType": "cron", "cronExpression": cron},
    }
    with requests.post(
        f"{url}/connections", json=body, headers={"Authorization": f"Bearer {TOKEN}"}, timeout=10
    ) as answer:
        assert answer.status_code == status, answer.text
