"""Whether two engines have the same rows, as multisets, and if not, which people and columns differ.

Text, numbers, days and lists must be equal. JSON is compared by its value: white space, the order of
members and `50.0` for `50` are no difference there.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

Row = tuple[Any, ...]
_SHOWN = 5
_INSTANT = "TIMESTAMP WITH TIME ZONE"


@dataclass(frozen=True)
class Rows:
    """What one engine has of a model; JSON columns as values."""

    columns: tuple[str, ...]
    rows: Counter[Row]


def read_rows(connection: duckdb.DuckDBPyConnection, table: str, kinds: Mapping[str, str]) -> Rows:
    """Read a table or file whose columns are, in DuckDB's words, of these kinds."""
    found = connection.execute(f"describe from {table}").fetchall()
    columns = tuple(row[0] for row in found)
    # Instants need another package in Python.
    listed = ", ".join(
        f"epoch_us({column})" if kinds.get(column) == _INSTANT else column for column in columns
    )
    is_json = [kinds.get(column) == "JSON" for column in columns]
    rows = connection.execute(f"select {listed} from {table}").fetchall()
    return Rows(columns, Counter(_valued(row, is_json) for row in rows))


def _valued(row: Row, is_json: Sequence[bool]) -> Row:
    return tuple(
        _frozen(json.loads(value) if parsed and value is not None else value)
        for value, parsed in zip(row, is_json, strict=True)
    )


def _frozen(value: Any) -> Any:
    """Make a value one that can be counted; true is not 1."""
    if isinstance(value, list):
        return tuple(map(_frozen, value))
    if isinstance(value, dict):
        return frozenset((name, _frozen(one)) for name, one in value.items())
    return ("is", value) if isinstance(value, bool) else value


def differences(ours: Rows, theirs: Rows, grain: Sequence[str]) -> list[str]:
    """Say how many rows differ, and of a few of them the key and the columns."""
    if ours.columns != theirs.columns:
        return [f"columns: {ours.columns} and {theirs.columns}"]
    only_ours, only_theirs = ours.rows - theirs.rows, theirs.rows - ours.rows
    if not only_ours and not only_theirs:
        return []
    places = [ours.columns.index(name) for name in grain if name in ours.columns]
    by_key = {_key(row, places): row for row in only_theirs}
    told = [f"{only_ours.total()} rows here alone, {only_theirs.total()} there alone"]
    for row in sorted(only_ours, key=repr)[:_SHOWN]:
        key = _key(row, places)
        other = by_key.get(key)
        told.append(f"{key}: " + (", ".join(_unequal(ours.columns, row, other)) or "no such row"))
    told += [f"{_key(row, places)}: only there" for row in sorted(only_theirs, key=repr)[:_SHOWN]]
    return told


def _key(row: Row, places: Iterable[int]) -> Row:
    return tuple(row[place] for place in places)


def _unequal(columns: Sequence[str], row: Row, other: Row | None) -> list[str]:
    if other is None:
        return []
    return [
        f"{column} {one!r} <> {two!r}"
        for column, one, two in zip(columns, row, other, strict=True)
        if one != two
    ]
