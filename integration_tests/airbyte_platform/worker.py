"""Airbyte's replication worker: reads one process, writes the other, and believes neither.

After the platform's own code (container orchestrator, August 2026): RECORD and STATE are passed on,
everything else of the source is looked at and stays here. When the source has ended with 0, and the
destination's definition says `supportsRefreshes`, a COMPLETE is made up for every configured stream,
whatever the source said of it. When the source fails, the destination is told nothing: its input
ends, it does what it can, and its states are kept.
"""

from __future__ import annotations

import contextlib
import signal
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from .attempt import Attempt
from .naming import Naming
from .processes import Running
from .protocol import Message, complete, parsed, serialized
from .selection import ColumnFilter
from .states import StateBook


@dataclass(frozen=True)
class Strike:
    """A signal in the middle of an attempt.

    It comes when so many records were read, or, without a number, when the destination's input has
    ended. `both` with SIGTERM is what cancelling a sync does.
    """

    victim: Literal["source", "destination", "both"]
    number: signal.Signals = signal.SIGKILL
    after_records: int | None = None


CANCEL_AT_THE_END = Strike("both", signal.SIGTERM)


class EmptySource:
    """What runs in the source's place when streams are cleared: no process, null states."""

    stdin = None

    def __init__(self, messages: Iterable[Message]) -> None:
        self.stdout = [serialized(message) + b"\n" for message in messages]

    def signal(self, number: int) -> None:
        """Nobody is there."""

    def hang_up(self) -> None:
        """Nobody is there."""

    def wait(self) -> int:
        return 0


@dataclass
class Worker:
    """One attempt. `streams` is the configured catalog under the source's names."""

    streams: list[dict[str, Any]]
    naming: Naming
    supports_refreshes: bool
    strike: Strike | None = None

    def replicate(self, source: Running | EmptySource, destination: Running) -> Attempt:
        """Run both to their ends and tell how it went."""
        attempt, book = Attempt(), StateBook()
        listener = threading.Thread(target=self._listen, args=(destination, attempt, book))
        listener.start()
        try:
            reached = self._forward(source, destination, attempt, book)
            attempt.source_code = source.wait()
            if attempt.source_code == 0 and reached and self.supports_refreshes:
                self._send_all(destination, attempt, self._completes())
        finally:
            assert destination.stdin is not None
            with contextlib.suppress(BrokenPipeError):
                destination.stdin.close()
        if self.strike is not None and self.strike.after_records is None:
            self._hit(source, destination, attempt)
        # Heard to its end first: waiting closes what the listener reads from.
        listener.join()
        attempt.destination_code = destination.wait()
        if self.strike is not None and not attempt.is_struck:
            raise ValueError(f"the source sent too few records: {self.strike} never came")
        if attempt.destination_code == 0 and not attempt.is_cancelled:
            book.settle()
        attempt.broken = book.broken
        attempt.states = [self.naming.back(message) for message in book.returned]
        return attempt

    def _forward(
        self,
        source: Running | EmptySource,
        destination: Running,
        attempt: Attempt,
        book: StateBook,
    ) -> bool:
        """Pass the source's messages on; False when the destination stopped taking them."""
        for line in self._lines(source, destination, attempt, book):
            if not self._send_all(destination, attempt, [line]):
                attempt.is_source_ended = True
                source.hang_up()
                return False
        return True

    def _lines(
        self,
        source: Running | EmptySource,
        destination: Running,
        attempt: Attempt,
        book: StateBook,
    ) -> Iterator[bytes]:
        """What is for the destination; a struck source's last words are lost with the worker's queue."""
        columns = ColumnFilter(self.streams)
        records = 0
        for text in source.stdout:
            message = parsed(text)
            if message is None:
                continue
            attempt.source_said.append(message)
            if message["type"] == "RECORD":
                kept = message | {"record": columns.keep(message["record"])}
                yield serialized(self.naming.forth(kept))
                records += 1
                if self.strike is not None and self.strike.after_records == records:
                    self._hit(source, destination, attempt)
                    if self.strike.victim != "destination":
                        for _ in source.stdout:
                            pass
                        return
            elif message["type"] == "STATE":
                message = self.naming.forth(book.numbered(message))
                line = serialized(message)
                book.give(message, line)
                yield line

    def _send_all(self, destination: Running, attempt: Attempt, lines: Iterable[bytes]) -> bool:
        assert destination.stdin is not None
        try:
            for line in lines:
                _write_whole(destination.stdin, line + b"\n")
                attempt.sent.append(line)
        except BrokenPipeError:
            return False
        return True

    def _completes(self) -> Iterator[bytes]:
        for configured in self.streams:
            stream = configured["stream"]
            name = self.naming.target(stream["name"], stream.get("namespace"))
            yield complete(*name, time.time_ns() // 1_000_000)

    def _hit(self, source: Running | EmptySource, destination: Running, attempt: Attempt) -> None:
        assert self.strike is not None
        attempt.is_struck, attempt.is_cancelled = True, self.strike.victim == "both"
        if self.strike.victim in ("source", "both"):
            source.signal(self.strike.number)
        if self.strike.victim in ("destination", "both"):
            destination.signal(self.strike.number)

    @staticmethod
    def _listen(destination: Running, attempt: Attempt, book: StateBook) -> None:
        """Hear the destination to its end."""
        for text in destination.stdout:
            message = parsed(text)
            if message is None:
                continue
            attempt.destination_said.append(message)
            if message["type"] == "STATE":
                book.take_back(text.rstrip(b"\r\n"))


def _write_whole(pipe: Any, content: bytes) -> None:
    """An unbuffered pipe may take less than it is given."""
    rest = memoryview(content)
    while rest:
        rest = rest[pipe.write(rest) :]
