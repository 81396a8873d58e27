"""All workers keep one pace: the vendor's window, its pauses and a limit of our own."""

from __future__ import annotations

import pytest
from people_transforms.delivery import ratelimit
from people_transforms.delivery.ratelimit import Pace
from people_transforms.delivery.vendor import RateLimit

pytestmark = pytest.mark.few(1)


class Clock:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(ratelimit, "time", made)
    return made


def waited(pace: Pace, clock: Clock) -> float:
    began = clock.now
    pace.wait()
    return round(clock.now - began, 6)


def test_without_any_limit_nobody_waits(clock: Clock) -> None:
    pace = Pace()
    assert [waited(pace, clock) for _ in range(1000)] == [0.0] * 1000


def test_a_limit_of_our_own_spaces_the_calls(clock: Clock) -> None:
    pace = Pace(per_minute=120)
    assert [waited(pace, clock) for _ in range(3)] == [0.0, 0.5, 0.5]


def test_a_window_without_room_is_waited_out(clock: Clock) -> None:
    pace = Pace()
    pace.observe(RateLimit(limit=600, remaining=2, reset_seconds=30))
    assert [waited(pace, clock) for _ in range(4)] == [0.0, 0.0, 30.0, 0.0]


def test_a_late_answer_of_the_same_window_adds_no_room(clock: Clock) -> None:
    pace = Pace()
    pace.observe(RateLimit(limit=600, remaining=1, reset_seconds=30))
    pace.observe(RateLimit(limit=600, remaining=5, reset_seconds=30))
    assert [waited(pace, clock) for _ in range(2)] == [0.0, 30.0]


def test_a_pause_is_as_long_as_was_asked_and_not_as_long_as_the_window(clock: Clock) -> None:
    pace = Pace()
    pace.observe(RateLimit(limit=600, remaining=500, reset_seconds=60))
    pace.pause(2)
    assert [waited(pace, clock) for _ in range(2)] == [2.0, 0.0]
