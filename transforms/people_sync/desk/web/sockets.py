"""HTTP connections that nobody can hold: of the slow ones the oldest goes, and all go in time.

uvicorn waits without end for the rest of a request's head and for a reader that does not read; when
all file descriptors are taken, nobody is let in and each try is logged. Its `limit_concurrency` counts
the silent ones too and turns the next visitor away, who may be the customer. Here who comes while all
places are being answered stands in a line until one is done.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

# Together below the 256 file descriptors that the smallest systems give a process, with the 64 that one
# look at the door can bring (`serving`) and what the process else needs.
PLACES = 96
IN_LINE = 32
# What a connection that was let in may take before others can have its place.
MOMENT_SECONDS = 0.5
HEAD_SECONDS = 10.0
READ_SECONDS = 30.0


class ImpatientProtocol(H11Protocol):
    """A connection that is dropped when it is too slow, or when others wait for its place."""

    def __init__(self, *arguments: Any, line: deque[ImpatientProtocol], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._line = line
        self._waits_since = self.loop.time()
        self._was_let_in = False
        self._head_timer: asyncio.TimerHandle | None = None
        self._read_timer: asyncio.TimerHandle | None = None

    @property
    def is_waiting(self) -> bool:
        """Tell whether the other side has to send something before an answer can be made."""
        return self.cycle is None or self.cycle.response_complete or self.cycle.more_body

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self.transport = transport
        # Nothing is read in the line; it waits in the socket.
        transport.pause_reading()
        self._line.append(self)
        self._ask_for_a_place()
        if len(self._line) > IN_LINE:
            self._line.popleft()._drop()

    def connection_lost(self, exc: Exception | None) -> None:
        _cancel(self._head_timer, self._read_timer)
        if self._was_let_in:
            super().connection_lost(exc)
            self._let_in_who_can_be()

    def shutdown(self) -> None:
        while self._line:
            self._line.popleft()._drop()
        super().shutdown()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._stop_waiting_if_it_came()

    def on_response_complete(self) -> None:
        self._wait_for_head()
        if self._line:
            # One answer each while others stand in line; what was written still goes out.
            self.transport.close()
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

    def _ask_for_a_place(self) -> None:
        """Ask now, and again after each moment: nobody tells when those inside have become slow."""
        self._let_in_who_can_be()
        if self in self._line:
            self._head_timer = self.loop.call_later(MOMENT_SECONDS, self._ask_for_a_place)

    def _let_in_who_can_be(self) -> None:
        while self._line and (len(self.connections) < PLACES or self._make_room()):
            self._line.popleft()._let_in()

    def _let_in(self) -> None:
        self._was_let_in = True
        super().connection_made(self.transport)
        self._wait_for_head()
        self.transport.resume_reading()

    def _make_room(self) -> bool:
        """Drop the connection that has been waiting longest; False when none has for a moment."""
        now = self.loop.time()
        waiting = [
            one
            for one in self.connections
            if isinstance(one, ImpatientProtocol)
            and one.is_waiting
            and not one.transport.is_closing()
            and now - one._waits_since >= MOMENT_SECONDS
        ]
        if not waiting:
            return False
        oldest = min(waiting, key=lambda one: one._waits_since)
        self.connections.discard(oldest)
        oldest._drop()
        return True

    def _drop(self) -> None:
        _cancel(self._head_timer)
        self.transport.abort()


def _cancel(*timers: asyncio.TimerHandle | None) -> None:
    for timer in timers:
        if timer is not None:
            timer.cancel()
