"""What an employer's silent night costs in `people-sync fleet --run`: fifty connections of 60 people.

Both pairs are made live once and copied with their stores; what is measured is the whole command, with its
start. Rounds give the median.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from people_sandbox import start_sandbox

from integration_tests.bench.measure import measure, median_of
from integration_tests.bench.small import PAIRS, go_live

_PROGRAM = Path(sys.executable).parent / "people-sync"
_PEOPLE, _CONNECTIONS = 60, 50


def run(size: int, rounds: int = 3) -> dict[str, float]:
    """Measure a fleet of `size` connections, at most fifty; any night but a silent one ends it."""
    count = min(_CONNECTIONS, size)
    with tempfile.TemporaryDirectory() as name, start_sandbox(size=_PEOPLE, seed=7) as box:
        folder = Path(name)
        for vendor in PAIRS:
            go_live(box, folder / vendor, vendor)
        for number in range(len(PAIRS), count):
            vendor = list(PAIRS)[number % len(PAIRS)]
            shutil.copytree(folder / vendor, folder / f"{vendor}-{number}")
        command = [str(_PROGRAM), "fleet", "--run", name]
        box.clear_requests()
        _lived(command, count)
        if any(box.requests(platform, writes=True) for platform in ("alleo", "lunchdrive")):
            raise SystemExit("The silent night of the fleet was not one.")
        used = median_of([measure(command) for _ in range(rounds)])
    return {
        "fleet_run_cpu_s_per_employer": used.cpu_seconds / count,
        "fleet_run_employers_per_hour_and_core": 3600 * count / used.cpu_seconds,
    }


def _lived(command: list[str], count: int) -> None:
    said = subprocess.run(
        [*command, "--output", "json"], capture_output=True, text=True, check=False
    )
    nights = json.loads(said.stdout)["connections"]
    if len(nights) != count or said.returncode:
        raise SystemExit(f"The fleet's night ended with {said.returncode}:\n{said.stdout}")
