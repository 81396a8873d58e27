"""Views of the published file that would need this run's settings or the working file's name.

A file named `staging.duckdb` opens as the catalog `staging`, in which the schema `staging` can only be
named in full: a view that reads `staging.…` fails there. And an analyst has none of the variables that
the rules read. So the published file holds the rows of such views, with their comments.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from people_transforms.store.database_file import attach
from people_transforms.store.statements import in_one_transaction, quoted
from people_transforms.store.warehouse import packed_quickly


def store_rows_of_views(connection: duckdb.DuckDBPyConnection, copy: Path, key: str | None) -> None:
    """Replace those views in the copy by tables with the rows of this run."""
    views = connection.execute(
        """
        select schema_name, view_name, comment from duckdb_views()
        where database_name = current_database() and not internal
        and (
            regexp_matches(regexp_replace(sql, '^.*?\\bAS\\b', '', 'is'), '\\bstaging\\.')
            or contains(sql, 'getvariable')
        )
        order by all
        """
    ).fetchall()
    names = [f"{schema}.{name}" for schema, name, _ in views]
    statements = [
        f"drop view published.{name}; create table published.{name} as select * from {name}"
        for name in names
    ]
    statements += [
        f"comment on table published.{schema}.{name} is {quoted(comment)}"
        for schema, name, comment in views
        if comment
    ]
    statements += [
        f"comment on column published.{name}.{column} is {quoted(comment)}"
        for name, column, comment in _column_comments(connection, names)
    ]
    attach(connection, copy, "published", key)
    try:
        with packed_quickly(connection):
            in_one_transaction(connection, statements)
        connection.execute("checkpoint published")
    finally:
        connection.execute("detach published")


def _column_comments(
    connection: duckdb.DuckDBPyConnection, names: list[str]
) -> list[tuple[str, str, str]]:
    return connection.execute(
        """
        select schema_name || '.' || table_name as name, column_name, comment from duckdb_columns()
        where database_name = current_database() and name in (from (select unnest(?)))
        and comment is not null
        """,
        [names],
    ).fetchall()
