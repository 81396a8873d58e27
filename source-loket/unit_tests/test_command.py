"""The command as a process: exit codes, the configuration file, what is printed."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from airbyte_cdk.models import FailureType
from airbyte_cdk.utils.traced_exception import AirbyteTracedException
from people_connector.source_command import _read
from source_loket.source import SourceLoket

pytestmark = pytest.mark.few(4)

MAIN = Path(__file__).parents[1] / "main.py"


def run(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([sys.executable, str(MAIN), *arguments], capture_output=True, timeout=120)


def messages(output: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.splitlines()]


def catalog(path: Path, *streams: str) -> str:
    configured = [
        {
            "stream": {"name": name, "json_schema": {}, "supported_sync_modes": ["full_refresh"]},
            "sync_mode": "full_refresh",
            "destination_sync_mode": "append",
        }
        for name in streams
    ]
    path.write_text(json.dumps({"streams": configured}))
    return str(path)


@pytest.fixture
def config_path(tmp_path: Path, config: Any) -> Path:
    path = tmp_path / "config.json"
    path.write_text(json.dumps(config))
    return path


@pytest.mark.parametrize(
    "text",
    ['"Kanarek"', "[1, 2]", '{"employers": {"Kanarek": 1}}', '[{"type": "STREAM", "x": "Kanarek"}]',
     '[{"type": "Kanarek", "stream": {}}]'],
)  # fmt: skip
def test_a_file_that_is_no_state_is_named_in_one_sentence(text: str, tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    path.write_text(text)
    with pytest.raises(AirbyteTracedException) as refused:
        _read(SourceLoket, "state", str(path))
    said = str(refused.value.message)
    assert said == (
        f"The file {path} is not a state of Airbyte's. Leave `--state` out to read everything."
    )
    assert refused.value.failure_type == FailureType.config_error
    path.write_text("[]")
    assert _read(SourceLoket, "state", str(path)) == [], "control"


def test_a_broken_state_and_a_broken_catalog_end_a_read_in_words(
    config_path: Path, tmp_path: Path
) -> None:
    (tmp_path / "state.json").write_text('{"employers": "Kanarek"}')
    asked = catalog(tmp_path / "catalog.json", "employers")
    given = ("read", "--config", str(config_path), "--state", str(tmp_path / "state.json"))
    result = run(*given, "--catalog", asked)
    assert result.returncode == 1
    assert b"is not a state of Airbyte" in result.stdout
    assert b"Kanarek" not in result.stdout + result.stderr
    (tmp_path / "catalog.json").write_text('{"streams": ["Kanarek"]}')
    result = run("read", "--config", str(config_path), "--catalog", asked)
    assert b"is not a catalog of Airbyte" in result.stdout
    assert b"Kanarek" not in result.stdout + result.stderr


def test_a_read_prints_records_states_and_statuses(config_path: Path, tmp_path: Path) -> None:
    asked = catalog(tmp_path / "catalog.json", "employees", "employers", "employments")
    result = run("read", "--config", str(config_path), "--catalog", asked)
    assert result.returncode == 0, result.stdout
    told = messages(result.stdout)
    records = [m["record"] for m in told if m["type"] == "RECORD"]
    assert len([r for r in records if r["stream"] == "employees"]) == 60
    # Nulls are printed: a destination sees that the value is empty now, on each level.
    assert all("endDate" in r["data"] for r in records if r["stream"] == "employments")
    assert any(r["data"].get("endDate", "") is None for r in records)
    assert all(
        "dateOfDeath" in r["data"]["personalDetails"] for r in records if r["stream"] == "employees"
    )
    states = [
        m["state"]
        for m in told
        if m["type"] == "STATE" and m["state"]["stream"]["stream_descriptor"]["name"] == "employees"
    ]
    assert sum(state["sourceStats"]["recordCount"] for state in states) == 60
    statuses = [
        m["trace"]["stream_status"]["status"]
        for m in told
        if m["type"] == "TRACE"
        and m["trace"]["stream_status"]["stream_descriptor"]["name"] == "employees"
    ]
    assert statuses == ["STARTED", "RUNNING", "COMPLETE"]
    assert result.stderr == b""


def test_a_rotated_token_survives_standalone_runs(
    box: Any, config_path: Path, tmp_path: Path
) -> None:
    asked = catalog(tmp_path / "catalog.json", "employers")
    first = json.loads(config_path.read_text())["credentials"]["refresh_token"]
    box.settings("loket", rotate_refresh_tokens=True)
    try:
        for _ in range(2):
            config = json.loads(config_path.read_text())
            # The access token is good for an hour: have it renewed in each run.
            config["credentials"].pop("access_token", None)
            config_path.write_text(json.dumps(config))
            result = run("read", "--config", str(config_path), "--catalog", asked)
            assert result.returncode == 0, result.stdout
            kept = json.loads(config_path.read_text())["credentials"]
            told = [m for m in messages(result.stdout) if m["type"] == "CONTROL"]
            assert len(told) == 1
            assert told[0]["control"]["connectorConfig"]["config"]["credentials"] == kept
            assert kept["refresh_token"] not in (first, config["credentials"]["refresh_token"])
            assert stat.S_IMODE(config_path.stat().st_mode) == 0o600
    finally:
        box.settings("loket", rotate_refresh_tokens=False)


def test_a_check_keeps_a_rotated_token_too(box: Any, config_path: Path) -> None:
    before = json.loads(config_path.read_text())["credentials"]["refresh_token"]
    box.settings("loket", rotate_refresh_tokens=True)
    try:
        result = run("check", "--config", str(config_path))
    finally:
        box.settings("loket", rotate_refresh_tokens=False)
    assert result.returncode == 0
    assert messages(result.stdout)[-1]["connectionStatus"]["status"] == "SUCCEEDED"
    assert json.loads(config_path.read_text())["credentials"]["refresh_token"] != before


def test_an_unknown_stream_fails_loudly(config_path: Path, tmp_path: Path) -> None:
    for streams in (["staff"], ["employers", "staff"]):
        asked = catalog(tmp_path / "catalog.json", *streams)
        result = run("read", "--config", str(config_path), "--catalog", asked)
        assert result.returncode == 1
        error = messages(result.stdout)[-1]["trace"]["error"]
        assert "staff" in error["message"]
        assert error["failure_type"] == "config_error"
        assert not any(m["type"] == "RECORD" for m in messages(result.stdout))


def test_a_skipped_employer_is_an_exit_code_of_one(
    box: Any, config_path: Path, tmp_path: Path
) -> None:
    denied = box.control()["loket"]["employer_ids"][0]
    box.fault(
        "loket", "forbidden", times=None, match=f"GET /providers/employers/{denied}/employees"
    )
    asked = catalog(tmp_path / "catalog.json", "employees")
    result = run("read", "--config", str(config_path), "--catalog", asked)
    assert result.returncode == 1
    told = messages(result.stdout)
    assert sum(m["type"] == "RECORD" for m in told) > 0
    errors = [m["trace"]["error"] for m in told if m["type"] == "TRACE" and "error" in m["trace"]]
    assert "GetEmployeesByEmployerId" in errors[0]["message"]
    assert denied in errors[0]["message"]
    logged = [m["log"]["message"] for m in told if m["type"] == "LOG"]
    assert not any("Traceback" in line or "Insufficient rights" in line for line in logged)
    assert max(map(len, logged)) < 1_000
    # The body of the refusal is nowhere else either.
    assert b"Insufficient rights" not in result.stdout


def test_leave_and_payroll_are_unknown_until_they_are_switched_on(
    config_path: Path, tmp_path: Path
) -> None:
    asked = catalog(tmp_path / "catalog.json", "leave_types")
    assert run("read", "--config", str(config_path), "--catalog", asked).returncode == 0
    config = json.loads(config_path.read_text())
    config_path.write_text(json.dumps(config | {"flex_salary": False}))
    result = run("read", "--config", str(config_path), "--catalog", asked)
    assert result.returncode == 1
    assert "leave_types" in messages(result.stdout)[-1]["trace"]["error"]["message"]


@pytest.mark.parametrize("content", ["{}", '{"credentials": {"client_id": "c"}}', "not json"])
@pytest.mark.parametrize("command", ["check", "read"])
@pytest.mark.some(2)
def test_a_wrong_configuration_never_passes(tmp_path: Path, content: str, command: str) -> None:
    path = tmp_path / "config.json"
    path.write_text(content)
    more = ["--catalog", catalog(tmp_path / "c.json", "employers")] if command == "read" else []
    result = run(command, "--config", str(path), *more)
    told = messages(result.stdout)
    if command == "check" and content != "not json":
        assert told[-1]["connectionStatus"]["status"] == "FAILED"
    else:
        assert result.returncode == 1
        assert told[-1]["type"] == "TRACE"


def test_a_reader_that_goes_away_ends_the_process(config_path: Path, tmp_path: Path) -> None:
    asked = catalog(tmp_path / "catalog.json", "employees", "employments", "leave_balances")
    arguments = ["read", "--config", str(config_path), "--catalog", asked]
    with subprocess.Popen(
        [sys.executable, str(MAIN), *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout and process.stderr
        process.stdout.close()
        assert process.wait(timeout=60) == 1


def test_no_personal_data_outside_records(box: Any, config_path: Path, tmp_path: Path) -> None:
    people = box.world("loket")["employees"]
    box.fault("loket", "page_short", times=None, match="GET /providers/employers/*/employments")
    asked = catalog(tmp_path / "catalog.json", "employees", "employments", "leave_balances")
    result = run("read", "--config", str(config_path), "--catalog", asked, "--debug")
    said = b"\n".join(
        line for line in result.stdout.splitlines() if not line.startswith(b'{"type":"RECORD"')
    )
    addresses = [
        person["contactInformation"]["businessEmailAddress"].encode()
        for person in people
        if person["contactInformation"]["businessEmailAddress"]
    ]
    # Rare enough that no word of ours is one of them.
    names = [
        str(person["personalDetails"]["lastName"]).encode()
        for person in people
        if len(person["personalDetails"]["lastName"]) > 6
    ]
    assert addresses and names
    for known in (addresses, names):
        assert [one for one in known if one in said + result.stderr] == []
        assert [one for one in known if one in result.stdout], "control"
