"""Both pairs in one lake, through the real processes: nothing is kept locally, nobody sees another's rows."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace

import duckdb
import pytest

from .all_operations import NO_BRAKES
from .connections import PAIRS, Connection, SharedLake, stopped

Connect = Callable[..., Connection]
pytestmark = [
    pytest.mark.long,
    pytest.mark.parametrize("lake", ["ducklake"], indirect=True),
]


def local_files(connection: Connection) -> set[str]:
    """What a connection leaves on its machine."""
    folder = connection.folder / ".people-sync"
    return {path.name for path in folder.rglob("*") if path.is_file()}


def test_both_pairs_live_their_nights_in_one_lake(
    connect: Connect, shared_lake: SharedLake
) -> None:
    pairs = [connect(*PAIRS[name], brakes=NO_BRAKES) for name in PAIRS]
    for connection in pairs:
        assert connection.sync().code == 3
        assert connection.writes() == []
        connection.approve()
        night = connection.sync()
        assert night.code == 0, night.out + night.err
        assert connection.active() == connection.desired() != set()
        kept = local_files(connection)
        assert not any(name.endswith((".duckdb", ".wal", ".key")) for name in kept), kept
        assert "report.html" in kept
    for connection in pairs:
        connection.box.clear_requests()
        again = connection.sync()
        assert (again.code, connection.writes()) == (0, []), again.out
        assert connection.ask("select outcome from sync.runs order by run_id") == [
            ("held",),
            ("done",),
            ("done",),
        ]
    ledgers = [set(c.ask("select account_key, external_id from sync.ledger")) for c in pairs]
    assert ledgers[0] & ledgers[1] == set()
    everybody = shared_lake.ask("select connection_id, count(*) from sync.ledger group by all")
    assert {name.split("-")[0]: count for name, count in everybody} == {
        name: len(ledger) for name, ledger in zip(PAIRS, ledgers, strict=True)
    }
    # Every schema is there for the analysts of the fleet.
    for table in ("people.people", "mart.alleo_employees", "staging.stg_loket__employees"):
        assert shared_lake.ask(f"select count(distinct connection_id) from {table}")[0][0] > 0
    named = shared_lake.ask(
        "select connection_id, count(person), count(reason_nl) from report.joiners group by all"
    )
    assert len(named) == len(pairs) and all(row[1] and row[2] for row in named), named


def test_commands_read_and_write_the_lake(connect: Connect) -> None:
    connection = connect(*PAIRS["lunchdrive"])
    lines = connection.first_lines()
    assert connection.command("plan", str(connection.file)).code == 2, "nothing is there yet"
    connection.activate(lines)
    file = str(connection.file)
    shown = connection.command("plan", file, "--output", "json", "--all")
    assert shown.code == 0, shown.err
    person = shown.summary["rows"][0]["person_id"]
    for command in (
        ("explain", person, file),
        ("report", file),
        ("sql", "accounts", file),
        ("lint", file),
    ):
        ended = connection.command(*command)
        assert ended.code == 0, ended.err
    run = connection.ask("select max(run_id) from sync.runs")[0][0]
    undone = connection.command("undo", run, "-y", "-c", file, "--output", "json")
    assert undone.code == 0, undone.err
    assert connection.ask("select count(*) from sync.reversals") == [
        (sum(undone.summary["undone"].values()),)
    ]


def test_a_second_connection_of_the_same_people_does_nothing(
    connect: Connect, shared_lake: SharedLake
) -> None:
    first = connect("source-loket", "destination-alleo")
    lines = first.first_lines()
    first.activate(lines)
    warehouse = shared_lake.warehouse | {"connection_id": "second"}
    second = replace(
        first, folder=first.folder.with_name("second"), settings={"warehouse": warehouse}
    )
    first.box.clear_requests()
    for _ in range(2):
        ended = second.write(lines, first.catalog())
        assert ended.trace["failure_type"] == "config_error", ended.out
        assert "keeps the accounts of the same people" in ended.trace["message"]
        assert "other=alleo-" in ended.trace["message"]
    assert first.write(lines).code == 0, "control"
    assert first.writes() == []


def test_a_second_run_of_a_connection_is_refused_in_words(
    connect: Connect, shared_lake: SharedLake
) -> None:
    import psycopg

    connection = connect(*PAIRS["alleo"])
    lines = connection.first_lines()
    connection.activate(lines)
    (name,) = shared_lake.ask("select connection_id from sync.connections")[0]
    connection.box.clear_requests()
    with psycopg.connect(shared_lake.conninfo, autocommit=True) as other:
        other.execute("select pg_advisory_lock(1886678901, hashtext(%s))", [name])
        stopped(connection.write(lines), "Another run of this connection is still going on", name)
        assert connection.writes() == []
    assert connection.write(lines).code == 0


@pytest.mark.drawn(1)
@pytest.mark.parametrize("platform", PAIRS)
def test_postgresql_stops_in_the_middle_and_the_rerun_is_right(
    connect: Connect, shared_lake: SharedLake, platform: str
) -> None:
    connection = connect(*PAIRS[platform])
    lines = connection.first_lines()
    assert connection.write(lines).code == 3
    connection.approve()
    # So slow that the server can be stopped between two calls.
    connection.configure(num_workers=1, max_requests_per_minute=90)
    command = [sys.executable, "-m", "people_sync.cli", "run", str(connection.file)]
    with subprocess.Popen(
        [*command, "--output", "json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as night:
        began = time.monotonic()
        while not connection.writes() and time.monotonic() - began < 120:
            time.sleep(0.05)
        shared_lake.postgres.stop()
        try:
            out, err = night.communicate(timeout=300)
        finally:
            shared_lake.postgres.start()
    assert night.returncode == 1, out + err
    assert f"127.0.0.1:{shared_lake.postgres.port}" in out
    assert 0 < len(connection.writes()) < len(connection.desired())
    connection.configure(max_requests_per_minute=None)
    again = connection.write(lines)
    assert again.code == 0, again.out
    assert connection.active() == connection.desired() != set()
    assert connection.duplicates() == []
    assert all(account.get("invitations", 0) <= 1 for account in connection.accounts())


def test_an_erased_person_leaves_the_lakes_files_and_stays_away(
    connect: Connect, shared_lake: SharedLake
) -> None:
    connection = connect(*PAIRS["lunchdrive"])
    lines = connection.first_lines()
    connection.activate(lines)
    # A run replaces what the first one wrote, so that old files hold people too.
    person, employee, email = connection.ask(
        "select person_id, split_part(person_id, ':', 3), business_email from people.people "
        "where person_id not in (select person_id from sync.ledger where state = 'active') "
        "order by business_email nulls last limit 1"
    )[0]
    assert mentions(shared_lake, employee), "control"
    erased = connection.command("erase", person, str(connection.file), "--yes", "--output", "json")
    assert erased.code == 0, erased.err
    assert erased.summary["rows"] > 0
    assert not mentions(shared_lake, employee)
    assert [word for word in (person, email) if word and in_catalog(shared_lake, word)] == []
    connection.box.clear_requests()
    assert connection.write(lines).code == 0
    assert connection.writes() == []
    assert not mentions(shared_lake, employee), "the next run stored the person again"
    assert [word for word in (person, email) if word and in_catalog(shared_lake, word)] == []
    somebody = connection.ask("select min(person_id) from people.people")[0][0]
    assert in_catalog(shared_lake, somebody), "control: the lowest id is in the files' statistics"
    assert connection.command("erase", person, str(connection.file), "--lift").code == 0
    assert connection.write(lines).code == 0
    assert mentions(shared_lake, employee), "control: lifted, the person is read again"


def in_catalog(lake: SharedLake, word: str) -> list[str]:
    """The tables of the catalog that have a word anywhere."""
    import psycopg

    with psycopg.connect(lake.conninfo, autocommit=True) as catalog:
        tables = catalog.execute("select tablename from pg_tables where schemaname = 'public'")
        return [
            table
            for (table,) in tables.fetchall()
            if catalog.execute(
                f'select 1 from public."{table}" as x where strpos(x::text, %s) > 0 limit 1', [word]
            ).fetchone()
        ]


def mentions(lake: SharedLake, employee: str) -> bool:
    """Tell whether a file of the lake, in use or not, has a row of an employee."""
    for path in lake.data.rglob("raw/alveno__employees/*.parquet"):
        if path.name.endswith("-delete.parquet"):
            continue
        query = f"select 1 from '{path}' where employee_id = '{employee}' limit 1"
        if duckdb.sql(query).fetchall():
            return True
    return False
