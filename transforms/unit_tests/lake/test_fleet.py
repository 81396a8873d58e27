"""The fleet brake: what strikes many connections tonight holds the others too; and the table of all."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from people_transforms.planning import gate, held
from people_transforms.settings import FleetBrake
from people_transforms.store.lake.connections import Strike, overview
from people_transforms.store.lake.place import LakePlace
from people_transforms.store.warehouse import open_store, open_warehouse

from .conftest import Place

pytestmark = pytest.mark.long
NOW = dt.datetime(2026, 3, 2, 2, tzinfo=dt.UTC)


def ran(
    place: Place,
    name: str,
    outcome: str | None = "done",
    causes: tuple[str, ...] = (),
    hours_ago: float = 1,
    **facts: Any,
) -> None:
    """Let a connection have run."""
    moment = NOW - dt.timedelta(hours=hours_ago)
    with open_store(place(name)) as connection:
        connection.execute(
            "insert into sync.runs (run_id, started_at, finished_at, outcome, causes, counts, steps) "
            "values (?, ?, ?, ?, ?, ?, ?)",
            [
                f"{moment:%Y%m%dT%H%M}",
                moment,
                moment if outcome else None,
                outcome,
                json.dumps(causes) if causes else None,
                json.dumps(facts.get("counts", {})),
                json.dumps([{"step": "land"}, {"step": "model", "people": facts.get("people", 5)}]),
            ],
        )


def holds(place: Place, brake: FleetBrake, *, approved: bool = False) -> list[tuple[str, str]]:
    """What this brake holds of a healthy connection with one person to create, and why."""
    with open_warehouse(place("healthy")) as run:
        assert run.lake is not None
        run.connection.execute(
            "create or replace temp table plan_changes as select 'row' as row_hash, 'p1' as person_id, "
            "'A' as account_key, 'E1' as employer_id, 'create' as operation"
        )
        run.connection.execute(
            "create or replace temp table plan_approved as select 'row' as row_hash where $approved",
            {"approved": approved},
        )
        held.know_kinds(run.connection)
        held.begin(run.connection)
        gate.hold_with_the_fleet(run.connection, run.strikes, brake, NOW)
        return run.connection.execute("select kind, reason from temp.plan_held").fetchall()


BRAKE = FleetBrake(at_least=2, share=0.3, hours=12)


@pytest.fixture
def struck(place: Place) -> Place:
    """Six other connections, of which two were held for removals tonight."""
    for number in range(4):
        ran(place, f"fine-{number}")
    ran(place, "held-1", "held", ("removals",))
    ran(place, "held-2", "held", ("additions", "removals"))
    return place


def test_a_cause_that_struck_many_holds_a_healthy_connection_and_an_approval_releases_it(
    struck: Place,
) -> None:
    assert holds(struck, BRAKE) == [
        ("fleet", "removals struck 2 of the 6 other connections that ran tonight (held from 2)")
    ]
    assert holds(struck, BRAKE, approved=True) == []


@pytest.mark.parametrize(
    "brake",
    [
        FleetBrake(at_least=3, share=0.3, hours=12),
        FleetBrake(at_least=2, share=0.5, hours=12),
        FleetBrake(at_least=2, share=0.3, hours=0.5),
    ],
    ids=["too few", "too small a share", "long ago"],
)
@pytest.mark.drawn(1)
def test_below_its_limits_the_brake_holds_nothing(struck: Place, brake: FleetBrake) -> None:
    assert holds(struck, brake) == []


def test_only_the_latest_run_of_tonight_counts_and_being_held_with_the_fleet_is_no_cause(
    place: Place,
) -> None:
    for name in ("one", "two"):
        ran(place, name, "failed", ("RetryableError",), hours_ago=3)
        ran(place, name, "done", hours_ago=1)
    for name in ("three", "four"):
        ran(place, name, "held", hours_ago=1, counts={"held fleet": 9})
    assert holds(place, BRAKE) == []
    with open_warehouse(place("healthy")) as run:
        assert run.lake is not None
        assert run.lake.strikes(NOW - dt.timedelta(hours=12)) == []
    # Control: the same failures without a good run after them.
    for name in ("one", "two"):
        ran(place, name, "failed", ("RetryableError",), hours_ago=0.5)
    with open_warehouse(place("healthy")) as run:
        assert run.lake is not None
        found = run.lake.strikes(NOW - dt.timedelta(hours=12))
    assert found == [Strike("RetryableError", 2, 4)]


def test_the_first_run_of_a_lake_has_nobody_to_ask(unmade_place: Place) -> None:
    assert holds(unmade_place, BRAKE) == []


def lake_of(place: Place) -> LakePlace:
    found = place().lake
    assert found is not None
    return found


def test_the_overview_tells_how_each_connection_is(place: Place, tmp_path: Path) -> None:
    for days, people in ((6, 100), (3, 104), (0, 107)):
        ran(place, "growing", hours_ago=1 + 24 * days, people=people)
    ran(place, "held", hours_ago=30)
    ran(place, "held", "held", ("removals",), counts={"held removals": 4, "planned create": 1})
    ran(place, "cut", None)
    found = {row["connection_id"]: row for row in overview(lake_of(place))}
    assert list(found) == ["cut", "held", "growing"], "worst first"
    growing = found["growing"]
    assert (growing["state"], growing["people"], growing["people_trend"]) == ("in_order", 107, 7)
    assert found["held"]["held"] == {"removals": 4}
    assert found["held"]["causes"] == ["removals"]
    assert found["held"]["last_good_at"] == NOW - dt.timedelta(hours=30)
    assert (found["cut"]["state"], found["cut"]["last_good_at"]) == ("cut off", None)


@pytest.mark.parametrize(
    ("outcome", "code"), [("done", 0), ("partly", 0), ("held", 3), ("failed", 1), (None, 1)]
)
@pytest.mark.drawn(2)
def test_the_command_exits_as_the_worst_connection_did(
    place: Place, tmp_path: Path, catalog: str, outcome: str | None, code: int
) -> None:
    ran(place, "fine")
    ran(place, "other", outcome)
    config = tmp_path / "alleo.json"
    warehouse = {"type": "ducklake", "catalog": catalog, "data_path": str(tmp_path / "lake")}
    config.write_text(json.dumps({"warehouse": warehouse}))
    command = [sys.executable, "-m", "people_sync.cli", "fleet", "--config", str(config)]
    told = subprocess.run(
        [*command, "--output", "json"], capture_output=True, text=True, check=False
    )
    assert told.returncode == code, told.stderr
    assert len(json.loads(told.stdout)["connections"]) == 2
    shown = subprocess.run(command, capture_output=True, text=True, check=False)
    assert shown.returncode == code
    assert "other" in shown.stdout


def test_tidying_removes_the_files_of_what_is_gone_and_none_of_yesterday(
    place: Place, tmp_path: Path, catalog: str
) -> None:
    row = "insert into sync.dead_letters (person_id) values (?)"
    with open_warehouse(place("one")) as run:
        assert run.lake is not None
        run.connection.execute(row, ["p1"])
        run.lake.push()
        run.connection.execute("delete from sync.dead_letters")
        run.connection.execute(row, ["p2"])
    config = tmp_path / "alleo.json"
    warehouse = {"type": "ducklake", "catalog": catalog, "data_path": str(tmp_path / "lake")}
    config.write_text(json.dumps({"warehouse": warehouse}))

    def removed(days: str) -> int:
        command = [sys.executable, "-m", "people_sync.cli", "fleet", "--config", str(config)]
        told = subprocess.run(
            [*command, "--tidy", days, "--output", "json"],
            capture_output=True,
            text=True,
            check=False,
        )
        return int(json.loads(told.stdout)["files_removed"])

    letters = tmp_path / "lake" / "sync" / "dead_letters"
    assert len(list(letters.iterdir())) == 2
    assert removed("1") == 0, "what is replaced today stays until tomorrow"
    assert removed("0") > 0
    assert len(list(letters.iterdir())) == 1
    with open_warehouse(place("one")) as run:
        found = run.connection.execute("select person_id from sync.dead_letters").fetchall()
    assert found == [("p2",)]
