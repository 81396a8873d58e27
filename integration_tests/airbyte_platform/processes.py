"""The two sides of a sync as processes: started for it, or forked from a warmed one."""

from __future__ import annotations

import fcntl
import io
import os
import signal
import subprocess
import tempfile
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Protocol

# One page: a writer can't run ahead of its reader, so it is still there when it is killed.
SMALLEST_PIPE = 4096


class Running(Protocol):
    """A connector at work. `stdin` is None for a source."""

    stdin: IO[bytes] | None
    stdout: IO[bytes]

    def signal(self, number: int) -> None: ...

    def hang_up(self) -> None:
        """Take no more of its output, so that it ends."""
        ...

    def wait(self) -> int:
        """The exit code as a shell gives it: 128 and the signal's number for a killed process."""
        ...


class Program(Protocol):
    """Something that can be started again and again."""

    def start(
        self, argv: Sequence[str], folder: Path, has_input: bool, is_slow: bool = False
    ) -> Running:
        """Start it in a working directory; `is_slow` keeps it from writing ahead."""
        ...


def as_a_shell_says(code: int) -> int:
    """`subprocess` gives a signal's number as a negative code."""
    return 128 - code if code < 0 else code


def _buffer_size(is_slow: bool) -> int:
    return 512 if is_slow else 1 << 16


@dataclass(frozen=True)
class FreshProgram:
    """A process of its own each time: where it is to be killed, or is cheap."""

    command: tuple[str | Path, ...]

    def start(
        self, argv: Sequence[str], folder: Path, has_input: bool, is_slow: bool = False
    ) -> Running:
        return _FreshProcess(
            subprocess.Popen(
                [*self.command, *argv],
                cwd=folder,
                stdin=subprocess.PIPE if has_input else subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                pipesize=SMALLEST_PIPE if is_slow else -1,
                bufsize=0,
            ),
            _buffer_size(is_slow),
        )


class _FreshProcess:
    def __init__(self, process: subprocess.Popen[bytes], buffer_size: int) -> None:
        self._process = process
        self.stdin = process.stdin
        output: Any = process.stdout
        self.stdout: IO[bytes] = io.BufferedReader(output, buffer_size)

    def signal(self, number: int) -> None:
        self._process.send_signal(number)

    def hang_up(self) -> None:
        self.stdout.close()
        self._process.terminate()

    def wait(self) -> int:
        code = as_a_shell_says(self._process.wait())
        self.stdout.close()
        return code


@dataclass
class WarmedProgram:
    """Forks from a process that has imported the connector; see `scenarios/edges.py`.

    `order` sends one order and answers with the exit code. `limits` go into every order: `kill_at` a
    point. A signal can't be sent: nobody tells the id of the fork.
    """

    order: Callable[[dict[str, Any]], int]
    limits: dict[str, int] = field(default_factory=dict)

    def start(
        self, argv: Sequence[str], folder: Path, has_input: bool, is_slow: bool = False
    ) -> Running:
        return _Fork(self, argv, folder, has_input, is_slow)


class _Fork:
    """One fork, spoken to through named pipes."""

    def __init__(
        self,
        program: WarmedProgram,
        argv: Sequence[str],
        folder: Path,
        has_input: bool,
        is_slow: bool,
    ) -> None:
        self._pipes = tempfile.TemporaryDirectory()
        pipes = Path(self._pipes.name)
        given, said = pipes / "stdin", pipes / "stdout"
        os.mkfifo(said)
        if has_input:
            os.mkfifo(given)
        order: dict[str, Any] = {
            "argv": list(argv),
            "cwd": str(folder),
            "stdin": str(given) if has_input else os.devnull,
            "stdout": str(said),
            "stderr": str(pipes / "stderr"),
        }
        if program.limits:
            order |= {"points": str(pipes / "points"), **program.limits}
        self._code = 0
        self._thread = threading.Thread(target=self._run, args=(program.order, order))
        self._thread.start()
        # The fork opens its ends in the same order, and each waits for the other.
        self.stdin: IO[bytes] | None = given.open("wb", buffering=0) if has_input else None
        output = said.open("rb", buffering=0)
        if is_slow:
            fcntl.fcntl(output, fcntl.F_SETPIPE_SZ, SMALLEST_PIPE)
        self.stdout: IO[bytes] = io.BufferedReader(output, _buffer_size(is_slow))

    def _run(self, order: Callable[[dict[str, Any]], int], what: dict[str, Any]) -> None:
        self._code = as_a_shell_says(order(what))

    def signal(self, number: int) -> None:
        raise NotImplementedError(f"start it fresh to send it {signal.Signals(number).name}")

    def hang_up(self) -> None:
        self.stdout.close()

    def wait(self) -> int:
        self._thread.join()
        self.stdout.close()
        self._pipes.cleanup()
        return self._code
