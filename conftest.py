"""What tests of several packages share: how much is drawn, one PostgreSQL, and stores that are ready."""

from __future__ import annotations

import fcntl
import os
import random
import shutil
import signal
import socketserver
import subprocess
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from people_sandbox.postgres import NO_POSTGRES, Postgres, find_programs, start_postgres
from people_sandbox.webhook import Webhook, start_webhook

pytest_plugins = ["people_sandbox.contracts.scripted"]
# Tests interrupt what they start. What a shell runs in the background, or `nohup`, ignores that, and so would all
# its children; a handler stays with this process.
for _number in (signal.SIGINT, signal.SIGHUP):
    if signal.getsignal(_number) == signal.SIG_IGN:
        signal.signal(_number, lambda *_: None)
# They start hundreds of processes, and each would compile our modules anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
# Where tests that are inherited are written.
for contract in ("client", "package"):
    pytest.register_assert_rewrite(f"people_sandbox.contracts.{contract}")

# The same examples every time. A test whose examples are dear takes a share of these:
# `settings(max_examples=settings().max_examples // 10)`.
settings.register_profile(
    "dev",
    max_examples=50,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
settings.register_profile("ci", parent=settings.get_profile("dev"), max_examples=100)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--seed", type=int, help="what the crash and fault matrices draw with")
    parser.addoption(
        "--every-point",
        action="store_true",
        help="take every point of the matrices and every case of the long tests (`make matrix`)",
    )


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> Generator[None, Any, Any]:
    """Make all but some of many tests long: `some(n)` keeps so many cases of a test, `few(n)` of a module.

    Of a test with `drawn(n)` so many cases are run, the same in each run, and all of them by `make matrix`;
    what has the mark `matrix` is run by that alone.
    """
    if not config.getoption("every_point"):
        _draw_cases(config, items)
    some = _together(items, "some", "[")
    # What is long as it is takes nobody's place.
    others = [
        item
        for item in items
        if not item.get_closest_marker("some") and not item.get_closest_marker("long")
    ]
    few = _together(others, "few", "::")
    for _, kept, found in (*some, *few):
        spread = {index * len(found) // kept for index in range(kept)}
        for index, item in enumerate(found):
            if index not in spread:
                item.add_marker(pytest.mark.long)
    # What `-m` deselects goes in between.
    result = yield
    items[:] = _longest_first(items)
    return result


def _longest_first(items: list[pytest.Item]) -> list[pytest.Item]:
    """Let each worker begin with some of those that take minutes: it is given a part of this list.

    Met at the end, one of them keeps all others waiting.
    """
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    longest = [item for item in items if item.get_closest_marker("minutes")]
    others = iter([item for item in items if not item.get_closest_marker("minutes")])
    parts = []
    for number in range(workers):
        begun = longest[number::workers]
        size = len(items) * (number + 1) // workers - len(items) * number // workers
        parts += [*begun, *islice(others, max(size - len(begun), 0))]
    return [*parts, *others]


def _draw_cases(config: pytest.Config, items: list[pytest.Item]) -> None:
    left = {item for item in items if item.get_closest_marker("matrix")}
    for name, kept, found in _together(items, "drawn", "["):
        left |= {*found} - {*random.Random(name).sample(found, min(kept, len(found)))}
    items[:] = [item for item in items if item not in left]
    config.hook.pytest_deselected(items=list(left))


def _together(
    items: list[pytest.Item], marker: str, ends_at: str
) -> Iterator[tuple[str, int, list[pytest.Item]]]:
    """Give what has a marker by the beginning of its name, and how many of them it keeps."""
    found: dict[str, list[pytest.Item]] = {}
    for item in items:
        if item.get_closest_marker(marker):
            found.setdefault(item.nodeid.split(ends_at, 1)[0], []).append(item)
    for name, same in found.items():
        mark = same[0].get_closest_marker(marker)
        assert mark is not None
        yield name, mark.args[0], same


@pytest.fixture(scope="session")
def started_postgres() -> Iterator[list[Postgres | Exception]]:
    """The server, or why there is none; one of several tests fails for that."""
    if find_programs() is None:
        pytest.skip(NO_POSTGRES)
    with ExitStack() as running:
        try:
            found: Postgres | Exception = running.enter_context(start_postgres())
        except (OSError, RuntimeError, subprocess.CalledProcessError) as error:
            found = error
        yield [found]


@pytest.fixture
def postgres(started_postgres: list[Postgres | Exception]) -> Postgres:
    """A PostgreSQL that runs. The first test without one fails, the others are skipped."""
    found = started_postgres[0]
    if isinstance(found, Postgres) and found.is_running:
        return found
    if len(started_postgres) > 1:
        pytest.skip("PostgreSQL is gone: one test failed for that")
    started_postgres.append(RuntimeError("told"))
    pytest.fail(f"PostgreSQL is gone: {found if isinstance(found, Exception) else found.said()}")


@pytest.fixture(scope="session")
def make_once(
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[Callable[[Path], None]], Path]:
    """Have a dear folder filled by one of the workers; the others wait for it and find it filled."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base

    def once(fill: Callable[[Path], None]) -> Path:
        folder = shared / f"{fill.__module__}.{fill.__qualname__}"
        with folder.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not folder.exists():
                unfinished = tmp_path_factory.mktemp("once")
                fill(unfinished)
                unfinished.rename(folder)
        return folder

    return once


@pytest.fixture(scope="session")
def ready_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an empty store; making one costs three times what copying it does."""
    from people_transforms.store.warehouse import StorePaths, open_store

    folder = tmp_path_factory.mktemp("ready")
    with open_store(StorePaths(folder / "staging.duckdb", folder / "work" / "w.duckdb")):
        pass
    return folder


@pytest.fixture
def copy_store(ready_store: Path) -> Callable[[Path], None]:
    """Put an empty store into a folder: `staging.duckdb` and `work/w.duckdb` are its paths."""

    def copy(folder: Path) -> None:
        shutil.copytree(ready_store / "work", folder / "work")

    return copy


@pytest.fixture(scope="session")
def made_lakes() -> list[str]:
    """The name of the database of a lake that is made and has no rows."""
    return []


@pytest.fixture
def new_lake(postgres: Postgres, made_lakes: list[str]) -> Callable[[Path], str]:
    """Make a lake with its files in a folder, without a row; gives its connection string.

    Making one takes a second, so one is made per process and its catalog copied.
    """

    def make(data: Path) -> str:
        import psycopg

        if not made_lakes:
            conninfo = postgres.new_database()
            _make_lake(conninfo, data.with_name("lake-of-nobody"))
            made_lakes.append(conninfo.rsplit("=", 1)[1])
        conninfo = postgres.new_database(like=made_lakes[0])
        with psycopg.connect(conninfo, autocommit=True) as catalog:
            moved = "update ducklake_metadata set value = %s where key = 'data_path'"
            catalog.execute(moved, [f"{data}/"])
        return conninfo

    return make


def _make_lake(conninfo: str, data: Path) -> None:
    """Make every table that a first run makes, and write nothing."""
    import duckdb
    from people_transforms.store.lake.attach import attached
    from people_transforms.store.lake.locks import connect
    from people_transforms.store.lake.place import LakePlace
    from people_transforms.store.lake.session import WORKING, Lake
    from people_transforms.store.lake.tables import tables_of
    from people_transforms.store.sync_tables import create_tables

    place = LakePlace("nobody", catalog=conninfo, data_path=f"{data}/")
    with connect(place) as locks, duckdb.connect() as connection:
        connection.execute("attach ':memory:' as store")
        connection.execute("use store")
        create_tables(connection)
        lake = Lake(connection, place, locks)
        lake.fill()
        with attached(connection, place, locks):
            lake._make_tables(tables_of(connection, "store", WORKING))


@pytest.fixture
def hook() -> Iterator[Webhook]:
    """A webhook on this machine that takes what it is told."""
    with start_webhook() as told:
        yield told


@pytest.fixture
def mailbox() -> Iterator[tuple[int, list[str]]]:
    """A mail server on this machine, as small as SMTP allows."""
    letters: list[str] = []

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"220 here\r\n")
            while line := self.rfile.readline():
                word = line[:4].upper()
                if word == b"DATA":
                    self.wfile.write(b"354 go on\r\n")
                    lines = iter(self.rfile.readline, b".\r\n")
                    letters.append(b"".join(lines).decode())
                self.wfile.write(b"221 bye\r\n" if word == b"QUIT" else b"250 fine\r\n")
                if word == b"QUIT":
                    return

    with socketserver.TCPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_address[1], letters
        server.shutdown()
        thread.join()
