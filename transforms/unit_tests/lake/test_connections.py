"""Two connections never share rows: not by an id that is given twice, and not with another source."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from people_transforms.errors import ConfigError
from people_transforms.landing.catalog import of_streams
from people_transforms.landing.land import Landing
from people_transforms.landing.messages import Intake, read_messages
from people_transforms.models.contracts import raw_streams
from people_transforms.settings import WarehouseSettings
from people_transforms.store.lake.connections import overview
from people_transforms.store.sync_tables import SCHEMAS
from people_transforms.store.warehouse import (
    StorePaths,
    open_store,
    open_warehouse,
    store_paths,
)

from .conftest import Place

pytestmark = pytest.mark.few(1)

NOW = dt.datetime(2026, 3, 2, 1, tzinfo=dt.UTC)
ROW = "insert into sync.dead_letters (person_id) values (?)"


def of(place: Place, connection_id: str | None, vendor: str, config: dict[str, Any]) -> StorePaths:
    """Another connection's place in the same lake."""
    lake = place("any").lake
    assert lake is not None
    warehouse = WarehouseSettings(
        type="ducklake", catalog=f"postgres:{lake.catalog}", data_path=lake.data_path,
        connection_id=connection_id,
    )  # fmt: skip
    folder = Path(lake.data_path).parent / f"{vendor}-{abs(hash(json.dumps(config)))}"
    return store_paths(warehouse, vendor, folder, config)


def companies(*ids: int) -> dict[str, Any]:
    return {"companies": [{"company_id": one} for one in ids]}


def use(paths: StorePaths, word: str = "p1") -> list[Any]:
    with open_store(paths) as connection:
        found = connection.execute("select person_id from sync.dead_letters order by 1").fetchall()
        connection.execute(ROW, [word])
    return found


@pytest.mark.parametrize(
    ("vendor", "config"),
    [
        ("alleo", companies(900)),
        ("lunchdrive", {"client_id": 7}),
        ("lunchdrive", {"client_id": 900}),
    ],
)
def test_an_id_that_another_connection_has_is_refused(
    place: Place, vendor: str, config: dict[str, Any]
) -> None:
    use(of(place, "same", "alleo", companies(7, 31)))
    with pytest.raises(ConfigError, match="keeps other accounts under this connection's id"):
        use(of(place, "same", vendor, config))
    assert use(of(place, "same", "alleo", companies(7, 31))) == [("p1",)], "nothing was touched"


def test_accounts_that_come_and_go_are_the_same_connection(place: Place) -> None:
    for config in (companies(7, 31), companies(31), companies(31, 40), companies(7)):
        use(of(place, "same", "alleo", config))
    # A derived id that is new must still find all of them, also those taken out since.
    with pytest.raises(ConfigError, match="set `warehouse.connection_id` to same"):
        use(of(place, None, "alleo", companies(40)))


def test_equal_numbers_at_two_vendors_are_two_accounts(place: Place) -> None:
    assert use(of(place, None, "alleo", companies(7))) == []
    assert use(of(place, None, "lunchdrive", {"client_id": 7})) == []
    assert use(of(place, None, "alleo", companies(7))) == [("p1",)]


def test_what_an_earlier_release_wrote_without_the_vendor_is_understood(place: Place) -> None:
    paths = of(place, "same", "alleo", companies(7))
    use(paths)
    assert paths.lake is not None
    import duckdb
    from people_transforms.store.lake.attach import attached, load_extensions
    from people_transforms.store.lake.locks import connect

    with connect(paths.lake) as locks, duckdb.connect() as connection:
        load_extensions(connection, paths.lake)
        with attached(connection, paths.lake, locks):
            connection.execute("update lake.sync.connections set accounts = '[\"7\"]'")
    assert use(paths) == [("p1",)]


@pytest.mark.parametrize(
    ("employer", "names", "words"),
    [("e2", "xyz", "other employers and other people"), ("e1", "xyz", "stand for other people")],
)
@pytest.mark.drawn(1)
def test_another_source_under_the_same_id_is_refused(
    place: Place, employer: str, names: str, words: str
) -> None:
    """What the lake has of the people is compared, wherever the run is."""
    paths = of(place, "same", "alleo", companies(7))
    land(paths, "r1", "e1", "abc")
    land(paths, "r2", "e1", "abd")  # the control: one of three is somebody else
    with pytest.raises(ConfigError, match=f"{words}.*warehouse.connection_id"):
        land(paths, "r3", employer, names)
    with open_store(paths) as connection:
        found = connection.execute(
            "select distinct last_name from raw.loket__employees where _valid_to_run is null"
        ).fetchall()
    assert {name for (name,) in found} == set("abd"), "nothing of theirs was stored"


