"""Start the connector: `source-loket` and `python main.py`."""

from __future__ import annotations

from source_loket import quick_start  # isort: skip  - before anything imports the CDK

from source_loket.command import run_command
from source_loket.source import SourceLoket


def run() -> None:
    quick_start.finish()
    run_command(SourceLoket)
