"""kill -9 of the source or the destination while a night passes."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from .connections import Connection


def kill_in_night(connection: Connection, victim: str, share: float, seconds: float) -> bool:
    """Start the night and kill one process after a share of its usual time; True if it was there."""
    command = [sys.executable, "-m", "people_sync.cli", "run", str(connection.file)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as night:
        moment = time.monotonic() + share * seconds
        child = None
        while night.poll() is None and (time.monotonic() < moment or child is None):
            child = _child_of(night.pid, victim) or child
            with contextlib.suppress(subprocess.TimeoutExpired):
                night.wait(0.01)
        if child is not None and night.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        night.wait()
        return night.returncode != 0


def _child_of(parent: int, program: str) -> int | None:
    """Find a child process by its program, as `ps` would."""
    try:
        children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
        for child in map(int, children):
            words = Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0")
            is_it = any(word.endswith(program.encode()) for word in words)
            if is_it and (b"read" in words or b"write" in words):
                return child
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None
