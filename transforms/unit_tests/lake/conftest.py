"""Stores on a lake of their own: one database per test."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from people_sandbox.postgres import Postgres
from people_transforms.settings import WarehouseSettings
from people_transforms.store.warehouse import StorePaths, store_paths

Place = Callable[..., StorePaths]


@pytest.fixture
def place(new_lake: Callable[[Path], str], tmp_path: Path) -> Place:
    """Give a connection's place in this test's lake: `place("alleo-1", encryption_key=…)`."""
    return _places(new_lake(tmp_path / "lake"), tmp_path)


@pytest.fixture
def catalog(place: Place) -> str:
    """The setting that leads to this test's lake."""
    lake = place().lake
    assert lake is not None
    return f"postgres:{lake.catalog}"


@pytest.fixture
def unmade_place(postgres: Postgres, tmp_path: Path) -> Place:
    """The same where the first to come makes the lake."""
    return _places(postgres.new_database(), tmp_path)


def _places(conninfo: str, folder: Path) -> Place:
    def make(connection_id: str | None = "one", **settings: object) -> StorePaths:
        warehouse = WarehouseSettings(
            type="ducklake",
            catalog=f"postgres:{conninfo}",
            connection_id=connection_id,
            **({"data_path": str(folder / "lake")} | settings),
        )
        companies = [{"company_id": 7, "employer_id": "E"}, {"company_id": "31"}]
        return store_paths(warehouse, "alleo", folder, {"companies": companies})

    return make
