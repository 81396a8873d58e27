"""Fill a local store from the lake: this connection's rows, in tables as they were."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import duckdb

from people_transforms.store.lake.attach import NAME
from people_transforms.store.lake.tables import Table
from people_transforms.store.statements import in_one_transaction, quoted, quoted_name


def hydrate(
    connection: duckdb.DuckDBPyConnection,
    connection_id: str,
    held: Mapping[str, int],
    lake: Mapping[str, Table],
    local: Mapping[str, Table],
    schemas: Collection[str],
) -> None:
    """Copy this connection's rows of some schemas of the attached lake into the database `store`.

    `held` says how many rows each table has for this connection: nothing is asked about empty ones.
    `local` are the tables that the store has already.
    """
    wanted = [name for name in held if name.split(".")[0] in schemas and name in lake]
    statements = [f"create schema if not exists store.{schema}" for schema in schemas]
    for name in wanted:
        if name not in local:
            statements += _definition(lake[name])
    in_one_transaction(connection, statements)
    filled = [name for name in wanted if held[name]]
    if not filled:
        return
    rows = {name: _rows(lake[name], local.get(name)) for name in filled}
    # The rows of all tables are of one snapshot; a transaction may write to one database only.
    connection.execute("begin transaction")
    for name, listed in rows.items():
        connection.execute(
            f"insert into store.{name} ({listed}) "
            f"select {listed} from {NAME}.{name} where connection_id = ?",
            [connection_id],
        )
    connection.execute("commit")


def _rows(lake: Table, local: Table | None) -> str:
    """List the columns to copy: what a later release added is left where it is."""
    known = set(local.columns) if local else set(lake.columns)
    return ", ".join(
        quoted_name(name) for name in lake.columns if name in known and name != "connection_id"
    )


def _definition(table: Table) -> list[str]:
    columns = {name: what for name, what in table.columns.items() if name != "connection_id"}
    listed = ", ".join(f"{quoted_name(name)} {kind}" for name, (kind, _) in columns.items())
    made = [f"create table store.{table.name} ({listed})"]
    if table.comment:
        made.append(f"comment on table store.{table.name} is {quoted(table.comment)}")
    for name, (_, comment) in columns.items():
        if comment:
            column = f"store.{table.name}.{quoted_name(name)}"
            made.append(f"comment on column {column} is {quoted(comment)}")
    return made
