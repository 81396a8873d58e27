"""The command as Airbyte runs it: lines, exit codes, nothing shown that must not be."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from .conftest import EMPLOYEES, STREAMS, TOKEN, WORKLOADS, Alveno, Reply

pytestmark = pytest.mark.few(5)

MAIN = Path(__file__).parents[1] / "main.py"


def run(
    folder: Path, command: str, config: dict[str, Any], *streams: str, debug: bool = False
) -> tuple[int, list[dict[str, Any]], str]:
    """Exit code, messages, and everything that was written."""
    (folder / "config.json").write_text(json.dumps(config))
    arguments = [command, "--config", str(folder / "config.json")]
    if command == "read":
        catalog = {
            "streams": [
                {
                    "stream": {
                        "name": name,
                        "json_schema": {},
                        "supported_sync_modes": ["full_refresh"],
                    },
                    "sync_mode": "full_refresh",
                    "destination_sync_mode": "overwrite",
                }
                for name in streams
            ]
        }
        (folder / "catalog.json").write_text(json.dumps(catalog))
        arguments += ["--catalog", str(folder / "catalog.json")]
    arguments += ["--debug"] if debug else []
    done = subprocess.run(
        [sys.executable, str(MAIN), *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "PYTHONWARNINGS": "error::DeprecationWarning:source_alveno"},
    )
    messages = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return done.returncode, messages, done.stdout + done.stderr


def of_type(messages: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [message[kind.lower()] for message in messages if message["type"] == kind]


def test_a_read_writes_every_line_in_order_and_exits_0(
    alveno: Alveno, config: dict[str, Any], tmp_path: Path
) -> None:
    alveno.lists(employees=[{**EMPLOYEES[0], "EmployeeID": 101 + n} for n in range(2500)])

    code, messages, _ = run(tmp_path, "read", config, "employees", "employments")

    assert code == 0
    said: dict[str, list[str]] = {"employees": [], "employments": []}
    for message in messages:
        if message["type"] == "RECORD":
            said[message["record"]["stream"]].append("RECORD")
        elif message["type"] == "TRACE":
            status = message["trace"]["stream_status"]
            said[status["stream_descriptor"]["name"]].append(status["status"])
    for stream, count in (("employees", 2500), ("employments", 2)):
        assert said[stream] == ["STARTED", "RUNNING", *["RECORD"] * count, "COMPLETE"]
    assert {
        state["stream"]["stream_descriptor"]["name"]: state["sourceStats"]["recordCount"]
        for state in of_type(messages, "STATE")
    } == {"employees": 2500.0, "employments": 2.0}
    records = [one for one in of_type(messages, "RECORD") if one["stream"] == "employees"]
    assert [record["data"]["employee_id"] for record in records] == [
        str(101 + n) for n in range(2500)
    ]
    assert records[0]["data"]["email"] is None  # printed, though the CDK would leave it out


def test_a_stream_that_does_not_exist_fails_loudly(config: dict[str, Any], tmp_path: Path) -> None:
    """The CDK alone would skip it and exit 0."""
    code, messages, _ = run(tmp_path, "read", config, "employees", "operation")

    assert code == 1
    assert of_type(messages, "RECORD") == []
    error = next(trace["error"] for trace in of_type(messages, "TRACE") if trace["type"] == "ERROR")
    assert error["failure_type"] == "config_error"
    assert "operation" in error["message"]
    assert "Streams: employees, employments, operations, employers" in error["message"]


def test_a_misspelt_setting_is_an_error_with_the_nearest_name(
    alveno: Alveno, config: dict[str, Any], tmp_path: Path
) -> None:
    code, messages, _ = run(tmp_path, "read", {**config, "requird_keys": []}, "operations")

    assert code == 1
    assert "Did you mean `required_keys`?" in str(messages)
    assert alveno.requests == []


def test_a_failed_read_says_why_and_exits_1(
    alveno: Alveno, config: dict[str, Any], tmp_path: Path
) -> None:
    alveno.lists(employees=[{"EmployeeID": 1, "Notes": "x"}])

    code, messages, _ = run(tmp_path, "read", config, *STREAMS)

    assert code == 1
    assert of_type(messages, "RECORD") == []
    errors = [trace["error"] for trace in of_type(messages, "TRACE") if trace["type"] == "ERROR"]
    assert {error["failure_type"] for error in errors} == {"config_error"}
    assert {one["stream_descriptor"]["name"] for one in errors if "stream_descriptor" in one} == {
        *STREAMS
    }
    assert any("Did you mean Notes?" in error["message"] for error in errors)
    assert all(len(error.get("stack_trace", "")) < 2500 for error in errors)


def test_a_check_with_a_wrong_token_fails_with_exit_0_as_the_protocol_asks(
    alveno: Alveno, config: dict[str, Any], tmp_path: Path
) -> None:
    alveno.answer("/operations", Reply(b"<html/>", 401))
    alveno.answer("/employees", Reply(b"<html/>", 401))

    code, messages, _ = run(tmp_path, "check", config)

    status = [m["connectionStatus"] for m in messages if m["type"] == "CONNECTION_STATUS"]
    assert code == 0
    assert [one["status"] for one in status] == ["FAILED"]
    assert "does not accept the token" in status[0]["message"]


def test_discover_lists_four_full_refresh_streams_with_their_keys(
    config: dict[str, Any], tmp_path: Path
) -> None:
    code, messages, _ = run(tmp_path, "discover", config)

    streams = of_type(messages, "CATALOG")[0]["streams"]
    assert code == 0
    assert {
        stream["name"]: [key[0] for key in stream["source_defined_primary_key"]]
        for stream in streams
    } == {
        "employees": ["employer_id", "employee_id"],
        "employments": ["employer_id", "employment_id"],
        "operations": ["employer_id", "operation_id"],
        "employers": ["employer_id"],
    }
    assert {tuple(stream["supported_sync_modes"]) for stream in streams} == {("full_refresh",)}


@pytest.mark.parametrize("debug", [False, True])
def test_no_line_but_a_record_shows_a_person_or_the_token(
    alveno: Alveno, config: dict[str, Any], tmp_path: Path, debug: bool
) -> None:
    alveno.lists(workloads=[*WORKLOADS, {**WORKLOADS[0], "DateTo": "Dvořák left", "WorkloadID": 1}])
    half = Reply(b'[{"EmployeeID":101,"Lastname":"Dvo')
    alveno.answer("/employees", half, alveno.answers["/employees"][0])

    code, messages, written = run(tmp_path, "read", config, *STREAMS, debug=debug)

    assert code == 0
    assert any("Dvořák" in str(record) for record in of_type(messages, "RECORD"))  # the control
    others = "\n".join(line for line in written.splitlines() if '"type":"RECORD"' not in line)
    for secret in ("Dvořák", "Dvo", "32567", "lubica", "00A1B2C3", "0012", TOKEN):
        assert secret not in others


def test_a_manifest_in_the_working_directory_is_not_taken_for_ours(
    config: dict[str, Any], tmp_path: Path
) -> None:
    (tmp_path / "manifest.yaml").write_text(
        "version: 1.0.0\ntype: DeclarativeSource\nstreams: []\n"
    )

    code, messages, _ = run(tmp_path, "discover", config)

    assert code == 0
    assert len(of_type(messages, "CATALOG")[0]["streams"]) == 4


@pytest.mark.parametrize("text", ["{broken", None])
def test_a_configuration_that_cannot_be_read_is_a_config_error(
    tmp_path: Path, text: str | None
) -> None:
    if text:
        (tmp_path / "c.json").write_text(text)
    done = subprocess.run(
        [sys.executable, str(MAIN), "check", "--config", str(tmp_path / "c.json")],
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert done.returncode == 1
    assert '"failure_type":"config_error"' in done.stdout
    assert "cannot be read" in done.stdout
