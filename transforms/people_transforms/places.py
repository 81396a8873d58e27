"""The names of the platform's companies or clients, kept for whoever reads a report."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from people_transforms.delivery.vendor import Place


def store_places(
    connection: duckdb.DuckDBPyConnection, vendor: str, places: Sequence[Place]
) -> None:
    """Remember what each place is called; one that is gone keeps its last name."""
    known = load_places(connection)
    names = {place.account_key: place.name for place in places}
    new = [key for key, name in names.items() if key not in known or known[key] != name]
    if not new:
        return
    connection.execute("begin transaction")
    connection.execute(
        "delete from sync.places where vendor = $vendor and list_contains($new, account_key)",
        {"vendor": vendor, "new": new},
    )
    connection.execute(
        "insert into sync.places select $vendor, unnest($keys::varchar[]), unnest($names::varchar[])",
        {"vendor": vendor, "keys": new, "names": [names[key] for key in new]},
    )
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
