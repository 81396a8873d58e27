"""One run per connection, writers in turn, conflicts repeated, and a lost PostgreSQL said in words."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from people_sandbox.postgres import start_postgres
from people_transforms.errors import ConfigError, StoreError
from people_transforms.settings import WarehouseSettings
from people_transforms.store.lake.attach import attached
from people_transforms.store.lake.failures import ConflictedError, explained_lake
from people_transforms.store.warehouse import StorePaths, open_store, open_warehouse, store_paths

from .conftest import Place

pytestmark = pytest.mark.few(3)

WRITER = Path(__file__).with_name("writer.py")
SECRET = "sesam-open-u"
ROW = "insert into sync.dead_letters (person_id) values (?)"


def elsewhere(paths: StorePaths, folder: Path) -> StorePaths:
    """The same connection on another machine."""
    return StorePaths(folder / "staging.duckdb", folder / "work" / "w.duckdb", lake=paths.lake)


def test_a_second_run_of_a_connection_is_refused_and_another_connection_is_not(
    place: Place, tmp_path: Path
) -> None:
    first = place("one")
    with open_store(first):
        with (
            pytest.raises(StoreError, match="Another run of this connection is still going on"),
            open_store(elsewhere(first, tmp_path / "there")),
        ):
            pass
        with open_store(place("two")):
            pass
    with open_store(elsewhere(first, tmp_path / "there")):
        pass


def test_another_id_for_known_accounts_is_refused(place: Place) -> None:
    with open_store(place("bakery")) as connection:
        connection.execute(ROW, ["p1"])
    with (
        pytest.raises(ConfigError, match="set `warehouse.connection_id` to bakery"),
        open_store(place(None)),
    ):
        pass
    # Control: whoever gives a name of its own means it.
    with open_store(place("other")):
        pass


def test_an_unreachable_catalog_is_named_without_its_password(tmp_path: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        catalog = f"postgres:host=127.0.0.1 port={port} user=people password={SECRET} dbname=lake"
        warehouse = WarehouseSettings(
            type="ducklake", catalog=catalog, data_path=str(tmp_path), connection_id="one"
        )
        with (
            pytest.raises(StoreError, match=f"127.0.0.1:{port}/lake") as caught,
            open_store(store_paths(warehouse, "alleo", tmp_path)),
        ):
            pass
    assert "cannot be reached" in str(caught.value)
    assert SECRET not in str(caught.value)


@pytest.mark.long
def test_postgresql_that_stops_in_the_middle_is_named_and_nothing_committed_is_lost(
    tmp_path: Path, postgres: object
) -> None:
    with start_postgres() as own:
        conninfo = f"{own.new_database()} password={SECRET}"
        warehouse = WarehouseSettings(
            type="ducklake",
            catalog=f"postgres:{conninfo}",
            data_path=str(tmp_path / "lake"),
            connection_id="one",
        )
        paths = store_paths(warehouse, "alleo", tmp_path)
        with (
            pytest.raises(StoreError, match="nothing more is sent") as caught,
            open_warehouse(paths) as run,
        ):
            assert run.lake is not None
            run.connection.execute(ROW, ["pushed"])
            run.lake.push()
            own.stop()
            run.connection.execute(ROW, ["lost"])
            run.lake.push()
        assert f":{own.port}/" in str(caught.value)
        assert SECRET not in str(caught.value)
        own.start()
        with open_store(paths) as connection:
            rows = connection.execute("select person_id from sync.dead_letters").fetchall()
        assert rows == [("pushed",)]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Transaction conflict - attempting to insert into table", ConflictedError),
        ("could not serialize access due to concurrent update", ConflictedError),
        ("server closed the connection unexpectedly", StoreError),
        (f"Unable to connect to Postgres at 'password={SECRET}'", StoreError),
        (f"Something new about password={SECRET}", StoreError),
    ],
)
def test_what_duckdb_says_of_the_lake_becomes_a_sentence(
    place: Place, text: str, kind: type[Exception]
) -> None:
    paths = place()
    assert paths.lake is not None
    error = explained_lake(duckdb.TransactionException(text), paths.lake.data_path, "db:5432/x")
    assert type(error) is kind
    assert SECRET not in str(error)


@pytest.mark.long
def test_a_transaction_that_lost_is_repeated_whole(place: Place) -> None:
    with open_warehouse(place("one")) as run:
        lake = run.lake
        assert lake is not None
        run.connection.execute(ROW, ["p0"])
        lake.push()
        run.connection.execute("update sync.dead_letters set person_id = 'p1'")
        write, tries = lake._write_facts, []

        def disturbed(after: object) -> None:
            """Let a stranger, who takes no turns, commit to the same table first."""
            if not tries:
                tries.append(1)
                with duckdb.connect() as stranger:
                    from people_transforms.store.lake.attach import load_extensions

                    load_extensions(stranger, lake.place)
                    with attached(stranger, lake.place, lake.locks):
                        stranger.execute(
                            "insert into lake.sync.dead_letters (connection_id, person_id) "
                            "values ('stranger', 'x')"
                        )
            write(after)

        lake._write_facts = disturbed
        lake.push()
        assert lake.retries == 1
    with open_store(place("one")) as connection:
        assert connection.execute("select person_id from sync.dead_letters").fetchall() == [("p1",)]
    with open_store(place("stranger")) as connection:
        # It never said what it has; the row is there all the same.
        assert connection.execute("select person_id from sync.dead_letters").fetchall() == []


def _arguments(paths: StorePaths) -> list[str]:
    lake = paths.lake
    assert lake is not None
    folder = paths.folder / "elsewhere"
    return [f"postgres:{lake.catalog}", lake.data_path, lake.connection_id, str(folder), "3"]


@pytest.mark.long
def test_four_writers_at_once_make_the_lake_and_lose_nothing(unmade_place: Place) -> None:
    names = ["one", "two", "three", "four"]
    writers = [
        subprocess.Popen([sys.executable, WRITER, *_arguments(unmade_place(n))]) for n in names
    ]
    assert [writer.wait() for writer in writers] == [0, 0, 0, 0]
    for name in names:
        with open_store(unmade_place(name)) as connection:
            rows = connection.execute(
                "select person_id, attempts, count(*) from sync.dead_letters "
                "group by all order by all"
            ).fetchall()
        assert rows == [("p0", 2, 3), ("p1", 1, 3), ("p2", 0, 3)], name
