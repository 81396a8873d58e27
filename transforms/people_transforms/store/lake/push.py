"""Write to the lake what is different locally, in one transaction of the lake.

A table that is as the lake has it costs nothing: rows are counted and their hashes added up locally, and
compared with those of the last push. A small table that changed is replaced, so that it stays one file per
connection; of a large one the rows that changed are replaced. Hashes are compared within one release of
DuckDB only; one that differs after an upgrade costs one needless write.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import duckdb

from people_transforms.store.lake.attach import NAME
from people_transforms.store.lake.tables import KEPT_IN_CATALOG, Table

# Below it a table is written whole: a file of so many rows costs as much as one of ten.
SMALL = 2_000
Print = tuple[int, str]
EMPTY: Print = (0, "0")


@dataclass(frozen=True, slots=True)
class Difference:
    """What a push does to one table: replace all rows of the connection, or some of them."""

    table: Table
    is_whole: bool
    has_rows: bool
    gone: int = 0


def fingerprints(
    connection: duckdb.DuckDBPyConnection, tables: Iterable[Table]
) -> dict[str, Print]:
    """Count the rows of local tables and add up their hashes: equal for equal rows, repeats counted."""
    parts = [
        f"select '{table.name}', count(*), "
        f"coalesce(sum(hash({table.listed})::hugeint), 0)::varchar from store.{table.name}"
        for table in tables
    ]
    if not parts:
        return {}
    rows = connection.execute(" union all ".join(parts)).fetchall()
    return {name: (count, total) for name, count, total in rows}


def note_rows(connection: duckdb.DuckDBPyConnection, tables: Iterable[Table]) -> None:
    """Remember the hashes of large tables' rows, as the lake has them now."""
    for table in tables:
        connection.execute(
            f"create or replace temp table {_mirror(table)} as "
            f"select hash({table.listed}) as row_hash, count(*) as copies "
            f"from store.{table.name} group by all"
        )


def compare(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    now: Print,
    before: Print,
    *,
    is_noted: bool,
) -> Difference:
    """Decide how a changed table is written; fills `temp.changed_…` for one that is written in part."""
    by_rows = table.name in KEPT_IN_CATALOG or max(now[0], before[0]) > SMALL
    if not (by_rows and is_noted):
        return Difference(table, is_whole=True, has_rows=before[0] > 0)
    # Equal rows can't be told apart: if one of them is too many or missing, all are written anew.
    connection.execute(
        f"""
        create or replace temp table {_changed(table)} as
        with here as (
            select hash({table.listed}) as row_hash, count(*) as copies
            from store.{table.name} group by all
        )
        select coalesce(here.row_hash, there.row_hash) as row_hash,
            coalesce(there.copies, 0) as gone,
        from here full outer join temp.{_mirror(table)} as there on here.row_hash = there.row_hash
        where here.copies is distinct from there.copies
        """
    )
    row = connection.execute(
        f"select coalesce(sum(gone), 0)::bigint from temp.{_changed(table)}"
    ).fetchone()
    gone = int(row[0]) if row else 0
    return Difference(table, is_whole=False, has_rows=gone > 0, gone=gone)


def write(
    connection: duckdb.DuckDBPyConnection,
    connection_id: str,
    differences: Iterable[Difference],
    removed: Iterable[str] = (),
) -> None:
    """Write differences to the attached lake, inside the caller's transaction.

    `removed` names tables that the local store has no more.
    """
    for name in removed:
        _delete(connection, name, connection_id)
    for difference in differences:
        table = difference.table
        if difference.is_whole:
            if difference.has_rows:
                _delete(connection, table.name, connection_id)
            _insert(connection, table, connection_id, "")
            continue
        changed = f"hash({table.listed}) in (select row_hash from temp.{_changed(table)})"
        if difference.has_rows:
            gone = _delete(connection, table.name, connection_id, f"and {changed}")
            if gone != difference.gone:
                # A column has another type in the lake, so that hashes differ.
                _delete(connection, table.name, connection_id)
                _insert(connection, table, connection_id, "")
                continue
        _insert(connection, table, connection_id, f"where {changed}")


def _delete(
    connection: duckdb.DuckDBPyConnection, name: str, connection_id: str, condition: str = ""
) -> int:
    row = connection.execute(
        f"delete from {NAME}.{name} where connection_id = ? {condition}", [connection_id]
    ).fetchone()
    return int(row[0]) if row else 0


def _insert(
    connection: duckdb.DuckDBPyConnection, table: Table, connection_id: str, condition: str
) -> None:
    connection.execute(
        f"insert into {NAME}.{table.name} (connection_id, {table.listed}) "
        f"select ?, {table.listed} from store.{table.name} {condition}",
        [connection_id],
    )


def large(tables: Mapping[str, Table], prints: Mapping[str, Print]) -> list[Table]:
    """Pick the tables of which changed rows are written instead of all."""
    return [
        table
        for name, table in tables.items()
        if name in KEPT_IN_CATALOG or prints[name][0] > SMALL
    ]


def _mirror(table: Table) -> str:
    return f"mirror_of_{table.name.replace('.', '__')}"


def _changed(table: Table) -> str:
    return f"changed_in_{table.name.replace('.', '__')}"
