"""How much CPU source-loket takes against a bare client loop that prints the same lines.

    python -m integration_tests.bench.read_loket [SIZE [all]]

`read_loket_ratio` is the peer's CPU seconds over ours, of whole processes, start-up included.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from integration_tests.bench.loket_pages import EMPLOYER_ID
from integration_tests.bench.measure import alternate

_HERE = Path(__file__).parent
_MAIN = _HERE.parents[1] / "source-loket" / "main.py"


def run(size: int, rounds: int = 3, fields: str = "minimal") -> dict[str, float]:
    """Compare both ways to pass on an employer's list of `size` people."""
    with _server(size) as url, tempfile.TemporaryDirectory() as folder:
        usage = alternate(
            {
                "ours": _our_command(Path(folder), url, fields),
                "bare": [
                    sys.executable,
                    str(_HERE / "loket_bare_loop.py"),
                    url,
                    EMPLOYER_ID,
                    fields,
                ],
            },
            rounds=rounds,
        )
    return {
        "read_loket_ratio": usage["bare"].cpu_seconds / usage["ours"].cpu_seconds,
        "read_loket_ratio.ours": usage["ours"].cpu_seconds,
        "read_loket_ratio.peer": usage["bare"].cpu_seconds,
        "read_loket_peak_mb": usage["ours"].peak_mb,
    }


def _our_command(folder: Path, url: str, fields: str) -> list[str]:
    config = folder / f"config-{fields}.json"
    catalog = folder / "catalog.json"
    config.write_text(
        json.dumps(
            {
                "credentials": {"client_id": "bench", "refresh_token": "bench-token"},
                "api_url": url,
                "oauth_url": url,
                "fields": fields,
            }
        )
    )
    stream = {"name": "employees", "json_schema": {}, "supported_sync_modes": ["full_refresh"]}
    modes = {"sync_mode": "full_refresh", "destination_sync_mode": "append"}
    catalog.write_text(json.dumps({"streams": [{"stream": stream, **modes}]}))
    arguments = ["--config", str(config), "--catalog", str(catalog)]
    return [sys.executable, str(_MAIN), "read", *arguments]


@contextmanager
def _server(size: int) -> Iterator[str]:
    command = [sys.executable, str(_HERE / "loket_pages.py"), str(size)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.terminate()


if __name__ == "__main__":
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 300_000
    wanted = sys.argv[2] if len(sys.argv) > 2 else "minimal"
    for figure, value in run(size, fields=wanted).items():
        print(f"{figure}: {value:.2f}")
