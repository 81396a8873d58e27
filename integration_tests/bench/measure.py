"""Measure whole processes: CPU seconds (user and system), peak memory, wall time.

Walls lie on a shared machine, CPU seconds much less: ratios are taken of CPU seconds, of runs that
alternate, and of their medians.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

_POLL_SECONDS = 0.02
_MOST_SAID = 4000


@dataclass(frozen=True, slots=True)
class Usage:
    cpu_seconds: float
    peak_mb: float
    wall_seconds: float


class CommandFailedError(Exception):
    """A measured command ended with an error, so its figures mean nothing."""


def measure(
    command: Sequence[str],
    *,
    stdin: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> Usage:
    """Run a command to its end, output to nowhere, and say what it used; raises CommandFailedError.

    It may keep what Python compiles, as whatever pip installs is compiled: to compile the modules of a
    checkout at each start takes 0.1 CPU s of the engine alone, which nobody has who installed it.
    """
    started = time.monotonic()
    with Path(stdin or os.devnull).open("rb") as source, tempfile.TemporaryFile() as complaints:
        process = subprocess.Popen(
            command,
            stdin=source,
            stdout=subprocess.DEVNULL,
            stderr=complaints,
            env=_installed() | dict(environment or {}),
        )
        peak_kb = 0
        while True:
            # The kernel's own figure (ru_maxrss) would start at the memory of this process.
            peak_kb = max(peak_kb, _peak_kb(process.pid))
            pid, status, used = os.wait4(process.pid, os.WNOHANG)
            if pid:
                break
            time.sleep(_POLL_SECONDS)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            complaints.seek(0)
            said = complaints.read()[-_MOST_SAID:].decode("utf-8", "replace")
            named = " ".join(command[:2])  # what follows may hold keys
            raise CommandFailedError(f"{named} … exited with {process.returncode}:\n{said}")
    return Usage(
        cpu_seconds=used.ru_utime + used.ru_stime,
        peak_mb=(peak_kb or used.ru_maxrss) / 1024,
        wall_seconds=time.monotonic() - started,
    )


def _installed() -> dict[str, str]:
    return {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}


def alternate(commands: Mapping[str, Sequence[str]], *, rounds: int = 3) -> dict[str, Usage]:
    """Run the commands in turn, `rounds` times, and give the median of each figure."""
    runs: dict[str, list[Usage]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            runs[name].append(measure(command))
    return {name: median_of(usages) for name, usages in runs.items()}


def median_of(usages: Sequence[Usage]) -> Usage:
    return Usage(
        cpu_seconds=median(usage.cpu_seconds for usage in usages),
        peak_mb=median(usage.peak_mb for usage in usages),
        wall_seconds=median(usage.wall_seconds for usage in usages),
    )


def _peak_kb(pid: int) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    for line in status.splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1])
    return 0
