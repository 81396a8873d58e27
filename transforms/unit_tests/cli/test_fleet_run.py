"""`people-sync fleet --run`: many nights at once, one line each, one exit code; none touches another.

Through real processes: what is promised is about crashes, signals and locks of processes.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from people_sync.running.side_by_side import MOST_BYTES, EndedNight, worst

from .conftest import Connection, PeopleSync, error, make_connection, record, state, status

LINES = [record("people", id="1"), status("people", "COMPLETE"), state("people", version=7)]
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="a fleet forks on Linux only")


def made(folder: Path, name: str, **source: Any) -> Connection:
    (folder / name).mkdir()
    connection = make_connection(folder / name)
    connection.source.update(lines=LINES, **source)
    connection.write()
    return connection


def command(folder: Path, *options: str) -> list[str]:
    return [sys.executable, "-m", "people_sync.cli", "fleet", "--run", str(folder), *options]


def fleet(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(folder, *options), capture_output=True, text=True, timeout=120, check=False
    )


def told(ended: subprocess.CompletedProcess[str]) -> dict[str, dict[str, Any]]:
    return {night["connection"]: night for night in json.loads(ended.stdout)["connections"]}


@contextlib.contextmanager
def locked(connection: Connection) -> Iterator[None]:
    lock = connection.state.with_name("state.json.lock")
    lock.parent.mkdir(exist_ok=True)
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def begun(connection: Connection) -> int:
    """Wait until the source of a night waits, and give its process."""
    return int((connection.folder / "source_started").read_text())


def waits_for_ever(folder: Path, name: str) -> Connection:
    connection = made(folder, name, waits=True)
    os.mkfifo(connection.folder / "source_started")
    return connection


def wait_for_end(handles: list[int]) -> None:
    for handle in handles:
        assert select.select([handle], [], [], 60)[0]
        os.close(handle)


def test_a_crash_a_hold_a_wrong_setting_and_a_lock_each_stay_with_their_connection(
    tmp_path: Path,
) -> None:
    fine = made(tmp_path, "fine")
    made(tmp_path, "crashed", killed=True)
    held = made(tmp_path, "held")
    held.destination["exit"] = 3
    held.write()
    refused = made(tmp_path, "refused")
    refused.destination.update(lines=[error("Set `api_url`.", "config_error")], exit=1)
    refused.write()
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "connection.yaml").write_text("source: {")
    busy = made(tmp_path, "busy")
    with locked(busy):
        ended = fleet(tmp_path, "--workers", "2", "--output", "json")
    nights = told(ended)
    codes = {name: night["exit_code"] for name, night in nights.items()}
    assert codes == {"fine": 0, "crashed": 1, "held": 3, "refused": 2, "broken": 2, "busy": 1}
    assert ended.returncode == json.loads(ended.stdout)["exit_code"] == 1
    assert "signal 9" in nights["crashed"]["errors"][0]
    assert nights["refused"]["errors"] == ["Set `api_url`."]
    assert "not valid YAML" in nights["broken"]["errors"][0]
    assert "Another run of this connection" in nights["busy"]["errors"][0]
    assert not (busy.folder / "received.jsonl").exists()
    assert fine.received() == held.received() == LINES
    assert fine.state.exists()
    assert held.state.exists()


def test_each_night_is_one_line_and_the_last_one_counts_them(tmp_path: Path) -> None:
    made(tmp_path, "first")
    made(tmp_path, "second")
    ended = fleet(tmp_path)
    assert ended.returncode == 0, ended.stderr
    *lines, last = ended.stdout.splitlines()
    assert sorted(line.split(",")[0] for line in lines) == ["first: in_order", "second: in_order"]
    assert last.startswith("2 connections in ")
    assert last.endswith(": 2 in_order")


def test_of_many_exit_codes_the_worst_is_the_one(tmp_path: Path) -> None:
    def ended(*codes: int) -> int:
        return worst([EndedNight("x", "x", "x", code, None, 0.0) for code in codes])

    assert ended(0, 4, 3, 2, 1) == 1
    assert ended(4, 3, 2) == 2
    assert ended(0, 4, 3) == 3
    assert ended(4, 0) == 4
    assert ended(0, 0) == ended() == 0


def test_a_killed_night_ends_alone_and_is_told(tmp_path: Path) -> None:
    """Its own alarm died with it, so the fleet tells it."""
    waiting = waits_for_ever(tmp_path, "killed")
    made(tmp_path, "other")
    process = subprocess.Popen(
        command(tmp_path, "--workers", "2", "--output", "json"), stdout=subprocess.PIPE, text=True
    )
    source = os.pidfd_open(begun(waiting))
    lock = waiting.state.with_name("state.json.lock")
    os.kill(json.loads(lock.read_text())["pid"], signal.SIGKILL)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    nights = {night["connection"]: night for night in json.loads(said)["connections"]}
    assert "signal 9" in nights["killed"]["errors"][0]
    assert nights["other"]["exit_code"] == 0
    kept = json.loads(waiting.state.with_name("connection.status.json").read_text())
    assert kept["status"] == "failed"
    wait_for_end([source])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stopped_it_stops_all_and_begins_no_other(tmp_path: Path, number: int) -> None:
    going = [waits_for_ever(tmp_path, name) for name in ("1", "2")]
    third = made(tmp_path, "3")
    process = subprocess.Popen(
        command(tmp_path, "--workers", "2", "--output", "json"), stdout=subprocess.PIPE, text=True
    )
    sources = [os.pidfd_open(begun(connection)) for connection in going]
    process.send_signal(number)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    nights = {night["connection"]: night for night in json.loads(said)["connections"]}
    assert nights["3"]["status"] == "not_run"
    assert "Stopped by" in nights["1"]["errors"][0]
    assert not third.state.exists()
    wait_for_end(sources)


def test_killed_it_takes_its_nights_along_and_all_can_run_again(tmp_path: Path) -> None:
    going = [waits_for_ever(tmp_path, name) for name in ("1", "2")]
    process = subprocess.Popen(
        command(tmp_path, "--workers", "2"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    sources = [os.pidfd_open(begun(connection)) for connection in going]
    nights = [
        os.pidfd_open(json.loads(one.state.with_name("state.json.lock").read_text())["pid"])
        for one in going
    ]
    process.kill()
    process.wait(60)
    wait_for_end([*sources, *nights])
    for connection in going:
        connection.source["waits"] = False
        connection.write()
    ended = fleet(tmp_path, "--output", "json")
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_complaints_are_kept_apart_and_bounded(tmp_path: Path) -> None:
    """What a connector says may be long, and is nobody's business on the screen of a whole fleet."""
    log = {"type": "LOG", "log": {"level": "ERROR", "message": "canary " + "x" * 900}}
    loud = made(tmp_path, "loud")
    loud.destination["lines"] = [log] * 2000
    loud.write()
    ended = fleet(tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert "canary" not in ended.stdout + ended.stderr
    kept = loud.state.with_name("connection.log")
    assert str(kept) in ended.stdout
    assert kept.stat().st_size == MOST_BYTES["errors"]
    assert kept.stat().st_mode & 0o777 == 0o600
    # The control: a night without complaint leaves none, and not the one of another night either.
    loud.destination["lines"] = []
    loud.write()
    assert fleet(tmp_path).returncode == 0
    assert not kept.exists()


def test_nothing_to_run_and_options_of_the_other_kind_are_refused(
    tmp_path: Path, people_sync: PeopleSync
) -> None:
    ended = people_sync("fleet", "--run", str(tmp_path))
    assert ended.returncode == 2
    assert "no connection.yaml" in ended.stderr
    for wrong in (["--run", "--tidy", "1"], [], ["--config", "alleo.json", "--workers", "2"]):
        assert people_sync("fleet", *wrong).returncode == 2


@pytest.mark.parametrize("is_ignored", [False, True], ids=["taken", "ignored"])
def test_a_copy_does_not_take_the_signals_of_whom_it_was_copied_from(is_ignored: bool) -> None:
    """In a process of its own: the handlers of this one would tell the siblings to stop."""
    code = f"""
import signal, sys
from people_sync.running.forked import fork
taken = signal.SIG_IGN if {is_ignored} else (lambda number, frame: sys.exit(99))
for sign in (signal.SIGTERM, signal.SIGHUP, signal.SIGALRM):
    signal.signal(sign, taken)
shown = lambda: print(*(signal.getsignal(one).name for one in (15, 1, 14)))
copy = fork(shown, has_input=False, errors=None, folder=None)
print(copy.stdout.read().decode(), copy.wait())
"""
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    # By SIGTERM it ends with whoever made it, whatever that one ignores.
    others = "SIG_IGN" if is_ignored else "SIG_DFL"
    assert ended.stdout.split() == ["SIG_DFL", others, others, "0"]
