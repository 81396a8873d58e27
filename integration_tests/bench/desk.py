"""The desk over a fleet: how soon the list of all connections opens, from files and from a lake.

The peer for the lake is a bare DuckDB that opens the same lake and groups its runs; for the files one
that opens each and asks for its latest run. In the lake the list is the first after a night: what is kept
between two looks does not help it. Of files the desk reads all at its start, which is what the peer does
too; what a visitor waits for is a look at the files that nobody replaced since.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

import duckdb
from people_sandbox.postgres import start_postgres
from people_sync.desk.overview import Fleet
from people_sync.desk.served import Connections, find_connections
from people_transforms.publishing.publish import publish_staging
from people_transforms.settings import WarehouseSettings
from people_transforms.store.lake.attach import NAME, attached, load_extensions
from people_transforms.store.lake.locks import connect
from people_transforms.store.lake.place import LakePlace
from people_transforms.store.lake.tables import CONNECTIONS
from people_transforms.store.warehouse import StorePaths, open_store, store_paths

_NOW = dt.datetime(2026, 3, 2, 1, tzinfo=dt.UTC)
_RUN = (
    "insert into sync.runs by name select '20260302T010000Z-' || ? as run_id, ?::timestamptz as "
    "started_at, ?::timestamptz as finished_at, 'done' as outcome, 'in_order' as status, "
    "'alleo' as vendor, 'loket' as source_system, '{}' as counts"
)


def run(size: int, rounds: int = 3) -> dict[str, float]:
    """Measure lists of `size` connections."""
    with tempfile.TemporaryDirectory() as name:
        of_files = _files(Path(name), size, rounds)
    with start_postgres() as postgres, tempfile.TemporaryDirectory() as name:
        of_lake = _lake(postgres.new_database(), Path(name), size, rounds)
    figures: dict[str, float] = {}
    for kind, (ours, peer, waits) in {"files": of_files, "lake": of_lake}.items():
        figures |= {f"desk_{kind}_s": waits, f"desk_{kind}_ratio": peer / ours}
        figures |= {f"desk_{kind}_ratio.ours": ours, f"desk_{kind}_ratio.peer": peer}
    return figures


def _files(folder: Path, size: int, rounds: int) -> tuple[float, float, float]:
    first = _connection(folder / "c0000")
    with open_store(first) as connection:
        connection.execute(_RUN, ["aaaaaa", _NOW, _NOW])
        publish_staging(connection, first.staging)
    staging = [first.staging]
    for number in range(1, size):
        paths = _connection(folder / f"c{number:04}")
        paths.staging.parent.mkdir(parents=True)
        shutil.copyfile(first.staging, paths.staging)
        staging.append(paths.staging)

    def bare() -> None:
        for path in staging:
            with duckdb.connect(str(path), read_only=True) as connection:
                connection.execute("select max(run_id) from sync.runs").fetchall()

    connections = find_connections([folder], folder / "work")
    ours = _median(rounds, lambda: _look(Fleet(), connections, size))
    kept = Fleet()
    _look(kept, connections, size)
    waits = _median(rounds, lambda: _look(kept, connections, size))
    return ours, _median(rounds, bare), waits


def _connection(folder: Path) -> StorePaths:
    folder.mkdir()
    (folder / "source.json").write_text("{}")
    (folder / "destination.json").write_text("{}")
    (folder / "connection.yaml").write_text(
        "source: {connector: source-loket, config: source.json}\n"
        "destination: {connector: destination-alleo, config: destination.json}\n"
        "state: .people-sync/state.json\n"
    )
    return store_paths(WarehouseSettings(), "alleo", folder)


def fill_lake(catalog: str, folder: Path, size: int) -> tuple[Path, LakePlace]:
    """Make a lake with `size` connections after a good night; gives a destination's settings for it."""
    settings = {
        "type": "ducklake",
        "catalog": f"postgres:{catalog}",
        "data_path": str(folder / "lake"),
        "connection_id": "one",
    }
    paths = store_paths(WarehouseSettings.model_validate(settings), "alleo", folder)
    with open_store(paths) as connection:
        connection.execute(_RUN, ["aaaaaa", _NOW, _NOW])
    place = paths.lake
    assert place is not None
    with _opened(place) as connection:
        for table in (CONNECTIONS, "sync.runs"):
            connection.execute(
                f"insert into {NAME}.{table} by name "
                "select * exclude (n) replace (connection_id || '-' || n as connection_id) "
                f"from {NAME}.{table}, range(1, ?) as numbers (n) where connection_id = 'one'",
                [size],
            )
    config = folder / "destination.json"
    config.write_text(json.dumps({"warehouse": settings}))
    return config, place


def _lake(catalog: str, folder: Path, size: int, rounds: int) -> tuple[float, float, float]:
    config, place = fill_lake(catalog, folder, size)

    def bare() -> None:
        with _opened(place) as connection:
            connection.execute(
                f"select connection_id, max(run_id) from {NAME}.sync.runs group by all"
            ).fetchall()

    desk = find_connections([config], folder / "work")
    _look(Fleet(), desk, size)

    def ours() -> None:
        # As after a night: somebody has written there since the last look.
        with _opened(place) as connection:
            connection.execute(
                f"update {NAME}.{CONNECTIONS} set pushed_at = now() where connection_id = 'one'"
            )
        began = time.perf_counter()
        _look(Fleet(), desk, size)
        seconds.append(time.perf_counter() - began)

    seconds: list[float] = []
    for _ in range(rounds):
        ours()
    return median(seconds), _median(rounds, bare), median(seconds)


@contextlib.contextmanager
def _opened(place: LakePlace) -> Iterator[duckdb.DuckDBPyConnection]:
    with connect(place) as locks, duckdb.connect() as connection:
        load_extensions(connection, place)
        with attached(connection, place, locks):
            yield connection


def _look(fleet: Fleet, connections: Connections, size: int) -> None:
    rows = fleet.rows(connections)
    if len(rows) != size or {row.state for row in rows} != {"in_order"}:
        raise SystemExit(f"The list has {len(rows)} connections instead of {size}.")


def _median(rounds: int, what: Callable[[], None]) -> float:
    seconds = []
    for _ in range(rounds):
        began = time.perf_counter()
        what()
        seconds.append(time.perf_counter() - began)
    return median(seconds)
