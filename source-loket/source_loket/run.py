"""Start the connector: `source-loket` and `python main.py`."""

from __future__ import annotations

from source_loket import quick_start  # isort: skip  - before anything imports the CDK

import sys

from source_loket.cdk_words import speak_for_the_cdk
from source_loket.entrypoint import run_command


def run() -> None:
    quick_start.finish()
    speak_for_the_cdk()
    run_command(sys.argv[1:])
