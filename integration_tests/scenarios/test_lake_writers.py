"""Connections write to one lake at once, night after night, and some are killed on the way.

Three of them, four by `make matrix`.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
from people_sandbox import start_sandbox
from people_transforms.models.contracts import raw_streams
from people_transforms.models.runner import models

from .all_operations import NO_BRAKES
from .conftest import FIRST_DAY, as_usual
from .connections import PAIRS, Connection, Launcher, SharedLake
from .kills import kill_in_night
from .points import Draw

PLATFORMS = {"bakery": "alleo", "brewery": "lunchdrive", "dairy": "alleo", "mill": "lunchdrive"}
# One change of each kind; who moves or comes back differs by the seed of the employer.
ORDINARY_DAY = {"joiners": 2, "changes": 2, "leavers": 1, "rehires": 1}
Employers = dict[str, Connection]


@pytest.fixture
def employers(
    shared_lake: SharedLake, tmp_path: Path, programs: dict[str, Launcher], draw: Draw
) -> Iterator[Employers]:
    """Each with an HR system and a platform of its own; they share the lake."""
    with ExitStack() as running:
        found: Employers = {}
        chosen = list(PLATFORMS.items())[: None if draw.takes_all else 3]
        for seed, (name, platform) in enumerate(chosen, start=11):
            source, destination = PAIRS[platform]
            box = running.enter_context(start_sandbox(size=16, seed=seed, as_of=FIRST_DAY))
            as_usual(box)
            found[name] = Connection(
                box,
                tmp_path / name,
                source,
                destination,
                programs,
                {},
                settings={
                    "warehouse": shared_lake.warehouse | {"connection_id": name},
                    "brakes": NO_BRAKES,
                    "fleet_brake": None,
                },
                lake=shared_lake,
            )
        yield found


def at_once(employers: Employers, code: int) -> dict[str, float]:
    """All nights at the same time; gives how long each took in seconds."""
    with ThreadPoolExecutor(len(employers)) as threads:
        nights = dict(zip(employers, threads.map(Connection.sync, employers.values()), strict=True))
    for name, ended in nights.items():
        assert ended.code == code, f"{name}: {ended.out} {ended.err}"
    return {name: ended.summary["seconds"] for name, ended in nights.items()}


def killed_at_once(employers: Employers, seconds: dict[str, float], draw: random.Random) -> int:
    """All nights at the same time, each losing a process at a random moment; gives how many did."""

    def live(name: str) -> bool:
        connection = employers[name]
        victim = connection.source if chosen[name] == "source" else connection.destination
        return kill_in_night(connection, victim, shares[name], seconds[name])

    chosen = {name: draw.choice(["source", *["destination"] * 4]) for name in employers}
    shares = {name: draw.uniform(0.2, 0.9) for name in employers}
    with ThreadPoolExecutor(len(employers)) as threads:
        return sum(threads.map(live, employers))


def doubled(lake: SharedLake, connection: Connection) -> dict[str, int]:
    """How many rows of each of the lake's tables are there more than once; must be none."""
    source = connection.source.removeprefix("source-")
    keys = {
        f"raw.{stream.table}": (stream.key, "_valid_to_run is null")
        for stream in raw_streams(source).values()
    }
    for model in models(source, connection.platform):
        if model.kind == "table" and model.grain:
            keys[model.name] = (model.grain, "true")
    keys["sync.ledger"] = (("account_key", "external_id"), "external_id is not null")
    keys["sync.runs"] = (("run_id",), "true")
    keys["sync.plan"] = (("run_id", "account_key", "person_id", "operation"), "true")
    counts = [
        f"select '{table}', count(*) from (select 1 from {table} where {condition} "
        f"group by connection_id, {', '.join(key)} having count(*) > 1)"
        for table, (key, condition) in keys.items()
    ]
    return {table: count for table, count in lake.ask(" union all ".join(counts)) if count}


def in_the_lake(lake: SharedLake, table: str, condition: str = "true") -> dict[str, int]:
    return dict(
        lake.ask(f"select connection_id, count(*) from {table} where {condition} group by all")
    )


def check(lake: SharedLake, employers: Employers) -> None:
    """Every account once and as its employer wants it; every row of everybody once."""
    for name, connection in employers.items():
        assert connection.active() == connection.desired() != set(), name
        assert connection.duplicates() == [], name
        assert all(account.get("invitations", 0) <= 1 for account in connection.accounts())
        assert doubled(lake, connection) == {}, name
    read = in_the_lake(lake, "raw.loket__employees", "_valid_to_run is null")
    read |= in_the_lake(lake, "raw.alveno__employees", "_valid_to_run is null")
    in_hr = {
        name: len(c.box.world(c.source.removeprefix("source-"))["employees"])
        for name, c in employers.items()
    }
    assert read == in_hr
    kept = in_the_lake(lake, "sync.ledger", "state = 'active'")
    assert kept == {name: len(connection.active()) for name, connection in employers.items()}


@pytest.mark.long
@pytest.mark.minutes
def test_writers_at_once_lose_nothing_and_double_nothing(
    employers: Employers, shared_lake: SharedLake, draw: Draw, say: Callable[[str], None]
) -> None:
    seconds = at_once(employers, code=3)
    assert [connection.writes() for connection in employers.values()] == [[]] * len(employers)
    for connection in employers.values():
        connection.approve()
    killed = 0
    if draw.takes_all:
        killed += killed_at_once(employers, seconds, draw.random)
        at_once(employers, code=0)
        check(shared_lake, employers)
    for number, connection in enumerate(employers.values(), start=10):
        vendor = connection.source.removeprefix("source-")
        connection.box.night(vendor=vendor, seed=number, **ORDINARY_DAY)
        connection.configure(as_of=connection.box.control()["as_of"])
        connection.box.clear_requests()
    for _ in range(2 if draw.takes_all else 1):
        killed += killed_at_once(employers, seconds, draw.random)
    at_once(employers, code=0)
    check(shared_lake, employers)
    sent = {name: len(connection.writes()) for name, connection in employers.items()}
    for connection in employers.values():
        connection.box.clear_requests()
    at_once(employers, code=0)
    assert [connection.writes() for connection in employers.values()] == [[]] * len(employers)
    say(f"{len(employers)} writers: {killed} nights were killed, {sent} calls")
    assert killed > 0
    assert min(sent.values()) > 0
