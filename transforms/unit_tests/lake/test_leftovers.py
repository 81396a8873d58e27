"""What is removed from a lake is in no table of its catalog and in no file, and nobody else's row hides."""

from __future__ import annotations

import datetime as dt

import duckdb
import psycopg
from people_transforms.store.lake.attach import attached, load_extensions
from people_transforms.store.lake.locks import connect
from people_transforms.store.warehouse import StorePaths, open_warehouse

from .conftest import Place

LOWEST, HIGHEST = "aaa.canary@example.nl", "zzz.canary@example.nl"
LETTERS = "insert into sync.dead_letters (person_id, attempts) values (?, ?)"


def in_catalog(paths: StorePaths, word: str) -> list[str]:
    """The catalog's tables that have a word anywhere."""
    assert paths.lake is not None
    with psycopg.connect(paths.lake.catalog, autocommit=True) as catalog:
        tables = catalog.execute(
            "select schemaname, tablename from pg_tables "
            "where schemaname not in ('pg_catalog', 'information_schema')"
        ).fetchall()
        return [
            table
            for schema, table in tables
            if catalog.execute(
                f'select 1 from "{schema}"."{table}" as x where strpos(x::text, %s) > 0 limit 1',
                [word],
            ).fetchone()
        ]


def ask(paths: StorePaths, condition: str) -> list[str]:
    """The people of the whole lake who meet a condition, as an analyst asks it."""
    assert paths.lake is not None
    with connect(paths.lake) as locks, duckdb.connect() as connection:
        load_extensions(connection, paths.lake)
        with attached(connection, paths.lake, locks):
            rows = connection.execute(
                f"select person_id from lake.sync.dead_letters where {condition} order by 1"
            ).fetchall()
    return [row[0] for row in rows]


def test_an_erased_address_is_in_no_table_of_the_catalog_and_hides_nobody(place: Place) -> None:
    one, two = place("one"), place("two", data_path=place("one").lake.data_path)  # type: ignore[union-attr]
    with open_warehouse(one) as run:
        for person in (LOWEST, "m@example.nl", HIGHEST):
            run.connection.execute(LETTERS, [person, 5])
        run.connection.execute(
            "create table people.people as select date '1951-02-03' as birth_on, ? as email",
            [LOWEST],
        )
        run.connection.execute(
            "insert into people.people values (date '1980-01-01', 'm@example.nl')"
        )
        assert run.lake is not None
        run.lake.push(("sync", "people"))
    with open_warehouse(two) as run:
        run.connection.execute(LETTERS, ["k@example.nl", 1])
    assert in_catalog(one, LOWEST) and in_catalog(one, "1951-02-03"), "control"
    with open_warehouse(one, ("raw", "sync", "people")) as run:
        for person in (LOWEST, HIGHEST):
            run.connection.execute("delete from sync.dead_letters where person_id = ?", [person])
        run.connection.execute("delete from people.people where email = ?", [LOWEST])
        assert run.lake is not None
        run.lake.push(("raw", "sync", "people"))
        run.lake.shed(dt.datetime.now(dt.UTC))
    for word in (LOWEST, HIGHEST, "1951-02-03"):
        assert in_catalog(one, word) == [], word
    # A further night, whose rows lie between those of the others.
    with open_warehouse(one) as run:
        run.connection.execute(LETTERS, ["p@example.nl", 6])
    for word in (LOWEST, HIGHEST):
        assert in_catalog(one, word) == [], word
    assert in_catalog(one, "k@example.nl"), "control: who is there is in the files' statistics"
    assert ask(one, "person_id = 'k@example.nl'") == ["k@example.nl"]
    assert ask(one, "person_id < 'l'") == ["k@example.nl"]
    assert ask(one, "person_id > 'o'") == ["p@example.nl"]
    assert ask(one, "true") == ["k@example.nl", "m@example.nl", "p@example.nl"]
