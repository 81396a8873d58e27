"""Planning: from raw rows to the gated plan, beside a bare pipeline and other engines.

Ours are the real models, plan and gate of Loket → Lunchdrive, which has every step: latest version,
eligibility, fan-out over clients, joins, hashes and the difference to what was delivered.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from integration_tests.bench.measure import alternate

_HERE = Path(__file__).parent
_VENDOR = "lunchdrive"
# Beyond this the other engines' copies of the text no longer fit an ordinary machine.
_MOST_STEPS = 200_000


def run(size: int, rounds: int = 3) -> dict[str, float]:
    """Plan for `size` people, in turn with the peers."""
    figures: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _make("plan_store", folder, _VENDOR, size)
        usage = alternate(
            {
                "ours": _module("plan_ours", folder, _VENDOR, size),
                "bare": _script("plan_bare", folder / "bare.duckdb"),
            },
            rounds=rounds,
        )
        figures["plan_s"] = usage["ours"].wall_seconds
        figures["plan_ratio_bare"] = usage["bare"].cpu_seconds / usage["ours"].cpu_seconds
        figures["plan_peak_mb"] = usage["ours"].peak_mb
        figures["plan_ratio_bare.ours"] = usage["ours"].cpu_seconds
        figures["plan_ratio_bare.peer"] = usage["bare"].cpu_seconds
    return figures | _beside_other_engines(min(size, _MOST_STEPS), rounds)


def _beside_other_engines(size: int, rounds: int) -> dict[str, float]:
    """Latest version, eligibility, fan-out and difference, with results that must be identical."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _make("plan_store", folder, _VENDOR, size)
        _make("steps_store", folder / "work" / "work.duckdb", folder)
        engines = ("duckdb", "polars", "pandas")
        usage = alternate(
            {
                engine: _script(f"steps_{engine}", folder, folder / f"{engine}.json")
                for engine in engines
            },
            rounds=rounds,
        )
        results = {
            engine: json.loads((folder / f"{engine}.json").read_text()) for engine in engines
        }
    for engine in engines[1:]:
        if results[engine] != results["duckdb"]:
            raise SystemExit(f"{engine} came to another result: {results}")
    ours = usage["duckdb"].cpu_seconds
    figures = {}
    for engine in engines[1:]:
        figures[f"plan_ratio_{engine}"] = usage[engine].cpu_seconds / ours
        figures[f"plan_ratio_{engine}.ours"] = ours
        figures[f"plan_ratio_{engine}.peer"] = usage[engine].cpu_seconds
    return figures


def _make(name: str, *arguments: object) -> None:
    subprocess.run(_module(name, *arguments), check=True, stdout=subprocess.DEVNULL)


def _module(name: str, *arguments: object) -> list[str]:
    return [sys.executable, "-m", f"integration_tests.bench.{name}", *map(str, arguments)]


def _script(name: str, *arguments: object) -> list[str]:
    return [sys.executable, str(_HERE / f"{name}.py"), *map(str, arguments)]
