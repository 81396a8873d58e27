"""Start the connector from `main.py` or its console script."""

from __future__ import annotations

import sys

from people_transforms.airbyte import launch

from destination_lunchdrive.destination import DestinationLunchdrive


def run() -> None:
    """Run the command that the arguments name."""
    launch(DestinationLunchdrive(), sys.argv[1:])
