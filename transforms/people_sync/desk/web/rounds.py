"""Work that is done in a thread of its own, now and then, so that no page waits for it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

logger = logging.getLogger(__name__)


class Rounds:
    """Does its work every so many seconds, at once when it is woken, and where asked once at the end.

    A round that fails is told in the log; the next one tries again.
    """

    def __init__(
        self, name: str, work: Callable[[], None], seconds: float, *, has_last: bool = False
    ) -> None:
        self._work = work
        self._seconds = seconds
        self._has_last = has_last
        self._wake = threading.Event()
        self._is_stopping = False
        self._thread = threading.Thread(target=self._go_on, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        """Do a round now."""
        self._wake.set()

    def stop(self) -> None:
        """Let the round that goes on finish, and end."""
        self._is_stopping = True
        self._wake.set()
        self._thread.join()

    def _go_on(self) -> None:
        while not self._is_stopping:
            self._round()
            self._wake.wait(self._seconds)
            self._wake.clear()
        if self._has_last:
            self._round()

    def _round(self) -> None:
        try:
            self._work()
        except Exception as error:
            logger.warning("A round of %s failed: %s", self._thread.name, type(error).__name__)
