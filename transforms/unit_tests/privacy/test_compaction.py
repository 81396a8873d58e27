"""A working file that is mostly room is written anew when it is opened next."""

from __future__ import annotations

from pathlib import Path

import pytest
from people_transforms.settings import WarehouseSettings
from people_transforms.store.warehouse import (
    StorePaths,
    compact_when_closed,
    has_doubled,
    open_store,
    store_paths,
)

WORD = "a-word-that-stays-legible"


@pytest.fixture(params=[None, "a sentence that is a key"])
def paths(request: pytest.FixtureRequest, tmp_path: Path) -> StorePaths:
    warehouse = WarehouseSettings(path=str(tmp_path), encryption_key=request.param)
    return store_paths(warehouse, "alleo")


def fill_and_delete(paths: StorePaths) -> bool:
    with open_store(paths) as connection:
        connection.execute("set force_compression = 'uncompressed'")
        connection.execute(
            "insert into sync.deliveries (delivery_id, error) "
            "select i::varchar, ? || repeat('x', 500) || i from range(80000) as numbers(i)",
            [WORD],
        )
        connection.execute("checkpoint store")
        connection.execute("delete from sync.deliveries where delivery_id <> '7'")
        connection.execute("checkpoint store")
    return has_doubled(paths)


def test_deleted_rows_are_gone_once_the_file_is_written_anew(paths: StorePaths) -> None:
    assert fill_and_delete(paths)
    large = paths.work.stat().st_size
    legible = paths.work.read_bytes().count(WORD.encode())
    assert legible > 1 or paths.key, "control: deleted text stays in a DuckDB file"
    compact_when_closed(paths)
    with open_store(paths) as connection:
        assert connection.execute("select count(*) from sync.deliveries").fetchone() == (1,)
    assert paths.work.stat().st_size < large / 3
    assert not has_doubled(paths)
    assert paths.work.read_bytes().count(WORD.encode()) <= 1
    assert paths.work.stat().st_mode & 0o077 == 0


def test_a_file_that_is_full_is_left_as_it_is(paths: StorePaths) -> None:
    with open_store(paths):
        assert not has_doubled(paths)
    before = paths.work.stat().st_ino
    with open_store(paths):
        pass
    assert paths.work.stat().st_ino == before
