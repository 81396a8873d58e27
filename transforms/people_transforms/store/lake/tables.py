"""The tables of the local file and of the lake: names, columns, and making in the lake what it lacks."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

import duckdb

from people_transforms.store.lake.attach import NAME
from people_transforms.store.statements import in_one_transaction, quoted, quoted_name

# Rows of few connections a night, read by all of them: PostgreSQL keeps them itself, not in files.
KEPT_IN_CATALOG = ("sync.runs", "sync.connections")
_ROWS_IN_CATALOG = 5_000
# One row per connection; it is the lake's own, no local table stands behind it.
CONNECTIONS = "sync.connections"
_CONNECTIONS = (
    f"create table if not exists {NAME}.{CONNECTIONS} "
    "(connection_id varchar, accounts json, tables json, pushed_at timestamptz)"
)
# In a folder of its own, so that analysts can be given the other ones.
KEYS = "private.pseudonym_keys"
_KEYS = f"create table if not exists {NAME}.{KEYS} (connection_id varchar, key blob)"
# DuckDB's own list of tables asks the lake for the size of each: ten times as slow.
_CATALOG = f"__ducklake_metadata_{NAME}"
_LAKE_COMMENTS = f"""
    select schemas.schema_name || '.' || tables.table_name, tags.value
    from {_CATALOG}.ducklake_tag as tags
    inner join {_CATALOG}.ducklake_table as tables
        on tags.object_id = tables.table_id and tables.end_snapshot is null
    inner join {_CATALOG}.ducklake_schema as schemas
        on tables.schema_id = schemas.schema_id and schemas.end_snapshot is null
    where tags.key = 'comment' and tags.end_snapshot is null
"""
_ID_COMMENT = "Connection of the fleet that the row belongs to"


@dataclass(frozen=True, slots=True)
class Table:
    """A table or view with its columns: name → (type, comment)."""

    name: str
    columns: Mapping[str, tuple[str, str | None]]
    comment: str | None = None

    @property
    def listed(self) -> str:
        """The columns in an order that doesn't depend on when they were added."""
        return ", ".join(quoted_name(name) for name in sorted(self.columns))


def tables_of(
    connection: duckdb.DuckDBPyConnection, database: str, schemas: Collection[str]
) -> dict[str, Table]:
    """List the tables and views of some schemas."""
    rows = connection.execute(
        """
        select schema_name || '.' || table_name, column_name, data_type, comment
        from duckdb_columns()
        where database_name = ? and list_contains(?, schema_name) order by 1, column_index
        """,
        [database, list(schemas)],
    ).fetchall()
    columns: dict[str, dict[str, tuple[str, str | None]]] = {}
    for table, column, kind, comment in rows:
        columns.setdefault(table, {})[column] = (kind, comment)
    comments = _comments(connection, database, schemas)
    return {name: Table(name, found, comments.get(name)) for name, found in columns.items()}


def _comments(
    connection: duckdb.DuckDBPyConnection, database: str, schemas: Collection[str]
) -> dict[str, str]:
    is_lake = (
        database == NAME
        and connection.execute(
            "select 1 from duckdb_databases() where database_name = ?", [_CATALOG]
        ).fetchone()
    )
    if is_lake:
        return dict(connection.execute(_LAKE_COMMENTS).fetchall())
    found: dict[str, str] = {}
    for what in ("table", "view"):
        found |= dict(
            connection.execute(
                f"select schema_name || '.' || {what}_name, comment from duckdb_{what}s() "
                "where database_name = ? and list_contains(?, schema_name) "
                "and comment is not null",
                [database, list(schemas)],
            ).fetchall()
        )
    return found


def add_missing(
    connection: duckdb.DuckDBPyConnection,
    wanted: Mapping[str, Table],
    known: Mapping[str, Table],
) -> bool:
    """Make in the attached lake what local tables need; True if something was made.

    One transaction: of processes that do it at once, one wins and the others find it done.
    """
    statements = list(_statements(wanted, known))
    if not statements:
        return False
    in_one_transaction(connection, statements)
    return True


def needs_more(wanted: Mapping[str, Table], known: Mapping[str, Table]) -> bool:
    """Tell whether the lake lacks a table or a column, as far as is known."""
    return CONNECTIONS not in known or any(
        name not in known or table.columns.keys() - known[name].columns.keys()
        for name, table in wanted.items()
    )


def _statements(wanted: Mapping[str, Table], known: Mapping[str, Table]) -> Iterator[str]:
    is_new = CONNECTIONS not in known
    schemas = {name.split(".")[0] for name in wanted if name not in known}
    for schema in sorted(schemas | ({"private"} if is_new else set())):
        yield f"create schema if not exists {NAME}.{schema}"
    if is_new:
        yield _CONNECTIONS
        yield _KEYS
    for name, table in wanted.items():
        if name not in known:
            yield from _definition(table)
            continue
        for column, (kind, comment) in table.columns.items():
            if column not in known[name].columns:
                yield f"alter table {NAME}.{name} add column {quoted_name(column)} {kind}"
                if comment:
                    yield _comment(name, column, comment)


def keep_in_catalog(connection: duckdb.DuckDBPyConnection, names: Collection[str]) -> None:
    """Let PostgreSQL keep the rows of a few small tables; see KEPT_IN_CATALOG."""
    for name in sorted(set(KEPT_IN_CATALOG) & set(names)):
        schema, table = name.split(".")
        connection.execute(
            f"call {NAME}.set_option('data_inlining_row_limit', {_ROWS_IN_CATALOG}, "
            f"schema => '{schema}', table_name => '{table}')"
        )


def _definition(table: Table) -> Iterator[str]:
    columns = ", ".join(f"{quoted_name(name)} {kind}" for name, (kind, _) in table.columns.items())
    yield f"create table if not exists {NAME}.{table.name} (connection_id varchar, {columns})"
    if table.comment:
        yield f"comment on table {NAME}.{table.name} is {quoted(table.comment)}"
    yield _comment(table.name, "connection_id", _ID_COMMENT)
    for name, (_, comment) in table.columns.items():
        if comment:
            yield _comment(table.name, name, comment)


def _comment(table: str, column: str, comment: str) -> str:
    return f"comment on column {NAME}.{table}.{quoted_name(column)} is {quoted(comment)}"
