"""What each column of raw, mart and sync is for: raw/<source>.yaml and purposes.yaml as values."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from people_transforms.models.contracts import raw_streams, source_systems
from people_transforms.models.vendors import read, vendors


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
    """Read purposes.yaml and each platform's own: table → column → purpose.

    `common` holds for every table but raw's.

    `finding` holds what the words of a finding say, by the names in its `args`.
    """
    written = read_yaml("purposes.yaml")
    for vendor in vendors().values():
        written |= vendor.get("columns", {})
    return {
        table: {
            name: Purpose(entry["purpose"], entry["data"], tuple(entry["asked_by"].split(" and ")))
            for name, entry in columns.items()
        }
        for table, columns in written.items()
    }


@cache
def register_frame() -> dict[str, Any]:
    """Read register.yaml: what the record of processing says beside the columns.

    What `asked_by` may name stands beside each source's and platform's own columns too.
    """
    frame = read_yaml("register.yaml")
    named = [read_yaml(f"raw/{source}.yaml") for source in source_systems()]
    for one in (*named, *vendors().values()):
        frame["asked_by"] |= one.get("asked_by", {})
    return frame


def read_yaml(name: str) -> dict[str, Any]:
    """Read a file of this folder."""
    return read(files(__package__).joinpath(name))
