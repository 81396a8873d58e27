"""kill -9 of the source or of the destination at a random moment of night 1, and run again."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from .connections import FILE_AND_LAKE, Connection
from .kills import kill_in_night

Connect = Callable[..., Connection]
pytestmark = FILE_AND_LAKE
PAIRS = {
    "alleo": ("source-loket", "destination-alleo"),
    "lunchdrive": ("source-alveno", "destination-lunchdrive"),
}


def live_through(connection: Connection, victim: str, shares: list[float]) -> int:
    """Kill night 1 again and again, then let it pass; gives how many kills met a living night."""
    preview = connection.sync()
    assert preview.code == 3, preview.err
    seconds = preview.summary["seconds"]
    connection.approve()
    met = sum(kill_in_night(connection, victim, share, seconds) for share in shares)
    night = connection.sync()
    assert night.code == 0, night.out + night.err
    assert connection.active() == connection.desired() != set()
    assert connection.duplicates() == []
    assert all(account.get("invitations", 0) <= 1 for account in connection.accounts())
    connection.box.clear_requests()
    again = connection.write(connection.first_lines())
    assert again.code == 0, again.out
    assert connection.writes() == []
    return met


@pytest.mark.parametrize("victim", ["source", "destination"])
def test_killed_in_night_one_and_run_again(connect: Connect, victim: str) -> None:
    connection = connect(*PAIRS["lunchdrive"])
    program = connection.source if victim == "source" else connection.destination
    share = random.Random(victim).uniform(0.3, 0.8)
    assert live_through(connection, program, [share]) == 1


@pytest.mark.long
@pytest.mark.parametrize("platform", PAIRS)
@pytest.mark.parametrize("victim", ["source", "destination"])
def test_killed_many_times_in_night_one_and_run_again(
    connect: Connect, platform: str, victim: str, say: Callable[[str], None]
) -> None:
    connection = connect(*PAIRS[platform])
    program = connection.source if victim == "source" else connection.destination
    seed = random.SystemRandom().randrange(10**6)
    draw = random.Random(seed)
    shares = [draw.uniform(0.1, 0.98) for _ in range(12)]
    met = live_through(connection, program, shares)
    say(f"{platform}: the {victim} was killed {met} times (seed {seed})")
    assert met >= 6
