"""Landing: RECORD lines of about 1 KB on standard input to deduplicated, typed raw tables.

The peer is DuckDB's own typed `read_json` over the same bytes in a file.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from integration_tests.bench.lines import write_employees
from integration_tests.bench.measure import Usage, measure, median_of

_HERE = Path(__file__).parent


def run(size: int, rounds: int = 3) -> dict[str, float]:
    """Land `size` records and load them with the peers, in turn."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lines = folder / "lines.ndjson"
        write_employees(lines, size)
        catalog = folder / "catalog.json"
        catalog.write_text(json.dumps(_catalog()))
        usages: dict[str, list[Usage]] = {"ours": [], "read_json": [], "plain": []}
        for turn in range(rounds):
            store = folder / f"{turn}"
            store.mkdir()
            command = [sys.executable, "-m", "integration_tests.bench.land_ours", str(store)]
            loading = [_script("land_read_json.py"), str(lines), str(store / "peer.duckdb")]
            usages["ours"].append(measure(command, stdin=lines))
            usages["read_json"].append(measure([sys.executable, *loading]))
            if turn == 0:
                buffering = [
                    _script("land_plain_cdk.py"),
                    str(store / "plain.duckdb"),
                    str(catalog),
                ]
                usages["plain"].append(measure([sys.executable, *buffering], stdin=lines))
    ours, peer, plain = (median_of(usages[name]) for name in ("ours", "read_json", "plain"))
    return {
        "land_records_per_s": size / ours.wall_seconds,
        "land_ratio_read_json": peer.cpu_seconds / ours.cpu_seconds,
        "land_ratio_read_json.ours": ours.cpu_seconds,
        "land_ratio_read_json.peer": peer.cpu_seconds,
        "land_peak_mb": ours.peak_mb,
        "land_ratio_plain_destination": plain.cpu_seconds / ours.cpu_seconds,
    }


def _script(name: str) -> str:
    return str(_HERE / name)


def _catalog() -> dict[str, Sequence[object]]:
    return {
        "streams": [
            {
                "stream": {
                    "name": "employees",
                    "json_schema": {},
                    "supported_sync_modes": ["full_refresh"],
                },
                "sync_mode": "full_refresh",
                "destination_sync_mode": "append",
            }
        ]
    }
