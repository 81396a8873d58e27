"""HTTP connections that nobody can hold: of the slow ones the oldest goes, and all go in time.

uvicorn waits without end for the rest of a request's head and for a reader that does not read; when
all file descriptors are taken, nobody is let in and each try is logged. Its `limit_concurrency` counts
the silent ones too and turns the next visitor away, who may be the customer.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

# Below the 256 file descriptors that the smallest systems give a process, with what it else needs.
MOST = 128
HEAD_SECONDS = 10.0
READ_SECONDS = 30.0


class ImpatientProtocol(H11Protocol):
    """A connection that is dropped when it is too slow, or when others wait for its place."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._waits_since = self.loop.time()
        self._was_let_in = False
        self._head_timer: asyncio.TimerHandle | None = None
        self._read_timer: asyncio.TimerHandle | None = None

    @property
    def is_waiting(self) -> bool:
        """Tell whether the other side has to send something before an answer can be made."""
        return self.cycle is None or self.cycle.response_complete or self.cycle.more_body

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        if len(self.connections) >= MOST and not self._make_room():
            transport.abort()
            return
        self._was_let_in = True
        super().connection_made(transport)
        self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        _cancel(self._head_timer, self._read_timer)
        if self._was_let_in:
            super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if not self._was_let_in:
            return
        super().data_received(data)
        self._stop_waiting_if_it_came()

    def on_response_complete(self) -> None:
        self._wait_for_head()
        # This begins the next request if it came along with the last.
        super().on_response_complete()
        self._stop_waiting_if_it_came()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._read_timer = self.loop.call_later(READ_SECONDS, self._drop)

    def resume_writing(self) -> None:
        super().resume_writing()
        _cancel(self._read_timer)

    def _wait_for_head(self) -> None:
        """Begin the time for the next request's head; bytes that trickle in do not prolong it."""
        _cancel(self._head_timer)
        self._waits_since = self.loop.time()
        self._head_timer = self.loop.call_later(HEAD_SECONDS, self._drop)

    def _stop_waiting_if_it_came(self) -> None:
        if self.cycle is not None and not self.cycle.response_complete:
            _cancel(self._head_timer)

    def _make_room(self) -> bool:
        """Drop the connection that has been waiting longest; False when all are being answered."""
        waiting = [
            one for one in self.connections if isinstance(one, ImpatientProtocol) and one.is_waiting
        ]
        if not waiting:
            return False
        oldest = min(waiting, key=lambda one: one._waits_since)
        self.connections.discard(oldest)
        oldest._drop()
        return True

    def _drop(self) -> None:
        self.transport.abort()


def _cancel(*timers: asyncio.TimerHandle | None) -> None:
    for timer in timers:
        if timer is not None:
            timer.cancel()
