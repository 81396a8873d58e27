"""kill -9 of the source or of the destination at a random moment of night 1, and run again."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable

import pytest

from .connections import FILE_AND_LAKE, PAIRS, Connection
from .kills import kill_in_night
from .points import Draw

Connect = Callable[..., Connection]
MOST_TRIES = 6


def live_through(connection: Connection, victim: str, kills: int, draw: random.Random) -> None:
    """Kill one process of night 1 so many times, then let the night pass."""
    preview = connection.sync()
    assert preview.code == 3, preview.err
    seconds = preview.summary["seconds"]
    connection.approve()
    # A moment may come when the process is gone already; that night passes and counts for nothing.
    tries = (
        kill_in_night(connection, victim, draw.uniform(0.1, 0.9), seconds)
        for _ in range(MOST_TRIES * kills)
    )
    assert sum(itertools.islice(filter(None, tries), kills)) == kills
    night = connection.sync()
    assert night.code == 0, night.out + night.err
    assert connection.active() == connection.desired() != set()
    assert connection.duplicates() == []
    assert all(account.get("invitations", 0) <= 1 for account in connection.accounts())
    connection.box.clear_requests()
    again = connection.write(connection.first_lines())
    assert again.code == 0, again.out
    assert connection.writes() == []


@FILE_AND_LAKE
@pytest.mark.parametrize("victim", ["destination", pytest.param("source", marks=pytest.mark.long)])
def test_killed_in_night_one_and_run_again(connect: Connect, victim: str) -> None:
    connection = connect(*PAIRS["lunchdrive"])
    program = connection.source if victim == "source" else connection.destination
    live_through(connection, program, 1, random.Random(victim))


@pytest.mark.long
@pytest.mark.drawn(1)
@pytest.mark.parametrize("lake", ["file"], indirect=True)
@pytest.mark.parametrize("platform", PAIRS)
@pytest.mark.parametrize("victim", ["source", "destination"])
def test_killed_many_times_in_night_one_and_run_again(
    connect: Connect, platform: str, victim: str, draw: Draw
) -> None:
    connection = connect(*PAIRS[platform])
    program = connection.source if victim == "source" else connection.destination
    live_through(connection, program, 4 if draw.takes_all else 2, draw.random)


@pytest.mark.long
@pytest.mark.drawn(1)
@pytest.mark.parametrize("lake", ["ducklake"], indirect=True)
@pytest.mark.parametrize("platform", PAIRS)
def test_a_destination_killed_many_times_loses_nothing_of_a_lake(
    connect: Connect, platform: str, draw: Draw
) -> None:
    connection = connect(*PAIRS[platform])
    kills = 3 if draw.takes_all else 2
    live_through(connection, connection.destination, kills, draw.random)
