"""`people-sync run`: records through, states kept, tokens kept, every end has its exit code."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from .conftest import JOBS, PEOPLE, Connection, control, error, record, state, status

pytestmark = pytest.mark.few(9)

LINES = [
    status("people", "STARTED"),
    record("people", id="1"),
    record("people", id="2"),
    status("people", "COMPLETE"),
    state("people", version=7),
]


def test_records_states_and_stream_statuses_reach_the_destination(connection: Connection) -> None:
    connection.source["lines"] = LINES
    ended = connection.run("--output", "json")
    assert ended.returncode == 0, ended.stderr
    assert connection.received() == LINES
    assert json.loads(ended.stdout)["records"] == {"people": 2}


def test_logs_errors_and_other_messages_of_the_source_stay_away_from_the_destination(
    connection: Connection,
) -> None:
    log = {"type": "LOG", "log": {"level": "WARN", "message": "slow today\nsecond line"}}
    estimate = {"type": "TRACE", "trace": {"type": "ESTIMATE", "emitted_at": 1.0}}
    connection.source["lines"] = [log, estimate, {"type": "NEW_KIND"}, "not json", *LINES]
    ended = connection.run()
    assert connection.received() == LINES
    assert "source: slow today" in ended.stderr
    assert "second line" not in ended.stderr
    assert "not json" not in ended.stderr + ended.stdout
    assert "1 lines of the source were no Airbyte messages" in ended.stderr


def test_a_record_with_its_keys_in_another_order_is_a_record(connection: Connection) -> None:
    odd = '{"record":{"data":{"stream":"x"},"stream":"people","emitted_at":1},"type":"RECORD"}'
    spaced = '{"type": "RECORD", "record": {"data": {}, "stream": "jobs", "emitted_at": 1}}'
    connection.source["lines"] = [odd, spaced]
    ended = connection.run("--output", "json")
    assert json.loads(ended.stdout)["records"] == {"jobs": 1, "people": 1}
    assert len(connection.received()) == 2


def test_the_state_the_destination_gives_back_is_kept_and_passed_to_the_next_read(
    connection: Connection,
) -> None:
    connection.source["lines"] = [state("people", version=7), state("jobs", page=1)]
    assert connection.run().returncode == 0
    kept = json.loads(connection.state.read_text())
    assert [item["stream"]["stream_state"] for item in kept] == [{"version": 7}, {"page": 1}]
    assert stat.S_IMODE(connection.state.stat().st_mode) == 0o600
    assert not (connection.folder / "seen_state.json").exists()

    connection.source["lines"] = [state("people", version=8)]
    assert connection.run().returncode == 0
    seen = json.loads((connection.folder / "seen_state.json").read_text())
    # `jobs` cannot be read incrementally, so its state must not cut its next read short.
    assert [item["stream"]["stream_state"] for item in seen] == [{"version": 7}]
    kept = json.loads(connection.state.read_text())
    assert [item["stream"]["stream_state"] for item in kept] == [{"version": 8}, {"page": 1}]


def test_a_full_refresh_does_not_resume_from_the_state(connection: Connection) -> None:
    connection.source["lines"] = [state("people", version=7)]
    connection.run()
    connection.run("--full-refresh")
    assert not (connection.folder / "seen_state.json").exists()
    connection.run()
    assert (connection.folder / "seen_state.json").exists()


def test_a_state_the_destination_kept_to_itself_is_not_kept(connection: Connection) -> None:
    connection.source["lines"] = LINES
    connection.destination["dies_at_once"] = True
    assert connection.run().returncode == 1
    assert not connection.state.exists()


def test_the_catalog_deduplicates_by_key_and_reads_incrementally_where_the_source_can(
    connection: Connection,
) -> None:
    connection.run()
    people, jobs = json.loads((connection.folder / "seen_catalog.json").read_text())["streams"]
    assert people["sync_mode"] == "incremental"
    assert people["destination_sync_mode"] == "append_dedup"
    assert people["primary_key"] == [["id"]]
    assert people["cursor_field"] == ["version"]
    assert people["sync_id"] > 0
    assert jobs["sync_mode"] == "full_refresh"
    assert jobs["destination_sync_mode"] == "append"


def test_only_the_listed_streams_are_read(connection: Connection) -> None:
    connection.file.write_text(connection.file.read_text() + "streams: [jobs]\n")
    assert connection.run().returncode == 0
    (jobs,) = json.loads((connection.folder / "seen_catalog.json").read_text())["streams"]
    assert jobs["stream"]["name"] == "jobs"


def test_a_stream_the_source_does_not_have_is_refused_with_the_nearest_name(
    connection: Connection,
) -> None:
    connection.file.write_text(connection.file.read_text() + "streams: [peeple]\n")
    ended = connection.run()
    assert ended.returncode == 2
    assert "Did you mean people?" in ended.stderr


def test_a_rotated_token_is_written_at_once_for_its_owner_only_and_never_shown(
    connection: Connection,
) -> None:
    rotated = {**connection.source, "token": "canary-token", "lines": [], "__injected": "x"}
    connection.source["lines"] = [control(rotated), *LINES]
    ended = connection.run()
    assert ended.returncode == 0
    config = connection.folder / "source.json"
    kept = json.loads(config.read_text())
    assert kept["token"] == "canary-token"
    assert "__injected" not in kept
    assert stat.S_IMODE(config.stat().st_mode) == 0o600
    assert connection.received() == LINES
    assert "canary-token" not in ended.stdout + ended.stderr


def test_a_token_rotated_while_the_streams_are_listed_is_kept_too(connection: Connection) -> None:
    rotated = {"streams": connection.source["streams"], "token": "second"}
    connection.source["before_catalog"] = [control(rotated)]
    assert connection.run().returncode == 0
    assert json.loads((connection.folder / "source.json").read_text())["token"] == "second"


@pytest.mark.parametrize("code", [0, 1, 2, 3, 4])
def test_the_destinations_exit_code_is_the_runs_exit_code(
    connection: Connection, code: int
) -> None:
    connection.source["lines"] = LINES
    connection.destination["exit"] = code
    assert connection.run().returncode == code


def test_a_configuration_error_that_the_cdk_ends_with_1_is_exit_code_2(
    connection: Connection,
) -> None:
    connection.destination.update(lines=[error("Set `api_url`.", "config_error")], exit=1)
    ended = connection.run()
    assert ended.returncode == 2
    assert "destination: Set `api_url`." in ended.stderr
    assert "secret" not in ended.stderr


@pytest.mark.parametrize(
    ("failure_type", "expected"),
    [("config_error", 2), ("transient_error", 1), ("system_error", 1)],
)
@pytest.mark.parametrize("destination_code", [0, 3, 4])
@pytest.mark.some(4)
def test_a_failed_source_fails_the_run_after_the_destination_ended_cleanly(
    connection: Connection, failure_type: str, expected: int, destination_code: int
) -> None:
    summary = error("During the sync, the following streams did not sync successfully: people")
    summary["trace"]["error"]["failure_type"] = "config_error"
    broken = [status("people", "INCOMPLETE"), error("Loket is down.", failure_type), summary]
    connection.source.update(lines=broken, exit=1)
    connection.destination["exit"] = destination_code
    ended = connection.run()
    assert ended.returncode == expected
    assert (connection.folder / "input_ended").exists()
    assert connection.received() == [status("people", "INCOMPLETE")]
    assert ended.stderr.count("Loket is down.") == 2, "once as it happens, once in the summary"
    assert "did not sync successfully" not in ended.stderr


def test_a_killed_source_leaves_no_half_record_and_no_complete_status(
    connection: Connection,
) -> None:
    connection.source.update(lines=[record("people", id="1")], killed=True)
    ended = connection.run()
    assert ended.returncode == 1
    assert connection.received() == [record("people", id="1")]
    assert (connection.folder / "input_ended").exists()
    assert "signal 9" in ended.stderr


@pytest.mark.parametrize(
    ("count", "waits", "code"),
    [(0, True, 0), (1, True, 3), (50_000, True, 1), (50_000, True, 0), (1, False, 0)],
)
def test_a_destination_that_dies_ends_the_source_and_the_night_has_failed(
    connection: Connection, count: int, waits: bool, code: int
) -> None:
    """Also while the source waits for HR, and whatever the destination says of a half it heard."""
    connection.source["lines"] = [record("people", id=str(number)) for number in range(count)]
    connection.source |= {"waits": waits, "takes": 0 if waits else 1}
    connection.destination.update(dies_at_once=True, exit=code)
    ended = connection.run()
    assert ended.returncode == 1
    assert f"The destination ended early (exit code {code})" in ended.stderr


def test_a_token_that_is_being_renewed_while_the_destination_dies_is_kept(
    connection: Connection,
) -> None:
    """What HR gave for it exists nowhere else: killed before it said so, a source had to be let in anew."""
    connection.source |= {"takes": 1, "waits": True}
    connection.source["lines"] = [control({**connection.source, "token": "new"})]
    connection.destination.update(dies_at_once=True)
    assert connection.run().returncode == 1
    assert json.loads((connection.folder / "source.json").read_text())["token"] == "new"


@pytest.mark.parametrize("wrong", [None, 7, "x", [], {}, {"stream": 7}, {"error": []}])
def test_a_message_that_is_not_as_the_protocol_says_costs_nobody_the_night(
    connection: Connection, wrong: object
) -> None:
    """Connectors of other people, and both ends: what comes after it is still heard."""
    trace = {"type": "TRACE", "trace": {"type": "STREAM_STATUS", "stream_status": wrong}}
    of_both = [
        {"type": kind.upper(), kind: wrong} for kind in ("trace", "control", "log", "catalog")
    ]
    connection.source["streams"] = [PEOPLE, JOBS, wrong]
    connection.source["lines"] = [*of_both, trace, {"type": "RECORD", "record": wrong}, *LINES]
    acknowledged = {"type": "STATE", "state": {"type": "STREAM", "stream": wrong}}
    connection.destination["lines"] = [*of_both, acknowledged, {"type": "STATE", "state": wrong}]
    ended = connection.run("--output", "json")
    assert ended.returncode == 0, ended.stderr
    assert "Traceback" not in ended.stderr
    assert json.loads(ended.stdout)["records"]["people"] == 2
    assert json.loads(ended.stdout)["states_kept"] == 1
    (kept,) = json.loads(connection.state.read_text())
    assert kept["stream"]["stream_state"] == {"version": 7}


def test_a_source_that_lists_no_streams_is_explained(connection: Connection) -> None:
    del connection.source["streams"]
    connection.source["before_catalog"] = [error("The token was refused.", "config_error")]
    connection.source["discover_exit"] = 1
    ended = connection.run()
    assert ended.returncode == 2
    assert "The token was refused." in ended.stderr
    assert not (connection.folder / "received.jsonl").exists()


def test_a_second_run_says_who_holds_the_connection_and_does_nothing(
    connection: Connection,
) -> None:
    lock = connection.state.with_name("state.json.lock")
    lock.parent.mkdir()
    with lock.open("w") as file:
        json.dump({"pid": 4711, "since": "2026-03-02T00:30:00+00:00"}, file)
        file.flush()
        fcntl.flock(file, fcntl.LOCK_EX)
        ended = connection.run()
    assert ended.returncode == 1
    assert "4711" in ended.stderr
    assert "2026-03-02T00:30:00" in ended.stderr
    assert not (connection.folder / "received.jsonl").exists()
    assert connection.run().returncode == 0, "the lock goes with the process that held it"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_stopped_run_leaves_no_process_behind(
    connection: Connection, tmp_path: Path, number: int
) -> None:
    connection.source |= {"waits": True, "leaves": True}
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    started = connection.folder / "source_started"
    os.mkfifo(started)
    connection.write()
    process = subprocess.Popen(
        connection.command(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(temporary)},
    )
    pid = int(started.read_text())
    process.send_signal(number)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "Stopped by" in errors
    assert list(temporary.iterdir()) == []
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_connector_that_does_not_listen_is_ended(tmp_path: Path) -> None:
    """In a process of its own, whose patience is short: the signal is taken where a run takes it."""
    deaf = (
        "import signal, sys, time; [signal.signal(one, signal.SIG_IGN) for one in (2, 15)]; "
        "print('deaf', flush=True); time.sleep(600)"
    )
    code = f"""
