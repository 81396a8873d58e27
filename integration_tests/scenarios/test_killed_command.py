"""`people-sync run` itself, killed at what it keeps: the catalog, the state, the status; and run again.

What its connectors touch is struck in `test_crash_matrix.py`. What they began goes on without it for a
moment, so whoever starts the night again may be told that the store is in use.
"""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Callable

import pytest
from people_sync.connection.connection_file import read_connection_file
from people_sync.connection.kept_catalog import KeptCatalog

from .all_operations import NO_BRAKES, Evening, settled
from .connections import PAIRS, Connection, Ended
from .points import Draw

pytestmark = pytest.mark.long
MOST_TRIES = 60


def run(connection: Connection, **limits: int) -> Ended:
    """`people-sync run`, with its own touches counted."""
    argv = ("run", str(connection.file), "--output", "json")
    return connection.command(*argv, watched=True, **limits)


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
    pair: str, connect: Callable[..., Connection], draw: Draw
) -> None:
    connection = connect(*PAIRS[pair], brakes=NO_BRAKES)
    assert connection.sync().code == 3
    connection.approve()
    # The source is asked for its catalog again, which is kept anew.
    _kept(connection).path.unlink()
    store = connection.folder / "eve"
    connection.keep(store)
    eve = Evening(connection, store, connection.accounts())

    undisturbed = run(connection)
    assert undisturbed.code == 0, undisturbed.out + undisturbed.err
    wanted = settled(connection.accounts())
    points = dict(enumerate(undisturbed.points, start=1))
    assert {"after replace state.json", "after replace state.json.catalog"} <= set(points.values())

    streams = json.loads(connection.catalog().read_bytes())["streams"]
    asked = {"streams": [one["stream"] for one in streams]}
    wrong = []
    numbers = draw.of_each_name(
        {n: name for n, name in points.items() if name.startswith("after ")}
    )
    for place, number in enumerate([1, *draw.some(numbers, 4)]):
        point = points[number]
        eve.again()
        killed = run(connection, kill_at=number)
        ended = run_again(connection)
        if killed.code != -signal.SIGKILL or ended.code != 0:
            wrong.append(f"{point}: ended with {killed.code}, then {ended.code}: {ended.out}")
        if settled(connection.accounts()) != wanted or connection.duplicates():
            wrong.append(f"{point}: the vendor differs from an undisturbed night")
        connection.box.clear_requests()
        if place % 5 == 0 and (connection.sync().code != 0 or connection.writes()):
            wrong.append(f"{point}: the night after wrote something")
        kept = _kept(connection)
        if kept.read(kept.fingerprint()) != asked:
            wrong.append(f"{point}: another catalog is kept")
    assert wrong == []


def _kept(connection: Connection) -> KeptCatalog:
    file = read_connection_file(connection.file)
    return KeptCatalog.beside(file.state, file.source, file.destination)
