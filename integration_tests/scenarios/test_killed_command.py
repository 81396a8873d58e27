"""`people-sync run` itself, killed at what it keeps: the catalog, the state, the status; and run again.

What its connectors touch is struck in `test_crash_matrix.py`. What they began goes on without it for a
moment, so whoever starts the night again may be told that the store is in use.
"""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from people_sync.connection.connection_file import read_connection_file
from people_sync.connection.kept_catalog import KeptCatalog

from .all_operations import settled
from .connections import PAIRS, Connection, Ended, Launcher
from .points import Draw

pytestmark = pytest.mark.long
NO_BRAKES = {"removals": None, "additions": None, "updates": None}
MOST_TRIES = 60


@pytest.fixture
def command(tmp_path: Path) -> Iterator[Callable[..., Ended]]:
    """`people-sync run`, with its own touches counted."""
    launcher = Launcher("people_sync.program:main", tmp_path / "command")

    def run(connection: Connection, **limits: int) -> Ended:
        argv = ["run", str(connection.file), "--output", "json"]
        return launcher.start(argv, connection.folder, Path("/dev/null"), **limits)

    yield run
    launcher.close()


def run_again(connection: Connection) -> Ended:
    """Start the night again, once the connectors of the one before have noticed its end."""
    for _ in range(MOST_TRIES):
        ended = connection.sync()
        if "another run" not in (ended.out + ended.err).lower():
            break
        time.sleep(0.5)
    return ended


@pytest.mark.drawn(1)
@pytest.mark.parametrize("pair", PAIRS)
def test_killed_at_each_touch_of_its_own_and_run_again(
    pair: str, connect: Callable[..., Connection], command: Callable[..., Ended], draw: Draw
) -> None:
    connection = connect(*PAIRS[pair], brakes=NO_BRAKES)
    box, eve = connection.box, connection.folder / "eve"
    assert connection.sync().code == 3
    connection.approve()
    # Other settings: the source is asked for its catalog again, which is kept anew.
    connection.configure(brakes=NO_BRAKES | {"fill_rate": None})
    connection.keep(eve)
    before = connection.accounts()

    def again() -> None:
        connection.restore(eve)
        box.put_accounts(connection.platform, before)
        box.clear_requests()

    undisturbed = command(connection)
    assert undisturbed.code == 0, undisturbed.out + undisturbed.err
    wanted = settled(connection.accounts())
    points = dict(enumerate(undisturbed.points, start=1))
    assert {"after replace state.json", "after replace state.json.catalog"} <= set(points.values())

    wrong = []
    numbers = draw.of_each_name({n: name for n, name in points.items() if name[:5] == "after"})
    for place, number in enumerate([1, *numbers]):
        point = points[number]
        again()
        killed = command(connection, kill_at=number)
        ended = run_again(connection)
        if killed.code != -signal.SIGKILL or ended.code != 0:
            wrong.append(f"{point}: ended with {killed.code}, then {ended.code}: {ended.out}")
        if settled(connection.accounts()) != wanted or connection.duplicates():
            wrong.append(f"{point}: the vendor differs from an undisturbed night")
        box.clear_requests()
        if place % 5 == 0 and (connection.sync().code != 0 or connection.writes()):
            wrong.append(f"{point}: the night after wrote something")
        if _catalog(connection) != _catalog_asked(connection):
            wrong.append(f"{point}: another catalog is kept")
    assert wrong == []


def _catalog(connection: Connection) -> object:
    file = read_connection_file(connection.file)
    kept = KeptCatalog.beside(file.state, file.source, file.destination)
    return kept.read(kept.fingerprint())


def _catalog_asked(connection: Connection) -> object:
    streams = json.loads(connection.catalog().read_bytes())["streams"]
    return {"streams": [one["stream"] for one in streams]}