def land(paths: StorePaths, run_id: str, employer: str, names: str) -> None:
    """Land three people of an employer as a run does."""
    streams = raw_streams("loket")
    with open_store(paths) as connection:
        landing = Landing(
            connection, streams, run_id=run_id, folder=paths.work.parent, settings={},
            catalog=of_streams(["employees"]),
        )  # fmt: skip
        landing.begin()
        intake = Intake()
        lines = [record(employer, number, name) for number, name in enumerate(names)]
        for batch in read_messages(lines, frozenset(streams), intake):
            landing.land(batch)
        landing.finish(intake)


def record(employer: str, number: int, name: str) -> bytes:
    data = {"id": str(number), "employer_id": employer, "total_size": 3,
            "personalDetails": {"firstName": name, "lastName": name}}  # fmt: skip
    message = {"type": "RECORD", "record": {"stream": "employees", "data": data, "emitted_at": 1}}
    return json.dumps(message).encode() + b"\n"


def test_the_table_of_the_fleet_has_a_line_for_each_connection_and_vendor(place: Place) -> None:
    run = "insert into sync.runs (run_id, started_at, finished_at, vendor, outcome) values (?, now(), now(), ?, ?)"
    with open_store(of(place, "same", "alleo", companies(7))) as connection:
        connection.execute(run, ["20260301", "alleo", "failed"])
        connection.execute(run, ["20260302", "lunchdrive", "done"])
        connection.execute(run, ["20260303", "lunchdrive", "held"])
    use(of(place, "other", "alleo", companies(8)))
    lake = place("any").lake
    assert lake is not None
    found = {(row["connection_id"], row["vendor"], row["state"]) for row in overview(lake)}
    assert found == {
        ("same", "alleo", "failed"),
        ("same", "lunchdrive", "held"),
        ("other", None, "never ran"),
    }
    good = {row["vendor"]: row["last_good_at"] for row in overview(lake)}
    assert good["alleo"] is None and good["lunchdrive"] is not None


def keep(
    paths: StorePaths,
    *people: str,
    began: dt.datetime = NOW,
    kept: bool = True,
    wants: str = "active",
    platform: str = "here",
) -> None:
    """A night of a connection that decides about these people, and keeps their accounts."""
    with open_warehouse(paths) as store:
        database = store.connection
        database.execute("create schema if not exists mart")
        database.execute(
            "create or replace table mart.accounts as select unnest(?) as person_id, "
            "'7' as account_key, ? as desired_state",
            [list(people), wants],
        )
        store.refuse_anothers_people("mart.accounts", NOW - dt.timedelta(days=7), platform)
        if kept:
            database.execute("delete from sync.ledger")
            database.execute(
                "insert into sync.ledger by name select 'alleo' as vendor, person_id, account_key, "
                "'active' as state from mart.accounts"
            )
        database.execute(
            "insert into sync.runs (run_id, started_at, accepted_on, platform_mark) "
            f"values (?, $2, $2::date, '{platform}')",
            [f"{began:%Y%m%dT%H%M}", began],
        )
        store.make_durable(SCHEMAS)


@pytest.mark.parametrize("wants", ["active", "ended"])
@pytest.mark.drawn(1)
def test_a_second_connection_of_the_same_people_is_refused(place: Place, wants: str) -> None:
    """Each with a name of its own: what one makes the other ends."""
    keep(of(place, "first", "alleo", companies(7)), "p1", "p2", wants=wants)
    second = of(place, "second", "alleo", companies(7, 8))
    for _ in range(2):
        with pytest.raises(ConfigError, match="keeps the accounts of the same people.*other=first"):
            keep(second, "p2", "p3")
    keep(second, "p3")  # another source may fill the same company
    keep(of(place, "first", "alleo", companies(7)), "p1", "p2")


@pytest.mark.parametrize(
    "other",
    [
        {"began": NOW - dt.timedelta(days=8)},  # ran no more
        {"kept": False},  # a preview
        {"wants": "untouched"},
        {"platform": "elsewhere"},  # numbers its companies alike
    ],
)
@pytest.mark.drawn(2)
def test_a_connection_that_keeps_nobody_any_more_is_in_nobodys_way(
    place: Place, other: dict[str, Any]
) -> None:
    keep(of(place, "first", "alleo", companies(7)), "p1", **other)
    keep(of(place, "second", "alleo", companies(7)), "p1")


def test_of_two_that_keep_the_same_people_already_both_are_warned(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    first, second = (of(place, name, "alleo", companies(7)) for name in ("first", "second"))
    keep(first, "p1", kept=False)
    keep(second, "p1", "p2")
    with pytest.raises(ConfigError, match="other=second"):
        keep(first, "p1")
    with open_store(first) as database:
        database.execute(
            "insert into sync.ledger (vendor, person_id, account_key, state) "
            "values ('alleo', 'p1', '7', 'active')"
        )
    keep(first, "p1")
    keep(second, "p1", "p2")
    assert [one.split(" of this lake")[0] for one in caplog.messages] == [
        "The connection second",
        "The connection first",
    ]
