"""Attach a lake to a DuckDB connection, for as long as something is read or written.

Detached it costs nothing: a statement about all databases would else open a transaction in PostgreSQL.
The extensions come as packages and are loaded without a network.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path

import duckdb

from people_transforms.errors import ConfigError
from people_transforms.folders import make_folder
from people_transforms.store.database_file import load_extension
from people_transforms.store.lake.failures import explained_lake, unwritable
from people_transforms.store.lake.locks import NO_PACKAGE, Locks, with_patience
from people_transforms.store.lake.place import LakePlace
from people_transforms.store.statements import quoted

NAME = "lake"
_NO_HTTPFS = (
    "A bucket as `warehouse.data_path`, and `warehouse.encryption_key`, need the package "
    "duckdb-extension-httpfs: install people-transforms[ducklake]."
)
# DuckLake reads the statistics of one column and the files of one table at each look; without these
# indexes PostgreSQL would read those of all connections.
_INDEXES = (
    "create index if not exists people_sync_column_stats on ducklake_file_column_stats "
    "(table_id, column_id) include (data_file_id, value_count, max_value, min_value)",
    "create index if not exists people_sync_data_files on ducklake_data_file (table_id)",
    "create index if not exists people_sync_delete_files on ducklake_delete_file (table_id)",
)


def load_extensions(connection: duckdb.DuckDBPyConnection, place: LakePlace) -> None:
    """Load what the lake needs, once per connection."""
    load_extension(connection, "postgres_scanner", NO_PACKAGE)
    load_extension(connection, "ducklake", NO_PACKAGE)
    if place.is_remote or place.is_encrypted:
        load_extension(connection, "httpfs", _NO_HTTPFS)
    # The connection is shared by nobody, and a scan by ctid could not use the indexes.
    connection.execute("set pg_use_ctid_scan = false")
    if place.is_remote:
        _use_bucket(connection, place.storage)


def _use_bucket(connection: duckdb.DuckDBPyConnection, storage: Mapping[str, str]) -> None:
    options = {"type": "s3"} | {k: v for k, v in storage.items() if k != "endpoint"}
    endpoint = storage.get("endpoint", "")
    if endpoint:
        # A server of one's own answers under its own name, not under one name per bucket.
        options |= {"endpoint": endpoint.split("://", 1)[-1].rstrip("/"), "url_style": "path"}
        options |= {"use_ssl": "false"} if endpoint.startswith("http://") else {}
    listed = ", ".join(f"{name} {quoted(value)}" for name, value in options.items())
    connection.execute(f"create or replace secret bucket ({listed})")


def make_lake(connection: duckdb.DuckDBPyConnection, place: LakePlace, locks: Locks) -> None:
    """Make the lake if there is none yet; of several that find none, one does it."""
    known = locks.ask("select to_regclass('people_sync_delete_files')")
    if known and known[0]:
        _fit_encryption(connection, place, locks)
        return
    if not place.is_remote:
        _make_folder(Path(place.data_path))
    # Before the catalog is made: it is bound to its data path for good.
    _try_writing(connection, place)
    with locks.turn():
        with attached(connection, place, locks, makes=True):
            connection.execute(f"create schema if not exists {NAME}.sync")
        for statement in _INDEXES:
            locks.run(statement)


def _fit_encryption(connection: duckdb.DuckDBPyConnection, place: LakePlace, locks: Locks) -> None:
    """Be ready to write an encrypted lake; refuse to write in the clear for who has set a key."""
    row = locks.ask("select value from ducklake_metadata where key = 'encrypted'")
    if row and row[0] == "true":
        load_extension(connection, "httpfs", _NO_HTTPFS)
    elif place.is_encrypted:
        raise ConfigError(
            "The lake is not encrypted, and it can't be afterwards. Take `warehouse.encryption_key` "
            "out, or start another lake: another database and another data path.",
            lake=locks.where,
        )


def _make_folder(folder: Path) -> None:
    try:
        make_folder(folder)
    except OSError as error:
        raise unwritable(str(folder), error.strerror) from None


def _try_writing(connection: duckdb.DuckDBPyConnection, place: LakePlace) -> None:
    """Write a file where the lake will keep its own; in a bucket a tiny one stays behind."""
    path = f"{place.data_path}people-sync-may-write.parquet"
    try:
        connection.execute(f"copy (select true as may_write) to {quoted(path)} (format parquet)")
    except duckdb.Error as error:
        raise unwritable(place.data_path, type(error).__name__) from None
    if not place.is_remote:
        Path(path).unlink(missing_ok=True)


@contextlib.contextmanager
def attached(
    connection: duckdb.DuckDBPyConnection,
    place: LakePlace,
    locks: Locks,
    *,
    makes: bool = False,
) -> Iterator[None]:
    """Attach the lake for the body.

    Raises ConflictedError for a transaction that lost against another, StoreError for anything else
    that went wrong with the lake.
    """
    try:
        connection.execute(_statement(place, makes))
        try:
            yield
        finally:
            with contextlib.suppress(duckdb.Error):
                connection.execute("rollback")
            with contextlib.suppress(duckdb.Error):
                connection.execute(f"detach {NAME}")
    except duckdb.Error as error:
        raise explained_lake(error, place.data_path, locks.where) from None


def _statement(place: LakePlace, makes: bool) -> str:
    options = [
        f"data_path {quoted(place.data_path)}",
        # Small writes would else be kept in the clear in PostgreSQL, of all connections in one heap.
        "data_inlining_row_limit 0",
    ]
    if place.is_encrypted and makes:
        options.append("encrypted")
    if not makes:
        options.append("create_if_not_exists false")
    return f"attach {quoted(f'ducklake:postgres:{with_patience(place.catalog)}')} as {NAME} ({', '.join(options)})"


def open_command(place: LakePlace) -> str:
    """Give the statement with which an analyst opens the lake in DuckDB, without a password."""
    from psycopg import conninfo

    parts = conninfo.conninfo_to_dict(place.catalog)
    shown = " ".join(
        f"{name}={value}"
        for name, value in parts.items()
        if name in ("host", "port", "dbname") and value is not None
    )
    return f"attach {quoted(f'ducklake:postgres:{shown}')} as {NAME} (read_only)"
