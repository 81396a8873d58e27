"""The staging store: a private working file for the sync, a published file for analysts.

    <folder>/staging.duckdb          what analysts open; replaced atomically after each run
    <folder>/work/work.duckdb        the working file, 0600 in a folder of its own (0700)
    <folder>/work/lock               held by the one run that uses the store

With `warehouse.encryption_key` both files are encrypted; see `database_file.py`. With a lake the working
file is not kept: see `lake/`.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import fcntl
import json
import logging
import os
import shutil
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
from pydantic import SecretStr

from people_transforms.errors import FULL, BusyError, ConfigError, StoreError
from people_transforms.folders import SHARED, make_folder
from people_transforms.settings import WarehouseSettings, resolve
from people_transforms.store.database_file import (
    WrongKeyError,
    attach,
    attach_with_any,
    change_key,
    encrypt_spilled_rows,
    private_files,
    write_anew,
)
from people_transforms.store.failures import DISK_FULL, NO_LOCKS, explained
from people_transforms.store.lake.place import LakePlace, lake_place
from people_transforms.store.sync_tables import SCHEMAS, create_tables

if TYPE_CHECKING:
    from people_transforms.store.lake.connections import Strike
    from people_transforms.store.lake.session import Lake

logger = logging.getLogger("airbyte")

# A mark and a number beside the working file.
_COMPACT, _COMPACT_SIZE = "compact", "compact-size"
_SMALL_FILE = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class StorePaths:
    """Where a connection's files are."""

    staging: Path
    work: Path
    key: str | None = field(default=None, repr=False)
    previous_key: str | None = field(default=None, repr=False)
    lake: LakePlace | None = None
    # With a lake the published file is an extra, made where the settings give it a path.
    publishes_file: bool = True

    @property
    def keys(self) -> tuple[str | None, ...]:
        """The keys a file may have: the configured one, the one before, or none yet."""
        return self.key, self.previous_key, None

    @property
    def published(self) -> Path | None:
        """The file that analysts open, where there is one."""
        return self.staging if self.publishes_file else None

    @property
    def folder(self) -> Path:
        return self.staging.parent

    @property
    def lock(self) -> Path:
        return self.work.parent / "lock"

    @property
    def temporary(self) -> Path:
        return self.work.parent / "tmp"


def store_paths(
    warehouse: WarehouseSettings,
    vendor: str,
    base: Path | None = None,
    config: Mapping[str, Any] | None = None,
) -> StorePaths:
    """Tell where the files of a warehouse are, and its lake if it has one.

    `path` is the published file (`…/staging.duckdb`) or a folder for it; `config` is the whole
    configuration, which tells the connections of a lake apart.
    """
    lake = None if warehouse.type == "file" else lake_place(warehouse, vendor, config or {}, base)
    path = resolve(warehouse.path or f".people-sync/{lake.connection_id if lake else vendor}", base)
    staging = path if path.suffix in {".duckdb", ".db", ".ddb"} else path / "staging.duckdb"
    return StorePaths(
        staging=staging,
        work=staging.parent / "work" / f"{staging.stem}.work.duckdb",
        key=_secret(warehouse.encryption_key),
        previous_key=_secret(warehouse.previous_encryption_key),
        lake=lake,
        publishes_file=lake is None or warehouse.path is not None,
    )


def _secret(value: SecretStr | None) -> str | None:
    return (value.get_secret_value() or None) if value else None


