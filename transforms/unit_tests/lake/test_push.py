"""What is committed locally is in the lake after a push, exactly, and comes back with the next opening."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import duckdb
import pytest
from people_transforms.store.lake import push
from people_transforms.store.lake.attach import attached
from people_transforms.store.warehouse import Store, StorePaths, open_store, open_warehouse

from .conftest import Place

ROW = "insert into sync.dead_letters (person_id, message, attempts) values (?, ?, ?)"


def letters(connection: duckdb.DuckDBPyConnection) -> Counter[Any]:
    return Counter(
        connection.execute("select person_id, message, attempts from sync.dead_letters").fetchall()
    )


def kept(paths: StorePaths) -> Counter[Any]:
    with open_store(paths) as connection:
        return letters(connection)


def in_lake(warehouse: Store) -> Counter[Any]:
    lake = warehouse.lake
    assert lake is not None
    with attached(lake.connection, lake.place, lake.locks):
        return Counter(
            lake.connection.execute(
                "select person_id, message, attempts from lake.sync.dead_letters "
                "where connection_id = ?",
                [lake.place.connection_id],
            ).fetchall()
        )


def snapshots(warehouse: Store) -> int:
    assert warehouse.lake is not None
    return int(warehouse.lake.locks.ask("select max(snapshot_id) from ducklake_snapshot")[0])


def files(paths: StorePaths) -> set[str]:
    return {path.name for path in paths.work.parent.iterdir()}


def test_rows_come_back_after_the_local_file_is_gone(place: Place) -> None:
    paths = place()
    with open_store(paths) as connection:
        connection.execute(ROW, ["p1", "zero \0 and ěščř", 1])
        connection.execute(ROW, ["p2", None, 2])
    assert files(paths) == {"lock"}
    assert kept(paths) == Counter([("p1", "zero \0 and ěščř", 1), ("p2", None, 2)])


@pytest.mark.parametrize("small", [0, 1_000_000], ids=["by rows", "whole"])
@pytest.mark.long
def test_equal_rows_are_counted_and_changed_ones_replaced(
    place: Place, small: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(push, "SMALL", small)
    paths = place()
    steps = [
        "insert into sync.dead_letters (person_id, attempts) "
        "select 'p' || i % 3, 0 from range(9) as numbers (i)",
        "delete from sync.dead_letters where rowid in "
        "(select min(rowid) from sync.dead_letters group by person_id)",
        "insert into sync.dead_letters (person_id, attempts) values ('p0', 0), ('p0', 0)",
        "update sync.dead_letters set attempts = 1 where rowid = "
        "(select max(rowid) from sync.dead_letters)",
        "delete from sync.dead_letters where person_id = 'p1'",
        "delete from sync.dead_letters",
        "insert into sync.dead_letters (person_id, attempts) values ('p9', 9)",
    ]
    with open_warehouse(paths) as warehouse:
        assert warehouse.lake is not None
        for step in steps:
            warehouse.connection.execute(step)
            warehouse.lake.push()
            expected = letters(warehouse.connection)
            assert in_lake(warehouse) == expected, step
    # Once more by a run that has to learn from the lake what it has.
    with open_warehouse(paths) as warehouse:
        assert warehouse.lake is not None
        warehouse.connection.execute(steps[0])
        warehouse.lake.push()
        assert in_lake(warehouse) == letters(warehouse.connection) != expected


@pytest.mark.long
def test_several_pushes_of_one_run_add_up(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(push, "SMALL", 0)
    paths = place()
    with open_warehouse(paths) as warehouse:
        assert warehouse.lake is not None
        for number in range(4):
            warehouse.connection.execute(ROW, [f"p{number}", "same", number // 2])
            warehouse.connection.execute("update sync.dead_letters set attempts = attempts + 1")
            warehouse.lake.push()
        expected = letters(warehouse.connection)
    assert len(expected) == 4
    assert kept(paths) == expected


def test_what_did_not_change_is_not_written(place: Place) -> None:
    paths = place()
    with open_warehouse(paths) as warehouse:
        assert warehouse.lake is not None
        warehouse.connection.execute(ROW, ["p1", "a", 1])
        warehouse.lake.push()
        before = snapshots(warehouse)
        warehouse.lake.push()
        assert snapshots(warehouse) == before
        # Control: a change is written.
        warehouse.connection.execute(ROW, ["p2", "b", 1])
        warehouse.lake.push()
        assert snapshots(warehouse) > before
    with open_warehouse(paths) as warehouse:
        before = snapshots(warehouse)
    with open_warehouse(paths) as warehouse:
        assert snapshots(warehouse) == before, "opening and closing wrote"


def test_connections_of_one_lake_are_told_apart(place: Place) -> None:
    for name in ("one", "two"):
        with open_store(place(name)) as connection:
            connection.execute(ROW, [name, "", 1])
    with open_store(place("two")) as connection:
        connection.execute("delete from sync.dead_letters")
    assert kept(place("one")) == Counter([("one", "", 1)])
    assert kept(place("two")) == Counter()


@pytest.mark.long
def test_a_failed_body_keeps_what_it_committed(place: Place) -> None:
    paths = place()
    with pytest.raises(ZeroDivisionError), open_store(paths) as connection:
        connection.execute(ROW, ["committed", "", 1])
        connection.execute("begin transaction")
        connection.execute(ROW, ["not committed", "", 1])
        raise ZeroDivisionError
    assert kept(paths) == Counter([("committed", "", 1)])


@pytest.mark.long
def test_a_column_of_a_later_release_is_added_and_an_older_one_leaves_it(place: Place) -> None:
    paths = place()
    with open_store(paths) as connection:
        connection.execute(ROW, ["p1", "a", 1])
        connection.execute("alter table sync.dead_letters add column later varchar")
        connection.execute("update sync.dead_letters set later = 'x'")
    with open_store(paths) as connection:
        # This release's own table does not have it, so the lake's is left alone.
        assert letters(connection) == Counter([("p1", "a", 1)])
    assert kept(paths) == Counter([("p1", "a", 1)])


@pytest.mark.long
def test_the_published_tables_are_pushed_with_the_rows_of_views(place: Place) -> None:
    paths = place()
    with open_warehouse(paths) as warehouse:
        assert warehouse.lake is not None
        warehouse.connection.execute("create table people.people as select 'p1' as person_id")
        warehouse.connection.execute("create view staging.stg as select 'p1' as id")
        warehouse.connection.execute("comment on table people.people is 'Everybody'")
        warehouse.lake.push(("people", "staging"))
    with open_warehouse(paths, ("people", "staging")) as warehouse:
        assert warehouse.connection.execute("from people.people").fetchall() == [("p1",)]
        assert warehouse.connection.execute("from staging.stg").fetchall() == [("p1",)]
        comment = warehouse.connection.execute(
            "select comment from duckdb_tables() where table_name = 'people'"
        ).fetchone()
    assert comment == ("Everybody",)
    with open_warehouse(paths) as warehouse:
        assert warehouse.lake is not None
        # The next release has no such model any more.
        warehouse.lake.push(("people", "staging"))
        lake = warehouse.lake
        with attached(lake.connection, lake.place, lake.locks):
            assert lake.connection.execute("from lake.people.people").fetchall() == []


@pytest.mark.long
def test_the_key_of_pseudonyms_outlives_the_local_folder(place: Place, tmp_path: Path) -> None:
    from people_transforms.privacy.pseudonyms import load_key

    paths = place()
    with open_store(paths) as connection:
        key = load_key(paths.work.parent)
        connection.execute(ROW, ["p1", "", 1])
    assert files(paths) == {"lock"}
    with open_store(paths):
        assert load_key(paths.work.parent) == key
    with open_store(place("two")):
        assert load_key(place("two").work.parent) != key


@pytest.mark.long
def test_what_was_deleted_leaves_the_files_when_the_lake_sheds_it(
    place: Place, tmp_path: Path
) -> None:
    import datetime as dt

    word = "Kouřimská-7f3a"
    paths = place()
    with open_warehouse(paths) as warehouse:
        lake = warehouse.lake
        assert lake is not None
        for number in range(3):
            warehouse.connection.execute(ROW, [f"p{number}", f"{word} {number}", number])
        lake.push()
        assert legible(tmp_path / "lake", word), "control"
        warehouse.connection.execute("delete from sync.dead_letters where person_id = 'p1'")
        lake.push()
        assert legible(tmp_path / "lake", f"{word} 1"), "control: the old file is still there"
        assert lake.shed(dt.datetime.now(dt.UTC)) > 0
        assert legible(tmp_path / "lake", f"{word} 0")
        assert not legible(tmp_path / "lake", f"{word} 1")
        assert in_lake(warehouse) == letters(warehouse.connection)


def legible(folder: Path, word: str) -> bool:
    """Tell whether a value is in any Parquet file, in use or not."""
    found = False
    for path in folder.rglob("*.parquet"):
        if "delete" not in path.name:
            rows = duckdb.sql(f"select columns(*)::varchar from '{path}'").fetchall()  # noqa: S608
            found = found or any(
                value == word or word in (value or "") for r in rows for value in r
            )
    return found
