"""Where a lake is, and which of its connections is meant.

Without `warehouse.connection_id` the id is the vendor with the lowest account (company or client) that
the configuration names, such as `alleo-501`. Two connections that keep the same account would fight over
its people anyway, so no two healthy ones share that id, and it survives a rotated key, another host, a
renamed folder and every account added later with a higher number. Where it would change nevertheless,
the session finds the known connection by its accounts and says which id to set (`session.py`).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from people_transforms.errors import ConfigError
from people_transforms.models.vendors import vendors
from people_transforms.settings import WarehouseSettings, resolve

_ENVIRONMENT = {
    "key_id": "AWS_ACCESS_KEY_ID",
    "secret": "AWS_SECRET_ACCESS_KEY",
    "session_token": "AWS_SESSION_TOKEN",
    "endpoint": "AWS_ENDPOINT_URL_S3",
    "region": "AWS_REGION",
}
_ADDRESS = re.compile("postgres(ql)?://")
_ELSE = {"endpoint": "AWS_ENDPOINT_URL", "region": "AWS_DEFAULT_REGION"}


@dataclass(frozen=True, slots=True)
class LakePlace:
    """A lake and one connection in it. What may hold a password is never shown."""

    connection_id: str
    # A connection string of libpq, and where the Parquet files are.
    catalog: str = field(default="", repr=False)
    data_path: str = ""
    is_encrypted: bool = False
    storage: Mapping[str, str] = field(default_factory=dict, repr=False)
    # The vendor with each company or client, such as `alleo:501`.
    accounts: tuple[str, ...] = ()
    vendor: str = ""
    is_derived: bool = False

    @property
    def is_remote(self) -> bool:
        """Tell whether the Parquet files are in a bucket."""
        return "://" in self.data_path


def lake_place(
    warehouse: WarehouseSettings, vendor: str, config: Mapping[str, Any], base: Path | None = None
) -> LakePlace:
    """Read the settings of a lake.

    Raises ConfigError that names the setting that is missing or can't be used.
    """
    accounts = accounts_of(vendor, config) if vendor else ()
    connection_id = warehouse.connection_id or _derived(vendor, accounts)
    accounts = tuple(f"{vendor}:{account}" for account in accounts)
    catalog = warehouse.catalog.get_secret_value() if warehouse.catalog else ""
    if not catalog.startswith(("postgres:", "postgresql://")):
        raise ConfigError(
            "`warehouse.catalog` must be `postgres:` with a connection string, such as "
            "`postgres:host=db.example.com dbname=people user=people`, or an address as PostgreSQL "
            "writes it: `postgresql://people@db.example.com/people`."
        )
    if not warehouse.data_path:
        raise ConfigError("`warehouse.data_path` must name a folder or a bucket for the files.")
    path = warehouse.data_path
    if "://" not in path:
        path = str(resolve(path, base))
    return LakePlace(
        connection_id=connection_id,
        catalog=catalog if _ADDRESS.match(catalog) else catalog.removeprefix("postgres:"),
        data_path=path.rstrip("/") + "/",
        is_encrypted=bool(warehouse.encryption_key and warehouse.encryption_key.get_secret_value()),
        storage=_storage(warehouse),
        accounts=accounts,
        vendor=vendor,
        is_derived=warehouse.connection_id is None,
    )


def accounts_of(vendor: str, config: Mapping[str, Any]) -> tuple[str, ...]:
    """Name the accounts (companies or clients) that a configuration keeps, lowest first."""
    # A choice of Airbyte's form has its own name inside, with what belongs to it.
    for name, one in list(config.items()):
        config = {**config, **one} if isinstance(one, Mapping) and name in one else config
    found: set[str] = set()
    for path in vendors().get(vendor, {}).get("account_settings", ()):
        found |= {str(value) for value in _values(config, path.split("."))}
    return tuple(sorted(found, key=lambda key: (len(key), key)))


def _values(value: Any, path: list[str]) -> Iterator[Any]:
    if isinstance(value, list):
        for one in value:
            yield from _values(one, path)
    elif path:
        if isinstance(value, Mapping):
            yield from _values(value.get(path[0]), path[1:])
    elif isinstance(value, (str, int)) and str(value).strip():
        yield str(value).strip()


def _derived(vendor: str, accounts: tuple[str, ...]) -> str:
    if not accounts:
        raise ConfigError(
            "Set `warehouse.connection_id` to a name of this connection's own: the configuration "
            "names no account that would tell it apart in the lake."
        )
    return re.sub(r"[^A-Za-z0-9._-]", "-", f"{vendor}-{accounts[0]}")[:63]


def _storage(warehouse: WarehouseSettings) -> dict[str, str]:
    """Rights for a bucket: the settings, else the environment variables that every S3 tool reads."""
    secret = warehouse.s3_secret.get_secret_value() if warehouse.s3_secret else None
    given = {
        "key_id": warehouse.s3_key_id,
        "secret": secret,
        "endpoint": warehouse.s3_endpoint,
        "region": warehouse.s3_region,
    }
    found = {}
    for name, variable in _ENVIRONMENT.items():
        value = given.get(name) or os.environ.get(variable) or os.environ.get(_ELSE.get(name, ""))
        if value:
            found[name] = value
    return found
