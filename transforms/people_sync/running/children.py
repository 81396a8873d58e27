"""The processes of a run: started apart, told to stop together, never left behind."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType, MappingProxyType
from typing import IO, TypeAlias

from people_sync.running.forked import Forked, end_with_parent, fork
from people_sync.running.warm import Warm

PATIENCE_SECONDS = 15.0
_NOTHING_MORE: Mapping[str, str] = MappingProxyType({})
Process: TypeAlias = "subprocess.Popen[bytes] | Forked"


@dataclass(slots=True)
class Children:
    """The processes of one run. `stopped_by` is the signal that ended the run early, if one did.

    Who is told to stop has `patience` seconds for it.
    """

    folder: Path
    warm: Warm = field(default_factory=Warm)
    patience: float = PATIENCE_SECONDS
    processes: list[Process] = field(default_factory=list)
    stopped_by: signal.Signals | None = None

    def start(
        self,
        command: Sequence[str | Path],
        *,
        reads: int | None,
        errors: IO[bytes],
        environment: Mapping[str, str] = _NOTHING_MORE,
    ) -> Process:
        """Start a connector in a process group of its own, in the connection's folder."""
        call = self.warm.find(command, environment)
        if call is not None:
            return self.fork(call, has_input=reads is not None, errors=errors.fileno())
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL if reads is None else reads,
            stdout=subprocess.PIPE,
            stderr=errors,
            bufsize=0,
            cwd=self.folder,
            env={**os.environ, **environment},
            start_new_session=True,
            preexec_fn=end_with_parent(),
        )
        return self._with(process)

    def fork(
        self, call: Callable[[], None], *, has_input: bool = False, errors: int | None = None
    ) -> Forked:
        """Start a copy of this process that makes one call, likewise."""
        process = fork(call, has_input=has_input, errors=errors, folder=self.folder)
        self._with(process)
        return process

    def _with(self, process: Process) -> Process:
        self.processes.append(process)
        if self.stopped_by:
            stop(process)
        return process

    @contextlib.contextmanager
    def guarded(self) -> Iterator[None]:
        """Tell the children to end when a signal ends this process, and end them whatever happens here.

        What it was started to ignore (`nohup`) it goes on ignoring.
        """
        before = {
            sign: signal.signal(sign, self._stop)
            for sign in _SIGNALS
            if signal.getsignal(sign) != signal.SIG_IGN
        }
        try:
            yield
        finally:
            for process in self.processes:
                stop(process)
            signal.setitimer(signal.ITIMER_REAL, 0)
            for sign, action in before.items():
                signal.signal(sign, action)

    def _stop(self, number: int, _frame: FrameType | None) -> None:
        # SIGINT is an error to tell to some connectors, and nothing to others.
        told = signal.SIGTERM
        if self.stopped_by:
            # A second signal, or the alarm: whoever is still there does not listen.
            told = signal.SIGKILL
        else:
            self.stopped_by = signal.Signals(number)
            signal.setitimer(signal.ITIMER_REAL, self.patience)
        for process in self.processes:
            _send(process, told)


_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGALRM)


def stop(process: Process) -> None:
    """End a process and whatever it started: politely first, then for certain."""
    if process.poll() is None:
        _send(process, signal.SIGTERM)
        try:
            process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            _send(process, signal.SIGKILL)
            process.wait()


def _send(process: Process, number: int) -> None:
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, number)
