"""Views of the published file that would need this run's settings or the working file's name.

A file named `staging.duckdb` opens as the catalog `staging`, in which the schema `staging` can only be
named in full: a view that reads `staging.…` fails there. And an analyst has none of the variables that
the rules read. So the published file holds the rows of such views, with their comments.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from people_transforms.database_file import attach
from people_transforms.statements import quoted
from people_transforms.warehouse import packed_quickly


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
    attach(connection, copy, "published", key)
    try:
        with packed_quickly(connection):
            for schema, name, _ in views:
                connection.execute(
                    f"drop view published.{schema}.{name};"
                    f"create table published.{schema}.{name} as select * from {schema}.{name}"
                )
        for schema, name, comment in views:
            table = f"published.{schema}.{name}"
            if comment:
                connection.execute(f"comment on table {table} is {quoted(comment)}")
            for column, words in _column_comments(connection, schema, name):
                connection.execute(f"comment on column {table}.{column} is {quoted(words)}")
        connection.execute("checkpoint published")
    finally:
        connection.execute("detach published")


def _column_comments(
    connection: duckdb.DuckDBPyConnection, schema: str, name: str
) -> list[tuple[str, str]]:
    return connection.execute(
        """
        select column_name, comment from duckdb_columns()
        where database_name = current_database() and schema_name = ? and table_name = ?
        and comment is not null
        """,
        [schema, name],
    ).fetchall()
