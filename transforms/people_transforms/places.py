"""The names of the platform's companies or clients, kept for whoever reads a report."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from people_transforms.delivery.vendor import Place


def store_places(
    connection: duckdb.DuckDBPyConnection, vendor: str, places: Sequence[Place]
) -> None:
    """Remember what each place is called; one that is gone keeps its last name."""
    if not places:
        return
    rows = [[vendor, place.account_key, place.name] for place in places]
    connection.execute("begin transaction")
    connection.executemany(
        "delete from sync.places where vendor = ? and account_key = ?", [row[:2] for row in rows]
    )
    connection.executemany("insert into sync.places values (?, ?, ?)", rows)
    connection.execute("commit")


def load_places(connection: duckdb.DuckDBPyConnection) -> dict[str, str | None]:
    """Give the name of each place by its key; empty where a store knows none yet."""
    is_there = connection.execute(
        "select 1 from duckdb_tables() where schema_name = 'sync' and table_name = 'places' "
        "and database_name = current_database()"
    ).fetchone()
    if not is_there:
        return {}
    return dict(connection.execute("select account_key, place_name from sync.places").fetchall())
