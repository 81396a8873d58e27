"""A difference between two engines is seen: the comparison can fail."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest

from .compare import Rows, differences, read_rows

KINDS = {"person_id": "VARCHAR", "born_on": "DATE", "args": "JSON", "chips": "VARCHAR[]"}
ROWS = """
    select * from (values
        ('P1', date '1990-01-01', '{"a":50,"b":null}', ['1', null]),
        ('P2', null, null, [])
    ) as people (person_id, born_on, args, chips)
"""


def rows(sql: str) -> Rows:
    with duckdb.connect() as connection:
        connection.execute(f"create table people as {sql}")
        return read_rows(connection, "people", KINDS)


def test_json_is_compared_by_its_value() -> None:
    other = ROWS.replace('{"a":50,"b":null}', '{ "b": null, "a": 50.0 }')
    assert differences(rows(ROWS), rows(other), ["person_id"]) == []


@pytest.mark.parametrize(
    ("old", "new", "column"),
    [
        ("1990-01-01", "1990-01-02", "born_on"),
        ('"b":null', '"b":0', "args"),
        ('"a":50,"b":null', '"a":50', "args"),
        ("['1', null]", "['1']", "chips"),
        ("['1', null]", "[null, '1']", "chips"),
        ("'P2', null, null, []", "'P2', null, null, null", "chips"),
    ],
)
def test_one_other_value_is_told_with_its_key_and_column(old: str, new: str, column: str) -> None:
    told = differences(rows(ROWS), rows(ROWS.replace(old, new)), ["person_id"])
    assert told[0] == "1 rows here alone, 1 there alone"
    key = "('P2',)" if "P2" in old else "('P1',)"
    assert told[1].startswith(f"{key}: {column} ")


def test_a_row_twice_is_not_a_row() -> None:
    told = differences(rows(ROWS), rows(f"{ROWS} union all {ROWS}"), ["person_id"])
    assert told[0] == "0 rows here alone, 2 there alone"


@pytest.mark.parametrize(("ours", "theirs"), [("true", "1"), ("'1'", "1"), ("null", "''")])
def test_values_of_another_kind_are_not_equal(ours: Any, theirs: Any) -> None:
    assert differences(rows(f"select {ours} as x"), rows(f"select {theirs} as x"), [])


def test_another_order_of_columns_is_told() -> None:
    told = differences(rows("select 1 as x, 2 as y"), rows("select 2 as y, 1 as x"), [])
    assert told == ["columns: ('x', 'y') and ('y', 'x')"]
