"""One status per night, through the real processes: what is said is what was done, on the worst night too.

Each night ends with a status in `sync.runs`, the exit code that goes with it, and a page that says it.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import fcntl
import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from people_sandbox.client import Sandbox
from people_sync.connection.connection_file import read_connection_file
from people_sync.running.ended import Ended as ProcessesEnded
from people_sync.running.record import look_up
from people_sync.running.summary import summarise
from people_transforms.status import EXIT_CODES

from .connections import BIN, Connection

Connect = Callable[..., Connection]
pytestmark = [pytest.mark.long, pytest.mark.minutes]
DOWN: dict[str, Any] = {"times": None}


def told(connection: Connection, status: str, *words: str) -> None:
    """This night has this status wherever it is told."""
    ended = connection.sync()
    assert ended.out, ended.err
    summary = ended.summary
    assert (summary.get("status"), ended.code) == (status, EXIT_CODES[status]), (
        ended.out + ended.err
    )
    ((kept,),) = connection.ask("select status from sync.runs order by run_id desc limit 1")
    assert kept == status
    page = (connection.store / "report.html").read_text()
    for word in words:
        assert word in page, f"{word!r} is not on the page"
    assert summary["headline"].split(".")[0] in page or 'lang="en"' not in page


def activated(connect: Connect, **settings: Any) -> Connection:
    connection = connect("source-loket", "destination-alleo", report_language="en", **settings)
    told(connection, "preview", "This is a preview. Nothing was sent.", "would join")
    assert connection.writes() == []
    connection.approve()
    ended = connection.sync()
    assert ended.code in (0, 4), ended.out + ended.err
    assert " joined" in ended.summary["headline"]
    return connection


def test_what_a_destination_tells_of_its_night_is_what_its_store_says(connect: Connect) -> None:
    """Told, so that nobody has to look it up; where nothing is told, it is looked up."""
    connection = connect("source-loket", "destination-alleo")
    lines, end = connection.read(), connection.folder / "end.json"
    for code in (3, 0):
        began = dt.datetime.now(dt.UTC)
        assert write_asked_for_its_end(connection, lines, end).returncode == code
        ended = ProcessesEnded(code, {}, {}, 0, [], 0.0, destination_code=code)
        found = look_up(read_connection_file(connection.file), began, ended)
        told = json.loads(end.read_text())
        assert told == found and told["counts"] and told["report"] and told["staging"]
        assert told["is_approvable"] is (code == 3)
        end.unlink()
        if code == 3:
            connection.approve()


def test_a_run_that_another_kept_out_notes_nothing_in_that_ones_night(connect: Connect) -> None:
    """The other one may end just before the end of this one is noted."""
    connection = activated(connect)
    lines, end = connection.first_lines(), connection.folder / "end.json"
    began, runs = dt.datetime.now(dt.UTC), "select run_id, status from sync.runs order by all"
    with (connection.store / "work" / "lock").open("r+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        process = write_asked_for_its_end(connection, lines, end)
    assert process.returncode == 1
    told = json.loads(end.read_text())
    file, known = read_connection_file(connection.file), connection.ask(runs)
    kept_out = ProcessesEnded(1, {}, {}, 0, [], 0.0, destination_code=1, told=told)
    summary = summarise(file, began, kept_out)
    assert (summary["status"], summary["run_id"], summary["exit_code"]) == ("failed", None, 1)
    assert connection.ask(runs) == known
    # Control: of a night that died the end is noted.
    summarise(file, began, dataclasses.replace(kept_out, told=None))
    assert len(connection.ask(runs)) == len(known) + 1


def write_asked_for_its_end(
    connection: Connection, lines: Path, end: Path
) -> subprocess.CompletedProcess[bytes]:
    """Run the destination as `people-sync run` does: it tells in a file how its night ended."""
    catalog = connection.catalog()
    write = ["write", "--config", "destination.json", "--catalog", str(catalog)]
    with lines.open("rb") as said:
        return subprocess.run(
            [str(BIN / "destination-alleo"), *write],
            cwd=connection.folder,
            stdin=said,
            stdout=subprocess.DEVNULL,
            env={**os.environ, "PEOPLE_SYNC_END": str(end)},
            check=False,
        )


def test_hr_down_all_night_is_said_and_nothing_else(connect: Connect, box: Sandbox) -> None:
    connection = activated(connect)
    box.clear_requests()
    box.fault("loket", "reset_before", match="*", **DOWN)
    told(
        connection, "hr_unreachable", "Loket could not be read. Nothing was changed because of it."
    )
    assert connection.writes() == []
    box.clear_faults()
    # Control: the next run is a good one, and the day's facts are still there.
    ended = connection.sync()
    assert ended.summary["status"] in ("needs_you", "in_order", "partly"), ended.out
    assert " joined" in ended.summary["headline"]


def test_one_list_of_hr_that_is_down_is_a_night_on_a_part(connect: Connect, box: Sandbox) -> None:
    connection = activated(connect)
    box.fault("loket", "server_error", match="*/employments*", **DOWN)
    told(connection, "hr_incomplete", "Loket could not be read completely.")


def test_whoever_cannot_be_reached_or_lets_nobody_in_is_on_the_page(
    connect: Connect, box: Sandbox
) -> None:
    connection = activated(connect)
    box.fault("alleo", "reset_before", match="*", **DOWN)
    told(connection, "platform_unreachable", "Alleo could not be reached.", "joined")
    box.clear_faults()
    connection.configure(access_key="wrong")
    told(connection, "misconfigured", "The sync could not run")
    # It cannot even list its streams, so the destination is never started.
    (connection.folder / "source.json").write_text(json.dumps({"credentials": {}}))
    told(connection, "misconfigured", "The sync could not run")
    assert len(connection.ask("select * from sync.plan where outcome = 'confirmed'")) > 0


def test_a_night_that_failed_leaves_no_list_of_budgets_of_the_night_before(
    connect: Connect, box: Sandbox
) -> None:
    """Whoever fetches it each day would pay them twice; also where the destination never came to it."""
    connection = activated(connect)
    budgets = connection.store / "alleo_budget.csv"
    told_once = budgets.read_bytes()
    box.fault("loket", "reset_before", match="*", **DOWN)
    assert connection.sync().code == 1
    assert budgets.read_bytes() == told_once, "control: a retry of the same night leaves it alone"
    box.night(vendor="loket")
    connection.configure(as_of=box.control()["as_of"])
    assert connection.sync().code == 1
    assert not budgets.exists()
    budgets.write_bytes(told_once)
    (connection.folder / "source.json").write_text(json.dumps({"credentials": {}}))
    assert connection.sync().code == 2
    assert not budgets.exists()


@pytest.mark.parametrize("as_of", ["soon", "2026-02-31", {"a": 1}])
@pytest.mark.drawn(1)
def test_a_setting_that_is_no_day_is_a_setting_to_correct(connect: Connect, as_of: Any) -> None:
    """The row of a refused run is written too, with values that can be one."""
    connection = connect("source-alveno", "destination-lunchdrive", report_language="en")
    told(connection, "preview", "This is a preview. Nothing was sent.")
    connection.configure(as_of=as_of, source_system=["Kanarek"])
    told(connection, "misconfigured", "The sync could not run")
    ((system, is_day),) = connection.ask(
        "select source_system, as_of is not null from sync.runs order by run_id desc limit 1"
    )
    assert (system, is_day) == ("alveno", True)
    assert connection.writes() == []
