"""A small employer's night by `people-sync run`, as most employers are: 60 people, both pairs.

Three nights are measured for each pair: one without changes, one with three, and the destination
alone on recorded lines. Beside them the floors of the same run: importing Airbyte's CDK twice (once
per connector), a bare script that reads the same lists, lands them in DuckDB and compares them with
yesterday's, and, where `build/pyairbyte` has it (a long test makes it), PyAirbyte that reads the source into its
cache. Of the two pairs the dearer one counts.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from people_sandbox import start_sandbox
from people_sandbox.client import Sandbox
from people_sync.connection.connection_file import read_connection_file
from people_sync.connection.kept_catalog import KeptCatalog

from integration_tests.bench.measure import Usage, measure, median_of

_BIN = Path(sys.executable).parent
_PYAIRBYTE = Path(__file__).parents[2] / "build" / "pyairbyte" / "bin" / "python"
_BARE = Path(__file__).with_name("small_bare.py")
PAIRS = {
    "loket": ("source-loket", "destination-alleo"),
    "alveno": ("source-alveno", "destination-lunchdrive"),
}
_THREE = {
    "loket": {"joiners": 1, "changes": 1, "leavers": 1},
    "alveno": {"joiners": 1, "changes": 1, "leavers": 1, "moves": 0},
}
_HELD = 3


def run(size: int, rounds: int = 5) -> dict[str, float]:
    """Measure both pairs; a night that wrote where nothing was to do ends the benchmark."""
    found: dict[str, list[Usage]] = {}
    cdk = [sys.executable, "-c", "import airbyte_cdk"]
    with tempfile.TemporaryDirectory() as name, start_sandbox(size=size, seed=7) as box:
        for vendor in PAIRS:
            folder = Path(name) / vendor
            command = go_live(box, folder, vendor)
            floors = {"cdk": cdk, "script": _bare(box, folder, vendor)}
            if _PYAIRBYTE.is_file():
                floors["pyairbyte"] = _pyairbyte(folder, vendor)
            _silent(box, folder, vendor, command)
            for _ in range(rounds):
                _keep(found, f"silent {vendor}", measure(command))
                for floor, what in floors.items():
                    _keep(found, floor, measure(what))
            lines = _recorded(folder, vendor)
            for _ in range(rounds):
                _keep(found, f"destination {vendor}", measure(_write(folder, vendor), stdin=lines))
            for _ in range(rounds):
                box.night(vendor=vendor, **_THREE[vendor])
                _today(box, folder)
                _keep(found, f"changes {vendor}", measure(command))
    medians = {what: median_of(usages) for what, usages in found.items()}
    silent, changes, alone = (
        max((medians[f"{kind} {vendor}"] for vendor in PAIRS), key=lambda usage: usage.cpu_seconds)
        for kind in ("silent", "changes", "destination")
    )
    beside = {
        f"small_floor_{floor}_cpu_s": medians[floor].cpu_seconds
        for floor in ("script", "pyairbyte")
        if floor in medians
    }
    return {
        "small_silent_cpu_s": silent.cpu_seconds,
        "small_silent_wall_s": max(medians[f"silent {vendor}"].wall_seconds for vendor in PAIRS),
        "small_three_changes_cpu_s": changes.cpu_seconds,
        "small_destination_cpu_s": alone.cpu_seconds,
        "small_floor_cdk_cpu_s": 2 * medians["cdk"].cpu_seconds,
        **beside,
    }


def _keep(found: dict[str, list[Usage]], what: str, usage: Usage) -> None:
    found.setdefault(what, []).append(usage)


def go_live(box: Sandbox, folder: Path, vendor: str) -> list[str]:
    """Preview, approve and deliver the first night; give the command of all others."""
    folder.mkdir()
    for kind, connector in zip(("source", "destination"), PAIRS[vendor], strict=True):
        own = {"brakes": _no_brakes()} if kind == "destination" else {}
        _write_json(folder / f"{kind}.json", box.config(connector, **own))
    source, destination = PAIRS[vendor]
    connection = folder / "connection.yaml"
    connection.write_text(
        f"source: {{connector: {source}, config: source.json}}\n"
        f"destination: {{connector: {destination}, config: destination.json}}\n"
    )
    command = [str(_BIN / "people-sync"), "run", str(connection), "--output", "json"]
    plan_hash = _said(command, _HELD)["plan_hash"]
    approve = [str(_BIN / "people-sync"), "approve", plan_hash]
    subprocess.run([*approve, "--connection", connection, "--by", "bench"], check=True,
                   stdout=subprocess.DEVNULL)  # fmt: skip
    _said(command, 0)
    return command


def _silent(box: Sandbox, folder: Path, vendor: str, command: Sequence[str]) -> None:
    """A night in which nothing is to be done, and people are there to do something for."""
    platform = PAIRS[vendor][1].removeprefix("destination-")
    box.clear_requests()
    _said(command, 0)
    if box.requests(platform, writes=True) or not box.accounts(platform):
        raise SystemExit(f"The silent night of {vendor} was not one.")


def _today(box: Sandbox, folder: Path) -> None:
    """Let the next night be the sandbox's. In life the day comes by itself: no setting is changed for it,
    so the settings are not checked anew.
    """
    connection = read_connection_file(folder / "connection.yaml")
    kept = KeptCatalog.beside(connection.state, connection.source, connection.destination)
    fingerprint = kept.fingerprint()
    path = folder / "destination.json"
    _write_json(path, json.loads(path.read_text()) | {"as_of": box.control()["as_of"]})
    kept.renew(fingerprint)


def _recorded(folder: Path, vendor: str) -> Path:
    """What the source says tonight, for the destination alone."""
    source, lines = _BIN / PAIRS[vendor][0], folder / "lines.jsonl"
    config = ("--config", folder / "source.json")
    told = subprocess.run([source, "discover", *config], check=True, capture_output=True, text=True)
    streams = next(_catalogs(told.stdout))["streams"]
    modes = {"sync_mode": "full_refresh", "destination_sync_mode": "append"}
    catalog = {"streams": [{"stream": stream, **modes} for stream in streams]}
    _write_json(folder / "catalog.json", catalog)
    read = [source, "read", *config, "--catalog", folder / "catalog.json"]
    with lines.open("wb") as file:
        subprocess.run(read, check=True, stdout=file)
    return lines


def _catalogs(said: str) -> Iterator[dict[str, Any]]:
    for line in said.splitlines():
        message = json.loads(line)
        if message["type"] == "CATALOG":
            yield message["catalog"]


def _write(folder: Path, vendor: str) -> list[str]:
    arguments = ["--config", folder / "destination.json", "--catalog", folder / "catalog.json"]
    # Its store is found from the folder it starts in.
    program = [_BIN / PAIRS[vendor][1], "write", *arguments]
    return ["env", "-C", str(folder), *map(str, program)]


def _bare(box: Sandbox, folder: Path, vendor: str) -> list[str]:
    config = json.loads((folder / "source.json").read_text())
    return [sys.executable, str(_BARE), vendor, json.dumps(config), str(folder / "bare.duckdb")]


def _pyairbyte(folder: Path, vendor: str) -> list[str]:
    source, script = PAIRS[vendor][0], Path(__file__).with_name("small_pyairbyte.py")
    words = [_PYAIRBYTE, script, source, _BIN / source, folder / "source.json", folder / "cache.db"]
    # It would ask Airbyte's registry of connectors for ours.
    alone = ("AIRBYTE_OFFLINE_MODE=1", "DO_NOT_TRACK=1")
    return ["env", "-C", str(folder), *alone, *map(str, words)]


def _no_brakes() -> dict[str, None]:
    kinds = ("removals", "announced_removals", "additions", "updates", "fill_rate", "wipes")
    return dict.fromkeys(kinds)


def _said(command: Sequence[str], expected: int) -> dict[str, Any]:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != expected:
        raise SystemExit(f"A night of the setup ended with {done.returncode}:\n{done.stdout}")
    summary: dict[str, Any] = json.loads(done.stdout)
    return summary


def _write_json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value))
    path.chmod(0o600)
