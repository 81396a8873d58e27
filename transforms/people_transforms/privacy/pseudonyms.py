"""Keyed pseudonyms: HMAC-SHA256 of an id, with a key that only the store's own user can read.

Without the key nobody can tell whose pseudonym it is, not even by trying every id. The key stays beside
the working file and is never published.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import secrets
from pathlib import Path

import duckdb

_BLOCK = 64
_KEY = "pseudonym.key"
PREFIX = "pseudonym:"


def has_key(folder: Path) -> bool:
    """Tell whether the store has pseudonyms at all."""
    return (folder / _KEY).exists()


def load_key(folder: Path) -> bytes:
    """Read the store's key, made on first use; `folder` is that of the working file."""
    path = folder / _KEY
    with contextlib.suppress(FileExistsError):
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(32))
            file.flush()
            os.fsync(file.fileno())
    return path.read_bytes()


def use_key(connection: duckdb.DuckDBPyConnection, key: bytes) -> None:
    """Let this connection compute pseudonyms; see `pseudonym_of`."""
    padded = key.ljust(_BLOCK, b"\0")
    for name, pad in (("pseudonym_inner", 0x36), ("pseudonym_outer", 0x5C)):
        connection.execute(f"set variable {name} = ?", [bytes(byte ^ pad for byte in padded)])


def pseudonym_of(expression: str) -> str:
    """Compose the SQL for the pseudonym of a text; null of null."""
    inner = f"sha256(getvariable('pseudonym_inner') || encode({expression}))"
    return f"'{PREFIX}' || sha256(getvariable('pseudonym_outer') || unhex({inner}))"


def pseudonym(text: str, key: bytes) -> str:
    """Give the pseudonym that `pseudonym_of` gives in SQL."""
    return PREFIX + hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def employment_key(source_system: str, employer_id: str, employment_id: str) -> str:
    """Compose the SQL for an employment's id from two columns."""
    return f"'{source_system}:employment:' || {employer_id} || ':' || {employment_id}"
