"""`make bench`: print one table and write its figures to build/bench.json.

    python -m integration_tests.bench [--size N] [--rounds N] [--check]
        [--only read|land|plan|deliver|silent|small|year|report|soak|fleet|desk]

Ratios are the peer's CPU seconds over ours, of whole processes that do the same work in the same
run: 2.00 means that we take half of what the peer takes.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from integration_tests.bench.table import TARGETS, missed, print_table

_ROOT = Path(__file__).parents[2]
_RESULT = _ROOT / "build" / "bench.json"
# Part → its modules, and how many people or records it takes when nobody says a size.
PARTS: Mapping[str, tuple[tuple[str, ...], int]] = {
    "read": (("read_loket", "read_alveno"), 100_000),
    "land": (("land",), 300_000),
    "plan": (("plan",), 100_000),
    "deliver": (("deliver",), 20_000),
    "silent": (("silent",), 20_000),
    "small": (("small",), 60),
    "year": (("year",), 50_000),
    "report": (("report",), 10_000),
    "soak": (("soak",), 2_000),
    "fleet": (("fleet", "fleet_run"), 2_000),
    "desk": (("desk",), 200),
}


def main() -> None:
    arguments = _arguments()
    os.chdir(_ROOT)
    # What is installed has its modules compiled; so has what is measured.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    figures: dict[str, float] = {}
    for part, (modules, usual_size) in PARTS.items():
        if arguments.only in (None, part):
            for name in modules:
                run: Callable[..., dict[str, float]] = _module(name).run
                figures |= run(arguments.size or usual_size, rounds=arguments.rounds)
                if arguments.only or arguments.size:
                    figures["size"] = arguments.size or usual_size
                _write(figures, arguments.result)
    print_table(figures)
    if arguments.check and (wrong := missed(figures)):
        sys.exit("\n".join(["Missed:", *wrong]))


def _module(name: str) -> Any:
    return importlib.import_module(f"integration_tests.bench.{name}")


def _write(figures: Mapping[str, float], result: Path) -> None:
    """Merge what is asked for into the file; the table may show more than the file keeps."""
    result.parent.mkdir(parents=True, exist_ok=True)
    known = json.loads(result.read_text()) if result.exists() else {}
    kept = {name: round(value, 4) for name, value in figures.items() if name in TARGETS}
    result.write_text(json.dumps({**known, **kept}, indent=2) + "\n")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m integration_tests.bench")
    parser.add_argument("--size", type=int, help="people or records; each part has its own default")
    parser.add_argument("--only", choices=list(PARTS), help="one part")
    parser.add_argument("--rounds", type=int, default=3, help="runs per median")
    parser.add_argument("--result", type=Path, default=_RESULT, help="where the figures go")
    parser.add_argument(
        "--check",
        action="store_true",
        help="end with 1 when a target is missed, at the usual sizes",
    )
    arguments = parser.parse_args()
    if arguments.check and arguments.size is not None:
        parser.error(
            "--check holds figures of the usual sizes against their targets: leave --size out"
        )
    if arguments.size is not None and arguments.size < 10:
        parser.error("--size must be at least 10")
    return arguments


if __name__ == "__main__":
    main()
