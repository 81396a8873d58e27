"""One DuckDB file: open it, with its key where it has one; write it anew, compactly or with another key.

Encryption is DuckDB's own (AES-256 in GCM mode, also of the write-ahead log and of spilled rows). Its
writing half is in the extension `httpfs`, which comes as a package and is loaded without a network.
"""

from __future__ import annotations

import contextlib
import importlib.resources
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb

from people_transforms.errors import ConfigError, StoreError
from people_transforms.store.failures import explained
from people_transforms.store.statements import quoted

NO_PACKAGE = (
    "`warehouse.encryption_key` needs the package duckdb-extension-httpfs in the version of duckdb: "
    "install people-transforms[encryption]."
)
_WRONG_KEY = ("Wrong encryption key", "without a key", "is not encrypted")


@contextlib.contextmanager
def private_files() -> Iterator[None]:
    """Let only their owner read the files that the body makes."""
    old_mask = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(old_mask)


def log_of(path: Path) -> Path:
    """Name the write-ahead log that DuckDB keeps beside a file while it is open for writing."""
    return path.with_name(f"{path.name}.wal")


class WrongKeyError(Exception):
    """The file is encrypted with another key, or one of file and key is missing its half."""


def attach(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    name: str,
    key: str | None,
    *,
    read_only: bool = False,
) -> None:
    """Attach a database file under a name; make it, with this key, if it is to be written.

    Raises WrongKeyError, or ConfigError where the package for encryption is missing.
    """
    # Twice as fast to scan as the default, and sticky once created.
    options = ["read_only"] if read_only else ["storage_version 'v1.4.0'"]
    if key:
        options.append("encryption_key ?")
        if not read_only:
            _load_cipher(connection)
    try:
        connection.execute(
            f"attach {quoted(str(path))} as {name} ({', '.join(options)})", [key] if key else None
        )
    except duckdb.Error as error:
        if any(words in str(error) for words in _WRONG_KEY):
            raise WrongKeyError from None
        raise


def attach_with_any(
    connection: duckdb.DuckDBPyConnection, path: Path, name: str, keys: Sequence[str | None]
) -> str | None:
    """Attach a file read-only with the first key that opens it, and give that key."""
    for key in keys:
        try:
            attach(connection, path, name, key, read_only=True)
        except WrongKeyError:
            continue
        return key
    raise ConfigError(
        "The staging store cannot be opened with this key. Set `warehouse.encryption_key` to the key "
        "it was written with; to change the key, give the old one as "
        "`warehouse.previous_encryption_key`.",
        store=path,
    )


def encrypt_spilled_rows(connection: duckdb.DuckDBPyConnection) -> None:
    """Encrypt what doesn't fit into memory as well."""
    _load_cipher(connection)
    connection.execute("set temp_file_encryption = true")


def change_key(path: Path, keys: Sequence[str | None], key: str | None) -> None:
    """Give a file that one of `keys` opens another key; None stands for no encryption.

    The file must not be open.
    """
    with duckdb.connect() as connection:
        held = attach_with_any(connection, path, "held", keys)
    write_anew(path, held, key)


def write_anew(path: Path, held: str | None, key: str | None) -> None:
    """Copy what a file holds into a new one that takes its place: deleted rows stay behind.

    The file must not be open. Raises StoreError when there is no room for both.
    """
    new = path.with_name(f".{path.name}.new")
    try:
        new.unlink(missing_ok=True)
        with (
            private_files(),
            duckdb.connect(config={"autoload_known_extensions": False}) as connection,
        ):
            # Not read-only: what is still in the write-ahead log belongs to it.
            attach(connection, path, "held", held)
            connection.execute("checkpoint held")
            attach(connection, new, "fresh", key)
            connection.execute("set force_compression = 'zstd'")
            connection.execute("copy from database held to fresh")
            connection.execute("checkpoint fresh")
        _flush(new)
        # All of it is in the copy; beside the new file it would be applied a second time.
        log_of(path).unlink(missing_ok=True)
        new.replace(path)
        _flush(path.parent)
    except duckdb.Error as error:
        raise explained(error, path) from None
    except OSError as error:
        raise StoreError(
            "The staging store could not be written anew; it is as it was. It needs room for a "
            "second copy of itself.",
            store=path,
            cause=error.strerror,
        ) from None
    finally:
        new.unlink(missing_ok=True)


def _load_cipher(connection: duckdb.DuckDBPyConnection) -> None:
    load_extension(connection, "httpfs", NO_PACKAGE)


def load_extension(connection: duckdb.DuckDBPyConnection, name: str, advice: str) -> None:
    """Load an extension from its package, without a network.

    Raises ConfigError with the advice where the package is missing or is of another release of DuckDB.
    """
    try:
        package = importlib.resources.files(f"duckdb_extension_{name}")
    except ModuleNotFoundError:
        raise ConfigError(advice) from None
    version = f"v{duckdb.__version__}"
    extension = package / "extensions" / version / f"{name}.duckdb_extension"
    if not extension.is_file():
        raise ConfigError(advice, duckdb=duckdb.__version__)
    connection.execute(f"load '{extension}'")


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
