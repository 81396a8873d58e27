"""Which tables a store has, for what must look into each of them."""

from __future__ import annotations

import duckdb


def columns_of_tables(connection: duckdb.DuckDBPyConnection) -> dict[str, list[str]]:
    """Give the columns of each table of the store by `schema.table`; views hold no rows."""
    rows = connection.execute(
        """
        select columns.schema_name || '.' || columns.table_name, list(column_name)
        from duckdb_columns() as columns
        semi join duckdb_tables() as tables
            on columns.table_oid = tables.table_oid
            and columns.database_name = tables.database_name
        where columns.database_name = current_database()
        group by all order by all
        """
    ).fetchall()
    return dict(rows)
