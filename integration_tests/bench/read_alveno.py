"""How much CPU source-alveno takes against a bare client loop that prints the same records, and
against the CDK alone.

    python -m integration_tests.bench.read_alveno [SIZE]

The work is the night of an account of SIZE people: the list of employees and the list of their
workloads, each one array without pages. `read_alveno_ratio` is the peer's CPU seconds over ours,
of whole processes, start-up included; `read_alveno_cdk_ratio` is that of the CDK's own reading of
the raw lists, the least that a source within it can take.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import orjson

from integration_tests.bench.measure import alternate

_HERE = Path(__file__).parent
_MAIN = _HERE.parents[1] / "source-alveno" / "main.py"
_TOKEN = "bench-token-0000"


def run(size: int, rounds: int = 3) -> dict[str, float]:
    """Compare both ways to pass on the lists of an account of `size` people."""
    with _server(size) as url, tempfile.TemporaryDirectory() as folder:
        ours = _our_command(Path(folder), url)
        bare = [sys.executable, str(_HERE / "alveno_bare_loop.py"), url, _TOKEN]
        cdk = [sys.executable, str(_HERE / "alveno_plain_cdk.py"), url, *ours[3:]]
        _require_same_lines(ours, bare)
        usage = alternate({"ours": ours, "bare": bare, "cdk": cdk}, rounds=rounds)
    return {
        "read_alveno_ratio": usage["bare"].cpu_seconds / usage["ours"].cpu_seconds,
        "read_alveno_ratio.ours": usage["ours"].cpu_seconds,
        "read_alveno_ratio.peer": usage["bare"].cpu_seconds,
        "read_alveno_cdk_ratio": usage["cdk"].cpu_seconds / usage["ours"].cpu_seconds,
        "read_alveno_cdk_ratio.ours": usage["ours"].cpu_seconds,
        "read_alveno_cdk_ratio.peer": usage["cdk"].cpu_seconds,
        "read_alveno_peak_mb": usage["ours"].peak_mb,
    }


def _our_command(folder: Path, url: str) -> list[str]:
    config, catalog = folder / "config.json", folder / "catalog.json"
    config.write_text(json.dumps({"token": _TOKEN, "api_url": url}))
    modes = {"sync_mode": "full_refresh", "destination_sync_mode": "append"}
    streams: list[dict[str, object]] = [
        {"name": name, "json_schema": {}, "supported_sync_modes": ["full_refresh"]}
        for name in ("employees", "employments")
    ]
    catalog.write_text(json.dumps({"streams": [{"stream": one, **modes} for one in streams]}))
    arguments = ["--config", str(config), "--catalog", str(catalog)]
    return [sys.executable, str(_MAIN), "read", *arguments]


def _require_same_lines(ours: Sequence[str], bare: Sequence[str]) -> None:
    """A peer that did other work would be no peer. The CDK leaves out nulls, and mixes the streams."""
    for stream in ("employees", "employments"):
        pairs = zip(_records(ours, stream), _records(bare, stream), strict=True)
        for number, (one, other) in enumerate(pairs):
            if one != other:
                raise SystemExit(f"Record {number} of {stream} differs from the bare loop's.")


def _records(command: Sequence[str], stream: str) -> Iterator[dict[str, object]]:
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith(b'{"type":"RECORD","record":{"stream":"%s"' % stream.encode()):
                data = orjson.loads(line)["record"]["data"]
                yield {name: value for name, value in data.items() if value is not None}


@contextmanager
def _server(size: int) -> Iterator[str]:
    command = [sys.executable, str(_HERE / "alveno_lists.py"), str(size)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.terminate()


if __name__ == "__main__":
    for figure, value in run(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000).items():
        print(f"{figure}: {value:.2f}")
