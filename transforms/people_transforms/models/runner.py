"""Build the models in the order of their references, and audit what they made.

A model is one SELECT in one file; the file's name is the table's name. Header lines:

    -- grain: person_id          the columns that identify a row (or `one row`)
    -- What the model is for.    becomes the table's comment, with the grain
    -- kind: view                optional; people and mart models are tables otherwise
    -- kind: inline              a view with the SELECTs of the staging models it reads in it
    -- kind: step                a view too, but computed once for the models that follow

What is not stored, and which views are with their rows all the same: `stored.py`.

Everything is made in one transaction: until its end the store has the models of the run before.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from graphlib import TopologicalSorter
from importlib.resources import files
from importlib.resources.abc import Traversable

import duckdb

from people_transforms.errors import AuditError
from people_transforms.models import plan_models, stored
from people_transforms.models.contracts import raw_streams
from people_transforms.models.vendors import vendors
from people_transforms.store.statements import in_one_transaction
from people_transforms.store.warehouse import packed_quickly

# For a million people; landing before it and delivery after it need less.
_MEMORY = "2GB"
_REFERENCE = re.compile(r"\b(?:from|join)\s+((?:raw|staging|people|mart|plan|sync)\.\w+)")


@dataclass(frozen=True, slots=True)
class Model:
    """One SELECT: `name` with its schema, the models it reads, and what its header says."""

    name: str
    sql: str
    grain: tuple[str, ...]
    purpose: str
    kind: str
    reads: tuple[str, ...]


def build(connection: duckdb.DuckDBPyConnection, *, source_system: str, vendor: str) -> None:
    """Build staging, people and mart; they appear together.

    The variables of the run (as_of, run_id, source_system, vendor, settings, known_account_keys)
    are set on the connection before.
    """
    connection.execute(f"set memory_limit = '{_MEMORY}'")
    built, fingerprint = models(source_system, vendor), stored.fingerprint_of(source_system, vendor)
    stored.define_macros(connection, fingerprint)
    is_there = stored.is_built_from(connection, fingerprint)
    statements = [] if is_there else stored.empty_schemas()
    with packed_quickly(connection):
        in_one_transaction(connection, [*statements, *_statements(built, is_there=is_there)])


def _statements(built: Sequence[Model], *, is_there: bool) -> Iterator[str]:
    """Make each model once: in the store where it has rows there, else in memory for those that read it."""
    read = {name for model in built for name in model.reads}
    in_memory = {
        model.name: _in_memory(model)
        for model in built
        if model.name in read and not stored.has_rows(model)
    }
    for model in built:
        sql = _read_from(in_memory, model.sql)
        if model.name in in_memory:
            name = in_memory[model.name].removeprefix("temp.")
            yield f"create or replace temp {_kind_in_memory(model)} {name} as\n{sql}"
        yield from stored.statements(model, sql, built, is_there=is_there)
    for model in built:
        if model.name in in_memory:
            yield f"drop {_kind_in_memory(model)} {in_memory[model.name]}"


def _in_memory(model: Model) -> str:
    return f"temp.{model.name.replace('.', '__')}"


def _kind_in_memory(model: Model) -> str:
    return "table" if model.kind == "step" else "view"


def _read_from(kept: Mapping[str, str], sql: str) -> str:
    """Let a model read other tables than it names, such as what is kept in memory."""
    return _REFERENCE.sub(
        lambda found: found[0].replace(found[1], kept.get(found[1], found[1])), sql
    )


def audit(connection: duckdb.DuckDBPyConnection, *, vendor: str | None = None) -> None:
    """Run every audit of the vendor's marts and of the people layer.

    Raises AuditError with the audit's name and its number of rows: nothing may be delivered then.
    """
    _refuse(connection, audits(vendor or _variable(connection, "vendor")))


def audit_plan(connection: duckdb.DuckDBPyConnection) -> None:
    """Run every audit of the finished plan, with its holds.

    Raises AuditError like `audit`.
    """
    _refuse(connection, plan_audits())


def _refuse(connection: duckdb.DuckDBPyConnection, models_: Iterable[Model]) -> None:
    for model in models_:
        counted = f"select count(*) from (\n{model.sql}\n)"  # noqa: S608  (our own file)
        found = connection.execute(counted).fetchone()
        if found and found[0]:
            raise AuditError(
                f"The audit failed: {model.purpose}",
                audit=model.name.split(".")[1],
                rows=found[0],
            )


@cache
def models(source_system: str, vendor: str) -> tuple[Model, ...]:
    """List the models of a pair, each after the models it reads."""
    raw_streams(source_system)  # refuses an unknown source by name
    found = {
        model.name: model
        for schema, folder in (
            # What the source doesn't offer, which its own models replace.
            ("staging", "staging"),
            ("staging", f"staging/{source_system}"),
            ("people", "people"),
            ("mart", f"marts/{vendor}"),
        )
        for model in _read_folder(schema, folder)
    }
    return tuple(found[name] for name in _ordered(found))


@cache
def audits(vendor: str) -> tuple[Model, ...]:
    """List the audits that hold for a vendor: the general ones, in which its accounts are
    `mart.accounts`, and its own.
    """
    accounts = {"mart.accounts": vendors()[vendor]["accounts"]}
    general = (
        replace(model, sql=_read_from(accounts, model.sql))
        for model in _read_folder("audit", "audits")
    )
    return (*general, *_read_folder("audit", f"marts/{vendor}/audits"))


@cache
def plan_steps() -> tuple[Model, ...]:
    """List the models of the plan, which Python builds as the platform's lists come in."""
    return tuple(_read_folder("plan", "plan"))


