"""Find and open the store that a command looks at.

Commands that only look read the published file, so that they never stand in a run's way. Where a lake
has the tables and no file is published, they read this connection's rows of the lake instead.
"""

from __future__ import annotations

import contextlib
import os
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from people_transforms.errors import ConfigError, NothingYetError
from people_transforms.settings import (
    WarehouseSettings,
    resolve,
    without_airbytes_own,
    wrong_values,
)
from people_transforms.store.database_file import attach_with_any
from people_transforms.store.failures import explained
from people_transforms.store.warehouse import StorePaths, store_paths
from pydantic import SecretStr, ValidationError

from people_sync.connection.connection_file import read_config, read_connection_file

if TYPE_CHECKING:
    import duckdb

KEY_VARIABLE = "PEOPLE_SYNC_ENCRYPTION_KEY"
USUAL_NAMES = ("connection.yaml", "connection.yml")


@dataclass(frozen=True, slots=True)
class Store:
    """Where the files of a connection are; `connection` is the file that said so, if any."""

    paths: StorePaths
    connection: Path | None = None
    report_dir: Path | None = None

    @property
    def has_begun(self) -> bool:
        """Tell whether a run may have been here; of a lake only the lake itself can say."""
        return self.paths.lake is not None or self.paths.work.is_file()

    @property
    def report(self) -> Path:
        return (self.report_dir or self.paths.folder) / "report.html"

    @property
    def arguments(self) -> str:
        """The words that lead another command to this store."""
        if self.connection:
            return f"--connection {shlex.quote(str(self.connection))}"
        return f"--store {shlex.quote(str(self.paths.folder))}"


def find_store(connection: Path | None, folder: Path | None) -> Store:
    """Find the store of a connection file or in a folder; without both, the only one here."""
    if connection is not None:
        return store_of(connection)
    if folder is not None:
        path = resolve(folder)
        return Store(store_paths(_in_folder(path), "", Path.cwd()))
    for name in USUAL_NAMES:
        if Path(name).is_file():
            return store_of(Path(name))
    found = sorted(Path(".people-sync").glob("*/staging.duckdb"))
    if len(found) == 1:
        return Store(store_paths(_in_folder(found[0].parent), "", Path.cwd()))
    raise ConfigError(
        "Say which connection: add `--connection FILE` with the file that `people-sync run` takes."
    )


def _in_folder(folder: Path) -> WarehouseSettings:
    """A store without its configuration: an encrypted one needs its key in the environment."""
    key = os.environ.get(KEY_VARIABLE)
    return WarehouseSettings(path=str(folder), encryption_key=SecretStr(key) if key else None)


def store_of(connection: Path) -> Store:
    """Find the store of a connection file, as its destination finds it."""
    file = read_connection_file(connection)
    config = read_config(file.destination.config)
    warehouse = read_warehouse(config, file.destination.config)
    vendor = Path(file.destination.name).name.removeprefix("destination-").replace("-", "_")
    report_dir = config.get("report_dir")
    if report_dir is not None and not isinstance(report_dir, str):
        raise ConfigError(
            "`report_dir` must be the path of a folder.", path=file.destination.config
        )
    return Store(
        store_paths(warehouse, vendor, file.folder, config),
        connection,
        resolve(report_dir, file.folder) if report_dir else None,
    )


def read_warehouse(config: dict[str, Any], path: Path) -> WarehouseSettings:
    """Read where a destination's configuration keeps its store.

    Raises ConfigError that names the setting, never its value.
    """
    warehouse = config.get("warehouse") or {}
    if not isinstance(warehouse, dict):
        raise ConfigError("`warehouse` must be an object.", path=path)
    try:
        return WarehouseSettings.model_validate(without_airbytes_own(warehouse))
    except ValidationError as error:
        wrong = wrong_values(error, WarehouseSettings, "warehouse")
        raise ConfigError(f"The store cannot be found: {wrong}", path=path) from None


@contextlib.contextmanager
def look_at(store: Store) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open what was published, to read only: the file, or this connection's rows of the lake.

    Raises NothingYetError where no run has published, and StoreError where what it published cannot be read.
    """
    import duckdb

    path = store.paths.staging
    if store.paths.lake is not None and not path.is_file():
        from people_transforms.store.lake.session import copy_of

        with copy_of(store.paths.lake) as connection:
            yield connection
        return
    if not path.is_file():
        raise NothingYetError(
            "Nothing has been published here yet; start with `people-sync run`.", store=path
        )
    connection = duckdb.connect()
    try:
        attach_with_any(connection, path, "store", store.paths.keys)
        connection.execute("use store")
        connection.execute("set TimeZone = 'UTC'")
        yield connection
    except duckdb.Error as error:
        raise explained(error, path, is_published=True) from None
    finally:
        connection.close()


def last_night(connection: duckdb.DuckDBPyConnection) -> str:
    """Give the latest run that came to an end, whether it could plan or not."""
    row = connection.execute(
        "select max(run_id) from sync.runs where outcome is not null"
    ).fetchone()
    if row is None or row[0] is None:
        raise NothingYetError("No run has come to its end yet.")
    return str(row[0])


def last_run(connection: duckdb.DuckDBPyConnection, on: str | None = None) -> str:
    """Give the latest run that made a plan, or the latest one up to a day."""
    row = connection.execute(
        "select run_id from sync.runs where ($day is null or as_of <= $day::date) "
        "and plan_hash is not null order by run_id desc limit 1",
        {"day": on},
    ).fetchone()
    if row is None:
        raise NothingYetError(
            "No run has made a plan yet." if on is None else "No run up to that day."
        )
    return str(row[0])
