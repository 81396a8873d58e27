"""Say what is wrong with a lake: PostgreSQL, the catalog in it, or the folder or bucket of its files.

The texts of libpq and DuckDB may hold the connection string, so they are only searched, never told. What
a person must set right is a ConfigError (exit 2); what the same run may find mended is a StoreError.
"""

from __future__ import annotations

from collections.abc import Mapping

import duckdb

from people_transforms.errors import ConfigError, StoreError

PAGE = "docs/pages/lake-owner.md"
# What a text has in it, in small letters, by what it means; the first that fits.
_OF_THE_LAKE: Mapping[str, tuple[str, ...]] = {
    "conflict": (
        "transaction conflict",
        "could not serialize access",
        "deadlock detected",
        "duplicate key value",
        "catalog write-write conflict",
    ),
    "lost": (
        "could not connect",
        "connection to server",
        "server closed the connection",
        "no connection to the server",
        "terminating connection",
        "unable to connect",
        "connection refused",
        "the database system is",
        "connection reset",
        "broken pipe",
    ),
    "full": ("no space left", "disk quota exceeded"),
    "version": ("catalog version mismatch", "ducklake metadata version"),
    "rights": (
        "permission denied for",
        "must be owner",
        "must be member of",
    ),
    "unwritable": (
        "permission denied",
        "read-only file system",
        "operation not permitted",
        "failed to create directory",
        "access denied",
        "accessdenied",
        "forbidden",
        "invalidaccesskeyid",
        "signaturedoesnotmatch",
    ),
    "no_files": (
        "no such file",
        "not a directory",
        "nosuchkey",
        "nosuchbucket",
        "404",
    ),
}
# Of PostgreSQL's refusal to let somebody in: what is wrong with `warehouse.catalog`.
_AT_THE_DOOR: Mapping[str, tuple[str, ...]] = {
    "The host that `warehouse.catalog` names is not known.": (
        "name or service not known",
        "no address associated",
        "nodename nor servname",
    ),
    "PostgreSQL does not accept the password in `warehouse.catalog`, or there is none.": (
        "password authentication failed",
        "no password",
        "authentication failed",
    ),
    "PostgreSQL has no database, or no user, of the name in `warehouse.catalog`.": (
        "does not exist",
        "is not permitted to log in",
    ),
    f"PostgreSQL does not let this user in from this machine: see {PAGE}.": (
        "no pg_hba.conf entry",
        "permission denied for database",
    ),
    "The connection to PostgreSQL can't be made as safe as `warehouse.catalog` asks.": (
        "does not support ssl",
        "certificate",
    ),
}
NOT_POSTGRESQL = "`warehouse.catalog` is not a connection string of PostgreSQL."


class ConflictedError(Exception):
    """Another writer's transaction came first; nothing of this one was kept."""


def explained_lake(error: duckdb.Error, data_path: str, where: str) -> Exception:
    """Turn DuckDB's failure with a lake into a sentence; `where` names its catalog."""
    text = str(error).lower()
    if "data path" in text.replace("_", " ") and "does not match" in text:
        return elsewhere(where)
    meaning = next(
        (name for name, parts in _OF_THE_LAKE.items() if any(part in text for part in parts)), ""
    )
    match meaning:
        case "conflict":
            return ConflictedError()
        case "lost":
            return lost(where)
        case "full":
            return StoreError(
                "There is no room for the lake's files. Nothing that was committed is lost; make "
                "room and run again.",
                path=data_path,
            )
        case "version":
            return other_version(where)
        case "rights":
            return no_rights(where)
        case "unwritable":
            return unwritable(data_path)
        case "no_files":
            return ConfigError(
                "Files of the lake are not where its catalog says, so nothing was read or sent. If "
                f"they were moved, move them back or tell the catalog as {PAGE} shows; if they are "
                "lost, restore folder and catalog from one backup.",
                path=data_path,
                lake=where,
            )
    return StoreError(
        "The lake cannot be used. Nothing was sent after this point; run again, and if it stays, look "
        "at PostgreSQL's log and at the files' folder.",
        lake=where,
        cause=type(error).__name__,
    )


def refused_at_the_door(text: str, where: str) -> Exception:
    """Turn the failure to connect into a sentence; `text` is libpq's."""
    found = text.lower()
    for sentence, parts in _AT_THE_DOOR.items():
        if any(part in found for part in parts):
            return ConfigError(f"{sentence} Nothing was sent.", lake=where)
    cause = next((word for word in ("refused", "timeout") if word in found), None)
    return StoreError(
        "The lake's catalog cannot be reached, and nothing was sent. Check `warehouse.catalog` "
        "and that PostgreSQL runs there, then run again.",
        unreachable=where,
        cause=cause,
    )


def lost(where: str) -> StoreError:
    """Say that the catalog went away during a run."""
    return StoreError(
        "The connection to the lake's catalog was lost, so nothing more is sent to the platform. "
        "Run again when PostgreSQL is back: what was sent is looked up first.",
        unreachable=where,
    )


def no_rights(where: str) -> ConfigError:
    """Say that the user of the catalog may not do what a run does."""
    return ConfigError(
        f"The user of `warehouse.catalog` lacks a right in the lake's database; {PAGE} lists them.",
        lake=where,
    )


def other_version(where: str) -> ConfigError:
    """Say that the catalog was written by another DuckLake."""
    return ConfigError(
        "The lake's catalog is of another version of DuckLake than this release writes. Use the "
        f"release that wrote it on every machine, or upgrade the catalog once as {PAGE} shows.",
        lake=where,
    )


def elsewhere(where: str) -> ConfigError:
    """Say that the catalog knows another data path than the settings."""
    return ConfigError(
        "The lake of this catalog keeps its files elsewhere. Set `warehouse.data_path` to where "
        f"they are; if they were moved, tell the catalog as {PAGE} shows; for another lake take "
        "another database.",
        lake=where,
    )


def unwritable(data_path: str, cause: str | None = None) -> ConfigError:
    """Say that no file can be made where the lake keeps them."""
    return ConfigError(
        "No file can be written in `warehouse.data_path`, so nothing was sent. Let this user write "
        "there, or set it to another folder or bucket before the first run.",
        path=data_path,
        cause=cause,
    )