@cache
def plan_audits() -> tuple[Model, ...]:
    """List the audits of the finished plan."""
    return tuple(
        replace(model, sql=plan_models.in_memory(model.sql))
        for model in _read_folder("audit", "audits/plan")
    )


def _ordered(found: Mapping[str, Model]) -> Iterable[str]:
    graph = {name: [read for read in model.reads if read in found] for name, model in found.items()}
    return TopologicalSorter(graph).static_order()


def _read_folder(schema: str, folder: str) -> Sequence[Model]:
    directory = files(__package__).joinpath(folder)
    return [
        parse_model(f"{schema}.{entry.name.removesuffix('.sql')}", entry.read_text("utf-8"))
        for entry in sorted(_sql_files(directory), key=lambda entry: entry.name)
    ]


def _sql_files(directory: Traversable) -> list[Traversable]:
    if not directory.is_dir():
        return []
    return [entry for entry in directory.iterdir() if entry.name.endswith(".sql")]


def parse_model(name: str, sql: str) -> Model:
    """Read a model's header and its references."""
    header = [line[3:] for line in re.match(r"(?:-- .*\n)*", sql).group().splitlines()]  # type: ignore[union-attr]
    words = [line for line in header if not line.startswith(("grain: ", "kind: "))]
    grain = next((line[7:] for line in header if line.startswith("grain: ")), "")
    return Model(
        name=name,
        sql=sql,
        grain=tuple(grain.split(", ")) if grain != "one row" else (),
        purpose=" ".join(words),
        kind=next(
            (line[6:] for line in header if line.startswith("kind: ")),
            "view" if name.startswith("staging.") else "table",
        ),
        reads=tuple(dict.fromkeys(_REFERENCE.findall(sql))),
    )


def comment(connection: duckdb.DuckDBPyConnection, *, source_system: str, vendor: str) -> None:
    """Comment on every table and column that `build` made, for whoever opens the file."""
    stored.comment(
        connection,
        models(source_system, vendor),
        source_system,
        stored.fingerprint_of(source_system, vendor),
    )


def store_again(connection: duckdb.DuckDBPyConnection, *, source_system: str, vendor: str) -> None:
    """See that what was deleted since the models were built is in no row of theirs either.

    Tables stay as the plan saw them.
    """
    built = models(source_system, vendor)
    anew = [model for model in built if stored.would_be_view(model) or not stored.is_kept(model)]
    in_one_transaction(connection, list(_statements(anew, is_there=True)))


def _variable(connection: duckdb.DuckDBPyConnection, name: str) -> str:
    row = connection.execute("select getvariable(?)", [name]).fetchone()
    return str(row[0]) if row else ""
