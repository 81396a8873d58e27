"""Streams and columns as a user ticks them: what is not ticked is in no catalog and in no record."""

from __future__ import annotations

import copy
from collections.abc import Collection, Mapping
from typing import Any

Stream = dict[str, Any]


class SelectionError(ValueError):
    """The platform would not let a user choose this."""


def ticked(streams: list[Stream], unticked: Mapping[str, Collection[str]]) -> list[Stream]:
    """Configured streams without the unticked columns; keys and cursors can't be unticked."""
    names = {configured["stream"]["name"] for configured in streams}
    if unknown := sorted(set(unticked) - names):
        raise SelectionError(f"No such stream: {', '.join(unknown)}")
    chosen = copy.deepcopy(streams)
    for configured in chosen:
        stream = configured["stream"]
        properties = stream["json_schema"].get("properties")
        if not isinstance(properties, dict):
            raise SelectionError(f"{stream['name']}: no properties in its schema")
        for column in unticked.get(stream["name"], ()):
            if column not in properties:
                raise SelectionError(f"{stream['name']} has no column {column}")
            if column in _needed(configured):
                raise SelectionError(f"{stream['name']}: {column} is a key or a cursor")
            del properties[column]
    return chosen


class ColumnFilter:
    """Keeps of each record what the configured catalog declares, and nothing else.

    The worker does so always, also where every column is ticked: a key that a source sends without
    declaring it never reaches a destination.
    """

    def __init__(self, streams: list[Stream]) -> None:
        self._columns = {
            configured["stream"]["name"]: frozenset(
                configured["stream"]["json_schema"]["properties"]
            )
            for configured in streams
        }

    def keep(self, record: dict[str, Any]) -> dict[str, Any]:
        """The record with its declared columns; a stream outside the catalog keeps none."""
        columns = self._columns.get(record["stream"], frozenset())
        data = {key: value for key, value in record["data"].items() if key in columns}
        return record | {"data": data}


def _needed(configured: Stream) -> set[str]:
    """The columns that a stream is keyed or read on by."""
    stream = configured["stream"]
    keys = configured.get("primary_key") or stream.get("source_defined_primary_key") or []
    cursor = configured.get("cursor_field") or stream.get("default_cursor_field") or []
    return {path[0] for path in keys} | set(cursor[:1])