@contextlib.contextmanager
def open_store(paths: StorePaths) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the working file for this run alone, with every schema and sync table in place.

    Raises StoreError when another run has it, the disk is full or the folder can't be written.
    """
    with open_warehouse(paths, SCHEMAS) as warehouse:
        yield warehouse.connection


@dataclass(frozen=True, slots=True)
class Store:
    """An open store that this run holds alone, and its lake if it has one.

    What is committed to a file is durable; to a lake it is brought by `make_durable()`.
    """

    connection: duckdb.DuckDBPyConnection
    paths: StorePaths
    lake: Lake | None = None

    def make_durable(self, schemas: Collection[str] = ("raw", "sync")) -> dict[str, Any]:
        """See that nothing that is committed is lost from here on; tells what there is to tell of it.

        Raises StoreError where it can't be kept.
        """
        if self.lake is None:
            return {}
        self.lake.push(schemas)
        return {"lake": self.lake.place.connection_id, "conflicts": self.lake.retries}

    def check_hold(self) -> None:
        """Raise StoreError where this run may no longer be the only one that writes."""
        if self.lake is not None:
            self.lake.locks.check()

    def strikes(self, since: dt.datetime) -> Sequence[Strike]:
        """Count what has struck the other connections of the lake since then; most first."""
        return () if self.lake is None else self.lake.strikes(since)

    def refuse_anothers_people(self, mart: str, since: dt.datetime, platform_mark: str) -> None:
        """Raise ConfigError where another connection of the lake keeps the accounts that this one would begin to.

        Two sources may fill one company, and two platforms may number their clients alike; two
        connections that decide about the same people undo each other's work night after night, and what
        one of them ends has lost its budgets. Where both keep them already, only a person can say which
        is right.
        """
        lake = self.lake
        for shared in () if lake is None else lake.shared_people(mart, since, platform_mark):
            if shared.new_here:
                raise ConfigError(
                    "Another connection of this lake keeps the accounts of the same people at the same "
                    "companies or clients, so nothing was done: the two would undo each other's work. "
                    "Stop one of them, or let each have employers of its own; if this is the same "
                    "connection, set `warehouse.connection_id` to the other's name.",
                    other=shared.connection_id,
                    people=shared.new_here,
                )
            logger.warning(
                "The connection %s of this lake keeps the accounts of the same %d people: the two undo "
                "each other's work. Stop one of them.",
                shared.connection_id,
                shared.people,
            )


@contextlib.contextmanager
def open_warehouse(
    paths: StorePaths, schemas: Collection[str] = ("raw", "sync")
) -> Iterator[Store]:
    """Open the store as `open_store` does, with these schemas of its lake if it has one.

    What the disk refuses the body is a StoreError too.
    What the body commits is in the lake when it ends; before a call to the vendor, `make_durable()`.
    """
    with hold_store(paths):
        if paths.lake:
            _forget_working_file(paths)
        connection = _connect(paths)
        try:
            if paths.lake is None:
                yield Store(connection, paths)
            else:
                from people_transforms.store.lake.session import joined

                with joined(connection, paths.lake, paths.work.parent, schemas) as lake:
                    yield Store(connection, paths, lake)
        except duckdb.Error as error:
            logger.debug("store failure", exc_info=error)
            raise explained(error, paths.work) from None
        finally:
            with contextlib.suppress(duckdb.Error):
                connection.close()
            shutil.rmtree(paths.temporary, ignore_errors=True)
            if paths.lake:
                _forget_working_file(paths)
            else:
                with contextlib.suppress(StoreError):  # no room now: the next run says so
                    _compact(paths)


def _forget_working_file(paths: StorePaths) -> None:
    """Remove everything but the lock: the lake has it."""
    for path in paths.work.parent.iterdir():
        if path.is_file() and path != paths.lock:
            path.unlink()


@contextlib.contextmanager
def hold_store(paths: StorePaths) -> Iterator[None]:
    """Keep every other run out of the store, without opening it."""
    with _private_folder(paths), _locked(paths.lock):
        yield


@contextlib.contextmanager
def _private_folder(paths: StorePaths) -> Iterator[None]:
    try:
        make_folder(paths.folder, SHARED)
        make_folder(paths.work.parent)
        paths.work.parent.chmod(0o700)
        shutil.rmtree(paths.temporary, ignore_errors=True)
        paths.temporary.mkdir(mode=0o700)
    except OSError as error:
        raise _unwritable(paths.folder, error) from None
    yield


def _unwritable(path: Path, error: OSError) -> StoreError:
    if error.errno in FULL:
        return StoreError(DISK_FULL, store=path)
    return StoreError(
        "The folder of the staging store cannot be written. "
        "Set `warehouse.path` to a folder that this user may write.",
        folder=path,
        cause=error.strerror,
    )


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    try:
        file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600), "a+")
    except OSError as error:
        raise _unwritable(path, error) from None
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise BusyError(
                "Another run is using this staging store, so nothing was done. Wait until it is done. "
                "Two connections that have one store need a `warehouse.path` each.",
                pid=file.read().strip() or None,
                store=path.parent.parent,
            ) from None
        except OSError as error:
            raise ConfigError(NO_LOCKS, store=path.parent, cause=error.strerror) from None
        # Who it is helps whom it keeps waiting; on a full disk the lock holds all the same.
        with contextlib.suppress(OSError):
            os.ftruncate(file.fileno(), 0)
            os.write(file.fileno(), str(os.getpid()).encode())
        yield


def _connect(paths: StorePaths) -> duckdb.DuckDBPyConnection:
    _compact(paths)
    connection = duckdb.connect(
        config={
            # DuckDB shares a query by blocks of 122,880 rows, and who waits for another's block spins: a
            # second thread costs a hundred thousand people 60 % more CPU, and a million 10 %.
            "threads": 1,
            "memory_limit": "1GB",
            "temp_directory": str(paths.temporary),
            "preserve_insertion_order": False,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
    )
    try:
        with private_files():
            _attach_store(connection, paths)
        if paths.key:
            encrypt_spilled_rows(connection)
        connection.execute("use store")
        connection.execute("set TimeZone = 'UTC'")
        create_tables(connection)
    except duckdb.Error as error:
        raise explained(error, paths.work) from None
    return connection


def has_doubled(paths: StorePaths) -> bool:
    """Tell whether the working file is twice what it was when it was last written anew.

    DuckDB never shrinks a file, and says of rows that were deleted as little as of live ones.
    """
    base = paths.work.parent / _COMPACT_SIZE
    compact = int(base.read_text()) if base.exists() else 0
    return paths.work.stat().st_size > 2 * max(compact, _SMALL_FILE)


def compact_when_closed(paths: StorePaths) -> None:
    """Have the working file written anew once it is closed: only then deleted rows are gone.

    A run that is killed before leaves that to the next.
    """
    (paths.work.parent / _COMPACT).touch()


def is_to_be_compacted(work: Path) -> bool:
    """Tell whether a working file holds deleted rows that must not be copied."""
    return (work.parent / _COMPACT).exists()


def _compact(paths: StorePaths) -> None:
    mark = paths.work.parent / _COMPACT
    if mark.exists():
        if paths.work.exists():
            with duckdb.connect() as connection:
                held = attach_with_any(connection, paths.work, "held", paths.keys)
            write_anew(paths.work, held, paths.key)
            size = paths.work.stat().st_size
            (paths.work.parent / _COMPACT_SIZE).write_text(str(size))
        mark.unlink()


def _attach_store(connection: duckdb.DuckDBPyConnection, paths: StorePaths) -> None:
    try:
        attach(connection, paths.work, "store", paths.key)
    except WrongKeyError:
        change_key(paths.work, paths.keys, paths.key)
        attach(connection, paths.work, "store", paths.key)


@contextlib.contextmanager
def packed_quickly(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Write tables in half the time; the default way costs as much as computing them."""
    connection.execute("set force_compression = 'zstd'")
    try:
        yield
    finally:
        connection.execute("set force_compression = 'auto'")


def json_text(value: Any) -> str:
    """Write a value as JSON text with dates as ISO days, for JSON columns."""
    return json.dumps(value, default=str, ensure_ascii=False, separators=(",", ":"))
