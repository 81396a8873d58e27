"""Start the connector from `main.py` or its console script."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from people_transforms.command import launch

from destination_lunchdrive.platform import Lunchdrive

if TYPE_CHECKING:
    from destination_lunchdrive.destination import DestinationLunchdrive


def run() -> None:
    """Run the command that the arguments name."""
    launch(Lunchdrive(), sys.argv[1:], _destination)


def _destination() -> DestinationLunchdrive:
    """Import the CDK, which takes a second, only where it is needed."""
    from destination_lunchdrive.destination import DestinationLunchdrive

    return DestinationLunchdrive()
