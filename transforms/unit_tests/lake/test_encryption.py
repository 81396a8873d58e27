"""A key encrypts the lake that it starts; who has set one never writes in the clear."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from people_transforms.errors import ConfigError
from people_transforms.store.warehouse import StorePaths, open_store

from .conftest import Place

pytestmark = pytest.mark.long
KEY = "a sentence that is a key"
ROW = "insert into sync.dead_letters (person_id) values (?)"


def kept(paths: StorePaths) -> list[tuple[str]]:
    with open_store(paths) as connection:
        rows: list[tuple[str]] = connection.execute(
            "select person_id from sync.dead_letters"
        ).fetchall()
        return rows


def legible(folder: Path) -> int:
    """How many Parquet files anybody can read."""
    files = list(folder.rglob("*.parquet"))
    assert files
    count = 0
    for path in files:
        try:
            duckdb.sql(f"from '{path}'").fetchall()
        except duckdb.Error:
            continue
        count += 1
    return count


def test_a_lake_that_starts_with_a_key_is_encrypted_for_everybody(
    unmade_place: Place, tmp_path: Path
) -> None:
    for name, settings in (("one", {"encryption_key": KEY}), ("two", {})):
        with open_store(unmade_place(name, **settings)) as connection:
            connection.execute(ROW, [name])
    assert kept(unmade_place("one", encryption_key=KEY)) == [("one",)]
    assert kept(unmade_place("two")) == [("two",)]
    assert legible(tmp_path / "lake") == 0


def test_a_key_for_a_lake_in_the_clear_is_refused(place: Place, tmp_path: Path) -> None:
    with open_store(place("one")) as connection:
        connection.execute(ROW, ["one"])
    assert legible(tmp_path / "lake") > 0, "control"
    with (
        pytest.raises(ConfigError, match="not encrypted"),
        open_store(place("two", encryption_key=KEY)),
    ):
        pass
