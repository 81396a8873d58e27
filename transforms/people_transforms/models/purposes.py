"""What each column of raw, mart and sync is for: raw/<source>.yaml and purposes.yaml as values."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from people_transforms.models.contracts import raw_streams


@dataclass(frozen=True, slots=True)
class Purpose:
    """Why a column is there, which kind of personal data it holds (or none), and who asked for it."""

    purpose: str
    data: str
    asked_by: tuple[str, ...]


def purpose_of(table: str, column: str, source_system: str) -> Purpose | None:
    """Look a column up; None if nobody said what it is for. `table` has its schema."""
    written = column_purposes()
    schema, name = table.split(".")
    if schema != "raw":
        return written.get(table, {}).get(column) or written["common"].get(column)
    for stream in raw_streams(source_system).values():
        for stored in stream.columns:
            if (stream.table, stored.name) == (name, column):
                return Purpose(stored.purpose, stored.data, stored.asked_by)
    return written["raw"].get(column)


@cache
def column_purposes() -> dict[str, dict[str, Purpose]]:
    """Read purposes.yaml: table → column → purpose; `common` holds for every table but raw's.

    `finding` holds what the words of a finding say, by the names in its `args`.
    """
    return {
        table: {
            name: Purpose(entry["purpose"], entry["data"], tuple(entry["asked_by"].split(" and ")))
            for name, entry in columns.items()
        }
        for table, columns in read_yaml("purposes.yaml").items()
    }


@cache
def register_frame() -> dict[str, Any]:
    """Read register.yaml: what the record of processing says beside the columns."""
    return read_yaml("register.yaml")


def read_yaml(name: str) -> dict[str, Any]:
    """Read a file of this folder."""
    content: dict[str, Any] = yaml.load(
        files(__package__).joinpath(name).read_text("utf-8"), Loader=yaml.CSafeLoader
    )
    return content
