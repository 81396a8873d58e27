"""What is stored of each source's streams: the lists in raw/<source>.yaml as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from people_transforms.errors import ConfigError

# Without these nobody can be known; the others only make the rules see less.
NEEDED_STREAMS = ("employers", "employees", "employments")
# How a type is stored. A day is the first ten characters of the text, never shifted by a zone.
STORED_AS = {
    "text": "VARCHAR",
    "integer": "BIGINT",
    "boolean": "BOOLEAN",
    "day": "DATE",
    "number": "DOUBLE",
    "json": "JSON",
}


@dataclass(frozen=True, slots=True)
class RawColumn:
    """One stored value: where it is in the record (`path`, dotted), its type, and why it is stored.

    `data` and `asked_by` are as in purposes.yaml. `only_if` lists settings as `name=value`; the
    value is stored only if one of them holds (empty = always).
    """

    name: str
    path: str
    type: str
    comment: str
    purpose: str
    data: str
    asked_by: tuple[str, ...]
    only_if: tuple[str, ...] = ()

    @property
    def stored_as(self) -> str:
        """The DuckDB type of the column."""
        return STORED_AS[self.type]


@dataclass(frozen=True, slots=True)
class RawStream:
    """The stored columns of one stream.

    `scope` is the column that names the list a record was read in (one employer, one payroll
    administration); None where the whole stream is one list.
    """

    source: str
    name: str
    description: str
    key: tuple[str, ...]
    scope: str | None
    columns: tuple[RawColumn, ...]

    @property
    def table(self) -> str:
        """The raw table's name without its schema: `<source>__<stream>`."""
        return f"{self.source}__{self.name}"


def source_systems() -> list[str]:
    """List the sources that have a raw contract."""
    folder = files(__package__).joinpath("raw")
    return sorted(entry.name[:-5] for entry in folder.iterdir() if entry.name.endswith(".yaml"))


@cache
def raw_streams(source_system: str) -> dict[str, RawStream]:
    """Parse the source's contract: stream name → what is stored of it."""
    if source_system not in source_systems():
        raise ConfigError(
            "There is no source_system of this name; use one of the known ones.",
            known=" ".join(source_systems()),
        )
    text = files(__package__).joinpath("raw", f"{source_system}.yaml").read_text("utf-8")
    contract = yaml.load(text, Loader=yaml.CSafeLoader)
    return {
        name: _parse_stream(contract["source"], name, stream)
        for name, stream in contract["streams"].items()
    }


def _parse_stream(source: str, name: str, stream: Mapping[str, Any]) -> RawStream:
    columns = tuple(_parse_column(*item) for item in stream["columns"].items())
    known = {column.name for column in columns}
    missing = [
        wanted for wanted in (*stream["key"], stream["scope"]) if wanted not in {*known, None}
    ]
    if missing:
        raise ValueError(f"{source}.{name}: key or scope names no column: {missing}")
    return RawStream(
        source, name, stream["description"], tuple(stream["key"]), stream["scope"], columns
    )


def _parse_column(name: str, column: Mapping[str, Any]) -> RawColumn:
    if column["type"] not in STORED_AS:
        raise ValueError(f"{name}: unknown type {column['type']}")
    return RawColumn(
        name,
        column["path"],
        column["type"],
        column["comment"],
        column["purpose"],
        column["data"],
        tuple(column["asked_by"].split(" and ")),
        tuple(column.get("only_if", ())),
    )