import os, signal, sys
from pathlib import Path
from people_sync.running.children import Children
children = Children(Path.cwd(), patience=0.1)
with children.guarded():
    child = children.start([sys.executable, "-c", {deaf!r}], reads=None, errors=sys.stderr)
    child.stdout.readline()
    os.kill(os.getpid(), signal.SIGINT)
    print(child.wait(), children.stopped_by.name)
"""
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.stdout.split() == ["-9", "SIGINT"], ended.stderr


def test_a_run_that_was_started_to_outlive_its_terminal_does(connection: Connection) -> None:
    connection.source["waits"] = True
    started = connection.folder / "source_started"
    os.mkfifo(started)
    connection.write()
    process = subprocess.Popen(
        ["nohup", *connection.command()], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    pid = int(started.read_text())
    process.send_signal(signal.SIGHUP)
    os.kill(pid, signal.SIGKILL)
    _, errors = process.communicate(timeout=60)
    assert "Stopped by" not in errors
    assert "The source ended early (signal 9)" in errors, "control: it went on to its own end"


@pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux ends the children of a killed parent: run it there"
)
def test_a_killed_run_takes_its_children_along(connection: Connection) -> None:
    connection.source["waits"] = True
    started, gone = connection.folder / "source_started", threading.Event()
    os.mkfifo(started)
    connection.write()
    process = subprocess.Popen(
        connection.command(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    pid = int(started.read_text())
    handle = os.pidfd_open(pid)
    process.kill()
    process.wait(60)

    def wait_for_end() -> None:
        import select

        select.select([handle], [], [], 30)
        gone.set()

    waiter = threading.Thread(target=wait_for_end)
    waiter.start()
    waiter.join(40)
    os.close(handle)
    assert gone.is_set()
    assert not _is_running(pid)


def _is_running(pid: int) -> bool:
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
    return text.rsplit(")", 1)[1].split()[0] != "Z"


def test_terminal_escapes_in_a_message_are_not_obeyed(connection: Connection) -> None:
    log = {"type": "LOG", "log": {"level": "ERROR", "message": "\u001b[2Jgone \u202eevil"}}
    connection.destination["lines"] = [log]
    ended = connection.run()
    assert "gone" in ended.stderr
    assert "\u001b" not in ended.stderr
    assert "\u202e" not in ended.stderr


def test_relative_paths_start_at_the_connection_file_wherever_the_run_is_started(
    connection: Connection, tmp_path: Path
) -> None:
    connection.source["lines"] = LINES
    connection.write()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    ended = subprocess.run(connection.command(), cwd=elsewhere, capture_output=True, check=False)
    assert ended.returncode == 0
    assert connection.state.exists()
    assert list(elsewhere.iterdir()) == []


def test_a_wrong_setting_of_the_destination_ends_a_run_before_hr_is_asked(
    connection: Connection,
) -> None:
    """With a connector that is installed; the source here would tell if it were read."""
    connection.file.write_text(
        connection.file.read_text().replace("./destination-fake", "destination-alleo")
    )
    connection.destination = {
        "access_key": "a",
        "secret_key": "b",
        "companies": [],
        "brakes": {"removal": None},
    }
    ended = connection.run("--output", "json")
    assert ended.returncode == 2, ended.stderr
    assert (
        "destination.json: `brakes.removal` is not a setting"
        in json.loads(ended.stdout)["errors"][0]
    )
    assert not (connection.folder / "seen_catalog.json").exists()
