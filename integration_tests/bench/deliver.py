"""Delivery: first deliveries to an Alleo that answers at once, beside a bare loop with its SDK."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from integration_tests.bench.measure import Usage, measure, median_of
from integration_tests.bench.people import PEOPLE_PER_EMPLOYER

_HERE = Path(__file__).parent
_WORKERS = 4


def run(size: int, rounds: int = 3) -> dict[str, float]:
    """Deliver about `size` new people, in turn with the bare loop."""
    usages: dict[str, list[Usage]] = {"ours": [], "bare": []}
    with tempfile.TemporaryDirectory() as name, alleo_server(size) as url:
        database = Path(name) / "0" / "work" / "work.duckdb"
        for turn in range(rounds):
            folder = Path(name) / str(turn)
            folder.mkdir()
            make = ["plan_store", str(folder), "alleo", str(size), "--first"]
            subprocess.run(_module(*make), check=True, stdout=subprocess.DEVNULL)
            before = writes(url)
            if turn:
                usages["bare"].append(measure(_bare(database, url)))
                sent = writes(url) - before
                usages["ours"].append(measure(_ours(folder, url, size)))
            else:
                usages["ours"].append(measure(_ours(folder, url, size)))
                sent = writes(url) - before
                usages["bare"].append(measure(_bare(database, url)))
            if writes(url) - before != 2 * sent:
                raise SystemExit("Ours and the bare loop did not make the same number of calls.")
    ours, bare = median_of(usages["ours"]), median_of(usages["bare"])
    return {
        "deliver_ratio": bare.cpu_seconds / ours.cpu_seconds,
        "deliver_ratio.ours": ours.cpu_seconds,
        "deliver_ratio.peer": bare.cpu_seconds,
    }


@contextmanager
def alleo_server(size: int, accounts: Path | None = None) -> Iterator[str]:
    """Run the server of `size` people's companies and give its address."""
    companies = -(-size // PEOPLE_PER_EMPLOYER)
    command = [sys.executable, str(_HERE / "alleo_server.py"), str(companies)]
    if accounts:
        command.append(str(accounts))
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.terminate()


def writes(url: str) -> int:
    """Ask the server how many calls changed something."""
    return int(httpx.get(f"{url}/writes").text)


def _ours(folder: Path, url: str, size: int) -> list[str]:
    return _module("deliver_ours", str(folder), url, str(size), str(_WORKERS))


def _bare(database: Path, url: str) -> list[str]:
    return [sys.executable, str(_HERE / "deliver_bare.py"), str(database), url, str(_WORKERS)]


def _module(name: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", f"integration_tests.bench.{name}", *arguments]
