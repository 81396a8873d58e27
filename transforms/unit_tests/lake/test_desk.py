"""The desk over a lake: support sees every connection at once, and a yes is where the next sync looks."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import duckdb
import pytest
from people_sync.commands.store import last_run, look_at
from people_sync.desk.decisions import settle
from people_sync.desk.office import Office
from people_sync.desk.overview import Fleet
from people_sync.desk.records import add_decision
from people_sync.desk.serve import open_office
from people_sync.desk.staff import Listed, Staff
from people_transforms.store.lake.attach import NAME, attached, load_extensions
from people_transforms.store.lake.locks import connect
from people_transforms.store.lake.tables import CONNECTIONS
from people_transforms.store.warehouse import StorePaths, open_store

from .conftest import Place

pytestmark = pytest.mark.long
NOW = dt.datetime(2026, 3, 2, 6, tzinfo=dt.UTC)
HASH = "a" * 32
RUN = "20260302T003000Z-aaaaaa"


def held_night(paths: StorePaths) -> None:
    with open_store(paths) as connection:
        connection.execute(
            "insert into sync.runs by name select ? as run_id, ?::timestamptz as started_at, "
            "?::timestamptz as finished_at, 'held' as outcome, 'held' as status, 'alleo' as vendor, "
            "'loket' as source_system, ? as plan_hash, '{}' as counts",
            [RUN, NOW, NOW, HASH],
        )
        for number in range(3):
            connection.execute(
                "insert into sync.plan by name select ? as run_id, ? as row_hash, ? as plan_hash, "
                "? as person_id, '7' as account_key, 'E' as employer_id, 'create' as operation, "
                "'additions' as hold, '{}' as changes",
                [RUN, f"row-{number}", HASH, f"loket:E:{number}"],
            )


def office(paths: StorePaths, folder: Path) -> Office:
    assert paths.lake is not None
    config = folder / "destination.json"
    warehouse = {
        "type": "ducklake",
        "catalog": f"postgres:{paths.lake.catalog}",
        "data_path": paths.lake.data_path,
    }
    config.write_text(json.dumps({"warehouse": warehouse}))
    staff = Staff(None, [Listed(address="s@example.com", role="support")])
    return open_office(
        [config], staff, folder / "records", "http://127.0.0.1:1", print, clock=lambda: NOW
    )


def test_a_yes_to_some_rows_is_in_the_lake_for_the_next_sync_and_only_once(
    place: Place, tmp_path: Path
) -> None:
    held_night(place("one"))
    desk = office(place("one"), tmp_path)
    before = desk.connections.find("one")
    for _ in range(2):
        with desk.records.open() as database:
            add_decision(
                database,
                connection="one",
                kind="approve",
                run_id=RUN,
                plan_hash=HASH,
                rows=("row-1",),
                note="",
                who="s@example.com",
                at=NOW,
            )
        settle(desk)
    assert desk.records.pending() == []
    with open_store(place("one")) as connection:
        found = connection.execute(
            "select plan_hash, approved_by, source, rows from sync.approvals"
        ).fetchall()
    assert found == [(HASH, "s@example.com", "desk", ["row-1"])]
    # What the lake knows of the connection itself is as it was.
    assert before is not None and desk.connections.find("one") == before
    assert before.store.paths.lake is not None and before.store.paths.lake.accounts


def test_a_yes_waits_while_a_sync_of_the_connection_is_going_on(
    place: Place, tmp_path: Path
) -> None:
    held_night(place("one"))
    desk = office(place("one"), tmp_path)
    with desk.records.open() as database:
        add_decision(
            database,
            connection="one",
            kind="approve",
            run_id=RUN,
            plan_hash=HASH,
            rows=("row-0", "row-1", "row-2"),
            note="",
            who="s@example.com",
            at=NOW,
        )
    with open_store(place("one")):
        settle(desk)
        assert len(desk.records.pending()) == 1
    settle(desk)
    assert desk.records.pending() == []


def test_pages_are_read_while_a_sync_of_the_connection_is_going_on(
    place: Place, tmp_path: Path
) -> None:
    held_night(place("one"))
    desk = office(place("one"), tmp_path)
    with open_store(place("one")):
        served = desk.connections.find("one")
        assert served is not None
        with look_at(served.store) as database:
            assert last_run(database) == RUN
        assert [row.state for row in desk.fleet.rows(desk.connections)] == ["held"]
    held_night(place("two"))
    assert len(desk.fleet.rows(desk.connections)) == 2, "control: what a sync left is seen"


def test_a_fleet_of_two_hundred_is_told_whole(place: Place, tmp_path: Path) -> None:
    """How soon is measured by `make bench`: a test that asks the clock fails on a busy machine."""
    held_night(place("one"))
    lake = place("one").lake
    assert lake is not None
    with connect(lake) as locks, duckdb.connect() as connection:
        load_extensions(connection, lake)
        with attached(connection, lake, locks):
            for table in (CONNECTIONS, "sync.runs", "sync.plan"):
                connection.execute(
                    f"insert into {NAME}.{table} by name "
                    "select * exclude (n) replace (connection_id || '-' || n as connection_id) "
                    f"from {NAME}.{table}, range(1, 200) as numbers (n) "
                    "where connection_id = 'one'"
                )
    rows = Fleet().rows(office(place("one"), tmp_path).connections)
    assert len(rows) == 200
    assert {row.state for row in rows} == {"held"}
