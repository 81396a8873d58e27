"""One pace for all workers: the vendor's rate headers, a configured limit, and pauses it asked for."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping

from people_transforms.delivery.vendor import RateLimit

# No vendor's window is longer: a larger number is a date or a mistake, and nobody waits for it.
LONGEST_WINDOW_SECONDS = 3600
# Nor does one call wait longer for room in it.
LONGEST_PAUSE_SECONDS = 60.0


def parse_rate_limit(headers: Mapping[str, str]) -> RateLimit | None:
    """Read the X-RateLimit headers; None unless all three are there and can be meant.

    Of a mapping that tells cases apart the names are in lower case.
    """
    try:
        limit = RateLimit(
            limit=int(headers["x-ratelimit-limit"]),
            remaining=int(headers["x-ratelimit-remaining"]),
            reset_seconds=float(headers["x-ratelimit-reset"]),
        )
    except (KeyError, ValueError):
        return None
    return limit if 0 <= limit.reset_seconds <= LONGEST_WINDOW_SECONDS else None


def wait_for_room(limit: RateLimit | None) -> None:
    """Wait out a used-up window: a client's long list is one call to the engine, which can't pace it."""
    if limit and limit.remaining <= 0:
        time.sleep(min(limit.reset_seconds, LONGEST_PAUSE_SECONDS))


class Pace:
    """Lets a call go when the vendor's window still has room; shared by every worker.

    `per_minute` is a limit of our own, in calls per 60 s. Headers of the vendor are followed as
    they come: `remaining` calls until `reset_seconds` have passed.
    """

    def __init__(self, per_minute: int | None = None) -> None:
        self._lock = threading.Lock()
        self._spacing = 60 / per_minute if per_minute else 0.0
        self._next_call = 0.0
        self._remaining: float = float("inf")
        self._window_ends = 0.0
        self._paused_until = 0.0

    def wait(self) -> None:
        """Block until the next call may be made."""
        while True:
            with self._lock:
                now = time.monotonic()
                if now >= self._window_ends:
                    self._remaining = float("inf")
                free_at = self._window_ends if self._remaining < 1 else self._next_call
                pause = max(free_at, self._paused_until) - now
                if pause <= 0:
                    self._remaining -= 1
                    self._next_call = max(now, self._next_call) + self._spacing
                    return
            time.sleep(min(pause, 1.0))

    def observe(self, limit: RateLimit | None) -> None:
        """Take in what the latest answer said; late answers of the same window don't add room."""
        if limit is None:
            return
        with self._lock:
            now = time.monotonic()
            self._remaining = min(self._remaining, limit.remaining)
            self._window_ends = max(self._window_ends, now + limit.reset_seconds)

    def pause(self, seconds: float) -> None:
        """Stop every worker for a while: the vendor answered 429.

        Its window may end much later; only `observe` knows whether that has room left.
        """
        with self._lock:
            self._paused_until = max(self._paused_until, time.monotonic() + seconds)
