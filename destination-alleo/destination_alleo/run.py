"""Start the connector from `main.py` or its console script."""

from __future__ import annotations

import sys

from people_transforms.airbyte import launch

from destination_alleo.destination import DestinationAlleo


def run() -> None:
    """Run the command that the arguments name."""
    launch(DestinationAlleo(), sys.argv[1:])
