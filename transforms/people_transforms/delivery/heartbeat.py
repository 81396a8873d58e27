"""A sign of life while many calls are made: how many of the night's changes are done, every few seconds."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

EVERY_SECONDS = 5.0

logger = logging.getLogger("airbyte")


class Heartbeat:
    """Says how far a delivery is; a night that is done sooner says nothing."""

    def __init__(self, total: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._total = total
        self._clock = clock
        self._last = clock()

    def beat(self, done: int) -> None:
        """Log where the delivery is, if the last time is long enough ago."""
        now = self._clock()
        if now - self._last < EVERY_SECONDS:
            return
        self._last = now
        # An invitation comes on top of what was planned.
        of = max(self._total, done)
        progress = {"phase": "deliver", "done": done, "of": of}
        logger.info("deliver: %d of %d", done, of, extra={"progress": progress})
