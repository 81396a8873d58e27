"""The schemas of a store, and the tables of schema `sync` as sync_tables.yaml describes them."""

from __future__ import annotations

import importlib.resources
from functools import cache
from typing import Any

import duckdb
import yaml

from people_transforms.store.statements import in_one_transaction, quoted

SCHEMAS = ("raw", "staging", "people", "mart", "sync", "report")


@cache
def described() -> dict[str, Any]:
    """Read sync_tables.yaml: table → its comment, and its columns with type and comment."""
    file = importlib.resources.files(__package__).joinpath("sync_tables.yaml")
    tables: dict[str, Any] = yaml.load(file.read_text(), Loader=yaml.CSafeLoader)
    return tables


def create_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the schemas and the tables of schema `sync`, adding columns that a release added."""
    statements = [f"create schema if not exists {schema}" for schema in SCHEMAS]
    known = set(
        connection.execute(
            "select table_name, column_name from duckdb_columns() where schema_name = 'sync'"
        ).fetchall()
    )
    for table, description in described().items():
        columns = description["columns"]
        if all((table, column) in known for column in columns):
            continue
        listed = ", ".join(f"{name} {column['type']}" for name, column in columns.items())
        statements.append(f"create table if not exists sync.{table} ({listed})")
        statements.append(f"comment on table sync.{table} is {quoted(description['comment'])}")
        for name, column in columns.items():
            if (table, name) not in known:
                statements.append(
                    f"alter table sync.{table} add column if not exists {name} {column['type']}"
                )
            statements.append(
                f"comment on column sync.{table}.{name} is {quoted(column['comment'])}"
            )
    in_one_transaction(connection, statements)
