"""The raw tables: one column per stored value, and the validity of each version."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import duckdb

from people_transforms.models.contracts import RawStream
from people_transforms.store.statements import in_one_transaction, quoted

_HISTORY_COLUMNS = {
    "_record_hash": ("ubigint", "First 64 bits of the md5 of the stored values of this version"),
    "_valid_from_run": ("varchar", "Run that first saw this version"),
    "_valid_to_run": (
        "varchar",
        "Run that saw the next version or the record's absence; null = current",
    ),
    "_extracted_at": ("timestamptz", "When the source read this version (UTC)"),
}


def create_raw_tables(connection: duckdb.DuckDBPyConnection, streams: Iterable[RawStream]) -> None:
    """Create the raw tables of streams with their comments, or add columns a release added."""
    known = set(
        connection.execute(
            "select table_name, column_name from duckdb_columns() where schema_name = 'raw'"
        ).fetchall()
    )
    statements: list[str] = []
    for stream in streams:
        columns = {
            c.name: (c.stored_as, f"{c.comment}. Purpose: {c.purpose}") for c in stream.columns
        }
        columns |= _HISTORY_COLUMNS
        if not all((stream.table, name) in known for name in columns):
            statements += _definition(stream, columns)
    if statements:
        in_one_transaction(connection, statements)


def _definition(stream: RawStream, columns: Mapping[str, tuple[str, str]]) -> Iterator[str]:
    table = f"raw.{stream.table}"
    listed = ", ".join(f"{name} {kind}" for name, (kind, _) in columns.items())
    yield f"create table if not exists {table} ({listed})"
    yield f"comment on table {table} is {quoted(stream.description)}"
    for name, (kind, comment) in columns.items():
        yield f"alter table {table} add column if not exists {name} {kind}"
        yield f"comment on column {table}.{name} is {quoted(comment)}"
