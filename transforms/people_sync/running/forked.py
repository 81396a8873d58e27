"""A process that is a copy of this one, so that it needs to import nothing again.

It has a session, standard streams and a folder of its own, no other open file of this process, and ends
with it. To be used where this process has one thread: a copy has only the thread that made it.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, NoReturn

from people_connector.own_words import frames, named
from people_transforms.exit_codes import DONE, FAILED

_PR_SET_PDEATHSIG = 1
_STREAMS = {"stdin": "r", "stdout": "w", "stderr": "w"}


class Forked:
    """The part of `subprocess.Popen` that a run needs, of a copy of this process."""

    def __init__(self, pid: int, stdin: IO[bytes] | None, stdout: IO[bytes]) -> None:
        self.pid = pid
        self.stdin = stdin
        self.stdout = stdout
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Give the exit code (minus the signal), or None while the process runs."""
        return self._look(os.WNOHANG)

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end; raises subprocess.TimeoutExpired when it takes longer."""
        if timeout is not None and self.poll() is None:
            handle = os.pidfd_open(self.pid)
            try:
                if not select.select([handle], [], [], timeout)[0]:
                    raise subprocess.TimeoutExpired("a forked process", timeout)
            finally:
                os.close(handle)
        code = self._look(0)
        assert code is not None
        return code

    def _look(self, options: int) -> int | None:
        if self.returncode is None:
            # A signal that is passed on looks too, and may have been told the end first.
            with contextlib.suppress(ChildProcessError):
                pid, status = os.waitpid(self.pid, options)
                if pid:
                    self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode


def fork(
    call: Callable[[], None], *, has_input: bool, errors: int | None, folder: Path | None
) -> Forked:
    """Call something in a copy of this process; the call's SystemExit is the exit code.

    `errors` is where the copy's standard error goes; None: where this process has it.
    """
    theirs_in, ours_in = os.pipe() if has_input else (os.open(os.devnull, os.O_RDONLY), None)
    ours_out, theirs_out = os.pipe()
    # What is written here but not out yet would come out of the copy as well.
    sys.stdout.flush()
    sys.stderr.flush()
    end_with_us = end_with_parent()
    pid = os.fork()
    if pid == 0:
        _be(call, (theirs_in, theirs_out, 2 if errors is None else errors), folder, end_with_us)
    os.close(theirs_in)
    os.close(theirs_out)
    return Forked(
        pid,
        None if ours_in is None else os.fdopen(ours_in, "wb", buffering=0),
        os.fdopen(ours_out, "rb", buffering=0),
    )


def end_with_parent() -> Callable[[], None]:
    """Give the call by which a child asks Linux to end it when this process is killed.

    Elsewhere its pipes tell it. The library is looked for here: a child may not import.
    """
    if sys.platform != "linux":
        return lambda: None
    import ctypes

    prctl, parent = ctypes.CDLL(None, use_errno=True).prctl, os.getpid()

    def ask() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGTERM)

    return ask


def _be(
    call: Callable[[], None],
    streams: Sequence[int],
    folder: Path | None,
    end_with_us: Callable[[], None],
) -> NoReturn:
    """Be the copy: nothing of the caller may go on here, whatever happens."""
    code = FAILED
    try:
        os.setsid()
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        for sign in (signal.SIGHUP, signal.SIGALRM):
            if signal.getsignal(sign) != signal.SIG_IGN:  # as under `nohup`
                signal.signal(sign, signal.SIG_DFL)
        end_with_us()
        # First away from 0 to 2, where one of them may be.
        apart = [fcntl.fcntl(handle, fcntl.F_DUPFD, 3) for handle in streams]
        for number, handle in enumerate(apart):
            os.dup2(handle, number)
        os.closerange(3, os.sysconf("SC_OPEN_MAX"))
        # The ones of this process may believe in a terminal or a file; to let go of them closes 0 to 2.
        _kept = [getattr(sys, f"{ends}{name}{ends}") for name in _STREAMS for ends in ("", "__")]
        for number, (name, mode) in enumerate(_STREAMS.items()):
            stream = open(number, mode, encoding="utf-8", closefd=False)  # noqa: SIM115
            setattr(sys, name, stream)
            setattr(sys, f"__{name}__", stream)
        if folder is not None:
            os.chdir(folder)
        call()
        code = DONE
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException as error:  # noqa: BLE001 - told without its text, which may quote anything
        os.write(2, f"{frames(error)}\n{named(error)}\n".encode())
    finally:
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError):
                stream.flush()
        os._exit(code)
