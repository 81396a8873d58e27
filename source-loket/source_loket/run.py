"""Start the connector: `source-loket` and `python main.py`."""

from __future__ import annotations

import gc
import sys


def run() -> None:
    # Everything that is imported lives as long as the process: the collector need not look at it
    # while it is made, nor ever after.
    gc.disable()
    from source_loket.entrypoint import run_command

    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    gc.enable()
    run_command(sys.argv[1:])
