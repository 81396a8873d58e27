"""The connector processes of a run: started apart, told to stop together, never left behind."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import IO

PATIENCE_SECONDS = 15.0
_PR_SET_PDEATHSIG = 1


@dataclass(slots=True)
class Children:
    """The processes of one run. `stopped_by` is the signal that ended the run early, if one did."""

    folder: Path
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    stopped_by: signal.Signals | None = None

    def start(
        self, command: Sequence[str | Path], *, reads: int | None, errors: IO[bytes]
    ) -> subprocess.Popen[bytes]:
        """Start a connector in a process group of its own, in the connection's folder."""
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL if reads is None else reads,
            stdout=subprocess.PIPE,
            stderr=errors,
            bufsize=0,
            cwd=self.folder,
            start_new_session=True,
            preexec_fn=_dies_with_parent(),
        )
        self.processes.append(process)
        if self.stopped_by:
            stop(process)
        return process

    @contextlib.contextmanager
    def guarded(self) -> Iterator[None]:
        """Pass SIGINT and SIGTERM on to the children, and end them whatever happens here."""
        before = {sign: signal.signal(sign, self._pass_on) for sign in _SIGNALS}
        try:
            yield
        finally:
            for process in self.processes:
                stop(process)
            for sign, action in before.items():
                signal.signal(sign, action)

    def _pass_on(self, number: int, _frame: FrameType | None) -> None:
        if self.stopped_by:
            number = signal.SIGKILL
        self.stopped_by = self.stopped_by or signal.Signals(number)
        for process in self.processes:
            _send(process, number)


_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a process and whatever it started: politely first, then for certain."""
    if process.poll() is None:
        _send(process, signal.SIGTERM)
        try:
            process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            _send(process, signal.SIGKILL)
            process.wait()


def _send(process: subprocess.Popen[bytes], number: int) -> None:
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, number)


def _dies_with_parent() -> Callable[[], None] | None:
    """Ask Linux to end the child when this process is killed; elsewhere its pipes tell it."""
    if sys.platform != "linux":
        return None
    import ctypes

    prctl = ctypes.CDLL(None, use_errno=True).prctl

    def arrange() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)

    return arrange
