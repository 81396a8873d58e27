"""The connections that a desk serves: those of folders and connection files, and those of a lake."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from people_transforms.errors import ConfigError
from people_transforms.store.lake.connections import Overview
from people_transforms.store.lake.place import LakePlace, lake_place
from people_transforms.store.warehouse import StorePaths

from people_sync.commands.store import Store, read_warehouse, store_of
from people_sync.connection.connection_file import (
    ConnectionFile,
    read_config,
    read_connection_file,
)
from people_sync.connection.found_files import connection_files, name_of


@dataclass(frozen=True, slots=True)
class Served:
    """One connection. Of a lake whose runs are elsewhere (Airbyte) there is no `file`."""

    name: str
    store: Store
    file: ConnectionFile | None = None
    vendor: str = ""

    @property
    def place(self) -> str:
        """Name the connection beyond this desk: another desk may have one of the same name."""
        return str(self.file.path.resolve()) if self.file else ""

    @property
    def can_run(self) -> bool:
        """Tell whether a run can be started from here."""
        return self.file is not None


class Connections:
    """What is served, by name. A lake is asked again: connections are made while the desk is on."""

    def __init__(self, files: Mapping[str, Served], lakes: Iterable[LakePlace], work: Path) -> None:
        self._files = dict(files)
        self._lakes = [(lake, Overview(lake)) for lake in lakes]
        self._work = work

    def names(self) -> list[str]:
        """List the connections that have files here."""
        return sorted(self._files)

    def find(self, name: str) -> Served | None:
        """Find a connection by its name, which comes from an address and may be anything."""
        if name in self._files:
            return self._files[name]
        if not re.fullmatch(r"[A-Za-z0-9._-]{1,63}", name) or name.startswith("."):
            return None
        for lake, overview in self._lakes:
            for row in overview.rows():
                if row["connection_id"] == name:
                    return self._in_lake(lake, row)
        return None

    def in_lakes(self) -> list[dict[str, Any]]:
        """Tell of every connection of the lakes how its last run ended."""
        return [row for _, overview in self._lakes for row in overview.rows()]

    def _in_lake(self, lake: LakePlace, row: Mapping[str, Any]) -> Served:
        """Give a connection of a lake; its store has a folder for the short time of a change."""
        name = row["connection_id"]
        place = replace(lake, connection_id=name, is_derived=False, accounts=tuple(row["accounts"]))
        folder = self._work / name
        paths = StorePaths(
            staging=folder / "staging.duckdb",
            work=folder / "work" / "staging.work.duckdb",
            lake=place,
            publishes_file=False,
        )
        return Served(name, Store(paths), None, row["vendor"] or "")


def find_connections(where: Iterable[Path], work: Path) -> Connections:
    """Find what folders, connection files and destinations of a lake name.

    Raises ConfigError where there is nothing, or where two have one name.
    """
    files: dict[str, Served] = {}
    lakes: list[LakePlace] = []
    for path in where:
        if path.suffix == ".json":
            lakes.append(_lake_of(path))
            continue
        for found in connection_files(path):
            served = _served(found)
            if served.name in files:
                raise ConfigError(
                    "Two connections have one name; rename a file or its folder.", name=served.name
                )
            files[served.name] = served
    if not files and not lakes:
        raise ConfigError("There is no connection.yaml in what was named.")
    return Connections(files, lakes, work)


def _served(path: Path) -> Served:
    file = read_connection_file(path)
    vendor = Path(file.destination.name).name.removeprefix("destination-")
    return Served(name_of(path), store_of(path), file, vendor)


def _lake_of(path: Path) -> LakePlace:
    config: dict[str, Any] = read_config(path)
    warehouse = read_warehouse(config, path)
    if warehouse.type == "file":
        raise ConfigError("This configuration has no lake; name its connection.yaml.", path=path)
    # Which connection is meant is said later: any name will do.
    anybody = warehouse.model_copy(update={"connection_id": "any"})
    return lake_place(anybody, "", {}, path.parent.absolute())
