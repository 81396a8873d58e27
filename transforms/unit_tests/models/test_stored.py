"""What a store has of the models is tonight's, whether it was defined tonight or some night before."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest
from people_transforms.models import runner, stored

PAIRS = [("loket", "alleo"), ("alveno", "lunchdrive")]


def comment(pair: Any) -> None:
    runner.comment(pair.connection, source_system=pair.source_system, vendor=pair.vendor)


def shape(pair: Any) -> list[tuple[Any, ...]]:
    """Give every table, view and column of the models with its type and comment."""
    found: list[tuple[Any, ...]] = pair.connection.execute(
        "select schema_name, table_name, column_name, data_type, columns.comment, "
        "coalesce(tables.comment, views.comment), view_name is not null "
        "from duckdb_columns() as columns "
        "left join duckdb_tables() as tables using (database_name, schema_name, table_name) "
        "left join duckdb_views() as views on views.schema_name = columns.schema_name "
        "and view_name = columns.table_name and not views.internal "
        "where columns.schema_name in ('staging', 'people', 'mart') order by all"
    ).fetchall()
    return found


def definitions(pair: Any) -> list[int]:
    """Give the numbers that DuckDB gave to what is defined: others where it was defined anew."""
    rows = pair.connection.execute(
        "select table_oid from duckdb_tables() where schema_name in ('staging', 'people', 'mart') "
        "union all select view_oid from duckdb_views() "
        "where schema_name in ('staging', 'people', 'mart') order by all"
    ).fetchall()
    return [oid for (oid,) in rows]


@pytest.mark.parametrize(("source", "vendor"), PAIRS)
def test_rows_are_tonights_also_where_nothing_is_defined_anew(
    world: Any, source: str, vendor: str
) -> None:
    pair = world(source, vendor)
    pair.person("P1", start="2020-01-01")
    pair.build()
    comment(pair)
    before, known = shape(pair), definitions(pair)
    pair.person("P2", start="2020-01-01")
    pair.build()
    comment(pair)
    assert definitions(pair) == known and shape(pair) == before
    for table in ("people.people", "people.employments"):
        assert len(pair.rows(table)) == 2, table
    for stream in pair.streams.values():
        pair.connection.execute(f"delete from raw.{stream.table}")
    pair.build(audited=False)
    assert pair.rows("people.people") == pair.rows("people.employments") == []


@pytest.mark.parametrize(("source", "vendor"), PAIRS)
def test_the_type_of_a_column_does_not_depend_on_the_night_that_defined_it(
    world: Any, source: str, vendor: str
) -> None:
    full = world(source, vendor)
    full.person("P1", start="2020-01-01")
    full.known = ["11", "32567"]
    full.build()
    empty = world(source, vendor)
    empty.settings = {}
    empty.build(audited=False)
    assert shape(full) == shape(empty)


def test_what_another_release_or_a_run_that_was_cut_left_is_defined_anew(alleo: Any) -> None:
    alleo.person("P1", start="2020-01-01")
    alleo.build()
    comment(alleo)
    whole = shape(alleo)
    alleo.connection.execute("create or replace macro mart.built_from() as 'another release'")
    alleo.connection.execute(
        "drop table people.people; create view people.people as select 1 as one"
    )
    alleo.build()
    assert [row[:4] for row in shape(alleo)] == [row[:4] for row in whole]
    # Killed, or stopped by an audit, before the comments: the next night finds no mark.
    assert shape(alleo) != whole
    alleo.build()
    comment(alleo)
    assert shape(alleo) == whole


def test_a_store_of_another_pair_is_defined_anew(alleo: Any) -> None:
    assert stored.fingerprint_of("loket", "alleo") != stored.fingerprint_of("alveno", "alleo")
    alleo.build()
    comment(alleo)
    assert not stored.is_built_from(alleo.connection, stored.fingerprint_of("loket", "lunchdrive"))
    assert stored.is_built_from(alleo.connection, stored.fingerprint_of("loket", "alleo"))


def test_what_is_deleted_after_the_models_were_built_is_in_no_row_of_theirs(alleo: Any) -> None:
    alleo.person("P1", start="2020-01-01")
    alleo.person("P2", start="2020-01-01")
    alleo.build()
    alleo.connection.execute("delete from raw.loket__employments where employee_id = 'P1'")
    runner.store_again(alleo.connection, source_system="loket", vendor="alleo")
    employed = "select person_id from people.employments"
    assert alleo.connection.execute(employed).fetchall() == [("loket:E1:P2",)]


def test_what_a_source_hands_to_the_rules_is_not_stored(alleo: Any) -> None:
    alleo.person("P1", start="2020-01-01")
    alleo.build()
    known = "select table_name from information_schema.tables where table_name like 'people_input%'"
    assert alleo.connection.execute(known).fetchall() == []


@pytest.mark.parametrize(("source", "vendor"), PAIRS)
def test_the_history_is_read_where_the_file_has_the_name_of_a_schema(
    world: Any, tmp_path: Path, source: str, vendor: str
) -> None:
    pair = world(source, vendor)
    pair.person("P1", start="2020-01-01")
    pair.build()
    path = tmp_path / "staging.duckdb"
    pair.connection.execute(f"attach '{path}' as copied")
    pair.connection.execute(
        f"copy from database {pair.connection.execute('select current_database()').fetchone()[0]} to copied"
    )
    pair.connection.execute("detach copied")
    with duckdb.connect(str(path), read_only=True) as published:
        known = published.execute("select distinct person_id from people.person_history").fetchall()
    assert known == [(f"{source}:E1:P1",)]
