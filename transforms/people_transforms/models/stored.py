"""What the models made, in the store: their rows or a view, and what each table and column is.

Whoever opens the published file has none of the run's variables, and under the name `staging.duckdb` it is
the catalog `staging`, in which a view on `staging.…` fails: such a model is stored with its rows, like a table.
A model of kind `inline` is a view all the same, with what it reads written into it: to write the history and
the employments of everybody anew every night costs more than to compute them.

Where the store has the same models already only rows are replaced: to define and to comment costs more
than the rows of a small employer. What they are made from is the name of a macro's answer, `mart.built_from()`,
which goes with its schema and is no table for anybody.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING

import duckdb

from people_transforms import person_id
from people_transforms.models import typed_text
from people_transforms.models.purposes import purpose_of
from people_transforms.models.vendors import read, vendors
from people_transforms.store.statements import in_one_transaction, quoted

if TYPE_CHECKING:
    from people_transforms.models.runner import Model

_MARK = "mart.built_from"
_STAGING = re.compile(r"\b(from|join) (staging\.\w+)")


def is_kept(model: Model) -> bool:
    """Tell whether a model is in the store at all; what a source hands to the rules is for the run only."""
    return not model.name.startswith("staging.people_input_")


def has_rows(model: Model) -> bool:
    """Tell whether a model is stored with its rows; else it is a view."""
    reads_staging = any(name.startswith("staging.") for name in model.reads)
    return model.kind == "table" or (
        is_kept(model) and model.kind != "inline" and (reads_staging or "getvariable(" in model.sql)
    )


def define_macros(connection: duckdb.DuckDBPyConnection, fingerprint: str) -> None:
    """Define what the models call, where the store has it not from the same models."""
    if not is_built_from(connection, fingerprint):
        typed_text.define(connection)
        person_id.define(connection)


def would_be_view(model: Model) -> bool:
    """Tell whether a model is stored with its rows only because nobody could read the view."""
    return has_rows(model) and model.kind != "table"


def is_built_from(connection: duckdb.DuckDBPyConnection, fingerprint: str) -> bool:
    """Tell whether the store has these models, with their comments."""
    try:
        return connection.execute(f"select {_MARK}()").fetchone() == (fingerprint,)
    except duckdb.CatalogException:
        return False


@cache
def fingerprint_of(source_system: str, vendor: str) -> str:
    """Tell the models of one release and pair from any others: all that is in their folder, and the id."""
    # Of another release of DuckDB a column may have another type.
    known = f"{source_system} {vendor} {duckdb.__version__}"
    text = hashlib.md5(known.encode(), usedforsecurity=False)
    text.update(person_id.sql_id("source", "employer_id", "employee_id").encode())
    for file in _files(files(__package__)):
        text.update(file.name.encode() + file.read_bytes())
    return text.hexdigest()


def _files(folder: Traversable) -> Iterator[Traversable]:
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir():
            yield from _files(entry)
        elif entry.name.endswith((".sql", ".yaml", ".py")):
            yield entry


def empty_schemas() -> list[str]:
    """Drop what another release or another pair left too: a table there may be a view here."""
    return [
        f"drop schema if exists {schema} cascade; create schema {schema}"
        for schema in ("mart", "people", "staging")
    ]


def statements(model: Model, sql: str, built: Sequence[Model], *, is_there: bool) -> Iterator[str]:
    """Store a model, of which `sql` gives the rows; where it is there already, only its rows."""
    if has_rows(model):
        if is_there:
            yield f"truncate {model.name}"
            yield f"insert into {model.name}\n{sql}"
        else:
            yield f"create table {model.name} as\n{sql}"
    elif is_kept(model) and not is_there:
        definition = _written_out(model, built) if model.kind == "inline" else model.sql
        yield f"create view {model.name} as\n{definition}"


def _written_out(model: Model, built: Sequence[Model]) -> str:
    """Give the SELECT of a model with those of the staging models that it reads in it."""
    named = {one.name: one for one in built}
    return _STAGING.sub(
        lambda found: f"{found[1]} (\n{_written_out(named[found[2]], built)}\n)", model.sql
    )


def comment(
    connection: duckdb.DuckDBPyConnection,
    built: Sequence[Model],
    source_system: str,
    fingerprint: str,
) -> None:
    """Comment on every table and column of the models, and note what they are built from."""
    if is_built_from(connection, fingerprint):
        return
    kinds = {
        model.name: "table" if has_rows(model) else "view" for model in built if is_kept(model)
    }
    statements = [
        f"comment on {kinds[model.name]} {model.name} is {quoted(_table_comment(model))}"
        for model in built
        if is_kept(model)
    ]
    columns = connection.execute(
        "select schema_name || '.' || table_name, column_name from duckdb_columns() "
        "where schema_name in ('staging', 'people', 'mart')"
    ).fetchall()
    comments = column_comments()
    for table, column in columns:
        comment = comments.get(table, {}).get(column) or comments["common"].get(column)
        if table in kinds and comment:
            if table.startswith("mart.") and (why := purpose_of(table, column, source_system)):
                comment = f"{comment}. Purpose: {why.purpose}"
            statements.append(f"comment on column {table}.{column} is {quoted(comment)}")
    statements.append(f"create or replace macro {_MARK}() as {quoted(fingerprint)}")
    in_one_transaction(connection, statements)


@cache
def column_comments() -> dict[str, dict[str, str]]:
    """Read columns.yaml and each platform's own: model → column → comment; `common` holds for all."""
    comments: dict[str, dict[str, str]] = read(files(__package__).joinpath("columns.yaml"))
    for vendor in vendors().values():
        for table, columns in vendor.get("columns", {}).items():
            comments[table] = {name: one["comment"] for name, one in columns.items()}
    return comments


def _table_comment(model: Model) -> str:
    return (
        f"{model.purpose} One row per {', '.join(model.grain)}." if model.grain else model.purpose
    )
