"""What no signal and no exit may cut: a token that is being renewed is nowhere else until it is kept.

Airbyte cancels a sync with SIGTERM, a terminal with SIGINT. Either waits a while for what is uncut and ends the
process right after it. A second one does not wait, nor does SIGKILL.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from types import FrameType

_SIGNALS = (signal.SIGTERM, signal.SIGINT)
# An answer comes within seconds; a vendor that is down is asked for minutes.
_LONGEST_SECONDS = 10
# A signal finds the main thread anywhere, so nothing here takes a lock.
_going_on: set[object] = set()
_came: list[int] = []


@contextlib.contextmanager
def uncut() -> Iterator[None]:
    """Let the body come to its end before this process does."""
    me = object()
    _going_on.add(me)
    try:
        yield
    finally:
        _going_on.discard(me)
        if _came and not _going_on:
            os.kill(os.getpid(), _came[0])


def hold_signals() -> None:
    """From now on signals wait for what is uncut; to be called by the main thread."""
    usual = {int(number): signal.getsignal(number) for number in _SIGNALS}

    def come(number: int, _: FrameType | None) -> None:
        if _going_on and not _came:
            _came.append(number)
            signal.alarm(_LONGEST_SECONDS)
            return
        first = _came[0] if _came else number
        signal.signal(first, usual.get(first, signal.SIG_DFL))
        os.kill(os.getpid(), first)

    signal.signal(signal.SIGALRM, come)
    for number, before in usual.items():
        if before != signal.SIG_IGN:
            signal.signal(number, come)


def wait_for_uncut() -> None:
    """Wait a while for what is uncut; for who leaves without a signal."""
    until = time.monotonic() + _LONGEST_SECONDS
    while _going_on and time.monotonic() < until:
        time.sleep(0.05)
