"""The platform that a store's ledger speaks of: another address must show the accounts that are known.

Who tried a connection at a test environment and then enters the address of the real one still has the
accounts of the first in the store: nobody would be added, and changes would go to ids that are other
people's there. A host that merely moved shows the same accounts, and nothing is asked.
"""

from __future__ import annotations

import hashlib
from urllib.parse import urlsplit

import duckdb

from people_transforms.errors import ConfigError
from people_transforms.models import plan_models
from people_transforms.settings import Settings


def has_moved(connection: duckdb.DuckDBPyConnection, settings: Settings) -> bool:
    """Tell whether the address is another than that of the latest run that made a plan."""
    row = connection.execute(
        "select platform_mark from sync.runs where vendor = ? and platform_mark is not null "
        "order by run_id desc limit 1",
        [settings.vendor],
    ).fetchone()
    return row is not None and row[0] != mark_of(settings)


def note(connection: duckdb.DuckDBPyConnection, settings: Settings, run_id: str) -> None:
    """Remember at which address this run met the accounts of the ledger."""
    connection.execute(
        "update sync.runs set platform_mark = ? where run_id = ?", [mark_of(settings), run_id]
    )


def refuse_another_platform(connection: duckdb.DuckDBPyConnection) -> None:
    """Compare the ledger with all lists of the new address, in `temp.plan_vendor_accounts`.

    Raises ConfigError where fewer than half of the active accounts are there under their ids.
    """
    plan_models.build(connection, "platform_accounts")
    row = connection.execute("select known, there from temp.plan_platform_accounts").fetchone()
    known, there = row or (0, 0)
    if 2 * there < known:
        raise ConfigError(
            "The accounts that this store knows are not at the address in the settings. It is "
            "probably another environment of the platform. Nothing was sent. Correct `api_url`; to "
            "begin at another environment, give the connection a store of its own "
            "(`warehouse.path`, in a lake `warehouse.connection_id`).",
            known_accounts=known,
            found=there,
        )


def mark_of(settings: Settings) -> str:
    """Give what tells the platform's address from another, however its host is spelled."""
    parts = urlsplit(str(settings.configuration.get("api_url") or "").strip().rstrip("/"))
    host = parts.netloc.lower().removesuffix({"https": ":443", "http": ":80"}.get(parts.scheme, ""))
    address = parts._replace(netloc=host).geturl()
    return hashlib.md5(address.encode(), usedforsecurity=False).hexdigest()
