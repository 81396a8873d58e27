"""kill -9 of the source or of the destination at a random moment of night 1, and run again."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from .connections import Connection

Connect = Callable[..., Connection]
PAIRS = {
    "alleo": ("source-loket", "destination-alleo"),
    "lunchdrive": ("source-alveno", "destination-lunchdrive"),
}


def kill_in_night_one(connection: Connection, victim: str, share: float, seconds: float) -> bool:
    """Start the night and kill one process after a share of its usual time; True if it was there."""
    command = [sys.executable, "-m", "people_transforms.cli", "run", str(connection.file)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as night:
        moment = time.monotonic() + share * seconds
        child = None
        while night.poll() is None and (time.monotonic() < moment or child is None):
            child = child_of(night.pid, victim) or child
            with contextlib.suppress(subprocess.TimeoutExpired):
                night.wait(0.01)
        if child is not None and night.poll() is None:
            kill(child)
        night.wait()
        return night.returncode != 0


def child_of(parent: int, program: str) -> int | None:
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


def kill(process: int) -> None:
    try:
        os.kill(process, signal.SIGKILL)
    except ProcessLookupError:
        return


def live_through(connection: Connection, victim: str, shares: list[float]) -> int:
    """Kill night 1 again and again, then let it pass; gives how many kills met a living night."""
    preview = connection.sync()
    assert preview.code == 3, preview.err
    seconds = preview.summary["seconds"]
    connection.approve()
    met = sum(kill_in_night_one(connection, victim, share, seconds) for share in shares)
    night = connection.sync()
    assert night.code == 0, night.out + night.err
    assert connection.active() == connection.desired() != set()
    assert connection.duplicates() == []
    assert all(account.get("invitations", 0) <= 1 for account in connection.accounts())
    connection.box.clear_requests()
    again = connection.write(connection.first_lines())
    assert again.code == 0, again.out
    assert connection.writes() == []
    return met


@pytest.mark.parametrize("victim", ["source", "destination"])
def test_killed_in_night_one_and_run_again(connect: Connect, victim: str) -> None:
    connection = connect(*PAIRS["lunchdrive"])
    program = connection.source if victim == "source" else connection.destination
    share = random.Random(victim).uniform(0.3, 0.8)
    assert live_through(connection, program, [share]) == 1


@pytest.mark.long
@pytest.mark.parametrize("platform", PAIRS)
@pytest.mark.parametrize("victim", ["source", "destination"])
def test_killed_many_times_in_night_one_and_run_again(
    connect: Connect, platform: str, victim: str, say: Callable[[str], None]
) -> None:
    connection = connect(*PAIRS[platform])
    program = connection.source if victim == "source" else connection.destination
    seed = random.SystemRandom().randrange(10**6)
    draw = random.Random(seed)
    shares = [draw.uniform(0.1, 0.98) for _ in range(12)]
    met = live_through(connection, program, shares)
    say(f"{platform}: the {victim} was killed {met} times (seed {seed})")
    assert met >= 6
