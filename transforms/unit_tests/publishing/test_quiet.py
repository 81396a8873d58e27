"""Too quiet: only where a connection's own history makes such a silence improbable."""

from __future__ import annotations

import datetime as dt

import pytest
from people_transforms.publishing.quiet import judge

MONDAY = dt.date(2026, 1, 5)


def nights(counts: list[int]) -> list[tuple[dt.date, int]]:
    return [(MONDAY + dt.timedelta(days=n), count) for n, count in enumerate(counts)]


def test_a_busy_connection_that_falls_silent_is_too_quiet() -> None:
    silent = judge(nights([4, 2, 7, 1, 3, 0, 0] * 4 + [0] * 5))
    assert silent is not None
    assert (silent.nights, silent.since) == (7, dt.date(2026, 1, 31))
    assert silent.chance < 0.001


@pytest.mark.parametrize(
    ("why", "counts"),
    [
        ("changes came tonight", [4, 2, 7, 1, 3, 0, 0] * 4 + [1]),
        ("an ordinary weekend is no silence", [4, 2, 7, 1, 3, 0, 0] * 4),
        ("changes come in waves", ([5, 6, 2] + [0] * 25) * 3 + [5, 6, 2] + [0] * 25),
        ("a small employer has a change now and then", ([0] * 9 + [1]) * 6 + [0] * 14),
        ("there is no history yet", [3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
        ("there was never a change", [0] * 60),
        ("there is nothing at all", []),
    ],
)
def test_it_is_not_too_quiet_when(why: str, counts: list[int]) -> None:
    assert judge(nights(counts)) is None, why


def test_the_longer_the_silence_the_less_probable_it_is() -> None:
    busy = [3, 0, 2, 1, 0, 4, 1] * 5
    chances = [found.chance for n in range(6, 12) if (found := judge(nights(busy + [0] * n)))]
    assert chances == sorted(chances, reverse=True) and len(chances) > 2
