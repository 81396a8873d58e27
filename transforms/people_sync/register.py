"""The record of processing (GDPR, article 30) of one pair, from the files that the models use.

The columns are those that the models make: an empty store is built in memory and looked at.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import duckdb
from people_transforms.errors import ConfigError
from people_transforms.landing.raw_tables import create_raw_tables
from people_transforms.models import runner
from people_transforms.models.contracts import raw_streams
from people_transforms.models.purposes import Purpose, purpose_of, register_frame
from people_transforms.models.vendors import vendors
from people_transforms.publishing.plain_views import make_plain_views
from people_transforms.settings import Settings
from people_transforms.store.sync_tables import create_tables
from pydantic import BaseModel

SCHEMAS = ("raw", "mart", "sync")


@dataclass(frozen=True, slots=True)
class Field:
    """One column of the staging store with what it is for; `is_sent` to the platform."""

    table: str
    column: str
    purpose: Purpose
    is_sent: bool


@dataclass(frozen=True, slots=True)
class Register:
    """The record's parts, in the order of article 30; `controller` is None where nobody said.

    `kinds` are the kinds of personal data that this pair stores, `lists` what `asked_by` refers to.
    """

    source_system: str
    vendor: str
    controller: str | None
    purpose: str
    people: tuple[str, ...]
    kinds: dict[str, str]
    lists: dict[str, str]
    recipient: str
    sent: tuple[str, ...]
    by_hand: tuple[str, ...]
    transfers: str
    kept: dict[str, str]
    security: tuple[str, ...]
    fields: tuple[Field, ...]

    @property
    def purposes(self) -> list[str]:
        """What personal data are used for, each purpose once."""
        found = [field.purpose for field in self.fields if field.purpose.data != "none"]
        return sorted({purpose.purpose for purpose in found})


def usual_pair(source_system: str | None, vendor: str | None) -> tuple[str, str]:
    """Complete a pair: the other end that usually goes with the one that is named."""
    known = vendors()
    if vendor is None:
        usual = (name for name in known if known[name]["usual_source"] == source_system)
        vendor = next(usual, next(iter(known)))
    if vendor not in known:
        raise ConfigError(
            "There is no platform of this name; use one of the known ones.",
            vendor=vendor,
            known=" ".join(known),
        )
    return source_system or str(known[vendor]["usual_source"]), vendor


def build_register(source_system: str, vendor: str, controller: str | None = None) -> Register:
    """Put the record of a pair together.

    Raises ConfigError for an unknown source and ValueError for a column without a purpose.
    """
    frame = register_frame()
    about = vendors()[vendor]
    fields = []
    for table, columns in built_columns(source_system, vendor).items():
        for column in columns:
            purpose = purpose_of(table, column, source_system)
            if purpose is None:
                raise ValueError(f"{table}.{column}: nobody said in purposes.yaml what it is for")
            is_sent = table == about["accounts"] and column not in frame["not_sent"]
            fields.append(Field(table, column, purpose, is_sent))
    stored = {field.purpose.data for field in fields}
    return Register(
        source_system=source_system,
        vendor=vendor,
        controller=controller,
        purpose=frame["purpose"],
        people=tuple(frame["people"]),
        kinds={kind: words for kind, words in frame["kinds"].items() if kind in stored},
        lists={name: list_["what"] for name, list_ in frame["asked_by"].items()},
        recipient=about["recipient"],
        sent=tuple(field.column for field in fields if field.is_sent),
        by_hand=tuple(about["by_hand"]),
        transfers=frame["transfers"],
        kept=_kept(frame["kept"]),
        security=tuple(frame["security"]),
        fields=tuple(fields),
    )


@cache
def built_columns(source_system: str, vendor: str) -> dict[str, list[str]]:
    """List the columns of raw, mart and sync as a run of this pair makes them."""
    with _built(source_system, vendor) as connection:
        rows = connection.execute(
            "select schema_name || '.' || table_name, column_name from duckdb_columns() "
            "where list_contains(?, schema_name) and not internal "
            "order by list_position(?, schema_name), table_name, column_index",
            [list(SCHEMAS), list(SCHEMAS)],
        ).fetchall()
    columns: dict[str, list[str]] = {}
    for table, column in rows:
        columns.setdefault(table, []).append(column)
    return columns


def table_comments(
    source_system: str, vendor: str
) -> dict[str, tuple[str | None, dict[str, str | None]]]:
    """Give every table and view of an analyst with its comment and those of its columns."""
    found: dict[str, tuple[str | None, dict[str, str | None]]] = {}
    with _built(source_system, vendor) as connection:
        make_plain_views(connection, source_system, vendor)
        rows = connection.execute(
            """
            with tables as (
                select schema_name, table_name, comment from duckdb_tables()
                union all
                select schema_name, view_name, comment from duckdb_views() where not internal
            )
            select tables.schema_name || '.' || tables.table_name, tables.comment,
                columns.column_name, columns.comment
            from tables
            inner join duckdb_columns() as columns
                on tables.schema_name = columns.schema_name
                and tables.table_name = columns.table_name
            where tables.schema_name in ('raw', 'staging', 'people', 'mart', 'sync', 'report')
            order by tables.schema_name, tables.table_name, columns.column_index
            """
        ).fetchall()
    for table, about, column, said in rows:
        found.setdefault(table, (about, {}))[1][column] = said
    return found


@contextlib.contextmanager
def _built(source_system: str, vendor: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """Build an empty store of a pair in memory, as its first run does."""
    with duckdb.connect(config={"threads": 1}) as connection:
        create_tables(connection)
        create_raw_tables(connection, raw_streams(source_system).values())
        for name, value in {
            "as_of": dt.date(2000, 1, 1),
            "run_id": "",
            "source_system": source_system,
            "vendor": vendor,
            "settings": "{}",
            "known_account_keys": [""],
        }.items():
            connection.execute(f"set variable {name} = ?", [value])
        runner.build(connection, source_system=source_system, vendor=vendor)
        yield connection


def retention_settings(model: type[BaseModel] = Settings, prefix: str = "") -> list[str]:
    """Name the settings that end the keeping of data, if this release has any."""
    found = []
    for name, field in model.model_fields.items():
        if "retention" in name:
            found.append(prefix + name)
        elif isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            found += retention_settings(field.annotation, f"{prefix}{name}.")
    return found


def _kept(words: dict[str, Any]) -> dict[str, str]:
    names = retention_settings()
    until = (
        words["until_asked"].format(settings=", ".join(f"`{name}`" for name in names))
        if names
        else words["for_ever"]
    )
    return {
        "raw": f"{words['raw']}, {until}",
        "mart": words["mart"],
        "sync": f"{words['sync']}, {until}",
    }
