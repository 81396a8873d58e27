"""Stores on a lake of their own: one database per test."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from people_sandbox.postgres import Postgres
from people_transforms.settings import WarehouseSettings
from people_transforms.warehouse import StorePaths, store_paths

Place = Callable[..., StorePaths]


@pytest.fixture
def catalog(postgres: Postgres) -> str:
    """The catalog of an empty lake, as the setting has it."""
    return f"postgres:{postgres.new_database()}"


@pytest.fixture
def place(catalog: str, tmp_path: Path) -> Place:
    """Give a connection's place in this test's lake: `place("alleo-1", encryption_key=…)`."""

    def make(connection_id: str | None = "one", **settings: object) -> StorePaths:
        warehouse = WarehouseSettings(
            type="ducklake",
            catalog=catalog,
            connection_id=connection_id,
            **({"data_path": str(tmp_path / "lake")} | settings),
        )
        companies = [{"company_id": 7, "employer_id": "E"}, {"company_id": "31"}]
        return store_paths(warehouse, "alleo", tmp_path, {"companies": companies})

    return make
